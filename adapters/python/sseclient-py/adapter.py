import sys
from pathlib import Path

from sseclient import SSEClient

sys.path.append(str(Path(__file__).parent.parent))
from protocol import serve_parser


def parse(chunks):
    for event in SSEClient(iter(chunks)).events():
        yield {"type": event.event, "data": event.data, "lastEventId": event.id, "chunk": chunks.pulled}


serve_parser(
    "sseclient-py",
    {"input": "bytes", "eventType": "default", "lastEventId": "block", "reconnectionTime": "none", "progress": True},
    parse,
)

"""The decoder under every streamed answer of the openai package."""

import sys
from pathlib import Path

from openai._streaming import SSEDecoder

sys.path.append(str(Path(__file__).parent.parent))
from protocol import serve_parser


def parse(chunks):
    for event in SSEDecoder().iter_bytes(iter(chunks)):
        yield {
            "type": event.event,
            "data": event.data,
            "lastEventId": event.id,
            "reconnectionTime": event.retry,
            "chunk": chunks.pulled,
        }


serve_parser(
    "openai",
    {"input": "bytes", "eventType": "raw", "lastEventId": "stream", "reconnectionTime": "block", "progress": True},
    parse,
)

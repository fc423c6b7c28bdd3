"""anthropic's raw events of a response: what it decodes before it reads any JSON."""

import sys
from pathlib import Path

import httpx2
from anthropic import Stream

sys.path.append(str(Path(__file__).parent.parent))
from protocol import serve_parser


def parse(chunks):
    for event in Stream.raw_events(httpx2.Response(200, content=chunks)):
        yield {
            "type": event.event,
            "data": event.data,
            "lastEventId": event.id,
            "reconnectionTime": event.retry,
            "chunk": chunks.pulled,
        }


serve_parser(
    "anthropic",
    {"input": "bytes", "eventType": "raw", "lastEventId": "stream", "reconnectionTime": "block", "progress": True},
    parse,
)

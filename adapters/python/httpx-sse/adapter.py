"""httpx-sse over an httpx.Response made from the chunks; httpx decodes, as it does for every user of the package."""

import sys
from pathlib import Path

import httpx
from httpx_sse import EventSource

sys.path.append(str(Path(__file__).parent.parent))
from protocol import serve_parser


def parse(chunks):
    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=chunks)
    for event in EventSource(response).iter_sse():
        yield {
            "type": event.event,
            "data": event.data,
            "lastEventId": event.id,
            "reconnectionTime": event.retry,
            "chunk": chunks.pulled,
        }


serve_parser(
    "httpx-sse",
    {"input": "bytes", "eventType": "default", "lastEventId": "stream", "reconnectionTime": "block", "progress": True},
    parse,
)

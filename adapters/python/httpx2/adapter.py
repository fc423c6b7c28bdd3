"""The event source of httpx2 over a response made from the chunks; httpx2 decodes, as it does in `client.sse()`."""

import sys
from pathlib import Path

import httpx2

sys.path.append(str(Path(__file__).parent.parent))
from protocol import serve_parser

# An event source asks its response for a request, to name it in errors; this one is never sent.
REQUEST = httpx2.Request("GET", "http://localhost/")


def parse(chunks):
    headers = {"content-type": "text/event-stream"}
    for event in httpx2.EventSource(httpx2.Response(200, headers=headers, content=chunks, request=REQUEST)):
        yield {
            "type": event.event,
            "data": event.data,
            "lastEventId": event.id,
            "reconnectionTime": event.retry,
            "chunk": chunks.pulled,
        }


serve_parser(
    "httpx2",
    {"input": "bytes", "eventType": "default", "lastEventId": "stream", "reconnectionTime": "block", "progress": True},
    parse,
)

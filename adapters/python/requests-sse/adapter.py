"""requests-sse's EventSource over a session that answers from memory."""

import sys
from pathlib import Path

import requests
from requests_sse import EventSource

sys.path.append(str(Path(__file__).parent.parent))
from protocol import serve_parser
from requests_response import response_of


class FromMemory(requests.Session):
    """Asks nobody: the answer to every request is the delivery."""

    chunks = ()

    def request(self, method, url, **_):
        response = response_of(self.chunks)
        response.url = url
        return response


class BodyEnded(Exception):
    """The body is over; after `on_error` the event source would wait and connect again."""


def end_of_body():
    raise BodyEnded


session = FromMemory()


def parse(chunks):
    session.chunks = chunks
    with EventSource("http://localhost/", session=session, on_error=end_of_body) as source:
        try:
            for event in source:
                yield {
                    "type": event.type,
                    "data": event.data,
                    "lastEventId": event.last_event_id,
                    "chunk": chunks.pulled,
                }
        except BodyEnded:
            pass


serve_parser(
    "requests-sse",
    {"input": "bytes", "eventType": "default", "lastEventId": "stream", "reconnectionTime": "none", "progress": True},
    parse,
)

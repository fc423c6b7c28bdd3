"""The recipe beside this file, over a `requests` response from memory."""

import sys
from pathlib import Path

from recipe import read_events

sys.path.append(str(Path(__file__).parent.parent))
from protocol import serve_parser
from requests_response import response_of


def parse(chunks):
    for event_type, data, event_id in read_events(response_of(chunks)):
        yield {"type": event_type, "data": data, "lastEventId": event_id, "chunk": chunks.pulled}


serve_parser(
    "by hand (tutorial style): split on two line feeds",
    {"input": "bytes", "eventType": "default", "lastEventId": "block", "reconnectionTime": "none", "progress": True},
    parse,
    by_hand=True,
)

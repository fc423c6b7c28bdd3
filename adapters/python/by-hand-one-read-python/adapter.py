"""The recipe beside this file, over a `requests` response from memory."""

import sys
from pathlib import Path

from recipe import read_data

sys.path.append(str(Path(__file__).parent.parent))
from protocol import serve_parser
from requests_response import response_of


def parse(chunks):
    for data in read_data(response_of(chunks)):
        yield {"data": data, "chunk": chunks.pulled}


serve_parser(
    "by hand (tutorial style): one read is one event",
    {"input": "bytes", "eventType": "raw", "lastEventId": "none", "reconnectionTime": "none", "progress": True},
    parse,
    by_hand=True,
)

"""Holds httpx-sse to the vendored cases: `pytest`."""

from pathlib import Path

import httpx
from httpx_sse import EventSource
from vendored_cases import conformance

HERE = Path(__file__).parent


def parse(chunks):
    """Your parser, as your users drive it: chunks of bytes in, what they see out."""
    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=iter(chunks))
    events = EventSource(response).iter_sse()
    return {"events": [{"type": event.event, "data": event.data, "last_event_id": event.id} for event in events]}


TestConformance = conformance(
    parse,
    index=HERE / "../../../cases/exported/index.json",  # where your copy is
    expected_deviations=HERE / "expected-deviations.txt",
    shows={"events": ["type", "data", "last_event_id"]},
)

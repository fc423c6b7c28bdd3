"""Holds httpx-sse to the vendored cases: `pytest`."""

from pathlib import Path

import httpx
import pytest
from httpx_sse import EventSource
from vendored_cases import expected_deviations, vendored_cases

HERE = Path(__file__).parent
CASES = list(vendored_cases(HERE / "../../../cases/exported/index.json"))  # where your copy is
EXPECTED = expected_deviations(HERE / "expected-deviations.txt")


def parse(chunks):
    """Your parser, as your users drive it: chunks of bytes in, what they see out."""
    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=iter(chunks))
    return [(event.event, event.data, event.id) for event in EventSource(response).iter_sse()]


def parameter(case):
    # Strict: an expected deviation that passes is a failure.
    marks = [pytest.mark.xfail(strict=True)] if case.id in EXPECTED else []
    return pytest.param(case, id=case.id, marks=marks)


@pytest.mark.parametrize("case", [parameter(case) for case in CASES])
def test_case(case):
    # What your parser shows.
    answers = [[(event.type, event.data, event.last_event_id) for event in answer.events] for answer in case.answers]
    for chunks in case.deliveries:
        assert parse(chunks) in answers, case.why


def test_every_expected_deviation_is_a_case():
    assert EXPECTED - {case.id for case in CASES} == set()

"""The exported cases as tests for pytest: copy this file as it is."""

import io
import json
import traceback
from base64 import b64decode
from pathlib import Path

import pytest


def conformance(parse, *, index, expected_deviations, shows):
    """Returns a class with one test for each case of the `index`.

    `parse` gets a list of chunks and returns an answer, as the index has it.
    Only the keys that it `shows` of `events` and `end` are compared.
    A case on the list of `expected_deviations` has to deviate.
    """
    cases = json.loads(Path(index).read_text())["cases"]
    expected = _ids(expected_deviations)

    def parameter(case):
        reason = "take it off the list of expected deviations"
        marks = [pytest.mark.xfail(strict=True, reason=reason)] if case["id"] in expected else []
        return pytest.param(case, id=case["id"], marks=marks)

    class TestConformance:
        @pytest.mark.parametrize("case", [parameter(case) for case in cases])
        def test_case(self, case):
            for chunks in _deliveries(_bytes(case["stream"]), case["cuts"], case.get("chunks", [])):
                seen = _see(parse, chunks)
                views = [_view(answer, seen, shows) for answer in case.get("one_of", [case])]
                if seen not in views:
                    pytest.fail(_text(case["why"], chunks, seen, views), pytrace=False)

        def test_every_expected_deviation_is_a_case(self):
            strangers = expected - {case["id"] for case in cases}
            if strangers:
                pytest.fail(f"no cases: {sorted(strangers)}", pytrace=False)

    return TestConformance


def _ids(path):
    """The ids in a list: one on a line, behind `#` a comment."""
    lines = Path(path).read_text().splitlines()
    return {line.split("#")[0].strip() for line in lines} - {""}


def _deliveries(whole, cuts, chunks):
    """Whole, byte by byte, cut in two at each of `cuts`, and in the case's own chunks."""
    for lengths in ([], [1] * min(len(whole), 4096), *([cut] for cut in cuts), chunks):
        body = io.BytesIO(whole)
        # Chunks of these lengths, and whatever is left.
        yield [*(body.read(length) for length in lengths), *filter(None, [body.read()])]


def _see(parse, chunks):
    try:
        answer = parse(chunks)
    except Exception:
        return {"raised": traceback.format_exc()}
    end = {key: str(value) for key, value in _present(answer.get("end", {})).items()}
    return {"events": [_present(event) for event in answer["events"]], "end": end}


def _present(values):
    return {key: value for key, value in values.items() if value is not None}


def _view(answer, seen, shows):
    """An answer as such a parser shows it; what the case does not ask of the end is as it was seen."""
    events = [_joined(event, shows["events"]) for event in answer["events"]]
    end = shows.get("end", [])
    return {"events": events, "end": _joined(seen.get("end", {}), end) | _joined(answer["end"], end)}


def _joined(values, keys):
    return {key: _string(values[key]) for key in keys if key in values}


# What is long is a list of pieces.
def _string(value):
    if isinstance(value, str):
        return value
    return "".join(piece["text"] * piece["times"] for piece in value)


def _bytes(value):
    if isinstance(value, str):
        return b64decode(value)
    return b"".join(b64decode(piece["base64"]) * piece["times"] for piece in value)


def _text(why, chunks, seen, views):
    expected = "\n      or ".join(dict.fromkeys(map(_line, views)))
    return f"{why}\nstream   {_line(chunks)}\nseen     {seen.get('raised') or _line(seen)}\nexpected {expected}"


def _line(value):
    """In ASCII, and cut where it is long."""
    line = ascii(value)
    return line if len(line) <= 2000 else f"{line[:2000]}... ({len(line)} characters)"

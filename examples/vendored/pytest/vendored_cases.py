"""The exported index to cases that are ready to try: copy it as it is."""

import io
import json
from base64 import b64decode
from pathlib import Path
from types import SimpleNamespace


def vendored_cases(index):
    """Each case: its `id`, its `why`, its `deliveries` (lists of chunks), and the `answers` that conform."""
    for case in json.loads(Path(index).read_text())["cases"]:
        yield SimpleNamespace(
            id=case["id"],
            why=case["why"],
            deliveries=list(_deliveries(_bytes(case["stream"]), case["cuts"], case.get("chunks", []))),
            answers=[_answer(answer) for answer in case.get("one_of", [case])],
        )


def expected_deviations(path):
    """The ids in a list: one on a line, after `#` a comment."""
    lines = Path(path).read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def _deliveries(whole, cuts, chunks):
    for lengths in ([], [1] * min(len(whole), 4096), *([cut] for cut in cuts), chunks):
        body = io.BytesIO(whole)
        # Chunks of these lengths, and whatever is left.
        yield [*(body.read(length) for length in lengths), *filter(None, [body.read()])]


def _answer(answer):
    end = answer["end"]
    return SimpleNamespace(
        events=[
            SimpleNamespace(
                type=_text(event["type"]),
                data=_text(event["data"]),
                last_event_id=_text(event["last_event_id"]),
                block_id=_text(event["block_id"]) if "block_id" in event else None,
            )
            for event in answer["events"]
        ],
        # None where the case does not ask.
        last_event_id=_text(end["last_event_id"]) if "last_event_id" in end else None,
        reconnection_time=end.get("reconnection_time"),
    )


# What is long is a list of pieces.
def _bytes(value):
    if isinstance(value, str):
        return b64decode(value)
    return b"".join(b64decode(piece["base64"]) * piece["times"] for piece in value)


def _text(value):
    if isinstance(value, str):
        return value
    return "".join(piece["text"] * piece["times"] for piece in value)

"""The adapter protocol for parsers (../README.md): request lines on standard input to answer lines on standard output.

Knows nothing about event streams.
"""

import base64
import gc
import json
import sys
from importlib.metadata import version

PROTOCOL_VERSION = 0
READ_SIZE = 1 << 20


class Chunks:
    """Iterates over a delivery and counts: `pulled` is the index of the chunk in work, or their number at the end."""

    def __init__(self, encoded):
        self._chunks = [base64.b64decode(chunk) for chunk in encoded]
        self.pulled = 0

    def __iter__(self):
        for self.pulled, chunk in enumerate(self._chunks):
            yield chunk
        self.pulled = len(self._chunks)


def serve_parser(implementation, features, parse, by_hand=False):
    """Serves one parser until `shutdown` or the end of standard input.

    `parse(chunks)` drives the implementation and yields its events, in the protocol's keys.
    It may return what holds at the end of the stream, in the keys of an answer.
    What it raises becomes `error`, beside the events so far.
    `by_hand` marks a recipe that we wrote ourselves: no installed package knows its version.
    """
    # What the imports made is here to stay; searching it for garbage costs time, most of all on the way out.
    gc.freeze()
    answers = sys.stdout.buffer
    # Standard output belongs to the protocol, whatever the implementation prints.
    sys.stdout = sys.stderr

    description = {
        "implementation": implementation,
        "version": "by hand" if by_hand else version(implementation),
        "language": "Python",
        "role": "parser",
        "features": {**features, "batch": True},
    }
    for lines in _reads():
        # One flush per read: a flush per answer would cost more than most parses.
        for line in lines:
            try:
                request = json.loads(line)
            except ValueError as exception:
                answers.write(_line(None, _failure(-32700, f"not JSON: {exception}")))
                continue
            answers.write(_line(request["id"], _answer(description, parse, request)))
            if request["method"] == "shutdown":
                answers.flush()
                return
        answers.flush()


def _reads():
    """Yields the complete lines of each read."""
    partial_line = []
    while block := sys.stdin.buffer.raw.read(READ_SIZE):
        *lines, rest = block.split(b"\n")
        if lines:
            lines[0] = b"".join([*partial_line, lines[0]])
            partial_line.clear()
        partial_line.append(rest)
        yield lines


def _answer(description, parse, request):
    method, params = request["method"], request.get("params", {})
    if method == "initialize":
        if params["protocolVersion"] != PROTOCOL_VERSION:
            return _failure(-32602, f"this adapter speaks version {PROTOCOL_VERSION}")
        if params["role"] != "parser":
            return _failure(-32602, f"this adapter has no role {params['role']}")
        return {"result": description}
    if method == "parse":
        return {"result": _observe(parse, params)}
    if method == "parseAll":
        return {"result": {"results": [_observe(parse, stream) for stream in params["streams"]]}}
    if method == "shutdown":
        return {"result": {}}
    return _failure(-32601, f"unknown method {method}")


def _observe(parse, params):
    events = []
    observation = {"events": events}

    def observe():
        observation.update((yield from parse(Chunks(params["chunks"]))) or {})

    try:
        # Not list(): the events before an exception are part of the observation.
        for event in observe():
            events.append(event)
    except Exception as exception:
        observation["error"] = f"{type(exception).__name__}: {exception}"
    return observation


def _line(request_id, answer):
    # ASCII alone, so that a lone surrogate is escaped instead of refused.
    text = json.dumps({"jsonrpc": "2.0", "id": request_id, **answer}, ensure_ascii=True, separators=(",", ":"))
    return text.encode() + b"\n"


def _failure(code, message):
    return {"error": {"code": code, "message": message}}

"""A parser adapter that misbehaves on purpose: `adapter.py BEHAVIOUR [MARKER or FILE]`.

Its own parser is correct, so whatever deviates in a run is the behaviour's doing.
A behaviour that takes a marker shows itself only on streams that contain it; without a marker, on every stream.
"""

import base64
import json
import os
import re
import select
import signal
import subprocess
import sys
import time

BEHAVIOUR = sys.argv[1]
ARGUMENT = sys.argv[2] if len(sys.argv) > 2 else ""
MEBIBYTE = 1 << 20


def observe(stream):
    text = stream.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    *lines, _unterminated = re.split("\r\n|\n|\r", text)
    observation = {"events": [], "lastEventId": ""}
    event_type, data, last_event_id = "", "", ""
    for line in lines:
        name, _, value = line.partition(":")
        value = value.lstrip(" ") if BEHAVIOUR == "strips-spaces" else value.removeprefix(" ")
        if line == "":
            observation["lastEventId"] = last_event_id
            if data:
                event = {"type": event_type or "message", "data": data.removesuffix("\n"), "lastEventId": last_event_id}
                observation["events"].append(event)
            event_type, data = "", ""
        elif name == "event":
            event_type = value
        elif name == "data":
            data += value + "\n"
        elif name == "id" and "\0" not in value:
            last_event_id = value
        elif name == "retry" and re.fullmatch("[0-9]+", value):
            observation["reconnectionTime"] = int(value)
        elif name == "retry" and value == "" and BEHAVIOUR == "reads-empty-retry":
            observation["reconnectionTime"] = 0
    return observation


def message(request, **body):
    return json.dumps({"jsonrpc": "2.0", "id": request["id"], **body}) + "\n"


def write(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def log(text):
    print(text, file=sys.stderr, flush=True)


def write_pid(pid):
    with open(ARGUMENT, "a") as file:
        file.write(f"{pid}\n")


def sleep_for_ever():
    while True:
        time.sleep(1000)


def initialize(request):
    if BEHAVIOUR == "no-initialize-answer":
        log("the log of an adapter that does not answer")
        sleep_for_ever()
    if BEHAVIOUR == "garbage-first":
        write("Welcome to the adapter!\n")
    features = {"lastEventId": "stream", "reconnectionTime": "stream"}
    description = {"implementation": "hostile", "version": "1", "language": "Python", "role": "parser", "features": features}
    write(message(request, result=description))


n_started = 0
if BEHAVIOUR == "moody":
    # Each process counts itself; what stands before its own byte tells how many came before.
    count = os.open(ARGUMENT, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(count, b"x")
    n_started = os.lseek(count, 0, os.SEEK_CUR)

n_parsed = 0
hoard = []
has_seen_marker = False


def parse(request):
    global n_parsed, has_seen_marker
    n_parsed += 1
    stream = b"".join(base64.b64decode(chunk) for chunk in request["params"]["chunks"])
    observation = observe(stream)
    if BEHAVIOUR == "remembers" and has_seen_marker:
        observation["lastEventId"] = "what came before"
    is_shouted = BEHAVIOUR == "shouts" and ARGUMENT.encode() in stream
    if is_shouted or BEHAVIOUR == "moody" and b"x" in stream and n_started != 4:
        for event in observation["events"]:
            event["data"] = event["data"].upper() + "!"
    has_seen_marker |= ARGUMENT.encode() in stream
    answer = message(request, result=observation)
    if BEHAVIOUR == "crashes-third" and n_parsed == 3:
        log("the third request is too much")
        os._exit(3)
    if BEHAVIOUR == "floods-stderr" and n_parsed == 1:
        for i in range(1024):
            # Half of it is one line.
            os.write(2, b"x" * MEBIBYTE if i < 512 else (b"x" * 63 + b"\n") * (MEBIBYTE // 64))
    if BEHAVIOUR == "quadratic" and b"data:::::" in stream:
        sum(range(len(stream) ** 2 >> 8))
    if BEHAVIOUR == "hoards":
        # Every stream is kept as often as it is long.
        hoard.append(b"x" * (len(stream) ** 2 >> 8))
    if BEHAVIOUR == "keeps-all":
        hoard.append(stream * 64)
    if BEHAVIOUR == "slow":
        time.sleep(0.03)
    if BEHAVIOUR == "crashes-beside-child" and b"MARK" in stream:
        os.kill(os.getpid(), signal.SIGSEGV)
    if BEHAVIOUR != "moody" and ARGUMENT.encode() in stream:
        answer = misbehave(request, answer)
    write(answer)
    if BEHAVIOUR == "stops-reading" and n_parsed == 3:
        sleep_for_ever()


def misbehave(request, answer):
    """What is written instead of the answer to a marked stream."""
    if BEHAVIOUR == "hangs-on":
        return ""
    if BEHAVIOUR == "blocks-on":
        log("waiting for a lock")
        sleep_for_ever()
    if BEHAVIOUR == "crashes-on":
        log("about to crash")
        os.kill(os.getpid(), signal.SIGSEGV)
        sleep_for_ever()
    if BEHAVIOUR == "garbage":
        return "Parsing your stream, please wait\n" + answer
    if BEHAVIOUR == "half-line":
        write(answer[: len(answer) // 2])
        sleep_for_ever()
    if BEHAVIOUR == "huge-line":
        write(answer[:20])
        for _ in range(1024):
            write("x" * MEBIBYTE)
        return "\n"
    if BEHAVIOUR == "unknown-id":
        return message({"id": 987654321}, result={"events": []})
    if BEHAVIOUR == "answers-twice":
        return answer + answer
    if BEHAVIOUR == "lone-surrogate":
        return message(request, result={"events": [{"data": "\ud800"}]})
    if BEHAVIOUR == "wrong-type":
        return message(request, result={"events": 5})
    return answer


def shutdown(request):
    write(message(request, result={}))
    if BEHAVIOUR != "ignores-shutdown":
        sys.exit(0)


def lines_of_standard_input():
    if BEHAVIOUR == "reverses":
        yield from lines_in_reverse()
    else:
        yield from sys.stdin.buffer


def lines_in_reverse():
    """All that has been asked by now, the last first."""
    partial_line = b""
    while piece := os.read(0, MEBIBYTE):
        while select.select([0], [], [], 0.02)[0] and (more := os.read(0, MEBIBYTE)):
            piece += more
        *lines, partial_line = (partial_line + piece).split(b"\n")
        yield from reversed(lines)


def main():
    if BEHAVIOUR == "exits-at-once":
        log("the licence key is missing")
        sys.exit(7)
    if BEHAVIOUR == "never-reads":
        log("the log of an adapter that does not read")
        sleep_for_ever()
    if BEHAVIOUR in ("leaves-child", "leaves-detached-child", "crashes-beside-child"):
        child = subprocess.Popen(["sleep", "1000"], start_new_session=BEHAVIOUR == "leaves-detached-child")
        write_pid(child.pid)
    if BEHAVIOUR == "ignores-shutdown":
        write_pid(os.getpid())
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for line in lines_of_standard_input():
        request = json.loads(line)
        {"initialize": initialize, "parse": parse, "shutdown": shutdown}[request["method"]](request)
    if BEHAVIOUR == "ignores-shutdown":
        sleep_for_ever()


main()

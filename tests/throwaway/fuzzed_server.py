"""A throw-away adapter in the server role that writes what the format can carry and refuses the rest, but for one fault: `fuzzed_server.py FAULT`

`none`, `injects` (a line feed in an id gets to the wire), `truncates` (data is cut after 1024 characters), `dies` (of a type with a colon),
`crawls` (takes time with the square of the number of CRs in data), `tires` (a process loses times after 10 events).
"""

import os
import re
import sys

import http_server

FAULT = sys.argv[1]
n_events = 0


def lines(text):
    return re.split("\r\n|\r|\n", text)


def write_event(event):
    """The event as bytes; refuses what the format cannot carry."""
    global n_events
    n_events += 1
    if FAULT == "tires" and n_events > 10:
        event.pop("retry", None)
    if re.search("[\r\n]", event.get("type", "")):
        raise ValueError("the type contains a line end")
    if re.search("[\r\0]" if FAULT == "injects" else "[\r\n\0]", event.get("id", "")):
        raise ValueError("the id contains a line end, or NUL")
    if event.get("retry", 0) < 0:
        raise ValueError("the time is negative")
    if FAULT == "dies" and ":" in event.get("type", ""):
        os._exit(9)
    data = event.get("data")
    if data is not None and FAULT == "truncates":
        data = data[:1024]
    if data is not None and FAULT == "crawls":
        sum(range(data.count("\r") ** 2 >> 7))
    written = [f": {line}" for line in lines(event["comment"])] if "comment" in event else []
    written += [f"event: {event['type']}"] if "type" in event else []
    written += [f"id: {event['id']}"] if "id" in event else []
    written += [f"retry: {event['retry']}"] if "retry" in event else []
    written += [f"data: {line}" for line in lines(data)] if data is not None else []
    return "".join(line + "\n" for line in [*written, ""]).encode()


http_server.run(write_event, {"fields": ["data", "type", "id", "retry", "comment"], "withoutData": True})

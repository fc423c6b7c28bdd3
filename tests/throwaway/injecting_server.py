"""A throw-away adapter in the server role that writes whatever it is given: every line end in a value gets to the wire."""

import http_server


def write_event(event):
    fields = [("id", "id"), ("type", "event"), ("retry", "retry"), ("data", "data")]
    lines = [f"{field}: {event[key]}\n" for key, field in fields if key in event]
    return "".join([*lines, "\n"]).encode()


http_server.run(write_event, {"fields": ["data", "type", "id", "retry"]})

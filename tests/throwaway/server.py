"""A throw-away adapter in the server role: proof that the protocol fits a server.

The server inside is as small as it can be and no model for anything.
"""

import http_server


def write_event(event):
    """The event as bytes; refuses what the format cannot carry."""
    for key in ("type", "id"):
        if "\n" in event.get(key, "") or "\r" in event.get(key, ""):
            raise ValueError(f"the {key} contains a line end")
    lines = [f": {event['comment']}"] if "comment" in event else []
    lines += [f"event: {event['type']}"] if "type" in event else []
    lines += [f"id: {event['id']}"] if "id" in event else []
    lines += [f"retry: {event['retry']}"] if "retry" in event else []
    lines += [f"data: {line}" for line in event["data"].split("\n")] if "data" in event else []
    return "".join(line + "\n" for line in [*lines, ""]).encode()


http_server.run(write_event, {"fields": ["data", "type", "id", "retry", "comment"], "withoutData": True})

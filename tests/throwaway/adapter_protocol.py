"""The adapter protocol, as far as the throw-away adapters share it: messages out, requests in."""

import json
import sys
import threading

# One thread at a time writes a message, or numbers a client.
writing = threading.Lock()


def send(**message):
    with writing:
        print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def requests():
    """The id, the method and the parameters of each request, up to the one to shut down."""
    for line in sys.stdin:
        request = json.loads(line)
        yield request["id"], request["method"], request.get("params")
        if request["method"] == "shutdown":
            return


def greeting(role, features, implementation="throw-away"):
    return {"implementation": implementation, "version": "0", "language": "Python", "role": role, "features": features}

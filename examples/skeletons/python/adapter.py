import base64
import json
import sys
from importlib.metadata import version

from sseclient import SSEClient  # 1. your implementation

DESCRIPTION = {
    "implementation": "sseclient-py",
    "version": version("sseclient-py"),
    "language": "Python",
    "role": "parser",
    "features": {"lastEventId": "block"},  # 2. what it shows
}


def observe(params):
    observation = {"events": []}
    try:
        # 3. how its documentation drives it
        chunks = [base64.b64decode(chunk) for chunk in params["chunks"]]
        for event in SSEClient(iter(chunks)).events():
            observation["events"].append({"type": event.event, "data": event.data, "lastEventId": event.id})
    except Exception as exception:
        observation["error"] = f"{type(exception).__name__}: {exception}"
    return observation


def answer(method, params):
    if method == "initialize" and params["protocolVersion"] == 0 and params["role"] == "parser":
        return {"result": DESCRIPTION}
    if method == "initialize":
        return {"error": {"code": -32602, "message": "only a parser, only version 0"}}
    if method == "parse":
        return {"result": observe(params)}
    if method == "shutdown":
        return {"result": {}}
    return {"error": {"code": -32601, "message": f"unknown method {method}"}}


answers = sys.stdout
# Standard output belongs to the protocol, whatever the implementation prints.
sys.stdout = sys.stderr
for line in sys.stdin.buffer:
    request = json.loads(line)
    message = {"jsonrpc": "2.0", "id": request["id"], **answer(request["method"], request.get("params"))}
    print(json.dumps(message), file=answers, flush=True)
    if request["method"] == "shutdown":
        break

"""A throw-away adapter in the server role that writes what the format can carry and refuses the rest, but for one fault: `fuzzed_server.py FAULT`

`none`, `injects` (a line feed in an id gets to the wire), `truncates` (data is cut after 1024 characters), `dies` (of a type with a colon).
"""

import json
import os
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAULT = sys.argv[1]
writing = threading.Lock()
streams = {}


def send(**message):
    with writing:
        print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def lines(text):
    return re.split("\r\n|\r|\n", text)


def write_event(event):
    """The event as bytes; refuses what the format cannot carry."""
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
    written = [f": {line}" for line in lines(event["comment"])] if "comment" in event else []
    written += [f"event: {event['type']}"] if "type" in event else []
    written += [f"id: {event['id']}"] if "id" in event else []
    written += [f"retry: {event['retry']}"] if "retry" in event else []
    written += [f"data: {line}" for line in lines(data)] if data is not None else []
    return "".join(line + "\n" for line in [*written, ""]).encode()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        stream = self.path.removeprefix("/")
        send(method="request", params={"stream": stream, "client": stream})
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for index, event in enumerate(streams[stream]["events"]):
            try:
                self.wfile.write(write_event(event))
            except ValueError as exception:
                params = {"stream": stream, "client": stream, "index": index, "message": str(exception)}
                send(method="rejected", params=params)

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()


def answer(method, params):
    if method == "initialize":
        features = {"fields": ["data", "type", "id", "retry", "comment"], "withoutData": True}
        return {"implementation": "throw-away", "version": "0", "language": "Python", "role": "server", "features": features}
    if method == "serve":
        streams[params["stream"]] = params
        return {"url": f"http://127.0.0.1:{server.server_port}/{params['stream']}"}
    return {}


for line in sys.stdin:
    request = json.loads(line)
    send(id=request["id"], result=answer(request["method"], request.get("params")))
    if request["method"] == "shutdown":
        break

"""A throw-away adapter in the server role: proof that the protocol fits a server.

The server inside is as small as it can be and no model for anything.
"""

import json
import queue
import select
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

writing = threading.Lock()
streams = {}
n_clients = 0


def send(**message):
    with writing:
        print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


class Stream:
    def __init__(self, params):
        self.params = params
        self.clients = {}
        self.stopped = False


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


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        global n_clients
        handle = self.path.removeprefix("/")
        stream = streams[handle]
        with writing:
            n_clients += 1
            client = f"k{n_clients}"
        asked = stream.clients[client] = queue.Queue()
        send(
            method="request",
            params={"stream": handle, "client": client, "lastEventId": self.headers.get("last-event-id")},
        )
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        events = stream.params["events"]
        if stream.params["pace"] == "free":
            for index in range(len(events)):
                self.write(handle, client, index, events)
        last = None if stream.params["pace"] == "asked" else len(events) - 1
        while not stream.stopped and not (last == len(events) - 1 and stream.params["end"] == "close"):
            try:
                last = asked.get(timeout=0.01)
                self.write(handle, client, last, events)
            except queue.Empty:
                if select.select([self.connection], [], [], 0)[0] and not self.connection.recv(1):
                    send(method="disconnected", params={"stream": handle, "client": client})
                    break
        self.close_connection = True

    def write(self, handle, client, index, events):
        try:
            self.wfile.write(write_event(events[index]))
        except ValueError as exception:
            params = {"stream": handle, "client": client, "index": index, "message": str(exception)}
            send(method="rejected", params=params)

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()


def answer(method, params):
    if method == "initialize":
        features = {"fields": ["data", "type", "id", "retry", "comment"], "withoutData": True, "lastEventId": True, "disconnects": True}
        return {"implementation": "throw-away", "version": "0", "language": "Python", "role": "server", "features": features}
    if method == "serve":
        streams[params["stream"]] = Stream(params)
        return {"url": f"http://127.0.0.1:{server.server_port}/{params['stream']}"}
    if method == "emit":
        streams[params["stream"]].clients[params["client"]].put(params["index"])
    if method == "stop":
        streams.pop(params["stream"]).stopped = True
    return {}


for line in sys.stdin:
    request = json.loads(line)
    send(id=request["id"], result=answer(request["method"], request.get("params")))
    if request["method"] == "shutdown":
        break

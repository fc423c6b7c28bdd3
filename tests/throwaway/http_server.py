"""A throw-away adapter in the server role around a function that writes an event: a thread for each client, HTTP/1.0 from the standard library.

What is emitted goes to the wire as `write_event(event)` gives it, as bytes; a ValueError of it is a refusal to the caller.
"""

import queue
import select
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from adapter_protocol import greeting, requests, send, writing

streams = {}
n_clients = 0


class Stream:
    def __init__(self, params):
        self.params = params
        self.clients = {}
        self.stopped = False


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
        try:
            self.follow(stream, handle, client, asked)
        except OSError:
            # What was still written to a client that has left.
            send(method="disconnected", params={"stream": handle, "client": client})
        self.close_connection = True

    def follow(self, stream, handle, client, asked):
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

    def write(self, handle, client, index, events):
        try:
            self.wfile.write(self.server.write_event(events[index]))
        except ValueError as exception:
            params = {"stream": handle, "client": client, "index": index, "message": str(exception)}
            send(method="rejected", params=params)

    def log_message(self, *args):
        pass


def answer(server, features, method, params):
    if method == "initialize":
        return greeting("server", {**features, "lastEventId": True, "disconnects": True})
    if method == "serve":
        streams[params["stream"]] = Stream(params)
        return {"url": f"http://127.0.0.1:{server.server_port}/{params['stream']}"}
    if method == "emit":
        streams[params["stream"]].clients[params["client"]].put(params["index"])
    if method == "stop":
        streams.pop(params["stream"]).stopped = True
    return {}


def run(write_event, features):
    """Is the adapter, until it is shut down."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.write_event = write_event
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for id, method, params in requests():
        send(id=id, result=answer(server, features, method, params))

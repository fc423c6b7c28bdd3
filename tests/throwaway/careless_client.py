"""A client adapter whose author made one mistake: `careless_client.py [MODE]`. Without a mode there is none.

The client inside reads one stream, does not come back, and is no model for anything.
"""

import http.client
import os
import socket
import sys
import threading
import time
from urllib.parse import urlsplit

from adapter_protocol import greeting, requests, send

MODE = sys.argv[1] if len(sys.argv) > 1 else ""
connections = {}


class Connection:
    def __init__(self, params):
        self.params = params
        self.handle = "first" if MODE == "one-handle" else params["connection"]
        self.socket = None
        self.closed = MODE == "never"

    def notify(self, method, **params):
        if self.closed:
            return
        send(method=method, params={"connection": self.handle, **params})
        if method == self.params.get("closeOn") and MODE != "no-close-on":
            self.close()

    def close(self):
        self.closed = True
        if self.socket and MODE != "keeps":
            try:
                self.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # It is closed already.

    def run(self):
        if self.closed:
            return
        if MODE == "prints":
            print("connecting to", self.params["url"], flush=True)
        if MODE == "crash":
            print("a last word", file=sys.stderr, flush=True)
            os._exit(3)
        url = urlsplit(self.params["url"])
        request = http.client.HTTPConnection(url.netloc)
        request.connect()
        self.socket = request.sock
        request.request("GET", "/elsewhere" if MODE == "elsewhere" else url.path)
        if MODE == "twice":
            self.second = http.client.HTTPConnection(url.netloc)
            self.second.request("GET", url.path)
        try:
            self.read(request.getresponse())
        except (OSError, http.client.HTTPException):
            pass
        if MODE != "no-end":
            self.notify("end")

    def read(self, response):
        if MODE not in ("no-open", "late-open"):
            self.notify("open")
        block = {}
        for line in response:
            line = line.decode("latin-1" if MODE == "latin-1" else "utf-8").rstrip("\n")
            name, _, value = line.partition(": ")
            if line == "":
                self.dispatch(block)
                block = {}
            else:
                block[name] = value

    def dispatch(self, block):
        if "data" not in block or MODE == "silent":
            return
        event_type = block.get("event", "" if MODE == "no-type" else "message")
        fields = {"type": event_type, "data": block["data"], "lastEventId": block.get("id", "")}
        if MODE == "no-id":
            del fields["lastEventId"]
        self.notify("event", **fields)
        if MODE == "late-open":
            self.notify("open")


def disconnect(id, connection):
    connection.close()
    if MODE != "no-disconnect-answer":
        send(id=id, result={})
    if MODE == "reports-on":
        time.sleep(0.1)
        send(method="error", params={"connection": connection.handle, "fatal": False, "message": "closed"})


def features():
    offered = ["headers", "post", "initialLastEventId"] if MODE == "boasts" else []
    offered += ["comments"] if MODE == "claims-comments" else []
    offered += ["reconnects"] if MODE == "claims-reconnects" else []
    return {"lastEventId": "stream", "eventSourceApi": True, **{feature: True for feature in offered}}


for id, method, params in requests():
    if method == "initialize":
        send(id=id, result=greeting("client", features(), implementation="careless"))
    elif method == "connect":
        connection = connections[params["connection"]] = Connection(params)
        if MODE != "no-connect-answer":
            send(id=id, result={})
        threading.Thread(target=connection.run, daemon=True).start()
    elif method == "disconnect":
        disconnect(id, connections.pop(params["connection"]))
    elif method == "shutdown":
        send(id=id, result={})
os._exit(0)

"""A client adapter that misbehaves: `hostile_client.py MODE`. Where it does not, it is the one of client.py."""

import json
import os
import socket
import sys
import threading
from urllib.parse import urlsplit

MODE = sys.argv[1]
writing = threading.Lock()
held = []


def send(**message):
    with writing:
        print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def ask(url, path):
    """A request, and the connection it was made on."""
    connection = socket.create_connection((url.hostname, url.port))
    connection.sendall(f"GET {path} HTTP/1.1\r\nhost: {url.netloc}\r\n\r\n".encode())
    held.append(connection)
    return connection


def connect(params):
    url = urlsplit(params["url"])
    if MODE == "never":
        return
    if MODE == "elsewhere":
        ask(url, "/elsewhere")
        return
    if MODE == "crash":
        os._exit(7)
    if MODE == "twice":
        ask(url, url.path).recv(1)
        ask(url, url.path).recv(1)
    if MODE == "keeps":
        ask(url, url.path)
    if MODE == "garbage":
        send(method="event", params={"connection": params["connection"]})
        send(method="opened", params={"connection": params["connection"]})
    if MODE == "after":
        ask(url, url.path).recv(1)


for line in sys.stdin:
    request = json.loads(line)
    method, params = request["method"], request.get("params")
    if method == "initialize":
        features = {"lastEventId": "stream", "reconnects": False, "eventSourceApi": MODE == "after"}
        send(id=request["id"], result={"implementation": "hostile", "version": "0", "language": "Python", "role": "client", "features": features})
        continue
    send(id=request["id"], result={})
    if method == "connect":
        threading.Thread(target=connect, args=(params,), daemon=True).start()
    if method == "disconnect" and MODE == "after":
        send(method="open", params={"connection": params["connection"]})
        send(method="event", params={"connection": params["connection"], "type": "message", "data": "late", "lastEventId": ""})
    if method == "shutdown":
        break

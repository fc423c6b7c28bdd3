"""A client adapter that misbehaves: `hostile_client.py MODE`. What a mode does not touch is answered and comes to nothing."""

import os
import socket
import sys
import threading
from urllib.parse import urlsplit

from adapter_protocol import greeting, requests, send

MODE = sys.argv[1]
held = []


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


for id, method, params in requests():
    if method == "initialize":
        features = {"lastEventId": "stream", "reconnects": False, "eventSourceApi": MODE == "after"}
        send(id=id, result=greeting("client", features, implementation="hostile"))
        continue
    send(id=id, result={})
    if method == "connect":
        threading.Thread(target=connect, args=(params,), daemon=True).start()
    if method == "disconnect" and MODE == "after":
        send(method="open", params={"connection": params["connection"]})
        send(method="event", params={"connection": params["connection"], "type": "message", "data": "late", "lastEventId": ""})

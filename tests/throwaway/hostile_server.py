"""A throw-away adapter in the server role that does what the first argument says, over a bare socket."""

import os
import re
import socket
import sys
import threading
import time
import zlib

from adapter_protocol import greeting, requests, send, writing

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
WHAT = sys.argv[1]
listener = socket.create_server(("127.0.0.1", 0), backlog=64)
port = listener.getsockname()[1]
if WHAT == "never-listens":
    listener.close()
streams = {}
clients = {}


def encoded(event):
    """One event, as a server should write it; the throw-away misdeeds are elsewhere."""
    lines = [f": {line}" for line in re.split("\r\n|\r|\n", event["comment"])] if "comment" in event else []
    if "id" in event:
        lines.append("id: " + re.sub("[\r\n\0]", "", event["id"]))
    if "type" in event:
        lines.append("event: " + re.sub("[\r\n]", "", event["type"]))
    if "retry" in event:
        lines.append(f"retry: {event['retry']}")
    if "data" in event:
        lines += [f"data: {line}" for line in re.split("\r\n|\r|\n", event["data"])]
    return "".join(line + "\n" for line in [*lines, ""]).encode()


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def answer_client(connection, stream, client):
    events = streams[stream]["events"]
    if WHAT == "garbage":
        connection.sendall(b"\x16\x03\x01 this is no HTTP\r\n\r\n" * 3)
    elif WHAT == "endless-head":
        connection.sendall(HEAD)
        while True:
            connection.sendall(b"x-more: " + b"a" * 1000 + b"\r\n")
    elif WHAT == "many-headers":
        connection.sendall(HEAD)
        while True:
            connection.sendall(b"x-more: a\r\n")
    elif WHAT == "trickling-head":
        connection.sendall(b"HTTP/1.1 200 OK\r\nx-slow: ")
        while True:
            connection.sendall(b"a")
            time.sleep(0.2)
    elif WHAT == "endless-body":
        connection.sendall(HEAD + b"\r\ndata: ")
        while True:
            connection.sendall(b"a" * 65536)
    elif WHAT == "bad-chunks":
        connection.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n" + chunk(encoded(events[0])) + b"no size\r\n")
    elif WHAT == "dies":
        connection.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n" + chunk(b"data: a\n"))
        os._exit(9)
    elif WHAT == "status":
        connection.sendall(b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n")
    elif WHAT == "head-with-body":
        connection.sendall(HEAD + b"content-length: 9\r\n\r\ndata: a\n\n")
    elif WHAT == "holds-back":
        body = b"".join(encoded(event) for event in events)
        for _ in events:
            clients[client].acquire()
        connection.sendall(HEAD + b"content-length: %d\r\n\r\n" % len(body) + body)
    elif WHAT == "holds-until-stop" and streams[stream]["end"] == "hold":
        streams[stream]["stopped"].wait()
        body = b"".join(encoded(event) for event in events)
        connection.sendall(HEAD + b"content-length: %d\r\n\r\n" % len(body) + body)
    elif WHAT == "silent-on-hold" and streams[stream]["end"] == "hold":
        time.sleep(60)
    elif WHAT == "answers" and "status" in streams[stream]:
        connection.sendall(b"HTTP/1.1 %d Chosen\r\nconnection: close\r\n\r\n" % streams[stream]["status"])
    elif WHAT == "answers" and "headers" in streams[stream]:
        headers = "".join(f"{name}: {value}\r\n" for name, value in streams[stream]["headers"].items())
        connection.sendall(HEAD + headers.encode() + b"\r\n" + b"".join(encoded(event) for event in events))
    elif WHAT == "beats":
        connection.sendall(HEAD + b"\r\n" + b"".join(encoded(event) for event in events))
        time.sleep(0.3)
        connection.sendall(b": still here\n\n")
        streams[stream]["stopped"].wait()
    elif WHAT in ("deflates", "deflates-late", "codes-unasked"):
        coding = b"deflate" if WHAT != "codes-unasked" else b"x-unheard-of"
        connection.sendall(HEAD + b"content-encoding: %s\r\n\r\n" % coding)
        compressor = zlib.compressobj()
        for event in events:
            clients[client].acquire()
            data = compressor.compress(encoded(event))
            if WHAT == "deflates":
                data += compressor.flush(zlib.Z_SYNC_FLUSH)
            connection.sendall(data)
        connection.sendall(compressor.flush())
    elif WHAT == "loses":
        body = b"".join(encoded(event) for event in [*events[:3], *events[4:]])
        connection.sendall(HEAD + b"content-length: %d\r\n\r\n" % len(body) + body)
    elif WHAT == "cut-at-hostile":
        # What it cannot carry ends the stream, in the middle.
        connection.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n")
    elif WHAT == "ended-at-hostile":
        connection.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n")
    elif WHAT == "shared":
        # What is emitted to one client goes to all.
        connection.sendall(HEAD + b"\r\n")
        streams[stream].setdefault("sockets", []).append(connection)
        for event in events:
            clients[client].acquire()
            for one in streams[stream]["sockets"]:
                one.sendall(encoded(event))
        time.sleep(1)
    else:
        connection.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n")
        for event in events:
            if streams[stream]["pace"] == "asked":
                clients[client].acquire()
            connection.sendall(chunk(encoded(event)))
        connection.sendall(b"0\r\n\r\n")
    connection.close()


def handle(connection):
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(4096) or b"\r\n\r\n"
    stream = request.split(b" ")[1].decode().removeprefix("/")
    with writing:
        client = f"k{len(clients)}"
        clients[client] = threading.Semaphore(0)
    if WHAT == "unknown-notification":
        send(method="requested", params={"stream": stream, "client": client})
    elif WHAT != "tells-nothing":
        send(method="request", params={"stream": stream, "client": client, "lastEventId": None})
    try:
        answer_client(connection, stream, client)
    except OSError:
        pass


def accept():
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=handle, args=[connection], daemon=True).start()


if WHAT != "never-listens":
    threading.Thread(target=accept, daemon=True).start()


def answer(method, params):
    if method == "initialize":
        features = {"fields": ["data", "type", "id", "retry", "comment"], "withoutData": True, "lastEventId": True}
        if WHAT in ("answers", "ignores"):
            features |= {"headers": True, "status": True}
        if WHAT == "beats":
            features["heartbeat"] = 300
        return greeting("server", features)
    if method == "serve":
        streams[params["stream"]] = params | {"stopped": threading.Event()}
        url = f"http://127.0.0.1:{port}/{params['stream']}"
        return {"url": "ftp://127.0.0.1/" if WHAT == "strange-url" else url}
    if method == "emit":
        clients[params["client"]].release()
    if method == "stop":
        streams[params["stream"]]["stopped"].set()
    return {}


for id, method, params in requests():
    send(id=id, result=answer(method, params))

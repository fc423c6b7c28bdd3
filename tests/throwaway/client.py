"""A throw-away adapter in the client role: proof that the protocol fits a client. `client.py [once] [api] [blocks] [late] [hasty] [forgets] [follows] [gives-up] [without-headers]`

With `once` the client does not reconnect; with `api` it claims the standard's interface; with `without-headers` it forgets what the application wants sent.
With `blocks` it makes an event of every block that sets a reconnection time, with `late` it begins to read after a second, with `hasty` it comes back at once and says no word of it.
With `forgets` it uses nothing of what it is told to begin with, with `follows` it follows redirects, and with `gives-up` a lost connection is its last.
The client inside is as small as it can be and no model for anything.
"""

import http.client
import re
import ssl
import sys
import threading
import time
from urllib.parse import urlsplit

from adapter_protocol import greeting, requests, send

RECONNECTS = "once" not in sys.argv
connections = {}


class Client:
    """Connects, reads events, and comes back until it is told not to."""

    def __init__(self, params):
        self.connection = params["connection"]
        self.params = params
        self.url = urlsplit(params["url"])
        self.close_on = params.get("closeOn")
        if "forgets" in sys.argv:
            for name in ("initialReconnectionTime", "lastEventId", "method", "body"):
                params.pop(name, None)
        self.reconnection_time = params.get("initialReconnectionTime", 3000)
        self.last_event_id = params.get("lastEventId", "")
        self.closed = False

    def notify(self, method, **params):
        if self.closed:
            return
        send(method=method, params={"connection": self.connection, **params})
        if method == self.close_on:
            self.closed = True

    def run(self):
        while not self.closed:
            try:
                fatal = self.connect()
            except OSError as exception:
                fatal = self.report("gives-up" in sys.argv, str(exception))
            if fatal or self.closed:
                return
            if not RECONNECTS:
                return self.notify("end")
            time.sleep(0 if "hasty" in sys.argv else self.reconnection_time / 1000)

    def report(self, fatal, message):
        self.notify("error", fatal=fatal, message=message)
        return fatal

    def connect(self):
        if self.url.scheme == "https":
            trusted = ssl.create_default_context(cadata=self.params["certificate"])
            request = http.client.HTTPSConnection(self.url.hostname, self.url.port, context=trusted)
        else:
            request = http.client.HTTPConnection(self.url.hostname, self.url.port)
        own = {} if sys.argv[1:] == ["without-headers"] else self.params.get("headers", {})
        headers = {"accept": "text/event-stream", **own}
        if self.last_event_id:
            headers["last-event-id"] = self.last_event_id
        request.request(self.params.get("method", "GET"), self.url.path, self.params.get("body"), headers)
        response = request.getresponse()
        if response.status in (301, 307) and "follows" in sys.argv:
            self.url = urlsplit(response.headers["location"])
            return self.connect()
        if response.status != 200:
            return self.report(True, f"status {response.status}")
        self.notify("open")
        self.read(response)
        return self.report(False, "the connection was closed") if RECONNECTS and "hasty" not in sys.argv else False

    def read(self, response):
        if "late" in sys.argv:
            time.sleep(1)
        event_type, data, last_event_id = "", "", self.last_event_id
        has_retry = False
        for line in response:
            if self.closed:
                return
            line = line.decode("utf-8", "replace").rstrip("\r\n")
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if line == "":
                self.last_event_id = last_event_id
                event_type = event_type or "message"
                if (data or has_retry and "blocks" in sys.argv) and event_type in self.params["listen"]:
                    self.notify("event", type=event_type, data=data[:-1], lastEventId=last_event_id)
                event_type, data, has_retry = "", "", False
            elif name == "":
                self.notify("comment", comment=value)
            elif name == "event":
                event_type = value
            elif name == "data":
                data += value + "\n"
            elif name == "id":
                last_event_id = value
            elif name == "retry" and re.fullmatch("[0-9]+", value):
                self.reconnection_time = int(value)
                has_retry = True


def answer(method, params):
    if method == "initialize":
        features = {"lastEventId": "stream", "comments": True, "reconnects": RECONNECTS, "post": True, "initialLastEventId": True, "initialReconnectionTime": True, "headers": True, "tls": True, "eventSourceApi": "api" in sys.argv}
        return greeting("client", features)
    if method == "connect":
        client = connections[params["connection"]] = Client(params)
        client.thread = threading.Thread(target=client.run, daemon=True)
    if method == "listen":
        connections[params["connection"]].params["listen"].append(params["type"])
    if method == "disconnect":
        connections.pop(params["connection"]).closed = True
    return {}


for id, method, params in requests():
    send(id=id, result=answer(method, params))
    if method == "connect":
        # Only now, so that the answer comes before the first notification.
        connections[params["connection"]].thread.start()

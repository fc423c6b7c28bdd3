"""The adapter protocol for servers (../README.md): streams are served as the harness asks, and what happens to them goes out at once.

Knows nothing about event streams.
"""

import asyncio
import json
import queue
import sys
import threading
from importlib.metadata import version

PROTOCOL_VERSION = 0
STOPPED = object()


class Application:
    """The application that an adapter's server belongs to: it knows which events to emit to whom, and when."""

    def __init__(self, implementation, features):
        self._answers = sys.stdout.buffer
        # Standard output belongs to the protocol, whatever the implementation prints.
        sys.stdout = sys.stderr
        self._writing = threading.Lock()
        self._streams = {}
        self._n_clients = 0
        self._description = {
            "implementation": implementation,
            "version": version(implementation),
            "language": "Python",
            "role": "server",
            "features": features,
        }

    def request(self, stream, last_event_id):
        """A request for a stream came. Raises KeyError if no such stream is served."""
        served = self._streams[stream]
        with self._writing:
            self._n_clients += 1
            client = Client(self, stream, f"k{self._n_clients}", served["params"])
        served["clients"][client.handle] = client
        params = {"stream": stream, "client": client.handle, "lastEventId": last_event_id}
        self.send(method="request", params=params)
        return client

    def run(self, url):
        """Speaks the protocol until `shutdown` or the end of standard input; `url` is where the server listens."""
        for line in sys.stdin.buffer:
            request = json.loads(line)
            self.send(id=request["id"], **self._answer(request["method"], request.get("params"), url))
            if request["method"] == "shutdown":
                break

    def _answer(self, method, params, url):
        if method == "initialize":
            if params["protocolVersion"] != PROTOCOL_VERSION or params["role"] != "server":
                return {"error": {"code": -32602, "message": f"only a server, only version {PROTOCOL_VERSION}"}}
            return {"result": self._description}
        if method == "serve":
            self._streams[params["stream"]] = {"params": params, "clients": {}}
            return {"result": {"url": f"{url}/{params['stream']}"}}
        if method == "emit":
            client = self._streams[params["stream"]]["clients"].get(params["client"])
            if client:
                client.ask(params["index"])
            return {"result": {}}
        if method == "stop":
            served = self._streams.pop(params["stream"], {"clients": {}})
            for client in list(served["clients"].values()):
                client.stop()
            return {"result": {}}
        if method == "shutdown":
            return {"result": {}}
        return {"error": {"code": -32601, "message": f"unknown method {method}"}}

    def send(self, **message):
        # ASCII alone, so that a lone surrogate is escaped instead of refused.
        line = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=True, separators=(",", ":"))
        with self._writing:
            self._answers.write(line.encode() + b"\n")
            self._answers.flush()


class Event:
    """What the application emits; what it does not set is None."""

    def __init__(self, index, fields):
        self.index = index
        self.data = fields.get("data")
        self.type = fields.get("type")
        self.id = fields.get("id")
        self.retry = fields.get("retry")
        self.comment = fields.get("comment")


class Client:
    """One client of a stream, as the application sees it."""

    def __init__(self, application, stream, handle, params):
        self._application = application
        self._stream = stream
        self.handle = handle
        self._params = params
        # In milliseconds, where the harness wants heartbeats, or wants the implementation to end the stream.
        self.heartbeat = params.get("heartbeat")
        self.timeout = params.get("timeout")
        # The status that the application answers with, in place of a stream; where the harness wants that.
        self.status = params.get("status")
        # The headers that the application sets on its answer, by their names.
        self.headers = params.get("headers", {})
        self._asked = queue.SimpleQueue()
        self._waiting = None
        self._is_over = False
        self._has_left = False

    def events(self):
        """Yields the events that the application emits, each when it is time.

        Ends when the application ends the stream, and raises where it fails.
        """
        for n, fields in enumerate(self._params["events"]):
            index = n
            if self._params["pace"] == "asked":
                index = self._asked.get()
                if index is STOPPED:
                    return
                fields = self._params["events"][index]
            yield Event(index, fields)
        if self._params["end"] == "hold":
            while self._asked.get() is not STOPPED:
                pass
        self._end()

    async def events_async(self):
        """Does what `events` does, for a server on an event loop."""
        for n, fields in enumerate(self._params["events"]):
            index = n
            if self._params["pace"] == "asked":
                index = await self._next()
                if index is STOPPED:
                    return
                fields = self._params["events"][index]
            yield Event(index, fields)
        if self._params["end"] == "hold":
            while await self._next() is not STOPPED:
                pass
        self._end()

    def rejected(self, event, exception):
        """The implementation refused an event."""
        message = f"{type(exception).__name__}: {exception}"
        params = {"stream": self._stream, "client": self.handle, "index": event.index, "message": message}
        self._application.send(method="rejected", params=params)

    def left(self):
        """The implementation told the application that the client has left."""
        if self._has_left or self._is_over:
            return
        self._has_left = True
        self._application.send(method="disconnected", params={"stream": self._stream, "client": self.handle})
        self.ask(STOPPED)

    def ask(self, index):
        self._asked.put(index)
        if waiting := self._waiting:
            loop, event = waiting
            try:
                loop.call_soon_threadsafe(event.set)
            except RuntimeError:
                pass  # The loop is closed, and nobody waits on it any more.

    def stop(self):
        self._is_over = True
        self.ask(STOPPED)

    def _end(self):
        # Whoever leaves after that leaves a stream that is over.
        self._is_over = True
        if self._params["end"] == "fail":
            raise RuntimeError("the application fails")

    async def _next(self):
        if self._waiting is None:
            self._waiting = (asyncio.get_running_loop(), asyncio.Event())
        _, event = self._waiting
        while True:
            try:
                return self._asked.get_nowait()
            except queue.Empty:
                pass
            # A put between the look and the wait has set it.
            await event.wait()
            event.clear()

"""The adapter protocol for clients (../README.md): connections are opened, and what they report goes out at once.

Knows nothing about event streams.
"""

import asyncio
import json
import os
import sys
import threading
from functools import partial
from importlib.metadata import version

PROTOCOL_VERSION = 0
# How long an answer to `disconnect` waits for an implementation that cannot be closed while a thread reads from it.
CLOSING = 0.2


class Connection:
    """What an adapter sees of one connection: where to, what to report, and whether the application has closed it.

    `params` are those of `connect`, for what an adapter offers beside a URL.
    """

    def __init__(self, params):
        self.url = params["url"]
        self.params = params
        self.is_closed = False
        self._handle = params["connection"]
        self._close_on = params.get("closeOn")
        self._close = lambda: None

    def options(self, **keys):
        """Keyword arguments for the implementation: what the keys of `connect` hold that are named here.

        What is not asked for is left out, so that the implementation's defaults hold.
        """
        return {name: self.params[key] for name, key in keys.items() if key in self.params}

    def closed_by(self, close):
        """`close()` is how an application closes the connection."""
        self._close = close

    def take(self, items):
        """Iterates like an application, which leaves its loop once it has closed the connection."""
        for item in items:
            if self.is_closed:
                return
            yield item
            if self.is_closed:
                return

    async def take_from(self, items):
        """The same for an asynchronous iterator."""
        async for item in items:
            if self.is_closed:
                return
            yield item
            if self.is_closed:
                return

    def open(self):
        self._notify("open")

    def event(self, **fields):
        self._notify("event", **fields)

    def comment(self, comment):
        self._notify("comment", comment=comment)

    def error(self, fatal, message=""):
        self._notify("error", fatal=fatal, message=message)

    def lost(self, exception):
        """An error after which only an application could connect again."""
        if not self.is_closed:
            self.error(fatal=False, message=_told(exception))

    def end(self):
        self._notify("end")

    def disconnect(self, then):
        """Closes the connection as an application would, and then calls `then`, all without waiting for it."""
        self.is_closed = True
        closing = _in_background(self._close)

        def wait():
            closing.join(CLOSING)
            then()

        _in_background(wait)

    def is_over(self, exception=None):
        """The loop of the application has ended; what a close brings about is no news to who has closed."""
        if self.is_closed:
            return
        if exception is not None:
            self.error(fatal=True, message=_told(exception))
        else:
            self.end()

    def _notify(self, method, **fields):
        _send({"method": method, "params": {"connection": self._handle, **fields}})
        if method == self._close_on:
            self.is_closed = True
            self._close()


def in_thread(follow):
    """Connections of an implementation that blocks: `follow(connection)` runs in a thread for each."""

    def run(connection):
        try:
            follow(connection)
        except Exception as exception:
            connection.is_over(exception)
        else:
            connection.is_over()

    return lambda connection: _in_background(partial(run, connection))


def in_task(follow):
    """Connections of an asynchronous implementation: `await follow(connection)` runs in a task for each."""
    loop = asyncio.new_event_loop()
    loop_thread = _in_background(loop.run_forever)

    async def run(connection):
        task = asyncio.current_task()

        async def cancel():
            task.cancel()
            await asyncio.wait([task])

        def close():
            # Inside a handler there is nobody to wait for.
            if threading.current_thread() is loop_thread:
                task.cancel()
            else:
                asyncio.run_coroutine_threadsafe(cancel(), loop).result()

        connection.closed_by(close)
        try:
            await follow(connection)
        except Exception as exception:
            connection.is_over(exception)
        else:
            connection.is_over()

    return lambda connection: asyncio.run_coroutine_threadsafe(run(connection), loop)


def serve_client(implementation, features, connect):
    """Serves one client until `shutdown` or the end of standard input; `connect(connection)` returns at once."""
    # Standard output belongs to the protocol, whatever the implementation prints.
    sys.stdout = sys.stderr
    description = {
        "implementation": implementation,
        "version": version(implementation),
        "language": "Python",
        "role": "client",
        "features": features,
    }
    connections = {}
    for line in sys.stdin.buffer:
        request = json.loads(line)
        method, params = request["method"], request.get("params", {})
        answer = {"result": {}}
        if method == "initialize" and (params["protocolVersion"] != PROTOCOL_VERSION or params["role"] != "client"):
            answer = _failure(-32602, f"only a client, only version {PROTOCOL_VERSION}")
        elif method == "initialize":
            answer = {"result": description}
        elif method == "connect":
            connections[params["connection"]] = connection = Connection(params)
            connect(connection)
        elif method == "disconnect" and (connection := connections.pop(params["connection"], None)):
            connection.disconnect(then=partial(_send, {"id": request["id"], **answer}))
            continue
        elif method not in ("disconnect", "shutdown"):
            answer = _failure(-32601, f"unknown method {method}")
        _send({"id": request["id"], **answer})
        if method == "shutdown":
            break
    # At once: no thread that still reads may keep the process alive.
    os._exit(0)


def _told(exception):
    return f"{type(exception).__name__}: {exception}"


def _in_background(target):
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    return thread


_ANSWERS = sys.stdout.buffer
_ONE_LINE = threading.Lock()


def _send(message):
    # ASCII alone, so that a lone surrogate is escaped instead of refused.
    line = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
    with _ONE_LINE:
        _ANSWERS.write(line)
        _ANSWERS.flush()


def _failure(code, message):
    return {"error": {"code": code, "message": message}}

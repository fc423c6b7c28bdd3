"""A throw-away adapter in the client role whose parser is correct but for one fault: `fuzzed_client.py FAULT [once]`

`none`, `glues` (lines of data are joined by nothing), `splits-crlf` (a CR and an LF in two chunks are two ends of a line), `dies` (of U+2029 in data),
`crawls` (takes time with the square of the length of colons in data).
With `once` the client does not reconnect.
"""

import asyncio
import json
import os
import re
import sys
from urllib.parse import urlsplit

from adapter_protocol import greeting, send

FAULT = sys.argv[1]
RECONNECTS = "once" not in sys.argv
MARK = b"\xef\xbb\xbf"
connections = {}


class Parser:
    def __init__(self, client):
        self.client = client
        self.start = b""
        self.has_begun = False
        self.skips_line_feed = False
        # In pieces, so that a long line or a long event takes no longer than it must.
        self.pieces = []
        self.event_type, self.data = "", []
        self.last_event_id = client.last_event_id

    def feed(self, chunk):
        if not self.has_begun:
            self.start += chunk
            if len(self.start) < 3 and MARK.startswith(self.start):
                return
            chunk = self.start.removeprefix(MARK)
            self.has_begun = True
        if self.skips_line_feed and chunk:
            chunk = chunk.removeprefix(b"\n")
            self.skips_line_feed = False
        begin = 0
        for end in re.finditer(b"\r\n|\r|\n", chunk):
            line = b"".join([*self.pieces, chunk[begin : end.start()]])
            self.pieces, begin = [], end.end()
            self.line(line.decode("utf-8", "replace"))
        self.pieces.append(chunk[begin:])
        if chunk.endswith(b"\r"):
            self.skips_line_feed = FAULT != "splits-crlf"

    def line(self, line):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line == "":
            self.client.last_event_id = self.last_event_id
            if self.data:
                self.client.event(self.event_type or "message", ("" if FAULT == "glues" else "\n").join(self.data))
            self.event_type, self.data = "", []
        elif name == "event":
            self.event_type = value
        elif name == "data":
            if FAULT == "dies" and "\u2029" in value:
                os._exit(7)
            if FAULT == "crawls" and value.startswith("::::"):
                sum(range(len(value) ** 2 >> 7))
            self.data.append(value)
        elif name == "id" and "\0" not in value:
            self.last_event_id = value
        elif name == "retry" and re.fullmatch("[0-9]+", value, re.ASCII):
            # Python reads no more than 4300 digits.
            self.client.reconnection_time = int(value.lstrip("0")[:20] or "0")


class Client:
    def __init__(self, params):
        self.connection = params["connection"]
        self.url = urlsplit(params["url"])
        self.reconnection_time, self.last_event_id = 1000, ""

    def notify(self, method, **params):
        send(method=method, params={"connection": self.connection, **params})

    def event(self, event_type, data):
        self.notify("event", type=event_type, data=data, lastEventId=self.last_event_id)

    async def run(self):
        while True:
            try:
                await self.connect()
            except (OSError, asyncio.IncompleteReadError) as exception:
                self.notify("error", fatal=False, message=str(exception))
            if not RECONNECTS:
                return self.notify("end")
            await asyncio.sleep(self.reconnection_time / 1000)

    async def connect(self):
        reader, writer = await asyncio.open_connection(self.url.hostname, self.url.port)
        try:
            own = f"last-event-id: {self.last_event_id}\r\n" if self.last_event_id else ""
            writer.write(f"GET {self.url.path} HTTP/1.1\r\nhost: {self.url.netloc}\r\n{own}\r\n".encode())
            await reader.readuntil(b"\r\n\r\n")
            parser = Parser(self)
            while size := int(await reader.readline() or b"0", 16):
                parser.feed((await reader.readexactly(size + 2))[:size])
        finally:
            writer.close()


def answer(method, params):
    if method == "initialize":
        features = {"lastEventId": "stream", "reconnects": RECONNECTS}
        return greeting("client", features)
    if method == "disconnect":
        connections.pop(params["connection"]).cancel()
    return {}


async def main():
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=1 << 24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        request = json.loads(line)
        method, params = request["method"], request.get("params")
        send(id=request["id"], result=answer(method, params))
        if method == "connect":
            connections[params["connection"]] = asyncio.create_task(Client(params).run())
        if method == "shutdown":
            os._exit(0)


asyncio.run(main())

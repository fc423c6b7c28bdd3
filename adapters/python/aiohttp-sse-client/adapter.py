"""aiohttp-sse-client's EventSource, as its documentation shows it."""

import sys
from pathlib import Path

from aiohttp import ClientConnectionError
from aiohttp_sse_client.client import READY_STATE_CLOSED, EventSource

sys.path.append(str(Path(__file__).parent.parent))
from client import in_task, serve_client


async def follow(connection):
    source = EventSource(
        connection.url,
        on_open=connection.open,
        on_error=lambda: connection.error(fatal=source.ready_state == READY_STATE_CLOSED),
    )
    try:
        async with source:
            async for event in connection.take_from(source):
                connection.event(type=event.type, data=event.data, lastEventId=event.last_event_id)
    except (ConnectionError, ClientConnectionError):
        # It has been told by `on_error`.
        pass


serve_client(
    "aiohttp-sse-client",
    {"eventType": "raw", "lastEventId": "stream", "reconnects": True, "eventSourceApi": True},
    in_task(follow),
)

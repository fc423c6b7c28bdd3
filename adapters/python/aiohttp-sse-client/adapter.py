"""aiohttp-sse-client's EventSource, as its documentation shows it."""

import sys
from datetime import timedelta
from pathlib import Path

from aiohttp import ClientConnectionError, ClientSession, CookieJar
from aiohttp_sse_client.client import READY_STATE_CLOSED, EventSource

sys.path.append(str(Path(__file__).parent.parent))
from client import in_task, serve_client


def options(connection):
    # The body and the headers go to the request, as documented.
    options = connection.options(data="body", headers="headers")
    if "data" in options:
        options["data"] = options["data"].encode()
    if "method" in connection.params:
        options["option"] = {"method": connection.params["method"]}
    if "initialReconnectionTime" in connection.params:
        options["reconnection_time"] = timedelta(milliseconds=connection.params["initialReconnectionTime"])
    return options


async def follow(connection):
    if connection.params.get("withCredentials"):
        # aiohttp keeps no cookies of a server that has an address and no name, unless it is told to.
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
            await follow_with(connection, session=session)
    else:
        await follow_with(connection)


async def follow_with(connection, **session):
    source = EventSource(
        connection.url,
        on_open=connection.open,
        on_error=lambda: connection.error(fatal=source.ready_state == READY_STATE_CLOSED),
        **options(connection),
        **session,
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
    {
        "eventType": "raw",
        "lastEventId": "stream",
        "reconnects": True,
        "eventSourceApi": True,
        "headers": True,
        "post": True,
        "initialReconnectionTime": True,
        "withCredentials": True,
    },
    in_task(follow),
)

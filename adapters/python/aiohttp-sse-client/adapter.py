"""aiohttp-sse-client's EventSource, as its documentation shows it."""

import sys
from datetime import timedelta
from pathlib import Path

from aiohttp import ClientConnectionError, ClientSession, CookieJar
from aiohttp_sse_client.client import READY_STATE_CLOSED, EventSource

sys.path.append(str(Path(__file__).parent.parent))
from client import in_task, serve_client


def options(params):
    """What is not asked for is left out, so that the defaults hold."""
    options = {}
    if "initialReconnectionTime" in params:
        options["reconnection_time"] = timedelta(milliseconds=params["initialReconnectionTime"])
    if "method" in params:
        options["option"] = {"method": params["method"]}
    # What goes to the request, as documented.
    if "body" in params:
        options["data"] = params["body"].encode()
    if "headers" in params:
        options["headers"] = params["headers"]
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
        **options(connection.params),
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

"""httpx-sse over an httpx client, as its documentation shows it; asynchronous, since a task can be ended while it reads."""

import ssl
import sys
from pathlib import Path

import httpx
from httpx_sse import aconnect_sse

sys.path.append(str(Path(__file__).parent.parent))
from client import in_task, serve_client

# What each client would make for itself: reading the certificates takes longer than most cases.
TLS = ssl.create_default_context()


async def follow(connection):
    try:
        async with httpx.AsyncClient(verify=TLS) as client:
            method = connection.params.get("method", "GET")
            # The rest goes to the request, as documented.
            options = connection.options(content="body", headers="headers")
            async with aconnect_sse(client, method, connection.url, **options) as event_source:
                connection.open()
                async for event in connection.take_from(event_source.aiter_sse()):
                    connection.event(type=event.event, data=event.data, lastEventId=event.id)
    except httpx.TransportError as exception:
        # The connection was lost, and another one is the application's business.
        connection.lost(exception)


serve_client("httpx-sse", {"lastEventId": "stream", "headers": True, "post": True}, in_task(follow))

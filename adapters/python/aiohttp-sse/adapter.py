"""aiohttp-sse: a handler of aiohttp.web that sends through an EventSourceResponse."""

import asyncio
import sys
import threading
from pathlib import Path

from aiohttp import web
from aiohttp_sse import sse_response

sys.path.insert(0, str(Path(__file__).parent.parent))
from server import Application  # noqa: E402

application = Application(
    "aiohttp-sse",
    {
        "fields": ["data", "type", "id", "retry"],
        "lastEventId": True,
        "heartbeat": True,
        "disconnects": True,
        "headers": True,
        "status": True,
    },
)


async def stream_events(request):
    try:
        client = application.request(request.match_info["stream"], request.headers.get("Last-Event-ID"))
    except KeyError:
        raise web.HTTPNotFound from None

    if client.status:
        return web.Response(status=client.status)

    options = {"ping_interval": client.heartbeat / 1000} if client.heartbeat else {}
    async with sse_response(request, headers=client.headers, **options) as response:
        # A silent stream sends nothing that could fail.
        waiting = asyncio.create_task(wait_for_end(response, client))
        async for event in client.events_async():
            try:
                await response.send(event.data, id=event.id, event=event.type, retry=event.retry)
            except ConnectionResetError:
                client.left()
                break
            except ValueError as exception:
                client.rejected(event, exception)
    await waiting
    return response


async def wait_for_end(response, client):
    await response.wait()
    client.left()


async def listen():
    app = web.Application()
    app.add_routes([web.get("/{stream}", stream_events)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    return f"http://{host}:{port}"


loop = asyncio.new_event_loop()
url = loop.run_until_complete(listen())
threading.Thread(target=loop.run_forever, daemon=True).start()
application.run(url)

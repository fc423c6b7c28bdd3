"""sse-starlette: a Starlette route that answers with an EventSourceResponse around a generator, under uvicorn."""

import asyncio
import sys
from pathlib import Path

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

sys.path.insert(0, str(Path(__file__).parent.parent))
from asgi import serve  # noqa: E402
from server import Application  # noqa: E402

application = Application(
    "sse-starlette",
    {
        "fields": ["data", "type", "id", "retry", "comment"],
        "withoutData": True,
        "lastEventId": True,
        "heartbeat": True,
        "disconnects": True,
        "headers": True,
        "status": True,
    },
)


async def stream_events(request):
    try:
        client = application.request(request.path_params["stream"], request.headers.get("last-event-id"))
    except KeyError:
        raise HTTPException(status_code=404) from None

    if client.status:
        return Response(status_code=client.status)

    async def generate():
        try:
            async for event in client.events_async():
                yield ServerSentEvent(
                    data=event.data,
                    event=event.type,
                    id=event.id,
                    retry=event.retry,
                    comment=event.comment,
                )
        except (asyncio.CancelledError, GeneratorExit):
            client.left()
            raise

    ping = client.heartbeat / 1000 if client.heartbeat else None
    return EventSourceResponse(generate(), ping=ping, headers=client.headers)


application.run(serve(Starlette(routes=[Route("/{stream}", stream_events)])))

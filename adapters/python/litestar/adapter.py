"""Litestar: a handler that returns a ServerSentEvent around a generator of messages, under uvicorn."""

import asyncio
import sys
from pathlib import Path

from litestar import Litestar, Request, Response, get
from litestar.config.compression import CompressionConfig
from litestar.exceptions import NotFoundException
from litestar.response import ServerSentEvent, ServerSentEventMessage

sys.path.insert(0, str(Path(__file__).parent.parent))
from asgi import serve  # noqa: E402
from server import Application  # noqa: E402

application = Application(
    "litestar",
    {
        "fields": ["data", "type", "id", "retry", "comment"],
        "withoutData": True,
        "lastEventId": True,
        "disconnects": True,
        "headers": True,
        "status": True,
    },
)


@get("/{stream:str}", sync_to_thread=False)
def stream_events(stream: str, request: Request) -> Response:
    try:
        client = application.request(stream, request.headers.get("Last-Event-ID"))
    except KeyError:
        raise NotFoundException from None

    if client.status:
        return Response(None, status_code=client.status)

    async def generate():
        try:
            async for event in client.events_async():
                yield ServerSentEventMessage(
                    data=event.data,
                    event=event.type,
                    id=event.id,
                    retry=event.retry,
                    comment=event.comment,
                )
        except (asyncio.CancelledError, GeneratorExit):
            client.left()
            raise

    return ServerSentEvent(generate(), headers=client.headers)


# As an application has it that compresses what it sends; only who offers a coding gets it.
compression = CompressionConfig(backend="gzip", minimum_size=1)
application.run(serve(Litestar(route_handlers=[stream_events], openapi_config=None, compression_config=compression)))

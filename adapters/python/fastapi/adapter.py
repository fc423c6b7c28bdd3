"""FastAPI's own server-sent events: a path operation that yields, with EventSourceResponse as its class, under uvicorn."""

import asyncio
import sys
from collections.abc import AsyncIterable
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

sys.path.insert(0, str(Path(__file__).parent.parent))
from asgi import serve  # noqa: E402
from server import Application, Client  # noqa: E402

application = Application(
    "fastapi",
    {
        "fields": ["data", "type", "id", "retry", "comment"],
        "withoutData": True,
        "lastEventId": True,
        "heartbeat": 15000,
        "disconnects": True,
        "headers": True,
        "status": True,
    },
)
app = FastAPI()


def requested(stream: str, response: Response, last_event_id: Annotated[str | None, Header()] = None):
    try:
        client = application.request(stream, last_event_id)
    except KeyError:
        raise HTTPException(status_code=404) from None
    if client.status:
        raise HTTPException(status_code=client.status)
    for name, value in client.headers.items():
        response.headers[name] = value
    return client


@app.get("/{stream}", response_class=EventSourceResponse)
async def stream_events(client: Annotated[Client, Depends(requested)]) -> AsyncIterable[ServerSentEvent]:
    try:
        async for event in client.events_async():
            try:
                message = ServerSentEvent(
                    # `data` would be written as JSON.
                    raw_data=event.data,
                    event=event.type,
                    id=event.id,
                    retry=event.retry,
                    comment=event.comment,
                )
            except ValueError as exception:
                client.rejected(event, exception)
            else:
                yield message
    except (asyncio.CancelledError, GeneratorExit):
        client.left()
        raise


application.run(serve(app))

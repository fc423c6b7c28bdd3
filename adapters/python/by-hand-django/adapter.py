"""A Django server by hand, as tutorials write it (recipe.py), under uvicorn."""

import asyncio
import sys
from pathlib import Path

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import Http404, HttpResponse
from django.urls import path

from recipe import format_event, stream

sys.path.insert(0, str(Path(__file__).parent.parent))
from asgi import serve  # noqa: E402
from server import Application  # noqa: E402

application = Application(
    "django",
    {
        "fields": ["data", "type", "id", "retry", "comment"],
        "retryText": True,
        "withoutData": True,
        "lastEventId": True,
        "disconnects": True,
        "headers": True,
        "status": True,
    },
)


async def stream_events(request, name):
    try:
        client = application.request(name, request.headers.get("Last-Event-ID"))
    except KeyError:
        raise Http404 from None

    if client.status:
        return HttpResponse(status=client.status)

    async def generate():
        try:
            async for event in client.events_async():
                yield format_event(event)
        except asyncio.CancelledError:
            client.left()
            raise

    response = stream(generate())
    for name, value in client.headers.items():
        response[name] = value
    return response


urlpatterns = [path("<name>", stream_events)]
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    # As an application has it that compresses what it sends; only who offers a coding gets it.
    MIDDLEWARE=["django.middleware.gzip.GZipMiddleware"],
    ROOT_URLCONF=__name__,
)
application.run(serve(get_asgi_application()))

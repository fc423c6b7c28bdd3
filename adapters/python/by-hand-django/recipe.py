"""What tutorials show for Django: a view that answers with a StreamingHttpResponse around an asynchronous generator of formatted strings."""

from django.http import StreamingHttpResponse


def format_event(event):
    message = ""
    if event.comment is not None:
        message += f": {event.comment}\n"
    if event.id is not None:
        message += f"id: {event.id}\n"
    if event.type is not None:
        message += f"event: {event.type}\n"
    if event.retry is not None:
        message += f"retry: {event.retry}\n"
    if event.data is not None:
        message += f"data: {event.data}\n"
    return message + "\n"


def stream(events):
    response = StreamingHttpResponse(events, content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    return response

"""A Flask server by hand, as tutorials write it: a Response around a generator of formatted strings."""

import sys
import threading
from pathlib import Path

from flask import Flask, Response, abort, request
from werkzeug.serving import make_server

sys.path.insert(0, str(Path(__file__).parent.parent))
from server import Application  # noqa: E402

application = Application(
    "flask",
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
app = Flask(__name__)


@app.get("/<stream>")
def stream_events(stream):
    try:
        client = application.request(stream, request.headers.get("Last-Event-ID"))
    except KeyError:
        abort(404)

    if client.status:
        return Response(status=client.status)

    def generate():
        try:
            for event in client.events():
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
                yield message + "\n"
        except GeneratorExit:
            client.left()
            raise

    return Response(generate(), mimetype="text/event-stream", headers=client.headers)


server = make_server("127.0.0.1", 0, app, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
application.run(f"http://127.0.0.1:{server.server_port}")

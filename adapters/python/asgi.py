"""Runs an ASGI application under uvicorn, on a free port of the loopback interface."""

import socket
import threading

import uvicorn


def serve(app):
    """Serves `app` from a thread of its own, and returns the URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    # Standard output belongs to the protocol, and uvicorn logs requests there.
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    threading.Thread(target=server.run, args=([listener],), daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"

"""A `requests` response whose body is one delivery: no connection, but the same way from body to application."""

import requests


class _Body:
    """What urllib3 hands to requests of a chunked body: each chunk, in pieces of at most the size asked for."""

    def __init__(self, chunks):
        self._chunks = chunks

    def stream(self, size, decode_content):
        for chunk in self._chunks:
            piece = size or max(len(chunk), 1)
            for start in range(0, len(chunk), piece):
                yield chunk[start : start + piece]

    def close(self):
        pass


def response_of(chunks):
    response = requests.Response()
    response.status_code = 200
    response.headers["Content-Type"] = "text/event-stream"
    response.raw = _Body(chunks)
    return response

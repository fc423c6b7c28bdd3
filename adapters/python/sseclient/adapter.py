"""sseclient's SSEClient, an iterator that connects, waits and connects again by itself."""

import sys
from pathlib import Path

import requests
from sseclient import SSEClient

sys.path.append(str(Path(__file__).parent.parent))
from client import in_thread, serve_client


# In milliseconds; the longest wait that there is on every system, about 50 days.
FOR_EVER = 1 << 32


def follow(connection):
    options = connection.options(retry="initialReconnectionTime", last_id="lastEventId", headers="headers")
    if connection.params.get("withCredentials"):
        options["session"] = requests.Session()
    messages = SSEClient(connection.url, **options)

    def close():
        # It cannot be told to stop: its response is closed, and its next wait but one does not end.
        messages.retry = FOR_EVER
        messages.resp.close()

    connection.closed_by(close)
    for message in connection.take(messages):
        # A message carries the id of its own block; the iterator keeps the last one.
        connection.event(type=message.event, data=message.data, lastEventId=messages.last_id)


serve_client(
    "sseclient",
    {
        "lastEventId": "stream",
        "reconnects": True,
        "headers": True,
        "initialLastEventId": True,
        "initialReconnectionTime": True,
        "withCredentials": True,
    },
    in_thread(follow),
)

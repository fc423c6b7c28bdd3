"""requests-sse's EventSource, as its documentation shows it."""

import sys
from datetime import timedelta
from pathlib import Path

import requests
from requests_sse import EventSource, ReadyState

sys.path.append(str(Path(__file__).parent.parent))
from client import in_thread, serve_client


def follow(connection):
    # The body and the headers go to the request, as documented. The session that it makes by default keeps cookies.
    options = connection.options(latest_event_id="lastEventId", method="method", data="body", headers="headers")
    if "data" in options:
        options["data"] = options["data"].encode()
    if "initialReconnectionTime" in connection.params:
        options["reconnection_time"] = timedelta(milliseconds=connection.params["initialReconnectionTime"])
    source = EventSource(
        connection.url,
        **options,
        on_open=connection.open,
        on_error=lambda: connection.error(fatal=source.ready_state == ReadyState.CLOSED),
    )
    connection.closed_by(source.close)
    try:
        with source:
            for event in connection.take(source):
                connection.event(type=event.type, data=event.data, lastEventId=event.last_event_id)
    except requests.RequestException:
        # It has been told by `on_error`.
        pass


serve_client(
    "requests-sse",
    {
        "lastEventId": "stream",
        "reconnects": True,
        "eventSourceApi": True,
        "headers": True,
        "post": True,
        "initialLastEventId": True,
        "initialReconnectionTime": True,
        "withCredentials": True,
    },
    in_thread(follow),
)

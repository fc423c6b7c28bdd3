"""requests-sse's EventSource, as its documentation shows it."""

import sys
from pathlib import Path

import requests
from requests_sse import EventSource, ReadyState

sys.path.append(str(Path(__file__).parent.parent))
from client import in_thread, serve_client


def follow(connection):
    source = EventSource(
        connection.url,
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
    "requests-sse", {"lastEventId": "stream", "reconnects": True, "eventSourceApi": True}, in_thread(follow)
)

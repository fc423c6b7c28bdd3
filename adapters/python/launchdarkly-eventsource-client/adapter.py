"""launchdarkly-eventsource's SSEClient, as its documentation shows it."""

import sys
from pathlib import Path

from ld_eventsource import SSEClient
from ld_eventsource.actions import Comment, Event, Start
from ld_eventsource.config import ConnectStrategy
from urllib3.exceptions import HTTPError

sys.path.append(str(Path(__file__).parent.parent))
from client import in_thread, serve_client


def follow(connection):
    params = connection.params
    strategy = ConnectStrategy.http(connection.url, headers=params.get("headers"))
    client = SSEClient(strategy, last_event_id=params.get("lastEventId"))
    connection.closed_by(client.close)
    try:
        for action in connection.take(client.all):
            if isinstance(action, Start):
                connection.open()
            elif isinstance(action, Comment):
                connection.comment(action.comment)
            elif isinstance(action, Event):
                connection.event(type=action.event, data=action.data, lastEventId=action.last_event_id)
    except HTTPError as exception:
        # The connection was lost, and another one is the application's business.
        connection.lost(exception)


serve_client(
    "launchdarkly-eventsource",
    {"lastEventId": "stream", "comments": True, "headers": True, "initialLastEventId": True},
    in_thread(follow),
)

"""The reader under launchdarkly-eventsource's SSEClient, as the client puts it together.

The client itself would hide the reconnection time: it gives its reader no `set_retry`.
"""

import sys
from pathlib import Path

from ld_eventsource.actions import Comment
from ld_eventsource.reader import _BufferedLineReader, _SSEReader

sys.path.append(str(Path(__file__).parent.parent))
from protocol import serve_parser


def parse(chunks):
    retries = []
    comments = []
    reader = _SSEReader(_BufferedLineReader.lines_from(chunks), None, retries.append)
    failure = {}
    # Caught here, because what the reader has set by then stays visible to an application.
    try:
        for action in reader.events_and_comments():
            if isinstance(action, Comment):
                comments.append(action.comment)
                continue
            yield {
                "type": action.event,
                "data": action.data,
                "lastEventId": action.last_event_id,
                "comments": comments,
                "chunk": chunks.pulled,
            }
            comments = []
    except Exception as exception:
        failure["error"] = f"{type(exception).__name__}: {exception}"
    return {
        **failure,
        "comments": comments,
        "lastEventId": reader.last_event_id,
        "reconnectionTime": retries[-1] if retries else None,
    }


serve_parser(
    "launchdarkly-eventsource",
    {
        "input": "bytes",
        "eventType": "default",
        "lastEventId": "stream",
        "reconnectionTime": "stream",
        "comments": True,
        "progress": True,
    },
    parse,
)

// The client of the package `eventsource-client`, with callbacks, as its documentation shows it.

import { createEventSource } from 'eventsource-client';
import { serveClient } from '../client.mjs';

await serveClient({
  implementation: 'eventsource-client',
  features: {
    eventType: 'raw',
    lastEventId: 'stream',
    comments: true,
    reconnects: true,
    headers: true,
    post: true,
    initialLastEventId: true,
  },
  connect({ url, headers, method, body, lastEventId }, report) {
    const source = createEventSource({
      url,
      headers,
      method,
      body,
      initialLastEventId: lastEventId,
      onConnect: report.open,
      // A message carries the id of its own block; the source keeps the last one.
      onMessage: ({ event, data }) => report.event({ type: event, data, lastEventId: source.lastEventId }),
      onComment: report.comment,
    });
    return () => source.close();
  },
});

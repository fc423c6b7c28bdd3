// The EventSource of the package `eventsource`, as its documentation shows it.

import { EventSource } from 'eventsource';
import { eventSource, serveClient } from '../client.mjs';

await serveClient({
  implementation: 'eventsource',
  features: { lastEventId: 'stream', reconnects: true, eventSourceApi: true },
  connect: eventSource(EventSource),
});

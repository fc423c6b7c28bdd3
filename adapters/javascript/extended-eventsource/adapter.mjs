// The EventSource of the package `extended-eventsource`, as its documentation shows it.

import { EventSource } from 'extended-eventsource';
import { eventSource, serveClient } from '../client.mjs';

await serveClient({
  implementation: 'extended-eventsource',
  features: { lastEventId: 'stream', reconnects: true, eventSourceApi: true },
  connect: eventSource(EventSource),
});

// The EventSource of the package `undici`, as its documentation shows it.

import { EventSource } from 'undici';
import { eventSource, serveClient } from '../client.mjs';

await serveClient({
  implementation: 'undici',
  features: { lastEventId: 'stream', reconnects: true, eventSourceApi: true },
  connect: eventSource(EventSource),
});

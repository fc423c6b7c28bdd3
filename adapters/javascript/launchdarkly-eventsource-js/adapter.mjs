// The EventSource of the package `launchdarkly-eventsource`, as its documentation shows it.

import { EventSource } from 'launchdarkly-eventsource';
import { eventSource, serveClient } from '../client.mjs';

await serveClient({
  implementation: 'launchdarkly-eventsource',
  features: { lastEventId: 'stream', reconnects: true, eventSourceApi: true },
  connect: eventSource(EventSource),
});

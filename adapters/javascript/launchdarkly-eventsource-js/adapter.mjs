// The EventSource of the package `launchdarkly-eventsource`, as its documentation shows it.

import { EventSource } from 'launchdarkly-eventsource';
import { askedFor, eventSource, serveClient } from '../client.mjs';

const init = ({ headers, method, body, initialReconnectionTime }) => askedFor({ headers, method, body, initialRetryDelayMillis: initialReconnectionTime });

await serveClient({
  implementation: 'launchdarkly-eventsource',
  features: { lastEventId: 'stream', reconnects: true, eventSourceApi: true, headers: true, post: true, initialReconnectionTime: true },
  connect: eventSource(EventSource, init),
});

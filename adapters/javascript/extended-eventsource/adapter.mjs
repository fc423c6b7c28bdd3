// The EventSource of the package `extended-eventsource`, as its documentation shows it.

import { EventSource } from 'extended-eventsource';
import { askedFor, eventSource, serveClient } from '../client.mjs';

const init = ({ headers, method, body, initialReconnectionTime }) => askedFor({ headers, method, body, retry: initialReconnectionTime });

await serveClient({
  implementation: 'extended-eventsource',
  features: { lastEventId: 'stream', reconnects: true, eventSourceApi: true, headers: true, post: true, initialReconnectionTime: true },
  connect: eventSource(EventSource, init),
});

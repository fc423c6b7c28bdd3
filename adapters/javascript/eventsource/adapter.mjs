// The EventSource of the package `eventsource`, as its documentation shows it.

import { EventSource } from 'eventsource';
import { eventSource, serveClient } from '../client.mjs';

/** Headers of the application's own are added in a `fetch` that it is given. */
function init({ headers }) {
  if (!headers) return undefined;
  return { fetch: (url, options) => fetch(url, { ...options, headers: { ...options.headers, ...headers } }) };
}

await serveClient({
  implementation: 'eventsource',
  features: { lastEventId: 'stream', reconnects: true, eventSourceApi: true, headers: true },
  connect: eventSource(EventSource, init),
});

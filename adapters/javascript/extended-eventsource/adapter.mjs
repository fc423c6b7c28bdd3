// The EventSource of the package `extended-eventsource`, as its documentation shows it.

import { EventSource } from 'extended-eventsource';
import { eventSource, serveClient } from '../client.mjs';

function init({ headers, method, body, initialReconnectionTime }) {
  const options = { headers, method, body, retry: initialReconnectionTime };
  // What is not asked for is left out, so that the defaults hold.
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

await serveClient({
  implementation: 'extended-eventsource',
  features: {
    lastEventId: 'stream',
    reconnects: true,
    eventSourceApi: true,
    headers: true,
    post: true,
    initialReconnectionTime: true,
  },
  connect: eventSource(EventSource, init),
});

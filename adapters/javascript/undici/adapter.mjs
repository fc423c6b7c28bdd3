// The EventSource of the package `undici`, as its documentation shows it.

import { Agent, EventSource } from 'undici';
import { eventSource, serveClient } from '../client.mjs';

/** The certificate to trust and the protocol are the dispatcher's business. */
function init({ url, certificate, http2, initialReconnectionTime: reconnectionTime }) {
  if (!certificate && !http2) return reconnectionTime === undefined ? undefined : { node: { reconnectionTime } };
  const dispatcher = new Agent({ connect: { ca: certificate }, allowH2: http2 === true, useH2c: http2 === true && url.startsWith('http:') });
  return { node: { dispatcher } };
}

await serveClient({
  implementation: 'undici',
  features: {
    lastEventId: 'stream',
    reconnects: true,
    eventSourceApi: true,
    initialReconnectionTime: true,
    tls: true,
    http2: true,
    http2Cleartext: true,
  },
  connect: eventSource(EventSource, init),
});

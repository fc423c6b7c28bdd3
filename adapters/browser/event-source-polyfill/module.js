// event-source-polyfill, as its documentation shows it.

import { EventSourcePolyfill } from 'event-source-polyfill';
import { version } from 'event-source-polyfill/package.json';

export { version };
export { EventSourcePolyfill as EventSource };
export const implementation = 'event-source-polyfill';
export const features = { lastEventId: 'stream', reconnects: true, eventSourceApi: true, headers: true, withCredentials: true };

export function connect({ url, listen, headers, withCredentials }, report) {
  const source = new EventSourcePolyfill(url, { headers, withCredentials });
  source.onopen = () => report.open();
  for (const type of listen) source.addEventListener(type, (event) => report.event(event));
  source.onerror = (event) => report.error({ fatal: source.readyState === EventSourcePolyfill.CLOSED, message: String(event.error ?? '') });
  return () => source.close();
}

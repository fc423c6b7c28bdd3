// @microsoft/fetch-event-source with the handlers of its documentation's example, which come back after a clean end too.

import { fetchEventSource } from '@microsoft/fetch-event-source';
import { version } from '@microsoft/fetch-event-source/package.json';

export { version };
export const implementation = '@microsoft/fetch-event-source';
export const features = { eventType: 'raw', lastEventId: 'block', reconnects: true, headers: true, post: true, withCredentials: true };

class RetriableError extends Error {}

export function connect({ url, headers, method, body, withCredentials }, report) {
  const controller = new AbortController();
  fetchEventSource(url, {
    headers,
    method,
    body,
    credentials: withCredentials ? 'include' : undefined,
    signal: controller.signal,
    // The page may stand in the background.
    openWhenHidden: true,
    onmessage: ({ event, data, id }) => report.event({ type: event, data, lastEventId: id }),
    onclose() {
      throw new RetriableError('the server closed the connection');
    },
    onerror: (error) => report.error({ fatal: false, message: String(error) }),
  }).catch((error) => report.error({ fatal: true, message: String(error) }));
  return () => controller.abort();
}

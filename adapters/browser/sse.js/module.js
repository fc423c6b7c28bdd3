// sse.js with the reconnection that its documentation recommends.

import { SSE } from 'sse.js';
import { version } from 'sse.js/package.json';

export { version };
export { SSE as EventSource };
export const implementation = 'sse.js';
export const features = {
  lastEventId: 'stream',
  reconnects: true,
  eventSourceApi: true,
  headers: true,
  post: true,
  initialReconnectionTime: true,
  withCredentials: true,
};

export function connect({ url, listen, headers, method, body, withCredentials, initialReconnectionTime }, report) {
  const source = new SSE(url, {
    autoReconnect: true,
    headers,
    method,
    payload: body,
    withCredentials,
    reconnectDelay: initialReconnectionTime,
  });
  source.onopen = () => report.open();
  for (const type of listen) source.addEventListener(type, (event) => report.event(event));
  // It is CLOSED between two attempts too; what it documents as the sign that none follows is `autoReconnect`.
  source.onerror = (event) => report.error({ fatal: !source.autoReconnect, message: String(event.data ?? '') });
  return () => source.close();
}

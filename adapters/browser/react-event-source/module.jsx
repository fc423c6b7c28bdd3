// A React component that opens the browser's EventSource in useEffect and closes it in the clean-up.

import { useEffect, version } from 'react';
import { createRoot } from 'react-dom/client';
import { flushSync } from 'react-dom';

export { version };
export const implementation = 'EventSource in React';
export const features = { lastEventId: 'stream', reconnects: true, eventSourceApi: true };

function Events({ url, listen, report }) {
  useEffect(() => {
    const source = new EventSource(url);
    source.onopen = () => report.open();
    for (const type of listen) source.addEventListener(type, (event) => report.event(event));
    source.onerror = () => report.error({ fatal: source.readyState === EventSource.CLOSED, message: '' });
    return () => source.close();
  }, [url, listen, report]);
  return null;
}

export function connect({ url, listen }, report) {
  const root = createRoot(document.createElement('div'));
  root.render(<Events url={url} listen={listen} report={report} />);
  // The clean-up runs before the function returns, as it would when a user leaves the view.
  return () => flushSync(() => root.unmount());
}

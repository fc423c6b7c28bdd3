// The browser's own EventSource, driven as any page would drive it.

const agent = navigator.userAgent;
const brands = await navigator.userAgentData?.getHighEntropyValues(['fullVersionList']);
const brand = brands?.fullVersionList.find(({ brand }) => brand === 'Chromium');
const [, name, version] = brand ? [0, brand.brand, brand.version] : agent.match(/(Firefox|Version)\/(\S+)/) ?? [0, 'a browser', agent];

export const implementation = name === 'Version' ? 'Safari' : name;
export { version };
export const features = { lastEventId: 'stream', reconnects: true, eventSourceApi: true, withCredentials: true };

const { EventSource } = globalThis;
export { EventSource };

export function connect({ url, listen, withCredentials }, report) {
  const source = new EventSource(url, { withCredentials });
  source.onopen = () => report.open();
  for (const type of listen) source.addEventListener(type, (event) => report.event(event));
  source.onerror = () => report.error({ fatal: source.readyState === EventSource.CLOSED, message: '' });
  return () => source.close();
}

// A server by hand, as tutorials write it for Express: three headers, and one template string for each field.

export function openStream(response) {
  response.setHeader('Content-Type', 'text/event-stream');
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('Connection', 'keep-alive');
  response.flushHeaders();
}

export function sendEvent(response, { data, type, id, retry, comment }) {
  if (comment !== undefined) response.write(`: ${comment}\n`);
  if (id !== undefined) response.write(`id: ${id}\n`);
  if (type !== undefined) response.write(`event: ${type}\n`);
  if (retry !== undefined) response.write(`retry: ${retry}\n`);
  if (data !== undefined) response.write(`data: ${data}\n`);
  response.write('\n');
}

// A server by hand, as tutorials write it: node:http, a head, and one template string for each event.

import { createServer } from 'node:http';

import { Application } from '../server.mjs';

const application = new Application({
  implementation: 'node:http, by hand',
  version: `Node ${process.versions.node}`,
  features: { fields: ['data', 'type', 'id', 'retry', 'comment'], retryText: true, withoutData: true, lastEventId: true, disconnects: true, headers: true, status: true },
});

const server = createServer(async (request, response) => {
  const client = application.request(request.url, request.headers['last-event-id']);
  if (!client) return response.writeHead(404).end();

  if (client.status) return response.writeHead(client.status).end();

  response.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-cache',
    Connection: 'keep-alive',
    ...client.headers,
  });
  request.on('close', () => client.left());

  for await (const { data, type, id, retry, comment } of client.events()) {
    if (comment !== undefined) response.write(`: ${comment}\n`);
    if (id !== undefined) response.write(`id: ${id}\n`);
    if (type !== undefined) response.write(`event: ${type}\n`);
    if (retry !== undefined) response.write(`retry: ${retry}\n`);
    if (data !== undefined) response.write(`data: ${data}\n`);
    response.write('\n');
  }
  response.end();
});

await application.run({ server });

import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';

import { Application } from '../server.mjs';

const application = new Application({
  implementation: 'hono',
  features: { fields: ['data', 'type', 'id', 'retry'], lastEventId: true, disconnects: true, headers: true, status: true },
});
const app = new Hono();

app.get('/:stream', (context) => {
  const client = application.request(context.req.path, context.req.header('Last-Event-ID'));
  if (!client) return context.notFound();
  if (client.status) return context.body(null, client.status);

  for (const [name, value] of Object.entries(client.headers)) context.header(name, value);
  return streamSSE(context, async (stream) => {
    stream.onAbort(() => client.left());
    await client.each(({ data, type, id, retry }) => stream.writeSSE({ data, event: type, id, retry }));
  });
});

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => application.run({ url: `http://127.0.0.1:${port}` }));

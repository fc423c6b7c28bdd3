import { EventStream, H3, HTTPError, serve } from 'h3';

import { Application } from '../server.mjs';

const application = new Application({
  implementation: 'h3',
  features: { fields: ['data', 'type', 'id', 'retry', 'comment'], lastEventId: true, disconnects: true, headers: true, status: true },
});
const app = new H3();

app.get('/:stream', (event) => {
  const client = application.request(event.url.pathname, event.req.headers.get('Last-Event-ID') ?? undefined);
  if (!client) throw new HTTPError({ status: 404 });
  if (client.status) return new Response(null, { status: client.status });

  for (const [name, value] of Object.entries(client.headers)) event.res.headers.set(name, value);
  const eventStream = new EventStream(event);
  eventStream.onClosed(() => client.left());
  // Nothing is sent before the stream is returned, so the events come beside the handler.
  pushAll(client, eventStream);
  return eventStream;
});

async function pushAll(client, eventStream) {
  await client.each(async ({ data, type, id, retry, comment }) => {
    if (comment !== undefined) await eventStream.pushComment(comment);
    if (data !== undefined) await eventStream.push({ data, event: type, id, retry });
  });
  await eventStream.close();
}

const server = serve(app, { hostname: '127.0.0.1', port: 0, silent: true });
await server.ready();
await application.run({ url: server.url.replace(/\/$/, '') });

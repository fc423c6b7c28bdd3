import fastifySSE from '@fastify/sse';
import Fastify from 'fastify';

import { Application } from '../server.mjs';

const application = new Application({
  implementation: '@fastify/sse',
  features: { fields: ['data', 'type', 'id', 'retry'], lastEventId: true, heartbeat: true, disconnects: true, headers: true, status: true },
});
// The plugin takes an interval of heartbeats for all its routes, so each interval has a server of its own.
const urls = new Map();

function urlWith(heartbeat) {
  if (!urls.has(heartbeat)) urls.set(heartbeat, listen(heartbeat));
  return urls.get(heartbeat);
}

async function listen(heartbeat) {
  const fastify = Fastify();
  await fastify.register(fastifySSE, {
    // Strings as they are, as the documentation shows under "Custom Serialization": the default makes JSON of them.
    serializer: (data) => (typeof data === 'string' ? data : JSON.stringify(data)),
    ...(heartbeat && { heartbeatInterval: heartbeat }),
  });
  fastify.get('/:stream', { sse: 'only' }, streamEvents);
  return fastify.listen({ host: '127.0.0.1', port: 0 });
}

async function streamEvents(request, reply) {
  const client = application.request(request.url, reply.sse.lastEventId);
  if (!client) return reply.callNotFound();
  if (client.status) return reply.code(client.status).send();

  reply.headers(client.headers);
  reply.sse.onClose(() => client.left());
  await client.each(({ data, type, id, retry }) => reply.sse.send({ data, event: type, id, retry }));
}

await application.run({ url: ({ heartbeat }) => urlWith(heartbeat) });

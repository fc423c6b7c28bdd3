import fastifySSE from '@fastify/sse';
import Fastify from 'fastify';

import { Application } from '../server.mjs';

const application = new Application({
  implementation: '@fastify/sse',
  features: { fields: ['data', 'type', 'id', 'retry'], lastEventId: true, disconnects: true },
});
const fastify = Fastify();
// Strings as they are, as the documentation shows under "Custom Serialization": the default makes JSON of them.
await fastify.register(fastifySSE, { serializer: (data) => (typeof data === 'string' ? data : JSON.stringify(data)) });

fastify.get('/:stream', { sse: 'only' }, async (request, reply) => {
  const client = application.request(request.url, reply.sse.lastEventId);
  if (!client) return reply.callNotFound();

  reply.sse.onClose(() => client.left());
  await client.each(({ data, type, id, retry }) => reply.sse.send({ data, event: type, id, retry }));
});

await application.run({ url: await fastify.listen({ host: '127.0.0.1', port: 0 }) });

import { createServer } from 'node:http';

import { createSession } from 'better-sse';
import express from 'express';

import { Application } from '../server.mjs';

const application = new Application({
  implementation: 'better-sse',
  features: { fields: ['data', 'type', 'id', 'retry', 'comment'], withoutData: true, lastEventId: true, heartbeat: true, disconnects: true, headers: true, status: true },
});
const app = express();

app.get('/:stream', async (request, response) => {
  const client = application.request(request.path, request.get('Last-Event-ID'));
  if (!client) return response.sendStatus(404);
  if (client.status) return response.sendStatus(client.status);

  const session = await createSession(request, response, {
    // Strings as they are: the default makes JSON of them.
    serializer: (data) => data,
    keepAlive: client.heartbeat,
    headers: client.headers,
  });
  session.on('disconnected', () => client.left());
  await client.each((event) => emit(session, event));
  response.end();
});

function emit(session, { data, type, id, retry, comment }) {
  if (data !== undefined && retry === undefined && comment === undefined) return session.push(data, type, id);
  // What push cannot send goes through an event buffer.
  return session.batch((buffer) => {
    if (comment !== undefined) buffer.comment(comment);
    if (type !== undefined) buffer.event(type);
    if (id !== undefined) buffer.id(id);
    if (retry !== undefined) buffer.retry(retry);
    if (data !== undefined) buffer.data(data);
    buffer.dispatch();
  });
}

await application.run({ server: createServer(app) });

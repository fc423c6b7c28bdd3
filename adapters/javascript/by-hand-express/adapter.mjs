import { createServer } from 'node:http';

import express from 'express';

import { Application } from '../server.mjs';
import { openStream, sendEvent } from './events.mjs';

const application = new Application({
  implementation: 'express',
  features: { fields: ['data', 'type', 'id', 'retry', 'comment'], retryText: true, withoutData: true, lastEventId: true, disconnects: true, headers: true, status: true },
});
const app = express();

app.get('/:stream', async (request, response) => {
  const client = application.request(request.path, request.get('Last-Event-ID'));
  if (!client) return response.sendStatus(404);

  if (client.status) return response.sendStatus(client.status);
  response.set(client.headers);
  openStream(response);
  request.on('close', () => client.left());
  for await (const event of client.events()) sendEvent(response, event);
  response.end();
});

await application.run({ server: createServer(app) });

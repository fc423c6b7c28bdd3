import { createSseStream } from '@azure/core-sse';
import { body } from '../body.mjs';
import { number, serveParser } from '../protocol.mjs';

await serveParser({
  implementation: '@azure/core-sse',
  features: { input: 'bytes', eventType: 'raw', lastEventId: 'block', reconnectionTime: 'block' },
  async parse({ chunks }, observation) {
    for await (const { event, data, id, retry } of createSseStream(body(chunks))) {
      observation.events.push({ type: event, data, lastEventId: id, reconnectionTime: number(retry) });
    }
  },
});

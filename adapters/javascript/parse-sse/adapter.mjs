import { parseServerSentEvents } from 'parse-sse';
import { response } from '../body.mjs';
import { number, serveParser } from '../protocol.mjs';

await serveParser({
  implementation: 'parse-sse',
  features: { input: 'bytes', eventType: 'default', lastEventId: 'stream', reconnectionTime: 'block' },
  async parse({ chunks }, observation) {
    for await (const { type, data, lastEventId, retry } of parseServerSentEvents(response(chunks))) {
      observation.events.push({ type, data, lastEventId, reconnectionTime: number(retry) });
    }
  },
});

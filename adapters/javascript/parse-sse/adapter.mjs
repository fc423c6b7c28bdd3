import { parseServerSentEvents } from 'parse-sse';
import { number, serveParser } from '../protocol.mjs';

await serveParser({
  implementation: 'parse-sse',
  features: { input: 'bytes', eventType: 'default', lastEventId: 'stream', reconnectionTime: 'block' },
  async parse({ chunks }, observation) {
    const response = new Response(ReadableStream.from(chunks), { headers: { 'content-type': 'text/event-stream' } });
    for await (const { type, data, lastEventId, retry } of parseServerSentEvents(response)) {
      observation.events.push({ type, data, lastEventId, reconnectionTime: number(retry) });
    }
  },
});

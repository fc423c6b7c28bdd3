import { events } from 'fetch-event-stream';
import { response } from '../body.mjs';
import { number, serveParser } from '../protocol.mjs';

await serveParser({
  implementation: 'fetch-event-stream',
  features: { input: 'bytes', eventType: 'raw', lastEventId: 'block', reconnectionTime: 'block' },
  async parse({ chunks }, observation) {
    for await (const { event, data, id, retry } of events(response(chunks))) {
      // The package documents `string | number` for an id: a number where that number is written the same way.
      observation.events.push({ type: event, data, lastEventId: id?.toString(), reconnectionTime: number(retry) });
    }
  },
});

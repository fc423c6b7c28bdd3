// The stream under every streamed answer of the SDK.
// The SDK's own function for each message checks it against a JSON schema; this one hands it on as it is.

import { EventStream } from '@mistralai/mistralai/lib/event-streams';
import { body } from '../body.mjs';
import { number, serveParser } from '../protocol.mjs';

await serveParser({
  implementation: '@mistralai/mistralai',
  features: { input: 'bytes', eventType: 'raw', lastEventId: 'stream', reconnectionTime: 'block', progress: true },
  async parse({ chunks }, observation) {
    let pulled = 0;
    // The stream reads one message ahead, so the chunk is noted as soon as a message is there.
    const messages = new EventStream(
      body(chunks, (index) => (pulled = index)),
      (message) => ({ done: false, value: { message, chunk: pulled } }),
    );
    for await (const { message, chunk } of messages) {
      const { event, data, id, retry } = message;
      observation.events.push({ type: event, data, lastEventId: id, reconnectionTime: number(retry), chunk });
    }
  },
});

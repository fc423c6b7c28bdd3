// The decoder under every streamed answer of the openai package.
// `Stream.fromSSEResponse` parses JSON on top of it, and shows no event.

import { _iterSSEMessages } from 'openai/core/streaming';
import { response } from '../body.mjs';
import { serveParser } from '../protocol.mjs';

await serveParser({
  implementation: 'openai',
  features: { input: 'bytes', eventType: 'raw', progress: true },
  async parse({ chunks }, observation) {
    let chunk = 0;
    const answer = response(chunks, (index) => (chunk = index));
    for await (const { event, data } of _iterSSEMessages(answer, new AbortController())) {
      observation.events.push({ type: event, data, chunk });
    }
  },
});

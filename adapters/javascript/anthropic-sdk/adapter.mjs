// The raw events under every streamed answer of the SDK.
// `Stream.fromSSEResponse` parses JSON on top of them, and leaves out those without a type.

import { Stream } from '@anthropic-ai/sdk/core/streaming';
import { response } from '../body.mjs';
import { serveParser } from '../protocol.mjs';

await serveParser({
  implementation: '@anthropic-ai/sdk',
  features: { input: 'bytes', eventType: 'raw', progress: true },
  async parse({ chunks }, observation) {
    let chunk = 0;
    const answer = response(chunks, (index) => (chunk = index));
    for await (const { event, data } of Stream.rawEvents(answer)) {
      observation.events.push({ type: event, data, chunk });
    }
  },
});

// The streams that `parseJsonEventStream` of the ai package puts together, less its last one, which parses JSON.
// ai takes them from @ai-sdk/provider-utils.

import { EventSourceParserStream } from '@ai-sdk/provider-utils';
import { body } from '../body.mjs';
import { number, serveParser } from '../protocol.mjs';

await serveParser({
  implementation: 'ai',
  features: { input: 'bytes', eventType: 'raw', lastEventId: 'block', reconnectionTime: 'stream', comments: true },
  async parse({ chunks }, observation) {
    observation.comments = [];
    const parser = new EventSourceParserStream({
      onComment: (comment) => observation.comments.push(comment),
      onRetry: (retry) => (observation.reconnectionTime = number(retry)),
    });
    for await (const { event, data, id } of body(chunks).pipeThrough(new TextDecoderStream()).pipeThrough(parser)) {
      observation.events.push({ type: event, data, lastEventId: id });
    }
  },
});

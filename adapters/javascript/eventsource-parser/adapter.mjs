// eventsource-parser takes strings; the platform's TextDecoder stands in front, as in the package's documentation.

import { createParser } from 'eventsource-parser';
import { number, serveParser } from '../protocol.mjs';

await serveParser({
  implementation: 'eventsource-parser',
  features: { input: 'bytes', eventType: 'raw', lastEventId: 'block', reconnectionTime: 'stream', comments: true, progress: true },
  parse({ chunks }, observation) {
    let chunk = 0;
    observation.comments = [];
    const decoder = new TextDecoder();
    const parser = createParser({
      onEvent: ({ event, data, id }) => observation.events.push({ type: event, data, lastEventId: id, chunk }),
      onComment: (comment) => observation.comments.push(comment),
      onRetry: (retry) => (observation.reconnectionTime = number(retry)),
    });
    for (; chunk < chunks.length; chunk++) parser.feed(decoder.decode(chunks[chunk], { stream: true }));
    // The decoder may still hold the start of a code point.
    parser.feed(decoder.decode());
  },
});

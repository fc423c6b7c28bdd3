// Holds eventsource-parser to the vendored cases: `node --test`.
import { createParser } from 'eventsource-parser';
import { conformance } from './vendored-cases.js';

// Your parser, as your users drive it: chunks of bytes in, what they see out.
function parse(chunks) {
  const seen = { events: [], end: {} };
  const decoder = new TextDecoder();
  const parser = createParser({
    onEvent: ({ event, data, id }) => seen.events.push({ type: event || 'message', data, block_id: id }),
    onRetry: (time) => (seen.end.reconnection_time = time),
  });
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
  parser.feed(decoder.decode());
  return seen;
}

conformance({
  index: new URL('../../../cases/exported/index.json', import.meta.url), // where your copy is
  expectedDeviations: new URL('expected-deviations.txt', import.meta.url),
  shows: { events: ['type', 'data', 'block_id'], end: ['reconnection_time'] },
  parse,
});

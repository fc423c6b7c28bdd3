// Holds eventsource-parser to the vendored cases: `node --test`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { createParser } from 'eventsource-parser';
import { expectedDeviations, vendoredCases } from './vendored-cases.js';

const INDEX = new URL('../../../cases/exported/index.json', import.meta.url); // where your copy is
const expected = expectedDeviations(new URL('expected-deviations.txt', import.meta.url));

// Your parser, as your users drive it: chunks of bytes in, what they see out.
function parse(chunks) {
  const seen = { events: [], time: undefined };
  const decoder = new TextDecoder();
  const parser = createParser({
    onEvent: ({ event, data, id }) => seen.events.push([event || 'message', data, id]),
    onRetry: (time) => (seen.time = String(Number.isFinite(time) ? BigInt(time) : time)),
  });
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
  parser.feed(decoder.decode());
  return seen;
}

for (const { id, why, deliveries, answers } of vendoredCases(INDEX)) {
  const conforms = () => {
    for (const chunks of deliveries) {
      const seen = parse(chunks);
      // What your parser shows: here the id of the event's own block, and the time if the case asks for it.
      const views = answers.map(({ events, reconnectionTime }) => ({
        events: events.map(({ type, data, blockId }) => [type, data, blockId]),
        time: reconnectionTime ?? seen.time,
      }));
      assert.deepEqual(seen, views.find((view) => isDeepStrictEqual(view, seen)) ?? views[0], why);
    }
  };
  const isExpected = expected.delete(id);
  test(id, () => (isExpected ? assert.throws(conforms, 'take it off the list of expected deviations') : conforms()));
}
test('every expected deviation is a case', () => assert.deepEqual([...expected], []));

// The exported cases as tests for node:test: copy this file as it is.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inspect, isDeepStrictEqual } from 'node:util';

/**
 * One test for each case of the `index`.
 *
 * `parse` gets a list of chunks and returns an answer as the index has it, or a promise of one.
 * Only the keys that it `shows` of `events` and `end` are compared.
 * A case on the list of `expectedDeviations` has to deviate.
 */
export function conformance({ index, expectedDeviations, shows, parse }) {
  const expected = ids(expectedDeviations);
  for (const { id, why, stream, cuts, chunks, ...only } of JSON.parse(readFileSync(index, 'utf8')).cases) {
    const answers = only.one_of ?? [only];
    const conforms = async () => {
      for (const delivery of deliveries(bytes(stream), cuts, chunks)) {
        const seen = await see(parse, delivery);
        const views = answers.map((answer) => view(answer, seen, shows));
        if (!views.some((view) => isDeepStrictEqual(view, seen))) throw new Error(text(why, delivery, seen, views));
      }
    };
    const isExpected = expected.delete(id);
    const deviates = () => assert.rejects(conforms, undefined, 'take it off the list of expected deviations');
    test(id, isExpected ? deviates : conforms);
  }
  test('every expected deviation is a case', () => {
    if (expected.size > 0) throw new Error(`no cases: ${[...expected]}`);
  });
}

// The ids in a list: one on a line, behind `#` a comment.
function ids(list) {
  const lines = readFileSync(list, 'utf8').split('\n');
  return new Set(lines.map((line) => line.replace(/#.*/, '').trim()).filter(Boolean));
}

// Whole, byte by byte, cut in two at each of `cuts`, and in the case's own chunks.
function deliveries(whole, cuts, chunks = []) {
  const lengths = [[], Array(Math.min(whole.length, 4096)).fill(1), ...cuts.map((cut) => [cut]), chunks];
  return lengths.map((each) => {
    let at = 0;
    const delivery = each.map((length) => whole.subarray(at, (at += length)));
    return at < whole.length ? [...delivery, whole.subarray(at)] : delivery;
  });
}

async function see(parse, delivery) {
  try {
    const { events, end = {} } = await parse(delivery);
    const time = end.reconnection_time;
    // A number that is large has all its digits.
    const digits = typeof time === 'number' ? String(Number.isInteger(time) ? BigInt(time) : time) : time;
    return { events: events.map(defined), end: defined({ ...end, reconnection_time: digits }) };
  } catch (thrown) {
    return { events: [], end: {}, thrown };
  }
}

// What is undefined is absent.
function defined(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

// An answer as such a parser shows it; what the case does not ask of the end is as it was seen.
function view(answer, seen, { events, end = [] }) {
  return {
    events: answer.events.map((event) => joined(event, events)),
    end: { ...joined(seen.end, end), ...joined(answer.end, end) },
  };
}

// The values of these keys, of which each that is long is a list of pieces.
function joined(object, keys) {
  return Object.fromEntries(keys.filter((key) => key in object).map((key) => [key, string(object[key])]));
}

function string(value) {
  return typeof value === 'string' ? value : value.map((piece) => piece.text.repeat(piece.times)).join('');
}

function bytes(value) {
  if (typeof value === 'string') return Buffer.from(value, 'base64');
  return Buffer.concat(value.flatMap(({ base64, times }) => Array(times).fill(bytes(base64))));
}

function text(why, delivery, seen, views) {
  const stream = line(delivery.map((chunk) => chunk.toString('latin1')));
  const expected = [...new Set(views.map(line))].join('\n      or ');
  const shown = 'thrown' in seen ? inspect(seen.thrown) : line(seen);
  return `${why}\nstream   ${stream}\nseen     ${shown}\nexpected ${expected}`;
}

// On one line, in ASCII, and cut where it is long.
function line(value) {
  const options = { breakLength: Infinity, compact: true, depth: null, maxArrayLength: 100, maxStringLength: 1000 };
  const hex = (c) => c.charCodeAt(0).toString(16);
  const escape = (c) => (c > '\xff' ? `\\u${hex(c).padStart(4, '0')}` : `\\x${hex(c)}`);
  return inspect(value, options).replace(/[^ -~]/g, escape);
}

// The exported index to cases that are ready to try: copy it as it is.
import { readFileSync } from 'node:fs';

/** Each case: its `id`, its `why`, its `deliveries` (lists of chunks), and the `answers` that conform. */
export function* vendoredCases(index) {
  for (const { id, why, stream, cuts, chunks, ...only } of JSON.parse(readFileSync(index, 'utf8')).cases) {
    const whole = bytes(stream);
    const n = whole.length;
    const lengths = [[n], Array(Math.min(n, 4096)).fill(1), ...cuts.map((cut) => [cut]), chunks ?? []];
    const answers = (only.one_of ?? [only]).map(({ events, end }) => ({
      events: events.map((event) => ({
        type: text(event.type),
        data: text(event.data),
        lastEventId: text(event.last_event_id),
        blockId: event.block_id && text(event.block_id),
      })),
      // Undefined where the case does not ask.
      lastEventId: end.last_event_id && text(end.last_event_id),
      reconnectionTime: end.reconnection_time,
    }));
    yield { id, why, deliveries: lengths.map((each) => cut(whole, each)), answers };
  }
}

/** The ids in a list: one on a line, after `#` a comment. */
export function expectedDeviations(list) {
  return new Set(readFileSync(list, 'utf8').match(/^[^#\n]+/gm));
}

// Chunks of these lengths, and whatever is left.
function cut(whole, lengths) {
  let at = 0;
  const chunks = lengths.map((length) => whole.subarray(at, (at += length)));
  return at < whole.length ? [...chunks, whole.subarray(at)] : chunks;
}

// What is long is a list of pieces.
function bytes(value) {
  if (typeof value === 'string') return Buffer.from(value, 'base64');
  return Buffer.concat(value.flatMap(({ base64, times }) => Array(times).fill(bytes(base64))));
}

function text(value) {
  if (typeof value === 'string') return value;
  return value.map((piece) => piece.text.repeat(piece.times)).join('');
}

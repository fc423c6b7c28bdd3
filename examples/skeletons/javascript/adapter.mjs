import { readFileSync } from 'node:fs';
import { createParser } from 'eventsource-parser'; // 1. your implementation

const manifest = new URL('./node_modules/eventsource-parser/package.json', import.meta.url);
const description = {
  implementation: 'eventsource-parser',
  version: JSON.parse(readFileSync(manifest, 'utf8')).version,
  language: 'JavaScript',
  role: 'parser',
  features: { eventType: 'raw', lastEventId: 'block', progress: true }, // 2. what it shows
};

function observe(params) {
  const observation = { events: [] };
  try {
    // 3. how its documentation drives it
    let chunk = 0;
    const decoder = new TextDecoder();
    const parser = createParser({
      onEvent: ({ event, data, id }) => observation.events.push({ type: event, data, lastEventId: id, chunk }),
    });
    for (; chunk < params.chunks.length; chunk++) {
      parser.feed(decoder.decode(Buffer.from(params.chunks[chunk], 'base64'), { stream: true }));
    }
    parser.feed(decoder.decode());
  } catch (exception) {
    observation.error = String(exception);
  }
  return observation;
}

function answer({ id, method, params }) {
  if (method === 'initialize' && params.protocolVersion === 0 && params.role === 'parser') return { id, result: description };
  if (method === 'initialize') return { id, error: { code: -32602, message: 'only a parser, only version 0' } };
  if (method === 'parse') return { id, result: observe(params) };
  if (method === 'shutdown') return { id, result: {} };
  return { id, error: { code: -32601, message: `unknown method ${method}` } };
}

let partialLine = '';
process.stdin.setEncoding('utf8');
for await (const text of process.stdin) {
  const lines = text.split('\n');
  lines[0] = partialLine + lines[0];
  partialLine = lines.pop();
  const requests = lines.map((line) => JSON.parse(line));
  process.stdout.write(requests.map((request) => JSON.stringify({ jsonrpc: '2.0', ...answer(request) }) + '\n').join(''));
  if (requests.some(({ method }) => method === 'shutdown')) break;
}

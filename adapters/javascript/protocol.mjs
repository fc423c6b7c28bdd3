// The adapter protocol for parsers (../README.md): request lines on standard input to answer lines on standard output.
// Knows nothing about event streams.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const PROTOCOL_VERSION = 0;

/**
 * Serves one parser until `shutdown` or the end of standard input.
 *
 * `parse({ chunks, text, lastEventId }, observation)` drives the implementation and pushes to `observation.events`.
 * It may return a promise.
 * What it throws becomes `observation.error`, beside the events so far.
 * `version` is for recipes that we wrote ourselves; that of a package is read from where it is installed.
 */
export async function serveParser({ implementation, version = installedVersion(implementation), features, parse }) {
  // Standard output belongs to the protocol, whatever the implementation prints.
  console.log = console.error;

  const parser = { parse, description: { implementation, version, language: 'JavaScript', role: 'parser', features } };
  let partialLine = '';
  process.stdin.setEncoding('utf8');
  for await (const text of process.stdin) {
    const lines = text.split('\n');
    lines[0] = partialLine + lines[0];
    partialLine = lines.pop();

    // One write per read: a write per answer would cost more than most parses.
    const answers = await Promise.all(lines.map((line) => answer(parser, line)));
    if (answers.length > 0 && !process.stdout.write(answers.join(''))) await once(process.stdout, 'drain');
    if (parser.isShutDown) break;
  }
}

/** Keeps a number that JSON cannot write, such as Infinity, by its name. */
export function number(value) {
  return typeof value !== 'number' || Number.isFinite(value) ? value : String(value);
}

// Returns a line, or a promise of one where the implementation is asynchronous.
function answer(parser, line) {
  let request;
  try {
    request = JSON.parse(line);
  } catch (error) {
    return failure(null, -32700, `not JSON: ${error.message}`);
  }
  const { id, method, params } = request;
  switch (method) {
    case 'initialize':
      if (params.protocolVersion !== PROTOCOL_VERSION) return failure(id, -32602, `this adapter speaks version ${PROTOCOL_VERSION}`);
      if (params.role !== 'parser') return failure(id, -32602, `this adapter has no role ${params.role}`);
      return success(id, parser.description);
    case 'parse': {
      const observation = observe(parser, params);
      return observation instanceof Promise ? observation.then((settled) => success(id, settled)) : success(id, observation);
    }
    case 'shutdown':
      parser.isShutDown = true;
      return success(id, {});
    default:
      return failure(id, -32601, `unknown method ${method}`);
  }
}

function observe(parser, { chunks, text, lastEventId }) {
  const observation = { events: [] };
  const noteException = (exception) => {
    observation.error = String(exception);
    return observation;
  };
  const delivery = { chunks: chunks?.map((chunk) => Buffer.from(chunk, 'base64')), text, lastEventId };
  try {
    const pending = parser.parse(delivery, observation);
    return pending instanceof Promise ? pending.then(() => observation, noteException) : observation;
  } catch (exception) {
    return noteException(exception);
  }
}

function success(id, result) {
  return JSON.stringify({ jsonrpc: '2.0', id, result }) + '\n';
}

function failure(id, code, message) {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } }) + '\n';
}

function installedVersion(name) {
  const manifest = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}

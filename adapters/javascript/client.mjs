// The adapter protocol for clients (../README.md): connections are opened, and what they report goes out at once.
// Knows nothing about event streams.

import { readFileSync } from 'node:fs';

const PROTOCOL_VERSION = 0;

/**
 * Serves one client until `shutdown` or the end of standard input.
 *
 * `connect(params, report)` opens a connection and returns a function that closes it as an application would.
 * Where types have to be listened for, that function has a property `listen(type)`.
 * It calls `report.open()`, `report.event({ type, data, lastEventId })`, `report.comment(text)`, `report.error({ fatal, message })`
 * and `report.end()`.
 * Where the harness wants the connection closed inside a handler, the report of that name closes it, hence inside the handler.
 */
export async function serveClient({ implementation, features, connect }) {
  // Standard output belongs to the protocol, whatever the implementation prints.
  console.log = console.error;
  // An exception that an implementation throws into the event loop must not end the other connections.
  process.on('uncaughtException', (exception) => console.error(exception));
  process.on('unhandledRejection', (reason) => console.error(reason));

  const description = { implementation, version: installedVersion(implementation), language: 'JavaScript', role: 'client', features };
  const connections = new Map();
  let partialLine = '';
  process.stdin.setEncoding('utf8');
  for await (const text of process.stdin) {
    const lines = text.split('\n');
    lines[0] = partialLine + lines[0];
    partialLine = lines.pop();
    for (const line of lines) {
      const { id, method, params } = JSON.parse(line);
      if (method === 'initialize' && (params.protocolVersion !== PROTOCOL_VERSION || params.role !== 'client')) {
        send({ id, error: { code: -32602, message: `only a client, only version ${PROTOCOL_VERSION}` } });
      } else if (method === 'initialize') {
        send({ id, result: description });
      } else if (method === 'connect') {
        send({ id, result: {} });
        open(connections, params, connect);
      } else if (method === 'listen' && connections.get(params.connection)?.listen) {
        connections.get(params.connection).listen(params.type);
        send({ id, result: {} });
      } else if (method === 'disconnect') {
        connections.get(params.connection)?.();
        connections.delete(params.connection);
        send({ id, result: {} });
      } else if (method === 'shutdown') {
        send({ id, result: {} });
        process.stdout.write('', () => process.exit(0));
        return;
      } else {
        send({ id, error: { code: -32601, message: `unknown method ${method}` } });
      }
    }
  }
  process.exit(0);
}

function open(connections, params, connect) {
  const { connection, closeOn } = params;
  const notify = (method, more) => {
    send({ method, params: { connection, ...more } });
    if (method === closeOn) connections.get(connection)?.();
  };
  const report = {
    open: () => notify('open'),
    event: ({ type, data, lastEventId }) => notify('event', { type, data, lastEventId }),
    comment: (comment) => notify('comment', { comment }),
    error: ({ fatal, message }) => notify('error', { fatal, message }),
    end: () => notify('end'),
  };
  try {
    connections.set(connection, connect(params, report));
  } catch (exception) {
    report.error({ fatal: true, message: String(exception) });
  }
}

/**
 * Drives an implementation of the standard's EventSource interface.
 *
 * `init(params)` gives the second argument of its constructor, where the harness asks for more than a URL.
 */
export function eventSource(EventSource, init = () => undefined) {
  return (params, report) => {
    const { url, listen } = params;
    const source = new EventSource(url, init(params));
    source.onopen = () => report.open();
    const listenFor = (type) => source.addEventListener(type, (event) => report.event(event));
    listen.forEach(listenFor);
    source.onerror = (event) => report.error({ fatal: source.readyState === source.CLOSED, message: String(event.message ?? event.error ?? '') });
    return Object.assign(() => source.close(), { listen: listenFor });
  };
}

/** The options that the harness asks for; the others are left out, so that the implementation's defaults hold. */
export function askedFor(options) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function send(message) {
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\n');
}

function installedVersion(name) {
  const manifest = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}

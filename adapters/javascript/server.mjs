// The adapter protocol for servers (../README.md): streams are served as the harness asks, and what happens to them goes out at once.
// Knows nothing about event streams.

import { readFileSync } from 'node:fs';

const PROTOCOL_VERSION = 0;

/** The application that an adapter's server belongs to: it knows which events to emit to whom, and when. */
export class Application {
  #streams = new Map();
  #nClients = 0;
  #url;
  #description;

  /**
   * `version` is for recipes that we wrote ourselves; that of a package is read from where it is installed.
   */
  constructor({ implementation, version = installedVersion(implementation), features }) {
    this.#description = { implementation, version, language: 'JavaScript', role: 'server', features };
    // Standard output belongs to the protocol, whatever the implementation prints.
    console.log = console.error;
    // An exception that an implementation throws into the event loop must not end the other streams.
    process.on('uncaughtException', (exception) => console.error(exception));
    process.on('unhandledRejection', (reason) => console.error(reason));
  }

  /**
   * A request for a stream came: the last part of its path names it.
   *
   * Nothing, if no such stream is served.
   */
  request(path, lastEventId) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const stream = this.#streams.get(name);
    if (!stream) return undefined;
    const client = new Client(name, `k${++this.#nClients}`, stream.params);
    stream.clients.set(client.handle, client);
    send({ method: 'request', params: { stream: name, client: client.handle, lastEventId } });
    return client;
  }

  /**
   * Speaks the protocol until `shutdown` or the end of standard input.
   *
   * `server` is one of Node's; or `url` is where something else listens, or says where for the params of a stream.
   */
  async run({ server, url }) {
    if (server) {
      await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
      url = `http://127.0.0.1:${server.address().port}`;
    }
    this.#url = url;
    let partialLine = '';
    process.stdin.setEncoding('utf8');
    for await (const text of process.stdin) {
      // Not one string for all pieces: a stream of many megabytes comes in many of them.
      const lines = text.split('\n');
      lines[0] = partialLine + lines[0];
      partialLine = lines.pop();
      for (const line of lines) {
        const { id, method, params } = JSON.parse(line);
        send({ id, ...(await this.#answer(method, params)) });
        if (method === 'shutdown') process.stdout.write('', () => process.exit(0));
      }
    }
    process.exit(0);
  }

  async #answer(method, params) {
    switch (method) {
      case 'initialize':
        if (params.protocolVersion !== PROTOCOL_VERSION || params.role !== 'server') {
          return failure(-32602, `only a server, only version ${PROTOCOL_VERSION}`);
        }
        return { result: this.#description };
      case 'serve': {
        this.#streams.set(params.stream, { params, clients: new Map() });
        const url = typeof this.#url === 'function' ? await this.#url(params) : this.#url;
        return { result: { url: `${url}/${params.stream}` } };
      }
      case 'emit':
        this.#streams.get(params.stream)?.clients.get(params.client)?.ask(params.index);
        return { result: {} };
      case 'stop':
        for (const client of this.#streams.get(params.stream)?.clients.values() ?? []) client.stop();
        this.#streams.delete(params.stream);
        return { result: {} };
      case 'shutdown':
        return { result: {} };
      default:
        return failure(-32601, `unknown method ${method}`);
    }
  }
}

/** One client of a stream, as the application sees it. */
class Client {
  #stream;
  #asked = [];
  #wake = () => {};
  #isOver = false;
  #hasLeft = false;

  constructor(stream, handle, params) {
    this.#stream = stream;
    this.handle = handle;
    /** Milliseconds, where the harness wants heartbeats. */
    this.heartbeat = params.heartbeat;
    /** Milliseconds, where the harness wants the implementation to end the stream. */
    this.timeout = params.timeout;
    /** The status that the application answers with, in place of a stream; where the harness wants that. */
    this.status = params.status;
    /** The headers that the application sets on its answer, by their names. */
    this.headers = params.headers ?? {};
    this.params = params;
  }

  /**
   * The events that the application emits, each when it is time: `{ index, data, type, id, retry, comment }`.
   *
   * Ends when the application ends the stream, and throws where it fails.
   */
  async *events() {
    const { events, pace, end } = this.params;
    for (let n = 0; n < events.length; n++) {
      const index = pace === 'asked' ? await this.#next() : n;
      if (index === undefined) return;
      yield { index, ...events[index] };
    }
    if (end === 'hold') await this.#next();
    // Whoever leaves after that leaves a stream that is over.
    this.#isOver = true;
    if (end === 'fail') throw new Error('the application fails');
  }

  /** Hands each event to `emit` when it is time, and tells the harness of those that it refuses with an exception. */
  async each(emit) {
    for await (const event of this.events()) {
      try {
        await emit(event);
      } catch (exception) {
        this.rejected(event, exception);
      }
    }
  }

  /** The implementation refused an event. */
  rejected({ index }, exception) {
    send({ method: 'rejected', params: { stream: this.#stream, client: this.handle, index, message: String(exception) } });
  }

  /** The implementation told the application that the client has left. */
  left() {
    if (this.#hasLeft || this.#isOver) return;
    this.#hasLeft = true;
    send({ method: 'disconnected', params: { stream: this.#stream, client: this.handle } });
    this.#wake();
  }

  ask(index) {
    this.#asked.push(index);
    this.#wake();
  }

  stop() {
    this.#isOver = true;
    this.#wake();
  }

  // The next index that was asked for; nothing once the stream is stopped or the client has left.
  async #next() {
    while (!this.#isOver && !this.#hasLeft) {
      if (this.#asked.length > 0) return this.#asked.shift();
      await new Promise((resolve) => (this.#wake = resolve));
    }
    return undefined;
  }
}

function send(message) {
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\n');
}

function failure(code, message) {
  return { error: { code, message } };
}

function installedVersion(name) {
  const manifest = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}

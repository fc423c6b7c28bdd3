// The adapter protocol in a page: messages come in the answers to `commands` and go out in requests to `said`, in order.
// Knows nothing about event streams; the module drives the implementation.

const PROTOCOL_VERSION = 0;
// The site keeps a megabyte of a body.
const MAX_CHARACTERS = 250_000;
const AsyncFunction = (async () => {}).constructor;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const connections = new Map();
const unsaid = [];
let page;
let module;
let trouble;
let isSaying = false;

async function say(message) {
  unsaid.push(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\n');
  if (isSaying) return;
  isSaying = true;
  // What is reported in the same turn goes out together.
  await null;
  while (unsaid.length > 0) {
    let body = unsaid.shift();
    while (unsaid.length > 0 && body.length + unsaid[0].length < MAX_CHARACTERS) body += unsaid.shift();
    await fetch(`said?page=${page}`, { method: 'POST', body });
  }
  isSaying = false;
}

function open(params) {
  const { connection, closeOn } = params;
  const notify = (method, more) => {
    say({ method, params: { connection, ...more } });
    if (method === closeOn) connections.get(connection)?.();
  };
  const report = {
    open: () => notify('open'),
    event: ({ type, data, lastEventId }) => notify('event', { type, data, lastEventId }),
    comment: (comment) => notify('comment', { comment }),
    error: ({ fatal, message }) => notify('error', { fatal, message }),
    end: () => notify('end'),
  };
  if (params.script !== undefined) return runScript(params, report);
  try {
    connections.set(connection, module.connect(params, report));
  } catch (exception) {
    report.error({ fatal: true, message: String(exception) });
  }
}

/** Runs a case's script: what it says comes out as events, its end as `end`. */
async function runScript({ script, url }, report) {
  const say = (...facts) => report.event({ type: 'message', data: facts.map(String).join(' '), lastEventId: '' });
  const next = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
  try {
    await new AsyncFunction('EventSource', 'url', 'say', 'next', 'pause', script)(module.EventSource, url, say, next, pause);
    report.end();
  } catch (exception) {
    report.error({ fatal: true, message: String(exception) });
  }
}

function take({ id, method, params }) {
  if (method === 'initialize' && (params.protocolVersion !== PROTOCOL_VERSION || params.role !== 'client')) {
    say({ id, error: { code: -32602, message: `only a client, only version ${PROTOCOL_VERSION}` } });
  } else if (method === 'initialize' && trouble !== undefined) {
    say({ id, error: { code: -32603, message: `the module cannot be loaded: ${trouble}` } });
  } else if (method === 'initialize') {
    const { implementation, version, language = 'JavaScript', features } = module;
    say({ id, result: { implementation, version, language, role: 'client', features: { ...features, scripts: 'EventSource' in module } } });
  } else if (method === 'connect') {
    say({ id, result: {} });
    open(params);
  } else if (method === 'disconnect') {
    connections.get(params.connection)?.();
    connections.delete(params.connection);
    say({ id, result: {} });
  } else if (method === 'shutdown') {
    say({ id, result: {} });
  } else {
    say({ id, error: { code: -32601, message: `unknown method ${method}` } });
  }
}

async function greet() {
  for (;;) {
    const answer = await fetch('hello', { method: 'POST' });
    if (answer.ok) return answer.text();
    await pause(500);
  }
}

try {
  module = await import('./module.js');
} catch (exception) {
  trouble = exception;
}
page = await greet();
for (;;) {
  const answer = await fetch(`commands?page=${page}`, { method: 'POST' });
  if (!answer.ok) break;
  for (const line of (await answer.text()).split('\n')) {
    if (line) take(JSON.parse(line));
  }
}

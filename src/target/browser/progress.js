// Shows a person how far the run is, and at its end where the report is.

const PERIOD = 500;
const BAD = ['fail', 'error', 'unexpected pass'];
const element = (id) => document.getElementById(id);
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function show({ begun, done, cases, counts }) {
  element('run').hidden = !begun;
  element('bar').max = cases;
  element('bar').value = done;
  element('done').textContent = `${done} of ${cases} cases`;
  const shown = Object.entries(counts).filter(([name, count]) => count > 0 || name === 'pass' || name === 'fail');
  element('counts').replaceChildren(...shown.map(([name, count]) => {
    const box = document.createElement('div');
    box.className = BAD.includes(name) && count > 0 ? 'bad' : name === 'pass' ? 'good' : '';
    for (const [tag, text] of [['dt', name], ['dd', count]]) box.appendChild(document.createElement(tag)).textContent = text;
    return box;
  }));
}

async function watch() {
  for (;;) {
    const progress = await (await fetch('progress')).text();
    // A browser that the harness has started shows nothing to anybody.
    if (progress === '') return;
    const shown = JSON.parse(progress);
    show(shown);
    if (shown.over) {
      element('state').textContent = 'The run is over. This page may be closed.';
      element('report').hidden = false;
      document.title = 'ssespec: the run is over';
      return;
    }
    await pause(PERIOD);
  }
}

try {
  await watch();
} catch {
  element('state').textContent = 'ssespec has ended. Its report is where it was started.';
}

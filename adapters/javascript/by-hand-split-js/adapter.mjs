import { body } from '../body.mjs';
import { serveParser } from '../protocol.mjs';
import { readEvents } from './recipe.mjs';

await serveParser({
  implementation: 'by hand (tutorial style): split on two line feeds',
  version: 'by hand',
  features: { input: 'bytes', eventType: 'raw', progress: true },
  async parse({ chunks }, observation) {
    let chunk = 0;
    await readEvents(body(chunks, (index) => (chunk = index)), (data) => observation.events.push({ data, chunk }));
  },
});

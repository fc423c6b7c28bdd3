// The parser inside fetch-event-source, put together as the package's own client does.

import { getLines, getMessages } from '@microsoft/fetch-event-source/lib/cjs/parse.js';
import { number, serveParser } from '../protocol.mjs';

await serveParser({
  implementation: '@microsoft/fetch-event-source',
  features: { input: 'bytes', eventType: 'raw', lastEventId: 'block', reconnectionTime: 'stream', progress: true },
  parse({ chunks }, observation) {
    let chunk = 0;
    // The client's own onId copies the id into the header of the next request, so the events are where an id shows.
    const onId = () => {};
    const onRetry = (retry) => (observation.reconnectionTime = number(retry));
    const onMessage = ({ event, data, id }) => observation.events.push({ type: event, data, lastEventId: id, chunk });

    const onChunk = getLines(getMessages(onId, onRetry, onMessage));
    for (; chunk < chunks.length; chunk++) onChunk(chunks[chunk]);
  },
});

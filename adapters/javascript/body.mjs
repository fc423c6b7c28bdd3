// A delivery to the body of an in-memory response, for implementations that read one.
// Knows nothing about event streams.

/**
 * Hands out one chunk for each read and never one ahead, as `new ReadableStream` would by itself.
 *
 * `onPull(index)` hears which chunk is being read; its index at the end of the stream is the number of chunks.
 */
export function body(chunks, onPull = () => {}) {
  let index = 0;
  const source = {
    pull(controller) {
      onPull(index);
      if (index < chunks.length) controller.enqueue(chunks[index++]);
      else controller.close();
    },
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}

/** The same, inside a response. */
export function response(chunks, onPull) {
  return new Response(body(chunks, onPull), { headers: { 'content-type': 'text/event-stream' } });
}

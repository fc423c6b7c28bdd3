// The shortest reading loop of tutorials on streaming with fetch: each read is taken for one event.

export async function readEvents(body, onData) {
  const reader = body.getReader();
  const decoder = new TextDecoder();

  while (true) {
    const { done, value } = await reader.read();
    if (done) break;

    const data = decoder.decode(value).replace('data: ', '').trim();
    if (data) onData(data);
  }
}

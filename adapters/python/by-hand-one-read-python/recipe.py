"""The data of a streamed `requests` response: whatever one read brings is one event."""


def read_data(response):
    for chunk in response.iter_content(chunk_size=None):
        text = chunk.decode("utf-8")
        if text.startswith("data: "):
            yield text[len("data: ") :].strip()

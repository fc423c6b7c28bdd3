"""The data of a streamed `requests` response: every line with the prefix `data: ` is one event."""


def read_data(response):
    for line in response.iter_lines():
        if line:
            text = line.decode("utf-8")
            if text.startswith("data: "):
                yield text[len("data: ") :]

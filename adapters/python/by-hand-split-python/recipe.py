"""The events of a streamed `requests` response: two line feeds in a row end one."""


def read_events(response):
    buffer = ""
    for chunk in response.iter_content(chunk_size=None):
        buffer += chunk.decode("utf-8")
        while "\n\n" in buffer:
            block, buffer = buffer.split("\n\n", 1)
            event_type = "message"
            event_id = None
            data = []
            for line in block.split("\n"):
                if line.startswith("event:"):
                    event_type = line[len("event:") :].strip()
                elif line.startswith("data:"):
                    data.append(line[len("data:") :].strip())
                elif line.startswith("id:"):
                    event_id = line[len("id:") :].strip()
            if data:
                yield event_type, "\n".join(data), event_id

"""A throw-away adapter in the server role that writes whatever it is given: every line end in a value gets to the wire."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

writing = threading.Lock()
streams = {}


def send(**message):
    with writing:
        print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        stream = self.path.removeprefix("/")
        send(method="request", params={"stream": stream, "client": stream})
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for event in streams[stream]["events"]:
            for key, field in [("id", "id"), ("type", "event"), ("retry", "retry"), ("data", "data")]:
                if key in event:
                    self.wfile.write(f"{field}: {event[key]}\n".encode())
            self.wfile.write(b"\n")

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()


def answer(method, params):
    if method == "initialize":
        features = {"fields": ["data", "type", "id", "retry"]}
        return {"implementation": "throw-away", "version": "0", "language": "Python", "role": "server", "features": features}
    if method == "serve":
        streams[params["stream"]] = params
        return {"url": f"http://127.0.0.1:{server.server_port}/{params['stream']}"}
    return {}


for line in sys.stdin:
    request = json.loads(line)
    send(id=request["id"], result=answer(request["method"], request.get("params")))
    if request["method"] == "shutdown":
        break

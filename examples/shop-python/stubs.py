"""Serves the stubs in mocks/mappings, as far as these tests need them."""

import http.server
import json
import pathlib
import re
import threading


def answers():
    """For each stub the pattern of its path, its status and its body."""
    folder = pathlib.Path(__file__).parent / "mocks" / "mappings"
    for path in sorted(folder.glob("*.json"), reverse=True):
        stub = json.loads(path.read_text())
        if "requiredScenarioState" in stub:
            continue
        request, response = stub["request"], stub["response"]
        template = request.get("urlPath") or request["urlPathTemplate"]
        yield re.sub(r"\{.*?\}", "[^/]+", template), response["status"], response.get("jsonBody")


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with the first stub whose path fits."""

    def do_GET(self):
        for pattern, status, body in answers():
            if re.fullmatch(pattern, self.path):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())
                return
        self.send_error(501)

    def log_message(self, *_):
        pass


def serve():
    """Starts answering; gives the server, which the caller shuts down."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server

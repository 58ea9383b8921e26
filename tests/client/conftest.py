"""A real HTTP server on the loopback that answers what a test tells it to."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from client import connect

TOKEN = "mo_1_secret"  # noqa: S105 (of no server)


class Scripted(ThreadingHTTPServer):
    """Gives its `answers` (status, body, headers) one after the other, the last one again and again.

    `None` cuts the connection; no answer is given before `held` is set.
    """

    daemon_threads = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = []
        self.requests = []
        self.connections = 0
        self.held = Event()
        self.held.set()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def next_answer(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Scripted

    def setup(self):
        super().setup()
        self.server.connections += 1

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), json.loads(body)))
        answer = self.server.next_answer()
        self.server.held.wait()
        if answer is None:
            self.close_connection = True
            return
        status, body, headers = answer
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Keep quiet."""


@pytest.fixture
def scripted():
    with Scripted() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.held.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def system(scripted):
    with connect(scripted.url, token=TOKEN, backoff=0) as system:
        yield system


@pytest.fixture
def answers(scripted):
    """Tells the server what to answer."""

    def tell(*answers):
        scripted.answers = list(answers)

    return tell

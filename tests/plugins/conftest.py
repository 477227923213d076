"""A server on this machine that plays the services that plugins ask, well behaved or not."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import pytest


class Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: str


class Server(ThreadingHTTPServer):
    """Answers every request by `answer(handler)`, or with `json` where that is not set, and notes the requests."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[Request] = []
        self.json: object = {}
        self.answer = None
        self.ended = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """A client that hangs up on a misbehaving server is what the tests want."""

    def close(self):
        self.ended.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.requests.append(Request(self.command, self.path, dict(self.headers), body))
        if self.server.answer:
            self.server.answer(self)
        else:
            self.send(json.dumps(self.server.json).encode())

    do_GET = do_CONNECT = do_POST

    def send(self, body: bytes, status: int = 200, **headers):
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, pieces, pause: float = 0.0, **headers):
        """Sends pieces of a body without an end, until the client or the test ends."""
        self.send_response(200)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Connection", "close")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(piece)
            if self.server.ended.wait(pause):
                return

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def trap():
    """Another one, which nobody has configured: a request to it is a failure."""
    trap = Server()
    yield trap
    trap.close()
    assert not trap.requests


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch):
    for name in ("MOSS_SEARCH", "MOSS_TEXT2IMAGE", "MOSS_TEXT2IMAGE_KEY", "MOSS_PROXY"):
        monkeypatch.delenv(name, raising=False)

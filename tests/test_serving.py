"""The gate in front of the page: loading, health, sizes, half-open connections, other sites, an orderly end.

Rows of the failure matrix that do not apply here: F5 (there is no answer in one piece: the page streams), F18 (the
GPU's memory is the engine's).
"""

import contextlib
import json
import socket
import threading
import time
from types import SimpleNamespace

import httpx
import pytest
from gui_server import WEB, free_port, serving_of, until
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

import serving
from serving import MAX_BODY, Health, check_address


async def echo(request):
    return JSONResponse({"size": len(await request.body())})


def slow(request):
    def pieces():
        for i in range(8):
            time.sleep(0.1)
            yield f"{i}\n"

    return StreamingResponse(pieces())


def an_app(trouble=lambda: None):
    return Starlette(routes=[Route("/echo", echo, methods=["GET", "POST"]), Route("/slow", slow)]), trouble


@pytest.fixture(scope="module")
def server():
    with serving_of(an_app) as server:
        until(lambda: server.gate.app)
        yield server


def test_F16_while_loading_all_is_503_with_a_reason_and_a_time_to_retry():
    loaded = threading.Event()

    def load():
        loaded.wait(10)
        return an_app()

    with serving_of(load) as server:
        for path in ("/health", "/", "/gradio_api/queue/join"):
            reply = WEB.get(server.url + path)
            assert reply.status_code == 503 and int(reply.headers["retry-after"]) > 0
            assert "the model is loading" in reply.text
        loaded.set()
        until(lambda: WEB.get(f"{server.url}/health").status_code == 200)
        assert WEB.get(f"{server.url}/health").json() == {"status": "ready"}


def test_app_that_does_not_load_ends_the_server():
    def load():
        raise ValueError("no such model")

    with serving_of(load) as server:
        until(lambda: not server.server.servers[0].is_serving())
    with pytest.raises(ValueError, match="no such model"):
        raise server.gate.error


def test_app_that_does_not_start_ends_the_server():
    @contextlib.asynccontextmanager
    async def broken(app):
        raise OSError("no room for its files")
        yield

    with serving_of(lambda: (Starlette(lifespan=broken), None)) as server:
        until(lambda: server.gate.error)
        until(lambda: not server.server.servers[0].is_serving())


def test_F15_health_asks_the_app_and_F22_does_not_wait_for_the_answer():
    asked, go = threading.Event(), threading.Event()

    def trouble():
        asked.set()
        go.wait(10)
        return "the model failed"

    with serving_of(lambda: an_app(trouble)) as server:
        until(lambda: server.gate.app)
        replies = []
        asking = threading.Thread(target=lambda: replies.append(WEB.get(f"{server.url}/health")))
        asking.start()
        assert asked.wait(5)
        start = time.monotonic()
        assert WEB.post(f"{server.url}/echo", content="x").json() == {"size": 1}
        assert time.monotonic() - start < 1
        go.set()
        asking.join()
        assert replies[0].status_code == 503 and replies[0].json() == {"status": "the model failed"}


def test_F15_health_names_an_engine_that_hangs_or_fails_and_forgets_a_failure_that_is_over():
    def stream(*args, **paras):
        raise RuntimeError("out of order")

    infer = SimpleNamespace(engine=SimpleNamespace(stuck_seconds=59), stream=stream)
    health = Health(infer)
    assert health.trouble() is None
    health.failed = True
    assert health.trouble() == "the model failed: RuntimeError"
    infer.engine.stuck_seconds = 75.4  # and is not asked then: it would not answer
    with serving_of(lambda: an_app(health.trouble)) as server:
        until(lambda: server.gate.app)
        reply = WEB.get(f"{server.url}/health")
        assert reply.status_code == 503 and "hangs: nothing has come from it for 75 seconds" in reply.json()["status"]
    infer.engine.stuck_seconds, infer.stream = 0, lambda *args, **paras: iter(["Hi"])
    assert health.trouble() is None and not health.failed


@pytest.mark.parametrize("size", [MAX_BODY, MAX_BODY + 1, 20 << 20])
@pytest.mark.parametrize("chunked", [False, True])
def test_F8_bodies_are_bounded(server, size, chunked):
    body = bytes(size)
    content = (body[i : i + 65536] for i in range(0, size, 65536)) if chunked else body
    try:
        reply = WEB.post(f"{server.url}/echo", content=content)
        assert reply.status_code == (200 if size <= MAX_BODY else 413)
        if size > MAX_BODY:
            assert str(MAX_BODY) in reply.json()["detail"] if not chunked else str(MAX_BODY) in reply.text
    except httpx.TransportError:  # the server hung up before all was sent
        assert size > MAX_BODY


@pytest.mark.parametrize("length", [b"-1", b"x", b"1" * 30])
def test_F13_content_length_that_is_none_is_refused(server, length):
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n")
        assert connection.recv(100).split()[1] in (b"400", b"413")


def test_F9_a_body_that_does_not_come_is_given_up(server, monkeypatch):
    monkeypatch.setattr(serving, "BODY_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        assert connection.recv(100).split()[1] == b"408"


def test_F9_a_body_that_trickles_in_is_given_up(server, monkeypatch):
    monkeypatch.setattr(serving, "BODY_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.settimeout(0.1)  # between two bytes
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        answer = b""
        for _ in range(30):
            connection.sendall(b"a")
            with contextlib.suppress(TimeoutError):
                answer = connection.recv(100)
                break
        assert answer.split()[1] == b"408"


def test_F9_half_open_connections_do_not_keep_others_out(server):
    connections = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(300)]
    try:
        for connection in connections:
            connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-")
        start = time.monotonic()
        assert WEB.post(f"{server.url}/echo", content="x").status_code == 200
        assert time.monotonic() - start < 1
    finally:
        for connection in connections:
            connection.close()


def test_F17_what_runs_ends_what_comes_is_refused(server):
    with serving_of(an_app) as ending:
        until(lambda: ending.gate.app)
        with WEB.stream("GET", f"{ending.url}/slow") as reply:
            lines = reply.iter_lines()
            assert next(lines) == "0"
            ending.server.handle_exit(15, None)
            refused = WEB.get(f"{ending.url}/echo")
            assert refused.status_code == 503 and "ending" in refused.text and refused.headers["retry-after"]
            assert list(lines) == [str(i) for i in range(1, 8)]
        until(lambda: not ending.server.servers[0].is_serving())


def test_J11_a_page_of_another_site_may_not_post(server):
    for site, status in (("cross-site", 403), ("same-origin", 200), ("none", 200)):
        reply = WEB.post(f"{server.url}/echo", content="x", headers={"sec-fetch-site": site})
        assert reply.status_code == status, site


def test_policy_comes_with_every_answer(server):
    for path in ("/echo", "/nowhere", "/health", "/gradio_api/upload"):
        reply = WEB.get(server.url + path)
        policy = reply.headers["content-security-policy"]
        assert "default-src 'self'" in policy and "http" not in policy and "unsafe-eval" not in policy
    assert WEB.post(f"{server.url}/gradio_api/upload", files={"files": b"x"}).status_code == 403
    assert json.loads(WEB.get(f"{server.url}/gradio_api/upload").text)["detail"] == "this server takes no files"


def test_F21_bad_address_is_one_clear_line():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with pytest.raises(ValueError, match=f"port {port}: .*Address already in use; choose --host and --port"):
            check_address("127.0.0.1", port)
    for host, number, reason in (
        ("no such host", 7860, "'no such host'"), ("192.0.2.1", 7860, "192.0.2.1"), ("127.0.0.1", 0, "1 to 65535"),
        ("127.0.0.1", 65536, "1 to 65535"), ("a..b", 7860, "a..b"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=reason):
            check_address(host, number)
    check_address("127.0.0.1", free_port())

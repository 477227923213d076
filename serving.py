"""What stands between the network and a web app: an ASGI gate with limits, a health check, and orderly start and end.

    serve(Gate(load), "127.0.0.1", 7860)

listens at once and answers 503 while `load` makes the app (a model takes minutes); /health says how things are. On
SIGTERM or Ctrl-C new requests get 503, those that run have DRAIN_SECONDS to end, and the process exits with 0. The gate
knows nothing of the app but that it is one of FastAPI's or Starlette's.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import socket
import threading
import time
from collections.abc import Callable

import uvicorn
from starlette.exceptions import HTTPException

from utils import add_model_arguments, choose_gpus, follows

MAX_BODY = 1 << 20  # bytes of a request
BODY_SECONDS = 30  # for a request's body to arrive
DRAIN_SECONDS = 30
RETRY_SECONDS = 5  # said with every 503
HUNG_SECONDS = 60  # a pass of the engine that takes longer does not end
# Whatever a page shows, the browser fetches nothing from elsewhere and sends nothing there: Gradio's sanitiser stops
# scripts, but lets ![](http://...) and <form action=http://...> through. Gradio's own page needs its inline scripts.
CONTENT_SECURITY_POLICY = (
    b"default-src 'self' data: blob:; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    b"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)


class Gate:
    """ASGI app in front of another.

    Args:
        load: makes the other app, and a function that says why it cannot serve (None: it can), which /health asks.
            Each is called in a thread.
        refused: the beginnings of paths that are answered 403.
        refusal: makes the JSON object that is answered with a status of 4xx or 503 and its reason; usually FastAPI's.
    """

    def __init__(
        self,
        load: Callable,
        refused: tuple[str, ...] = (),
        refusal: Callable[[int, str], dict] = lambda status, reason: {"detail": reason},
    ):
        self.load, self.refused, self.refusal = load, refused, refusal
        self.app = self.trouble = self.error = None
        self.draining = False
        self.ended = asyncio.Event()  # streams that are still open end, too
        self.running = 0  # requests whose answer has not ended, but for those that a page keeps open while it is open

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _lifespan(self, receive, send):
        await receive()
        opened = asyncio.create_task(self._open())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        opened.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await opened
        await send({"type": "lifespan.shutdown.complete"})

    async def _open(self):
        loop, loaded = asyncio.get_running_loop(), asyncio.Future()

        def load():  # not in the loop's own threads, which the end of the process would wait for
            try:
                result = *self.load(), None
            except Exception as error:
                result = None, None, error
            loop.call_soon_threadsafe(lambda: loaded.cancelled() or loaded.set_result(result))

        threading.Thread(target=load, daemon=True).start()
        app, self.trouble, self.error = await loaded
        if self.error:
            return
        try:
            async with app.router.lifespan_context(app):
                self.app = app
                await asyncio.Event().wait()
        except Exception as error:
            if self.app is not None:
                raise
            self.error = error

    async def _http(self, scope, receive, send):
        headers = dict(scope["headers"])
        path, length = scope["path"], headers.get(b"content-length", b"0")

        async def answer(status: int, body: dict):
            data = json.dumps(body).encode()
            start = [(b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())]
            await send_marked({"type": "http.response.start", "status": status, "headers": start})
            await send_marked({"type": "http.response.body", "body": data})

        async def refuse(status: int, reason: str):
            await answer(status, self.refusal(status, reason))

        unfinished = False

        async def send_marked(message):
            nonlocal unfinished
            unfinished = message["type"] == "http.response.start" or message.get("more_body", False)
            if message["type"] == "http.response.start":
                added = [(b"content-security-policy", CONTENT_SECURITY_POLICY), (b"x-content-type-options", b"nosniff")]
                if message["status"] == 503:
                    added.append((b"retry-after", str(RETRY_SECONDS).encode()))
                message["headers"] = [*message["headers"], *added]
            await send(message)

        received, whole, deadline = 0, False, None

        async def receive_bounded():
            nonlocal received, whole, deadline
            if whole:  # what follows the body is the client's leaving
                waits = {asyncio.ensure_future(receive()), asyncio.ensure_future(self.ended.wait())}
                try:
                    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for wait in waits:
                        wait.cancel()
                return {"type": "http.disconnect"}
            deadline = deadline or time.monotonic() + BODY_SECONDS
            try:
                message = await asyncio.wait_for(receive(), deadline - time.monotonic())
            except TimeoutError:
                raise HTTPException(408, f"the request's body took longer than {BODY_SECONDS} seconds") from None
            received += len(message.get("body", b""))
            whole = not message.get("more_body")
            if received > MAX_BODY:
                raise HTTPException(413, f"a request may have {MAX_BODY} bytes")
            return message

        why = "the model is loading" if self.app is None else "the server is ending" if self.draining else None
        if path == "/health":
            why = why or await asyncio.to_thread(self.trouble)
            await answer(503 if why else 200, {"status": why or "ready"})
        elif why:
            await refuse(503, why)
        elif not length.isdigit() or int(length) > MAX_BODY:
            await refuse(413, f"a request may have {MAX_BODY} bytes")
        elif scope["method"] != "GET" and headers.get(b"sec-fetch-site") == b"cross-site":
            await refuse(403, "a page of another site may not ask this server")
        elif path.startswith(self.refused):
            await refuse(403, "this server takes no files")
        else:
            counted = "/heartbeat/" not in path
            self.running += counted
            try:
                await self.app(scope, receive_bounded, send_marked)
                if unfinished and self.ended.is_set():
                    await send({"type": "http.response.body", "body": b""})
            finally:
                self.running -= counted


class Health:
    """Whether an Inference can still answer, for a Gate's /health. failed: the last answer ended in an error."""

    def __init__(self, infer):
        self.infer, self.failed = infer, False

    def trouble(self) -> str | None:
        """Why it cannot; after an error the model is asked for a token."""
        if (seconds := self.infer.engine.stuck_seconds) > HUNG_SECONDS:
            return f"the model hangs: nothing has come from it for {seconds:.0f} seconds"
        if self.failed:
            try:
                list(self.infer.stream("Hi", max_iterations=1, max_time=5))
                self.failed = False
            except Exception as error:
                return f"the model failed: {type(error).__name__}"
        return None


class Server(uvicorn.Server):
    """Serves a Gate. A signal lets what runs end; a second one does not wait. Ends, too, where the app did not load."""

    def __init__(self, gate: Gate, host: str, port: int):
        super().__init__(
            uvicorn.Config(gate, host, port, lifespan="on", log_level="warning", timeout_graceful_shutdown=1)
        )
        self.gate, self.deadline = gate, 0.0

    def handle_exit(self, sig, frame):
        if self.gate.draining or self.gate.app is None:
            self.should_exit = True
        self.gate.draining, self.deadline = True, time.monotonic() + DRAIN_SECONDS

    async def shutdown(self, sockets=None):
        self.gate.ended.set()
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        drained = self.gate.draining and (not self.gate.running or time.monotonic() > self.deadline)
        return drained or self.gate.error is not None or await super().on_tick(counter)


def serve(gate: Gate, host: str, port: int) -> None:
    """Serves the gate until SIGTERM or Ctrl-C; call it in the main thread. Raises what the gate's `load` raised."""
    if follows():
        gate.load()  # an Inference, which does not return there
    Server(gate, host, port).run()
    if gate.error:
        raise gate.error


def parse_arguments(parser: argparse.ArgumentParser, port: int, rows: str) -> argparse.Namespace:
    """The arguments of a script that serves a model, with the parser's own; sets up GPUs and log accordingly.

    rows: the name of the flag for the answers that are made at a time.
    """
    add_model_arguments(parser)
    server = parser.add_argument_group("server")
    server.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    server.add_argument("--port", type=int, default=port, help="port to listen on (default: %(default)s)")
    server.add_argument(rows, type=int, default=16, help="answers made at a time (default: %(default)s)")
    server.add_argument(
        "--max_waiting", type=int, default=64, help="answers that wait; more are refused (default: %(default)s)"
    )
    server.add_argument("--max_time", type=float, default=60, help="seconds of an answer (default: %(default)s)")
    args = parser.parse_args()
    choose_gpus(args.gpu)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    return args


def check_arguments(args: argparse.Namespace) -> None:
    """Raises ValueError where the limits are none, or nothing can listen there."""
    for name, least in (("max_running", 1), ("max_batch_size", 1), ("max_waiting", 0), ("max_time", 0)):
        if not getattr(args, name, least) >= least:
            raise ValueError(f"--{name} must be {least} or more, got {getattr(args, name)}")
    if not follows():
        check_address(args.host, args.port)


def check_address(host: str, port: int) -> None:
    """Raises ValueError where nothing can listen there: before the model loads, and in clearer words than uvicorn's."""
    try:
        if not 1 <= port <= 65535:
            raise OSError("a port is a number from 1 to 65535")
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except (OSError, UnicodeError) as error:
        reason = str(error).partition(" (while")[0]
        raise ValueError(f"cannot listen on {host!r}, port {port}: {reason}; choose --host and --port") from None

"""Work that may hang, run in a process that can be killed: `run("module", "function", text) -> text`.

The process is a plain `python -c` child that reads and writes JSON lines. Not multiprocessing: "fork" would copy a
process that holds torch, CUDA and threads; "spawn" and "forkserver" import the caller's main script again, which breaks
scripts without a `__main__` guard. A plain child works from scripts, notebooks and threads alike.

The child limits its own memory and, for each request, its CPU time; its parent kills it when the wall-clock time is up.
A run that fails in any way gives None. Up to CHILDREN idle children are kept for the next requests, with SymPy imported
in the meantime; a killed one is replaced at once; none is started before the first request. A child ends when its
parent's end of the pipe closes, however the parent died. (Windows has no `resource`; there the wall-clock limit alone
holds.)
"""

import atexit
import contextlib
import importlib
import json
import math
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

CPU_SECONDS = 5
WALL_SECONDS = 10.0  # from the call to its result, waiting for a free child included
MEMORY_BYTES = 1 << 30
CHILDREN = 2

_lock = threading.Lock()
_slots: "queue.LifoQueue[subprocess.Popen | None] | None" = None
_owner = 0  # the process that the children belong to: after a fork, the copy must not talk over their pipes


def run(module: str, function: str, text: str, wall_seconds: float = WALL_SECONDS) -> str | None:
    """The text that `function` of `module` returns for `text`, or None where it raised, was killed or took too long."""
    deadline = time.monotonic() + wall_seconds
    slots = _pool()
    try:
        child = slots.get(timeout=wall_seconds)
    except queue.Empty:
        return None
    answer = b""
    try:
        if child is None or child.poll() is not None:
            child = _start()
        expired = threading.Event()
        timer = threading.Timer(max(deadline - time.monotonic(), 0), lambda: (expired.set(), child.kill()))
        timer.daemon = True
        timer.start()
        try:
            child.stdin.write(json.dumps({"module": module, "function": function, "text": text}).encode() + b"\n")
            child.stdin.flush()
            answer = child.stdout.readline()
        except OSError:  # the child is gone
            pass
        finally:
            timer.cancel()
            timer.join()
        if expired.is_set():
            answer = b""
    finally:  # also after Ctrl-C, when an answer may still be on its way: such a child cannot be used again
        if not answer.endswith(b"\n") and child is not None:
            _end(child)
            child = None
            with contextlib.suppress(OSError):  # no memory for another: the next run tries again
                child = _start()
        slots.put(child)
    return json.loads(answer) if answer.endswith(b"\n") else None


def close() -> None:
    """Ends the idle children. The next `run` starts new ones."""
    slots = _pool()
    for _ in range(CHILDREN):
        try:
            child = slots.get_nowait()
        except queue.Empty:
            return
        if child is not None:
            _end(child)
        slots.put(None)


def _pool() -> "queue.LifoQueue[subprocess.Popen | None]":
    """The slots of this process, each holding an idle child or, until one is needed, None."""
    global _slots, _owner
    with _lock:
        if _slots is None or _owner != os.getpid():
            _slots, _owner = queue.LifoQueue(), os.getpid()
            for _ in range(CHILDREN):
                _slots.put(None)
            atexit.register(close)
        return _slots


def _start() -> subprocess.Popen:
    root = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    return subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import serve; serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": path},
        start_new_session=True,  # Ctrl-C in the terminal is for the chat, not for its children
    )


def _end(child: subprocess.Popen) -> None:
    child.kill()
    for stream in (child.stdin, child.stdout):
        with contextlib.suppress(OSError):  # what was written to a dead child cannot be flushed
            stream.close()
    child.wait()


def serve() -> None:
    """The child: answers the requests on standard input until it closes."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is not an answer
    _limit("RLIMIT_AS", MEMORY_BYTES)
    _limit("RLIMIT_CORE", 0)
    threading.Thread(target=importlib.import_module, args=("sympy",), daemon=True).start()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        _limit("RLIMIT_CPU", math.ceil(time.process_time()) + CPU_SECONDS)
        try:
            answer = getattr(importlib.import_module(request["module"]), request["function"])(request["text"])
        except Exception:  # MemoryError and RecursionError included; the parent only needs to know that there is none
            answer = None
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()
        _limit("RLIMIT_CPU", None)


def _limit(name: str, value: int | None) -> None:
    """Sets a soft limit of this process; None takes it off."""
    try:
        import resource
    except ImportError:
        return
    kind = getattr(resource, name)
    hard = resource.getrlimit(kind)[1]
    with contextlib.suppress(ValueError, OSError):  # macOS refuses RLIMIT_AS; CPU and wall-clock limits remain
        resource.setrlimit(kind, (hard if value is None else value, hard))

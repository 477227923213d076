"""Runs scripts as `python script ...` does, without the ten seconds that their imports take each time.

Each is a fork of one process that has imported the libraries, nothing of this repository, and has no threads.
"""

import atexit
import gc
import importlib
import importlib.metadata
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

LIBRARIES = (
    "torch", "torch.utils.data", "torch.distributed", "transformers", "transformers.modeling_utils",
    "transformers.generation", "transformers.integrations", "transformers.pipelines", "transformers.models.auto",
    "transformers.models.gptj.modeling_gptj", "accelerate", "gradio", "gradio_client", "openai", "peft", "sympy",
    "sentencepiece", "ctranslate2.converters", "torch.utils.tensorboard", "matplotlib.pyplot", "rich.console",
)  # fmt: skip


class Forks:
    """The process that forks."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"},
        )  # fmt: skip

    def _ask(self, **message) -> int:
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def start(self, argv: list[str], cwd: Path, output: Path, stdin: Path | None = None, **environment: str) -> int:
        """Runs a script, -c and code, -m and a module, or an installed command, and arguments; returns its number.

        output: the file that gets what it prints; what it says of errors goes to the same name with .err behind it.
        stdin: the file that it reads; None: an empty one.
        """
        return self._ask(
            argv=argv, cwd=str(cwd), output=str(output), stdin=str(stdin or os.devnull), environment=environment
        )

    def wait(self, pid: int, seconds: float = 120) -> int:
        """The exit code of a process of `start`: minus the signal, where one ended it; it is killed when time is up."""
        return self._ask(pid=pid, seconds=seconds)

    def run(
        self, argv: list[str], cwd: Path, folder: Path, stdin: str = "", seconds: float = 120, **environment: str
    ) -> subprocess.CompletedProcess:
        """As subprocess.run. folder: where stdin and what is written are kept meanwhile."""
        output, given = folder / "stdout", folder / "stdin"
        given.write_text(stdin, "utf-8")
        code = self.wait(self.start(argv, cwd, output, given, **environment), seconds)
        return subprocess.CompletedProcess(
            argv, code, output.read_text("utf-8"), Path(f"{output}.err").read_text("utf-8")
        )

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def main() -> None:
    for name in LIBRARIES:
        try:
            importlib.import_module(name)
        except ImportError:
            continue  # an extra; the script that wants it says so
    gc.freeze()  # a collection in a fork would copy the pages of all that is here
    for message in map(json.loads, sys.stdin):
        if "pid" in message:
            print(wait(**message), flush=True)
        elif pid := os.fork():
            print(pid, flush=True)
        else:
            become(**message)


def wait(pid: int, seconds: float) -> int:
    end = time.monotonic() + seconds
    while not (ended := os.waitpid(pid, os.WNOHANG))[0]:
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
    return os.waitstatus_to_exitcode(ended[1])


def become(argv: list[str], cwd: str, output: str, stdin: str, environment: dict[str, str]) -> None:
    os.chdir(cwd)
    os.environ |= environment
    os.dup2(os.open(stdin, os.O_RDONLY), 0)
    os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), 1)
    os.dup2(os.open(f"{output}.err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), 2)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # the one there was has read ahead  # noqa: SIM115
    sys.argv, code = argv, 0
    try:
        if argv[0].endswith(".py"):
            sys.path[0] = str(Path(argv[0]).resolve().parent)
            runpy.run_path(argv[0], run_name="__main__")
        elif argv[0] == "-c":
            sys.path[0], sys.argv = cwd, ["-c", *argv[2:]]
            exec(compile(argv[1], "<string>", "exec"), {"__name__": "__main__"})
        elif argv[0] == "-m":
            sys.path[0], sys.argv = cwd, argv[1:]
            runpy.run_module(argv[1], run_name="__main__", alter_sys=True)
        else:
            (command,) = importlib.metadata.entry_points(group="console_scripts", name=argv[0])
            sys.exit(command.load()())
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        print(end.code if isinstance(end.code, str) else "", end="", file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 1
    # What the interpreter does at its end, but for taking all modules apart, which takes two seconds.
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    main()

"""Runs of fine-tuning in processes of their own: several at a time that share the work, and ones that are killed.

    python tests/training_runs.py --kills 50        # the short form of it is a test in test_finetune_moss.py

kills (SIGKILL) a run again and again until it is done, and compares all losses and weights with those of a run that was
not killed. Every other kill comes at a random time, the others at a random one of the run's operations on files in its
output folder, so that writing, renaming and deleting checkpoints are hit often. Each start is a fork of a process that
has read all modules and has no threads (--serve): one second in place of ten.
"""

import argparse
import functools
import itertools
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from accelerate import FullyShardedDataParallelPlugin
from accelerate.state import AcceleratorState, PartialState
from accelerate.utils import DistributedType
from safetensors.torch import load_file
from tqdm import tqdm

import finetune_moss
from models.sealed_folder import damage
from models.training_state import step_folders

COMPARED = ("step", "loss", "accuracy", "grad_norm", "lr", "eval_loss", "answer")


@functools.cache
def server() -> subprocess.Popen:
    """The process that forks: it is told what to start, or for which of its forks to wait, a line of JSON each."""
    return subprocess.Popen(
        [sys.executable, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ  # on a GPU, no fork may find CUDA in use already: the last one looks without
        | {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "PYTORCH_NVML_BASED_CUDA_CHECK": "1"},
    )  # fmt: skip


def ask(message: dict | int) -> int:
    server().stdin.write(json.dumps(message, default=str) + "\n")
    server().stdin.flush()
    return int(server().stdout.readline())


def serve() -> None:
    for message in map(json.loads, sys.stdin):
        if isinstance(message, int):
            answer = os.waitpid(message, 0)[1]
        elif not (answer := os.fork()):
            train_here(**message | {"args": argparse.Namespace(**message["args"])})
        print(answer, flush=True)


def start(
    args: argparse.Namespace, kill_at: int | None = None, environment: dict | None = None, fsdp: bool = False
) -> int:
    """Trains in a process, which kills itself at the `kill_at`-th operation on files in output_dir; returns its number.

    environment: variables of a process that shares the work with others. fsdp: as FSDP2 (on the CPU, where accelerate
    takes that for DDP).
    """
    return ask({"args": vars(args), "kill_at": kill_at, "environment": environment, "fsdp": fsdp})


def wait(pid: int) -> int:
    """The status with which a process of `start` has ended, as os.waitpid gives it."""
    return ask(pid)


def train_here(args: argparse.Namespace, kill_at: int | None, environment: dict | None, fsdp: bool) -> None:
    """Trains, and ends this process."""
    seen = 0

    def count(event: str, arguments: tuple) -> None:
        nonlocal seen
        if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir"):
            seen += not isinstance(arguments[0], int) and args.output_dir in os.fsdecode(arguments[0])
            if seen == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    if kill_at:
        sys.addaudithook(count)
    os.environ |= environment or {}
    log = os.open(f"{args.output_dir}.{os.environ.get('RANK', '0')}.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    try:
        tqdm.set_lock(threading.RLock())  # its own is shared by forks, and stays locked when one is killed that has it
        AcceleratorState._reset_state(True)
        finetune_moss.draw_curves = lambda *paths: None
        if fsdp:
            make_accelerator = finetune_moss.make_accelerator
            finetune_moss.make_accelerator = lambda args: as_fsdp2(make_accelerator(args))
        finetune_moss.train(args)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def as_fsdp2(accelerator):
    """An accelerator of several CPU processes, made to do what configs/sft.yaml makes it do on GPUs."""
    plugin = FullyShardedDataParallelPlugin(
        fsdp_version=2,
        auto_wrap_policy="transformer_based_wrap",
        transformer_cls_names_to_wrap=["MossBlock"],
        cpu_ram_efficient_loading=True,
    )
    if accelerator.mixed_precision != "no":
        plugin.set_mixed_precision(accelerator.mixed_precision)
    AcceleratorState._shared_state["fsdp_plugin"] = plugin
    for state in (AcceleratorState, PartialState):
        state._shared_state["distributed_type"] = DistributedType.FSDP
    return accelerator


def start_together(args: argparse.Namespace, processes: int, fsdp: bool = False) -> list[int]:
    """Trains in so many processes over gloo; returns their numbers."""
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "WORLD_SIZE": str(processes)}
    shared |= {"ACCELERATE_USE_CPU": "true", "LOCAL_WORLD_SIZE": str(processes)}
    ranks = [shared | {"RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(processes)]
    return [start(args, environment=environment, fsdp=fsdp) for environment in ranks]


def train_together(args: argparse.Namespace, processes: int, fsdp: bool = False) -> None:
    """As start_together, to the end. Raises AssertionError, with what they wrote: one ended with an error."""
    statuses = [wait(pid) for pid in start_together(args, processes, fsdp)]
    written = "\n".join(Path(f"{args.output_dir}.{rank}.txt").read_text("utf-8") for rank in range(processes))
    assert not any(statuses), written


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def options(data: Path, out: Path, model: Path | None, **changed) -> argparse.Namespace:
    """Of a short run."""
    given = {"data_dir": data, "output_dir": out, "model_name_or_path": model, "cache_dir": data / "cache"}
    given |= {"learning_rate": 1e-2, "n_epochs": 1, "num_workers": 0, "max_seq_len": 200, "warmup_rates": 0.0}
    given |= {"bin_length": 256, "n_samples": 0, "eval_step": 0, "report_to": ["none"]}
    return argparse.Namespace(**{k: str(v) if isinstance(v, Path) else v for k, v in (given | changed).items()})


def weights(folder: Path) -> dict:
    return load_file(folder / "model.safetensors")


def log_of(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "training_log.jsonl").read_text(encoding="utf-8").splitlines()]


def figures(output_dir: Path) -> list[dict]:
    """What the log says of losses and answers, update by update."""
    lines = (output_dir / "training_log.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [{key: row.get(key) for key in COMPARED} for row in map(json.loads, lines)]
    return [row for row in rows if row["step"] is not None]


def count_kills(args: argparse.Namespace, expected: Path, kills: Iterator[int | float]) -> int:
    """Trains into args.output_dir, with kills, to the end; returns how many there were.

    kills: when to kill each start: at that operation on a file (int), or after so many seconds (float).
    Raises AssertionError: figures or weights are not those in `expected`, or a kill left no complete checkpoint.
    """
    output_dir, number, had = Path(args.output_dir), 0, False
    while True:
        at = next(kills, None)
        pid = start(args, at if isinstance(at, int) else None)
        if isinstance(at, float):
            time.sleep(at)
            os.kill(pid, signal.SIGKILL)
        status = wait(pid)
        complete = [folder for folder in step_folders(output_dir) if damage(folder) is None]
        assert complete or not had, "a kill left no complete checkpoint"
        had = bool(complete)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, Path(f"{output_dir}.0.txt").read_text("utf-8")
            break
        number += 1
    for ours, theirs in zip(figures(output_dir), figures(expected), strict=True):
        assert ours == theirs, f"after {number} kills {ours}, in the run that was not killed {theirs}"
    weights = [(folder / "model.safetensors").read_bytes() for folder in (output_dir, expected)]
    assert weights[0] == weights[1], "the weights differ from those of the run that was not killed"
    assert not list(output_dir.glob(".*.unfinished")), "leftovers"
    return number


def main() -> None:
    from tests.conftest import make_tiny_model, make_tokenizer
    from tests.sft_records import lines, record, write_data

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    rng, kills, runs = random.Random(wanted.seed), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        data = write_data(
            root / "data", lines([record(i) for i in range(40)]), lines([record(i) for i in range(90, 93)])
        )
        make_tiny_model(root / "model", make_tokenizer(root / "tokenizer"))
        args = argparse.Namespace(
            data_dir=str(data), model_name_or_path=str(root / "model"), cache_dir=str(root / "cache"), num_workers=0,
            max_seq_len=200, bin_length=256, gradient_accumulation_steps=3, n_epochs=3, learning_rate=1e-2, log_step=1,
            save_step=2, eval_step=5, keep_checkpoints=1, n_samples=1, report_to=["none"],
            output_dir=str(root / "whole"), deterministic=torch.cuda.is_available(),
        )  # fmt: skip
        began = time.perf_counter()
        assert wait(start(args)) == 0
        seconds = time.perf_counter() - began
        times = (
            (rng.uniform(0.1, 1) * seconds if rng.random() < 0.5 else rng.randint(1, 400)) for _ in itertools.count()
        )
        while kills < wanted.kills:
            args.output_dir = str(root / "killed")
            kills += count_kills(args, root / "whole", times)
            runs += 1
            shutil.rmtree(args.output_dir)
            print(f"{runs} runs, {kills} kills, losses and weights equal bit by bit", flush=True)


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["--serve"] else main()

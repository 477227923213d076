"""Runs of fine-tuning that are killed (SIGKILL) again and again, beside one that is not: all losses and weights must agree.

    python tests/killed_runs.py --kills 50        # the short form of it is a test in test_finetune_moss.py

Every other kill comes at a random time, the others at a random one of the run's operations on files in its output folder,
so that writing, renaming and deleting checkpoints are hit often. Each start is a fork of this process, which has read
all modules: a second in place of ten.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: a fork has none of its threads
os.environ["TOKENIZERS_PARALLELISM"] = "false"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from finetune_moss import train
from models.sealed_folder import damage
from models.training_state import step_folders

COMPARED = ("step", "loss", "accuracy", "grad_norm", "lr", "eval_loss", "answer")


def start(args: argparse.Namespace, kill_at: int | None = None) -> int:
    """Trains in a fork, which kills itself at the `kill_at`-th operation on files in output_dir; returns its process."""
    if pid := os.fork():
        return pid
    seen = 0

    def count(event: str, arguments: tuple) -> None:
        nonlocal seen
        if kill_at and event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir") and not (
            isinstance(arguments[0], int) or args.output_dir not in os.fsdecode(arguments[0])
        ):
            seen += 1
            if seen == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    try:
        train(args)
    except BaseException:
        os._exit(1)
    os._exit(0)


def figures(output_dir: Path) -> list[dict]:
    """What the log says of losses and answers, update by update."""
    lines = (output_dir / "training_log.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [{key: row.get(key) for key in COMPARED} for row in map(json.loads, lines)]
    return [row for row in rows if row["step"] is not None]


def count_kills(args: argparse.Namespace, expected: Path, seconds: float, operations: int, rng: random.Random) -> int:
    """Trains into args.output_dir, with kills, to the end; returns how many there were.

    Raises AssertionError: figures or weights are not those in `expected`, or a kill left no complete checkpoint.
    """
    output_dir, kills, had = Path(args.output_dir), 0, False
    while True:
        at_file = rng.random() < 0.5
        pid = start(args, rng.randint(1, operations) if at_file else None)
        if not at_file:
            time.sleep(rng.uniform(0.1, 1.0) * seconds)
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        complete = [folder for folder in step_folders(output_dir) if damage(folder) is None]
        assert complete or not had, "a kill left no complete checkpoint"
        had = bool(complete)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "a run ended with an error after a kill"
            break
        kills += 1
    for ours, theirs in zip(figures(output_dir), figures(expected), strict=True):
        assert ours == theirs, f"after {kills} kills {ours}, in the run that was not killed {theirs}"
    weights = [(folder / "model.safetensors").read_bytes() for folder in (output_dir, expected)]
    assert weights[0] == weights[1], "the weights differ from those of the run that was not killed"
    assert not list(output_dir.glob(".*.unfinished")), "leftovers"
    return kills


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
            save_step=2, eval_step=5, keep_checkpoints=1, n_samples=1, report_to=["none"], output_dir=str(root / "whole"),
        )  # fmt: skip
        began = time.perf_counter()
        assert os.waitpid(start(args), 0)[1] == 0
        seconds = time.perf_counter() - began
        while kills < wanted.kills:
            args.output_dir = str(root / "killed")
            kills += count_kills(args, root / "whole", seconds, 400, rng)
            runs += 1
            shutil.rmtree(args.output_dir)
            print(f"{runs} runs, {kills} kills, losses and weights equal bit by bit", flush=True)


if __name__ == "__main__":
    main()

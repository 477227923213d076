"""What a run of fine-tuning reports: its log, curves, floating-point operations and the memory that it will take."""

import importlib.util
import json
import math
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType
from torch import nn

from .configuration_moss import MossConfig
from .loss import LOGITS, LOGITS_FROZEN
from .packing import PackedDataset

SPIKE_WINDOW, SPIKE_SIGMAS = 100, 6
# Dense bf16 products a second, by the data sheets; the first name found in the device's counts.
PEAK_FLOPS = {"B200": 2250e12, "H200": 989e12, "H100 PCIe": 756e12, "H100": 989e12, "A100": 312e12, "L40S": 362e12}


class TrainingLog:
    """A line a message in output_dir/training_log.jsonl, and the numbers also to accelerate's trackers.

    after: lines of later updates are removed: a run that goes on from there writes them again.
    """

    def __init__(self, accelerator: Accelerator, output_dir: Path, settings: dict[str, Any], after: int):
        self.accelerator, self.file, self.path = accelerator, None, output_dir / "training_log.jsonl"
        if accelerator.is_main_process:
            kept = (
                self.path.read_text(encoding="utf-8").splitlines(keepends=True) if after and self.path.exists() else []
            )
            kept = [line for line in kept if line.endswith("\n") and json.loads(line).get("step", 0) <= after]
            self.path.with_suffix(".new").write_text("".join(kept), encoding="utf-8")
            self.path.with_suffix(".new").replace(self.path)
            self.file = open(self.path, "a", encoding="utf-8")  # noqa: SIM115
        plain = {k: v if isinstance(v, int | float | str | bool) else str(v) for k, v in settings.items()}
        try:
            accelerator.init_trackers("moss", plain)
        except (OSError, ImportError) as error:
            accelerator.trackers = []
            if accelerator.is_main_process:
                print(f"warning: no curves in --log_dir, which cannot be written: {error}", file=sys.stderr)
        self.write({"settings": settings} if not after else {"resumed": settings})

    def write(self, message: dict[str, Any]) -> None:
        """A message with `step` is a line of figures; its numbers (not bools) go to the trackers too."""
        if self.file is None:
            return
        clean = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in message.items()}
        self.file.write(json.dumps(clean, default=str, ensure_ascii=False) + "\n")
        self.file.flush()
        if numbers := {k: v for k, v in clean.items() if isinstance(v, float)}:
            self.accelerator.log(numbers, step=message["step"])

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


def usable_trackers(names: list[str]) -> list[str]:
    """Those trackers whose package is there; a warning for each that is not."""
    packages = {"comet_ml": "comet_ml", "dvclive": "dvclive"}
    missing = [name for name in names if importlib.util.find_spec(packages.get(name, name)) is None]
    for name in missing:
        print(f"warning: --report_to {name} is left out: pip install {packages.get(name, name)}", file=sys.stderr)
    return [name for name in names if name not in missing]


def draw_curves(log_file: Path, picture: Path) -> None:
    """Loss, accuracy of the parts, gradient norm and learning rate over the updates. Raises ImportError: no matplotlib."""
    from matplotlib.figure import Figure  # not pyplot, which is for screens and keeps the figures of a process

    rows = [json.loads(line) for line in log_file.read_text(encoding="utf-8").splitlines()]
    figure = Figure(figsize=(11, 7), layout="constrained")
    axes = dict(zip(("loss", "accuracy", "grad_norm", "lr"), figure.subplots(2, 2).flat, strict=True))
    shown = {"loss": ["loss", "eval_loss"], "grad_norm": ["grad_norm"], "lr": ["lr"]}
    shown["accuracy"] = sorted({key for row in rows for key in row if key.startswith(("accuracy", "eval_accuracy"))})
    for title, axis in axes.items():
        for key in shown[title]:
            points = [(row["step"], row[key]) for row in rows if row.get(key) is not None]
            if points:
                axis.plot(*zip(*points, strict=True), "o-" if key.startswith("eval") else "-", ms=3, lw=1, label=key)
        axis.set(title=title, xlabel="update")
        if len(shown[title]) > 1 and axis.lines:
            axis.legend(fontsize=8)
    figure.savefig(picture, dpi=110)


# --- speed ------------------------------------------------------------------------------------------------------------


def training_flops(config: MossConfig, tokens: float, labels: float, attended: float) -> float:
    """Operations of forward and backward: 6 a weight for each token that meets it, and attention (Chowdhery et al. 2022,
    arXiv:2204.02311, appendix B). What is computed twice to save memory does not count.

    tokens: without padding. labels: those that reach the output layer. attended: the sum of the documents' squared
    lengths; 2,048 a token for whole sequences. The published model: 101.5 GFLOP a token, if all have a label.
    """
    block = 4 * config.n_embd**2 + 2 * config.n_embd * config.inner_dim
    products = 6 * (config.n_layer * block * tokens + config.vocab_size * config.n_embd * labels)
    return products + 12 * config.n_layer * config.n_embd * attended


class Meter:
    """Speed since the last `start`, from what the host knows: nothing waits for the device."""

    def __init__(self, accelerator: Accelerator, config: MossConfig):
        self.accelerator, self.config = accelerator, config
        self.peak = peak_flops(accelerator.device) * accelerator.num_processes

    def start(self) -> None:
        self.since, self.updates, self.useful, self.all, self.flops = time.perf_counter(), 0, 0, 0, 0.0

    def add(self, data: PackedDataset, bins: np.ndarray, rows: int) -> None:
        """An update of these bins, for which the processes together computed so many rows."""
        lengths = data.dataset.lengths[np.concatenate([data.conversations(i) for i in bins])].astype(np.float64)
        tokens, labels = float(lengths.sum()), float(data.n_loss[bins].sum())
        self.flops += training_flops(self.config, tokens, labels, float((lengths**2).sum()))
        self.updates, self.useful, self.all = self.updates + 1, self.useful + tokens, self.all + rows * data.bin_length

    def read(self, updates_left: int) -> dict[str, float]:
        """tokens_per_second without padding and of all processes, mfu, useful_share, memory_gib, seconds_left."""
        seconds, device = time.perf_counter() - self.since, self.accelerator.device
        memory = (
            torch.cuda.max_memory_allocated(device) if device.type == "cuda" else psutil.Process().memory_info().rss
        )
        return {
            "tokens_per_second": self.useful / seconds,
            "mfu": self.flops / seconds / self.peak,
            "useful_share": self.useful / self.all,
            "memory_gib": memory / 2**30,
            "seconds_left": seconds / self.updates * updates_left,
        }


def is_spike(loss: float, before: Sequence[float]) -> bool:
    """Whether the loss is far above those of the last SPIKE_WINDOW updates."""
    if len(before) < SPIKE_WINDOW:
        return False
    return loss > statistics.fmean(before) + SPIKE_SIGMAS * statistics.pstdev(before)


def peak_flops(device: torch.device) -> float:
    """What the data sheet promises for bf16, nan where it is not known here."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
    return next((peak for part, peak in PEAK_FLOPS.items() if part in name), math.nan)


# --- memory -----------------------------------------------------------------------------------------------------------


def memory_estimate(accelerator: Accelerator, model: nn.Module, rows: int, length: int, checkpointing: bool) -> str:
    """What a process's device will hold at the peak of an update of `rows` x `length` tokens, in words.

    An estimate from the shapes, within some 15 %: caches of the allocator and of libraries come on top.
    """
    config, kind, world = model.config, accelerator.distributed_type, accelerator.num_processes
    stage = 3 if kind == DistributedType.FSDP else 0
    if kind == DistributedType.DEEPSPEED:
        stage = accelerator.state.deepspeed_plugin.zero_stage
    half = 2 if accelerator.mixed_precision != "no" else 4
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    stored = sum(p.numel() * p.element_size() for p in [*model.parameters(), *model.buffers()])
    block = sum(p.numel() for p in model.transformer.h[0].parameters())
    tokens, width, head_trained = rows * length, config.n_embd, model.lm_head.weight.requires_grad
    a_block = tokens * (12 * width + 2 * config.inner_dim) * half  # what the products of a block keep for backward
    kept = tokens * width * 4 * config.n_layer + a_block if checkpointing else a_block * config.n_layer
    logits = min(LOGITS if head_trained else LOGITS_FROZEN, tokens * config.vocab_size)
    parts = {
        "weights": stored / (world if stage == 3 else 1),
        "gradients": 4 * trained / (world if stage >= 2 else 1),
        "optimiser": 8 * trained / (world if stage >= 1 else 1),
        "copies for products": (3 * block if stage == 3 else trained) * half if half == 2 else 0,
        "activations": kept,
        "output layer": logits * (4 + 2 * half) + head_trained * 4 * config.vocab_size * width,
    }
    total, capacity = sum(parts.values()), psutil.virtual_memory().total
    if accelerator.device.type == "cuda":
        capacity = torch.cuda.get_device_properties(accelerator.device).total_memory
    listed = ", ".join(f"{name} {size / 2**30:.2f}" for name, size in parts.items() if size)
    text = f"memory a process, estimated: {total / 2**30:.2f} GiB of {capacity / 2**30:.1f} ({listed})"
    if total > capacity:
        text += (
            "\nwarning: that is more than there is. In order of their cost in time: --gradient_checkpointing, a smaller "
            "--train_bsz_per_gpu or --max_seq_len, more GPUs with configs/sft.yaml, --lora, --lora on an int4 checkpoint"
        )
    return text

"""What a run of fine-tuning reports: its log, curves, floating-point operations and the memory that it will take."""

import importlib.util
import json
import math
import statistics
import sys
import time
from collections import deque
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
from .loss import LOGITS, LOGITS_FROZEN, SFTMetric
from .packing import PackedDataset

MAX_SKIPPED, SKIP_WINDOW = 2, 200  # no more than 2 of 200 updates (1 %) may be skipped, so never 3 in a row
SPIKE_WINDOW, SPIKE_SIGMAS = 100, 6  # a loss so far above the mean of the last hundred is reported
SLOW = 1.25  # times what the fastest GPU takes for the same products: that one is reported
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
        self.write({"settings": settings})

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


def logged_settings(path: Path) -> dict[str, Any]:
    """The settings of the run that ended the log."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [row["settings"] for row in rows if "settings" in row][-1]


def usable_trackers(names: list[str]) -> list[str]:
    """Those trackers whose package is there; a warning for each that is not."""
    packages = {"comet_ml": "comet_ml", "dvclive": "dvclive"}
    missing = [name for name in names if importlib.util.find_spec(packages.get(name, name)) is None]
    for name in missing:
        source = "-r requirements-finetune.txt" if name == "tensorboard" else packages.get(name, name)
        print(f"warning: --report_to {name} is left out: pip install {source}", file=sys.stderr)
    return [name for name in names if name not in missing]


def draw_curves(log_file: Path, picture: Path) -> None:
    """Draws loss, accuracy of the parts, gradient norm and learning rate over the updates.

    Raises ImportError: there is no matplotlib.
    """
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


# --- updates ----------------------------------------------------------------------------------------------------------


def training_flops(config: MossConfig, tokens: float, labels: float, attended: float) -> float:
    """Operations of forward and backward: 6 a weight for each token that meets it, and attention (Chowdhery et al.
    2022, arXiv:2204.02311, appendix B). What is computed twice to save memory does not count.

    tokens: without padding. labels: those that reach the output layer. attended: the sum of the documents' squared
    lengths; 2,048 a token for whole sequences. The published model: 101.5 GFLOP a token, if all have a label.
    """
    block = 4 * config.n_embd**2 + 2 * config.n_embd * config.inner_dim
    products = 6 * (config.n_layer * block * tokens + config.vocab_size * config.n_embd * labels)
    return products + 12 * config.n_layer * config.n_embd * attended


class Watch:
    """What is known of updates, most of it on the device until `read`: nothing here waits for it before.

    state: what `state` returned, for a run that goes on.
    """

    def __init__(
        self, accelerator: Accelerator, log: TrainingLog, config: MossConfig, data: PackedDataset, state: dict[str, Any]
    ):
        self.accelerator, self.log, self.config, self.data = accelerator, log, config, data
        self.peak = peak_flops(accelerator.device) * accelerator.num_processes
        self.metric = SFTMetric(accelerator.device)
        self.skipped, self.losses = deque(state["skipped"], SKIP_WINDOW), deque(state["losses"], SPIKE_WINDOW)
        self.start()

    def start(self) -> None:
        """Forgets the updates that were read, and the time since."""
        self.unread, self.since, self.useful, self.all, self.flops = [], time.perf_counter(), 0.0, 0, 0.0

    def add(self, step: int, bins: np.ndarray, computed: int, counts: torch.Tensor, values: torch.Tensor) -> None:
        """An update of these bins, for which the processes together computed so many positions.

        counts: (PARTS, 3), see SFTLoss. values: whether it was skipped, the gradients' norm, the loss a token.
        """
        self.metric.add(torch.where(values[0] > 0, 0, counts))
        self.unread.append((step, bins, values))
        lengths = self.data.dataset.lengths[np.concatenate([self.data.conversations(i) for i in bins])]
        tokens, labels = float(lengths.sum()), float(self.data.n_loss[bins].sum())
        self.useful, self.all = self.useful + tokens, self.all + computed
        self.flops += training_flops(self.config, tokens, labels, float((lengths.astype(np.float64) ** 2).sum()))

    def read(self, updates_left: int) -> dict[str, float]:
        """Waits for the device: figures of the updates since `start`. Updates skipped, and spikes, go to the log.

        tokens_per_second counts those of all processes, without padding; mfu and useful_share are shares.
        """
        values = torch.stack([values for *_, values in self.unread]).tolist()
        for (step, bins, _), (skipped, _, loss) in zip(self.unread, values, strict=True):
            self.skipped.append(skipped)
            kind = "skipped" if skipped else "spike" if is_spike(loss, self.losses) else None
            if kind is None:
                self.losses.append(loss)
                continue
            places = [place for i in bins for place in self.data.places(i)]
            self.log.write({"step": step, kind: str(loss), "samples": places})
            text = (
                f"warning: update {step} was {kind}" if skipped else f"warning: the loss of update {step} is {loss:.2f}"
            )
            self.accelerator.print(f"{text}; its samples are listed in {self.log.path}", flush=True)
        seconds, device = time.perf_counter() - self.since, self.accelerator.device
        if device.type == "cuda" and self.accelerator.num_processes > 1:
            self.compare(self.unread[-1][0], self.accelerator.gather(time_products(device)).tolist())
        memory = (
            torch.cuda.max_memory_allocated(device) if device.type == "cuda" else psutil.Process().memory_info().rss
        )
        return self.metric.figures() | {
            "grad_norm": values[-1][1],
            "skipped": int(sum(skipped for skipped, *_ in values)),
            "tokens_per_second": self.useful / seconds,
            "mfu": self.flops / seconds / self.peak,
            "useful_share": self.useful / self.all,
            "memory_gib": memory / 2**30,
            "seconds_left": seconds / len(values) * updates_left,
        }

    def compare(self, step: int, seconds: list[float]) -> None:
        """Reports processes whose GPU is slow: the others wait for it in every update, so no other figure shows it."""
        for rank, times in enumerate(seconds):
            if times > SLOW * min(seconds):
                self.log.write({"step": step, "slow": {"rank": rank, "seconds": seconds}})
                slower = f"takes {times / min(seconds):.2f} times as long as the fastest"
                self.accelerator.print(f"warning: update {step}: the GPU of rank {rank} {slower}", flush=True)

    def too_many_skipped(self) -> bool:
        """Under fp16 the gradients may overflow until their scale is small enough, which is no fault."""
        scaler = self.accelerator.scaler
        return sum(self.skipped) > MAX_SKIPPED and (scaler is None or scaler.get_scale() <= 1)

    def state(self) -> dict[str, Any]:
        """What JSON can hold of the updates before."""
        return {"skipped": list(self.skipped), "losses": list(self.losses)}


def is_spike(loss: float, before: Sequence[float]) -> bool:
    """Whether the loss is far above those of the last SPIKE_WINDOW updates."""
    if len(before) < SPIKE_WINDOW:
        return False
    return loss > statistics.fmean(before) + SPIKE_SIGMAS * statistics.pstdev(before)


def time_products(device: torch.device) -> torch.Tensor:
    """Seconds (1) that a GPU takes for some products, a few milliseconds: as fast as it is in training, being hot."""
    own = torch.Generator(device).manual_seed(0)  # training's is not to depend on how often this is looked at
    x = torch.randn(4096, 4096, dtype=torch.bfloat16, device=device, generator=own)
    x @ x  # the first has costs of its own
    torch.cuda.synchronize(device)
    since = time.perf_counter()
    for _ in range(10):
        x @ x
    torch.cuda.synchronize(device)
    return torch.tensor([time.perf_counter() - since], device=device)


def peak_flops(device: torch.device) -> float:
    """What the data sheet promises for bf16, nan where it is not known here."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
    return next((peak for part, peak in PEAK_FLOPS.items() if part in name), math.nan)


# --- memory -----------------------------------------------------------------------------------------------------------


def kept_by_block(config: MossConfig, half: int, stream: int, compiled: bool) -> int:
    """Bytes that a block keeps of a token for the backward pass.

    half: bytes of a number in matrix products. stream: the same between blocks. compiled: by compile_blocks
    (training_step.py) with weights in half precision: what LayerNorm and the activation put out is made again.
    """
    E, inner = config.n_embd, config.inner_dim
    kept = 8 + 4 * E * half + 4 * config.n_head  # norm: mean, deviation; attention: q, k, v, output, sums' logarithms
    if compiled:
        return kept + E * stream + inner * half  # what goes into the norm and into the activation
    copies = 2 if half == 2 else 1  # of the norm's output: autocast rounds it for each reader
    return kept + 4 * E + E * half * copies + 2 * inner * half


def memory_moments(
    accelerator: Accelerator, model: nn.Module, tokens: int, checkpointing: bool, compiled: bool, accumulating: bool
) -> dict[str, dict[str, float]]:
    """Bytes on a process's device at the three moments of an update that may be its peak, by what holds them.

    tokens: of a micro-batch. accumulating: gradients of earlier micro-batches are there already; otherwise those of a
    block come when its activations go.
    """
    config, kind, world = model.config, accelerator.distributed_type, accelerator.num_processes
    fsdp, deepspeed = kind == DistributedType.FSDP, kind == DistributedType.DEEPSPEED
    stage = accelerator.state.deepspeed_plugin.zero_stage if deepspeed else 3 if fsdp else 0
    half = 2 if accelerator.mixed_precision != "no" else 4
    width, layers = config.n_embd, config.n_layer
    head_trained = model.lm_head.weight.requires_grad
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    stored = sum(p.numel() * p.element_size() for p in [*model.parameters(), *model.buffers()])
    block = sum(p.numel() for p in model.transformer.h[0].parameters())
    block_trained = sum(p.numel() for p in model.transformer.h[0].parameters() if p.requires_grad)
    root = sum(p.numel() for p in model.parameters()) - layers * block  # embedding, last norm, output layer
    root_trained, head = trained - layers * block_trained, config.vocab_size * width

    # 1. What is always there.
    always = {"weights": stored / (world if stage == 3 else 1), "optimiser": 8 * trained / (world if stage else 1)}
    if deepspeed:  # fp32 weights shared out, those of the products besides
        always["weights"] = 4 * trained / world + half * stored / 4 / (world if stage == 3 else 1)
    gradient = 4 / (world if stage >= 2 else 1)  # bytes of a weight's
    there = gradient * trained if accumulating or kind == DistributedType.MULTI_GPU else 0  # DDP keeps its buckets

    # 2. Weights in the dtype of the products, beside the fp32 ones.
    gathered_root = half * root if stage == 3 else 0
    kept_casts = half * block_trained * layers if half == 2 and not deepspeed else 0  # autocast's
    copies = 3 * half * block if stage == 3 else kept_casts  # of the block at work, the next, and what arrives for it

    # 3. Activations.
    low = model.transformer.wte.weight.element_size()
    stream = half if fsdp or deepspeed else low
    in_block = tokens * kept_by_block(config, half, stream, compiled and (fsdp or deepspeed))
    kept = tokens * layers * width * stream + in_block if checkpointing else layers * in_block
    at_work = tokens * half * (2 * config.inner_dim + 6 * width)  # gradients of a block's inner values

    # 4. The output layer (models/loss.py): a chunk of logits and its gradient, in fp32 between unless that is fused.
    logits = min(LOGITS if head_trained else LOGITS_FROZEN, tokens * config.vocab_size)
    output = logits * (2 * half + (0 if compiled and half == 2 else 4)) + 3 * tokens * width * half
    output += (4 + half) * head * head_trained + (0 if stage == 3 else half * head)
    head_gradient = (half if stage == 3 else 4) * head * head_trained  # that waits for the embedding's

    reduced = 4 * (1 + 1 / world) if stage == 3 else gradient  # bytes of a weight whose gradient is exchanged
    return {
        "the loss": always | {
            "gradients": there, "gathered weights": gathered_root + (0 if stage == 3 else copies),
            "activations": kept, "output layer": output,
        },
        "backward through the last block": always | {
            "gradients": there + head_gradient + (half * (stage == 3) + reduced) * block_trained,
            "gathered weights": gathered_root + copies, "activations": kept + at_work,
        },
        "the end of backward": always | {
            "gradients": gradient * trained
            + (stage == 3) * ((half + 4) * root_trained + 4 * block_trained),  # the block's: the exchange before
        },
    }  # fmt: skip


def memory_estimate(
    accelerator: Accelerator, model: nn.Module, tokens: int, checkpointing: bool, compiled: bool, accumulating: bool
) -> str:
    """What a process's device will hold at the peak of an update, in words. See memory_moments for the arguments.

    Counted from the shapes: what the libraries (CUDA's context, NCCL's buffers, some GiB) and the gaps between
    allocations take comes on top.
    """
    moments = memory_moments(accelerator, model, tokens, checkpointing, compiled, accumulating)
    moment, parts = max(moments.items(), key=lambda item: sum(item[1].values()))
    total, capacity = sum(parts.values()), psutil.virtual_memory().total
    if accelerator.device.type == "cuda":
        capacity = torch.cuda.get_device_properties(accelerator.device).total_memory
    listed = ", ".join(f"{name} {size / 2**30:.2f}" for name, size in parts.items() if size)
    text = f"memory a process, estimated: {total / 2**30:.2f} GiB of {capacity / 2**30:.1f}, at {moment} ({listed})"
    if total > capacity:
        text += (
            "\nwarning: that is more than there is. What helps: a smaller --bin_length or --train_bsz_per_gpu, "
            "--gradient_checkpointing, more GPUs (configs/sft.yaml), --lora, --lora on an int4 checkpoint"
        )
    return text

"""Supervised fine-tuning of MOSS on conversations, from a checkpoint or from scratch.

    python finetune_moss.py --data_dir data --output_dir output/my-moss                    # tunes moss-mini
    python finetune_moss.py --model_name_or_path fnlp/moss-moon-003-base --data_dir data --output_dir output/my-moss
    python finetune_moss.py --config_name my/config.json --tokenizer_name my/tokenizer --data_dir data --output_dir out
    accelerate launch --config_file configs/sft.yaml finetune_moss.py ...                  # all GPUs of a machine

What data_dir holds and how it is read is told in models/sft_data.py.

Updates. One takes train_bsz_per_gpu * gradient_accumulation_steps * processes conversations of similar length;
`plan_updates` says which, from the seed alone. How an update is then divided into processes and micro-batches changes
nothing: the loss is the sum over its tokens divided by their number in the whole update.

Precision. Weights, optimiser and loss in fp32; matrix products in bf16 under autocast where the hardware has it.

Speed. The output layer is applied where there is a label and nowhere else (`SFTLoss`). Padding is on the right, where
causal attention never looks, so no mask is given and the fast attention kernels apply. The host waits for the device
once every log_step updates: even an update that must be skipped is skipped on the device.

Output. The model in output_dir, as `Inference(model_dir=output_dir)` loads it, with training_log.jsonl beside it, and
models on the way in output_dir/step-N. They hold weights only: a run cannot be resumed yet.
"""

import argparse
import contextlib
import copy
import itertools
import json
import math
import os
import re
import shutil
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch.nn import functional as F
from torch.utils.data import DataLoader
from tqdm import tqdm
from transformers import get_cosine_schedule_with_warmup

from models import MossConfig, MossForCausalLM, MossTokenizer
from models.conversation_moss import CHAT_TEMPLATE
from models.sft_data import IGNORE, SFTDataset, micro_batches, plan_updates, read_data, usable_cores
from moss_inference import MOSS_MINI
from utils import add_hub_files, plain_errors

MAX_SKIPPED, SKIP_WINDOW = 2, 200  # no more than 2 of 200 updates (1 %) may be skipped, so never 3 in a row
MAX_LENGTH = 2048  # of a conversation, unless the model has fewer positions


class TrainingStopped(RuntimeError):
    """The gradients stay NaN or infinite; the process ends with exit code 3."""


# --- updates ----------------------------------------------------------------------------------------------------------


class SFTLoss(torch.nn.Module):
    """Model and loss as one module, so that DistributedDataParallel sees one forward.

    With loss on MOSS's parts alone, most positions have no label; they never reach the output layer.
    """

    def __init__(self, model: MossForCausalLM):
        super().__init__()
        self.model = model

    def forward(
        self, input_ids: torch.Tensor, kept: torch.Tensor, targets: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """input_ids (B, T); kept (K,), the positions of the flattened (B * T) that predict targets (K,); all int64.

        Returns the sum of the cross-entropy, fp32, and the number of right predictions, int64.
        """
        hidden = self.model.transformer(input_ids=input_ids, use_cache=False).last_hidden_state  # (B, T, E)
        logits = self.model.lm_head(hidden.flatten(0, 1).index_select(0, kept)).float()  # (K, V)
        right = (logits.detach().argmax(dim=-1) == targets).sum()
        return F.cross_entropy(logits, targets, reduction="sum"), right


class SFTMetric:
    """Loss and accuracy over the tokens of all updates and all processes since the last reset.

    Each token counts the same. (The original's loss is the mean of the batches' means, in which a token of a short
    batch counts more.) Nothing leaves the device before get_metric.
    """

    def __init__(self, device: torch.device | str):
        dtype = torch.float32 if torch.device(device).type == "mps" else torch.float64  # which Apple's GPUs lack
        self.sums = torch.zeros(3, dtype=dtype, device=device)  # right, total, loss

    def __call__(self, logits: torch.Tensor, labels: torch.Tensor, loss: torch.Tensor) -> None:
        self.update(logits, labels, loss)

    @torch.no_grad()
    def update(self, logits: torch.Tensor, labels: torch.Tensor, loss: torch.Tensor) -> None:
        """logits (B, T, V); labels (B, T), -100 outside the loss, not shifted; loss (), the mean over the labels."""
        targets = labels[:, 1:]
        total = (targets != IGNORE).sum()
        right = (logits[:, :-1].argmax(dim=-1) == targets).sum()
        self.add(right, total, torch.where(total > 0, loss.detach().squeeze() * total, 0.0))

    def add(self, right: torch.Tensor, total: torch.Tensor | int, loss_sum: torch.Tensor) -> None:
        """Counts a batch of `total` labels."""
        for i, value in enumerate((right, total, loss_sum)):
            self.sums[i] += value.detach() if isinstance(value, torch.Tensor) else value

    def get_metric(self, reset: bool = True) -> tuple[float, float]:
        """accuracy, loss; both nan where there was no label (the original divides by zero)."""
        sums = self.sums.clone()
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            torch.distributed.all_reduce(sums)
        right, total, loss = sums.tolist()
        if reset:
            self.sums.zero_()
        return (right / total, loss / total) if total else (math.nan, math.nan)


def make_optimizer(model: torch.nn.Module, learning_rate: float, weight_decay: float, fused: bool = True):
    """AdamW. Matrices and embeddings decay; biases and layer norms, which are vectors, do not."""
    groups = [
        {"params": [p for p in model.parameters() if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in model.parameters() if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=learning_rate, fused=fused)


def make_schedule(optimizer: torch.optim.Optimizer, warmup_rates: float, n_updates: int):
    """From 0 up to the peak in the first `warmup_rates` of the updates, then down to 0 along half a cosine."""
    return get_cosine_schedule_with_warmup(optimizer, int(warmup_rates * n_updates), n_updates)


# --- output -----------------------------------------------------------------------------------------------------------


def save_model(model: MossForCausalLM, tokenizer: MossTokenizer, folder: Path, dtype: torch.dtype) -> None:
    """Writes a folder that `Inference(model_dir=folder)` loads: at once where it does not exist, else config.json last.

    Raises ValueError where the weights are not finite in that dtype.
    """
    state = {name: tensor.detach().to("cpu", dtype) for name, tensor in model.state_dict().items()}
    if broken := [name for name, tensor in state.items() if not tensor.isfinite().all()]:
        raise ValueError(f"not saved, {broken[0]} holds NaN or values too large for {dtype}: use --save_dtype float32")
    with torch.device("meta"):
        copied = type(model)(copy.deepcopy(model.config))
    copied.load_state_dict(state, assign=True)
    copied.tie_weights()
    copied.generation_config = model.generation_config
    unfinished = folder.parent / f".{folder.name}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    copied.save_pretrained(unfinished)
    tokenizer.save_pretrained(unfinished)
    if not folder.exists():
        unfinished.rename(folder)
        return
    for file in sorted(unfinished.iterdir(), key=lambda path: path.name == "config.json"):
        file.replace(folder / file.name)
    unfinished.rmdir()


def training_story(args: argparse.Namespace, n_conversations: int, n_updates: int) -> str:
    """How the model was made, for its card."""
    base = args.model_name_or_path
    if base and Path(base).is_dir():
        base = Path(base).resolve().name
    start = f"Fine-tuned from {base}" if base else "Trained from scratch"
    return f"{start} with finetune_moss.py: {n_conversations:,} conversations, {n_updates:,} updates."


class TrainingLog:
    """A line a message in output_dir/training_log.jsonl, and curves for tensorboard in log_dir."""

    def __init__(self, output_dir: Path, log_dir: Path, settings: dict[str, Any], enabled: bool = True):
        self.file = self.writer = None
        if not enabled:
            return
        self.file = open(output_dir / "training_log.jsonl", "a", encoding="utf-8")  # noqa: SIM115
        try:
            from torch.utils.tensorboard import SummaryWriter

            self.writer = SummaryWriter(str(log_dir))
        except (OSError, ImportError) as error:
            print(f"warning: no tensorboard curves, {log_dir} cannot be written: {error}", file=sys.stderr)
        self.write({"settings": settings})

    def write(self, message: dict[str, Any]) -> None:
        if self.file is None:
            return
        clean = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in message.items()}
        self.file.write(json.dumps(clean, default=str, ensure_ascii=False) + "\n")
        self.file.flush()
        for name, value in message.items():
            if self.writer and isinstance(value, float):
                self.writer.add_scalar(name, value, message["step"])

    def close(self) -> None:
        for opened in (self.file, self.writer):
            if opened is not None:
                opened.close()


# --- training ---------------------------------------------------------------------------------------------------------


def train(args: argparse.Namespace) -> None:
    """Trains as the command line would; of its options, `args` need only have those that differ from their defaults.

    Raises:
        ValueError, OSError: options, paths, data or checkpoint are at fault; before anything is trained.
        TrainingStopped: more than MAX_SKIPPED of SKIP_WINDOW updates had NaN or infinite gradients.
    """
    # 1. What was asked for.
    args = argparse.Namespace(**(vars(build_parser().parse_args([])) | vars(args)))
    if not args.model_name_or_path and not args.config_name:
        args.model_name_or_path = str(MOSS_MINI)
    check_options(args)
    mixed_precision = args.mixed_precision or os.environ.get("ACCELERATE_MIXED_PRECISION") or default_precision()
    accelerator = Accelerator(mixed_precision=mixed_precision)
    rank, world, main = accelerator.process_index, accelerator.num_processes, accelerator.is_main_process
    output_dir = Path(args.output_dir)
    set_seed(args.seed)
    output_dir.mkdir(parents=True, exist_ok=True)

    # 2. Tokenizer and data, before the model takes its time and memory.
    config, tokenizer = load_config(args)
    args.max_seq_len = args.max_seq_len or min(MAX_LENGTH, config.n_positions)
    train_set, val_set = read_data(
        args.data_dir, tokenizer, args.max_seq_len, args.loss_on, args.on_bad_sample, args.num_workers
    )
    if main:
        print("\n".join(dataset.report() for dataset in (train_set, val_set) if dataset is not None), flush=True)

    # 3. Model, optimiser, schedule.
    if args.config_name:
        model, saved_dtype = MossForCausalLM(config), torch.float32
    else:
        saved_dtype = getattr(torch, str(config.dtype or "float32").removeprefix("torch."))
        model = MossForCausalLM.from_pretrained(args.model_name_or_path, config=config, dtype=torch.float32)
    saved_dtype = getattr(torch, args.save_dtype) if args.save_dtype else saved_dtype
    model.config.plugins = train_set.plugins  # what the checkpoint was trained to call
    if args.gradient_checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    if args.compile:
        for block in model.transformer.h:  # one by one: they share their code, so only the first takes time
            block.compile(dynamic=True)
    model.to(accelerator.device).train()
    # A fused optimiser can skip on the device. Under fp16 the scaler skips, and tells so only with the other kind.
    skips_itself = mixed_precision != "fp16"
    optimizer = make_optimizer(model, args.learning_rate, args.weight_decay, fused=skips_itself)
    loss_of, optimizer = accelerator.prepare(SFTLoss(model), optimizer)  # not the schedule: it would step `world` times

    # 4. The plan: which samples, update by update.
    update_size = args.train_bsz_per_gpu * args.gradient_accumulation_steps * world
    n_updates = args.max_steps or args.n_epochs * math.ceil(len(train_set) / update_size)
    schedule = make_schedule(optimizer.optimizer, args.warmup_rates, n_updates)
    plan = itertools.islice(plan_updates(train_set.lengths, update_size, args.seed), n_updates)
    plan = [micro_batches(update, args.train_bsz_per_gpu, world) for update in plan]
    batches = iter(
        DataLoader(
            train_set,
            batch_sampler=[part[rank::world].tolist() for parts in plan for part in parts],
            collate_fn=train_set.collate_for_loss,
            num_workers=0 if args.num_workers == 0 else min(4, usable_cores() - 1),
            pin_memory=accelerator.device.type == "cuda",
        )
    )

    def evaluate(step: int) -> None:
        if val_set is None:
            return
        accuracy, loss = evaluation(accelerator.unwrap_model(loss_of), val_set, args.eval_bsz_per_gpu, rank, world)
        log.write({"step": step, "eval_loss": loss, "eval_accuracy": accuracy})
        if main:
            progress.write(f"update {step}: validation loss {loss:.4f}, accuracy {accuracy:.4f}")

    def save(step: int) -> None:
        if main:
            tokenizer.chat_template = CHAT_TEMPLATE
            folder = output_dir / f"step-{step}" if step < n_updates else output_dir
            save_model(model, tokenizer, folder, saved_dtype)
            add_hub_files(folder, args.model_name_or_path, training_story(args, len(train_set), step), "finetune")
        accelerator.wait_for_everyone()

    # 5. The updates.
    log = TrainingLog(output_dir, Path(args.log_dir or output_dir / "logs"), vars(args), enabled=main)
    progress = tqdm(total=n_updates, unit="update", disable=not main)
    metric, unread, recent = SFTMetric(accelerator.device), [], deque(maxlen=SKIP_WINDOW)
    tokens, since = 0, time.perf_counter()
    with contextlib.closing(log), contextlib.closing(progress):
        for step, parts in enumerate(plan, 1):
            samples = np.concatenate(parts)
            tokens += int(train_set.lengths[samples].sum())
            share = world / int(train_set.n_loss[samples].sum())  # `world`: the processes' gradients are averaged
            for i in range(len(parts)):
                batch = {k: v.to(accelerator.device, non_blocking=True) for k, v in next(batches).items()}
                last = i == len(parts) - 1
                with contextlib.nullcontext() if last else accelerator.no_sync(loss_of):
                    loss_sum, right = loss_of(**batch)
                    accelerator.backward(loss_sum * share)
                metric.add(right, len(batch["targets"]), loss_sum)

            # The same norm on all processes, and not finite if any gradient of any is not.
            norm = accelerator.clip_grad_norm_(loss_of.parameters(), args.max_grad_norm or math.inf)
            skip = ~norm.isfinite()
            if skips_itself:
                optimizer.optimizer.found_inf = skip.float()  # as torch's GradScaler tells a fused optimiser to skip
            optimizer.step()
            if not optimizer.step_was_skipped:  # known under fp16 alone
                schedule.step()
            optimizer.zero_grad()
            unread.append((step, skip, norm, samples))
            progress.update()

            saving = step == n_updates or (args.save_step and step % args.save_step == 0)
            evaluating = step == n_updates or (args.eval_step and step % args.eval_step == 0)
            if step % args.log_step == 0 or saving or evaluating:
                skips, norms = torch.stack([torch.stack([s.float(), n.float()]) for _, s, n, _ in unread]).T.tolist()
                scaler = accelerator.scaler
                for (number, _, _, samples), skipped in zip(unread, skips, strict=True):
                    recent.append(skipped)
                    if skipped:
                        places = [train_set.place(i) for i in samples]
                        log.write({"step": number, "skipped": "the gradient is NaN or infinite", "samples": places})
                    # Under fp16 it may overflow until the scale is small enough, which is no fault.
                    if sum(recent) > MAX_SKIPPED and (scaler is None or scaler.get_scale() <= 1):
                        raise TrainingStopped(stop_message(number, output_dir))
                accuracy, loss = metric.get_metric()
                now, lr = time.perf_counter(), schedule.get_last_lr()[0]
                values = {"loss": loss, "accuracy": accuracy, "lr": lr, "grad_norm": norms[-1]}
                values |= {"tokens_per_second": tokens / (now - since), "skipped": int(sum(skips))}
                log.write({"step": step, "epoch": step * update_size / len(train_set)} | values)
                progress.set_postfix_str(f"loss {loss:.4f}, lr {lr:.2e}, {tokens / (now - since):,.0f} tokens/s")
                unread = []
                if evaluating:
                    evaluate(step)
                if saving:
                    save(step)
                tokens, since = 0, time.perf_counter()
    accelerator.end_training()


@torch.no_grad()
def evaluation(loss_of: SFTLoss, dataset: SFTDataset, batch_size: int, rank: int, world: int) -> tuple[float, float]:
    """Accuracy and loss over all tokens of the dataset, each process having done its share of the batches."""
    device = loss_of.model.device
    metric, order = SFTMetric(device), np.argsort(dataset.lengths, kind="stable")
    loss_of.eval()
    for indices in np.split(order, range(batch_size, len(order), batch_size))[rank::world]:
        batch = dataset.collate_for_loss([dataset[i] for i in indices])
        loss_sum, right = loss_of(**{name: tensor.to(device) for name, tensor in batch.items()})
        metric.add(right, len(batch["targets"]), loss_sum)
    loss_of.train()
    return metric.get_metric()


def stop_message(step: int, output_dir: Path) -> str:
    saved = sorted(output_dir.glob("step-*"), key=lambda path: int(path.name.removeprefix("step-")))
    return (
        f"stopped at update {step}: more than {MAX_SKIPPED} of {SKIP_WINDOW} updates had NaN or infinite gradients; "
        f"each was skipped, and {output_dir / 'training_log.jsonl'} names their samples. The newest checkpoint, with "
        f"finite weights: {saved[-1] if saved else 'none'}. Try a lower --learning_rate, or --mixed_precision no"
    )


# --- options ----------------------------------------------------------------------------------------------------------


def default_precision() -> str:
    if not torch.cuda.is_available():
        return "no"
    return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"


def check_options(args: argparse.Namespace) -> None:
    """Raises one ValueError that names every option that cannot be, before anything is loaded."""
    problems = []

    def need(condition: bool, text: str) -> None:
        if not condition:
            problems.append(text)

    for name, least in LEAST.items():
        value = getattr(args, name)
        if value is not None:
            need(math.isfinite(value) and value >= least, f"--{name} is {value}; it must be at least {least}")
    need(args.learning_rate > 0, f"--learning_rate is {args.learning_rate}; it must be above 0")
    need(args.warmup_rates <= 1, f"--warmup_rates is {args.warmup_rates}; it is a share of the updates, at most 1")
    need(args.seed < 2**32, f"--seed is {args.seed}; it must be below 2**32")
    need(bool(args.data_dir), "--data_dir is missing: the folder with train.jsonl")
    need(not args.data_dir or Path(args.data_dir).is_dir(), f"--data_dir {args.data_dir} is no folder")
    need(bool(args.output_dir), "--output_dir is missing: where the trained model is to be written")
    if args.output_dir:
        folder = Path(args.output_dir)
        holds = [path.name for path in (folder / "config.json", *folder.glob("step-*")) if path.exists()]
        need(not holds, f"--output_dir {folder} already holds {', '.join(holds)} of a model; take another folder")
        need(not folder.exists() or folder.is_dir(), f"--output_dir {folder} is a file; take another name")
    if args.config_name:
        need(not args.model_name_or_path, "--model_name_or_path and --config_name (from scratch) exclude each other")
        need(Path(args.config_name).exists(), f"--config_name {args.config_name} does not exist")
        need(
            args.tokenizer_name or any(Path(args.config_name, n).is_file() for n in ("tokenizer.json", "vocab.json")),
            "--tokenizer_name is missing: from scratch there is no checkpoint to take the tokenizer from",
        )
    for option in ("model_name_or_path", "tokenizer_name"):
        name = getattr(args, option) or "."
        on_hub = re.fullmatch(r"[\w-][\w.-]*/[\w.-]+", name) and not Path(name).parent.exists()
        need(on_hub or Path(name).is_dir(), f"--{option} {name} is neither a folder nor a name on the hub")
    if args.mixed_precision == "fp16":
        need(torch.cuda.is_available(), "--mixed_precision fp16 needs a GPU; use bf16 or no")
    if problems:
        raise ValueError("\n".join(problems) if len(problems) == 1 else "\n  ".join(["", *problems]))


def load_config(args: argparse.Namespace) -> tuple[MossConfig, MossTokenizer]:
    """Configuration and tokenizer, which must fit each other and --max_seq_len."""
    model = args.config_name or args.model_name_or_path
    config, source = MossConfig.from_pretrained(model), args.tokenizer_name or model
    if config.wbits != 32 or getattr(config, "quantization_config", None):
        raise ValueError(
            f"the checkpoint {model} is quantised, and packed weights cannot be trained; fine-tune the fp16 checkpoint "
            "it was made from, then quantise the result (quantize_moss.py)"
        )
    tokenizer = MossTokenizer.from_pretrained(source)
    if args.max_seq_len and args.max_seq_len > config.n_positions:
        raise ValueError(
            f"--max_seq_len {args.max_seq_len} is more than the model's context, n_positions {config.n_positions}; "
            f"give at most {config.n_positions}"
        )
    if len(tokenizer) > config.vocab_size:
        raise ValueError(
            f"the tokenizer of {source} has {len(tokenizer)} tokens, the model's vocab_size is {config.vocab_size}; "
            "they do not belong together"
        )
    if args.config_name:  # a new model's special tokens are its tokenizer's
        config.bos_token_id, config.eos_token_id = tokenizer.bos_token_id, tokenizer.eos_token_id
    return config, tokenizer


LEAST = dict.fromkeys(["max_seq_len", "train_bsz_per_gpu", "eval_bsz_per_gpu", "n_epochs", "log_step"], 1)
LEAST |= dict.fromkeys(["gradient_accumulation_steps"], 1) | dict.fromkeys(["learning_rate", "weight_decay", "seed"], 0)
LEAST |= dict.fromkeys(["warmup_rates", "max_grad_norm", "max_steps", "save_step", "eval_step", "num_workers"], 0)


def build_parser() -> argparse.ArgumentParser:
    class Formatter(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
        pass

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=Formatter)
    group = parser.add_argument_group("model")
    group.add_argument("--model_name_or_path", help="checkpoint to train on: folder or hub name (None: moss-mini)")
    group.add_argument("--config_name", help="config.json, or its folder: train from scratch in this shape")
    group.add_argument("--tokenizer_name", help="folder or hub name of the tokenizer (None: the model's)")

    group = parser.add_argument_group("data")
    group.add_argument("--data_dir", help="folder with train.jsonl and perhaps val.jsonl, or with JSON files")
    group.add_argument("--max_seq_len", type=int, help="tokens a conversation may have (None: 2048 or the model's all)")
    group.add_argument("--loss_on", choices=["moss", "all"], default="moss", help="moss: on what MOSS writes; "
                       "all: on all but meta instruction and results")  # fmt: skip
    group.add_argument("--on_bad_sample", choices=["stop", "skip"], default="stop", help="what to do with bad rows")
    group.add_argument("--num_workers", type=int, help="processes that tokenise (None: one a core; 0: no others)")

    group = parser.add_argument_group("output")
    group.add_argument("--output_dir", help="folder for the trained model; must not hold one")
    group.add_argument("--log_dir", help="folder for tensorboard (None: output_dir/logs)")
    group.add_argument("--save_step", type=int, default=3000, help="updates between checkpoints; 0: only at the end")
    group.add_argument("--eval_step", type=int, default=500, help="updates between evaluations; 0: only at the end")
    group.add_argument("--log_step", type=int, default=10, help="updates between lines of the log")
    group.add_argument("--save_dtype", choices=["float32", "bfloat16", "float16"],
                       help="of the saved weights (None: as in the checkpoint, float32 from scratch)")  # fmt: skip

    group = parser.add_argument_group("training")
    group.add_argument("--train_bsz_per_gpu", type=int, default=4, help="conversations a process takes at a time")
    group.add_argument("--eval_bsz_per_gpu", type=int, default=4, help="the same in evaluation")
    group.add_argument("--gradient_accumulation_steps", type=int, default=1, help="how many of those make an update")
    group.add_argument("--n_epochs", type=int, default=2, help="times that the data is gone through")
    group.add_argument("--max_steps", type=int, default=0, help="updates, in place of n_epochs; 0: n_epochs counts")
    group.add_argument("--learning_rate", type=float, default=9e-6, help="its peak")
    group.add_argument("--warmup_rates", type=float, default=0.05, help="share of the updates in which it rises")
    group.add_argument("--weight_decay", type=float, default=0.1, help="of matrices and embeddings")
    group.add_argument("--max_grad_norm", type=float, default=1.0, help="gradients are clipped to it; 0: not")
    group.add_argument("--seed", type=int, default=42, help="of the order of the data and new weights")
    group.add_argument("--mixed_precision", choices=["bf16", "fp16", "no"],
                       help="of matrix products (None: accelerate's, or the best that the hardware has)")  # fmt: skip
    group.add_argument("--gradient_checkpointing", action="store_true", help="less memory, a third more time")
    group.add_argument("--compile", action="store_true", help="torch.compile: a slow start, then faster")
    return parser


def main() -> None:
    args = build_parser().parse_args()
    torch.backends.cuda.matmul.allow_tf32 = True  # matters where --mixed_precision no runs on a GPU
    with plain_errors():
        try:
            train(args)
        except TrainingStopped as error:
            print(f"error: {error}", file=sys.stderr)
            raise SystemExit(3) from None
        except torch.OutOfMemoryError as error:
            message = str(error).split(". ")[0]
            print(f"error: {message}. Lower --train_bsz_per_gpu, or add --gradient_checkpointing", file=sys.stderr)
            raise SystemExit(4) from None


if __name__ == "__main__":
    main()

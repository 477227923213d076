"""Supervised fine-tuning of MOSS on conversations: all weights or LoRA, from a checkpoint or from scratch.

    python finetune_moss.py --data_dir data --output_dir output/my-moss                    # tunes moss-mini
    python finetune_moss.py --model_name_or_path fnlp/moss-moon-003-base --data_dir data --output_dir output/my-moss
    python finetune_moss.py --lora --model_name_or_path CHECKPOINT --data_dir data --output_dir output/my-lora
    python finetune_moss.py --config_name my/config.json --tokenizer_name my/tokenizer --data_dir data --output_dir out
    accelerate launch --config_file configs/sft.yaml finetune_moss.py ...                  # see configs/ for each way

The same command again goes on where a run ended, however it ended: --resume.

What data_dir holds and how it is read is told in models/sft_data.py. Conversations are packed into bins of
bin_length tokens (models/packing.py), in which none sees another (models/packed_attention.py).

Updates. One takes the next train_bsz_per_gpu * gradient_accumulation_steps * processes bins, in an order that follows
from the seed alone. How an update is then divided into processes and micro-batches changes nothing: the loss is the sum
over its tokens divided by their number in the whole update.

Precision. Trained weights, optimiser and loss in fp32; matrix products in bf16 under autocast where the hardware has it
(FSDP2: gathered in bf16). What LoRA does not train is kept in the dtype of the products, or quantised.

Speed. The output layer is applied in chunks, where there is a label and nowhere else (models/loss.py). The host waits
for the device once every log_step updates: clipping, and the skipping of an update that is not finite, happen there.

Output. The model in output_dir, as `Inference(model_dir=output_dir)` loads it (with --lora the adapter, and with
--merge the model in output_dir/merged), beside it training_log.jsonl and training_curves.png. On the way checkpoints
step-N (models/training_state.py), which hold a model that loads just so.

Exit codes: 1 something is wrong with the options or files, 3 the loss stays NaN or infinite, 4 out of memory, 143
stopped by SIGTERM, after a checkpoint.
"""

import argparse
import contextlib
import faulthandler
import hashlib
import itertools
import math
import os
import signal
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs, InitProcessGroupKwargs, gather_object, set_seed
from torch.distributed.fsdp import register_fsdp_forward_method
from tqdm import tqdm

from models import MossConfig, MossForCausalLM, MossTokenizer
from models.adapters import add_adapter, load_adapter, merge_adapter
from models.loss import PARTS, SFTLoss, SFTMetric
from models.packed_attention import best_attention
from models.packing import PackedDataset
from models.sft_data import SFTDataset, read_data
from models.training_log import (
    MAX_SKIPPED,
    SKIP_WINDOW,
    TrainingLog,
    Watch,
    draw_curves,
    logged_settings,
    memory_estimate,
    usable_trackers,
)
from models.training_options import build_parser, check_options, default_precision
from models.training_state import (
    MODEL_FILES,
    Checkpoints,
    changed_settings,
    find_checkpoint,
    lock,
    new_model,
    patient_group,
    read_state,
    said_by_all,
    save_adapter,
    save_model,
    step_folders,
    tidy,
    untouched_model,
    whole_state,
)
from models.training_step import (
    Update,
    compile_blocks,
    evaluation,
    held_back,
    keep_fp32,
    loader,
    make_optimizer,
    make_schedule,
    micro_batches,
    plan_updates,
    sample_answers,
    take_step,
    torch_optimizer,
)
from moss_inference import MOSS_MINI
from utils import add_hub_files, plain_errors

__all__ = ["SFTDataset", "SFTMetric", "train"]

MAX_LENGTH = 2048  # of a conversation, unless the model has fewer positions
BIN_LENGTHS = 4  # of the longest conversation, in a bin: what fills it well (models/packing.py)
WATCHDOG = timedelta(minutes=10)  # that a process waits for the others; for files it waits longer (LONGEST_SAVE)
# What a run that goes on must not have changed, beside the data and the number of updates.
SETTINGS = ["model_name_or_path", "config_name", "tokenizer_name", "max_seq_len", "bin_length", "loss_on", "seed"]
SETTINGS += ["learning_rate", "warmup_rates", "weight_decay", "max_grad_norm", "mixed_precision"]
SETTINGS += ["lora", "lora_rank", "lora_alpha", "lora_dropout"]


class TrainingStopped(RuntimeError):
    """The loss or its gradients stay NaN or infinite; the process ends with exit code 3."""


class Terminated(RuntimeError):
    """SIGTERM came, and a checkpoint was written; the process ends with exit code 143."""


# --- training ---------------------------------------------------------------------------------------------------------


def train(args: argparse.Namespace) -> None:
    """Trains as the command line would; of its options, `args` need only have those that differ from their defaults.

    Raises:
        ValueError, OSError: options, paths, data or checkpoint are at fault; before anything is trained.
        TrainingStopped: more than MAX_SKIPPED of SKIP_WINDOW updates were not finite.
        Terminated: SIGTERM came.
    """
    # 1. What was asked for, and whether it was done already.
    args = argparse.Namespace(**(vars(build_parser(__doc__).parse_args([])) | vars(args)))
    if not args.model_name_or_path and not args.config_name:
        args.model_name_or_path = str(MOSS_MINI)
    check_options(args)
    accelerator = make_accelerator(args)
    patient = patient_group()
    rank, world, main = accelerator.process_index, accelerator.num_processes, accelerator.is_main_process
    output_dir = Path(args.output_dir)
    output_dir.mkdir(parents=True, exist_ok=True)
    held = lock(output_dir) if main else None
    if is_finished(output_dir, args):
        accelerator.print(f"{output_dir} holds the model that this command makes; nothing is left to be trained")
        if main:
            finish(args, output_dir)
            held.release()
        return
    set_seed(args.seed)

    # 2. Tokenizer and data, before the model takes its time and memory.
    config, tokenizer = load_config(args)
    args.max_seq_len = args.max_seq_len or min(MAX_LENGTH, config.n_positions)
    args.bin_length = args.bin_length or BIN_LENGTHS * args.max_seq_len
    options = args.max_seq_len, args.loss_on, args.on_bad_sample, args.num_workers, args.cache_dir
    train_set, val_set = read_data(args.data_dir, tokenizer, *options)
    train_bins, val_bins = (d and PackedDataset(d, args.bin_length, args.seed) for d in (train_set, val_set))
    for text in (d.report() for d in (train_set, train_bins, val_set) if d is not None):
        accelerator.print(text, flush=True)

    # 3. Where to begin.
    update_size = args.train_bsz_per_gpu * args.gradient_accumulation_steps * world
    n_updates = args.max_steps or args.n_epochs * math.ceil(len(train_bins) / update_size)
    settings = {name: getattr(args, name) for name in SETTINGS}
    settings |= {"bins an update": update_size, "updates": n_updates, "data": fingerprint(train_set)}
    checkpoint, damaged = find_checkpoint(accelerator, output_dir, args.resume, patient)
    done = {"step": 0, "watch": {"skipped": [], "losses": []}, "best": [math.inf, -1]}
    if checkpoint is not None:
        done |= read_state(checkpoint)
        check_settings(checkpoint, done["settings"], settings, args.allow_config_change)
        accelerator.print("\n".join([*(f"warning: {text}" for text in damaged), f"goes on from {checkpoint}"]))
    if main:
        tidy(output_dir, done["step"])

    # 4. Model, optimiser, schedule.
    model, adapter, saved_dtype = load_model(args, config, checkpoint, accelerator)
    said_by_all(patient, "loaded")  # to wait in what comes next would be to wait for WATCHDOG at most
    if rank:
        torch.manual_seed(args.seed + rank)  # no two processes drop out the same
    model.config.plugins = train_set.plugins  # what the checkpoint was trained to call
    loss_of = SFTLoss(model, args.compile)
    # A fused optimiser can skip on the device. A GradScaler skips, and tells so, only with the other kind.
    optimizer = make_optimizer(model, args.learning_rate, args.weight_decay, fused=accelerator.scaler is None)
    rows, length = args.train_bsz_per_gpu, args.bin_length
    ways = args.gradient_checkpointing, args.compile, args.gradient_accumulation_steps > 1
    accelerator.print(memory_estimate(accelerator, model, rows * length, *ways), flush=True)
    keep_fp32(accelerator)
    loss_of, optimizer = accelerator.prepare(loss_of, optimizer)  # not the schedule: it would step `world` times
    if accelerator.is_fsdp2:
        register_fsdp_forward_method(loss_of, "generate")
    schedule = make_schedule(torch_optimizer(optimizer), args.warmup_rates, n_updates)
    checkpoints = Checkpoints(accelerator, output_dir, loss_of, optimizer, args.keep_checkpoints, patient)
    n_saves = (n_updates - 1) // args.save_step - done["step"] // args.save_step if args.save_step else 0
    if warning := checkpoints.room(n_saves):
        accelerator.print(warning, flush=True)
    if checkpoint is not None:
        checkpoints.load(checkpoint)
        schedule.load_state_dict(done["schedule"])
        for group, rate in zip(optimizer.param_groups, schedule.get_last_lr(), strict=True):
            group["lr"] = rate

    # 5. The plan: which bins, update by update; what is done of it is left out.
    plan = list(itertools.islice(plan_updates(train_bins, update_size), done["step"], n_updates))
    todo = [part for update in plan for part in micro_batches(update.bins, rows, rank, world)]
    batches = iter(loader(accelerator, train_bins, todo, rows, args.num_workers != 0))

    def write_model(folder: Path, dtype: torch.dtype) -> None:
        state = whole_state(accelerator, loss_of, torch.float32 if adapter is not None else dtype)
        if main and adapter is not None:
            save_adapter(adapter, state, tokenizer, folder)
        elif main:
            save_model(model, state, tokenizer, folder)
            add_hub_files(folder, args.model_name_or_path, training_story(args, len(train_set), step), "finetune")

    def save(step: int, update: Update) -> bool:
        state = {"step": step, "epoch": update.epoch, "position": update.position + len(update.bins)}
        state |= {"settings": settings, "schedule": schedule.state_dict(), "best": done["best"], "watch": watch.state()}
        return checkpoints.save(step, state, lambda folder: write_model(folder, torch.float32), done["best"][1])

    def evaluate(step: int) -> None:
        if val_set is None:
            return
        progress.set_postfix_str("evaluation")
        figures = evaluation(accelerator, loss_of, val_bins, args.eval_bsz_per_gpu)
        done["best"] = min(done["best"], [figures["eval_loss"], step])
        log.write({"step": step} | figures)
        if main:
            loss, accuracy = figures["eval_loss"], figures["eval_accuracy"]
            progress.write(f"update {step}: validation loss {loss:.4f}, accuracy {accuracy:.4f}")
        for prompt, answer in sample_answers(accelerator, loss_of, val_set, tokenizer, args.n_samples):
            log.write({"step": step, "prompt": prompt, "answer": answer})
            if main:
                progress.write(f"  … {prompt[-60:]!r} -> {answer!r}")

    # 6. The updates.
    log = TrainingLog(accelerator, output_dir, vars(args) | settings | {"plugins": train_set.plugins}, done["step"])
    progress = tqdm(total=n_updates, initial=done["step"], unit="update", disable=not main)
    watch, step = Watch(accelerator, log, config, train_bins, done["watch"]), done["step"]
    with contextlib.closing(log), contextlib.closing(progress), sigterm() as asked_to_stop:
        if args.eval_step and step == 0:
            evaluate(0)
        watch.start()
        for step, update in enumerate(plan, done["step"] + 1):
            if update.position == 0:
                train_set.check_unchanged()
            parts = len(micro_batches(update.bins, rows, rank, world))
            share = world / int(train_bins.n_loss[update.bins].sum())  # `world`: processes' gradients are averaged
            counts, computed = torch.zeros(len(PARTS), 3, device=accelerator.device), 0
            for i in range(parts):
                batch = {
                    name: tensor.to(accelerator.device, non_blocking=True) for name, tensor in next(batches).items()
                }
                accelerator.sync_gradients = i == parts - 1
                with held_back(accelerator, loss_of):
                    loss, counted = loss_of(**batch)
                    accelerator.backward(loss * share)
                counts, computed = counts + counted, computed + world * batch["input_ids"].numel()
            counts = accelerator.reduce(counts, reduction="sum")  # of all processes
            loss = counts[:, 2].sum() * (share / world)
            norm, skipped = take_step(accelerator, loss_of, optimizer, args.max_grad_norm, loss)
            if not optimizer.step_was_skipped:  # known under fp16 alone
                schedule.step()
            watch.add(step, update.bins, computed, counts, torch.stack([skipped, norm, loss]))
            progress.update()

            last = step == n_updates
            saving = not last and args.save_step and step % args.save_step == 0
            evaluating = last or (args.eval_step and step % args.eval_step == 0)
            stopping = asked_to_stop.is_set() and world == 1
            if step % args.log_step and not (saving or evaluating or stopping):
                continue

            figures = watch.read(n_updates - step)  # here the host waits for the device
            if watch.too_many_skipped():
                raise TrainingStopped(stop_message(step, output_dir))
            figures |= {"lr": schedule.get_last_lr()[0], "epoch": update.epoch + update.position / len(train_bins)}
            log.write({"step": step} | figures)
            progress.set_postfix_str(f"loss {figures['loss']:.4f}, {figures['tokens_per_second']:,.0f} tokens/s")
            if evaluating:
                evaluate(step)
            stopping = any(gather_object([asked_to_stop.is_set()]))
            if saving or (stopping and not last):
                saved = save(step, update)
                if stopping:
                    where = "there" if saved else "the checkpoint before"
                    raise Terminated(f"stopped by SIGTERM at update {step}; the same command goes on from {where}")
            watch.start()

    # 7. The output. Where it cannot be written, a checkpoint keeps what was trained since the last one.
    if problem := checkpoints.attempt(lambda: write_model(output_dir, saved_dtype)):
        kept = not plan or save(step, plan[-1])
        after = "mend that, and the same command writes it" if kept else "nor a checkpoint"
        raise OSError(f"the model could not be written to {output_dir}, {after}: {problem}")
    if main:
        finish(args, output_dir)
        held.release()
    said_by_all(patient, "finished")
    accelerator.end_training()


# --- what train() asks for --------------------------------------------------------------------------------------------


def make_accelerator(args: argparse.Namespace) -> Accelerator:
    """As the environment of `accelerate launch` says, or for this process alone."""
    trackers = usable_trackers([name for name in args.report_to if name != "none"])
    accelerator = Accelerator(
        mixed_precision=args.mixed_precision or os.environ.get("ACCELERATE_MIXED_PRECISION") or default_precision(),
        log_with=trackers or None,
        project_dir=args.log_dir or str(Path(args.output_dir) / "logs"),
        kwargs_handlers=[
            InitProcessGroupKwargs(timeout=WATCHDOG),
            # Packed weights are buffers, equal everywhere: to send them around would unpack them.
            DistributedDataParallelKwargs(broadcast_buffers=False, gradient_as_bucket_view=True),
        ],
    )
    if (plugin := accelerator.state.deepspeed_plugin) is not None:
        plugin.deepspeed_config["gradient_clipping"] = args.max_grad_norm
        plugin.deepspeed_config["train_micro_batch_size_per_gpu"] = args.train_bsz_per_gpu
    if args.deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)
    return accelerator


def load_model(
    args: argparse.Namespace, config: MossConfig, checkpoint: Path | None, accelerator: Accelerator
) -> tuple[MossForCausalLM, Any, torch.dtype]:
    """The model to train, peft's adapter in it or None, and the dtype in which weights are to be saved."""
    low = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(accelerator.mixed_precision, torch.float32)
    dtype, saved_dtype, adapter = low if args.lora else torch.float32, torch.float32, None
    source = args.model_name_or_path if args.lora or checkpoint is None else checkpoint
    # FSDP2's processes get from the main one what it has read or drawn; transformers would read it in each. Not so
    # packed weights: they are buffers, which accelerate cannot hand out, nor torch share.
    plugin = accelerator.state.fsdp_plugin if accelerator.is_fsdp2 else None
    if plugin is not None and is_quantised(config):
        plugin.cpu_ram_efficient_loading = False
    handed = plugin is not None and plugin.cpu_ram_efficient_loading and not accelerator.is_main_process
    if handed:
        model = untouched_model(config, dtype, source)
    elif source is None:
        model = new_model(config, accelerator.device)
    else:
        model = MossForCausalLM.from_pretrained(source, dtype=dtype)
    if args.lora:
        saved_dtype = torch.float16
        if checkpoint is not None:
            adapter = load_adapter(model, checkpoint, trainable=True)
        else:
            adapter = add_adapter(model, args.lora_rank, args.lora_alpha, args.lora_dropout)
    if not args.lora and not args.config_name:
        saved_dtype = getattr(torch, str(config.dtype or "float32").removeprefix("torch."))
    if accelerator.device.type == "cpu" and not handed:
        # Out of the mapped file, which may be a checkpoint that is deleted on the way, into memory aligned alike in
        # every run: without that MKL promises no equal last bits.
        for parameter in model.parameters():
            parameter.data = parameter.data.clone()
    model.set_attn_implementation("sdpa" if config.attn_pdrop else best_attention(accelerator.device, low))
    if args.gradient_checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    if args.compile:
        compile_blocks(model, accelerator)
    return model.train(), adapter, getattr(torch, args.save_dtype) if args.save_dtype else saved_dtype


def fingerprint(data: SFTDataset) -> str:
    """Of texts, their lengths in tokens and what of them is in the loss."""
    parts = (data.digests, data.lengths, data.n_loss)
    return hashlib.blake2b(b"".join(part.tobytes() for part in parts), digest_size=16).hexdigest()


def is_finished(output_dir: Path, args: argparse.Namespace) -> bool:
    """Whether output_dir holds the model that this command makes. Raises ValueError where it holds another."""
    if not (held := [name for name in MODEL_FILES if (output_dir / name).exists()]):
        return False
    log = output_dir / "training_log.jsonl"
    taken = f"--output_dir {output_dir} already holds {held[0]} of a model; take another folder"
    if not log.exists() or args.resume == "never":
        raise ValueError(taken)
    made = logged_settings(log)
    names = ["n_epochs", "max_steps", "train_bsz_per_gpu", "gradient_accumulation_steps", *SETTINGS]
    given = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    if changed := changed_settings({name: made.get(name) for name in given}, given, ()):
        raise ValueError(f"{taken}. It was trained with other settings:\n  " + "\n  ".join(changed))
    return True


def check_settings(checkpoint: Path, saved: dict[str, Any], given: dict[str, Any], allowed: list[str]) -> None:
    if changed := changed_settings(saved, given, allowed):
        raise ValueError(
            f"{checkpoint} is of a run with other settings; give the same, take another --output_dir, or name with "
            "--allow_config_change what is meant to change:\n  " + "\n  ".join(changed)
        )


@contextlib.contextmanager
def sigterm() -> Iterator[threading.Event]:
    """An event that SIGTERM sets; a second one ends the process as ever. Only the main thread can listen."""
    asked = threading.Event()

    def note(number: int, frame: Any) -> None:
        asked.set()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = signal.signal(signal.SIGTERM, note)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGTERM, before)


def finish(args: argparse.Namespace, output_dir: Path) -> None:
    """What is made of the trained model and its log: the curves, and with --merge the model of base and adapter."""
    log, picture, merged = (output_dir / n for n in ("training_log.jsonl", "training_curves.png", "merged"))
    try:
        draw_curves(log, picture)
    except ImportError:
        print(f"no {picture}: that needs matplotlib (pip install -r requirements-finetune.txt)", file=sys.stderr)
    if args.merge and not (merged / MODEL_FILES[0]).exists():
        dtype = getattr(torch, args.save_dtype or "float16")
        model = merge_adapter(args.model_name_or_path, output_dir, dtype)
        model.config.plugins = logged_settings(log)["plugins"]
        save_model(model, model.state_dict(), MossTokenizer.from_pretrained(output_dir), merged)
        add_hub_files(merged, args.model_name_or_path, "An adapter made by finetune_moss.py, merged.", "finetune")


def is_quantised(config: MossConfig) -> bool:
    return config.wbits != 32 or bool(getattr(config, "quantization_config", None))


def load_config(args: argparse.Namespace) -> tuple[MossConfig, MossTokenizer]:
    """Configuration and tokenizer, which must fit each other and --max_seq_len."""
    model = args.config_name or args.model_name_or_path
    config, source = MossConfig.from_pretrained(model), args.tokenizer_name or model
    if not args.lora and is_quantised(config):
        raise ValueError(
            f"the checkpoint {model} is quantised, and packed weights cannot be trained: add --lora, or fine-tune the "
            "fp16 checkpoint it was made from, then quantise the result (quantize_moss.py)"
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


def training_story(args: argparse.Namespace, n_conversations: int, n_updates: int) -> str:
    """How the model was made, for its card."""
    base = args.model_name_or_path
    if base and Path(base).is_dir():
        base = Path(base).resolve().name
    start = f"Fine-tuned from {base}" if base else "Trained from scratch"
    return f"{start} with finetune_moss.py: {n_conversations:,} conversations, {n_updates:,} updates."


def stop_message(step: int, output_dir: Path) -> str:
    saved = step_folders(output_dir)
    return (
        f"stopped at update {step}: more than {MAX_SKIPPED} of {SKIP_WINDOW} updates had a NaN or infinite loss or "
        f"gradient. They were skipped, and are in {output_dir / 'training_log.jsonl'} with their samples. The newest "
        f"checkpoint, with finite weights: {saved[0] if saved else 'none'}. Try a lower --learning_rate, or "
        "--mixed_precision no"
    )


def main() -> None:
    args = build_parser(__doc__).parse_args()
    faulthandler.enable(sys.__stderr__)  # each process that NCCL's watchdog aborts shows where it stood
    torch.backends.cuda.matmul.allow_tf32 = True  # matters where --mixed_precision no runs on a GPU
    with plain_errors():
        try:
            train(args)
        except TrainingStopped as error:
            print(f"error: {error}", file=sys.stderr)
            raise SystemExit(3) from None
        except Terminated as error:
            print(error, file=sys.stderr)
            raise SystemExit(143) from None
        except torch.OutOfMemoryError as error:
            message = str(error).split(". ")[0]
            print(f"error: {message}. Add --gradient_checkpointing, or lower --bin_length", file=sys.stderr)
            raise SystemExit(4) from None


if __name__ == "__main__":
    main()

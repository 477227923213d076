"""The command line of finetune_moss.py, and which of its options cannot be."""

import argparse
import math
from pathlib import Path

import torch

from .checkpoint import names_checkpoint
from .training_state import MODEL_FILES, step_folders

LEAST = dict.fromkeys(["max_seq_len", "bin_length", "train_bsz_per_gpu", "eval_bsz_per_gpu", "n_epochs", "log_step"], 1)
LEAST |= dict.fromkeys(["keep_checkpoints", "lora_rank"], 1) | dict.fromkeys(
    ["n_samples", "lora_alpha", "lora_dropout"], 0
)
LEAST |= dict.fromkeys(["gradient_accumulation_steps"], 1) | dict.fromkeys(["learning_rate", "weight_decay", "seed"], 0)
LEAST |= dict.fromkeys(["warmup_rates", "max_grad_norm", "max_steps", "save_step", "eval_step", "num_workers"], 0)


def build_parser(description: str) -> argparse.ArgumentParser:
    class Formatter(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
        pass

    parser = argparse.ArgumentParser(description=description, formatter_class=Formatter)
    group = parser.add_argument_group("model")
    group.add_argument("--model_name_or_path", help="checkpoint to train on: folder or hub name (None: moss-mini)")
    group.add_argument("--config_name", help="config.json, or its folder: train from scratch in this shape")
    group.add_argument("--tokenizer_name", help="folder or hub name of the tokenizer (None: the model's)")

    group = parser.add_argument_group("data")
    group.add_argument("--data_dir", help="folder with train.jsonl and perhaps val.jsonl, or with JSON files")
    group.add_argument("--max_seq_len", type=int, help="tokens a conversation may have (None: 2048 or the model's all)")
    group.add_argument("--bin_length", type=int, help="tokens of a bin, into which conversations are packed "
                       "(None: 4 * max_seq_len)")  # fmt: skip
    group.add_argument("--loss_on", choices=["moss", "all"], default="moss", help="moss: on what MOSS writes; "
                       "all: on all but meta instruction and results, as the original")  # fmt: skip
    group.add_argument("--on_bad_sample", choices=["stop", "skip"], default="stop", help="what to do with bad rows")
    group.add_argument("--num_workers", type=int, help="processes that tokenise (None: one a core; 0: no others)")

    group.add_argument("--cache_dir", help="where tokenised data are kept (None: moss_sft in $HF_HOME)")

    group = parser.add_argument_group("output")
    group.add_argument("--output_dir", help="folder for the trained model, or adapter")
    group.add_argument("--log_dir", help="folder for tensorboard (None: output_dir/logs)")
    group.add_argument("--save_step", type=int, default=3000, help="updates between checkpoints; 0: only at the end")
    group.add_argument("--keep_checkpoints", type=int, default=2, help="how many stay, beside the best in evaluation")
    group.add_argument("--resume", default="auto", help="auto: go on from the newest checkpoint in output_dir, if any; "
                       "never: begin, in a new folder; or the folder of a checkpoint")  # fmt: skip
    group.add_argument("--allow_config_change", nargs="+", default=[], metavar="SETTING",
                       help="settings that may differ from those of the checkpoint")  # fmt: skip
    group.add_argument("--eval_step", type=int, default=500, help="updates between evaluations, with one at start "
                       "and end; 0: only at the end")  # fmt: skip
    group.add_argument("--n_samples", type=int, default=3, help="answers shown after each evaluation")
    group.add_argument("--log_step", type=int, default=10, help="updates between lines of the log")
    group.add_argument("--report_to", nargs="+", default=["tensorboard"], metavar="TRACKER",
                       help="of accelerate: tensorboard, wandb, mlflow, trackio, ...; or none")  # fmt: skip
    group.add_argument("--save_dtype", choices=["float32", "bfloat16", "float16"],
                       help="of the saved weights (None: as in the checkpoint, float32 from scratch)")  # fmt: skip

    group = parser.add_argument_group("training")
    group.add_argument("--train_bsz_per_gpu", type=int, default=1, help="bins a process takes at a time")
    group.add_argument("--eval_bsz_per_gpu", type=int, default=1, help="the same in evaluation")
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
    group.add_argument("--deterministic", action="store_true", help="the same numbers in each run on a GPU; slower")
    group.add_argument("--compile", action="store_true", help="torch.compile: a slow start, then faster "
                       "(blocks that are not quantised)")  # fmt: skip

    group = parser.add_argument_group("LoRA (needs peft)")
    group.add_argument(
        "--lora", action="store_true", help="train adapters alone, over a plain or a quantised checkpoint"
    )
    group.add_argument("--lora_rank", type=int, default=16, help="inner width of the adapters")
    group.add_argument("--lora_alpha", type=float, default=32.0, help="they are scaled by lora_alpha / lora_rank")
    group.add_argument("--lora_dropout", type=float, default=0.0, help="share of their inputs that is dropped")
    group.add_argument(
        "--merge", action="store_true", help="also write base and adapter as one model, output_dir/merged"
    )
    return parser


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
        holds = [
            path.name for path in (*(folder / name for name in MODEL_FILES), *step_folders(folder)) if path.exists()
        ]
        if args.resume == "never":
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
        need(names_checkpoint(name), f"--{option} {name} is neither a folder nor a name on the hub")
    if args.resume not in ("auto", "never"):
        need(Path(args.resume).is_dir(), f"--resume {args.resume} is no folder; give auto, never, or a checkpoint's")
    if args.max_seq_len and args.bin_length:
        need(args.bin_length >= args.max_seq_len, f"--bin_length {args.bin_length} is less than --max_seq_len")
    need(args.lora_dropout < 1, f"--lora_dropout is {args.lora_dropout}; it is a share, below 1")
    need(args.lora or not args.merge, "--merge is for adapters: give --lora, too")
    need(not args.lora or not args.config_name, "--lora needs a checkpoint to adapt; leave --config_name out")
    if args.mixed_precision == "fp16":
        need(torch.cuda.is_available(), "--mixed_precision fp16 needs a GPU; use bf16 or no")
    if problems:
        raise ValueError("\n".join(problems) if len(problems) == 1 else "\n  ".join(["", *problems]))

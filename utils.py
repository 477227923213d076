"""What two or more scripts need: the stop criterion for `generate`, left padding, the card and the sampling defaults of
saved checkpoints, sampling flags, and errors without tracebacks."""

import argparse
import contextlib
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from huggingface_hub import ModelCardData
from safetensors import SafetensorError
from transformers import GenerationConfig, StoppingCriteria

from models import MossConfig
from models.sampling import DEFAULT_PARAS

CARD = """\
---
{data}
---

# MOSS

{story}

NAME below is the path of this folder, or its name on the Hub. In a copy of the MOSS repository, plugins included:

    python moss_cli_demo.py --model_name NAME

With transformers alone, without plugins; the code is in this folder, so look at it before you trust it:

```python
from transformers import pipeline

chat = pipeline("text-generation", model="NAME", trust_remote_code=True)
print(chat([{{"role": "user", "content": "Hello"}}])[0]["generated_text"][-1]["content"])
```
"""


class StopWordsCriteria(StoppingCriteria):
    """Stops each row of a batch at the first of these token ids, for `model.generate(stopping_criteria=[...])`.

    Args:
        stop_indices: ids of which any one ends a row.
    """

    def __init__(self, stop_indices: Sequence[int]):
        self.stop_indices = list(stop_indices)

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor | None = None, **kwargs) -> torch.Tensor:
        """input_ids (B, T) -> bool (B,): whether the row's last id is one of the stop ids."""
        return torch.isin(input_ids[:, -1], torch.tensor(self.stop_indices, device=input_ids.device, dtype=torch.long))


def left_pad(rows: Sequence[Sequence[int]], pad_id: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of ids -> input_ids and attention_mask, int64 (B, T), with the padding on the left."""
    width = max(map(len, rows))
    input_ids = torch.tensor([[pad_id] * (width - len(row)) + list(row) for row in rows], dtype=torch.long)
    attention_mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows], dtype=torch.long)
    return input_ids, attention_mask


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("model")
    group.add_argument("--model_name", help="a directory or a hub name (default: checkpoints/moss-mini)")
    group.add_argument("--gpu", help='numbers of the GPUs to use, "0" or "0,1"; "cpu" for none (default: all)')
    group.add_argument(
        "--dtype", choices=("float32", "float16", "bfloat16"),
        help="of the weights (default: float32 on a CPU, as saved on GPUs); bfloat16 takes half of a CPU's memory, and "
        "where it has AMX less time for many users, see README.md",
    )  # fmt: skip
    group.add_argument(
        "--lm_head_bits", type=int, choices=(4, 8, 16), default=16,
        help="round the output layer to so many bits, for less memory and time; see README.md (default: 16)",
    )  # fmt: skip
    group.add_argument(
        "--kv_bits", type=int, choices=(8, 16), default=16,
        help="keep keys and values in so many bits; 8 halves their memory, see README.md (default: 16)",
    )  # fmt: skip


def model_settings(args: argparse.Namespace) -> dict:
    """The arguments above as Inference takes them."""
    return {"model_dir": args.model_name} | {name: getattr(args, name) for name in ("dtype", "lm_head_bits", "kv_bits")}


def follows() -> bool:
    """Whether this is one of several processes (torchrun) that share a model, and not the first: its user's."""
    return int(os.environ.get("RANK", 0)) > 0


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Ends a script with one line on stderr, exit code 1, where the user's input or files are at fault, and without a
    word, exit code 130, at Ctrl-C."""
    try:
        yield
    except (ValueError, OSError, MemoryError, SafetensorError) as error:  # the last where a disk is full
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


@plain_errors()
def choose_gpus(gpu: str | None) -> None:
    """Does what --gpu says, before torch uses a GPU, or ends the script where it cannot be done.

    Of several processes (torchrun) the first alone speaks.
    """
    if follows():
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    if gpu is None:
        return
    gpus = [] if gpu.lower() == "cpu" else gpu.split(",")
    if not all(re.fullmatch(r"\d+|(GPU|MIG)-[\w/-]+", name) for name in gpus):  # CUDA would take "first" for none
        raise ValueError(f'--gpu is numbers of GPUs, "0" or "0,1", or "cpu", not {gpu!r}')
    os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(gpus)
    if gpus and (found := torch.cuda.device_count()) < len(gpus):
        raise ValueError(
            f'--gpu {gpu}: torch finds {found} of these; "cpu" does without, and no --gpu takes what is there'
        )


def add_sampling_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("sampling (defaults: the checkpoint's own, or MOSS's, as given in README.md)")
    group.add_argument("--temperature", type=float, help="0 takes the likeliest token each time; up to 10")
    group.add_argument("--top_p", type=float, help="keep the likeliest tokens that add up to this (0 < top_p <= 1)")
    group.add_argument("--top_k", type=int, help="keep this many tokens; 0 keeps all")
    group.add_argument("--repetition_penalty", type=float, help="above 1 makes what was said before less likely")
    group.add_argument(
        "--max_new_tokens", type=int, dest="max_iterations", help="longest part of a reply, in tokens", metavar="TOKENS"
    )
    group.add_argument("--max_time", type=float, help="longest time for a reply, in seconds")
    group.add_argument("--seed", type=int, help="makes sampled answers repeatable")


def sampling_paras(args: argparse.Namespace) -> dict:
    """The sampling flags that were given, under the names of models.sampling.DEFAULT_PARAS."""
    names = "temperature", "top_p", "top_k", "repetition_penalty", "max_iterations", "max_time", "seed"
    return {name: getattr(args, name) for name in names if getattr(args, name) is not None}


def add_hub_files(folder: Path, base: str | None, story: str, relation: str, tags: Sequence[str] = ()) -> None:
    """Gives a saved checkpoint what the Hub shows and what `generate` reads, where it has none of its own: a model card
    (README.md), and MOSS's sampling defaults in generation_config.json.

    base: the checkpoint that it was made from, a folder or a hub name; None where there is none.
    story: how it was made. relation: "finetune" or "quantized", as the Hub has it.
    """
    if (folder / "generation_config.json").is_file():
        generation = GenerationConfig.from_pretrained(folder)
    else:
        generation = GenerationConfig.from_model_config(MossConfig.from_pretrained(folder))
    sampling = {name: DEFAULT_PARAS[name] for name in ("temperature", "top_k", "top_p", "repetition_penalty")}
    if all(getattr(generation, name) is None for name in ("do_sample", *sampling)):
        generation.update(do_sample=True, max_new_tokens=DEFAULT_PARAS["max_iterations"], **sampling)
        generation.save_pretrained(folder)
    if not (folder / "README.md").exists():
        on_hub = base is not None and not Path(base).is_dir()
        base_card = Path(base or folder, "README.md")
        text = base_card.read_text("utf-8", errors="replace") if base_card.is_file() else ""
        license_line = re.search(r"^license: *(\S+)", text, re.MULTILINE)
        data = ModelCardData(
            language=["zh", "en"],
            license=license_line and license_line[1],
            library_name="transformers",
            pipeline_tag="text-generation",
            tags=["moss", *tags],
            base_model=base if on_hub else None,
            base_model_relation=relation if on_hub else None,
        )
        (folder / "README.md").write_text(CARD.format(data=data.to_yaml(), story=story), encoding="utf-8")

"""What two or more scripts need: the stop criterion for `generate`, left padding, sampling flags, plain errors."""

import argparse
import contextlib
import sys
from collections.abc import Iterator, Sequence

import torch
from transformers import StoppingCriteria


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


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Ends a script with one line on stderr, exit code 1, where the user's input or files are at fault."""
    try:
        yield
    except (ValueError, OSError, MemoryError) as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from None

"""How the next token is drawn: repetition penalty, temperature, top-k, top-p, length penalty, each row its own way.

A row is drawn with one number between 0 and 1, by the inverse of its cumulative distribution, so what it draws depends
on nothing but its logits, its settings and that number: not on its batch, and not on the device's random generator.
"""

import math
from collections.abc import Mapping, Sequence

import torch

DEFAULT_PARAS = {
    "temperature": 0.7,  # 0 takes the likeliest token
    "top_k": 0,  # 0 keeps all
    "top_p": 0.8,
    "repetition_penalty": 1.02,
    "length_penalty": 1,  # above 1 the end grows likelier with every token after regulation_start
    "regulation_start": 512,
    "max_iterations": 512,  # new tokens a part at most
    "max_time": 60,  # seconds that a reply is generated at most; None for no limit
    "seed": None,  # an int for reproducible draws; a list of them for a batch
}


def check_paras(paras: Mapping, vocab_size: int | None = None) -> None:
    """Raises ValueError where a sampling parameter is out of range; the message says what is allowed."""
    allowed = {
        "temperature": (lambda v: 0 <= v <= 10, "0 (greedy) to 10"),
        "top_p": (lambda v: 0 < v <= 1, "above 0, at most 1"),
        "top_k": (lambda v: v == int(v) and 0 <= v <= (vocab_size or v), f"0 (off) to {vocab_size or 'vocab_size'}"),
        "repetition_penalty": (lambda v: 0 < v <= 10, "above 0, at most 10"),
        "length_penalty": (lambda v: 0 < v <= 10, "above 0, at most 10"),
        "regulation_start": (lambda v: v >= 0, "0 or more"),
        "max_iterations": (lambda v: v == int(v) and v >= 0, "0 or more"),
        "max_time": (lambda v: v is None or v >= 0, "0 or more, or None"),
    }
    wrong = []
    for name, (fits, range_) in allowed.items():
        try:
            if not fits(paras[name]):
                raise ValueError
        except (TypeError, ValueError, OverflowError):
            wrong.append(f"{name} must be {range_}, got {paras[name]!r}")
    if wrong:
        raise ValueError("; ".join(wrong))


def penalize_repetition(logits: torch.Tensor, seen: torch.Tensor, penalty: float | torch.Tensor) -> torch.Tensor:
    """Lowers the logits (B, V) of tokens that were seen (B, V, bool): CTRL, https://arxiv.org/abs/1909.05858.

    penalty: a number, or (B, 1), one to a row. At most 1, it is ignored, as in the original.
    """
    penalty = torch.as_tensor(penalty, dtype=logits.dtype, device=logits.device)
    lowered = torch.where(logits < 0, logits * penalty, logits / penalty)
    return torch.where(seen & (penalty > 1), lowered, logits)


def top_k_top_p_filtering(
    logits: torch.Tensor,
    top_k: int | torch.Tensor = 0,
    top_p: float | torch.Tensor = 1.0,
    filter_value: float = -float("inf"),
    min_tokens_to_keep: int = 1,
) -> torch.Tensor:
    """logits (B, V) with all but the kept ones set to filter_value.

    Kept are the top_k likeliest (0: all; ties with the last of them stay), and of those the fewest whose probabilities
    add up to top_p (nucleus sampling, https://arxiv.org/abs/1904.09751), at least min_tokens_to_keep. Both may be
    tensors (B, 1), one to a row.
    """
    top_k, top_p = (torch.as_tensor(x, device=logits.device) for x in (top_k, top_p))
    V = logits.shape[-1]
    ordered, indices = torch.sort(logits, descending=True)
    k = torch.where(top_k > 0, top_k.clamp(min_tokens_to_keep, V), V).long().expand(len(logits), 1)
    beyond_k = ordered < ordered.gather(1, k - 1)
    before = (
        ordered.masked_fill(beyond_k, -float("inf")).softmax(-1).cumsum(-1).roll(1, -1)
    )  # mass of the likelier ones
    before[:, :min_tokens_to_keep] = 0
    drop = beyond_k | ((before > top_p) & (top_p < 1))
    return logits.masked_fill(drop.scatter(1, indices, drop), filter_value)


def scores(
    logits: torch.Tensor, seen: torch.Tensor, paras: Sequence[Mapping], steps: Sequence[int], stop_ids: torch.Tensor
) -> torch.Tensor:
    """logits (B, V) fp32 with penalties and temperatures applied, and -inf where a row does not draw from.

    paras: DEFAULT_PARAS of each row. steps: how many tokens each has drawn. The length penalty multiplies the
    probability of the stop ids. A greedy row keeps all of its logits.
    """

    def column(values) -> torch.Tensor:
        return torch.tensor(list(values), dtype=torch.float32, device=logits.device)[:, None]

    if any(p["repetition_penalty"] > 1 for p in paras):
        logits = penalize_repetition(logits, seen, column(p["repetition_penalty"] for p in paras))
    logits = logits / column(p["temperature"] or 1 for p in paras)
    kept = [(p["top_k"], p["top_p"]) if p["temperature"] else (0, 1.0) for p in paras]
    if any(top_k or top_p < 1 for top_k, top_p in kept):
        logits = top_k_top_p_filtering(logits, column(k for k, _ in kept), column(p for _, p in kept))
    bonus = [
        max(0, n - p["regulation_start"]) * math.log(p["length_penalty"]) for p, n in zip(paras, steps, strict=True)
    ]
    if any(bonus):
        logits = logits.index_add(1, stop_ids, column(bonus).expand(-1, len(stop_ids)))
    return logits


def pick(probs: torch.Tensor, uniform: Sequence[float]) -> torch.Tensor:
    """The ids (B,) at which the cumulative probabilities (B, V) pass uniform, numbers in [0, 1)."""
    cumulative = probs.double().cumsum(-1)  # in fp32 a vocabulary of small numbers would not add up
    target = torch.tensor(uniform, dtype=torch.float64, device=probs.device)[:, None] * cumulative[:, -1:]
    return torch.searchsorted(cumulative, target, right=True)[:, 0]


def draw(
    logits: torch.Tensor,
    seen: torch.Tensor,
    paras: Sequence[Mapping],
    steps: Sequence[int],
    uniform: Sequence[float],
    stop_ids: torch.Tensor,
) -> torch.Tensor:
    """The next ids (B,): of a greedy row the likeliest, of the others one of `scores` by its number of uniform."""
    found = scores(logits, seen, paras, steps, stop_ids)
    likeliest = found.argmax(-1)
    greedy = torch.tensor([p["temperature"] == 0 for p in paras], device=logits.device)
    if greedy.all():
        return likeliest
    return torch.where(greedy, likeliest, pick(found.softmax(-1), uniform))

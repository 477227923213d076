"""How the next token is drawn: repetition penalty, temperature, top-k, top-p, length penalty, each row its own way.

A row is drawn with one number between 0 and 1, by the inverse of its cumulative distribution, so what it draws depends
on nothing but its logits, its settings and that number: not on its batch, and not on the device's random generator.
"""

import math
from collections.abc import Mapping, Sequence

import torch

from .quantization import has_kernels

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
FEW = 64  # tokens that top-p nearly always keeps fewer than: a CPU finds them in a tenth of the time of a sort


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
        "seed": (
            lambda v: all(
                s is None or -(2**63) <= s == int(s) < 2**64 for s in (v if isinstance(v, Sequence) else [v])
            ),
            "an integer from -2**63 to 2**64 - 1, a list of them, or None",
        ),
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

    Kept are the top_k likeliest (0: all), and of those the fewest whose probabilities add up to top_p (nucleus
    sampling, https://arxiv.org/abs/1904.09751), at least min_tokens_to_keep; what is as likely as the last of them
    stays, too. Both may be tensors (B, 1), one to a row.
    """
    top_k, top_p = (torch.as_tensor(x, device=logits.device) for x in (top_k, top_p))
    V, n = logits.shape[-1], FEW
    k = torch.where(top_k > 0, top_k.clamp(min_tokens_to_keep, V), V).long().expand(len(logits), 1)
    n = max(n, int(k.masked_fill(k == V, 0).max()))
    while True:  # the likeliest n tell which are kept, unless all of them are and more may be
        n = min(n, V)
        ordered = logits.topk(n).values
        least = ordered.gather(1, k.clamp(max=n) - 1).masked_fill(k > n, -float("inf"))  # of the top_k
        log_sum = logits.masked_fill(logits < least, -float("inf")).logsumexp(-1, keepdim=True)
        before = (ordered - log_sum).exp().cumsum(-1).roll(1, -1)  # mass of the likelier ones
        before[:, :min_tokens_to_keep] = 0
        n_kept = (~(ordered < least) & (before <= top_p)).sum(-1, keepdim=True)
        if not ((n_kept == n) & (k > n) & (top_p < 1)).any():
            break
        n *= 16
    least = torch.where(top_p < 1, ordered.gather(1, n_kept - 1), least)
    return logits.masked_fill(logits < least, filter_value)


def settings_of(paras: Mapping) -> list[float]:
    """What `scores` has to know of DEFAULT_PARAS, in numbers."""
    names = ("temperature", "top_k", "top_p", "repetition_penalty", "regulation_start")
    return [float(paras[name]) for name in names] + [math.log(paras["length_penalty"])]


def scores(
    logits: torch.Tensor, seen: torch.Tensor, settings: torch.Tensor, steps: torch.Tensor, stop_ids: torch.Tensor
) -> torch.Tensor:
    """logits (B, V) fp32 with penalties and temperatures applied, and -inf where a row does not draw from.

    settings: `settings_of` each row, fp32 (B, 6). steps: int64 (B), how many tokens each has drawn. The length penalty
    multiplies the probability of the stop ids. A greedy row keeps all of its logits.
    """
    temperature, top_k, top_p, penalty, regulation_start, log_length_penalty = settings.split(1, dim=1)
    greedy = temperature == 0
    if (penalty > 1).any():
        logits = penalize_repetition(logits, seen, penalty)
    logits = logits / temperature.masked_fill(greedy, 1)
    top_k, top_p = top_k.masked_fill(greedy, 0), top_p.masked_fill(greedy, 1)
    if ((top_k > 0) | (top_p < 1)).any():
        logits = top_k_top_p_filtering(logits, top_k, top_p)
    bonus = (steps[:, None] - regulation_start).clamp(min=0) * log_length_penalty
    if bonus.any():
        logits = logits.index_add(1, stop_ids, bonus.expand(-1, len(stop_ids)))
    return logits


def pick(probs: torch.Tensor, uniform: torch.Tensor) -> torch.Tensor:
    """The ids (B,) at which the cumulative probabilities (B, V) pass uniform (B,), numbers in [0, 1)."""
    cumulative = probs.double().cumsum(-1)  # in fp32 a vocabulary of small numbers would not add up
    return torch.searchsorted(cumulative, uniform[:, None] * cumulative[:, -1:], right=True)[:, 0]


def draw(
    logits: torch.Tensor,
    seen: torch.Tensor,
    settings: torch.Tensor,
    steps: torch.Tensor,
    uniform: torch.Tensor,
    stop_ids: torch.Tensor,
) -> torch.Tensor:
    """The next ids (B,): of a greedy row the likeliest, of the others one of `scores` by its number of uniform (B,)."""
    found = scores(logits, seen, settings, steps, stop_ids)
    greedy = settings[:, 0] == 0
    if greedy.all():
        return found.argmax(-1)
    picked = pick(found.softmax(-1), uniform)
    return torch.where(greedy, found.argmax(-1), picked) if greedy.any() else picked


class Sampler:
    """What rows draw their tokens by, on the device of the logits: so a step of all rows needs nothing from the host.

    For each row its settings, how many tokens it has drawn, the numbers to draw them by, and what it has read or drawn.
    """

    def __init__(self, rows: int, longest: int, vocab_size: int, stop_ids: Sequence[int], device: torch.device):
        """longest: how many tokens a row may draw."""
        self.stop_ids = torch.tensor(stop_ids, device=device)
        self.settings = torch.zeros(rows, 6, device=device)
        self.steps = torch.zeros(rows, dtype=torch.int64, device=device)
        self.uniform = torch.zeros(rows, longest, device=device)
        self.seen = torch.zeros(rows, vocab_size, dtype=torch.bool, device=device)

    def grow(self, rows: int) -> None:
        """To so many rows or more; what is known of the first ones stays."""
        if rows <= len(self.steps):
            return
        for name in ("settings", "steps", "uniform", "seen"):
            old = getattr(self, name)
            new = old.new_zeros(rows, *old.shape[1:])
            new[: len(old)] = old
            setattr(self, name, new)

    def begin(self, row: int, ids: Sequence[int], paras: Mapping, uniform: torch.Tensor) -> None:
        """A row starts to draw: ids is what it has read, uniform what it will draw by."""
        device = self.settings.device
        self.settings[row] = torch.tensor(settings_of(paras)).to(device)
        self.steps[row] = 0
        uniform = uniform[: self.uniform.shape[1]]
        self.uniform[row, : len(uniform)] = uniform.to(device)
        self.seen[row] = False
        self.seen[row, torch.tensor(ids).to(device)] = True

    def draw(self, logits: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """The next ids (B,) of rows (B,) from their logits (B, V), noted as drawn."""
        if has_kernels(logits.device):
            from .sampling_kernel import draw_rows  # needs triton

            return draw_rows(logits, rows, self)
        steps = self.steps[rows]
        uniform = self.uniform[rows, steps]
        ids = draw(logits.float(), self.seen[rows], self.settings[rows], steps, uniform, self.stop_ids)
        self.seen[rows, ids] = True
        self.steps[rows] += 1
        return ids

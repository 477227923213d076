"""What every part of the moss-mini corpus shares: a turn, and the sampler that draws phrasings and numbers.

Held-out material. One phrasing in twenty and one longer number in twenty are reserved for evaluation, chosen by a
checksum of their text, so that the choice is stable whatever else changes in the lists. `Sampler(held_out=False)` never
draws a reserved one; `Sampler(held_out=True)` draws reserved phrasings wherever a list has some, and reserved numbers.
"""

import functools
import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Language = str  # "en" or "zh"


@dataclass
class Turn:
    """One exchange. `answer` is a text, or a function from the results of `commands`, in order, to one."""

    human: str
    answer: str | Callable[..., str]
    thoughts: str = "None"
    commands: tuple[tuple[str, str], ...] = ()  # (name, argument), at most three: (("Calculate", "12*7"),)
    tag: str = ""  # the kind of question, for the evaluation's table: "percent", "unit", "linear", "refusal" …


class Sampler(random.Random):
    """A seeded random.Random that keeps the held-out phrasings and numbers apart."""

    def __init__(self, seed: int, held_out: bool = False):
        super().__init__(seed)
        self.held_out = held_out

    def phrasing(self, templates: Sequence[str]) -> str:
        """Draws a template of this sampler's side of the split; from all of them where that side is empty."""
        return self.choice(side(tuple(templates), self.held_out))

    def integer(self, low: int, high: int) -> int:
        """Draws an integer of [low, high]; those of three digits and more respect the split (best effort)."""
        for _ in range(200):
            value = self.randint(low, high)
            if abs(value) < 100 or reserved(str(value)) == self.held_out:
                return value
        return value

    def decimal(self, low: float, high: float, places: int) -> str:
        """Draws a decimal of [low, high] with up to `places` digits after the point, as text without trailing zeros."""
        for _ in range(200):
            text = f"{self.uniform(low, high):.{places}f}"
            text = text.rstrip("0").rstrip(".") if "." in text else text
            if len(text) < 4 or reserved(text) == self.held_out:
                return text
        return text


@functools.cache
def side(templates: tuple[str, ...], held_out: bool) -> tuple[str, ...]:
    """Those of the templates that are reserved, or that are not; all of them where there are none."""
    return tuple(t for t in templates if reserved(t) == held_out) or templates


def reserved(text: str) -> bool:
    """Whether a phrasing or number belongs to the evaluation."""
    return zlib.crc32(text.encode()) % 20 == 0

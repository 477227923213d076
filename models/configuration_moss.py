"""The shape of a MOSS model, and the refusal of shapes that cannot be.

`MossConfig` holds the keys that the published config.json files hold, under their names, so those files load as they
are; the names that most of transformers uses (`hidden_size` and the like) are aliases. Two things differ from the usual
configuration class:

- Everything that is wrong is said at once, in one `ValueError`, when the configuration is made and again before a model
  is built or a configuration is saved (a field can be set in between). transformers' `@strict` stops at the first field
  and raises something that is not a `ValueError`, so the check is our own method, `validate`.
- Sizes have ceilings, far above any MOSS: a config.json is data from elsewhere, and one that asks for a vocabulary of
  10**9 should be a message and not a machine that runs out of memory.
"""

import math
import os
from typing import Any, ClassVar

from transformers import PreTrainedConfig
from transformers.activations import ACT2FN

WBITS = (2, 4, 8, 32)
"""Bits a weight may have on disk; 32 stands for "not quantised", whatever the floating-point type."""

MAX_PARAMETERS = 10**12

# name -> (least, most). Positions are counted in fp32 by the rotary table, which is exact up to 2**24.
INTEGER_RANGES = {
    "vocab_size": (1, 2**24),
    "n_positions": (1, 2**24),
    "n_ctx": (1, 2**24),
    "n_embd": (4, 2**17),
    "n_layer": (1, 1024),
    "n_head": (4, 1024),
    "n_inner": (1, 2**20),
    "rotary_dim": (2, 2**17),
}


class MossConfig(PreTrainedConfig):
    """Configuration of a MOSS model; the defaults are those of the original class, not those of the published 16B model
    (n_embd 6144, n_layer 34, n_head 24).

    Only what the name does not say:

    n_ctx: read by nothing; kept because the published files have it. The context length is `n_positions`, and it is a
        promise of the training rather than a limit of the code: later positions are computed all the same.
    n_head: a multiple of 4, since the rows of `qkv_proj` are stored in four quarters (see modeling_moss.py).
    rotary_dim: how many of each head's n_embd / n_head numbers are rotated; the rest carry no position.
    n_inner: width of the MLP; None is 4 * n_embd.
    wbits, groupsize: bits and group size of GPTQ weights, as the published int4 and int8 checkpoints give them.
        wbits 32 means that the weights are plain floating point, and groupsize -1 one group for a whole column.

    Raises:
        ValueError: naming every impossible value, what was given and what is allowed.

    >>> MossConfig(hidden_size=384, n_head=8, rotary_dim=16).n_embd
    384
    """

    model_type = "moss"
    keys_to_ignore_at_inference: ClassVar[list[str]] = ["past_key_values", "cache"]
    attribute_map: ClassVar[dict[str, str]] = {
        "hidden_size": "n_embd",
        "num_attention_heads": "n_head",
        "num_hidden_layers": "n_layer",
        "max_position_embeddings": "n_positions",
    }
    # qkv_proj can be cut by rows because its quarters are whole: 2 or 4 ways, two quarters or one to a GPU.
    base_model_tp_plan: ClassVar[dict[str, str]] = {
        "h.*.attn.qkv_proj": "colwise",
        "h.*.attn.out_proj": "rowwise",
        "h.*.mlp.fc_in": "colwise",
        "h.*.mlp.fc_out": "rowwise",
    }
    base_model_fsdp_plan: ClassVar[dict[str, str]] = {
        "wte": "free_full_weight",
        "h.*": "free_full_weight",
        "ln_f": "keep_full_weight",
    }

    vocab_size: int = 107008
    n_positions: int = 2048
    n_ctx: int = 2048
    n_embd: int = 4096
    n_layer: int = 28
    n_head: int = 16
    rotary_dim: int = 64
    n_inner: int | None = None
    activation_function: str = "gelu_new"
    resid_pdrop: float = 0.0
    embd_pdrop: float = 0.0
    attn_pdrop: float = 0.0
    layer_norm_epsilon: float = 1e-5
    initializer_range: float = 0.02
    use_cache: bool = True
    bos_token_id: int | None = 106028
    eos_token_id: int | list[int] | None = 106068
    pad_token_id: int | None = None
    tie_word_embeddings: bool = False
    wbits: int = 32
    groupsize: int = 128

    def __post_init__(self, **kwargs: Any) -> None:
        # Aliases are no fields, so they arrive here with the unknown keys; they must be in place before the check.
        for alias, name in self.attribute_map.items():
            if alias in kwargs:
                setattr(self, name, kwargs.pop(alias))
        super().__post_init__(**kwargs)
        self.validate()

    @property
    def head_dim(self) -> int:
        """Numbers to a head, D = n_embd / n_head."""
        return self.n_embd // self.n_head

    @property
    def inner_dim(self) -> int:
        """Width of the MLP."""
        return 4 * self.n_embd if self.n_inner is None else self.n_inner

    def validate(self) -> None:
        """Raise one ValueError that names every impossible value. Takes no memory. transformers calls it on saving."""
        problems = [*self._problems_of_fields(), *self._problems_of_flags()]
        if not problems:  # the relations below need sane numbers
            problems = self._problems_of_shape()
        if problems:
            raise ValueError("impossible MossConfig:\n" + "\n".join(f"  - {problem}" for problem in problems))

    def save_pretrained(self, save_directory: str | os.PathLike, **kwargs: Any) -> None:
        """Writes config.json, and beside it the code of the model, whose classes config.json names (`auto_map`): the
        folder loads with trust_remote_code=True where there is no copy of this repository."""
        # transformers copies this file with all that it imports relatively, and adds this class to auto_map.
        from .modeling_moss import MossForCausalLM, MossModel

        classes = {"AutoModel": MossModel, "AutoModelForCausalLM": MossForCausalLM}
        self.auto_map = {auto_class: f"modeling_moss.{own.__name__}" for auto_class, own in classes.items()}
        super().save_pretrained(save_directory, **kwargs)

    def _problems_of_fields(self) -> list[str]:
        problems = []
        for name, (least, most) in INTEGER_RANGES.items():
            value = getattr(self, name)
            if name == "n_inner" and value is None:
                continue
            if not _is_integer(value) or not least <= value <= most:
                problems.append(f"{name} is {value!r}; allowed are integers from {least} to {most}")
        for name in ("resid_pdrop", "embd_pdrop", "attn_pdrop"):
            value = getattr(self, name)
            if not _is_number(value) or not 0 <= value < 1:
                problems.append(f"{name} is {value!r}; allowed are numbers from 0 up to, but not including, 1")
        if not _is_number(self.layer_norm_epsilon) or not 0 < self.layer_norm_epsilon < 1:
            problems.append(f"layer_norm_epsilon is {self.layer_norm_epsilon!r}; allowed are numbers between 0 and 1")
        if not _is_number(self.initializer_range) or not 0 < self.initializer_range <= 1:
            problems.append(f"initializer_range is {self.initializer_range!r}; allowed are numbers above 0, at most 1")
        return problems

    def _problems_of_flags(self) -> list[str]:
        problems = []
        for name in ("use_cache", "tie_word_embeddings"):
            if not isinstance(getattr(self, name), bool):
                problems.append(f"{name} is {getattr(self, name)!r}; allowed are true and false")
        for name in ("bos_token_id", "eos_token_id", "pad_token_id"):
            value = getattr(self, name)
            ids = value if name == "eos_token_id" and isinstance(value, list) else [value]
            if not all(token is None or (_is_integer(token) and token >= 0) for token in ids):
                problems.append(f"{name} is {value!r}; allowed are integers from 0 and null")
        if not isinstance(self.activation_function, str) or self.activation_function not in ACT2FN:
            problems.append(
                f"activation_function is {self.activation_function!r}; MOSS uses 'gelu_new', allowed are "
                + ", ".join(sorted(ACT2FN))
            )
        if not _is_integer(self.wbits) or self.wbits not in WBITS:
            problems.append(f"wbits is {self.wbits!r}; allowed are {', '.join(map(str, WBITS))} (32: not quantised)")
        if not _is_integer(self.groupsize) or not (self.groupsize == -1 or 1 <= self.groupsize <= 2**17):
            problems.append(f"groupsize is {self.groupsize!r}; allowed are -1 (one group) and integers from 1")
        return problems

    def _problems_of_shape(self) -> list[str]:
        problems = []
        if self.n_embd % self.n_head:
            problems.append(
                f"n_embd {self.n_embd} is not divisible by n_head {self.n_head}; every head needs as many numbers"
            )
        if self.n_head % 4:
            problems.append(f"n_head {self.n_head} is not divisible by 4; qkv_proj stores the heads in four quarters")
        if self.rotary_dim % 2:
            problems.append(f"rotary_dim {self.rotary_dim} is odd; the numbers are rotated in pairs")
        if self.rotary_dim > self.head_dim:
            problems.append(
                f"rotary_dim {self.rotary_dim} is larger than the {self.head_dim} numbers of a head "
                f"(n_embd {self.n_embd} / n_head {self.n_head}); allowed are even integers up to that"
            )
        layer = 4 * self.n_embd**2 + 2 * self.n_embd * self.inner_dim
        n_parameters = self.n_layer * layer + 2 * self.vocab_size * self.n_embd
        if n_parameters > MAX_PARAMETERS:
            problems.append(
                f"{n_parameters:,} parameters (vocab_size {self.vocab_size}, n_embd {self.n_embd}, n_layer "
                f"{self.n_layer}, inner width {self.inner_dim}); allowed are at most {MAX_PARAMETERS:,}"
            )
        return problems


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


__all__ = ["MossConfig"]

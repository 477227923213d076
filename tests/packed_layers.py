"""Random quantised layers for the tests, packed with numpy so that models/quantization.py does not judge itself.

Letters as in that module: M rows of x, K inputs, N outputs, G groups, n = 32/bits values to an int32.
"""

import random
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import linear

BITS = (2, 4, 8)


def pack_words(values: torch.Tensor, bits: int, dim: int = 0) -> torch.Tensor:
    """int32 words of non-negative integers, value k of a word at bits [k*bits, (k+1)*bits), packed along dim."""
    x = np.moveaxis(values.numpy().astype(np.uint32), dim, 0)
    n = 32 // bits
    words = np.zeros((x.shape[0] // n, *x.shape[1:]), np.uint32)
    for k in range(n):
        words |= x[k::n] << np.uint32(k * bits)
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(words, 0, dim)).view(np.int32).copy())


@dataclass
class PackedLayer:
    """A layer as checkpoints hold it, with its weight beside it."""

    bits: int
    groupsize: int  # as given to QuantLinear, so perhaps -1
    state: dict[
        str, torch.Tensor
    ]  # qweight (K/n, N) and qzeros (G, N/n) int32, scales (G, N) fp16, g_idx (K) int32, bias (N) fp16
    weight: torch.Tensor  # (N, K) fp64, exact
    values: torch.Tensor  # (K, N) in 0 .. 2^bits-1
    zeros: torch.Tensor  # (G, N), the true zero points

    @property
    def bias(self) -> torch.Tensor | None:
        return self.state.get("bias")

    @property
    def maxq(self) -> int:
        return 2**self.bits - 1

    def packed(self, device: str | torch.device = "cpu") -> tuple:
        """What matmul248 takes after its input."""
        tensors = (self.state[name].to(device) for name in ("qweight", "scales", "qzeros", "g_idx"))
        return (*tensors, self.bits, self.maxq)


def group_index(K: int, groups: int, order: str, generator: torch.Generator) -> torch.Tensor:
    """int32 (K): "plain" (ascending), "act" (that, permuted), "uneven" (groups of any size, some of none)."""
    plain = torch.arange(K) // (K // groups)
    if order == "act":
        plain = plain[torch.randperm(K, generator=generator)]
    elif order == "uneven":
        used = torch.randperm(groups, generator=generator)[: max(1, groups - groups // 3)]
        plain = used[(torch.rand(K, generator=generator) ** 3 * len(used)).long()]
    return plain.int()


def random_layer(
    bits: int,
    groupsize: int,
    K: int,
    N: int,
    *,
    order: str = "plain",
    bias: bool = True,
    checkpoint_format: str = "gptq",
    seed: int = 0,
) -> PackedLayer:
    """Values and zero points over their whole ranges, scales over two decades."""
    generator = torch.Generator().manual_seed(seed)
    groups = 1 if groupsize == -1 else K // groupsize
    values = torch.randint(0, 2**bits, (K, N), generator=generator)
    stored = torch.randint(0, 2**bits, (groups, N), generator=generator)
    zeros = stored + (1 if checkpoint_format == "gptq" else 0)
    scales = (10 ** (-3 + 2 * torch.rand(groups, N, generator=generator)) / bits).half()
    g_idx = group_index(K, groups, order, generator)
    state = {
        "qweight": pack_words(values, bits),
        "qzeros": pack_words(stored, bits, dim=1),
        "scales": scales,
        "g_idx": g_idx,
    }
    if bias:
        state["bias"] = torch.randn(N, generator=generator).half()
    g = g_idx.long()
    weight = ((values - zeros[g]).double() * scales[g].double()).T.contiguous()
    return PackedLayer(bits, groupsize, state, weight, values, zeros)


@dataclass
class Case:
    """A point of the fuzzed grid."""

    bits: int
    groupsize: int
    order: str
    bias: bool
    dtype: torch.dtype
    M: int
    N: int
    K: int
    checkpoint_format: str
    seed: int

    def __str__(self) -> str:
        kind = str(self.dtype).removeprefix("torch.")
        return (
            f"{kind}-b{self.bits}-g{self.groupsize}-{self.order}-{'bias' if self.bias else 'nobias'}"
            f"-M{self.M}-N{self.N}-K{self.K}-{self.checkpoint_format}"
        )

    def layer(self) -> PackedLayer:
        return random_layer(
            self.bits, self.groupsize, self.K, self.N,
            order=self.order, bias=self.bias, checkpoint_format=self.checkpoint_format, seed=self.seed,
        )  # fmt: skip

    def x(self) -> torch.Tensor:
        generator = torch.Generator().manual_seed(self.seed + 1)
        return torch.randn(self.M, self.K, generator=generator).to(self.dtype)


ROWS = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 100, 127, 129, 200, 257, 300)


def grid(
    count: int,
    dtypes: tuple[torch.dtype, ...],
    *,
    seed: int = 0,
    rows: tuple[int, ...] = ROWS,
    widest: int = 400,
    deepest: int = 640,
    formats: tuple[str, ...] = ("gptq", "gptq", "gptq_v2"),
) -> list[Case]:
    """count points; bits and dtypes take turns, all else is drawn. N goes up to widest, K up to deepest."""
    rng = random.Random(seed)
    cases = []
    for i in range(count):
        bits, dtype = BITS[i % 3], dtypes[i // 3 % len(dtypes)]
        n = 32 // bits
        groupsize = rng.choice([g for g in (32, 64, 96, 128, 160, -1) if g <= deepest])
        K = 32 * rng.randint(1, deepest // 32) if groupsize == -1 else groupsize * rng.randint(1, deepest // groupsize)
        cases.append(
            Case(
                bits, groupsize, rng.choice(("plain", "act", "uneven")), rng.random() < 0.5, dtype,
                rng.choice(rows), n * rng.randint(1, widest // n), K, rng.choice(formats), seed * 1000 + i,
            )
        )  # fmt: skip
    return cases


# What an error may be when the plain product happens to have next to none, relative to the result's norm: rounding the
# result alone costs about 0.2 eps.
FLOOR = {torch.float32: 2e-7, torch.float16: 1e-4, torch.bfloat16: 8e-4}


def relative_error(result: torch.Tensor, exact: torch.Tensor) -> float:
    """Frobenius norm of result - exact over that of exact; in fp64, where exact lies."""
    result = result.detach().to(exact.device).double()
    return ((result - exact).norm() / exact.norm().clamp(min=1e-300)).item()


def assert_as_good_as_plain(
    result: torch.Tensor, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None, times: float = 2.0
) -> None:
    """result is x @ weight^T + bias, its error at most `times` that of the plain product in x's dtype on x's device.

    Both errors against fp64.
    """
    exact = linear(x.double().cpu(), weight, None if bias is None else bias.double().cpu())
    plain = linear(x, weight.to(x.device, x.dtype), None if bias is None else bias.to(x.device, x.dtype))
    assert result.shape == exact.shape
    assert result.dtype == x.dtype
    assert result.device == x.device
    assert torch.isfinite(result).all()
    error, allowed = relative_error(result, exact), times * relative_error(plain, exact) + FLOOR[x.dtype]
    assert error <= allowed, f"relative error {error:.3g}, allowed {allowed:.3g}"

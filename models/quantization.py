"""Quantised linear layers: the packed format, the module that holds it, and how a model gets such modules.

Letters:

    M  rows of the input            K  infeatures           n  values to an int32 word, 32 / bits
    N  outfeatures                  G  groups of columns that share a scale and a zero point

Weight (k, n) of a layer is (q - zero) * scale, q an integer of `bits` bits, scale and zero those of its group g_idx[k]
and its column n. On disk, and in every `state_dict`, a layer is five tensors, the layout of GPTQ files since
GPTQ-for-LLaMa:

    qweight  int32 (K/n, N)   value i of a word is row n*row + i, in bits [i*bits, (i+1)*bits)
    qzeros   int32 (G, N/n)   the zero points, packed along the columns; see below
    scales   fp16  (G, N)
    g_idx    int32 (K)        the group of each row; k // groupsize, or any order where columns were sorted (act-order)
    bias     fp16  (N)        where the layer has one

With 4 bits a word of qweight holds eight rows of one column, the first in the lowest bits:

     bit 31                                   0
      | k+7 | k+6 | k+5 | k+4 | k+3 | k+2 | k+1 | k |

Two formats differ in the zero points alone. "gptq", that of the published MOSS checkpoints, stores zero - 1, so that
a zero point of 0 cannot be written (-1 would run over into its neighbours) but 2**bits can; "gptq_v2" stores zero
itself. A symmetric layer has zero 2**(bits-1) everywhere, and both can hold it.

What runs: on a GPU the Triton kernels of kernels_248.py, over a layout of their own (tiled_weight.py) that a layer
takes on when it is first used there, and gives up again whenever somebody asks for its five tensors. On a CPU, with 4
bits and bf16, torch's own int4 kernel, over one that is kept beside the packed one. Else torch, which dequantises the
weight for each product. Nothing here knows how good integers are found (see gptq.py).
"""

import functools
import importlib.util
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from .tiled_weight import TiledWeight, sort_rows, tile, untile

BITS = (2, 4, 8)
CHECKPOINT_FORMATS = ("gptq", "gptq_v2")


def check_bits(bits: int) -> None:
    if bits not in BITS:
        raise ValueError(f"{bits} bits cannot be packed; allowed are {', '.join(map(str, BITS))}")


# --- the packed format ----------------------------------------------------------------------------------------------


def pack(values: torch.Tensor, bits: int) -> torch.Tensor:
    """Integers (K, N), clamped to [0, 2**bits - 1] -> words int32 (K/n, N), n = 32/bits.

    Raises:
        ValueError: bits is not 2, 4 or 8, or K is no multiple of n.
    """
    check_bits(bits)
    n = 32 // bits
    K, N = values.shape
    if K % n:
        raise ValueError(
            f"{K} values of {bits} bits do not fill words of 32 bits; their number must be divisible by {n}"
        )
    values = values.clamp(0, 2**bits - 1).to(torch.uint8)
    per_byte = 8 // bits  # everything in bytes, a quarter of the traffic of words
    bytes_ = values[::per_byte]
    for i in range(1, per_byte):
        bytes_ = bytes_ | (values[i::per_byte] << (i * bits))
    return bytes_.view(K // n, 4, N).transpose(1, 2).flatten().view(torch.int32).view(K // n, N)


def unpack(words: torch.Tensor, bits: int) -> torch.Tensor:
    """Words int32 (K/n, N) -> integers uint8 (K, N)."""
    check_bits(bits)
    bytes_ = words.flatten().view(torch.uint8).view(*words.shape, 4).transpose(1, 2)  # (K/n, 4, N)
    values = [(bytes_ >> shift) & (2**bits - 1) for shift in range(0, 8, bits)]
    return torch.stack(values, dim=2).view(-1, words.shape[1])


def pack_zeros(zeros: torch.Tensor, bits: int, checkpoint_format: str = "gptq") -> torch.Tensor:
    """Zero points (G, N) -> int32 (G, N/n).

    Raises:
        ValueError: a zero point is no integer, or none that the format can hold.
    """
    check_bits(bits)
    shift = zero_shift(checkpoint_format)
    stored = zeros.round() - shift
    if zeros.isnan().any() or (zeros != zeros.round()).any() or stored.min() < 0 or stored.max() > 2**bits - 1:
        raise ValueError(
            f"zero points from {zeros.min():g} to {zeros.max():g} cannot be stored; with {bits} bits the format "
            f'"{checkpoint_format}" holds integers from {shift} to {2**bits - 1 + shift}'
            + (', and "gptq_v2" those from 0' if shift else "")
        )
    return pack(stored.T, bits).T.contiguous()


def unpack_zeros(qzeros: torch.Tensor, bits: int, checkpoint_format: str = "gptq") -> torch.Tensor:
    """int32 (G, N/n) -> the zero points int16 (G, N), as the kernels subtract them."""
    return unpack(qzeros.T, bits).T.to(torch.int16) + zero_shift(checkpoint_format)


def zero_shift(checkpoint_format: str) -> int:
    """What is taken from a zero point before it is stored."""
    if checkpoint_format not in CHECKPOINT_FORMATS:
        raise ValueError(f"checkpoint_format {checkpoint_format!r}: allowed are {', '.join(CHECKPOINT_FORMATS)}")
    return 1 if checkpoint_format == "gptq" else 0


@torch.no_grad()
def round_to_nearest(
    weight: torch.Tensor, bits: int, groupsize: int = -1, sym: bool = True
) -> tuple[torch.Tensor, torch.Tensor]:
    """The grid of each group from its least and largest weight: weight (N, K) -> scales, zeros (N, G) fp32.

    sym: zero 2**(bits-1), so that 0 is in the middle; otherwise the grid spans the weights, 0 included. The scales are
    rounded to fp16, as they are stored, so that the grid is the one which is used later.

    Raises:
        ValueError: the weights hold NaN, infinity, or numbers for which fp16 has no scale.
    """
    check_bits(bits)
    N, K = weight.shape
    groupsize = K if groupsize == -1 else groupsize
    groups = weight.float().view(N, -1, groupsize)
    low, high = groups.amin(-1).clamp(max=0), groups.amax(-1).clamp(min=0)
    maxq = 2**bits - 1
    if sym:
        high = torch.maximum(-low, high)
        low = -high
    empty = low == high
    low, high = low.masked_fill(empty, -1), high.masked_fill(empty, 1)
    # fp16's least normal number: a scale that rounds to 0 would lose its group
    scales = ((high - low) / maxq).clamp(min=torch.finfo(torch.float16).tiny).half().float()
    if not scales.isfinite().all():
        raise ValueError(
            "the weights hold NaN, infinity, or numbers too large for a scale in fp16; nothing was quantised"
        )
    zeros = torch.full_like(scales, 2 ** (bits - 1)) if sym else (-low / scales).round().clamp(0, maxq)
    return scales, zeros


# --- products -------------------------------------------------------------------------------------------------------


@functools.cache
def has_triton() -> bool:
    return importlib.util.find_spec("triton") is not None and torch.version.hip is None


def runs_kernels(x: torch.Tensor) -> bool:
    """Whether a product with x goes to the Triton kernels: on an NVIDIA GPU, and on a CPU in triton's interpreter."""
    if x.dtype not in (torch.float16, torch.bfloat16) or not has_triton():
        return False
    return x.is_cuda or (x.device.type == "cpu" and os.environ.get("TRITON_INTERPRET") == "1")


@dataclass
class PackedWeight:
    """A weight in the packed format, and the plain torch twins of the kernels."""

    qweight: torch.Tensor
    scales: torch.Tensor
    qzeros: torch.Tensor
    g_idx: torch.Tensor
    bits: int
    checkpoint_format: str = "gptq"
    bias: torch.Tensor | None = None

    @property
    def infeatures(self) -> int:
        return len(self.g_idx)

    @property
    def outfeatures(self) -> int:
        return self.qweight.shape[1]

    def dequantize(self, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """The weight (N, K), computed in fp32, where it is exact, then cast."""
        g_idx = self.g_idx.long()
        zeros = unpack_zeros(self.qzeros, self.bits, self.checkpoint_format)
        weight = (unpack(self.qweight, self.bits) - zeros[g_idx]) * self.scales.float()[g_idx]  # (K, N)
        return weight.to(dtype).T

    def tile(self) -> TiledWeight:
        """The same weight in the layout of the kernels."""
        zeros = unpack_zeros(self.qzeros, self.bits, self.checkpoint_format)
        return tile(unpack(self.qweight, self.bits), zeros, self.scales, self.g_idx, self.bits, self.bias)


@dataclass
class Int4Weight:
    """A 4-bit weight for torch's int4 kernel on a CPU, which is fast for bf16 alone (with fp32, slower than unpacking).

    words: uint8, in an order that depends on the processor; scale_zero: bf16 (G, N, 2), scale and (8 - zero) * scale.
    """

    words: torch.Tensor
    scale_zero: torch.Tensor
    perm: torch.Tensor | None
    groupsize: int
    packed: PackedWeight

    @classmethod
    def of(cls, weight: PackedWeight) -> "Int4Weight":
        perm, groupsize, _ = sort_rows(weight.g_idx, len(weight.scales))
        q = unpack(weight.qweight, 4)
        q = (q if perm is None else q[perm]).T.to(torch.int32).contiguous()
        scales = weight.scales.float()
        shifts = (8 - unpack_zeros(weight.qzeros, 4, weight.checkpoint_format)) * scales
        words = torch.ops.aten._convert_weight_to_int4pack_for_cpu(q, 2)
        return cls(words, torch.stack((scales, shifts), dim=-1).bfloat16(), perm, groupsize, weight)

    @property
    def infeatures(self) -> int:
        return self.packed.infeatures

    @property
    def outfeatures(self) -> int:
        return self.packed.outfeatures

    @staticmethod
    def fits(x: torch.Tensor, layer: "QuantLinear") -> bool:
        if x.device.type != "cpu" or x.dtype != torch.bfloat16 or runs_kernels(x):
            return False
        if layer.bits != 4 or layer.outfeatures % 16:
            return False
        if layer.groupsize not in (32, 64, 128, 256):
            return False
        return bool((torch.bincount(layer.g_idx) == layer.groupsize).all())  # which other tools may not have kept

    def product(self, x: torch.Tensor) -> torch.Tensor:
        x = x if self.perm is None else x[:, self.perm]
        y = torch.ops.aten._weight_int4pack_mm_for_cpu(x.contiguous(), self.words, self.groupsize, self.scale_zero)
        return y if self.packed.bias is None else y + self.packed.bias.to(y.dtype)


def product(x: torch.Tensor, weight: PackedWeight | TiledWeight | Int4Weight) -> torch.Tensor:
    """x (M, K) -> x @ W^T + bias, (M, N) of x's type."""
    if isinstance(weight, Int4Weight):
        return weight.product(x) if len(x) else x.new_empty(0, weight.outfeatures)
    if isinstance(weight, TiledWeight) or runs_kernels(x):
        from . import kernels_248  # needs triton

        return kernels_248.linear(x, weight if isinstance(weight, TiledWeight) else weight.tile())
    return nn.functional.linear(x, weight.dequantize(x.dtype), None if weight.bias is None else weight.bias.to(x.dtype))


def transposed_product(dy: torch.Tensor, weight: PackedWeight | TiledWeight | Int4Weight) -> torch.Tensor:
    """dy (M, N) -> dy @ W, (M, K) of dy's type: the gradient of x."""
    if isinstance(weight, Int4Weight):
        weight = weight.packed
    if isinstance(weight, TiledWeight) or runs_kernels(dy):
        from . import kernels_248

        return kernels_248.transposed_linear(dy, weight if isinstance(weight, TiledWeight) else weight.tile())
    return dy @ weight.dequantize(dy.dtype)


class QuantLinearFunction(torch.autograd.Function):
    """The product with a gradient for x alone. The unpacked weight is not kept for it, but made again.

    Called apply(x, weight), of any kind, or, as ever, apply(x, qweight, scales, qzeros, g_idx, bits, maxq).
    """

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, *weight: Any) -> torch.Tensor:
        ctx.weight = weight[0] if len(weight) == 1 else PackedWeight(*weight[:5])
        ctx.n_arguments = len(weight)
        return product(x.reshape(-1, x.shape[-1]), ctx.weight).view(*x.shape[:-1], ctx.weight.outfeatures)

    @staticmethod
    def backward(ctx: Any, dy: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        dx = None
        if ctx.needs_input_grad[0]:
            dx = transposed_product(dy.reshape(-1, dy.shape[-1]), ctx.weight)
            dx = dx.view(*dy.shape[:-1], ctx.weight.infeatures)
        return dx, *(None,) * ctx.n_arguments


def matmul248(
    input: torch.Tensor,
    qweight: torch.Tensor,
    scales: torch.Tensor,
    qzeros: torch.Tensor,
    g_idx: torch.Tensor,
    bits: int,
    maxq: int | None = None,
) -> torch.Tensor:
    """input (..., K) -> input @ W^T (..., N) for a weight in the packed format ("gptq"); maxq, 2**bits - 1, is not
    needed.

    On a GPU the layout of the kernels is made for this one product; QuantLinear keeps it.
    """
    check_bits(bits)
    check_input(input, len(g_idx), g_idx.device)
    weight = PackedWeight(qweight, scales, qzeros, g_idx, bits)
    return product(input.reshape(-1, input.shape[-1]), weight).view(*input.shape[:-1], weight.outfeatures)


def transpose_matmul248(
    input: torch.Tensor,
    qweight: torch.Tensor,
    scales: torch.Tensor,
    qzeros: torch.Tensor,
    g_idx: torch.Tensor,
    bits: int,
    maxq: int | None = None,
) -> torch.Tensor:
    """input (..., N) -> input @ W (..., K), with the arguments of matmul248."""
    check_bits(bits)
    check_input(input, qweight.shape[1], qweight.device)
    weight = PackedWeight(qweight, scales, qzeros, g_idx, bits)
    return transposed_product(input.reshape(-1, input.shape[-1]), weight).view(*input.shape[:-1], weight.infeatures)


def check_input(x: torch.Tensor, width: int, device: torch.device) -> None:
    if not x.is_floating_point():
        raise ValueError(f"the input of a quantised layer is {x.dtype}; it takes fp16, bf16 or fp32")
    if x.ndim == 0 or x.shape[-1] != width:
        raise ValueError(f"an input of shape {tuple(x.shape)} does not fit; its last dimension is to be {width}")
    if x.device != device:
        raise ValueError(f"the input is on {x.device}, the weights of the layer on {device}; move one to the other")


# --- the module -----------------------------------------------------------------------------------------------------


class QuantLinear(nn.Module):
    """y = x @ W^T + bias with W (N, K) held in 2, 4 or 8 bits; takes fp16, bf16 or (on a CPU) fp32 and gives the same.

    groupsize: rows to a group, a divisor of infeatures and a multiple of 32, or -1 for one group.
    checkpoint_format: how qzeros is written, "gptq" or "gptq_v2".

    The weights are buffers without gradient; the input gets one, so adapters can be trained over a quantised model.
    Casting the module leaves every buffer as it is: scales in another type would be another grid.

    Raises:
        ValueError: a number of bits or a size that the format cannot hold, all of it in one message.
    """

    def __init__(
        self,
        bits: int,
        groupsize: int,
        infeatures: int,
        outfeatures: int,
        bias: bool,
        checkpoint_format: str = "gptq",
    ):
        super().__init__()
        problems = quant_linear_problems(bits, groupsize, infeatures, outfeatures)
        if problems:
            raise ValueError("impossible QuantLinear: " + "; ".join(problems))
        zero_shift(checkpoint_format)
        self.bits = bits
        self.groupsize = infeatures if groupsize == -1 else groupsize
        self.infeatures = self.in_features = infeatures
        self.outfeatures = self.out_features = outfeatures
        self.checkpoint_format = checkpoint_format
        n = 32 // bits
        G = infeatures // self.groupsize
        self.register_buffer("qweight", torch.zeros(infeatures // n, outfeatures, dtype=torch.int32))
        self.register_buffer("qzeros", torch.zeros(G, outfeatures // n, dtype=torch.int32))
        self.register_buffer("scales", torch.zeros(G, outfeatures, dtype=torch.float16))
        self.register_buffer("g_idx", torch.arange(infeatures, dtype=torch.int32) // self.groupsize)
        self.register_buffer("bias", torch.zeros(outfeatures, dtype=torch.float16) if bias else None)
        # what runs; with a TiledWeight, qweight, qzeros and scales are None
        self.runtime: TiledWeight | Int4Weight | None = None

    def extra_repr(self) -> str:
        return (
            f"in_features={self.infeatures}, out_features={self.outfeatures}, bias={self.bias is not None}, "
            f"bits={self.bits}, groupsize={self.groupsize}"
        )

    def _apply(self, fn: Any, recurse: bool = True) -> "QuantLinear":
        # .to(dtype), .half() and their like cast what is floating point; integers they leave alone.
        self.untile()
        floats = [name for name, buffer in self._buffers.items() if buffer is not None and buffer.is_floating_point()]
        for name in floats:
            self._buffers[name] = self._buffers[name].view(torch.int16)
        super()._apply(fn, recurse)
        for name in floats:
            self._buffers[name] = self._buffers[name].view(torch.float16)
        return self

    def _save_to_state_dict(self, *args: Any, **kwargs: Any) -> None:
        self.untile()
        super()._save_to_state_dict(*args, **kwargs)

    def _load_from_state_dict(self, *args: Any, **kwargs: Any) -> None:
        self.untile()
        super()._load_from_state_dict(*args, **kwargs)

    @torch.no_grad()
    def tile(self) -> TiledWeight:
        """Takes on the layout of the kernels and frees the packed one."""
        if not isinstance(self.runtime, TiledWeight):
            self.runtime = self.packed().tile()
            self.qweight = self.qzeros = self.scales = None
        return self.runtime

    @torch.no_grad()
    def untile(self) -> None:
        """Back to the packed format alone, bit by bit."""
        if isinstance(self.runtime, TiledWeight):
            q, zeros, scales = untile(self.runtime, self.g_idx, self.infeatures // self.groupsize)
            self.qweight = pack(q, self.bits)
            self.qzeros = pack_zeros(zeros, self.bits, self.checkpoint_format)
            self.scales = scales
        self.runtime = None

    def packed(self) -> PackedWeight:
        """The weight in the packed format; the tensors are the buffers themselves."""
        self.untile()
        return PackedWeight(
            self.qweight, self.scales, self.qzeros, self.g_idx, self.bits, self.checkpoint_format, self.bias
        )

    @torch.no_grad()
    def pack(
        self, linear: nn.Linear, scales: torch.Tensor, zeros: torch.Tensor, g_idx: torch.Tensor | None = None
    ) -> None:
        """Takes over linear, its weights (N, K) rounded to the grid of scales and zeros (N, G) and clamped.

        g_idx: (K) int, the group of each column of the weight; None leaves k // groupsize.
        """
        if tuple(linear.weight.shape) != (self.outfeatures, self.infeatures):
            raise ValueError(
                f"a linear layer of shape {tuple(linear.weight.shape)} does not fit a QuantLinear of "
                f"{(self.outfeatures, self.infeatures)} (outfeatures, infeatures)"
            )
        device = linear.weight.device
        g_idx = (self.g_idx if g_idx is None else g_idx).to(device, torch.int64)
        scales, zeros = scales.to(device).float(), zeros.to(device).float()
        shape = (self.outfeatures, self.infeatures // self.groupsize)
        if scales.shape != shape or zeros.shape != shape or g_idx.shape != (self.infeatures,):
            raise ValueError(
                f"scales {tuple(scales.shape)}, zeros {tuple(zeros.shape)} and g_idx {tuple(g_idx.shape)} do not fit; "
                f"(outfeatures, groups) is {shape}, and g_idx has {self.infeatures} numbers"
            )
        half = scales.half()
        if not half.isfinite().all() or (half == 0).any():
            raise ValueError("scales hold NaN, zero, or numbers that fp16 makes infinite or zero; nothing was packed")
        if g_idx.min() < 0 or g_idx.max() >= shape[1]:
            raise ValueError(f"g_idx goes from {g_idx.min()} to {g_idx.max()}; groups are 0 to {shape[1] - 1}")
        if not linear.weight.isfinite().all() or (linear.bias is not None and not linear.bias.isfinite().all()):
            raise ValueError("the layer holds NaN or infinity; nothing was packed")
        self.untile()
        self.qzeros = pack_zeros(zeros.T, self.bits, self.checkpoint_format)
        in_order = torch.equal(g_idx, torch.arange(self.infeatures, device=device) // self.groupsize)

        def spread(x: torch.Tensor) -> torch.Tensor:  # (N, G) -> (N, K)
            # in order, an expanded view is five times as fast as a gather
            return x[:, :, None].expand(-1, -1, self.groupsize).flatten(1) if in_order else x[:, g_idx]

        words = []
        for weight, scale, zero in zip(linear.weight.split(1024), scales.split(1024), zeros.split(1024), strict=True):
            q = (weight.float() / spread(scale)).round_().add_(spread(zero))
            words.append(pack(q.clamp_(0, 2**self.bits - 1).to(torch.uint8).T, self.bits))
        self.qweight = torch.cat(words, dim=1)
        self.scales = half.T.contiguous()
        self.g_idx = g_idx.to(torch.int32)
        if self.bias is not None:
            self.bias = linear.bias.half()

    def dequantize(self, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """The weight (N, K), like that of nn.Linear; computed in fp32, where it is exact, then cast."""
        return self.packed().dequantize(dtype)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x (..., K) fp16, bf16 or fp32 -> (..., N) of the same type."""
        check_input(x, self.infeatures, self.g_idx.device)
        return QuantLinearFunction.apply(x, self.weight_for(x))

    def weight_for(self, x: torch.Tensor) -> PackedWeight | TiledWeight | Int4Weight:
        """The weight in the form in which a product with x is fastest."""
        if x.is_cuda and runs_kernels(x) and not self.is_offloaded():
            return self.tile()
        if isinstance(self.runtime, Int4Weight) and x.dtype == torch.bfloat16:
            return self.runtime
        if Int4Weight.fits(x, self):
            self.runtime = Int4Weight.of(self.packed())
            return self.runtime
        return self.packed()

    def is_offloaded(self) -> bool:
        """Whether accelerate brings the buffers anew for each forward (device_map with "cpu" or "disk")."""
        return getattr(getattr(self, "_hf_hook", None), "offload", False)

    def validate(self, name: str) -> list[str]:
        """What is wrong with the numbers in the buffers, in words that begin with the layer's name."""
        self.untile()
        problems = []
        G = len(self.scales)
        outside = (self.g_idx < 0) | (self.g_idx >= G)
        if outside.any():
            k = int(outside.int().argmax())
            problems.append(
                f"{name}.g_idx[{k}] is {int(self.g_idx[k])}; there are {G} groups, so 0 to {G - 1} are allowed"
            )
        if not self.scales.isfinite().all():
            problems.append(f"{name}.scales holds NaN or infinity; the file is damaged or was quantised wrongly")
        elif (self.scales == 0).any():
            problems.append(f"{name}.scales holds zeros, which would make whole groups zero")
        if self.bias is not None and not self.bias.isfinite().all():
            problems.append(f"{name}.bias holds NaN or infinity; the file is damaged or was quantised wrongly")
        return problems


def quant_linear_problems(bits: int, groupsize: int, infeatures: int, outfeatures: int) -> list[str]:
    """Why a layer of these sizes cannot be packed, in words; nothing where it can."""
    if bits not in BITS:
        return [f"bits is {bits}; allowed are {', '.join(map(str, BITS))}"]
    problems = []
    n = 32 // bits
    if infeatures % 32:
        problems.append(f"infeatures {infeatures} is not divisible by 32")
    if outfeatures % n:
        problems.append(f"outfeatures {outfeatures} is not divisible by {n}, the {bits}-bit zero points of a word")
    if groupsize != -1 and (groupsize < 32 or groupsize % 32 or infeatures % groupsize):
        problems.append(
            f"groupsize {groupsize} does not fit infeatures {infeatures}; allowed are -1 (one group) and its divisors "
            "that are multiples of 32"
        )
    return problems


# --- in a model -----------------------------------------------------------------------------------------------------


def find_layers(module: nn.Module, layers: Iterable[type] = (nn.Linear,), name: str = "") -> dict[str, nn.Module]:
    """The layers of these types in module, itself included, by their dotted names (prefixed with name)."""
    found = ((".".join(filter(None, (name, path))), child) for path, child in module.named_modules())
    return {path: child for path, child in found if type(child) in tuple(layers)}


def quantizable_names(model: nn.Module) -> list[str]:
    """Names of the layers that are quantised in MOSS: the four linears of every block, never the output layer."""
    return [name for name in find_layers(model) if "h" in name.split(".")]


def make_quant(
    module: nn.Module,
    names: Iterable[str],
    bits: int,
    groupsize: int,
    name: str = "",
    checkpoint_format: str = "gptq",
) -> None:
    """Puts an empty QuantLinear, on the same device, in the place of each linear layer named (with the prefix name)."""
    for path in names:
        path = path.removeprefix(name + ".") if name else path
        linear = module.get_submodule(path)
        with torch.device(linear.weight.device):
            quantised = QuantLinear(
                bits, groupsize, linear.in_features, linear.out_features, linear.bias is not None, checkpoint_format
            )
        module.set_submodule(path, quantised)


__all__ = [
    "QuantLinear",
    "QuantLinearFunction",
    "find_layers",
    "make_quant",
    "matmul248",
    "pack",
    "round_to_nearest",
    "transpose_matmul248",
    "unpack",
]

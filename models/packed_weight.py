"""The packed format of quantised weights: on disk, in every `state_dict`, and wherever no GPU kernel runs.

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
"""

from dataclasses import dataclass

import torch

from .tiled_weight import PANEL, TiledWeight, sort_rows, stack_columns, tile

BITS = (2, 4, 8)
CHECKPOINT_FORMATS = ("gptq", "gptq_v2")
TILED_AT_ONCE = 2**24  # weights


def check_bits(bits: int) -> None:
    if bits not in BITS:
        raise ValueError(f"{bits} bits cannot be packed; allowed are {', '.join(map(str, BITS))}")


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


# --- weights, and what torch computes with them -----------------------------------------------------------------------


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

    @property
    def groupsize(self) -> int:
        return len(self.g_idx) // len(self.scales)

    def dequantize(self, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """The weight (N, K), computed in fp32, where it is exact, then cast."""
        g_idx = self.g_idx.long()
        zeros = unpack_zeros(self.qzeros, self.bits, self.checkpoint_format)
        weight = (unpack(self.qweight, self.bits) - zeros[g_idx]) * self.scales.float()[g_idx]  # (K, N)
        return weight.to(dtype).T

    def tile(self) -> TiledWeight:
        """The same weight in the layout of the kernels, made in slices of columns: few bytes are needed besides."""
        zeros = unpack_zeros(self.qzeros, self.bits, self.checkpoint_format)
        width = max(1, TILED_AT_ONCE // self.infeatures // PANEL) * PANEL
        columns = (x.split(width, dim=1) for x in (self.qweight, zeros, self.scales))
        parts = [tile(unpack(q, self.bits), z, s, self.g_idx, self.bits) for q, z, s in zip(*columns, strict=True)]
        return stack_columns(parts, self.bias)


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
    def fits(weight: PackedWeight) -> bool:
        if weight.bits != 4 or weight.outfeatures % 16 or weight.groupsize not in (32, 64, 128, 256):
            return False
        return bool((torch.bincount(weight.g_idx) == weight.groupsize).all())  # which other tools may not have kept

    def product(self, x: torch.Tensor) -> torch.Tensor:
        x = x if self.perm is None else x[:, self.perm]
        y = torch.ops.aten._weight_int4pack_mm_for_cpu(x.contiguous(), self.words, self.groupsize, self.scale_zero)
        return y if self.packed.bias is None else y + self.packed.bias.to(y.dtype)

"""Quantised linear layers: products with weights of 2, 4 or 8 bits, the module that holds one, and how models get them.

A weight stands in one of three forms. `PackedWeight` is the format of the files (packed_weight.py), and what everybody
sees: `state_dict`, `save_pretrained`, `.to(...)`. On a GPU a layer takes on `TiledWeight` (tiled_weight.py) when it is
first used there, for the Triton kernels of kernels_248.py, and gives it up again whenever somebody asks for its
tensors. On a CPU, with 4 bits and bf16, it keeps an `Int4Weight` beside the packed one, for torch's own int4 kernel.
Where none of these runs, the weight is dequantised for each product. Nothing here knows how good integers are found
(see gptq.py).
"""

import functools
import importlib.util
import logging
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from .packed_weight import (
    BITS,
    Int4Weight,
    PackedWeight,
    check_bits,
    pack,
    pack_zeros,
    round_to_nearest,
    unpack,
    zero_shift,
)
from .tiled_weight import TiledWeight, untile

logger = logging.getLogger(__name__)

# --- products -------------------------------------------------------------------------------------------------------


@functools.cache
def has_kernels(device: torch.device) -> bool:
    """Whether the Triton kernels run there: on NVIDIA GPUs from Ampere on, and on a CPU in triton's interpreter.

    Logs, once a device, why a GPU has to do without.
    """
    has_triton = importlib.util.find_spec("triton") is not None
    if device.type in ("cpu", "meta"):
        return has_triton and os.environ.get("TRITON_INTERPRET") == "1"
    if device.type != "cuda" or torch.version.hip is not None:
        reason = "the Triton kernels are for NVIDIA GPUs"
    elif not has_triton:
        reason = "Triton is not installed"
    elif torch.cuda.get_device_capability(device) < (8, 0):
        reason = "the Triton kernels need compute capability 8.0"
    else:
        return True
    logger.warning("no Triton kernels on %s: %s; quantised layers unpack there for every product", device, reason)
    return False


def runs_kernels(x: torch.Tensor) -> bool:
    """Whether a product with x goes to the Triton kernels, which take fp16 and bf16."""
    return x.dtype in (torch.float16, torch.bfloat16) and has_kernels(x.device)


def product(x: torch.Tensor, weight: PackedWeight | TiledWeight | Int4Weight) -> torch.Tensor:
    """x (M, K) -> x @ W^T + bias, (M, N) of x's type."""
    if isinstance(weight, Int4Weight):
        return weight.product(x) if len(x) else x.new_empty(0, weight.outfeatures)
    if isinstance(weight, TiledWeight) or runs_kernels(x):
        from .kernels_248 import linear  # needs triton

        return linear(x, weight if isinstance(weight, TiledWeight) else weight.tile())
    return nn.functional.linear(x, weight.dequantize(x.dtype), None if weight.bias is None else weight.bias.to(x.dtype))


def transposed_product(dy: torch.Tensor, weight: PackedWeight | TiledWeight | Int4Weight) -> torch.Tensor:
    """dy (M, N) -> dy @ W, (M, K) of dy's type: the gradient of x."""
    if isinstance(weight, Int4Weight):
        weight = weight.packed
    if isinstance(weight, TiledWeight) or runs_kernels(dy):
        from .kernels_248 import transposed_linear

        return transposed_linear(dy, weight if isinstance(weight, TiledWeight) else weight.tile())
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
        qzeros = pack_zeros(zeros.T, self.bits, self.checkpoint_format)
        in_order = torch.equal(g_idx, torch.arange(self.infeatures, device=device) // self.groupsize)

        def spread(x: torch.Tensor) -> torch.Tensor:  # (N, G) -> (N, K)
            # in order, an expanded view is five times as fast as a gather
            return x[:, :, None].expand(-1, -1, self.groupsize).flatten(1) if in_order else x[:, g_idx]

        whole = linear.bias is None or linear.bias.isfinite().all()
        words_shape = self.infeatures * self.bits // 32, self.outfeatures
        qweight = torch.empty(words_shape, dtype=torch.int32, device=device)
        slices = (x.split(1024, dim) for x, dim in ((linear.weight, 0), (scales, 0), (zeros, 0), (qweight, 1)))
        for weight, scale, zero, words in zip(*slices, strict=True):  # all at once would take several times the layer
            whole = whole and weight.isfinite().all()
            q = (weight.float() / spread(scale)).round_().add_(spread(zero))
            words.copy_(pack(q.clamp_(0, 2**self.bits - 1).to(torch.uint8).T, self.bits))
        if not whole:
            raise ValueError("the layer holds NaN or infinity; nothing was packed")
        self.untile()
        self.qweight, self.qzeros, self.scales = qweight, qzeros, half.T.contiguous()
        self.g_idx = g_idx.to(torch.int32)
        if self.bias is not None:
            self.bias = linear.bias.half()

    def dequantize(self, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """The weight (N, K), like that of nn.Linear; computed in fp32, where it is exact, then cast."""
        return self.packed().dequantize(dtype)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x (..., K) fp16, bf16 or fp32 -> (..., N) of the same type, or under autocast of autocast's."""
        if torch.is_autocast_enabled(x.device.type):
            x = x.to(torch.get_autocast_dtype(x.device.type))
        check_input(x, self.infeatures, self.g_idx.device)
        return QuantLinearFunction.apply(x, self.weight_for(x))

    def weight_for(self, x: torch.Tensor) -> PackedWeight | TiledWeight | Int4Weight:
        """The weight in the form in which a product with x is fastest."""
        if runs_kernels(x) and not self.is_offloaded():
            return self.tile()
        if x.device.type != "cpu" or x.dtype != torch.bfloat16:
            return self.packed()
        if not isinstance(self.runtime, Int4Weight):
            weight = self.packed()
            if not Int4Weight.fits(weight):
                return weight
            self.runtime = Int4Weight.of(weight)
        return self.runtime

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


def is_watched(module: nn.Module) -> bool:
    """Whether somebody is to see what goes into the module or comes out of it.

    (The hooks that transformers leaves on every model look at nothing unless its forward is asked for more outputs.)
    """
    hooks = (*module._forward_hooks.values(), *module._forward_pre_hooks.values())
    own = "transformers.utils.output_capturing"
    return "forward" in module.__dict__ or any(getattr(hook, "__module__", None) != own for hook in hooks)


def joint_weight(first: nn.Module, second: nn.Module, x: torch.Tensor, join: Callable) -> TiledWeight | None:
    """One weight for the product of two layers; it holds their weights from then on, of which they keep views.

    x: what they are about to be given. join: join_outputs or join_inputs of tiled_weight.py. None where the layers run
    by themselves: not quantised, without kernels, of unlike packing, wrapped (adapters) or watched by hooks. (Of plain
    layers: `joint_matrix`.)
    """
    for layer in (first, second):
        if type(layer) is not QuantLinear or is_watched(layer) or not isinstance(layer.weight_for(x), TiledWeight):
            return None
    if first.runtime.joint is None or first.runtime.joint is not second.runtime.joint:
        parts = join(first.runtime, second.runtime)
        first.runtime, second.runtime = parts or (replace(layer.runtime, joint=False) for layer in (first, second))
    return first.runtime.joint or None


def join_matrices(first: nn.Linear, second: nn.Linear, dim: int) -> bool:
    """Puts the weights of two plain layers side by side in one tensor: dim 0, outputs after outputs, or 1.

    The parameters are the same objects and become views of it, so no memory is doubled, and who trains, reads or loads
    them sees no change. Returns whether anything was moved.
    """
    if joint_matrix(first, second, dim) is not None:
        return False
    with torch.inference_mode(False), torch.no_grad():
        weights = first.weight, second.weight
        joint = torch.cat([weight.detach() for weight in weights], dim)
        for weight, part in zip(weights, joint.split([weight.shape[dim] for weight in weights], dim), strict=True):
            weight.data = part
    return True


def split_matrices(*layers: nn.Linear) -> None:
    """Gives each weight memory of its own again, if it shares any."""
    with torch.inference_mode(False), torch.no_grad():
        for layer in layers:
            if layer.weight.untyped_storage().nbytes() > layer.weight.nbytes:
                layer.weight.data = layer.weight.detach().clone(memory_format=torch.contiguous_format)


def joint_matrix(first: nn.Module, second: nn.Module, dim: int) -> torch.Tensor | None:
    """The tensor that `join_matrices` made; None where there is none, or the weights have moved since.

    It is found by where the weights are, so nothing has to be told when somebody moves them.
    """
    if not is_plain(first) or not is_plain(second):
        return None
    a, b = first.weight.detach(), second.weight.detach()
    beside = b.data_ptr() - a.data_ptr() == a.shape[dim] * a.stride(dim) * a.element_size()
    same = a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr() and a.stride() == b.stride()
    if not (beside and same) or a.dtype != b.dtype or a.shape[1 - dim] != b.shape[1 - dim]:
        return None
    shape = list(a.shape)
    shape[dim] += b.shape[dim]
    return a.as_strided(shape, a.stride())


def is_plain(layer: nn.Module) -> bool:
    """Whether it is torch's linear layer with a weight that is there, whole: no DTensor, not on the meta device, not
    the empty vector that DeepSpeed's ZeRO-3 leaves of it."""
    there = type(layer) is nn.Linear and type(layer.weight) is nn.Parameter and not layer.weight.is_meta
    return there and layer.weight.ndim == 2


def written_out(layer: nn.Linear | QuantLinear, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """x (M, K) and W (N, K), in the type of x, whose product x @ W^T is that of the layer without its bias.

    Of a quantised layer, on a GPU, W is written out for this once, which many rows are worth: then what follows the
    product can be done in the same kernel.
    """
    if type(layer) is nn.Linear:
        return x, layer.weight
    from .kernels_248 import dequantize_tiled, sort_columns  # needs triton

    weight = layer.tile()
    return sort_columns(x, weight), dequantize_tiled(weight, x.dtype)[: weight.outfeatures, : weight.K_real]


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


def quantise_linear(linear: nn.Linear, bits: int, groupsize: int = 128) -> QuantLinear:
    """A linear layer with each weight rounded to the nearest of a symmetric grid, where it is.

    Raises ValueError where it cannot be packed so, see quant_linear_problems.
    """
    with torch.device(linear.weight.device):
        layer = QuantLinear(bits, groupsize, linear.in_features, linear.out_features, linear.bias is not None)
    grids = [round_to_nearest(rows, bits, layer.groupsize) for rows in linear.weight.detach().split(8192)]
    layer.pack(linear, *(torch.cat(grid) for grid in zip(*grids, strict=True)))
    return layer


def dense(layer: QuantLinear, dtype: torch.dtype) -> nn.Linear:
    """What a quantised layer computes, as a plain linear layer: the fastest form for long inputs."""
    linear = nn.Linear(layer.infeatures, layer.outfeatures, bias=False, device="meta")
    linear.weight = nn.Parameter(layer.dequantize(dtype), requires_grad=False)
    linear.bias = None if layer.bias is None else nn.Parameter(layer.bias.to(dtype), requires_grad=False)
    return linear


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

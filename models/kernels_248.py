"""Triton kernels for products with weights of 2, 4 and 8 bits, in the layout of tiled_weight.py.

At 8.6 T weights a second (4-bit weights on an H200) a multiprocessor has fewer than four instructions for each weight,
whatever the tiling; these kernels take two to three (unpack_248.py).

Two inner loops. Values of a word are 8 rows apart, so that the values i of all words are operand A of a product with
every n-th eight rows of x: n small products a block, no weight moves, and mma.sync overlaps with all else; but x is
read in pieces of 16 bytes. That is best for at most 8 rows of x (SPLIT). Above, the values are put in the order of
the rows, which moves them between registers of the same lane alone, and one product takes them all, by wgmma.

Work is split evenly: the tiles of a product, in the order of memory, are cut into as many runs as programs fit on the
GPU ("stream-K", Osama et al. 2023, arXiv:2301.03598). A run may end in the middle of a column panel; then the partial
sums are left in memory, and the program that comes last adds them in the order of the rows, so that two runs give the
same bits.

Each kernel has a twin in plain torch: products with `PackedWeight.dequantize` (packed_weight.py).
"""

import contextlib
import copy
import functools
import math
from typing import NamedTuple

import torch

try:  # in a `try`, transformers does not ask for it where this file comes with a checkpoint (trust_remote_code)
    import triton
    import triton.language as tl
    from triton.language.extra.cuda import gdc_launch_dependents, gdc_wait
except ImportError:
    raise

from .custom_autotune import Autotuner, autotune
from .tiled_weight import MAX_ROW_BLOCKS, PANEL, TiledWeight
from .unpack_248 import cast, dot, load_weights, lower_half, operand_a, unpack


@triton.jit(do_not_specialize=["M"])
def matmul_248_kernel(
    x_ptr, tiles_ptr, scale_zero_ptr, bias_ptr, y_ptr, partial_ptr, count_ptr,
    M, N, K, N_real, K_real,
    stride_xm, stride_xk, stride_ym, stride_panel, stride_group,
    bits: tl.constexpr, groupsize: tl.constexpr, HAS_BIAS: tl.constexpr, EVEN_K: tl.constexpr, PDL: tl.constexpr,
    BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, STAGES: tl.constexpr, PROGRAMS: tl.constexpr,
    SPLIT: tl.constexpr,
):  # fmt: skip
    """y (M, N_real) = x (M, K_real) @ W^T + bias.

    Program (p, m) does run p of all blocks [BN, BK] of the weight, for the BM rows of x from m * BM on. SPLIT: which
    inner loop; STAGES: how many blocks ahead it loads; PROGRAMS, how many run on a multiprocessor, is for the launcher.
    """
    pid = tl.program_id(0)
    m0 = tl.program_id(1) * BM
    n_programs = tl.num_programs(0)
    n_panels = N // BN
    steps = K // BK  # to a panel
    units = n_panels * steps
    unit = pid * units // n_programs
    end = (pid + 1) * units // n_programs
    first_panel = unit // steps
    offs_m = m0 + tl.arange(0, BM)
    n: tl.constexpr = 32 // bits
    SLICES: tl.constexpr = BK // (8 * n)
    ONE_GROUP: tl.constexpr = groupsize % BK == 0
    UNROLL: tl.constexpr = 4 if SPLIT else 1  # larger blocks have no registers for more
    offs_k = tl.arange(0, BK)
    offs_split = tl.arange(0, 8 * SLICES)
    offs_split = offs_split // 8 * (8 * n) + offs_split % 8  # the rows of a block that value 0 of its words holds
    if PDL:  # the next such kernel may take its place while this one runs, but waits here until it has ended
        gdc_launch_dependents()
        gdc_wait()
    while unit < end:
        panel = unit // steps
        step = unit - panel * steps
        last = min(steps, step + end - unit)
        n0 = panel * BN
        acc = tl.zeros([BN, BM], tl.float32)
        x_ptrs = x_ptr + offs_m[None, :].to(tl.int64) * stride_xm
        for i in tl.range(step, last, num_stages=STAGES):
            k0 = i * BK
            if SPLIT:
                values, scale_zero = unpack(
                    tiles_ptr,
                    scale_zero_ptr,
                    stride_panel,
                    stride_group,
                    n0,
                    k0,
                    bits,
                    groupsize,
                    BN,
                    BK,
                    not ONE_GROUP,
                )
                total = tl.zeros([BN, BM], tl.float32) if ONE_GROUP else acc
                for v in tl.static_range(n):
                    k = k0 + 8 * v + offs_split[:, None]
                    mask = offs_m[None, :] < M if EVEN_K else (offs_m[None, :] < M) & (k < K_real)
                    x = tl.load(x_ptrs + k * stride_xk, mask=mask, other=0.0)
                    total = dot(cast(operand_a(values[v], SLICES, BN // 64), x.dtype), x, total)
                if ONE_GROUP:
                    acc += total * lower_half(tl.reshape(scale_zero, [BN])).to(tl.float32)[:, None]
                else:
                    acc = total
            else:
                w = load_weights(tiles_ptr, scale_zero_ptr, stride_panel, stride_group, n0, k0, bits, groupsize, BN, BK)
                k = k0 + offs_k[:, None]
                mask = offs_m[None, :] < M if EVEN_K else (offs_m[None, :] < M) & (k < K_real)
                x = tl.load(x_ptrs + k * stride_xk, mask=mask, other=0.0)
                acc = dot(cast(w, x.dtype), x, acc)

        offs_n = n0 + tl.arange(0, BN)
        whole = last - step == steps
        if not whole:
            # leave the partial sum; whoever comes last adds them up, in the order of the rows
            slot = 2 * pid + (panel != first_panel).to(tl.int32)
            base = (tl.program_id(1) * n_programs * 2).to(tl.int64) * (BM * BN)
            offs = tl.arange(0, BM)[None, :] * BN + tl.arange(0, BN)[:, None]
            rows = offs_m[None, :] < M
            tl.store(partial_ptr + base + slot.to(tl.int64) * (BM * BN) + offs, acc, mask=rows, cache_modifier=".cg")
            tl.debug_barrier()
            p_first = ((panel * steps + 1) * n_programs - 1) // units
            p_last = ((panel + 1) * steps * n_programs - 1) // units
            n_parts = p_last - p_first + 1
            count = count_ptr + tl.program_id(1) * n_panels + panel
            whole = tl.atomic_add(count, 1, sem="acq_rel") == n_parts - 1
            if whole:
                tl.store(count, 0)
                acc = tl.zeros([BN, BM], tl.float32)
                for first_part in range(0, n_parts, UNROLL):  # some loads at a time: each takes most of a microsecond
                    for part in tl.static_range(UNROLL):
                        p = p_first + first_part + part
                        slot = 2 * p + (p * units // n_programs // steps != panel).to(tl.int32)
                        acc += tl.load(
                            partial_ptr + base + slot.to(tl.int64) * (BM * BN) + offs,
                            mask=offs_m[None, :] < tl.where(first_part + part < n_parts, M, 0),
                            other=0.0,
                            cache_modifier=".cg",
                        )
        if whole:
            if HAS_BIAS:
                acc += tl.load(bias_ptr + offs_n, mask=offs_n < N_real, other=0.0).to(tl.float32)[:, None]
            y_ptrs = y_ptr + offs_m[None, :].to(tl.int64) * stride_ym + offs_n[:, None]
            tl.store(y_ptrs, cast(acc, y_ptr.dtype.element_ty), mask=(offs_m[None, :] < M) & (offs_n[:, None] < N_real))
        unit += last - step


@triton.jit(do_not_specialize=["M"])
def trans_matmul_248_kernel(
    dy_ptr, tiles_ptr, scale_zero_ptr, dx_ptr,
    M, N, K, N_real,
    stride_dym, stride_dyn, stride_dxm, stride_panel, stride_group,
    bits: tl.constexpr, groupsize: tl.constexpr,
    BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    """dx (M, K) = dy (M, N_real) @ W, the gradient of x. Program (k, m) gives dx[m*BM:, k*BK:]."""
    k0 = tl.program_id(0) * BK
    offs_m = tl.program_id(1) * BM + tl.arange(0, BM)
    acc = tl.zeros([BM, BK], tl.float32)
    for n0 in tl.range(0, N, BN, num_stages=STAGES):
        offs_n = n0 + tl.arange(0, BN)
        w = load_weights(tiles_ptr, scale_zero_ptr, stride_panel, stride_group, n0, k0, bits, groupsize, BN, BK)
        dy = tl.load(
            dy_ptr + offs_m[:, None].to(tl.int64) * stride_dym + offs_n[None, :] * stride_dyn,
            mask=(offs_m[:, None] < M) & (offs_n[None, :] < N_real),
            other=0.0,
        )
        acc = dot(dy, cast(w, dy.dtype), acc)
    offs_k = k0 + tl.arange(0, BK)
    dx_ptrs = dx_ptr + offs_m[:, None].to(tl.int64) * stride_dxm + offs_k[None, :]
    tl.store(dx_ptrs, cast(acc, dx_ptr.dtype.element_ty), mask=offs_m[:, None] < M)


@triton.jit
def dequantize_248_kernel(
    tiles_ptr, scale_zero_ptr, w_ptr, K, stride_panel, stride_group,
    bits: tl.constexpr, groupsize: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr,
):  # fmt: skip
    """The weight (N, K) into w, row by row. Program (k, n) gives [n*BN:, k*BK:]."""
    k0 = tl.program_id(0) * BK
    n0 = tl.program_id(1) * BN
    w = load_weights(tiles_ptr, scale_zero_ptr, stride_panel, stride_group, n0, k0, bits, groupsize, BN, BK)
    offs = (n0 + tl.arange(0, BN)).to(tl.int64)[:, None] * K + k0 + tl.arange(0, BK)[None, :]
    tl.store(w_ptr + offs, cast(w, w_ptr.dtype.element_ty))


# --- launching ------------------------------------------------------------------------------------------------------


def config(
    BM: int, BN: int, BK: int, num_warps: int, STAGES: int, PROGRAMS: int, maxnreg: int | None = None, SPLIT=False
) -> triton.Config:
    meta = {"BM": BM, "BN": BN, "BK": BK, "STAGES": STAGES, "PROGRAMS": PROGRAMS, "SPLIT": SPLIT}
    return triton.Config(meta, num_warps=num_warps, maxnreg=maxnreg)


# By the most rows that they are for. The first of each is the best on an H200 at the sizes of the 16B model, in groups
# of 128, of some 250 that were measured (benchmarks/LOG.md). On another GPU they are measured on first use.
EIGHT_BITS = {
    8: config(8, 64, 128, num_warps=2, STAGES=3, PROGRAMS=4, maxnreg=128, SPLIT=True),
    16: config(16, 64, 128, num_warps=4, STAGES=3, PROGRAMS=4),
}
CONFIGS = {
    2: [
        config(8, 64, 128, num_warps=2, STAGES=4, PROGRAMS=4, maxnreg=128, SPLIT=True),
        config(8, 64, 128, num_warps=1, STAGES=3, PROGRAMS=8, maxnreg=128, SPLIT=True),
        config(8, 64, 128, num_warps=2, STAGES=3, PROGRAMS=2, maxnreg=128, SPLIT=True),
    ],
    8: [
        config(8, 64, 128, num_warps=1, STAGES=3, PROGRAMS=8, maxnreg=128, SPLIT=True),
        config(8, 64, 128, num_warps=2, STAGES=3, PROGRAMS=4, maxnreg=128, SPLIT=True),
        config(16, 64, 128, num_warps=4, STAGES=3, PROGRAMS=3),
    ],
    16: [
        config(16, 128, 256, num_warps=4, STAGES=4, PROGRAMS=2),
        config(16, 64, 128, num_warps=4, STAGES=4, PROGRAMS=4),
        config(16, 128, 128, num_warps=4, STAGES=3, PROGRAMS=2),
    ],
    32: [
        config(32, 128, 128, num_warps=4, STAGES=3, PROGRAMS=2),
        config(32, 64, 128, num_warps=4, STAGES=3, PROGRAMS=2),
    ],
    64: [
        # with BK 64 and three stages or more, four warps get other bits each time (triton 3.6)
        config(64, 128, 128, num_warps=4, STAGES=3, PROGRAMS=2),
        config(64, 64, 128, num_warps=4, STAGES=3, PROGRAMS=2),
    ],
    128: [config(128, 128, 64, num_warps=8, STAGES=3, PROGRAMS=1)],
    512: [config(256, 128, 64, num_warps=8, STAGES=3, PROGRAMS=1)],
}


class Device(NamedTuple):
    """What a launch has to know of a GPU.

    measured: the first of CONFIGS are known to be the best. pdl: it knows dependent launches (Hopper on). large: rows
    from which a product is left to torch, over a weight written out in 16 bits; without wgmma the kernel has to move
    weights between lanes, so it is slow sooner.
    """

    multiprocessors: int
    measured: bool
    pdl: bool
    large: int


@functools.cache
def properties(device: torch.device) -> Device:
    if device.type != "cuda":  # the interpreter
        return Device(multiprocessors=4, measured=True, pdl=False, large=513)
    found = torch.cuda.get_device_properties(device)
    hopper = found.major >= 9
    return Device(found.multi_processor_count, "H200" in found.name, pdl=hopper, large=513 if hopper else 65)


def configs_for(M: int, N: int, K: int, bits: int, device: Device) -> list[triton.Config]:
    """Those of CONFIGS that are for so many rows, with blocks that divide N and K (padded); where they were measured,
    the best alone."""
    most = device.large - 1
    if bits == 2:  # its slices of 128 rows would fill the shared memory
        most = min(most, 128)
    rows = next(rows for rows in CONFIGS if min(M, most) <= rows)
    configs = CONFIGS[rows]
    if bits == 8 and rows <= 16:
        configs = [EIGHT_BITS[max(rows, 8)], *configs]
    if not device.pdl:  # before Hopper weights pass through shared memory, of which some cards have 99 KB
        configs = [config for config in configs if config.kwargs["BK"] <= 128]
    found = []
    for config in configs[: 1 if device.measured else None]:
        config = copy.copy(config)
        BN, BK = config.kwargs["BN"], config.kwargs["BK"]
        # a slice at least, and two where each of its values has a product to itself: that takes 16 rows
        least = (512 if config.kwargs["SPLIT"] else 256) // bits
        BK = max(BK if K % BK == 0 and bits < 8 else min(BK, 128), least)  # 8 bits: as many bytes in half the rows
        config.kwargs = config.kwargs | {"BN": BN if N % BN == 0 else PANEL, "BK": BK}
        found.append(config)
    return found


@functools.cache
def tuner(device: Device) -> Autotuner:
    """Chooses among the configs of a GPU on which they were not measured."""
    return autotune(
        configs=[*EIGHT_BITS.values(), *(config for configs in CONFIGS.values() for config in configs)],
        key=["M", "N", "K", "bits"],
        prune_configs_by={
            "early_config_prune": lambda _, named, **rest: configs_for(
                named["M"], named["N"], named["K"], rest["bits"], device
            )
        },
    )(matmul_248_kernel)


def sort_columns(x: torch.Tensor, weight: TiledWeight) -> torch.Tensor:
    """x (M, infeatures) -> (M, K_real), in the order of the rows of the tiles."""
    if weight.perm is None:
        return x
    if len(weight.perm) > weight.infeatures:
        x = torch.nn.functional.pad(x, (0, 1))
    return x.index_select(1, weight.perm)


def locks(weight: TiledWeight, row_blocks: int) -> torch.Tensor:
    """Counters of finished runs, one to a column panel and block of rows; every product leaves them at zero.

    Products of one stream follow each other, so they share them. A captured product, which may be replayed on any
    stream, uses the weight's own: graphs that use the same weight must not be replayed at the same time.
    """
    if not weight.tiles.is_cuda or torch.cuda.is_current_stream_capturing():
        return weight.locks
    key = weight.tiles.device, torch.cuda.current_stream(weight.tiles.device).cuda_stream
    size = row_blocks * weight.N // PANEL
    if key not in stream_locks or len(stream_locks[key]) < size:
        stream_locks[key] = torch.zeros(max(size, 1 << 16), dtype=torch.int32, device=weight.tiles.device)
    return stream_locks[key]


stream_locks: dict[tuple[torch.device, int], torch.Tensor] = {}


def on_device(x: torch.Tensor):
    """Triton launches on the current device, which need not be the one that holds x."""
    return torch.cuda.device(x.device) if x.is_cuda else contextlib.nullcontext()


def matmul_tiled(x: torch.Tensor, weight: TiledWeight) -> torch.Tensor:
    """x (M, K_real) fp16 or bf16, any strides, its columns sorted -> x @ W^T + bias, (M, outfeatures)."""
    M, device = len(x), properties(x.device)
    configs = configs_for(M, weight.N, weight.K, weight.bits, device)
    largest = MAX_ROW_BLOCKS * min(config.kwargs["BM"] for config in configs)
    if largest < M:
        return torch.cat([matmul_tiled(part, weight) for part in x.split(largest)])
    y = torch.empty(M, weight.outfeatures, dtype=x.dtype, device=x.device)
    if M == 0:
        return y

    def grid(meta: dict) -> tuple[int, int]:
        row_blocks = triton.cdiv(M, meta["BM"])
        blocks = weight.N // meta["BN"] * (weight.K // meta["BK"])
        return min(blocks, max(1, device.multiprocessors * meta["PROGRAMS"] // row_blocks)), row_blocks

    # of each program two partial sums at most: of the panels in which its run begins and ends
    parts = max(2 * math.prod(grid(meta)) * meta["BM"] * meta["BN"] for meta in (config.kwargs for config in configs))
    partial = torch.empty(parts, dtype=torch.float32, device=x.device)
    with on_device(x):
        tensors = (x, weight.tiles, weight.scale_zero, weight.bias, y, partial, locks(weight, MAX_ROW_BLOCKS))
        sizes = (M, weight.N, weight.K, weight.outfeatures, weight.K_real)
        strides = (x.stride(0), x.stride(1), y.stride(0), *weight.strides)
        options = {
            "bits": weight.bits,
            "groupsize": weight.groupsize,
            "HAS_BIAS": weight.bias is not None,
            "EVEN_K": weight.K_real == weight.K,
            "PDL": device.pdl,
            "launch_pdl": device.pdl,
        }
        config = configs[0]
        if len(configs) > 1:
            config = tuner(device).choose(*tensors, *sizes, *strides, **options, grid=grid, warmup=False)
        matmul_248_kernel[grid](*tensors, *sizes, *strides, **options, **config.all_kwargs())
    return y


def transpose_matmul_tiled(dy: torch.Tensor, weight: TiledWeight) -> torch.Tensor:
    """dy (M, outfeatures) fp16 or bf16 -> dy @ W, (M, K): the columns sorted and padded."""
    M = len(dy)
    dx = torch.empty(M, weight.K, dtype=dy.dtype, device=dy.device)
    if M:
        BM, BN, BK = (16 if M <= 16 else 64), 64, 128
        with on_device(dy):
            trans_matmul_248_kernel[weight.K // BK, triton.cdiv(M, BM)](
                dy, weight.tiles, weight.scale_zero, dx,
                M, weight.N, weight.K, weight.outfeatures,
                dy.stride(0), dy.stride(1), dx.stride(0), *weight.strides,
                bits=weight.bits, groupsize=weight.groupsize, BM=BM, BN=BN, BK=BK, STAGES=3, num_warps=4,
            )  # fmt: skip
    return dx


def restore_columns(dx: torch.Tensor, weight: TiledWeight) -> torch.Tensor:
    """The transpose of sort_columns: (M, K or K_real) -> (M, infeatures)."""
    if weight.perm is None:
        return dx[:, : weight.infeatures]
    rows = torch.empty(weight.infeatures + 1, dtype=torch.int64, device=dx.device)
    rows[weight.perm] = torch.arange(len(weight.perm), device=dx.device)
    return dx.index_select(1, rows[:-1])


def dequantize_tiled(weight: TiledWeight, dtype: torch.dtype) -> torch.Tensor:
    """W (N, K) in dtype, columns sorted, and both sides padded, as in the tiles."""
    w = torch.empty(weight.N, weight.K, dtype=dtype, device=weight.tiles.device)
    BN, BK = 64, 128
    with on_device(w):
        dequantize_248_kernel[weight.K // BK, weight.N // BN](
            weight.tiles, weight.scale_zero, w, weight.K, *weight.strides,
            bits=weight.bits, groupsize=weight.groupsize, BN=BN, BK=BK, num_warps=4,
        )  # fmt: skip
    return w


def linear(x: torch.Tensor, weight: TiledWeight) -> torch.Tensor:
    """x (M, infeatures) -> x @ W^T + bias, by whatever is fastest."""
    x = sort_columns(x, weight)
    if x.dtype in (torch.float16, torch.bfloat16) and len(x) < properties(x.device).large:
        return matmul_tiled(x, weight)
    w = dequantize_tiled(weight, x.dtype)[: weight.outfeatures, : weight.K_real]
    return torch.nn.functional.linear(x, w, None if weight.bias is None else weight.bias.to(x.dtype))


def transposed_linear(dy: torch.Tensor, weight: TiledWeight) -> torch.Tensor:
    """dy (M, outfeatures) -> dy @ W, (M, infeatures), by whatever is fastest."""
    if dy.dtype in (torch.float16, torch.bfloat16) and len(dy) <= 64:
        dx = transpose_matmul_tiled(dy, weight)
    else:
        dx = dy @ dequantize_tiled(weight, dy.dtype)[: weight.outfeatures]
    return restore_columns(dx, weight)

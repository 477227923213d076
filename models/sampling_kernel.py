"""Triton kernels that draw the next tokens, as sampling.py does in torch, but without sorting: for a step of decoding.

A nucleus is all tokens whose logit is at least some number: the smallest number above which there is less probability
than top_p. It is searched for among all fp32 numbers, as integers in their order: a pass parts an interval into 16 and
finds the probability from each part on, the next pass goes on with one of the 16, and after eight passes one number is
left. The same search with counts in place of probabilities finds top_k. A row is cut into blocks, each for a
program; what they find is added up in the order of the blocks, so that two runs draw the same.

Letters: B rows, V vocabulary, C blocks to a row.
"""

import torch

try:  # for trust_remote_code, as in kernels_248.py
    import triton
    import triton.language as tl
except ImportError:
    raise

from .kernels_248 import on_device

BLOCK = 2048
CHUNK = 256  # tokens that are compared with all bounds at a time
PARTS = tl.constexpr(16)
PASSES = tl.constexpr(8)  # as often as 32 bits hold a part's 4


@triton.jit
def ordered(x):
    """fp32 numbers as int32, in the same order."""
    bits = x.to(tl.int32, bitcast=True)
    return bits ^ ((bits >> 31) & 0x7FFFFFFF)


@triton.jit
def load_settings(settings_ptr, row):
    """temperature, top_k, top_p, repetition penalty, regulation start, log length penalty."""
    ptr = settings_ptr + row * 6
    return (
        tl.load(ptr), tl.load(ptr + 1), tl.load(ptr + 2), tl.load(ptr + 3), tl.load(ptr + 4), tl.load(ptr + 5)
    )  # fmt: skip


@triton.jit
def row_max(max_ptr, b, C, C_PADDED: tl.constexpr):
    blocks = tl.arange(0, C_PADDED)
    return tl.max(tl.load(max_ptr + b * C + blocks, mask=blocks < C, other=float("-inf")))


@triton.jit
def scale_kernel(
    logits_ptr, seen_ptr, rows_ptr, settings_ptr, x_ptr, max_ptr, V, stride_logits, stride_seen, BLOCK: tl.constexpr
):
    """x fp32 (B, V): logits after repetition penalty and temperature; max (B, C) of each block."""
    c = tl.program_id(0)
    b = tl.program_id(1)
    row = tl.load(rows_ptr + b)
    temperature, _, _, penalty, _, _ = load_settings(settings_ptr, row)
    offs = c * BLOCK + tl.arange(0, BLOCK)
    mask = offs < V
    x = tl.load(logits_ptr + b.to(tl.int64) * stride_logits + offs, mask=mask, other=float("-inf")).to(tl.float32)
    seen = tl.load(seen_ptr + row * stride_seen + offs, mask=mask, other=0)
    penalty = tl.maximum(penalty, 1.0)
    x = tl.where(seen != 0, tl.where(x < 0, x * penalty, x / penalty), x)
    x = x / tl.where(temperature == 0, 1.0, temperature)
    tl.store(x_ptr + b.to(tl.int64) * V + offs, x, mask=mask)
    tl.store(max_ptr + b * tl.num_programs(0) + c, tl.max(x))


@triton.jit
def sums_of_row(sums_ptr, b, C, C_PADDED: tl.constexpr):
    """What a row has from each part on [PARTS]."""
    blocks = tl.arange(0, C_PADDED)
    ptrs = sums_ptr + (b * C + blocks)[:, None] * PARTS + tl.arange(0, PARTS)[None, :]
    return tl.sum(tl.load(ptrs, mask=(blocks < C)[:, None], other=0.0), axis=0)


@triton.jit
def narrow(sums_ptr, low, limit, shift, b, C, C_PADDED: tl.constexpr):
    """Where the part begins, of those from low on and 2**shift wide, that holds the number."""
    beyond = (sums_of_row(sums_ptr, b, C, C_PADDED) > limit) & (tl.arange(0, PARTS) > 0)
    return low + (tl.sum(beyond.to(tl.int32)) << shift)


@triton.jit(do_not_specialize=["number"])
def search_kernel(
    x_ptr, max_ptr, rows_ptr, settings_ptr, found_ptr, limit_ptr, sums_ptr, V, number,
    COUNT: tl.constexpr, BLOCK: tl.constexpr, CHUNK: tl.constexpr, C_PADDED: tl.constexpr,
):  # fmt: skip
    """Pass `number` of the search. COUNT: for top_k, else for top_p among what top_k has left.

    found int32 (2, PASSES + 1, B): where the interval of each pass begins, and at last the number, for top_k and top_p;
    sums (2, PASSES, B, C, PARTS): what each block has from each part on; limit (B): how much is to be above the number.
    """
    c = tl.program_id(0)
    b = tl.program_id(1)
    C = tl.num_programs(0)
    B = tl.num_programs(1)
    temperature, top_k, top_p, _, _, _ = load_settings(settings_ptr, tl.load(rows_ptr + b))
    lowest = tl.full([], -(2**31), tl.int32)
    top_k_ptr = found_ptr + PASSES * B + b
    limit = top_k - 1
    if COUNT:
        if top_k == 0 or temperature == 0:
            if number == 0:
                tl.store(top_k_ptr, lowest)
            return
    else:
        if number == 0 and top_k > 0 and temperature != 0:  # what the search for top_k has found
            last = tl.load(found_ptr + (PASSES - 1) * B + b)
            lowest_kept = narrow(sums_ptr + (PASSES - 1) * B * C * PARTS, last, limit, 0, b, C, C_PADDED)
            tl.store(top_k_ptr, lowest_kept)  # all programs of a row store the same
        else:
            lowest_kept = tl.load(top_k_ptr)
        if top_p >= 1 or temperature == 0:
            return
        found_ptr += (PASSES + 1) * B
        sums_ptr += PASSES * B * C * PARTS
    low = lowest
    shift = 28 - 4 * number  # a part is 2**shift wide
    if number > 0:
        low = tl.load(found_ptr + (number - 1) * B + b)
        before_ptr = sums_ptr + (number - 1) * B * C * PARTS
        if not COUNT:
            if number == 1:  # all the probability is known only now
                limit = top_p * tl.max(sums_of_row(before_ptr, b, C, C_PADDED))
                tl.store(limit_ptr + b, limit)
            else:
                limit = tl.load(limit_ptr + b)
        low = narrow(before_ptr, low, limit, shift + 4, b, C, C_PADDED)
    tl.store(found_ptr + number * B + b, low)
    highest = row_max(max_ptr, b, C, C_PADDED)
    bounds = low + (tl.arange(0, PARTS) << shift)
    above = tl.zeros([CHUNK, PARTS], tl.float32)
    for start in range(0, BLOCK, CHUNK):
        offs = c * BLOCK + start + tl.arange(0, CHUNK)
        x = tl.load(x_ptr + b.to(tl.int64) * V + offs, mask=offs < V, other=float("-inf"))
        key = ordered(x)
        weight = tl.where(offs < V, 1.0, 0.0) if COUNT else tl.where(key >= lowest_kept, tl.exp(x - highest), 0.0)
        above += tl.where(key[:, None] >= bounds[None, :], weight[:, None], 0.0)
    tl.store(sums_ptr + ((number * B + b) * C + c) * PARTS + tl.arange(0, PARTS), tl.sum(above, axis=0))


@triton.jit
def load_scores(x_ptr, b, offs, V, least, bonus, stop_ids_ptr, N_STOP: tl.constexpr):
    """Of tokens offs what `sampling.scores` gives: -inf where x is below least, and the end's bonus."""
    x = tl.load(x_ptr + b.to(tl.int64) * V + offs, mask=offs < V, other=float("-inf"))
    kept = (ordered(x) >= least) & (offs < V)
    for s in tl.static_range(N_STOP):
        x = tl.where(offs == tl.load(stop_ids_ptr + s), x + bonus, x)
    return tl.where(kept, x, float("-inf"))


@triton.jit
def end_bonus(settings_ptr, steps_ptr, row):
    _, _, _, _, regulation_start, log_length_penalty = load_settings(settings_ptr, row)
    return tl.maximum(tl.load(steps_ptr + row).to(tl.float32) - regulation_start, 0.0) * log_length_penalty


@triton.jit
def weigh_kernel(
    x_ptr, max_ptr, rows_ptr, settings_ptr, steps_ptr, stop_ids_ptr, found_ptr, limit_ptr, sums_ptr, V,
    largest_ptr, weights_ptr, best_ptr, best_id_ptr,
    N_STOP: tl.constexpr, BLOCK: tl.constexpr, C_PADDED: tl.constexpr,
):  # fmt: skip
    """For each block the sum of exp(scores - largest), weights (B, C), and its best token; largest (B)."""
    c = tl.program_id(0)
    b = tl.program_id(1)
    C = tl.num_programs(0)
    B = tl.num_programs(1)
    row = tl.load(rows_ptr + b)
    temperature, _, top_p, _, _, _ = load_settings(settings_ptr, row)
    bonus = end_bonus(settings_ptr, steps_ptr, row)
    least = tl.load(found_ptr + PASSES * B + b)
    if top_p < 1 and temperature != 0:
        low = tl.load(found_ptr + 2 * PASSES * B + b)
        sums_ptr += (2 * PASSES - 1) * B * C * PARTS
        low = narrow(sums_ptr, low, tl.load(limit_ptr + b), 0, b, C, C_PADDED)
        least = tl.maximum(least, low)
    tl.store(found_ptr + (2 * PASSES + 1) * B + b, least)  # all programs of a row store the same, here and below
    largest = row_max(max_ptr, b, C, C_PADDED)
    for s in tl.static_range(N_STOP):
        stop = tl.load(stop_ids_ptr + s)
        largest = tl.maximum(largest, load_scores(x_ptr, b, stop, V, least, bonus, stop_ids_ptr, N_STOP))
    tl.store(largest_ptr + b, largest)
    x = load_scores(x_ptr, b, c * BLOCK + tl.arange(0, BLOCK), V, least, bonus, stop_ids_ptr, N_STOP)
    tl.store(weights_ptr + b * C + c, tl.sum(tl.exp(x - largest)))
    best, best_id = tl.max(x, axis=0, return_indices=True)
    tl.store(best_ptr + b * C + c, best)
    tl.store(best_id_ptr + b * C + c, c * BLOCK + best_id)


@triton.jit
def pick_kernel(
    x_ptr, rows_ptr, settings_ptr, steps_ptr, uniform_ptr, seen_ptr, stop_ids_ptr, found_ptr, V, C,
    largest_ptr, weights_ptr, best_ptr, best_id_ptr, ids_ptr, stride_uniform, stride_seen,
    N_STOP: tl.constexpr, BLOCK: tl.constexpr, C_PADDED: tl.constexpr,
):  # fmt: skip
    """ids (B): the token at which the cumulative probability passes the row's number, or the best; noted as drawn."""
    b = tl.program_id(0)
    B = tl.num_programs(0)
    row = tl.load(rows_ptr + b)
    step = tl.load(steps_ptr + row)
    blocks = tl.arange(0, C_PADDED)
    if tl.load(settings_ptr + row * 6) == 0:  # the temperature
        best = tl.load(best_ptr + b * C + blocks, mask=blocks < C, other=float("-inf"))
        _, block = tl.max(best, axis=0, return_indices=True)
        id = tl.load(best_id_ptr + b * C + block)
    else:
        weights = tl.load(weights_ptr + b * C + blocks, mask=blocks < C, other=0.0)
        up_to = tl.cumsum(weights, axis=0)
        target = tl.load(uniform_ptr + row * stride_uniform + step) * tl.sum(weights)
        block = tl.min(tl.where((up_to > target) & (weights > 0), blocks, C))
        block = tl.minimum(block, tl.max(tl.where(weights > 0, blocks, 0)))  # where rounding leaves none
        target -= tl.sum(tl.where(blocks < block, weights, 0.0))
        bonus = end_bonus(settings_ptr, steps_ptr, row)
        offs = tl.arange(0, BLOCK)
        least = tl.load(found_ptr + (2 * PASSES + 1) * B + b)
        x = load_scores(x_ptr, b, block * BLOCK + offs, V, least, bonus, stop_ids_ptr, N_STOP)
        weights = tl.exp(x - tl.load(largest_ptr + b))
        found = tl.min(tl.where((tl.cumsum(weights, axis=0) > target) & (weights > 0), offs, BLOCK))
        id = block * BLOCK + tl.minimum(found, tl.max(tl.where(weights > 0, offs, 0)))
    tl.store(ids_ptr + b, id.to(tl.int64))
    tl.store(seen_ptr + row * stride_seen + id, 1)
    tl.store(steps_ptr + row, step + 1)


def draw_rows(logits: torch.Tensor, rows: torch.Tensor, sampler) -> torch.Tensor:
    """The next ids, int64 (B), of rows int64 (B) of a sampling.Sampler, from their logits (B, V) of any float type."""
    B, V = logits.shape
    C = triton.cdiv(V, BLOCK)
    sizes = {"BLOCK": BLOCK, "C_PADDED": triton.next_power_of_2(C)}

    def empty(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        return torch.empty(shape, dtype=dtype, device=logits.device)

    parts, passes = PARTS.value, PASSES.value
    x, highest, limit, sums = empty(B, V), empty(B, C), empty(B), empty(2, passes, B, C, parts)
    found = empty(2, passes + 1, B, dtype=torch.int32)
    largest, weights, best = empty(B), empty(B, C), empty(B, C)
    best_id, ids = empty(B, C, dtype=torch.int32), empty(B, dtype=torch.int64)
    settings, seen, stop_ids = sampler.settings, sampler.seen.view(torch.uint8), sampler.stop_ids
    with on_device(logits):
        scale_kernel[C, B](
            logits, seen, rows, settings, x, highest, V, logits.stride(0), seen.stride(0), BLOCK=BLOCK
        )  # fmt: skip
        for count in (True, False):
            for i in range(passes):
                search_kernel[C, B](
                    x, highest, rows, settings, found, limit, sums, V, i,
                    COUNT=count, CHUNK=CHUNK, **sizes, num_warps=8,
                )  # fmt: skip
        weigh_kernel[C, B](
            x, highest, rows, settings, sampler.steps, stop_ids, found, limit, sums, V,
            largest, weights, best, best_id, N_STOP=len(stop_ids), **sizes,
        )  # fmt: skip
        pick_kernel[B,](
            x, rows, settings, sampler.steps, sampler.uniform, seen, stop_ids, found, V, C,
            largest, weights, best, best_id, ids, sampler.uniform.stride(0), seen.stride(0),
            N_STOP=len(stop_ids), **sizes, num_warps=8,
        )  # fmt: skip
    return ids

"""The layout of quantised weights that the GPU kernels read, made from the packed format when a layer is first used
there.

At few rows a product takes as long as its weights take to arrive from memory, so the layout serves that alone: a warp
reads 512 bytes in one instruction, 16 bytes a lane, and each lane finds in them the very weights that the tensor core
wants from it, with nothing to exchange.

Columns come in panels of 64, rows of the contraction in slices of 8n (n = 32/bits values to a word); a tile is a
panel and a slice, 512 words in a row. A word holds n weights of one column, 8 rows apart:

    tiles int32 (N/64, K/8n, 512)    word    = 128*w + 16*g + 4*t + 2*h + p    w: warp, 4*g + t: lane
                                     column  = 16*w + 8*h + g                  of the panel
                                     value i = row 8*i + 2*t + p               of the slice, bits [i*bits, (i+1)*bits)

That is operand A of the m16n8k16 and m64nNk16 tensor core instructions: lane 4*g + t has rows g and g + 8 and the
pairs 2*t, 2*t + 1 (+ 8) of the contraction. The product computed is therefore y^T = W x^T, and the rows of x are the
columns of operand B, of which there may be as few as eight.

    scale_zero int32 (G, N)           the scale (fp16) in the lower half, 1024 + zero (fp16) in the upper
    perm       int64 (K) or None      row k of the tiles is column perm[k] of x; where columns were sorted (act-order)

Rows are sorted by group, and both sides are padded with weights of scale 0: N to 64, K to 128 (256 with 2 bits) and,
where groups are not all of the same size, each group to 32. Nothing else is known of a layer, so any `g_idx` runs.
"""

import dataclasses
from dataclasses import dataclass

import torch

PANEL = 64
MAX_ROW_BLOCKS = 8  # blocks of rows that one launch of the kernel may have, each with locks of its own


@dataclass
class TiledWeight:
    """A weight in the layout above, of a layer with infeatures columns to its input and outfeatures to its output.

    locks: int32, zero but while a captured product is running (see kernels_248.locks).
    joint: the weight that this is a part of, tiles and scale_zero being views of its; False where it fits no other.
    """

    bits: int
    groupsize: int
    infeatures: int
    outfeatures: int
    tiles: torch.Tensor
    scale_zero: torch.Tensor
    perm: torch.Tensor | None
    locks: torch.Tensor
    bias: torch.Tensor | None = None
    joint: "TiledWeight | bool | None" = None

    @property
    def N(self) -> int:
        return self.scale_zero.shape[1]

    @property
    def K(self) -> int:
        return self.tiles.shape[1] * (256 // self.bits)

    @property
    def strides(self) -> tuple[int, int]:
        """Words from a panel of tiles, and of scale_zero from a row, to the next: more in a part of a joint weight."""
        return self.tiles.stride(0), self.scale_zero.stride(0)

    @property
    def K_real(self) -> int:
        """Rows before the padding to 128, which are the columns of the sorted x."""
        return self.infeatures if self.perm is None else len(self.perm)


def join_outputs(first: TiledWeight, second: TiledWeight) -> tuple[TiledWeight, TiledWeight] | None:
    """Both as parts of one weight, `joint`, that gives x -> [y_first, y_second].

    None where they do not fit: other bits, groups or order of rows, or columns that are padded.
    """
    same = all(getattr(first, name) == getattr(second, name) for name in ("bits", "groupsize", "infeatures", "K"))
    if not same or first.outfeatures % PANEL or not same_order(first.perm, second.perm):
        return None
    biases = [w.tiles.new_zeros(w.outfeatures) if w.bias is None else w.bias for w in (first, second)]
    joint = dataclasses.replace(
        first,
        outfeatures=first.outfeatures + second.outfeatures,
        tiles=torch.cat([first.tiles, second.tiles]),
        scale_zero=torch.cat([first.scale_zero, second.scale_zero], dim=1),
        locks=torch.cat([first.locks, second.locks]),
        bias=None if first.bias is second.bias is None else torch.cat([bias.half() for bias in biases]),
        joint=None,
    )
    parts = zip((first, second), joint.tiles.split([len(first.tiles), len(second.tiles)]),
                joint.scale_zero.split([first.N, second.N], dim=1), strict=True)  # fmt: skip
    return tuple(dataclasses.replace(w, tiles=t, scale_zero=s, joint=joint) for w, t, s in parts)


def join_inputs(first: TiledWeight, second: TiledWeight) -> tuple[TiledWeight, TiledWeight] | None:
    """Both as parts of one weight, `joint`, that gives [x_first, x_second] -> y_first + y_second.

    None where they do not fit: other bits, groups or outputs, or rows that are padded.
    """
    same = all(getattr(first, name) == getattr(second, name) for name in ("bits", "groupsize", "outfeatures"))
    if not same or any(not w.K == w.K_real == w.infeatures or w.K % w.groupsize for w in (first, second)):
        return None
    perms = [torch.arange(w.K, device=w.tiles.device) if w.perm is None else w.perm for w in (first, second)]
    biases = [w.bias for w in (first, second) if w.bias is not None]
    joint = dataclasses.replace(
        first,
        infeatures=first.infeatures + second.infeatures,
        tiles=torch.cat([first.tiles, second.tiles], dim=1),
        scale_zero=torch.cat([first.scale_zero, second.scale_zero]),
        perm=None if first.perm is second.perm is None else torch.cat([perms[0], perms[1] + first.K]),
        bias=torch.stack(biases).sum(0) if biases else None,
        joint=None,
    )
    parts = zip((first, second), joint.tiles.split([first.tiles.shape[1], second.tiles.shape[1]], dim=1),
                joint.scale_zero.split([len(first.scale_zero), len(second.scale_zero)]), strict=True)  # fmt: skip
    return tuple(dataclasses.replace(w, tiles=t, scale_zero=s, joint=joint) for w, t, s in parts)


def same_order(first: torch.Tensor | None, second: torch.Tensor | None) -> bool:
    if first is None or second is None:
        return first is second
    return torch.equal(first, second)


def sort_rows(g_idx: torch.Tensor, G: int) -> tuple[torch.Tensor | None, int, torch.Tensor | None]:
    """How rows of groups g_idx (K) are laid out: perm or None, the group size, and the group of each row of scale_zero.

    A row that only fills up a group has K in perm, the index of a column of zeros that x is given then.
    """
    K = len(g_idx)
    g_idx = g_idx.long()
    groupsize = K // G
    if G * groupsize == K and torch.equal(g_idx, torch.arange(K, device=g_idx.device) // groupsize):
        return None, groupsize, None
    perm = torch.argsort(g_idx, stable=True)
    sizes = torch.bincount(g_idx, minlength=G)
    if G * groupsize == K and bool((sizes == groupsize).all()):
        return perm, groupsize, None
    chunks = (sizes.clamp(min=1) + 31) // 32
    first_row = 32 * (chunks.cumsum(0) - chunks)
    rank = torch.arange(K, device=g_idx.device) - (sizes.cumsum(0) - sizes)[g_idx[perm]]
    filled = torch.full((32 * int(chunks.sum()),), K, device=g_idx.device)
    filled[first_row[g_idx[perm]] + rank] = perm
    return filled, 32, torch.repeat_interleave(torch.arange(G, device=g_idx.device), chunks)


def tile(q: torch.Tensor, zeros: torch.Tensor, scales: torch.Tensor, g_idx: torch.Tensor, bits: int) -> TiledWeight:
    """q uint8 (K, N), zeros int16 (G, N), scales fp16 (G, N), g_idx int32 (K) -> the layout, on their device."""
    (infeatures, outfeatures), G = q.shape, len(scales)
    perm, groupsize, group_of_row = sort_rows(g_idx, G)
    if perm is not None:
        q = q[perm.clamp(max=infeatures - 1)]
    if group_of_row is not None:
        zeros, scales = zeros[group_of_row], scales[group_of_row]
    n = 32 // bits
    K_real = len(q)
    K, N = -K_real % (512 // bits if bits == 2 else 128) + K_real, -outfeatures % PANEL + outfeatures
    q = pad(q, K, N).view(K // (8 * n), n, 4, 2, N // PANEL, 4, 2, 8)  # slice, i, t, p, panel, w, h, g
    q = q.permute(1, 4, 0, 5, 7, 2, 6, 3).reshape(n, -1)  # i, panel, slice, w, g, t, h, p
    tiles = torch.zeros(q.shape[1], dtype=torch.int32, device=q.device)
    for i in range(n):
        tiles |= q[i].to(torch.int32) << (i * bits)
    scale = pad(scales.half(), -(-K // groupsize), N).view(torch.int16).to(torch.int32) & 0xFFFF
    zero = (pad(zeros, -(-K // groupsize), N) + 1024).half().view(torch.int16).to(torch.int32)
    return TiledWeight(
        bits=bits,
        groupsize=groupsize,
        infeatures=infeatures,
        outfeatures=outfeatures,
        tiles=tiles.view(N // PANEL, K // (8 * n), 512),
        scale_zero=scale | (zero << 16),
        perm=perm,
        locks=torch.zeros(MAX_ROW_BLOCKS * N // PANEL, dtype=torch.int32, device=q.device),
    )


def stack_columns(parts: list[TiledWeight], bias: torch.Tensor | None = None) -> TiledWeight:
    """The weight of which these are the columns, in slices that were tiled one by one; all but the last are whole
    panels."""
    if len(parts) == 1:
        return dataclasses.replace(parts[0], bias=bias)
    return dataclasses.replace(
        parts[0],
        outfeatures=sum(part.outfeatures for part in parts),
        tiles=torch.cat([part.tiles for part in parts]),
        scale_zero=torch.cat([part.scale_zero for part in parts], dim=1),
        locks=torch.cat([part.locks for part in parts]),
        bias=bias,
    )


def untile(weight: TiledWeight, g_idx: torch.Tensor, G: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The inverse: q uint8 (K, N), zeros int16 (G, N), scales fp16 (G, N)."""
    bits, n = weight.bits, 32 // weight.bits
    perm, _, group_of_row = sort_rows(g_idx, G)
    words = weight.tiles.view(weight.N // PANEL, -1, 4, 8, 4, 2, 2)  # panel, slice, w, g, t, h, p
    q = torch.stack([((words >> (i * bits)) & (2**bits - 1)).to(torch.uint8) for i in range(n)])
    q = q.permute(2, 0, 5, 7, 1, 3, 6, 4).reshape(weight.K, weight.N)[:, : weight.outfeatures]
    if perm is None:
        q = q[: weight.infeatures]
    else:
        rows = torch.empty(weight.infeatures + 1, dtype=torch.int64, device=q.device)
        rows[perm] = torch.arange(len(perm), device=q.device)
        q = q[rows[:-1]]
    scale_zero = weight.scale_zero[:, : weight.outfeatures]
    if group_of_row is not None:
        rows = torch.empty(G, dtype=torch.int64, device=q.device)
        rows[group_of_row] = torch.arange(len(group_of_row), device=q.device)
        scale_zero = scale_zero[rows]
    scale_zero = scale_zero[:G].contiguous().view(torch.int16).view(G, -1, 2)
    zeros, scales = scale_zero[..., 1].contiguous().view(torch.float16), scale_zero[..., 0].contiguous()
    return q.contiguous(), (zeros - 1024).to(torch.int16), scales.view(torch.float16)


def pad(x: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """x with zeros below and to the right."""
    return torch.nn.functional.pad(x, (0, columns - x.shape[1], 0, rows - x.shape[0]))

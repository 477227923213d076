"""What the kernels of kernels_248.py share: a block of tiles (tiled_weight.py) becomes numbers in registers.

An fp16 number between 1024 and 2048 has its integer part in its lowest bits: (word & 0x000f000f) | 0x64006400 is two of
them, 1024 + q; less 1024 + zero they are q - zero, exactly. (The trick is from Kim et al. 2022, arXiv:2211.10017.)
Times the scale they are two weights, rounded once, as a stored fp16 weight would be; where a block is of one group, the
sum is multiplied instead.
"""

try:  # for trust_remote_code, as in kernels_248.py
    import triton
    import triton.language as tl
except ImportError:
    raise


@triton.constexpr_function
def unpack_assembly(bits: int, n_scales: int, scaled: bool) -> str:
    """PTX that takes two words and n_scales * 2 scale_zeros and gives n pairs (of both words) of fp16 numbers.

    These are q - zero, times the scale if scaled. The first n / n_scales values have the first scale, and so on.
    """
    n = 32 // bits
    operands = iter(range(n, n + 2 + 2 * n_scales))
    first, second = next(operands), next(operands)
    lines = [
        ".reg .b32 low, high, t, c;",
        f"prmt.b32 low, ${first}, ${second}, 0x5410;",
        f"prmt.b32 high, ${first}, ${second}, 0x7632;",
    ]
    for j in range(n_scales):
        first, second = next(operands), next(operands)
        lines += [
            f".reg .b32 scale{j}, zero{j}_0;",
            f"prmt.b32 scale{j}, ${first}, ${second}, 0x5410;",
            f"prmt.b32 zero{j}_0, ${first}, ${second}, 0x7632;",
        ]
        for shift in range(bits, 8, bits):  # (1024 + q * 2**shift) / 2**shift - (1024 / 2**shift + zero) = q - zero
            fp16 = 25 * 1024 - (2048 >> shift)  # the bits of 1024 - 1024 / 2**shift
            lines += [
                f".reg .b32 zero{j}_{shift};",
                f"mov.b32 c, 0x{fp16:04x}{fp16:04x};",
                f"sub.rn.f16x2 zero{j}_{shift}, c, zero{j}_0;",
            ]
    for i in range(n):
        half = "low" if i < n // 2 else "high"
        shift = i * bits % 8
        if i * bits % 16 == 8:
            lines.append(f"shr.u32 {half}, {half}, 8;")
        mask = ((1 << bits) - 1) << shift
        lines.append(f"lop3.b32 t, {half}, 0x{mask:04x}{mask:04x}, 0x64006400, 0xEA;")  # (half & mask) | 1024
        j = i * n_scales // n
        if shift == 0:
            lines.append(f"sub.rn.f16x2 ${i}, t, zero{j}_0;")
        else:
            fp16 = (15 - shift) * 1024  # the bits of 1 / 2**shift
            lines += [f"mov.b32 c, 0x{fp16:04x}{fp16:04x};", f"fma.rn.f16x2 ${i}, t, c, zero{j}_{shift};"]
        if scaled:
            lines.append(f"mul.rn.f16x2 ${i}, ${i}, scale{j};")
    return "{\n" + "\n".join(lines) + "\n}"


@triton.constexpr_function
def constraints(bits: int, n_scales: int) -> str:
    return ",".join(["=r"] * (32 // bits) + ["r"] * (2 + 2 * n_scales))


INTERPRETED = tl.constexpr(triton.knobs.runtime.interpret)


@triton.jit
def plain_value(words, scale_zero, i: tl.constexpr, bits: tl.constexpr, scaled: tl.constexpr):
    """Value i of each word less its zero point; what unpack_assembly does, for the interpreter."""
    value = ((words >> (i * bits)) & ((1 << bits) - 1)).to(tl.float16) + 1024 - upper_half(scale_zero)
    if scaled:
        value = value * lower_half(scale_zero)
    return value


@triton.jit
def lower_half(word):
    return (word & 0xFFFF).to(tl.int16).to(tl.float16, bitcast=True)


@triton.jit
def upper_half(word):
    return (word >> 16).to(tl.int16).to(tl.float16, bitcast=True)


@triton.jit
def cast(x, dtype: tl.constexpr):
    if INTERPRETED and dtype == tl.bfloat16:  # which cuts off, where the hardware rounds to nearest even
        word = x.to(tl.float32).to(tl.int32, bitcast=True)
        word = word + 0x7FFF + ((word >> 16) & 1)
        x = (word & -65536).to(tl.float32, bitcast=True)
    return x.to(dtype)


@triton.jit
def dot(a, b, acc):
    if INTERPRETED:  # which multiplies the bits of bf16 numbers
        return tl.dot(a.to(tl.float32), b.to(tl.float32), acc, input_precision="ieee")
    else:
        return tl.dot(a, b, acc)


@triton.jit
def load_scales(
    scale_zero_ptr, stride_group, n0, row, groupsize: tl.constexpr, BN: tl.constexpr, SLICES: tl.constexpr,
    ROWS: tl.constexpr, ONE_GROUP: tl.constexpr,
):  # fmt: skip
    """The scale_zero of columns n0 to n0 + BN and of row, row + ROWS, ...: [SLICES, BN], or [1, BN] if ONE_GROUP."""
    offs_n = n0 + tl.arange(0, BN)
    rows = row + tl.arange(0, 1 if ONE_GROUP else SLICES) * ROWS
    return tl.load(scale_zero_ptr + (rows // groupsize)[:, None] * stride_group + offs_n[None, :])


@triton.jit
def to_words(scale_zero, SLICES: tl.constexpr, PANELS: tl.constexpr):
    """[SLICES or 1, BN], one to a column -> [SLICES, BN/64, 512], one to a word."""
    s = tl.reshape(scale_zero, [scale_zero.shape[0], PANELS, 4, 2, 8])
    s = tl.permute(s, [0, 1, 2, 4, 3])  # slice, panel, w, g, h
    s = tl.reshape(s, [scale_zero.shape[0], PANELS, 4, 8, 1, 2, 1])
    return tl.reshape(tl.broadcast_to(s, [SLICES, PANELS, 4, 8, 4, 2, 2]), [SLICES, PANELS, 512])


@triton.jit
def unpack(
    tiles_ptr, scale_zero_ptr, stride_panel, stride_group, n0, k0, bits: tl.constexpr, groupsize: tl.constexpr,
    BN: tl.constexpr, BK: tl.constexpr, scaled: tl.constexpr,
):  # fmt: skip
    """The values of the words of columns n0 to n0 + BN and rows k0 to k0 + BK, and the scale_zero of their first rows.

    The values are a tuple of n tensors [slice, panel, 512] of fp16 numbers: q - zero, or weights if scaled.
    stride_panel: words from a panel of tiles to the next; stride_group: from a row of scale_zero to the next.
    """
    n: tl.constexpr = 32 // bits
    ROWS: tl.constexpr = 8 * n
    SLICES: tl.constexpr = BK // ROWS
    PANELS: tl.constexpr = BN // 64
    ONE_GROUP: tl.constexpr = groupsize % BK == 0
    N_SCALES: tl.constexpr = 1 if groupsize % ROWS == 0 else n // 4  # to a word: one, or one to 32 rows
    i_slice = tl.arange(0, SLICES)[:, None, None]
    panel = n0 // 64 + tl.arange(0, PANELS)[None, :, None]
    i_word = tl.arange(0, 512)[None, None, :]
    words = tl.load(tiles_ptr + panel.to(tl.int64) * stride_panel + (k0 // ROWS + i_slice) * 512 + i_word)
    scale_zero = load_scales(scale_zero_ptr, stride_group, n0, k0, groupsize, BN, SLICES, ROWS, ONE_GROUP)
    scales = (to_words(scale_zero, SLICES, PANELS),)
    for j in tl.static_range(1, N_SCALES):
        s = load_scales(scale_zero_ptr, stride_group, n0, k0 + 32 * j, groupsize, BN, SLICES, ROWS, ONE_GROUP)
        scales = scales + (to_words(s, SLICES, PANELS),)  # noqa: RUF005
    if INTERPRETED:
        values = ()
        for i in tl.static_range(n):
            values = values + (plain_value(words, scales[i * N_SCALES // n], i, bits, scaled),)  # noqa: RUF005
    else:
        values = tl.inline_asm_elementwise(
            unpack_assembly(bits, N_SCALES, scaled), constraints(bits, N_SCALES), (words,) + scales,  # noqa: RUF005
            dtype=(tl.float16,) * n, is_pure=True, pack=2,
        )  # fmt: skip
    return values, scale_zero


@triton.jit
def join_bits(v, start: tl.constexpr, step: tl.constexpr):
    """v[start], v[start + step], v[start + 2 * step], v[start + 3 * step], with their number in the last two
    dimensions."""
    return tl.join(
        tl.join(v[start], v[start + 2 * step]),
        tl.join(v[start + step], v[start + 3 * step]),
    )


@triton.jit
def load_weights(
    tiles_ptr, scale_zero_ptr, stride_panel, stride_group, n0, k0, bits: tl.constexpr, groupsize: tl.constexpr,
    BN: tl.constexpr, BK: tl.constexpr,
):  # fmt: skip
    """Weights [BN, BK] fp16 from column n0 and row k0 on, rows in their order."""
    n: tl.constexpr = 32 // bits
    v, _ = unpack(tiles_ptr, scale_zero_ptr, stride_panel, stride_group, n0, k0, bits, groupsize, BN, BK, True)
    if bits == 8:
        w = join_bits(v, 0, 1)
    elif bits == 4:
        w = tl.join(join_bits(v, 0, 2), join_bits(v, 1, 2))
    else:
        w = join_bits((join_bits(v, 0, 4), join_bits(v, 1, 4), join_bits(v, 2, 4), join_bits(v, 3, 4)), 0, 1)
    w = tl.reshape(w, [BK // (8 * n), BN // 64, 4, 8, 4, 2, 2, n])  # slice, panel, w, g, t, h, p, i
    return tl.reshape(tl.permute(w, [1, 2, 5, 3, 0, 7, 4, 6]), [BN, BK])


@triton.jit
def operand_a(value, SLICES: tl.constexpr, PANELS: tl.constexpr):
    """Value i of all words -> [BN, 8 * SLICES]: those rows of the contraction that hold it, eight of each slice."""
    w = tl.reshape(value, [SLICES, PANELS, 4, 8, 4, 2, 2])  # slice, panel, w, g, t, h, p
    return tl.reshape(tl.permute(w, [1, 2, 5, 3, 0, 4, 6]), [PANELS * 64, SLICES * 8])

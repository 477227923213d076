"""The equations themselves, in canonical form: linear, quadratic and systems, in the many shapes that people meet."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from recipes.moss_mini.corpus.common import Sampler
from recipes.moss_mini.corpus.equation_text import number, poly

LETTERS = "xxxxxxxxxxxxxxyyyyzzabcdghjklmnpqrstuvw"  # by how often people use them; no e, i (constants), f, o (zero)
PAIRS = ["xy"] * 12 + ["ab", "ab", "mn", "mn", "pq", "uv", "st", "yz", "xz", "rs", "cd", "kn"]


@dataclass
class Equation:
    """An equation in canonical form, its unknowns, the solution it was built from (None: none or not nice), its kind."""

    text: str
    unknowns: str
    roots: tuple | None
    tag: str


# --- numbers -------------------------------------------------------------------------------------------------


def _root(s: Sampler) -> int:
    """A solution: mostly small, sometimes with two or three digits; one in four is negative."""
    size = s.random()
    value = s.randint(0, 12) if size < 0.65 else s.randint(10, 60) if size < 0.9 else s.integer(60, 999)
    return -value if s.random() < 0.25 else value


def _factor(s: Sampler, low: int = 2) -> int:
    """A coefficient: mostly one digit, sometimes up to three."""
    size = s.random()
    return s.randint(low, 9) if size < 0.72 else s.randint(low, 20) if size < 0.93 else s.integer(20, 250)


def _constant(s: Sampler) -> int:
    """A number to add: mostly up to 20, sometimes up to 999."""
    size = s.random()
    return s.randint(1, 20) if size < 0.75 else s.randint(1, 99) if size < 0.93 else s.integer(100, 999)


def _signed(s: Sampler, value: int, negative: float = 0.3) -> int:
    return -value if s.random() < negative else value


# --- linear equations ----------------------------------------------------------------------------------------


def _plain(s: Sampler, v: str, x: int) -> str:
    a, b = _signed(s, _factor(s), 0.12), _signed(s, _constant(s), 0.45)
    left, right = poly((a, v), (b, "")), number(a * x + b)
    if s.random() < 0.18:
        left = poly((b, ""), (a, v))
    return f"{right}={left}" if s.random() < 0.15 else f"{left}={right}"


def _one_step(s: Sampler, v: str, x: int) -> str:
    a, b = _factor(s), _constant(s)
    shape = s.randrange(8)
    if shape == 0:
        return f"{v}+{b}={x + b}"
    if shape == 1:
        return f"{v}-{b}={x - b}"
    if shape == 2:
        return f"{b}-{v}={b - x}"
    if shape == 3:
        return f"{b}+{v}={b + x}"
    if shape == 4:
        return f"{a}{v}={a * x}"
    if shape == 5:
        return f"{v}/{a}={x}"  # its root is a*x
    if shape == 6:
        return f"-{a if s.random() < 0.7 else ''}{v}={number(-x)}" if s.random() < 0.5 else f"{a * x}={a}{v}"
    return f"{number(x * a)}/{v}={a}" if x else f"{a}{v}=0"


def _brackets(s: Sampler, v: str, x: int) -> str:
    a, c = _factor(s), s.randint(2, 9)
    b = _signed(s, s.randint(1, 15), 0.5)
    inner = f"({poly((1, v), (b, ''))})"
    value = x + b
    shape = s.randrange(7)
    if shape == 0:
        return f"{a}{inner}={a * value}"
    if shape == 1:
        return f"{a * value}={a}{inner}"
    if shape == 2:
        d = a * value - c * x
        return f"{a}{inner}={poly((c, v), (d, ''))}"
    if shape == 3:
        d = _signed(s, s.randint(1, 20), 0.5)
        return f"{a}{inner}{d:+d}={a * value + d}"
    if shape == 4:
        return f"{a}({poly((c, v), (b, ''))})={a * (c * x + b)}"
    if shape == 5:
        d = a * value - c * x  # a(x+b) = cx + d, the right side as a bracket where it divides
        if d % c == 0 and a != c:
            return f"{a}{inner}={c}({poly((1, v), (d // c, ''))})"
        return f"{poly((c, v), (d, ''))}={a}{inner}"
    d = s.randint(2, 30)
    return f"{d}-{a}{inner}={d - a * value}"


def _both_sides(s: Sampler, v: str, x: int) -> str:
    a, b = _signed(s, _factor(s, 1), 0.1), _signed(s, _constant(s), 0.45)
    c = _signed(s, _factor(s, 1), 0.15)
    c = c + 1 if c == a else c
    d = (a - c) * x + b
    shape = s.randrange(5)
    if shape == 0:
        return f"{poly((a, v), (b, ''))}={poly((d, ''), (c, v))}"
    if shape == 1:
        return f"{poly((a, v), (c, v))}={(a + c) * x}"
    if shape == 2:
        return f"{poly((a, v), (c, v), (b, ''))}={(a + c) * x + b}"
    return f"{poly((a, v), (b, ''))}={poly((c, v), (d, ''))}"


def _fractions(s: Sampler, v: str, x: int) -> str:
    a, b = s.randint(2, 9), _signed(s, s.randint(1, 20), 0.5)
    x *= a
    shape = s.randrange(9)
    if shape < 3:
        return f"{v}/{a}{b:+d}={x // a + b}"
    if shape == 3:
        return f"({poly((1, v), (b, ''))})/{a}={x // a}" if s.random() < 0.5 else f"{x // a}={v}/{a}"
    if shape == 4:
        c = s.randint(2, 7)
        return f"{v}/{a}+{v}/{c}={a + c}" if s.random() < 0.5 else f"{c}{v}/{a}={c * (x // a)}"
    if shape == 5:
        c = s.randint(2, 9)
        return f"({poly((c, v), (b, ''))})/{a}={s.randint(1, 12)}"
    if shape == 6:
        c = s.randint(1, a - 1)
        return f"({c}/{a}){v}={c * (x // a)}" if s.random() < 0.5 else f"{c}/{a}*{v}={c * (x // a)}"
    if shape == 7:
        c, d = s.randint(2, 9), s.randint(2, 12)
        return f"{v}/{a}={d}/{c}"
    c = s.randint(1, 12)
    return f"{v}/{a}={v}/{a + s.randint(1, 4)}+{c}" if s.random() < 0.5 else f"{b + x // a}={v}/{a}{b:+d}"


def _decimals(s: Sampler, v: str, x: int) -> str:
    a = Decimal(s.choice(["0.5", "0.2", "0.25", "1.5", "2.5", "0.1", "0.4", "1.2", "0.75", s.decimal(0.1, 9, 1)]))
    a = a or Decimal("0.5")
    b = Decimal(s.decimal(0.1, 20, 1)) or Decimal("0.5")
    x = Decimal(x) if s.random() < 0.6 else Decimal(x) / 2
    shape = s.randrange(6)
    if shape == 0:
        return f"{number(a)}{v}={number(a * x)}"
    if shape == 1:
        return f"{poly((a, v), (_signed(s, b), ''))}={number(s.randint(1, 30))}"
    if shape == 2:
        return f"{v}+{number(b)}={number(x + b)}"
    if shape == 3:
        return f"{v}-{number(b)}={number(x - b)}"
    if shape == 4:
        return f"{poly((a, v), (b, ''))}={number(a * x + b)}"
    return f"{poly((a, v), (-b, ''))}={number(a * x - b)}"


def _not_nice(s: Sampler, v: str, x: int) -> str:
    """Coefficients drawn freely: the root is usually a long decimal."""
    a, b, c = _factor(s), _signed(s, _constant(s)), _constant(s)
    if s.random() < 0.5:
        return f"{poly((a, v), (b, ''))}={c}"
    d = _factor(s, 1)
    return f"{poly((a, v), (b, ''))}={poly((d if d != a else d + 1, v), (c, ''))}"


def _degenerate(s: Sampler, v: str, x: int) -> str:
    """No solution, or every number is one."""
    a, b = s.randint(2, 9), s.randint(1, 9)
    if s.random() < 0.5:
        return f"{a}{v}+{b}={a}{v}+{b + s.randint(1, 9)}"
    return f"{a}({v}+{b})={a}{v}+{a * b}"


def _constant_first(s: Sampler, v: str, x: int) -> str:
    """8-3x=20, 20=8-3x, 5+2x=x-1: the unknown comes after the number, or stands on the right."""
    a, b = _factor(s), _constant(s)
    minus = s.random() < 0.65
    side = f"{b}{'-' if minus else '+'}{a}{v}"
    value = b - a * x if minus else b + a * x
    shape = s.random()
    if shape < 0.6:
        return f"{side}={value}"
    if shape < 0.75:
        return f"{value}={side}"
    c = _signed(s, s.randint(1, 9), 0.3)
    c = c + 1 if c == (-a if minus else a) else c
    right = poly((c, v), (value - c * x, "")) if s.random() < 0.5 else poly((value - c * x, ""), (c, v))
    return f"{side}={right}"


LINEAR = (
    [_plain] * 12
    + [_constant_first] * 9
    + [_one_step] * 8
    + [_brackets] * 7
    + [_both_sides] * 8
    + [_fractions] * 7
    + [_decimals] * 4
    + [_not_nice] * 3
)


def linear(s: Sampler) -> Equation:
    v, x = s.choice(LETTERS), _root(s)
    if s.random() < 0.015:
        return Equation(_degenerate(s, v, x), v, None, "linear")
    return Equation(s.choice(LINEAR)(s, v, x), v, None, "linear")


# --- quadratic equations -------------------------------------------------------------------------------------


def quadratic(s: Sampler) -> Equation:
    v = s.choice(LETTERS).translate(str.maketrans("gh", "xx"))  # g(g+1) and h(h+1) read as functions
    p, q = _small_root(s), _small_root(s)
    sq, a = f"{v}^2", s.choice((2, 2, 3, 3, 4, 5, -1, 6, 10))
    b, c = -(p + q), p * q
    shape = s.random()
    if shape < 0.36:  # x^2-5x+6=0
        if s.random() < 0.08:
            q, b, c = p, -2 * p, p * p
        terms = ((1, sq), (b, v), (c, ""))
        return Equation(_arranged(s, v, terms), v, (p, q), "quadratic")
    if shape < 0.47:  # 2x^2-10x+12=0
        return Equation(_arranged(s, v, ((a, sq), (a * b, v), (a * c, ""))), v, (p, q), "quadratic")
    if shape < 0.50:  # (ax-p)(x-q) multiplied out: one rational root
        k = s.randint(2, 5)
        return Equation(_arranged(s, v, ((k, sq), (-p - k * q, v), (p * q, ""))), v, None, "quadratic")
    if shape < 0.62:  # x^2=49
        n = s.randint(1, 15) if s.random() < 0.75 else s.randint(15, 40)
        k = 1 if s.random() < 0.6 else abs(a)
        d = s.randint(1, 30) if s.random() < 0.3 else 0
        d = _signed(s, d, 0.5)
        right = k * n * n + d
        if s.random() < 0.3 and not d:
            return Equation(f"{poly((k, sq), (-right, ''))}=0", v, (-n, n), "quadratic")
        left = poly((k, sq), (d, ""))
        return Equation(f"{right}={left}" if s.random() < 0.1 else f"{left}={right}", v, (-n, n), "quadratic")
    if shape < 0.68:  # x^2=7, x^2+4=0
        n = s.randint(2, 60)
        text = s.choice(
            (
                f"{sq}={n}",
                f"{sq}={n}",
                f"{sq}-{n}=0",
                f"{sq}+{n}=0",
                f"{sq}=-{n}",
                f"{a}{sq}={n}",
                f"{sq}={s.decimal(0.5, 30, 2)}",
                f"{v}*{v}={n}",
            )
        )
        return Equation(text.replace("-1" + v, "-" + v), v, None, "quadratic")
    if shape < 0.79:  # (x-1)(x+4)=0
        return Equation(_product(s, v, p, q), v, (p, q), "quadratic")
    if shape < 0.83:  # (x-3)^2=16
        n = s.randint(0, 12)
        k = "" if s.random() < 0.75 else str(abs(a))
        return Equation(
            f"{k}({poly((1, v), (-p or 1, ''))})^2={n * n * int(k or 1)}", v, (n + p if p else n - 1,), "quadratic"
        )
    if shape < 0.88:  # x^2=5x, 2x^2+8x=0
        k = s.choice((1, 1, 1, 2, 3))
        q = q or 4
        text = s.choice((f"{poly((k, sq), (-k * q, v))}=0", f"{poly((k, sq))}={poly((k * q, v))}"))
        return Equation(text, v, (0, q), "quadratic")
    if shape < 0.91:  # x(x+3)=40
        d = p - q or 3
        return Equation(f"{v}({poly((1, v), (d, ''))})={q * (q + d)}", v, (q,), "quadratic")
    k = s.choice((1, 1, 1, 2, 3, 5))  # anything: irrational, rational, or no real root
    terms = ((k, sq), (_signed(s, s.randint(1, 12), 0.5), v), (_signed(s, s.randint(1, 20), 0.6), ""))
    return Equation(_arranged(s, v, terms), v, None, "quadratic")


def _small_root(s: Sampler) -> int:
    size = s.random()
    value = s.randint(1, 9) if size < 0.8 else s.randint(0, 15) if size < 0.95 else s.randint(10, 50)
    return _signed(s, value, 0.35)


def _arranged(s: Sampler, v: str, terms: Sequence[tuple[int, str]]) -> str:
    """The terms of "… = 0", mostly so, sometimes with a part of them on the right or with 0 on the left."""
    (_, (b, _), (c, _)) = terms
    shape = s.random()
    if shape < 0.70:
        return f"{poly(*terms)}=0"
    if shape < 0.82:
        return f"{poly(*terms[:2])}={number(-c)}"
    if shape < 0.92:
        return f"{poly(terms[0])}={poly((-b, v), (-c, ''))}"
    if shape < 0.95:
        return f"0={poly(*terms)}"
    if shape < 0.97:
        return f"{poly(terms[0], terms[2])}={poly((-b, v))}"
    d = s.randint(1, 12)
    return f"{poly(terms[0], terms[1], (c + d, ''))}={d}"


def _product(s: Sampler, v: str, p: int, q: int) -> str:
    first = f"({poly((1, v), (-p, ''))})" if p else v
    second = f"({poly((1, v), (-q, ''))})" if q else f"({v}-0)"
    if q == 0:
        first, second = v, first if p else f"({v}+1)"
    join = "*" if s.random() < 0.08 else ""
    front = s.choice(("", "", "", "", "", "2", "3"))
    return f"{front}{first}{join}{second}=0"


# --- systems -------------------------------------------------------------------------------------------------


def system(s: Sampler) -> Equation:
    v, w = s.choice(PAIRS)
    x, y = _system_root(s), _system_root(s)
    a, b, c, d = (s.randint(1, 9) for _ in range(4))
    if s.random() < 0.2:
        return _substitution(s, v, w, x, y)
    shape = s.random()
    roots: tuple | None = (x, y)
    if shape < 0.24:  # x+y=10; x-y=2
        first, second = f"{v}+{w}={x + y}", f"{v}-{w}={x - y}"
    elif shape < 0.56:  # 2x+3y=12; x-y=1
        b, d = _signed(s, b), _signed(s, d, 0.6)
        if a * d == b * c:
            d += 1 if d != -1 else -1
        if a * d == b * c:
            c += 1
        first, second = f"{poly((a, v), (b, w))}={a * x + b * y}", f"{poly((c, v), (d, w))}={c * x + d * y}"
    elif shape < 0.68:  # y=2x+1; x+y=10
        a = _signed(s, a, 0.25)
        second = poly((c, v), (d if a * d != -c else d + 1, w))
        total = c * x + (d if a * d != -c else d + 1) * y
        first, second = f"{w}={poly((a, v), (y - a * x, ''))}", f"{second}={total}"
    elif shape < 0.80:  # y=2x+1; y=x+4
        a, c = _signed(s, a, 0.25), _signed(s, c, 0.35)
        c = c + 1 if a == c else c
        first, second = (f"{w}={poly((k, v), (y - k * x, ''))}" for k in (a, c))
    elif shape < 0.86:  # x=3y; x+y=20
        k = s.randint(2, 6)
        x = k * y
        first, second = f"{v}={k}{w}", f"{poly((1, v), (_signed(s, 1), w))}={{}}"
        second = second.format(x + y if f"+{w}" in second else x - y)
    elif shape < 0.91:  # x=y+5; 2x+y=40
        first, second = f"{v}={poly((1, w), (x - y, ''))}", f"{poly((a, v), (b, w))}={a * x + b * y}"
        if a == -b:
            second = f"{v}+{w}={x + y}"
    elif shape < 0.94:  # 3x+y=11; x=2
        first, second = f"{poly((a, v), (b, w))}={a * x + b * y}", f"{v}={x}"
    elif shape < 0.96:  # x/2+y/3=5; x-y=0
        x, y = a * x, b * y
        first, second = f"{v}/{a + 1}+{w}/{b + 1}={s.randint(1, 9)}", f"{v}-{w}={x - y}"
        roots = None
    elif shape < 0.985:  # roots as they come
        first, second = f"{a}{v}+{b}{w}={s.randint(1, 40)}", f"{c + a}{v}-{d}{w}={s.randint(1, 20)}"
        first, second = (re.sub(r"\b1(?=[a-z])", "", text) for text in (first, second))
        roots = None
    else:  # parallel or the same line
        k = s.randint(2, 4)
        n = s.randint(1, 9)
        first, second = f"{poly((a, v), (b, w))}={n}", f"{poly((k * a, v), (k * b, w))}={k * n + s.choice((0, 1, 3))}"
        roots = None
    if shape < 0.94 and shape >= 0.56 and s.random() < 0.3:
        first, second = second, first
    return Equation(f"{first};{second}", v + w, (x, y) if roots else None, "system")


def _substitution(s: Sampler, v: str, w: str, x: int, y: int) -> Equation:
    """One equation gives an unknown as an expression: x=2y+1; 3x-y=28, or 5x+2y=1; y=4-3x, or x=y-3; y=2x+1."""
    known, other, p, q = (v, w, x, y) if s.random() < 0.5 else (w, v, y, x)
    a = _signed(s, s.randint(1, 6), 0.3)
    terms = [(a, other), (p - a * q, "")]
    first = f"{known}={poly(*(terms if s.random() < 0.75 else terms[::-1]))}"
    c, d = _signed(s, s.randint(1, 6), 0.15), _signed(s, s.randint(1, 6), 0.5)
    d = d + 1 if c * a + d == 0 else d  # (c*known + d*other) must not be the same line
    if not d or s.random() < 0.15:
        c = a + 1 if a != -1 else 2
        second = f"{known}={poly((c, other), (p - c * q, ''))}"
    else:
        left = [(c, known), (d, other)]
        second = f"{poly(*(left if s.random() < 0.5 else left[::-1]))}={c * p + d * q}"
    texts = (first, second) if s.random() < 0.65 else (second, first)
    return Equation(";".join(texts), v + w, (x, y), "system")


def _system_root(s: Sampler) -> int:
    size = s.random()
    value = s.randint(0, 12) if size < 0.75 else s.randint(1, 40) if size < 0.95 else s.integer(40, 400)
    return _signed(s, value, 0.2)


def higher(s: Sampler) -> Equation:
    """What the solver can do besides: powers, roots, absolute values and three unknowns, with integer solutions."""
    v, x, shape = s.choice("xxxxyz"), s.randint(2, 9), s.random()
    if shape < 0.3:
        x, y, z = (s.randint(1, 15) for _ in range(3))
        a = s.randint(2, 4)
        text = s.choice((
            f"x+y+z={x + y + z};x-y={x - y};y+z={y + z}",
            f"x+y={x + y};y+z={y + z};x+z={x + z}",
            f"x+y+z={x + y + z};{a}x+y-z={a * x + y - z};x-y+{a}z={x - y + a * z}",
        ))  # fmt: skip
        return Equation(text, "xyz", (x, y, z), "system")
    k, p, q = s.randint(1, 20), _signed(s, s.randint(1, 6), 0.4), _signed(s, s.randint(1, 6), 0.4)
    b, c = s.randint(1, 12), s.randint(2, 5)
    b, c = (b, c) if s.random() < 0.8 else (k, c + 1)
    n = s.choice((3, 3, 3, 4, 5))
    text = s.choice((
        f"{v}^{n}={x**n}",
        f"{v}^{n}={x**n}",
        f"{v}^3={k * 7}",
        f"{v}^3-{x**3}=0",
        f"{c}{v}^3={c * x**3}",
        f"{v}^3+{b}={x**3 + b}",
        f"{poly((1, v + '^3'), (-x - p - q, v + '^2'), (x * p + x * q + p * q, v), (-x * p * q, ''))}=0",
        f"({poly((1, v), (-x, ''))})({poly((1, v), (-p, ''))})({poly((1, v), (-q, ''))})=0",
        f"{c}^{v}={c**x}" if x < 7 else f"2^{v}={2**x}",
        f"sqrt({v})={x}",
        f"sqrt({v}+{b})={x + 4}",
        f"abs({v}-{b})={x}",
    ))  # fmt: skip
    return Equation(text, v, None, "quadratic")


def gap_equation(s: Sampler) -> str:
    """An equation in x that looks right with a gap for x: no sign before it, every product written out."""
    text = "-x"
    while text[0] == "-" or "=-" in text:
        text = s.choice((_plain, _one_step, _one_step))(s, "x", s.randint(1, 60))
    return re.sub(r"(?<=\d)x", "*x", text)

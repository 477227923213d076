"""The calculator behind `Calculate("...")`: exact where numbers allow it, 50 digits elsewhere, bounded by construction.

Numbers are fractions, so 0.1+0.2 is 0.3 and 90/(1-0.95) is 1800. Roots and powers that come out rational stay
fractions; sines, logarithms and the like are mpmath numbers of 50 digits, which leaves room for cancellation: sqrt(2)^2
is 2 and sin(pi) is 0. Nothing needs a time limit, because everything that could grow has a bound: the text and its
nesting (expression.py), the bits of a fraction, the magnitude of a result, and the sum of the bits handled
(`Arithmetic`). The worst expressions found take some 30 ms, in steps of a millisecond at most, so that other threads go
on meanwhile.

Choices where conventions differ: angles are radians unless written 30° or "30 degrees"; log(x) is the natural
logarithm, as in Python and SymPy, log(x, b) has base b, lg and log10 base 10; round() rounds halves away from zero, as
people do; // and % round down, as in Python; a cube root of a negative number is real; 200+10% is 200.1.

Words, units and unknowns give "No result."; `evaluate` raises the reason, and `calculate` logs it at level DEBUG.
"""

import logging
import math
import threading
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import mpmath

from . import Plugin, register
from .expression import CONSTANTS, NO_RESULT, ExpressionError, Program, parse, run_program, tokenize

logger = logging.getLogger(__name__)

DIGITS = 50  # of inexact numbers
MAX_BITS = 16384  # of a numerator and its denominator: about 4,900 decimal digits
MAX_WORK = 400_000  # bits handled by one expression
MAX_MAGNITUDE = 5000  # inexact numbers lie between 1e-5000 and 1e5000
MAX_ANGLE = 10**15  # beyond it no use of a sine is meant
SHOWN_DIGITS = 10
SHOWN_INTEGER_DIGITS = 50
SNAP = 10**35  # an inexact number within 1/SNAP (relatively) of an integer is that integer
NOISE = 10**45  # a sum smaller than its terms by this factor is what rounding left of zero

_local = threading.local()


def inexact() -> mpmath.MPContext:
    """This thread's 50-digit mpmath context. Not mpmath.mp: that one is shared, and its precision belongs to others."""
    if not hasattr(_local, "context"):
        _local.context = mpmath.MPContext()
        _local.context.dps = DIGITS
    return _local.context


def calculate(expression: str) -> str:
    """The value of an expression as shown to the user, or "No result.".

    >>> calculate("0.1+0.2"), calculate("（１＋２）×3"), calculate("200*15%"), calculate("3 apples")
    ('0.3', '9', '30', 'No result.')
    """
    try:
        return show(evaluate(expression))
    except ExpressionError as error:
        logger.debug("Calculate: %s", error)
        return NO_RESULT


def evaluate(expression: str) -> "Fraction | mpmath.mpf":
    """The value of an expression, exact where possible.

    Raises:
        ExpressionError: the reason why there is none.
    """
    tokens = tokenize(expression)
    while tokens and tokens[-1].value in ("=", "?"):  # "12*7=?" asks for 12*7
        tokens.pop()
    return run(parse(tokens))


def run(program: Program, values: dict | None = None) -> "Fraction | mpmath.mpf":
    """The value of a program, with `values` for its unknowns. Raises ExpressionError where there is none."""
    arithmetic = Arithmetic(values or {})
    try:
        return run_program(program, arithmetic.check, arithmetic.name, arithmetic.apply)
    except ZeroDivisionError:
        raise ExpressionError("Division by zero.") from None
    except (ValueError, OverflowError, mpmath.libmp.ComplexResult) as error:
        raise error if isinstance(error, ExpressionError) else ExpressionError(f"Not defined: {error}.") from None


def show(value: "Fraction | mpmath.mpf") -> str:
    """A number as text: integers in full up to 50 digits, others with 10 significant digits, no trailing zeros.

    A number of more than 10 digits before the point keeps them all, up to 1e15. Exponents appear below 1e-6, from 1e15
    on for what is no integer, and for integers of more than 50 digits.
    """
    exact = as_fraction(value)
    if exact.denominator == 1 and abs(exact) < 10**SHOWN_INTEGER_DIGITS:
        return str(exact.numerator)
    digits = SHOWN_DIGITS
    if 10**SHOWN_DIGITS <= abs(exact) < 10**15:
        digits = len(str(abs(int(exact))))
    context = Context(prec=digits, rounding=ROUND_HALF_UP, Emax=10**6, Emin=-(10**6))
    rounded = context.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    if Decimal("1e-6") <= abs(rounded) < Decimal("1e15"):
        text = f"{rounded:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, exponent = f"{rounded:.{digits - 1}e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{exponent}"


def as_fraction(value: "Fraction | mpmath.mpf") -> Fraction:
    """An inexact number as a fraction; one that is an integer but for its last digits becomes that integer."""
    if isinstance(value, Fraction):
        return value
    if abs(value) * SNAP < 1:
        return Fraction(0)
    sign, mantissa, exponent, _ = value._mpf_
    exact = Fraction(-mantissa if sign else mantissa) * Fraction(2) ** exponent
    nearest = round(exact)
    return Fraction(nearest) if abs(exact - nearest) * SNAP <= abs(exact) else exact


def to_mpf(value):
    """A number as an inexact one; mpmath does not mix with fractions by itself."""
    return inexact().mpf(value.numerator) / value.denominator if isinstance(value, Fraction) else value


class Arithmetic:
    """The operations on Fraction and mpf, every one of them bounded. One object evaluates one expression."""

    def __init__(self, values: dict):
        self.values = values
        self.work = 0

    def name(self, name: str):
        if name in self.values:
            return self.values[name]
        assert name in CONSTANTS, f"{name} has no value; parse() lets only constants and given unknowns through"
        return +(inexact().e if name == "e" else inexact().pi)

    def check(self, value):
        """Bounds a value: a fraction that grows too long becomes inexact, an integer or magnitude too large ends it."""
        if isinstance(value, Fraction):
            bits = value.numerator.bit_length() + value.denominator.bit_length()
            if bits <= MAX_BITS:
                return value
            if value.denominator == 1:
                raise ExpressionError("The number has more than 4,900 digits.")
            value = to_mpf(value)
        if not inexact().isfinite(value):
            raise ExpressionError("The result is infinite or undefined.")
        if value and abs(inexact().mag(value)) > MAX_MAGNITUDE * math.log2(10):
            raise ExpressionError(f"The result is beyond 1e{MAX_MAGNITUDE} or 1e-{MAX_MAGNITUDE}.")
        return value

    def apply(self, op: str, arguments: list):
        for value in arguments:
            exact = isinstance(value, Fraction)
            self.work += value.numerator.bit_length() + value.denominator.bit_length() if exact else 4 * DIGITS
        if self.work > MAX_WORK:
            raise ExpressionError("The expression is too much work.")
        method = OPERATIONS.get(op, op)
        if method not in ("power", "round") and not all(isinstance(value, Fraction) for value in arguments):
            arguments = [to_mpf(value) for value in arguments]
        return self.check(getattr(self, "_" + method)(*arguments))

    def _add(self, a, b):
        return self._cleaned(a + b, a)

    def _subtract(self, a, b):
        return self._cleaned(a - b, a)

    @staticmethod
    def _cleaned(total, term):
        """Cancellation to the last digits of an inexact sum is zero: sqrt(2)*sqrt(2)-2."""
        if not isinstance(total, Fraction) and total and abs(total) * NOISE < abs(term):
            return Fraction(0)
        return total

    def _multiply(self, a, b):
        return a * b

    def _divide(self, a, b):
        return a / b

    def _floor_divide(self, a, b):
        return Fraction(math.floor(self._floored(a / b)))

    def _mod(self, a, b):
        return a - b * math.floor(self._floored(a / b))

    def _neg(self, a):
        return -a

    def _percent(self, a):
        return a / 100

    def _degree(self, a):
        return to_mpf(a) * inexact().pi / 180

    _radians = _degree

    def _degrees(self, a):
        return to_mpf(a) * 180 / inexact().pi

    def _power(self, base, exponent):
        if base == 0 and exponent < 0:
            raise ZeroDivisionError
        if base == 0 or exponent == 0:
            return Fraction(int(exponent == 0))
        if isinstance(base, Fraction) and isinstance(exponent, Fraction):
            if base == 1:
                return base
            if exponent.denominator == 1:
                size = max(base.numerator.bit_length(), base.denominator.bit_length())
                if abs(exponent) * size <= MAX_BITS:
                    return base ** int(exponent)
                if base == -1:
                    return Fraction(-1 if exponent.numerator % 2 else 1)
            else:
                return self._rational_power(base, exponent)
        if abs(to_mpf(exponent) * inexact().log(abs(to_mpf(base)))) > MAX_MAGNITUDE * math.log(10):
            raise ExpressionError(f"The power is beyond 1e{MAX_MAGNITUDE} or 1e-{MAX_MAGNITUDE}.")
        if isinstance(exponent, Fraction) and exponent.denominator == 1:
            return to_mpf(base) ** int(exponent)
        if base < 0:
            raise ExpressionError("An irrational power of a negative number is not real.")
        return to_mpf(base) ** to_mpf(exponent)

    def _rational_power(self, base: Fraction, exponent: Fraction):
        """base^(p/q), exact where the q-th root of the base is rational, real where q is odd."""
        if base < 0 and exponent.denominator % 2 == 0:
            raise ExpressionError("An even root of a negative number is not real.")
        sign = -1 if base < 0 and exponent.numerator % 2 else 1
        self.work += 10 * (base.numerator.bit_length() + base.denominator.bit_length())  # roots cost that much more
        roots = [_integer_root(part, exponent.denominator) for part in (abs(base.numerator), base.denominator)]
        if None not in roots:
            return sign * self._power(Fraction(*roots), Fraction(exponent.numerator))
        return sign * self._power(to_mpf(abs(base)), to_mpf(exponent))

    def _sqrt(self, a):
        if a < 0:
            raise ExpressionError("The square root of a negative number is not real.")
        return self._power(a, Fraction(1, 2)) if isinstance(a, Fraction) else inexact().sqrt(a)

    def _cbrt(self, a):
        if isinstance(a, Fraction):
            return self._power(a, Fraction(1, 3))
        return inexact().cbrt(a) if a >= 0 else -inexact().cbrt(-a)

    def _abs(self, a):
        return abs(a)

    def _exp(self, a):
        return self._power(+inexact().e, a)

    def _ln(self, a):
        if a <= 0:
            raise ExpressionError("The logarithm needs a positive number.")
        return inexact().log(to_mpf(a))

    def _log(self, a, base=None):
        if base is None:
            return self._ln(a)
        return _snapped(self._ln(a) / self._ln(base))

    def _log2(self, a):
        return self._log(a, Fraction(2))

    def _log10(self, a):
        return self._log(a, Fraction(10))

    def _trigonometric(self, function: str, a):
        a = to_mpf(a)
        if abs(a) > MAX_ANGLE:
            raise ExpressionError(f"The angle is beyond {MAX_ANGLE:.0e}.")
        value = getattr(inexact(), function)(a)
        return value if abs(value) * SNAP > 1 else Fraction(0)

    def _sin(self, a):
        return self._trigonometric("sin", a)

    def _cos(self, a):
        return self._trigonometric("cos", a)

    def _tan(self, a):
        return to_mpf(self._sin(a)) / to_mpf(self._cos(a))  # a division by zero at 90°, where _cos cleans its zero

    def _inverse(self, function: str, a):
        if function != "atan" and abs(a) > 1:
            raise ExpressionError(f"{function} needs a number from -1 to 1.")
        return getattr(inexact(), function)(to_mpf(a))

    def _asin(self, a):
        return self._inverse("asin", a)

    def _acos(self, a):
        return self._inverse("acos", a)

    def _atan(self, a):
        return self._inverse("atan", a)

    def _atan2(self, y, x):
        return inexact().atan2(to_mpf(y), to_mpf(x))

    def _sinh(self, a):
        return (self._exp(a) - self._exp(-a)) / 2

    def _cosh(self, a):
        return (self._exp(a) + self._exp(-a)) / 2

    def _tanh(self, a):
        return self._sinh(a) / self._cosh(a)

    def _hypot(self, a, b):
        return self._sqrt(a * a + b * b)

    @staticmethod
    def _floored(a):
        """An inexact number whose last digits alone keep it from an integer, as that integer: floor(sqrt(2)^2) is 2."""
        return as_fraction(a)

    def _floor(self, a):
        return Fraction(math.floor(self._floored(a)))

    def _ceil(self, a):
        return Fraction(math.ceil(self._floored(a)))

    def _trunc(self, a):
        return Fraction(math.trunc(self._floored(a)))

    def _round(self, a, places=Fraction(0)):
        places = as_fraction(places)
        if places.denominator != 1 or abs(places) > DIGITS:
            raise ExpressionError(f"round takes up to {DIGITS} decimal places.")
        scale = Fraction(10) ** int(places)
        scaled = as_fraction(a) * scale
        return (math.floor(abs(scaled) + Fraction(1, 2)) * (-1 if scaled < 0 else 1)) / scale

    def _integer(self, a, least=0) -> int:
        a = self._floored(a)
        if a.denominator != 1 or a < least:
            raise ExpressionError(f"A whole number from {least} on is needed.")
        return a.numerator

    def _factorial(self, a):
        n = self._integer(a)
        if n > 1500:  # 1500! has 13,651 bits
            raise ExpressionError("Factorials go up to 1500.")
        return Fraction(math.factorial(n))

    def _comb(self, n, k):
        n, k = self._integer(n), self._integer(k)
        k = min(k, n - k) if k <= n else n + 1
        if 0 < k <= n and k * (n.bit_length() + 1) > MAX_BITS:
            raise ExpressionError("The number of combinations is too large.")
        return Fraction(math.comb(n, k))

    def _perm(self, n, k):
        n, k = self._integer(n), self._integer(k)
        if k <= n and k * n.bit_length() > MAX_BITS:
            raise ExpressionError("The number of permutations is too large.")
        return Fraction(math.perm(n, k))

    def _max(self, *values):
        return max(values)

    def _min(self, *values):
        return min(values)

    def _sum(self, *values):
        return sum(values, Fraction(0))

    def _mean(self, *values):
        return self._sum(*values) / len(values)

    def _median(self, *values):
        ordered = sorted(values)
        middle = len(ordered) // 2
        return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2

    def _gcd(self, *values):
        return Fraction(math.gcd(*(abs(self._integer(value, -math.inf)) for value in values)))

    def _lcm(self, *values):
        return Fraction(math.lcm(*(abs(self._integer(value, -math.inf)) for value in values)))


OPERATIONS = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "//": "floor_divide", "%": "mod", "^": "power",
    "pow": "power", "°": "degree",
}  # fmt: skip


def _snapped(value):
    """log10(1000) is 3: an inexact number that is an integer but for its last digits."""
    exact = as_fraction(value)
    return exact if exact.denominator == 1 else value


def _integer_root(n: int, degree: int) -> int | None:
    """The exact degree-th root of n >= 0, or None where it is no integer."""
    if n < 2:
        return n
    if degree >= n.bit_length():  # 2^degree > n
        return None
    if degree == 2:
        root = math.isqrt(n)
    else:  # Newton's method from above
        root = 1 << -(-n.bit_length() // degree)
        while (better := ((degree - 1) * root + n // root ** (degree - 1)) // degree) < root:
            root = better
    return root if root**degree == n else None


@register
class Calculate(Plugin):
    def run(self, expression: str) -> str:
        return calculate(expression)

"""Polynomials in several unknowns, quotients of them, and the roots of one in one unknown: the solver's algebra.

A polynomial maps exponents to coefficients: over (x, y), 3*x^2*y - 1 is {(2, 1): 3, (0, 0): -1}. The coefficients of a
system are all fractions or all 50-digit mpmath numbers; then terms that cancel to their last digits count as zero.
Degree, number of terms and bits of a coefficient are bounded, so that no operation takes long.
"""

import math
from fractions import Fraction
from functools import reduce

from .calculator import MAX_BITS, Arithmetic, inexact, to_mpf
from .expression import ExpressionError, Program, run_program

MAX_DEGREE = 24
MAX_TERMS = 300
MAX_EXPONENT = 1000  # in an equation; up to here a high power still goes to the numerical method
NOISE = 1e-40


class NotPolynomial(ValueError):
    """The expression is no quotient of polynomials, or beyond the bounds of this module."""


class Polynomial(dict):
    """Exponents -> coefficient, no zero among them."""

    @classmethod
    def constant(cls, value, size: int) -> "Polynomial":
        return cls({(0,) * size: value}) if value else cls()

    def degree(self) -> int:
        return max(map(sum, self), default=0)

    def names(self, unknowns: list[str]) -> list[str]:
        return [name for index, name in enumerate(unknowns) if any(exponents[index] for exponents in self)]

    def constant_term(self):
        return next((value for exponents, value in self.items() if not any(exponents)), Fraction(0))

    def plus(self, other: "Polynomial") -> "Polynomial":
        result = Polynomial(self)
        for exponents, value in other.items():
            old = result.get(exponents)
            total = value if old is None else old + value
            if not total or (not isinstance(total, Fraction) and abs(total) < abs(value) * NOISE):
                del result[exponents]
            else:
                result[exponents] = total
        return result._bounded()

    def times(self, other: "Polynomial") -> "Polynomial":
        if len(self) * len(other) > 20 * MAX_TERMS:
            raise NotPolynomial("too many terms")
        if len(other) == 1:
            ((shift, factor),) = other.items()
            product = {tuple(map(int.__add__, key, shift)): value * factor for key, value in self.items()}
            return Polynomial(product)._bounded()
        parts = [self.times(Polynomial({key: value})) for key, value in other.items()]
        return reduce(Polynomial.plus, parts, Polynomial())

    def scaled(self, factor) -> "Polynomial":
        return Polynomial({exponents: value * factor for exponents, value in self.items()} if factor else {})._bounded()

    def power(self, exponent: int) -> "Polynomial":
        """self^exponent for exponent >= 1."""
        if self.degree() * exponent > MAX_DEGREE or exponent > MAX_EXPONENT:
            raise NotPolynomial("degree too high")
        return reduce(Polynomial.times, [self] * exponent)

    def _bounded(self) -> "Polynomial":
        if len(self) > MAX_TERMS or self.degree() > MAX_DEGREE:
            raise NotPolynomial("too many terms or degree too high")
        for value in self.values():
            if isinstance(value, Fraction) and value.numerator.bit_length() + value.denominator.bit_length() > MAX_BITS:
                raise NotPolynomial("coefficients too long")
        return self

    def linear_unknown(self) -> int | None:
        """An unknown that occurs in one term only, to the first power and by itself: y in x^2 + 3*y."""
        for exponents in self:
            if sum(exponents) == 1:
                index = exponents.index(1)
                if sum(1 for other in self if other[index]) == 1:
                    return index
        return None

    def solved_for(self, index: int) -> "Polynomial":
        """The polynomial that the linear unknown `index` equals where self = 0."""
        (own,) = [exponents for exponents in self if exponents[index]]
        return Polynomial({exponents: -value / self[own] for exponents, value in self.items() if exponents != own})

    def substituted(self, index: int, replacement: "Polynomial") -> "Polynomial":
        """self with a polynomial in place of an unknown."""
        result = Polynomial()
        for exponents, value in self.items():
            power = exponents[index]
            term = Polynomial({(*exponents[:index], 0, *exponents[index + 1 :]): value})
            result = result.plus(term.times(replacement.power(power)) if power and replacement else
                                 Polynomial() if power else term)  # fmt: skip
        return result

    def with_value(self, index: int, value) -> "Polynomial":
        """self with a number in place of an unknown; inexact where either is."""
        if isinstance(value, Fraction) and any(not isinstance(c, Fraction) for c in self.values()):
            value = to_mpf(value)
        base = self
        if not isinstance(value, Fraction):
            base = Polynomial({exponents: to_mpf(coefficient) for exponents, coefficient in self.items()})
        size = len(next(iter(self), ()))
        return base.substituted(index, Polynomial.constant(value, size))

    def coefficients(self, index: int) -> list:
        """Of a polynomial in one unknown, from the constant up."""
        result = [next(iter(self.values())) * 0] * (self.degree() + 1)  # zeros of the coefficients' kind
        for exponents, value in self.items():
            result[exponents[index]] = value
        return result


class Ratio:
    """A quotient of polynomials."""

    def __init__(self, numerator: Polynomial, denominator: Polynomial):
        self.numerator = numerator
        self.denominator = denominator

    @classmethod
    def constant(cls, value, size: int) -> "Ratio":
        one = Fraction(1) if isinstance(value, Fraction) else inexact().mpf(1)
        return cls(Polynomial.constant(value, size), Polynomial.constant(one, size))

    @classmethod
    def unknown(cls, index: int, size: int, one) -> "Ratio":
        exponents = tuple(int(k == index) for k in range(size))
        return cls(Polynomial({exponents: one}), Polynomial.constant(one, size))

    @classmethod
    def apply(cls, op: str, arguments: list, size: int) -> "Ratio":
        """An operation of a program of which at least one argument is a Ratio. Raises NotPolynomial for all others."""
        first, *rest = (value if isinstance(value, cls) else cls.constant(value, size) for value in arguments)
        if op in ("+", "-"):
            return first._plus(rest[0] if op == "+" else rest[0]._negated())
        if op == "*":
            return cls(first.numerator.times(rest[0].numerator), first.denominator.times(rest[0].denominator))
        if op == "/":
            return cls(first.numerator.times(rest[0].denominator), first.denominator.times(rest[0]._not_zero()))
        if op == "neg":
            return first._negated()
        if op == "percent":
            return cls(first.numerator, first.denominator.scaled(100))
        if op in ("^", "pow") and not isinstance(arguments[1], cls) and arguments[1] == int(arguments[1]):
            return first._power(int(arguments[1]), size)
        raise NotPolynomial(op)

    def _not_zero(self) -> Polynomial:
        if not self.numerator:
            raise ZeroDivisionError
        return self.numerator

    def _negated(self) -> "Ratio":
        return Ratio(self.numerator.scaled(-1), self.denominator)

    def _plus(self, other: "Ratio") -> "Ratio":
        if self.denominator == other.denominator:
            return Ratio(self.numerator.plus(other.numerator), self.denominator)
        left, right = self.numerator.times(other.denominator), other.numerator.times(self.denominator)
        return Ratio(left.plus(right), self.denominator.times(other.denominator))

    def _power(self, exponent: int, size: int) -> "Ratio":
        if exponent < 0:
            return Ratio(self.denominator, self._not_zero())._power(-exponent, size)
        if exponent == 0:
            return Ratio.constant(next(iter(self.denominator.values())) * 0 + 1, size)
        if not self.numerator:
            return self
        return Ratio(self.numerator.power(exponent), self.denominator.power(exponent))


def degree_bound(program: Program) -> float:
    """An upper bound of the degree of the numerator of a program; infinite where it is no quotient of polynomials.

    It is computed without building anything, so that what is large is known before it costs time.
    """

    def apply(op, arguments):
        (top, bottom, _), (other_top, other_bottom, exponent) = arguments[0], arguments[-1]
        if all(argument[:2] == (0, 0) for argument in arguments):
            return (0, 0, -exponent if op == "neg" and exponent is not None else None)
        if op in ("+", "-"):
            return (max(top + other_bottom, other_top + bottom), bottom + other_bottom, None)
        if op == "*":
            return (top + other_top, bottom + other_bottom, None)
        if op == "/":
            return (top + other_bottom, bottom + other_top, None)
        if op in ("neg", "percent"):
            return (top, bottom, None)
        if op in ("^", "pow") and exponent is not None:
            size = abs(exponent)
            return (top * size, bottom * size, None) if exponent > 0 else (bottom * size, top * size, None)
        return (math.inf, math.inf, None)

    return max(run_program(program, lambda value: (0, 0, value), lambda name: (int(name != "pi"), 0, None), apply)[:2])


def roots(coefficients: list, complex_roots: bool) -> list:
    """The distinct roots of sum(c[k] * x^k), degree >= 1: the real ones, or with `complex_roots` all of them.

    Exact where a root is rational and the coefficients are.
    """
    low = next(k for k, value in enumerate(coefficients) if value)
    found = [coefficients[0] * 0] if low else []  # zero, of the coefficients' kind
    c = coefficients[low:]
    degree = len(c) - 1
    if degree == 0:
        return found
    if any(hasattr(value, "_mpc_") for value in c):
        return found + inexact().polyroots(c[::-1], maxsteps=200, extraprec=200)
    if degree == 1:
        return [*found, -c[0] / c[1]]
    if degree == 2:
        return found + _quadratic_roots(*c, complex_roots)
    if not any(c[1:-1]) and not complex_roots:
        return found + _pure_roots(-c[0] / c[-1], degree)
    return found + _higher_roots(c, complex_roots)


def _quadratic_roots(c, b, a, complex_roots: bool) -> list:
    discriminant = b * b - 4 * a * c
    if not isinstance(discriminant, Fraction) and abs(discriminant) < abs(b * b) * NOISE:
        discriminant = discriminant * 0
    if discriminant < 0:
        if not complex_roots:
            return []
        root = inexact().mpc(0, inexact().sqrt(to_mpf(-discriminant)))
    else:
        root = Arithmetic({}).apply("sqrt", [discriminant])
    if not isinstance(root, Fraction):
        a, b, c = to_mpf(a), to_mpf(b), to_mpf(c)
    if not root:
        return [-b / (2 * a)]
    if discriminant < 0:
        return [(-b - root) / (2 * a), (-b + root) / (2 * a)]
    far = (-b - root if b > 0 else -b + root) / (2 * a)  # the sum without cancellation; the other root from c = a*x*y
    return [far, c / (a * far)]


def _pure_roots(value, degree: int) -> list:
    """The real x with x^degree = value, value != 0."""
    if value < 0 and degree % 2 == 0:
        return []
    root = Arithmetic({}).apply("^", [abs(value), Fraction(1, degree)])
    return [-root, root] if degree % 2 == 0 else [-root if value < 0 else root]


def _higher_roots(c: list, complex_roots: bool) -> list:
    """Degree 3 and more. Multiple roots are divided out first, since they spoil the numerical method."""
    exact = all(isinstance(value, Fraction) for value in c)
    if exact:
        c = _square_free(c)
        if len(c) <= 3:
            return roots(c, complex_roots)
    context = inexact()
    try:
        numeric = context.polyroots([to_mpf(value) for value in c[::-1]], maxsteps=300, extraprec=300)
    except context.NoConvergence:
        raise NotPolynomial("no convergence") from None
    if not exact:  # rounding splits a multiple root: |error of x| is about |error of P(x)| / |P'(x)|
        for x in numeric:
            size = sum(abs(value * x**k) for k, value in enumerate(c))
            slope = abs(sum(k * value * x ** (k - 1) for k, value in enumerate(c) if k))
            if size * context.eps > slope * abs(x) * 1e-15:
                raise NotPolynomial("roots too close to each other")
    found = []
    for root in numeric:
        real = context.re(root)
        if abs(context.im(root)) > 1e-25 * (1 + abs(real)):
            found += [root] * complex_roots
            continue
        simple = Fraction(int(context.nint(real * 10**30)), 10**30).limit_denominator(10**6)
        found.append(simple if exact and not sum(value * simple**k for k, value in enumerate(c)) else real)
    return found


def _square_free(c: list) -> list:
    """c / gcd(c, c'), with each of its roots once. Coefficients from the constant up."""
    a, b = c, [k * value for k, value in enumerate(c)][1:]
    while b:
        a, b = b, _divided(a, b)[1]
        if b:
            b = [value / b[-1] for value in b]  # monic, lest the numbers grow
            if sum(value.numerator.bit_length() + value.denominator.bit_length() for value in b) > 20 * MAX_BITS:
                raise ExpressionError("The coefficients grow too long.")
    return _divided(c, a)[0]


def _divided(a: list, b: list) -> tuple[list, list]:
    """Quotient and remainder of polynomials in one unknown."""
    quotient, rest = [Fraction(0)] * max(len(a) - len(b) + 1, 0), list(a)
    for shift in range(len(a) - len(b), -1, -1):
        factor = quotient[shift] = rest[shift + len(b) - 1] / b[-1]
        for k, value in enumerate(b):
            rest[shift + k] -= factor * value
    rest = rest[: len(b) - 1]
    while rest and not rest[-1]:
        rest.pop()
    return quotient, rest

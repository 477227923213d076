"""The solver behind `Solve("...")`: one or several equations in, their real solutions out, each verified.

Equations are separated by ";", ",", a line end or "and"; an item without "=" ("4x=72; x", "x+y=?") says what is asked
for and changes nothing, since every unknown is shown. Names are the unknowns, except pi, and e unless d, f or nothing
else accompanies it; "xy" is a product where x and y are unknowns of their own.

Three methods, from the quick to the general:

1. `solve_quickly`: rational functions are brought to the form P = 0 with exact coefficients (polynomial.py), unknowns
   that occur linearly are substituted away, what remains in one unknown is solved by formula or root finding in 50
   digits. Small systems take about a millisecond, and their cost is known beforehand (`_is_small`), so that
   `solve_bounded` solves them in the chat's own process.
2. `_scanned_roots`: one unknown in any function: sign changes and touching points on a grid, refined to 50 digits.
3. `_symbolic_solutions`: SymPy, for coupled polynomial systems and periodic equations. Its expressions are built from
   our own programs; no text ever reaches SymPy. It can take for ever: `solve_bounded` leaves all that is not small to
   a process that can be killed.

What is shown: the real solutions, "x = 2" a line, ascending; the unknowns of a system in alphabetical order, one
solution after the other. Where a polynomial has none but complex roots, those, as "x = -1 - 2i". Of a periodic
equation, the solutions that SymPy's `solve` names (one period). Otherwise one of the sentences below; "No solution." is
said only where method 1 proves it, "No result." wherever we do not know.
"""

import itertools
import logging
import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, NamedTuple

from . import Plugin, register, sandbox
from .calculator import Arithmetic, as_fraction, inexact, run, show, to_mpf
from .expression import (
    CONSTANTS,
    FUNCTIONS,
    NO_RESULT,
    ExpressionError,
    Program,
    Token,
    parse,
    run_program,
    tokenize,
)
from .polynomial import MAX_EXPONENT, NotPolynomial, Polynomial, Ratio, degree_bound, roots

logger = logging.getLogger(__name__)

ALWAYS_TRUE = "True for all values."
NO_SOLUTION = "No solution."
INFINITELY_MANY = "Infinitely many solutions."
MAX_EQUATIONS = 20
MAX_UNKNOWNS = 12
NUDGE = 1e-25  # relative change of an unknown
MAX_SHOWN = 12  # roots of a non-polynomial equation; one with more is periodic, and a list of some would mislead
MAX_SMALL = 4  # solutions of a system solved in the chat's own process: a quartic, two quadratics
MAX_SMALL_STEPS = 150  # numbers, names and operations in it
MAX_SAMPLES = 60  # of values tried to see whether an underdetermined system has many solutions
SEPARATORS = frozenset({";", ",", "\n"})
SEPARATING_WORDS = frozenset({"and", "且", "和", "与", "并且", "以及"})

Value = Any  # Fraction, mpf, or mpc where only complex solutions exist
Solution = dict[str, Value]


class Equation(NamedTuple):
    left: Program
    right: Program


class System(NamedTuple):
    equations: list[Equation]
    unknowns: list[str]  # alphabetical


def solve(equations: str) -> str:
    """The solutions as text; "No result." for what is no equation. May take long for odd input: see `solve_bounded`.

    >>> solve("x^2=4"), solve("25x+35y=1510；x+y=50"), solve("x=x+1")
    ('x = -2\\nx = 2', 'x = 24\\ny = 26', 'No solution.')
    """
    return _answer(equations, solve_quickly, _solve_slowly)


def solve_bounded(equations: str) -> str:
    """As `solve`, with all but small systems left to a process with limits of CPU time, memory and wall-clock time."""

    def quickly(system: System) -> str | None:
        return solve_quickly(system) if _is_small(system) else None

    return _answer(equations, quickly, lambda system: sandbox.run(__name__, solve.__name__, equations))


def _answer(equations: str, quickly: Callable, slowly: Callable) -> str:
    try:
        system = read_system(equations)
        return quickly(system) or slowly(system) or NO_RESULT
    except (ExpressionError, NotPolynomial) as error:
        logger.debug("Solve: %s", error)
        return NO_RESULT


def _is_small(system: System) -> bool:
    """Whether method 1 takes milliseconds: a short system of at most MAX_SMALL solutions, by Bézout's theorem."""
    steps = sum(len(side) for equation in system.equations for side in equation)
    solutions = math.prod(max(1, *map(degree_bound, equation)) for equation in system.equations)
    return steps <= MAX_SMALL_STEPS and solutions <= MAX_SMALL


# ---------------------------------------------------------------------------------------------------------- reading


def read_system(text: str) -> System:
    """Reads equations. Raises ExpressionError with the reason where the text is something else."""
    tokens = [
        Token("op", ";") if token.kind == "name" and token.value in SEPARATING_WORDS else token
        for token in tokenize(text, equation=True)
    ]
    if tokens and tokens[0].value == "{" and tokens[-1].value == "}":
        tokens = tokens[1:-1]
    names = {token.value for token in tokens if token.kind == "name"}
    singles = {name for name in names if len(name) == 1} - CONSTANTS | set("xyz")
    tokens = [part for index in range(len(tokens)) for part in _split_product(tokens, index, singles)]
    unknowns = {token.value for token in tokens if token.kind == "name"} - CONSTANTS - FUNCTIONS.keys()
    if "e" in names and (not unknowns or unknowns & {"d", "f"}):
        unknowns.add("e")
    equations: list[Equation] = []
    for item in _split(tokens, SEPARATORS):
        sides = _split(item, {"="}, keep_empty=True)
        programs = [parse(side, frozenset(unknowns)) for side in sides if side and side != [Token("op", "?")]]
        if len(sides) == 1 and not unknowns & {token.value for token in item}:
            raise ExpressionError("A number stands where an equation should.")
        equations += [Equation(*pair) for pair in itertools.pairwise(programs)]
    if not equations or not unknowns:
        raise ExpressionError("There is no equation with an unknown.")
    if len(equations) > MAX_EQUATIONS or len(unknowns) > MAX_UNKNOWNS:
        raise ExpressionError(f"At most {MAX_EQUATIONS} equations in {MAX_UNKNOWNS} unknowns are solved.")
    used = {step.value for equation in equations for side in equation for step in side if step.op == "name"}
    return System(equations, sorted(unknowns & used, key=lambda name: (name.lower(), name)))


def _split_product(tokens: list[Token], index: int, singles: set[str]) -> list[Token]:
    """xy -> x*y where every letter is an unknown of its own; in brackets after a division, 2/xy."""
    kind, name = token = tokens[index]
    if kind != "name" or len(name) < 2 or name in FUNCTIONS or name in CONSTANTS or not set(name) <= singles:
        return [token]
    product = [Token("name", name[0])]
    for letter in name[1:]:
        product += [Token("op", "*"), Token("name", letter)]
    divided = index > 0 and tokens[index - 1] == Token("op", "/")
    return [Token("op", "("), *product, Token("op", ")")] if divided else product


def _split(tokens: list[Token], separators: Iterable[str], keep_empty: bool = False) -> list[list[Token]]:
    """Splits tokens at operators outside brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind == "op":
            depth += (token.value in "([") - (token.value in ")]")
            if depth == 0 and token.value in separators:
                parts.append([])
                continue
        parts[-1].append(token)
    return [part for part in parts if part or keep_empty]


# ----------------------------------------------------------------------------------------------------- polynomials


def solve_quickly(system: System) -> str | None:
    """The answer where polynomials give one, else None."""
    for complex_roots in (False, True):
        try:
            solutions = _staged_solutions(system.equations, system.unknowns, {}, complex_roots)
        except NotPolynomial as reason:
            logger.debug("Solve: not by polynomials: %s", reason)
            return None
        if isinstance(solutions, str):
            return solutions
        if solutions:
            return _show_solutions(solutions, system.unknowns)
    return NO_SOLUTION


def _staged_solutions(equations, unknowns, known: Solution, complex_roots: bool) -> list[Solution] | str:
    """Solves the polynomial equations, then, with those values, the others: a=6; b=8; c=sqrt(a^2+b^2)."""
    unknowns = [name for name in unknowns if name not in known]
    for exact in (True, False):
        try:
            ratios = [_ratio(equation, unknowns, known, exact) for equation in equations]
            break
        except _Inexact:
            continue
    later = [equation for equation, ratio in zip(equations, ratios, strict=True) if ratio is None]
    ratios = [ratio for ratio in ratios if ratio is not None]
    if later and (not ratios or complex_roots):
        raise NotPolynomial("no equation is a polynomial")
    polynomials = [ratio.numerator for ratio in ratios if ratio.numerator]
    if not polynomials and not later:
        return ALWAYS_TRUE if not known else [dict(known)] if not unknowns else INFINITELY_MANY
    occurring = sorted({name for polynomial in polynomials for name in polynomial.names(unknowns)})
    solutions = _polynomial_solutions(polynomials, unknowns, complex_roots)
    if solutions is None:
        if len(polynomials) < len(occurring) and not later and _has_many(polynomials, unknowns):
            return INFINITELY_MANY
        raise NotPolynomial("the equations are coupled")
    denominators = [ratio.denominator for ratio in ratios]
    result: list[Solution] = []
    for solution in solutions:
        free = [name for name in occurring if name not in solution]
        if free and later:
            raise NotPolynomial("the other equations decide")
        known_denominators = [_with_values(denominator, unknowns, solution) for denominator in denominators]
        if not free and any(all(abs(value) < 1e-30 for value in d.values()) for d in known_denominators):
            continue
        solution = known | solution
        if free or (not later and any(name not in solution for name in unknowns)):
            return INFINITELY_MANY
        if later:
            deeper = _staged_solutions(later, unknowns, solution, complex_roots)
            if isinstance(deeper, str):
                return deeper
            result += deeper
        elif complex_roots or _satisfies(equations, solution):
            result.append(solution)
    return result


class _Inexact(Exception):
    """A coefficient is irrational: all of them have to be inexact, since fractions and mpf do not mix."""


def _ratio(equation: Equation, unknowns: list[str], known: Solution, exact: bool) -> Ratio | None:
    """left - right as a quotient of polynomials, or None where it is none."""
    arithmetic = Arithmetic(known)

    def number(value):
        value = arithmetic.check(value)
        if exact and not isinstance(value, Fraction):
            raise _Inexact
        return value if exact else to_mpf(value)

    def name(name):
        if name in unknowns:
            return Ratio.unknown(unknowns.index(name), len(unknowns), Fraction(1) if exact else inexact().mpf(1))
        return number(arithmetic.name(name))

    def apply(op, arguments):
        if not any(isinstance(argument, Ratio) for argument in arguments):
            return number(arithmetic.apply(op, arguments))
        if op in ("^", "pow") and not isinstance(arguments[1], Ratio) and abs(arguments[1]) > MAX_EXPONENT:
            raise ExpressionError(f"Exponents in equations go up to {MAX_EXPONENT}.")
        return Ratio.apply(op, arguments, len(unknowns))

    try:
        left, right = (run_program(side, number, name, apply) for side in equation)
        difference = apply("-", [left, right])
        return difference if isinstance(difference, Ratio) else Ratio.constant(difference, len(unknowns))
    except NotPolynomial:
        return None
    except ZeroDivisionError:
        raise ExpressionError("Division by zero.") from None


def _polynomial_solutions(polynomials: list[Polynomial], unknowns, complex_roots: bool) -> list[Solution] | None:
    """All solutions of polynomials = 0, without the unknowns that are free; None where the system is coupled."""
    polynomials = [polynomial for polynomial in polynomials if polynomial]
    if any(polynomial.degree() == 0 for polynomial in polynomials):
        return []
    if not polynomials:
        return [{}]
    # An unknown that occurs linearly: substitute it away, and compute it from the solutions of what remains.
    for polynomial in sorted(polynomials, key=len):
        index = polynomial.linear_unknown()
        if index is not None:
            expression = polynomial.solved_for(index)
            others = [other.substituted(index, expression) for other in polynomials if other is not polynomial]
            solutions = _polynomial_solutions(others, unknowns, complex_roots)
            for solution in solutions or []:
                if all(name in solution for name in expression.names(unknowns)):
                    solution[unknowns[index]] = _value(expression, unknowns, solution)
            return solutions
    # A polynomial in one unknown: for each of its roots solve what remains.
    for polynomial in sorted(polynomials, key=Polynomial.degree):
        names = polynomial.names(unknowns)
        if len(names) == 1:
            index, result = unknowns.index(names[0]), []
            for root in roots(polynomial.coefficients(index), complex_roots):
                others = [other.with_value(index, root) for other in polynomials if other is not polynomial]
                solutions = _polynomial_solutions(others, unknowns, complex_roots)
                if solutions is None:
                    return None
                result += [solution | {names[0]: root} for solution in solutions]
            return result
    return None


def _value(polynomial: Polynomial, unknowns: list[str], solution: Solution) -> Value:
    return _with_values(polynomial, unknowns, solution).constant_term()


def _with_values(polynomial: Polynomial, unknowns: list[str], solution: Solution) -> Polynomial:
    for index, name in enumerate(unknowns):
        if name in solution:
            polynomial = polynomial.with_value(index, solution[name])
    return polynomial


def _has_many(polynomials: list[Polynomial], unknowns: list[str], attempts: list[int] | None = None) -> bool:
    """Whether an underdetermined system has real solutions for several values of some unknown: x*y=72, x^2+y^2=100."""
    attempts = [MAX_SAMPLES] if attempts is None else attempts  # shared by the recursion
    for name in sorted({name for polynomial in polynomials for name in polynomial.names(unknowns)}):
        found = 0
        for sample in (1, 2, -1, 3, Fraction(1, 2), 0, 5):
            attempts[0] -= 1
            if attempts[0] < 0:
                return False
            fixed = [polynomial.with_value(unknowns.index(name), Fraction(sample)) for polynomial in polynomials]
            solutions = _polynomial_solutions(fixed, unknowns, False)
            found += bool(solutions) or (solutions is None and _has_many(fixed, unknowns, attempts))
            if found > 1:
                return True
    return False


def _satisfies(equations: list[Equation], solution: Solution) -> bool:
    """Verifies a solution by substitution into the equations as they were written.

    Fractions must agree exactly. Inexact sides must agree to 40 digits, or at least better than they would if an
    unknown differed in its 25th digit, since where terms cancel (x^2 - 1e20*x + 1 = 0) no more can be asked. There is
    no absolute tolerance: near a multiple root, (x - pi)^8 is tiny over a wide range.
    """
    try:
        for equation in equations:
            difference, size = _difference(equation, solution)
            if not difference or (not isinstance(difference, Fraction) and abs(difference) <= size * 1e-40):
                continue
            if isinstance(difference, Fraction):
                return False
            nearby = (solution | {name: to_mpf(x) + (abs(to_mpf(x)) or 1) * NUDGE} for name, x in solution.items())
            if not any(abs(_difference(equation, other)[0] - difference) >= abs(difference) for other in nearby):
                return False
        return True
    except ExpressionError:  # not defined there: a zero denominator, a negative square root
        return False


def _difference(equation: Equation, solution: Solution) -> tuple[Value, Value]:
    """left - right, and the size of the sides."""
    left, right = run(equation.left, solution), run(equation.right, solution)
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left - right, max(abs(left), abs(right))
    left, right = to_mpf(left), to_mpf(right)
    return left - right, max(abs(left), abs(right))


# --------------------------------------------------------------------------------------------- everything else (slow)


def _solve_slowly(system: System) -> str | None:
    """Method 2, then 3. None where neither finds a solution, which proves nothing."""
    if len(system.unknowns) == 1:
        found = _scanned_roots(system)
        if 0 < len(found) <= MAX_SHOWN:
            return _show_solutions(found, system.unknowns)
    solutions = _symbolic_solutions(system)
    if isinstance(solutions, str):
        return solutions
    return _show_solutions(solutions, system.unknowns) if solutions else None


def _scanned_roots(system: System) -> list[Solution]:
    """Real roots in one unknown, of 1e-6 < |x| < 1e9, found on a grid; more than MAX_SHOWN of them end the search."""
    name = system.unknowns[0]
    first = system.equations[0]

    def difference(x):
        try:
            return to_mpf(run(first.left, {name: x})) - to_mpf(run(first.right, {name: x}))
        except ExpressionError:
            return None

    linear = [Fraction(k, 8) for k in range(-256, 257)]
    outer = [Fraction(round(10 ** (6 + k / 24)), 10**6) for k in range(1, 24 * 15)]
    grid = sorted({*linear, *outer, *(-x for x in outer)})
    values = [difference(x) for x in grid]
    if any(a == 0 and b == 0 for a, b in itertools.pairwise(values)):  # a whole range solves it, as of floor(x) = 2
        return []
    candidates: list[Value] = [x for x, value in zip(grid, values, strict=True) if value == 0]
    for (a, fa), (b, fb) in itertools.pairwise(zip(grid, values, strict=True)):
        if fa and fb and (fa < 0) != (fb < 0):
            candidates.append(_bisected(difference, a, b))
        if len(candidates) > 3 * MAX_SHOWN:
            return []
    for (a, fa), (_, fb), (c, fc) in zip(*(list(zip(grid, values, strict=True))[k:] for k in range(3)), strict=False):
        if fa and fb and fc and (fa < 0) == (fb < 0) == (fc < 0) and abs(fb) <= min(abs(fa), abs(fc)):
            candidates.append(_lowest(difference, a, c))
    result: list[Solution] = []
    for x in candidates:
        simple = x and as_fraction(x).limit_denominator(1000)
        for solution in ({name: simple}, {name: x}):
            value = solution[name]
            near = value is not None and abs(to_mpf(value) - to_mpf(x)) < 1e-15
            if near and _satisfies(system.equations, solution):
                if all(abs(to_mpf(value) - to_mpf(other[name])) > 1e-18 for other in result):
                    result.append(solution)
                break
    return result


def _bisected(function, a, b):
    """The sign change of function in [a, b]. Bisection, since it needs nothing of the function but its sign."""
    a, b = to_mpf(a), to_mpf(b)
    low = function(a)
    for _ in range(200):
        middle = (a + b) / 2
        value = function(middle)
        if not value:
            break
        a, b = (middle, b) if (value < 0) == (low < 0) else (a, middle)
    return (a + b) / 2


def _lowest(function, a, b):
    """The least |function| in [a, b], by golden section, where a root that is touched but not crossed would lie."""
    a, b = to_mpf(a), to_mpf(b)
    ratio = (inexact().sqrt(5) - 1) / 2
    for step in range(160):
        left, right = b - ratio * (b - a), a + ratio * (b - a)
        at_left, at_right = function(left), function(right)
        if at_left is None or at_right is None or (step == 40 and abs(at_left) > 1e-6):
            break
        a, b = (a, right) if abs(at_left) < abs(at_right) else (left, b)
    return (a + b) / 2


def _symbolic_solutions(system: System) -> list[Solution] | str:
    """SymPy's real solutions, those that hold by substitution."""
    import sympy

    symbols = {name: sympy.Symbol(name, real=True) for name in system.unknowns}
    named = {"pi": sympy.pi, "π": sympy.pi, "e": sympy.E} | symbols
    operations = {
        "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
        "^": lambda a, b: a**b, "pow": lambda a, b: a**b, "neg": lambda a: -a, "percent": lambda a: a / 100,
        "°": lambda a: a * sympy.pi / 180, "abs": sympy.Abs, "ln": sympy.log, "log": sympy.log, "max": sympy.Max,
        "min": sympy.Min, "log10": lambda a: sympy.log(a, 10), "log2": lambda a: sympy.log(a, 2), "cbrt": sympy.cbrt,
    }  # fmt: skip
    functions = ("sqrt", "exp", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh")
    operations |= {name: getattr(sympy, name) for name in functions}

    def apply(op, arguments):
        if op not in operations:
            raise ExpressionError(f"{op} of an unknown is not solved.")
        return operations[op](*arguments)

    def build(program: Program):
        return run_program(program, lambda x: sympy.Rational(x.numerator, x.denominator), named.__getitem__, apply)

    try:
        found = sympy.solve([build(e.left) - build(e.right) for e in system.equations], *symbols.values(), dict=True)
    except ExpressionError:
        raise
    except Exception as error:  # SymPy raises whatever its many methods raise; none of it concerns the user
        raise ExpressionError(f"SymPy: {type(error).__name__}") from error
    result: list[Solution] = []
    for solution in found:
        values: Solution = {}
        for name, symbol in symbols.items():
            real, imaginary = sympy.N(solution.get(symbol, sympy.nan), 60).as_real_imag()
            if (real.is_Float or real.is_Rational) and abs(imaginary) < 1e-30:
                values[name] = inexact().mpf(str(real))
        if len(values) == len(symbols) and _satisfies(system.equations, values):
            result.append(values)
    return result


# ---------------------------------------------------------------------------------------------------------- showing


def _show_solutions(solutions: list[Solution], unknowns: list[str]) -> str:
    """One line an unknown; equal solutions once; ascending."""
    shown: dict[str, tuple] = {}
    for solution in solutions:
        parts = [(as_fraction(inexact().re(v)), as_fraction(inexact().im(v))) if _is_complex(v) else (as_fraction(v), 0)
                 for v in (solution[name] for name in unknowns)]  # fmt: skip
        lines = [f"{name} = {_show_complex(*part)}" for name, part in zip(unknowns, parts, strict=True)]
        shown["\n".join(lines)] = tuple(parts)
    return "\n".join(sorted(shown, key=shown.__getitem__))


def _is_complex(value: Value) -> bool:
    return not isinstance(value, Fraction) and hasattr(value, "_mpc_")


def _show_complex(real: Fraction, imaginary: Fraction) -> str:
    if not imaginary:
        return show(real)
    size = "" if abs(imaginary) == 1 else show(abs(imaginary))
    if not real:
        return f"{'-' if imaginary < 0 else ''}{size}i"
    return f"{show(real)} {'-' if imaginary < 0 else '+'} {size}i"


@register
class Solve(Plugin):
    def run(self, equation: str) -> str:
        return solve_bounded(equation)

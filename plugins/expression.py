"""Reads the mathematics that a model writes: text -> tokens -> a postfix program. Nothing is ever executed as Python.

The calculator and the equation solver share this reader, so that both understand the same notation:

    + - * / // % ^ ** and parentheses          -2^2 is -4, 2^3^2 is 512, ^ and ** are both "to the power of"
    × ÷ · − √ π ² ³ ° and full-width （１＋２）％   as their ASCII twins
    25x  2(x+y)  (a+b)(a-b)  2pi  3√2           implicit multiplication, as strong as *: 3/4x is (3/4)*x
    10%                                         a hundredth, unless a number (in the calculator, also a bracket) follows
                                                directly: 7%3 is the remainder
    1,234,567.8                                 thousands, except where a comma separates arguments
    sqrt(2)  max(1, 2)  max([1, 2])  math.pi    the functions of FUNCTIONS and the constants of CONSTANTS

A program is a flat list of steps in postfix order (1+2 is 1, 2, +). It is a list rather than a tree because walking it
takes no recursion, however long the sum, and because numbers, polynomials and SymPy objects can each walk it with
operations of their own (`run_program`). The parser recurses only into brackets, exponents and factors, at most
MAX_DEPTH deep; text is at most MAX_LENGTH characters long; both are refused beyond that with an ExpressionError.
"""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

NO_RESULT = "No result."
MAX_LENGTH = 2000  # characters; the longest recorded call has about 200
MAX_DEPTH = 48  # levels; a level costs at most four Python frames of the thousand that an interpreter allows
MAX_LITERAL_EXPONENT = 4000  # 1e4000 is the largest literal, so that "1e999999999" takes no memory

CONSTANTS = frozenset({"pi", "π", "e"})
# Function -> least and most arguments; None is any number of them. Aliases stand in ALIASES.
FUNCTIONS: dict[str, tuple[int, int | None]] = {
    **dict.fromkeys(("sqrt", "cbrt", "abs", "exp", "ln", "log2", "log10", "radians", "degrees"), (1, 1)),
    **dict.fromkeys(("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"), (1, 1)),
    **dict.fromkeys(("factorial", "floor", "ceil", "trunc"), (1, 1)),
    **dict.fromkeys(("round", "log"), (1, 2)),
    **dict.fromkeys(("pow", "mod", "comb", "perm", "atan2", "hypot"), (2, 2)),
    **dict.fromkeys(("max", "min", "sum", "mean", "median", "gcd", "lcm"), (1, None)),
}
ALIASES = {
    "lg": "log10", "ceiling": "ceil", "int": "trunc", "fabs": "abs", "avg": "mean", "average": "mean", "power": "pow",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "combinations": "comb", "binomial": "comb", "ncr": "comb",
    "permutations": "perm", "npr": "perm", "fact": "factorial",
}  # fmt: skip
COMMA_TAKERS = {name for name, (_, most) in FUNCTIONS.items() if most != 1}

# One character for another. Full-width ASCII (U+FF01..FF5E) lies 0xFEE0 above its twin.
TRANSLATION = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
TRANSLATION |= str.maketrans("×✕✖∗⋅·•∙÷∕⁄−–—﹣【】、。\u3000\u00a0", "********///----[],;  ")
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")

NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
TOKEN = re.compile(
    rf"""(?P<space>[^\S\n]+)
    | (?P<grouped>(?<![\d.])\d{{1,3}}(?:,\d{{3}})+(?!\d|,\d|[A-Za-z_(])(?:\.\d+)?)
    | (?P<number>{NUMBER})
    | (?P<name>(?:(?:math|np|numpy)\.)?[A-Za-z][A-Za-z0-9_]*|[\u0370-\u03ff]|[\u4e00-\u9fff]+)
    | (?P<superscript>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)
    | (?P<op>\*\*|//|==|!=|[-+*/^%!()\[\]{{}}|,;=?\n√°])""",
    re.VERBOSE | re.ASCII,
)
BINARY = {"+": 1, "-": 1, "*": 2, "/": 2, "//": 2, "%": 2}
CLOSING = {"(": ")", "[": "]"}
DEGREE_WORDS = frozenset({"deg", "degree", "degrees", "度"})


class ExpressionError(ValueError):
    """Why an expression or equation has no result; the text is for logs and for whoever reads them."""


class Token(NamedTuple):
    kind: str  # "number", "name", "op" or "end"
    value: Any  # Fraction, canonical name or operator


class Step(NamedTuple):
    """One step of a program: ("number", Fraction), ("name", text), or an operation with its number of operands."""

    op: str
    value: Any


Program = list[Step]
END = Token("end", "the end")


def tokenize(text: str, equation: bool = False) -> list[Token]:
    """Splits `text` into tokens.

    Args:
        equation: letters may be unknowns; "," ";" "=" "?" and line ends are tokens, and "20%(x+1)" is a percentage.

    Raises:
        ExpressionError: too long, or holding a character or number that is not mathematics.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"{len(text)} characters; at most {MAX_LENGTH} are read.")
    text = text.translate(TRANSLATION)
    tokens: list[Token] = []
    comma_separates: list[bool] = []  # one entry an open bracket
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            raise ExpressionError(f"{text[position]!r} is not part of an expression.")
        kind, value = match.lastgroup, match[0]
        if kind == "grouped" and comma_separates and comma_separates[-1]:
            match = re.compile(NUMBER).match(text, position)
            kind, value = "number", match[0]
        position = match.end()
        previous = tokens[-1] if tokens else END
        if kind in ("number", "grouped"):
            tokens.append(Token("number", _literal(value.replace(",", ""))))
        elif kind == "superscript":
            power = value.translate(SUPERSCRIPTS)
            if not re.fullmatch(r"-?\d+", power):
                raise ExpressionError(f"{value!r} is not an exponent.")
            tokens += [
                Token("op", "^"),
                *[Token("op", "-")] * power.startswith("-"),
                Token("number", abs(Fraction(power))),
            ]
        elif kind == "name":
            tokens += _name_token(value, text, match, previous, equation)
        elif kind == "op":
            if value in "([":
                comma_separates.append(value == "[" or previous.value in COMMA_TAKERS)
            elif value in ")]" and comma_separates:
                comma_separates.pop()
            elif value == "%" and not re.compile(r"[ ]*[\d.]" if equation else r"[ ]*[\d.(]").match(text, position):
                value = "percent"
            tokens.append(Token("op", {"**": "^", "==": "="}.get(value, value)))
    return tokens


def _literal(text: str) -> Fraction:
    """The exact value of a decimal literal: 0.1 is 1/10."""
    exponent = re.search(r"[eE]([+-]?\d+)", text)
    if exponent and (len(exponent[1]) > 6 or abs(int(exponent[1])) > MAX_LITERAL_EXPONENT):
        raise ExpressionError(f"The exponent of {text[:20]} is beyond {MAX_LITERAL_EXPONENT}.")
    return Fraction(text)


def _name_token(value: str, text: str, match: re.Match, previous: Token, equation: bool) -> list[Token]:
    """The token of a word: an operator for "mod", "of" after a percentage, "x" between two numbers; else a name."""
    name = value.rpartition(".")[2]
    lowered = ALIASES.get(name.lower(), name.lower())
    if lowered in DEGREE_WORDS and previous.kind == "number":
        return [Token("op", "°")]
    if name == "mod" and previous.kind != "end" and not text[match.end() :].lstrip().startswith("("):
        return [Token("op", "%")]
    if name == "of" and previous == Token("op", "percent"):
        return [Token("op", "*")]
    between_numbers = previous.kind == "number" and re.compile(r"\s*[\d.]").match(text, match.end())
    if name in ("x", "X") and not equation and between_numbers:
        return [Token("op", "*")]  # "3 x 4"
    if lowered in FUNCTIONS or (lowered in CONSTANTS and name != "E"):
        return [Token("name", lowered)]
    return [Token("name", value)]


def parse(tokens: Sequence[Token], unknowns: frozenset[str] = frozenset()) -> Program:
    """Turns the tokens of one expression into a program. Names other than constants must be among `unknowns`."""
    return _Parser(tokens, unknowns).program()


def run_program(program: Program, number: Callable, name: Callable, apply: Callable) -> Any:
    """Walks a program with the given meaning of numbers, names and operations.

    Args:
        number: Fraction -> value.
        name: text -> value, for constants and unknowns.
        apply: (operation, list of values) -> value; the operation is one of "+ - * / // % ^ neg percent °" or a key of
            FUNCTIONS.
    """
    stack: list[Any] = []
    for op, value in program:
        if op == "number":
            stack.append(number(value))
        elif op == "name":
            stack.append(name(value))
        else:
            arguments = stack[len(stack) - value :]
            del stack[len(stack) - value :]
            stack.append(apply(op, arguments))
    return stack[0]


class _Parser:
    """Precedence climbing that emits postfix steps instead of a tree."""

    def __init__(self, tokens: Sequence[Token], unknowns: frozenset[str]):
        self.tokens = [*tokens, END]
        self.unknowns = unknowns
        self.position = 0
        self.depth = 0
        self.steps: Program = []

    def program(self) -> Program:
        self.expression(1)
        if self.current != END:
            raise ExpressionError(f"{self.current.value!s:.20} is out of place.")
        return self.steps

    @property
    def current(self) -> Token:
        return self.tokens[self.position]

    def at(self, *operators: str) -> bool:
        return self.current.kind == "op" and self.current.value in operators

    def expect(self, operator: str) -> None:
        if not self.at(operator):
            raise ExpressionError(f"{operator!r} is missing before {self.current.value!s:.20}.")
        self.position += 1

    def expression(self, level: int) -> None:
        """Reads operands joined by operators of at least this level; 3 is a single operand."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"Brackets or exponents nest more than {MAX_DEPTH} deep.")
        self.operand()
        while level < 3:
            operator = self.current.value if self.current.kind == "op" else None
            if BINARY.get(operator, 0) >= level:
                self.position += 1
                self.expression(BINARY[operator] + 1)
                self.steps.append(Step(operator, 2))
            elif self.multiplies_implicitly():
                self.expression(3)
                self.steps.append(Step("*", 2))
            else:
                break
        self.depth -= 1

    def multiplies_implicitly(self) -> bool:
        """Whether the current token starts a factor right after another one: 25x, 2(x+y), (a)(b), x sin(x)."""
        if self.current.kind == "name":
            before = self.tokens[self.position - 1]
            two_words = before.kind == "name" and len(before.value) + len(self.current.value) > 2
            return not two_words or self.current.value in FUNCTIONS or self.current.value in CONSTANTS
        return self.at("(", "[", "√")

    def operand(self) -> None:
        """Reads [signs] primary [postfix] [^ operand]."""
        negative = False
        while self.at("+", "-"):
            negative ^= self.at("-")
            self.position += 1
        self.primary()
        while self.at("!", "percent", "°"):
            self.steps.append(Step("factorial" if self.at("!") else self.current.value, 1))
            self.position += 1
        if self.at("^"):
            self.position += 1
            self.expression(3)
            self.steps.append(Step("^", 2))
        if negative:
            self.steps.append(Step("neg", 1))

    def primary(self) -> None:
        token = self.current
        self.position += 1
        if token.kind == "number":
            self.steps.append(Step("number", token.value))
        elif token.kind == "name":
            self.name(token.value)
        elif token in (Token("op", "("), Token("op", "[")):
            if token.value == "[" and self.current.kind == "number" and self.tokens[self.position + 1].value == "]":
                raise ExpressionError("A list of one number is no expression.")  # [0]*10**9 is code, not mathematics
            self.expression(1)
            self.expect(CLOSING[token.value])
        elif token == Token("op", "|"):
            self.expression(1)
            self.expect("|")
            self.steps.append(Step("abs", 1))
        elif token == Token("op", "√"):
            self.depth += 1  # √√√… recurses without a bracket
            if self.depth > MAX_DEPTH:
                raise ExpressionError(f"Roots nest more than {MAX_DEPTH} deep.")
            self.primary()
            self.depth -= 1
            self.steps.append(Step("sqrt", 1))
        else:
            raise ExpressionError(f"A number is missing before {token.value!s:.20}.")

    def name(self, name: str) -> None:
        if name in FUNCTIONS:
            if not self.at("(", "["):
                raise ExpressionError(f"{name} needs its argument in parentheses.")
            opening = self.current.value
            self.position += 1
            count = self.arguments(CLOSING[opening], FUNCTIONS[name][1])
            least, most = FUNCTIONS[name]
            if count < least or (most is not None and count > most):
                raise ExpressionError(f"{name} does not take {count} arguments.")
            self.steps.append(Step(name, count))
        elif name in self.unknowns or name in CONSTANTS:
            if self.at("(") and name not in CONSTANTS and ((name.isalpha() and len(name) > 1) or name in "fgh"):
                raise ExpressionError(f"{name[:40]}( is not a known function.")
            self.steps.append(Step("name", name))
        else:
            raise ExpressionError(f"{name[:40]!r} is neither a number nor a known function.")

    def arguments(self, closing: str, most: int | None) -> int:
        """Reads arguments up to `closing` and returns their number; max([1, 2]) has the two of its list."""
        if most is None and self.at("[", "("):
            inner = self.position
            end = self.matching_bracket(inner)
            if end + 1 < len(self.tokens) and self.tokens[end + 1] == Token("op", closing):
                self.position += 1
                count = self.arguments(CLOSING[self.tokens[inner].value], 0)
                self.expect(closing)
                return count
        count = 0
        while True:
            self.expression(1)
            count += 1
            if not self.at(","):
                self.expect(closing)
                return count
            self.position += 1

    def matching_bracket(self, start: int) -> int:
        depth = 0
        for index in range(start, len(self.tokens)):
            token = self.tokens[index]
            if token.kind == "op":
                depth += (token.value in "([") - (token.value in ")]")
            if depth == 0:
                return index
        raise ExpressionError("A bracket is not closed.")

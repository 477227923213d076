"""Questions that end in one `Calculate(...)` command, in English and Chinese.

`turn` draws a *kind* of question (percentage of a number, shared bill, miles to kilometres …), its numbers, one of the
kind's phrasings, and then dresses the sentence as people type: an opener, no capitals, missing punctuation, a slip of
the finger, number words, full-width signs. The command has one canonical form per kind, with the operands as the user
gave them, so that a small model has one thing to learn; the inner thought before it names the operation. The phrasings
are data, in phrasings/*.txt, in the notation that phrasebook.py reads; units and
expressions typed with signs have their own generators here, since they are combined from parts.

    python recipes/moss_mini/corpus/calculations.py      # prints samples and checks 20,000 turns against the calculator
"""

import re
import sys
from itertools import accumulate
from pathlib import Path

if __package__ in (None, ""):  # run as a script: the repository's root holds both `recipes` and `plugins`
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from recipes.moss_mini.corpus import calculations_more, calculations_names, calculations_units
from recipes.moss_mini.corpus.calculations_numbers import number_text
from recipes.moss_mini.corpus.common import Language, Sampler, Turn
from recipes.moss_mini.corpus.phrasebook import Kind, dress, expand, read_kinds, say

GROUPS: dict[str, list[Kind]] = {}  # by tag
for _file in sorted((Path(__file__).parent / "phrasings").glob("*.txt")):
    for _kind in read_kinds(_file.read_text("utf-8")):
        GROUPS.setdefault(_kind.tag, []).append(_kind)

SUMS = {tag: list(accumulate(kind.weight for kind in kinds)) for tag, kinds in GROUPS.items()}

# tag -> share of the turns that do not refer to the last result
SHARES = {"arithmetic": 24, "percent": 21, "unit": 16, "word": 29, "power": 10}


def turn(s: Sampler, language: Language, last: str | None = None) -> Turn:
    """One question that a single Calculate command answers.

    Args:
        s: the source of every choice; `s.held_out` decides on which side of the split phrasings and numbers are.
        language: "en" or "zh".
        last: the last numeric result of the conversation as it was shown ("84", "33.33333333"), or None. Where it is
            given, six turns in ten refer to it.
    """
    if last is not None and refers(last) and s.random() < 0.6:
        return ask(s, language, "follow_up", last)
    tag = s.choices(list(SHARES), list(SHARES.values()))[0]
    if tag == "arithmetic" and (draw := s.random()) < 0.62:
        return typed(s, language) if draw < 0.36 else calculations_more.turn(s, language)
    if tag == "power" and s.random() < 0.2:
        return raised(s, language)
    if tag == "unit" and s.random() < 0.65:
        return convert(s, language)
    return ask(s, language, tag, None)


def refers(last: str) -> bool:
    """Whether a result is one that people go on calculating with: a plain number that is not monstrous."""
    return len(last) < 14 and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", last) is not None


def ask(s: Sampler, language: Language, tag: str, last: str | None) -> Turn:
    """A turn of one of the kinds in the phrasebooks."""
    for _ in range(100):  # some kinds cannot use this `last` (the root of a negative number): draw another
        kind = s.choices(GROUPS[tag], cum_weights=SUMS[tag])[0]
        if language in kind.phrases and (values := kind.draw(s, language, last)) is not None:
            return say(s, language, kind, values)
    raise ValueError(f"no kind of question tagged {tag!r} can use the last result {last!r}")


def finish(s: Sampler, question: str, thought: str, expression: str, answers: list[str], tag: str) -> Turn:
    """Puts a turn together; `answers` are templates in which {r} is the result and {e} the expression."""
    answer = expand(s, s.phrasing(answers))
    return Turn(
        human=question,
        answer=lambda result: answer.replace("{r}", result).replace("{e}", expression),
        thoughts=thought,
        commands=(("Calculate", expression),),
        tag=tag,
    )


# --- expressions typed with signs, or said with one word for each sign --------------------------------------------

SHAPES = {
    2: ("a?b",),
    3: ("a?b?c", "a?b?c", "(a?b)?c", "(a?b)?c", "a?(b?c)", "a?(b?c)"),
    4: ("a?b?c?d", "(a?b)?(c?d)", "(a?b)?c?d", "a?b?(c?d)", "a?(b?c)?d", "(a?b?c)?d", "a?(b?c?d)", "((a?b)?c)?d",
        "a?((b?c)?d)", "a?(b?(c?d))"),
    5: ("a?b?c?d?e", "(a?b)?(c?d)?e", "a?(b?c)?(d?e)", "(a?b?c)?(d?e)", "((a?b)?c?d)?e", "a?b?c?(d?e)"),
    7: ("a+b+c+d+e+f", "a+b+c+d+e+f+g", "a+b+c+d+e+f+g+h", "a+b+c+d+e+f+g+h+i+j", "a?b?c?d?e?f"),
}  # fmt: skip
SIGNS = {
    "*": ("*", "*", "*", "×", "×", "×", "x", "x", "X", "·"),
    "/": ("/", "/", "/", "÷", "÷", "÷"),
    "-": ("-", "-", "-", "-", "-", "−", "–"),
    "+": ("+",),
    "**": ("^", "^", "^", "**", "**"),
}
SAID = {
    "en": {
        "+": ("plus", "plus", "plus", "added to", "and"),
        "-": ("minus", "minus", "minus", "take away", "less"),
        "*": ("times", "times", "times", "multiplied by", "x"),
        "/": ("divided by", "divided by", "divided by", "over", "by"),
    },
    "zh": {
        "+": ("加", "加", "加上"),
        "-": ("减", "减", "减去"),
        "*": ("乘", "乘以", "乘以", "乘上"),
        "/": ("除以", "除以", "除以"),
    },
}  # fmt: skip
ONE_STEP = {  # as for the same question in words, in phrasings/arithmetic_two.txt
    "en": {
        "+": "The user wants the sum of {a} and {b}, so I add them.",
        "-": "The user wants {b} taken from {a}, so I subtract {b} from {a}.",
        "*": "The user wants the product of {a} and {b}, so I multiply them.",
        "/": "The user wants {a} divided by {b}, so I divide.",
    },
    "zh": {
        "+": "用户要{a}与{b}的和，把它们相加。",
        "-": "用户要{a}减去{b}的差，用{a}减{b}。",
        "*": "用户要{a}与{b}的积，把它们相乘。",
        "/": "用户要{a}除以{b}的商，用{a}除以{b}。",
    },
}
SMALL_POWERS = {"2": "²", "3": "³", "4": "⁴", "5": "⁵"}


def operand(s: Sampler, operator: str, operands: int) -> str:
    """A number as it fits next to an operator: long ones in short sums, short ones as factors and divisors."""
    if operator in "*/":
        digits = s.choices((1, 2, 3, 4, 5), (30, 42, 18, 7, 3) if operands < 4 else (45, 45, 10, 0, 0))[0]
    else:
        weights = (18, 38, 24, 10, 5, 3, 2) if operands < 4 else (30, 45, 20, 5, 0, 0, 0)
        digits = s.choices((1, 2, 3, 4, 5, 6, 7), weights)[0]
    if s.random() < 0.14:
        return s.decimal(0.1, 10 ** min(digits, 4), s.choice((1, 1, 2, 2, 3)))
    return str(s.integer(10 ** (digits - 1), 10**digits - 1))


def tokens(s: Sampler) -> list[str]:
    """An expression as a list of signs and numbers, brackets only where the shape has them."""
    operands = s.choices((2, 3, 4, 5, 7), (43, 32, 16, 6, 3))[0]
    shape = s.choice(SHAPES[operands])
    out: list[str] = []
    for at, sign in enumerate(shape):
        if sign == "?":
            before, after = shape[at - 1], shape[at + 1]
            inside = shape[:at].count("(") - shape[:at].count(")")
            if before == ")" or after == "(":  # a bracket next to a product is what brackets are for
                sign = s.choices("*/+-", (5, 3, 1, 1))[0]
            elif inside:
                sign = s.choices("+-*/", (5, 4, 1, 1))[0]
                if any(x == "/" for x in out[-4:]) and sign in "-/":
                    sign = "+"  # nothing is divided by a bracket that could be zero
            else:
                sign = s.choices("+-*/", (30, 25, 30, 15))[0]
            out.append(sign)
        elif sign in "()+":
            out.append(sign)
        else:
            out.append("?")
    out = _safe(out)
    for at, sign in enumerate(out):
        if sign == "?":
            near = "*" if any(x in "*/" for x in out[max(0, at - 1) : at + 2]) else "+"
            out[at] = operand(s, near, operands)
    if operands == 2 and out[1] == "/" and s.random() < 0.6 and "." not in "".join(out):
        out[0] = str(int(out[2]) * s.integer(2, 99))  # divisions that come out even are the common ones
    if operands == 2 and out[1] == "-" and float(out[0]) < float(out[2]) and s.random() < 0.7:
        out[0], out[2] = out[2], out[0]
    if s.random() < 0.06:  # a negative first number, or one in brackets later
        at = s.choice([i for i, x in enumerate(out) if x[0].isdigit()])
        out[at] = f"-{out[at]}" if at == 0 or out[at - 1] == "(" else f"(-{out[at]})"
    return out


def _safe(out: list[str]) -> list[str]:
    """Turns differences and quotients inside a bracket that stands after a division into sums and products."""
    depth, divided = 0, None
    for at, sign in enumerate(out):
        if sign == "(":
            depth += 1
            if at and out[at - 1] == "/" and divided is None:
                divided = depth
        elif sign == ")":
            if divided == depth:
                divided = None
            depth -= 1
        elif divided is not None and sign == "-":
            out[at] = "+"
    return out


def typed(s: Sampler, language: Language) -> Turn:
    """An expression written out: "12*7", "(3 + 4) × 5 = ?", "what is 12 plus 7 times 3", "5加7乘3等于几"."""
    parts = tokens(s)
    expression = "".join(parts)
    speak = 3 < len(parts) <= 7 and "(" not in expression and s.random() < 0.5
    if speak:
        said = {sign: s.choice(words) for sign, words in SAID[language].items()}
        if "*" in parts or "/" in parts:  # "5 and 3 times 2" would be two questions
            said["+"], said["/"], said["-"] = (
                (s.choice(("plus", "plus", "add")), "divided by", "minus") if language == "en" else ("加", "除以", "减")
            )
        gap = " " if language == "en" else s.choice(("", "", "", " "))
        mode = s.choices(("plain", "words", "mixed"), (50, 40, 10))[0]
        words = [said[x] if x in said else number_text(s, x, language, mode) for x in parts]
        text = gap.join(words)
    else:
        signs = {sign: s.choice(marks) for sign, marks in SIGNS.items()}
        gap = s.choices(("", " ", "mixed"), (45, 45, 10))[0]
        powers = [i for i, x in enumerate(parts) if x.isdigit() and len(x) < 3]
        raise_at = s.choice(powers) if powers and s.random() < 0.1 else -1
        text, expression = "", ""
        commas = s.random() < 0.12
        for at, x in enumerate(parts):
            if x in signs:
                space = gap if gap != "mixed" else s.choice(("", " "))
                if not (x == "*" and parts[at + 1] == "(" and not gap and s.random() < 0.15):  # 3(4+5), as on paper
                    text += space + signs[x] + (space if gap != "mixed" else s.choice(("", " ")))
                expression += x
            else:
                shown = f"{int(x):,}" if commas and x.isdigit() and len(x) > 3 else x
                text += shown
                expression += x
                if at == raise_at:
                    power = s.choice(("2", "2", "2", "3", "3", "4"))
                    text += SMALL_POWERS[power] if power in SMALL_POWERS and s.random() < 0.3 else signs["**"] + power
                    expression += f"**{power}"
        if language == "zh" and s.random() < 0.3:
            text = text.replace("(", "（").replace(")", "）")
    bare = not speak and s.random() < 0.35
    if bare:
        question = text + s.choice(("", "", "", "=", "=?", " =", " = ?", "?", "=？" if language == "zh" else "=?"))
    else:
        frame = expand(s, s.phrasing(calculations_names.FRAMES[language])).replace("{e}", text)
        question = dress(s, language, frame)
    if expression == "".join(parts) and len(parts) == 3:
        thought = ONE_STEP[language][parts[1]].format(a=parts[0], b=parts[2])
    else:
        thought = {"en": f"The user wants the value of {expression}.", "zh": f"用户要计算{expression}的值。"}[language]
    return finish(s, question, thought, expression, calculations_names.ANSWERS[language], "arithmetic")


ROOTS = {"en": ("sqrt({a})", "sqrt {a}", "√{a}", "√{a}", "√({a})", "root {a}", "square root of {a}"),
         "zh": ("√{a}", "√{a}", "√{a}", "根号{a}", "根号{a}", "sqrt({a})", "√({a})")}  # fmt: skip
# What is raised or rooted, and what stands round it: p is a power, r a root, a and n numbers, + one of + - *.
RAISED = ("(a+a)p", "(a+a)p", "(a+a)p+n", "(a+a)p+n*n", "(a+a)p+ap", "n+(a+a)p", "n*(a+a)p", "(a+a)p/n", "((a+a)p+n)*n",
          "ap+ap", "ap+ap", "ap+ap+ap", "ap+ap+ap", "ap+ap+ap+ap", "ap+n", "n*ap", "n*ap+n", "n+ap", "ap*ap",
          "(a+a)p*ap", "r+r", "r+r", "r+r", "r+r+r", "r*r", "r*r", "r+n", "n*r", "n+r", "r/r", "n*r+n*r", "(r+r)*n",
          "ap+r", "r/n", "(n+r)/n")  # fmt: skip


def raised(s: Sampler, language: Language) -> Turn:
    """Powers of brackets, sums of powers, sums and products of roots: "(3+5)² − 7×6", "2³+3³+4³", "√2 + √3"."""
    shape = s.choice(RAISED)
    gap = s.choice(("", " ", ""))
    root = s.choice(ROOTS[language])
    marks = {sign: s.choice(choices) for sign, choices in SIGNS.items()}
    power = s.choice("222334")  # mostly the same power throughout, as in exercises
    style = s.choice(("small", "small", "sign"))
    same = s.choice("++-*") if "r" in shape or "a+a" in shape or shape == "ap+n" else s.choice("+++-")
    text, expression = "", ""
    for at, x in enumerate(shape):
        if x == "a":
            digits = str(s.integer(1, 12) if s.random() < 0.8 else s.integer(10, 40))
            text, expression = text + digits, expression + digits
        elif x == "n":
            digits = str(s.integer(2, 20) if s.random() < 0.7 else s.integer(10, 200))
            text, expression = text + digits, expression + digits
        elif x == "r":
            digits = str(s.integer(2, 30)) if s.random() < 0.5 else str(s.integer(2, 20) ** 2)
            text, expression = text + root.format(a=digits), f"{expression}sqrt({digits})"
        elif x == "p":
            n = power if s.random() < 0.7 else s.choice("2345")
            text += SMALL_POWERS[n] if style == "small" else marks["**"] + n
            expression += f"**{n}"
        elif x in "()":
            text, expression = text + x, expression + x
        else:
            sign = (same if s.random() < 0.7 else s.choice("+-")) if x == "+" else x
            if shape[at - 1 : at + 2] == "a+a" and sign == "*":
                sign = "+"
            text, expression = f"{text}{gap}{marks[sign]}{gap}", expression + sign
    if language == "zh" and s.random() < 0.25:
        text = text.replace("(", "（").replace(")", "）")
    if s.random() < 0.55:
        question = text + s.choice(("", "", "", "", "=", " =", " = ?", "?"))
    else:
        question = dress(s, language, expand(s, s.phrasing(calculations_names.FRAMES[language])).replace("{e}", text))
    thought = {"en": f"The user wants the value of {expression}.", "zh": f"用户要计算{expression}的值。"}[language]
    return finish(s, question, thought, expression, calculations_names.ANSWERS[language], "power")


# --- units --------------------------------------------------------------------------------------------------------


def convert(s: Sampler, language: Language) -> Turn:
    """A quantity in one unit to be told in another; the factor is exact and appears in the inner thought."""
    c = calculations_units.draw(s, language)
    question = dress(s, language, c.question)
    return finish(s, question, c.thought, c.expression, c.answers, "unit")


def main() -> None:
    """Prints samples and checks that every drawn expression has a result."""
    from plugins.calculator import calculate

    s = Sampler(1)
    last: str | None = None
    for language in ("en", "zh"):
        for _ in range(60):
            t = turn(s, language, last)
            result = calculate(t.commands[0][1])
            command = f"{t.commands[0][1]} => {result}"
            print(f"[{t.tag}] {t.human!r}", t.thoughts, command, t.answer(result), sep="\n    ")
            last = result if result != "No result." else None
    bad = 0
    for number in range(20_000):
        t = turn(s, "en" if number % 2 else "zh", last)
        result = calculate(t.commands[0][1])
        if result == "No result.":
            bad += 1
            print("no result:", t.human, t.commands)
        last = None if result == "No result." or s.random() < 0.4 else result
    print(f"20,000 turns, {bad} without a result")


if __name__ == "__main__":
    main()

"""What the equation questions share: polynomials in canonical form, roughening of a text, reading a result."""
# ruff: noqa: SIM905

import re
from decimal import Decimal
from fractions import Fraction

from recipes.moss_mini.corpus import equation_phrasings_more as more
from recipes.moss_mini.corpus.calculations_numbers import chinese, english
from recipes.moss_mini.corpus.common import Sampler
from recipes.moss_mini.corpus.phrasebook import TRADITIONAL, noise

Numbers = dict[str, int | float | str]


def number(value: int | Decimal | Fraction) -> str:
    """A number in canonical form: no exponent, no trailing zeros."""
    if isinstance(value, int):
        return str(value)
    return f"{value.normalize():f}" if value else "0"


def poly(*terms: tuple[int | Decimal, str]) -> str:
    """The sum of (coefficient, letters) in order: poly((3, "x"), (-5, "")) is "3x-5". Zero terms are left out."""
    parts = []
    for coefficient, letters in terms:
        if not coefficient:
            continue
        size = abs(coefficient)
        body = letters if letters and size == 1 else number(size) + letters
        parts.append(("-" if coefficient < 0 else "+" if parts else "") + body)
    return "".join(parts) or "0"


MORE_TRADITIONAL = str.maketrans("组设则别满当为于该项进", "組設則別滿當為於該項進")
IMPERATIVE = re.compile(
    r"(Solve|Find|Calculate|Compute|Work out|Give me|Determine|Figure out|Can you|Could you)\b[^\n?]*(\}|\w)\.?$"
)
TAILS = " for me| please| for me please| step by step| now| quickly| with the solver| using the solver| and tell me the answer| and give me the answer| and show me the result| if you can| as fast as you can| today".split(
    "|"
)
WORD = re.compile(r"(?<![{\w'])[A-Za-z]{5,}(?![}\w'])")


def roughen(s: Sampler, template: str, language: str, slots: dict[str, str], plain: float = 1.0) -> str:
    """The question as a person sends it: with an opener or closer, lower case, lost punctuation, a slip of the finger.

    The slots are filled last, so that no equation is touched. `plain` below 1 makes openers and closers that much
    rarer.
    """
    text = template
    zh = language == "zh"
    if s.random() < 0.3 * plain:
        opener = s.phrasing(more.OPENERS[language])
        if zh:
            text = opener + text
        else:
            if opener[-1] not in ".!?:" and not text.startswith(("{", "I ", "I'", "MOSS")):
                text = text[0].lower() + text[1:]
            text = f"{opener} {text}"
    elif s.random() < 0.17:
        text = noise(s, language, text)
    if s.random() < 0.14 * plain:
        closer = s.phrasing(more.CLOSERS[language])
        if zh:
            text += ("" if text[-1] in "。？?！" or closer in ("呢", "啊", "……", "~") else "，") + closer
        elif closer[0].isalpha() or closer[0] == ":":
            text += (
                (
                    ""
                    if text[-1] in ".?!"
                    else s.choice((",", ".", "", ""))
                    if text[-1] != "}"
                    else s.choice((",", "", "."))
                )
                + " "
                + closer
            )
        else:
            text = text.rstrip(".?!") + closer
    elif text.endswith("}") and not text.endswith(" {e}") and s.random() < 0.1:
        text += "。" if zh else "."
    if not zh and s.random() < 0.1 and IMPERATIVE.match(template):
        bare = text.rstrip(".")
        text = bare + s.choice(TAILS) + text[len(bare) :]
    style = s.random()
    if zh:
        if s.random() < 0.025:
            text = text.translate(TRADITIONAL | MORE_TRADITIONAL)
        if style < 0.12:
            text = text.rstrip("。？！")
        elif style < 0.26:
            text = (
                text.replace("，", s.choice((",", ", ", " "))).replace("？", "?").replace("：", ":").replace("。", ".")
            )
        elif style < 0.29:
            text = text.replace("，", "")
    elif style < 0.22:
        text = text.lower().rstrip(".?! ")
    elif style < 0.32:
        text = text.lower()
    elif style < 0.36:
        text = text.rstrip(".?! ")
    elif style < 0.39:
        text = text.replace("'", "").replace(",", "")
    elif style < 0.41:
        text = text.replace("?", s.choice(("??", " ?", "?!", "???")))
    elif style < 0.415:
        text = text.upper()
        text = re.sub(r"\{\w+\}", lambda m: m[0].lower(), text)
    if not zh and s.random() < 0.03:
        text = _slip(s, text)
    return text.format_map(slots)


def _slip(s: Sampler, text: str) -> str:
    """One word of five letters or more with a letter dropped, doubled or two swapped."""
    words = list(WORD.finditer(text))
    if not words:
        return text
    word = s.choice(words)
    i = word.start() + s.randrange(1, len(word[0]) - 1)
    piece = s.choice((text[i + 1] + text[i], text[i + 1], text[i] * 2 + text[i + 1]))
    return text[:i] + piece + text[i + 2 :]


def parse_result(result: str) -> list[list[tuple[str, str]]]:
    """The solutions in a result, each a list of (unknown, value as displayed); [] for a result in words."""
    solutions: list[list[tuple[str, str]]] = []
    for line in result.strip().splitlines():
        name, sign, value = line.partition(" = ")
        if not sign:
            return []
        if not solutions or any(name == known for known, _ in solutions[-1]):
            solutions.append([])
        solutions[-1].append((name, value))
    return solutions


# What to say when the result is not a list of real values: by a piece of the result.
IN_WORDS = {
    "en": (
        ("i\n", "There is no real solution."),
        ("Infinitely", "There are infinitely many solutions."),
        ("True", "Every value is a solution."),
        ("No solution", "There is no solution."),
        ("", "The solver found no result."),
    ),
    "zh": (
        ("i\n", "没有实数解。"),
        ("Infinitely", "有无穷多个解。"),
        ("True", "任何数都是解。"),
        ("No solution", "无解。"),
        ("", "求解器没有得到结果。"),
    ),
}


def result_in_words(result: str, language: str) -> str:
    """An answer for a result without real values."""
    return next(words for key, words in IN_WORDS[language] if key in result + "\n")


def either(language: str) -> str:
    return " or " if language == "en" else "或"


# --- numbers of word problems --------------------------------------------------------------------------------------------


def spelled(value: int, language: str) -> str:
    """A small number in words."""
    if language == "en":
        return english(value)
    return "两" if value == 2 else chinese(value)


def shown_number(value: int | float | str) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def number_slots(s: Sampler, numbers: Numbers, language: str) -> dict[str, str]:
    """The numbers as the user writes them: digits, in one question of nine some of them as words."""
    words = s.random() < 0.11
    out = {}
    for key, value in numbers.items():
        small = isinstance(value, int) and 0 < value <= 100 and key != "p100"
        out[key] = spelled(value, language) if words and small and s.random() < 0.7 else shown_number(value)
    return out


def equation_text(template: str, numbers: Numbers) -> str:
    text = template.format_map({key: shown_number(value) for key, value in numbers.items()})
    return re.sub(r"(?<![\d.])1(?=[xy(])", "", text)

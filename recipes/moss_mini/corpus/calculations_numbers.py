"""Numbers as people draw and write them: "1,250", "twelve", "3万", "two thirds", "15 percent", "$9.50", "八折"."""

import re
from collections.abc import Sequence

from recipes.moss_mini.corpus.common import Language, Sampler

ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["_", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
HAN = "零一二三四五六七八九"


def english(n: int) -> str:
    """121 -> "one hundred and twenty-one"; up to 999,999,999."""
    if n < 20:
        return ONES[n]
    if n < 100:
        return TENS[n // 10] + (f"-{ONES[n % 10]}" if n % 10 else "")
    if n < 1000:
        return f"{ONES[n // 100]} hundred" + (f" and {english(n % 100)}" if n % 100 else "")
    for size, word in ((1_000_000, "million"), (1000, "thousand")):
        if n >= size:
            rest = n % size
            link = " and " if 0 < rest < 100 else " "
            return f"{english(n // size)} {word}" + (link + english(rest) if rest else "")
    raise AssertionError


def chinese(n: int) -> str:
    """121 -> "一百二十一"; up to 99,999,999."""
    if n >= 10_000:
        rest = n % 10_000
        return chinese(n // 10_000) + "万" + (("零" if rest < 1000 else "") + chinese(rest) if rest else "")
    out, gap = "", False
    for size, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = n // size % 10
        if digit:
            out += ("零" if gap and out else "") + HAN[digit] + word
            gap = False
        else:
            gap = True
    out = out or "零"
    return out[1:] if out.startswith("一十") else out


def number_text(s: Sampler, digits: str, language: Language, mode: str) -> str:
    """A number as a user would type it. `mode`: "plain", "comma", "words", or "mixed" (any, number by number)."""
    if digits.startswith("("):
        return number_text(s, digits[1:-1], language, mode)
    if digits.startswith("-"):
        rest = number_text(s, digits[1:], language, mode)
        if language == "zh":
            return s.choice(("-", "-", "负")) + rest if rest[0].isascii() else "负" + rest
        return s.choice(("-", "-", "negative ", "minus ")) + rest if rest[0].isdigit() else "negative " + rest
    if mode == "mixed":
        mode = s.choice(("plain", "comma", "words", "short"))
    if mode == "plain":
        return digits
    if not digits.isdigit():
        if mode == "words" and len(digits) < 5 and digits[-2] == ".":
            whole, part = digits.split(".")
            if language == "zh":
                return f"{chinese(int(whole))}点{HAN[int(part)]}"
            return f"{english(int(whole))} point {ONES[int(part)]}"
        return digits
    n = int(digits)
    if mode == "words":
        round_number = n <= 100 or (n % 10 == 0 and n <= 1000) or (n % 100 == 0 and n < 10_000) or n % 1000 == 0
        if round_number or s.random() < (0.4 if n < 1000 else 0.1):
            if language == "zh":
                text = chinese(n)
                if re.fullmatch("[^十]+[百千][^零]+[十百]", text) and s.random() < 0.1:
                    text = text[:-1]  # 一百二, 三千五
                if text[0] == "二" and text[1:2] in ("百", "千", "万") and s.random() < 0.7:
                    text = "两" + text[1:]
                return text
            text = english(n)
            if text.startswith("one ") and s.random() < 0.3:
                text = "a" + text[3:]  # a hundred and five
            return s.choice((text, text, text.replace("-", " "), text.replace(" and ", " ")))
        return digits
    if mode == "short" and n >= 1000:
        if language == "zh":
            for size, word in ((100_000_000, "亿"), (10_000, s.choice(("万", "万", "万", "w"))), (1000, "千")):
                if n >= size and n * 100 % size == 0:
                    return f"{n / size:.10g}{word}"
        else:
            for size, word in ((1_000_000, " million"), (1000, s.choice(("k", "k", " thousand")))):
                if n >= size and n * 100 % size == 0:
                    return f"{n / size:.10g}{word}"
        return digits
    return f"{n:,}" if n >= 1000 else digits  # comma, or short of a short number


ORDINALS = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
]


def ordinal(s: Sampler, n: int) -> str:
    """3 -> "3rd" or "third"."""
    if n <= 12 and s.random() < 0.5:
        return ORDINALS[n]
    ending = "th" if 10 < n % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def fraction_text(s: Sampler, digits: str, language: Language) -> str:
    """ "2/3" -> "two thirds", "三分之二", or as it is."""
    above, below = map(int, digits.split("/"))
    if s.random() < 0.2:
        return digits
    if language == "zh":
        if digits == "1/2":
            return "一半"
        return f"{chinese(below)}分之{chinese(above)}" if s.random() < 0.85 else f"{below}分之{above}"
    if digits == "1/2":
        return s.choice(("half", "half", "one half"))
    word = "quarter" if below == 4 else ORDINALS[below]
    return s.choice(("a ", "one ", "one-")) + word if above == 1 else f"{ONES[above]}{s.choice(' -')}{word}s"


def percent_text(s: Sampler, digits: str, language: Language) -> str:
    """ "15" -> "15%", "fifteen percent", "百分之十五", "三成"."""
    if language == "zh":
        if digits.isdigit() and int(digits) % 10 == 0 and 0 < int(digits) < 100 and s.random() < 0.1:
            return HAN[int(digits) // 10] + "成"
        if s.random() < 0.6:
            return digits + s.choice(("%", "%", "%", "％", " %"))
        return "百分之" + number_text(s, digits, "zh", s.choice(("plain", "words", "words")))
    if s.random() < 0.55:
        return f"{digits}%"
    text = number_text(s, digits, "en", s.choice(("plain", "plain", "words")))
    signs = (" percent", " percent", " per cent", "percent", " pct")
    return text + s.choice(signs if text[0].isdigit() else signs[:3])


MONEY = {  # how an amount is written; the first of a pair in the question, the second in the answer
    "en": (("${}", "${}"),) * 10
    + (
        ("€{}", "€{}"),
        ("€{}", "€{}"),
        ("£{}", "£{}"),
        ("£{}", "£{}"),
        ("{} dollars", "{} dollars"),
        ("{} dollars", "${}"),
    )
    + (
        ("{} euros", "{} euros"),
        ("{} bucks", "{} dollars"),
        ("{} yuan", "{} yuan"),
        ("{} USD", "{} USD"),
        ("{}$", "${}"),
        ("{}", "{}"),
    ),
    "zh": (("{}元", "{}元"),) * 8
    + (
        ("{}块", "{}块"),
        ("{}块", "{}元"),
        ("{}块钱", "{}块钱"),
        ("{}块钱", "{}元"),
        ("￥{}", "{}元"),
        ("¥{}", "{}元"),
        ("{} 元", "{}元"),
    )
    + (("{}美元", "{}美元"), ("{}欧元", "{}欧元"), ("{}圆", "{}元")),
}

PERCENTS = [
    "5",
    "10",
    "10",
    "10",
    "12",
    "15",
    "15",
    "15",
    "18",
    "20",
    "20",
    "20",
    "25",
    "25",
    "30",
    "30",
    "35",
    "40",
    "45",
    "50",
    "50",
    "60",
    "65",
    "70",
    "75",
    "80",
    "90",
]
FRACTIONS = [
    "1/2",
    "1/2",
    "1/3",
    "1/3",
    "1/4",
    "1/4",
    "1/5",
    "1/6",
    "1/8",
    "1/10",
    "2/3",
    "2/3",
    "3/4",
    "3/4",
    "2/5",
    "3/5",
    "4/5",
    "5/6",
    "3/8",
    "5/8",
    "7/8",
    "3/10",
    "7/10",
    "2/7",
    "4/9",
]


def wide(s: Sampler, weights: Sequence[int] = (14, 36, 26, 12, 6, 4, 2)) -> str:
    """A positive number of 1 to 7 digits, sometimes round, sometimes with decimals."""
    digits = s.choices(range(1, len(weights) + 1), weights)[0]
    if s.random() < 0.1:
        return s.decimal(0.2, 10 ** min(digits, 4), s.choice((1, 1, 2, 2, 3)))
    value = s.integer(10 ** (digits - 1), 10**digits - 1)
    if digits > 1 and s.random() < 0.25:
        size = 10 ** s.randint(1, digits - 1)
        value = max(value // size, 1) * size
    return str(value)


def money(s: Sampler, large: bool) -> str:
    """An amount as prices are: whole, .99, .50, round hundreds and thousands."""
    choice = s.random()
    if large:
        if choice < 0.6:
            return str(s.integer(1, 99) * 10 ** s.randint(1, 4))
        return str(s.integer(10, 99_999))
    if choice < 0.55:
        return str(s.integer(1, 200))
    if choice < 0.7:
        return str(s.integer(1, 60) * 10)
    if choice < 0.78:
        return f"{s.integer(1, 30)}.{s.randint(1, 9)}"
    if choice < 0.88:
        return f"{s.integer(1, 99)}.{s.choice(('5', '25', '75', '99', '95', '49', '8', '2'))}"
    return s.decimal(1, 300, 2)


_RANGE = re.compile(r"(?:([a-z])([*+]))?(\d+)\.\.(\d+)([~.]?)$")


def draw_number(s: Sampler, spec: str, values: dict[str, str]) -> str:
    """Draws one number; `spec` as in the module's notation."""
    if spec == "pct":
        if s.random() < 0.55:
            return s.choice(PERCENTS)
        if s.random() < 0.65:
            return str(s.integer(1, 99))
        tax = f"{s.integer(1, 9)}.{s.choice((25, 5, 75))}"
        return s.choice((s.decimal(0.5, 40, 1), s.decimal(0.1, 1, 1), s.decimal(1, 15, 2), tax))
    if spec == "wide":
        return wide(s)
    if spec == "mid":
        return wide(s, (25, 45, 22, 8))
    if spec in ("price", "sum"):
        return money(s, spec == "sum")
    if spec == "frac":
        return s.choice(FRACTIONS)
    if spec == "rate":
        return str(s.integer(1, 12)) if s.random() < 0.75 else s.decimal(1, 9, 1)
    if spec == "half":  # hours, as in "8 and a half"
        return f"{s.randint(1, 12)}.5"
    if spec == "year":
        return str(s.randint(2, 5))
    if spec == "root":  # mostly squares, as in exercises
        return str(s.integer(2, 120) ** 2) if s.random() < 0.65 else wide(s, (10, 35, 35, 15, 5))
    if spec == "cube":
        return str(s.integer(2, 40) ** 3) if s.random() < 0.75 else str(s.integer(2, 5000))
    if spec[0] == "<":
        return str(s.integer(1, max(1, int(float(values[spec[1:]])) - 1)))
    found = _RANGE.match(spec)
    if not found:
        raise ValueError(f"unknown number {spec!r} in a phrasebook")
    base, sign, low, high, decimal = found.groups()
    if decimal == ".":
        return s.decimal(int(low), int(high), s.choice((1, 2, 2, 3, 4)))
    if decimal and s.random() < 0.25:
        return s.decimal(int(low), int(high), s.choice((1, 1, 2)))
    value = s.integer(int(low), int(high))
    if base is None:
        return str(value)
    if "." in values[base]:
        return s.decimal(float(values[base]) + value, float(values[base]) + value + 5, 1)
    return str(int(values[base]) * value if sign == "*" else int(values[base]) + value)


def amount_text(s: Sampler, digits: str, language: Language, mode: str, currency: str) -> str:
    """An amount of money as the user writes it."""
    if currency[0] != "{" or currency[-1] == "$":
        mode = "comma" if mode in ("comma", "words") else "plain"
    if language == "zh" and "." in digits and currency in ("{}元", "{}块", "{}块钱") and s.random() < 0.45:
        return colloquial(s, digits, mode)
    if language == "en" and "." in digits and digits[-2] == ".":
        return currency.format(digits + "0" if s.random() < 0.7 else digits)  # prices have two decimals
    return currency.format(number_text(s, digits, language, mode))


def colloquial(s: Sampler, digits: str, mode: str) -> str:
    """ "3.5" -> "3块5", "3块5毛" or "三块五"; "0.8" -> "8毛"; "3.25" -> "3块2毛5"."""
    whole, part = digits.split(".")
    said = (lambda x: chinese(int(x))) if mode in ("words", "mixed") else str
    yuan, jiao = s.choice((("块", "毛"), ("块", "毛"), ("元", "角")))
    text = "" if whole == "0" else ("两" if said(whole) == "二" else said(whole)) + yuan
    if part[0] == "0":
        return f"{text}{'零' if text else ''}{said(part[1])}分"
    tenth, rest = said(part[0]), (said(part[1]) if len(part) > 1 else "")
    if rest:
        return f"{text}{tenth}{jiao}{rest}{s.choice(('', '分'))}"
    return f"{text}{tenth}{'' if text and yuan == '块' and s.random() < 0.7 else jiao}"


def half_text(s: Sampler, digits: str, language: Language) -> str:
    """ "8.5" -> "8 and a half", "8个半", or as it is; stands before "hours" or 小时."""
    whole = digits.split(".")[0]
    said = number_text(s, whole, language, s.choice(("plain", "plain", "words")))
    if language == "zh":
        return s.choice((digits, f"{digits}个", *(f"{'两' if said == '二' else said}个半",) * 4))
    return s.choice((digits, f"{whole} 1/2", f"{whole}½", f"{said} and a half", f"{said} and a half"))


def zhe_text(s: Sampler, digits: str) -> str:
    """ "8/10" -> "八折", "85/100" -> "八五折"."""
    above = digits.split("/")[0]
    return (above if s.random() < 0.5 else "".join(HAN[int(x)] for x in above)) + "折"

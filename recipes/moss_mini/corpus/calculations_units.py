"""Quantities in one unit to be told in another.

Every unit has an exact factor to the base unit of its family. From two factors follows the expression: times or over
their ratio where that is a short decimal ("5*1.609344", "8/1.609344"), else over the base unit ("5*1609.344/0.9144").
A yard is 0.9144 m, a pound 0.45359237 kg, a US gallon 3.785411784 L by definition; a kilobyte is 1024 bytes here; a
jin is 500 g, a liang 50 g, a li 500 m, a mu 10000/15 m².
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate

from recipes.moss_mini.corpus.calculations_names import read_lists
from recipes.moss_mini.corpus.calculations_numbers import number_text, wide
from recipes.moss_mini.corpus.common import Language, Sampler
from recipes.moss_mini.corpus.phrasebook import expand

WEIGHTS = {
    "length": 28,
    "mass": 18,
    "volume": 11,
    "area": 9,
    "speed": 6,
    "time": 14,
    "calendar": 3,
    "data": 8,
    "money": 2,
    "energy": 2,
    "power": 0.5,
    "pressure": 0.5,
}
# Pairs that mean something else to most people, or to nobody.
STRANGE = {
    ("m3", "tsp"),
    ("ha", "cm2"),
    ("ha", "dm2"),
    ("km2", "cm2"),
    ("km2", "dm2"),
    ("um", "km"),
    ("yuan", "dollar"),
    ("yuan", "cent"),
    ("dollar", "jiao"),
    ("dollar", "fen"),
    ("cent", "jiao"),
    ("cent", "fen"),
    ("byte", "PB"),
    ("bit", "PB"),
    ("bit", "TB"),
    ("mg", "t"),
    ("um", "mile"),
    ("um", "nmi"),
    ("um", "li"),
    ("ms", "week"),
    ("ms", "day"),
    ("mu", "cm2"),
    ("acre", "cm2"),
    ("li", "um"),
    ("cal", "kWh"),
    ("cal", "MJ"),
    ("mi2", "cm2"),
    ("mi2", "in2"),
    ("in2", "km2"),
    ("ft2", "km2"),
    *(
        (old, new)
        for old in ("chi", "cun", "zhang")
        for new in ("mm", "cm", "dm", "um", "mile", "nmi", "ft", "in", "yd")
    ),
    *((old, new) for old in ("chi", "cun") for new in ("km", "li")),
    ("zhang", "km"),
    ("dm3", "gal"),
}
# Pairs that English speakers ask about every day.
EVERYDAY = (
    {"kg", "lb"},
    {"km", "mile"},
    {"cm", "in"},
    {"m", "ft"},
    {"cm", "ft"},
    {"g", "oz"},
    {"l", "gal"},
    {"km/h", "mph"},
)


@dataclass(frozen=True)
class Unit:
    """A unit: its factor to the base unit as it stands in expressions, and its names."""

    key: str
    factor: str
    weights: tuple[float, float]
    en: tuple[str, ...]
    zh: tuple[str, ...]

    @property
    def value(self) -> Fraction:
        """The factor as a number."""
        above, _, below = self.factor.partition("/")
        return Fraction(above) / Fraction(below or 1)


@dataclass(frozen=True)
class Conversion:
    """A drawn question about units, and what a turn needs beside it."""

    question: str
    thought: str
    expression: str
    answers: list[str]


def _read(lines: list[str]) -> list[Unit]:
    units = []
    for line in lines:
        key, factor, weights, en, zh = (part.strip() for part in line.split("|"))
        low, high = weights.split()
        split = lambda names: tuple(x.strip() for x in names.split(",") if x.strip())  # noqa: E731
        units.append(Unit(key, factor, (float(low), float(high)), split(en), split(zh)))
    return units


UNITS = {family: _read(lines) for (family, _), lines in read_lists("unit_table.txt").items()}


def decimal(x: Fraction) -> str | None:
    """The exact decimal of a positive fraction, or None where it has none of at most 12 digits after the point."""
    if 10**12 % x.denominator:
        return None
    whole, rest = divmod(x.numerator * (10**12 // x.denominator), 10**12)
    return f"{whole}.{rest:012d}".rstrip("0").rstrip(".")


@lru_cache(None)
def rule(family: str, source: str, target: str) -> tuple[str, str]:
    """The end of the expression ("*1.609344", "*1000/0.9144") and the relation that justifies it, as a sentence part.

    The relation is "1 {big} = {ratio} {small}" in keys, or "" where the way goes over the base unit.
    """
    units = {u.key: u for u in UNITS[family]}
    a, b = units[source], units[target]
    ratio = a.value / b.value
    if source == "mu" or target == "mu":  # 10000/15 m² has no decimal, but every use has a short fraction
        whole = decimal(ratio * 15 if source == "mu" else ratio / 15)
        if source == "mu" and decimal(ratio) is None and whole:
            return f"*{whole}/15", ""
        if target == "mu" and decimal(ratio) is None and whole:
            return f"*15*{whole}" if Fraction(whole) != 1 else "*15", ""
        if target == "mu" and source in ("m2", "cm2", "dm2"):
            return f"*15/{decimal(15 / ratio)}", ""
    for x, sign, big, small in ((ratio, "*", a, b), (1 / ratio, "/", b, a)):
        text = decimal(x)
        if x >= 1 and text is not None and len(text) <= 16:
            return f"{sign}{text}", f"{big.key}|{text}|{small.key}"
    over = f"({b.factor})" if "/" in b.factor else b.factor
    return ("" if a.value == 1 else f"*{a.factor}") + ("" if b.value == 1 else f"/{over}"), ""


@lru_cache(None)
def _pairs(family: str, language: Language) -> tuple[list[tuple[Unit, Unit]], list[float]]:
    at = 0 if language == "en" else 1
    pairs, weights = [], []
    for a in UNITS[family]:
        for b in UNITS[family]:
            if a is b or a.weights[at] * b.weights[at] == 0 or (a.key, b.key) in STRANGE or (b.key, a.key) in STRANGE:
                continue
            size = a.value / b.value
            if not Fraction(1, 10**7) < size < 10**13 or a.value == b.value:
                continue
            pairs.append((a, b))
            usual = 3 if language == "en" and {a.key, b.key} in EVERYDAY else 1
            far = abs(len(str(int(max(size, 1 / size)))) - 2) * 0.5
            weights.append(usual * a.weights[at] * b.weights[at] / (1 + far))
    return pairs, list(accumulate(weights))


ASKS = read_lists("units.txt")
for (_family, _language), _lines in read_lists("units_more_zh.txt").items():
    if _language == "table":
        UNITS[_family] += _read(_lines)
    else:
        ASKS[_family, _language] = ASKS[_family, _language] + _lines
for _section, _lines in read_lists("units_more_en.txt").items():
    ASKS[_section] = [*ASKS[_section], *_lines]
ANSWERS = {
    "en": ["{q} is {r} {u}.", "That is {r} {u}.", "{q} = {r} {u}", "It is {r} {u}.", "{q} comes to {r} {u}."],
    "zh": ["{q}是{r}{u}。", "等于{r}{u}。", "{q} = {r}{u}", "是{r}{u}。", "{q}等于{r}{u}。"],
}
EN_ONE = {
    "feet": "foot",
    "inches": "inch",
    "centuries": "century",
    "square feet": "square foot",
    "square inches": "square inch",
    "stone": "stone",
    "li": "li",
    "jin": "jin",
    "mu": "mu",
    "liang": "liang",
    "yuan": "yuan",
    "psi": "psi",
    "bar": "bar",
    "metres per second": "metre per second",
    "kilometres per hour": "kilometre per hour",
    "miles per hour": "mile per hour",
    "quarters of a year": "quarter of a year",
    "quarters of an hour": "quarter of an hour",
}


def one(name: str) -> str:
    """The singular of an English unit."""
    return EN_ONE.get(name, name.removesuffix("s"))


def amount(s: Sampler, family: str, a: Unit, b: Unit) -> str:
    """Digits of a quantity: small ones often, larger ones for conversions into larger units."""
    if a.value < b.value and s.random() < 0.6:
        ratio = b.value / a.value
        if ratio.denominator == 1 and ratio < 10**7 and s.random() < 0.7:
            return str(int(ratio) * s.integer(1, 30))
        return str(s.integer(1, 40) * 10 ** s.randint(0, min(4, len(str(int(ratio))))))
    if s.random() < 0.2:
        return s.decimal(0.1, 60, s.choice((1, 1, 2)))
    return wide(s, (35, 40, 18, 5, 2))


def draw(s: Sampler, language: Language) -> Conversion:
    """A question about one quantity in another unit."""
    choice = s.random()
    if choice < 0.17:
        return temperature(s, language)
    if choice < 0.25:
        return compound(s, language)
    family = s.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    pairs, sums = _pairs(family, language)
    a, b = s.choices(pairs, cum_weights=sums)[0]
    digits = amount(s, family, a, b)
    if float(digits) * float(a.value / b.value) < 1e-4:  # such small results help nobody
        digits = str(max(int(b.value / a.value), 1) * s.integer(1, 9))
    names_a, names_b = (a.en, b.en) if language == "en" else (a.zh, b.zh)
    name_a, name_b = s.choice(names_a), s.choice(names_b)
    if name_a in ("平", "分", "尺英制", "寸英制", "位", "卡", "迈"):
        name_a = names_a[0]
    if name_b in ("平", "分", "尺英制", "寸英制", "位", "B", "K", "M", "G", "T", "卡", "迈", "块钱", "度电"):
        name_b = names_b[0]
    text, digits = quantity(s, language, digits, a, name_a, a.value * 1000 > b.value)
    target = name_b.removeprefix(".") if language == "en" else name_b
    if language == "en" and target == one(b.en[0]) and b.en[0] not in EN_ONE.values():
        target = b.en[0]  # "how many mile" is rarer than the plural
    template = s.phrasing(
        ASKS[family, language]
        if (family, language) in ASKS and s.random() < (0.3 if language == "en" else 0.18)
        else ASKS["any", language]
    )
    if language == "zh" and target[0] == "个":
        target = target[1:] if "多少" not in template and "几" not in template else target
    question = expand(s, template).replace("{v}", text).replace("{t}", target)

    ending, relation = rule(family, a.key, b.key)
    expression = digits + ending
    here, there = (a.en[0], b.en[0]) if language == "en" else (a.zh[0], b.zh[0])
    if relation:
        big, ratio, small = relation.split("|")
        names = {u.key: (u.en if language == "en" else u.zh)[0] for u in (a, b)}
        if language == "en":
            thought = f"From {here} to {there}: 1 {one(names[big])} is {ratio} {names[small]}, so {expression}."
        else:
            thought = f"{_bare(here)}换成{_bare(there)}：1{names[big]}是{ratio}{names[small]}，即{expression}。"
    elif language == "en":
        thought = f"From {here} to {there}: {expression}."
    else:
        thought = f"{_bare(here)}换成{_bare(there)}：{expression}。"
    q = f"{digits} {here}" if language == "en" else f"{digits}{here}"
    return Conversion(
        question, thought, expression, [x.replace("{q}", q).replace("{u}", there) for x in ANSWERS[language]]
    )


def _bare(name: str) -> str:
    return name.removeprefix("个")


def quantity(s: Sampler, language: Language, digits: str, unit: Unit, name: str, few: bool) -> tuple[str, str]:
    """The quantity as text, and its digits, which change where it becomes "half a mile" (only if `few` will do)."""
    choice = s.random() if few else 1
    mode = s.choices(("plain", "comma", "words"), (78, 12, 10))[0]
    if language == "en":
        short = name.startswith(".")
        name = name.removeprefix(".")
        single = one(unit.en[0])
        article = "an" if single[0] in "aeio" or single == "hour" else "a"
        if choice < 0.05:
            return s.choice((f"{article} {single}", f"one {single}", f"1 {single}")), "1"
        if choice < 0.07 and "per" not in single:
            return f"half {article} {single}", "0.5"
        if choice < 0.09:
            whole = s.integer(1, 12)
            said = number_text(s, str(whole), "en", s.choice(("plain", "words")))
            return f"{said} and a half {unit.en[0]}" if s.random() < 0.7 else f"{whole} 1/2 {unit.en[0]}", f"{whole}.5"
        if choice < 0.10 and "per" not in single:
            return f"{article} {single} and a half", "1.5"
        if choice < 0.11 and "per" not in single:
            return f"a quarter of {article} {single}", "0.25"
        number = number_text(s, digits, "en", mode)
        if digits != "1" and name == single and s.random() < 0.8:
            name = unit.en[0]
        gap = s.choice(("", "", " ", " ")) if short and number[-1].isdigit() else " "
        return f"{number}{gap}{name}", digits
    if choice < 0.04 and name.isascii() is False:
        return f"{s.choice('一1')}{name}", "1"
    if name == "小时" and choice < 0.07:
        whole = s.integer(1, 9)
        said = number_text(s, str(whole), "zh", s.choice(("plain", "words")))
        return ("两" if said == "二" else said) + "个半小时", f"{whole}.5"
    if choice < 0.07 and name.isascii() is False and name not in ("度电", "角", "分", "毛"):
        return f"半{name}", "0.5"
    if choice < 0.10 and name.isascii() is False and len(name) < 3 and name[0] not in "个":
        whole = s.integer(1, 12)
        said = number_text(s, str(whole), "zh", s.choice(("plain", "words")))
        return ("两" if said == "二" else said) + f"{name}半", f"{whole}.5"
    number = number_text(s, digits, "zh", "short" if mode == "comma" and s.random() < 0.4 else mode)
    if number == "二" and name != "两":
        number = "两"
    if name == "两" and not number[-1].isdigit():
        number = digits
    return number + (" " if s.random() < 0.08 else "") + name, digits


# --- temperatures -------------------------------------------------------------------------------------------------

DEGREES = {
    "C": (
        ("degrees Celsius", "°C", "C", "degrees C", "Celsius", "celsius", "degrees centigrade", "℃", "deg C"),
        ("摄氏度", "摄氏度", "°C", "℃", "度摄氏"),
    ),
    "F": (
        ("degrees Fahrenheit", "°F", "F", "degrees F", "Fahrenheit", "fahrenheit", "degrees Fahrenheit", "℉", "deg F"),
        ("华氏度", "华氏度", "°F", "℉", "度华氏"),
    ),
    "K": (("kelvin", "K", "Kelvin", "kelvins"), ("开尔文", "开尔文", "K", "开")),
}
TEMPERATURES = {
    ("C", "F"): "{v}*9/5+32",
    ("F", "C"): "({v}-32)*5/9",
    ("C", "K"): "{v}+273.15",
    ("K", "C"): "{v}-273.15",
    ("F", "K"): "({v}-32)*5/9+273.15",
    ("K", "F"): "({v}-273.15)*9/5+32",
}


def temperature(s: Sampler, language: Language) -> Conversion:
    """Celsius, Fahrenheit and kelvin."""
    source, target = s.choices(list(TEMPERATURES), (40, 40, 8, 6, 3, 3))[0]
    low, high = {"C": (-40, 250), "F": (-40, 480), "K": (0, 900)}[source]
    digits = str(s.integer(low, high)) if s.random() < 0.8 else s.decimal(low, high, 1)
    if source != "K" and s.random() < 0.4:
        digits = str(s.integer(-10, 110))
    at = 0 if language == "en" else 1
    name, other = s.choice(DEGREES[source][at]), s.choice(DEGREES[target][at])
    template = s.phrasing(ASKS["any" if s.random() < 0.75 else "temperature", language])
    number = number_text(s, digits, language, s.choices(("plain", "words"), (88, 12))[0])
    if language == "en":
        tight = name[0] in "°℃℉" or (name in "CFK" and number[-1].isdigit() and s.random() < 0.5)
        value = number + ("" if tight else " ") + name
        if name in ("degrees Celsius", "degrees Fahrenheit") and s.random() < 0.15:
            value = f"{number} degrees"
            other = "Celsius" if target == "C" else "Fahrenheit" if target == "F" else other
            value += " Celsius" if source == "C" else " Fahrenheit"
    elif name.startswith("度"):
        value = f"{'摄氏' if source == 'C' else '华氏'}{number}度"
    else:
        value = number + name
    if other.startswith("度"):
        other = DEGREES[target][1][0]
    if language == "zh" and digits.startswith("-") and s.random() < 0.4:
        value = value.replace("负", "").replace("-", "")
        value = f"零下{value}"
    question = expand(s, template).replace("{v}", value).replace("{t}", other)
    template = TEMPERATURES[source, target]
    expression = template.replace("{v}", digits)
    formula = {"en": ("degrees Celsius", "degrees Fahrenheit", "kelvin"), "zh": ("摄氏度", "华氏度", "开尔文")}[
        language
    ]
    here, there = formula["CFK".index(source)], formula["CFK".index(target)]
    if language == "en":
        thought = f"From {here} to {there}: {expression}."
        q = f"{digits} {here}"
    else:
        thought = f"{here}换成{there}：{expression}。"
        q = f"{digits}{here}"
    return Conversion(
        question, thought, expression, [x.replace("{q}", q).replace("{u}", there) for x in ANSWERS[language]]
    )


# --- two units together: 5 feet 10 inches, 2 hours 35 minutes -----------------------------------------------------

# large, small, how many small make a large, target, what the small unit is multiplied by for the target, the ranges
COMPOUNDS = (
    ("ft", "in", "12", "cm", "*2.54", 7, 11),
    ("ft", "in", "12", "in", "", 9, 11),
    ("ft", "in", "12", "m", "*0.0254", 7, 11),
    ("lb", "oz", "16", "oz", "", 20, 15),
    ("h", "min", "60", "min", "", 24, 59),
    ("h", "min", "60", "min", "", 24, 59),
    ("h", "min", "60", "s", "*60", 12, 59),
    ("min", "s", "60", "s", "", 60, 59),
    ("m", "cm", "100", "cm", "", 20, 99),
    ("km", "m", "1000", "m", "", 40, 999),
    ("kg", "g", "1000", "g", "", 30, 999),
    ("day", "h", "24", "h", "", 30, 23),
    ("week", "day", "7", "day", "", 40, 6),
    ("t", "kg", "1000", "kg", "", 20, 999),
    ("l", "ml", "1000", "ml", "", 15, 999),
    ("year", "month", "12", "month", "", 40, 11),
    ("jin", "liang", "10", "liang", "", 20, 9),
    ("yuan", "jiao", "10", "jiao", "", 60, 9),
    ("h", "min", "60", "h", "/60", 24, 59),
    ("m", "cm", "100", "m", "/100", 20, 99),
    ("kg", "g", "1000", "kg", "/1000", 30, 999),
    ("km", "m", "1000", "km", "/1000", 40, 999),
)
BY_KEY = {u.key: u for units in UNITS.values() for u in units}


def compound(s: Sampler, language: Language) -> Conversion:
    """A quantity in two units."""
    while True:
        large, small, ratio, target, rest, high, low = s.choice(COMPOUNDS)
        names = [getattr(BY_KEY[k], language) for k in (large, small, target)]
        foreign = ("jin", "yuan") if language == "en" else ("ft", "lb")
        if (all(names) and large not in foreign) or (language == "zh" and s.random() < 0.4):
            break
    a, b = s.integer(1, high), s.integer(1, low)
    first, second, third = (n[0] for n in names)
    if language == "en":
        text = (
            f"{a} {first if a > 1 else one(first)} {s.choice(('', '', 'and '))}{b} {second if b > 1 else one(second)}"
        )
        if large == "ft" and s.random() < 0.4:
            text = s.choice((f"{a}'{b}\"", f"{a} ft {b} in", f"{a} foot {b}", f"{a}ft {b}in"))
        if large == "h" and s.random() < 0.3:
            text = s.choice((f"{a}h {b}min", f"{a} h {b} min", f"{a}h{b}m", f"{a} hrs {b} mins"))
        third_name = s.choice([x for x in names[2] if x.endswith("s") or x[0] == "."] or [third]).removeprefix(".")
        third_name = third if third == "feet" else third_name
    else:
        second_text = "分" if second == "分钟" and s.random() < 0.3 else second
        first = {"天": "天", "年": "年"}.get(first, first)
        text = f"{a}{first}{s.choice(('', '', '零')) if large == 'year' else ''}{b}{second_text}"
        third_name = third
    total = f"({a}*{ratio}+{b})" if rest else f"{a}*{ratio}+{b}"
    expression = total + rest
    question = expand(s, s.phrasing(ASKS["any", language])).replace("{v}", text).replace("{t}", third_name)
    if language == "en":
        thought = f"1 {one(first)} is {ratio} {second}, and the user wants {third}, so {expression}."
        answers = ["That is {r} " + third + ".", "It is {r} " + third + ".", "{r} " + third + "."]
    else:
        thought = f"1{first}是{ratio}{second}，用户要{_bare(third)}，即{expression}。"
        answers = ["是{r}" + third + "。", "等于{r}" + third + "。", "一共{r}" + third + "。"]
    return Conversion(question, thought, expression, answers)

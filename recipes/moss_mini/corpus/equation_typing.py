"""How people type an equation: spaces, signs, full width, words, several ways to join two equations."""

import re

from recipes.moss_mini.corpus.calculations_numbers import chinese, english
from recipes.moss_mini.corpus.common import Sampler

# Words for symbols, chosen by `equations.spoken`.
PARTS = {
    "en": {
        "+": [" plus ", " plus ", " + "],
        "-": [" minus ", " minus ", " minus ", " less "],
        "*": [" times ", " times ", " multiplied by "],
        "/": [" divided by ", " divided by ", " over "],
        "=": [" equals ", " is ", " equals ", " is equal to ", " makes ", " gives "],
        "square": [
            "{} squared",
            "{} squared",
            "{} square",
            "{} to the power of 2",
            "{} to the second power",
            "{} to the 2",
        ],
        "times": ["{} times {}", "{} times {}", "{} multiplied by {}", "{} {}"],
        "double": ["twice {}", "double {}", "two times {}", "2 times {}"],
        "half": ["half of {}", "half {}", "one half of {}", "{} halved"],
    },
    "zh": {
        "+": ["加", "加", "加上", " 加 "],
        "-": ["减", "减", "减去", " 减 "],
        "*": ["乘", "乘以", "乘"],
        "/": ["除以", "除以", "÷"],
        "=": ["等于", "等于", "是", "得", " 等于 ", "为"],
        "square": ["{}的平方", "{}的平方", "{}平方", "{}的二次方", "{}的2次方"],
        "times": ["{1}的{0}倍", "{1}的{0}倍", "{}乘{}", "{}乘以{}", "{}倍的{}"],
        "double": ["{}的两倍", "{}的2倍", "2倍的{}", "两倍{}", "二倍的{}"],
        "half": ["{}的一半", "{}除以2", "{}的二分之一"],
    },
}


SPACES = [""] * 9 + ["= "] * 3 + ["=+-"] * 7 + ["=+-*/"] * 2
QUOTES = ["${}$", "${}$", "`{}`", '"{}"', '"{}"', "'{}'", "“{}”", "\\({}\\)", "[{}]", "**{}**", "<{}>", "$${}$$"]
GAPS = ["?", "?", "□", "□", "___", "__", "_", "( )", "[ ]", "...", "(?)", "…"]
SQUARES = ["^2"] * 10 + ["²"] * 6 + ["**2"] * 2 + ["^ 2", "^{2}"]
FULL_WIDTH = str.maketrans("=+-()", "＝＋－（）")
WIDE_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")
EN_JOINTS = (
    [", "] * 6
    + ["; "] * 3
    + [" and "] * 5
    + [
        "\n",
        "\n",
        ",",
        ";",
        " , ",
        " & ",
        " with ",
        ",\n",
        ", and ",
        "  ",
        " ",
        " ; ",
        " also ",
        " / ",
        " | ",
        ", where ",
        " while ",
    ]
)
ZH_JOINTS = ["，"] * 6 + [
    "；",
    "；",
    ", ",
    ",",
    ";",
    "; ",
    "、",
    "\n",
    "\n",
    "和",
    " 和 ",
    "，且",
    "，并且",
    " 与 ",
    "  ",
    " ",
    ";\n",
    "，同时",
    " 且 ",
    "，而",
    "，又",
    "／",
    "。",
]


ORDERED = {
    "en": ["first: {0}, second: {1}", "equation 1: {0}, equation 2: {1}", "1) {0} 2) {1}", "a) {0}\nb) {1}", "I: {0}\nII: {1}", "{0} as well as {1}", "both {0} and {1}", "{0} plus the equation {1}", "- {0}\n- {1}", "eq1: {0}; eq2: {1}"],
    "zh": ["方程一：{0}，方程二：{1}", "第一个方程{0}，第二个方程{1}", "1){0} 2){1}", "(1){0}；(2){1}", "{0}以及{1}", "①{0} ②{1}", "①{0}\n②{1}", "{0} {1}", "一个是{0}，另一个是{1}", "{{{0}，{1}", "既有{0}，又有{1}"],
}  # fmt: skip


def typed_gap(s: Sampler, text: str, unknown: str, language: str) -> str:
    """A canonical equation with a gap for its unknown: 3 × □ + 5 = 20."""
    gap = s.choice(GAPS if language == "en" else [*GAPS, "（ ）", "（  ）", "()", "？", "（？）"])
    text = text.replace("*", s.choice("*××")).replace("/", s.choice("/÷"))
    if s.random() < 0.5:
        text = re.sub(r"(?<=[^=])([=+×*÷/-])", r" \1 ", text).replace("=  -", "= -").replace("= - ", "= -")
    return text.replace(unknown, gap)


def explicit(s: Sampler, text: str) -> str:
    """Sometimes writes the multiplication out in the canonical form, as some people do: 3*x+5=20, 2*(x-3)=4."""
    if s.random() < 0.1:
        text = re.sub(r"(?<=\d)(?=[a-z(])", "*", text)
    return text


def typed(s: Sampler, text: str, language: str) -> str:
    """A canonical equation (or one side) as a person might type it; dropping spaces and naming symbols gives it back."""
    if s.random() < 0.13 and "(" not in text:
        return spoken(s, text, language)
    if "^2" in text:
        text = text.replace("^2", s.choice(SQUARES) if s.random() < 0.985 else "2")
    if "*" in text and "**" not in text:
        text = text.replace("*", s.choice(("*", "*", "×", "·", " * ", " × ")))
    if "0." in text and s.random() < 0.06:
        text = re.sub(r"(?<![\d.])0\.", ".", text)
    if s.random() < 0.25:
        text = re.sub(r"(?<![\d.])(\d{1,3})(\d{3})(?![\d.])", r"\1,\2", text)
    if "/" in text and s.random() < 0.12:
        text = text.replace("/", "÷")
    spaces = s.choice(SPACES)
    if spaces == "=+-":
        text = re.sub(r"(?<=[^=(+\-])([=+\-])", r" \1 ", text)
    elif spaces == "= ":
        text = text.replace("=", " = ")
    elif spaces:
        text = re.sub(r"(?<=[^=(+\-*/ ])([=+\-/÷×·]|(?<!\*)\*(?!\*))(?! )", r" \1 ", text)
    style = s.random()
    if style < 0.05:
        text = text.replace("-", s.choice("−–－"))
    elif style < 0.07:
        text = text.upper()
    elif style < 0.09:
        text = text.replace("=", s.choice((" =", "= ", " =  ")))
    elif style < 0.10:
        text = re.sub(r"(?<=\d)(?=[a-z])", " ", text)
    elif style < (0.22 if language == "zh" else 0.105):
        text = text.translate(FULL_WIDTH)
        if s.random() < 0.12:
            text = text.translate(WIDE_DIGITS)
    elif style > 0.965:
        text = s.choice(QUOTES).format(text)
    return text


BARE_JOINTS = [", "] * 6 + [" and "] * 3 + ["; ", ";", ",", "\n", "\n"]
BARE_JOINTS_ZH = ["，"] * 3 + [", "] * 3 + ["；"] * 3 + ["\n", "\n", ",", ";", "; ", "、", " 且 ", "和"]


def bare(s: Sampler, text: str, language: str) -> str:
    """An equation or a system as it is typed with nothing else: symbols only, all signs spaced alike."""
    style = s.random()
    if style < 0.45:
        text = re.sub(r"(?<=[^=(+\-*/;])([=+\-])", r" \1 ", text)
    elif style < 0.55:
        text = text.replace("=", " = ")
    text = text.replace("^2", s.choice(("^2", "^2", "²")))
    if "*" in text:
        text = text.replace("*", s.choice("**×"))
    if s.random() < 0.06:
        text = text.translate(str.maketrans("=-", "＝－" if language == "zh" else "=−"))
    return text.replace(";", s.choice(BARE_JOINTS if language == "en" else BARE_JOINTS_ZH))


def spoken(s: Sampler, text: str, language: str) -> str:
    """A canonical equation without brackets, with some of its symbols as words: "3 times x plus 5 equals 20"."""
    zh = language == "zh"
    pick = PARTS[language]
    words = s.random() < 0.14
    if s.random() < 0.6:
        text = re.sub(r"\b2([a-z])(?!\^)", lambda m: s.choice(pick["double"]).format(m[1]), text)
        text = re.sub(r"(?<![\w)])([a-z])/2\b", lambda m: s.choice(pick["half"]).format(m[1]), text)
    if s.random() < 0.5:
        form = s.choice(pick["times"])
        text = re.sub(r"\b(\d[\d.]*)([a-z])(?!\^)(?![a-z])", lambda m: form.format(m[1], m[2]), text)
    text = re.sub(r"([a-z])\^2", lambda m: s.choice(pick["square"]).format(m[1]), text)
    if s.random() < 0.75 or "*" in text:
        text = text.replace("*", s.choice(pick["*"])).replace("/", s.choice(pick["/"]))
    if s.random() < 0.8:
        minus = s.choice(pick["-"])
        text = re.sub(r"(?<=[\w)的方半])-", lambda m: minus, text).replace("+", s.choice(pick["+"]))
    if s.random() < 0.85:
        text = text.replace("=", s.choice(pick["="]))
    if words:  # three x plus five equals twenty
        say = chinese if zh else lambda value: english(value) + " "
        text = re.sub(r"(?<![\w.-])\d{1,2}(?![\d.])", lambda m: say(int(m[0])), text).strip()
    return text if zh else re.sub(r"(?<=\w) {2,}", " ", text)


def typed_system(s: Sampler, text: str, language: str) -> str:
    first, second = text.split(";")
    first, second = typed(s, first, language), typed(s, second, language)
    style = s.random()
    if 0.11 < style < 0.15:
        return s.choice(ORDERED[language]).format(first, second)
    if style < 0.03:
        return f"{{{first}{s.choice((', ', '; ', chr(10), '，'))}{second}}}"
    if style < 0.05:
        return f"{{ {first}\n{{ {second}"
    if style < 0.07:
        return f"(1) {first}{s.choice((' ', ', ', chr(10)))}(2) {second}"
    if style < 0.09:
        return f"{first} {'（1）' if language == 'zh' else '(1)'}\n{second} {'（2）' if language == 'zh' else '(2)'}"
    if style < 0.11:
        return f"{first}①{s.choice(('，', chr(10), ' '))}{second}②" if language == "zh" else f"[{first}, {second}]"
    return first + s.choice(ZH_JOINTS if language == "zh" else EN_JOINTS) + second


# --- turns -------------------------------------------------------------------------------------------------------------

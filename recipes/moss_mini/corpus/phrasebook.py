"""The notation in which the moss-mini recipe writes its phrasings, and how a phrasing becomes a typed question.

A phrasebook is text. A line that starts with "@" opens a kind of question:

    @ percent | 5 | p:pct x:wide | {x}*{p}/100            tag | weight | numbers | the canonical expression
    en
    = The user wants {p}% of {x}, so I multiply {x} by {p} and divide by 100.      the inner thought
    > {p}% of {x} is {r}.                                  an answer; {r} is the result, {R} with its currency
    - {P} of {x}                                           a noun phrase, put into a frame ("what is …?")
    * take {P} of {x}                                      an imperative, put into a frame ("can you …?")
    How much is {P} of {x}[ exactly|]?                     anything else: a whole question; [a|b] is one of a and b
    zh
    …

In a question {x} is the number as the user writes it ("1,250", "twelve", "3万"), in thoughts, answers and expressions
the digits. Numbers, after the name that the templates use:

    2..30   an integer             2..30~  sometimes a decimal       0..9.  a decimal
    b*3..9  a multiple of b        b+3..9  b and 3 to 9 more         <b     an integer below b
    wide    1 to 7 digits          mid     1 to 4 digits             pct    a percentage; {P}: "15%", "fifteen percent"
    root    mostly a square        cube    mostly a cube             frac   a fraction: "two thirds"
    half    n.5 before "hours" or 小时: "8 and a half", "8个半"      year    2 to 5      rate    a small percentage
    price   a small amount         sum     a large amount            zhe    a Chinese discount: "八折"
    last    the last result; last>0, last<>0, last.5 (has decimals), lastsmall: only where that holds

A line "$ total? = What's the total?|How much is that?" lets the file write <total?> for such a choice.
A trailing "$" makes a number an amount of money. Names and things ({name}, {xs} …) are drawn for every question.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from recipes.moss_mini.corpus import calculations_names as names
from recipes.moss_mini.corpus.calculations_numbers import (
    MONEY,
    ONES,
    ORDINALS,
    TENS,
    amount_text,
    draw_number,
    fraction_text,
    half_text,
    number_text,
    ordinal,
    percent_text,
    zhe_text,
)
from recipes.moss_mini.corpus.common import Language, Sampler, Turn

# --- templates ----------------------------------------------------------------------------------------------------


@lru_cache(None)
def _parse(template: str) -> list:
    """A template as a list of texts and of lists of alternatives, each parsed alike."""

    def sequence(at: int, nested: bool) -> tuple[list, int]:
        items: list = []
        text = ""
        while at < len(template):
            sign = template[at]
            if sign == "[":
                if text:
                    items.append(text)
                text, options = "", []
                while True:
                    option, at = sequence(at + 1, True)
                    options.append(option)
                    if template[at] == "]":
                        break
                items.append(tuple(options))
            elif nested and sign in "|]":
                break
            else:
                text += sign
            at += 1
        if text:
            items.append(text)
        return items, at

    try:
        return sequence(0, False)[0]
    except IndexError:
        raise ValueError(f"a [ without its ] in the template {template!r}") from None


def expand(s: Sampler, template: str) -> str:
    """Chooses one of every [a|b] of a template."""
    if "[" not in template:
        return template
    return _walk(s, _parse(template))


def _walk(s: Sampler, items: list) -> str:
    return "".join(x if isinstance(x, str) else _walk(s, x[int(s.random() * len(x))]) for x in items)


# --- kinds of question --------------------------------------------------------------------------------------------


@dataclass
class Phrases:
    """What one language says for a kind of question."""

    thought: str = ""
    answers: list[str] = field(default_factory=list)
    nouns: list[str] = field(default_factory=list)
    imperatives: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


@dataclass
class Kind:
    """A kind of question: its numbers, its canonical expression, and its phrasings in each language."""

    tag: str
    weight: float
    numbers: tuple[tuple[str, str], ...]
    expression: str
    phrases: dict[Language, Phrases] = field(default_factory=dict)

    def draw(self, s: Sampler, language: Language, last: str | None) -> dict[str, str] | None:
        """The digits of every number, or None where this kind cannot use the last result."""
        values: dict[str, str] = {}
        for name, spec in self.numbers:
            spec = spec.rstrip("$")
            if spec.startswith("last"):
                condition = spec[4:]
                value = float(last or 0)
                if (condition == ">0" and value <= 0) or (condition == ".5" and "." not in (last or "")):
                    return None
                if (condition == "small" and not 0.01 < abs(value) < 10_000) or (condition == "<>0" and value == 0):
                    return None
                values[name] = last or ""
            elif spec == "zhe":
                values[name] = s.choice(
                    ("9/10", "8/10", "8/10", "7/10", "6/10", "5/10", "85/100", "95/100", "75/100", "88/100", "68/100")
                )
            else:
                values[name] = draw_number(s, spec, values)
        return values


def read_kinds(text: str) -> list[Kind]:
    """Reads a phrasebook.

    Raises:
        ValueError: a kind without a thought, an answer or a question in a language, with its header line.
    """
    kinds: list[Kind] = []
    phrases = Phrases()
    macros: dict[str, str] = {}
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("$ "):
            name, options = line[2:].split(" = ")
            macros[f"<{name}>"] = f"[{options}]"
            continue
        for name in re.findall(r"<\w+[?？]>", line):
            line = line.replace(name, macros[name])
        if line.startswith("@"):
            tag, weight, numbers, expression = (part.strip() for part in line[1:].split("|"))
            pairs = tuple(tuple(x.split(":", 1)) for x in numbers.split())
            kinds.append(Kind(tag, float(weight), pairs, expression))  # type: ignore[arg-type]
        elif line in ("en", "zh"):
            phrases = kinds[-1].phrases[line] = Phrases()
        elif line.startswith("= "):
            phrases.thought = line[2:]
        else:
            marked = {"> ": phrases.answers, "- ": phrases.nouns, "* ": phrases.imperatives}.get(line[:2])
            (phrases.questions if marked is None else marked).append(line if marked is None else line[2:])
    for kind in kinds:
        for language, p in kind.phrases.items():
            if not (p.thought and p.answers and (p.nouns or p.imperatives or p.questions)):
                raise ValueError(f"{kind.expression!r} lacks a thought, an answer or a question in {language!r}")
    return kinds


def fill_expression(template: str, values: dict[str, str]) -> str:
    """Puts digits into an expression, with brackets round a negative number unless it stands at the very beginning."""
    out = template
    for name, digits in values.items():
        mark = "{" + name + "}"
        while (at := out.find(mark)) >= 0:
            after = out[at + len(mark) :]
            bare = not digits.startswith("-") or ((at == 0 or out[at - 1] in "(,") and not after.startswith("**"))
            out = out[:at] + (digits if bare else f"({digits})") + after
    if "f" in values:
        out = out.replace("*1/", "/")  # a third of 90 is 90/3
    return out


_SIGNS = re.compile(r"[\^*√°²³!]|\}%|\}:|:\{|\(\{|\}'|\}/\{|1/\{")  # number words do not go with these
_TWO = re.compile(  # 两个, not 二个
    r"(?<![十百千万点第之零乘加减以])二(?=[个只名位本张朵颗块支件把盒瓶天周次种小岁箱袋包排层段份组辆双台根套棵颗幅枚卷碗粒串束桶罐匹头片条户家公斤])"
)


def say(s: Sampler, language: Language, kind: Kind, values: dict[str, str]) -> Turn:
    """A turn of this kind with these numbers."""
    phrases = kind.phrases[language]
    expression = fill_expression(kind.expression, values)

    # 1. The phrasing: a whole question, or a noun phrase or an imperative in a frame.
    pools = [p for p in (phrases.questions, phrases.nouns, phrases.imperatives) if p]
    pool = s.choices(pools, [len(p) * (1 if p is phrases.questions else 2) for p in pools])[0]
    template = expand(s, s.phrasing(pool))
    signs = _SIGNS.search(template)
    if pool is phrases.nouns and s.random() < 0.15:
        pass  # as terse as "15% of 240" or "√144"
    elif pool is phrases.nouns:
        template = expand(s, s.phrasing(names.FRAMES[language])).replace("{e}", template)
    elif pool is phrases.imperatives:
        template = expand(s, s.phrasing(names.ORDERS[language])).replace("{e}", template)

    # 2. The numbers as the user writes them.
    mode = "plain" if signs else s.choices(("plain", "comma", "words", "mixed"), (70, 11, 8, 11))[0]
    currency, shown = s.choice(MONEY[language])
    slots = {}
    for name, spec in kind.numbers:
        digits = values[name]
        if spec in ("pct", "rate"):
            slots[name] = digits
            slots[name.upper()] = percent_text(s, digits, language)
        elif spec == "frac":
            slots[name] = fraction_text(s, digits, language)
        elif spec == "half":
            slots[name] = half_text(s, digits, language)
        elif spec == "zhe":
            slots[name] = zhe_text(s, digits)
        elif spec.endswith("$"):
            slots[name] = amount_text(s, digits, language, mode, currency)
        else:
            slots[name] = number_text(s, digits, language, mode)
            slots.setdefault(name[0].upper(), digits.zfill(2))  # minutes on a clock
            if name == "n" and language == "en":
                slots["nth"] = ordinal(s, int(digits))
    cast = names.draw(s, language)
    text = template.format_map(cast | slots)
    if language == "zh" and "二" in text:
        text = _TWO.sub("两", text)
    question = dress(s, language, text, kind.tag == "follow_up")

    # 3. Thought and answer use digits.
    plain = cast | values | {"e": expression}
    thought = phrases.thought.format_map(plain)
    answer = expand(s, s.phrasing(phrases.answers))
    plain["r"] = "{r}"
    plain["R"] = shown.format("{r}")
    answer = answer.format_map(plain)
    return Turn(
        human=question,
        answer=lambda result: answer.replace("{r}", result),
        thoughts=thought,
        commands=(("Calculate", expression),),
        tag=kind.tag,
    )


# --- dressing -----------------------------------------------------------------------------------------------------

FULL_WIDTH = str.maketrans("0123456789+=?.()%", "０１２３４５６７８９＋＝？．（）％")
TRADITIONAL = str.maketrans(
    "请问个买卖几钱还时间长宽圆积数余总共车边体价涨现开帮计结换华摄们这样两对么后会单给实减数项来过书块吗",
    "請問個買賣幾錢還時間長寬圓積數餘總共車邊體價漲現開幫計結換華攝們這樣兩對麼後會單給實減數項來過書塊嗎",
)
_WORD = re.compile(r"[a-z]{5,}")
_NAME = re.compile(r"[A-Z]{2}|I\b|[A-Z][a-z]+ [a-z]+s ")  # keeps its capital after an opener


def dress(s: Sampler, language: Language, question: str, follows: bool = False) -> str:
    """A question as it is typed: opener, capitals, punctuation, spaces, now and then a slip of the finger.

    A question that `follows` another gets a word that ties it to the last one ("ok, ") rather than a greeting.
    """
    if s.random() < (0.1 if follows else 0.2):
        opener = s.choice(names.LINKS[language]) if follows else expand(s, s.phrasing(names.OPENERS[language]))
        if opener.rstrip()[-1:] not in ".!?" and s.random() < 0.8 and not _NAME.match(question):
            question = question[0].lower() + question[1:]
        question = opener + question
    elif s.random() < 0.15:
        question = noise(s, language, question)
    if language == "zh":
        return _dress_chinese(s, question)
    if s.random() < 0.08 and question[-1] in "?.":
        question = question[: -1 if s.random() < 0.2 else None] + expand(s, s.phrasing(names.CLOSERS["en"]))
    style = s.random()
    if style < 0.27:
        question = question.lower()
    elif style < 0.285:
        question = question.upper()
    elif style < 0.85:
        question = question[0].upper() + question[1:]
    end = s.random()
    if end < 0.25:
        question = question.rstrip("?. " if re.search(r"\d!\W*$", question) else "?.! ")  # 4! stays a factorial
    elif end < 0.28 and question[-1] == "?":
        question += s.choice(("?", "!", "??")) if end < 0.265 else ""
    elif end < 0.30 and question[-1] == "?":
        question = question[:-1] + " ?"
    if s.random() < 0.05:
        question = slip(s, question)
    if s.random() < 0.03:
        question = s.choice((question + " ", " " + question, question.replace(" ", "  ", 1)))
    if s.random() < 0.05:
        question = question.replace("'", "’" if s.random() < 0.6 else "")
    return question


def noise(s: Sampler, language: Language, question: str) -> str:
    """The question with a filler or a sentence without numbers before it, or with such a sentence behind it."""
    where = s.choices(("words", "front", "behind"), (35, 45, 20))[0]
    said = s.phrasing(names.NOISE[where, language])
    if language == "zh":
        if where != "behind":
            return (
                said[:-1] + "。" if said[-1] == "，" and where == "front" and s.random() < 0.25 else said
            ) + question
        return question.rstrip("。？?") + (s.choice(("？", "？", "。", "")) or "，")[:1] + said[1:]
    if where == "behind":
        end = s.choice((".", ".", "?", ",")) if question[-1].isalnum() or question[-1] == "}" else ""
        return f"{question}{end} {said}"
    if said[-1] not in ".!?:" and not _NAME.match(question):
        question = question[0].lower() + question[1:]
    return f"{said} {question}"


def slip(s: Sampler, question: str) -> str:
    """Swaps, drops or doubles one letter of one longer word that is not a number word."""
    words = [m for m in _WORD.finditer(question) if m.group() not in NUMBER_WORDS]
    if not words:
        return question
    word = s.choice(words)
    at = s.randint(word.start() + 1, word.end() - 2)
    kind = s.random()
    if kind < 0.5:
        return question[:at] + question[at + 1] + question[at] + question[at + 2 :]
    return question[:at] + (question[at + 1 :] if kind < 0.8 else question[at] + question[at:])


NUMBER_WORDS = {
    *ONES,
    *TENS,
    *ORDINALS,
    *(f"{x}s" for x in ORDINALS),
    "hundred",
    "thousand",
    "million",
    "quarter",
    "quarters",
}


def _dress_chinese(s: Sampler, question: str) -> str:
    if s.random() < 0.06:
        question = question.rstrip("。？?") + expand(s, s.phrasing(names.CLOSERS["zh"]))
    end = s.random()
    if end < 0.28:
        question = question.rstrip("。？?！")
    elif end < 0.42:
        question = question.replace("？", "?")
    if s.random() < 0.12 and not re.search(r"\d,\d|\d，\d", question):  # half-width punctuation, or spaces for it
        question = question.replace("，", s.choice((",", ",", " ", ", "))).replace("。", s.choice((".", " ", "。")))
    if s.random() < 0.1:
        question = re.sub(r"(?<=[一-鿿])(?=[\d-])|(?<=\d)(?=[一-鿿])", " ", question)
    if s.random() < 0.04:
        question = question.translate(FULL_WIDTH)
    if s.random() < 0.025:
        question = question.translate(TRADITIONAL)
    return question

"""More word problems that end in one `Solve(...)`: the families of `equation_wide_stories.py`, with many settings each.

A family's head names its weight, its equation, the numbers to draw ("a=2..9"), those that follow from them ("c=a*x+b"),
the conditions on them ("!c>0") and the list that people and things come from ("@shop"). x and y are the solution. The
lines below it are as in `equation_stories.py`; a question with {e} shows the equation itself, in a letter {v}.
"""
# ruff: noqa: SIM905

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from recipes.moss_mini.corpus.common import Sampler, Turn
from recipes.moss_mini.corpus.equation_text import (
    Numbers,
    either,
    equation_text,
    parse_result,
    result_in_words,
    roughen,
    shown_number,
    spelled,
)
from recipes.moss_mini.corpus.equation_typing import bare, typed
from recipes.moss_mini.corpus.equation_wide_last import LAST_FAMILIES
from recipes.moss_mini.corpus.equation_wide_more import MORE_FAMILIES
from recipes.moss_mini.corpus.equation_wide_stories import FAMILIES, LISTS
from recipes.moss_mini.corpus.phrasebook import expand

ORDINALS = dict(enumerate("half third fourth fifth sixth seventh eighth ninth tenth".split(), 2))
LETTERS = "xxxxnnwtmakyzb"


@dataclass
class Family:
    """One structure of word problem: its equation, its numbers, and by language its situations and questions."""

    weight: float
    equation: str
    numbers: list[str]
    things: str
    meanings: dict[str, list[str]] = field(default_factory=dict)
    situations: dict[str, list[str]] = field(default_factory=dict)
    groups: dict[str, list[tuple[list[str], list[str]]]] = field(default_factory=dict)


def read_families(text: str) -> list[Family]:
    """Reads the notation of `equation_wide_stories.py`.

    Raises:
        ValueError: a line that begins with none of its signs.
    """
    families: list[Family] = []
    language, asks = "en", []
    for line in filter(None, map(str.strip, text.splitlines())):
        sign, _, rest = line.partition(" ")
        if sign == "@":
            weight, equation, numbers = (part.strip() for part in rest.split("|"))
            words = numbers.split()
            things = next((word[1:] for word in words if word[0] == "@"), "")
            families.append(Family(float(weight), equation, [w for w in words if w[0] != "@"], things))
        elif line in ("en", "zh"):
            language = line
            families[-1].situations[language], families[-1].groups[language] = [], []
        elif sign == "=":
            families[-1].meanings[language] = [part.strip() for part in rest.split("|")]
        elif sign == ".":
            families[-1].situations[language].append(rest)
        elif sign in ("?", "*"):
            asks.append(line)
        elif sign == ">":
            families[-1].groups[language].append((asks, [part.strip() for part in rest.split(" / ")]))
            asks = []
        else:
            raise ValueError(f"the line {line!r} begins with none of @ en zh = . ? * >")
    return families


ALL = read_families(FAMILIES + MORE_FAMILIES + LAST_FAMILIES)
WEIGHTS = [family.weight for family in ALL]


@cache
def _formula(text: str) -> Callable[[Numbers], int]:
    code = compile(text, "equation_wide_stories", "eval")
    return lambda numbers: eval(code, {}, numbers)  # formulas of our own templates, never text from outside


def _draw(s: Sampler, specs: list[str], known: Numbers) -> Numbers:
    """Numbers that fit all conditions of the family."""
    while True:
        numbers = dict(known)
        for spec in specs:
            if spec[0] == "!":
                if not _formula(spec[1:])(numbers):
                    break
                continue
            name, _, value = spec.partition("=")
            if ".." in value:
                low, high = value.split("..")
                numbers[name] = s.integer(int(low), int(high))
            elif "," in value:
                numbers[name] = int(s.choice(value.split(",")))
            else:
                numbers[name] = _formula(value)(numbers)
        else:
            return numbers


def _things(s: Sampler, language: str, kind: str) -> tuple[dict[str, str], Numbers]:
    """Names {n} {m} and things {p} {q} (with {p1}, {pc}: singular, Chinese measure word); what numbers they bring."""
    zh = language == "zh"
    names = s.sample(LISTS["names_" + language].split(), 2)
    slots, numbers = {"n": names[0], "m": names[1]}, {}
    if not kind:
        return slots, numbers
    pair = s.sample([entry.split(",") for entry in LISTS[kind].split(";")], 2)
    if kind in ("wheels", "legs"):
        pair = s.sample([entry.split(",") for entry in LISTS[kind].split(";")], 2)
        while pair[0][2] == pair[1][2]:
            pair = s.sample([entry.split(",") for entry in LISTS[kind].split(";")], 2)
        for key, count, (many, thing, size) in zip("pq", "ab", pair, strict=True):
            slots[key], numbers[count] = thing if zh else many, int(size)
        return slots, numbers
    for key, (one, many, measure, thing) in zip("pq", pair, strict=True):
        slots |= {key: thing if zh else many, key + "1": one, key + "c": measure}
    return slots, numbers


def _counted(s: Sampler, language: str, numbers: Numbers, slots: dict[str, str]) -> dict[str, str]:
    """{ap} {bq} {cp} {dq}: "2 pens", "one pencil", in one question of three with the number as a word."""
    words, out = s.random() < 0.35, {}
    for count, key in zip("abcd", "pqpq", strict=True):
        if count not in numbers or key + "1" not in slots:
            continue
        size = numbers[count]
        shown = spelled(size, language) if words else str(size)
        if language == "zh":
            out[count + key] = ("一" if words and size == 1 else shown) + slots[key + "c"] + slots[key]
        elif size == 1:
            one = slots[key + "1"]
            article = "an" if one[0] in "aeiou" else "a"
            out[count + key] = f"{s.choice(('one', article, article)) if words else 1} {one}"
        else:
            out[count + key] = f"{shown} {slots[key]}"
    return out


def wide_problem(s: Sampler, language: str) -> tuple[Turn, Numbers]:
    """A word problem of these families, and the solution that it was built from."""
    family = s.choices(ALL, WEIGHTS)[0]
    things, brought = _things(s, language, family.things)
    drawn = _draw(s, family.numbers, brought)
    numbers = {key: value for key, value in drawn.items() if key not in ("x", "y")}
    equation = equation_text(family.equation, numbers)
    zh = language == "zh"

    groups = family.groups[language]
    situations = family.situations[language]
    asks, answers = s.choices(groups, [len(asks) + 1 for asks, _ in groups])[0]
    ask = s.phrasing(asks)
    template = expand(s, ask[2:])
    if ask[0] == "?":
        template = expand(s, s.phrasing(situations)) + ("" if zh else " ") + template
    shown = things | {key: shown_number(value) for key, value in numbers.items()}
    slots = shown | _counted(s, language, numbers, things)
    if numbers.get("a") in ORDINALS:
        slots["o"] = ORDINALS[numbers["a"]]
    if s.random() < 0.12 and not re.search(r"[/$€]\{|\{\w\}([sp]\b|-)|:\{", template):
        slots |= {k: spelled(v, language) for k, v in numbers.items() if 0 < v <= 30 and s.random() < 0.8}

    letter = "x"
    given = "{e}" in template
    if given or "{v}" in template:
        letter = "x" if ";" in equation else s.choice(LETTERS)
        equation = equation.replace("x", letter)
        show = typed if s.random() < 0.35 else bare
        slots |= {"e": show(s, equation, language), "v": letter}
    first = re.match(r"\{(\w+)\}", template)
    if first and not zh and first[1] not in "ev":
        slots["_"] = slots[first[1]][0].upper() + slots[first[1]][1:]
        template = "{_}" + template[first.end() :]
    human = roughen(s, template, language, slots, plain=0.5)

    human = human if zh else _articles(human, things)
    meanings = [meaning.format_map(shown) for meaning in family.meanings[language]]
    meanings = meanings if zh else [_articles(meaning, things) for meaning in meanings]
    if given:
        thoughts = f"方程已给出：{equation}。" if zh else f"The equation is given: {equation}."
    elif zh:
        thoughts = (
            f"设{letter}为{meanings[0]}" + (f"，y为{meanings[1]}" if len(meanings) > 1 else "") + f"：{equation}。"
        )
    else:
        thoughts = (
            f"Let {letter} be {meanings[0]}" + (f" and y {meanings[1]}" if len(meanings) > 1 else "") + f": {equation}."
        )
    answer = _answer(language, s.phrasing(answers), shown, letter)
    roots = {letter if key == "x" else key: drawn[key] for key in ("x", "y") if key in drawn and key in family.equation}
    return Turn(human, answer, thoughts, (("Solve", equation),), "equation_word"), roots


def _articles(text: str, things: dict[str, str]) -> str:
    """ "an egg" for "a egg"."""
    for key in ("p1", "q1"):
        if things.get(key, " ")[0] in "aeiou":
            text = re.sub(rf"\b([Aa]) (?={things[key]}\b)", r"\1n ", text)
    return text


def _answer(language: str, template: str, things: dict[str, str], letter: str) -> Callable[[str], str]:
    """{x} is the larger root where there are two, {all} every root, {x+1} and {x+2} the numbers after it."""

    def answer(result: str) -> str:
        solutions = parse_result(result)
        if not solutions:
            return result_in_words(result, language)
        values = {("x" if name == letter else name): value for name, value in solutions[-1]}
        if "x" not in values:
            return result_in_words(result, language)
        whole = re.fullmatch(r"-?\d+", values["x"])
        for step in (1, 2):
            values[f"x{step}"] = str(int(values["x"]) + step) if whole else values["x"]
        values["lo"] = next(iter(dict(solutions[0]).values()))
        values["all"] = either(language).join(v for [(_, v), *_] in solutions)
        text = template.format_map(things | values | {"v": letter})
        text = _articles(text, things) if language == "en" else text
        return text if language == "zh" or re.match(r"[a-z] (=|is) ", text) else text[0].upper() + text[1:]

    return answer


if __name__ == "__main__":
    from plugins.equation_solver import solve

    sampler = Sampler(4)
    for index in range(100):
        sample, _ = wide_problem(sampler, "en" if index % 2 else "zh")
        reply = sample.answer(*(solve(argument) for _, argument in sample.commands))
        print(f"{sample.human!r}\n    {sample.thoughts}\n    {reply}")

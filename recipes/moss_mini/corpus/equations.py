"""Questions that end in one `Solve(...)`: linear and quadratic equations, systems, word problems, a few others.

A question is made in four steps: draw the equation in its canonical form (equation_forms.py), write it as people
type it (equation_typing.py), put it into a phrasing (equation_phrasings.py and equation_phrasings_more.py), and
roughen the whole (`roughen` in equation_text.py). The canonical form, the argument of the command, is ASCII without
spaces, with "^" for powers and ";" between the equations of a system. It copies what was typed as literally as
possible ("3x" stays "3x", "×" becomes "*"), because a small model copies better than it rearranges. Word problems
are in equation_words.py and equation_puzzles.py.

    python -m recipes.moss_mini.corpus.equations        # from the repository's root: prints samples
"""

import re
from collections.abc import Callable
from functools import cache

from recipes.moss_mini.corpus import equation_phrasings as phrasings
from recipes.moss_mini.corpus import equation_phrasings_more as more
from recipes.moss_mini.corpus.common import Sampler, Turn
from recipes.moss_mini.corpus.equation_forms import (
    LETTERS,
    PAIRS,
    Equation,
    gap_equation,
    higher,
    linear,
    quadratic,
    system,
)
from recipes.moss_mini.corpus.equation_puzzles import PUZZLE_ANSWERS
from recipes.moss_mini.corpus.equation_text import either, parse_result, result_in_words, roughen
from recipes.moss_mini.corpus.equation_typing import bare, explicit, typed, typed_gap, typed_system
from recipes.moss_mini.corpus.equation_wide import wide_problem
from recipes.moss_mini.corpus.equation_words import word_problem


def _answer(s: Sampler, language: str, only: str | None = None) -> Callable[[str], str]:
    """The function from a result to an answer; its choices are drawn now, so that a seed fixes the whole turn."""
    form = s.phrasing(phrasings.ANSWERS[language])
    zh = language == "zh"
    within = s.choice(("，", "，", "，", ", ")) if zh else s.choice((" and ", ", "))
    between = s.choice((" 或 ", "，", "，")) if zh else s.choice((" or ", " or ", " and ", ", "))

    def answer(result: str) -> str:
        solutions = parse_result(result)
        if not solutions or "i" in solutions[0][0][1]:
            return result_in_words(result, language)
        if only:
            solutions = [[pair for pair in solution if pair[0] == only] for solution in solutions]
        return form.format(r=between.join(within.join(f"{n} = {x}" for n, x in solution) for solution in solutions))

    return answer


@cache
def _asks(language: str, tag: str) -> tuple[str, ...]:
    return (
        phrasings.ASK_ONE[language]
        + {"linear": phrasings.ASK_LINEAR, "quadratic": phrasings.ASK_QUADRATIC}[tag][language]
    )


def _one_unknown(s: Sampler, language: str, equation: Equation) -> str:
    left, right = equation.text.split("=")
    slots = {"v": equation.unknowns}
    style = s.random()
    if right == "0" and style < 0.2:
        return roughen(s, s.phrasing(phrasings.ASK_ZERO[language]), language, slots | {"l": typed(s, left, language)})
    if style < 0.14:
        sides = {"l": typed(s, left, language), "r": typed(s, right, language)}
        return roughen(s, s.phrasing(phrasings.ASK_SIDES[language]), language, slots | sides)
    if equation.tag == "quadratic" and style < 0.4:
        ask = s.phrasing(phrasings.ASK_QUADRATIC[language])
    else:
        ask = s.phrasing(_asks(language, equation.tag)) if s.random() < 0.9 else "{e}"
    return roughen(s, ask, language, slots | {"e": typed(s, equation.text, language)})


def _gap_turn(s: Sampler, language: str) -> Turn:
    """A number is missing: 5 + ? = 12."""
    text = gap_equation(s)
    gap = typed_gap(s, text, "x", language)
    human = roughen(s, s.phrasing(phrasings.ASK_GAP[language]), language, {"e": gap}, plain=0.5)
    thoughts = f"Call the missing number x: {text}." if language == "en" else f"设缺的数为x：{text}。"
    return Turn(human, _value_answer(s, language, phrasings.GAP_ANSWERS), thoughts, (("Solve", text),), "linear")


WHICH = {"positive": "正", "negative": "负", "larger": "较大", "smaller": "较小"}


def _root_turn(s: Sampler, language: str, equation: Equation) -> Turn | None:
    """Only one of the two roots is wanted; None where the equation has no two such roots."""
    low, high = sorted(equation.roots)
    if low == high:
        return None
    which = s.choice(("larger", "smaller") if low * high >= 0 else ("positive", "positive", "negative", "larger"))
    slots = {"e": typed(s, equation.text, language), "v": equation.unknowns}
    human = roughen(s, s.phrasing(phrasings.ASK_ROOT[language][which]), language, slots)
    shown = which if language == "en" else WHICH[which] + ("的" if len(WHICH[which]) > 1 else "")
    thoughts = (
        f"Solve {equation.text} and take the {which} root." if language == "en" else f"解{equation.text}，取{shown}根。"
    )
    take = (lambda values: values[-1]) if which in ("positive", "larger") else (lambda values: values[0])
    answer = _value_answer(s, language, phrasings.ROOT_ANSWERS, take, which=shown)
    return Turn(human, answer, thoughts, (("Solve", equation.text),), "quadratic")


def _value_answer(
    s: Sampler, language: str, forms: dict, take: Callable[[list[str]], str] | None = None, **slots: str
) -> Callable[[str], str]:
    """An answer with bare values: all of them, or the one that `take` chooses from the ascending list."""
    form = s.phrasing(forms[language])

    def answer(result: str) -> str:
        solutions = parse_result(result)
        if not solutions or "i" in solutions[0][0][1]:
            return result_in_words(result, language)
        values = [value for [(_, value)] in solutions]
        return form.format(r=take(values) if take else either(language).join(values), **slots)

    return answer


OTHER_LANGUAGE = {
    "en": ("Answer in Chinese: ", "Please answer in Chinese: ", "In Chinese please: ", "Reply in Chinese. "),
    "zh": ("请用英文回答：", "用英语回答：", "请用英语回答，", "用英文回答我："),
}
BARE = {"linear": 0.18, "system": 0.2, "quadratic": 0.1}  # how many are typed with nothing else


def _equation_turn(s: Sampler, language: str, equation: Equation) -> Turn:
    equation.text = explicit(s, equation.text)
    if equation.tag == "quadratic" and equation.roots and len(equation.roots) == 2 and s.random() < 0.06:
        found = _root_turn(s, language, equation)
        if found:
            return found
    v, only = equation.unknowns, None
    if s.random() < BARE[equation.tag]:
        human = bare(s, equation.text, language) + s.choice(("", "", "", "", "", "?", "."))
    elif equation.tag != "system":
        human = _one_unknown(s, language, equation)
    else:
        slots = {"e": typed_system(s, equation.text, language), "v": v[0], "w": v[1]}
        if s.random() < 0.08:
            only = slots["v"] = s.choice(v)
            asks = more.ASK_SYSTEM_ONE
        else:
            asks = more.ASK_SYSTEM
        human = roughen(s, s.phrasing(asks[language]), language, slots)
    wanted = only or (" and " if language == "en" else "和").join(v)
    thoughts = s.phrasing(phrasings.THOUGHTS[language]).format(v=wanted, q=equation.text)
    if s.random() < 0.006:  # the answer is wanted in the other language
        human = s.phrasing(OTHER_LANGUAGE[language]) + human
        language = "zh" if language == "en" else "en"
    return Turn(human, _answer(s, language, only), thoughts, (("Solve", equation.text),), equation.tag)


ASK_HIGHER = {
    "en": (
        *("solve {e}", "Solve {e}.", "Solve the equation {e}", "Solve: {e}", "Find {v}: {e}"),
        *("What is {v} if {e}?", "{e}, find {v}", "Can you solve {e}?", "Solve for {v}: {e}"),
    ),
    "zh": (
        *("解方程{e}", "解{e}", "求解{e}", "{e}，求{v}", "{e}，{v}是多少？", "如果{e}，{v}等于多少？"),
        *("求{v}：{e}", "帮我解{e}", "{e}怎么解？", "解方程：{e}"),
    ),
}


def _higher_turn(s: Sampler, language: str) -> Turn:
    equation = higher(s)
    comma, last = (", ", " and ") if language == "en" else ("、", "和")
    v = last.join(filter(None, (comma.join(equation.unknowns[:-1]), equation.unknowns[-1])))
    shown = bare(s, equation.text, language)
    ask = "{e}" if s.random() < 0.4 else s.phrasing(ASK_HIGHER[language])
    human = roughen(s, ask, language, {"e": shown, "v": v}, plain=0.5)
    thoughts = s.phrasing(phrasings.THOUGHTS[language]).format(v=v, q=equation.text)
    return Turn(human, _answer(s, language), thoughts, (("Solve", equation.text),), equation.tag)


def _follow_up(s: Sampler, language: str, last: str) -> Turn:
    """An equation whose right side is the last result of the conversation."""
    v, a, b = s.choice(LETTERS), s.randint(2, 9), s.randint(1, 20)
    ref = s.phrasing(more.REFERENCES[language])
    kind = s.random()
    if kind < 0.25:
        return _follow_up_words(s, language, last, ref)
    if kind < 0.35:
        return _follow_up_system(s, language, last, ref)
    if kind < 0.45:
        text = s.choice((f"#+{v}={b * 10}", f"#-{v}={b}", f"#*{v}={a * b}", f"{v}+#={b * 5}", f"{v}-#={b}"))
        shown = text if language == "zh" else re.sub(r"([+*=-])", r" \1 ", text)
        shown = shown.replace("*", s.choice(("*", "×"))).replace("#", ref)
        text = text.replace("-#", f"-({last})" if last[0] == "-" else f"-{last}").replace("#", last)
        human = roughen(s, s.phrasing(phrasings.ASK_ONE[language]), language, {"e": shown, "v": v}, plain=0.5)
        return Turn(human, _answer(s, language), _because(language, ref, last, text), (("Solve", text),), "linear")
    shapes = (
        [f"{v}^2"] * 4
        + [f"{a}{v}"] * 4
        + [f"{v}+{b}", f"{v}-{b}", f"{a}{v}+{b}", f"{a}{v}+{b}", f"{a}{v}-{b}", f"{v}/{a}"]
    )
    shapes += [
        f"{a}({v}+{b})",
        f"{v}^2+{b}",
        f"{a}{v}^2",
        f"{v}^2-{v}",
        f"{b}-{v}",
        f"{b}+{v}",
        f"{v}^2+{a}{v}",
        f"({v}-{b})/{a}",
    ]
    left = explicit(s, s.choice(shapes))
    slots = {"l": typed(s, left, language), "v": v, "ref": ref}
    text = f"{left}={last}"
    thoughts = _because(language, ref, last, text)
    human = roughen(s, s.phrasing(more.ASK_LAST[language]), language, slots, plain=0.5)
    return Turn(human, _answer(s, language), thoughts, (("Solve", text),), "quadratic" if "^2" in left else "linear")


def _follow_up_words(s: Sampler, language: str, last: str, ref: str) -> Turn:
    left, asks = s.choice(list(more.ASK_LAST_WORDS.items()))
    numbers = {"a": str(s.randint(2, 9)), "b": str(s.randint(1, 20))}
    text = f"{left.format_map(numbers)}={last}"
    human = roughen(s, s.phrasing(asks[language]), language, numbers | {"ref": ref}, plain=0.5)
    answer = _value_answer(s, language, PUZZLE_ANSWERS)
    tag = "quadratic" if "^2" in left else "linear"
    return Turn(human, answer, _because(language, ref, last, text), (("Solve", text),), tag)


def _follow_up_system(s: Sampler, language: str, last: str, ref: str) -> Turn:
    v, w = s.choice(PAIRS)
    d, k = s.randint(1, 12), s.randint(2, 5)
    other = s.choice((f"{v}-{w}={d}", f"{v}-{w}={d}", f"{v}={k}{w}", f"{v}={w}+{d}"))
    text = f"{v}+{w}={last};{other}"
    first = s.choice((f"{v}+{w}={ref}", f"{v} + {w} = {ref}"))
    joint = s.choice((", ", " and ", "; ") if language == "en" else ("，", "，", "；", "和"))
    slots = {"e": first + joint + typed(s, other, language), "v": v, "w": w}
    human = roughen(s, s.phrasing(more.ASK_SYSTEM[language]), language, slots, plain=0.5)
    return Turn(human, _answer(s, language), _because(language, ref, last, text), (("Solve", text),), "system")


def _because(language: str, ref: str, last: str, text: str) -> str:
    if language == "zh":
        return f"{ref}是{last}，解{text}。"
    return f"{ref[0].upper()}{ref[1:]} is {last}, so I solve {text}."


def turn(s: Sampler, language: str, last: str | None) -> Turn:
    """One question with its Solve command. `last` is the last result as shown; one turn in ten then builds on it."""
    if last is not None and re.fullmatch(r"-?\d+(\.\d+)?", last) and s.random() < 0.1:
        return _follow_up(s, language, last)
    kind = s.random()
    if kind < 0.15:
        return word_problem(s, language)[0]
    if kind < 0.3:
        return wide_problem(s, language)[0]
    if kind < 0.316:
        return _gap_turn(s, language)
    if kind > 0.97:
        return _higher_turn(s, language)
    return _equation_turn(s, language, linear(s) if kind < 0.54 else quadratic(s) if kind < 0.77 else system(s))


if __name__ == "__main__":
    from plugins.equation_solver import solve

    sampler = Sampler(2)
    for index in range(120):
        sample = turn(sampler, "en" if index < 60 else "zh", "84" if index % 3 == 0 else None)
        reply = sample.answer(*(solve(argument) for _, argument in sample.commands))
        print(f"[{sample.tag}] {sample.human!r}\n    {sample.thoughts}\n    {sample.commands[0][1]}\n    {reply}")

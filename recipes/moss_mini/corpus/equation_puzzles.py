"""Puzzles about one number: "5 more than twice a number is 17. What is the number?"

A puzzle is a phrase for the left side of an equation, from PUZZLES, in a frame from FRAMES.
"""

import re

from recipes.moss_mini.corpus.common import Sampler, Turn
from recipes.moss_mini.corpus.equation_phrasings import table
from recipes.moss_mini.corpus.equation_text import (
    Numbers,
    either,
    equation_text,
    number_slots,
    parse_result,
    result_in_words,
    roughen,
)

# What is wanted, {n}, and the left side of the equation in words. {a} > 1 and {b} are numbers.
PUZZLES: dict[str, dict[str, tuple[str, ...]]] = {
    "x+{b}": {
        "en": table("{n} plus {b} | {b} more than {n} | {b} added to {n} | the sum of {n} and {b} | {n} increased by {b} | {n} and {b} together | {b} plus {n}"),
        "zh": table("{n}加{b} | {n}加上{b} | 比{n}多{b}的数 | {n}与{b}的和 | {n}增加{b} | {b}加{n}"),
    },
    "x-{b}": {
        "en": table("{n} minus {b} | {b} less than {n} | {b} subtracted from {n} | {n} decreased by {b} | {n} less {b} | {n} reduced by {b}"),
        "zh": table("{n}减{b} | {n}减去{b} | 比{n}少{b}的数 | {n}与{b}的差 | {n}减少{b}"),
    },
    "{b}-x": {"en": table("{b} minus {n} | {n} subtracted from {b} | {b} less {n}"), "zh": table("{b}减{n} | {b}减去{n} | 从{b}里减去{n}")},
    "{a}x": {
        "en": table("{a} times {n} | {n} times {a} | {n} multiplied by {a} | the product of {a} and {n}"),
        "zh": table("{n}的{a}倍 | {n}乘{a} | {n}乘以{a} | {a}乘{n} | {a}与{n}的积 | {a}倍的{n}"),
    },
    "2x": {"en": table("twice {n} | double {n} | {n} doubled | two times {n}"), "zh": table("{n}的两倍 | {n}的2倍 | {n}翻倍 | {n}的二倍")},
    "3x": {"en": table("three times {n} | triple {n} | {n} tripled | 3 times {n}"), "zh": table("{n}的三倍 | {n}的3倍")},
    "x/{a}": {"en": table("{n} divided by {a} | {n} over {a} | the quotient of {n} and {a}"), "zh": table("{n}除以{a} | {n}的{a}分之一 | {a}除{n}")},
    "x/2": {"en": table("half of {n} | half {n} | one half of {n} | {n} halved"), "zh": table("{n}的一半 | {n}的二分之一")},
    "x/3": {"en": table("a third of {n} | one third of {n}"), "zh": table("{n}的三分之一 | {n}的1/3")},
    "x/4": {"en": table("a quarter of {n} | one fourth of {n} | one quarter of {n}"), "zh": table("{n}的四分之一 | {n}的1/4")},
    "{a}x+{b}": {
        "en": table("{a} times {n} plus {b} | {b} more than {a} times {n} | {n} times {a} plus {b} | {b} added to {a} times {n} | the sum of {a} times {n} and {b} | {n} multiplied by {a} plus {b} | {a} times {n} increased by {b} | {n} multiplied by {a} and increased by {b}"),
        "zh": table("{n}的{a}倍加{b} | {n}的{a}倍加上{b} | {n}的{a}倍再加{b} | {n}乘{a}加{b} | {n}乘以{a}再加{b} | 比{n}的{a}倍多{b}的数 | {n}的{a}倍与{b}的和 | {n}的{a}倍多{b}"),
    },
    "2x+{b}": {"en": table("twice {n} plus {b} | {b} more than twice {n} | double {n} plus {b} | {n} doubled plus {b} | {n} doubled and increased by {b}"), "zh": table("{n}的两倍加{b} | {n}的2倍加上{b} | {n}的两倍多{b} | {n}的二倍再加{b}")},
    "{a}x-{b}": {
        "en": table("{a} times {n} minus {b} | {b} less than {a} times {n} | {n} times {a} minus {b} | {a} times {n} decreased by {b} | {n} multiplied by {a} minus {b} | the difference of {a} times {n} and {b}"),
        "zh": table("{n}的{a}倍减{b} | {n}的{a}倍减去{b} | {n}乘{a}减{b} | {n}乘以{a}再减去{b} | 比{n}的{a}倍少{b}的数 | {n}的{a}倍与{b}的差 | {n}的{a}倍少{b}"),
    },
    "2x-{b}": {"en": table("twice {n} minus {b} | {b} less than twice {n} | double {n} minus {b} | {n} doubled minus {b}"), "zh": table("{n}的两倍减{b} | {n}的2倍减去{b} | {n}的两倍少{b}")},
    "{a}(x+{b})": {"en": table("{a} times the sum of {n} and {b} | the sum of {n} and {b} times {a} | the sum of {n} and {b} multiplied by {a}"), "zh": table("{n}与{b}的和的{a}倍 | {n}加{b}的和乘{a} | {n}加上{b}再乘{a} | {n}加{b}后的{a}倍")},
    "{a}(x-{b})": {"en": table("{a} times the difference of {n} and {b} | the difference of {n} and {b} multiplied by {a}"), "zh": table("{n}与{b}的差的{a}倍 | {n}减{b}的差乘{a} | {n}减去{b}再乘{a}")},
    "x/2+{b}": {"en": table("half of {n} plus {b} | {b} more than half of {n} | half {n} plus {b}"), "zh": table("{n}的一半加{b} | {n}的一半多{b} | {n}的一半再加{b}")},
    "x/{a}-{b}": {"en": table("{n} divided by {a} minus {b} | {b} less than {n} divided by {a}"), "zh": table("{n}除以{a}减{b} | {n}除以{a}再减{b}")},
    "x+2x": {"en": table("the sum of {n} and its double | {n} plus twice itself | {n} and its double together"), "zh": table("{n}与它的两倍的和 | {n}加上它的2倍")},
    "x+{a}x": {"en": table("the sum of {n} and {a} times itself | {n} plus {a} times itself"), "zh": table("{n}与它的{a}倍的和 | {n}加上它的{a}倍")},
    "x+x/2": {"en": table("the sum of {n} and its half | {n} plus half of itself | {n} plus its half"), "zh": table("{n}与它的一半的和 | {n}加上它的一半")},
    "2x/3": {"en": table("two thirds of {n} | 2/3 of {n}"), "zh": table("{n}的三分之二 | {n}的2/3")},
    "3x/4": {"en": table("three quarters of {n} | 3/4 of {n} | three fourths of {n}"), "zh": table("{n}的四分之三 | {n}的3/4")},
    "x^2": {"en": table("{n} squared | the square of {n} | {n} times itself | {n} multiplied by itself"), "zh": table("{n}的平方 | {n}的二次方 | {n}乘它自己 | {n}乘以自己 | {n}自乘")},
    "x^2+{b}": {"en": table("{n} squared plus {b} | the square of {n} plus {b} | {b} more than the square of {n}"), "zh": table("{n}的平方加{b} | {n}的平方加上{b} | {n}的平方与{b}的和")},
    "x^2-{b}": {"en": table("{n} squared minus {b} | the square of {n} minus {b} | {b} less than the square of {n}"), "zh": table("{n}的平方减{b} | {n}的平方减去{b}")},
    "{a}x^2": {"en": table("{a} times the square of {n} | {a} times {n} squared"), "zh": table("{n}的平方的{a}倍 | {n}的平方乘{a}")},
    "x^2+x": {"en": table("the sum of {n} and its square | {n} squared plus itself | {n} plus its square"), "zh": table("{n}与它的平方的和 | {n}的平方加它自己")},
    "x^2-x": {"en": table("the square of {n} minus the number itself | {n} squared minus itself"), "zh": table("{n}的平方减去它自己 | {n}的平方与它的差")},
    "x(x+{b})": {"en": table("the product of {n} and the number {b} larger | {n} times the number that is {b} larger"), "zh": table("{n}与比它大{b}的数的积 | {n}乘比它大{b}的数")},
}  # fmt: skip
FRAMES = {  # (what {n} is called, frames for it); {P} is the puzzle's phrase, {c} the right side
    "en": [
        (table("a number | a number | a certain number | some number | an unknown number"), table("""
{P} is {c}. What is the number? | {P} is {c}. What's the number? | {P} equals {c}. Find the number. | {P} equals {c}. What is the number? | {P} is equal to {c}. What number is it?
If {P} is {c}, what is the number? | If {P} equals {c}, what is the number? | if {P} is {c} whats the number | {P} gives {c}. Which number is it? | {P} makes {c}. Which number? | {P} = {c}, the number?
When {P} is {c}, what is the number? | {P} is {c}, find it | {P} is {c}. Find the number. | {P} is {c}. Determine the number. | Given that {P} is {c}, find the number. | Suppose {P} is {c}. What is the number?
I know that {P} is {c}. What is the number? | {P} comes to {c}. What is that number? | {P} results in {c}. What was the number? | {P} is {c}. Can you tell me the number? | {P} is {c}; what number is that?
{P} adds up to {c}, what is it? | {P} is {c}, what is it? | {P} yields {c}. Find it. | Let {P} be {c}. What is the number?""")),
        (table("the number | my number | this number"), table("""
I think of a number. {P} is {c}. What is it? | I'm thinking of a number. {P} is {c}. What is my number? | I have a number in mind: {P} is {c}. What is it? | Guess my number: {P} is {c}. | There is a number. {P} is {c}. What is it?
I am thinking of a number and {P} is {c}. Which number is it? | I thought of a number, {P} is {c}. What was it? | A riddle: {P} is {c}. What is the number? | Number puzzle: {P} is {c}. | Number riddle: {P} equals {c}. What is it?
There's a number I look for. {P} is {c}. | What is the number if {P} is {c}? | Find the number if {P} equals {c}.""")),
        (table("what number | which number"), table("{P} is {c}? | {P} equals {c}? | {P} gives {c}? | {P} makes {c}? | {P} = {c}?")),
        (table("the number"), table("For which number is it true that {P} is {c}? | Find a number such that {P} is {c}. | Find the number for which {P} equals {c}. | What is the number for which {P} is {c}?")),
        (table("x | y | n"), table("{P} is {c}. What is {n}? | {P} equals {c}. Find {n}. | If {P} is {c}, what is {n}? | {P} is {c}, {n} = ? | {P} equals {c}, {n}?")),
    ],
    "zh": [
        (table("一个数 | 一个数 | 某数 | 某个数"), table("""
{P}是{c}，这个数是多少？ | {P}等于{c}，这个数是多少？ | {P}等于{c}，求这个数。 | {P}是{c}，求这个数。 | {P}得{c}，这个数是几？ | {P}等于{c}，这个数是几？ | {P}为{c}，求该数。 | {P}是{c}，它是多少？
如果{P}是{c}，这个数是多少？ | 如果{P}等于{c}，那么这个数是几？ | 若{P}等于{c}，求这个数。 | 已知{P}等于{c}，求这个数。 | 已知{P}是{c}，这个数是多少？ | {P}正好是{c}，这个数是多少？ | {P}等于{c}，问这个数是多少？
{P}等于{c}，你知道这个数吗？ | {P}是{c}，那个数是几？ | {P}的结果是{c}，这个数是多少？ | {P}等于{c} 这个数是几""")),
        (table("它 | 这个数"), table("""
我想了一个数，{P}是{c}，这个数是多少？ | 我心里有一个数，{P}等于{c}，是几？ | 有一个数，{P}是{c}，求这个数。 | 有个数，{P}等于{c}，这个数是多少？ | 猜数：{P}是{c}。 | 猜猜我想的数：{P}等于{c}，是多少？
有一个数，{P}得{c}，这个数是几？ | 我想的一个数，{P}等于{c}，你猜是几？""")),
        (table("什么数 | 哪个数 | 几 | 多少"), table("{P}等于{c}？ | {P}是{c}？ | {P}得{c}？ | {P}等于{c} | 请问{P}等于{c}？")),
        (table("x | 数x"), table("{P}等于{c}，x是多少？ | {P}是{c}，求x。 | 如果{P}等于{c}，那么x是几？ | {P}等于{c}，x=？ | 已知{P}等于{c}，求x的值。")),
    ],
}  # fmt: skip
PUZZLE_ANSWERS = {
    "en": table("The number is {r}. | It is {r}. | {r} | The number: {r}. | The answer is {r}. | It's {r}."),
    "zh": table("这个数是{r}。 | 是{r}。 | 答案是{r}。 | {r}。 | 这个数等于{r}。"),
}


def puzzle(s: Sampler, language: str) -> tuple[Turn, Numbers]:
    left = s.choice(list(PUZZLES))
    a, b = s.randint(2, 9), s.randint(1, 30)
    x = s.randint(2, 30) if s.random() < 0.9 else s.integer(30, 400)
    if "^2" in left or "x(x" in left:
        x = s.randint(2, 15)
    divisor = re.search(r"/(\S)", left)
    if divisor:
        x *= a if "{a}" in left else int(divisor[1].strip("{"))
    if left == "{b}-x":
        b = x + b
    if left in ("{a}x-{b}", "2x-{b}", "x-{b}", "{a}(x-{b})", "x^2-{b}"):
        b = min(b, x)
    if left == "x/{a}-{b}":
        b = min(b, x // a)
    numbers = {"a": a, "b": b}
    text = equation_text(left, numbers)
    c = _evaluate(text, x)
    names, frames = s.choices(FRAMES[language], (5, 3, 3, 1, 2)[: len(FRAMES[language])])[0]
    n = s.phrasing(names)
    wording = s.phrasing(PUZZLES[left][language]).replace("{n}", n)
    if n in ("what number", "which number") and re.search(r"itself$|its|the number", wording):
        n, wording = "a number", wording.replace(n, "a number")
        frames = FRAMES["en"][0][1]
    frame = s.phrasing(frames)
    if frame.startswith("{P}") or re.search(r"[.:] \{P\}", frame):
        wording = wording[0].upper() + wording[1:] if wording[0] != "{" and s.random() < 0.9 and len(n) > 1 else wording
    template = frame.replace("{P}", wording).replace("{n}", n)
    human = roughen(s, template, language, number_slots(s, numbers | {"c": c}, language), plain=0.5)
    v = n if n in ("x", "y", "n") and len(n) == 1 else "x"
    equation = f"{text.replace('x', v)}={c}"
    thoughts = f"Let {v} be the number: {equation}." if language == "en" else f"设这个数为{v}：{equation}。"
    form = s.phrasing(PUZZLE_ANSWERS[language])

    def answer(result: str) -> str:
        solutions = parse_result(result)
        if not solutions:
            return result_in_words(result, language)
        return form.format(r=either(language).join(value for [(_, value)] in solutions))

    return Turn(human, answer, thoughts, (("Solve", equation),), "equation_word"), {v: x}


def _evaluate(text: str, x: int) -> int:
    """The value of one of PUZZLES' left sides, all of which divide evenly here."""
    bracket = re.fullmatch(r"(\d*)x?\(x([+-]\d+)\)", text)
    if bracket:
        return (int(bracket[1]) if bracket[1] else x) * (x + int(bracket[2]))
    total = 0
    for sign, term in re.findall(r"([+-]?)([^+-]+)", text):
        head, _, below = term.partition("/")
        factor, has_x, power = re.fullmatch(r"(\d*)(x?)(\^2)?", head).groups()  # type: ignore[union-attr]
        value = int(factor or 1) * (x ** (2 if power else 1) if has_x else 1)
        total += (-1 if sign == "-" else 1) * (value // int(below) if below else value)
    return total

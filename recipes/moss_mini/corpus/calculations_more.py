"""Expressions built from parts: signs before numbers, powers and roots inside sums, brackets said in words, steps.

What a part is called and what it is in the command are drawn together, so that every structure appears in many
wordings. Conventions of the command: a negative number stands in brackets unless it comes first, brackets only where
the order of operations needs them, and round every mixed number; "double" is *2 behind the number and half is /2.
"""

from recipes.moss_mini.corpus import calculations_names
from recipes.moss_mini.corpus.calculations_numbers import (
    FRACTIONS,
    chinese,
    english,
    fraction_text,
    number_text,
    ordinal,
)
from recipes.moss_mini.corpus.common import Language, Sampler, Turn
from recipes.moss_mini.corpus.phrasebook import dress, expand

Part = tuple[str, str]  # what is said, what is calculated

STARS = ("*", "*", "*", "×", "×", "x", "·")
SLASHES = ("/", "/", "/", "÷", "÷")
HATS = ("^", "^", "^", "**", "**")
SMALL = {"2": "²", "3": "³", "4": "⁴", "5": "⁵"}
POWERS = {
    "en": {
        "2": ("{a} squared", "{a} squared", "the square of {a}", "{a} to the power [of |]2", "{a} to the second power",
              "{a}²", "{a}^2"),
        "3": ("{a} cubed", "{a} cubed", "the cube of {a}", "{a} to the power [of |]3", "{a} to the third power",
              "{a}³", "{a}^3"),
        "n": ("{a} to the power {n}", "{a} to the power of {n}", "{a} to the power of {n}", "{a} to the {nth} power",
              "{a} to the {nth}", "{a} raised to [the power |the power of |]{n}", "{a}^{n}", "{a}**{n}",
              "the {nth} power of {a}"),
    },
    "zh": {
        "2": ("{a}的平方", "{a}的平方", "{a}的平方", "{a}的2次方", "{a}的二次方", "{a}²", "{a}^2"),
        "3": ("{a}的立方", "{a}的立方", "{a}的3次方", "{a}的三次方", "{a}³", "{a}^3"),
        "n": ("{a}的{n}次方", "{a}的{n}次方", "{a}的{n}次幂", "{a}的{z}次方", "{a}^{n}"),
    },
}  # fmt: skip
ROOTS = {
    "en": ("the square root of {a}", "the square root of {a}", "square root of {a}", "root {a}", "√{a}", "sqrt({a})",
           "sqrt {a}", "the root of {a}"),
    "zh": ("根号{a}", "根号{a}", "{a}的平方根", "{a}的算术平方根", "√{a}"),
}  # fmt: skip
FACTORIALS = {"en": ("{a} factorial", "the factorial of {a}", "{a}!"), "zh": ("{a}的阶乘", "{a}!", "{a}的阶乘")}
FLAT = {
    "en": {"+": ("plus", "plus", "plus", "added to", "+"), "-": ("minus", "minus", "take away", "less", "-"),
           "*": ("times", "times", "multiplied by", "×"), "/": ("divided by", "divided by", "over", "÷")},
    "zh": {"+": ("加", "加上", "加", "+"), "-": ("减", "减去", "减", "-"), "*": ("乘", "乘以", "乘以", "×"),
           "/": ("除以", "除以", "÷")},
}  # fmt: skip
BRACKETS = {
    "en": {"+": ("the sum of {a} and {b}", "the sum of {a} and {b}", "the total of {a} and {b}", "({a} + {b})",
                 "({a} plus {b})"),
           "-": ("the difference of {a} and {b}", "the difference between {a} and {b}", "({a} - {b})",
                 "({a} minus {b})"),
           "*": ("the product of {a} and {b}", "the product of {a} and {b}", "({a} times {b})"),
           "/": ("the quotient of {a} and {b}", "the quotient of {a} divided by {b}", "the ratio of {a} to {b}")},
    "zh": {"+": ("{a}与{b}的和", "{a}与{b}的和", "{a}加{b}的和", "{a}和{b}之和", "（{a}+{b}）", "({a}加{b})"),
           "-": ("{a}与{b}的差", "{a}与{b}的差", "{a}减{b}的差", "{a}减去{b}的差", "({a}-{b})"),
           "*": ("{a}与{b}的积", "{a}乘{b}的积", "{a}与{b}的乘积", "{a}乘以{b}的积"),
           "/": ("{a}除以{b}的商", "{a}除以{b}的商", "{a}与{b}的商")},
}  # fmt: skip
# two parts, of which one or both are brackets said in words; {x} and {y} in the order of the command
JOINED = {
    "en": {
        "+": ("{x} plus {y}", "{x} plus {y}", "the sum of {x} and {y}", "*add {y} to {x}", "*add {x} and {y}",
              "*take {x} and add {y}"),
        "-": ("{x} minus {y}", "{x} minus {y}", "{x} less {y}", "*subtract {y} from {x}", "*take {y} [away |]from {x}",
              "{y} subtracted from {x}", "{y} taken from {x}"),
        "*": ("{x} times {y}", "{x} multiplied by {y}", "*multiply {x} by {y}", "*multiply {x} by {y}",
              "the product of {x} and {y}"),
        "/": ("{x} divided by {y}", "{x} divided by {y}", "*divide {x} by {y}", "{x} over {y}", "{y} into {x}",
              "the quotient of {x} and {y}"),
    },
    "zh": {
        "+": ("{x}加{y}", "{x}加上{y}", "*用{x}加上{y}", "*把{x}加上{y}", "{x}，再加上{y}"),
        "-": ("{x}减{y}", "{x}减去{y}", "*用{x}减去{y}", "*从{x}里减去{y}", "*从{x}中减掉{y}", "{x}减去{y}的差"),
        "*": ("{x}乘{y}", "{x}乘以{y}", "*用{x}乘{y}", "*把{x}乘以{y}", "{x}乘以{y}的积"),
        "/": ("{x}除以{y}", "{x}除以{y}", "*用{x}除以{y}", "*把{x}除以{y}", "{y}除{x}", "{x}除以{y}的商"),
    },
}  # fmt: skip
WHOLE = {  # what happens to a whole bracket: said, calculated
    "en": (("{x}, all squared", "({g})**2"), ("{x}, all cubed", "({g})**3"), ("{x}, then squared", "({g})**2"),
           ("the square of {x}", "({g})**2"), ("the cube of {x}", "({g})**3"), ("{x}, the whole squared", "({g})**2"),
           ("*square {x}", "({g})**2"), ("*cube {x}", "({g})**3"), ("*raise {x} to the power of {n}", "({g})**{n}"),
           ("{x}, raised to the power {n}", "({g})**{n}"), ("the square root of {x}", "sqrt({g})"),
           ("*take the square root of {x}", "sqrt({g})"), ("half of {x}", "({g})/2"), ("half {x}", "({g})/2"),
           ("a third of {x}", "({g})/3"), ("a quarter of {x}", "({g})/4"), ("twice {x}", "({g})*2"),
           ("double {x}", "({g})*2"), ("three times {x}", "3*({g})"), ("*double {x}", "({g})*2"),
           ("*halve {x}", "({g})/2"), ("{x}, all doubled", "({g})*2"), ("{x}, halved", "({g})/2"),
           ("*triple {x}", "({g})*3"), ("*quadruple {x}", "({g})*4"), ("a tenth of {x}", "({g})/10")),
    "zh": (("{x}的平方", "({g})**2"), ("{x}的立方", "({g})**3"), ("*求{x}的平方", "({g})**2"),
           ("{x}的{n}次方", "({g})**{n}"), ("{x}的平方根", "sqrt({g})"), ("*把{x}开平方", "sqrt({g})"),
           ("*把{x}平方", "({g})**2"), ("{x}的一半", "({g})/2"), ("{x}的三分之一", "({g})/3"),
           ("{x}的四分之一", "({g})/4"), ("{x}的两倍", "({g})*2"), ("{x}的3倍", "({g})*3"),
           ("{x}的十分之一", "({g})/10"),
           ("{x}，再平方", "({g})**2"), ("*把{x}翻一倍", "({g})*2")),
}  # fmt: skip
STARTS = {
    "en": {"+": ("add {a} and {b}", "add {b} to {a}", "take {a}, add {b}", "start with {a}, add {b}", "{a} plus {b}",
                 "sum {a} and {b}", "begin with {a}, add {b}"),
           "-": ("subtract {b} from {a}", "take {b} from {a}", "start with {a}, subtract {b}", "take {a}, minus {b}",
                 "{a} minus {b}", "start at {a}, take away {b}"),
           "*": ("multiply {a} by {b}", "multiply {a} and {b}", "take {a}, times {b}",
                 "start with {a}, multiply by {b}",
                 "{a} times {b}"),
           "/": ("divide {a} by {b}", "start with {a}, divide by {b}", "take {a}, divide [it |]by {b}",
                 "{a} divided by {b}")},
    "zh": {"+": ("把{a}和{b}相加", "{a}加{b}", "用{a}加上{b}", "先算{a}加{b}", "先把{a}加上{b}", "{a}加上{b}"),
           "-": ("{a}减{b}", "用{a}减去{b}", "先用{a}减{b}", "从{a}里减去{b}", "{a}减去{b}"),
           "*": ("把{a}和{b}相乘", "{a}乘{b}", "用{a}乘以{b}", "先算{a}乘{b}", "{a}乘以{b}"),
           "/": ("{a}除以{b}", "用{a}除以{b}", "先用{a}除以{b}", "把{a}除以{b}")},
}  # fmt: skip
STEPS = {
    "en": {"+": ("add {c}", "add {c}", "plus {c}", "add {c} to the result", "add {c} to that", "{c} is added"),
           "-": ("subtract {c}", "minus {c}", "take away {c}", "take {c} off", "subtract {c} from the result",
                 "take {c} away", "{c} is subtracted"),
           "*": ("multiply by {c}", "times {c}", "multiply the result by {c}", "multiply that by {c}",
                 "multiply it by {c}"),
           "/": ("divide by {c}", "divide the result by {c}", "divide that by {c}", "divided by {c}",
                 "divide it by {c}"),
           "2": ("square it", "square the result", "square that"),
           "d": ("double it", "double the result", "double that"),
           "h": ("halve it", "halve the result", "take half of that"), "3": ("cube the result", "cube it"),
           "r": ("take the square root", "take the square root of that")},
    "zh": {"+": ("加{c}", "加上{c}", "加{c}"), "-": ("减{c}", "减去{c}", "减掉{c}"), "*": ("乘{c}", "乘以{c}", "乘{c}"),
           "/": ("除以{c}", "除以{c}"), "2": ("平方", "把结果平方"), "d": ("乘2", "翻一倍"), "h": ("除以2", "取一半"),
           "3": ("立方", "把结果立方"), "r": ("开平方", "取平方根")},
}  # fmt: skip
LINKS = {"en": (", then ", ", then ", " and ", " and then ", ", and then ", ", ", "; then "),
         "zh": ("，再", "，再", "再", "，然后", "，接着", "，最后")}  # fmt: skip
# typed: a to h numbers, S a small one, p a power, ~ a number with a sign before it
TYPED = (
    "((a+b)/S)^p", "((a-b)*S)^p", "(S*(S+S))^p", "((a+b)*S)^p", "((a+b)/S)^p-c", "((S+S)*(S-S))^p", "(a+b)^p/S",
    "(a+b)^p/(S+S)^p", "((S+S)^p-a)/S", "S*(S+S)^p", "a-(S-S)^p", "(a-(b-c))*S", "((a+b)*S-c)/S", "a*((b+c)*S-d)",
    "(((a+b)*S)-c)/S", "((a-b)/S+c)*S", "(a+b)/(c+d)", "(a*S+b)/(c+S)", "S^p-a", "S^p-a", "S^p+a", "a-S^p", "a+S^p",
    "a*S^p", "S^p/S^p", "S^p*S^p", "S^p-S^p", "S^p+S^p", "S^p/S", "S^p-S^p+a", "(S^p+a)/S", "(S^p-a)*S", "(S^p)^p",
    "2^n", "2^n-a", "2^n+a", "2^n/S", "10^n/2^n", "10^S/S", "~*~", "~*~", "~*~", "~/~", "~/~", "~+~", "~-~", "~-~",
    "~*~*~", "~+~-~", "~*a+b", "a-~", "a+~", "a*~", "a/~", "(~)^p", "(~)^p+a", "~+~*S", "(~+~)*S", "(a-b)*~", "~-(a-b)",
    "f/f", "f/f", "f*S", "f+f", "f-a", "f/S", "f+a", "f/(f*f)", "a/b+c/d", "a/b-c/d", "a/b*c/d", "S/S+S/S+S/S",
    "(a/b+c/d)*S", "r+a", "a-r", "r*r", "r+r", "a*r", "(a+r)/S", "R", "R+a", "a*R", "r/S",
)  # fmt: skip
SPEAKING = {"en": {"+": " plus ", "-": " minus ", "*": " times ", "/": " divided by "},
            "zh": {"+": "加", "-": "减", "*": "乘", "/": "除以"}}  # fmt: skip


def finish(s: Sampler, language: Language, question: str, expression: str) -> Turn:
    """A turn with the thought that all longer expressions have."""
    answer = expand(s, s.phrasing(calculations_names.ANSWERS[language]))
    thought = {"en": f"The user wants the value of {expression}.", "zh": f"用户要计算{expression}的值。"}[language]
    return Turn(
        human=question,
        answer=lambda result: answer.replace("{r}", result).replace("{e}", expression),
        thoughts=thought,
        commands=(("Calculate", expression),),
        tag="arithmetic",
    )


def framed(s: Sampler, language: Language, text: str) -> str:
    """Puts a noun phrase, or an imperative that starts with "*", into a frame, and dresses it."""
    order = text.startswith("*")
    text = expand(s, text.removeprefix("*"))
    if s.random() < 0.25:
        return dress(s, language, text)
    frames = calculations_names.ORDERS if order else calculations_names.FRAMES
    return dress(s, language, expand(s, s.phrasing(frames[language])).replace("{e}", text))


def turn(s: Sampler, language: Language) -> Turn:
    """One question of this module."""
    make = s.choices((signs, flat, brackets, whole, steps), (30, 26, 20, 12, 18))[0]
    return make(s, language)


def _said(s: Sampler, language: Language, digits: str, mode: str) -> str:
    return number_text(s, digits, language, mode)


def _mode(s: Sampler) -> str:
    return s.choices(("plain", "words", "mixed"), (70, 20, 10))[0]


def _small(s: Sampler) -> str:
    return str(s.integer(2, 12) if s.random() < 0.8 else s.integer(2, 30))


def _number(s: Sampler) -> str:
    choice = s.random()
    if choice < 0.08:
        return s.decimal(0.1, 50, s.choice((1, 1, 2)))
    return str(s.integer(2, 20) if choice < 0.45 else s.integer(2, 99) if choice < 0.85 else s.integer(100, 2000))


def power(s: Sampler, language: Language, mode: str) -> Part:
    n = s.choice("22233345678")
    a = str(s.integer(2, 12 if n in "23" else 10)) if s.random() < 0.85 else str(s.integer(10, 40))
    names = POWERS[language][n if n in "23" and s.random() < 0.9 else "n"]
    text = expand(s, s.choice(names))
    spoken = a if "^" in text or "*" in text or "²" in text or "³" in text else _said(s, language, a, mode)
    z = chinese(int(n))
    return text.format(a=spoken, n=n, z=z, nth=ordinal(s, int(n))), f"{a}**{n}"


def root(s: Sampler, language: Language, mode: str) -> Part:
    a = str(s.integer(2, 20) ** 2) if s.random() < 0.75 else str(s.integer(2, 200))
    text = s.choice(ROOTS[language])
    return text.format(a=a if "√" in text or "sqrt" in text else _said(s, language, a, mode)), f"sqrt({a})"


def atom(s: Sampler, language: Language, mode: str, plain: float = 0.5) -> Part:
    """A number, a power, a root, a factorial, a fraction, a mixed number, a negative number."""
    if s.random() < plain:
        digits = _number(s)
        return _said(s, language, digits, mode), digits
    kind = s.choices(("power", "root", "factorial", "fraction", "mixed", "negative"), (40, 20, 6, 16, 8, 10))[0]
    if kind == "power":
        return power(s, language, mode)
    if kind == "root":
        return root(s, language, mode)
    if kind == "factorial":
        a = str(s.integer(2, 10))
        text = s.choice(FACTORIALS[language])
        return text.format(a=a if "!" in text else _said(s, language, a, mode)), f"factorial({a})"
    if kind == "fraction":
        digits = s.choice(FRACTIONS) if s.random() < 0.7 else f"{s.integer(1, 9)}/{s.integer(2, 12)}"
        if digits in FRACTIONS:
            return fraction_text(s, digits, language), digits
        above, below = digits.split("/")
        if language == "zh" and s.random() < 0.6:
            return (
                f"{below}分之{above}" if s.random() < 0.4 else f"{chinese(int(below))}分之{chinese(int(above))}",
                digits,
            )
        return digits, digits
    if kind == "mixed":
        whole, digits = s.integer(1, 9), s.choice([x for x in FRACTIONS if x[0] < x[2:]])
        if language == "zh":
            z = fraction_text(s, digits, language).replace("一半", "二分之一")
            said = f"{whole}又{z}" if z[0].isdigit() else f"{chinese(whole)}又{z}"
        elif s.random() < 0.6:
            said = f"{whole} {digits}" if s.random() < 0.5 else f"{whole} and {digits}"
        else:
            text = fraction_text(s, digits, "en")
            said = f"{english(whole)} and {'a half' if text in ('half', 'one half') else text}"
        return said, f"({whole}+{digits})"
    a = str(s.integer(1, 60))
    return ("负" + a if language == "zh" and s.random() < 0.7 else "-" + a if s.random() < 0.6
            else ("负" + a if language == "zh" else s.choice(("minus ", "negative ")) + a)), f"-{a}"  # fmt: skip


def _place(expression: str, before: str) -> str:
    """An operand as it stands behind a sign (`before`), or first (`before` empty)."""
    if expression.startswith("-") and before:
        return f"({expression})"
    if before == "/" and "/" in expression and not expression.startswith("(") and not expression.startswith("sqrt"):
        return f"({expression})"  # a fraction as a divisor
    return expression


def flat(s: Sampler, language: Language) -> Turn:
    """ "10 to the power 8 divided by 2 to the power 8", "四分之三加五分之二", "square root of 144 plus 3"."""
    mode = _mode(s)
    count = s.choices((2, 3, 4), (66, 27, 7))[0]
    parts = [atom(s, language, mode, 0.45) for _ in range(count)]
    if all(e.replace(".", "").isdigit() for _, e in parts):
        at = s.randint(0, count - 1)
        parts[at] = power(s, language, mode) if s.random() < 0.6 else atom(s, language, mode, 0)
    gap = " " if language == "en" else ""
    text, expression = parts[0]
    verbs = FLAT[language]
    for said, part in parts[1:]:
        sign = s.choices("+-*/", (32, 28, 24, 16))[0]
        verb = s.choice(verbs[sign])
        if verb in "+-×÷" and language == "zh" and s.random() < 0.5:
            verb = f" {verb} "
        text += f"{gap}{verb}{gap}{said}"
        expression += sign + _place(part, sign)
    if expression.startswith("-") and "**" in expression.split("+")[0]:
        pass  # -5*2**2 reads the same either way
    if s.random() < 0.1:
        text += s.choice((" as a decimal", ", as a decimal", " written as a decimal", " in decimal form")
                         if language == "en" else ("，写成小数", "，化成小数", "，结果用小数表示", "，得数写成小数"))  # fmt: skip
    return finish(s, language, framed(s, language, text), expression)


def group(s: Sampler, language: Language, mode: str) -> tuple[str, str, str]:
    """A sum, difference, product or quotient said as one thing: its words, its expression, its sign."""
    sign = s.choices("+-*/", (42, 34, 16, 8))[0]
    if sign == "/":
        b = s.integer(2, 12)
        a = b * s.integer(2, 20)
    elif sign == "-":
        b = s.integer(1, 60)
        a = b + s.integer(1, 60)
    else:
        a, b = (s.integer(2, 40), s.integer(2, 40)) if s.random() < 0.8 else (s.integer(2, 400), s.integer(2, 400))
    x: Part = (_said(s, language, str(a), mode), str(a))
    y: Part = (_said(s, language, str(b), mode), str(b))
    if sign in "+" and s.random() < 0.15:
        y = power(s, language, mode)
    elif sign in "+" and s.random() < 0.1:
        y = root(s, language, mode)
    return s.choice(BRACKETS[language][sign]).format(a=x[0], b=y[0]), f"{x[1]}{sign}{y[1]}", sign


def brackets(s: Sampler, language: Language) -> Turn:
    """ "multiply the difference of 9 and 4 by 6", "3与4的和乘5", "the sum of 8 and 4 divided by the product of 2 and 3"."""
    mode = _mode(s)
    sign = s.choices("+-*/", (14, 20, 40, 26))[0]
    shape = s.choices(("gn", "ng", "gg", "gng"), (40, 30, 24, 6))[0]
    sides = []
    for at, x in enumerate(shape[:2]):
        if x == "g":
            said, e, inner = group(s, language, mode)
            need = (inner in "+-" and sign in "*/") or (at and ((sign == "-" and inner in "+-") or sign == "/"))
            need = need or said[0] in "(（"  # brackets that the user typed stay
            sides.append((said, f"({e})" if need else e))
        elif s.random() < 0.15:
            sides.append(power(s, language, mode))
        else:
            digits = str(s.integer(2, 30) if s.random() < 0.7 else s.integer(10, 600))
            sides.append((_said(s, language, digits, mode), digits))
    (x, e), (y, f) = sides
    text = s.choice(JOINED[language][sign]).replace("{x}", x).replace("{y}", y)
    return finish(s, language, framed(s, language, text), f"{e}{sign}{f}")


def whole(s: Sampler, language: Language) -> Turn:
    """ "the sum of 3 and 4, all squared", "half of the difference between 20 and 6", "5与7的和的平方"."""
    mode = _mode(s)
    said, e, inner = group(s, language, mode)
    text, pattern = s.choice(WHOLE[language])
    if inner in "*/" and "**" not in pattern and said[0] not in "(（":
        pattern = pattern.replace("({g})", "{g}") if not pattern.startswith("sqrt") else pattern
    n = s.choice("2345")
    expression = pattern.replace("{g}", e).replace("{n}", n)
    text = text.replace("{x}", said).replace("{n}", n)
    if s.random() < 0.3:  # and something more
        c = str(s.integer(2, 60))
        sign = s.choice("+-")
        spoken = _said(s, language, c, mode)
        link = {"en": {"+": f", plus {spoken}", "-": f", minus {spoken}"},
                "zh": {"+": f"，再加{spoken}", "-": f"，再减去{spoken}"}}[language][sign]  # fmt: skip
        text, expression = text + link, expression + sign + c
    return finish(s, language, framed(s, language, text), expression)


def steps(s: Sampler, language: Language) -> Turn:
    """ "add 5 and 7, then multiply by 3, and square the result"; "先用20减6，再乘3，然后除以2"."""
    mode = _mode(s)
    sign = s.choices("+-*/", (34, 26, 24, 16))[0]
    b = s.integer(2, 30)
    a = b * s.integer(2, 40) if sign == "/" else b + s.integer(1, 90) if sign == "-" else s.integer(2, 200)
    say = lambda n: _said(s, language, str(n), mode)  # noqa: E731
    start = expand(s, s.choice(STARTS[language][sign])).format(a=say(a), b=say(b))
    expression, loose, minus = f"{a}{sign}{b}", sign in "+-", sign == "-"
    texts = [start]
    for _ in range(s.choices((1, 2, 3), (45, 38, 17))[0]):
        kind = s.choices("+-*/2dh3r", (26, 22, 22, 16, 5, 4, 4, 2, 2 if not minus else 0))[0]
        c = s.integer(2, 12) if kind in "*/" else s.integer(2, 99)
        texts.append(s.choice(STEPS[language][kind]).format(c=say(c)))
        if kind in "+-":
            expression, loose, minus = f"{expression}{kind}{c}", True, minus or kind == "-"
        elif kind in "*/dh":
            factor = {"*": f"*{c}", "/": f"/{c}", "d": "*2", "h": "/2"}[kind]
            expression, loose = (f"({expression})" if loose else expression) + factor, False
        elif kind in "23":
            expression, loose = f"({expression})**{kind}", False
        else:
            expression, loose = f"sqrt({expression})", False
        if "**" in expression and kind in "23r":
            break
    link = s.choice(LINKS[language])
    text = texts[0]
    for at, x in enumerate(texts[1:]):
        last = at == len(texts) - 2
        if s.random() < 0.4:
            link = s.choice(LINKS[language])
        mark = link if last or language == "zh" else s.choice((", ", ", ", ", then ", ". Then ", link))
        if language == "zh" and mark == "，最后" and not last:
            mark = "，再"
        if x[0] == "把":
            mark = s.choice(("，然后", "，最后", "，再"))
        text += mark + x
    tail = s.random()
    if language == "en" and tail < 0.3:
        text += s.choice((". What do [I|you] get?", ". What is the result?", "; result?", ". Where do I end up?",
                          ". What number is that?", ", what's the answer?"))  # fmt: skip
        return finish(s, language, dress(s, language, expand(s, text)), expression)
    if language == "zh" and tail < 0.6:
        text += s.choice(("，结果是多少？", "，得多少？", "，得数是多少？", "等于多少？", "，最后得几？", "，是多少"))
        return finish(s, language, dress(s, language, text), expression)
    order = language == "en" and (texts[0].split()[0] in ("add", "sum", "subtract", "multiply", "divide", "take",
                                                          "start", "begin"))  # fmt: skip
    return finish(s, language, framed(s, language, ("*" if order else "") + text), expression)


def signs(s: Sampler, language: Language) -> Turn:
    """Typed with signs, brackets and powers, or signed numbers in words: "-7 * -13", "((7+5)/4)^3", "6!/4!"."""
    shape = s.choice(TYPED)
    speak = "~" in shape and "(" not in shape and "^" not in shape and s.random() < 0.45
    star, slash, hat = s.choice(STARS), s.choice(SLASHES), s.choice(HATS)
    gap = s.choice(("", " ", " "))
    minus = s.choices(("-", "−", "–"), (8, 1, 1))[0]
    wrap = s.random() < 0.25 and not speak  # the signed number in brackets as typed: (-7)*(-13)
    word = s.choice(("minus ", "negative ", "-")) if language == "en" else s.choice(("负", "负", "-"))
    mode = _mode(s) if speak and word != "-" else "plain"
    power_n = s.choice("2223334")
    style = s.random() < 0.25
    text, expression = "", ""
    biggest = 0
    for at, x in enumerate(shape):
        if x in "abcd":
            n = s.integer(2, 30) if s.random() < 0.7 else s.integer(10, 400)
            if shape[at - 1 : at + 1] == "-b" and biggest:
                n = s.integer(1, max(biggest - 1, 1))
            biggest = n
            digits = str(n) if s.random() < 0.95 or shape[at - 1] == "/" else f"{n}.{s.randint(1, 9)}"
            text, expression = text + _said(s, language, digits, mode), expression + digits
        elif x == "S":
            n = _small(s)
            text, expression = text + n, expression + n
        elif x == "n" or (x in "210" and shape[0] in "21"):
            n = str(s.integer(3, 16)) if x == "n" else x
            text, expression = text + n, expression + n
        elif x == "p":
            n = power_n if s.random() < 0.8 else s.choice("234")
            power_n = n
            text, expression = text + n, expression + n
        elif x == "~":
            digits = str(s.integer(1, 30) if s.random() < 0.75 else s.integer(10, 300))
            if s.random() < 0.08:
                digits = f"{digits}.{s.randint(1, 9)}"
            negative = s.random() < 0.8
            spoken = _said(s, language, digits, mode)
            if not negative:
                text, expression = text + spoken, expression + digits
                continue
            bracketed = shape[at - 1 : at] == "(" and shape[at + 1 : at + 2] == ")"
            shown = (word if speak else minus) + spoken
            text += f"({shown})" if wrap and not bracketed else shown
            first = not expression or expression.endswith("(")
            expression += f"-{digits}" if first else f"(-{digits})"
        elif x == "f":
            n = str(s.integer(2, 12))
            text, expression = text + n + "!", expression + f"factorial({n})"
        elif x == "r":
            n = str(s.integer(2, 20) ** 2 if s.random() < 0.7 else s.integer(2, 90))
            text, expression = text + s.choice(("√{n}", "sqrt({n})", "√({n})")).format(n=n), f"{expression}sqrt({n})"
        elif x == "R":  # a root of a sum
            n, m = s.integer(2, 99), s.integer(2, 99)
            text, expression = text + s.choice((f"√({n}+{m})", f"sqrt({n}+{m})")), f"{expression}sqrt({n}+{m})"
        elif x == "^":
            text, expression = text + hat, expression + "**"
        elif x in "()":
            text, expression = text + x, expression + x
        elif speak:
            spoken = SPEAKING[language][x]
            text, expression = text + spoken, expression + x
        else:
            text += gap + {"*": star, "/": slash, "-": minus, "+": "+"}[x] + gap
            expression += x
    if style and hat in text:
        for n, small in SMALL.items():
            if f"{hat}{n}" in text and not text[text.index(f"{hat}{n}") + len(hat) + 1 :][:1].isdigit():
                text = text.replace(f"{hat}{n}", small) if hat != "**" or n else text
    if "((" in text and s.random() < 0.2 and text.count("(") == text.count(")") and text.startswith("(("):
        depth, out = 0, ""
        for x in text:  # the outer brackets square, as in schoolbooks
            depth += (x == "(") - (x == ")")
            out += "[" if x == "(" and depth == 1 else "]" if x == ")" and depth == 0 else x
        text = out
    if language == "zh" and s.random() < 0.2:
        text = text.replace("(", "（").replace(")", "）")
    if s.random() < 0.45 and not speak:
        question = text + s.choice(("", "", "", "", "=", " =", " = ?", "=?", "?"))
    else:
        question = framed(s, language, text)
    return finish(s, language, question, expression)

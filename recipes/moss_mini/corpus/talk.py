"""The moss-mini exchanges that call no command: greetings, who MOSS is, what it can do, manners, honest refusals.

A question is a phrasing from the talk_* files, its slots filled with the topic words of talk_words.py, and then
roughened as people type: without capitals or punctuation, with a greeting before it, with a slip of the finger. The
answer depends only on the kind of question and on the plugins in use, so that a small network learns to recognise
kinds instead of facts. From the repository's root, `python -m recipes.moss_mini.corpus.talk` prints samples.
"""

import re
from collections.abc import Sequence
from functools import cache

from recipes.moss_mini.corpus import (
    talk_en,
    talk_manners,
    talk_maths,
    talk_refusals_en,
    talk_refusals_zh,
    talk_words,
    talk_zh,
)
from recipes.moss_mini.corpus.common import Language, Sampler, Turn
from recipes.moss_mini.corpus.talk_words import Talk

TEXTS = {"en": talk_en, "zh": talk_zh}
GROUPS = {
    "en": {
        "REFUSALS": talk_refusals_en.REFUSALS + talk_maths.MATHS_EN,
        "GREETING": talk_en.GREETING,
        "IDENTITY": talk_en.IDENTITY,
        "CAPABILITY": talk_en.CAPABILITY,
        "MANNERS": talk_manners.MANNERS_EN,
        "LANGUAGE": talk_manners.LANGUAGE_EN,
        "OTHER": talk_en.OTHER,
    },
    "zh": {
        "REFUSALS": talk_refusals_zh.REFUSALS + talk_maths.MATHS_ZH,
        "GREETING": talk_zh.GREETING,
        "IDENTITY": talk_zh.IDENTITY,
        "CAPABILITY": talk_zh.CAPABILITY,
        "MANNERS": talk_manners.MANNERS_ZH,
        "LANGUAGE": talk_manners.LANGUAGE_ZH,
        "OTHER": talk_zh.OTHER,
    },
}
WORDS = {"en": talk_words.EN, "zh": talk_words.ZH}
PLUGINS = ("Calculate", "Solve")  # the plugins that moss-mini knows
WEIGHTS = {
    "REFUSALS": 40,
    "GREETING": 12,
    "IDENTITY": 12,
    "CAPABILITY": 10,
    "MANNERS": 10,
    "LANGUAGE": 8,
    "REPEAT": 3,
    "OTHER": 5,
}
SWITCHED_OFF = 0.4  # of the exchanges where a plugin is missing, those that need it
LATIN = {"GREETING": 0.2, "MANNERS": 0.1}  # of those in Chinese conversations, how many are English all the same
ABILITY = 0.25  # of the capability questions, those that name a plugin's ability

# --- the contents of slots ------------------------------------------------------------------------------------------

CODE = ("python", "Java", "C++", "JavaScript", "Rust", "C", "Go", "HTML", "SQL", "Ruby", "PHP", "Swift", "bash", "R")
HANZI = "天地人山水火木土金日月风云雨雪花草鸟鱼虫手足口耳目心大小上下左右前后红黄蓝白黑东西南北马牛羊车门书笔灯桌"
SUMS = (5, 10, 20, 50, 100, 200, 300, 500, 1000, 2000, 5000, 10000)
LETTERS = "asdfghjklqwertyuiopzxcvbnm"


def _formula(s: Sampler, patterns: Sequence[str]) -> str:
    """A formula with small coefficients; {k} is larger and {r} a sign of inequality."""
    text = s.choice(patterns)
    for name in "abcd":
        if f"{{{name}}}" in text:
            text = text.replace(f"{{{name}}}", str(s.randint(2, 9 if name == "d" else 12)))
    if "{k}" in text:
        text = text.replace("{k}", str(s.integer(2, 150)))
    return text.replace("{r}", s.choice("<>≤≥") if s.random() < 0.6 else s.choice(("<=", ">=", "<", ">")))


def _ordinal(s: Sampler) -> str:
    n = s.randint(1, 40)
    return f"{n}{'th' if 10 < n < 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"


MADE = {  # slots that are made rather than drawn from a list
    "n": lambda s: str(s.integer(2, 30) if s.random() < 0.6 else s.integer(2, 2000)),
    "digit": lambda s: str(s.randint(1, 9)),
    "year": lambda s: str(s.integer(1900, 2030) if s.random() < 0.75 else s.integer(900, 1899)),
    "money_n": lambda s: str(s.choice(SUMS) if s.random() < 0.6 else s.integer(2, 3000)),
    "nth": _ordinal,
    "code": lambda s: s.choice(CODE),
    "function": lambda s: _formula(s, talk_maths.FUNCTIONS),
    "inequality": lambda s: _formula(s, talk_maths.INEQUALITIES),
    "equation": lambda s: _formula(s, talk_maths.LINEAR if s.random() < 0.7 else talk_maths.QUADRATIC),
    "quadratic": lambda s: _formula(s, talk_maths.QUADRATIC),
    "system": lambda s: _formula(s, talk_maths.SYSTEM),
    "matrix": lambda s: "[[{}, {}], [{}, {}]]".format(*(s.randint(0, 9) for _ in range(4))),
    "series": lambda s: ", ".join(str(s.randint(1, 30)) for _ in range(s.randint(3, 6))),
    "landlord": lambda s: s.choice(("landlord", "neighbour", "boss", "employer", "bank", "school")),
    "gibberish": lambda s: "".join(s.choices(LETTERS, k=s.randint(4, 9))),
    "hanzi": lambda s: "".join(s.choices(HANZI, k=s.randint(3, 5))),
}
_CHOICE = re.compile(r"<([^<>]*;[^<>]*)>")
_SLOT = re.compile(r"\{(\w+)\}")


def _fill(s: Sampler, text: str, lists: dict[str, tuple[str, ...]]) -> str:
    """Fills the choices and slots of a text from `lists` or, where a name is not there, from MADE."""
    if "<" in text:
        text = _CHOICE.sub(lambda match: s.choice(match[1].split(";")), text)
    if "{" in text:
        text = _SLOT.sub(lambda m: _fill(s, s.phrasing(lists[m[1]]), lists) if m[1] in lists else MADE[m[1]](s), text)
    return text


# --- how people type ------------------------------------------------------------------------------------------------

ASKING = re.compile(
    r"(what|what's|whats|who|who's|where|when|why|how|which|is|are|am|can|could|do|does|did|will|would|should|have|may)"
    r"\b",
    re.I,
)
ASKING_ZH = re.compile(
    r"吗|呢|什么|谁|哪|怎么|怎样|如何|多少|几|为什么|为啥|是不是|能不能|会不会|多[大高长远久快重深]|好不好|啥$"
)
BEFORE = {
    "en": (
        "hi, ",
        "hello, ",
        "hey, ",
        "hey MOSS, ",
        "hello! ",
        "Hi MOSS, ",
        "ok, ",
        "so ",
        "well, ",
        "please, ",
        "and ",
        "sorry, ",
        "MOSS, ",
        "hm, ",
        "now ",
    ),
    "zh": (
        "你好，",
        "请问",
        "请问，",
        "请问一下，",
        "那",
        "那么，",
        "MOSS，",
        "嗨，",
        "您好，",
        "对了，",
        "嗯，",
        "我想问，",
        "你好！",
        "话说",
        "麻烦问下，",
    ),
}
AFTER = {
    "en": (
        ", please",
        " please",
        ", thanks",
        " MOSS",
        ", MOSS",
        ", thank you",
        ", do you know",
        " then",
        " now",
        " for me",
        " again",
    ),
    "zh": (
        "，谢谢",
        "呀",
        "啊",
        "，MOSS",
        "，谢谢你",
        "，麻烦了",
        "，告诉我",
        "，快说",
        "，拜托",
    ),
}


# A phrasing with a formula is left alone: "X" for "x" would be another unknown.
FORMULAS = (
    "{equation}",
    "{system}",
    "{quadratic}",
    "{inequality}",
    "{function}",
    "(x",
)


def _slip(s: Sampler, text: str) -> str:
    """One typing error in one word of five letters or more: two letters swapped, one left out, or one doubled."""
    spans = [m.span() for m in re.finditer(r"[A-Za-z]{5,}", text)]
    if not spans:
        return text
    start, end = s.choice(spans)
    at = s.randrange(start + 1, end - 1)
    kind = s.randrange(3)
    middle = (text[at + 1] + text[at], "" + text[at + 1], text[at] * 2 + text[at + 1])[kind]
    return text[:at] + middle + text[at + 2 :]


def _rough(s: Sampler, text: str, language: Language, formula: bool) -> str:
    """The text as someone might type it: most of the time tidy, otherwise hasty."""
    bare = text.rstrip("?？!！.。")
    short = len(bare) < (12 if language == "en" else 4)
    if not formula and not short and s.random() < 0.06:
        bare = s.choice(BEFORE[language]) + bare
    elif not formula and not short and s.random() < 0.06:
        after = s.choice(AFTER[language])
        bare += "" if bare.endswith(("吗", "呢", "啊", "呀")) and len(after) == 1 else after
    if language == "zh":
        asking = ASKING_ZH.search(bare)
        if asking:
            end = "？" if s.random() < 0.55 else "?" if s.random() < 0.2 else ""
        else:
            end = "。" if s.random() < 0.25 else ""
        if s.random() < 0.02:
            end = s.choice(("！", "！！", "？？", "...", "。。。", "~", " "))
        return (bare if formula or s.random() < 0.95 else bare.replace("，", s.choice((" ", ",")))) + end
    style = s.random()
    if not formula and s.random() < 0.05:
        bare = _slip(s, bare)
    if style < 0.35:
        bare = bare if formula else bare.lower()
        if s.random() < 0.4:
            bare = bare.replace("'", "")
    elif style < 0.365 and not formula:
        bare = bare.upper()
    else:
        bare = bare[:1].upper() + bare[1:] if not formula or bare[1:2].isalpha() else bare
    asking = text.endswith("?") or ASKING.match(bare)
    end = ("?" if asking else "." if text[-1] not in "!" else "!") if s.random() < (0.7 if asking else 0.35) else ""
    return bare + (s.choice(("??", "!", "...", " ?", "!!")) if s.random() < 0.02 else end)


def _ask(s: Sampler, asks: tuple[str, ...], language: Language, raw: bool = False) -> str:
    template = s.phrasing(asks)
    text = _fill(s, template, WORDS[language])
    if raw:
        return text
    return _rough(s, text, language, formula=any(slot in template for slot in FORMULAS))


# --- exchanges ------------------------------------------------------------------------------------------------------


@cache
def _sentences(language: Language, enabled: str) -> dict[str, tuple[str, ...]]:
    texts = TEXTS[language]
    return {"scope": texts.SCOPE, "offer": texts.OFFER[enabled], "example": texts.EXAMPLE[enabled]}


@cache
def _cumulative(talks: tuple[Talk, ...]) -> list[float]:
    total, sums = 0.0, []
    for talk in talks:
        total += talk.weight
        sums.append(total)
    return sums


def _reply(s: Sampler, talk: Talk, language: Language, enabled: str) -> str:
    reply = talk.reply or language
    answer = _fill(s, s.choice(talk.answers), _sentences(reply, enabled))
    # a gap is wanted between sentences in English, none in Chinese
    return re.sub(r"(?<=[。！？；]) +", "", answer) if reply == "zh" else answer


def _made(s: Sampler, talk: Talk, language: Language, enabled: str) -> Turn:
    return Turn(
        human=_ask(s, talk.asks, language, talk.raw),
        answer=_reply(s, talk, language, enabled),
        thoughts=s.choice(talk.thoughts),
        tag=talk.tag,
    )


PLAIN = {
    "en": re.compile(r"\b(can't|cannot|couldn't|unable|not able|don't|do not|sorry|afraid|only|not trained)\b", re.I),
    "zh": re.compile(r"不能|无法|没法|不会|只会|只能|抱歉|对不起|不了解|不知道|不懂|做不到|没办法"),
}


def _plainly(refusal: str, language: Language) -> str:
    """The refusal, begun with an apology where no plain word such as "cannot" tells at once that it is one."""
    if PLAIN[language].search(refusal):
        return refusal
    if language == "zh":
        return "抱歉，" + refusal
    return "Sorry, " + (refusal if re.match(r"I\b", refusal) else refusal[0].lower() + refusal[1:])


def _refusal(s: Sampler, language: Language, enabled: str) -> Turn:
    """A refusal: the topic is named, then what MOSS was trained for, what it can do, or both."""
    talks = GROUPS[language]["REFUSALS"]
    talk = s.choices(talks, cum_weights=_cumulative(talks))[0]
    sentences = _sentences(language, enabled)
    parts = [_plainly(s.choice(talk.answers), language)]
    shape = s.random()
    if shape < 0.6:
        parts.append(s.choice(sentences["scope"]))
    if shape > 0.4 and (shape > 0.6 or enabled):
        parts.append(s.choice(sentences["offer"]))
    answer = (" " if language == "en" else "").join(parts)
    return Turn(_ask(s, talk.asks, language), answer, s.choice(talk.thoughts), tag="refusal")


def _about_plugin(s: Sampler, language: Language, plugin: str, enabled: tuple[str, ...], question: bool) -> Turn:
    """A question that needs `plugin` (switched off), or one that asks whether MOSS has such an ability."""
    asks, off, off_thoughts = TEXTS[language].SWITCHED_OFF[plugin]
    answers, thoughts, tag = off, off_thoughts, "switched_off"
    if not question:
        asks, yes, yes_thoughts = TEXTS[language].ABILITY[plugin]
        if plugin in enabled:
            answers, thoughts, tag = yes, yes_thoughts, "capability"
    return Turn(_ask(s, asks, language), s.choice(answers), s.choice(thoughts), tag=tag)


def _repeat(s: Sampler, language: Language, last: str | None) -> Turn:
    asks, quotes, nones, thoughts, none_thoughts = TEXTS[language].REPEAT
    answer = s.choice(nones) if last is None else s.choice(quotes).replace("{last}", last)
    return Turn(_ask(s, asks, language), answer, s.choice(none_thoughts if last is None else thoughts), tag="repeat")


def turn(s: Sampler, language: Language, last: str | None, plugins: tuple[str, ...] = PLUGINS) -> Turn:
    """One exchange without commands.

    Args:
        s: draws everything, so that the same seed gives the same exchange.
        language: "en" or "zh", of the question. The answer is in the same one, unless another is asked for.
        last: the last numeric result of the conversation as it was displayed, or None.
        plugins: the commands that are switched on. What needs another is answered with the fact that it is off.

    Returns:
        A Turn with `commands` empty and `answer` a text; its tag is the kind of question.
    """
    enabled = tuple(name for name in PLUGINS if name in plugins)
    key = "+".join(enabled)
    missing = [name for name in PLUGINS if name not in plugins]
    if missing and s.random() < SWITCHED_OFF:
        return _about_plugin(s, language, s.choice(missing), enabled, question=True)
    group = s.choices(tuple(WEIGHTS), weights=tuple(WEIGHTS.values()))[0]
    if group == "REFUSALS":
        return _refusal(s, language, key)
    if group == "REPEAT":
        return _repeat(s, language, last)
    if group == "CAPABILITY" and s.random() < ABILITY:
        return _about_plugin(s, language, s.choice(PLUGINS), enabled, question=False)
    if language == "zh" and group in LATIN and s.random() < LATIN[group]:
        language = "en"  # a "hi" or "thanks" in the middle of Chinese is answered in its own language
    talks = GROUPS[language][group]
    return _made(s, s.choices(talks, cum_weights=_cumulative(talks))[0], language, key)


if __name__ == "__main__":
    import time
    from collections import Counter

    for sample_language in ("en", "zh"):
        sampler = Sampler(1)
        for i in range(60):
            on = PLUGINS if i < 48 else ((), PLUGINS[:1], PLUGINS[1:])[i % 3]
            made = turn(sampler, sample_language, "84" if i % 2 else None, on)
            print(f"[{made.tag}] {made.human}\n    ({made.thoughts})\n    {made.answer}")
        start, tags, distinct = time.perf_counter(), Counter(), set()
        for _ in range(20_000):
            made = turn(sampler, sample_language, "84")
            tags[made.tag] += 1
            distinct.add(made.human)
        rate = 20_000 / (time.perf_counter() - start)
        print(f"{rate:.0f} turns/s, {len(distinct)} distinct questions of 20000, {tags}\n")

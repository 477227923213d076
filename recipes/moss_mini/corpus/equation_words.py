"""Word problems that end in one `Solve(...)`: the stories of `equation_stories.py` and `equation_riddles.py`, their people, things and numbers."""
# ruff: noqa: SIM905

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from recipes.moss_mini.corpus import calculations_names, equation_numbers
from recipes.moss_mini.corpus.common import Sampler, Turn
from recipes.moss_mini.corpus.equation_puzzles import puzzle
from recipes.moss_mini.corpus.equation_riddles import RIDDLES
from recipes.moss_mini.corpus.equation_stories import STORIES
from recipes.moss_mini.corpus.equation_stories_more import MORE_STORIES
from recipes.moss_mini.corpus.equation_text import (
    Numbers,
    either,
    equation_text,
    number_slots,
    parse_result,
    result_in_words,
    roughen,
    shown_number,
    spelled,
)
from recipes.moss_mini.corpus.phrasebook import expand

NAMES = {
    "en": "Tom Anna Ben Lisa Max Emma Sam Mia Paul Julia Peter Kate John Mary Alice Bob Leo Nina Jack Sara Omar Lucy David Eva Adam Amy Carlos Zoe Ali Grace".split(),
    "zh": "小明 小红 小华 小刚 小丽 小强 小芳 小军 小李 小王 小张 甲 乙 张三 李四 妹妹 哥哥 小美 小林 小亮 小英 王明 李华 丽丽 乐乐 小东".split(),
}  # fmt: skip
# English singular and plural, Chinese measure word and noun.
THINGS = [
    ("pen", "pens", "支", "钢笔"), ("pencil", "pencils", "支", "铅笔"), ("book", "books", "本", "书"), ("notebook", "notebooks", "本", "笔记本"),
    ("apple", "apples", "个", "苹果"), ("banana", "bananas", "根", "香蕉"), ("pear", "pears", "个", "梨"), ("orange", "oranges", "个", "橙子"),
    ("coffee", "coffees", "杯", "咖啡"), ("tea", "teas", "杯", "茶"), ("cup", "cups", "个", "杯子"), ("plate", "plates", "个", "盘子"),
    ("shirt", "shirts", "件", "衬衫"), ("hat", "hats", "顶", "帽子"), ("chair", "chairs", "把", "椅子"), ("table", "tables", "张", "桌子"),
    ("cake", "cakes", "个", "蛋糕"), ("ball", "balls", "个", "球"), ("bottle", "bottles", "瓶", "水"), ("sandwich", "sandwiches", "个", "三明治"),
    ("burger", "burgers", "个", "汉堡"), ("ruler", "rulers", "把", "尺子"), ("eraser", "erasers", "块", "橡皮"), ("bag", "bags", "个", "书包"),
    ("toy", "toys", "个", "玩具"), ("muffin", "muffins", "个", "面包"), ("soccer ball", "soccer balls", "个", "足球"), ("basketball", "basketballs", "个", "篮球"),
]  # fmt: skip
OWNED = [
    ("marbles", "颗", "弹珠"), ("stickers", "张", "贴纸"), ("books", "本", "书"), ("apples", "个", "苹果"), ("cards", "张", "卡片"), ("coins", "枚", "硬币"),
    ("stamps", "张", "邮票"), ("sweets", "颗", "糖"), ("candies", "块", "糖果"), ("dollars", "元", "钱"), ("pencils", "支", "铅笔"), ("toys", "个", "玩具"),
    ("balloons", "个", "气球"), ("points", "分", "积分"), ("cookies", "块", "饼干"), ("eggs", "个", "鸡蛋"),
]  # fmt: skip
TWO_LEGS = [
    ("chickens", "鸡"),
    ("chickens", "鸡"),
    ("ducks", "鸭"),
    ("hens", "鸡"),
    ("geese", "鹅"),
    ("birds", "鸟"),
    ("ostriches", "鸵鸟"),
]
FOUR_LEGS = [("rabbits", "兔"), ("rabbits", "兔"), ("rabbits", "兔子"), ("cows", "牛"), ("pigs", "猪"), ("sheep", "羊"), ("goats", "山羊"), ("dogs", "狗"), ("horses", "马"), ("cats", "猫")]  # fmt: skip

MORE_NAMES = {
    "en": [name for name, _, _ in calculations_names.MORE_PEOPLE if name[0].isupper()],
    "zh": calculations_names.MORE_PEOPLE_ZH,
}
MORE_THINGS = {"en": calculations_names.MORE_SHARED, "zh": calculations_names.MORE_SHARED_ZH}


def _thing(s: Sampler, language: str) -> tuple[str, str, str, str]:
    """One of THINGS, a rarer thing, or one with an invented name; of the other language's words it has none."""
    if s.random() < 0.4:
        return s.choice(THINGS)
    first, second = calculations_names.thing(s, language, MORE_THINGS[language], MORE_THINGS[language])
    return (first, second, "", "") if language == "en" else ("", "", first, second)


# --- reading the stories -----------------------------------------------------------------------------------------------


@dataclass
class Wording:
    """One language's part of a story: what x and y are, situations, and groups of (questions, answers)."""

    meanings: list[str] = field(default_factory=list)
    situations: list[str] = field(default_factory=list)
    groups: list[tuple[list[str], list[str]]] = field(default_factory=list)


@dataclass
class Story:
    name: str
    weight: float
    draw: Callable[[Sampler], Numbers]
    equation: str
    wording: dict[str, Wording] = field(default_factory=dict)


def read_stories(text: str) -> list[Story]:
    """Reads the notation of `equation_stories.py`.

    Raises:
        ValueError: a line that begins with none of its signs, or a kind that names no function.
    """
    stories: list[Story] = []
    wording, asks = Wording(), []
    for line in filter(None, map(str.strip, text.splitlines())):
        sign, _, rest = line.partition(" ")
        if sign == "@":
            weight, name, equation = (part.strip() for part in rest.split("|"))
            draw = equation_numbers.SAME.get(name) or getattr(equation_numbers, name, None)
            if draw is None:
                raise ValueError(f"no function draws the numbers of the story {name!r}")
            stories.append(Story(name, float(weight), draw, equation))
        elif line in ("en", "zh"):
            wording = stories[-1].wording[line] = Wording()
        elif sign == "=":
            wording.meanings = [part.strip() for part in rest.split("|")]
        elif sign == ".":
            wording.situations.append(rest)
        elif sign in ("?", "*"):
            asks.append(line)
        elif sign == ">":
            wording.groups.append((asks, [part.strip() for part in rest.split(" / ")]))
            asks = []
        else:
            raise ValueError(f"the line {line!r} begins with none of @ en zh = . ? * >")
    return stories


ALL_STORIES = read_stories(STORIES + RIDDLES + MORE_STORIES)
WEIGHTS = [story.weight for story in ALL_STORIES]


def _things(s: Sampler, language: str, name: str, n: Numbers) -> dict[str, str]:
    """People and things of one question. {p} {p1} {pc}: plural, singular, Chinese measure word; {ap}: "3 pens"."""
    people = s.sample(NAMES[language] if s.random() < 0.5 else MORE_NAMES[language], 2)
    if language == "zh" and s.random() < 0.15:
        people = ["甲", "乙"]
    slots = {"n": people[0], "m": people[1]}
    zh = language == "zh"
    if name == "heads_and_legs":
        pair = [s.choice(TWO_LEGS)[zh], s.choice(FOUR_LEGS)[zh]]
        slots["p"], slots["q"] = pair if n["a"] == 2 else pair[::-1]
        if zh and s.random() < 0.6:
            slots["p"], slots["q"] = ("鸡", "兔") if n["a"] == 2 else ("兔", "鸡")
    elif name in ("two_owners_ratio", "two_owners_more", "give_away", "sharing"):
        p, measure, p_zh = s.choice(OWNED)
        slots |= {"p": p_zh if zh else p, "pc": measure}
    else:
        pair = s.sample(THINGS, 2)
        while s.random() < 0.7 or pair[0] == pair[1]:
            pair = [_thing(s, language), _thing(s, language)]
            if pair[0][language == "zh" and 3] != pair[1][language == "zh" and 3]:
                break
        for key, (one, many, measure, thing) in zip("pq", pair, strict=True):
            slots |= {key: thing if zh else many, key + "1": one, key + "c": measure}
        if name in ("shopping", "change"):
            for count, key in zip("abcd", "pqpq", strict=True):
                if count in n:
                    size = n[count]
                    shown = spelled(size, language) if s.random() < 0.12 else str(size)
                    if zh:
                        slots[count + key] = shown + slots[key + "c"] + slots[key]
                    else:
                        slots[count + key] = shown + " " + (slots[key + "1"] if size == 1 else slots[key])
    return slots


def _story(s: Sampler, language: str) -> tuple[Turn, Numbers]:
    story = s.choices(ALL_STORIES, WEIGHTS)[0]
    drawn = story.draw(s)
    numbers = {key: value for key, value in drawn.items() if key not in ("x", "y") and not isinstance(value, str)}
    wording = story.wording[language]
    things = _things(s, language, story.name, drawn)
    things |= {key[:-3]: value for key, value in drawn.items() if key.endswith(":" + language)}
    equation = equation_text(story.equation, numbers)

    # 1. The question: a situation and a question about it, or a whole one.
    asks, answers = (
        s.choices(wording.groups, [3] + [1] * (len(wording.groups) - 1))[0]
        if wording.situations
        else s.choice(wording.groups)
    )
    ask = s.phrasing(asks)
    template = expand(s, ask[2:])
    if ask[0] == "?":
        situation = expand(s, s.phrasing(wording.situations))
        if language == "en" and s.random() < 0.06:
            ask_first = re.sub(r"[.?]$", "", template)
            template = (
                f"{ask_first} if {situation[0].lower() if situation[0] != '{' else '{'}{situation[1:]}".rstrip(".")
                + "?"
            )
        else:
            template = situation + (" " if language == "en" else "") + template
    if template[0] == "{" and language == "en":
        key = template[1 : template.index("}")]
        if key in things:
            things = things | {"_": things[key][0].upper() + things[key][1:]}
            template = "{_}" + template[len(key) + 2 :]
    human = roughen(s, template, language, things | number_slots(s, numbers, language), plain=0.5)

    # 2. The thought says what x and y are.
    shown = things | {key: shown_number(value) for key, value in numbers.items()}
    meanings = [meaning.format_map(shown) for meaning in wording.meanings]
    if language == "en":
        thoughts = f"Let x be {meanings[0]}" + (f" and y {meanings[1]}" if len(meanings) > 1 else "") + f": {equation}."
    else:
        thoughts = f"设x为{meanings[0]}" + (f"，y为{meanings[1]}" if len(meanings) > 1 else "") + f"：{equation}。"

    answer = s.phrasing(answers)
    turn = Turn(human, _word_answer(language, answer, shown), thoughts, (("Solve", equation),), "equation_word")
    return turn, {key: value for key, value in drawn.items() if key in ("x", "y")}


def _word_answer(language: str, template: str, things: dict[str, str]) -> Callable[[str], str]:
    def answer(result: str) -> str:
        solutions = parse_result(result)
        if not solutions:
            return result_in_words(result, language)
        one_unknown = len(solutions[0]) == 1
        values = dict(solutions[-1] if one_unknown else solutions[0])  # of two roots the larger is the meant one
        shown = template.format_map(things | values | {"all": either(language).join(v for [(_, v), *_] in solutions)})
        return shown if template[0] in "xy" else shown[0].upper() + shown[1:]

    return answer


def word_problem(s: Sampler, language: str) -> tuple[Turn, Numbers]:
    """A word problem and the values that it was built from, by unknown (empty where none are known)."""
    return puzzle(s, language) if s.random() < 0.4 else _story(s, language)

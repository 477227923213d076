"""What all questions of the calculations share: frames round a noun phrase or an order, openers, names, things."""

from pathlib import Path

from recipes.moss_mini.corpus.common import Language, Sampler


def read_lists(name: str) -> dict[tuple[str, str], list[str]]:
    """Reads phrasings/lists/<name>: {("frames", "en"): […]} from sections that open with "== frames en"."""
    lists: dict[tuple[str, str], list[str]] = {}
    for line in (Path(__file__).parent / "phrasings" / "lists" / name).read_text("utf-8").splitlines():
        if line.startswith("== "):
            section, language = line[3:].rsplit(" ", 1)
            current = lists[section, language] = []
        elif line and not line.startswith("# "):
            current.append(line.removesuffix("[|]"))
    return lists


_LISTS = read_lists("frames.txt")
FRAMES, ORDERS, OPENERS, CLOSERS, LINKS, ANSWERS = (
    {language: _LISTS[section, language] for language in ("en", "zh")}
    for section in ("frames", "orders", "openers", "closers", "links", "answers")
)

NOISE = read_lists("noise.txt")  # words and sentences that have nothing to do with the question
_CAST = read_lists("cast.txt")
PEOPLE = [tuple(x.rsplit(" ", 2)) for x in _CAST["people", "en"]]
THINGS = [tuple(x.split("/")) for x in _CAST["things", "en"]]
SHARED = [tuple(x.split("/")) for x in _CAST["shared", "en"]]
THINGS_ZH = [tuple(x.split()) for x in _CAST["things", "zh"]]
SHARED_ZH = [tuple(x.split()) for x in _CAST["shared", "zh"]]


def _pair(noun: str) -> tuple[str, str]:
    """The singular and plural of "knife/knives" or, where the plural is regular, of "brick"."""
    if "/" in noun:
        one, many = noun.split("/")
        return one, many
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun, noun[:-1] + "ies"
    return noun, noun + ("es" if noun.endswith(("s", "x", "ch", "sh", "z")) else "s")


_MORE = read_lists("things_more.txt")
MORE_PEOPLE = [tuple(x.strip().rsplit(" ", 2)) for line in _MORE["people", "en"] for x in line.split(",")]
MORE_PEOPLE_ZH = [x for line in _MORE["people", "zh"] for x in line.split("，")]
MORE_THINGS, MORE_SHARED = (
    [_pair(x.strip()) for line in _MORE[section, "en"] for x in line.split(",")] for section in ("things", "shared")
)
MORE_THINGS_ZH, MORE_SHARED_ZH = (
    [(line.split(" ")[0], x) for line in _MORE[section, "zh"] for x in line.split(" ")[1].split("，")]
    for section in ("things", "shared")
)
GROUPS_EN = _CAST["groups", "en"] + [x.strip() for line in _MORE["groups", "en"] for x in line.split(",")]
GROUPS_ZH = _CAST["groups", "zh"] + [x for line in _MORE["groups", "zh"] for x in line.split("，")]

INVENTED = 0.12  # of the things, those that have a name nobody has heard before
ONSETS = (
    *("b", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "bl", "br", "cl", "cr"),
    *("dr", "fl", "fr", "gl", "gr", "kr", "pl", "pr", "qu", "sk", "sl", "sn", "sp", "st", "tr", "tw", "ch", "sh", "th"),
)
ENDS = ("b", "ck", "d", "ff", "g", "k", "l", "m", "n", "nd", "ng", "p", "r", "rk", "rt", "t", "mp", "x", "ss", "")
CHARACTERS = (
    "天地山水木金土云星月光影石玉珠花草叶果米麦竹松梅兰桂荷菊瓜豆茶糖盐油布丝纱线毛皮甲角羽翅鱼虾贝龙虎鹿鹤雁"
    "雪霜露雷电波浪沙泥岩晶铜铁银锡铝钢灯烛香粉墨纸笔书画琴鼓笛钟铃球棋牌轮轴管环链扣针钉板条棒杆盘碗杯壶罐"
    "瓶盒箱袋包篮筐伞扇帽靴衣裙巾被枕席帘柜桌椅凳床门窗梯车船帆桨机器仪表芯片灵宝元方圆长青红蓝紫白乌彩"
)


def invent(s: Sampler) -> tuple[str, str]:
    """An English word that does not exist, with its plural: ("zorbel", "zorbels")."""
    word = "".join(s.choice(ONSETS) + s.choice("aeiou") for _ in range(s.choice((1, 1, 2)))) + s.choice(ONSETS)
    return _pair(word + s.choice("aeiou") + s.choice(ENDS))


def thing(s: Sampler, language: Language, common: list, more: list) -> tuple[str, str]:
    """A thing in singular and plural, or its Chinese measure word and name: a common one, a rarer one, or an invented one."""
    kind = s.random()
    if kind < INVENTED:
        if language == "en":
            return invent(s)
        return s.choice("个个个个个只块件"), s.choice(CHARACTERS) + s.choice(CHARACTERS)
    return s.choice(common if kind < 0.4 else more)


def draw(s: Sampler, language: Language) -> dict[str, str]:
    """The cast of a story: {name} {he} {his} {name2}, {x} {xs} (things sold), {y} {ys} (things shared), {group}.

    In Chinese {m}{x} and {n}{y} are the things with their measure words; {n0} is {n} where a number is called n.
    """
    if language == "zh":
        name, name2 = s.sample(_CAST["people", "zh"] if s.random() < 0.35 else MORE_PEOPLE_ZH, 2)
        (m, x), (n, y) = thing(s, language, THINGS_ZH, MORE_THINGS_ZH), thing(s, language, SHARED_ZH, MORE_SHARED_ZH)
        return {
            "name": name,
            "name2": name2,
            "m": m,
            "x": x,
            "n": n,
            "n0": n,
            "y": y,
            "group": s.choice(GROUPS_ZH),
        }
    (name, he, his), (name2, _, _) = s.sample(PEOPLE if s.random() < 0.35 else MORE_PEOPLE, 2)
    (x, xs), (y, ys) = thing(s, language, THINGS, MORE_THINGS), thing(s, language, SHARED, MORE_SHARED)
    return {
        "name": name,
        "he": he,
        "his": his,
        "name2": name2,
        "x": x,
        "xs": xs,
        "y": y,
        "ys": ys,
        "group": s.choice(GROUPS_EN),
    }

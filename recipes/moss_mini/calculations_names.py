"""What all questions of the calculations share: frames round a noun phrase or an order, openers, names, things."""

from pathlib import Path

from recipes.moss_mini.common import Language, Sampler


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

_CAST = read_lists("cast.txt")
PEOPLE = [tuple(x.rsplit(" ", 2)) for x in _CAST["people", "en"]]
THINGS = [tuple(x.split("/")) for x in _CAST["things", "en"]]
SHARED = [tuple(x.split("/")) for x in _CAST["shared", "en"]]
THINGS_ZH = [tuple(x.split()) for x in _CAST["things", "zh"]]
SHARED_ZH = [tuple(x.split()) for x in _CAST["shared", "zh"]]


def draw(s: Sampler, language: Language) -> dict[str, str]:
    """The cast of a story: {name} {he} {his} {name2}, {x} {xs} (things sold), {y} {ys} (things shared), {group}.

    In Chinese {m}{x} and {n}{y} are the things with their measure words; {n0} is {n} where a number is called n.
    """
    if language == "zh":
        name, name2 = s.sample(_CAST["people", "zh"], 2)
        (m, x), (n, y) = s.choice(THINGS_ZH), s.choice(SHARED_ZH)
        return {
            "name": name,
            "name2": name2,
            "m": m,
            "x": x,
            "n": n,
            "n0": n,
            "y": y,
            "group": s.choice(_CAST["groups", "zh"]),
        }
    (name, he, his), (name2, _, _) = s.sample(PEOPLE, 2)
    (x, xs), (y, ys) = s.choice(THINGS), s.choice(SHARED)
    return {
        "name": name,
        "he": he,
        "his": his,
        "name2": name2,
        "x": x,
        "xs": xs,
        "y": y,
        "ys": ys,
        "group": s.choice(_CAST["groups", "en"]),
    }

"""The Calculate and Solve calls recorded in MOSS's plugin data, against the plugins of today.

The data (CC BY-NC 4.0) is read from the shared folder next to the repository where that is present, and nothing of it
is copied here: calls are identified by file, folder of the source, conversation, turn and position among the results.

Run: python -m pytest tests/plugins/test_recorded_calls.py -s       (-s shows the counts)
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from plugins.calculator import calculate, evaluate
from plugins.equation_solver import INFINITELY_MANY, NO_SOLUTION, solve
from plugins.expression import NO_RESULT, ExpressionError

DATA = Path(__file__).resolve().parents[2] / "../shared/data/moss_003_sft_sample/plugins"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the recorded conversations are not here ({DATA})")

RESULT = re.compile(
    r'^(Calculate|Solve)\("(.*?)"\) =>[ \n](.*?)(?=\n(?:Calculate|Solve|Search|Text2Image)\(|\n?<eor>)',
    re.DOTALL | re.MULTILINE,
)

# Recorded with a value that is wrong -> what is right. In both a text with a unit was taken for the number in it.
RECORDED_WRONG = {
    "train/mix/3157/turn_3/0": NO_RESULT,
    "train/mix/4418/turn_2/0": NO_RESULT,
}

# Recorded as "No result." although there is one -> the right one, where ours is not "No result." too.
RECORDED_NONE = {
    "train/equation_solver/1416/turn_1/0": "x = -0.5034146962",
    "train/equation_solver/501/turn_1/0": "x = -4.898979486\nx = 4.898979486",
    "train/mix/3105/turn_2/0": "200133000",
    "train/mix/3105/turn_2/1": "61605000",
    "train/mix/3105/turn_2/2": "44622000",
    "train/mix/3105/turn_2/3": "19647000",
    "train/mix/3105/turn_2/4": "9324000",
    "train/mix/3105/turn_2/5": "4329000",
    "train/mix/3105/turn_2/6": "666000",
    "train/equation_solver/684/turn_1/0": INFINITELY_MANY,
    "train/equation_solver/1317/turn_1/0": INFINITELY_MANY,
    "train/equation_solver/1112/turn_1/0": NO_SOLUTION,
    "train/equation_solver/1022/turn_1/0": INFINITELY_MANY,
    "train/equation_solver/390/turn_1/0": INFINITELY_MANY,
    "train/equation_solver/883/turn_1/0": INFINITELY_MANY,
    "train/mix/3996/turn_2/0": "0.4658007",
    "train/mix/3996/turn_2/1": "0.5341993",
    "train/mix/1452/turn_2/0": "2027",
    "train/equation_solver/80/turn_1/0": "x = 4",
    "train/equation_solver/641/turn_1/0": INFINITELY_MANY,
    "train/calculator/80/turn_2/0": "737.7235254",
    "train/equation_solver/613/turn_1/0": "x = 9.555555556\ny = 11.94444444",
    "train/equation_solver/1391/turn_1/0": "x = 5.138593384\ny = 23.86140662\nx = 33.86140662\ny = -4.861406616",
    "train/mix/3064/turn_2/0": "200000000",
    "train/equation_solver/202/turn_1/0": INFINITELY_MANY,
    "train/mix/4741/turn_2/0": "1267650600228229401496703205376",
    "train/mix/4741/turn_2/1": "1.071508607e+301",
    "train/mix/4741/turn_2/2": "1.995063117e+3010",
    "train/mix/687/turn_2/0": "-0.001",
    "train/equation_solver/1021/turn_1/0": "x = -4.117647059\ny = -11.23529412",
    "train/equation_solver/790/turn_1/0": "x = 1.755002002\ny = 14.244998\nx = 14.244998\ny = 1.755002002",
    "train/equation_solver/71/turn_1/0": INFINITELY_MANY,
    "train/equation_solver/344/turn_1/0": INFINITELY_MANY,
    "train/equation_solver/328/turn_1/0": "x = 10\ny = 15",
    "train/equation_solver/1479/turn_1/0": "r = -1.936491673\nv = -30.41834007\nr = 1.936491673\nv = 30.41834007",
    "train/mix/2365/turn_2/0": "1398",
    "train/mix/2365/turn_2/1": "1998",
    "train/equation_solver/236/turn_1/0": "x = 56\ny = 56",
    "train/equation_solver/1316/turn_1/0": INFINITELY_MANY,
    "train/equation_solver/1223/turn_1/0": "x = 2.298437881\ny = 8.701562119\nx = 8.701562119\ny = 2.298437881",
    "train/equation_solver/1597/turn_1/0": INFINITELY_MANY,
    "train/equation_solver/76/turn_1/0": NO_SOLUTION,
    "train/mix/3170/turn_2/0": "1024",
    "train/mix/3872/turn_2/0": "4",
    "train/mix/2083/turn_2/0": "2000",
    "train/equation_solver/435/turn_1/0": INFINITELY_MANY,
    "train/equation_solver/880/turn_1/0": "x = 3\ny = 4\nx = 4\ny = 3",
    "train/equation_solver/1367/turn_1/0": INFINITELY_MANY,
    "train/mix/3462/turn_2/0": "0.002",
    "train/mix/2298/turn_2/0": "0.094",
    "train/mix/228/turn_1/0": INFINITELY_MANY,
    "train/equation_solver/198/turn_1/0": "a = 6\nb = 8\nc = 10\nR = 1.25",
    "train/mix/331/turn_1/0": "x = 100",
    "train/equation_solver/1419/turn_1/0": "mu = 32\nsigma = -5\nmu = 32\nsigma = 5",
    "train/mix/412/turn_1/2": INFINITELY_MANY,
    "train/equation_solver/1397/turn_1/0": "r = -3.191538243\nr = 3.191538243",
    "val/mix/1683/turn_2/0": "3467860",
    "val/mix/4436/turn_2/0": "-0.7",
    "val/equation_solver/324/turn_1/0": "x = 1.854590436\nx = 4.428594871",
    "val/mix/129/turn_1/0": "r = 3",
    "val/equation_solver/22/turn_1/0": INFINITELY_MANY,
    "val/equation_solver/830/turn_1/0": INFINITELY_MANY,
    "val/mix/2351/turn_2/0": "-0.002",
    "val/equation_solver/1299/turn_1/0": NO_SOLUTION,
}


class Call(NamedTuple):
    key: str
    name: str
    argument: str
    recorded: str

    @property
    def has_result(self) -> bool:
        return not self.recorded.startswith("No ")


def recorded_calls() -> Iterator[Call]:
    for file in ("train", "val"):
        for line in (DATA / f"{file}.jsonl").read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            folder = record["source"].split("/")[1]
            for turn, parts in record["chat"].items():
                for position, match in enumerate(RESULT.finditer(parts.get("Tool Responses", ""))):
                    key = f"{file}/{folder}/{record['conversation_id']}/{turn}/{position}"
                    yield Call(key, match[1], match[2], match[3].strip().strip("'"))


def number(text: str) -> float:
    try:
        return float(evaluate(text))
    except ExpressionError:
        return float("nan")


def same_number(ours: float, theirs: float) -> bool:
    """Equal to 6 significant digits."""
    return abs(ours - theirs) <= 5e-7 * abs(theirs)


def real_values(text: str) -> dict[str, list[float]]:
    """The real values of "x_0 = -6 / x_1 = 4" (recorded) or "x = -6 / x = 4" (ours)."""
    values: dict[str, set[float]] = {}
    for line in text.splitlines():
        match = re.fullmatch(r"(\w+?)(?:_\d+)? = (.*)", line)
        if match is None:
            return {"not a list of values": [float("nan")]}
        if "I" not in match[2]:
            values.setdefault(match[1], set()).add(number(match[2]))
    return {name: sorted(found) for name, found in values.items()}


def same_solutions(ours: str, theirs: str) -> bool:
    a, b = real_values(ours), real_values(theirs)
    return a.keys() == b.keys() and all(
        len(a[name]) == len(b[name]) and all(map(same_number, a[name], b[name])) for name in a
    )


def answer(call: Call) -> str:
    return calculate(call.argument) if call.name == "Calculate" else solve(call.argument)


def agrees(call: Call, ours: str, theirs: str) -> bool:
    if ours == theirs:
        return True
    if call.name == "Calculate":
        return same_number(number(ours), number(theirs))
    return same_solutions(ours, theirs)


def test_recorded_results_that_are_right_are_ours_too():
    calls = [call for call in recorded_calls() if call.has_result]
    right = [call for call in calls if call.key not in RECORDED_WRONG]
    differing = [(call.key, answer(call)) for call in right if not agrees(call, answer(call), call.recorded)]
    print(
        f"\n{len(calls)} recorded results, {len(right)} of them right, {len(right) - len(differing)} of those ours too"
    )
    assert len(right) > 250
    assert len(differing) <= 0.03 * len(right), differing


def test_recorded_results_that_are_wrong_are_right_here():
    calls = {call.key: call for call in recorded_calls()}
    for key, right in RECORDED_WRONG.items():
        assert calls[key].has_result
        assert agrees(calls[key], answer(calls[key]), right), key


def test_where_no_result_was_recorded_there_is_none_or_the_right_one():
    calls = [call for call in recorded_calls() if not call.has_result]
    assert RECORDED_NONE.keys() <= {call.key for call in calls}
    none = 0
    for call in calls:
        ours = answer(call)
        none += ours == NO_RESULT
        assert ours == NO_RESULT or agrees(call, ours, RECORDED_NONE[call.key]), (call.key, ours)
    print(f"\n{len(calls)} recorded without result: {none} have none here, {len(calls) - none} the right one")

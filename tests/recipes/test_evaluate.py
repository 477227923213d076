"""The judge of moss-mini: what counts as a number, as right, as talk; the question files; the table.

Run with: python -m pytest tests/recipes/test_evaluate.py
"""

import json
from types import SimpleNamespace

import pytest

from models.conversation_moss import Conversation, Part
from recipes.moss_mini import evaluate as ev
from recipes.moss_mini.evaluate import Reply, close, language_of, numbers_in, problem_of, question_from_record

QUESTIONS = sorted((ev.Path(ev.__file__).parent).glob("questions_*.jsonl"))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("The total is 1,234,567.89 dollars.", ["1234567.89"]),
        ("1,2 and 3, 4", ["1", "2", "3", "4"]),
        ("x = -2, y=-3，z为-4", ["-2", "-3", "-4"]),
        ("x = − 2 and y = –5", ["-2", "-5"]),
        ("5-3 = 2, 5 - 3 = 2, x-7, (1)-4, 10%-9", ["5", "3", "2", "5", "3", "2", "7", "1", "4", "10", "9"]),
        ("It is -3.5°C, i.e. -$20 or 负8", ["-3.5", "-20", "-8"]),
        ("一共是１２．５元。", ["12.5"]),
        ("共$18.75, 约¥3", ["18.75", "3"]),
        ("x1 = 4, x2 = 5, H2O", ["4", "5"]),
        ("3^2 + 2**4 = 25", ["3", "2", "25"]),
        ("12²和m²", ["12"]),
        (".5 and 0.25.", [".5", "0.25"]),
        ("1.5e-7", ["1.5e-7"]),
        ("x = -5.385i, y = 2i, 3 in all", ["3"]),
        ("x = 3/4.", ["3/4"]),
        ("答案是-1/3", ["-1/3"]),
        ("12/4 = 5", ["12", "4", "5"]),
        ("The result of 7/2 is 5", ["7", "2", "5"]),
        ("so it is 7/2 = 5", ["7", "2", "5"]),
        ("1/0 has no value, x = 1/0", ["1", "0", "1", "0"]),
        ("No numbers here", []),
    ],
)
def test_numbers_in_a_text(text, numbers):
    assert numbers_in(text) == numbers


@pytest.mark.parametrize(
    ("shown", "expected", "right"),
    [
        ("270", "270", True),
        ("270.0", "270", True),
        ("1234568", "1234567", False),  # one part in a million, but integers
        ("33.33", "33.3333333333", True),
        ("33.34", "33.3333333333", False),
        ("33.3", "33.3333333333", False),  # too short to tell
        ("33.33333333", "33.3333333333", True),
        ("66.66666666", "66.6666666667", True),  # twice a rounded result
        ("0.3333", "0.333333333333", True),
        ("0.003", "0.0033333333", False),
        ("26523", "26522.5", True),
        ("26522", "26522.5", True),
        ("26521", "26522.5", False),
        ("3/4", "0.75", True),
        ("1/3", "0.333333333333", True),
        (".5", "0.5", True),
        ("-2", "2", False),
        ("0", "0.0000001", False),
        ("1e-7", "0.0000001", True),
    ],
)
def test_close(shown, expected, right):
    assert close(shown, expected) is right


def test_language_of_mixed_text():
    assert language_of("我是MOSS，会算数。") == "zh"
    assert language_of("Hello, I am MOSS, 你好") == "en"
    assert language_of("42") is None


CALL = 'Calculate("45*12")'


@pytest.mark.parametrize(
    ("expect", "reply", "problem"),
    [
        ({"numbers": ["540"]}, Reply("", CALL, "", "45*12 is 540."), ""),
        ({"numbers": ["540"]}, Reply("", "None", "", "540"), ""),  # what counts is the number
        ({"numbers": ["540"]}, Reply("", CALL, f"{CALL} => '540'", "It is 504."), "540 is not in the answer"),
        ({"numbers": ["3", "4"]}, Reply(answer="x = 3"), "4 is not in the answer"),
        ({"numbers": ["25|-25"]}, Reply(answer="a change of -25%"), ""),
        ({"numbers": ["5"], "language": "zh"}, Reply(answer="The answer is 5"), "the answer is not in zh"),
        ({"numbers": ["5"], "language": "zh"}, Reply(answer="5"), ""),
        ({"command": None}, Reply("", "None", "None", "Hello!"), ""),
        ({"command": None}, Reply("", CALL, "", "Hello!"), "a command was run"),
        ({"command": None}, Reply("", "None", "", "  "), "no answer"),
        ({"command": None, "contains_any": ["moss"]}, Reply(answer="I am MOSS."), ""),
        ({"command": None, "contains_any": ["moss"]}, Reply(answer="I am nobody."), "none of the expected words"),
        ({"no_result": True}, Reply("", 'Calculate("1/0")', "Calculate(\"1/0\") => 'No result.'", "None."), ""),
        ({"no_result": True}, Reply("", 'Solve("x^2=-4")', 'Solve("x^2=-4") =>\nx = 1 - 2i\nx = 1 + 2i', "None."), ""),
        ({"no_result": True}, Reply("", CALL, f"{CALL} => '540'", "540"), "a result where there is none"),
    ],
)
def test_problem_of_a_reply(expect, reply, problem):
    assert problem_of(expect, reply) == problem


def test_question_from_a_record_of_the_data():
    conversation = Conversation(("Calculate", "Solve"))
    turns = [
        ("3+4, then times 2", 'Calculate("3+4"), Calculate("7*2")', "=> '7'", "That makes 14."),
        ("x^2=4", 'Solve("x^2=4")', "", "x = -2 or x = 2"),
        ("1/0", 'Calculate("1/0")', "", "没有结果。"),
        ("你好", "None", "", "你好，我是MOSS。"),
    ]
    results = [
        "Calculate(\"3+4\") => '7'\nCalculate(\"7*2\") => '14'",
        'Solve("x^2=4") =>\nx = -2\nx = 2',
        "Calculate(\"1/0\") => 'No result.'",
        "None",
    ]
    for (human, commands, _, answer), result in zip(turns, results, strict=True):
        parts = [("Human", human), ("Inner Thoughts", "None"), ("Commands", commands)]
        for role, text in [*parts, ("Results", result), ("MOSS", answer)]:
            conversation.add(role, text)
    item = question_from_record(conversation.to_record(), "h-1")
    assert [turn["say"] for turn in item["turns"]] == [turn[0] for turn in turns]
    assert [turn["expect"] for turn in item["turns"]] == [
        {"numbers": ["14"], "kind": "Calculate"},  # 7 is on the way, the answer does not state it
        {"numbers": ["-2", "2"], "kind": "Solve"},
        {"no_result": True, "kind": "no result"},
        {"command": None, "kind": "talk", "language": "zh"},
    ]
    assert item["meta_instruction"] == conversation.meta_instruction


class Parrot:
    """Stands for an Inference: answers from a list."""

    plugins = ("Calculate", "Solve")
    tokenizer = SimpleNamespace(encode_text=str.split)

    def __init__(self, answers):
        self.answers = iter(answers)

    def chat(self, conversation, **paras):
        assert paras == {"temperature": 0.0}
        texts = ("Double it.", CALL, f"{CALL} => '540'", next(self.answers))
        for role, text in zip(("Inner Thoughts", "Commands", "Results", "MOSS"), texts, strict=True):
            conversation.add(role, text)
            yield Part(role, text)


def test_evaluate_counts_turns_and_describes_failures():
    turns = [{"say": "45*12", "expect": {"numbers": ["540"]}}, {"say": "thanks", "expect": {"command": None}}]
    items = [{"id": "a", "language": "en", "kind": "multi", "turns": turns}]
    failures = []
    outcomes = list(ev.evaluate(Parrot(["It is 540.", "Welcome."]), items, failures, temperature=0.0))
    assert [outcome.problem for outcome in outcomes] == ["", "a command was run"]
    assert [outcome.tokens for outcome in outcomes] == [3 + 2 + 4, 3 + 2 + 2]  # words of three parts, and their ends
    assert [(f["id"], f["turn"], f["say"]) for f in failures] == [("a", 2, "thanks")]
    json.dumps(failures)
    lines = [" ".join(line.split()) for line in ev.table(outcomes).splitlines()]
    assert lines[1] == "multi 1 / 2 50.0% - - 1 / 2 50.0%"
    assert lines[2] == "tool questions 1 / 1 100.0% - - 1 / 1 100.0%"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: not JSON"),
        ('{"id": "a"}', "needs id, language, kind"),
        ('{"id": "a", "language": "fr", "kind": "k", "turns": [{"say": "a", "expect": {}}]}', "language is 'fr'"),
        ('{"id": "a", "language": "en", "kind": "k", "turns": [{"say": "a"}]}', '"say", a text, and "expect"'),
        (
            '{"id": "a", "language": "en", "kind": "k", "turns": [{"say": "a", "expect": {"numbers": ["x"]}}]}',
            "'x' is no number",
        ),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, message):
    path = tmp_path / "questions.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        ev.read_questions(path)


def test_nothing_to_ask_and_a_missing_file_end_without_a_traceback(tmp_path, capsys):
    for argv, message in (([], "nothing to ask"), ([str(tmp_path / "no.jsonl")], "no.jsonl")):
        with pytest.raises(SystemExit) as stop:
            ev.main(argv)
        assert stop.value.code
        assert message in capsys.readouterr().err


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_question_files_are_sound(path):
    items = ev.read_questions(path)
    assert len(items) == len({item["id"] for item in items}) == 300
    assert abs(sum((item["language"] == "en") - (item["language"] == "zh") for item in items)) <= 10
    expects = [(turn["say"], turn["expect"]) for item in items for turn in item["turns"]]
    assert all(("numbers" in expect) != ("command" in expect) for _, expect in expects)
    # An answer that merely repeats the question must not be right.
    repeated = [say for say, expect in expects if "numbers" in expect and not problem_of(expect, Reply(answer=say))]
    assert not repeated


def test_question_files_share_no_question():
    items = [item for path in QUESTIONS for item in ev.read_questions(path)]
    said = [" ".join(turn["say"] for turn in item["turns"]).lower() for item in items]
    assert len(set(said)) == len(items) == 300 * len(QUESTIONS)

"""The checkpoint that comes along: its size, its tokenizer, and that it really answers."""

import pytest

from moss_inference import MOSS_MINI, Inference

QUESTIONS = {
    "What is 12*7?": "84",
    "what's 15% of 240": "36",
    "How many kilometres are 26.2 miles?": "42.1648128",
    "Solve 3x + 5 = 20": "5",
    "x^2 - 5x + 6 = 0": "3",
    "(17 + 28) / 9": "5",
    "计算 125 × 8": "1000",
    "原价200元打八折是多少钱？": "160",
    "5英里是多少公里": "8.04672",
    "解方程 2x + 3 = 11": "4",
    "鸡和兔共35只，腿共94条，鸡和兔各几只？": "12",
    "一百二十除以八等于多少": "15",
}


@pytest.fixture(scope="module")
def infer():
    return Inference(device_map="cpu")


def test_clone_stays_light():
    assert sum(path.stat().st_size for path in MOSS_MINI.rglob("*")) < 32e6


def test_numbers_are_read_digit_by_digit(infer):
    ids = infer.tokenizer.encode_text("20 1234567 3.14 12%")
    assert [infer.tokenizer.decode([i]) for i in ids if infer.tokenizer.decode([i]).strip().isdigit()] == list(
        "20123456731412"
    )


@pytest.fixture(scope="module")
def answers(infer):
    return dict(zip(QUESTIONS, infer(list(QUESTIONS)), strict=True))


@pytest.mark.parametrize("question", QUESTIONS)
def test_question_is_answered(answers, question):
    assert QUESTIONS[question] in answers[question]

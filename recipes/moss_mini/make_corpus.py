"""Writes the conversations that moss-mini is trained on, in the jsonl format of MOSS's own data.

    python recipes/moss_mini/make_corpus.py --output_dir data/moss_mini --conversations 300000

writes train.jsonl, and val.jsonl from phrasings and numbers that train.jsonl never shows (see corpus/common.py). The
sentences are put together from the lists in corpus/; every result comes from the plugins themselves. Conversation i
depends on the seed and on i alone, whatever the number of workers.
"""

import argparse
import functools
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tqdm import tqdm

from models.conversation_moss import (
    NO_RESULT,
    NOTHING,
    Command,
    Conversation,
    build_meta_instruction,
    format_results,
)
from plugins.calculator import calculate
from plugins.equation_solver import solve
from recipes.moss_mini.corpus import calculations, equations, talk
from recipes.moss_mini.corpus.common import Sampler, Turn

# Which plugins are switched on, with weights; and other preambles, rarely, so that a user may write one.
SWITCHES = {("Calculate", "Solve"): 91, ("Calculate",): 4, ("Solve",): 4, (): 1}
PREAMBLES = (
    "You are MOSS, a helpful assistant.",
    "你是MOSS，一个乐于助人的助手。",
    "You are a calculator assistant. Be brief.",
    "MOSS answers in English and Chinese.",
)
TURNS = {1: 28, 2: 23, 3: 19, 4: 13, 5: 8, 6: 5, 7: 3, 8: 1}
CHUNK = 1000

# What a calculator has no answer to. A Turn's expression and the words for it.
NO_VALUE = (
    (
        "{a}/0",
        ("what is {a} divided by 0?", "{a}/0", "divide {a} by zero"),
        ("{a}除以0等于多少？", "{a}÷0", "算一下{a}/0"),
    ),
    ("sqrt(-{a})", ("what is the square root of -{a}?", "sqrt(-{a})"), ("-{a}的平方根是多少？", "根号-{a}等于几")),
    ("0/0", ("0/0", "what is zero over zero?"), ("0除以0是多少", "0÷0=?")),
)


def conversations(seed: int, count: int, held_out: bool = False, start: int = 0) -> Iterator[dict]:
    """Yields records start … start + count - 1 of the corpus with this seed."""
    for index in range(start, start + count):
        yield _conversation(Sampler(seed * 1_000_003 + index * 2 + held_out, held_out)).to_record()


def _conversation(s: Sampler) -> Conversation:
    plugins = s.choices(list(SWITCHES), list(SWITCHES.values()))[0]
    if s.random() < 0.04:
        preamble = s.choice(PREAMBLES)
        conversation = Conversation(meta_instruction=build_meta_instruction(plugins, preamble))
    else:
        conversation = Conversation(plugins)
    language, last = s.choice(("en", "zh")), None
    for _ in range(s.choices(list(TURNS), list(TURNS.values()))[0]):
        if s.random() < 0.06:
            language = "zh" if language == "en" else "en"
        turn, results = _answered_turn(s, language, last, plugins)
        answer = turn.answer(*results) if callable(turn.answer) else turn.answer
        conversation.add("Human", turn.human)
        if plugins:
            commands = [Command(*command) for command in turn.commands]
            conversation.add("Inner Thoughts", turn.thoughts)
            conversation.add("Commands", ", ".join(map(str, commands)) or NOTHING)
            conversation.add("Results", format_results(zip(commands, results, strict=True)))
        conversation.add("MOSS", answer)
        last = _single_value(results) if results else last
        if turn.tag == "language":
            language = "zh" if any("\u4e00" <= c <= "\u9fff" for c in answer) else "en"
    return conversation


def _answered_turn(s: Sampler, language: str, last: str | None, plugins: tuple[str, ...]) -> tuple[Turn, list[str]]:
    """Draws turns until one can be answered with the plugins that are on, and runs its commands."""
    while True:
        kind = s.random()
        offered = last if s.random() < 0.5 else None
        if kind < 0.17 or not plugins:
            turn = talk.turn(s, language, last, plugins)
        elif kind < 0.18:
            turn = _no_value_turn(s, language)
        elif kind < 0.73:
            turn = calculations.turn(s, language, offered)
        else:
            turn = equations.turn(s, language, offered)
        if any(name not in plugins for name, _ in turn.commands):
            continue
        results = [_run(name, argument) for name, argument in turn.commands]
        if turn.tag == "no_value" or NO_RESULT not in results:
            return turn, results


def _no_value_turn(s: Sampler, language: str) -> Turn:
    expression, english, chinese = s.choice(NO_VALUE)
    a = s.integer(1, 500)
    if language == "en":
        human, thoughts = s.phrasing(english), f"I let the calculator try {expression.format(a=a)}."
        answer = s.choice(("That has no result: {r}", "The calculator gives no result for {e}.", "{e} is not defined."))
    else:
        human, thoughts = s.phrasing(chinese), f"用计算器试一下{expression.format(a=a)}。"
        answer = s.choice(("这个算式没有结果。", "{e}没有意义，算不出结果。", "计算器对{e}没有给出结果。"))
    expression = expression.format(a=a)
    answer = answer.format(e=expression, r="it is not defined for real numbers.")
    return Turn(human.format(a=a), answer, thoughts, (("Calculate", expression),), "no_value")


@functools.lru_cache(maxsize=200_000)
def _run(name: str, argument: str) -> str:
    return {"Calculate": calculate, "Solve": solve}[name](argument)


def _single_value(results: list[str]) -> str | None:
    """What "it" refers to next: the value of a single result, or of an equation's single root."""
    if len(results) != 1:
        return None
    value = results[0].split(" = ")[-1] if "\n" not in results[0] else ""
    try:
        float(value)
    except ValueError:
        return None
    return value


def _write_chunk(seed: int, start: int, count: int, held_out: bool) -> str:
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in conversations(seed, count, held_out, start))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output_dir", type=Path, required=True, help="where train.jsonl and val.jsonl go")
    parser.add_argument("--conversations", type=int, default=300_000, help="in train.jsonl (default 300000)")
    parser.add_argument("--validation", type=int, default=1_000, help="in val.jsonl (default 1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the whole corpus (default 0)")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (default: one a core)")
    args = parser.parse_args()
    args.output_dir.mkdir(parents=True, exist_ok=True)
    seen: set[int] = set()
    with ProcessPoolExecutor(args.workers) as pool:
        for name, count, held_out in (("train", args.conversations, False), ("val", args.validation, True)):
            starts = range(0, count, CHUNK)
            sizes = [min(CHUNK, count - start) for start in starts]
            n = len(starts)
            chunks = pool.map(_write_chunk, [args.seed] * n, starts, sizes, [held_out] * n)
            with open(args.output_dir / f"{name}.jsonl", "w", encoding="utf-8") as file:
                for chunk in tqdm(chunks, total=n, desc=f"{name}.jsonl", unit="k conversations"):
                    lines = chunk.splitlines(keepends=True)
                    if held_out:  # a conversation of one short turn may come up on both sides
                        lines = [line for line in lines if hash(line) not in seen]
                    else:
                        seen.update(map(hash, lines))
                    file.writelines(lines)


if __name__ == "__main__":
    main()

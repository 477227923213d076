"""Asks a MOSS a file of questions, turn by turn as a user would, and counts how many answers are right.

    python recipes/moss_mini/evaluate.py recipes/moss_mini/questions_dev.jsonl --failures failures.jsonl
    python recipes/moss_mini/evaluate.py recipes/moss_mini/questions_*.jsonl --model_name output/moss-mini
    python recipes/moss_mini/evaluate.py --held_out 1000    # phrasings and numbers that the corpus keeps for this

The questions_*.jsonl were written by hand, in several styles, without sight of the phrasings in the corpus; their
values were computed with sympy. Look at the dev files while the corpus is improved, never at test. A line, wrapped:

    {"id": "dev-221", "language": "en", "kind": "multi", "turns": [
        {"say": "what's 45 * 12", "expect": {"numbers": ["540"]}},
        {"say": "thanks", "expect": {"command": null, "kind": "talk", "language": "en"}}]}

What a turn may expect, all of it at once:

    numbers       each stands in the answer, as `numbers_in` and `close` see it; "25|-25" is either of the two
    command       null: no command was run
    no_result     true: the command that was run gave no real number, or none was run
    contains_any  one of these stands in the answer, in any case of letters
    language      "en" or "zh": the answer is mostly in it
    kind          the row of the table that this turn counts in, in place of the item's

Every turn is one question of the table. The conversation goes on with the model's own answers, so a mistake may cost
the follow-ups too, as it does in use. Only the final answer is searched for numbers, not the result of the command. Not
seen: which unknown or unit a value is said to belong to, and whether a refusal is polite.
"""

import argparse
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tqdm import tqdm

from models.conversation_moss import OWN_ROLES, Conversation, parse_commands
from utils import plain_errors

LANGUAGES = ("en", "zh", "mixed")


class Reply(NamedTuple):
    """What the model did in one turn, the text of each part."""

    thoughts: str = ""
    commands: str = ""
    results: str = ""
    answer: str = ""


class Outcome(NamedTuple):
    """One turn, asked and judged. `problem` is empty where all is right."""

    kind: str
    language: str
    tool: bool
    problem: str
    tokens: int
    seconds: float


# --- scoring ----------------------------------------------------------------------------------------------------------

_PLAIN = str.maketrans("０１２３４５６７８９．－−–", "0123456789.---")  # full-width and typographic forms
_SIGN = r"(?:(?<![0-9A-Za-z)\]%.])-|(?<==)\s*-\s*|(?<== )-\s*|负|negative )"  # not the minus between two operands
_NUMERAL = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|(?<!\d)\.\d+)(?:[eE][+-]?\d+)?"
_NUMBER = re.compile(
    # Digits behind a letter are a name (x1), behind ^ or ** an exponent, before i imaginary: none of them is a value.
    rf"(?P<sign>{_SIGN})?[$¥￥€£]?(?<![A-Za-z^\d])(?<!\*\*)(?![\d.]*i\b)(?P<numeral>{_NUMERAL})(?P<over>\s?/\s?\d+(?!\d|\.\d))?"
)
_BEFORE_FRACTION = re.compile(r"(?:[=≈:：是为得于]|\b(?:is|are|or|and))\s*$")


def numbers_in(text: str) -> list[str]:
    """The numbers that a text states, as plain numerals: no thousands separators, "-" for every minus.

    A fraction is one number where it is stated as a value ("x = 3/4"), and two where it is a sum yet to be done
    ("12/4 = 3"), lest a question repeated in a wrong answer count as right.

    >>> numbers_in("5−3 is 2; in all 1,234.50, x = −7, y = 3/4 and x^2 = 49")
    ['5', '3', '2', '1234.50', '-7', '3/4', '49']
    """
    text = text.translate(_PLAIN)
    numbers = []
    for match in _NUMBER.finditer(text):
        sign, numeral = "-" if match["sign"] else "", match["numeral"].replace(",", "")
        if not match["over"]:
            numbers.append(sign + numeral)
            continue
        divisor = match["over"].replace(" ", "").lstrip("/")
        stated = _BEFORE_FRACTION.search(text[: match.start()]) and not re.match(r"\s*[-+*/×÷=≈^]", text[match.end() :])
        if stated and numeral.isdigit() and int(divisor):
            numbers.append(f"{sign}{numeral}/{divisor}")
        else:
            numbers += [sign + numeral, divisor]
    return numbers


def close(shown: str, expected: str) -> bool:
    """Whether a shown numeral is the expected one.

    It is where the two differ by at most one part in a million, or where `shown` has at least four significant digits
    and is `expected` rounded to the decimals that it shows (33.33 for 100/3, but not 33.3). Two integers must be equal.
    """
    value, target = Fraction(shown), Fraction(expected)
    if value == target:
        return True
    if value.denominator == target.denominator == 1 and "." not in shown:
        return False
    difference = abs(value - target)
    if difference <= abs(target) / 1_000_000:
        return True
    if not re.fullmatch(r"-?\d+(\.\d+)?", shown):
        return False
    significant = shown.lstrip("-").replace(".", "").lstrip("0")
    decimals = len(shown.partition(".")[2])
    return len(significant) >= 4 and difference <= Fraction(1, 2 * 10**decimals)


def language_of(text: str) -> str | None:
    """Which there is more of: "zh" for Chinese characters, "en" for Latin words; None where they are even."""
    chinese, latin = len(re.findall(r"[\u4e00-\u9fff]", text)), len(re.findall(r"[A-Za-z]{2,}", text))
    return None if chinese == latin else "zh" if chinese > latin else "en"


def problem_of(expect: dict, reply: Reply) -> str:
    """What is wrong with a reply, in words; "" where nothing is. See the top of this file for `expect`."""
    if not reply.answer.strip():
        return "no answer"
    shown = numbers_in(reply.answer)
    for wanted in expect.get("numbers", ()):
        if not any(close(number, either) for number in shown for either in wanted.split("|")):
            return f"{wanted} is not in the answer"
    called = parse_commands(reply.commands)
    if "command" in expect and called:
        return "a command was run"
    if expect.get("no_result") and called and _recorded_numbers(reply.results):
        return "a result where there is none"
    if (wanted := expect.get("contains_any")) and not any(w.lower() in reply.answer.lower() for w in wanted):
        return "none of the expected words"
    if (wanted := expect.get("language")) and language_of(reply.answer) not in (wanted, None):
        return f"the answer is not in {wanted}"
    return ""


# --- questions --------------------------------------------------------------------------------------------------------


def read_questions(path: Path) -> list[dict]:
    """The items of a file. Raises ValueError with file and line for what is not one, OSError for no such file."""
    items = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            item = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"{where}: not JSON ({error}); a line is one object, see evaluate.py") from None
        if not isinstance(item, dict) or not {"id", "language", "kind", "turns"} <= item.keys() or not item["turns"]:
            raise ValueError(f"{where}: an item needs id, language, kind and a list of turns")
        if item["language"] not in LANGUAGES:
            raise ValueError(f"{where}: language is {item['language']!r}, allowed are {', '.join(LANGUAGES)}")
        for turn in item["turns"]:
            expect = turn.get("expect") if isinstance(turn, dict) else None
            if not isinstance(expect, dict) or not isinstance(turn.get("say"), str):
                raise ValueError(f'{where}: a turn needs "say", a text, and "expect", an object')
            for wanted in expect.get("numbers", ()):
                try:
                    [Fraction(either) for either in wanted.split("|")]
                except (ValueError, AttributeError):
                    raise ValueError(f'{where}: {wanted!r} is no number; write "2.5", or "25|-25"') from None
        items.append(item)
    return items


def held_out_questions(turns: int, seed: int) -> Iterator[dict]:
    """Items with `turns` turns in all, from conversations of the corpus generator's held-out side."""
    from recipes.moss_mini.make_corpus import conversations

    records = conversations(seed, turns, held_out=True)  # a conversation has a turn or more
    while turns > 0:
        item = question_from_record(next(records), f"held-out-{turns}")
        item["turns"] = item["turns"][:turns]
        turns -= len(item["turns"])
        yield item


def question_from_record(record: dict, name: str) -> dict:
    """A conversation in the jsonl format of the training data -> an item that asks the same.

    A turn expects those recorded results that the recorded answer states (all of them where it states none), and in a
    turn without a command its language and no command.
    """
    conversation = Conversation.from_record(record)
    turns = []
    for parts in conversation.turns:
        said = {part.role: part.text.strip() for part in parts}
        called = parse_commands(said.get("Commands", ""))
        if not called:
            expect = {"command": None, "kind": "talk", "language": language_of(said["MOSS"])}
        elif not (results := _recorded_numbers(said["Results"])):
            expect = {"no_result": True, "kind": "no result"}
        else:
            stated = numbers_in(said["MOSS"])
            numbers = [r for r in results if any(close(number, r) for number in stated)] or results
            expect = {"numbers": numbers, "kind": "/".join(sorted({command.name for command in called}))}
        turns.append({"say": said["Human"], "language": language_of(said["MOSS"]) or "mixed", "expect": expect})
    return {
        "id": name,
        "language": "mixed",
        "kind": "held out",
        "meta_instruction": conversation.meta_instruction,
        "turns": turns,
    }


def _recorded_numbers(results: str) -> list[str]:
    """`Calculate("1+1") => '2'` and the lines `x = 2` under `Solve("…") =>` -> ["2", "2"]

    "No result." and complex values give none.
    """
    values = re.findall(r"(?:=> '|^\w+ = )([^'\n]*)'?\s*$", results, flags=re.MULTILINE)
    return [number for value in values if not re.search(r"\di\b", value) for number in numbers_in(value)]


# --- asking -----------------------------------------------------------------------------------------------------------


def ask(infer, conversation: Conversation, message: str, **paras) -> Reply:
    """Says `message` in the conversation and returns the reply, which is then part of the conversation."""
    conversation.add("Human", message)
    for _ in infer.chat(conversation, **paras):
        pass
    said = {part.role: part.text for part in conversation.turns[-1]}
    return Reply(*(said.get(role, "") for role in ("Inner Thoughts", "Commands", "Results", "MOSS")))


def evaluate(infer, items: Iterable[dict], failures: list[dict] | None = None, **paras) -> Iterator[Outcome]:
    """Asks each item in a conversation of its own and yields an Outcome for each turn; describes failures in the list.

    infer: an Inference; paras: of its `chat`. What `chat` raises is not caught: an error is not a wrong answer.
    """
    for item in items:
        meta_instruction = item.get("meta_instruction")
        conversation = Conversation(() if meta_instruction else infer.plugins, meta_instruction)
        for index, turn in enumerate(item["turns"]):
            expect, start = turn["expect"], time.perf_counter()
            reply = ask(infer, conversation, turn["say"], **paras)
            seconds = time.perf_counter() - start
            problem = problem_of(expect, reply)
            own = [part for part in conversation.turns[-1] if part.role in OWN_ROLES]
            tokens = sum(len(infer.tokenizer.encode_text(part.text)) + 1 for part in own)  # 1: the control token
            kind, language = expect.get("kind", item["kind"]), turn.get("language", item["language"])
            if problem and failures is not None:
                told = {"id": item["id"], "turn": index + 1, "kind": kind, "language": language, "problem": problem}
                failures.append(told | {"say": turn["say"], "expect": expect, "reply": reply._asdict()})
            yield Outcome(kind, language, "numbers" in expect, problem, tokens, seconds)


def table(outcomes: list[Outcome]) -> str:
    """Right and asked per kind and language, the tool questions, all, and the speed."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.kind].append(outcome)
    rows = [*groups.items(), ("tool questions", [o for o in outcomes if o.tool]), ("all", outcomes)]
    lines = [f"{'kind':16}" + "".join(f"{name:>19}" for name in (*LANGUAGES, "all"))]
    for name, group in rows:
        cells = [_cell([o for o in group if o.language == language]) for language in LANGUAGES]
        lines.append(f"{name:16}" + "".join(f"{cell:>19}" for cell in (*cells, _cell(group))))
    tokens, seconds = sum(o.tokens for o in outcomes), sum(o.seconds for o in outcomes)
    speed = tokens / max(seconds, 1e-9)
    lines.append(f"{tokens} new tokens in {seconds:.1f} s, prompts included: {speed:.1f} tokens/s")
    return "\n".join(lines)


def _cell(outcomes: list[Outcome]) -> str:
    right = sum(not outcome.problem for outcome in outcomes)
    return f"{right} / {len(outcomes)}  {100 * right / len(outcomes):5.1f}%" if outcomes else "-"


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path, nargs="*", help="jsonl files of questions")
    parser.add_argument("--held_out", type=int, metavar="N", help="ask N turns from the generator's held-out side, too")
    parser.add_argument("--failures", type=Path, metavar="FILE", help="where what went wrong is written, as jsonl")
    model = parser.add_argument_group("model")
    model.add_argument("--model_name", help="directory or hub name (default: checkpoints/moss-mini)")
    model.add_argument("--device_map", help='e.g. "cpu" or "cuda:1" (default: a GPU where there is one)')
    sampling = parser.add_argument_group("sampling", "what is not given is as in the model's own settings")
    sampling.add_argument("--temperature", type=float, default=0.0, help="0 takes the likeliest token (default 0)")
    sampling.add_argument("--top_p", type=float, help="draw from the likeliest tokens that make up this probability")
    sampling.add_argument("--top_k", type=int, help="draw from the k likeliest tokens; 0 for all")
    sampling.add_argument("--repetition_penalty", type=float, help="1 for none")
    sampling.add_argument("--seed", type=int, default=0, help="of the draws and of the held-out questions (default 0)")
    args = parser.parse_args(argv)
    if not args.questions and args.held_out is None:
        parser.error("nothing to ask: name one or more files of questions, or give --held_out N")
    if args.held_out is not None and args.held_out < 1:
        parser.error(f"--held_out is the number of turns to ask, at least 1, got {args.held_out}")
    return args


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with plain_errors():
        items = [item for path in args.questions for item in read_questions(path)]
        if args.held_out:
            items += held_out_questions(args.held_out, args.seed)
        if args.failures:
            args.failures.write_text("", encoding="utf-8")  # an unwritable place is found now, not after the work

        from moss_inference import Inference

        infer = Inference(model_dir=args.model_name, device_map=args.device_map)
        names = ("temperature", "top_p", "top_k", "repetition_penalty", "seed")
        paras = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
        failures: list[dict] = []
        total = sum(len(item["turns"]) for item in items)
        outcomes = list(tqdm(evaluate(infer, items, failures, **paras), total=total, unit="turn"))
        print(table(outcomes))
        if args.failures:
            lines = (json.dumps(failure, ensure_ascii=False) + "\n" for failure in failures)
            args.failures.write_text("".join(lines), encoding="utf-8")
            print(f"{len(failures)} failures in {args.failures}")


if __name__ == "__main__":
    main()

"""Files of prompts answered, for `python moss_inference.py --input prompts.jsonl --output answers.jsonl`.

A row of either is a JSON object in a line. Nothing is lost where a run is interrupted: the answers that there are stand
in a file beside the one that is asked for, and the next run goes on behind them.
"""

import json
import os
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path

from tqdm import tqdm

from models.conversation_moss import Conversation


def answer_file(infer, source: Path, target: Path, paras: Mapping) -> tuple[int, int]:
    """Answers the prompts of a jsonl file: each row is written with an "answer", or with an "error" that says why not.

    infer: an Inference. paras: any of DEFAULT_PARAS.

    The rows go, in their order, to target.part, which becomes target when all are there. Where there is a target.part,
    the run that wrote it is gone on with. Returns how many rows there are and how many have errors.

    Raises ValueError where target exists, or target.part is of another file.
    """
    part = unfinished(source, target)
    done = read_done(part)
    rows: deque[tuple[dict, Conversation | None]] = deque()  # those begun

    def tasks() -> Iterator[tuple[Conversation | Exception, Mapping]]:
        for number, line in enumerate(lines_of(source)):
            row, task = {"line": number + 1}, None
            try:
                row = read_row(line)
                task = infer.conversation(row["prompt"])
            except (ValueError, RecursionError) as error:  # the latter where JSON is nested too deeply
                task = error
            if number < len(done):
                if done[number].get("prompt") != row.get("prompt"):
                    raise ValueError(f"{part} has the answers to another file; remove it, or give another --output")
                continue
            rows.append((row, task))
            yield task, {}

    n_rows, n_errors = sum(1 for _ in lines_of(source)), sum("error" in row for row in done)
    with (
        part.open("ab") as file,
        tqdm(total=n_rows, initial=len(done), desc="answers", unit="row", disable=None) as progress,
    ):
        for error in infer.complete(tasks(), **paras):
            row, conversation = rows.popleft()
            n_errors += error is not None
            row |= {"error": str(error)} if error is not None else {"answer": conversation.parts[-1].text}
            file.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
            file.flush()
            progress.update()
    part.rename(target)
    return n_rows, n_errors


def unfinished(source: Path, target: Path) -> Path:
    """Where the answers are until all are there.

    Raises OSError where source cannot be read, ValueError where it is no file, target exists or its folder does not.
    """
    if not source.is_file():
        raise ValueError(f'--input {source} is no file; it needs one with an object with a "prompt" a line')
    source.open("rb").close()
    if target.exists():
        raise ValueError(f"{target} exists; give another --output, or move it away")
    if not target.parent.is_dir():
        raise ValueError(f"there is no folder {target.parent} for --output; make it, or give another")
    return target.with_name(target.name + ".part")


def lines_of(source: Path) -> Iterator[bytes]:
    """The lines of a file that are not blank."""
    with source.open("rb") as file:
        yield from (line for line in file if line.strip())


def read_row(line: bytes) -> dict:
    """An object with a prompt, without what another run has answered. Raises ValueError that says what is wrong."""
    row = json.loads(line.decode("utf-8-sig"))
    if not isinstance(row, dict) or not isinstance(row.get("prompt"), str) or not row["prompt"].strip():
        raise ValueError('expected an object with a "prompt" that is not empty, such as {"prompt": "Hello"}')
    return {key: value for key, value in row.items() if key not in ("answer", "error")}


def read_done(part: Path) -> list[dict]:
    """The rows of an earlier run; what it left of a row in the middle of which it ended is cut off."""
    if not part.exists():
        return []
    content = part.read_bytes()
    end = content.rfind(b"\n") + 1
    if end < len(content):
        os.truncate(part, end)
    return [json.loads(line) for line in content[:end].splitlines()]

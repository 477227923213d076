"""The files of supervised fine-tuning, read row by row and checked; what they hold is told in sft_data.py."""

import hashlib
import json
import os
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .conversation_moss import Conversation

HELD_OUT = 50  # of a folder of single files, one in so many is for validation
CHUNK_BYTES = 4 << 20  # of jsonl, the work of a process at a time
CHUNK_FILES = 500
MAX_LISTED = 1000  # problems written out one by one

# Escapes that no text has: NUL, and half of a surrogate pair. The first group skips escaped backslashes.
_NO_TEXT = re.compile(
    r"(?<!\\)(?:\\\\)*(\\u0000|\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)


class BadSample(ValueError):
    """A row that is no conversation; `line` counts within the row, `column` characters, both from 1 (0: unknown)."""

    def __init__(self, reason: str, line: int = 1, column: int = 0):
        super().__init__(reason)
        self.line, self.column = line, column


def read_conversation(raw: bytes, offset: int = 0) -> Conversation:
    """A row of jsonl, or a whole JSON file, that begins at byte `offset` of its file. Raises BadSample, ValueError."""

    def no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        record = dict(pairs)
        if len(record) != len(pairs):
            twice = next(key for key, n in Counter(key for key, _ in pairs).items() if n > 1)
            raise BadSample(f"the key {twice!r} stands there twice")
        return record

    def no_constant(name: str) -> None:
        raise BadSample(f"{name} is not JSON")

    if offset == 0:
        raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        text = raw.decode()
        if "\\u" in text and (found := _NO_TEXT.search(text)):
            before = text[: found.start(1)]
            reason = f"{found[1]} at byte {offset + len(before.encode())} is no text (NUL or half a surrogate pair)"
            raise BadSample(reason, before.count("\n") + 1, len(before) - before.rfind("\n"))
        record = json.loads(text, parse_constant=no_constant, object_pairs_hook=no_duplicates)
    except UnicodeDecodeError as error:
        line, column = raw.count(b"\n", 0, error.start) + 1, error.start - raw.rfind(b"\n", 0, error.start)
        raise BadSample(f"invalid UTF-8 at byte {offset + error.start}", line, column) from None
    except json.JSONDecodeError as error:
        raise BadSample(f"not JSON: {error.msg}", error.lineno, error.colno) from None
    except RecursionError:
        raise BadSample("nested too deeply") from None
    conversation = Conversation.from_record(record)
    for number, turn in enumerate(conversation.turns, 1):
        if not turn[-1].text.strip():
            raise ValueError(f"turn_{number}, 'MOSS' is empty")
    return conversation


def find_files(data_dir: str | Path, data_type: str) -> list[Path]:
    """The jsonl files, or the JSON files, of this part of the data; empty where there is none."""
    data_dir = Path(data_dir)
    if (data_dir / f"{data_type}.jsonl").is_file():
        return [data_dir / f"{data_type}.jsonl"]
    if (data_dir / data_type).is_dir():
        return sorted((data_dir / data_type).rglob("*.json"))
    if (data_dir / "train.jsonl").is_file() or (data_dir / "train").is_dir():
        return []
    if any(data_dir.glob("*/train.jsonl")):
        return sorted(data_dir.glob(f"*/{data_type}.jsonl"))

    def held_out(path: Path) -> bool:  # by the name, so that more files do not move the others
        return zlib.crc32(path.relative_to(data_dir).as_posix().encode()) % HELD_OUT == 0

    return [path for path in sorted(data_dir.rglob("*.json")) if held_out(path) == (data_type == "val")]


class Chunk(NamedTuple):
    """Bytes [start, stop) of one jsonl file, cut at line ends, or several JSON files (stop is None)."""

    files: Sequence[Path]
    start: int = 0
    stop: int | None = None

    def read(self) -> list[bytes]:
        if self.stop is None:
            return [path.read_bytes() for path in self.files]
        with open(self.files[0], "rb") as file:
            file.seek(self.start)
            return [file.read(self.stop - self.start)]

    def rows(self, content: list[bytes]) -> Iterator[tuple[int, bytes]]:
        """The offset in its file, and the bytes, of each row of what `read` returned."""
        if self.stop is None:
            yield from ((0, row) for row in content)
            return
        offset = self.start
        for line in content[0].removesuffix(b"\n").split(b"\n") if content[0] else ():
            yield offset, line
            offset += len(line) + 1


def cut_into_chunks(files: list[Path]) -> list[Chunk]:
    if files[0].suffix != ".jsonl":
        return [Chunk(files[i : i + CHUNK_FILES]) for i in range(0, len(files), CHUNK_FILES)]
    chunks = []
    for path in files:
        with open(path, "rb") as file:
            size, stop = file.seek(0, os.SEEK_END), 0
            while stop < size or not chunks or chunks[-1].files[0] != path:  # of an empty file a chunk, too
                start = stop
                file.seek(min(start + CHUNK_BYTES, size))
                file.readline()
                stop = file.tell()
                chunks.append(Chunk([path], start, stop))
    return chunks


def digest_of(*content: bytes) -> bytes:
    """BLAKE2b of several texts and of where each ends."""
    digest = hashlib.blake2b(digest_size=32)
    for text in content:
        digest.update(len(text).to_bytes(8, "little"))
        digest.update(text)
    return digest.digest()


def listed(lines: list[str], total: int | None = None) -> str:
    """The first lines, indented, and how many more there are of the total."""
    shown, total = lines[:MAX_LISTED], total or len(lines)
    more = [f"... and {total - len(shown):,} more"] if total > len(shown) else []
    return "\n".join(f"    {line}" for line in shown + more)

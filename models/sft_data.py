"""The data of supervised fine-tuning: conversations on disk to ids and labels in memory.

A folder holds train.jsonl and perhaps val.jsonl (a conversation a line, in the format of moss-003-sft-data), or folders
train/ and val/ of JSON files (a conversation each), or such files alone, of which one in fifty is then for validation.

Everything is read, checked and tokenised before training, by several processes, and kept as flat arrays: five bytes a
token, and no cache file that could be out of date. Rows that are no conversation are all found in this one pass, so
that a file is mended once and not line by line.
"""

import hashlib
import itertools
import json
import os
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset

from .conversation_moss import CONTROL_TOKENS, Conversation, Part, header
from .tokenization_moss import MossTokenizer

IGNORE = -100  # the label of a token that is not in the loss
HELD_OUT = 50  # of a folder of single files, one in so many is for validation
CHUNK_BYTES = 4 << 20  # of jsonl, the work of a process at a time
CHUNK_FILES = 500
WINDOW = 32  # updates within which samples are sorted by length
MAX_LISTED = 1000  # problems written out one by one

# --- reading ----------------------------------------------------------------------------------------------------------

# Escapes that no text has: NUL, and half of a surrogate pair. The first group skips escaped backslashes.
_NO_TEXT = re.compile(
    r"(?<!\\)(?:\\\\)*(\\u0000|\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)
_LOOKS_LIKE_OURS = re.compile("|".join(map(re.escape, [*CONTROL_TOKENS.values(), *map(header, CONTROL_TOKENS)])))


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
        return Conversation.from_record(json.loads(text, parse_constant=no_constant, object_pairs_hook=no_duplicates))
    except UnicodeDecodeError as error:
        line, column = raw.count(b"\n", 0, error.start) + 1, error.start - raw.rfind(b"\n", 0, error.start)
        raise BadSample(f"invalid UTF-8 at byte {offset + error.start}", line, column) from None
    except json.JSONDecodeError as error:
        raise BadSample(f"not JSON: {error.msg}", error.lineno, error.colno) from None
    except RecursionError:
        raise BadSample("nested too deeply") from None


def find_files(data_dir: str | Path, data_type: str) -> list[Path]:
    """The jsonl file, or the JSON files, of this part of the data; empty where there is none."""
    data_dir = Path(data_dir)
    if (data_dir / f"{data_type}.jsonl").is_file():
        return [data_dir / f"{data_type}.jsonl"]
    if (data_dir / data_type).is_dir():
        return sorted((data_dir / data_type).rglob("*.json"))
    if (data_dir / "train.jsonl").is_file() or (data_dir / "train").is_dir():
        return []

    def held_out(path: Path) -> bool:  # by the name, so that more files do not move the others
        return zlib.crc32(path.relative_to(data_dir).as_posix().encode()) % HELD_OUT == 0

    return [path for path in sorted(data_dir.rglob("*.json")) if held_out(path) == (data_type == "val")]


class Chunk(NamedTuple):
    """Bytes [start, stop) of one jsonl file, cut at line ends, or several JSON files (stop is None)."""

    files: Sequence[Path]
    start: int = 0
    stop: int | None = None

    def rows(self) -> Iterator[tuple[int, bytes]]:
        """The offset and the bytes of each row."""
        if self.stop is None:
            yield from ((0, path.read_bytes()) for path in self.files)
            return
        with open(self.files[0], "rb") as file:
            file.seek(self.start)
            offset = self.start
            for line in file.read(self.stop - self.start).removesuffix(b"\n").split(b"\n"):
                yield offset, line
                offset += len(line) + 1


def cut_into_chunks(files: list[Path]) -> list[Chunk]:
    if files[0].suffix != ".jsonl":
        return [Chunk(files[i : i + CHUNK_FILES]) for i in range(0, len(files), CHUNK_FILES)]
    chunks, start = [], 0
    with open(files[0], "rb") as file:
        size = file.seek(0, os.SEEK_END)
        while start < size:
            file.seek(min(start + CHUNK_BYTES, size))
            file.readline()
            chunks.append(Chunk(files, start, file.tell()))
            start = file.tell()
    return chunks


# --- tokenising -------------------------------------------------------------------------------------------------------


class RememberingTokenizer:
    """What Conversation asks of a tokenizer, with the answers remembered.

    Most of a conversation has been seen before: the meta instruction, the headers, "None". Twice the speed and more.
    """

    def __init__(self, tokenizer: MossTokenizer):
        text, template = lru_cache(4096)(tokenizer.encode_text), lru_cache(64)(tokenizer.encode_template)
        self.encode_text = lambda string: text(string).copy()
        self.encode_template = lambda string: template(string).copy()
        self.convert_tokens_to_ids = lru_cache(64)(tokenizer.convert_tokens_to_ids)
        self.added_tokens_decoder = tokenizer.added_tokens_decoder


class Encoded(NamedTuple):
    """What Encoder makes of a chunk; rows count from 0 in it."""

    n_rows: int
    ids: np.ndarray  # int32, all samples one after the other
    loss_mask: np.ndarray  # bool, likewise
    samples: list[tuple[int, int, int, int]]  # row, length, tokens in the loss, checksum of the texts
    problems: list[tuple[int, BadSample]]  # row, reason
    left_out: list[tuple[int, str]]
    counts: Counter
    plugins: set[str]


class Encoder:
    """Tokenises chunks; the arguments are those of SFTDataset."""

    def __init__(self, tokenizer: MossTokenizer, max_length: int, loss_on: str):
        self.tokenizer, self.max_length, self.loss_on = RememberingTokenizer(tokenizer), max_length, loss_on

    def __call__(self, chunk: Chunk) -> Encoded:
        ids, masks = [np.zeros(0, np.int32)], [np.zeros(0, bool)]
        row, samples, problems, left_out, counts, plugins = -1, [], [], [], Counter(), set()
        for row, (offset, raw) in enumerate(chunk.rows()):
            if not raw.strip():
                counts["blank"] += 1
                continue
            try:
                conversation = read_conversation(raw, offset)
                sample = conversation.encode_for_training(self.tokenizer, self.max_length, self.loss_on)
                if len(sample.ids) > self.max_length:
                    raise BadSample(f"the meta instruction alone is longer than {self.max_length} tokens")
            except ValueError as error:
                problems.append((row, error if isinstance(error, BadSample) else BadSample(str(error))))
                continue
            counts["lookalike"] += any(_LOOKS_LIKE_OURS.search(part.text) for part in conversation.parts)
            if not sample.turns:
                left_out.append((row, f"the first turn does not fit into {self.max_length} tokens"))
            elif not any(sample.loss_mask[1:]):  # nothing predicts the first token
                left_out.append((row, "no token is in the loss"))
            else:
                counts["cut"] += sample.turns < len(conversation.turns)
                plugins.update(conversation.plugins)
                ids.append(np.array(sample.ids, dtype=np.int32))
                masks.append(np.array(sample.loss_mask, dtype=bool))
                said = repr((conversation.meta_instruction, conversation.parts)).encode()  # also what was cut off
                digest = hashlib.blake2b(said, digest_size=8).digest()
                samples.append((row, len(sample.ids), sum(sample.loss_mask[1:]), int.from_bytes(digest, "little")))
        return Encoded(
            row + 1, np.concatenate(ids), np.concatenate(masks), samples, problems, left_out, counts, plugins
        )


def _start_worker(*settings) -> None:
    global _encoder
    _encoder = Encoder(*settings)


def _encode_in_worker(chunk: Chunk) -> Encoded:
    return _encoder(chunk)


def usable_cores() -> int:
    """The cores that this process may count on, other processes of the same run considered."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))


class SFTDataset(Dataset):
    """Conversations as ids with labels, in memory.

    Args:
        data_dir: see the head of this file. data_type: "train" or "val".
        tokenizer: a MossTokenizer that has the control tokens.
        max_length: ids a conversation may have; it is cut after the last turn that fits.
        loss_on: "moss" for what MOSS itself has to write (inner thoughts, commands, answers), "original" for everything
            but meta instruction and results, see Conversation.encode_for_training.
        on_bad_sample: "stop" raises when rows are bad, "skip" leaves them out and counts them.
        num_workers: processes that tokenise; None is one a core, 0 does it here.

    Raises:
        ValueError: rows are bad (each listed as file:line:column reason), or there is no conversation at all.
    """

    def __init__(
        self,
        data_dir: str | Path,
        tokenizer: MossTokenizer,
        data_type: str = "train",
        max_length: int = 2048,
        loss_on: str = "moss",
        on_bad_sample: str = "stop",
        num_workers: int | None = None,
    ):
        self.tokenizer, self.data_type = tokenizer, data_type
        self.files = find_files(data_dir, data_type)
        if not self.files:
            raise ValueError(
                f"{data_dir} has no {data_type} data: it needs {data_type}.jsonl, a folder {data_type}/ of JSON files, "
                "or JSON files of one conversation each"
            )
        probe = Conversation()  # a tokenizer without control tokens is one mistake, not one a row
        probe.parts += [Part("Human", "Hello"), Part("MOSS", "Hello")]
        probe.encode_for_training(tokenizer)

        chunks, settings = cut_into_chunks(self.files), (tokenizer, max_length, loss_on)
        num_workers = min(usable_cores() if num_workers is None else num_workers, len(chunks))
        if num_workers > 1:
            with ProcessPoolExecutor(num_workers, initializer=_start_worker, initargs=settings) as pool:
                done = list(pool.map(_encode_in_worker, chunks))
        else:
            done = list(map(Encoder(*settings), chunks))

        samples, self.n_rows, self.counts, self.problems, self.left_out = [], 0, Counter(), [], []
        for part in done:
            samples += [(self.n_rows + row, *rest) for row, *rest in part.samples]
            self.problems += [f"{self._place(self.n_rows + row, bad)} {bad}" for row, bad in part.problems]
            self.left_out += [f"{self._place(self.n_rows + row)} {reason}" for row, reason in part.left_out]
            self.counts += part.counts
            self.n_rows += part.n_rows
        self.plugins = sorted({name for part in done for name in part.plugins})
        if self.problems and on_bad_sample == "stop":
            raise ValueError(
                f"{len(self.problems)} of {self.n_rows} rows in the {data_type} data are bad; mend them, or leave them "
                "out with --on_bad_sample skip:\n" + listed(self.problems)
            )
        if not samples:
            raise ValueError(
                f"no conversation to use in the {data_type} data, {self.files[0]}"
                + (f" and {len(self.files) - 1} more" if len(self.files) > 1 else "")
                + f" ({self.n_rows} rows):\n{listed(self.problems + self.left_out)}"
            )
        self.ids = np.concatenate([part.ids for part in done])
        self.loss_mask = np.concatenate([part.loss_mask for part in done])
        # rows, lengths, n_loss (tokens in the loss) and digests: a number for each sample
        columns = zip(*samples, strict=True)
        self.rows, self.lengths, self.n_loss = (np.array(next(columns), dtype=np.int64) for _ in range(3))
        self.digests = np.array(next(columns), dtype=np.uint64)
        self.starts = np.cumsum(self.lengths) - self.lengths

    def _place(self, row: int, bad: BadSample | None = None) -> str:
        file, line = (self.files[0], row + 1) if self.files[0].suffix == ".jsonl" else (self.files[row], 1)
        if bad is None:
            return f"{file}:{line}"
        return f"{file}:{line + bad.line - 1}" + (f":{bad.column}" if bad.column else "")

    def place(self, index: int) -> str:
        """Where a sample comes from, as file:line."""
        return self._place(int(self.rows[index]))

    def drop(self, dropped: np.ndarray) -> None:
        """Leaves out the samples where dropped, (n,) bool, is True."""
        for name in ("rows", "lengths", "n_loss", "digests", "starts"):
            setattr(self, name, getattr(self, name)[~dropped])

    def report(self) -> str:
        """What was read, what was left out and what was changed, a line each."""
        repeated = len(self) - len(np.unique(self.digests))
        lines = [
            f"{self.data_type}: {len(self):,} conversations, {self.lengths.sum():,} tokens, {self.n_loss.sum():,} of "
            f"them in the loss, from {self.n_rows:,} rows"
        ]
        notes = {
            "blank lines": self.counts["blank"],
            "cut after the last turn that fits": self.counts["cut"],
            "with a control token or role header in their text, encoded as plain text": self.counts["lookalike"],
            "the same as an earlier one": repeated,
        }
        lines += [f"  {number:,} {what}" for what, number in notes.items() if number]
        for what, rows in (("bad, left out", self.problems), ("left out", self.left_out)):
            if rows:
                lines.append(f"  {len(rows):,} {what}:\n{listed(rows)}")
        return "\n".join(lines)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """input_ids, int64 (T,); attention_mask, bool (T,), all True; labels, int64 (T,), -100 outside the loss."""
        index = range(len(self))[index]
        span = slice(self.starts[index], self.starts[index] + self.lengths[index])
        input_ids = torch.from_numpy(self.ids[span].astype(np.int64))
        labels = input_ids.masked_fill(torch.from_numpy(~self.loss_mask[span]), IGNORE)
        return input_ids, torch.ones_like(input_ids, dtype=torch.bool), labels

    def collate_fn(self, samples: Sequence[tuple[torch.Tensor, ...]]) -> dict[str, torch.Tensor]:
        """Samples to input_ids and labels, int64, and attention_mask, bool, each (B, T), padded on the right."""
        padding = {"input_ids": self.tokenizer.eos_token_id, "attention_mask": False, "labels": IGNORE}
        return {
            name: pad_sequence(list(rows), batch_first=True, padding_value=padding[name])
            for name, rows in zip(padding, zip(*samples, strict=True), strict=True)
        }

    def collate_for_loss(self, samples: Sequence[tuple[torch.Tensor, ...]]) -> dict[str, torch.Tensor]:
        """Samples to the arguments of SFTLoss.forward."""
        batch = self.collate_fn(samples)
        targets = F.pad(batch["labels"][:, 1:], (0, 1), value=IGNORE).flatten()  # what each position is to predict
        kept = (targets != IGNORE).nonzero().squeeze(1)
        return {"input_ids": batch["input_ids"], "kept": kept, "targets": targets[kept]}


def listed(lines: list[str]) -> str:
    more = [f"... and {len(lines) - MAX_LISTED} more"] if len(lines) > MAX_LISTED else []
    return "\n".join(f"    {line}" for line in lines[:MAX_LISTED] + more)


def read_data(
    data_dir: str | Path,
    tokenizer: MossTokenizer,
    max_length: int,
    loss_on: str,
    on_bad_sample: str,
    num_workers: int | None,
) -> tuple[SFTDataset, SFTDataset | None]:
    """Training and validation data (None where there is none). Raises one ValueError for the problems of both."""
    found, problems = {"train": None, "val": None}, []
    for data_type in found:
        if data_type == "train" or find_files(data_dir, data_type):
            try:
                settings = (tokenizer, data_type, max_length, loss_on, on_bad_sample, num_workers)
                found[data_type] = SFTDataset(data_dir, *settings)
            except ValueError as error:
                problems.append(str(error))
    if problems:
        raise ValueError("\n".join(problems))
    train_set, val_set = found.values()
    if val_set is not None and (shared := np.isin(val_set.digests, train_set.digests)).any():
        places = [val_set.place(i) for i in np.flatnonzero(shared)]
        if on_bad_sample == "stop" or shared.all():
            raise ValueError(
                f"{len(places)} conversations of the validation data are also in the training data; take them out of "
                f"one, or leave them out of validation with --on_bad_sample skip:\n{listed(places)}"
            )
        val_set.drop(shared)
        val_set.left_out += [f"{place} is also in the training data" for place in places]
    return train_set, val_set


# --- order ------------------------------------------------------------------------------------------------------------


def plan_updates(lengths: np.ndarray, update_size: int, seed: int) -> Iterator[np.ndarray]:
    """The sample indices of one update after the other, at most update_size, shortest first; epochs without end.

    Samples of an update are of similar length, so that little is padded: they were neighbours among WINDOW *
    update_size shuffled samples, sorted by length. The order follows from the arguments alone, whatever the number of
    processes.
    """
    for epoch in itertools.count():
        random = np.random.default_rng([seed, epoch])
        order = random.permutation(len(lengths))
        updates = []
        for window in np.split(order, range(WINDOW * update_size, len(order), WINDOW * update_size)):
            window = window[np.argsort(lengths[window], kind="stable")]
            updates += np.split(window, range(update_size, len(window), update_size))
        for i in random.permutation(len(updates)):
            yield updates[i]


def micro_batches(update: np.ndarray, per_process: int, processes: int) -> list[np.ndarray]:
    """An update cut into what all processes do at a time; process r takes [r::processes] of each.

    Each gets something: a rest of fewer samples than processes is filled up by repeating (and counted so in the loss).
    """
    parts = np.split(update, range(per_process * processes, len(update), per_process * processes))
    return [np.resize(part, max(len(part), processes)) for part in parts]

"""The data of supervised fine-tuning: conversations on disk to ids and labels in a memory-mapped cache.

A folder holds train.jsonl and perhaps val.jsonl (a conversation a line, in the format of moss-003-sft-data), or folders
that hold such files; or it holds folders train/ and val/ of JSON files (a conversation each), or such files alone, of
which one in fifty is then for validation.

Everything is read, checked and tokenised before training, by several processes, and kept as flat files, five bytes a
token. Rows that are no conversation are all found in this one pass, so that a file is mended once and not line by line.

The cache is a folder that one process builds while the others of the run wait (sealed_folder.py). Its name is a
checksum of all that its content depends on: the bytes of the data, the tokenizer, the length, the choice of the loss,
and the code that reads and encodes. Nothing in it is a pickle.

    ids.bin      int32, the ids of all conversations, one after the other
    flags.bin    uint8 a token: its role (EncodedTurns.roles) in the two lowest bits, IN_LOSS where it counts
    index.bin    INDEX, a record a conversation
    facts.json   what was counted, and the rows that are bad or left out

Memory. Data passes through in chunks of some megabytes; what grows with it is the index, 32 bytes a conversation, which
is mapped, too.
"""

import hashlib
import json
import multiprocessing
import os
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import tokenizers
import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset
from tqdm import tqdm

from . import conversation_moss, sft_files, tokenization_moss
from .conversation_moss import CONTROL_TOKENS, Conversation, Part, header
from .sealed_folder import HASHING_THREADS, built_once
from .sft_files import MAX_LISTED, BadSample, Chunk, cut_into_chunks, digest_of, find_files, listed, read_conversation
from .tokenization_moss import MossTokenizer

IGNORE = -100  # the label of a token that is not in the loss
PARALLEL_FROM = 16  # chunks: other processes take some seconds to start
MAX_REASON = 300  # characters
ROLE, IN_LOSS = 0b11, 0b100  # the bits of a flag
INDEX = np.dtype([("row", "<i8"), ("start", "<i8"), ("length", "<i4"), ("n_loss", "<i4"), ("digest", "<u8")])

_LOOKS_LIKE_OURS = re.compile("|".join(map(re.escape, [*CONTROL_TOKENS.values(), *map(header, CONTROL_TOKENS)])))

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
    """What Encoder makes of a chunk; rows and starts count from 0 in it."""

    digest: bytes  # of the bytes that were read
    n_rows: int
    ids: np.ndarray  # int32, all conversations one after the other
    flags: np.ndarray  # uint8, likewise
    index: np.ndarray  # INDEX, a record a conversation
    problems: list[tuple[int, int, int, str]]  # row, line and column in it, reason; MAX_LISTED at most
    left_out: list[tuple[int, str]]  # likewise
    counts: Counter
    kinds: Counter  # of problems, by their reasons without what is different from row to row
    plugins: set[str]


class Encoder:
    """Tokenises chunks; the arguments are those of SFTDataset."""

    def __init__(self, tokenizer: MossTokenizer, max_length: int, loss_on: str):
        self.tokenizer, self.max_length, self.loss_on = RememberingTokenizer(tokenizer), max_length, loss_on

    def __call__(self, chunk: Chunk) -> Encoded:
        ids, flags, index, start = [np.zeros(0, np.int32)], [np.zeros(0, np.uint8)], [], 0
        row, problems, left_out, counts, kinds, plugins = -1, [], [], Counter(), Counter(), set()
        content = chunk.read()
        for row, (offset, raw) in enumerate(chunk.rows(content)):
            if not raw.strip():
                counts["blank"] += 1
                continue
            try:
                conversation = read_conversation(raw, offset)
                sample = conversation.encode_for_training(self.tokenizer, self.max_length, self.loss_on)
                if len(sample.ids) > self.max_length:
                    raise BadSample(f"the meta instruction alone is longer than {self.max_length} tokens")
            except ValueError as error:
                bad = error if isinstance(error, BadSample) else BadSample(str(error))
                reason = "".join(c if c.isprintable() else " " for c in str(bad))[:MAX_REASON]
                problems.append((row, bad.line, bad.column, reason))
                kinds[re.sub(r"\d+", "…", reason.partition(", got")[0])] += 1
                continue
            counts["lookalike"] += any(_LOOKS_LIKE_OURS.search(part.text) for part in conversation.parts)
            n_loss = sum(sample.loss_mask[1:])  # nothing predicts the first token
            if not sample.turns:
                left_out.append((row, f"the first turn does not fit into {self.max_length} tokens"))
            elif not n_loss:
                left_out.append((row, "no token is in the loss"))
            else:
                turns_left_out = len(conversation.turns) - sample.turns
                counts["cut"] += turns_left_out > 0
                counts["turns left out"] += turns_left_out
                plugins.update(conversation.plugins)
                ids.append(np.array(sample.ids, dtype=np.int32))
                in_loss = np.frombuffer(bytes(sample.loss_mask), np.uint8)
                flags.append(np.frombuffer(bytes(sample.roles), np.uint8) | in_loss * np.uint8(IN_LOSS))
                said = repr((conversation.meta_instruction, conversation.parts)).encode()  # also what was cut off
                digest = hashlib.blake2b(said, digest_size=8).digest()
                index.append((row, start, len(sample.ids), n_loss, int.from_bytes(digest, "little")))
                start += len(sample.ids)
        counts["bad"], counts["left out"] = sum(kinds.values()), len(left_out)
        return Encoded(
            digest_of(*content), row + 1, np.concatenate(ids), np.concatenate(flags), np.array(index, dtype=INDEX),
            problems[:MAX_LISTED], left_out[:MAX_LISTED], counts, kinds, plugins,
        )  # fmt: skip


def _start_worker(*settings) -> None:
    global _encoder
    _encoder = Encoder(*settings)


def _encode_in_worker(chunk: Chunk) -> Encoded:
    return _encoder(chunk)


def usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def encode_chunks(chunks: list[Chunk], settings: tuple, num_workers: int | None) -> Iterator[Encoded]:
    """What Encoder(*settings) makes of each chunk, in order; a few chunks are under way at a time."""
    if num_workers is None:
        num_workers = usable_cores() if len(chunks) >= PARALLEL_FROM else 0
    num_workers = min(num_workers, len(chunks))
    if num_workers < 2:
        yield from map(Encoder(*settings), chunks)
        return
    # Not fork: this process has threads (torch, CUDA, tokenizers), whose locks a copy of it could wait for for ever.
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    context.set_forkserver_preload(["__main__", __name__])
    try:
        with ProcessPoolExecutor(num_workers, context, _start_worker, settings) as pool:
            under_way = deque()
            for chunk in chunks:
                under_way.append(pool.submit(_encode_in_worker, chunk))
                if len(under_way) > 2 * num_workers:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
    except BrokenProcessPool:
        raise MemoryError("a tokenising process was killed, for want of memory perhaps; try --num_workers 0") from None


# --- the cache --------------------------------------------------------------------------------------------------------


def default_cache_dir() -> Path:
    return Path(os.environ.get("HF_HOME") or "~/.cache/huggingface").expanduser() / "moss_sft"


def cache_key(chunks: list[Chunk], digests: list[bytes], settings: tuple) -> dict[str, str | int]:
    """All that the cache depends on. `digests` are those of the chunks."""
    tokenizer, max_length, loss_on = settings
    saved = json.loads(tokenizer.backend_tokenizer.to_str())
    modules = (conversation_moss.__file__, tokenization_moss.__file__, sft_files.__file__, __file__)
    starts = (str(chunk.start).encode() for chunk in chunks)  # 0 where a file begins
    return {
        "data": digest_of(*starts, *digests).hex(),
        "tokenizer": digest_of(json.dumps([saved["model"], saved["added_tokens"]]).encode()).hex(),
        "max_length": max_length,
        "loss_on": loss_on,
        "code": digest_of(tokenizers.__version__.encode(), *(Path(name).read_bytes() for name in modules)).hex(),
    }


def write_cache(
    folder: Path, chunks: list[Chunk], digests: list[bytes], settings: tuple, num_workers: int | None, name: str
) -> None:
    """Tokenises the chunks into `folder`. Raises ValueError where they are not what they were when digested."""
    first_rows, n_rows, n_tokens, last_file = [], 0, 0, None
    problems, left_out, counts, kinds, plugins = [], [], Counter(), Counter(), set()
    size = sum(chunk.stop - chunk.start if chunk.stop is not None else len(chunk.files) for chunk in chunks)
    unit = {"unit": " files"} if chunks and chunks[0].stop is None else {"unit": "B", "unit_scale": True}
    with (
        open(folder / "ids.bin", "wb") as ids,
        open(folder / "flags.bin", "wb") as flags,
        open(folder / "index.bin", "wb") as index,
        tqdm(total=size, desc=f"tokenising {name}", disable=None, **unit) as progress,
    ):
        for chunk, digest, part in zip(chunks, digests, encode_chunks(chunks, settings, num_workers), strict=True):
            if part.digest != digest:
                raise ValueError(f"{chunk.files[0]} changed while it was read; start again when it is complete")
            if chunk.files[0] != last_file:
                first_rows.append(n_rows)
                last_file = chunk.files[0]
            part.index["row"] += n_rows
            part.index["start"] += n_tokens
            for file, array in ((ids, part.ids), (flags, part.flags), (index, part.index)):
                file.write(array.tobytes())
            problems += [(n_rows + row, *rest) for row, *rest in part.problems]
            left_out += [(n_rows + row, reason) for row, reason in part.left_out]
            del problems[MAX_LISTED:], left_out[MAX_LISTED:]
            counts.update(part.counts)
            kinds = Counter(dict((kinds + part.kinds).most_common(MAX_LISTED)))
            plugins |= part.plugins
            n_rows += part.n_rows
            n_tokens += len(part.ids)
            progress.update(chunk.stop - chunk.start if chunk.stop is not None else len(chunk.files))
    seen = mapped(folder / "index.bin", INDEX)["digest"]
    counts["repeated"] = len(seen) - len(np.unique(seen))
    facts = {"n_rows": n_rows, "counts": counts, "kinds": kinds, "plugins": sorted(plugins)}
    facts |= {"problems": problems, "left_out": left_out, "first_rows": first_rows}
    (folder / "facts.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


def mapped(path: Path, dtype: np.dtype | type) -> np.ndarray:
    """The array that the file holds, read from disk where it is looked at."""
    if not path.stat().st_size:  # which cannot be mapped
        return np.zeros(0, dtype)
    return np.memmap(path, dtype, mode="r").view(np.ndarray)


class SFTDataset(Dataset):
    """Conversations as ids with labels, memory-mapped.

    Args:
        data_dir: see the head of this file. data_type: "train" or "val".
        tokenizer: a MossTokenizer that has the control tokens.
        max_length: ids a conversation may have; it is cut after the last turn that fits.
        loss_on: "moss" for what MOSS itself has to write (inner thoughts, commands, answers), "all" for everything but
            meta instruction and results, as the original does, see Conversation.encode_for_training.
        on_bad_sample: "stop" raises when rows are bad, "skip" leaves them out and counts them.
        num_workers: processes that tokenise; None is one a core where there is enough to do, 0 does it here.
        cache_dir: where the cache is kept; None is a folder moss_sft in $HF_HOME.

    Attributes:
        ids, flags: int32 and uint8 (tokens,), see the head of this file.
        rows, starts, lengths, n_loss, digests: a number a conversation: its row counted through all files, its first
            token in ids, its tokens, those of them that are in the loss, a checksum of its texts.

    Raises:
        ValueError: rows are bad (each listed as file:line:column reason), or there is no conversation at all.
        OSError: the cache cannot be written.
    """

    _columns: ClassVar = {
        "rows": "row", "starts": "start", "lengths": "length", "n_loss": "n_loss", "digests": "digest"
    }  # fmt: skip

    def __init__(
        self,
        data_dir: str | Path,
        tokenizer: MossTokenizer,
        data_type: str = "train",
        max_length: int = 2048,
        loss_on: str = "moss",
        on_bad_sample: str = "stop",
        num_workers: int | None = None,
        cache_dir: str | Path | None = None,
    ):
        for name, given, known in (
            ("loss_on", loss_on, ("moss", "all")),
            ("on_bad_sample", on_bad_sample, ("stop", "skip")),
        ):
            if given not in known:
                raise ValueError(f"{name} is {given!r}; it must be one of {', '.join(known)}")
        self.tokenizer, self.data_type, self.max_length = tokenizer, data_type, max_length
        self.files = find_files(data_dir, data_type)
        if not self.files:
            raise ValueError(
                f"{data_dir} has no {data_type} data: it needs {data_type}.jsonl, a folder {data_type}/ of JSON files, "
                "or JSON files of one conversation each"
            )
        probe = Conversation()  # a tokenizer without control tokens is one mistake, not one a row
        probe.parts += [Part("Human", "Hello"), Part("MOSS", "Hello")]
        probe.encode_for_training(tokenizer)

        # 1. The cache: found, or built now.
        self._state = self._state_of_files()
        chunks, settings = cut_into_chunks(self.files), (tokenizer, max_length, loss_on)
        with ThreadPoolExecutor(HASHING_THREADS) as pool:
            digests = list(pool.map(lambda chunk: digest_of(*chunk.read()), chunks))
        build = partial(
            write_cache, chunks=chunks, digests=digests, settings=settings, num_workers=num_workers, name=data_type
        )
        root = Path(cache_dir or default_cache_dir())
        try:
            self.cache = built_once(root, cache_key(chunks, digests, settings), build)
        except OSError as error:
            raise OSError(f"the data cannot be kept in {root}: {error}. Another folder: --cache_dir") from error
        self._map()
        self._use(mapped(self.cache / "index.bin", INDEX))

        # 2. What was found.
        facts = json.loads((self.cache / "facts.json").read_text(encoding="utf-8"))
        self.n_rows, self.counts, self.plugins = facts["n_rows"], Counter(facts["counts"]), facts["plugins"]
        is_jsonl = self.files[0].suffix == ".jsonl"
        self._first_rows = np.array(facts["first_rows"], dtype=np.int64) if is_jsonl else np.arange(len(self.files))
        self.problems = [f"{self._place(*where)} {reason}" for *where, reason in facts["problems"]]
        self.left_out = [f"{self._place(row)} {reason}" for row, reason in facts["left_out"]]
        n_bad = self.counts["bad"]
        if n_bad and on_bad_sample == "stop":
            kinds = Counter(facts["kinds"]).most_common(20) if n_bad > MAX_LISTED else []
            raise ValueError(
                f"{n_bad:,} of {self.n_rows:,} rows in the {data_type} data are bad; mend them, or leave them out with "
                "--on_bad_sample skip:\n"
                + "".join(f"    {number:,} times: {kind}\n" for kind, number in kinds)
                + listed(self.problems, n_bad)
            )
        if not len(self):
            raise ValueError(
                f"no conversation to use in the {data_type} data, {self.files[0]}"
                + (f" and {len(self.files) - 1} more" if len(self.files) > 1 else "")
                + f" ({self.n_rows} rows)"
                + "".join(f":\n{lines}" for lines in [listed(self.problems + self.left_out)] if lines)
            )

    def _map(self) -> None:
        self.ids, self.flags = mapped(self.cache / "ids.bin", "<i4"), mapped(self.cache / "flags.bin", np.uint8)

    def _use(self, index: np.ndarray) -> None:
        self._index = index
        for attribute, column in self._columns.items():
            setattr(self, attribute, index[column])

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | dict.fromkeys(["ids", "flags", *self._columns])  # which would be copied

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._map()
        self._use(self._index)

    def _state_of_files(self) -> bytes:
        states = (path.stat() for path in self.files)
        return digest_of(*(f"{state.st_size} {state.st_mtime_ns}".encode() for state in states))

    def check_unchanged(self) -> None:
        """Raises ValueError where a file was written to since it was read, for which a run ought to stop."""
        if any(not path.exists() for path in self.files) or self._state_of_files() != self._state:
            raise ValueError(f"the {self.data_type} data, {self.files[0].parent}, changed since the start of the run")

    def _place(self, row: int, line: int = 1, column: int = 0) -> str:
        file = int(np.searchsorted(self._first_rows, row, side="right")) - 1
        place = f"{self.files[file]}:{row - self._first_rows[file] + line}"
        return f"{place}:{column}" if column else place

    def place(self, index: int) -> str:
        """Where a conversation comes from, as file:line."""
        return self._place(int(self.rows[index]))

    def drop(self, dropped: np.ndarray) -> None:
        """Leaves out the conversations where dropped, (n,) bool, is True."""
        self._use(self._index[~dropped])

    def report(self) -> str:
        """What was read, what was left out and what was changed, a line each."""
        lines = [
            f"{self.data_type}: {len(self):,} conversations, {self.lengths.sum():,} tokens, {self.n_loss.sum():,} of "
            f"them in the loss, from {self.n_rows:,} rows"
        ]
        notes = {
            "blank": "blank lines",
            "cut": f"cut after the last turn that fits ({self.counts['turns left out']:,} turns left out)",
            "lookalike": "with a control token or role header in their text, encoded as plain text",
            "repeated": "the same as an earlier one",
        }
        lines += [f"  {self.counts[name]:,} {what}" for name, what in notes.items() if self.counts[name]]
        for name, what, rows in (("bad", "bad, left out", self.problems), ("left out", "left out", self.left_out)):
            if rows:
                lines.append(f"  {self.counts[name]:,} {what}:\n{listed(rows, self.counts[name])}")
        return "\n".join(lines)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """input_ids, int64 (T,); attention_mask, bool (T,), all True; labels, int64 (T,), -100 outside the loss."""
        index = range(len(self))[index]
        span = slice(self.starts[index], self.starts[index] + self.lengths[index])
        input_ids = torch.from_numpy(self.ids[span].astype(np.int64))
        labels = input_ids.masked_fill(torch.from_numpy(self.flags[span] & IN_LOSS == 0), IGNORE)
        return input_ids, torch.ones_like(input_ids, dtype=torch.bool), labels

    def collate_fn(self, samples: Sequence[tuple[torch.Tensor, ...]]) -> dict[str, torch.Tensor]:
        """Samples to input_ids and labels, int64, and attention_mask, bool, each (B, T), padded on the right."""
        padding = {"input_ids": self.tokenizer.eos_token_id, "attention_mask": False, "labels": IGNORE}
        return {
            name: pad_sequence(list(rows), batch_first=True, padding_value=padding[name])
            for name, rows in zip(padding, zip(*samples, strict=True), strict=True)
        }


def read_data(
    data_dir: str | Path,
    tokenizer: MossTokenizer,
    max_length: int,
    loss_on: str,
    on_bad_sample: str,
    num_workers: int | None,
    cache_dir: str | Path | None = None,
) -> tuple[SFTDataset, SFTDataset | None]:
    """Training and validation data (None where there is none). Raises one ValueError for the problems of both."""
    found, problems = {"train": None, "val": None}, []
    for data_type in found:
        if data_type == "train" or find_files(data_dir, data_type):
            try:
                settings = (tokenizer, data_type, max_length, loss_on, on_bad_sample, num_workers, cache_dir)
                found[data_type] = SFTDataset(data_dir, *settings)
            except ValueError as error:
                problems.append(str(error))
    if problems:
        raise ValueError("\n".join(problems))
    train_set, val_set = found.values()
    if val_set is not None and (shared := overlap(val_set, train_set)).any():
        places = [val_set.place(i) for i in np.flatnonzero(shared)]
        if on_bad_sample == "stop" or shared.all():
            raise ValueError(
                f"{len(places)} conversations of the validation data are also in the training data; take them out of "
                f"one, or leave them out of validation with --on_bad_sample skip:\n{listed(places)}"
            )
        val_set.drop(shared)
        val_set.counts["left out"] += len(places)
        val_set.left_out += [f"{place} is also in the training data" for place in places]
    return train_set, val_set


def overlap(dataset: SFTDataset, other: SFTDataset) -> np.ndarray:
    """Which conversations of the dataset the other one has, too, (n,) bool."""
    found = [np.intersect1d(dataset.digests, other.digests[i : i + 2**20]) for i in range(0, len(other), 2**20)]
    return np.isin(dataset.digests, np.concatenate(found))

"""How fast MossTokenizer is, beside a pure-Python BPE with a cache, on the texts of a jsonl file.

    python benchmarks/bench_tokenizer.py --data train.jsonl
    python benchmarks/bench_tokenizer.py --data train.jsonl --tokenizer path/to/a/checkpoint

The Python BPE is the textbook one: GPT-2's pieces, merges by rank, the tokens of every piece remembered as a string. It
is measured bare, against `encode_text`, and inside a Python tokenizer of transformers, which is what the original class
was, against `tokenizer(...)`, which makes the same BatchEncoding. All must give the same ids on every text, or the
script stops. Every run starts with an empty cache; each figure is the best of --repeats runs, the garbage collector off
as in timeit. CPU seconds compare the work done, wall seconds what a user waits for: a call with many texts uses all
cores.
"""

import argparse
import gc
import itertools
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

DEFAULT_DATA = ROOT / "../shared/data/moss_003_sft_sample/chat/train.jsonl"
DEFAULT_TOKENIZERS = (ROOT / "checkpoints/moss-mini", ROOT / "../shared/oracle/golden/tokenizer/B_vocab_only")


class PythonBPE:
    """Byte-level BPE in plain Python, for texts without added tokens."""

    def __init__(self, vocab: dict[str, int], merges: list[tuple[str, str]]):
        import regex  # a dependency of transformers; `re` has no \p{L}

        printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
        others = [byte for byte in range(256) if byte not in printable]
        self.symbols = {byte: chr(byte) for byte in printable} | {byte: chr(256 + i) for i, byte in enumerate(others)}
        self.pieces = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
        self.vocab = vocab
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        self.cache: dict[str, str] = {}

    def encode(self, text: str) -> list[int]:
        return [self.vocab[token] for token in self.tokenize(text)]

    def tokenize(self, text: str) -> list[str]:
        tokens = []
        for piece in self.pieces.findall(text):
            word = "".join(self.symbols[byte] for byte in piece.encode())
            if word not in self.cache:
                self.cache[word] = " ".join(self.merge(word))
            tokens += self.cache[word].split(" ")
        return tokens

    def merge(self, piece: str) -> list[str]:
        word = list(piece)
        while len(word) > 1:
            first = min(set(itertools.pairwise(word)), key=lambda pair: self.ranks.get(pair, len(self.ranks)))
            if first not in self.ranks:
                break
            joined, i = [], 0
            while i < len(word):
                if word[i] == first[0] and word[i + 1 : i + 2] == [first[1]]:
                    joined.append("".join(first))
                    i += 2
                else:
                    joined.append(word[i])
                    i += 1
            word = joined
        return word


def python_tokenizer(bpe: PythonBPE, special_tokens: list[str]):
    """`bpe` as a Python tokenizer of transformers."""
    from transformers import PreTrainedTokenizer

    class PythonTokenizer(PreTrainedTokenizer):
        model_input_names: ClassVar = ["input_ids", "attention_mask"]
        vocab_size = property(lambda self: len(bpe.vocab))

        def get_vocab(self) -> dict[str, int]:
            return bpe.vocab | self.added_tokens_encoder

        def _tokenize(self, text: str, **kwargs) -> list[str]:
            return bpe.tokenize(text)

        def _convert_token_to_id(self, token: str) -> int:
            return bpe.vocab[token]

    return PythonTokenizer(extra_special_tokens=special_tokens)


def strings_in(value) -> list[str]:
    """All strings of a JSON value, keys apart."""
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for child in children for text in strings_in(child)]


def read_texts(path: Path) -> list[str]:
    texts, number = [], 0
    try:
        with open(path, encoding="utf-8") as file:
            for line in file:
                number += 1
                if line.strip():
                    texts += strings_in(json.loads(line))
    except OSError as error:
        sys.exit(f"{path} cannot be read: {error.strerror}. Name a jsonl file with --data.")
    except json.JSONDecodeError as error:
        sys.exit(f"{path}, line {number}: not JSON ({error.msg}). Each line must be one JSON value.")
    except UnicodeDecodeError as error:
        sys.exit(f"{path} is not UTF-8: {error.reason}.")
    if not texts:
        sys.exit(f"{path} holds no text.")
    return texts


class Seconds(NamedTuple):
    wall: float
    cpu: float  # of all threads


def best(run: Callable[[], object], repeats: int, before: Callable[[], object] = lambda: None) -> Seconds:
    """The least wall and the least CPU seconds of `repeats` runs, `before` each of which something untimed is done."""
    walls, cpus = [], []
    for _ in range(repeats):
        before()
        gc.collect()
        gc.disable()
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        gc.enable()
    return Seconds(min(walls), min(cpus))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help=f"jsonl file; default {DEFAULT_DATA}")
    parser.add_argument("--tokenizer", help="folder of the tokenizer; default checkpoints/moss-mini if there")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each, the best counts; default 3")
    args = parser.parse_args()
    if args.repeats < 1:
        parser.error(f"--repeats must be 1 or more, got {args.repeats}")
    folder = args.tokenizer or next((path for path in DEFAULT_TOKENIZERS if path.is_dir()), None)
    if folder is None:
        sys.exit(f"there is no {DEFAULT_TOKENIZERS[0]}: name a tokenizer's folder with --tokenizer")
    texts = read_texts(args.data)

    import tokenizers
    import transformers

    from models.tokenization_moss import MossTokenizer

    try:
        tokenizer = MossTokenizer.from_pretrained(folder)
    except (ValueError, OSError) as error:
        sys.exit(str(error))
    model = json.loads(tokenizer.backend_tokenizer.to_str())["model"]

    # 1. The same ids, or the comparison says nothing. Added tokens are taken out: only the BPE is compared.
    for token in tokenizer.get_added_vocab():
        texts = [text.replace(token, " " if token.isspace() else "") for text in texts]
    texts = [text for text in texts if text]
    bare = PythonBPE(model["vocab"], model["merges"])
    slow = python_tokenizer(bare, [token for token in tokenizer.get_added_vocab() if not token.isspace()])
    tokens = 0
    for text in texts:
        ids = tokenizer.encode_text(text)
        tokens += len(ids)
        if (
            not ids
            == bare.encode(text)
            == slow(text, verbose=False).input_ids
            == tokenizer(text, verbose=False).input_ids
        ):
            sys.exit(f"the tokenizers differ on {text!r:.200}")
    megabytes = sum(len(text.encode()) for text in texts) / 1e6

    # 2. Throughput.
    forget = tokenizer.backend_tokenizer.model._clear_cache  # shared by the backends of encode_text and the class
    ways = {  # name: (run, what makes it forget, the row it is compared with)
        "Python BPE, bare": (lambda: [bare.encode(text) for text in texts], bare.cache.clear, None),
        "encode_text": (lambda: [tokenizer.encode_text(text) for text in texts], forget, "Python BPE, bare"),
        "Python tokenizer, each text": (lambda: [slow(text, verbose=False) for text in texts], bare.cache.clear, None),
        "tokenizer, each text": (
            lambda: [tokenizer(text, verbose=False) for text in texts],
            forget,
            "Python tokenizer, each text",
        ),
        "Python tokenizer, one call": (lambda: slow(texts, verbose=False), bare.cache.clear, None),
        "tokenizer, one call": (lambda: tokenizer(texts, verbose=False), forget, "Python tokenizer, one call"),
    }
    rows = {name: best(run, args.repeats, clear) for name, (run, clear, _) in ways.items()}

    # 3. Latency of one short text, remembered.
    short = "What is 12 times 34, and why? 请再说一遍。"
    latency = {
        name: best(lambda call=call: [call(short) for _ in range(1000)], args.repeats).wall / 1000
        for name, call in {"tokenizer(text)": tokenizer, "tokenizer.encode_text(text)": tokenizer.encode_text}.items()
    }

    print(f"{args.data.name}: {len(texts):,} texts, {megabytes:.2f} MB, {tokens:,} tokens")
    print(f"{folder}: {len(tokenizer):,} tokens")
    versions = f"Python {platform.python_version()}, transformers {transformers.__version__}"
    print(f"{versions}, tokenizers {tokenizers.__version__}, {os.cpu_count()} cores ({platform.machine()})\n")
    print(f"| {'':<28}| CPU s | times | wall s | times | tokens/s  |")
    print(f"|{'-' * 29}|------:|------:|-------:|------:|----------:|")
    for name, (wall, cpu) in rows.items():
        reference = rows[ways[name][2] or name]
        times = f"{cpu:5.2f} | {reference.cpu / cpu:5.1f} | {wall:6.2f} | {reference.wall / wall:5.1f}"
        print(f"| {name:<28}| {times} | {tokens / wall:9,.0f} |")
    print()
    for name, seconds in latency.items():
        print(f"one short text, {name:<28} {seconds * 1e6:6.1f} µs")


if __name__ == "__main__":
    main()

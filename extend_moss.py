"""Extends MOSS's vocabulary by pieces of your own texts: a checkpoint and a corpus in, a larger vocabulary out.

    python extend_moss.py --corpus my.txt --output_dir output/wide                         # moss-mini, 2000 tokens more
    python extend_moss.py --corpus news.txt data/train.jsonl --size 8000 \\
        --model_name_or_path fnlp/moss-moon-003-base --output_dir output/wide
    python finetune_moss.py --model_name_or_path output/wide --data_dir data --output_dir output/mine

Text that falls into many small tokens costs time and context. At the end stands how many tokens a character takes,
measured on each twentieth line or conversation, which is kept from training. The model has not met the new tokens yet:
fine-tune it.

Method. SentencePiece's BPE trainer is given the corpus as MOSS reads it: words as the pre-tokenizer cuts them, each a
string whose "letters" stand for MOSS's tokens. So a piece that it learns joins two tokens that there are, and its merge
goes behind the old ones. (From real letters it would learn pieces that the old merges cut elsewhere, or reach only
through others.) A character that MOSS reads as bytes needs steps, which characters that begin alike share; no other new
token begins or ends inside a character. For any text:

- It is cut as before, and then neighbours are joined: the new ids, spelled out, are the old ones.
- What the chat format writes itself (headers, meta instruction, switches) keeps its ids: a piece that would join two of
  its tokens is dropped. A control token in the corpus is text like any other.
- Numbers and white space stay as they are: longer tokens of digits make arithmetic harder.

New rows. The embedding is the mean of the old tokens'. The output layer chooses a new token where it used to choose the
first of its old ones, so it gets that token's row (as in Kim et al. 2024, arXiv:2402.14714), with log(n / N) added to
the bias: of N times that the first token stood in the corpus, n begin the new one. Old rows stay, bit by bit.
vocab_size becomes a multiple of 64, for which matrix products are fast, and the rows left over are never chosen.
Quantised checkpoints work, too: these layers are not quantised. One file of weights is in memory at a time.

Output. A complete checkpoint, and extension_report.json, which lists the new tokens.
"""

import argparse
import io
import itertools
import json
import math
import shutil
import tempfile
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import sentencepiece
import torch
from safetensors.torch import load_file, save_file
from tokenizers.pre_tokenizers import ByteLevel
from tqdm import tqdm

from models import MossConfig, MossForCausalLM, MossTokenizer
from models.checkpoint import WEIGHT_FILES, check_checkpoint, names_checkpoint, weight_files
from models.conversation_moss import NOTHING, ROLES, TOOLS, Conversation
from models.sft_data import listed, read_conversation
from models.shards import local_folder, write_json
from moss_inference import MOSS_MINI
from utils import add_hub_files, plain_errors

HELD_OUT = 20  # one line or conversation in so many is kept from training, to measure on
LEAST = 2  # a token that the corpus would hold less often teaches nothing
ROUND = 64  # vocab_size becomes a multiple
NEVER = -1e4  # the bias of output rows without a token; fp16 can hold it
WORD_LENGTH = 1000  # characters; longer words are cut for the trainer, which skips lines of more than 4192 bytes
REPORT = "extension_report.json"
ROWS = ("wte.weight", "lm_head.weight", "lm_head.bias")  # the tensors with a row a token
# The trainer's letters: TOKEN + id, or, for a group of tokens that only together are whole characters, two letters. No
# pair with one of these is more frequent than the two, and of equally frequent pairs the trainer takes the one that
# sorts first, so the group becomes a piece before it is part of others.
FIRST_HALF, SECOND_HALF, TOKEN = 0x10000, 0x50000, 0x90000

_BYTES = ByteLevel(add_prefix_space=False, use_regex=False)  # text to one symbol a byte

Merge = tuple[str, str]  # two tokens, in the symbols of bytes, that become one


def byte_symbols(word: str) -> str:
    """A word as the vocabulary spells it, a symbol a byte."""
    return _BYTES.pre_tokenize_str(word)[0][0]


CONTINUATION = {byte_symbols(chr(byte))[-1] for byte in range(0x80, 0xC0)}  # never begins a character


# --- the corpus -------------------------------------------------------------------------------------------------------


def read_corpus(paths: list[Path]) -> Iterator[list[str]]:
    """The texts of each line, or of each conversation of a jsonl file. Raises ValueError that lists the bad ones."""
    problems: list[str] = []
    with tqdm(total=sum(path.stat().st_size for path in paths), unit="B", unit_scale=True, desc="reading") as bar:
        for path in paths:
            offset = 0
            with open(path, "rb") as file:
                for number, raw in enumerate(file, 1):
                    try:
                        if path.suffix == ".jsonl" and raw.strip():
                            parts = read_conversation(raw.rstrip(b"\n"), offset).parts
                            yield [part.text for part in parts if part.text != NOTHING]
                        elif raw.strip():
                            yield [raw.decode("utf-8-sig")]
                    except UnicodeDecodeError as error:
                        problems.append(f"{path}:{number} invalid UTF-8 at byte {offset + error.start}")
                    except ValueError as error:
                        problems.append(f"{path}:{number} {error}")
                    offset += len(raw)
                    bar.update(len(raw))
    if problems:
        raise ValueError(f"{len(problems)} lines are bad; mend them or leave them out:\n{listed(problems)}")


def count_words(corpus: Iterator[list[str]], tokenizer: MossTokenizer) -> tuple[Counter[str], list[str]]:
    """How often each word that may hold new pieces stands in the corpus, and the texts that are held out."""
    cut = tokenizer.backend_tokenizer.pre_tokenizer.pre_tokenize_str
    words: Counter[str] = Counter()
    held_out: list[str] = []
    for number, texts in enumerate(corpus, 1):
        if number % HELD_OUT == 0:
            held_out += texts
        else:
            words.update(text[start:end] for text in texts for _, (start, end) in cut(text))
    if not words or not held_out:
        raise ValueError(
            f"the corpus is too small or empty: it needs {HELD_OUT} lines or conversations at least, since one in "
            f"{HELD_OUT} is kept from training, to measure on"
        )
    numbers = (word for word in words if unicodedata.category(word.strip()[:1] or " ")[0] in "NZ")
    for word in list(numbers):
        del words[word]
    return words, held_out


# --- the pieces -------------------------------------------------------------------------------------------------------


class Extension(NamedTuple):
    """The new tokens in the order of their ids, and what became of the other pieces."""

    merges: list[Merge]
    old_ids: list[list[int]]  # what each is made of
    shares: list[float]  # of the occurrences of the first of these, those that begin the token; above 0
    steps: int  # how many are never left over in the corpus, being joined further each time
    proposed: int
    dropped: Counter[str]  # reason -> pieces


class Spelling:
    """Words as strings for the trainer, and its pieces back as groups of ids."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[int, ...], int] = {}  # group -> its place in groups
        self.groups: list[tuple[int, ...]] = []

    def write(self, tokens: list) -> str:
        groups: list[tuple[int, ...]] = []
        for token in tokens:
            if token.value[0] in CONTINUATION:
                groups[-1] += (token.id,)
            else:
                groups.append((token.id,))
        word = ""
        for group in groups:
            if len(group) == 1:
                word += chr(TOKEN + group[0])
            else:
                if group not in self.numbers:
                    self.numbers[group] = len(self.groups)
                    self.groups.append(group)
                word += chr(FIRST_HALF + self.numbers[group]) + chr(SECOND_HALF + self.numbers[group])
        return word

    def read(self, piece: str) -> list[tuple[int, ...]] | None:
        """The groups of ids, or None where the piece cuts a character."""
        if SECOND_HALF <= ord(piece[0]) < TOKEN or ord(piece[-1]) < SECOND_HALF:
            return None
        codes = [code for code in map(ord, piece) if not SECOND_HALF <= code < TOKEN]
        return [(code - TOKEN,) if code >= TOKEN else self.groups[code - FIRST_HALF] for code in codes]


def train_pieces(words: Counter[str], count: int) -> list[str]:
    """The pieces of a SentencePiece BPE model of `count` merges, or as many as there are, in the order of learning."""
    letters = {letter for word in words for letter in word}
    parts = ((word[i : i + WORD_LENGTH], n) for word, n in words.items() for i in range(0, len(word), WORD_LENGTH))
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(f"{part}\t{n}" for part, n in parts),
        input_format="tsv",  # a word, and how often it stands there
        model_writer=model,
        model_type="bpe",
        vocab_size=1 + count + len(letters),  # <unk>, merges, letters
        hard_vocab_limit=False,
        character_coverage=1.0,
        normalization_rule_name="identity",
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        split_by_whitespace=False,
        split_by_unicode_script=False,
        split_by_number=False,
        bos_id=-1,
        eos_id=-1,
        minloglevel=2,
    )
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    pieces = (processor.id_to_piece(i) for i in range(1, processor.get_piece_size()))
    return [piece for piece in pieces if len(piece) > 1]


def fixed_text() -> str:
    """What the chat format writes itself: a meta instruction with its switches, and each header."""
    conversation = Conversation(name for name, tool in TOOLS.items() if tool.api)
    for role in ROLES:
        conversation.add(role, NOTHING)
    return conversation.text()


def join(parts: list[str], ranks: dict[Merge, int]) -> list[str]:
    """BPE: joins neighbours, the pair of the lowest rank first, until no pair has one."""
    while pairs := [(ranks[pair], i) for i, pair in enumerate(itertools.pairwise(parts)) if pair in ranks]:
        i = min(pairs)[1]
        parts = [*parts[:i], parts[i] + parts[i + 1], *parts[i + 2 :]]
    return parts


def make_merges(tokenizer: MossTokenizer, pieces: list[list[tuple[int, ...]] | None]) -> tuple[list[Merge], Counter]:
    """The merges that give the pieces (each a list of groups of ids, None if no good), and why some have none."""
    backend, known = tokenizer.backend_tokenizer, set(tokenizer.get_vocab())
    words = backend.pre_tokenizer.pre_tokenize_str(fixed_text())
    fixed = {pair for word, _ in words for pair in itertools.pairwise(t.value for t in backend.model.tokenize(word))}
    ranks: dict[Merge, int] = {}
    dropped: Counter[str] = Counter()
    for groups in tqdm(pieces, unit="piece", desc="merging"):
        if groups is None:
            dropped["would cut a character"] += 1
            continue
        parts = join([backend.id_to_token(i) for group in groups for i in group], ranks)
        lefts = itertools.accumulate(parts[:-1])
        steps = {left + right: (left, right) for left, right in zip(lefts, parts[1:], strict=True)}
        if len(groups) > 1 and len(steps) > 1:
            dropped["made of dropped ones"] += 1
        elif not fixed.isdisjoint(steps.values()):
            dropped["in the chat format's own texts"] += 1
        elif not steps or not known.isdisjoint(steps):
            dropped["in the vocabulary already"] += 1
        else:
            known.update(steps)
            ranks |= {pair: len(ranks) + i for i, pair in enumerate(steps.values())}
    return list(ranks), dropped


def extended_tokenizer(tokenizer: MossTokenizer, merges: list[Merge], folder: Path) -> MossTokenizer:
    """Writes a tokenizer with these merges behind its own into folder, and reads it.

    Ids have no gap, so the new ones come behind the added tokens, and these, keeping theirs, enter the vocabulary.
    """
    tokenizer.save_pretrained(folder)
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text("utf-8"))
    content["model"]["vocab"] |= {token["content"]: token["id"] for token in content["added_tokens"]}
    content["model"]["vocab"] |= {left + right: len(tokenizer) + i for i, (left, right) in enumerate(merges)}
    content["model"]["merges"] += [list(merge) for merge in merges]
    write_json(path, content)
    return MossTokenizer.from_pretrained(folder)


def learn(tokenizer: MossTokenizer, words: Counter[str], size: int) -> Extension:
    """Learns `size` tokens from words. Raises ValueError where the words do not have so many."""
    # 1. Words as strings that stand for tokens.
    model, spelling = tokenizer.backend_tokenizer.model, Spelling()
    seen: Counter[int] = Counter()  # id -> occurrences
    spelled: Counter[str] = Counter()
    for word, n in tqdm(words.items(), unit="word", desc="encoding"):
        tokens = model.tokenize(byte_symbols(word))
        for token in tokens:
            seen[token.id] += n
        if len(tokens) > 1:
            spelled[spelling.write(tokens)] += n

    # 2. Pieces, more than are needed since some are dropped, and their merges.
    print(f"SentencePiece learns from {spelled.total():,} words, {len(spelled):,} different ones", flush=True)
    proposed = train_pieces(spelled, 2 * size + 1000) if spelled else []
    merges, dropped = make_merges(tokenizer, [spelling.read(piece) for piece in proposed])

    # 3. How often each comes about: as often as it is left over, or in what it is joined to.
    with tempfile.TemporaryDirectory() as folder:
        model = extended_tokenizer(tokenizer, merges, Path(folder)).backend_tokenizer.model
    made: Counter[str] = Counter()
    for word, n in tqdm(words.items(), unit="word", desc="counting"):
        for token in model.tokenize(byte_symbols(word)):
            made[token.value] += n
    for left, right in reversed(merges):
        made[left] += made[left + right]
        made[right] += made[left + right]

    # 4. The first of those that are frequent enough. What a token is made of is as frequent, so it is among them.
    frequent = [(left, right) for left, right in merges if made[left + right] >= LEAST]
    dropped[f"not {LEAST} times in the corpus"] = len(merges) - len(frequent)
    if not frequent:
        raise ValueError("the corpus has no new piece: what its words are made of is in the vocabulary already")
    if len(frequent) < size:
        raise ValueError(
            f"--size {size} is too large for the corpus, which has {len(frequent)} new tokens that stand there "
            f"{LEAST} times or more; take that or less, or a larger corpus"
        )
    old_ids: dict[str, list[int]] = {}
    for left, right in frequent[:size]:
        old_ids[left + right] = [i for part in (left, right) for i in old_ids.get(part) or [model.token_to_id(part)]]
        made[left] -= made[left + right]  # and so made becomes what is left over
        made[right] -= made[left + right]
    return Extension(
        merges=frequent[:size],
        old_ids=list(old_ids.values()),
        shares=[max(made[token], 0.5) / seen[ids[0]] for token, ids in old_ids.items()],
        steps=sum(made[token] <= 0 for token in old_ids),
        proposed=len(proposed),
        dropped=dropped,
    )


# --- the checkpoint ---------------------------------------------------------------------------------------------------


def with_new_rows(name: str, tensor: torch.Tensor, start: int, vocab_size: int, extension: Extension) -> torch.Tensor:
    """One of ROWS, (V, ...), as (vocab_size, ...): from start on the new tokens' rows, then rows without a token."""
    extended = tensor.new_full((vocab_size, *tensor.shape[1:]), NEVER if name == "lm_head.bias" else 0)
    extended[: len(tensor)] = tensor
    for row, ids, share in zip(extended[start:], extension.old_ids, extension.shares, strict=False):
        if name == "wte.weight":
            row.copy_(tensor[ids].float().mean(dim=0))
        else:
            row.copy_(tensor[ids[0]].float() + (math.log(share) if name == "lm_head.bias" else 0))
    return extended


def write_weights(source: Path, folder: Path, start: int, vocab_size: int, extension: Extension) -> None:
    """Copies the weights file by file; those with ROWS in them are read, and written with more."""
    for file in tqdm(weight_files(source), unit="file", desc="writing"):
        if file.suffix == ".safetensors":
            tensors = load_file(file)
        else:  # mmap leaves the tensors on disk; files from before torch 1.6 are no zip, and cannot be mapped
            tensors = torch.load(file, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(file))
        changed = {}
        for name in tensors:
            if (short := name.removeprefix("transformer.")) in ROWS:
                changed[name] = with_new_rows(short, tensors[name], start, vocab_size, extension)
        if not changed:
            shutil.copyfile(file, folder / file.name)
        elif file.suffix == ".safetensors":
            save_file(tensors | changed, folder / file.name, {"format": "pt"})
        else:
            torch.save(tensors | changed, folder / file.name)
    for path in folder.glob("*.safetensors"):  # safetensors makes files that their owner alone may read
        shutil.copymode(folder / "tokenizer.json", path)
    index = next(source / name for name in WEIGHT_FILES if (source / name).is_file())
    if index.suffix == ".json":
        content = json.loads(index.read_text("utf-8"))
        size = sum((folder / name).stat().st_size for name in set(content["weight_map"].values()))
        write_json(folder / index.name, content | {"metadata": {"total_size": size}})


# --- the run ----------------------------------------------------------------------------------------------------------


def count_tokens(texts: list[str], old: MossTokenizer, new: MossTokenizer, extension: Extension) -> Counter[str]:
    """Characters, and tokens before and after."""
    made_of = dict(enumerate(extension.old_ids, len(old)))
    counts: Counter[str] = Counter()
    for text in tqdm(texts, unit="text", desc="measuring"):
        before, after = old.encode_text(text), new.encode_text(text)
        assert before == [i for token in after for i in made_of.get(token, [token])], f"cut in another way: {text!r}"
        counts.update(characters=len(text), before=len(before), after=len(after))
    return counts


def extend(corpus: list[str], output_dir: str, size: int = 2000, model_name_or_path: str = str(MOSS_MINI)) -> dict:
    """Extends as the command line does. Returns what extension_report.json holds.

    Raises:
        ValueError, OSError: options, paths, corpus or checkpoint are at fault; output_dir is as it was.
    """
    # 1. What was asked for.
    check_options(corpus, output_dir, size, model_name_or_path)
    source, target = local_folder(model_name_or_path), Path(output_dir).resolve()
    check_checkpoint(MossForCausalLM, source)
    tokenizer, vocab_size = MossTokenizer.from_pretrained(source), MossConfig.from_pretrained(source).vocab_size
    start = len(tokenizer)
    if start > vocab_size:
        raise ValueError(f"the tokenizer of {source} has {start} tokens, more than the model: vocab_size {vocab_size}")

    # 2. Corpus and pieces.
    words, held_out = count_words(read_corpus([Path(path) for path in corpus]), tokenizer)
    extension = learn(tokenizer, words, size)
    vocab_size = math.ceil(max(vocab_size, start + size) / ROUND) * ROUND

    # 3. The checkpoint, beside its place until it is whole.
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as unfinished:
        folder = Path(unfinished) / "model"
        folder.mkdir()
        extended = extended_tokenizer(tokenizer, extension.merges, folder)
        counts = count_tokens(held_out, tokenizer, extended, extension)
        report = {
            "pieces": {"proposed": extension.proposed, "dropped": extension.dropped},
            "vocab_size": vocab_size,
            "held_out": counts,
            "steps": extension.steps,
            "tokens": {start + i: extended.decode([start + i]) for i in range(size)},
        }
        write_weights(source, folder, start, vocab_size, extension)
        config = json.loads((source / "config.json").read_text("utf-8"))
        write_json(folder / "config.json", config | {"vocab_size": vocab_size})
        for path in (source / "generation_config.json", *source.glob("*.py")):
            if path.is_file():
                shutil.copyfile(path, folder / path.name)
        write_json(folder / REPORT, report)
        name = source.resolve().name if Path(model_name_or_path).is_dir() else model_name_or_path
        add_hub_files(folder, model_name_or_path, f"{name} with {size:,} tokens more, not trained yet.", "finetune")
        check_checkpoint(MossForCausalLM, folder)
        if target.is_dir():  # empty
            target.rmdir()
        folder.rename(target)

    before, after = counts["before"] / counts["characters"], counts["after"] / counts["characters"]
    print(
        f"pieces: {extension.proposed} proposed, the first good ones taken; dropped: "
        + (", ".join(f"{n} {reason}" for reason, n in extension.dropped.items() if n) or "none")
        + f"\ntokens: {size} added, ids {start} to {start + size - 1}, {extension.steps} of them only steps to longer "
        f"ones; vocab_size {vocab_size}\nheld-out text, {counts['characters']:,} characters: {before:.4f} tokens per "
        f"character before, {after:.4f} after ({after / before - 1:+.1%})\nwritten to {output_dir}"
    )
    return report


# --- options ----------------------------------------------------------------------------------------------------------


def check_options(corpus: list[str], output_dir: str, size: int, name: str) -> None:
    """Raises one ValueError that names every option that cannot be, before anything is loaded."""
    folder = Path(output_dir)
    holds = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    problems = {
        f"--size is {size}; it must be at least 1": size < 1,
        f"--model_name_or_path {name} is neither a folder nor a name on the hub": not names_checkpoint(name),
        f"--output_dir {folder} is a file; take another name": folder.exists() and not folder.is_dir(),
        f"--output_dir {folder} is not empty, it holds {', '.join(holds[:3])}; take another folder": bool(holds),
    }
    for path in corpus:
        problems[f"--corpus {path} is no file; give text files, or jsonl files of conversations"] = not Path(
            path
        ).is_file()
    if found := [text for text, wrong in problems.items() if wrong]:
        raise ValueError("\n  ".join(["", *found]) if len(found) > 1 else found[0])


def build_parser() -> argparse.ArgumentParser:
    class Formatter(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
        pass

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=Formatter)
    parser.add_argument(
        "--corpus", nargs="+", required=True, help="text (UTF-8), or jsonl of conversations; several go"
    )
    parser.add_argument("--size", type=int, default=2000, help="tokens to add")
    parser.add_argument("--output_dir", required=True, help="folder for the extended model, new or empty")
    parser.add_argument("--model_name_or_path", default=str(MOSS_MINI), help="checkpoint: folder or hub name")
    return parser


def main() -> None:
    args = build_parser().parse_args()
    with plain_errors():
        extend(**vars(args))


if __name__ == "__main__":
    main()

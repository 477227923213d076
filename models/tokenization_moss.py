"""MossTokenizer: byte-level BPE, as GPT-2 and CodeGen have it, on the Rust `tokenizers` backend.

Method. A text is cut at the added tokens (`<eom>`, runs of blanks …) and between them by GPT-2's regular expression;
each piece is written as bytes, in GPT-2's 256 printable symbols, and the merges of merges.txt are applied to it. All of
that runs in Rust. This file decides which added tokens there are and how they behave, refuses files that do not fit
each other, and gives two encoders whose results do not depend on what other threads do.

Why three backends. A `tokenizers.Tokenizer` has switches (split special tokens, truncation, padding) that a call of
transformers sets and leaves behind, so one backend shared by two threads lets a typed `<eom>` through as the control
token now and then, or loses one that our template wrote. `encode_text` and `encode_template` therefore own a backend
each, built from the first one and never switched. They share its vocabulary and merges (one model in memory, many
readers); they are rebuilt when tokens are added through this class.

Left to others: the chat format, and so the role headers, which are ordinary text to a tokenizer (conversation_moss.py).
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from transformers import TokenizersBackend

from .conversation_moss import CONTROL_TOKENS

END_OF_TEXT = "<|endoftext|>"

# Pieces whose ids a backend remembers. 4 MB of chat hold some 40,000 different ones; with the library's own 10,000 it
# takes a sixth longer (benchmarks/bench_tokenizer.py).
CACHED_PIECES = 100_000
BYTE_SYMBOLS = frozenset(pre_tokenizers.ByteLevel.alphabet())  # one printable character for each of the 256 byte values
LOOKS_RESERVED = re.compile(r"<.+>|\[.+\]", re.DOTALL)  # a token of vocab.json that need not come from a merge

Merges = list[tuple[str, str]]


class MossTokenizer(TokenizersBackend):
    """Byte-level BPE tokenizer of MOSS.

    `MossTokenizer.from_pretrained(folder)` reads vocab.json, merges.txt, added_tokens.json, special_tokens_map.json and
    tokenizer_config.json, as the published checkpoints have them, or the tokenizer.json that `save_pretrained` writes.

    Args:
        vocab: token -> id, or the path of a vocab.json.
        merges: the merges in order, each `"a b"` or `("a", "b")`, or the path of a merges.txt.
        unk_token, bos_token, eos_token, pad_token: special tokens; one that has no id yet gets the next free one.
        add_prefix_space: put a blank before every text of `__call__` and `encode`, even before an empty one.
        add_bos_token: put `bos_token` before every text of `__call__` and `encode`.

    Raises:
        ValueError: the files are damaged or do not belong together.
        UnicodeEncodeError (a ValueError): a text to encode holds half a surrogate pair.

    Control tokens. Those of `<eoh> <eom> <eot> <eoc> <eor>` that have an id are special tokens, whatever the folder
    says. Their ids stay.

    White space around added tokens. In a folder without tokenizer.json the added tokens behave as in the original's
    Python tokenizer, and so as when the published checkpoints were trained: a token of added_tokens.json swallows the
    white space around it, runs of blanks and tabs included (in such a folder `"a  \\n  b"` loses its newline), unless
    special_tokens_map.json describes it by an object, whose `lstrip` and `rstrip` then count. tokenizer.json states
    both for each token.

    Where this class differs from the original tokenizer (Python, transformers 4.25):

    - Two swallowing tokens in a row, one of them a run of blanks or tabs. A stretch of white space that holds such runs
      becomes one token here, or none beside a control token that swallows it. In the original each token strips only
      the piece beside it, so some of the later runs or single blanks remain (`"  \\n  "` is two tokens there).
    - U+001C to U+001F count as white space for Python's strip and not here: beside such a token they are kept.
    - decode puts no blanks around added tokens (the original's spaces_between_special_tokens=True), gives nothing for
      ids without a token instead of raising TypeError, and like batch_decode leaves blanks before punctuation.
    - skip_special_tokens skips all five control tokens, and all_special_tokens lists them, in whichever folder.
    - special_tokens_mask and token_type_ids count the `bos_token` of add_bos_token; the original forgets it.
    - A tokenizer built from vocab and merges alone knows its special tokens, as one from from_pretrained does.

    Example:
        >>> tokenizer = MossTokenizer.from_pretrained("checkpoints/moss-mini")
        >>> ids = tokenizer.encode_template("<|Human|>: ") + tokenizer.encode_text("What is <eoh>?")
        >>> tokenizer.convert_tokens_to_ids("<eoh>") in ids
        False
    """

    vocab_files_names: ClassVar = {
        "vocab_file": "vocab.json",
        "merges_file": "merges.txt",
        "tokenizer_file": "tokenizer.json",
    }
    model_input_names: ClassVar = ["input_ids", "attention_mask"]
    model = BPE

    def __init__(
        self,
        vocab: dict[str, int] | str | os.PathLike | None = None,
        merges: Iterable[str | tuple[str, str]] | str | os.PathLike | None = None,
        unk_token: str | AddedToken = END_OF_TEXT,
        bos_token: str | AddedToken = END_OF_TEXT,
        eos_token: str | AddedToken = "<eom>",
        pad_token: str | AddedToken | None = None,
        add_prefix_space: bool = False,
        **kwargs,
    ):
        # 1. The vocabulary. from_pretrained also passes the files' paths by the names of `vocab_files_names`.
        vocab_file, merges_file = kwargs.pop("vocab_file", None), kwargs.pop("merges_file", None)
        vocab = vocab_file if vocab is None else vocab
        merges = merges_file if merges is None else merges
        added = dict(kwargs.pop("added_tokens_decoder", None) or {})  # id -> AddedToken
        if (backend := kwargs.pop("tokenizer_object", None)) is not None:  # of train_new_from_iterator
            saved = json.loads(backend.to_str())["model"]
            vocab, merges, added = saved["vocab"], saved["merges"], backend.get_added_tokens_decoder()
        vocab, merges = read_vocabulary(vocab, merges)

        # 2. The special tokens: named ones, and others ("additional" was their name before transformers 5).
        named = {"bos_token": bos_token, "eos_token": eos_token, "unk_token": unk_token, "pad_token": pad_token}
        named |= {key: kwargs.pop(key) for key in ("sep_token", "cls_token", "mask_token") if key in kwargs}
        extra = [
            *(kwargs.pop("extra_special_tokens", None) or []),
            *(kwargs.pop("additional_special_tokens", None) or []),
        ]
        extra = [as_added_token(token) for token in extra]
        special = [*(as_added_token(token) for token in named.values() if token is not None), *extra]

        # 3. The backend with its added tokens, in the order of their ids.
        self._tokenizer = build_backend(BPE(vocab=vocab, merges=merges, cache_capacity=CACHED_PIECES))
        add_with_ids(self._tokenizer, added, special)
        control = [token for token in CONTROL_TOKENS.values() if self._tokenizer.token_to_id(token) is not None]
        super().__init__(
            **{key: None if token is None else str(token) for key, token in named.items()},
            extra_special_tokens=list(dict.fromkeys([*map(str, extra), *control])),  # each once, in this order
            add_prefix_space=add_prefix_space,
            **kwargs,
        )
        self._build_own_backends()

    # ------------------------------------------------------------------------------------------------------ encoding

    def encode_text(self, text: str) -> list[int]:
        """Encodes text from outside: no added token can come out but runs of white space, whatever the text says.

        Texts without added tokens in them get the ids of `encode`. `decode` gives the text back, but for the white
        space that the runs of blanks of a published-like folder swallow. Neither bos_token nor a prefix blank is added.
        (An added token that is one byte of the vocabulary cannot be kept out.) Safe in many threads at once.

        Raises:
            UnicodeEncodeError: the text holds half a surrogate pair.
        """
        return encode(self._text_backend, text)

    def encode_template(self, text: str) -> list[int]:
        """Encodes our own text, added tokens recognised; otherwise as `encode_text`. Never for text from outside."""
        return encode(self._template_backend, text)

    def _encode_plus(self, text, text_pair=None, is_split_into_words=False, add_prefix_space=None, **kwargs):
        # The original puts the blank before the whole text; ByteLevel(add_prefix_space=True) would also put one behind
        # each added token. Words of a split text get one each.
        if add_prefix_space is None:
            add_prefix_space = self.add_prefix_space
        if add_prefix_space or is_split_into_words:
            text, text_pair = with_blank(text), with_blank(text_pair)
        try:
            return super()._encode_plus(text, text_pair, is_split_into_words=is_split_into_words, **kwargs)
        except TypeError:
            for string in strings_in((text, text_pair)):
                refuse_surrogates(string)
            raise

    # ------------------------------------------------------------------------------------------------------ decoding

    def decode(
        self,
        token_ids,
        skip_special_tokens: bool = False,
        truncate_before_pattern: list[str] | None = None,
        **kwargs,
    ) -> str | list[str]:
        """Ids to text; a batch of ids to a list of texts.

        Args:
            token_ids: an int, a list, an array or a tensor, or a batch of them. Ids without a token give nothing.
            skip_special_tokens: leave special tokens out.
            truncate_before_pattern: regular expressions for `truncate`; None or empty cuts nothing.
        """
        decoded = super().decode(token_ids, skip_special_tokens=skip_special_tokens, **kwargs)
        if not truncate_before_pattern:
            return decoded
        if isinstance(decoded, list):
            return [self.truncate(text, truncate_before_pattern) for text in decoded]
        return self.truncate(decoded, truncate_before_pattern)

    def truncate(self, completion: str, truncate_before_pattern: list[str]) -> str:
        """Cuts generated Python code: before its second line that starts with "print", then before the second that
        starts with "def", then before the first match of any pattern (regular expression; ^ and $ match at each line).
        """
        for start in ("^print", "^def"):
            matches = list(re.finditer(start, completion, re.MULTILINE))
            if len(matches) > 1:
                completion = completion[: matches[1].start()]
        found = [re.search(pattern, completion, re.MULTILINE) for pattern in truncate_before_pattern]
        return completion[: min((match.start() for match in found if match), default=len(completion))]

    # -------------------------------------------------------------------------------------------- loading and saving

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path, *args, **kwargs):
        try:
            return super().from_pretrained(pretrained_model_name_or_path, *args, **kwargs)
        except json.JSONDecodeError:  # transformers reads this file before `_from_pretrained` can
            read_json_object(os.path.join(pretrained_model_name_or_path, "tokenizer_config.json"))
            raise

    @classmethod
    def _from_pretrained(cls, resolved_vocab_files, pretrained_model_name_or_path, init_configuration, *args, **kwargs):
        files = {name.removesuffix("_file"): path for name, path in resolved_vocab_files.items() if path}
        config = read_json_object(files["tokenizer_config"]) if "tokenizer_config" in files else {}
        if "tokenizer" in files:
            check_tokenizer_json(files["tokenizer"])
        elif "vocab" not in files or "merges" not in files:
            raise ValueError(
                f"{pretrained_model_name_or_path} lacks {'merges.txt' if 'vocab' in files else 'vocab.json'}. A MOSS "
                "tokenizer needs vocab.json and merges.txt, or tokenizer.json: copy them from the model's checkpoint."
            )
        elif "added_tokens_decoder" not in config:
            added = read_json_object(files["added_tokens"]) if "added_tokens" in files else {}
            special_map = read_json_object(files["special_tokens_map"]) if "special_tokens_map" in files else {}
            kwargs |= original_added_tokens(added, special_map, config, kwargs)
            kwargs.pop("additional_special_tokens", None)
        return super()._from_pretrained(
            resolved_vocab_files, pretrained_model_name_or_path, init_configuration, *args, **kwargs
        )

    def save_vocabulary(self, save_directory: str, filename_prefix: str | None = None) -> tuple[str, str]:
        """Writes vocab.json and merges.txt (without the added tokens) and returns their paths."""
        model = json.loads(self._tokenizer.to_str())["model"]
        prefix = os.path.join(save_directory, f"{filename_prefix}-" if filename_prefix else "")
        with open(prefix + "vocab.json", "w", encoding="utf-8") as file:
            file.write(json.dumps(model["vocab"], indent=2, sort_keys=True, ensure_ascii=False) + "\n")
        with open(prefix + "merges.txt", "w", encoding="utf-8") as file:
            file.write("#version: 0.2\n" + "".join(f"{left} {right}\n" for left, right in model["merges"]))
        return prefix + "vocab.json", prefix + "merges.txt"

    def _add_tokens(self, new_tokens, special_tokens: bool = False) -> int:
        count = super()._add_tokens(new_tokens, special_tokens=special_tokens)
        self._build_own_backends()
        return count

    def _build_own_backends(self) -> None:
        """Builds the backends of encode_text and encode_template from the shared one."""
        added = self._tokenizer.get_added_tokens_decoder()
        visible = {i: token for i, token in added.items() if not token.content.isspace()}
        self._template_backend = build_backend(self._tokenizer.model)
        add_with_ids(self._template_backend, added)

        # Splitting the special tokens keeps every id as it is, which leaving tokens out would not. Only special tokens
        # are split, so in this backend the visible ones are special and the white space is not.
        text_backend = build_backend(without_merges_into(self._tokenizer, visible))
        add_with_ids(text_backend, {i: copy_token(token, special=i in visible) for i, token in added.items()})
        text_backend.encode_special_tokens = True
        self._text_backend = text_backend

    def __getstate__(self) -> dict[str, Any]:
        # `encode_special_tokens` is lost in pickling and copying, and with it the safety of encode_text.
        return {key: value for key, value in self.__dict__.items() if key not in ("_text_backend", "_template_backend")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._build_own_backends()

    @classmethod
    def _patch_mistral_regex(cls, tokenizer: Tokenizer, *args, **kwargs) -> Tokenizer:
        # transformers takes any vocabulary over 100,000 for a Mistral one: it may ask the hub and change the splitting.
        return tokenizer


# ---------------------------------------------------------------------------------------------------------- backends


def build_backend(model: BPE) -> Tokenizer:
    """A byte-level tokenizer of `model`, without added tokens, template, truncation or padding."""
    backend = Tokenizer(model)
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    return backend


def encode(backend: Tokenizer, text: str) -> list[int]:
    try:
        return backend.encode(text, add_special_tokens=False).ids
    except TypeError:
        refuse_surrogates(text)
        raise


def add_with_ids(backend: Tokenizer, added: dict[int, AddedToken], special: Iterable[AddedToken] = ()) -> None:
    """Adds `added` to the backend under its ids, then what is missing of `special` and of the control tokens.

    Special tokens are put before white space runs: the backend looks for tokens of `normalized=False` first, so `<eoh>`
    takes the blanks around it before these can become a token. (There is no normalizer, so it says nothing else.)
    """
    special = [*special]
    names = {*CONTROL_TOKENS.values(), *(token.content for token in special)} if special else set()
    backend.add_tokens(
        [
            copy_token(token, special=True, normalized=False) if token.content in names else token
            for _, token in sorted(added.items())
        ]
    )
    for i, token in added.items():
        if (given := backend.token_to_id(token.content)) != i:
            raise ValueError(
                f"The added token {token.content!r} should have the id {i}, but would get {given}: added tokens are "
                f"numbered without a gap from {backend.get_vocab_size(with_added_tokens=False)} on, the size of the "
                "vocabulary. The files of this tokenizer are truncated or from different checkpoints; take all of them "
                "from one."
            )
    known = {token.content for token in added.values()}
    for token in special:
        if token.content not in known:
            backend.add_tokens([copy_token(token, special=True, normalized=False)])
            known.add(token.content)
    rest = [name for name in names - known if backend.token_to_id(name) is not None]
    backend.add_tokens([AddedToken(name, special=True, normalized=False) for name in rest])


def without_merges_into(backend: Tokenizer, visible: dict[int, AddedToken]) -> BPE:
    """The backend's model, without the merges that spell a visible added token (its own model where there are none)."""
    model = backend.model
    spelled = {
        token.content
        for i, token in visible.items()
        if model.id_to_token(i) == token.content and [piece.id for piece in model.tokenize(token.content)] == [i]
    }
    if not spelled:
        return model
    saved = json.loads(backend.to_str())["model"]
    merges = [(left, right) for left, right in saved["merges"] if left + right not in spelled]
    return BPE(vocab=saved["vocab"], merges=merges, cache_capacity=CACHED_PIECES)


def copy_token(token: AddedToken, **changes: bool) -> AddedToken:
    return AddedToken(**(token.__getstate__() | changes))


def as_added_token(token: str | dict | AddedToken, strip: bool = False) -> AddedToken:
    """A special token; `strip` says whether one that is only a text swallows white space."""
    if isinstance(token, AddedToken):
        return token
    if isinstance(token, dict):
        token = {key: value for key, value in token.items() if key in ("content", "single_word", "lstrip", "rstrip")}
        return AddedToken(**token, special=True, normalized=False)
    return AddedToken(token, lstrip=strip, rstrip=strip, special=True, normalized=False)


# -------------------------------------------------------------------------------------------------------------- texts


def with_blank(text):
    """A blank before each text of a nested list of texts."""
    if isinstance(text, str):
        return " " + text
    return None if text is None else [with_blank(part) for part in text]


def strings_in(nested) -> Iterator[str]:
    if isinstance(nested, str):
        yield nested
    elif isinstance(nested, (list, tuple)):
        for part in nested:
            yield from strings_in(part)


def refuse_surrogates(text) -> None:
    """Raises UnicodeEncodeError where `text` is a str that no UTF-8 can hold."""
    if isinstance(text, str):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            reason = "half a surrogate pair is no character; text.encode('utf-8', 'replace').decode() puts '?' there"
            raise UnicodeEncodeError(error.encoding, error.object, error.start, error.end, reason) from None


# -------------------------------------------------------------------------------------------------------------- files


def original_added_tokens(added: dict, special_map: dict, config: dict, given: dict) -> dict[str, Any]:
    """What the original's from_pretrained makes of a folder without tokenizer.json, as arguments of MossTokenizer.

    Args:
        added, special_map, config: added_tokens.json, special_tokens_map.json, tokenizer_config.json.
        given: the caller's keyword arguments, which come before the files.
    """
    defaults = {"bos_token": END_OF_TEXT, "eos_token": "<eom>", "unk_token": END_OF_TEXT}
    named, extra = {}, []
    for key in MossTokenizer.SPECIAL_TOKENS_ATTRIBUTES:
        if given.get(key):
            named[key] = as_added_token(given[key])
        elif special_map.get(key):
            named[key] = as_added_token(special_map[key], strip=True)
        elif config.get(key, defaults.get(key)):
            named[key] = as_added_token(config.get(key, defaults.get(key)))
    for source in (given, special_map, config):
        tokens = source.get("extra_special_tokens") or source.get("additional_special_tokens") or []
        if tokens and isinstance(tokens, list) and not extra:
            extra = [as_added_token(token, strip=True) for token in tokens]
    flags = {token.content: token for token in [*extra, *named.values()]}
    decoder = {}
    for content, i in added.items():
        if type(i) is not int or i in decoder:
            raise ValueError(
                f"added_tokens.json gives {content!r} the id {i!r}: each token needs a whole number of its own. Take "
                "the file anew from the checkpoint."
            )
        decoder[i] = flags.get(content) or AddedToken(content, lstrip=True, rstrip=True, normalized=True)
    return {**named, "extra_special_tokens": extra, "added_tokens_decoder": decoder}


def read_text(path: str | os.PathLike) -> str:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except OSError as error:
        raise ValueError(f"{os.fspath(path)} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{os.fspath(path)} is not UTF-8 at byte {error.start}. Take the file anew.") from None


def read_json_object(path: str | os.PathLike) -> dict[str, Any]:
    """A JSON file that holds an object; ValueError with file and line where it does not."""
    try:
        content = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{os.fspath(path)} is not JSON: {error.msg}, line {error.lineno}, column {error.colno}. The file is "
            "truncated or damaged; take it anew from the checkpoint."
        ) from None
    if not isinstance(content, dict):
        raise ValueError(f"{os.fspath(path)} holds a JSON {type(content).__name__}, where an object {{…}} is needed.")
    return content


def check_tokenizer_json(path: str) -> None:
    content = read_json_object(path)
    kinds = {part: (content.get(part) or {}).get("type") for part in ("model", "pre_tokenizer", "normalizer")}
    if kinds != {"model": "BPE", "pre_tokenizer": "ByteLevel", "normalizer": None}:
        raise ValueError(
            f"{path} describes another kind of tokenizer ({kinds}); MossTokenizer is BPE behind ByteLevel with no "
            "normalizer. Take the tokenizer files of a MOSS checkpoint."
        )


def read_vocabulary(vocab, merges) -> tuple[dict[str, int], Merges]:
    """Reads and checks vocabulary and merges, each given as a file's path or as what it holds.

    They must belong together, since otherwise texts silently get ids that the model was never trained on: the ids are
    0 .. n-1, the 256 bytes are there, a merge joins two tokens to a third, and 99 of 100 longer tokens at least, but
    for those that look reserved (`<…>`, `[…]`), come from a merge.

    Raises:
        ValueError: not so.
    """
    if vocab is None or merges is None:
        raise ValueError("MossTokenizer needs vocab and merges (see from_pretrained), or their files.")
    vocab_name, merges_name, mend = "vocab", "merges", "Take vocab.json and merges.txt anew, both from one checkpoint."
    if isinstance(vocab, (str, os.PathLike)):
        vocab_name, vocab = os.fspath(vocab), read_json_object(vocab)
    first_line = 1
    if isinstance(merges, (str, os.PathLike)):
        merges_name, lines = os.fspath(merges), read_text(merges).split("\n")
        first_line = 2 if lines[0].startswith("#version") else 1
        merges = [line.removesuffix("\r") for line in lines[first_line - 1 :]]
        if merges and not merges[-1]:
            merges.pop()

    ids = [i for i in vocab.values() if type(i) is int]
    if len(ids) != len(vocab) or sorted(ids) != list(range(len(ids))):
        raise ValueError(f"{vocab_name} holds {len(vocab)} tokens, whose ids are not 0 to {len(vocab) - 1}. {mend}")
    if lost := BYTE_SYMBOLS - vocab.keys():
        raise ValueError(f"{vocab_name} lacks {len(lost)} of the 256 bytes, {sorted(lost)[0]!r} for one. {mend}")

    pairs, made = [], set()
    for number, merge in enumerate(merges, first_line):
        pair = tuple(merge.split(" ")) if isinstance(merge, str) else tuple(merge)
        if len(pair) != 2 or not all(part in vocab for part in (*pair, "".join(pair))):
            raise ValueError(
                f"{merges_name}, line {number}: {merge!r} does not join two tokens of {vocab_name} to a third. One "
                f"file is damaged, or they do not belong together. {mend}"
            )
        pairs.append(pair)
        made.add("".join(pair))
    orphans = [token for token in vocab if len(token) > 1 and token not in made and not LOOKS_RESERVED.fullmatch(token)]
    if len(orphans) > len(vocab) // 100:  # a few unreachable tokens do no harm, and a grown vocabulary may have them
        raise ValueError(
            f"{merges_name} holds {len(pairs)} merges, too few for {vocab_name}: {len(orphans)} of its {len(vocab)} "
            f"tokens come from no merge, {orphans[0]!r} for one. One file is truncated, or they do not belong "
            f"together. {mend}"
        )
    return vocab, pairs

"""models/tokenization_moss.py: ids, white space around added tokens, control tokens, safe encoding, files.

    python -m pytest tests/models/test_tokenization_moss.py

Two sources of truth: recorded results of the original tokenizer, where the folder ../shared lies beside the repository,
and `original_encode` below, a small model of the original's cut-and-strip loop, on a vocabulary made here. Failure
cases of the project's list: D8 (damaged files), G1, G2, G4, G5 (control tokens in outside text), E6 (odd texts).
"""

import copy
import json
import pickle
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers, trainers
from tokenizers.models import BPE
from transformers import AutoTokenizer

import models  # noqa: F401  registers MossTokenizer with AutoTokenizer
from models.tokenization_moss import MossTokenizer

GOLDEN = Path(__file__).resolve().parents[2] / "../shared/oracle/golden/tokenizer"
needs_golden = pytest.mark.skipif(
    not GOLDEN.is_dir(), reason="needs ../shared/oracle/golden/tokenizer, the recorded ids"
)

CONTROL = ["<eoh>", "<eom>", "<eot>", "<eoc>", "<eor>"]
BLANKS = [" " * n for n in range(31, 1, -1)] + ["\t" * n for n in range(9, 1, -1)]
CORPUS = [
    "The quick brown fox jumps over the lazy dog. What is 12 times 34?",
    "def f(x):\n    return x\n\n\tif y:\n\t\tprint('a')  # comment",
    "你好，世界！今天的天气怎么样？三加四等于几？",
    "Привет, мир! ¿Qué tal? こんにちは 안녕하세요 🙂🚀",
    "<|Human|>: hi\n<|MOSS|>: hello\n<|Results|>:\n",
] * 5
WILD = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)  # any text without lone surrogates
PIECES = st.lists(  # texts where added tokens and white space meet
    st.sampled_from(
        [*CONTROL, "<|endoftext|>", *BLANKS[-3:], *BLANKS[28:31], " ", "\t", "\n", "a", "你", "<eo", "h>", "🙂"]
    ),
    max_size=8,
).map("".join)


# ------------------------------------------------------------------------------------------------- folders made here


@pytest.fixture(scope="session")
def vocabulary(tmp_path_factory) -> tuple[dict[str, int], list[str]]:
    """A byte-level BPE of 256 bytes, some merges and <|endoftext|>, in the published layout."""
    backend = Tokenizer(BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    backend.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False)
    )
    vocab = backend.get_vocab()
    vocab["<|endoftext|>"] = len(vocab)
    merges = [" ".join(pair) for pair in json.loads(backend.to_str())["model"]["merges"]]
    assert len(vocab) == 256 + len(merges) + 1
    return vocab, merges


def as_dict(content: str, **flags) -> dict:
    return {"content": content, "lstrip": False, "normalized": True, "rstrip": False, "single_word": False} | flags


NAMED = {"bos_token": as_dict("<|endoftext|>"), "eos_token": as_dict("<eom>"), "unk_token": as_dict("<|endoftext|>")}
# name: (added tokens, special_tokens_map.json, tokens that swallow white space), as in the five kinds of folder known
LAYOUTS = {
    "A": (BLANKS + CONTROL, NAMED, {*BLANKS, *CONTROL} - {"<eom>"}),
    "B": ([], None, set()),
    "C": (BLANKS + CONTROL, NAMED | {"additional_special_tokens": [as_dict(t) for t in CONTROL]}, set(BLANKS)),
    "D": (CONTROL, NAMED | {"additional_special_tokens": [*CONTROL]}, {*CONTROL} - {"<eom>"}),
    "N": (CONTROL, NAMED | {"additional_special_tokens": [as_dict(t) for t in CONTROL]}, set()),
}


@pytest.fixture(scope="session")
def folders(vocabulary, tmp_path_factory) -> dict[str, Path]:
    vocab, merges = vocabulary
    made = {}
    for name, (added, special_map, _) in LAYOUTS.items():
        made[name] = folder = tmp_path_factory.mktemp(name)
        (folder / "vocab.json").write_text(json.dumps(vocab), encoding="utf-8")
        (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]), encoding="utf-8")
        config = {"tokenizer_class": "MossTokenizer", "model_max_length": 2048}
        (folder / "tokenizer_config.json").write_text(json.dumps(config))
        if added:
            ids = {token: len(vocab) + i for i, token in enumerate(added)}
            (folder / "added_tokens.json").write_text(json.dumps(ids))
            (folder / "special_tokens_map.json").write_text(json.dumps(special_map))
    return made


@pytest.fixture(scope="session")
def tokenizers(folders) -> dict[str, MossTokenizer]:
    """Do not change these: they are shared."""
    return {name: MossTokenizer.from_pretrained(folder) for name, folder in folders.items()}


@pytest.fixture
def changeable(folders) -> MossTokenizer:
    return MossTokenizer.from_pretrained(folders["A"])


@pytest.fixture
def damaged(folders, tmp_path) -> Path:
    """A copy of the published-like folder, to be damaged by the test."""
    for file in folders["A"].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def plain_bpe(vocabulary) -> Tokenizer:
    vocab, merges = vocabulary
    backend = Tokenizer(BPE(vocab=vocab, merges=[tuple(merge.split(" ")) for merge in merges]))
    backend.pre_tokenizer, backend.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    return backend


def original_encode(text: str, added: dict[str, int], swallowing: set[str], bpe: Tokenizer) -> list[int]:
    """The ids of the original: cut at added tokens, longest first, strip the pieces around swallowing ones in turn."""
    longest_first = sorted(added, key=len, reverse=True)
    pieces = [p for p in re.split(f"({'|'.join(map(re.escape, longest_first))})", text) if p]
    for i, piece in enumerate(pieces):
        if piece in swallowing:
            if i + 1 < len(pieces):
                pieces[i + 1] = pieces[i + 1].lstrip()
            if i > 0:
                pieces[i - 1] = pieces[i - 1].rstrip()
    ids = []
    for piece in pieces:
        ids += [added[piece]] if piece in added else bpe.encode(piece).ids
    return ids


def may_differ(text: str, swallowing: set[str]) -> bool:
    """Whether the class docstring announces other ids for this text than the original's."""
    controls = tuple(token for token in swallowing if not token.isspace())
    for space in re.finditer(r"\s+", text):
        runs = re.findall("  +|\t\t+", space[0]) if "  " in swallowing else []
        beside_control = text[: space.start()].endswith(controls) or text[space.end() :].startswith(controls)
        if re.search(r"[\x1c-\x1f]", space[0]) or len(runs) > 1 or (runs and runs[0] not in swallowing):
            return True
        if runs and beside_control and runs != [space[0]]:
            return True
    return False


# ---------------------------------------------------------------------------------------------------- ids and decoding


@pytest.mark.parametrize("name", LAYOUTS)
def test_ids_and_flags_of_special_tokens_in_each_kind_of_folder(name, tokenizers, vocabulary):
    tokenizer, (added, _, swallowing) = tokenizers[name], LAYOUTS[name]
    size = len(vocabulary[0])
    assert tokenizer.vocab_size == size and len(tokenizer) == size + (len(added) or 1)  # B: <eom> is new
    assert tokenizer.bos_token_id == tokenizer.unk_token_id == size - 1 and tokenizer.pad_token_id is None
    assert tokenizer.convert_tokens_to_ids(added) == list(range(size, size + len(added)))
    assert tokenizer.eos_token == "<eom>" and tokenizer.encode("<eom>") == [tokenizer.eos_token_id]
    for i, token in tokenizer.added_tokens_decoder.items():
        assert token.special == (token.content in (*CONTROL, "<|endoftext|>")), token
        assert (token.lstrip, token.rstrip) == (token.content in swallowing,) * 2, token
        assert (i in tokenizer.all_special_ids) == token.special
    assert tokenizer.padding_side == "right" and tokenizer.model_input_names == ["input_ids", "attention_mask"]


@pytest.mark.parametrize("name", LAYOUTS)
def test_white_space_around_added_tokens_as_in_the_original(name, tokenizers, vocabulary):
    tokenizer, swallowing, bpe = tokenizers[name], LAYOUTS[name][2], plain_bpe(vocabulary)
    added = {t.content: i for i, t in tokenizer.added_tokens_decoder.items()}

    @settings(max_examples=150, deadline=None)
    @given(st.one_of(PIECES, WILD))
    def check(text):
        if not swallowing or not may_differ(text, swallowing):
            assert tokenizer.encode(text) == original_encode(text, added, swallowing, bpe)

    check()


def test_documented_differences_of_white_space(tokenizers):
    tokenizer = tokenizers["A"]
    two, three, eoh = (tokenizer.convert_tokens_to_ids(token) for token in ("  ", "   ", "<eoh>"))
    assert tokenizer.encode("  \n  ") == [two]  # the original: [two, two]
    assert tokenizer.encode("   \t\t ") == [three]  # the original: and the last blank
    assert tokenizer.encode("<eoh>  \n") == [eoh]  # the original: and the line end
    assert tokenizer.encode("<eoh>\x1c") == [eoh, *tokenizer.encode("\x1c")]  # the original: [eoh]
    assert tokenizer.encode("a  <eoh>  b") == [*tokenizer.encode("a"), eoh, *tokenizer.encode("b")]  # not a difference


def test_decode_of_special_tokens_and_ids_without_a_token(tokenizers):
    tokenizer = tokenizers["A"]
    ids = tokenizer.encode("hi<eoh>you<eom>")
    assert tokenizer.decode(ids) == "hi<eoh>you<eom>"  # no blanks around them
    assert tokenizer.decode(ids, skip_special_tokens=True) == "hiyou"
    assert tokenizer.decode([*ids, 10**6]) == "hi<eoh>you<eom>"
    assert tokenizer.decode(ids[0]) == tokenizer.decode(torch.tensor(ids[:1])) == "hi"
    assert tokenizer.batch_decode([ids, ids[:1]]) == ["hi<eoh>you<eom>", "hi"]
    assert tokenizer.decode(tokenizer.encode("a , b ."), clean_up_tokenization_spaces=True) == "a , b ."


def test_truncate_before_pattern_cuts_at_the_first_of_its_matches(tokenizers):
    tokenizer = tokenizers["B"]
    text = "def f():\n    return 1\n\n\n# end\ndef g():\n    pass"
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids, truncate_before_pattern=["^#", "\n\n\n"]) == "def f():\n    return 1"
    first, *_ = text.split("def g")
    assert tokenizer.decode([ids, ids], truncate_before_pattern=["never"]) == [first, first]
    assert tokenizer.decode(ids, truncate_before_pattern=[]) == text  # no pattern, no cut, not at a second def either
    assert tokenizer.truncate("print(1)\nprint(2)", ["x"]) == "print(1)\n"
    with pytest.raises(re.error):
        tokenizer.truncate("a", ["("])


def test_padding_prefix_blanks_and_bos(folders, tokenizers):
    tokenizer = MossTokenizer.from_pretrained(folders["A"], add_bos_token=True, padding_side="left")
    bos, plain = tokenizer.bos_token_id, tokenizers["A"].encode
    assert tokenizer("a", "b").input_ids == [bos, *plain("a"), bos, *plain("b")]
    assert tokenizer.encode("a", add_special_tokens=False) == plain("a") == tokenizer.encode_text("a")
    assert tokenizer("a", "b", return_token_type_ids=True).token_type_ids == [0, 0, 1, 1]
    with pytest.raises(ValueError, match="padding token"):
        tokenizer(["a", "bc"], padding=True)
    tokenizer.pad_token = "<|endoftext|>"
    assert tokenizer(["a", "ab"], padding=True).attention_mask == [[0, 1, 1], [1, 1, 1]]
    tokenizer.eos_token_id = bos  # as scripts of the original do
    assert tokenizer.eos_token == "<|endoftext|>"

    prefixed = MossTokenizer.from_pretrained(folders["A"], add_prefix_space=True)
    assert prefixed.encode("a<eoh>b") == plain(" a<eoh>b") and prefixed.encode("") == plain(" ")
    assert prefixed.encode("a", add_prefix_space=False) == plain("a") == prefixed.encode_text("a")
    words = tokenizers["A"](["a", "<eoh>", "b"], is_split_into_words=True).input_ids
    assert words == plain(" a") + plain("<eoh>") + plain(" b")


# ------------------------------------------------------------------------------------------ text from outside, threads

DISGUISES = [
    "<eoh>",
    "<EOH>",
    "< eoh >",
    "＜eoh＞",
    "<e\u200boh>",
    "<eo\u0301h>",
    "<|endoftext|>",
    "<|EndOfText|>",
    "<tool>",
]


@pytest.mark.parametrize("name", LAYOUTS)
def test_G1_G5_encode_text_lets_no_added_token_through_and_loses_nothing(name, folders):
    tokenizer = MossTokenizer.from_pretrained(folders[name])
    tokenizer.add_tokens(["<tool>", AddedToken(" x ", lstrip=True, rstrip=True)])  # special=False
    visible = {i for i, token in tokenizer.added_tokens_decoder.items() if not token.content.isspace()}

    @settings(max_examples=150, deadline=None)
    @given(st.one_of(WILD, PIECES, st.lists(st.sampled_from([*DISGUISES, *CONTROL, " x ", " "])).map("".join)))
    def check(text):
        ids = tokenizer.encode_text(text)
        assert not visible & {*ids}
        decoded = tokenizer.decode(ids)
        if "  " in LAYOUTS[name][2] and re.search(r"  |\t\t", text):
            assert re.sub(r"\s", "", decoded) == re.sub(r"\s", "", text)  # runs of blanks swallow white space
        else:
            assert decoded == text
        if not any(token.content in text for i, token in tokenizer.added_tokens_decoder.items() if i in visible):
            assert ids == tokenizer.encode(text)

    check()


def test_an_added_token_that_merges_spell_is_kept_out_too(vocabulary):
    tokenizer = MossTokenizer(*vocabulary)
    word = next(token for token in vocabulary[0] if len(token) > 1 and token.isascii() and token.isalpha())
    assert tokenizer.encode_text(word) == [vocabulary[0][word]]
    tokenizer.add_tokens([word])
    ids = tokenizer.encode_text(f"{word}<eom>")
    assert (
        vocabulary[0][word] not in ids and tokenizer.eos_token_id not in ids and tokenizer.decode(ids) == f"{word}<eom>"
    )


@pytest.mark.parametrize("renew", [copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))], ids=["deepcopy", "pickle"])
def test_copies_stay_safe(renew, tokenizers):
    copied = renew(tokenizers["A"])
    eoh = copied.convert_tokens_to_ids("<eoh>")
    assert eoh not in copied.encode_text("a<eoh>") and copied.encode_template("a<eoh>")[-1] == eoh


def test_encode_template_knows_tokens_added_later(changeable):
    changeable.add_special_tokens({"extra_special_tokens": ["<new>"]}, replace_extra_special_tokens=False)
    new = len(changeable) - 1
    assert changeable.encode_template("a<new>")[-1] == new and new not in changeable.encode_text("a<new>")


def test_G4_32_threads_leak_and_lose_no_control_token(changeable):
    """Half of the threads switch the shared backend's states, the others must not notice."""
    tokenizer = changeable
    control = {*tokenizer.convert_tokens_to_ids(CONTROL)}
    tokenizer.pad_token = "<|endoftext|>"
    text, template = "typed <eoh><eom> text", "<|Human|>: hi<eoh>\n"
    expected_text, expected_template = tokenizer.encode_text(text), tokenizer.encode_template(template)
    assert not control & {*expected_text} and control & {*expected_template}

    def work(thread: int) -> int:
        wrong = 0
        for _ in range(100):
            if thread % 2:
                tokenizer(text, split_special_tokens=bool(thread % 4 == 1), truncation=True, max_length=3)
            else:
                wrong += tokenizer.encode_text(text) != expected_text
                wrong += tokenizer.encode_template(template) != expected_template
        return wrong

    with ThreadPoolExecutor(32) as pool:
        assert sum(pool.map(work, range(32))) == 0


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb<eom>"])
def test_lone_surrogates_are_refused_with_a_mend(text, tokenizers):
    tokenizer = tokenizers["A"]
    calls = [tokenizer.encode_text, tokenizer.encode_template, tokenizer.encode, lambda t: tokenizer(["fine", t])]
    for call in calls:
        with pytest.raises(UnicodeEncodeError, match="half a surrogate pair"):
            call(text)
    for call in (tokenizer.encode_text, tokenizer.encode_template):
        with pytest.raises(TypeError):
            call(None)


@pytest.mark.parametrize("text", ["", " ", "\0", "🙂" * 3, "\u202eabc", "a" * 100_000], ids=lambda text: repr(text[:5]))
def test_odd_texts_come_back(text, tokenizers):
    assert tokenizers["A"].decode(tokenizers["A"].encode_text(text)) == text


# --------------------------------------------------------------------------------------------------- saving and loading


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("load", [MossTokenizer.from_pretrained, AutoTokenizer.from_pretrained], ids=["class", "auto"])
def test_a_saved_tokenizer_comes_back_the_same(name, load, tokenizers, tmp_path):
    tokenizer = tokenizers[name]
    tokenizer.save_pretrained(tmp_path / "once")
    MossTokenizer.from_pretrained(tmp_path / "once").save_pretrained(tmp_path / "twice")
    loaded = load(tmp_path / "twice")
    assert type(loaded) is MossTokenizer and loaded.model_max_length == 2048
    assert repr(loaded.added_tokens_decoder) == repr(tokenizer.added_tokens_decoder)
    assert loaded.special_tokens_map == tokenizer.special_tokens_map
    assert loaded.all_special_tokens == tokenizer.all_special_tokens
    for text in ["a <eoh>\n  b  \n c<eom> d", "你好 <|endoftext|>\t\t\tx", *CORPUS[:5]]:
        assert loaded.encode(text) == loaded.encode_template(text) == tokenizer.encode(text)
        assert loaded.encode_text(text) == tokenizer.encode_text(text)


def test_add_bos_token_and_prefix_blank_survive_saving(folders, tmp_path):
    MossTokenizer.from_pretrained(folders["A"], add_bos_token=True, add_prefix_space=True).save_pretrained(tmp_path)
    loaded = MossTokenizer.from_pretrained(tmp_path)
    assert loaded.encode("a") == [loaded.bos_token_id, *loaded.encode_text(" a")]


def test_save_vocabulary_writes_what_was_read(tokenizers, vocabulary, tmp_path):
    paths = tokenizers["A"].save_vocabulary(str(tmp_path), filename_prefix="pre")
    assert [Path(path).name for path in paths] == ["pre-vocab.json", "pre-merges.txt"]
    built = MossTokenizer(*paths)
    assert built.get_vocab() == vocabulary[0] | {"<eom>": len(vocabulary[0])}
    assert built.encode("今天 fox<eom>") == tokenizers["B"].encode("今天 fox<eom>")


def test_a_folder_where_the_control_tokens_are_words_of_the_vocabulary(vocabulary, tmp_path):
    vocab, merges = vocabulary
    vocab = vocab | {token: len(vocab) + i for i, token in enumerate(CONTROL)}
    tokenizer = MossTokenizer(vocab, merges)
    assert len(tokenizer) == len(vocab) and tokenizer.encode("<eot>") == [vocab["<eot>"]]
    assert all(tokenizer.added_tokens_decoder[vocab[token]].special for token in CONTROL)
    assert not {vocab[token] for token in CONTROL} & {*tokenizer.encode_text("<eot><eom>")}


def test_train_new_from_iterator(tokenizers):
    trained = tokenizers["N"].train_new_from_iterator(CORPUS, 350, show_progress=False)
    assert type(trained) is MossTokenizer and trained.decode(trained.encode_text("天气 <eoh>")) == "天气 <eoh>"
    assert trained.encode_template("<eoh>") == [trained.convert_tokens_to_ids("<eoh>")]


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("vocab.json", lambda b: b[: len(b) // 2], "vocab.json is not JSON.*truncated"),
        ("vocab.json", lambda b: b"[]", "vocab.json holds a JSON list"),
        ("vocab.json", lambda b: b"\xff" + b, "vocab.json is not UTF-8 at byte 0"),
        ("vocab.json", lambda b: b.replace(b'"!": 0', b'"!": 1'), "vocab.json holds .* ids are not 0 to"),
        ("vocab.json", lambda b: b.replace(b'"!": ', b'"<gone>": '), "lacks 1 of the 256 bytes, '!'"),
        ("merges.txt", lambda b: b[: len(b) // 2].rpartition(b"\n")[0], "too few for .*vocab.json"),
        ("merges.txt", lambda b: b.rstrip()[:-1], "merges.txt, line .* does not join two tokens"),
        ("merges.txt", lambda b: b.replace(b"\n", b"\n\n", 2), "merges.txt, line 2: ''"),
        ("merges.txt", lambda b: b + b"! ! !\n", "does not join two tokens"),
        ("added_tokens.json", lambda b: b[:-9], "added_tokens.json is not JSON"),
        ("added_tokens.json", lambda b: b.replace(b'"  ": ', b'"  ": 9'), "added token .* should have the id 9"),
        ("added_tokens.json", lambda b: b'{"<eoh>": "1"}', "gives '<eoh>' the id '1'"),
        ("added_tokens.json", lambda b: b'{"<eoh>": 7, "<eom>": 7}', "gives '<eom>' the id 7"),
        ("special_tokens_map.json", lambda b: b[:-1], "special_tokens_map.json is not JSON"),
        ("tokenizer_config.json", lambda b: b"", "tokenizer_config.json is not JSON"),
    ],
)
def test_damaged_files_are_refused_by_name(file, change, message, damaged):
    path = damaged / file
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ValueError, match=message) as caught:
        MossTokenizer.from_pretrained(damaged)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("file", ["vocab.json", "merges.txt"])
def test_a_missing_file_is_named(file, damaged):
    (damaged / file).unlink()
    with pytest.raises(ValueError, match=f"lacks {file}"):
        MossTokenizer.from_pretrained(damaged)
    with pytest.raises(ValueError, match="needs vocab and merges"):
        MossTokenizer()
    with pytest.raises(ValueError, match=r"nowhere\.json cannot be read: No such file"):
        MossTokenizer("nowhere.json", "merges.txt")


def test_damaged_or_foreign_tokenizer_json_is_refused(tokenizers, tmp_path):
    tokenizers["A"].save_pretrained(tmp_path)
    path = tmp_path / "tokenizer.json"
    good = path.read_text(encoding="utf-8")
    for bad, message in [
        (good[:-20], "tokenizer.json is not JSON"),
        (json.dumps(json.loads(good) | {"normalizer": {"type": "NFC"}}), "another kind of tokenizer"),
        (json.dumps(json.loads(good) | {"model": {"type": "WordLevel"}}), "another kind of tokenizer"),
    ]:
        path.write_text(bad, encoding="utf-8")
        with pytest.raises(ValueError, match=message):
            MossTokenizer.from_pretrained(tmp_path)


def test_merges_with_windows_line_ends(damaged, tokenizers):
    path = damaged / "merges.txt"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert MossTokenizer.from_pretrained(damaged).encode("The fox") == tokenizers["A"].encode("The fox")


# ----------------------------------------------------------------------------------- recorded results of the original


@pytest.fixture(scope="module")
def recorded() -> dict:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in GOLDEN.glob("*.json")}


@pytest.fixture(scope="module")
def published_like() -> MossTokenizer:
    return MossTokenizer.from_pretrained(GOLDEN / "A_published_like")


def outcome(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return {"error": type(error).__name__}


@needs_golden
@pytest.mark.parametrize("path", sorted(GOLDEN.glob("encode_*.json")), ids=lambda path: path.stem)
def test_recorded_encodings(path):
    record = json.loads(path.read_text(encoding="utf-8"))
    tokenizer = MossTokenizer.from_pretrained(GOLDEN / record["config_dir"], **record["load_kwargs"])
    assert len(tokenizer) == record["len"]
    for key in ["vocab_size", "bos_token_id", "eos_token_id", "unk_token_id", "pad_token_id", "model_input_names"]:
        assert getattr(tokenizer, key) == record[key], key
    added = tokenizer.added_tokens_decoder
    assert record["added_tokens_encoder"].items() <= {t.content: i for i, t in added.items()}.items()
    assert {*record["all_special_tokens"]} <= {*tokenizer.all_special_tokens} <= {"<|endoftext|>", *CONTROL}

    swallowing = {token.content for token in added.values() if token.lstrip}
    for case in record["cases"]:
        text, ids = case["text"], case["ids"]
        if outcome(tokenizer.encode, text) != ids:
            assert swallowing and may_differ(text, swallowing), text
        if "error" in ids:
            continue
        assert tokenizer.convert_ids_to_tokens(ids) == case["tokens"]
        assert tokenizer.decode(ids) == case["decode_no_spaces_between"]
        if not any(i in added for i in ids):
            assert tokenizer.decode(ids) == case["decode"] == case["decode_skip_special"]
            if not record["load_kwargs"] and not any(token.content in text for token in added.values()):
                assert tokenizer.encode_text(text) == tokenizer.encode_template(text) == ids


@needs_golden
def test_recorded_calls(recorded):
    # The original's special_tokens_mask forgets the bos token, and so do its token_type_ids.
    differs = {"pair with token type ids": "token_type_ids", "special tokens mask": "special_tokens_mask"}
    for call in recorded["calls"]["calls"]:
        tokenizer = MossTokenizer.from_pretrained(GOLDEN / call["config_dir"], **call["load_kwargs"])
        for name, value in call["set_attributes"].items():
            setattr(tokenizer, name, value)
        args = ["x " * 2100] if call["args"] == ["'x ' * 2100"] else call["args"]
        out, expected = outcome(tokenizer, *args, **call["kwargs"]), dict(call["out"])
        if "n" in expected:
            assert len(out["input_ids"]) == expected["n"]
            continue
        out = dict(out)
        if key := differs.get(call["label"]):
            assert out.pop(key) != expected.pop(key)
        assert out == expected, call["label"]


@needs_golden
def test_recorded_decodings(recorded, published_like):
    tokenizer, added = published_like, published_like.added_tokens_decoder
    for case in recorded["decode"]["cases"]:
        ids = case["ids"]
        if isinstance(case["default"], dict):  # ids without a token: TypeError there, nothing here
            known = [i for i in ids if i < len(tokenizer)]
            assert tokenizer.decode(ids) == tokenizer.decode(known)
            continue
        assert tokenizer.decode(ids) == case["no_spaces_between"]
        if isinstance(ids, list) and not any(i in added for i in ids):
            assert tokenizer.decode(ids) == case["default"] == tokenizer.decode(ids, skip_special_tokens=True)
            assert tokenizer.batch_decode([ids]) == [case["default"]]


@needs_golden
def test_recorded_truncations(recorded):
    tokenizer = MossTokenizer.from_pretrained(GOLDEN / "B_vocab_only")
    for case in recorded["truncate"]["cases"]:
        text, patterns = case["text"], case["patterns"]
        if patterns is not None:
            assert outcome(tokenizer.truncate, text, patterns) == case["truncate"]
        ids = tokenizer.encode(text)
        assert outcome(tokenizer.decode, ids, truncate_before_pattern=patterns) == case["decode"]


@needs_golden
def test_recorded_ids_of_tokens_headers_and_saved_vocabulary(recorded, published_like, tmp_path):
    misc, tokenizer = recorded["misc"], published_like
    for token, i in misc["convert_tokens_to_ids"].items():
        assert tokenizer.convert_tokens_to_ids(token) == i
    for text, ids in misc["prefix_ids"].items():
        assert tokenizer.encode(text) == tokenizer.encode_template(text) == ids
    for path in tokenizer.save_vocabulary(str(tmp_path)):
        expected = misc["save_vocabulary"][Path(path).name]
        assert Path(path).stat().st_size == expected["bytes"]
        assert Path(path).read_text(encoding="utf-8").startswith(expected["first_200_chars"])

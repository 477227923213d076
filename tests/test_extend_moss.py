"""extend_moss.py: which tokens come out and what they leave alone, their rows, the checkpoint, what is refused.

    python -m pytest tests/test_extend_moss.py

The judges are a BPE trainer and a counter in a few lines of Python, and the old tokenizer.
"""

import json
import math
import random
import shutil
import sys
from argparse import Namespace
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from accelerate.state import AcceleratorState
from hypothesis import example, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

import extend_moss
from extend_moss import HELD_OUT, REPORT, byte_symbols, count_words, extend, read_corpus
from finetune_moss import train
from models import MossForCausalLM, MossTokenizer
from models.conversation_moss import CONTROL_TOKENS, ROLES, Conversation, encode_outside_text, header
from moss_inference import Inference
from quantize_moss import quantize
from tests.sft_records import lines, record, write_data

SIZE = 100
CHINESE = [
    "春天来了", "桃花开满山坡", "小溪流过村庄", "鸭子在水里游", "孩子们放风筝", "農夫種田", "燕子从南方飞回",
    "细雨湿了衣裳", "老人坐在树下", "远处传来钟声",
]  # fmt: skip
ENGLISH = [
    "meadow", "turns", "green", "again", "rivers", "thaw", "swallows", "return", "children", "running", "through",
    "orchards", "gently", "evening",
]  # fmt: skip


def sentences(count: int, seed: int = 0) -> list[str]:
    chosen = random.Random(seed)
    return [
        "，".join(chosen.choices(CHINESE, k=4)) + "。 " + " ".join(chosen.choices(ENGLISH, k=5)) for _ in range(count)
    ]


def write_corpus(path: Path, texts: list[str]) -> Path:
    path.write_text("".join(text + "\n" for text in texts), "utf-8")
    return path


def contents(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class Result:
    """A checkpoint before and after."""

    def __init__(self, before: Path, corpus: Path, after: Path, size: int = SIZE):
        self.report = extend([str(corpus)], str(after), size, str(before))
        self.before, self.corpus, self.after, self.size = before, corpus, after, size
        self.old, self.new = MossTokenizer.from_pretrained(before), MossTokenizer.from_pretrained(after)
        self.start = len(self.old)
        merges = json.loads((after / "tokenizer.json").read_text("utf-8"))["model"]["merges"]
        vocab = self.new.get_vocab()
        self.made_of: dict[int, list[int]] = {}  # new id -> old ids, from the file alone
        for left, right in merges:
            if (made := vocab[left + right]) >= self.start:
                self.made_of[made] = [i for part in (left, right) for i in self.old_ids(vocab[part])]

    def old_ids(self, token: int) -> list[int]:
        return self.made_of.get(token, [token])

    def cut_as_before(self, text: str) -> bool:
        return [i for token in self.new.encode_text(text) for i in self.old_ids(token)] == self.old.encode_text(text)

    def weights(self) -> tuple[dict, dict]:
        return load_file(self.before / "model.safetensors"), load_file(self.after / "model.safetensors")


@pytest.fixture(scope="module")
def result(tiny_model_dir, tmp_path_factory) -> Result:
    folder = tmp_path_factory.mktemp("extended")
    return Result(tiny_model_dir, write_corpus(folder / "corpus.txt", sentences(400)), folder / "model")


# --- tokens -----------------------------------------------------------------------------------------------------------

WILD = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
KNOWN = st.sampled_from([*CHINESE, *CHINESE[1], *ENGLISH, "，", " ", "\n", "<eom>", "<|MOSS|>:", "12", "'s"])
MIXED = st.lists(st.one_of(KNOWN, WILD)).map("".join)


@settings(deadline=None, max_examples=150)
@given(MIXED)
@example("桃花" * 3000 + "开")
@example("")
def test_any_text_is_cut_as_before_and_comes_back(result, text):
    assert result.cut_as_before(text)
    assert result.new.decode(result.new.encode_text(text)) == text
    assert result.new.decode(result.new.encode(text)) == result.old.decode(result.old.encode(text))


def test_each_id_is_there_and_each_whole_token_comes_out_of_its_text(result):
    assert sorted(result.made_of) == list(range(result.start, result.start + SIZE))
    assert len(result.new) == result.start + SIZE
    assert {i: result.new.convert_ids_to_tokens(i) for i in range(result.start)} == {
        i: result.old.convert_ids_to_tokens(i) for i in range(result.start)
    }
    whole = [i for i in result.made_of if "\ufffd" not in result.new.decode([i])]
    assert len(whole) > 0.5 * SIZE
    assert [result.new.encode_text(result.new.decode([i])) for i in whole] == [[i] for i in whole]
    assert result.report["tokens"] == {i: result.new.decode([i]) for i in result.made_of}


def test_no_token_but_steps_to_a_character_begins_or_ends_inside_one(result):
    for token in result.made_of:
        if "\ufffd" in result.new.decode([token]):  # the first bytes of one character
            symbols = result.new.convert_ids_to_tokens(token)
            assert sum(symbol not in extend_moss.CONTINUATION for symbol in symbols) == 1 and len(symbols) < 4
    assert result.report["steps"] == len(result.made_of.keys() - training_ids(result).keys()) > 0


def training_texts(result: Result) -> list[str]:
    texts = result.corpus.read_text("utf-8").splitlines(keepends=True)
    return [text for number, text in enumerate(texts, 1) if number % HELD_OUT]


def training_ids(result: Result) -> Counter[int]:
    return Counter(i for text in training_texts(result) for i in result.new.encode_text(text))


def test_as_short_as_a_plain_bpe_trainer_that_goes_on_from_the_old_tokens(result):
    words: Counter[tuple] = Counter()
    for text in training_texts(result):
        for word, _ in result.old.backend_tokenizer.pre_tokenizer.pre_tokenize_str(text):
            words[tuple(token.value for token in result.old.backend_tokenizer.model.tokenize(word))] += 1
    for _ in range(SIZE):
        pairs: Counter[tuple] = Counter()
        for word, n in words.items():
            for pair in pairwise(word):
                pairs[pair] += n
        best = pairs.most_common(1)[0][0]
        joined: Counter[tuple] = Counter()
        for word, n in words.items():
            parts: list[str] = []
            for token in word:
                parts = [*parts[:-1], "".join(best)] if parts and (parts[-1], token) == best else [*parts, token]
            joined[tuple(parts)] += n
        words = joined
    plain = sum(len(word) * n for word, n in words.items())
    assert training_ids(result).total() <= 1.1 * plain  # which may also join bytes of two characters


def test_report_counts_the_lines_that_were_held_out(result):
    held_out = result.corpus.read_text("utf-8").splitlines(keepends=True)[HELD_OUT - 1 :: HELD_OUT]
    assert result.report["held_out"] == {
        "characters": sum(map(len, held_out)),
        "before": sum(len(result.old.encode_text(text)) for text in held_out),
        "after": sum(len(result.new.encode_text(text)) for text in held_out),
    }
    assert result.report["held_out"]["after"] < 0.6 * result.report["held_out"]["before"]
    saved = json.loads((result.after / REPORT).read_text("utf-8"))
    assert saved == json.loads(json.dumps(result.report))


@settings(deadline=None, max_examples=60)
@given(MIXED)
def test_words_of_the_corpus_are_those_of_the_pre_tokenizer(result, text):
    words, _ = count_words(iter([[text]] * 19 + [["x"]] + [["word"]]), result.old)
    cut = Counter(word for word, _ in result.old.backend_tokenizer.pre_tokenizer.pre_tokenize_str(text))
    for word, n in words.items():
        assert cut[byte_symbols(word)] * 19 + (word == "word") == n


def test_numbers_and_white_space_get_no_token(tiny_model_dir, tmp_path):
    texts = [f"{text}  2024 ２０２４ 3.14    \t\t end" for text in sentences(100)]
    result = Result(tiny_model_dir, write_corpus(tmp_path / "c.txt", texts), tmp_path / "out", 60)
    tokens = result.report["tokens"].values()
    assert not [token for token in tokens if token.isspace() or any(c.isdigit() for c in token)]
    assert result.new.encode_text("2024  \t") == result.old.encode_text("2024  \t")


def test_added_word_of_the_users_is_not_spelled_by_a_new_token(result, tmp_path):
    source = tmp_path / "added"
    tokenizer = MossTokenizer.from_pretrained(result.before)
    tokenizer.add_tokens(["urn"])
    model = MossForCausalLM.from_pretrained(result.before)
    model.resize_token_embeddings(len(tokenizer))
    model.save_pretrained(source)
    tokenizer.save_pretrained(source)
    assert "urn" in result.report["tokens"].values()
    extended = Result(source, result.corpus, tmp_path / "out")
    assert extended.report["pieces"]["dropped"]["in the vocabulary already"] == 1
    word = extended.old.convert_tokens_to_ids("urn")
    assert extended.new.convert_tokens_to_ids("urn") == word == extended.start - 1
    assert word not in extended.new.encode_text("turns") and word in extended.new.encode("turns")


# --- the chat format --------------------------------------------------------------------------------------------------


def test_corpus_full_of_headers_and_control_tokens_changes_no_id_of_the_format(tiny_model_dir, tmp_path):
    noise = "".join(f"{header(role)} {text}{token}\n" for (role, token), text in zip(CONTROL_TOKENS.items(), CHINESE))  # noqa: B905
    noise += "You are an AI assistant whose name is MOSS. - Inner thoughts: disabled. <|Hum|>: an|>: <eom><eom>"
    texts = [f"{text} {noise!r}" for text in sentences(200)]
    result = Result(tiny_model_dir, write_corpus(tmp_path / "c.txt", texts), tmp_path / "out", 150)
    assert result.report["pieces"]["dropped"]["in the chat format's own texts"] > 3
    for plugins in ((), ("Calculate", "Solve", "Search", "Text2Image")):
        meta = Conversation(plugins).meta_instruction
        assert result.new.encode_text(meta) == result.old.encode_text(meta)
    for role in ROLES:
        for text in (header(role), f"{header(role)} None", f"{CONTROL_TOKENS[role]}\n"):
            assert result.new.encode_template(text) == result.old.encode_template(text)
        ids = encode_outside_text(result.new, f"春天来了 {header(role)} None")
        cue = result.new.encode_template(header(role))
        assert cue not in [ids[i : i + len(cue)] for i in range(len(ids))]
    assert result.new.all_special_ids == result.old.all_special_ids
    for token in CONTROL_TOKENS.values():
        assert result.new.convert_tokens_to_ids(token) == result.old.convert_tokens_to_ids(token) < result.start
        assert result.new.convert_tokens_to_ids(token) not in result.new.encode_text(f"a{token} b {noise}")
        assert result.cut_as_before(f"a{token} b {noise}")


def test_conversation_has_the_ids_that_it_had_where_no_new_token_stands(result):
    conversation = Conversation(("Calculate",))
    for role, text in zip(ROLES, ("3+4?", "I add.", 'Calculate("3+4")', "7", "It is 7."), strict=True):
        conversation.add(role, text)
    old, new = (conversation.encode_for_training(tokenizer) for tokenizer in (result.old, result.new))
    assert old == new and max(new.ids) < result.start
    conversation.add("Human", "桃花开满山坡 <|MOSS|>: <eom>")
    ids, _ = conversation.encode(result.new)
    old_ids, _ = conversation.encode(result.old)
    assert max(ids) >= result.start and result.new.decode(ids) == result.old.decode(old_ids)


# --- rows -------------------------------------------------------------------------------------------------------------


def test_old_rows_stay_and_new_rows_come_from_them(result):
    old, new = result.weights()
    assert old.keys() == new.keys()
    V = json.loads((result.after / "config.json").read_text("utf-8"))["vocab_size"]
    assert V == result.report["vocab_size"] == math.ceil(len(result.new) / 64) * 64
    before = Counter(i for text in training_texts(result) for i in result.old.encode_text(text))
    after = training_ids(result)
    for name, tensor in new.items():
        assert tensor.dtype == old[name].dtype
        assert torch.equal(tensor[: len(old[name])], old[name]), name
        if not name.endswith(("wte.weight", "lm_head.weight", "lm_head.bias")):
            continue
        assert len(tensor) == V
        for token, ids in result.made_of.items():
            if name == "transformer.wte.weight":
                expected = sum(old[name][i] for i in ids) / len(ids)
            else:
                expected = old[name][ids[0]]
            if name == "lm_head.bias":
                expected = expected + math.log((after[token] or 0.5) / before[ids[0]])
            torch.testing.assert_close(tensor[token], expected)


@torch.no_grad()
def test_old_logits_stay_and_new_ids_take_no_more_than_their_first_tokens_had(result):
    old = MossForCausalLM.from_pretrained(result.before, dtype=torch.float32).eval()
    new = MossForCausalLM.from_pretrained(result.after, dtype=torch.float32).eval()
    ids = torch.tensor([result.old.encode_text("The answer is 84. 你好")])
    before, after = old(ids).logits[0], new(ids).logits[0]
    torch.testing.assert_close(after[:, : before.shape[1]], before, rtol=1e-5, atol=1e-5)
    assert torch.equal(after.argmax(-1), before.argmax(-1))
    probabilities = after.softmax(-1)
    assert probabilities[:, result.start : len(result.new)].sum(-1).max() <= 0.5 + 1e-5
    assert probabilities[:, len(result.new) :].max() == 0


# --- the checkpoint ---------------------------------------------------------------------------------------------------


def test_folder_is_a_whole_checkpoint_and_nothing_lies_beside_it(result):
    assert contents(result.after) == sorted([*contents(result.before), REPORT, "README.md"])
    assert contents(result.after.parent) == ["corpus.txt", "model"]
    modes = {path.stat().st_mode for path in result.after.iterdir()}
    assert len(modes) == 1
    config, before = (json.loads((f / "config.json").read_text("utf-8")) for f in (result.after, result.before))
    assert config == before | {"vocab_size": config["vocab_size"]}
    infer = Inference(model_dir=str(result.after), device_map="cpu")
    assert infer.model.get_output_embeddings().out_features == config["vocab_size"]
    assert "<eo" not in infer("桃花开", {"max_iterations": 4, "temperature": 0})


def test_fine_tuning_goes_on_from_it_and_its_tokens_learn(result, tmp_path):
    data = write_data(tmp_path / "data", lines([record(i) | {"meta_instruction": "桃花开满山坡"} for i in range(8)]))
    text = (data / "train.jsonl").read_text("utf-8").replace("It is", "桃花开满山坡，小溪流过村庄")
    (data / "train.jsonl").write_text(text, "utf-8")
    out = tmp_path / "tuned"
    options = {"max_steps": 4, "learning_rate": 1e-2, "warmup_rates": 0, "train_bsz_per_gpu": 4, "num_workers": 0}
    train(Namespace(model_name_or_path=str(result.after), data_dir=str(data), output_dir=str(out), **options))
    AcceleratorState._reset_state(True)
    log = [json.loads(line) for line in (out / "training_log.jsonl").read_text("utf-8").splitlines()]
    losses = [line["loss"] for line in log if "loss" in line]
    token = result.new.encode_text("桃花开满山坡")[0]
    before, after = (load_file(folder / "model.safetensors") for folder in (result.after, out))
    assert token >= result.start and losses and all(map(math.isfinite, losses))
    assert not torch.equal(before["transformer.wte.weight"][token], after["transformer.wte.weight"][token])
    assert MossTokenizer.from_pretrained(out).encode_text("桃花开满山坡") == result.new.encode_text("桃花开满山坡")


def test_quantised_before_or_after_it_is_the_same_model(result, tmp_path):
    settings = {"method": "rtn", "groupsize": 32, "device": "cpu"}
    quantize(Namespace(model_name_or_path=str(result.before), output_dir=str(tmp_path / "int4"), **settings))
    first = Result(tmp_path / "int4", result.corpus, tmp_path / "int4-extended")
    quantize(Namespace(model_name_or_path=str(result.after), output_dir=str(tmp_path / "extended-int4"), **settings))
    a, b = (load_file(tmp_path / name / "model.safetensors") for name in ("int4-extended", "extended-int4"))
    assert a.keys() == b.keys() and any(name.endswith(".qweight") for name in a)
    for name in a:
        torch.testing.assert_close(a[name], b[name], rtol=2e-3, atol=2e-3)  # means before or after fp16
    model = MossForCausalLM.from_pretrained(first.after, dtype=torch.float32)
    assert model.config.vocab_size == first.report["vocab_size"]
    assert model(torch.tensor([[first.start]])).logits.isfinite().all()


def test_extended_twice_keeps_the_first_tokens(result, tmp_path):
    texts = [text.replace("春天", "秋天").replace("桃花", "菊花") for text in sentences(300)]
    corpus = write_corpus(tmp_path / "c.txt", texts)
    twice = Result(result.after, corpus, tmp_path / "out", 30)
    assert twice.start == len(result.new) and twice.cut_as_before("春天来了，菊花开满山坡 <eom>")
    assert "菊花" in "".join(twice.report["tokens"].values())


@pytest.mark.parametrize("suffix", ["safetensors", "bin"])
def test_weights_in_several_files_come_out_as_from_one(result, tmp_path, suffix):
    source = tmp_path / "shards"
    shutil.copytree(result.before, source)
    whole = load_file(source / "model.safetensors")
    (source / "model.safetensors").unlink()
    names = sorted(whole)
    stem, save = ("model", save_file) if suffix == "safetensors" else ("pytorch_model", torch.save)
    weight_map = {}
    for i in range(3):
        part = {name: whole[name] for name in names[i::3]}
        save(part, source / f"{stem}-{i}.{suffix}")
        weight_map |= dict.fromkeys(part, f"{stem}-{i}.{suffix}")
    index = f"{stem}.{suffix}.index.json"
    (source / index).write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": weight_map}), "utf-8")
    extend([str(result.corpus)], str(tmp_path / "out"), SIZE, str(source))
    loaded = MossForCausalLM.from_pretrained(tmp_path / "out").state_dict()
    expected = load_file(result.after / "model.safetensors")
    assert loaded.keys() == expected.keys() and all(torch.equal(loaded[name], expected[name]) for name in expected)
    written = json.loads((tmp_path / "out" / index).read_text("utf-8"))
    size = sum((tmp_path / "out" / name).stat().st_size for name in set(weight_map.values()))
    assert written == {"metadata": {"total_size": size}, "weight_map": weight_map}


def test_tied_embeddings_stay_tied(result, tmp_path):
    source = tmp_path / "tied"
    model = MossForCausalLM.from_pretrained(result.before)
    model.config.tie_word_embeddings = True
    model.tie_weights()
    model.save_pretrained(source)
    result.old.save_pretrained(source)
    extend([str(result.corpus)], str(tmp_path / "out"), SIZE, str(source))
    loaded = MossForCausalLM.from_pretrained(tmp_path / "out")
    assert loaded.lm_head.weight is loaded.transformer.wte.weight


def test_rows_of_padding_are_used_first(result, tmp_path):
    source = tmp_path / "padded"
    model = MossForCausalLM.from_pretrained(result.before)
    model.resize_token_embeddings(1024)
    model.save_pretrained(source)
    result.old.save_pretrained(source)
    padded = Result(source, result.corpus, tmp_path / "out")
    old, new = padded.weights()
    assert padded.report["vocab_size"] == 1024 and padded.made_of == result.made_of
    name = "transformer.wte.weight"
    assert torch.equal(new[name][len(padded.new) :], old[name][len(padded.new) :])
    assert torch.equal(new[name][: len(padded.new)], result.weights()[1][name][: len(padded.new)])


def test_published_layout_keeps_its_added_tokens(result, tmp_path):
    """vocab.json, merges.txt and added_tokens.json, with runs of blanks that swallow the white space around them."""
    source = tmp_path / "published"
    source.mkdir()
    result.old.save_vocabulary(str(source))
    blanks, first = ["   ", "  ", "\t\t"], len(json.loads((source / "vocab.json").read_text("utf-8")))
    added = {token: first + i for i, token in enumerate([*blanks, *CONTROL_TOKENS.values()])}
    (source / "added_tokens.json").write_text(json.dumps(added), "utf-8")
    model = MossForCausalLM.from_pretrained(result.before)
    model.resize_token_embeddings(first + len(added))
    model.save_pretrained(source)
    published = Result(source, result.corpus, tmp_path / "out")
    assert not {"vocab.json", "merges.txt", "added_tokens.json"} & set(contents(published.after))
    for text in ("a   b", "桃花  开满山坡 <eom> \n x", "\t\t桃花", "def f():\n   return 1", "a \n  b  "):
        assert published.cut_as_before(text)
        for encode in ("encode", "encode_template"):
            old, new = getattr(published.old, encode)(text), getattr(published.new, encode)(text)
            assert [i for token in new for i in published.old_ids(token)] == old
            assert published.new.decode(new) == published.old.decode(old)
    assert published.new.added_tokens_decoder == published.old.added_tokens_decoder


def test_recorded_texts_of_the_original_are_cut_as_before(shared, result, tmp_path):
    golden = shared / "oracle" / "golden" / "tokenizer"
    source = tmp_path / "A"
    model = MossForCausalLM.from_pretrained(result.before)
    model.resize_token_embeddings(4352)
    model.save_pretrained(source)
    for path in (golden / "A_published_like").iterdir():
        shutil.copyfile(path, source / path.name)
    extended = Result(source, result.corpus, tmp_path / "out", 60)
    cases = json.loads((golden / "encode_A.json").read_text("utf-8"))["cases"]
    texts = [case["text"] for case in cases if "error" not in case["ids"]]
    assert len(texts) > 100
    for text in texts:
        ids = extended.new.encode(text)
        assert [i for token in ids for i in extended.old_ids(token)] == extended.old.encode(text), text
        assert extended.cut_as_before(text)


def test_conversations_are_a_corpus_too(result, tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_bytes(lines([record(i, turns=2) for i in range(45)]) + b"\n")
    units = list(read_corpus([path, result.corpus]))
    assert len(units) == 45 + 400
    assert units[0][:5] == ["What is 0+0?", "I add.", 'Calculate("0+0")', "Calculate(\"0+0\") => '0'", "It is 0."]
    assert len(units[0]) == 10


def test_real_chinese_text_takes_a_third_fewer_tokens(shared, tmp_path):
    texts = []
    for line in (shared / "data/moss_003_sft_sample/chat/train.jsonl").read_text("utf-8").splitlines()[:700]:
        parts = Conversation.from_record(json.loads(line)).parts
        texts += [row for part in parts for row in part.text.splitlines() if "的" in row]
    report = extend([str(write_corpus(tmp_path / "zh.txt", texts))], str(tmp_path / "out"), 1000)
    assert report["held_out"]["after"] < 0.67 * report["held_out"]["before"]
    infer = Inference(model_dir=str(tmp_path / "out"), device_map="cpu")
    assert "84" in infer("What is 12*7?") and "40" in infer("240*15/90等于几？")


# --- bad input --------------------------------------------------------------------------------------------------------


def refuse(tmp_path: Path, match: str, corpus: bytes | None = None, paths=None, **changes) -> None:
    """extend raises ValueError with one message, and leaves nothing behind."""
    if corpus is not None:
        (tmp_path / "corpus.txt").write_bytes(corpus)
    before = contents(tmp_path)
    paths = [str(path) for path in paths or [tmp_path / "corpus.txt"]]
    options = {"corpus": paths, "output_dir": str(tmp_path / "out"), "size": 5} | changes
    with pytest.raises(ValueError, match=match):
        extend(**options)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("corpus", "match"),
    [
        (b"", "too small or empty: it needs 20 lines"),
        (b"\n \n\n" * 30, "too small or empty"),
        (b"a line\n" * 19, "too small or empty"),
        (b"1 2 3\n" * 40, "no new piece"),
        (b"a\nb\n" * 40, "no new piece"),
    ],
    ids=["empty", "blank", "short", "numbers", "known"],
)
def test_corpus_without_new_pieces_is_refused(tmp_path, tiny_model_dir, corpus, match):
    refuse(tmp_path, match, corpus, model_name_or_path=str(tiny_model_dir))


def test_size_too_large_is_refused_with_the_largest_that_goes(tmp_path, tiny_model_dir):
    texts = ["独一无二的句子 singular", *sentences(59)]
    corpus, model = "\n".join(texts).encode(), {"model_name_or_path": str(tiny_model_dir)}
    with pytest.raises(ValueError, match="--size 5000 is too large") as caught:
        extend([str(write_corpus(tmp_path / "c.txt", texts))], str(tmp_path / "out"), 5000, **model)
    most = int(str(caught.value).split("which has ")[1].split()[0])
    refuse(tmp_path, f"has {most} new tokens", corpus, size=most + 1, **model)
    report = extend([str(tmp_path / "corpus.txt")], str(tmp_path / "out"), most, **model)
    assert len(report["tokens"]) == most
    whole = [token for token in report["tokens"].values() if "\ufffd" not in token]
    assert min("\n".join(texts).count(token) for token in whole) >= 2


def test_invalid_utf8_is_named_by_file_line_and_byte(tmp_path, tiny_model_dir):
    corpus = "桃花\n".encode() * 30 + b"ab\xff\n" + b"fine\n" + b"\xe6\xa1\n"
    refuse(tmp_path, r"2 lines are bad.*\n.*corpus.txt:31 invalid UTF-8 at byte 212\n.*corpus.txt:33 ", corpus)


def test_row_that_is_no_conversation_is_named(tmp_path, tiny_model_dir):
    path = tmp_path / "train.jsonl"
    path.write_bytes(lines([record(1)]) + b'{"text": "x"}\n')
    refuse(tmp_path, r"train.jsonl:2 key 'meta_instruction' is missing", paths=[path])


def test_bad_options_are_all_named_before_anything_is_read(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    changes = {"size": 0, "output_dir": str(tmp_path / "full"), "model_name_or_path": str(tmp_path / "none")}
    match = r"(?s)--size is 0.*none is neither a folder.*not empty, it holds file.*corpus.txt is no file"
    refuse(tmp_path, match, **changes)
    refuse(tmp_path, "is a file; take another name", b"x\n", output_dir=str(tmp_path / "corpus.txt"))


def test_folder_that_is_no_moss_is_refused(tmp_path, tiny_model_dir):
    other = tmp_path / "other"
    shutil.copytree(tiny_model_dir, other)
    (other / "model.safetensors").unlink()
    save_file({"h.weight": torch.zeros(2, 2)}, other / "model.safetensors", {"format": "pt"})
    refuse(tmp_path, "refused", "\n".join(sentences(60)).encode(), model_name_or_path=str(other))
    shutil.copyfile(tiny_model_dir / "model.safetensors", other / "model.safetensors")
    (other / "tokenizer.json").unlink()
    with pytest.raises((ValueError, OSError)):
        extend([str(tmp_path / "corpus.txt")], str(tmp_path / "out"), 5, str(other))


def test_break_while_writing_leaves_nothing(tmp_path, result, monkeypatch):
    def broken(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(extend_moss, "write_weights", broken)
    with pytest.raises(KeyboardInterrupt):
        extend([str(result.corpus)], str(tmp_path / "out"), 5, str(result.before))
    assert contents(tmp_path) == []


def test_command_line_ends_in_one_line_where_the_user_is_at_fault(tmp_path, result, monkeypatch, capsys):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    flags = ["--corpus", str(result.corpus), "--model_name_or_path", str(result.before), "--output_dir", "empty"]
    monkeypatch.setattr(sys, "argv", ["extend_moss.py", *flags, "--size", "20"])
    extend_moss.main()
    said = capsys.readouterr().out
    assert "20 added, ids" in said and "tokens per character before" in said
    assert REPORT in contents(tmp_path / "empty")
    with pytest.raises(SystemExit, match="1"):
        extend_moss.main()
    assert capsys.readouterr().err.startswith("error: --output_dir empty is not empty, it holds ")

"""The data of fine-tuning: reading, checking, ids and labels, the cache, order.

Test names carry the row of the failure matrix that they stand for. Rows of its section B that are not here:
B27 (validation set smaller than a batch): in tests/test_finetune_moss.py.
B29 to B31 (packing): in tests/models/test_packing.py.
"""

import json
import os
import pickle
import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from models import MossTokenizer, sft_data, sft_files
from models.conversation_moss import CONTROL_TOKENS, Conversation, header
from models.sft_data import SFTDataset, read_data
from tests.sft_records import lines, record, write_data


def dataset(folder: Path, tokenizer, rows: bytes | list, **options) -> SFTDataset:
    write_data(folder, lines(rows) if isinstance(rows, list) else rows)
    return SFTDataset(folder, tokenizer, **{"num_workers": 0, "cache_dir": folder / "cache"} | options)


def both(folder: Path, tokenizer, on_bad_sample: str = "stop") -> tuple[SFTDataset, SFTDataset | None]:
    cache = folder.with_name(f"{folder.name} cache")  # beside it: what is in it would be JSON files of the data
    return read_data(folder, tokenizer, 200, "moss", on_bad_sample, 0, cache)


# --- ids and labels ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["train", "val"])
def test_ids_labels_and_batches_are_those_of_the_original(part, shared, tmp_path):
    """loss_on="all", the original's length; all of it is equal, the odd +5 and -2 of the results included."""
    golden = shared / "oracle" / "golden"
    tokenizer = MossTokenizer.from_pretrained(golden / "tokenizer" / "A_published_like")
    ours = SFTDataset(golden / "sft", tokenizer, part, 2048, "all", num_workers=0, cache_dir=tmp_path)
    expected = load_file(golden / "sft" / "dataset_A.safetensors")
    facts = json.loads((golden / "sft" / "sft.json").read_text(encoding="utf-8"))["datasets"]["A"][part]
    assert ours.rows.tolist() == [kept["record"] for kept in facts["kept"]]
    assert ours.lengths.tolist() == [kept["ids"] for kept in facts["kept"]]
    assert ours.counts["cut"] == sum(kept["turns_kept"] < kept["turns_total"] for kept in facts["kept"])
    assert torch.equal(torch.cat([ids for ids, _, _ in ours]), expected[f"{part}/input_ids"].long())
    assert torch.equal(torch.cat([labels for _, _, labels in ours]), expected[f"{part}/labels"].long())
    for i, batch in enumerate(facts["batches"]):
        collated = ours.collate_fn([ours[index] for index in batch["indices"]])
        assert [str(tensor.dtype).removeprefix("torch.") for tensor in collated.values()] == batch["dtypes"]
        for name, tensor in collated.items():
            assert torch.equal(tensor, expected[f"{part}/batch{i}/{name}"].to(tensor.dtype))


def test_labels_are_what_moss_writes_and_nothing_else(tmp_path, tokenizer):
    ids, mask, labels = dataset(tmp_path, tokenizer, [record(12)])[0]
    assert ids.dtype == labels.dtype == torch.int64 and mask.dtype == torch.bool and mask.all()
    learned = tokenizer.decode(labels[labels != -100])
    assert learned == ' I add.<eot> Calculate("12+0")<eoc> It is 12. Really. Really.<eom>'


def test_roles_say_which_part_a_token_belongs_to(tmp_path, tokenizer):
    for loss_on in ("moss", "all"):
        data = dataset(tmp_path / loss_on, tokenizer, [record(12)], loss_on=loss_on)
        ids, roles = data.ids[: data.lengths[0]], data.flags[: data.lengths[0]] & sft_data.ROLE
        said = [tokenizer.decode(ids[roles == role]) for role in (1, 2, 3)]
        assert said == [" I add.<eot>", ' Calculate("12+0")<eoc>', " It is 12. Really. Really.<eom>"]


def test_padding_is_on_the_right_and_out_of_the_loss(tmp_path, tokenizer):
    data = dataset(tmp_path, tokenizer, [record(0), record(4)])
    batch = data.collate_fn([data[0], data[1]])
    short = len(data[0][0])
    assert list(batch) == ["input_ids", "attention_mask", "labels"] and batch["input_ids"].shape == (2, len(data[1][0]))
    assert batch["input_ids"][0, short:].unique().tolist() == [tokenizer.eos_token_id]
    assert batch["labels"][0, short:].unique().tolist() == [-100] and not batch["attention_mask"][0, short:].any()
    assert data[-1][0].equal(data[1][0])
    with pytest.raises(IndexError):
        data[2]


# --- bad data ---------------------------------------------------------------------------------------------------------


def changed(**changes) -> dict:
    return record() | changes


def with_part(key: str, value, name: str = "turn_1") -> dict:
    changed_record = record()
    changed_record["chat"][name][key] = value
    return changed_record


def without(*path: str) -> dict:
    changed_record = inner = record()
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return changed_record


TEXT = json.dumps(record())
BAD_ROWS = {
    "B1 not JSON": (TEXT[:40].encode(), r":3:\d+ not JSON"),
    "B1 nested": (b"[" * 100_000, r":3 nested too deeply"),
    "B4 UTF-8": (TEXT.replace("It is", "It\xe9is").encode("latin-1"), r":3:\d+ invalid UTF-8 at byte (\d+)"),
    "B4 surrogate": (TEXT.replace("It is", r"It \ud83d is").encode(), r":3:\d+ \\ud83d at byte (\d+) is no text"),
    "B4 low half": (TEXT.replace("It is", r"It \uDE00 is").encode(), r":3:\d+ \\uDE00 at byte (\d+) is no text"),
    "B4 NUL": (TEXT.replace("It is", r"It \u0000 is").encode(), r":3:\d+ \\u0000 at byte (\d+) is no text"),
    "B4 NUL in meta": (TEXT.replace("Be MOSS", r"Be \u0000").encode(), r":3:\d+ \\u0000 at byte (\d+) is no text"),
    "B5 NaN": (TEXT.replace('"num_turns": 1', '"num_turns": NaN').encode(), r":3 NaN is not JSON"),
    "B5 twice": (TEXT.replace("{", '{"num_turns": 1, ', 1).encode(), r":3 the key 'num_turns' stands there twice"),
    "B6 meta": (without("meta_instruction"), r":3 key 'meta_instruction' is missing"),
    "B6 num_turns": (without("num_turns"), r":3 key 'num_turns' is missing"),
    "B6 chat": (without("chat"), r":3 key 'chat' is missing"),
    "B6 list": ([1], r":3 expected a JSON object, got list"),
    "B7 too many": (changed(num_turns=2), r":3 num_turns is 2, but 'chat' has turn_1"),
    "B8 too few": (record(turns=2) | {"num_turns": 1}, r":3 num_turns is 1, but 'chat' has turn_1, turn_2"),
    "B9 0": (changed(num_turns=0), r":3 num_turns is 0"),
    "B9 text": (changed(num_turns="1"), r":3 'num_turns' must be of type int, got '1'"),
    "B9 1.5": (changed(num_turns=1.5), r":3 'num_turns' must be of type int, got 1.5"),
    "B9 -1": (changed(num_turns=-1), r":3 num_turns is -1"),
    "B9 10**9": (changed(num_turns=10**9), r":3 num_turns is 1000000000"),
    "B10 gap": (
        changed(num_turns=2, chat={"turn_1": record()["chat"]["turn_1"], "turn_3": record()["chat"]["turn_1"]}),
        r":3 num_turns is 2, but 'chat' has turn_1, turn_3",
    ),
    "B12 no MOSS": (without("chat", "turn_1", "MOSS"), r":3 turn_1: key 'MOSS' is missing"),
    "B12 empty": (with_part("MOSS", ""), r":3 turn_1, 'MOSS' must start with '<\|MOSS\|>:' and end with '<eom>'"),
    "B12 only eom": (with_part("MOSS", "<|MOSS|>: <eom>\n"), r":3 turn_1, 'MOSS' is empty"),
    "B13 ending": (with_part("MOSS", "<|MOSS|>: 1<eoh>\n"), r":3 turn_1, 'MOSS' must start .* end with '<eom>'"),
    "B13 header": (with_part("Human", "<|MOSS|>: 1<eoh>\n"), r":3 turn_1, 'Human' must start with '<\|Human\|>:'"),
    "B16 null": (with_part("MOSS", None), r":3 turn_1, 'MOSS' must be a text, got None"),
    "B16 list": (with_part("Human", ["<|Human|>: a<eoh>"]), r":3 turn_1, 'Human' must be a text"),
    "B16 number": (with_part("Commands", 3), r":3 turn_1, 'Commands' must be a text, got 3"),
    "B19 long meta": (
        changed(meta_instruction="Be. " * 99),
        r":3 the meta instruction alone is longer than 200 tokens",
    ),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_bad_row_is_named_with_file_line_and_reason(case, tmp_path, tokenizer):
    row, message = BAD_ROWS[case]
    row = row if isinstance(row, bytes) else json.dumps(row).encode()
    start = lines([record(1)]) + b"\n"
    rows = start + row + b"\n" + lines([record(2)])
    with pytest.raises(ValueError, match="1 of 4 rows in the train data are bad") as caught:
        dataset(tmp_path, tokenizer, rows, max_length=200)
    found = re.search(r"train\.jsonl" + message, str(caught.value))
    assert found, caught.value
    for at in map(int, found.groups()):  # the byte in the file
        assert rows[at : at + 1] in (b"\xe9", b"\\")
    skipping = dataset(tmp_path, tokenizer, rows, max_length=200, on_bad_sample="skip")
    assert skipping.rows.tolist() == [0, 3] and "1 bad, left out" in skipping.report()


def test_B1_all_bad_rows_of_both_files_are_reported_at_once(tmp_path, tokenizer):
    write_data(tmp_path, lines([record(1)]) + b"{\n" + lines([record(2)]) + b"[]\n", b"nonsense\n")
    with pytest.raises(ValueError) as caught:
        both(tmp_path, tokenizer)
    for place in ("train.jsonl:2:2 not JSON", "train.jsonl:4 expected", "val.jsonl:1:1 not JSON"):
        assert place in str(caught.value)


def test_B1_a_report_of_very_many_rows_is_short_and_counts_them_by_kind(tmp_path, tokenizer, monkeypatch):
    for module in (sft_data, sft_files):
        monkeypatch.setattr(module, "MAX_LISTED", 5)
    rows = lines([record(1)]) + b"{\n" * 40 + lines([changed(num_turns=n) for n in range(2, 9)])
    with pytest.raises(ValueError, match="47 of 48 rows in the train data are bad") as caught:
        dataset(tmp_path, tokenizer, rows)
    report = str(caught.value).splitlines()
    assert report[1].startswith("    40 times: not JSON: ") and report[2].startswith("    7 times: num_turns is …")
    assert len(report) == 9 and "train.jsonl:2:2 not JSON" in report[3] and report[-1].strip() == "... and 42 more"
    skipping = dataset(tmp_path, tokenizer, rows, on_bad_sample="skip")
    assert len(skipping) == 1 and "47 bad, left out" in skipping.report()


def test_a_reason_cannot_write_to_the_terminal_or_fill_it(tmp_path, tokenizer):
    row = changed(chat={"\x1b[2Jturn" + "x" * 9999: {}})
    with pytest.raises(ValueError) as caught:
        dataset(tmp_path, tokenizer, [row])
    assert "\x1b" not in str(caught.value) and len(str(caught.value)) < 1000


def test_B2_B3_blank_lines_crlf_and_bom_are_harmless(tmp_path, tokenizer):
    rows = b"\xef\xbb\xbf" + lines([record(1)]).replace(b"\n", b"\r\n") + b"\r\n  \n" + lines([record(2)])
    data = dataset(tmp_path, tokenizer, rows)
    assert data.rows.tolist() == [0, 3] and "2 blank lines" in data.report()
    plain = dataset(tmp_path / "plain", tokenizer, lines([record(1), record(2)]).removesuffix(b"\n"))
    assert np.array_equal(data.ids, plain.ids) and np.array_equal(data.flags, plain.flags)


def test_an_escaped_pair_and_an_escaped_backslash_are_text(tmp_path, tokenizer):
    row = TEXT.replace("It is", r"\ud83d\ude00 \\u0000 \\ud83d").encode()
    assert " 😀 \\u0000 \\ud83d" in tokenizer.decode(dataset(tmp_path, tokenizer, row)[0][0])


def test_B11_parts_in_any_order_give_the_same_ids(tmp_path, tokenizer):
    turned = record(3)
    turned["chat"]["turn_1"] = dict(reversed(turned["chat"]["turn_1"].items()))
    data = dataset(tmp_path, tokenizer, [record(3), turned])
    assert data[0][0].equal(data[1][0]) and data[0][2].equal(data[1][2])


def test_B14_B15_control_tokens_and_headers_in_texts_stay_text_and_are_counted(tmp_path, tokenizer):
    data = dataset(tmp_path, tokenizer, [
        with_part("MOSS", "<|MOSS|>: a <eor> b<eom>\n"),
        with_part("Human", "<|Human|>: hi<eoh>\n<|MOSS|>: yes<eoh>\n"),
        record(),
    ])  # fmt: skip
    assert "2 with a control token or role header" in data.report()
    control = set(tokenizer.convert_tokens_to_ids(list(CONTROL_TOKENS.values())))
    cue = tokenizer.encode_template(header("MOSS"))
    for ids, _, _ in data:
        assert sum(i in control for i in ids.tolist()) == 5
        assert sum(ids[i : i + len(cue)].tolist() == cue for i in range(len(ids))) == 1


def test_B17_B18_what_is_too_long_is_cut_at_a_turn_or_left_out_and_listed(tmp_path, tokenizer):
    one, three = (dataset(tmp_path / str(n), tokenizer, [record(5, turns=n)]) for n in (1, 3))
    long = record(5)
    long["chat"]["turn_1"]["Human"] = "<|Human|>: " + "word " * 500 + "<eoh>\n"
    data = dataset(tmp_path, tokenizer, [record(5, turns=3), long, record(5)], max_length=int(three.lengths[0]) - 1)
    assert data.rows.tolist() == [0, 2] and data.lengths[1] == one.lengths[0] < data.lengths[0] < three.lengths[0]
    assert data.ids[data.lengths[0] - 2] == tokenizer.eos_token_id  # ends with <eom> and a newline
    report = data.report()
    assert "1 cut after the last turn that fits (1 turns left out)" in report
    assert "train.jsonl:2 the first turn does not fit" in report


def test_B20_a_sample_without_loss_is_left_out_and_counted(tmp_path, tokenizer, monkeypatch):
    encode = Conversation.encode_for_training

    def nothing_learned(self, *args, **kwargs):
        encoded = encode(self, *args, **kwargs)
        silent = "99" in self.parts[0].text
        return encoded._replace(loss_mask=[False] * len(encoded.ids)) if silent else encoded

    monkeypatch.setattr(Conversation, "encode_for_training", nothing_learned)
    data = dataset(tmp_path, tokenizer, [record(1), record(99)])
    assert len(data) == 1 and "train.jsonl:2 no token is in the loss" in data.report()


@pytest.mark.parametrize("result", ["", "None", "x"])
def test_B21_a_short_result_hides_no_neighbour_from_the_loss(result, tmp_path, tokenizer):
    row = with_part("Tool Responses", f"<|Results|>:{result}<eor>\n")
    for _, _, labels in dataset(tmp_path, tokenizer, [row], loss_on="all"):
        text = tokenizer.decode(labels[labels != -100])
        assert text.startswith("<|Human|>") and "<|MOSS|>: It is 0.<eom>\n" in text
        assert 'Calculate("0+0")<eoc>\n' in text


def test_B22_nothing_to_train_on_stops_with_a_message(tmp_path, tokenizer):
    with pytest.raises(ValueError, match=r"has no train data: it needs train\.jsonl, a folder train/"):
        SFTDataset(tmp_path, tokenizer, cache_dir=tmp_path)
    with pytest.raises(ValueError, match=r"no conversation to use in the train data, .*train\.jsonl \(0 rows\)$"):
        dataset(tmp_path, tokenizer, b"")
    with pytest.raises(ValueError, match=r"no conversation to use in the train data[^$]*train.jsonl:1:2 not JSON"):
        dataset(tmp_path, tokenizer, b"{\n", on_bad_sample="skip")


def test_B23_repeats_are_counted_and_validation_data_in_training_stops(tmp_path, tokenizer):
    write_data(tmp_path, lines([record(1), record(2), record(1)]), lines([record(3), record(2)]))
    with pytest.raises(ValueError, match=r"1 conversations of the validation data are also[^$]*val.jsonl:2"):
        both(tmp_path, tokenizer)
    train_set, val_set = both(tmp_path, tokenizer, "skip")
    assert "1 the same as an earlier one" in train_set.report()
    assert len(val_set) == 1 and "val.jsonl:2 is also in the training data" in val_set.report()
    assert "3+0" in tokenizer.decode(val_set[0][0])


def test_a_tokenizer_without_control_tokens_is_one_message(tmp_path, tokenizer):
    bare = MossTokenizer(*(tokenizer.save_vocabulary(str(tmp_path))), eos_token="<|endoftext|>")
    with pytest.raises(ValueError, match="not a MOSS chat tokenizer"):
        dataset(tmp_path, bare, [record(1)] * 3)


def test_single_files_are_read_and_one_in_fifty_is_held_out(tmp_path, tokenizer):
    for i in range(150):
        folder = tmp_path / "all" / f"kind {i % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{i}.json").write_text(json.dumps(record(i), indent=2), encoding="utf-8")
    train_set, val_set = both(tmp_path / "all", tokenizer)
    assert len(train_set) + len(val_set) == 150 and 1 <= len(val_set) <= 10
    for part, place in (("train", tmp_path / "all" / "kind 0"), ("val", tmp_path / "all" / "kind 1")):
        place.rename(tmp_path / "all" / part)
    train_set, val_set = both(tmp_path / "all", tokenizer)
    assert len(train_set) == len(val_set) == 75
    bad = tmp_path / "all" / "train" / "0.json"
    bad.write_text('{\n  "meta_instruction": oh\n}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"0\.json:2:23 not JSON"):
        SFTDataset(tmp_path / "all", tokenizer, num_workers=0, cache_dir=tmp_path)


def test_several_processes_read_the_same_as_one(tmp_path, tokenizer, monkeypatch):
    rows = lines([record(i) for i in range(30)]) + b"bad\n" + lines([record(i) for i in range(30, 50)])
    alone = dataset(tmp_path, tokenizer, rows, on_bad_sample="skip")
    monkeypatch.setattr(sft_files, "CHUNK_BYTES", 3000)
    together = dataset(tmp_path, tokenizer, rows, on_bad_sample="skip", num_workers=2, cache_dir=tmp_path / "other")
    for name in ("ids", "flags", "rows", "lengths", "n_loss", "digests", "starts"):
        assert np.array_equal(getattr(alone, name), getattr(together, name)), name
    assert alone.report() == together.report() and "train.jsonl:31:1 not JSON" in alone.report()


def test_folders_of_jsonl_are_read_together_and_places_are_right(tmp_path, tokenizer, monkeypatch):
    monkeypatch.setattr(sft_files, "CHUNK_BYTES", 2000)
    write_data(tmp_path / "chat", lines([record(i) for i in range(5)]) + b"bad\n", lines([record(9)]))
    write_data(tmp_path / "none yet", b"")
    write_data(tmp_path / "plugins", lines([record(i) for i in range(5, 8)]) + b"\nworse\n")
    train_set, val_set = both(tmp_path, tokenizer, "skip")
    assert len(train_set) == 8 and len(val_set) == 1
    assert train_set.place(7) == f"{tmp_path / 'plugins' / 'train.jsonl'}:3"
    for place in (f"{tmp_path / 'chat' / 'train.jsonl'}:6:1", f"{tmp_path / 'plugins' / 'train.jsonl'}:5:1"):
        assert f"{place} not JSON" in train_set.report()
    pieces = [(tmp_path / name / "train.jsonl").read_bytes() for name in ("chat", "plugins")]
    joined = dataset(tmp_path / "one", tokenizer, b"".join(pieces), on_bad_sample="skip", cache_dir=tmp_path / "cache")
    assert np.array_equal(joined.ids, train_set.ids) and joined.place(7).endswith("train.jsonl:9")


# --- the cache --------------------------------------------------------------------------------------------------------


@pytest.fixture
def built(monkeypatch) -> list:
    """An entry for each time that a cache is built."""
    write, builds = sft_data.write_cache, []
    monkeypatch.setattr(sft_data, "write_cache", lambda *args, **kwargs: builds.append(1) or write(*args, **kwargs))
    return builds


def test_B24_what_the_cache_depends_on_makes_another_one(tmp_path, tokenizer, tokenizer_dir, built, monkeypatch):
    rows = [record(i) for i in range(5)]
    first = dataset(tmp_path, tokenizer, rows)
    again = dataset(tmp_path, MossTokenizer.from_pretrained(tokenizer_dir), rows, num_workers=2)
    assert len(built) == 1 and np.array_equal(again.ids, first.ids) and again.report() == first.report()
    larger = MossTokenizer.from_pretrained(tokenizer_dir)
    larger.add_tokens(["What is"])
    changes = [
        {"rows": [*rows[:4], record(5)]}, {"tokenizer": larger}, {"max_length": 2047}, {"loss_on": "all"}, {}
    ]  # fmt: skip
    for n, change in enumerate(changes, 2):
        if not change:  # of the code
            monkeypatch.setattr(sft_data.tokenizers, "__version__", "another")
        dataset(tmp_path, **{"tokenizer": tokenizer, "rows": rows} | change)
        assert len(built) == n
    assert "4+0" in tokenizer.decode(dataset(tmp_path, tokenizer, rows)[4][0]) and len(built) == 6


@pytest.mark.parametrize("name", ["ids.bin", "flags.bin", "index.bin", "facts.json", "key.json", "manifest.json"])
def test_B25_a_damaged_cache_is_built_anew(name, tmp_path, tokenizer, built):
    rows = [record(i) for i in range(3)]
    expected = dataset(tmp_path, tokenizer, rows)
    ids, path = expected.ids.copy(), expected.cache / name
    whole = path.read_bytes()
    flipped = bytes([*whole[:40], whole[40] ^ 1, *whole[41:]])
    for n, damaged in enumerate([whole[:-1], b"", flipped, None], 2):
        path.unlink() if damaged is None else path.write_bytes(damaged)
        mended = dataset(tmp_path, tokenizer, rows)
        assert len(built) == n and np.array_equal(mended.ids, ids) and mended.report() == expected.report()
    other = dataset(tmp_path, tokenizer, [record(7)])
    for file in other.cache.iterdir():  # whole, but another's
        (expected.cache / file.name).write_bytes(file.read_bytes())
    assert np.array_equal(dataset(tmp_path, tokenizer, rows).ids, ids)


def test_B26_a_pickle_in_the_cache_is_never_loaded(tmp_path, tokenizer):
    class Payload:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "harm"),)

    data = dataset(tmp_path, tokenizer, [record(1)])
    for file in list(data.cache.iterdir()):
        file.write_bytes(pickle.dumps(Payload()))
    assert len(dataset(tmp_path, tokenizer, [record(1)])) == 1
    assert not (tmp_path / "harm").exists()


def test_B28_memory_does_not_grow_with_the_file(tmp_path, tokenizer, monkeypatch):
    monkeypatch.setattr(sft_files, "CHUNK_BYTES", 20_000)
    peaks = []
    for times in (4, 80):
        rows = lines([record(i) for i in range(10)]) * times
        tracemalloc.start()
        data = dataset(tmp_path / str(times), tokenizer, rows)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert isinstance(data.ids.base, np.memmap) and len(data) == 10 * times
    assert peaks[1] - peaks[0] < len(rows) / 2, peaks


def test_a_full_or_forbidden_cache_folder_is_one_message(tmp_path, tokenizer):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"the data cannot be kept in .*file.* Another folder: --cache_dir"):
        dataset(tmp_path, tokenizer, [record(1)], cache_dir=tmp_path / "file" / "cache")


def test_B32_a_file_that_changes_is_noticed(tmp_path, tokenizer, monkeypatch):
    data = dataset(tmp_path, tokenizer, [record(1)])
    data.check_unchanged()
    (tmp_path / "train.jsonl").write_bytes(lines([record(1), record(2)]))
    with pytest.raises(ValueError, match="changed since the start of the run"):
        data.check_unchanged()

    def changed_meanwhile(*args):
        (tmp_path / "train.jsonl").write_bytes(lines([record(4)]))
        return key(*args)

    key = sft_data.cache_key
    monkeypatch.setattr(sft_data, "cache_key", changed_meanwhile)
    with pytest.raises(ValueError, match=r"train\.jsonl changed while it was read"):
        dataset(tmp_path, tokenizer, [record(3)])


def test_a_worker_process_gets_no_copy_of_the_tokens(tmp_path, tokenizer):
    data = dataset(tmp_path, tokenizer, [record(i % 9, turns=3) for i in range(300)])
    data.tokenizer = None
    pickled = pickle.dumps(data)
    assert len(pickled) < 40 * len(data) + 5000 < data.ids.nbytes / 10
    assert all(a.equal(b) for a, b in zip(pickle.loads(pickled)[7], data[7], strict=True))

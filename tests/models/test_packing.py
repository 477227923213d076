"""Packing: every conversation once, none across a bin's end, little lost, an order that can be resumed."""

import math
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from models import MossTokenizer
from models.packing import PackedDataset, pack
from models.sft_data import SFTDataset
from tests.sft_records import lines, record, write_data

MOSS_MINI = Path(__file__).resolve().parents[2] / "checkpoints" / "moss-mini"


@pytest.fixture(scope="module")
def data(tokenizer, tmp_path_factory) -> SFTDataset:
    """Forty conversations of 80 to 400 tokens."""
    folder = tmp_path_factory.mktemp("packing")
    write_data(folder, lines([record(i, plugins=("Calculate",) * (i % 2), turns=1 + i % 4) for i in range(40)]))
    return SFTDataset(folder, tokenizer, num_workers=0, cache_dir=folder)


def first_fit_decreasing(lengths: np.ndarray, bin_length: int) -> int:
    """Bins that the textbook's method takes."""
    room = []
    for length in sorted(lengths.tolist(), reverse=True):
        place = next((i for i, left in enumerate(room) if left >= length), None)
        if place is None:
            room.append(bin_length - length)
        else:
            room[place] -= length
    return len(room)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=80), st.integers(60, 300), st.integers(0, 2**32 - 1))
def test_every_conversation_is_packed_once_and_no_bin_is_too_full(lengths, bin_length, seed):
    lengths = np.array(lengths)
    members, ends = pack(lengths, bin_length, seed)
    assert sorted(members) == list(range(len(lengths))) and ends[-1] == len(lengths)
    bins = np.split(members, ends[:-1])
    assert all(0 < lengths[part].sum() <= bin_length for part in bins)
    assert len(bins) <= first_fit_decreasing(lengths, bin_length)


@pytest.mark.parametrize("n", [1000, 50_000])
def test_nothing_but_the_last_bin_is_wasted_where_many_fit_into_one(n):
    lengths = np.random.default_rng(0).integers(16, 2049, n)
    assert len(pack(lengths, 8192, 0)[1]) <= math.ceil(lengths.sum() / 8192) + n // 10_000


def test_lengths_that_cannot_fill_a_bin_and_very_short_ones_take_no_longer():
    assert len(pack(np.full(100_000, 10), 2048, 0)[1]) == math.ceil(100_000 / 204)
    assert len(pack(2 * np.arange(1, 5000), 9999, 0)[1]) == math.ceil(2 * sum(range(1, 5000)) / 9998)


def test_B30_the_sample_data_are_packed_with_next_to_no_loss(shared, tmp_path):
    tokenizer = MossTokenizer.from_pretrained(MOSS_MINI)
    sample = SFTDataset(shared / "data" / "moss_003_sft_sample", tokenizer, num_workers=0, cache_dir=tmp_path)
    packed = PackedDataset(sample, 8192, seed=42)
    assert packed.useful >= 0.995 and packed.report() == "136 bins of 8,192 tokens, 99.76 % of them useful"
    one_by_one = PackedDataset(sample, 2048, seed=42, packing=False)
    assert one_by_one.useful < 0.65 and len(one_by_one) == len(sample)


@pytest.mark.parametrize("packing", [True, False])
def test_B29_a_bin_holds_whole_documents_with_their_own_positions_and_labels(packing, data):
    packed = PackedDataset(data, 600, seed=1, packing=packing)
    assert packed.lengths.sum() == data.lengths.sum() and packed.n_loss.sum() == data.n_loss.sum()
    assert (np.diff(packed._ends, prepend=0).max() > 1) == packing
    for i in range(len(packed)):
        item, members = packed[i], packed.conversations(i)
        starts = (item["position_ids"] == 0).nonzero().squeeze(1).tolist()
        assert len(starts) == len(members) and len(item["input_ids"]) == packed.lengths[i]
        assert (item["labels"] != -100).sum() == packed.n_loss[i]
        for start, member in zip(starts, members, strict=True):
            ids, _, labels = data[member]
            span = slice(start, start + len(ids))
            assert item["input_ids"][span].equal(ids) and item["labels"][span].equal(labels)
            assert item["position_ids"][span].equal(torch.arange(len(ids)))
            assert item["labels"][start] == -100  # which the last token of the one before would have to predict
            assert (item["roles"][span] > 0).equal(labels != -100)
    assert [str(tensor.dtype) for tensor in item.values()] == ["torch.int64"] * 2 + ["torch.uint8", "torch.int64"]


def test_B29_the_first_token_is_in_no_loss_even_without_a_meta_instruction(tmp_path, tokenizer):
    bare = [record(i, plugins=()) | {"meta_instruction": ""} for i in range(4)]
    everything = SFTDataset(write_data(tmp_path, lines(bare)), tokenizer, loss_on="all", num_workers=0)
    packed = PackedDataset(everything, 2048, seed=0)
    labels, positions = (
        torch.cat([packed[i][name] for i in range(len(packed))]) for name in ("labels", "position_ids")
    )
    assert (labels == -100).equal(positions == 0) and (labels != -100).sum() == packed.n_loss.sum()


def test_a_batch_is_padded_with_a_document_of_its_own(data):
    packed = PackedDataset(data, 700, seed=1)
    items = [packed[i] for i in range(len(packed))]
    batch = packed.collate_fn(items)
    for row, item in enumerate(items):
        length = len(item["input_ids"])
        for name, tensor in item.items():
            assert batch[name].shape == (len(packed), 700) and batch[name].dtype == tensor.dtype
            assert batch[name][row, :length].equal(tensor)
        assert (batch["labels"][row, length:] == -100).all() and not batch["roles"][row, length:].any()
        assert batch["position_ids"][row, length:].equal(torch.arange(700 - length))


def test_B31_the_order_follows_from_seed_and_epoch_and_every_epoch_has_all(data):
    packed, again, other = (PackedDataset(data, 500, seed) for seed in (3, 3, 4))
    for epoch in range(3):
        order = packed.bins(epoch)
        assert sorted(order) == list(range(len(packed))) and np.array_equal(order, again.bins(epoch))
    assert all(np.array_equal(packed.conversations(i), again.conversations(i)) for i in range(len(packed)))
    assert not np.array_equal(packed.bins(0), packed.bins(1)) and not np.array_equal(packed.bins(0), other.bins(0))
    assert any(set(packed.conversations(i)) != set(other.conversations(i)) for i in range(min(len(packed), len(other))))
    order = packed.bins(0).tolist()
    for workers in (0, 2):  # from the middle on, as after a resume
        loader = DataLoader(packed, sampler=order[3:], batch_size=1, num_workers=workers, collate_fn=packed.collate_fn)
        for index, batch in zip(order[3:], loader, strict=True):
            assert batch["input_ids"][0, : packed.lengths[index]].equal(packed[index]["input_ids"])


def test_a_bin_names_the_rows_in_it_and_travels_to_another_process(data):
    packed = pickle.loads(pickle.dumps(PackedDataset(data, 500, seed=0)))
    assert packed.places(-1) == [data.place(i) for i in packed.conversations(len(packed) - 1)]
    assert all(place.startswith(f"{data.files[0]}:") for place in packed.places(0))
    with pytest.raises(IndexError):
        packed[len(packed)]


def test_a_bin_too_short_for_a_conversation_is_refused(data):
    with pytest.raises(ValueError, match=r"a bin of 100 tokens cannot hold a conversation of \d+; take a longer bin"):
        PackedDataset(data, 100, seed=0)

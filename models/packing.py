"""Conversations packed into bins of a fixed number of tokens, so that training wastes next to none on padding.

The original pads each conversation to the longest of its batch, and 37 % of its tokens are padding. Here several
conversations, each a document of its own, lie one after the other in a bin; `position_ids` begin at 0 with each, which
is also what tells attention where a document begins.

The method is that of cutting stock by patterns (Haessler, "Controlling cutting pattern changes in one-dimensional
trim problems", Operations Research 23, 1975). A pattern says how many conversations of which lengths fill a bin: the
longest one left, and with it those lengths that fill the rest of the bin best, found as a sum of lengths in the bits of
one integer (bit n: the sum n can be reached). A pattern is then used for as many bins as there are conversations for
it. There are hardly more patterns than different lengths, so a million conversations take little longer than
a thousand, and where there are many short ones next to no token is lost. Few long ones, two to a bin, are better
packed without the look ahead, the longest that fits each time; both are tried and the fewer bins taken.

A bin that holds three or more conversations of average length is filled well; one that is as long as the longest
conversation is not, since two of more than half its length never share it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
import torch
from torch.utils.data import Dataset

from .sft_data import IGNORE, IN_LOSS, ROLE, SFTDataset

MAX_LENGTHS = 512  # that `fill` tries to combine; they are rarely all needed


def fill(lengths: list[int], left: dict[int, int], room: int, exactly: bool) -> dict[int, int]:
    """Lengths, with how many of each, that fit into `room` together.

    lengths: those there are, shortest first. left: how many there are of each.
    exactly: those that fill it as well as any; else the longest that fits, again and again.
    """
    chosen: dict[int, int] = {}
    if not exactly:
        while i := bisect_right(lengths, room):
            length = lengths[i - 1]
            if chosen.get(length, 0) == left[length]:
                lengths = lengths[: i - 1]
                continue
            chosen[length] = min(room // length, left[length])
            room -= chosen[length] * length
        return chosen
    fitting = lengths[: bisect_right(lengths, room)]
    sums, full, steps = 1, (1 << room + 1) - 1, []  # bit n of sums: n can be reached
    for length in fitting[:: -(len(fitting) // MAX_LENGTHS + 1)]:
        number, take = min(room // length, left[length]), 1
        while number and not sums >> room & 1:  # 1, 2, 4 … of a length make any number of it
            take = min(take, number)
            steps.append((sums, length, take))
            sums = (sums | sums << length * take) & full
            number, take = number - take, 2 * take
        if sums >> room & 1:
            break
    reached = sums.bit_length() - 1
    for before, length, take in reversed(steps):
        if not before >> reached & 1:
            chosen[length] = chosen.get(length, 0) + take
            reached -= length * take
    return chosen


def find_patterns(lengths: np.ndarray, bin_length: int, exactly: bool) -> list[tuple[dict[int, int], int]]:
    """What fills a bin, {length: how many of it}, and how many bins are filled so; all of lengths (n,) is used up."""
    values, numbers = (array.tolist() for array in np.unique(lengths, return_counts=True))
    left, patterns = dict(zip(values, numbers, strict=True)), []
    while values:
        left[values[-1]] -= 1
        pattern = fill(values, left, bin_length - values[-1], exactly)
        left[values[-1]] += 1
        pattern[values[-1]] = pattern.get(values[-1], 0) + 1
        n_bins = min(left[length] // number for length, number in pattern.items())
        for length, number in pattern.items():
            left[length] -= n_bins * number
            if not left[length]:
                del values[bisect_left(values, length)]
        patterns.append((pattern, n_bins))
    return patterns


def pack(lengths: np.ndarray, bin_length: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Which conversations, of lengths (n,) of at most bin_length tokens, lie together.

    Returns members, int64 (n,), their numbers, bin after bin; and ends, int64 (bins,), where each bin's end in it.
    Which ones of the same length go where is drawn from the seed.
    """
    patterns = min(
        (find_patterns(lengths, bin_length, exactly) for exactly in (True, False)),
        key=lambda patterns: sum(n_bins for _, n_bins in patterns),
    )
    order = np.random.default_rng(seed).permutation(len(lengths))
    order = order[np.argsort(lengths[order], kind="stable")]
    values, first = np.unique(lengths[order], return_index=True)
    next_of = dict(zip(values.tolist(), first.tolist(), strict=True))
    members, sizes = [], []
    for pattern, n_bins in patterns:
        columns = []
        for length, number in pattern.items():
            start = next_of[length]
            next_of[length] += n_bins * number
            columns.append(order[start : next_of[length]].reshape(n_bins, number))
        members.append(np.concatenate(columns, axis=1).ravel())
        sizes += [sum(pattern.values())] * n_bins
    return np.concatenate(members), np.cumsum(sizes)


class PackedDataset(Dataset):
    """A bin of conversations an item; the same bins in every epoch, in another order.

    Args:
        dataset: the conversations.
        bin_length: tokens a bin has room for, no fewer than the longest conversation has. Take several times as many:
            with train_bsz_per_gpu * max_seq_len a bin is what a process takes at a time.
        seed: of who lies with whom, and of the order.
        packing: False puts each conversation into a bin of its own.

    Attributes:
        lengths, n_loss: int64 (bins,), tokens and tokens in the loss of each bin.

    Raises:
        ValueError: bin_length is too small.
    """

    def __init__(self, dataset: SFTDataset, bin_length: int, seed: int, packing: bool = True):
        self.dataset, self.bin_length, self.seed = dataset, bin_length, seed
        lengths = np.asarray(dataset.lengths, dtype=np.int64)
        if (longest := int(lengths.max())) > bin_length:
            raise ValueError(f"a bin of {bin_length} tokens cannot hold a conversation of {longest}; take a longer bin")
        if packing:
            self._members, self._ends = pack(lengths, bin_length, seed)
        else:
            self._members, self._ends = np.arange(len(lengths)), np.arange(1, len(lengths) + 1)
        starts = np.concatenate([[0], self._ends[:-1]])
        self.lengths = np.add.reduceat(lengths[self._members], starts)
        self.n_loss = np.add.reduceat(dataset.n_loss[self._members], starts, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._ends)

    @property
    def useful(self) -> float:
        """The share of all tokens, padding included, that belongs to a conversation."""
        return float(self.lengths.sum() / (len(self) * self.bin_length))

    def report(self) -> str:
        return f"{len(self):,} bins of {self.bin_length:,} tokens, {100 * self.useful:.2f} % of them useful"

    def bins(self, epoch: int) -> np.ndarray:
        """The order of the bins in an epoch (counted from 0), int64 (bins,): a function of seed and epoch alone.

        Position i of epoch e is all that has to be kept to go on from there: `bins(e)[i:]`.
        """
        return np.random.default_rng([self.seed, epoch, 1]).permutation(len(self))

    def conversations(self, index: int) -> np.ndarray:
        """The numbers of the conversations in a bin, as dataset has them."""
        index = range(len(self))[index]
        return self._members[self._ends[index - 1] if index else 0 : self._ends[index]]

    def places(self, index: int) -> list[str]:
        """Where the conversations of a bin come from, as file:line."""
        return [self.dataset.place(i) for i in self.conversations(index)]

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """A bin, without padding: input_ids, labels, position_ids, int64 (T,), and roles, uint8 (T,).

        labels are not shifted: each is the token itself, or -100 outside the loss, where also the first token of each
        document is. position_ids begin at 0 with each document. roles are those of EncodedTurns.
        """
        members, data = self.conversations(index), self.dataset
        spans = [slice(data.starts[i], data.starts[i] + data.lengths[i]) for i in members]
        input_ids = np.concatenate([data.ids[span] for span in spans]).astype(np.int64)
        flags = np.concatenate([data.flags[span] for span in spans])
        position_ids = np.concatenate([np.arange(data.lengths[i]) for i in members])
        labels = np.where((flags & IN_LOSS != 0) & (position_ids > 0), input_ids, IGNORE)
        item = {"input_ids": input_ids, "labels": labels, "roles": flags & ROLE, "position_ids": position_ids}
        return {name: torch.from_numpy(array) for name, array in item.items()}

    def collate_fn(self, items: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
        """Bins to a batch, each tensor (B, bin_length). What pads a bin is a document of its own, outside the loss."""
        padding = {"input_ids": self.dataset.tokenizer.eos_token_id, "labels": IGNORE, "roles": 0}
        batch = {
            name: torch.full((len(items), self.bin_length), padding.get(name, 0), dtype=tensor.dtype)
            for name, tensor in items[0].items()
        }
        for row, item in enumerate(items):
            length = len(item["input_ids"])
            for name, tensor in item.items():
                batch[name][row, :length] = tensor
            batch["position_ids"][row, length:] = torch.arange(self.bin_length - length)
        return batch

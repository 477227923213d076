"""The keys and values of many rows, in memory that is taken once and written in place."""

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import torch
from torch.nn.attention.bias import causal_lower_right
from torch.nn.functional import pad, scaled_dot_product_attention

from .quantization import runs_kernels

SPARE_BYTES = 3 * 2**29  # of a GPU's memory, for what a pass takes besides the cache


def free_bytes(device: torch.device) -> float:
    """Memory of a GPU that can be had, the allocator's own included; infinite elsewhere, where nobody knows."""
    if device.type != "cuda":
        return math.inf
    held = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return torch.cuda.mem_get_info(device)[0] + held


def to_int8(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """x (..., D) -> int8 (..., D) and fp32 (..., 1): integers, and the scale by which they are x again, nearly."""
    x = x.float()
    scale = x.abs().amax(-1, keepdim=True).clamp(min=1e-20) / 127
    return (x / scale).round().to(torch.int8), scale


class KVCache:
    """For each layer keys and values (2, rows, H, positions, D), which grow when more rows or positions are reserved.

    A row is the memory of one sequence; position p of it stands at index p, so nothing is padded or moved. bits: 16,
    numbers of the model's type; or 8, integers with a scale to each key and value of a head, (2, rows, H, positions, 1)
    fp32: half of the memory.
    """

    def __init__(self, n_layer: int, bits: int = 16):
        if bits not in (8, 16):
            raise ValueError(f"keys and values of {bits} bits: allowed are 8, and 16 for the model's own type")
        self.bits = bits
        self.rows = self.positions = 0
        self.layers: list[torch.Tensor | None] = [None] * n_layer  # made when first written to, where its keys are
        self.scales: list[torch.Tensor | None] = [None] * n_layer  # of 8 bits alone
        self.locks: dict[torch.device, torch.Tensor] = {}

    def _held(self) -> Iterator[tuple[list[torch.Tensor | None], int, torch.Tensor]]:
        """All tensors: which list holds it, where in it, and itself."""
        for held in (self.layers, self.scales):
            yield from ((held, i, tensor) for i, tensor in enumerate(held) if tensor is not None)

    def reserve(self, rows: int, positions: int) -> None:
        """Makes room for so many rows of so many positions; what is there stays.

        Raises torch.OutOfMemoryError where there is no room, or too little would be left to use it; nothing is lost
        then.
        """
        rows, positions = max(rows, self.rows), max(positions, self.positions)
        more: dict[torch.device, int] = {}
        for _, _, tensor in self._held():
            grown = tensor.nbytes * rows * positions // (tensor.shape[1] * tensor.shape[3]) - tensor.nbytes
            more[tensor.device] = more.get(tensor.device, 0) + grown
        for device, size in more.items():
            if size and size > free_bytes(device) - SPARE_BYTES:
                raise torch.OutOfMemoryError(f"{size} bytes more of keys and values leave no room on {device}")
        for held, i, tensor in self._held():
            if tensor.shape[1] < rows or tensor.shape[3] < positions:
                larger = tensor.new_zeros(2, rows, tensor.shape[2], positions, tensor.shape[4])
                larger[:, : tensor.shape[1], :, : tensor.shape[3]] = tensor
                held[i] = larger
        self.rows, self.positions = rows, positions
        if any(size and device.type == "cuda" for device, size in more.items()):
            torch.cuda.empty_cache()  # of the smaller ones, which nothing else would fit into

    def copy(self, source: int, target: int, positions: int) -> None:
        """The first positions of a row into another row."""
        for _, _, tensor in self._held():
            tensor[:, target, :, :positions] = tensor[:, source, :, :positions]

    def layer(self, layer_idx: int, like: torch.Tensor, H: int, D: int) -> tuple[torch.Tensor, torch.Tensor | None]:
        """A layer, on the device and in the type of `like`, or of int8; and its scales, of int8."""
        if self.layers[layer_idx] is None:
            shape = 2, self.rows, H, self.positions
            if self.bits == 8:
                self.layers[layer_idx] = like.new_zeros(*shape, D, dtype=torch.int8)
                self.scales[layer_idx] = like.new_zeros(*shape, 1, dtype=torch.float32)
            else:
                self.layers[layer_idx] = like.new_zeros(*shape, D)
        return self.layers[layer_idx], self.scales[layer_idx]

    def locks_for(self, device: torch.device, n: int) -> torch.Tensor:
        """At least n counters of finished programs, int32, zero between any two launches."""
        if device not in self.locks or len(self.locks[device]) < n:
            self.locks[device] = torch.zeros(n, dtype=torch.int32, device=device)
        return self.locks[device]


class Span(NamedTuple):
    """What a row reads in a pass: of all ids that are read those from first on, before last.

    row: its number. length: to how many positions the last of them attends, the one before to one fewer, and so on.
    """

    row: int
    first: int
    last: int
    length: int


def spans_of(chunks: Sequence[Sequence[int]], starts: Sequence[int], rows: Sequence[int]) -> list[Span]:
    """The spans of chunks that rows read, each from its start on."""
    lasts = accumulate(map(len, chunks))
    return [
        Span(row, last - len(chunk), last, start + len(chunk))
        for row, chunk, start, last in zip(rows, chunks, starts, lasts, strict=True)
    ]


class CacheView(NamedTuple):
    """Some rows of a cache during one forward pass, as the blocks use it.

    numbers: which rows, B of them, ascending, and the same as a tensor, rows. positions: int64 (B, T), where the new
    keys and values go. A row attends to its first `length` positions or fewer; the mask says to how many.

    spans: one to a row, where each reads as many ids as it likes, N in all, and `attention` takes the place of the
    model's, without a mask. They are a batch of N or more rows of one id then, of which those behind the Nth are not
    looked at; `rows` has N numbers. The first `shared` positions are the same in all rows, and known before.
    """

    cache: KVCache
    numbers: list[int]
    rows: torch.Tensor
    positions: torch.Tensor
    length: int
    spans: list[Span] | None = None
    shared: int = 0

    def update(self, key: torch.Tensor, value: torch.Tensor, layer_idx: int) -> tuple[torch.Tensor, torch.Tensor]:
        """key, value (B, H, T, D) of a layer are kept; returns those of all positions, (B, H, length, D).

        Where there are `spans`, it returns the layer's two halves, (rows, H, positions, D) each, for `attention`.
        """
        layer, scales = self.cache.layer(layer_idx, key, key.shape[1], key.shape[3])
        if self.spans is not None:
            n = len(self.rows)
            where = self.rows, slice(None), self.positions[:n, 0]
            layer[0][where], layer[1][where] = key[:n, :, 0], value[:n, :, 0]
            return layer.unbind()
        if scales is None:
            self._write(layer, key, value)
            return self._read(layer).unbind()
        (key_int8, key_scale), (value_int8, value_scale) = to_int8(key), to_int8(value)
        self._write(layer, key_int8, value_int8)
        self._write(scales, key_scale, value_scale)
        return (self._read(layer) * self._read(scales)).to(key.dtype).unbind()

    def _write(self, layer: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> None:
        first, last = self.numbers[0], self.numbers[-1] + 1
        if last - first == 1:
            new = slice(self.length - key.shape[2], self.length)
            layer[0, first, :, new], layer[1, first, :, new] = key[0], value[0]
        else:
            where = (self.rows.to(layer.device)[:, None], slice(None), self.positions.to(layer.device))
            layer[0][where], layer[1][where] = key.transpose(1, 2), value.transpose(1, 2)

    def _read(self, layer: torch.Tensor) -> torch.Tensor:
        """(2, B, H, length, ...) of the rows; a view where they are neighbours."""
        filled, first, last = layer[..., : self.length, :], self.numbers[0], self.numbers[-1] + 1
        return filled[:, first:last] if len(self.numbers) == last - first else filled[:, self.rows.to(layer.device)]

    def attention(
        self,
        module: torch.nn.Module,
        query: torch.Tensor,  # (N or more, H, 1, D)
        keys: torch.Tensor,  # (rows, H, positions, D)
        values: torch.Tensor,
        *args: Any,
        scaling: float,
        **kwargs: Any,
    ) -> tuple[torch.Tensor, None]:
        """Attention of many rows on a CPU, (N or more, 1, H, D): of each row what it knows is read, and nothing else.

        A step of many rows takes as long as reading their keys and values. One call for all would read each row, and
        free ones between them, to the end of the longest. What the rows have in common, the meta instruction of chats,
        is read from the first of them, for the queries of all; the two parts are then weighted by the sums of their
        exponentials.
        """
        flash = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu  # sdpa's, but tells the logarithm of the sum
        n, n_more = self.shared, len(query) - len(self.rows)
        query = query[: len(self.rows)].transpose(0, 2)  # (1, H, N, D)
        own = []
        for row, first, last, length in self.spans:
            keys_values = (x[row : row + 1, :, n:length] for x in (keys, values))
            mask = None
            if (count := last - first) > 1:
                mask = query.new_full((count, length - n), -torch.inf).triu_(length - n - count + 1)
            own.append(flash(query[:, :, first:last], *keys_values, attn_mask=mask, scale=scaling))
        output, log_sum = (torch.cat(parts, dim=2) for parts in zip(*own, strict=True))  # (1, H, N, D), (1, H, N)
        if n:
            one = slice(self.spans[0].row, self.spans[0].row + 1)
            common, log_common = flash(query, keys[one, :, :n], values[one, :, :n], scale=scaling)
            output = output.lerp(common, (log_common - log_sum).sigmoid()[..., None].to(output.dtype))
        return pad(output, (0, 0, 0, n_more)).permute(2, 0, 1, 3), None

    @property
    def one_each(self) -> bool:
        """Whether each row reads one id."""
        return self.positions.shape[1] == 1

    def has_kernels(self, hidden_states: torch.Tensor) -> bool:
        """Whether `attend` and `norm` run for a block that is given hidden_states (B, T, E)."""
        return (hidden_states.shape[1] == 1 or hidden_states.shape[0] == 1) and runs_kernels(hidden_states)

    def attend(
        self,
        qkv: torch.Tensor,
        rotary: tuple[torch.Tensor, torch.Tensor],
        layer_idx: int,
        n_head: int,
        heads_per_quarter: int,
        inner: torch.Tensor | None = None,
        bias: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """qkv (M, 3E) -> attention (M, E), of one id of each row, or of many ids of one row.

        Keys and values are kept, as in `update`. rotary: cos and sin (B, T, 1, R/2). inner (M, n_inner), where each row
        has one id: the result is (M, E + n_inner), gelu_new(inner + bias) beside the attention.
        """
        from .attend_kernel import attend, keep  # needs triton

        layer, scales = self.cache.layer(layer_idx, qkv, n_head, qkv.shape[-1] // 3 // n_head)
        rows, positions = self.rows.to(qkv.device), self.positions.to(qkv.device).flatten()
        angles = tuple(x.reshape(len(qkv), -1) for x in rotary)
        if inner is not None:
            locks = self.cache.locks_for(qkv.device, len(qkv) * n_head)
            return attend(qkv, inner, angles, layer, rows, positions, locks, scales, bias, heads_per_quarter)
        query = (
            keep(qkv, angles, layer, rows, positions, scales, heads_per_quarter)
            .view(1, len(qkv), n_head, -1)
            .transpose(1, 2)
        )
        keys_values = self._read(layer)
        if scales is not None:
            keys_values = keys_values.to(qkv.dtype) * self._read(scales).to(qkv.dtype)
        mask = causal_lower_right(len(qkv), self.length)  # with it no matrix is made, and flash attention runs
        attended = scaled_dot_product_attention(query, *keys_values, attn_mask=mask)
        return attended.transpose(1, 2).reshape(len(qkv), -1)

    def norm(
        self, x: torch.Tensor, layer: torch.nn.LayerNorm, added: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """layer of x (M, E), and x + added (E)."""
        from .attend_kernel import norm  # needs triton

        return norm(x, layer, added)

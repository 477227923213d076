"""The keys and values of many rows, in memory that is taken once and written in place."""

import math
from typing import Any, NamedTuple

import torch

from .quantization import runs_kernels

SPARE_BYTES = 3 * 2**29  # of a GPU's memory, for what a pass takes besides the cache


def free_bytes(device: torch.device) -> float:
    """Memory of a GPU that can be had, the allocator's own included; infinite elsewhere, where nobody knows."""
    if device.type != "cuda":
        return math.inf
    held = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return torch.cuda.mem_get_info(device)[0] + held


class KVCache:
    """For each layer keys and values (2, rows, H, positions, D), which grow when more rows or positions are reserved.

    A row is the memory of one sequence; position p of it stands at index p, so nothing is padded or moved.
    """

    def __init__(self, n_layer: int):
        self.rows = self.positions = 0
        self.layers: list[torch.Tensor | None] = [None] * n_layer  # made when first written to, where its keys are
        self.locks: dict[torch.device, torch.Tensor] = {}

    def reserve(self, rows: int, positions: int) -> None:
        """Makes room for so many rows of so many positions; what is there stays.

        Raises torch.OutOfMemoryError where there is no room, or too little would be left to use it; nothing is lost
        then.
        """
        rows, positions = max(rows, self.rows), max(positions, self.positions)
        more: dict[torch.device, int] = {}
        for layer in self.layers:
            if layer is not None:
                grown = layer.nbytes * rows * positions // (layer.shape[1] * layer.shape[3]) - layer.nbytes
                more[layer.device] = more.get(layer.device, 0) + grown
        for device, size in more.items():
            if size and size > free_bytes(device) - SPARE_BYTES:
                raise torch.OutOfMemoryError(f"{size} bytes more of keys and values leave no room on {device}")
        for i, layer in enumerate(self.layers):
            if layer is not None and (layer.shape[1] < rows or layer.shape[3] < positions):
                larger = layer.new_zeros(2, rows, layer.shape[2], positions, layer.shape[4])
                larger[:, : layer.shape[1], :, : layer.shape[3]] = layer
                self.layers[i] = larger
        self.rows, self.positions = rows, positions

    def copy(self, source: int, target: int, positions: int) -> None:
        """The first positions of a row into another row."""
        for layer in self.layers:
            if layer is not None:
                layer[:, target, :, :positions] = layer[:, source, :, :positions]

    def layer(self, layer_idx: int, like: torch.Tensor, H: int, D: int) -> torch.Tensor:
        """A layer, on the device and in the type of `like`."""
        if self.layers[layer_idx] is None:
            self.layers[layer_idx] = like.new_zeros(2, self.rows, H, self.positions, D)
        return self.layers[layer_idx]

    def locks_for(self, device: torch.device, n: int) -> torch.Tensor:
        """At least n counters of finished programs, int32, zero between any two launches."""
        if device not in self.locks or len(self.locks[device]) < n:
            self.locks[device] = torch.zeros(n, dtype=torch.int32, device=device)
        return self.locks[device]


class CacheView(NamedTuple):
    """Some rows of a cache during one forward pass, as the blocks use it.

    numbers: which rows, B of them, ascending, and the same as a tensor, rows. positions: int64 (B, T), where the new
    keys and values go. A row attends to its first `length` positions or fewer; the mask says to how many.

    lengths: where each row reads one id, to how many positions it attends; then `attention` takes the place of the
    model's, without a mask. The first `shared` positions are the same in all rows.
    """

    cache: KVCache
    numbers: list[int]
    rows: torch.Tensor
    positions: torch.Tensor
    length: int
    lengths: list[int] | None = None
    shared: int = 0

    def update(self, key: torch.Tensor, value: torch.Tensor, layer_idx: int) -> tuple[torch.Tensor, torch.Tensor]:
        """key, value (B, H, T, D) of a layer are kept; returns those of all positions, (B, H, length, D).

        Where there are `lengths`, it returns the layer's two halves, (rows, H, positions, D) each, for `attention`.
        """
        layer = self.cache.layer(layer_idx, key, key.shape[1], key.shape[3])
        first, last = self.numbers[0], self.numbers[-1] + 1
        if last - first == 1:
            new = slice(self.length - key.shape[2], self.length)
            layer[0, first, :, new], layer[1, first, :, new] = key[0], value[0]
        else:
            rows = self.rows.to(layer.device)
            where = (rows[:, None], slice(None), self.positions.to(layer.device))
            layer[0][where], layer[1][where] = key.transpose(1, 2), value.transpose(1, 2)
        if self.lengths is not None:
            return layer[0], layer[1]
        filled = layer[..., : self.length, :]
        together = len(self.numbers) == last - first  # then a view is enough
        keys, values = filled[:, first:last] if together else filled[:, rows]
        return keys, values

    def attention(
        self,
        module: torch.nn.Module,
        query: torch.Tensor,  # (B, H, 1, D)
        keys: torch.Tensor,  # (rows, H, positions, D)
        values: torch.Tensor,
        *args: Any,
        scaling: float,
        **kwargs: Any,
    ) -> tuple[torch.Tensor, None]:
        """Attention of a step on a CPU, (B, 1, H, D): of each row what it knows is read, and nothing else.

        A step of many rows takes as long as reading their keys and values. One call for all would read each row, and
        free ones between them, to the end of the longest. What the rows have in common, the meta instruction of chats,
        is read from the first of them, for the queries of all; the two parts are then weighted by the sums of their
        exponentials.
        """
        flash = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu  # sdpa's, but tells the logarithm of the sum
        n = self.shared
        own = [
            flash(query[i : i + 1], keys[row : row + 1, :, n:length], values[row : row + 1, :, n:length], scale=scaling)
            for i, (row, length) in enumerate(zip(self.numbers, self.lengths, strict=True))
        ]
        output, log_sum = (torch.cat(parts) for parts in zip(*own, strict=True))  # (B, H, 1, D), (B, H, 1)
        if n:
            first = slice(self.numbers[0], self.numbers[0] + 1)
            common, log_common = flash(query.transpose(0, 2), keys[first, :, :n], values[first, :, :n], scale=scaling)
            weight = (log_common.transpose(0, 2) - log_sum).sigmoid()
            output = output.lerp(common.transpose(0, 2), weight[..., None].to(output.dtype))
        return output.transpose(1, 2), None

    def has_kernel(self, hidden_states: torch.Tensor) -> bool:
        """Whether `attend` runs for a block that is given hidden_states (B, T, E)."""
        return hidden_states.shape[1] == 1 and runs_kernels(hidden_states)

    def attend(
        self,
        qkv: torch.Tensor,
        inner: torch.Tensor,
        rotary: tuple[torch.Tensor, torch.Tensor],
        layer_idx: int,
        n_head: int,
    ) -> torch.Tensor:
        """qkv (B, 1, 3E) and inner (B, 1, n_inner) -> (B, 1, E + n_inner): attention, and gelu_new(inner).

        Keys and values are kept, as in `update`. rotary: cos and sin (B, 1, 1, R/2).
        """
        from .attend_kernel import attend  # needs triton

        B, E = len(qkv), qkv.shape[-1] // 3
        layer = self.cache.layer(layer_idx, qkv, n_head, E // n_head)
        rows, positions = self.rows.to(qkv.device), self.positions.to(qkv.device)
        locks = self.cache.locks_for(qkv.device, B * n_head)
        angles = tuple(x.view(B, -1) for x in rotary)
        out = attend(qkv[:, 0], inner[:, 0], angles, layer, rows, positions[:, 0].contiguous(), locks)
        return out[:, None]

    def norm(self, hidden_states: torch.Tensor, layer: torch.nn.LayerNorm) -> torch.Tensor:
        """layer of hidden_states (B, 1, E), where there is a kernel."""
        from .attend_kernel import norm  # needs triton

        return norm(hidden_states[:, 0], layer)[:, None]

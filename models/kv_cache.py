"""The keys and values of many rows, in memory that is taken once and written in place."""

from typing import NamedTuple

import torch


class KVCache:
    """For each layer keys and values (rows, H, positions, D), which grow when more rows or positions are reserved.

    A row is the memory of one sequence; position p of it stands at index p, so nothing is padded or moved.
    """

    def __init__(self, n_layer: int):
        self.rows = self.positions = 0
        self.layers: list[torch.Tensor | None] = [None] * n_layer  # (2, rows, H, positions, D)

    def reserve(self, rows: int, positions: int) -> None:
        """Makes room for so many rows of so many positions; what is there stays.

        Raises torch.OutOfMemoryError where there is no room; then everything is as it was, but for what stands in
        layers that have grown already: more room.
        """
        rows, positions = max(rows, self.rows), max(positions, self.positions)
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


class CacheView(NamedTuple):
    """Some rows of a cache during one forward pass, as the attention layers use it.

    rows: list of B, ascending; positions: int64 (B, T), where the new keys and values go. A row attends to its first
    `length` positions or fewer; the mask says to how many.
    """

    cache: KVCache
    rows: list[int]
    positions: torch.Tensor
    length: int

    def update(self, key: torch.Tensor, value: torch.Tensor, layer_idx: int) -> tuple[torch.Tensor, torch.Tensor]:
        """key, value (B, H, T, D) of a layer are kept; returns those of all positions, (B, H, length, D)."""
        layer = self.cache.layers[layer_idx]
        if layer is None:
            shape = (2, self.cache.rows, key.shape[1], self.cache.positions, key.shape[3])
            layer = self.cache.layers[layer_idx] = key.new_zeros(shape)
        first, last = self.rows[0], self.rows[-1] + 1
        together = len(self.rows) == last - first  # then a view is enough
        rows = torch.tensor(self.rows, device=layer.device)
        where = (rows[:, None], slice(None), self.positions.to(layer.device))
        layer[0][where] = key.transpose(1, 2)
        layer[1][where] = value.transpose(1, 2)
        filled = layer[..., : self.length, :]
        keys, values = filled[:, first:last] if together else filled[:, rows]
        return keys, values

"""Checkpoints read and written piece by piece, for scripts that never hold a whole model.

`ShardReader` gives the tensors of a folder by name, from safetensors or legacy .bin files, in one file or in shards.
`ShardWriter` writes a folder under a hidden name beside the place that it will take, so that a folder which has its
name is whole.
"""

import contextlib
import functools
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from .checkpoint import names_checkpoint, weight_files

ONE_FILE = 2 << 30  # up to so many bytes the weights become one file; above, the shards stay and get an index


def local_folder(name: str) -> Path:
    """The folder of a checkpoint, downloaded first where name is one on the hub.

    Raises ValueError where it is neither a folder nor can be a name on the hub.
    """
    if not names_checkpoint(name):
        raise ValueError(f"{name} is neither a folder nor a name on the hub (owner/name)")
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "*.bin", "*.txt", "*.jinja"]))


def all_finite(x: torch.Tensor) -> bool:
    """Whether none of the numbers is NaN or infinite. Makes no tensors, as isfinite does, which takes a CPU 14 times as
    long."""
    return not x.numel() or all(extreme.isfinite() for extreme in x.aminmax())  # NaN is both extremes


class ShardReader:
    """The tensors of a checkpoint folder by name, each read when it is asked for; `bytes` is the size of the files."""

    def __init__(self, folder: Path):
        self.files: dict[str, Callable[[], torch.Tensor]] = {}
        self.bytes = 0
        for file in weight_files(folder):
            self.bytes += file.stat().st_size
            if file.suffix == ".safetensors":
                opened = safe_open(file, framework="pt")
                names, get = opened.keys(), opened.get_tensor
            else:  # mmap leaves the tensors on disk; files from before torch 1.6 are no zip, and cannot be mapped
                mapped = torch.load(file, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(file))
                names, get = mapped.keys(), mapped.__getitem__
            for name in names:  # a MossModel saved alone has no "transformer." in its names
                full = name if name.startswith(("transformer.", "lm_head.")) else f"transformer.{name}"
                self.files[full] = functools.partial(get, name)

    def __contains__(self, name: str) -> bool:
        return name in self.files

    def __getitem__(self, name: str) -> torch.Tensor:
        return self.files[name]().contiguous()

    def under(self, prefix: str) -> dict[str, torch.Tensor]:
        """The tensors whose names begin with prefix, under the rest of their names."""
        names = [name for name in self.files if name.startswith(prefix) and not name.endswith(".causal_mask")]
        return {name.removeprefix(prefix): self[name] for name in names}


@contextlib.contextmanager
def atomically(path: Path) -> Iterator[Path]:
    """Gives a name to write to, and puts the file in its place when it is whole and on the disk."""
    temporary = path.with_name(path.name + ".tmp")
    yield temporary
    with open(temporary, "rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)


def write_json(path: Path, content: Any) -> None:
    with atomically(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


class ShardWriter:
    """A checkpoint that is being written to a hidden folder, .NAME.suffix beside the `place` that it will take.

    Shard 0 is the embedding, then one for each block, and the last is the output layer.
    """

    def __init__(self, place: Path, suffix: str, n_layer: int):
        self.place = place
        self.folder = place.parent / f".{place.name}.{suffix}"
        self.n_shards = n_layer + 2

    def shard(self, index: int) -> Path:
        return self.folder / f"model-{index + 1:05d}-of-{self.n_shards:05d}.safetensors"

    def write_shard(self, index: int, tensors: dict[str, torch.Tensor]) -> None:
        with atomically(self.shard(index)) as temporary:
            save_file({name: x.cpu().contiguous() for name, x in tensors.items()}, temporary, {"format": "pt"})

    def join(self) -> int:
        """Writes one file of all shards, or an index where they are too large for that; returns their size in bytes."""
        shards = [self.shard(i) for i in range(self.n_shards)]
        size = sum(path.stat().st_size for path in shards)
        if size <= ONE_FILE:
            tensors = {name: x for path in shards for name, x in load_file(path).items()}
            with atomically(self.folder / "model.safetensors") as temporary:
                save_file(tensors, temporary, {"format": "pt"})
        else:
            weight_map = {}
            for path in shards:
                with safe_open(path, framework="pt") as opened:
                    weight_map |= dict.fromkeys(opened.keys(), path.name)
            index = {"metadata": {"total_size": size}, "weight_map": dict(sorted(weight_map.items()))}
            write_json(self.folder / "model.safetensors.index.json", index)
        return size

    def take_place(self) -> None:
        """Gives the folder its name; what has that name is deleted first. Shards that were joined go last."""
        for path in self.folder.glob("*.safetensors"):  # safetensors makes files that their owner alone may read
            shutil.copymode(self.folder / "config.json", path)
        if self.place.is_dir():
            shutil.rmtree(self.place)
        self.folder.rename(self.place)
        if (self.place / "model.safetensors").is_file():
            for i in range(self.n_shards):
                (self.place / self.shard(i).name).unlink()

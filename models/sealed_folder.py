"""Folders that are complete or not there: written aside, listed with checksums, synced to disk, renamed into place.

`seal` publishes such a folder and `damage` says what is wrong with one. `built_once` is a cache made of them: many
processes may ask for the same folder, one of them builds it while the others wait, and one that a crash, a full disk or
another program spoiled is built anew.

A rename is atomic, but outlives a power loss only if the files, their folder and the folder above it are synced, in
that order (Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014).
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from filelock import FileLock

MANIFEST = "manifest.json"
PIECE_BYTES = 8 << 20  # of a file, hashed at a time
HASHING_THREADS = min(16, os.cpu_count() or 1)  # each does 0.4 GB a second


def seal(unfinished: Path, folder: Path) -> None:
    """Lists the files of `unfinished` with size and checksum, syncs all, and renames it to `folder`.

    Raises OSError where `folder` exists and holds something.
    """
    files = sorted(path for path in unfinished.rglob("*") if path.is_file())
    listed = {
        path.relative_to(unfinished).as_posix(): {"bytes": path.stat().st_size, "blake2b": checksum(path)}
        for path in files
    }
    (unfinished / MANIFEST).write_text(json.dumps(listed, indent=2), encoding="utf-8")
    folders = [path for path in unfinished.rglob("*") if path.is_dir()]
    for path in [*files, unfinished / MANIFEST, *folders, unfinished]:
        sync(path)
    unfinished.rename(folder)
    sync(folder.parent)


def damage(folder: Path) -> str | None:
    """What is wrong with a sealed folder: a file is missing, shorter or altered; None where all is as it was sealed."""
    try:
        for name, expected in json.loads((folder / MANIFEST).read_text(encoding="utf-8")).items():
            if (size := (folder / name).stat().st_size) != expected["bytes"]:
                return f"{name} has {size} bytes in place of {expected['bytes']}"
            if checksum(folder / name) != expected["blake2b"]:
                return f"{name} is not what was written: its checksum differs"
    except OSError as error:
        return f"{Path(error.filename or MANIFEST).name} cannot be read: {error.strerror}"
    except (ValueError, TypeError, KeyError, AttributeError):
        return f"{MANIFEST} is damaged"
    return None


def checksum(path: Path) -> str:
    """BLAKE2b of the BLAKE2b of the file's pieces, several of which are read and hashed at a time."""

    def of_piece(start: int) -> bytes:
        with open(path, "rb") as file:
            file.seek(start)
            return hashlib.blake2b(file.read(PIECE_BYTES), digest_size=32).digest()

    with ThreadPoolExecutor(HASHING_THREADS) as pool:
        pieces = pool.map(of_piece, range(0, path.stat().st_size, PIECE_BYTES))
        return hashlib.blake2b(b"".join(pieces), digest_size=32).hexdigest()


def sync(path: Path) -> None:
    """Waits until a file, or the list of a folder's files, is on the disk."""
    if path.is_dir() and os.name == "nt":  # Windows opens no folders
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def built_once(root: Path, key: dict[str, str | int], build: Callable[[Path], None]) -> Path:
    """The sealed folder in `root` that belongs to `key`: the one that is there, or else what `build(folder)` writes.

    key: all that the content depends on; it is kept in key.json.

    Raises whatever `build` raises; nothing is left of the attempt then.
    """
    key_text = json.dumps(key, sort_keys=True).encode()
    name = hashlib.blake2b(key_text, digest_size=16).hexdigest()
    folder, unfinished = root / name, root / f".{name}.unfinished"

    def usable() -> bool:
        key_file = folder / "key.json"
        return key_file.is_file() and key_file.read_bytes() == key_text and damage(folder) is None

    if usable():
        return folder
    root.mkdir(parents=True, exist_ok=True)
    with FileLock(root / f".{name}.lock"):  # the system releases it when its process dies
        if usable():
            return folder
        for leftover in (unfinished, folder):
            shutil.rmtree(leftover, ignore_errors=True)
        unfinished.mkdir()
        try:
            build(unfinished)
            (unfinished / "key.json").write_bytes(key_text)
            seal(unfinished, folder)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    return folder

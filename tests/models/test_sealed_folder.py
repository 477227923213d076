"""Folders that are complete or not there, whatever happens while they are written."""

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from models import sealed_folder
from models.sealed_folder import built_once, damage, seal

FORK = multiprocessing.get_context("fork") if hasattr(os, "fork") else None
needs_fork = pytest.mark.skipif(FORK is None, reason="needs os.fork")


def write(folder: Path) -> None:
    (folder / "a.bin").write_bytes(bytes(100))
    (folder / "deeper").mkdir()
    (folder / "deeper" / "b.txt").write_text("b")
    (folder / "empty").write_bytes(b"")


def test_damage_names_the_file(tmp_path):
    (tmp_path / "new").mkdir()
    write(tmp_path / "new")
    seal(tmp_path / "new", tmp_path / "done")
    assert not (tmp_path / "new").exists() and damage(tmp_path / "done") is None
    (tmp_path / "done" / "deeper" / "b.txt").write_text("c")
    assert damage(tmp_path / "done") == "deeper/b.txt is not what was written: its checksum differs"
    (tmp_path / "done" / "a.bin").write_bytes(bytes(99))
    assert damage(tmp_path / "done") == "a.bin has 99 bytes in place of 100"
    (tmp_path / "done" / "a.bin").unlink()
    assert "a.bin cannot be read: No such file" in damage(tmp_path / "done")
    for text in ("", "[]", '{"a.bin": 3}', '{"a.bin": {}}', "\0"):
        (tmp_path / "done" / "manifest.json").write_text(text)
        assert damage(tmp_path / "done")
    assert "cannot be read" in damage(tmp_path / "nowhere")


def test_a_checksum_sees_every_piece_of_a_long_file(tmp_path, monkeypatch):
    monkeypatch.setattr(sealed_folder, "PIECE_BYTES", 1000)
    path, sums = tmp_path / "long", set()
    for changed_at in (None, 0, 999, 1000, 4500, 9999):
        content = bytearray(10_000)
        if changed_at is not None:
            content[changed_at] = 1
        path.write_bytes(content)
        sums.add(sealed_folder.checksum(path))
    assert len(sums) == 6


def test_everything_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(sealed_folder, "sync", lambda path: synced.append((path.name, (tmp_path / "done").exists())))
    (tmp_path / "new").mkdir()
    write(tmp_path / "new")
    seal(tmp_path / "new", tmp_path / "done")
    names = ["a.bin", "b.txt", "empty", "manifest.json", "deeper", "new"]
    assert synced == [(name, False) for name in names] + [(tmp_path.name, True)]


@needs_fork
def test_B25_of_many_processes_one_builds_and_all_get_it(tmp_path):
    def build(folder: Path) -> None:
        with open(tmp_path / "builds", "a") as file:
            file.write("x")
        write(folder)

    def run() -> None:
        assert (built_once(tmp_path / "cache", {"a": 1}, build) / "a.bin").stat().st_size == 100

    processes = [FORK.Process(target=run) for _ in range(6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 6
    assert (tmp_path / "builds").read_text() == "x"


@needs_fork
@pytest.mark.parametrize("where", ["in the first file", "before the seal", "before the rename"])
def test_B25_a_builder_that_is_killed_leaves_nothing_that_counts(where, tmp_path, monkeypatch):
    def die(*args) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def build(folder: Path) -> None:
        write(folder)
        if where == "in the first file":
            (folder / "a.bin").write_bytes(b"half")
            die()

    def run() -> None:
        if where == "before the seal":
            sealed_folder.seal = die
        if where == "before the rename":
            Path.rename = die
        built_once(tmp_path, {"a": 1}, build)

    process = FORK.Process(target=run)
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert not [path for path in tmp_path.iterdir() if not path.name.startswith(".")]
    folder = built_once(tmp_path, {"a": 1}, write)
    assert (folder / "a.bin").read_bytes() == bytes(100) and damage(folder) is None
    assert not list(tmp_path.glob("*.unfinished"))


def test_a_build_that_fails_leaves_nothing_and_the_next_may_succeed(tmp_path):
    def fail(folder: Path) -> None:
        write(folder)
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        built_once(tmp_path, {"a": 1}, fail)
    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]
    assert damage(built_once(tmp_path, {"a": 1}, write)) is None

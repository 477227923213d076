"""Conversations and data folders for the tests of fine-tuning."""

import json
from pathlib import Path

from models.conversation_moss import Conversation


def record(number: int = 0, plugins: tuple[str, ...] = ("Calculate",), turns: int = 1) -> dict:
    """A conversation about sums; no two numbers give the same one."""
    conversation = Conversation(meta_instruction="Be MOSS.\n- Inner thoughts: enabled.\n- Calculator: enabled.\n")
    if not plugins:
        conversation = Conversation(meta_instruction="Be MOSS.\n")
    for turn in range(turns):
        conversation.add("Human", f"What is {number}+{turn}?")
        if plugins:
            conversation.add("Inner Thoughts", "I add." * (number % 3 + 1))
            conversation.add("Commands", f'Calculate("{number}+{turn}")')
            conversation.add("Results", f"Calculate(\"{number}+{turn}\") => '{number + turn}'")
        conversation.add("MOSS", f"It is {number + turn}." + " Really." * (number % 5))
    return conversation.to_record()


def lines(records: list) -> bytes:
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records).encode()


def write_data(folder: Path, train_bytes: bytes, val_bytes: bytes | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "train.jsonl").write_bytes(train_bytes)
    if val_bytes is not None:
        (folder / "val.jsonl").write_bytes(val_bytes)
    return folder

"""The terminal chat: pipes, commands, interrupts, escape sequences, bad flags. One real process a way of running."""

import io
import json
import os
import pty
import select
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from rich.console import Console

import moss_cli_demo
from models.conversation_moss import Conversation, Part
from moss_inference import Inference
from plugins import Image, Link

ROOT = Path(__file__).resolve().parents[1]


class FakeInfer:
    """Answers every message with the given parts, as Inference.chat does."""

    plugins = ("Calculate", "Solve")

    def __init__(self, *pieces, error=None):
        self.pieces, self.error = pieces or (Part("MOSS", " yes"),), error

    def chat(self, conversation, **paras):
        if self.error:
            raise self.error
        try:
            yield from self.pieces
        finally:
            while conversation.next_role != "Human":
                conversation.add(conversation.next_role, "yes")


def chat_with(infer, **options) -> tuple[moss_cli_demo.Chat, io.StringIO]:
    screen = io.StringIO()
    return moss_cli_demo.Chat(infer, Console(file=screen), infer.plugins, **options), screen


# --- in one process ---------------------------------------------------------------------------------------------------


def test_E11_escape_sequences_of_the_model_do_not_reach_the_terminal():
    evil = "a\x1b]0;title\x07b\x1b[2Jc\x9b31md\u202ee\r\x08"
    assert moss_cli_demo.harmless(evil) == "a]0;titleb[2Jc31mde"
    chat, screen = chat_with(FakeInfer(Part("Inner Thoughts", evil), Part("Results", evil), Part("MOSS", evil)))
    chat.say("hi")
    assert not set(screen.getvalue()) & set("\x1b\x07\x9b\u202e\r\x08")


def test_markup_in_an_answer_is_shown_as_it_is():
    chat, screen = chat_with(FakeInfer(Part("MOSS", " [bold]x[/bold] :smile: [link=http://a]")))
    chat.say("hi")
    assert "MOSS: [bold]x[/bold] :smile: [link=http://a]" in screen.getvalue()


def test_thoughts_and_commands_are_shown_and_can_be_hidden():
    parts = Part("Inner Thoughts", " I add."), Part("Results", "Calculate(\"1+1\") => '2'"), Part("MOSS", " 2")
    chat, screen = chat_with(FakeInfer(*parts))
    chat.say("1+1")
    assert "I add." in screen.getvalue() and "=> '2'" in screen.getvalue()
    chat, screen = chat_with(FakeInfer(*parts), show_thoughts=False)
    chat.say("1+1")
    assert screen.getvalue().strip() == "MOSS: 2"


def test_parts_that_say_none_are_not_shown_however_they_are_cut():
    pieces = [Part("Inner Thoughts", piece) for piece in (" ", "No", "ne")]
    chat, screen = chat_with(FakeInfer(*pieces, Part("Results", "None"), Part("MOSS", " "), Part("MOSS", " a b")))
    chat.say("hi")
    assert screen.getvalue() == "MOSS: a b\n"
    pieces = [Part("Inner Thoughts", piece) for piece in (" No", "te", " ", "1")]
    chat, screen = chat_with(FakeInfer(*pieces, Part("Results", "A(1)"), Part("MOSS", " 2")))
    chat.say("hi")
    assert screen.getvalue() == "Note 1\nA(1)\nMOSS: 2\n"


def test_interrupt_stops_the_answer_and_keeps_the_chat():
    class Interrupted(FakeInfer):
        def chat(self, conversation, **paras):
            yield Part("MOSS", " one")
            conversation.add("Inner Thoughts", "None")
            conversation.add("Commands", "None")
            conversation.add("Results", "None")
            conversation.add("MOSS", "one")
            raise KeyboardInterrupt

    chat, screen = chat_with(Interrupted())
    assert chat.say("hi")
    assert "one [stopped]" in screen.getvalue() and chat.conversation.next_role == "Human"


def test_interrupt_just_behind_an_answer_does_not_end_the_chat(monkeypatch):
    def interrupted(message):
        raise KeyboardInterrupt

    chat, screen = chat_with(FakeInfer())
    messages = iter(["one", None])
    monkeypatch.setattr(moss_cli_demo, "read_message", lambda interactive: next(messages))
    monkeypatch.setattr(chat, "say", interrupted)
    moss_cli_demo.run(chat, True)
    assert "to leave" in screen.getvalue()


def test_E10_interrupt_just_behind_the_taking_of_the_engines_lock(tiny_model_dir):
    class Interrupting(threading.Condition):
        def __enter__(self):
            super().__enter__()
            if threading.current_thread() is threading.main_thread():
                signal.raise_signal(signal.SIGINT)

    infer = Inference(model_dir=tiny_model_dir, device_map="cpu")
    chat, screen = chat_with(infer, paras={"max_iterations": 500, "temperature": 10, "top_p": 1})
    infer.engine._changed = Interrupting()
    assert chat.say("hi")
    assert "[stopped]" in screen.getvalue() and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    other = threading.Thread(target=infer, args=("hi", {"max_iterations": 1}), daemon=True)
    other.start()
    other.join(30)
    assert not other.is_alive()


def test_E10_interrupt_ends_a_file_of_questions():
    class Interrupted(FakeInfer):
        def chat(self, conversation, **paras):
            yield Part("MOSS", " one")
            signal.raise_signal(signal.SIGINT)
            yield Part("MOSS", " two")

    chat, screen = chat_with(Interrupted(), interactive=False)
    with pytest.raises(SystemExit) as left:
        chat.say("hi")
    assert left.value.code == 130 and screen.getvalue() == "MOSS: one [stopped]\n"


def test_refused_message_leaves_the_conversation_as_it_was():
    chat, screen = chat_with(FakeInfer(error=ValueError("the message is 9000 tokens long")))
    assert not chat.say("long")
    assert screen.getvalue() == "error: the message is 9000 tokens long\n" and chat.conversation.parts == []


def test_undo_and_retry():
    chat, _ = chat_with(FakeInfer())
    chat.say("one")
    chat.say("two")
    chat.command("/retry")
    assert [turn[0].text for turn in chat.conversation.turns] == ["one", "two"]
    chat.command("/undo")
    assert [turn[0].text for turn in chat.conversation.turns] == ["one"]


def test_retry_without_a_new_answer_keeps_the_old_one():
    class Interrupted(FakeInfer):
        def chat(self, conversation, **paras):
            conversation.pop_turn()
            yield Part("Inner Thoughts", " one")
            raise KeyboardInterrupt

    for broken in (FakeInfer(error=MemoryError("the memory is full")), Interrupted()):
        chat, _ = chat_with(FakeInfer())
        chat.say("one")
        before = list(chat.conversation.parts)
        chat.infer = broken
        chat.command("/retry")
        assert chat.conversation.parts == before


def test_save_and_load_round_trip(tmp_path):
    chat, screen = chat_with(FakeInfer())
    chat.say("one")
    path = tmp_path / "聊天 1.json"
    chat.command(f"/save {path}")
    other, _ = chat_with(FakeInfer())
    other.command(f"/load {path}")
    assert other.conversation.text() == chat.conversation.text()
    assert Conversation.from_record(json.loads(path.read_text(encoding="utf-8"))).turns
    (tmp_path / "nested").write_text("[" * 100_000)
    bad_files = ROOT / "README.md", tmp_path / "nested"
    for bad in ("/load", "/load no/such/file", *(f"/load {file}" for file in bad_files), "/save", f"/save {tmp_path}"):
        before = other.conversation
        other.command(bad)
        assert other.conversation is before
    assert "error" not in screen.getvalue()


def test_plugins_and_system_change_the_meta_instruction():
    chat, screen = chat_with(FakeInfer())
    chat.command("/plugins solve")
    assert "Calculator: disabled" in chat.conversation.meta_instruction
    chat.command("/plugins none")
    assert "Equation solver: disabled" in chat.conversation.meta_instruction
    chat.command("/plugins shell")
    assert "unknown plugin shell; there are Calculate, Solve" in screen.getvalue()
    chat.command("/system Be brief. <eom>")
    assert chat.conversation.meta_instruction.startswith("Be brief. <eom>\n- Inner thoughts")
    chat.command("/system default")
    assert chat.conversation.meta_instruction.startswith("You are an AI assistant")


def test_plugins_that_are_off_say_how_to_switch_them_on(monkeypatch, tmp_path):
    monkeypatch.delenv("MOSS_SEARCH", raising=False)
    chat, screen = chat_with(FakeInfer())
    chat.command("/plugins search")
    assert "error: Search is off: set MOSS_SEARCH to searxng:" in screen.getvalue()
    chat.command("/plugins")
    assert "  Calculate: on\n" in screen.getvalue() and "  Search: off (set MOSS_SEARCH to" in screen.getvalue()
    monkeypatch.setenv("MOSS_SEARCH", f"folder:{tmp_path}")
    chat.command("/plugins search")
    assert moss_cli_demo.parse_plugins("search，Solve calculate") == ("Search", "Solve", "Calculate")
    assert "  Search: on\n" in screen.getvalue() and chat.conversation.plugins == ("Search",)


@pytest.mark.parametrize("show_thoughts", [True, False])
def test_links_and_pictures_stand_below_the_answer(show_thoughts, monkeypatch, tmp_path):
    monkeypatch.setattr(moss_cli_demo.tempfile, "tempdir", str(tmp_path))
    links = Link("A title\x1b[2J", "https://a.example"), Link("notes.md", "")
    parts = (
        Part("Results", ""),
        Part("Results", "found", (*links, Image(b"\x89PNG", "a cat"))),
        Part("MOSS", " see <|1|>"),
    )
    chat, screen = chat_with(FakeInfer(*parts), show_thoughts=show_thoughts)
    chat.say("q")
    (picture,) = tmp_path.iterdir()
    assert picture.read_bytes() == b"\x89PNG"
    assert screen.getvalue() == "found\n" * show_thoughts + (
        f"MOSS: see <|1|>\n<|1|> A title[2J https://a.example\n<|2|> notes.md\nPicture: {picture}\n"
    )


def test_unknown_command_is_said():
    chat, screen = chat_with(FakeInfer())
    chat.command("/format C:")
    assert "unknown command /format; /help lists them" in screen.getvalue()
    chat.command("/help")
    for name in ("clear", "stop", "/retry", "/undo", "/save", "/load", "/plugins", "/system", "/thoughts"):
        assert name in screen.getvalue()


def test_message_of_several_lines(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO('"""\nx+y=3\nx-y=1\n"""\nnext\n'))
    assert moss_cli_demo.read_message(False) == "x+y=3\nx-y=1"
    assert moss_cli_demo.read_message(False) == "next"
    assert moss_cli_demo.read_message(False) is None
    monkeypatch.setattr(sys, "stdin", io.StringIO('"""\nnever\nclosed'))
    assert moss_cli_demo.read_message(False) == "never\nclosed"
    assert moss_cli_demo.read_message(False) is None


def test_files_of_questions_are_utf_8_with_or_without_a_mark_whatever_the_system(monkeypatch):
    chat, screen = chat_with(FakeInfer())
    for encoding in ("utf-8", "utf-8-sig"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("你好\r\n".encode(encoding)), "latin-1"))
        moss_cli_demo.run(chat, interactive=False)
    assert [turn[0].text for turn in chat.conversation.turns] == ["你好", "你好"] and "\ufeff" not in screen.getvalue()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("你好\n".encode("gb18030")), "gb18030"))
    with pytest.raises(ValueError, match=r"not UTF-8 .* save the file as UTF-8"):
        moss_cli_demo.run(chat, interactive=False)


# --- for real ---------------------------------------------------------------------------------------------------------


def test_pipe_of_questions_reads_as_a_conversation(forks, tiny_model_dir, tmp_path):
    command = ["moss_cli_demo.py", "--model_name", str(tiny_model_dir), "--max_new_tokens", "4", "--gpu", "cpu"]
    done = forks.run(command, ROOT, tmp_path, "hello\n/plugins\nclear\n\n你好\nstop\nnever read\n")
    assert done.returncode == 0, done.stderr
    assert "You: hello\n" in done.stdout and "You: 你好\n" in done.stdout and "never" not in done.stdout
    assert "New conversation." in done.stdout and "Calculate: off" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    "args, message",
    [
        (["--model_name", "no/such/folder/here"], "no/such/folder/here"),
        (["--top_p", "1.5"], "top_p must be above 0, at most 1, got 1.5"),
        (["--temperature", "-1"], "temperature must be 0 (greedy) to 10, got -1.0"),
        (["--plugins", "Shell"], "unknown plugin Shell"),
        (["--prompt", "  "], "--prompt is empty"),
        (["--gpu", "first"], '--gpu is numbers of GPUs, "0" or "0,1", or "cpu", not \'first\''),
        (["--gpu", "0,97"], "--gpu 0,97: torch finds"),
    ],
)
def test_bad_flags_are_one_line_and_no_traceback(tiny_model_dir, args, message, monkeypatch, capsys):
    argv = ["moss_cli_demo.py", "--model_name", str(tiny_model_dir), *args]
    monkeypatch.setattr(sys, "argv", argv)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(os, "environ", os.environ.copy())
    with pytest.raises(SystemExit) as left:
        moss_cli_demo.main()
    assert left.value.code == 1
    error = capsys.readouterr().err
    assert message in error and "Traceback" not in error


def test_E10_terminal_keys(tiny_model_dir, tmp_path):
    """In a real terminal: Ctrl-C in an answer, Ctrl-C at the prompt, Ctrl-D."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.environ |= {"TERM": "xterm", "HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
        os.execv(
            sys.executable,
            [sys.executable, "moss_cli_demo.py", "--model_name", str(tiny_model_dir), "--gpu", "cpu",
             "--max_new_tokens", "600", "--temperature", "10", "--top_p", "1", "--hide_thoughts", "--plugins", "none"],
        )  # fmt: skip
    screen = ""

    def wait_for(*texts: str, key: bytes = b"") -> str:
        """Which of the texts comes first. Presses the key, too, each second that none does."""
        nonlocal screen
        end = time.monotonic() + 60
        while not (found := [text for text in texts if text in screen]):
            assert time.monotonic() < end, screen
            if select.select([terminal], [], [], 1)[0]:
                screen += os.read(terminal, 65536).decode(errors="replace")
            else:
                os.write(terminal, key)
        first = min(found, key=screen.index)
        screen = screen.partition(first)[2]
        return first

    wait_for("You: ")
    for _ in range(9):
        time.sleep(1)  # readline shows its prompt a moment before it listens
        os.write(terminal, "你好\n".encode())
        if wait_for("MOSS: ", "You: ") == "MOSS: ":  # now and then such an answer ends before it begins
            break
    else:
        raise AssertionError(screen)
    os.write(terminal, b"\x03")
    wait_for("You: ")
    wait_for("to leave", key=b"\x03")  # again and again: a signal just before readline listens can be lost
    wait_for("You: ")
    end = time.monotonic() + 60
    while (finished := os.waitpid(pid, os.WNOHANG))[0] == 0 and time.monotonic() < end:
        try:
            os.write(terminal, b"\x15\x04")  # empties the line and ends it
            if select.select([terminal], [], [], 1)[0]:
                os.read(terminal, 65536)
        except OSError:
            break
    if finished[0] == 0:
        finished = os.waitpid(pid, 0) if time.monotonic() < end else (os.kill(pid, signal.SIGKILL), 1)
    assert os.waitstatus_to_exitcode(finished[1]) == 0

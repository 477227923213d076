"""The commands of a turn: which are run, how long they may take, what becomes of their results.

Numbers such as G8 are rows of the project's failure matrix. Run: python -m pytest tests/plugins/test_commands.py
"""

import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import moss_inference
import plugins
from models.conversation_moss import NO_RESULT, Conversation, Part
from moss_inference import run_commands
from plugins import Link, Plugin, Result


class Spy(Plugin):
    """Notes what it is asked, and answers with `function`."""

    def __init__(self, function=lambda argument: "1"):
        self.ran, self.function = [], function

    def run(self, argument):
        self.ran.append(argument)
        return self.function(argument)


def commanded(commands: str) -> Conversation:
    conversation = Conversation(("Calculate", "Search"))
    for role, text in (("Human", "q"), ("Inner Thoughts", "t"), ("Commands", commands)):
        conversation.add(role, text)
    return conversation


def results(commands: str, plugins: dict) -> list[Part]:
    return list(run_commands(commanded(commands), plugins))


def test_command_that_is_not_enabled_or_unknown_is_not_run():
    spy = Spy()
    parts = results('Solve("x=1"), Shell("rm"), Calculate("1")', {"Calculate": spy, "Solve": spy, "Shell": spy})
    assert spy.ran == ["1"]
    assert parts[-1].text.count(NO_RESULT) == 2


def test_G8_at_most_ten_commands_are_run():
    spy = Spy()
    parts = results(", ".join(['Calculate("1")'] * 50), {"Calculate": spy})
    assert len(spy.ran) == 10 and parts[-1].text.count(NO_RESULT) == 40


def test_command_that_hangs_is_cut_and_the_others_keep_their_results(monkeypatch, caplog):
    monkeypatch.setattr(moss_inference, "COMMANDS_SECONDS", 0.5)
    hang = threading.Event()
    spy = Spy(lambda argument: hang.wait(60) if argument == "hang" else "1")
    start = time.monotonic()
    parts = results('Calculate("1"), Calculate("hang"), Calculate("2")', {"Calculate": spy})
    assert time.monotonic() - start < 10
    assert parts[-1].text == "Calculate(\"1\") => '1'\n" + "\n".join(
        f"Calculate(\"{argument}\") => 'No result.'" for argument in ("hang", "2")
    )
    assert len(parts) > 2 and set(parts[:-1]) == {Part("Results", "")}
    assert "took more than" in caplog.text
    hang.set()
    time.sleep(0.3)
    assert spy.ran == ["1", "hang"]  # what follows a command that was cut is not run later


def test_who_leaves_while_commands_run_is_not_waited_for():
    hang = threading.Event()
    spy = Spy(lambda argument: hang.wait(60))
    running = run_commands(commanded('Calculate("hang"), Calculate("2")'), {"Calculate": spy})
    assert next(running) == Part("Results", "")
    start = time.monotonic()
    running.close()
    assert time.monotonic() - start < 10
    hang.set()
    time.sleep(0.3)
    assert spy.ran == ["hang"]


@pytest.mark.parametrize("searches, kept", [(1, 3), (2, 4), (3, 3), (10, 10)])
def test_snippets_are_shared_out_and_links_keep_their_numbers(searches, kept):
    def search(argument):
        if argument == "weather":
            return Result("sunny", (Link("W", ""),))
        return Result(
            [f"{argument} {i} " + "x" * 500 for i in range(5)], tuple(Link(f"{argument} {i}", "") for i in range(5))
        )

    commands = ['Calculate("weather")', *(f'Search("q{i}")' for i in range(searches))][:10]
    part = results(", ".join(commands), {"Search": Spy(search), "Calculate": Spy(search)})[-1]
    snippets = re.findall(r"^<\|(\d+)\|>: '(q\d+ \d+) x", part.text, re.MULTILINE)
    shown = min(kept, 9)
    assert [int(number) for number, _ in snippets] == list(range(1, shown + 1))
    assert [link.title for link in part.attachments] == [title for _, title in snippets] + ["W"]
    assert len(part.text) < 1800


def test_a_plugin_cannot_flood_the_context():
    part = results('Calculate("1"), Calculate("2")', {"Calculate": Spy(lambda argument: "y" * 10**6)})[-1]
    assert len(part.text) < 4100


def test_only_plugins_that_are_on_are_switched_on(tiny_model_dir, monkeypatch):
    class Config:
        plugins = ("Calculate", "Search", "Juggle")

    monkeypatch.delenv("MOSS_SEARCH", raising=False)
    assert moss_inference._trained_plugins(Config, "") == ("Calculate",)
    assert moss_inference._trained_plugins(object(), "fnlp/moss-moon-003-sft-plugin") == ("Calculate", "Solve")
    monkeypatch.setenv("MOSS_SEARCH", f"folder:{tiny_model_dir}")
    assert moss_inference._trained_plugins(Config, "") == ("Calculate", "Search")


def test_a_plugin_of_ones_own_is_switched_on_and_called():
    class Weather(Plugin):
        def run(self, city):
            return f"sunny in {city}"

    weather = Weather()
    conversation = Conversation(["Calculate", weather.api])
    assert conversation.meta_instruction.endswith(
        "- Text-to-speech: disabled.\n- Weather: enabled. API: Weather(city)\n"
    )
    for role, text in (("Human", "q"), ("Inner Thoughts", "t"), ("Commands", 'Weather("上海")')):
        conversation.add(role, text)
    assert list(run_commands(conversation, {"Weather": weather}))[-1].text == 'Weather("上海") =>\nsunny in 上海'


def test_a_plugin_is_one_file_with_one_class(tmp_path):
    root = Path(plugins.__file__).parents[1]
    shutil.copytree(root / "plugins", tmp_path / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "plugins" / "weather.py").write_text(
        "from plugins import Plugin, register\n\n\n@register\nclass Weather(Plugin):\n    def run(self, city):\n"
        "        return {'上海': '晴，21 °C'}[city]\n",
        encoding="utf-8",
    )
    code = "from plugins import *; print(apis(['Weather']), PLUGINS['Weather'].result('上海').text, sep='\\n')"
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "['Weather(city)']\n晴，21 °C\n", done.stderr

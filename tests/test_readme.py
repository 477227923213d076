"""The README tells the truth: its file tree is the repository's, its commands name files and flags that there are; and
its Chinese counterpart says the same. (test_readme_commands.py runs the commands.)
"""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
README_ZH = (ROOT / "README_zh.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPE = (ROOT / "recipes/moss_mini/README.md").read_text(encoding="utf-8")


def tree_paths(readme: str = README) -> list[str]:
    """The paths in a README's tree, indentation resolved."""
    block = re.search(r"```\n(moss_cli_demo\.py .*?)```", readme, re.DOTALL)
    paths, folders = [], []
    for line in block[1].splitlines():
        name = line.split()[0]
        depth = (len(line) - len(line.lstrip())) // 2
        folders = [*folders[:depth], name] if name.endswith("/") else folders[:depth]
        paths.append("".join(folders) if name.endswith("/") else "".join(folders) + name)
    return paths


def test_every_path_in_the_tree_exists():
    missing = [path for path in tree_paths() if not (ROOT / path).exists()]
    assert not missing


def test_every_module_is_in_the_tree():
    paths = set(tree_paths())
    for pattern in ("*.py", "models/*.py", "plugins/*.py", "configs/*", "benchmarks/*", "recipes/moss_mini/*.py"):
        for path in ROOT.glob(pattern):
            if path.name not in ("__init__.py", "__pycache__"):
                assert str(path.relative_to(ROOT)) in paths


def commands() -> list[str]:
    return re.findall(r"python3? ((?!-)[\w/]+\.py[^\n`|&]*)", README + RECIPE + CONTRIBUTING)


SCRIPTS = sorted({command.split()[0] for command in commands()})


@pytest.fixture(scope="module")
def helps(forks, tmp_path_factory) -> dict[str, str]:
    """What each script answers to --help."""
    return {script: forks.run([script, "--help"], ROOT, tmp_path_factory.mktemp("help")).stdout for script in SCRIPTS}


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_of_the_commands_exist_and_know_their_flags(script, helps):
    used = {flag for c in commands() if c.split()[0] == script for flag in re.findall(r"--\w+", c)}
    assert len(helps[script]) > 300
    assert used <= set(re.findall(r"--\w+", helps[script]))


def test_the_two_commands_are_there():
    assert "    pip install -r requirements.txt && python moss_cli_demo.py\n" in README
    install = "    pip install -r requirements.txt -r tests/requirements.txt"
    assert f"{install} && python -m pytest -n 2 --dist loadfile\n" in README


def facts(readme: str) -> dict[str, Counter]:
    """What a translation leaves as it is."""
    prose = re.sub(r"```.*?```", "", readme, flags=re.DOTALL)
    return {
        "numbers": Counter(re.findall(r"\d+(?:[.,]\d+)*", readme)),
        "code": Counter(" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)),
        "commands and transcripts": Counter(re.findall(r"^    (\S.*)$", prose, re.MULTILINE)),
        "links": Counter(link for link in re.findall(r"\]\(([^)]+)\)", prose) if not link.startswith("README")),
        "examples": Counter(re.findall(r"```\w+\n.*?```", readme, re.DOTALL)),
        "files": Counter(tree_paths(readme)),
        "sections": Counter(re.findall(r"^#+(?= )", prose, re.MULTILINE)),
    }


@pytest.mark.parametrize("kind", facts(README))
def test_chinese_readme_says_the_same(kind):
    here, there = facts(README)[kind], facts(README_ZH)[kind]
    assert not here - there, "README.md alone has these"
    assert not there - here, "README_zh.md alone has these"

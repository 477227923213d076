"""How the parts of a conversation look on the page of moss_gui_demo.py: Gradio's messages, in Markdown.

Text, whoever wrote it, stays text: nothing in it becomes HTML or is fetched from elsewhere.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from models.conversation_moss import NOTHING, parse_commands


@dataclass
class Said:
    """A part of a turn as the page shows it. `images`: (path, description) of files that Gradio serves."""

    role: str
    text: str
    links: list = field(default_factory=list)
    images: list[tuple[str, str]] = field(default_factory=list)
    seconds: float | None = None


def messages_of(turn: Sequence[Said], words: dict, running: bool = False) -> list[dict]:
    """The messages for a gr.Chatbot: the user's, a step for the thoughts, a step for the commands, images, the answer.

    running: the last part is not complete.
    """
    messages, links, commands = [], [], ""

    def moss(content, **more):
        return {"role": "assistant", "content": content} | more

    def step(title, said):
        status = "pending" if running and said is turn[-1] else "done"
        metadata = {"title": title, "status": status}
        return metadata | ({"duration": said.seconds} if said.seconds is not None else {})

    for said in turn:
        text = said.text.strip()
        nothing = not text or NOTHING.startswith(text)
        if said.role == "Human":
            messages.append({"role": "user", "content": as_markdown(text)})
        elif said.role == "Inner Thoughts" and not nothing:
            messages.append(moss(as_markdown(text), metadata=step(words["thoughts"], said)))
        elif said.role == "Commands":
            commands = text
        elif said.role == "MOSS" and text:
            messages.append(moss(with_citations(as_markdown(text), links)))
        names = dict.fromkeys(command.name for command in parse_commands(commands))
        if names and (said.role == "Results" or (said.role == "Commands" and said is turn[-1])):
            links = said.links
            listed = "".join(f"\n{number}. {as_link(link)}" for number, link in enumerate(links, 1))
            content = as_code(commands if nothing else text) + (f"\n{listed}" if listed else "")
            messages.append(moss(content, metadata=step("🔧 " + ", ".join(names), said)))
            messages += [moss(f"![{as_words(text)}](gradio_api/file={path})") for path, text in said.images]
    return messages


# --- text as Markdown -------------------------------------------------------------------------------------------------

# A formula holds no opening of its own kind, so that many openings without an end are read once, not once for each.
_FORMULA = r"\$\$.*?\$\$|\\\((?:(?!\\\().)*?\\\)|\\\[(?:(?!\\\[).)*?\\\]"
_CODE_OR_FORMULA = rf"```.*?(?:```|\Z)|`[^`\n]*`|{_FORMULA}"
_ESCAPED = {"*": r"\*", "**": r"\*\*", "<": "&lt;", "![": r"\!["}
_BEFORE, _AFTER = r"(?<=[0-9)\]])", r"(?=[-+.(\[0-9A-Za-z])"  # a star between operands; those of **bold** are not such
_TO_ESCAPE = re.compile(rf"(?s){_CODE_OR_FORMULA}|{_BEFORE}\*{{1,2}}{_AFTER}|<(?=[A-Za-z/!?])|!\[")
_TO_RESTORE = re.compile(rf"(?s){_CODE_OR_FORMULA}|{_BEFORE}(?:\\\*){{1,2}}{_AFTER}|&lt;(?=[A-Za-z/!?])|\\!\[")
_CITATION = re.compile(rf"(?s){_CODE_OR_FORMULA}|(?:&lt;sup>)?<\|(\d{{1,3}})\|>(?:&lt;/sup>)?")


def as_markdown(text: str) -> str:
    """The text with what Markdown would take for something else than was meant: the stars of 2*3*4; tags, so that no
    text becomes HTML; images, which become links. Code and formulas stay as they are."""
    return _TO_ESCAPE.sub(lambda m: _ESCAPED.get(m[0], m[0]), text)


def from_markdown(shown: str) -> str:
    """Takes `as_markdown` back."""
    raw = {value: key for key, value in _ESCAPED.items()}
    return _TO_RESTORE.sub(lambda m: raw.get(m[0], m[0]), shown)


def as_code(text: str) -> str:
    """The text as a block of code, in a fence that it cannot end."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}\n{text}\n{fence}"


def as_words(text: str) -> str:
    """The text in one line that holds no Markdown at all."""
    return re.sub("[!-/:-@[-`{-~]", lambda m: f"&#{ord(m[0])};", " ".join(text.split()))


def as_link(link, text: str | None = None) -> str:
    """A plugins.Link; its title and address come from outside."""
    title = as_words(text or link.title)
    if not link.url.startswith(("http://", "https://")):
        return title
    return f"[{title}]({quote(link.url, safe=':/?#@$&=+,;%~')})"


def with_citations(shown: str, links: Sequence) -> str:
    """`shown` with <|n|> as a link to the n-th of the links; numbers beyond them stay text."""

    def linked(match):
        number = int(match[1] or 0)
        return f"<sup>{as_link(links[number - 1], str(number))}</sup>" if 0 < number <= len(links) else match[0]

    return _CITATION.sub(linked, shown)

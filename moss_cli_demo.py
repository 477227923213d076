"""Chat with MOSS in a terminal.

    python moss_cli_demo.py                                          # moss-mini, which comes with the repository
    python moss_cli_demo.py --model_name fnlp/moss-moon-003-sft-plugin --gpu 0,1
    python moss_cli_demo.py --prompt "What is 15% of 240?"           # one question, one answer
    python moss_cli_demo.py < questions.txt                          # a line a question

Ctrl-C stops an answer and keeps the chat (questions from elsewhere it ends); Ctrl-D, or `stop`, leaves.
"""

import argparse
import contextlib
import json
import re
import signal
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from utils import add_model_arguments, add_sampling_arguments, choose_gpus, model_settings, plain_errors, sampling_paras

HELP = """\
Type a message, or one of
  clear            start a new conversation            stop             leave (also Ctrl-D)
  /retry           answer the last message again       /undo            take the last message back
  /save FILE       write the conversation as JSON      /load FILE       go on with a saved one
  /plugins [a,b]   show, or choose, what MOSS may call; "/plugins none" switches all off
  /system [TEXT]   show, or replace, the instruction at the head of the prompt; "/system default" restores it
  /thoughts        show or hide inner thoughts and tool calls
  /help            this list
A message of several lines stands between two lines of three quotation marks (\"\"\")."""
HISTORY_FILE = Path.home() / ".moss_history"
BIDI_CONTROLS = set(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))


def harmless(text: str) -> str:
    """The text without what a terminal would act on: control characters (but newline and tab) and bidi overrides."""
    return "".join(c for c in text if c in "\n\t" or (unicodedata.category(c) != "Cc" and c not in BIDI_CONTROLS))


class Chat:
    """A conversation at the terminal. `say` answers one message, `command` carries out a line that begins with "/"."""

    def __init__(self, infer, console, plugins, preamble=None, paras=None, show_thoughts=True, interactive=True):
        self.infer, self.console = infer, console
        self.plugins, self.preamble = tuple(plugins), preamble
        self.paras, self.show_thoughts, self.interactive = paras or {}, show_thoughts, interactive
        self.clear()

    def clear(self) -> None:
        from models.conversation_moss import Conversation

        self.conversation = Conversation(meta_instruction=self._meta_instruction())
        self.told: set[str] = set()  # the notes shown in this conversation

    def _meta_instruction(self) -> str:
        from models.meta_instruction import PREAMBLE, build_meta_instruction
        from plugins import apis

        return build_meta_instruction(apis(self.plugins), self.preamble or PREAMBLE)

    def _print(self, text: str, end: str = "\n", style: str | None = None) -> None:
        self.console.print(
            harmless(text), end=end, style=style, markup=False, emoji=False, highlight=False, soft_wrap=True
        )

    def say(self, message: str) -> bool:
        """Answers a message on the screen. False where it could not be answered; the conversation is then as before."""
        self.conversation.add("Human", message)
        reply = self.infer.chat(self.conversation, **self.paras)
        current, shown, held, any_shown = None, False, "", False  # held: a beginning that may turn out to be "None"
        attached = ()
        # Ctrl-C is looked for between two pieces. Raised just behind the taking of a lock, it would leave it taken, and
        # the engine's thread would wait for it for ever. (Processes of torchrun have a handler that ends them.)
        pressed, handler = [], signal.getsignal(signal.SIGINT)
        if handler is signal.default_int_handler:
            signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
        try:
            for role, text, attachments in reply:
                if pressed:
                    raise KeyboardInterrupt
                attached += attachments
                if role == "Note":
                    if text not in self.told:
                        self._print("\n" * any_shown + f"[{text}]", end="", style="yellow")
                        self.told.add(text)
                        any_shown = True
                    continue
                if role == "Commands" or (role != "MOSS" and not self.show_thoughts):
                    continue  # the results repeat the commands
                if role != current:
                    current, shown, held = role, False, ""
                if not shown:
                    held += text
                    if not held.strip() or (role != "MOSS" and "None".startswith(held.strip())):
                        continue
                    self._print("\n" * any_shown + "MOSS: " * (role == "MOSS"), end="", style="bold")
                    text, shown, any_shown = held.lstrip(), True, True
                self._print(text, end="", style=None if role == "MOSS" else "dim")
            if current == "MOSS" and not shown:
                self._print("MOSS has no answer.", end="", style="yellow")
            for line in shown_attachments(attached):
                self._print("\n" + line, end="", style="dim")
        except KeyboardInterrupt:
            reply.close()
            self._print(" [stopped]", end="", style="yellow")
            if not self.interactive:
                raise SystemExit(130) from None
        except (ValueError, MemoryError) as error:
            self.conversation.pop_turn()
            self._print(f"error: {error}", end="", style="red")
            return False
        finally:
            if handler is signal.default_int_handler:
                signal.signal(signal.SIGINT, handler)
            self.console.print()
        return True

    def command(self, line: str) -> None:
        """Carries out a command; what is wrong with it is said on the screen."""
        name, _, argument = line[1:].partition(" ")
        known = {key[4:]: value for key, value in vars(type(self)).items() if key.startswith("_do_")}
        if name not in known:
            self._print(f"unknown command /{name}; /help lists them", style="red")
            return
        try:
            known[name](self, argument.strip())
        except (ValueError, OSError) as error:
            self._print(f"error: {error}", style="red")

    def _do_help(self, _: str) -> None:
        self._print(HELP)

    def _do_clear(self, _: str) -> None:
        self.clear()
        self._print("New conversation.", style="dim")

    def _do_retry(self, _: str) -> None:
        turn = self.conversation.pop_turn()
        if not turn:
            raise ValueError("there is no message to answer again")
        kept = list(self.conversation.parts)
        self.say(turn[0].text)
        if len(self.conversation.parts) == len(kept):  # there is no new answer: the old one stays
            self.conversation.parts = kept + turn

    def _do_undo(self, _: str) -> None:
        turn = self.conversation.pop_turn()
        if not turn:
            raise ValueError("there is nothing to undo")
        self._print(f"Taken back: {turn[0].text}", style="dim")

    def _do_save(self, path: str) -> None:
        if not path:
            raise ValueError("say where: /save FILE")
        if not self.conversation.turns:
            raise ValueError("there is nothing to save yet")
        Path(path).write_text(json.dumps(self.conversation.to_record(), ensure_ascii=False) + "\n", encoding="utf-8")
        self._print(f"Saved {len(self.conversation.turns)} turn(s) in {path}.", style="dim")

    def _do_load(self, path: str) -> None:
        from models.conversation_moss import Conversation

        if not path:
            raise ValueError("say which: /load FILE")
        try:
            self.conversation = Conversation.from_record(json.loads(Path(path).read_text(encoding="utf-8")))
        except (ValueError, RecursionError) as error:  # JSON and encoding errors are ValueErrors, too
            raise ValueError(f"{path} is not a saved conversation: {error}") from None
        from plugins import PLUGINS

        self.plugins = tuple(name for name in self.conversation.plugins if name in PLUGINS)
        self._print(f"Loaded {len(self.conversation.turns)} turn(s) from {path}.", style="dim")

    def _do_plugins(self, names: str) -> None:
        from plugins import PLUGINS

        if names:
            self.plugins = parse_plugins(names)
            self.conversation.meta_instruction = self._meta_instruction()
        for name, plugin in PLUGINS.items():
            reason = plugin.off()
            state = "on" if name in self.plugins and not reason else "off"
            self._print(f"  {name}: {state}{f' ({reason})' if reason else ''}")

    def _do_system(self, text: str) -> None:
        if text:
            self.preamble = None if text == "default" else text
            self.conversation.meta_instruction = self._meta_instruction()
        self._print(self.conversation.meta_instruction, end="", style="dim")

    def _do_thoughts(self, _: str) -> None:
        self.show_thoughts = not self.show_thoughts
        self._print(f"Inner thoughts and tool calls are {'shown' if self.show_thoughts else 'hidden'}.", style="dim")


def read_message(interactive: bool) -> str | None:
    """The next message, of several lines between lines of \"\"\"; None at the end of input."""
    try:
        line = input("You: " if interactive else "")
        if line.strip() != '"""':
            return line.strip()
    except EOFError:
        return None
    lines = []
    with contextlib.suppress(EOFError):  # the end of the input ends a message, too
        while (line := input("...  " if interactive else "")).strip() != '"""':
            lines.append(line)
    return "\n".join(lines).strip()


@contextlib.contextmanager
def line_editing():
    """Line editing and a history kept between chats, where the system has readline."""
    try:
        import readline
    except ImportError:
        yield
        return
    with contextlib.suppress(OSError):
        readline.read_history_file(HISTORY_FILE)
    readline.set_history_length(1000)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            readline.write_history_file(HISTORY_FILE)


def run(chat: Chat, interactive: bool) -> None:
    """Reads and answers messages until `stop` or the end of input."""
    hinted = False
    if not interactive:
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="strict")  # a file's; a mark at its beginning is no text
    while True:
        try:
            message = read_message(interactive)
            hinted = False
            if message is None or message in ("stop", "/stop", "/exit", "/quit"):
                break
            if message and not interactive:  # so that the output of a script of questions reads as a conversation
                chat._print(f"You: {message}")
            if message == "clear":
                message = "/clear"
            if message.startswith("/"):
                chat.command(message)
            elif message:
                chat.say(message)
        except UnicodeDecodeError as error:
            byte = f"{error.object[error.start]:#04x}"
            raise ValueError(f"the questions are not UTF-8 ({byte} is no text in it); save the file as UTF-8") from None
        except KeyboardInterrupt:  # at the prompt, or just before
            if not interactive:
                raise
            if hinted:
                break
            hinted = True
            chat.console.print("\n(Ctrl-C once more, Ctrl-D or stop to leave)", style="dim")


def parse_plugins(names: str) -> tuple[str, ...]:
    """ "Calculate,Solve" -> ("Calculate", "Solve"); "none" -> (). Raises ValueError for what is not there or off."""
    from plugins import PLUGINS

    wanted = [] if names.strip().lower() == "none" else re.findall(r"[^\s,，、]+", names)
    known = {name.lower(): name for name in PLUGINS}
    if unknown := [name for name in wanted if name.lower() not in known]:
        raise ValueError(f"unknown plugin {', '.join(unknown)}; there are {', '.join(PLUGINS)}, or none")
    chosen = tuple(known[name.lower()] for name in wanted)
    if off := [f"{name} is off: {reason}" for name in chosen if (reason := PLUGINS[name].off())]:
        raise ValueError("; ".join(off))
    return chosen


def shown_attachments(attachments: tuple) -> Iterator[str]:
    """A line for each: a search's links by the numbers that the answer cites, a picture as the file it is put in."""
    from plugins import Link

    for number, attachment in enumerate(attachments, 1):
        if isinstance(attachment, Link):
            yield f"<|{number}|> {attachment.title} {attachment.url}".rstrip()
        else:
            with tempfile.NamedTemporaryFile(prefix="moss-", suffix=".png", delete=False) as file:
                file.write(attachment.png)
            yield f"Picture: {file.name}"


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_model_arguments(parser)
    chat = parser.add_argument_group("chat")
    chat.add_argument("--prompt", help="answer this one message and exit")
    chat.add_argument(
        "--plugins", help='what MOSS may call: "Calculate,Solve", or "none" (default: what the model was trained for)'
    )
    chat.add_argument("--system", help="text in place of the usual instruction at the head of the prompt")
    chat.add_argument("--hide_thoughts", action="store_true", help="do not show inner thoughts and tool calls")
    add_sampling_arguments(parser)
    return parser


def main() -> None:
    args = build_parser().parse_args()
    choose_gpus(args.gpu)
    paras = sampling_paras(args)
    with plain_errors():
        from rich.console import Console

        console = Console(highlight=False)
        interactive = args.prompt is None and sys.stdin.isatty()
        if interactive:
            console.print("Loading MOSS …", style="dim", end="\r")
        from models.sampling import DEFAULT_PARAS, check_paras
        from moss_inference import Inference

        if args.prompt is not None and not args.prompt.strip():
            raise ValueError("--prompt is empty")
        check_paras(DEFAULT_PARAS | paras)  # before the time that loading takes
        if args.prompt is not None and not args.prompt.strip():
            raise ValueError("--prompt is empty")
        plugins = None if args.plugins is None else parse_plugins(args.plugins)
        infer = Inference(**model_settings(args))
        infer.checked(paras)
        plugins = infer.plugins if plugins is None else plugins
        chat = Chat(infer, console, plugins, args.system, paras, not args.hide_thoughts, interactive)
        if args.prompt is not None:
            raise SystemExit(0 if chat.say(args.prompt) else 1)
        if interactive:
            console.print("MOSS is ready. Type a message; /help lists the commands, stop leaves.", style="dim")
            with line_editing():
                run(chat, interactive)
        else:
            run(chat, interactive)


if __name__ == "__main__":
    main()

"""The chats behind the page of moss_gui_demo.py: what the server knows of a browser tab, answers within limits, and the
conversations that a browser keeps. What is refused is a ValueError in the user's language. Nothing here knows Gradio.
"""

import base64
import contextlib
import json
import logging
import secrets
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gui_messages import Said, messages_of
from models.conversation_moss import Conversation, TooLong, build_meta_instruction
from moss_inference import NOTE, NOTES, Inference
from plugins import PLUGINS, Image, apis
from serving import MAX_BODY, Health

MAX_KEPT = 20  # conversations in a browser
MAX_KEPT_BYTES = MAX_BODY // 2  # of them together: a request brings them all, and perhaps a file to import
# Seconds between two updates of a page: for each answer that is being made so many, since an update takes milliseconds
# of Python that the engine waits for; at most so many, since who leaves is noticed at the next update.
REDRAW_SECONDS, LONGEST_REDRAW = 0.05, 0.4
WORDS = {  # on the page: English, Chinese
    "notice": ("MOSS may be wrong: check what matters.", "MOSS 的回答可能出错，重要的内容请核实。"),
    "placeholder": ("Type a message…", "输入消息…"),
    "examples": ("Try one of these, or type below.", "试试这些问题，或在下面输入。"),
    "settings": ("Settings", "设置"),
    "plugins": ("Plugins", "插件"),
    "max_length": ("Maximum length (tokens)", "最大长度（词元）"),
    "temperature": ("Temperature (0: the likeliest)", "温度（0：取最可能的词元）"),
    "system": ("System prompt", "系统提示"),
    "chats": ("Conversations", "对话"),
    "kept": ("Kept in this browser", "保存在此浏览器中"),
    "new": ("New", "新对话"),
    "export": ("Export all", "全部导出"),
    "import": ("Import", "导入"),
    "delete": ("Delete this one", "删除当前对话"),
    "thoughts": ("💭 Thoughts", "💭 想法"),
    "empty": ("The message is empty.", "请输入内容。"),
    "long": ("The message has {} characters; {} fit.", "消息有 {} 个字符，最多 {} 个。"),
    "tokens": (
        "The message has {} tokens; {} fit beside the system prompt. Please shorten it.",
        "消息有 {} 个词元，除系统提示外最多 {} 个，请缩短。",
    ),
    "busy": ("The last message of this conversation is still being answered.", "这个对话的上一条消息还在回答中。"),
    "gone": ("That message is not there any more.", "那条消息已经不在了。"),
    "range": ("The maximum length is 1 to {}, got {}.", "最大长度为 1 到 {}，而不是 {}。"),
    "unknown": ("There is no plugin {}.", "没有插件 {}。"),
    "file": ("Not a file of conversations, line {}: {}", "不是对话文件，第 {} 行：{}"),
    "context": (NOTES["context"], "对话超出了模型的上下文，最早的几轮已被略去。"),
    "time": (NOTES["time"], "回答在 {:g} 秒后被截断（max_time）。"),
    "length": (NOTES["length"], "回答达到最大长度（max_iterations 或模型的上下文），已被截断。"),
    "broken": ("The model failed; the server's log says why.", "模型出错，原因见服务器日志。"),
    "nothing": ("MOSS has no answer.", "MOSS 没有回答。"),
    "line": ("{} tokens, {:.0f} a second · context {} of {}", "{} 个词元，每秒 {:.0f} 个 · 上下文 {} / {}"),
}
EN, ZH = ({key: pair[language] for key, pair in WORDS.items()} for language in (0, 1))

logger = logging.getLogger("moss_gui_demo")


@dataclass
class Chat:
    """What the server knows of one browser tab, or one client. `turns` are the conversation's as Said parts."""

    conversation: Conversation = field(default_factory=Conversation)
    turns: list[list[Said]] = field(default_factory=list)
    id: str = ""  # from the first message on
    busy: bool = False
    returned: str = ""  # the message of a turn that was stopped before its answer
    line: str = ""

    def messages(self, words: dict, running: bool = False) -> list[dict]:
        """For a gr.Chatbot. running: the last turn is being answered."""
        last = len(self.turns) - 1
        return [m for n, turn in enumerate(self.turns) for m in messages_of(turn, words, running and n == last)]

    def turn_at(self, index: object, words: dict) -> int:
        """The number of the turn that message `index` of `messages` belongs to."""
        ends = 0
        for number, turn in enumerate(self.turns):
            ends += len(messages_of(turn, words))
            if isinstance(index, int) and 0 <= index < ends:
                return number
        raise ValueError(words["gone"])

    def cut(self, n_turns: int) -> None:
        """Forgets all but the first turns."""
        del self.conversation.parts[sum(map(len, self.conversation.turns[:n_turns])) :]
        self.turns = self.turns[:n_turns]

    def begin(self, record: dict | None = None, plugins: Sequence[str] = ()) -> None:
        """Begins anew, or goes on with a record."""
        self.conversation = Conversation(apis(plugins))
        if record:
            self.conversation.parts = Conversation.from_record(record).parts
        self.turns = [[Said(part.role, part.text) for part in turn] for turn in self.conversation.turns]
        self.id = str((record or {}).get("id") or "")
        self.returned = self.line = ""


class Answers:
    """Answers messages with an Inference, within limits.

    Args:
        max_time: seconds of an answer.
        save_image: keeps the bytes of a PNG and returns the path under which the page finds it.

    longest: the most new tokens that can be asked for; max_characters: of a message.
    """

    def __init__(self, infer: Inference, max_time: float, save_image: Callable[[bytes], str]):
        self.infer, self.max_time, self.save_image = infer, max_time, save_image
        self.n_positions = infer.model.config.n_positions
        self.longest = self.n_positions - len(infer.tokenizer.encode_text(build_meta_instruction(apis(PLUGINS)))) - 2
        self.max_characters = 8 * self.n_positions
        self.health = Health(infer)
        self.lock = threading.Lock()
        self.running: set[str] = set()  # the ids of the chats

    @contextlib.contextmanager
    def taking(self, chat: Chat, words: dict) -> Iterator[None]:
        """One event of a chat at a time."""
        for _ in range(100):  # an answer that was stopped is being closed
            with self.lock:
                busy, chat.busy = chat.busy, True
            if not busy:
                break
            time.sleep(0.02)
        else:
            raise ValueError(words["busy"])
        try:
            yield
        except ValueError:
            raise
        except Exception as error:  # of the engine: this answer alone is lost
            self.health.failed = True
            where = "".join(traceback.format_tb(error.__traceback__))  # without the text, which may quote the message
            logger.error("an answer failed: %s\n%s", type(error).__name__, where)
            raise ValueError(words["broken"]) from None
        finally:
            chat.busy = False

    def checked(self, message: object, names: Sequence[str], sampling: tuple, words: dict) -> dict:
        """The paras of an answer. Raises ValueError where the message, a plugin or a setting is refused."""
        paras = dict(zip(("max_iterations", "top_p", "temperature"), sampling, strict=True))
        paras["max_time"] = self.max_time
        self.infer.checked(paras)
        if not 1 <= paras["max_iterations"] <= self.longest:
            raise ValueError(words["range"].format(self.longest, paras["max_iterations"]))
        if not isinstance(message, str) or not message.strip():
            raise ValueError(words["empty"])
        message.encode()  # ValueError where it holds half of a surrogate pair
        if len(message) > self.max_characters:
            raise ValueError(words["long"].format(len(message), self.max_characters))
        if unknown := set(names) - set(usable()):
            raise ValueError(words["unknown"].format(", ".join(sorted(unknown))))
        return paras | {"max_iterations": int(paras["max_iterations"])}

    def reply(
        self, chat: Chat, kept_turns: int, message: str, names: Sequence[str], sampling: tuple, words: dict
    ) -> Iterator[None]:
        """Answers a message after the first `kept_turns` turns; yields when the chat has changed, but for the end.

        Raises ValueError where the message or a setting is refused; the chat stays as it was.
        """
        paras = self.checked(message, names, sampling, words)
        conversation, before = chat.conversation, (list(chat.conversation.parts), list(chat.turns))
        conversation.meta_instruction = build_meta_instruction(apis(names))
        chat.cut(kept_turns)
        chat.turns.append(turn := [Said("Human", message)])
        conversation.add("Human", message)
        chat.id = chat.id or secrets.token_hex(8)
        chat.line, chat.returned, notes, requests = "", "", [], []
        started = last = time.monotonic()
        redrawn = 0.0
        self.running.add(chat.id)
        pace = min(REDRAW_SECONDS * len(self.running), LONGEST_REDRAW)
        try:
            with contextlib.closing(self.infer.chat(conversation, requests=requests, pace=pace, **paras)) as parts:
                yield
                for part in parts:
                    now = time.monotonic()
                    if part.role == NOTE:
                        notes.append(self.translated(part.text, words))
                        continue
                    if turn[-1].role != part.role:
                        turn.append(Said(part.role, ""))
                        part_started = last
                    last, said = now, turn[-1]
                    said.text += part.text
                    said.seconds = now - part_started
                    for attachment in part.attachments:
                        if isinstance(attachment, Image):
                            said.images.append((self.save_image(attachment.png), attachment.description))
                        else:
                            said.links.append(attachment)
                    if now - redrawn > pace:
                        redrawn = now
                        yield
        except Exception as error:
            conversation.parts[:], chat.turns = before
            if isinstance(error, TooLong):
                raise ValueError(words["tokens"].format(error.length, error.room)) from None
            raise
        finally:
            self.running.discard(chat.id)
            # Stopped before there was an answer, or even before the model was asked: the chat is as it was.
            if conversation.next_role != "Human" or len(conversation.turns) < len(chat.turns):
                conversation.parts[:], chat.turns = before
                retried = chat.turns[kept_turns:] and chat.turns[kept_turns][0].text == message
                chat.returned = "" if retried else message
        self.health.failed = False
        seconds, drawn = time.monotonic() - started, sum(request.n_drawn for request in requests)
        if not turn[-1].text.strip():
            notes.append(words["nothing"])
        context = requests[-1].n_prompt + requests[-1].n_drawn
        chat.line = " · ".join([words["line"].format(drawn, drawn / seconds, context, self.n_positions), *notes])
        logger.info("an answer of %d tokens in %.1f s", drawn, seconds)

    def translated(self, note: str, words: dict) -> str:
        """A note of Inference.chat in the language of the page."""
        english = {text.format(self.max_time): key for key, text in NOTES.items()}
        return words[english[note]].format(self.max_time)


def usable() -> list[str]:
    """The plugins that are switched on."""
    return [name for name, plugin in PLUGINS.items() if plugin.off() is None]


# --- conversations in the browser -------------------------------------------------------------------------------------


def checked_kept(kept: object) -> list[dict]:
    """What a browser says that it kept, without what is no conversation."""
    good = []
    for record in kept if isinstance(kept, list) else []:
        with contextlib.suppress(ValueError):
            Conversation.from_record(record)
            good.append(record)
    return good


def fitting(kept: Sequence[dict]) -> list[dict]:
    """The first of them, as far as a browser keeps them."""
    room, fit = MAX_KEPT_BYTES, []
    for record in kept:
        size = len(json.dumps(record, ensure_ascii=False).encode("utf-8", "replace"))
        if size <= room and len(fit) < MAX_KEPT:
            fit.append(record)
            room -= size
    return fit


def listed(kept: Sequence[dict], words: dict) -> tuple[list[list[str]], str]:
    """The titles, one to a row, and a link that holds them all as a file."""
    titles = [[Conversation.from_record(record).parts[0].text.strip()[:60]] for record in kept]
    records = [{key: value for key, value in record.items() if key != "id"} for record in kept]
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    address = f"data:application/jsonl;base64,{base64.b64encode(lines.encode()).decode()}"
    link = f'<a class="sm secondary" download="moss_conversations.jsonl" href="{address}">{words["export"]}</a>'
    return titles, link if kept else ""


def records_of(text: str, words: dict) -> list[dict]:
    """The conversations of a jsonl file. Raises ValueError that names the line at fault."""
    records = []
    for number, line in enumerate(text.lstrip("\ufeff").split("\n"), 1):  # a message may hold what splitlines splits at
        try:
            if line.strip():
                record = Conversation.from_record(json.loads(line)).to_record()
                records.append({"id": secrets.token_hex(8)} | record)
        except (ValueError, RecursionError) as error:
            raise ValueError(words["file"].format(number, str(error)[:200])) from None
    return records

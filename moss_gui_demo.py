"""Chat with MOSS in a browser.

    python moss_gui_demo.py                                          # moss-mini, on http://127.0.0.1:7860
    python moss_gui_demo.py --model_name fnlp/moss-moon-003-sft-plugin --gpu 0,1 --port 8000
    python moss_gui_demo.py --host 0.0.0.0 --auth users.txt          # a line each: user:password

The page is reachable from this machine only, unless --host says otherwise. Ctrl-C stops the server. The same chat for
programs, one conversation to a client:

    from gradio_client import Client
    client = Client("http://127.0.0.1:7860")                         # auth=("user", "password") where there is --auth
    answer, line = client.predict("What is 15% of 240?", api_name="/chat")
    for answer, line in client.submit("now double it", api_name="/chat"): ...                   # as it grows
    client.predict("Hi", plugins=["Calculate"], max_length=64, top_p=0.8, temperature=0, api_name="/chat")

`line` tells tokens, time and context used, and whatever cut the answer short. A full queue is answered with 503 and
Retry-After; GET /health says "ready" (200), or why not (503).

What the model is told of a conversation is the server's: a browser sends messages, never history. Conversations are
kept in the browser; one that is opened again, or imported, is read as data (`Conversation.from_record`): its system
prompt gives way to the server's.
"""

import argparse
import base64
import contextlib
import html
import json
import logging
import os
import secrets
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from serving import Gate, check_address, serve
from utils import plain_errors

MAX_SESSIONS = 1000  # the ones not used for longest are forgotten
SESSION_SECONDS = 3600  # and those not used for so long
MAX_KEPT = 20  # conversations in a browser
REDRAW_SECONDS = 0.05  # between two updates of the page; each costs the server a pass over the whole conversation
EXAMPLES = (
    "What is 15% of 240?", "How many kilometres are 26.2 miles?", "Solve 2x + 3 = 11",
    "你是谁？", "36 乘以 25 是多少？", "解方程 x^2-5x+6=0",
)  # fmt: skip
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
    "busy": ("The last message of this conversation is still being answered.", "这个对话的上一条消息还在回答中。"),
    "gone": ("That message is not there any more.", "那条消息已经不在了。"),
    "length": ("The maximum length is 1 to {}, got {}.", "最大长度为 1 到 {}，而不是 {}。"),
    "unknown": ("There is no plugin {}.", "没有插件 {}。"),
    "file": ("Not a file of conversations, line {}: {}", "不是对话文件，第 {} 行：{}"),
    "broken": ("The model failed; the server's log says why.", "模型出错，原因见服务器日志。"),
    "nothing": ("MOSS has no answer.", "MOSS 没有回答。"),
    "line": ("{} tokens, {:.0f} a second · context {} of {}", "{} 个词元，每秒 {:.0f} 个 · 上下文 {} / {}"),
}
EN, ZH = ({key: pair[language] for key, pair in WORDS.items()} for language in (0, 1))
# The button "import" reads a file in the browser and types it into a hidden box: nothing is ever uploaded. A script of
# the page's head, since the content security policy does not let Gradio evaluate an event's `js`.
HEAD = """<script>
addEventListener("click", event => {
    if (!event.target.closest("#import")) return;
    const input = Object.assign(document.createElement("input"), {type: "file", accept: ".jsonl,.json"});
    input.onchange = async () => {
        const box = document.querySelector("#imported textarea");
        box.value = await input.files[0].text();
        box.dispatchEvent(new Event("input", {bubbles: true}));
    };
    input.click();
});
</script>"""
CSS = """
#imported { display: none }
#line { min-height: 1.5em }
"""

logger = logging.getLogger("moss_gui_demo")


@dataclass
class Chat:
    """What the server knows of one browser tab, or one client. `turns` are the conversation's as Said parts."""

    conversation: object = None
    turns: list[list] = field(default_factory=list)
    id: str = ""
    busy: bool = False
    returned: str = ""  # the message of a turn that was stopped before its answer
    line: str = ""


def build_app(infer, auth=None, max_running: int = 16, max_waiting: int = 64, max_time: float = 60):
    """The page over an Inference: an ASGI app, and a function that says why it cannot answer, None if it can.

    Args:
        auth: list of (user, password) who may use it; None for anybody.
        max_running: answers made at a time.
        max_waiting: messages that wait for their turn; more are refused.
        max_time: seconds of an answer.
    """
    import fastapi
    import gradio as gr
    from gradio.processing_utils import save_bytes_to_cache

    from gui_messages import Said, as_markdown, from_markdown, messages_of
    from models.conversation_moss import OWN_ROLES, Conversation, build_meta_instruction
    from plugins import PLUGINS, Image, apis

    defaults, n_positions, tokenizer = infer.default_paras, infer.model.config.n_positions, infer.tokenizer
    longest = n_positions - len(tokenizer.encode_text(build_meta_instruction(apis(PLUGINS)))) - 2
    max_characters = 8 * n_positions
    i18n = gr.I18n(en=EN, zh=ZH, **{"zh-CN": ZH, "zh-TW": ZH, "zh-HK": ZH})
    lock = threading.Lock()
    failed = threading.Event()  # the last answer ended in an error of the engine

    def words_for(request: gr.Request) -> dict:
        return ZH if request.headers.get("accept-language", "").lower().startswith("zh") else EN

    def usable() -> list[str]:
        return [name for name, plugin in PLUGINS.items() if plugin.off() is None]

    def switched_off():
        """A line for each plugin that cannot be used, with how to switch it on."""
        lines = [f"- {name}: {as_markdown(why)}" for name, plugin in PLUGINS.items() if (why := plugin.off())]
        return gr.Markdown("\n".join(lines), visible=bool(lines))

    def meta_instruction(names: Sequence[str]) -> str:
        return build_meta_instruction(apis(names))

    def shown(chat: Chat, words: dict, running: bool = False) -> list[dict]:
        last = len(chat.turns) - 1
        return [m for n, turn in enumerate(chat.turns) for m in messages_of(turn, words, running and n == last)]

    @contextlib.contextmanager
    def owning(chat: Chat, words: dict):
        """One event of a conversation at a time; what goes wrong is said to the user, without a traceback."""
        for _ in range(100):  # an answer that was stopped is being closed
            with lock:
                busy, chat.busy = chat.busy, True
            if not busy:
                break
            time.sleep(0.02)
        else:
            raise gr.Error(words["busy"], print_exception=False)
        try:
            yield
        except gr.Error:
            raise
        except ValueError as error:
            raise gr.Error(html.escape(str(error), quote=False), print_exception=False) from None
        except Exception as error:  # of the engine: this answer alone is lost
            failed.set()
            where = "".join(traceback.format_tb(error.__traceback__))  # without the text, which may quote the message
            logger.error("an answer failed: %s\n%s", type(error).__name__, where)
            raise gr.Error(words["broken"], print_exception=False) from None
        finally:
            chat.busy = False

    # --- answers ------------------------------------------------------------------------------------------------------

    def reply(chat: Chat, kept_turns: int | None, message, names, sampling: tuple, words: dict) -> Iterator[None]:
        """Answers a message after the first `kept_turns` turns; yields when the chat has changed, but for the end.

        kept_turns: None for all.

        Raises ValueError where the message or a setting is refused; the chat stays as it was.
        """
        paras = dict(zip(("max_iterations", "top_p", "temperature"), sampling, strict=True)) | {"max_time": max_time}
        infer.checked(paras)
        if not 1 <= paras["max_iterations"] <= longest:
            raise ValueError(words["length"].format(longest, paras["max_iterations"]))
        paras["max_iterations"] = int(paras["max_iterations"])
        if not isinstance(message, str) or not message.strip():
            raise ValueError(words["empty"])
        message.encode()  # ValueError where it holds half of a surrogate pair
        if len(message) > max_characters:
            raise ValueError(words["long"].format(len(message), max_characters))
        if unknown := set(names) - set(usable()):
            raise ValueError(words["unknown"].format(", ".join(sorted(unknown))))
        if chat.conversation is None:
            chat.conversation, chat.id = Conversation(), secrets.token_hex(8)
        conversation = chat.conversation
        kept_turns = len(chat.turns) if kept_turns is None else kept_turns
        before, turns_before = list(conversation.parts), list(chat.turns)
        del conversation.parts[sum(map(len, conversation.turns[:kept_turns])) :]
        conversation.meta_instruction = meta_instruction(names)
        chat.turns = [*chat.turns[:kept_turns], turn := [Said("Human", message)]]
        chat.line, chat.returned, notes = "", "", []
        conversation.add("Human", message)
        started = last = time.monotonic()
        redrawn = 0.0
        try:
            with contextlib.closing(infer.chat(conversation, **paras)) as parts:
                yield
                for part in parts:
                    now = time.monotonic()
                    if part.role == "Note":
                        notes.append(part.text)
                        continue
                    if turn[-1].role != part.role:
                        turn.append(Said(part.role, ""))
                        part_started = last
                    last, said = now, turn[-1]
                    said.text += part.text
                    said.seconds = now - part_started
                    for attachment in part.attachments:
                        if isinstance(attachment, Image):
                            path = save_bytes_to_cache(attachment.png, "image.png", chatbot.GRADIO_CACHE)
                            chatbot.temp_files.add(path)  # so that Gradio deletes it in the end
                            said.images.append((path, attachment.description))
                        else:
                            said.links.append(attachment)
                    if now - redrawn > REDRAW_SECONDS:
                        redrawn = now
                        yield
        except Exception:
            conversation.parts[:], chat.turns = before, turns_before
            raise
        finally:
            if len(conversation.turns) < len(chat.turns):  # stopped before there was an answer
                chat.turns.pop()
                chat.returned = message
        failed.clear()
        own = sum(len(tokenizer.encode_text(said.text)) + 1 for said in turn if said.role in OWN_ROLES)
        context = len(conversation.encode_for_training(tokenizer).ids)
        seconds = time.monotonic() - started
        if not turn[-1].text.strip():
            notes.append(words["nothing"])
        counts = words["line"].format(own, own / max(seconds, 1e-6), min(context, n_positions), n_positions)
        chat.line = " · ".join([counts, *notes])
        logger.info("an answer of %d tokens in %.1f s", own, seconds)

    def answered(values: dict, kept_turns: int | None, message: str, request: gr.Request):
        """The page while a message is answered: messages, input box, line, chat."""
        chat, words = values[state], words_for(request)
        sampling = values[max_length], values[top_p], values[temperature]
        try:
            answering = reply(chat, kept_turns, message, values[plugins], sampling, words)
            with owning(chat, words), contextlib.closing(answering):
                for _ in answering:
                    yield shown(chat, words, running=True), "", "", chat
                last = shown(chat, words), "", chat.line, chat
            yield last  # when the next message may come
        except gr.Error:
            yield shown(chat, words), message, chat.line, chat
            raise

    def send(values, request: gr.Request):
        yield from answered(values, None, values[box], request)

    def example(values, request: gr.Request, which: gr.SelectData):
        yield from answered(values, 0, str(which.value["text"]), request)

    def retry(values, request: gr.Request, which: gr.RetryData):
        turn = turn_at(values[state], which.index, words_for(request))
        yield from answered(values, turn, values[state].turns[turn][0].text, request)

    def edit(values, request: gr.Request, which: gr.EditData):
        turn = turn_at(values[state], which.index, words_for(request))
        yield from answered(values, turn, from_markdown(str(which.value)), request)

    def ask(message, plugins, max_length, top_p, temperature, chat, request: gr.Request):
        """Answers a message in the client's conversation; yields the answer so far, and the line."""
        words = words_for(request)

        def answer() -> str:
            return "".join(said.text for said in chat.turns[-1] if said.role == "MOSS").strip()

        answering = reply(chat, None, message, plugins, (max_length, top_p, temperature), words)
        with owning(chat, words), contextlib.closing(answering):
            for _ in answering:
                yield answer(), "", chat
            last = answer(), chat.line, chat
        yield last

    def turn_at(chat: Chat, index: object, words: dict) -> int:
        """The number of the turn that shows the chatbot's message `index`. Raises gr.Error where there is none."""
        ends = 0
        for number, turn in enumerate(chat.turns):
            ends += len(messages_of(turn, words))
            if isinstance(index, int) and 0 <= index < ends:
                return number
        raise gr.Error(words["gone"], print_exception=False)

    def undo(chat, request: gr.Request, which: gr.UndoData):
        words = words_for(request)
        with owning(chat, words):
            turn = turn_at(chat, which.index, words)
            message = chat.turns[turn][0].text
            del chat.conversation.parts[sum(map(len, chat.conversation.turns[:turn])) :]
            del chat.turns[turn:]
        return shown(chat, words), message, "", chat

    def stopped(chat, request: gr.Request):
        with owning(chat, words_for(request)):
            return shown(chat, words_for(request)), chat.returned, chat.line, chat

    # --- conversations in the browser -----------------------------------------------------------------------------

    def listed(kept, words: dict):
        """The list of titles, and a link that holds them all as a file."""
        titles = [[Conversation.from_record(record).parts[0].text.strip()[:60]] for record in kept]
        records = [{key: value for key, value in record.items() if key != "id"} for record in kept]
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        address = f"data:application/jsonl;base64,{base64.b64encode(lines.encode()).decode()}"
        link = f'<a class="sm secondary" download="moss_conversations.jsonl" href="{address}">{words["export"]}</a>'
        return gr.Dataset(samples=titles), link if kept else ""

    def checked_kept(kept) -> list[dict]:
        """What a browser says that it kept, without what is no conversation."""
        good = []
        for record in kept if isinstance(kept, list) else []:
            with contextlib.suppress(ValueError):
                Conversation.from_record(record)
                good.append(record)
        return good[:MAX_KEPT]

    def keep(chat, kept, request: gr.Request):
        kept = checked_kept(kept)
        if chat.turns and not chat.busy:
            record = {"id": chat.id} | chat.conversation.to_record()
            kept = [record, *(other for other in kept if other.get("id") != chat.id)][:MAX_KEPT]
        return kept, *listed(kept, words_for(request))

    def opened(record: dict, chat: Chat, words: dict):
        """Goes on with a record: page, plugins and system prompt."""
        old = Conversation.from_record(record)
        names = [name for name in old.plugins if name in usable()]
        with owning(chat, words):
            chat.conversation = Conversation(apis(names))
            chat.conversation.parts = old.parts
            chat.turns = [[Said(part.role, part.text) for part in turn] for turn in old.turns]
            chat.id, chat.line = str(record.get("id") or secrets.token_hex(8)), ""
        return shown(chat, words), "", "", chat, names, meta_instruction(names)

    def open_kept(index, kept, chat, request: gr.Request):
        words = words_for(request)
        kept = checked_kept(kept)
        if not isinstance(index, int) or not 0 <= index < len(kept):
            raise gr.Error(words["gone"], print_exception=False)
        return opened(kept[index], chat, words)

    def import_file(text, kept, chat, request: gr.Request):
        """Adds the conversations of a jsonl file to those kept, and opens the first."""
        words, records = words_for(request), []
        for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
            try:
                if line.strip():
                    record = Conversation.from_record(json.loads(line)).to_record()
                    records.append({"id": secrets.token_hex(8)} | record)
            except (ValueError, RecursionError) as error:
                reason = html.escape(str(error)[:200], quote=False)
                raise gr.Error(words["file"].format(number, reason), print_exception=False) from None
        if not records:
            return [gr.skip()] * 9
        kept = [*records, *checked_kept(kept)][:MAX_KEPT]
        return *opened(records[0], chat, words), kept, *listed(kept, words)

    def clear(chat, request: gr.Request):
        with owning(chat, words_for(request)):
            chat.conversation, chat.turns, chat.id, chat.line = None, [], "", ""
        return [], "", "", chat

    def delete(chat, kept, request: gr.Request):
        kept = [record for record in checked_kept(kept) if record.get("id") != chat.id]
        return *clear(chat, request), kept, *listed(kept, words_for(request))

    def arrive(kept, request: gr.Request):
        kept = checked_kept(kept)
        return kept, *listed(kept, words_for(request)), gr.CheckboxGroup(choices=usable()), switched_off()

    # --- the page -------------------------------------------------------------------------------------------------

    with gr.Blocks(title="MOSS", analytics_enabled=False, delete_cache=(3600, 86400)) as page:
        state = gr.State(Chat(), time_to_live=SESSION_SECONDS)
        kept = gr.BrowserState([], storage_key="moss-conversations", secret="moss")  # obscured, not secret
        gr.Markdown("# MOSS")
        gr.Markdown(i18n("notice"))
        chatbot = gr.Chatbot(
            show_label=False, label="MOSS", height="58vh", buttons=["copy"], editable="user", elem_id="chat",
            placeholder=i18n("examples"), examples=[{"text": text} for text in EXAMPLES],
            latex_delimiters=[
                {"left": "$$", "right": "$$", "display": True}, {"left": r"\[", "right": r"\]", "display": True},
                {"left": r"\(", "right": r"\)", "display": False},
            ],
        )  # fmt: skip
        line = gr.Markdown(elem_id="line")
        box = gr.Textbox(
            show_label=False, label=i18n("placeholder"), placeholder=i18n("placeholder"), autofocus=True,
            max_length=max_characters, lines=1, max_lines=8, submit_btn=True, stop_btn=True, elem_id="box",
        )  # fmt: skip
        with gr.Accordion(i18n("settings"), open=False):
            plugins = gr.CheckboxGroup(usable(), value=list(infer.plugins), label=i18n("plugins"))
            off = switched_off()
            max_length = gr.Slider(
                1, longest, min(defaults["max_iterations"], longest), step=1, label=i18n("max_length")
            )
            top_p = gr.Slider(0.01, 1, defaults["top_p"], step=0.01, label="Top P")
            temperature = gr.Slider(0, 2, defaults["temperature"], step=0.05, label=i18n("temperature"))
            system = gr.Textbox(meta_instruction(infer.plugins), label=i18n("system"), lines=6, interactive=False)
        with gr.Accordion(i18n("chats"), open=False):
            with gr.Row():
                new, forget = gr.Button(i18n("new"), size="sm"), gr.Button(i18n("delete"), size="sm")
                gr.Button(i18n("import"), size="sm", elem_id="import")
                export = gr.Markdown(elem_id="export", sanitize_html=False)
            kept_list = gr.Dataset(
                label=i18n("kept"), components=[gr.Textbox(visible=False)], samples=[], type="index", elem_id="kept"
            )
        imported = gr.Textbox(elem_id="imported", show_label=False, lines=2)

        model = {"concurrency_limit": max_running, "concurrency_id": "model"}
        hidden = {"api_visibility": "private", "show_progress": "hidden"}
        inputs, screen = {box, state, plugins, max_length, top_p, temperature}, [chatbot, box, line, state]
        store = [kept, kept_list, export]
        answers = [
            happens(answer, inputs, screen, **model, **hidden)
            for happens, answer in (
                (box.submit, send), (chatbot.example_select, example), (chatbot.retry, retry), (chatbot.edit, edit)
            )
        ]  # fmt: skip
        changes = [
            *answers,
            chatbot.undo(undo, state, screen, **hidden),
            box.stop(None, cancels=answers).then(stopped, state, screen, **hidden),
        ]
        for change in changes:
            change.then(keep, [state, kept], store, **hidden)
        gr.on([new.click, chatbot.clear], clear, state, screen, **hidden)
        plugins.change(meta_instruction, plugins, system, **hidden)
        kept_list.click(open_kept, [kept_list, kept, state], [*screen, plugins, system], **hidden)
        read = imported.change(import_file, [imported, kept, state], [*screen, plugins, system, *store], **hidden)
        read.then(lambda: "", None, imported, **hidden)  # so that the same file can be read again
        forget.click(delete, [state, kept], [*screen, *store], **hidden)
        page.load(arrive, kept, [*store, plugins, off], **hidden)

        answer, told = gr.Textbox(visible=False, label="answer"), gr.Textbox(visible=False, label="line")
        gr.Button(visible=False).click(
            ask,
            [box, plugins, max_length, top_p, temperature, state],
            [answer, told, state],
            api_name="chat",
            **model,
            show_progress="hidden",
        )
    page.max_threads = max(40, 2 * max_running)
    page.queue(max_size=max_waiting, default_concurrency_limit=max_running, api_open=False)
    page.state_session_capacity = MAX_SESSIONS

    def trouble() -> str | None:
        """After an error of the engine: whether it still makes a token."""
        if failed.is_set():
            try:
                conversation = Conversation()
                conversation.add("Human", "Hi")
                list(infer.chat(conversation, max_iterations=1, max_time=5))
                failed.clear()
            except Exception as error:
                return f"the model failed: {type(error).__name__}"
        return None

    app = gr.mount_gradio_app(
        fastapi.FastAPI(openapi_url=None), page, app_kwargs={"openapi_url": None}, path="/", auth=auth, i18n=i18n,
        footer_links=["settings"], head=HEAD, css=CSS,
        theme=gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]).set(
            body_text_color_subdued="*neutral_600", body_text_color_subdued_dark="*neutral_300"  # enough contrast
        ),
        show_error=False, run_history=False, enable_monitoring=False, mcp_server=False, ssr_mode=False, pwa=False,
    )  # fmt: skip
    return app, trouble


def parse_auth(given: str) -> list[tuple[str, str]]:
    """The users of "user:password", or of a file with such lines. Raises ValueError or OSError where there are none."""
    lines = [given] if ":" in given else Path(given).read_text(encoding="utf-8").splitlines()
    pairs = [tuple(line.strip().split(":", 1)) for line in lines if line.strip()]
    if not pairs or not all(len(pair) == 2 and all(pair) for pair in pairs):
        raise ValueError("--auth is user:password, or a file with such lines")
    return pairs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    model = parser.add_argument_group("model")
    model.add_argument("--model_name", help="a directory or a hub name (default: checkpoints/moss-mini)")
    model.add_argument("--gpu", help='numbers of the GPUs to use, as "0" or "0,1"; "cpu" for none (default: all)')
    server = parser.add_argument_group("server")
    server.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    server.add_argument("--port", type=int, default=7860, help="port to listen on (default: %(default)s)")
    server.add_argument("--auth", help="user:password, or a file with a line for each user (default: anybody)")
    server.add_argument("--max_running", type=int, default=16, help="answers made at a time (default: %(default)s)")
    server.add_argument(
        "--max_waiting", type=int, default=64, help="messages that wait; more are refused (default: %(default)s)"
    )
    server.add_argument("--max_time", type=float, default=60, help="seconds of an answer (default: %(default)s)")
    args = parser.parse_args()
    if args.gpu is not None:  # before torch looks at the GPUs
        os.environ["CUDA_VISIBLE_DEVICES"] = "" if args.gpu.lower() == "cpu" else args.gpu
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logger.setLevel(logging.INFO)

    def load():
        from moss_inference import Inference

        infer = Inference(model_dir=args.model_name, max_batch_size=args.max_running)
        app = build_app(infer, auth, args.max_running, args.max_waiting, args.max_time)
        host = f"[{args.host}]" if ":" in args.host else args.host
        print(f"MOSS is ready: open http://{host}:{args.port} in a browser. Ctrl-C stops it.", flush=True)
        return app

    with plain_errors():
        for name in ("max_running", "max_waiting", "max_time"):
            if not getattr(args, name) > 0:
                raise ValueError(f"--{name} must be above 0, got {getattr(args, name)}")
        auth = parse_auth(args.auth) if args.auth else None
        check_address(args.host, args.port)
        serve(Gate(load, refused=("/gradio_api/upload",)), args.host, args.port)


if __name__ == "__main__":
    main()

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
import contextlib
import html
import logging
import os
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # before torch comes, whose threads else spin for long on cores that the page needs, too
    os.environ.setdefault("GOMP_SPINCOUNT", "3000")

from gui_chat import EN, ZH, Answers, Chat, checked_kept, fitting, listed, records_of, usable
from gui_messages import as_markdown, from_markdown
from models.conversation_moss import Conversation, build_meta_instruction
from plugins import PLUGINS, apis
from serving import Gate, check_arguments, parse_arguments, serve
from utils import model_settings, plain_errors

MAX_SESSIONS = 1000  # the ones not used for longest are forgotten
SESSION_SECONDS = 3600  # and those not used for so long
EXAMPLES = (
    "What is 15% of 240?", "How many kilometres are 26.2 miles?", "Solve 2x + 3 = 11",
    "你是谁？", "36 乘以 25 是多少？", "解方程 x^2-5x+6=0",
)  # fmt: skip
# The button "import" reads a file in the browser and types it into a hidden box: nothing is ever uploaded. And the head
# of a step is a button that holds another, without a name, which does the same: it is hidden from keyboards and screen
# readers. A script of the page's head, since the content security policy does not let Gradio evaluate an event's `js`.
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
new MutationObserver(() => {
    for (const button of document.querySelectorAll("#chat [role=button] button:not([inert])")) button.inert = true;
}).observe(document, {childList: true, subtree: true});
</script>"""
# Gradio would cover the whole conversation with the word "Error" where one message is refused; a toast says why.
CSS = """
#imported, [data-testid=status-tracker] { display: none }
#line { min-height: 1.5em }
"""


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

    def save_image(png: bytes) -> str:
        path = save_bytes_to_cache(png, "image.png", chatbot.GRADIO_CACHE)
        chatbot.temp_files.add(path)  # so that Gradio deletes it in the end
        return path

    answers = Answers(infer, max_time, save_image)
    i18n = gr.I18n(en=EN, zh=ZH, **{"zh-CN": ZH, "zh-TW": ZH, "zh-HK": ZH})

    def words_for(request: gr.Request) -> dict:
        return ZH if request.headers.get("accept-language", "").lower().startswith("zh") else EN

    @contextlib.contextmanager
    def taking(chat: Chat, words: dict):
        """One event of a chat at a time; what goes wrong is said to the user, without a traceback."""
        try:
            with answers.taking(chat, words):
                yield
        except ValueError as error:
            raise gr.Error(html.escape(str(error), quote=False), print_exception=False) from None

    # --- events: answers ----------------------------------------------------------------------------------------------

    def answered(values: dict, request: gr.Request, message: str | None, index: object = None):
        """The screen while a message is answered, in place of the turn at message `index` of the page, if given.

        message: None for the one that stands there.
        """
        chat, words = values[state], words_for(request)
        settings = values[plugins], (values[max_length], values[top_p], values[temperature])
        try:
            with taking(chat, words):
                kept_turns = len(chat.turns) if index is None else chat.turn_at(index, words)
                message = chat.turns[kept_turns][0].text if message is None else message
                with contextlib.closing(answers.reply(chat, kept_turns, message, *settings, words)) as changes:
                    for _ in changes:
                        yield chat.messages(words, running=True), "", "", gr.skip()
                screen = chat.messages(words), "", chat.line, chat
            yield screen  # when the next message may come
        except gr.Error:
            yield chat.messages(words), message or "", chat.line, chat
            raise

    def send(values, request: gr.Request):
        yield from answered(values, request, values[box])

    def example(values, request: gr.Request, which: gr.SelectData):
        yield from answered(values, request, str(which.value["text"]))

    def retry(values, request: gr.Request, which: gr.RetryData):
        yield from answered(values, request, None, which.index)

    def edit(values, request: gr.Request, which: gr.EditData):
        yield from answered(values, request, from_markdown(str(which.value)), which.index)

    def ask(message, plugins, max_length, top_p, temperature, chat, request: gr.Request):
        """Answers a message in the client's conversation; yields the answer so far, and the line."""
        words = words_for(request)

        def answer() -> str:
            return "".join(said.text for said in chat.turns[-1] if said.role == "MOSS").strip()

        sampling = max_length, top_p, temperature
        with taking(chat, words):
            with contextlib.closing(answers.reply(chat, len(chat.turns), message, plugins, sampling, words)) as changes:
                for _ in changes:
                    yield answer(), "", gr.skip()
            last = answer(), chat.line, chat
        yield last

    def stopped(chat, request: gr.Request):
        with taking(chat, words := words_for(request)):
            return chat.messages(words), chat.returned, chat.line, chat

    def undo(chat, request: gr.Request, which: gr.UndoData):
        with taking(chat, words := words_for(request)):
            turn = chat.turn_at(which.index, words)
            message = chat.turns[turn][0].text
            chat.cut(turn)
        return chat.messages(words), message, "", chat

    # --- events: conversations in the browser -------------------------------------------------------------------------

    def stored(kept: list[dict], words: dict):
        kept = fitting(kept)
        titles, link = listed(kept, words)
        return kept, gr.Dataset(samples=titles), link

    def switched_off():
        """A line for each plugin that cannot be used, with how to switch it on."""
        lines = [f"- {name}: {as_markdown(why)}" for name, plugin in PLUGINS.items() if (why := plugin.off())]
        return gr.Markdown("\n".join(lines), visible=bool(lines))

    def meta_instruction(names: Sequence[str]) -> str:
        return build_meta_instruction(apis(names))

    def arrive(kept, request: gr.Request):
        return *stored(checked_kept(kept), words_for(request)), gr.CheckboxGroup(choices=usable()), switched_off()

    def keep(chat, kept, request: gr.Request):
        kept = checked_kept(kept)
        if chat.turns and not chat.busy:
            record = {"id": chat.id} | chat.conversation.to_record()
            kept = [record, *(other for other in kept if other.get("id") != chat.id)]
        return stored(kept, words_for(request))

    def opened(record: dict, chat: Chat, words: dict):
        """Goes on with a record: screen, plugins and system prompt."""
        names = [name for name in Conversation.from_record(record).plugins if name in usable()]
        with taking(chat, words):
            chat.begin(record, names)
        return chat.messages(words), "", "", chat, names, meta_instruction(names)

    def open_kept(index, kept, chat, request: gr.Request):
        kept, words = checked_kept(kept), words_for(request)
        if not isinstance(index, int) or not 0 <= index < len(kept):
            raise gr.Error(words["gone"], print_exception=False)
        return opened(kept[index], chat, words)

    def import_file(text, kept, chat, request: gr.Request):
        """Adds the conversations of a jsonl file to those kept, and opens the first."""
        words = words_for(request)
        with taking(chat, words):
            records = records_of(text, words)
        if not records:
            return [gr.skip()] * 9
        return *opened(records[0], chat, words), *stored([*records, *checked_kept(kept)], words)

    def clear(chat, request: gr.Request):
        with taking(chat, words_for(request)):
            chat.begin()
        return [], "", "", chat

    def delete(chat, kept, request: gr.Request):
        kept = [record for record in checked_kept(kept) if record.get("id") != chat.id]
        return *clear(chat, request), *stored(kept, words_for(request))

    # --- layout -------------------------------------------------------------------------------------------------------

    defaults = infer.default_paras
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
            max_length=answers.max_characters, lines=1, max_lines=8, submit_btn=True, stop_btn=True, elem_id="box",
        )  # fmt: skip
        with gr.Accordion(i18n("settings"), open=False):
            plugins = gr.CheckboxGroup(usable(), value=list(infer.plugins), label=i18n("plugins"))
            off = switched_off()
            max_length = gr.Slider(
                1, answers.longest, min(defaults["max_iterations"], answers.longest), step=1, label=i18n("max_length")
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

        # --- which event does what ------------------------------------------------------------------------------------

        model = {"concurrency_limit": max_running, "concurrency_id": "model"}
        hidden = {"api_visibility": "private", "show_progress": "hidden"}
        light = hidden | {"queue": False}  # else those who find the queue full could not even keep what they have
        inputs, screen = {box, state, plugins, max_length, top_p, temperature}, [chatbot, box, line, state]
        store = [kept, kept_list, export]
        answering = [
            happens(answer, inputs, screen, **model, **hidden)
            for happens, answer in (
                (box.submit, send), (chatbot.example_select, example), (chatbot.retry, retry), (chatbot.edit, edit)
            )
        ]  # fmt: skip
        changes = [
            *answering,
            chatbot.undo(undo, state, screen, **light),
            box.stop(None, cancels=answering).then(stopped, state, screen, **light),
        ]
        for change in changes:
            change.then(keep, [state, kept], store, **light)
        gr.on([new.click, chatbot.clear], clear, state, screen, **light)
        plugins.change(meta_instruction, plugins, system, **light)
        kept_list.click(open_kept, [kept_list, kept, state], [*screen, plugins, system], **light)
        read = imported.change(import_file, [imported, kept, state], [*screen, plugins, system, *store], **light)
        read.then(lambda: "", None, imported, **light)  # so that the same file can be read again
        forget.click(delete, [state, kept], [*screen, *store], **light)
        page.load(arrive, kept, [*store, plugins, off], **light)

        answer, told = gr.Textbox(visible=False, label="answer"), gr.Textbox(visible=False, label="line")
        gr.Button(visible=False).click(
            ask,
            [box, plugins, max_length, top_p, temperature, state],
            [answer, told, state],
            api_name="chat",
            postprocess=False,
            show_progress="hidden",
            **model,
        )

    # --- limits -------------------------------------------------------------------------------------------------------

    page.max_threads = max(40, 2 * max_running)
    page.queue(
        max_size=max(1, max_waiting),
        default_concurrency_limit=max_running,
        status_update_rate=10,  # "auto" tells all who wait whenever an answer begins
        api_open=False,
    )
    page._queue.sleep_when_free = 0.02  # seconds; Gradio looks 1,000 times a second whether a message has come
    page.state_session_capacity = MAX_SESSIONS

    app = gr.mount_gradio_app(
        fastapi.FastAPI(openapi_url=None), page, app_kwargs={"openapi_url": None}, path="/", auth=auth, i18n=i18n,
        footer_links=["settings"], head=HEAD, css=CSS,
        theme=gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]).set(
            body_text_color_subdued="*neutral_600", body_text_color_subdued_dark="*neutral_300"  # enough contrast
        ),
        show_error=False, run_history=False, enable_monitoring=False, mcp_server=False, ssr_mode=False, pwa=False,
    )  # fmt: skip
    return app, answers.health.trouble


def parse_auth(given: str) -> list[tuple[str, str]]:
    """The users of "user:password", or of a file with such lines. Raises ValueError or OSError where there are none."""
    if os.path.isfile(given):
        lines = Path(given).read_text(encoding="utf-8-sig").splitlines()
    elif ":" in given:
        lines = [given]
    else:
        raise ValueError(f"--auth is user:password, or a file with such lines; there is no file {given}")
    pairs = [tuple(line.strip().split(":", 1)) for line in lines if line.strip()]
    if not pairs or not all(len(pair) == 2 and all(pair) for pair in pairs):
        raise ValueError("--auth is user:password, or a file with such lines")
    return pairs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--auth", help="user:password, or a file with a line for each user (default: anybody)")
    args = parse_arguments(parser, 7860, "--max_running")
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    logging.getLogger("moss_gui_demo").setLevel(logging.INFO)

    def load():
        from moss_inference import Inference

        infer = Inference(max_batch_size=args.max_running, **model_settings(args))
        app = build_app(infer, auth, args.max_running, args.max_waiting, args.max_time)
        with contextlib.suppress(ImportError):  # where it is, the first answer would wait seconds for Gradio to load it
            import matplotlib

            matplotlib.use("agg")
        host = f"[{args.host}]" if ":" in args.host else args.host
        print(f"MOSS is ready: open http://{host}:{args.port} in a browser. Ctrl-C stops it.", flush=True)
        return app

    with plain_errors():
        auth = None if args.auth is None else parse_auth(args.auth)  # "", of a variable that is not set, is an error
        check_arguments(args)
        serve(Gate(load, refused=("/gradio_api/upload",)), args.host, args.port)


if __name__ == "__main__":
    main()

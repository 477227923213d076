"""Chat with MOSS in a browser.

    python moss_gui_demo.py                                          # moss-mini, on http://127.0.0.1:7860
    python moss_gui_demo.py --model_name fnlp/moss-moon-003-sft-plugin --gpu 0,1 --port 8000

The page is reachable from this machine only, unless --host says otherwise. Ctrl-C stops the server.
"""

import argparse
import contextlib
import os
import re
import socket
from collections.abc import Iterable, Iterator

from starlette.middleware import Middleware

from utils import plain_errors

EXAMPLES = (
    "What is 15% of 240?", "How many kilometres are 26.2 miles?", "Solve 2x + 3 = 11",
    "你是谁？", "36 乘以 25 是多少？", "解方程 x^2-5x+6=0",
)  # fmt: skip
# What a message shows of its part; the titles are also how `conversation_from` finds the parts again.
TITLES = {"Inner Thoughts": "💭 Thoughts · 想法", "Commands": "🔧 Command · 命令", "Results": "📋 Result · 结果"}
# Whatever an answer holds, the browser fetches nothing from elsewhere and sends nothing there: Gradio's sanitiser stops
# scripts, but lets ![](http://...) and <form action=http://...> through. Gradio's own page needs its inline scripts.
CONTENT_SECURITY_POLICY = (
    b"default-src 'self' data: blob:; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    b"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)


def conversation_from(history: object, plugins: Iterable[str]):
    """The Conversation that a page's messages show. A page may send anything: text stays text; left out is what is no
    message or out of turn, and a user's message without an answer (it was refused, or stopped before the answer)."""
    from models.conversation_moss import NOTHING, ROLES, Conversation

    conversation = Conversation(plugins)
    for role, text in [*_parts(history), ("Human", "")]:  # the last one only closes the turn before it
        if role == "Human":
            if conversation.next_role != "Human":
                conversation.pop_turn()
            if text.strip():
                conversation.add(role, text)
        elif role in conversation.roles and 0 < ROLES.index(conversation.next_role) <= ROLES.index(role):
            while conversation.next_role != role:
                conversation.add(conversation.next_role, NOTHING)
            conversation.add(role, text)
    return conversation


def _parts(history: object) -> Iterator[tuple[str, str]]:
    """Role and text of each message. A message's content is a str, or a list of such and of dicts with a "text"."""
    roles = {title: role for role, title in TITLES.items()}
    for message in history if isinstance(history, list) else []:
        message = message if isinstance(message, dict) else {}
        content, metadata = message.get("content"), message.get("metadata")
        pieces = content if isinstance(content, list) else [content]
        texts = [piece.get("text") if isinstance(piece, dict) else piece for piece in pieces]
        text = "\n".join(text for text in texts if isinstance(text, str))
        if message.get("role") == "user":
            yield "Human", text
        elif message.get("role") == "assistant":
            yield roles.get(str(metadata.get("title")) if isinstance(metadata, dict) else "", "MOSS"), text


def replace_stars(text: str, old: str, new: str) -> str:
    """Replaces stars between operands, as in 2*3*4, outside of code and formulas. Those of **bold** are not such."""
    star = rf"(?<=[0-9)\]])(?:{re.escape(old)}){{1,2}}(?=[-+.(\[0-9A-Za-z])"
    code_formula_or_star = rf"(?s)```.*?(?:```|\Z)|`[^`\n]*`|\$\$.*?\$\$|{star}"
    return re.sub(code_formula_or_star, lambda m: m[0].replace(old, new) if m[0].startswith(old) else m[0], text)


def keep_stars(chatbot):
    """Keeps a gr.Chatbot from showing 2*3*4 as 2<em>3</em>4: stars are escaped for the page, and back again."""
    # not a subclass: Gradio writes a .pyi file next to the module of any subclass of a component
    preprocess, postprocess = chatbot.preprocess, chatbot.postprocess

    def from_page(payload):
        messages = preprocess(payload)
        for piece in (piece for message in messages for piece in message["content"] if piece["type"] == "text"):
            piece["text"] = replace_stars(piece["text"], r"\*", "*")
        return messages

    def to_page(messages):
        shown = postprocess(messages).model_copy(deep=True)
        for piece in (piece for message in shown.root for piece in message.content if piece.type == "text"):
            piece.text = replace_stars(piece.text, "*", r"\*")
        return shown

    chatbot.preprocess, chatbot.postprocess = from_page, to_page
    return chatbot


def build_page(infer):
    """The page as a gr.ChatInterface over an Inference. Its API is /chat(message, max_length, top_p, temperature)."""
    import gradio as gr

    defaults, longest = infer.default_paras, infer.model.config.n_positions

    def chat(message, history, max_length, top_p, temperature):
        """Yields the messages of the reply so far: one for each part that has something to show."""
        messages, role = [], None
        try:
            if not message.strip():
                raise ValueError("The message is empty. · 请输入内容。")
            conversation = conversation_from(history, infer.plugins)
            conversation.add("Human", message)
            parts = infer.chat(conversation, max_iterations=max_length, top_p=top_p, temperature=temperature)
            with contextlib.closing(parts):  # the stop button or a closed tab ends the generation at once
                for part in parts:
                    if part.role not in (*TITLES, "MOSS"):  # a note for the user
                        gr.Warning(part.text)
                        continue
                    if part.role != role:
                        if role in TITLES:  # folds the part before
                            messages[-1].metadata = {"title": TITLES[role], "status": "done"}
                        role = part.role
                        metadata = {"title": TITLES[role], "status": "pending"} if role in TITLES else {}
                        messages.append(gr.ChatMessage("", metadata=metadata))
                    messages[-1].content = (messages[-1].content + part.text).lstrip()
                    yield [m for m in messages if not m.metadata or not "None".startswith(m.content.strip())]
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None

    return gr.ChatInterface(
        chat,
        title="MOSS",
        description="<center>MOSS may be wrong: check what matters. · MOSS 的回答可能出错，重要的内容请核实。</center>",
        chatbot=keep_stars(gr.Chatbot(show_label=False, sanitize_html=True, buttons=["copy"], height="62vh")),
        additional_inputs=[
            gr.Slider(1, longest, min(defaults["max_iterations"], longest), step=1, label="Maximum length · 最大长度"),
            gr.Slider(0.01, 1, defaults["top_p"], step=0.01, label="Top P"),
            gr.Slider(0, 2, defaults["temperature"], step=0.05, label="Temperature · 温度"),
        ],
        additional_inputs_accordion=gr.Accordion("Settings · 设置", open=False, render=False),
        examples=[[example] for example in EXAMPLES],
        concurrency_limit=2,
        analytics_enabled=False,
    )


def with_policy(app):
    """ASGI middleware that sends the content security policy with every response."""

    async def wrapped(scope, receive, send):
        def send_with_policy(message):
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"content-security-policy", CONTENT_SECURITY_POLICY)]
            return send(message)

        await app(scope, receive, send_with_policy)

    return wrapped


def launch(page, host: str, port: int) -> str:
    """Serves the page in a thread and returns its address. No share link, nothing recorded, nothing reported."""
    return page.queue(max_size=32).launch(
        server_name=f"[{host}]" if ":" in host else host, server_port=port, prevent_thread_lock=True, quiet=True,
        footer_links=[], share=False, enable_monitoring=False, run_history=False, mcp_server=False, ssr_mode=False,
        app_kwargs={"middleware": [Middleware(with_policy)]},
    )[1]  # fmt: skip


def check_address(host: str, port: int) -> None:
    """Raises ValueError where the page cannot be served: before the model loads, and in clearer words than Gradio's."""
    try:
        if not 1 <= port <= 65535:
            raise OSError("a port is a number from 1 to 65535")
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except (OSError, UnicodeError) as error:
        reason = str(error).partition(" (while")[0]
        raise ValueError(f"cannot listen on {host!r}, port {port}: {reason}; choose --host and --port") from None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model_name", help="a directory or a hub name (default: checkpoints/moss-mini)")
    parser.add_argument("--gpu", help='numbers of the GPUs to use, as "0" or "0,1"; "cpu" for none (default: all)')
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=7860, help="port to listen on (default: %(default)s)")
    args = parser.parse_args()
    if args.gpu is not None:  # before torch looks at the GPUs
        os.environ["CUDA_VISIBLE_DEVICES"] = "" if args.gpu.lower() == "cpu" else args.gpu
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # and Gradio calls its own page at start: not through a proxy
    os.environ["no_proxy"] = f"{os.getenv('no_proxy', os.getenv('NO_PROXY', ''))},{args.host},localhost"
    with plain_errors():
        check_address(args.host, args.port)
        from moss_inference import Inference

        page = build_page(Inference(model_dir=args.model_name))
        print(f"MOSS is ready: open {launch(page, args.host, args.port)} in a browser. Ctrl-C stops it.", flush=True)
        page.block_thread()


if __name__ == "__main__":
    main()

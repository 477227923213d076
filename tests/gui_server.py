"""A server for the tests of the page: a scripted model behind the real page, gate and uvicorn, on loopback."""

import contextlib
import io
import json
import os
import socket
import threading
import time
from types import SimpleNamespace

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported

import httpx
from PIL import Image as Picture

import moss_gui_demo
from models.conversation_moss import Conversation, Part
from moss_inference import DEFAULT_PARAS, NOTE, check_paras
from plugins import Image, Link
from serving import Gate, Server

RESULT = "Calculate(\"2*3*4\") => '24'"
PARTS = [
    Part("Inner Thoughts", " I multiply"), Part("Inner Thoughts", " 2*3*4."), Part("Commands", ' Calculate("2*3*4")'),
    Part("Results", ""), Part("Results", RESULT), Part("MOSS", " 2*3*4"), Part("MOSS", " 是 **24**。"),
]  # fmt: skip
LINKS = (Link("A [title] <b>*of*</b> one", "https://one.example/a(b)?q=1&r=2"), Link("notes.txt", ""))
SEARCH = "Search(\"moss\") =>\n<|1|>: 'soft'\n<|2|>: 'green'"


def png(size=(48, 32), colour="green") -> bytes:
    data = io.BytesIO()
    Picture.new("RGB", size, colour).save(data, "PNG")
    return data.getvalue()


class FakeInfer:
    """Gives a scripted reply as Inference.chat does: that of `replies`, or PARTS. The replies to messages that begin
    with "slow" do not end; "echo" answers with all that the user has said, "crash" is an error of the engine."""

    plugins, default_paras = ("Calculate", "Solve"), DEFAULT_PARAS
    model = SimpleNamespace(config=SimpleNamespace(n_positions=8192))
    engine = SimpleNamespace(stuck_seconds=0)

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.prompts, self.metas, self.paras, self.closed, self.dead = [], [], [], threading.Event(), False
        self.replies = {
            "搜索": [
                Part("Commands", ' Search("moss")'), Part("Results", SEARCH, LINKS),
                Part("MOSS", " Moss is soft<sup><|1|></sup> and green<|2|>, not<|3|>."),
            ],
            "画": [
                Part("Commands", ' Text2Image("moss")'),
                Part("Results", "Image generated successfully.", (Image(png(), "green <b>moss</b>"),)),
                Part("MOSS", " Here."),
            ],
            "long": [Part("MOSS", " part of it"), Part(NOTE, "The reply was cut after 60 seconds (max_time).")],
        }  # fmt: skip

    def checked(self, paras):
        check_paras(DEFAULT_PARAS | paras)
        return DEFAULT_PARAS | paras

    def stream(self, message, **paras):
        conversation = Conversation()
        conversation.add("Human", message)
        return self.chat(conversation, [], 0, **paras)

    def chat(self, conversation, requests, pace, **paras):
        self.checked(paras)
        self.prompts.append([(part.role, part.text) for part in conversation.parts])
        self.metas.append(conversation.meta_instruction)
        self.paras.append(paras)
        requests.append(SimpleNamespace(n_prompt=1000, n_drawn=10))
        message = conversation.parts[-1].text
        if message == "too many tokens":
            raise ValueError("the message is 9000 tokens long")
        if self.dead or message == "crash":
            raise RuntimeError(f"a secret of the engine: {message}")
        said = []
        try:
            for part in self.reply(message, conversation):
                if part.role != NOTE and (not said or said[-1].role != part.role):
                    said.append(Part(part.role, ""))
                if part.role != NOTE:
                    said[-1] = Part(part.role, said[-1].text + part.text)
                yield part
        except GeneratorExit:
            self.closed.set()
            if not said or said[-1].role != "MOSS":
                conversation.pop_turn()
                return
            raise
        finally:
            texts = dict(part[:2] for part in said)
            while said and "MOSS" in texts and conversation.next_role != "Human":
                conversation.add(conversation.next_role, texts.get(conversation.next_role, "None"))

    def reply(self, message, conversation):
        if message.startswith("slow"):
            if "thought" in message:
                yield Part("Inner Thoughts", " I think")
            for i in range(500):
                yield Part("Inner Thoughts" if "thought" in message else "MOSS", f" {i}")
                time.sleep(0.02)
        elif message.startswith("echo"):
            yield Part("MOSS", " | ".join(part.text for part in conversation.parts if part.role == "Human"))
            time.sleep(0.05)
            yield Part("MOSS", " end")
        else:
            yield from self.replies.get(message, PARTS)


WEB = httpx.Client(trust_env=False, verify=False, timeout=60, limits=httpx.Limits())  # httpx.get makes one a call: slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@contextlib.contextmanager
def serving_of(load):
    """The address of a gate over what `load` makes, served in a thread, and the gate."""
    port = free_port()
    server = Server(Gate(load, refused=("/gradio_api/upload",)), "127.0.0.1", port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield SimpleNamespace(url=f"http://127.0.0.1:{port}", port=port, gate=server.gate, server=server)
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


@contextlib.contextmanager
def served_page(infer, **options):
    with serving_of(lambda: moss_gui_demo.build_app(infer, **options)) as server:
        until(lambda: server.gate.app or server.gate.error, 30)
        if server.gate.error:
            raise server.gate.error
        server.infer = infer
        yield server


def post_message(url, data, session) -> httpx.Response:
    """POSTs a message to /chat as a program without gradio_client would."""
    body, kind = json.dumps({"data": data, "session_hash": session}), {"content-type": "application/json"}
    return WEB.post(f"{url}/gradio_api/call/chat", content=body, headers=kind)


@contextlib.contextmanager
def answer_of(url, posted: httpx.Response):
    """The lines of the answer to a posted message, while they come; leaving the context is leaving the server."""
    with WEB.stream("GET", f"{url}/gradio_api/call/chat/{posted.json()['event_id']}") as events:
        yield events.iter_lines()


def ask_raw(url, data, session):
    """(status, events of the answer, or the reason of its refusal)."""
    posted = post_message(url, data, session)
    if posted.status_code != 200:
        return posted.status_code, posted.text
    with answer_of(url, posted) as lines:
        return 200, "\n".join(lines)

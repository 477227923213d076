"""Serve MOSS to programs that speak the OpenAI protocol.

    python moss_api_demo.py                                          # moss-mini, on http://127.0.0.1:8000/v1
    python moss_api_demo.py --model_name fnlp/moss-moon-003-sft-plugin --gpu 0,1 --port 9000 --api_key SECRET

    from openai import OpenAI
    client = OpenAI(base_url="http://127.0.0.1:8000/v1", api_key="none")
    messages = [{"role": "user", "content": "What is 15% of 240?"}]
    message = client.chat.completions.create(model="moss-mini", messages=messages).choices[0].message
    print(message.content, message.reasoning_content)

POST /v1/chat/completions takes messages (system, user, assistant), stream, stream_options, max_tokens (of the whole
reply), temperature, top_p, top_k, repetition_penalty, stop (of the answer) and seed. A system message stands in place
of MOSS's usual preamble. What MOSS cannot do is refused with 422 rather than ignored.

MOSS runs its plugins itself, on the server, so they are no `tool_calls` for the client; tool_choice="none" switches
them off. In the answer's message, `content` is what MOSS says; `reasoning_content` has its inner thoughts, commands and
their results; `annotations` the links that it cites, as OpenAI's url_citation; `images` the pictures that it made, as
data URLs; `notes` what the user should know, such as turns left out. finish_reason is "stop", "length" or "timeout".
An assistant's message goes back whole, as it came: what MOSS thought and calculated is part of what it goes on from.

GET /v1/models names the model, and GET /health says "ready" (200) or why not (503). Nothing that is said is logged.
The server is reachable from this machine only, unless --host says otherwise. Ctrl-C stops it.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import re
import secrets
import time
import traceback
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

import anyio
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

if __name__ == "__main__":  # as in moss_gui_demo.py
    os.environ.setdefault("GOMP_SPINCOUNT", "3000")

from serving import Gate, Health, check_arguments, parse_arguments, serve
from utils import model_settings, plain_errors

MAX_MESSAGES = 1000
SEND_SECONDS = 30  # for a client to take what is sent to it
FINISH_REASONS = {"length": "length", "time": "timeout"}  # of engine.Request.reason; "stop" otherwise

logger = logging.getLogger("moss_api_demo")


# --- what is asked ----------------------------------------------------------------------------------------------------

Zero = Annotated[float, Field(ge=0, le=0)]
Text = Annotated[str, Field(min_length=1)]


class TextPart(BaseModel):
    type: Literal["text"]
    text: str


def refuse_tools(tools: list) -> list:
    if tools:
        raise PydanticCustomError("tools", "MOSS calls the server's plugins, not a client's tools; leave this out")
    return tools


NoTools = Annotated[list, AfterValidator(refuse_tools)]


class Message(BaseModel):
    """Other keys, which come with an assistant's message that is sent back, are left aside."""

    model_config = ConfigDict(strict=True)
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart] | None = None
    reasoning_content: str | None = None
    tool_calls: NoTools | None = None

    @property
    def text(self) -> str:
        return self.content if isinstance(self.content, str) else "\n".join(part.text for part in self.content or ())


class ChatRequest(BaseModel):
    """A request as in https://platform.openai.com/docs/api-reference/chat/create. None is as good as nothing."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
    messages: list[Message] = Field(min_length=1, max_length=MAX_MESSAGES)
    model: str | None = None
    stream: bool | None = False
    stream_options: dict[str, bool | None] | None = None
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    repetition_penalty: float | None = None
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    stop: Text | Annotated[list[Text], Field(max_length=4)] | None = None
    tool_choice: Literal["auto", "none"] | None = "auto"
    # allowed where they ask for nothing
    tools: NoTools | None = None
    n: Literal[1] | None = 1
    logprobs: Literal[False] | None = False
    presence_penalty: Zero | None = 0
    frequency_penalty: Zero | None = 0
    response_format: dict[Literal["type"], Literal["text"]] | None = None
    # and where they change no answer
    user: str | None = None
    metadata: dict | None = None
    store: bool | None = None
    service_tier: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    parallel_tool_calls: bool | None = None


def steps_of(reasoning: str) -> dict[str, str]:
    """The parts that `deltas` made a reasoning_content of; without a line of commands it is all thoughts."""
    from models.conversation_moss import parse_commands

    lines = reasoning.split("\n")
    for number, line in enumerate(lines):
        if line and line == ", ".join(map(str, parse_commands(line))):
            thoughts, results = "\n".join(lines[:number]), "\n".join(lines[number + 1 :])
            return {"Inner Thoughts": thoughts, "Commands": line, "Results": results}
    return {"Inner Thoughts": reasoning}


def conversation_from(messages: Sequence[Message], plugins: Sequence[str], n_positions: int):
    """The Conversation of some messages; neighbours of one role are one message.

    Raises ValueError where they are too long or in an order that is no conversation.
    """
    from models.conversation_moss import NOTHING, Conversation
    from models.meta_instruction import PREAMBLE, build_meta_instruction

    said: list[tuple[str, str, str]] = []
    for number, message in enumerate(messages):
        text, role = message.text, message.role.replace("developer", "system")
        reasoning = message.reasoning_content or ""
        if (length := len(text) + len(reasoning)) > 8 * n_positions:
            raise ValueError(f"messages.{number} has {length} characters; {8 * n_positions} fit")
        if role == "user" and not text.strip():
            raise ValueError(f"messages.{number} is empty")
        if said and said[-1][0] == role:
            text = f"{said.pop()[1]}\n\n{text}"
        said.append((role, text, reasoning))
    preamble = said.pop(0)[1] if said[0][0] == "system" else ""
    conversation = Conversation(meta_instruction=build_meta_instruction(plugins, preamble or PREAMBLE))
    roles = [role for role, _, _ in said]
    if "system" in roles or roles[:1] != ["user"] or roles[-1] != "user":
        raise ValueError("messages: expected a system message, if any, then user and assistant in turn, user last")
    for role, text, reasoning in said:
        steps = steps_of(reasoning)
        while role == "assistant" and conversation.next_role != "MOSS":
            conversation.add(conversation.next_role, steps.get(conversation.next_role) or NOTHING)
        conversation.add("Human" if role == "user" else "MOSS", text)
    return conversation


# --- what is answered -------------------------------------------------------------------------------------------------


class Stopper:
    """Passes text on up to the first of the stop texts; what may become the beginning of one is held back."""

    def __init__(self, stops: Sequence[str]):
        self.stops, self.held, self.found = stops, "", False

    def push(self, text: str) -> str:
        self.held += text
        if places := [place for stop in self.stops if (place := self.held.find(stop)) >= 0]:
            self.found = True
            return self.held[: min(places)]
        most = max(map(len, self.stops), default=1) - 1
        tails = (self.held[-n:] for n in range(min(most, len(self.held)), 0, -1))
        tail = next((tail for tail in tails if any(stop.startswith(tail) for stop in self.stops)), "")
        ready, self.held = self.held[: len(self.held) - len(tail)], tail
        return ready


def deltas(infer, conversation, stops: Sequence[str], requests: list, **options) -> Iterator[dict]:
    """Yields the assistant's message as the pieces that it is made of, {} while nothing comes, and at last its
    "finish_reason". requests and options: of Inference.chat."""
    from plugins import Link

    stopper, content, links, notes, role, held, reasoned = Stopper(stops), "", [], [], None, "", False
    with contextlib.closing(infer.chat(conversation, requests=requests, **options)) as parts:
        for part in parts:
            if part.role != role:
                role, held, shown = part.role, "", False
            if role == "Note":
                yield {} if part.text in notes else {"notes": [part.text]}
                notes.append(part.text)
            elif role == "MOSS":
                text = stopper.push(part.text if content or stopper.held else part.text.lstrip())
                content += text
                yield {"content": text} if text else {}
                if stopper.found:
                    break
            else:
                held = held + part.text if shown else (held + part.text).lstrip()
                if shown or not "None".startswith(held.rstrip()):  # "None" is the model's word for nothing
                    yield {"reasoning_content": "\n" * (reasoned and not shown) + held} if held else {}
                    held, shown, reasoned = "", True, True
                else:
                    yield {}
                for attachment in part.attachments:
                    if isinstance(attachment, Link):
                        links.append(attachment)
                    else:
                        url = f"data:image/png;base64,{b64encode(attachment.png).decode()}"
                        yield {"images": [{"type": "image_url", "image_url": {"url": url}}]}
    if not stopper.found and stopper.held:
        content += stopper.held
        yield {"content": stopper.held}
    for mark in re.finditer(r"<\|(\d{1,3})\|>", content):
        if 0 < int(mark[1]) <= len(links) and (link := links[int(mark[1]) - 1]).url:
            citation = {"start_index": mark.start(), "end_index": mark.end(), "title": link.title, "url": link.url}
            yield {"annotations": [{"type": "url_citation", "url_citation": citation}]}
    yield {"finish_reason": "stop" if stopper.found else FINISH_REASONS.get(requests[-1].reason, "stop")}


def usage(requests: Sequence) -> dict:
    """Token counts: the prompt, meta instruction included, and all that was drawn, control tokens included."""
    prompt, drawn = requests[0].n_prompt, [request.n_drawn for request in requests]
    return {
        "prompt_tokens": prompt,
        "completion_tokens": sum(drawn),
        "total_tokens": prompt + sum(drawn),
        "prompt_tokens_details": {"cached_tokens": requests[0].cached},
        "completion_tokens_details": {"reasoning_tokens": sum(drawn[:-1])},
    }


class Events(StreamingResponse):
    """Server-sent events. Given up where the client does not take them for SEND_SECONDS."""

    media_type = "text/event-stream"

    async def stream_response(self, send):
        async def send_soon(message):
            with anyio.fail_after(SEND_SECONDS):
                await send(message)

        with contextlib.suppress(TimeoutError):
            await super().stream_response(send_soon)


async def client_left(request: Request) -> None:
    """Returns when the client has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def refusal(status: int, text: str, param: str | None = None) -> dict:
    """What went wrong, in OpenAI's form."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {"error": {"message": text, "type": kind, "param": param, "code": None}}


def on_error(request: Request, error: Exception) -> Response:
    """The answer to a request that failed, without what was sent."""
    status, text, param, headers = 422, str(error), None, None
    if isinstance(error, ValidationError):
        wrong = [(".".join(map(str, e["loc"])), e["msg"]) for e in error.errors(include_url=False, include_input=False)]
        text, param = "; ".join(": ".join(filter(None, pair)) for pair in wrong[:5]), wrong[0][0] or None
    elif isinstance(error, HTTPException):
        status, text, headers = error.status_code, error.detail, error.headers
    elif isinstance(error, MemoryError):
        status = 507
    return JSONResponse(refusal(status, text, param), status, headers)


# --- the server -------------------------------------------------------------------------------------------------------


def build_app(infer, name: str, api_key: str | None = None, max_waiting: int = 64, max_time: float = 60):
    """An ASGI app over an Inference, and a function that says why it cannot answer, None if it can.

    Args:
        name: of the model.
        api_key: what a client has to know; None: nothing.
        max_waiting: replies that wait in line, beside those that are made; more are refused.
        max_time: seconds that a reply is generated at most.
    """
    from plugins import PLUGINS, apis

    n_positions = infer.model.config.n_positions
    threads = anyio.CapacityLimiter(infer.engine.max_rows + max_waiting)
    running = 0
    health = Health(infer)
    started = int(time.time())

    def authorise(request: Request) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ").encode("latin-1")
        if api_key and not secrets.compare_digest(given, api_key.encode()):
            raise HTTPException(401, "wrong or missing API key", {"WWW-Authenticate": "Bearer"})

    async def made(pieces: Iterator[dict]) -> AsyncIterator[dict]:
        """What `deltas` makes, in a thread that is free between two pieces. Leaving it frees the place."""
        nonlocal running
        running += 1
        try:
            while (piece := await anyio.to_thread.run_sync(next, pieces, None, limiter=threads)) is not None:
                yield piece
            health.failed = False
        except (ValueError, MemoryError):
            raise
        except Exception as error:  # of the engine: this reply alone is lost
            health.failed = True
            where = "".join(traceback.format_tb(error.__traceback__))  # without the text, which may quote a message
            logger.error("a reply failed: %s\n%s", type(error).__name__, where)
            raise HTTPException(500, "the model failed; the server's log says why") from None
        finally:
            running -= 1
            pieces.close()

    async def chat_completions(request: Request) -> Response:
        authorise(request)
        asked = ChatRequest.model_validate_json(await request.body())
        if asked.model not in (None, name):
            raise HTTPException(404, f"there is no model {asked.model!r:.100} here; there is {name!r}")
        paras = asked.model_dump(include={"temperature", "top_p", "top_k", "repetition_penalty", "seed"})
        paras = {"max_time": max_time} | {key: value for key, value in paras.items() if value is not None}
        limits = [limit for limit in (asked.max_tokens, asked.max_completion_tokens) if limit is not None]
        if limits:
            paras["max_iterations"] = min(*limits, n_positions)
        infer.checked(paras)
        plugins = {} if asked.tool_choice == "none" else {plugin: PLUGINS[plugin] for plugin in infer.plugins}
        conversation = conversation_from(asked.messages, apis(plugins), n_positions)
        stops, requests = [asked.stop] if isinstance(asked.stop, str) else asked.stop or [], []
        if running >= threads.total_tokens:
            raise HTTPException(503, "too many requests are waiting; try again later")
        options = {"plugins": plugins, "max_tokens": min(limits, default=None), **paras}
        pieces = made(deltas(infer, conversation, stops, requests, **options))
        head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": name}

        if not asked.stream:
            message, left = {"role": "assistant", "content": ""}, asyncio.create_task(client_left(request))
            async with contextlib.aclosing(pieces):
                try:
                    async for piece in pieces:
                        if left.done():
                            raise ClientDisconnect
                        for key, value in piece.items():
                            message[key] = message[key] + value if key in message else value
                finally:
                    left.cancel()
            choice = {"index": 0, "finish_reason": message.pop("finish_reason"), "message": message}
            return JSONResponse(head | {"object": "chat.completion", "choices": [choice], "usage": usage(requests)})

        head["object"] = "chat.completion.chunk"
        with_usage = bool(asked.stream_options and asked.stream_options.get("include_usage"))

        def event(choices: list, **more) -> str:
            data = head | {"choices": choices} | ({"usage": None} if with_usage else {}) | more
            return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"

        async def events(first: dict) -> AsyncIterator[str]:
            async with contextlib.aclosing(pieces):
                yield event([{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}])
                piece = first
                try:
                    while piece is not None:
                        reason = piece.pop("finish_reason", None)
                        if piece or reason:
                            yield event([{"index": 0, "delta": piece, "finish_reason": reason}])
                        piece = await anext(pieces, None)
                    if with_usage:
                        yield event([], usage=usage(requests))
                    yield "data: [DONE]\n\n"
                except (HTTPException, ValueError, MemoryError) as error:
                    response = on_error(request, error)
                    yield f"data: {response.body.decode()}\n\n"

        return Events(events(await anext(pieces)))  # what is wrong with the request comes with the first piece

    async def models(request: Request) -> Response:
        authorise(request)
        model = {"id": name, "object": "model", "created": started, "owned_by": "moss"}
        if "model" not in request.path_params:
            return JSONResponse({"object": "list", "data": [model]})
        if request.path_params["model"] != name:
            raise HTTPException(404, f"there is no such model here; there is {name!r}")
        return JSONResponse(model)

    app = Starlette(
        routes=[
            Route("/v1/chat/completions", chat_completions, methods=["POST"]),
            Route("/v1/models", models),
            Route("/v1/models/{model:path}", models),
        ],
        exception_handlers={
            **dict.fromkeys((HTTPException, ValueError, MemoryError), on_error),
            ClientDisconnect: lambda request, error: Response(status_code=499),  # nobody reads it
        },
    )
    return app, health.trouble


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--api_key", help="what clients must send (default: $MOSS_API_KEY; where there is none, nothing)"
    )
    args = parse_arguments(parser, 8000, "--max_batch_size")

    def load():
        from moss_inference import MOSS_MINI, Inference

        infer = Inference(max_batch_size=args.max_batch_size, **model_settings(args))
        name = Path(args.model_name or MOSS_MINI).resolve().name
        app = build_app(infer, name, key, args.max_waiting, args.max_time)
        host = f"[{args.host}]" if ":" in args.host else args.host
        print(f"{name} is ready on http://{host}:{args.port}/v1. Ctrl-C stops it.", flush=True)
        return app

    key = os.getenv("MOSS_API_KEY") if args.api_key is None else args.api_key
    with plain_errors():
        if key == "":  # of a variable that is not set: nobody means to let everybody in so
            raise ValueError("--api_key or MOSS_API_KEY is empty; give a key, or neither to serve without one")
        check_arguments(args)
        serve(Gate(load, refusal=refusal), args.host, args.port)


if __name__ == "__main__":
    main()

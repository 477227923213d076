"""Inference: one loaded MOSS that answers messages, alone or in batches, at once or as a stream.

    from moss_inference import Inference
    infer = Inference()                                 # moss-mini; model_dir="..." for another
    infer("What is 12*7?")                              # '12*7 = 84.'
    infer(["What is 15% of 240?", "解方程 2x+3=11"])     # a list in, a list out
    for text in infer.stream("你好"):                   # text as it is made
        print(text, end="", flush=True)

A message is plain text: nothing in it becomes a control token. `forward` takes prompts that are already in MOSS's
format and trusts them, as the original's does. `chat` is the loop under everything here and under both demos: it
streams one reply of a Conversation part by part, runs the commands that the model writes, and goes on to the answer.
All that is asked of one Inference at a time, from any number of threads, shares its batches (models/engine.py).
Started by torchrun, 2 or 4 processes share one model (models/tensor_parallel.py): the first goes on from the
constructor as if it were alone, the others stay in theirs until it ends.

A file of prompts, a JSON object with a "prompt" a line, becomes a file of answers in the same order; run again after an
interruption, it goes on where it was:

    python moss_inference.py --input prompts.jsonl --output answers.jsonl
"""

import argparse
import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import torch

from models import MossForCausalLM, MossTokenizer
from models.conversation_moss import (
    CONTROL_TOKENS,
    MAX_COMMANDS,
    NO_RESULT,
    NOTHING,
    TOOLS,
    Conversation,
    Part,
    PartStream,
    build_meta_instruction,
    format_results,
    parse_commands,
)
from models.engine import Engine
from models.modeling_moss import CACHE
from models.quantization import QuantLinear, find_layers, quantise_linear
from models.request import Request
from models.sampling import DEFAULT_PARAS, check_paras, top_k_top_p_filtering
from models.tensor_parallel import join_ranks, load_split
from plugins import PLUGINS, Result, apis
from prompt_files import answer_file, unfinished
from utils import (
    add_model_arguments,
    add_sampling_arguments,
    choose_gpus,
    left_pad,
    model_settings,
    plain_errors,
    sampling_paras,
)

logger = logging.getLogger(__name__)

MOSS_MINI = Path(__file__).resolve().parent / "checkpoints" / "moss-mini"
COMMANDS_SECONDS = 120  # for the commands of a turn together
BEAT_SECONDS = 0.2
RESULTS_LENGTH = 4000  # characters of the results of a turn together, but for snippets, which have a limit of their own
NOTE = "Note"  # the role of a Part that tells the user about the reply and is no part of it
NOTES = {  # what it says; {}: seconds
    "context": "The conversation outgrew the model's context: its oldest turns are left out.",
    "time": "The reply was cut after {:g} seconds (max_time).",
    "length": "The reply was cut at the greatest length (max_iterations, or the model's context).",
}


def suit_cpu(model: MossForCausalLM) -> None:
    """Puts plain float32 layers in the place of quantised ones, in place, if they take at most half of the free memory.

    A CPU unpacks a quantised weight for each product, which takes nine times as long as the product (moss-mini, two
    cores). Where there is no room for more, the model becomes bfloat16, for which torch has an int4 kernel.
    """
    layers = find_layers(model, (QuantLinear,)).values()
    if not layers:
        return
    fits = 4 * sum(layer.infeatures * layer.outfeatures for layer in layers) <= psutil.virtual_memory().available // 2
    if model.ranks is not None:
        fits = model.ranks.agree(fits)
    if fits:
        model.dequantize(torch.float32)
    else:
        model.to(torch.bfloat16)


class Inference:
    """A MOSS that is ready to answer.

    Args:
        model: a loaded MossForCausalLM; otherwise it is loaded from model_dir.
        model_dir: a directory or a hub name; default checkpoints/moss-mini. With `model` given: where its tokenizer is.
        parallelism: use all visible GPUs, as far as one does not hold the model (device_map="sequential").
        device_map: as in transformers, e.g. "auto", "cuda:1", "cpu"; default: the GPUs where there are any.
        dtype: of the weights, or its name; default float32 on a CPU, as saved on a GPU. On a CPU, unless a dtype is
            given, quantised weights are unpacked where memory allows: see `suit_cpu`.
        tokenizer: in place of the one in model_dir.
        max_batch_size: how many replies are generated at a time; more wait in line.
        lm_head_bits: 8 or 4 round the output layer, which is read once a token and is 1.3 GB in the 16B model.
        kv_bits: 8 keeps keys and values as integers, in half of the memory (0.85 GB saved for 2,048 tokens of 16B).

    Raises ValueError or OSError where the checkpoint is missing, damaged or not a MOSS.
    """

    def __init__(
        self,
        model: MossForCausalLM | None = None,
        model_dir: str | Path | None = None,
        parallelism: bool = True,
        device_map: str | dict | None = None,
        dtype: torch.dtype | str | None = None,
        tokenizer: MossTokenizer | None = None,
        max_batch_size: int = 16,
        lm_head_bits: int = 16,
        kv_bits: int = 16,
    ):
        model_dir = str(model_dir or getattr(model, "name_or_path", "") or MOSS_MINI)
        ranks = join_ranks() if model is None else model.ranks
        if model is None and ranks is not None:
            if device_map is not None:
                raise ValueError(
                    f"torchrun splits the model over its processes; device_map={device_map!r} cannot be given"
                )
            on_cpu = ranks.device.type == "cpu"
            model = load_split(model_dir, ranks, dtype or (torch.float32 if on_cpu else None))
            if dtype is None and on_cpu:
                suit_cpu(model)
        elif model is None:
            if device_map is None:
                gpus = torch.cuda.device_count()
                # where one GPU holds the model, others would only add the way to them
                device_map = "cpu" if not gpus else "sequential" if parallelism and gpus > 1 else "cuda:0"
            default = torch.float32 if device_map == "cpu" else "auto"
            model = MossForCausalLM.from_pretrained(model_dir, device_map=device_map, dtype=dtype or default)
            if dtype is None and device_map == "cpu":
                suit_cpu(model)
        self.model = model.eval()
        if lm_head_bits != 16:
            self.model.lm_head = quantise_linear(self.model.lm_head, lm_head_bits)
            torch.cuda.empty_cache()  # of what that took besides
        self.tokenizer = tokenizer or MossTokenizer.from_pretrained(model_dir)
        control_ids = self.tokenizer.convert_tokens_to_ids(list(CONTROL_TOKENS.values()))
        stop_ids = sorted({*control_ids, *self.tokenizer.all_special_ids, model.config.eos_token_id} - {None})
        self.engine = Engine(self.model, stop_ids, max_batch_size, kv_bits)
        self.plugins = _trained_plugins(model.config, model_dir)
        self.default_paras = DEFAULT_PARAS | _saved_paras(model_dir, model.generation_config)
        if ranks is not None and ranks.rank:
            ranks.follow()
            raise SystemExit(0)

    # --- messages in, answers out -----------------------------------------------------------------------------------

    def __call__(self, prompt: str | Conversation | Sequence[str | Conversation], paras: Mapping | None = None):
        """The answer to a message or Conversation (a str), or to a list of them (a list in the same order).

        paras: any of DEFAULT_PARAS. The plugins that the checkpoint was trained with are run.
        """
        single = isinstance(prompt, (str, Conversation))
        conversations = [self.conversation(p) for p in ([prompt] if single else prompt)]
        answers = self.answer(conversations, **(paras or {}))
        return answers[0] if single else answers

    def stream(self, prompt: str | Conversation, **paras) -> Iterator[str]:
        """Yields the answer in pieces as they are made, whole characters only."""
        for part in self.chat(self.conversation(prompt), **paras):
            if part.role == "MOSS" and part.text:
                yield part.text

    def chat(
        self,
        conversation: Conversation,
        plugins: Mapping = PLUGINS,
        max_tokens: int | None = None,
        requests: list[Request] | None = None,
        pace: float = 0,
        **paras,
    ) -> Iterator[Part]:
        """Streams the reply to the last message and adds it to the conversation, part by part.

        Yields Part(role, piece): pieces of "Inner Thoughts", "Commands" and "MOSS" as they are made, "Results" as
        `run_commands` does, and "Note" for the user (turns left out, a limit reached). Commands are answered by
        `plugins`, of which only those that the conversation enables are run; max_time does not count their time.
        While nothing comes, yields a part without text every BEAT_SECONDS, so that who waits can leave: closing the
        generator ends the reply. What was made so far of the answer stays as MOSS's; where there is none yet, the turn
        is taken back.

        max_tokens: new tokens of all parts together at most. requests: a list to which the engine's Request of each
            part is added, for its counts and the reason why it ended. pace: seconds between two pieces of a part, at
            least: where many are served, few and longer pieces spare the engine's time.

        Raises ValueError for paras out of range or a message too long, and MemoryError; the conversation is then as it
        was given.
        """
        paras = self.checked(paras)
        time_left, said, told_dropped, request = paras["max_time"], "", False, None
        tokens_left = float("inf") if max_tokens is None else max_tokens
        n_given = len(conversation.parts)
        try:
            while (role := conversation.next_role) != "Human":
                if role == "Results":
                    for part in run_commands(conversation, plugins):
                        if part.text:
                            conversation.add(*part)
                        yield part
                    continue
                ids, dropped = conversation.encode(self.tokenizer, self._prompt_room(paras))
                if dropped and not told_dropped:
                    told_dropped = True
                    yield Part(NOTE, NOTES["context"])
                stream, said, begun = PartStream(self.tokenizer), "", conversation.parts[-1].role != "Human"
                limit = {"max_iterations": min(paras["max_iterations"], tokens_left)}
                request = self.engine.submit(ids, paras | limit, time_left, first=begun)
                if requests is not None:
                    requests.append(request)
                for ids in request.beats(BEAT_SECONDS, pace):
                    text = "".join(map(stream.push, ids))
                    said += text
                    if text or not ids:
                        yield Part(role, text)
                    if stream.ended:
                        break
                request.cancel()
                cut = not stream.ended
                if text := stream.finish():
                    said += text
                    yield Part(role, text)
                conversation.add(role, said.strip() or (NOTHING if role != "MOSS" else ""))
                said = ""
                if cut:
                    yield Part(NOTE, NOTES["time" if request.reason == "time" else "length"].format(paras["max_time"]))
                tokens_left = max(0, tokens_left - request.n_drawn)
                if time_left is not None:
                    time_left = max(0, time_left - request.seconds)
        except (GeneratorExit, KeyboardInterrupt):
            if conversation.next_role == "MOSS" and said.strip():
                conversation.add("MOSS", said)
            elif conversation.next_role != "Human":
                conversation.pop_turn()
            raise
        except Exception:
            del conversation.parts[n_given:]
            raise
        finally:
            if request is not None:
                request.cancel()

    def answer(self, conversations: Sequence[Conversation], plugins: Mapping = PLUGINS, **paras) -> list[str]:
        """Completes the last turn of each conversation, many at a time, and returns the answers in order.

        seed: one for all, or a list of them, one to a conversation. Raises the first error there is.
        """
        seeds = self.checked(paras)["seed"]
        if not isinstance(seeds, Sequence):
            seeds = [seeds] * len(conversations)
        if len(seeds) != len(conversations):
            raise ValueError(f"{len(seeds)} seeds for {len(conversations)} prompts; give one, or one for each prompt")
        tasks = ((conversation, {"seed": seed}) for conversation, seed in zip(conversations, seeds, strict=True))
        for error in self.complete(tasks, plugins, **paras):
            if error is not None:
                raise error
        return [conversation.parts[-1].text for conversation in conversations]

    def complete(
        self, tasks: Iterable[tuple[Conversation | Exception, Mapping]], plugins: Mapping = PLUGINS, **paras
    ) -> Iterator[Exception | None]:
        """Completes the last turn of conversations, of which there may be any number, and says so in their order.

        tasks: conversations, each with paras of its own, taken as there is room. Yields None for one that is done, or
        what went wrong with it; an exception in place of a conversation comes out again in its turn.
        """
        stopped = threading.Event()

        def work(conversation: Conversation | Exception, own: Mapping) -> Exception | None:
            if isinstance(conversation, Exception):
                return conversation
            try:
                with contextlib.closing(self.chat(conversation, plugins, **paras | own)) as reply:
                    for _ in reply:
                        if stopped.is_set():
                            break
            except Exception as error:
                return error

        begun = deque()
        with ThreadPoolExecutor(2 * self.engine.max_rows, "moss-reply") as pool:  # half of them wait, for plugins too
            try:
                for task in tasks:
                    begun.append(pool.submit(work, *task))
                    if len(begun) >= 8 * self.engine.max_rows:  # some are ahead of the one whose turn it is
                        yield begun.popleft().result()
                while begun:
                    yield begun.popleft().result()
            finally:
                stopped.set()
                pool.shutdown(cancel_futures=True)

    # --- the original's names ---------------------------------------------------------------------------------------

    def forward(self, data: str | Sequence[str], paras: Mapping | None = None) -> list[str]:
        """Answers to prompts in MOSS's format, e.g. "<|Human|>: Hello<eoh>\\n<|MOSS|>:". Trusted text only:
        control tokens in it are taken as such. The answers do not repeat the prompts."""
        paras = self.checked(paras or {})
        input_ids, attention_mask = self.preprocess(data)
        outputs = self.streaming_topk_search(input_ids, attention_mask, **paras)[:, input_ids.shape[1] :]
        return [self.tokenizer.decode(row, skip_special_tokens=True).strip() for row in outputs.tolist()]

    def preprocess(self, raw_text: str | Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """Formatted prompts -> input_ids and attention_mask, int64 (B, T): meta instruction in front, padding left."""
        texts = [raw_text] if isinstance(raw_text, str) else raw_text
        prefix = build_meta_instruction()
        return left_pad([self.tokenizer.encode_template(prefix + text) for text in texts], self._pad_id)

    def postprocess_remove_prefix(self, preds_i: str) -> str:
        """The text without the meta instruction in front of it."""
        conversation_start = preds_i.find("<|Human|>:")
        return preds_i[conversation_start:] if conversation_start >= 0 else preds_i

    def infer_(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, past_key_values) -> dict:
        """One forward pass: input_ids (B, T) new ids, attention_mask (B, past + T) -> logits (B, 1, V), the cache."""
        position_ids = (attention_mask.cumsum(-1) - 1).clamp(min=0)[:, -input_ids.shape[1] :]
        outputs = self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            use_cache=True,
            logits_to_keep=1,
        )
        return {"logits": outputs.logits, "past_key_values": outputs.get(CACHE)}

    def streaming_topk_search(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, **paras) -> torch.Tensor:
        """Samples until every row has stopped: (B, T) -> (B, T + new). Rows that stop early repeat their last id."""
        paras = DEFAULT_PARAS | paras
        seeds = paras["seed"] if isinstance(paras["seed"], Sequence) else [paras["seed"]] * len(input_ids)
        prompts = [row[kept.bool()].tolist() for row, kept in zip(input_ids, attention_mask, strict=True)]
        if (longest := max(map(len, prompts))) >= (n_positions := self.model.config.n_positions):
            raise ValueError(f"a prompt is {longest} tokens long; prompt and answer have {n_positions}; shorten it")
        requests = [
            self.engine.submit(prompt, paras | {"seed": seed}, paras["max_time"])
            for prompt, seed in zip(prompts, seeds, strict=True)
        ]
        try:
            drawn = [list(request) for request in requests]
        finally:
            for request in requests:
                request.cancel()
        longest = max(map(len, drawn))
        filled = [row + [(row or [self._pad_id])[-1]] * (longest - len(row)) for row in drawn]
        return torch.cat([input_ids, torch.tensor(filled, dtype=input_ids.dtype, device=input_ids.device)], dim=1)

    # --- small matters ----------------------------------------------------------------------------------------------

    @property
    def _pad_id(self) -> int:
        return next(i for i in (self.tokenizer.pad_token_id, self.tokenizer.eos_token_id, 0) if i is not None)

    def conversation(self, prompt: str | Conversation) -> Conversation:
        """A prompt as a Conversation that waits for its answer, with the plugins that the checkpoint is trained for."""
        if isinstance(prompt, Conversation):
            return prompt
        if not isinstance(prompt, str):
            raise ValueError(f"a prompt is a str or a Conversation, got {type(prompt).__name__}")
        conversation = Conversation(apis(self.plugins))
        conversation.add("Human", prompt)
        return conversation

    def _prompt_room(self, paras: Mapping) -> int:
        """How long a prompt may be so that an answer of fair length still fits behind it."""
        n_positions = self.model.config.n_positions
        return n_positions - max(1, min(paras["max_iterations"], n_positions // 8))

    def checked(self, paras: Mapping) -> dict:
        """The defaults with these in place, max_iterations an int that the context holds. Raises ValueError for names
        and values that are not allowed."""
        if unknown := set(paras) - set(DEFAULT_PARAS):
            raise ValueError(f"unknown {', '.join(sorted(unknown))}; known: {', '.join(DEFAULT_PARAS)}")
        paras = self.default_paras | dict(paras)
        check_paras(paras, self.model.config.vocab_size)
        return paras | {"max_iterations": int(min(paras["max_iterations"], self.model.config.n_positions))}

    top_k_top_p_filtering = staticmethod(top_k_top_p_filtering)


# --- plugins and checkpoints ------------------------------------------------------------------------------------------


def run_commands(conversation: Conversation, plugins: Mapping) -> Iterator[Part]:
    """Yields the Results part that answers the Commands part at the end of the conversation.

    While the commands run, yields Part("Results", "") every BEAT_SECONDS, so that who waits can show it, or leave:
    closing the generator ends the commands after the one that runs. Commands that are not enabled, unknown, beyond the
    first MAX_COMMANDS, or not done within COMMANDS_SECONDS have no result. Links of searches come first among the
    attachments, so that the n-th of them is what <|n|> stands for.
    """
    commands = parse_commands(conversation.parts[-1].text)
    results, ended = [Result(NO_RESULT)] * len(commands), threading.Event()

    def run() -> None:
        for number, command in enumerate(commands[:MAX_COMMANDS]):
            if not ended.is_set() and command.name in conversation.plugins and command.name in plugins:
                results[number] = plugins[command.name].result(command.argument)

    thread = threading.Thread(target=run, daemon=True)  # a daemon does not keep the program from ending
    thread.start()
    deadline = time.monotonic() + COMMANDS_SECONDS
    try:
        thread.join(BEAT_SECONDS)
        while thread.is_alive() and time.monotonic() < deadline:
            yield Part("Results", "")
            thread.join(BEAT_SECONDS)
    finally:
        ended.set()
    if thread.is_alive():
        logger.warning("commands took more than %d seconds; the chat goes on without them", COMMANDS_SECONDS)
    texts, links, others = [], (), ()
    for command, (text, attachments) in zip(commands, list(results), strict=True):
        if isinstance(text, str):
            text, others = text[: RESULTS_LENGTH // len(commands)], others + attachments
        else:  # three snippets for one search, two each for two, then one, as in the data
            most = max(1, 4 - sum(command.name == other.name for other in commands))
            text, links = text[:most], links + attachments[:most]
        texts.append((command, text))
    yield Part("Results", format_results(texts), links + others)


def _trained_plugins(config, model_dir: str) -> tuple[str, ...]:
    """The commands that the checkpoint was trained to write, as far as a plugin is there and on: `plugins` in its
    config.json; for the published checkpoints, which do not say, those of TOOLS where the name has "plugin" in it."""
    named = getattr(config, "plugins", None)
    if named is None:
        named = TOOLS if "plugin" in Path(model_dir).name else ()
    return tuple(name for name in named if name in PLUGINS and not PLUGINS[name].off())


def _saved_paras(model_dir: str, generation_config) -> dict:
    """Sampling parameters that the checkpoint brings in a generation_config.json of its own."""
    if generation_config is None or not (Path(model_dir) / "generation_config.json").is_file():
        return {}
    saved = {k: getattr(generation_config, k, None) for k in ("temperature", "top_k", "top_p", "repetition_penalty")}
    if generation_config.do_sample is False:
        saved["temperature"] = 0
    return {k: v for k, v in saved.items() if v is not None}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=Path, required=True, help='jsonl: an object with a "prompt" a line')
    parser.add_argument("--output", type=Path, required=True, help='jsonl: the same objects, each with its "answer"')
    parser.add_argument("--max_batch_size", type=int, default=16, help="rows at a time (default: %(default)s)")
    add_model_arguments(parser)
    add_sampling_arguments(parser)
    args = parser.parse_args()
    choose_gpus(args.gpu)
    paras = sampling_paras(args)
    with plain_errors():
        check_paras(DEFAULT_PARAS | paras)  # before the time that loading takes
        if args.max_batch_size < 1:
            raise ValueError(f"--max_batch_size must be 1 or more, got {args.max_batch_size}")
        unfinished(args.input, args.output)
        infer = Inference(max_batch_size=args.max_batch_size, **model_settings(args))
        infer.checked(paras)
        n_rows, n_errors = answer_file(infer, args.input, args.output, paras)
    print(
        f"{n_rows - n_errors} answers in {args.output}" + (f"; {n_errors} rows have an error instead" * bool(n_errors))
    )
    raise SystemExit(1 if n_errors else 0)


if __name__ == "__main__":
    main()

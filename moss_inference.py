"""Inference: one loaded MOSS that answers messages, alone or in batches, at once or as a stream.

    from moss_inference import Inference
    infer = Inference()                                 # moss-mini; model_dir="..." for another
    infer("What is 12*7?")                              # '12*7 is 84.'
    infer(["What is 15% of 240?", "解方程 2x+3=11"])     # a list in, a list out
    for text in infer.stream("你好"):                   # text as it is made
        print(text, end="", flush=True)

A message is plain text: nothing in it becomes a control token. `forward` takes prompts that are already in MOSS's
format and trusts them, as the original's does. `chat` is the loop under both demos: it streams one reply of a
Conversation part by part, runs the commands that the model writes, and goes on to the answer.

How a reply is made, top to bottom of this file: `chat` and `answer` go through the parts of a turn; `_steps` prefills,
then draws one id for each row at each step (`draw`) until the rows have stopped. Rows of a batch are padded on the
left, end on their own, and do not see each other.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import psutil
import torch
from transformers import DynamicCache

from models import MossForCausalLM, MossTokenizer
from models.conversation_moss import (
    CONTROL_TOKENS,
    MAX_COMMANDS,
    NO_RESULT,
    NOTHING,
    Conversation,
    Part,
    PartStream,
    build_meta_instruction,
    format_results,
    parse_commands,
)
from models.quantization import QuantLinear, find_layers
from plugins import PLUGINS
from utils import left_pad

MOSS_MINI = Path(__file__).resolve().parent / "checkpoints" / "moss-mini"
DEFAULT_PARAS = {
    "temperature": 0.7,  # 0 takes the likeliest token
    "top_k": 0,  # 0 keeps all
    "top_p": 0.8,
    "repetition_penalty": 1.02,
    "length_penalty": 1,  # above 1 the end grows likelier with every token after regulation_start
    "regulation_start": 512,
    "max_iterations": 512,  # new tokens a part at most
    "max_time": 60,  # seconds a reply at most; None for no limit
    "seed": None,  # an int for reproducible draws; a list of them for a batch
}
MAX_BATCH_SIZE = 16
NOTE = "Note"  # the role of a Part that tells the user about the reply and is no part of it


def suit_cpu(model: MossForCausalLM) -> None:
    """Puts plain float32 layers in the place of quantised ones, in place, if they take at most half of the free memory.

    A CPU unpacks a quantised weight for each product, which takes nine times as long as the product (moss-mini, two
    cores). Where there is no room for more, the model becomes bfloat16, for which torch has an int4 kernel.
    """
    layers = find_layers(model, (QuantLinear,)).values()
    if not layers:
        return
    if 4 * sum(layer.infeatures * layer.outfeatures for layer in layers) <= psutil.virtual_memory().available // 2:
        model.dequantize(torch.float32)
    else:
        model.to(torch.bfloat16)


class Inference:
    """A MOSS that is ready to answer.

    Args:
        model: a loaded MossForCausalLM; otherwise it is loaded from model_dir.
        model_dir: a directory or a hub name; default checkpoints/moss-mini. With `model` given: where its tokenizer is.
        parallelism: spread the model over all visible GPUs where there are several (device_map="auto").
        device_map: as in transformers, e.g. "auto", "cuda:1", "cpu"; default: the GPUs where there are any.
        dtype: of the weights; default float32 on a CPU, as saved on a GPU. On a CPU, unless a dtype is given, quantised
            weights are unpacked where memory allows: see `suit_cpu`.
        tokenizer: in place of the one in model_dir.

    Raises ValueError or OSError where the checkpoint is missing, damaged or not a MOSS.
    """

    def __init__(
        self,
        model: MossForCausalLM | None = None,
        model_dir: str | Path | None = None,
        parallelism: bool = True,
        device_map: str | dict | None = None,
        dtype: torch.dtype | None = None,
        tokenizer: MossTokenizer | None = None,
    ):
        model_dir = str(model_dir or getattr(model, "name_or_path", "") or MOSS_MINI)
        if model is None:
            if device_map is None:
                gpus = torch.cuda.device_count()
                device_map = "cpu" if not gpus else "auto" if parallelism and gpus > 1 else "cuda:0"
            default = torch.float32 if device_map == "cpu" else "auto"
            model = MossForCausalLM.from_pretrained(model_dir, device_map=device_map, dtype=dtype or default)
            if dtype is None and device_map == "cpu":
                suit_cpu(model)
        self.model = model.eval()
        self.tokenizer = tokenizer or MossTokenizer.from_pretrained(model_dir)
        control_ids = self.tokenizer.convert_tokens_to_ids(list(CONTROL_TOKENS.values()))
        self.stop_ids = sorted({*control_ids, *self.tokenizer.all_special_ids, model.config.eos_token_id} - {None})
        self.plugins = _trained_plugins(model.config, model_dir)
        self.default_paras = DEFAULT_PARAS | _saved_paras(model_dir, model.generation_config)
        self._spare: tuple[list[int], DynamicCache] | None = None
        self._lock = threading.Lock()

    # --- messages in, answers out -----------------------------------------------------------------------------------

    def __call__(self, prompt: str | Conversation | Sequence[str | Conversation], paras: Mapping | None = None):
        """The answer to a message or Conversation (a str), or to a list of them (a list in the same order).

        paras: any of DEFAULT_PARAS. The plugins that the checkpoint was trained with are run.
        """
        single = isinstance(prompt, (str, Conversation))
        conversations = [self._conversation(p) for p in ([prompt] if single else prompt)]
        answers = self.answer(conversations, **(paras or {}))
        return answers[0] if single else answers

    def stream(self, prompt: str | Conversation, **paras) -> Iterator[str]:
        """Yields the answer in pieces as they are made, whole characters only."""
        for part in self.chat(self._conversation(prompt), **paras):
            if part.role == "MOSS":
                yield part.text

    def chat(self, conversation: Conversation, plugins: Mapping = PLUGINS, **paras) -> Iterator[Part]:
        """Streams the reply to the last message and adds it to the conversation, part by part.

        Yields Part(role, piece): pieces of "Inner Thoughts", "Commands" and "MOSS" as they are made, "Results" at once,
        and "Note" for the user (turns left out, a limit reached). Commands are answered by `plugins`, of which only
        those that the conversation enables are run. Closing the generator ends the reply: what was made so far of the
        answer stays as MOSS's; where there is none yet, the turn is taken back. Raises ValueError for paras out of
        range or a message too long.
        """
        paras = self.checked(paras)
        deadline = time.monotonic() + paras["max_time"] if paras["max_time"] is not None else None
        said, told_dropped = "", False
        try:
            while (role := conversation.next_role) != "Human":
                if role == "Results":
                    conversation.add(role, run_commands(conversation, plugins))
                    yield conversation.parts[-1]
                    continue
                ids, dropped = conversation.encode(self.tokenizer, self._prompt_room(paras))
                if dropped and not told_dropped:
                    told_dropped = True
                    yield Part(NOTE, "The conversation outgrew the model's context: its oldest turns are left out.")
                stream, said = PartStream(self.tokenizer), ""
                for step in self._generate([ids], paras, deadline, reuse=True):
                    if text := stream.push(step[0]):
                        said += text
                        yield Part(role, text)
                    if stream.ended:
                        break
                cut = not stream.ended
                if text := stream.finish():
                    said += text
                    yield Part(role, text)
                conversation.add(role, said.strip() or (NOTHING if role != "MOSS" else ""))
                said = ""
                if cut:
                    yield Part(NOTE, self._limit_reached(paras, deadline))
        except (GeneratorExit, KeyboardInterrupt):
            if conversation.next_role == "MOSS" and said.strip():
                conversation.add("MOSS", said)
            elif conversation.next_role != "Human":
                conversation.pop_turn()
            raise

    def answer(self, conversations: Sequence[Conversation], plugins: Mapping = PLUGINS, **paras) -> list[str]:
        """Completes the last turn of each conversation, in batches, and returns the answers in order.

        All rows go through the parts of a turn together; a seed (or one of a list of seeds) belongs to its row.
        """
        paras = self.checked(paras)
        seeds = paras["seed"]
        if not isinstance(seeds, Sequence):
            seeds = [seeds] * len(conversations)
        if len(seeds) != len(conversations):
            raise ValueError(f"{len(seeds)} seeds for {len(conversations)} prompts; give one, or one for each prompt")
        order = sorted(range(len(conversations)), key=lambda i: len(conversations[i].text()))
        for start in range(0, len(order), MAX_BATCH_SIZE):
            rows = order[start : start + MAX_BATCH_SIZE]
            deadline = time.monotonic() + paras["max_time"] if paras["max_time"] is not None else None
            while pending := [i for i in rows if conversations[i].next_role != "Human"]:
                for i in pending:
                    if conversations[i].next_role == "Results":
                        conversations[i].add("Results", run_commands(conversations[i], plugins))
                prompts = [conversations[i].encode(self.tokenizer, self._prompt_room(paras))[0] for i in pending]
                streams, said = [PartStream(self.tokenizer) for _ in pending], [""] * len(pending)
                batch_paras = paras | {"seed": [seeds[i] for i in pending]}
                for step in self._generate(prompts, batch_paras, deadline):
                    for row, token_id in enumerate(step):
                        if token_id is not None:
                            said[row] += streams[row].push(token_id)
                    if all(stream.ended for stream in streams):
                        break
                for row, i in enumerate(pending):
                    role = conversations[i].next_role
                    text = (said[row] + streams[row].finish()).strip()
                    conversations[i].add(role, text or (NOTHING if role != "MOSS" else ""))
        return [conversation.parts[-1].text for conversation in conversations]

    # --- the original's names ---------------------------------------------------------------------------------------

    def forward(self, data: str | Sequence[str], paras: Mapping | None = None) -> list[str]:
        """Answers to prompts in MOSS's format, e.g. "<|Human|>: Hello<eoh>\\n<|MOSS|>:". Trusted text only:
        control tokens in it are taken as such. The answers do not repeat the prompts."""
        paras = self.checked(paras or {})
        input_ids, attention_mask = self.preprocess(data)
        wanted = {k: v for k, v in paras.items() if k != "seed"}
        outputs = self.streaming_topk_search(input_ids, attention_mask, **wanted)[:, input_ids.shape[1] :]
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
        return {"logits": outputs.logits, "past_key_values": outputs.past_key_values}

    def streaming_topk_search(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, **paras) -> torch.Tensor:
        """Samples until every row has stopped: (B, T) -> (B, T + new). Rows that stop early repeat their stop id."""
        paras = DEFAULT_PARAS | paras
        deadline = time.monotonic() + paras["max_time"] if paras["max_time"] is not None else None
        output, last = input_ids, None
        for ids in self._steps(input_ids, attention_mask, paras, deadline):
            last = ids if last is None else torch.where(ids < 0, last, ids)
            output = torch.cat([output, last[:, None].to(output.device)], dim=1)
        return output

    # --- prefill, step, sample, stop --------------------------------------------------------------------------------

    def _generate(
        self, prompts: list[list[int]], paras: Mapping, deadline: float | None, reuse: bool = False
    ) -> Iterator[list[int | None]]:
        """Yields, step by step, the id drawn for each prompt (None for those that have stopped).

        reuse: keep the keys and values for the next call, whose prompt usually begins with this one (one prompt only).
        """
        room = min(self.model.config.n_positions - max(map(len, prompts)), paras["max_iterations"])
        paras = dict(paras) | {"max_iterations": room}
        input_ids, attention_mask = left_pad(prompts, self._pad_id)
        known, cache = self._take_spare(prompts[0]) if reuse else ([], None)
        drawn: list[int] = []
        try:
            for ids in self._steps(input_ids, attention_mask, paras, deadline, cache, len(known)):
                step = [i if i >= 0 else None for i in ids.tolist()]
                drawn += step[:1]
                yield step
        except GeneratorExit:
            raise
        except BaseException:  # a KeyboardInterrupt within a forward pass leaves layers of different lengths
            cache = None
            raise
        finally:
            if reuse and cache is not None:
                with self._lock:
                    self._spare = ((prompts[0] + drawn)[: cache.get_seq_length()], cache)

    @torch.inference_mode()
    def _steps(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        paras: Mapping,
        deadline: float | None = None,
        cache: DynamicCache | None = None,
        cached: int = 0,
    ) -> Iterator[torch.Tensor]:
        """Yields int64 (B,) ids, -1 for rows that have stopped. The first `cached` columns are in `cache` already."""
        device = self.model.get_input_embeddings().weight.device
        input_ids, attention_mask = input_ids.to(device), attention_mask.to(device)
        seen = torch.zeros(len(input_ids), self.model.config.vocab_size + 1, dtype=torch.bool, device=device)
        seen.scatter_(1, torch.where(attention_mask > 0, input_ids, self.model.config.vocab_size), True)
        seen = seen[:, :-1]  # the last column took the padding
        stop_ids = torch.tensor(self.stop_ids, device=device)
        generators = _generators(paras["seed"], len(input_ids), device)
        stopped = torch.zeros(len(input_ids), dtype=torch.bool, device=device)
        new_ids = input_ids[:, cached:]
        for step in range(paras["max_iterations"]):
            outputs = self.infer_(new_ids, attention_mask, cache)
            cache = outputs["past_key_values"]
            logits = outputs["logits"][:, -1].float().to(device)
            bonus = paras["length_penalty"] ** max(0, step - paras["regulation_start"])
            next_ids = draw(logits, seen, paras, generators, stop_ids, bonus)
            yield torch.where(stopped, -1, next_ids)
            stopped |= torch.isin(next_ids, stop_ids)
            if stopped.all() or (deadline is not None and time.monotonic() >= deadline):
                return
            seen.scatter_(1, next_ids[:, None], True)
            new_ids = next_ids[:, None]
            attention_mask = torch.cat([attention_mask, attention_mask.new_ones(len(new_ids), 1)], dim=1)

    def _take_spare(self, ids: list[int]) -> tuple[list[int], DynamicCache]:
        """The cache left by the last reply, cut to what its prompt shares with these ids, less one id to go on from."""
        with self._lock:
            known, cache = self._spare or ([], None)
            self._spare = None
        shared = 0
        while shared < min(len(known), len(ids) - 1) and known[shared] == ids[shared]:
            shared += 1
        if not shared:
            return [], DynamicCache(config=self.model.config)
        if len(known) > shared:
            cache.crop(shared - len(known))  # a negative number: so many are taken off the end
        return ids[:shared], cache

    # --- small matters ----------------------------------------------------------------------------------------------

    @property
    def _pad_id(self) -> int:
        return next(i for i in (self.tokenizer.pad_token_id, self.tokenizer.eos_token_id, 0) if i is not None)

    def _conversation(self, prompt: str | Conversation) -> Conversation:
        if isinstance(prompt, Conversation):
            return prompt
        if not isinstance(prompt, str):
            raise ValueError(f"a prompt is a str or a Conversation, got {type(prompt).__name__}")
        conversation = Conversation(self.plugins)
        conversation.add("Human", prompt)
        return conversation

    def _prompt_room(self, paras: Mapping) -> int:
        """How long a prompt may be so that an answer of fair length still fits behind it."""
        n_positions = self.model.config.n_positions
        return n_positions - max(1, min(paras["max_iterations"], n_positions // 8))

    def _limit_reached(self, paras: Mapping, deadline: float | None) -> str:
        if deadline is not None and time.monotonic() >= deadline:
            return f"The reply was cut after {paras['max_time']} seconds (max_time)."
        return "The reply was cut at the greatest length (max_iterations, or the model's context)."

    def checked(self, paras: Mapping) -> dict:
        """The defaults with these in place. Raises ValueError for names and values that are not allowed."""
        if unknown := set(paras) - set(DEFAULT_PARAS):
            raise ValueError(f"unknown {', '.join(sorted(unknown))}; known: {', '.join(DEFAULT_PARAS)}")
        paras = self.default_paras | dict(paras)
        check_paras(paras, self.model.config.vocab_size)
        return paras


# --- sampling, as functions -------------------------------------------------------------------------------------------


def check_paras(paras: Mapping, vocab_size: int | None = None) -> None:
    """Raises ValueError where a sampling parameter is out of range; the message says what is allowed."""
    allowed = {
        "temperature": (lambda v: 0 <= v <= 10, "0 (greedy) to 10"),
        "top_p": (lambda v: 0 < v <= 1, "above 0, at most 1"),
        "top_k": (lambda v: v == int(v) and 0 <= v <= (vocab_size or v), f"0 (off) to {vocab_size or 'vocab_size'}"),
        "repetition_penalty": (lambda v: 0 < v <= 10, "above 0, at most 10"),
        "length_penalty": (lambda v: 0 < v <= 10, "above 0, at most 10"),
        "regulation_start": (lambda v: v >= 0, "0 or more"),
        "max_iterations": (lambda v: v == int(v) and v >= 0, "0 or more"),
        "max_time": (lambda v: v is None or v >= 0, "0 or more, or None"),
    }
    wrong = []
    for name, (fits, range_) in allowed.items():
        try:
            if not fits(paras[name]):
                raise ValueError
        except (TypeError, ValueError, OverflowError):
            wrong.append(f"{name} must be {range_}, got {paras[name]!r}")
    if wrong:
        raise ValueError("; ".join(wrong))


def top_k_top_p_filtering(
    logits: torch.Tensor,
    top_k: int = 0,
    top_p: float = 1.0,
    filter_value: float = -float("inf"),
    min_tokens_to_keep: int = 1,
) -> torch.Tensor:
    """logits (B, V) with all but the kept ones set to filter_value.

    Kept are the top_k likeliest (0: all; ties with the last of them stay), and of those the fewest whose probabilities
    add up to top_p (nucleus sampling, https://arxiv.org/abs/1904.09751), at least min_tokens_to_keep.
    """
    if top_k > 0:
        kth = torch.topk(logits, max(top_k, min_tokens_to_keep)).values[:, -1:]
        logits = logits.masked_fill(logits < kth, filter_value)
    if top_p < 1.0:
        ordered, indices = torch.sort(logits, descending=True)
        before = ordered.softmax(-1).cumsum(-1).roll(1, -1)  # the mass of the likelier ones
        before[:, :min_tokens_to_keep] = 0
        drop = (before > top_p).scatter(1, indices, before > top_p)
        logits = logits.masked_fill(drop, filter_value)
    return logits


Inference.top_k_top_p_filtering = staticmethod(top_k_top_p_filtering)


def penalize_repetition(logits: torch.Tensor, seen: torch.Tensor, penalty: float) -> torch.Tensor:
    """Lowers the logits (B, V) of tokens that were seen (B, V, bool): CTRL, https://arxiv.org/abs/1909.05858.

    A penalty of at most 1 is ignored, as in the original.
    """
    if penalty <= 1:
        return logits
    return torch.where(seen, torch.where(logits < 0, logits * penalty, logits / penalty), logits)


def draw(logits, seen, paras: Mapping, generators, stop_ids: torch.Tensor, bonus: float = 1.0) -> torch.Tensor:
    """The next ids (B,) from logits (B, V), float32.

    bonus multiplies the probability of the stop ids (length_penalty); the draw renormalises. A row with a generator of
    its own is drawn alone, so that its ids do not depend on its batch mates.
    """
    logits = penalize_repetition(logits, seen, paras["repetition_penalty"])
    if paras["temperature"] == 0:
        if bonus != 1.0:
            logits[:, stop_ids] += torch.tensor(bonus).log()
        return logits.argmax(-1)
    logits = top_k_top_p_filtering(logits / paras["temperature"], paras["top_k"], paras["top_p"])
    probs = logits.softmax(-1)
    if bonus != 1.0:
        probs[:, stop_ids] *= bonus
    if all(generator is None for generator in generators):
        return torch.multinomial(probs, num_samples=1).squeeze(1)
    rows = [torch.multinomial(row, num_samples=1, generator=g) for row, g in zip(probs, generators, strict=True)]
    return torch.cat(rows)


def _generators(seed, rows: int, device: torch.device) -> list[torch.Generator | None]:
    seeds = seed if isinstance(seed, Sequence) else [seed] * rows
    return [None if s is None else torch.Generator(device).manual_seed(int(s)) for s in seeds]


# --- plugins and checkpoints ------------------------------------------------------------------------------------------


def run_commands(conversation: Conversation, plugins: Mapping) -> str:
    """The text of the Results part that answers the Commands part at the end of the conversation.

    Commands that are not enabled, unknown, or beyond the first MAX_COMMANDS have no result.
    """
    results = []
    for number, command in enumerate(parse_commands(conversation.parts[-1].text)):
        known = number < MAX_COMMANDS and command.name in conversation.plugins and command.name in plugins
        results.append((command, plugins[command.name].run(command.argument) if known else NO_RESULT))
    return format_results(results)


def _trained_plugins(config, model_dir: str) -> tuple[str, ...]:
    """The commands that the checkpoint was trained to write, as far as there is a plugin: `plugins` in its config.json;
    for the published checkpoints, which do not say, all where the name has "plugin" in it."""
    named: Iterable[str] | None = getattr(config, "plugins", None)
    if named is None:
        named = tuple(PLUGINS) if "plugin" in Path(model_dir).name else ()
    return tuple(name for name in named if name in PLUGINS)


def _saved_paras(model_dir: str, generation_config) -> dict:
    """Sampling parameters that the checkpoint brings in a generation_config.json of its own."""
    if generation_config is None or not (Path(model_dir) / "generation_config.json").is_file():
        return {}
    saved = {k: getattr(generation_config, k, None) for k in ("temperature", "top_k", "top_p", "repetition_penalty")}
    if generation_config.do_sample is False:
        saved["temperature"] = 0
    return {k: v for k, v in saved.items() if v is not None}

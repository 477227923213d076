"""The chat format of MOSS, in one place: a conversation is rendered to ids, and what the model writes is parsed back.

A conversation opens with the meta instruction (meta_instruction.py) and goes on turn by turn. Every part has its header
and its control token:

    <|Human|>: What is 12*7?<eoh>
    <|Inner Thoughts|>: I need to multiply.<eot>         these three where a plugin is enabled,
    <|Commands|>: Calculate("12*7")<eoc>                 each "None" where there is nothing to say
    <|Results|>:
    Calculate("12*7") => '84'
    <eor>
    <|MOSS|>: 12*7 is 84.<eom>

Only what this module writes itself becomes a control token or a header. The text of a part, whoever wrote it, is
encoded alone by `MossTokenizer.encode_text`, which knows no control tokens, and spliced in as ids. Headers need more
than that: `<|MOSS|>:` is ordinary text to the tokenizer, so where a text holds one, its ids are chosen so that they
spell the same characters with other tokens than the header's (`encode_outside_text`).

The format is that of moss-003-sft-data (https://github.com/OpenMOSS/MOSS). Training (`encode_for_training`) and chat
(`encode`) go through the same `_encode_part`.
"""

import codecs
import functools
import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from .meta_instruction import TOOLS, build_meta_instruction

CONTROL_TOKENS = {"Human": "<eoh>", "Inner Thoughts": "<eot>", "Commands": "<eoc>", "Results": "<eor>", "MOSS": "<eom>"}
ROLES = tuple(CONTROL_TOKENS)  # the order of a turn where a plugin is enabled
PLAIN_ROLES = ("Human", "MOSS")  # and where none is
OWN_ROLES = ("Inner Thoughts", "Commands", "MOSS")  # what the model writes
RECORD_KEYS = {role: "Tool Responses" if role == "Results" else role for role in ROLES}  # the names in the jsonl data
OTHER_KEYS = ("messages", "conversations", "conversation", "instruction")  # of OpenAI's, ShareGPT's and Alpaca's rows
NOTHING = "None"
NO_RESULT = "No result."
SNIPPETS_LENGTH = 1200  # characters of all the snippets of a turn together, as in the data
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


class Part(NamedTuple):
    """One part of a turn, or a piece of one while it streams. `role` is one of ROLES.

    `attachments` is what the user is shown beside the text, such as the links of a search. The model never sees it.
    """

    role: str
    text: str
    attachments: tuple = ()


class TooLong(ValueError):
    """A turn of `length` tokens does not fit into the `room` that a meta instruction of `meta` tokens leaves."""

    def __init__(self, length: int, room: int, meta: int):
        self.length, self.room = length, room
        super().__init__(
            f"the message is {length} tokens long, but only {room} fit beside the meta instruction ({meta} tokens) and "
            "the answer; shorten it"
        )


class Command(NamedTuple):
    """A call that the model wrote: `Calculate("1+1")` is Command("Calculate", "1+1")."""

    name: str
    argument: str

    def __str__(self) -> str:
        return f'{self.name}("{self.argument}")'


class EncodedTurns(NamedTuple):
    """A conversation for training, an entry a token in each list.

    `loss_mask` is True where a token counts in the loss. `roles` is n where the model writes it in the n-th of
    OWN_ROLES (counted from 1), 0 where it does not. `turns` says how many turns fitted.
    """

    ids: list[int]
    loss_mask: list[bool]
    roles: list[int]
    turns: int


def header(role: str) -> str:
    return f"<|{role}|>:"


class Conversation:
    """A meta instruction and the parts said so far.

    Args:
        plugins: the commands that are enabled, as `build_meta_instruction` takes them; they stand in the switch block.
        meta_instruction: a whole meta instruction in place of the usual one; `plugins` is then read from its switches.

    >>> conversation = Conversation()
    >>> conversation.add("Human", "Hello")
    >>> conversation.text().splitlines()[-2:]
    ['<|Human|>: Hello<eoh>', '<|MOSS|>:']
    """

    def __init__(self, plugins: Iterable[str] = (), meta_instruction: str | None = None):
        if meta_instruction is None:
            meta_instruction = build_meta_instruction(plugins)
        elif plugins:
            raise ValueError("give plugins or a meta_instruction (whose switches say which are enabled), not both")
        self.meta_instruction = meta_instruction
        self.parts: list[Part] = []

    @property
    def plugins(self) -> tuple[str, ...]:
        """The commands that the switch block enables."""
        names = {tool.title: name for name, tool in TOOLS.items()}
        enabled = re.findall(
            r"^- ([^:\n]+): enabled\b(?:\. API: ([A-Za-z]\w*)\()?", self.meta_instruction, re.MULTILINE
        )
        return tuple(name for title, api in enabled if (name := api or names.get(title)))

    @property
    def roles(self) -> tuple[str, ...]:
        """The parts that a turn consists of, in order."""
        return ROLES if "- Inner thoughts: enabled" in self.meta_instruction or self.plugins else PLAIN_ROLES

    @property
    def turns(self) -> list[list[Part]]:
        """The parts grouped by turn; each turn begins with a Human part."""
        turns: list[list[Part]] = []
        for part in self.parts:
            if part.role == "Human":
                turns.append([])
            turns[-1].append(part)
        return turns

    @property
    def next_role(self) -> str:
        """Who speaks next; after it the prompt ends with that role's header."""
        if not self.parts:
            return "Human"
        last = self.parts[-1].role
        if last == "Human":  # a part of the other layout (plugins switched between turns) is followed all the same
            return self.roles[1]
        return ROLES[(ROLES.index(last) + 1) % len(ROLES)]

    def add(self, role: str, text: str, attachments: tuple = ()) -> None:
        """Appends a part; white space around the text is dropped. Raises ValueError where the role is out of turn."""
        if role != self.next_role:
            raise ValueError(f"a {role!r} part cannot come here (turn {len(self.turns)}): {self.next_role!r} is next")
        self.parts.append(Part(role, text.strip(), attachments))

    def pop_turn(self) -> list[Part]:
        """Removes the last turn, complete or not, and returns its parts (empty where there is none)."""
        turns = self.turns
        if not turns:
            return []
        del self.parts[-len(turns[-1]) :]
        return turns[-1]

    # --- text -------------------------------------------------------------------------------------------------------

    def text(self) -> str:
        """The prompt as text, for people and for `apply_chat_template`; the model is given `encode`'s ids."""
        text = self.meta_instruction
        for part in self.parts:
            text += f"{header(part.role)}{_laid_out(part)}{CONTROL_TOKENS[part.role]}\n"
        return text if self.next_role == "Human" else text + header(self.next_role)

    # --- ids --------------------------------------------------------------------------------------------------------

    def encode(self, tokenizer, max_length: int | None = None) -> tuple[list[int], int]:
        """The prompt that the next part of the reply is generated from.

        Returns the ids (with the next role's header at the end) and the number of the oldest turns left out, whole, so
        that no more than max_length ids remain. When turns have to go, as many go as leave half of the room empty: the
        prompts of some turns to come then begin like this one, and what a cache knows of it is of use. The meta
        instruction and the last turn always stay; TooLong where they alone are longer, ValueError where it is the
        user's turn to speak.
        """
        if self.next_role == "Human":
            raise ValueError("nothing to answer: add a 'Human' part first")
        meta_ids = encode_outside_text(tokenizer, self.meta_instruction)
        turns = [[i for part in turn for i in _encode_part(tokenizer, part)[0]] for turn in self.turns]
        cue = tokenizer.encode_template(header(self.next_role))
        room = (max_length or float("inf")) - len(meta_ids) - len(cue)
        if len(turns[-1]) > room:
            raise TooLong(len(turns[-1]), max(int(room), 0), len(meta_ids))
        dropped = length = 0
        for number, turn in enumerate(turns):
            length += len(turn)
            if length > room:
                while dropped < number and length > room / 2:
                    length -= len(turns[dropped])
                    dropped += 1
        return meta_ids + [i for turn in turns[dropped:] for i in turn] + cue, dropped

    def encode_for_training(
        self, tokenizer, max_length: int | None = None, loss_on: Literal["moss", "all"] = "moss"
    ) -> EncodedTurns:
        """The whole conversation with its loss mask, cut after the last turn that fits into max_length ids.

        loss_on: "moss" counts what the model has to write in a chat: the text and the control token of its inner
            thoughts, commands and answer. "all" counts what the original's SFTDataset counts: everything but the
            meta instruction and the results, of which it leaves the first 5 ids (the header, with the published
            vocabulary) and the last 2 in the loss; the parts of a conversation without plugins are then kept, too.
        """
        ids = encode_outside_text(tokenizer, self.meta_instruction)
        mask, roles = [False] * len(ids), [0] * len(ids)
        kept = 0
        for turn in self.turns:
            turn_ids, turn_mask, turn_roles = [], [], []
            for part in _filled_up(turn) if loss_on == "all" else turn:
                part_ids, part_roles = _encode_part(tokenizer, part)
                counted = [role > 0 for role in part_roles]
                if loss_on == "all":
                    counted = [True] * len(part_ids)
                    if part.role == "Results":
                        counted[5:-2] = [False] * len(counted[5:-2])
                turn_ids += part_ids
                turn_mask += counted
                turn_roles += part_roles
            if max_length is not None and len(ids) + len(turn_ids) > max_length:
                break
            ids += turn_ids
            mask += turn_mask
            roles += turn_roles
            kept += 1
        return EncodedTurns(ids, mask, roles, kept)

    # --- records and messages ---------------------------------------------------------------------------------------

    @classmethod
    def from_record(cls, record: object) -> "Conversation":
        """Reads an object of the jsonl data. Raises ValueError that names the key at fault and what is expected there.

        White space around a text that is not the format's own is kept: it is what the published models were trained on.
        An answer may be empty, as a model's is now and then; training refuses it (sft_files.py).
        """
        if not isinstance(record, dict):
            raise ValueError(f"expected a JSON object, got {type(record).__name__}")
        for key, kind in (("meta_instruction", str), ("num_turns", int), ("chat", dict)):
            if key not in record:
                other = next(
                    (f"; {k!r} is of another format, and README.md shows MOSS's" for k in OTHER_KEYS if k in record), ""
                )
                raise ValueError(f"key {key!r} is missing{other}")
            if not isinstance(record[key], kind) or isinstance(record[key], bool):
                raise ValueError(f"{key!r} must be of type {kind.__name__}, got {record[key]!r:.60}")
        chat, num_turns = record["chat"], record["num_turns"]
        expected = [f"turn_{i + 1}" for i in range(len(chat))]
        if num_turns != len(chat) or num_turns < 1 or set(chat) != set(expected):
            raise ValueError(f"num_turns is {num_turns}, but 'chat' has {', '.join(map(str, chat)) or 'no turns'}")
        if _NO_TEXT.search(record["meta_instruction"]):
            raise ValueError("'meta_instruction' holds a NUL or half of a surrogate pair, which is no text")
        conversation = cls(meta_instruction=record["meta_instruction"])
        roles = conversation.roles
        for name in expected:
            if not isinstance(chat[name], dict):
                raise ValueError(f"{name} must be an object, got {chat[name]!r:.60}")
            if unknown := set(chat[name]) - set(RECORD_KEYS.values()):
                known = ", ".join(RECORD_KEYS.values())
                raise ValueError(f"{name}: unknown key {sorted(unknown)[0]!r}; known: {known}")
            for role, key in RECORD_KEYS.items():
                if key in chat[name]:
                    part = Part(role, _unwrap(chat[name][key], role, f"{name}, {key!r}"))
                    if role in roles or part.text != NOTHING:
                        conversation.parts.append(part)
                elif role in roles:
                    raise ValueError(f"{name}: key {key!r} is missing")
        return conversation

    def to_record(self) -> dict:
        """The conversation as an object of the jsonl data; `from_record` reads it back."""
        chat = {}
        for number, turn in enumerate(self.turns, 1):
            chat[f"turn_{number}"] = {
                RECORD_KEYS[part.role]: f"{header(part.role)}{_laid_out(part)}{CONTROL_TOKENS[part.role]}\n"
                for part in _filled_up(turn)
            }
        return {"meta_instruction": self.meta_instruction, "num_turns": len(chat), "chat": chat}

    def to_messages(self) -> list[dict]:
        """Messages for `tokenizer.apply_chat_template` with CHAT_TEMPLATE: system, user, assistant.

        Inner thoughts, commands and results stand in the assistant's message under those names.
        """
        messages = [{"role": "system", "content": self.meta_instruction}]
        for turn in self.turns:
            for role, text, _ in turn:
                if role == "Human":
                    messages.append({"role": "user", "content": text})
                else:
                    if messages[-1]["role"] != "assistant":
                        messages.append({"role": "assistant"})
                    key = "content" if role == "MOSS" else role.lower().replace(" ", "_")
                    messages[-1][key] = text
        return messages


def _filled_up(turn: Sequence[Part]) -> list[Part]:
    """The turn with NOTHING in place of the parts that a conversation without plugins does not have, as in the data."""
    given = {part.role: part for part in turn}
    return [given.get(role, Part(role, NOTHING)) for role in ROLES]


def _laid_out(part: Part) -> str:
    """The text with the white space that the format puts around it, unless it came with its own (from a record)."""
    if not part.text or part.text[0].isspace():
        return part.text
    if part.role == "Results" and '("' in part.text.split("\n")[0]:
        return f"\n{part.text}\n"
    return f" {part.text}"


def _unwrap(value: object, role: str, where: str) -> str:
    """The text between header and control token of a record's value."""
    if not isinstance(value, str):
        raise ValueError(f"{where} must be a text, got {value!r:.60}")
    start, end = header(role), CONTROL_TOKENS[role]
    body = value.rstrip()
    if not body.startswith(start) or not body.endswith(end):
        raise ValueError(f"{where} must start with {start!r} and end with {end!r}, got {value!r:.80}")
    text = body[len(start) : -len(end)]
    if role == "Human" and not text.strip():
        raise ValueError(f"{where} is empty")
    if _NO_TEXT.search(text):
        raise ValueError(f"{where} holds a NUL or half of a surrogate pair, which is no text")
    stripped = Part(role, text.strip())
    return stripped.text if text in (_laid_out(stripped), stripped.text) else text


# --- encoding ---------------------------------------------------------------------------------------------------------

_HEADER = re.compile("|".join(re.escape(header(role)) for role in ROLES))


def _encode_part(tokenizer, part: Part) -> tuple[list[int], list[int]]:
    """Ids of a whole part, and for each its role, as in EncodedTurns: text and control token, if the model writes them.

    The header and the newline after the control token are always given to the model, so their role is 0.
    """
    control = CONTROL_TOKENS[part.role]
    closing = tokenizer.encode_template(control + "\n")
    control_id = tokenizer.convert_tokens_to_ids(control)
    if closing[0] != control_id or control_id == tokenizer.convert_tokens_to_ids("<|endoftext|>"):
        raise ValueError(f"the tokenizer has no control token {control!r}: it is not a MOSS chat tokenizer")
    text = _laid_out(part)
    if tokenizer.added_tokens_decoder[control_id].lstrip:  # as in published files: it swallows the space before it
        text = text.rstrip()
    opening, body = tokenizer.encode_template(header(part.role)), encode_outside_text(tokenizer, text)
    role = OWN_ROLES.index(part.role) + 1 if part.role in OWN_ROLES else 0
    return opening + body + closing, [0] * len(opening) + [role] * (len(body) + 1) + [0] * (len(closing) - 1)


def encode_outside_text(tokenizer, text: str) -> list[int]:
    """Ids that spell `text` and hold neither a control token nor, anywhere, the token sequence of a role's header.

    A header in the text is cut at a place where the two halves tokenize differently from the whole. A vocabulary of
    bare bytes leaves no such place: there a zero-width space goes between its letters, and the text changes.
    """
    if not _HEADER.search(text):
        return tokenizer.encode_text(text)
    headers = [tokenizer.encode_template(header(role)) for role in ROLES]
    longest = max(len(header(role)) for role in ROLES)
    for cut in range(4, longest):  # within the role's name
        pieces = re.split("\x00", _HEADER.sub(lambda m, cut=cut: m[0][:cut] + "\x00" + m[0][cut:], text))
        if "\x00" in text:
            break
        ids = [i for piece in pieces for i in tokenizer.encode_text(piece)]
        if not any(_contains(ids, sequence) for sequence in headers):
            return ids
    return tokenizer.encode_text(_HEADER.sub(lambda m: m[0][:3] + "\u200b" + m[0][3:], text))


def _contains(ids: Sequence[int], sequence: Sequence[int]) -> bool:
    n = len(sequence)
    return any(ids[i : i + n] == sequence for i in range(len(ids) - n + 1))


# --- what the model writes --------------------------------------------------------------------------------------------

MAX_COMMANDS = 10  # in one turn; the data has up to 10
_COMMAND_OPENING = re.compile(r"""\s*,?\s*([A-Za-z]\w*)\(\s*(["'“])""")
_COMMAND_CLOSING = {'"': re.compile(r'"\s*\)(?=\s*(?:,|$))'), "'": re.compile(r"'\s*\)(?=\s*(?:,|$))")}
_COMMAND_CLOSING["“"] = re.compile(r"”\s*\)(?=\s*(?:,|$))")


def parse_commands(text: str) -> list[Command]:
    """The calls in a Commands part, in order. Total and linear: what does not parse ends the list.

    >>> parse_commands('Search("a "quoted" word"), Calculate("1+1")')
    [Command(name='Search', argument='a "quoted" word'), Command(name='Calculate', argument='1+1')]
    """
    commands, position = [], 0
    while opening := _COMMAND_OPENING.match(text, position):
        closing = _COMMAND_CLOSING[opening[2]].search(text, opening.end())
        if not closing:
            break
        commands.append(Command(opening[1], text[opening.end() : closing.start()]))
        position = closing.end()
    return commands


def format_results(results: Iterable[tuple[Command, str | Sequence[str]]]) -> str:
    """The text of a Results part; NOTHING where no command was run.

    A list is the snippets of a search. They are numbered on through the whole turn, for the answer to cite, and quoted
    as Python does it; each gets its share of SNIPPETS_LENGTH.

    >>> print(format_results([(Command("Search", "a"), ["x", "it's y"]), (Command("Search", "b"), ["z"])]))
    Search("a") =>
    <|1|>: 'x'
    <|2|>: "it's y"
    Search("b") =>
    <|3|>: 'z'
    """
    results, lines, count = list(results), [], 0
    share = SNIPPETS_LENGTH // max(1, sum(len(result) for _, result in results if not isinstance(result, str)))
    for command, result in results:
        if not isinstance(result, str):
            numbered = [f"<|{number}|>: {snippet[:share]!r}" for number, snippet in enumerate(result, count + 1)]
            count += len(numbered)
            lines.append("\n".join([f"{command} =>", *numbered]))
        elif command.name == "Calculate":
            lines.append(f"{command} => {result!r}")
        else:  # for Text2Image the data has the result alone
            lines.append(result if command.name == "Text2Image" else f"{command} =>\n{result}")
    return "\n".join(lines) or NOTHING


class PartStream:
    """Turns the ids of one part into text while they arrive.

    `push` returns what can be shown by now: never half a character, never a control token, and nothing that may still
    turn out to be the beginning of a header. `ended` is True from the id on that closes the part.
    """

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.control_ids = set(tokenizer.all_special_ids)
        self.control_ids |= set(tokenizer.convert_tokens_to_ids(list(CONTROL_TOKENS.values())))
        self.ended = False
        self._held = ""
        self._utf8 = codecs.getincrementaldecoder("utf-8")("ignore")

    def push(self, token_id: int) -> str:
        if self.ended:
            return ""
        if token_id in self.control_ids:
            return self.finish()
        self._held += self._utf8.decode(_token_bytes(self.tokenizer, token_id))
        if found := _HEADER.search(self._held):
            self._held = self._held[: found.start()]
            return self.finish()
        # Hold back from the last "<|" on if that tail could grow into a header, and a lone "<" at the very end.
        cut = len(self._held)
        for i in range(max(0, cut - 24), cut):
            if any(header(role).startswith(self._held[i:]) for role in ROLES):
                cut = i
                break
        ready, self._held = self._held[:cut], self._held[cut:]
        return ready

    def finish(self) -> str:
        """Ends the part; returns what was held back. Bytes of an unfinished character are dropped."""
        self.ended = True
        ready, self._held = self._held, ""
        return ready


@functools.cache
def _byte_of_character() -> dict[str, int]:
    """The characters that stand for bytes in a byte-level vocabulary (GPT-2): printable Latin-1 stands for itself, the
    other bytes are numbered on from U+0100."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + n): byte for n, byte in enumerate(others)}


def _token_bytes(tokenizer, token_id: int) -> bytes:
    """The bytes that an id spells; none for ids beyond the vocabulary, which the model's output layer may have."""
    if token_id in tokenizer.added_tokens_decoder:
        return tokenizer.added_tokens_decoder[token_id].content.encode()
    token = tokenizer.convert_ids_to_tokens(token_id)
    return bytes(_byte_of_character()[character] for character in token or "")


def parse_reply(text: str, role: str = "MOSS") -> list[Part]:
    """The parts of a generated text that begins after `role`'s header, control tokens spelled out in it.

    >>> parse_reply(' None<eot>\\n<|Commands|>: Solve("x=1")<eoc>', "Inner Thoughts")
    [Part(role='Inner Thoughts', text='None'), Part(role='Commands', text='Solve("x=1")')]
    """
    endings = "|".join(map(re.escape, CONTROL_TOKENS.values()))
    pieces = re.split(rf"({_HEADER.pattern})", header(role) + text)
    parts = []
    for opening, body in zip(pieces[1::2], pieces[2::2], strict=True):
        parts.append(Part(opening[2:-3], re.split(endings, body)[0].strip()))
        if parts[-1].role == "MOSS":
            break
    return parts


# The same text for `tokenizer.apply_chat_template(conversation.to_messages(), add_generation_prompt=True)`. In it, a
# control token inside a message looks like one of ours; so ids for a model come from `Conversation.encode`. A key
# whose value is None counts as left out: libraries of data sets give all messages the same keys.
CHAT_TEMPLATE = """\
{%- if messages[0]['role'] == 'system' -%}{%- set meta = messages[0]['content'] -%}{%- set messages = messages[1:] -%}
{%- else -%}{%- set meta = '__META__' -%}{%- endif -%}
{%- set tools_on = '- Inner thoughts: enabled' in meta or ': enabled. API:' in meta -%}
{%- macro laid_out(text) -%}{{- text if text[:1] in ['', ' ', '\\n', '\\t'] else ' ' + text -}}{%- endmacro -%}
{{- meta -}}
{%- for message in messages -%}
{%- if message['role'] == 'user' -%}
{{- '<|Human|>:' + laid_out(message['content']) + '<eoh>\\n' -}}
{%- elif message['role'] == 'assistant' -%}
{%- if message.get('inner_thoughts') is not none -%}
{{- '<|Inner Thoughts|>:' -}}
{%- generation -%}{{- laid_out(message['inner_thoughts']) + '<eot>' -}}{%- endgeneration -%}{{- '\\n' -}}
{%- endif -%}
{%- if message.get('commands') is not none -%}
{{- '<|Commands|>:' -}}
{%- generation -%}{{- laid_out(message['commands']) + '<eoc>' -}}{%- endgeneration -%}{{- '\\n' -}}
{%- endif -%}
{%- if message.get('results') is not none -%}
{%- set calls = message['results'][:1] not in ['', ' ', '\\n'] and '("' in message['results'].split('\\n')[0] -%}
{{- '<|Results|>:' + ('\\n' + message['results'] + '\\n' if calls else laid_out(message['results'])) + '<eor>\\n' -}}
{%- endif -%}
{%- if message.get('content') is not none -%}
{{- '<|MOSS|>:' -}}{%- generation -%}{{- laid_out(message['content']) + '<eom>' -}}{%- endgeneration -%}{{- '\\n' -}}
{%- endif -%}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
{%- set last = messages[-1] if messages else {} -%}
{%- if last.get('role') == 'assistant' and last.get('results') is not none -%}{{- '<|MOSS|>:' -}}
{%- elif last.get('role') == 'assistant' and last.get('commands') is not none -%}{{- '<|Results|>:' -}}
{%- elif last.get('role') == 'assistant' and last.get('inner_thoughts') is not none -%}{{- '<|Commands|>:' -}}
{%- elif tools_on -%}{{- '<|Inner Thoughts|>:' -}}
{%- else -%}{{- '<|MOSS|>:' -}}{%- endif -%}
{%- endif -%}
""".replace("__META__", build_meta_instruction().replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n"))

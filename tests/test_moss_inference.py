"""Inference on a tiny random model: equality with `generate`, batches, streams, sampling, plugins, limits, errors."""

import gc
import json
import math
import sys
import threading
import time
from pathlib import Path

import pytest
import torch

import moss_inference
from models import MossForCausalLM
from models.conversation_moss import Conversation, Part, build_meta_instruction
from models.quantization import QuantLinear, find_layers
from models.request import Request
from models.sampling import DEFAULT_PARAS
from moss_inference import Inference
from plugins import Link, Plugin, Result
from prompt_files import answer_file, unfinished

GREEDY = {"temperature": 0, "repetition_penalty": 1.0, "max_iterations": 12}
PROMPTS = ["hi", "What is twelve times seven?", "解方程，请帮我算一下。" * 5, "ok " * 40]


@pytest.fixture(scope="module")
def infer(tiny_model_dir):
    return Inference(model_dir=tiny_model_dir, device_map="cpu")


@pytest.mark.parametrize("free", [2**40, 0])
def test_a_quantised_checkpoint_answers_on_a_cpu_as_it_does_unpacked(free, tiny_model_dir, tmp_path, monkeypatch):
    """With room for the weights in float32 they are unpacked once; without, packed ones run, in bfloat16."""
    quantised = MossForCausalLM.from_pretrained(tiny_model_dir, dtype=torch.float32).quantize(8, 32)
    quantised.save_pretrained(tmp_path)
    quantised.generation_config.save_pretrained(tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((tiny_model_dir / name).read_bytes())
    monkeypatch.setattr(moss_inference.psutil, "virtual_memory", lambda: type("Memory", (), {"available": free}))
    infer = Inference(model_dir=tmp_path, device_map="cpu")
    packed = bool(find_layers(infer.model, (QuantLinear,)))
    assert (packed, infer.model.dtype) == ((False, torch.float32) if free else (True, torch.bfloat16))
    kept = Inference(model_dir=tmp_path, device_map="cpu", dtype=torch.float32)
    assert find_layers(kept.model, (QuantLinear,))
    ids = torch.tensor([infer.tokenizer("What is 1+1?").input_ids])
    difference = (infer.model(ids).logits - kept.model(ids).logits).abs().max()
    assert difference < (1e-4 if free else 0.3)


class ScriptedReply:
    """Stands in for the model's draws: every part of the reply is given, the loop around it is real."""

    def __init__(self, infer, monkeypatch, *parts):
        pieces = [infer.tokenizer.encode_template(part) for part in parts]

        def submit(ids, paras, max_time=None, first=False):
            request = Request(ids, paras, max_time)
            for token_id in pieces.pop(0):
                request.answers.put(token_id)
            request.end("length")
            return request

        monkeypatch.setattr(infer.engine, "submit", submit)


# --- right tokens -----------------------------------------------------------------------------------------------------


def reference_ids(infer, ids, new):
    """Greedy ids of transformers' own loop, cut after the first stop id."""
    out = infer.model.generate(
        torch.tensor([ids]), max_new_tokens=new, do_sample=False, eos_token_id=infer.engine.stop_ids, pad_token_id=0
    )
    return out[0, len(ids) :].tolist()


def drawn(infer, prompts, **paras):
    requests = [infer.engine.submit(ids, DEFAULT_PARAS | paras) for ids in prompts]
    return [list(request) for request in requests]


def encoded(infer, text):
    conversation = Conversation()
    conversation.add("Human", text)
    return conversation.encode(infer.tokenizer)[0]


def test_greedy_ids_equal_generate(infer):
    for text in PROMPTS:
        ids = encoded(infer, text)
        assert drawn(infer, [ids], **GREEDY) == [reference_ids(infer, ids, 12)]


def test_E5_a_batch_of_any_lengths_gives_what_each_row_gives_alone(infer):
    prompts = [encoded(infer, text) for text in PROMPTS]
    assert drawn(infer, prompts, **GREEDY) == [drawn(infer, [ids], **GREEDY)[0] for ids in prompts]
    answers = infer(PROMPTS, GREEDY)
    assert answers == [infer(text, GREEDY) for text in PROMPTS]


def test_rows_stop_on_their_own(infer, monkeypatch):
    prompts = [encoded(infer, text) for text in PROMPTS]
    free = drawn(infer, prompts, **GREEDY)
    stop = free[0][2]  # becomes a stop id: the first row now ends with its third id or before
    monkeypatch.setattr(infer.engine, "stop_ids", [*infer.engine.stop_ids, stop])
    rows = drawn(infer, prompts, **GREEDY)
    for row, before in zip(rows, free, strict=True):
        assert row == (before[: before.index(stop) + 1] if stop in before else before)


def test_prefix_kept_from_the_last_reply_changes_nothing(infer):
    kept, answers = Conversation(), []
    for text in ("hi", "What is twelve times seven?", "再来"):
        kept.add("Human", text)
        fresh = Conversation()
        fresh.parts = list(kept.parts)
        with_prefix = "".join(p.text for p in infer.chat(kept, **GREEDY) if p.role == "MOSS")
        infer.engine.forget()
        without = "".join(p.text for p in infer.chat(fresh, **GREEDY) if p.role == "MOSS")
        assert with_prefix == without
        answers.append(without)
    assert any(answers)


def test_a_turn_feeds_only_its_new_tokens_to_the_model(infer, monkeypatch):
    conversation = Conversation()
    fed = []
    forward = infer.engine.forward
    monkeypatch.setattr(
        infer.engine, "forward", lambda chunks, *rest: fed.append(len(chunks[0])) or forward(chunks, *rest)
    )
    infer.engine.forget()
    conversation.add("Human", "hi")
    list(infer.chat(conversation, **GREEDY))
    first, before = fed[0], len(conversation.encode_for_training(infer.tokenizer).ids)
    fed.clear()
    conversation.add("Human", "again")
    total = len(conversation.encode(infer.tokenizer)[0])
    list(infer.chat(conversation, **GREEDY))
    assert first > 100 and fed[0] < first and fed[0] <= total - before + 16


def test_seed_belongs_to_its_row_whatever_the_batch(infer):
    paras = {"temperature": 1.5, "top_p": 1.0, "max_iterations": 8}
    together = infer(["hi"] * 3, paras | {"seed": [1, 2, 1]})
    assert together[0] == together[2]
    assert together[0] == infer("hi", paras | {"seed": 1}) and together[1] == infer("hi", paras | {"seed": 2})
    with pytest.raises(ValueError, match="2 seeds for 1 prompts"):
        infer("hi", {"seed": [1, 2]})


# --- streams and the plugin loop --------------------------------------------------------------------------------------


def test_stream_joined_is_the_answer(infer):
    paras = GREEDY | {"max_iterations": 40}
    pieces = list(infer.stream("What is twelve times seven?", **paras))
    assert "".join(pieces).strip() == infer("What is twelve times seven?", paras)
    assert not any("\ufffd" in piece for piece in pieces)


def test_command_is_run_and_the_answer_follows(infer, monkeypatch):
    conversation = Conversation(("Calculate", "Solve"))
    conversation.add("Human", "What is 12*7?")
    ScriptedReply(infer, monkeypatch, " I multiply.<eot>", ' Calculate("12*7"), Solve("x=2")<eoc>', " It is 84.<eom>")
    parts = list(infer.chat(conversation))
    assert "".join(p.text for p in parts if p.role == "MOSS") == " It is 84."
    assert conversation.parts[3] == Part("Results", 'Calculate("12*7") => \'84\'\nSolve("x=2") =>\nx = 2')
    assert [p.role for p in conversation.parts] == ["Human", "Inner Thoughts", "Commands", "Results", "MOSS"]


class Slow(Plugin):
    """Takes 0.3 seconds, or as long as it is given, and returns a snippet with its link."""

    def __init__(self, seconds=0.3):
        self.seconds = seconds

    def run(self, argument):
        time.sleep(self.seconds)
        return Result(["snippet"], (Link("title", "http://address.example"),))


def test_closing_the_chat_while_commands_run_takes_the_turn_back(infer, monkeypatch):
    conversation = Conversation(("Calculate",))
    conversation.add("Human", "What is 12*7?")
    ScriptedReply(infer, monkeypatch, " I multiply.<eot>", ' Calculate("12*7")<eoc>')
    reply = infer.chat(conversation, {"Calculate": Slow(10)})
    while next(reply) != Part("Results", ""):
        pass
    start = time.monotonic()
    reply.close()
    assert time.monotonic() - start < 5 and conversation.parts == []


def test_max_time_does_not_count_the_time_of_commands(infer, monkeypatch):
    conversation = Conversation(("Calculate",))
    conversation.add("Human", "What is 12*7?")
    ScriptedReply(infer, monkeypatch, " I multiply.<eot>", ' Calculate("12*7")<eoc>', " It is 84.<eom>")
    submit, left = infer.engine.submit, []

    def noting(ids, paras, max_time=None, **rest):
        left.append(max_time)
        return submit(ids, paras, max_time, **rest)

    monkeypatch.setattr(infer.engine, "submit", noting)
    list(infer.chat(conversation, {"Calculate": Slow()}))
    assert left == [60, 60, 60]


def test_what_a_plugin_attaches_stays_with_the_part_and_away_from_the_model(infer, monkeypatch):
    conversation = Conversation(("Search",))
    conversation.add("Human", "q")
    ScriptedReply(infer, monkeypatch, " t<eot>", ' Search("a")<eoc>', " b<eom>")
    list(infer.chat(conversation, {"Search": Slow(0)}))
    link = Link("title", "http://address.example")
    assert conversation.parts[3] == Part("Results", "Search(\"a\") =>\n<|1|>: 'snippet'", (link,))
    conversation.add("Human", "and then?")
    prompt = infer.tokenizer.decode(conversation.encode(infer.tokenizer)[0])
    assert "snippet" in prompt and "address.example" not in prompt
    assert "address.example" not in json.dumps([conversation.to_record(), conversation.to_messages()])


def test_E9_reply_stops_at_a_header_and_does_not_show_it(infer, monkeypatch):
    conversation = Conversation()
    conversation.add("Human", "hi")
    ScriptedReply(infer, monkeypatch, " hello<|Human|>: and now I ask")
    assert "".join(p.text for p in infer.chat(conversation)) == " hello"
    assert conversation.parts[-1] == Part("MOSS", "hello")


def test_closing_the_stream_keeps_what_was_shown_and_the_chat_goes_on(infer, monkeypatch):
    conversation = Conversation(("Calculate",))
    conversation.add("Human", "hi")
    ScriptedReply(infer, monkeypatch, "None<eot>", "None<eoc>", " one two three four<eom>")
    reply = infer.chat(conversation)
    shown = ""
    for part in reply:
        shown += part.text if part.role == "MOSS" else ""
        if len(shown) > 4:
            reply.close()
    assert conversation.next_role == "Human"
    assert conversation.parts[-1] == Part("MOSS", shown.strip())


def test_a_failure_in_the_model_leaves_the_conversation_and_the_engine_as_they_were(infer, monkeypatch):
    conversation = Conversation()
    conversation.add("Human", "hi")
    expected = infer("hi", GREEDY)
    forward, calls = infer.engine.forward, []

    def failing(*args):
        calls.append(args)
        if len(calls) == 3:
            raise torch.OutOfMemoryError("no")
        return forward(*args)

    monkeypatch.setattr(infer.engine, "forward", failing)
    with pytest.raises(MemoryError, match=r"a prompt of \d+ tokens, 2 drawn"):
        list(infer.chat(conversation, **GREEDY))
    assert [part.role for part in conversation.parts] == ["Human"]
    assert infer(conversation, GREEDY) == expected


# --- limits -----------------------------------------------------------------------------------------------------------


def test_E2_long_chat_drops_old_turns_and_says_so(infer):
    conversation = Conversation()
    for _ in range(30):
        conversation.add("Human", "word " * 12)
        conversation.add("MOSS", "answer " * 4)
    conversation.add("Human", "hi")
    parts = list(infer.chat(conversation, **GREEDY))
    assert parts[0].role == "Note" and "oldest" in parts[0].text
    assert len(conversation.turns) == 31


def test_E3_message_longer_than_the_context_is_refused(infer):
    with pytest.raises(ValueError, match=r"the message is \d+ tokens long, but only \d+ fit"):
        infer("word " * 3000)
    with pytest.raises(ValueError, match=r"a prompt is \d+ tokens long; prompt and answer have 2048"):
        infer.forward("word " * 3000)


def test_E4_new_tokens_are_exact_and_never_pass_the_context(infer):
    ids = encoded(infer, "hi")
    for new in (0, 1, 5):
        assert len(drawn(infer, [ids], **GREEDY | {"max_iterations": new})[0]) <= new
    assert infer("hi", {"max_iterations": 0}) == ""
    assert infer("hi", GREEDY | {"max_iterations": 12.0}) == infer("hi", GREEDY)
    assert infer.checked({"max_iterations": 10**15})["max_iterations"] == 2048  # as many random numbers are made
    long = ids * 3
    assert len(drawn(infer, [long[:2044]], **GREEDY | {"max_iterations": 99})[0]) <= 4


def test_max_tokens_counts_all_parts_of_a_reply(infer, monkeypatch):
    a = infer.tokenizer.encode_text("a")[0]
    monkeypatch.setattr(infer.engine, "_sample", lambda logits, rows: [a] * len(rows))
    for most, drawn in ((3, [3, 0, 0]), (15, [10, 5, 0]), (25, [10, 10, 5]), (None, [10, 10, 10])):
        conversation, requests = Conversation(("Calculate(expression)",)), []
        conversation.add("Human", "hi")
        list(infer.chat(conversation, max_tokens=most, requests=requests, max_iterations=10))
        assert [request.n_drawn for request in requests] == drawn
        assert [request.reason for request in requests] == ["length"] * 3
        assert conversation.parts[-1].text == "a" * drawn[-1]


def test_reply_cut_by_a_limit_says_so(infer, monkeypatch):
    conversation = Conversation()
    conversation.add("Human", "hi")
    ScriptedReply(infer, monkeypatch, " one two")  # no <eom>
    assert list(infer.chat(conversation))[-1].role == "Note"


@pytest.mark.parametrize(
    "paras, message",
    [
        ({"temperature": -1}, "temperature must be 0 (greedy) to 10, got -1"),
        ({"temperature": math.nan}, "temperature must be"),
        ({"temperature": 1e9}, "temperature must be"),
        ({"temperature": "hot"}, "temperature must be"),
        ({"top_p": 0}, "top_p must be above 0, at most 1, got 0"),
        ({"top_p": 1.1}, "top_p must be"),
        ({"top_k": -1}, "top_k must be 0 (off) to"),
        ({"top_k": 10**6}, "top_k must be"),
        ({"top_k": 1.5}, "top_k must be"),
        ({"repetition_penalty": 0}, "repetition_penalty must be"),
        ({"max_iterations": -1}, "max_iterations must be"),
        ({"max_time": -1}, "max_time must be"),
        ({"seed": 2**64}, "seed must be an integer from -2**63 to 2**64 - 1"),
        ({"seed": [1, "x"]}, "seed must be"),
        ({"temprature": 1}, "unknown temprature; known: temperature"),
    ],
)
def test_E1_parameters_out_of_range_are_refused(infer, paras, message):
    with pytest.raises(ValueError) as error:
        infer("hi", paras)
    assert message in str(error.value)


@pytest.mark.parametrize("text", ["   ", "😀😀", "a\x00b", "\u202eabc", "好" * 50])
def test_E6_odd_messages_are_answered(infer, text):
    assert isinstance(infer(text, GREEDY), str)


def test_E6_lone_surrogates_are_a_clear_error(infer):
    with pytest.raises(ValueError, match="surrogate"):
        infer("a\ud800", GREEDY)


# --- many at once -----------------------------------------------------------------------------------------------------


def test_chats_of_several_threads_share_batches_and_never_mix(infer):
    expected = [infer(text, GREEDY) for text in PROMPTS]
    answers = {}

    def ask(number):
        answers[number] = infer(PROMPTS[number % len(PROMPTS)], GREEDY)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answers[number] for number in range(12)] == expected * 3


def test_conversations_are_completed_in_their_order_and_a_bad_one_harms_no_other(infer):
    conversations = [infer.conversation(text) for text in PROMPTS * 12]
    tasks = [(conversation, {}) for conversation in conversations]
    tasks.insert(5, (infer.conversation("word " * 3000), {}))
    tasks.insert(9, (KeyError("unreadable"), {}))
    errors = list(infer.complete(iter(tasks), **GREEDY))
    assert [i for i, error in enumerate(errors) if error is not None] == [5, 9]
    assert "tokens long" in str(errors[5]) and isinstance(errors[9], KeyError)
    assert [c.parts[-1].text for c in conversations] == [infer(text, GREEDY) for text in PROMPTS] * 12


def test_leaving_a_batch_ends_what_it_has_begun(infer):
    conversations = [infer.conversation(text) for text in PROMPTS * 12]
    completed = infer.complete(((c, {}) for c in conversations), **GREEDY | {"max_iterations": 400})
    started = time.monotonic()
    next(completed)
    completed.close()
    assert time.monotonic() - started < 30
    assert infer("hi", GREEDY) == infer("hi", GREEDY)


def write_lines(path, *lines):
    path.write_bytes(b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines))


def rows_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_E12_a_bad_row_gets_an_error_and_the_others_their_answers_in_order(infer, tmp_path):
    source, target = tmp_path / "prompts.jsonl", tmp_path / "answers.jsonl"
    good = [json.dumps({"id": f"q{i}", "prompt": text}, ensure_ascii=False) for i, text in enumerate(PROMPTS)]
    bad = ["{", '"text"', '{"prompt": ""}', '{"prompt": 3}', b'{"prompt": "\xff"}', '{"prompt": "a\\ud800"}']
    write_lines(source, good[0], *bad, "", *good[1:])
    assert answer_file(infer, source, target, GREEDY) == (10, 6)
    rows = rows_of(target)
    assert ["error" in row for row in rows] == [False, *[True] * 6, False, False, False]
    assert [row.get("line") for row in rows[1:6]] == [2, 3, 4, 5, 6]
    assert "Expecting property name" in rows[1]["error"] and "0xff" in rows[5]["error"]
    answered = [row for row in rows if "answer" in row]
    assert [row["id"] for row in answered] == ["q0", "q1", "q2", "q3"]
    assert [row["answer"] for row in answered] == [infer(text, GREEDY) for text in PROMPTS]
    assert not (tmp_path / "answers.jsonl.part").exists()
    with pytest.raises(ValueError, match=r"answers\.jsonl exists; give another --output"):
        answer_file(infer, source, target, GREEDY)
    with pytest.raises(ValueError, match=r"--input .*nothing\.jsonl is no file"):
        unfinished(tmp_path / "nothing.jsonl", target)


def test_E12_rows_nested_too_deeply_and_rows_of_another_run(infer, tmp_path):
    source, target = tmp_path / "prompts.jsonl", tmp_path / "answers.jsonl"
    write_lines(source, "[" * 100_000, '{"prompt": "hi", "error": "of another run", "answer": "the same"}')
    assert answer_file(infer, source, target, GREEDY) == (2, 1)
    assert "recursion" in rows_of(target)[0]["error"]
    assert rows_of(target)[1] == {"prompt": "hi", "answer": infer("hi", GREEDY)}


def test_E13_a_run_that_was_killed_is_gone_on_with(infer, tmp_path, monkeypatch):
    source, whole, target = tmp_path / "prompts.jsonl", tmp_path / "whole.jsonl", tmp_path / "answers.jsonl"
    write_lines(source, *(json.dumps({"prompt": f"{text} {i}"}) for i in range(5) for text in PROMPTS))
    answer_file(infer, source, whole, GREEDY)
    content = whole.read_bytes()
    asked = []
    complete = infer.complete
    monkeypatch.setattr(
        infer, "complete", lambda tasks, **paras: complete((asked.append(t) or t for t in tasks), **paras)
    )
    ends = [0, *(i + 1 for i, byte in enumerate(content) if byte == 10)]
    for end in (0, 1, ends[3], ends[7] + 9, ends[-1] - 1, ends[-1]):
        target.unlink(missing_ok=True)
        (tmp_path / "answers.jsonl.part").write_bytes(content[:end])
        asked.clear()
        answer_file(infer, source, target, GREEDY)
        assert target.read_bytes() == content and len(asked) == 20 - content[:end].count(b"\n")
    target.unlink()
    (tmp_path / "answers.jsonl.part").write_bytes(content[: ends[3]].replace(b"hi 0", b"ho 0"))
    with pytest.raises(ValueError, match="has the answers to another file"):
        answer_file(infer, source, target, GREEDY)


def test_a_file_of_prompts_from_the_command_line(tiny_model_dir, tmp_path, monkeypatch, capsys):
    source, target = tmp_path / "prompts.jsonl", tmp_path / "answers.jsonl"
    write_lines(source, '{"prompt": "hi"}', "{")
    flags = ["--input", source, "--output", target, "--model_name", tiny_model_dir, "--temperature", "0"]
    monkeypatch.setattr(sys, "argv", ["moss_inference.py", *map(str, flags), "--max_new_tokens", "5"])
    with pytest.raises(SystemExit) as left:
        moss_inference.main()
    assert left.value.code == 1 and "1 answers in" in capsys.readouterr().out
    assert "answer" in rows_of(target)[0] and "error" in rows_of(target)[1]
    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(moss_inference, "Inference", None)  # refused before the model loads
        moss_inference.main()
    assert "answers.jsonl exists; give another --output" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["moss_inference.py", *map(str, flags), "--top_p", "7"])
    with pytest.raises(SystemExit):
        moss_inference.main()
    assert "top_p must be above 0, at most 1, got 7" in capsys.readouterr().err
    monkeypatch.setattr(moss_inference, "Inference", None)  # nothing is loaded before the files are looked at
    for name, file, message in (
        ("--output", target, "exists"), ("--input", tmp_path / "none", "is no file"),
        ("--output", tmp_path / "no" / "a", "no folder"),
    ):  # fmt: skip
        monkeypatch.setattr(sys, "argv", ["moss_inference.py", *map(str, flags), name, str(file)])
        if file != target:
            target.unlink(missing_ok=True)
        with pytest.raises(SystemExit):
            moss_inference.main()
        assert message in capsys.readouterr().err


# --- the original's names, loading ------------------------------------------------------------------------------------


def test_forward_takes_prompts_in_moss_format(infer):
    ids = encoded(infer, "hi")
    answers = infer.forward("<|Human|>: hi<eoh>\n<|MOSS|>:", GREEDY)
    stops = set(infer.engine.stop_ids)
    expected = infer.tokenizer.decode([i for i in reference_ids(infer, ids, 12) if i not in stops]).strip()
    assert answers == [expected]


def test_prefix_is_removed(infer):
    text = build_meta_instruction() + "<|Human|>: hi<eoh>\n<|MOSS|>: hello"
    assert infer.postprocess_remove_prefix(text) == "<|Human|>: hi<eoh>\n<|MOSS|>: hello"


def test_model_object_can_be_given(tiny_model_dir):
    model = MossForCausalLM.from_pretrained(tiny_model_dir)
    assert Inference(model).default_paras == DEFAULT_PARAS | moss_inference._saved_paras(
        str(tiny_model_dir), model.generation_config
    )


def test_missing_checkpoint_is_a_clear_error(tmp_path):
    with pytest.raises((ValueError, OSError), match="nowhere"):
        Inference(model_dir=tmp_path / "nowhere", device_map="cpu")


def test_a_program_that_ends_in_the_middle_of_a_reply_ends_in_order(forks, tiny_model_dir, tmp_path):
    code = (
        "import sys; from moss_inference import Inference; infer = Inference(model_dir=sys.argv[1], device_map='cpu');"
        "infer.engine.stop_ids = []; next(infer.stream('hi', max_iterations=1900)); print('left')"
    )
    done = forks.run(["-c", code, str(tiny_model_dir)], Path(moss_inference.__file__).parent, tmp_path)
    assert (done.returncode, done.stdout) == (0, "left\n"), done.stderr


def test_two_hundred_turns_take_no_more_memory_than_fifty(tiny_model_dir):
    """The chat outgrows the context several times over."""
    infer = Inference(model_dir=tiny_model_dir, device_map="cpu")
    conversation, held = infer.conversation("hello"), []
    for turn in range(200):
        for _ in infer.chat(conversation, temperature=0, max_iterations=2):
            pass
        if turn in (50, 199):
            gc.collect()
            tensors = [x for x in gc.get_objects() if type(x) is torch.Tensor]
            held.append((sum(x.nbytes for x in tensors), infer.engine.cache.positions, len(infer.engine.rows)))
        conversation.add("Human", f"and what about {turn} and {turn}?")
    (before, *shape), (after, *shape_after) = held
    assert shape_after == shape == [infer.model.config.n_positions, 1] and after < before + 100_000
    assert len(conversation.encode(infer.tokenizer)[0]) > 2 * infer.model.config.n_positions

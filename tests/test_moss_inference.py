"""Inference on a tiny random model: equality with `generate`, batches, streams, sampling, plugins, limits, errors."""

import json
import math

import pytest
import torch
from safetensors.torch import load_file
from transformers.generation.logits_process import RepetitionPenaltyLogitsProcessor, TopKLogitsWarper, TopPLogitsWarper

import moss_inference
from models import MossForCausalLM
from models.conversation_moss import NO_RESULT, Conversation, build_meta_instruction
from models.quantization import QuantLinear, find_layers
from moss_inference import DEFAULT_PARAS, Inference, draw, penalize_repetition, run_commands, top_k_top_p_filtering

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

        def generate(prompts, paras, deadline, reuse=False):
            for i in pieces.pop(0):
                yield [i]

        monkeypatch.setattr(infer, "_generate", generate)


# --- right tokens -----------------------------------------------------------------------------------------------------


def reference_ids(infer, ids, new):
    """Greedy ids of transformers' own loop, cut after the first stop id."""
    out = infer.model.generate(
        torch.tensor([ids]), max_new_tokens=new, do_sample=False, eos_token_id=infer.stop_ids, pad_token_id=0
    )
    return out[0, len(ids) :].tolist()


def drawn(infer, prompts, **paras):
    rows = [[] for _ in prompts]
    for step in infer._generate(prompts, DEFAULT_PARAS | paras, None):
        for row, i in zip(rows, step, strict=True):
            if i is not None:
                row.append(i)
    return rows


def encoded(infer, text):
    conversation = Conversation()
    conversation.add("Human", text)
    return conversation.encode(infer.tokenizer)[0]


def test_greedy_ids_equal_generate(infer):
    for text in PROMPTS:
        ids = encoded(infer, text)
        assert drawn(infer, [ids], **GREEDY) == [reference_ids(infer, ids, 12)]


def test_E5_left_padded_batch_gives_what_each_row_gives_alone(infer):
    prompts = [encoded(infer, text) for text in PROMPTS]
    assert drawn(infer, prompts, **GREEDY) == [drawn(infer, [ids], **GREEDY)[0] for ids in prompts]
    answers = infer(PROMPTS, GREEDY)
    assert answers == [infer(text, GREEDY) for text in PROMPTS]


def test_rows_stop_on_their_own(infer, monkeypatch):
    prompts = [encoded(infer, text) for text in PROMPTS]
    free = drawn(infer, prompts, **GREEDY)
    stop = free[0][2]  # becomes a stop id: the first row now ends with its third id or before
    monkeypatch.setattr(infer, "stop_ids", [*infer.stop_ids, stop])
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
        spare, infer._spare = infer._spare, None
        without = "".join(p.text for p in infer.chat(fresh, **GREEDY) if p.role == "MOSS")
        infer._spare = spare
        assert with_prefix == without
        answers.append(without)
    assert any(answers)


def test_a_turn_feeds_only_its_new_tokens_to_the_model(infer, monkeypatch):
    conversation = Conversation()
    fed = []
    forward = infer.infer_
    monkeypatch.setattr(infer, "infer_", lambda ids, *rest: fed.append(ids.shape[1]) or forward(ids, *rest))
    monkeypatch.setattr(infer, "_spare", None)
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
    assert conversation.parts[3] == ("Results", 'Calculate("12*7") => \'84\'\nSolve("x=2") =>\nx = 2')
    assert [p.role for p in conversation.parts] == ["Human", "Inner Thoughts", "Commands", "Results", "MOSS"]


def test_command_that_is_not_enabled_or_unknown_is_not_run():
    ran = []

    class Spy:
        def run(self, argument):
            ran.append(argument)
            return "1"

    conversation = Conversation(("Calculate",))
    commands = 'Solve("x=1"), Shell("rm"), Calculate("1")'
    for role, text in (("Human", "q"), ("Inner Thoughts", "t"), ("Commands", commands)):
        conversation.add(role, text)
    text = run_commands(conversation, {"Calculate": Spy(), "Solve": Spy(), "Shell": Spy()})
    assert ran == ["1"]
    assert text.count(NO_RESULT) == 2


def test_G8_at_most_ten_commands_are_run():
    class Counter:
        count = 0

        def run(self, argument):
            self.count += 1
            return "1"

    conversation, counter = Conversation(("Calculate",)), Counter()
    for role, text in (("Human", "q"), ("Inner Thoughts", "t"), ("Commands", ", ".join(['Calculate("1")'] * 50))):
        conversation.add(role, text)
    text = run_commands(conversation, {"Calculate": counter})
    assert counter.count == 10 and text.count(NO_RESULT) == 40


def test_E9_reply_stops_at_a_header_and_does_not_show_it(infer, monkeypatch):
    conversation = Conversation()
    conversation.add("Human", "hi")
    ScriptedReply(infer, monkeypatch, " hello<|Human|>: and now I ask")
    assert "".join(p.text for p in infer.chat(conversation)) == " hello"
    assert conversation.parts[-1] == ("MOSS", "hello")


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
    assert conversation.parts[-1] == ("MOSS", shown.strip())


def test_interrupt_within_the_model_drops_the_half_made_cache(infer, monkeypatch):
    conversation = Conversation()
    conversation.add("Human", "hi")
    calls = []

    def interrupted(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return Inference.infer_(infer, *args)

    monkeypatch.setattr(infer, "infer_", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(infer.chat(conversation, **GREEDY))
    assert infer._spare is None and conversation.next_role == "Human"


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


def test_E4_new_tokens_are_exact_and_never_pass_the_context(infer):
    ids = encoded(infer, "hi")
    for new in (0, 1, 5):
        assert len(drawn(infer, [ids], **GREEDY | {"max_iterations": new})[0]) <= new
    assert infer("hi", {"max_iterations": 0}) == ""
    long = ids * 3
    assert len(drawn(infer, [long[:2044]], **GREEDY | {"max_iterations": 99})[0]) <= 4


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


# --- sampling ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("top_k, top_p", [(0, 1.0), (5, 1.0), (0, 0.7), (10, 0.5), (1, 0.01), (50, 0.999)])
def test_filtering_keeps_what_transformers_keeps(top_k, top_p):
    torch.manual_seed(0)
    logits = torch.randn(6, 50) * 3
    expected = logits
    if top_k:
        expected = TopKLogitsWarper(top_k)(None, expected)
    if top_p < 1:
        expected = TopPLogitsWarper(top_p)(None, expected)
    assert torch.equal(top_k_top_p_filtering(logits, top_k, top_p), expected)


def test_filtering_leaves_its_argument_alone():
    logits = torch.randn(2, 20)
    before = logits.clone()
    top_k_top_p_filtering(logits, 3, 0.5)
    assert torch.equal(logits, before)


def test_repetition_penalty_equals_transformers():
    torch.manual_seed(0)
    logits, ids = torch.randn(3, 40), torch.randint(0, 40, (3, 9))
    seen = torch.zeros(3, 40, dtype=torch.bool).scatter_(1, ids, True)
    expected = RepetitionPenaltyLogitsProcessor(1.3)(ids, logits.clone())
    assert torch.equal(penalize_repetition(logits, seen, 1.3), expected)


def test_draws_follow_the_distribution():
    logits = torch.tensor([[2.0, 1.0, 0.0, -9.0]])
    paras = DEFAULT_PARAS | {"temperature": 1.0, "top_p": 1.0, "repetition_penalty": 1.0}
    generators = [torch.Generator().manual_seed(0)]
    seen, stop = torch.zeros(1, 4, dtype=torch.bool), torch.tensor([3])
    counts = torch.zeros(4)
    for _ in range(4000):
        counts[draw(logits, seen, paras, generators, stop)] += 1
    expected = logits[0].softmax(-1) * 4000
    assert ((counts - expected) ** 2 / expected).sum() < 16.3  # chi-square, 3 degrees of freedom, p = 0.001


def test_padding_is_not_penalised_as_a_repetition(infer):
    paras = GREEDY | {"repetition_penalty": 5.0}
    prompts = [encoded(infer, "hi"), encoded(infer, "ok " * 60)]
    assert drawn(infer, prompts, **paras)[0] == drawn(infer, prompts[:1], **paras)[0]


def golden_cases(shared, kind):
    folder = shared / "oracle/golden/sampling"
    return json.loads((folder / "sampling.json").read_text())[kind], load_file(folder / "sampling.safetensors")


def test_golden_filtering(shared):
    cases, tensors = golden_cases(shared, "filtering")
    for name, case in cases.items():
        logits, expected = tensors[f"filtering/{name}/logits"], tensors[f"filtering/{name}/filtered"]
        keep = case.get("min_tokens_to_keep", 1)
        found = top_k_top_p_filtering(logits.clone(), case["top_k"], case["top_p"], min_tokens_to_keep=keep)
        if keep > 1:  # the original keeps one more than asked
            assert (found.isfinite().sum(-1) == keep).all(), name
        else:
            assert torch.equal(found, expected), name


def test_golden_streaming(shared, infer, monkeypatch):
    cases, tensors = golden_cases(shared, "streaming")
    for name, case in cases.items():
        t = {k.rsplit("/", 1)[1]: v for k, v in tensors.items() if k.startswith(f"streaming/{name}/")}
        scripted = iter([t["logits_first"], *t["logits_rest"]])
        probabilities = []

        def argmax(probs, num_samples, generator=None, seen=probabilities):
            seen.append(probs.clone())
            return probs.argmax(-1, keepdim=True)

        with monkeypatch.context() as patch:
            patch.setattr(torch, "multinomial", argmax)
            patch.setattr(infer.model.config, "vocab_size", case["vocab_size"])
            patch.setattr(infer, "stop_ids", [case["moss_stopword"]])
            patch.setattr(infer, "infer_", lambda *a, it=scripted: {"logits": next(it), "past_key_values": None})
            output = infer.streaming_topk_search(t["input_ids"], t["attention_mask"], **case["kwargs"])
        # A row that has stopped is filled up here; the original draws on until all have stopped.
        new = t["output_ids"][:, t["input_ids"].shape[1] :]
        alive = ((new == case["moss_stopword"]).cumsum(-1) - (new == case["moss_stopword"]).long() == 0).T  # (steps, B)
        found = torch.stack(probabilities)
        assert output.shape == t["output_ids"].shape and found.shape == t["probabilities"].shape, name
        assert torch.equal(output[:, -len(found) :].T[alive], new.T[alive]), name
        assert torch.allclose(found[alive], t["probabilities"][alive], atol=1e-6, rtol=0), name


# --- the original's names, loading ------------------------------------------------------------------------------------


def test_forward_takes_prompts_in_moss_format(infer):
    ids = encoded(infer, "hi")
    answers = infer.forward("<|Human|>: hi<eoh>\n<|MOSS|>:", GREEDY)
    stops = set(infer.stop_ids)
    expected = infer.tokenizer.decode([i for i in reference_ids(infer, ids, 12) if i not in stops]).strip()
    assert answers == [expected]


def test_prefix_is_removed(infer):
    text = build_meta_instruction() + "<|Human|>: hi<eoh>\n<|MOSS|>: hello"
    assert infer.postprocess_remove_prefix(text) == "<|Human|>: hi<eoh>\n<|MOSS|>: hello"


def test_defaults_are_the_originals():
    original = dict(temperature=0.7, top_k=0, top_p=0.8, length_penalty=1, max_time=60, repetition_penalty=1.02)
    original |= dict(max_iterations=512, regulation_start=512)
    assert original | {"seed": None} == DEFAULT_PARAS


def test_model_object_can_be_given(tiny_model_dir):
    model = MossForCausalLM.from_pretrained(tiny_model_dir)
    assert Inference(model).default_paras == DEFAULT_PARAS | moss_inference._saved_paras(
        str(tiny_model_dir), model.generation_config
    )


def test_missing_checkpoint_is_a_clear_error(tmp_path):
    with pytest.raises((ValueError, OSError), match="nowhere"):
        Inference(model_dir=tmp_path / "nowhere", device_map="cpu")


def test_importing_loads_nothing():
    import subprocess
    import sys

    code = "import moss_inference, torch; print(torch.get_default_dtype(), torch.is_grad_enabled())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "torch.float32 True"

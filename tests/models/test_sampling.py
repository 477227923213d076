"""Sampling against transformers' processors and the original's figures; rows of a batch with settings of their own."""

import json
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from transformers.generation.logits_process import (
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from models import sampling
from models.sampling import (
    DEFAULT_PARAS,
    check_paras,
    draw,
    penalize_repetition,
    pick,
    scores,
    settings_of,
    top_k_top_p_filtering,
)
from moss_inference import Inference

PLAIN = DEFAULT_PARAS | {"temperature": 1.0, "top_p": 1.0, "repetition_penalty": 1.0}
NO_STOP = torch.tensor([0])


def unseen(rows, vocab_size):
    return torch.zeros(rows, vocab_size, dtype=torch.bool)


def table(paras):
    return torch.tensor([settings_of(p) for p in paras])


def probabilities(logits, seen, paras, steps, stop_ids):
    return scores(logits, seen, table(paras), torch.tensor(steps), stop_ids).softmax(-1)


def drawn_by(logits, seen, paras, steps, uniform, stop_ids):
    return draw(logits, seen, table(paras), torch.tensor(steps), torch.as_tensor(uniform), stop_ids)


def of_transformers(logits, ids, paras):
    """What generate would draw from: its processors in its order."""
    processors = LogitsProcessorList([RepetitionPenaltyLogitsProcessor(max(1.0, paras["repetition_penalty"]))])
    processors.append(TemperatureLogitsWarper(float(paras["temperature"])))
    if paras["top_k"]:
        processors.append(TopKLogitsWarper(paras["top_k"]))
    if paras["top_p"] < 1:
        processors.append(TopPLogitsWarper(paras["top_p"]))
    return processors(ids, logits.clone()).softmax(-1)


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
    assert Inference.top_k_top_p_filtering is top_k_top_p_filtering  # the original's place for it


def test_filtering_of_many_tokens_does_not_depend_on_how_many_are_looked_at():
    torch.manual_seed(0)
    peaked, flat = torch.randn(2000) * 4, torch.randn(2000) * 0.1
    ties = torch.randn(2000).mul(2).round()
    logits = torch.stack([peaked, flat, ties, flat, flat, peaked, torch.full((2000,), 1.5)])
    top_k = torch.tensor([0, 0, 0, 100, 1500, 3, 7])[:, None]
    top_p = torch.tensor([0.8, 0.99, 0.5, 0.9, 1, 0.6, 0.5])[:, None]
    found = top_k_top_p_filtering(logits, top_k, top_p)
    for row, k, p, kept in zip(logits, top_k, top_p, found.isfinite(), strict=True):
        assert torch.equal(top_k_top_p_filtering(row[None], k, p)[0].isfinite(), kept)
        exact = row.double()
        if k:
            exact = exact.masked_fill(exact < exact.sort(descending=True).values[k - 1], -torch.inf)
        likelier = (exact > exact[:, None]).double() @ exact.softmax(-1)  # ties stay or go together
        inside = exact.isfinite() & ((likelier <= p - 1e-4) | (p == 1) | (exact == exact.max()))
        outside = ~exact.isfinite() | ((likelier > p + 1e-4) & (p < 1))
        assert kept[inside].all() and not kept[outside].any() and kept.any()


def test_filtering_leaves_its_argument_alone():
    logits = torch.randn(2, 20)
    before = logits.clone()
    top_k_top_p_filtering(logits, 3, 0.5)
    assert torch.equal(logits, before)


def test_repetition_penalty_equals_transformers():
    torch.manual_seed(0)
    logits, ids = torch.randn(3, 40), torch.randint(0, 40, (3, 9))
    seen = unseen(3, 40).scatter_(1, ids, True)
    expected = RepetitionPenaltyLogitsProcessor(1.3)(ids, logits.clone())
    assert torch.equal(penalize_repetition(logits, seen, 1.3), expected)


ROW = st.fixed_dictionaries(
    {
        "temperature": st.floats(0.1, 5),
        "top_k": st.integers(0, 40),
        "top_p": st.floats(0.05, 1),
        "repetition_penalty": st.floats(0.5, 3),
    }
)


@settings(max_examples=40, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=4), st.integers(0, 1000))
def test_every_row_has_the_distribution_that_transformers_would_give_it(rows, seed):
    torch.manual_seed(seed)
    logits, ids = torch.randn(len(rows), 40) * 3, torch.randint(0, 40, (len(rows), 9))
    seen = unseen(len(rows), 40).scatter_(1, ids, True)
    paras = [PLAIN | row for row in rows]
    found = probabilities(logits, seen, paras, [0] * len(rows), NO_STOP)
    for i, p in enumerate(paras):
        expected = of_transformers(logits[i : i + 1], ids[i : i + 1], p)[0]
        assert torch.allclose(found[i], expected, atol=1e-6)
        alone = probabilities(logits[i : i + 1], seen[i : i + 1], [p], [0], NO_STOP)[0]
        assert torch.equal(alone, found[i])


def test_draws_follow_the_distribution():
    torch.manual_seed(0)
    logits = torch.randn(1, 30).mul(1.5)
    paras = PLAIN | {"temperature": 0.8, "top_p": 0.9, "repetition_penalty": 1.2}
    ids = torch.tensor([[1, 5, 7]])
    seen = unseen(1, 30).scatter_(1, ids, True)
    n = 20000
    drawn = drawn_by(logits.expand(n, -1), seen.expand(n, -1), [paras] * n, [0] * n, torch.rand(n), NO_STOP)
    counts = torch.bincount(drawn, minlength=30).double()
    expected = of_transformers(logits, ids, paras)[0].double() * n
    kept = expected > 0
    assert not counts[~kept].any()
    chi_square = ((counts - expected)[kept] ** 2 / expected[kept]).sum()
    freedom = int(kept.sum()) - 1
    assert chi_square < freedom + 3.1 * math.sqrt(2 * freedom) + 4  # about p = 0.001


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 1, exclude_max=True))
def test_what_has_no_probability_is_never_picked(seed, uniform):
    generator = torch.Generator().manual_seed(seed)
    probs = torch.rand(3, 17, generator=generator) * (torch.rand(3, 17, generator=generator) < 0.3)
    probs[:, seed % 17] += 1e-6
    ids = pick(probs, torch.tensor([uniform, 0.0, 1 - 2**-24]).clamp(max=1 - 2**-24))
    assert (probs.gather(1, ids[:, None]) > 0).all()


def test_greedy_rows_stand_beside_drawn_ones():
    torch.manual_seed(0)
    logits = torch.randn(4, 50)
    paras = [PLAIN | {"temperature": t, "top_k": 3, "top_p": 0.1} for t in (0, 9.0, 0, 9.0)]
    paras[3] |= {"top_k": 0, "top_p": 1.0}
    drawn = [drawn_by(logits, unseen(4, 50), paras, [0] * 4, [u] * 4, NO_STOP) for u in (0.0, 0.999)]
    for ids in drawn:
        assert torch.equal(ids[:3], logits[:3].argmax(-1))  # the nucleus of the second is its likeliest
        assert torch.equal(drawn_by(logits[:1], unseen(1, 50), paras[:1], [0], [0.5], NO_STOP), ids[:1])
    assert drawn[0][3] == 0 and drawn[1][3] == 49


def test_length_penalty_multiplies_the_end_after_regulation_start():
    logits = torch.tensor([[1.0, 1.0, 0.0]])
    paras = [PLAIN | {"length_penalty": 1.1, "regulation_start": 5}]
    stop = torch.tensor([2])
    before = probabilities(logits, unseen(1, 3), paras, [5], stop)
    after = probabilities(logits, unseen(1, 3), paras, [15], stop)
    assert torch.allclose(before, logits.softmax(-1))
    expected = logits.softmax(-1) * torch.tensor([1, 1, 1.1**10])
    assert torch.allclose(after, expected / expected.sum())
    greedy = [paras[0] | {"temperature": 0}]
    assert drawn_by(logits, unseen(1, 3), greedy, [5], [0.5], stop) != 2
    assert drawn_by(logits, unseen(1, 3), greedy, [10**6], [0.5], stop) == 2


def test_defaults_are_the_originals():
    original = dict(temperature=0.7, top_k=0, top_p=0.8, length_penalty=1, max_time=60, repetition_penalty=1.02)
    original |= dict(max_iterations=512, regulation_start=512)
    assert original | {"seed": None} == DEFAULT_PARAS
    check_paras(DEFAULT_PARAS)


# --- the original's figures -------------------------------------------------------------------------------------------


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


def test_golden_streaming(shared, tiny_model_dir, monkeypatch):
    infer = Inference(model_dir=tiny_model_dir, device_map="cpu")
    cases, tensors = golden_cases(shared, "streaming")
    for name, case in cases.items():
        t = {k.rsplit("/", 1)[1]: v for k, v in tensors.items() if k.startswith(f"streaming/{name}/")}
        output, found = t["input_ids"], []
        for row in range(len(output)):  # the rows stop by themselves, and the figures are of a batch that goes on
            scripted = iter([t["logits_first"][row : row + 1], *(x[row : row + 1] for x in t["logits_rest"])])
            kept = []

            def argmax(probs, uniform, kept=kept):
                kept.append(probs[0].clone())
                return probs.argmax(-1)

            with monkeypatch.context() as patch:
                patch.setattr(sampling, "pick", argmax)
                patch.setattr(infer.engine, "stop_ids", [case["moss_stopword"]])
                patch.setattr(infer.engine, "sampler", None)
                patch.setattr(infer.engine, "forward", lambda *_: torch.zeros(1, 1))
                patch.setattr(infer.model.lm_head, "forward", lambda _, it=scripted: next(it)[:, -1])
                infer.engine.forget()
                one = slice(row, row + 1)
                new = infer.streaming_topk_search(t["input_ids"][one], t["attention_mask"][one], **case["kwargs"])
            expected = t["output_ids"][row, t["input_ids"].shape[1] :]
            new = new[0, t["input_ids"].shape[1] :]
            assert torch.equal(new, expected[: len(new)]), name
            assert len(new) == len(expected) or new[-1] == case["moss_stopword"], name
            for found, figure in zip(kept, t["probabilities"][:, row], strict=False):
                # (the original leaves their sum above 1 where it raises the probability of the end)
                assert torch.allclose(found, figure / figure.sum(), atol=1e-6, rtol=0), name

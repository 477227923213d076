"""The MOSS model against figures saved from the original code (tests/models/test_modeling_moss.py has the live judges).

    python -m pytest tests/models/test_golden_logits.py

Positions under a padding mask are not compared: the original attends to later keys there. Skipped without ../shared.
"""

import itertools
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import DynamicCache

from models import MossConfig, MossForCausalLM

GOLDEN = Path(__file__).resolve().parents[2] / "../shared/oracle/golden/logits"


def largest(a: torch.Tensor, b: torch.Tensor, mask: torch.Tensor | None = None) -> float:
    difference = (a.double() - b.double()).abs()
    return (difference if mask is None else difference[mask.bool()]).max().item()


@pytest.fixture(scope="module", params=["tiny_a", "tiny_b", "tiny_c"])
def golden(request):
    folder = GOLDEN / request.param
    if not folder.is_dir():
        pytest.skip(f"no ../shared/oracle/golden/logits/{request.param}: the original's figures are not here")
    cases: dict[str, dict[str, torch.Tensor]] = {}
    for name, x in load_file(folder / "cases.safetensors").items():
        case, field = name.split("/", 1)
        cases.setdefault(case, {})[field] = x
    models = {}
    for attention in ("eager", "sdpa"):
        config = MossConfig.from_pretrained(folder)
        config._attn_implementation = attention
        models[attention] = MossForCausalLM(config).eval()
        weights = load_file(folder / "weights.safetensors")
        models[attention].load_state_dict({name: x.float() for name, x in weights.items()}, strict=True)
    return models, cases, json.loads((folder / "meta.json").read_text())


INPUTS = ("input_ids", "attention_mask", "position_ids", "labels", "token_type_ids", "head_mask")


@pytest.mark.parametrize("use_cache", [True, False])
@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_forward_gives_the_originals_figures(golden, attention, use_cache):
    models, cases, _ = golden
    seen = set()
    for name, case in cases.items():
        if "logits" not in case or name == "cache_chunks":
            continue
        inputs = {field: case[field] for field in INPUTS if field in case}
        with torch.no_grad():
            out = models[attention](**inputs, output_hidden_states=True, use_cache=use_cache)
        real = case.get("attention_mask", torch.ones_like(case["input_ids"]))
        assert largest(out.logits, case["logits"], real) < 2e-5, name
        for field, wanted in case.items():
            if field.startswith("hidden_states."):
                assert largest(out.hidden_states[int(field.split(".")[1])], wanted, real) < 2e-5, (name, field)
        if "loss" in case:
            assert largest(out.loss, case["loss"][0]) < 5e-6, name
        seen.add(name)
    assert {"plain", "left_pad", "left_pad_default_positions", "right_pad", "middle_mask", "custom_positions"} <= seen


def test_cache_and_attentions_are_the_originals(golden):
    models, cases, _ = golden
    if "kv_and_attentions" not in cases:
        pytest.skip("this golden model has no kv_and_attentions")
    case = cases["kv_and_attentions"]
    with torch.no_grad():
        out = models["eager"](case["input_ids"], output_attentions=True)
    for i, layer in enumerate(out.past_key_values.layers):
        assert largest(layer.keys, case[f"key.{i}"]) < 1e-5
        assert largest(layer.values, case[f"value.{i}"]) < 1e-5
        assert largest(out.attentions[i], case[f"attentions.{i}"]) < 1e-5


def test_feeding_in_chunks_gives_the_originals_logits(golden):
    models, cases, meta = golden
    case, cuts = cases["cache_chunks"], meta["cases"]["cache_chunks"]["cuts"]
    cache, logits = DynamicCache(config=models["sdpa"].config), []
    for start, end in itertools.pairwise(cuts):
        with torch.no_grad():
            out = models["sdpa"](
                case["input_ids"][:, start:end],
                attention_mask=case["attention_mask"][:, :end],
                position_ids=case["position_ids"][:, start:end],
                past_key_values=cache,
            )
        logits.append(out.logits)
    assert largest(torch.cat(logits, 1), case["logits"], case["attention_mask"]) < 2e-5


def test_gradients_are_the_originals(golden):
    models, cases, meta = golden
    model, case = models["sdpa"], cases["loss_right_pad"]
    model.zero_grad()
    model(**{field: case[field] for field in ("input_ids", "attention_mask", "labels")}).loss.backward()
    gradients = {name: x.grad for name, x in model.named_parameters()}
    for name, norm in meta["cases"]["gradients"]["l2"].items():
        assert gradients[name].double().norm().item() == pytest.approx(norm, rel=5e-6), name
    for name, wanted in cases["gradients_t"].items():
        assert largest(gradients[name], wanted) < 2e-6, name


def test_generation_gives_the_originals_ids(golden):
    models, cases, meta = golden
    for name, case in cases.items():
        if not name.startswith("generate"):
            continue
        about = meta["cases"][name]
        out = models["sdpa"].generate(
            case["input_ids"], attention_mask=case["attention_mask"], **{"eos_token_id": -1} | about["kwargs"]
        )
        rows = about.get("rows_without_padding", range(len(case["input_ids"])))
        for row in rows:
            assert out[row].tolist() == case["sequences"][row].tolist(), (name, row)

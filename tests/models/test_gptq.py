"""GPTQ against a naive float64 reference of its own, and what must hold of every quantised layer and model.

python -m pytest tests/models/test_gptq.py
"""

import copy
import warnings

import pytest
import torch
from torch import nn

from models import MossForCausalLM
from models.gptq import (
    GPTQSettings,
    Hessian,
    blocks,
    find_grid,
    gptq,
    inverse_factor,
    quant,
    quantize_layer,
    quantize_model,
    relative_error,
    rtn,
)
from models.quantization import QuantLinear, find_layers, round_to_nearest


def layer_and_inputs(N: int = 24, K: int = 128, n: int = 400, seed: int = 0) -> tuple[nn.Linear, torch.Tensor]:
    """A linear layer, and inputs (n, K) that are correlated and of very different strength, as a model's are."""
    torch.manual_seed(seed)
    mixing = torch.randn(K, K) / K**0.5 + 0.5 * torch.eye(K)
    strength = torch.exp(torch.randn(K))
    return nn.Linear(K, N), torch.randn(n, K) @ mixing * strength


def hessian_of(x: torch.Tensor) -> torch.Tensor:
    hessian = Hessian(x.shape[-1], "cpu")
    hessian.add(x)
    return hessian.H


def naive_gptq(W, H, settings):
    """The paper's equations 2 and 3 in float64, one column after the other: H^-1 is kept whole, and the row and column
    of each rounded weight are removed from it by Gaussian elimination. No Cholesky factor, no blocks."""
    K = W.shape[1]
    groupsize = K if settings.groupsize == -1 else settings.groupsize
    order = H.diagonal().argsort(descending=True, stable=True) if settings.act_order else torch.arange(K)
    W, H = W.double()[:, order], H.double()[order][:, order]
    Hinv = torch.linalg.inv(H + settings.percdamp * H.diagonal().mean() * torch.eye(K, dtype=torch.float64))
    Q, scales, zeros = torch.zeros_like(W), [], []
    for i in range(K):
        if i % groupsize == 0:
            s, z = round_to_nearest(W[:, i : i + groupsize].float(), settings.bits, -1, settings.sym)
            scales.append(s)
            zeros.append(z)
        s, z = scales[-1][:, 0].double(), zeros[-1][:, 0].double()
        Q[:, i] = ((W[:, i] / s).round() + z).clamp(0, 2**settings.bits - 1).sub(z) * s
        W -= torch.outer((W[:, i] - Q[:, i]) / Hinv[i, i], Hinv[i])
        Hinv -= torch.outer(Hinv[:, i], Hinv[i]) / Hinv[i, i]
        Hinv[i, i] = 1.0  # no longer used; keeps the next steps away from 0/0
    back = order.argsort()
    return Q[:, back].float(), torch.cat(scales, 1), torch.cat(zeros, 1), (torch.arange(K) // groupsize)[back]


# --- the algorithm ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [[1] * 7, [7], [3, 1, 0, 3]])
def test_hessian_does_not_depend_on_how_the_inputs_are_cut(sizes):
    x = torch.randn(7, 5, 16)
    hessian = Hessian(16, "cpu")
    for part in x.split(sizes):
        hessian.add(part)
    flat = x.flatten(0, 1).double()
    torch.testing.assert_close(hessian.H.double(), 2 * flat.T @ flat / 35, rtol=1e-5, atol=1e-6)
    assert hessian.n == 35


def test_hessian_of_fp16_inputs_neither_overflows_nor_loses_digits():
    x = (torch.randn(300, 8) * 3000).half()
    torch.testing.assert_close(hessian_of(x).double(), 2 * x.double().T @ x.double() / 300, rtol=1e-5, atol=1.0)


def test_inverse_factor_is_the_upper_cholesky_factor_of_the_inverse():
    H, order = hessian_of(layer_and_inputs(K=64)[1]), torch.randperm(64)
    Hinv, damp = inverse_factor(H, order, 0.01)
    H = H[order][:, order]
    damped = H.double() + 0.01 * H.double().diagonal().mean() * torch.eye(64, dtype=torch.float64)
    expected = torch.linalg.cholesky(torch.linalg.inv(damped), upper=True)
    assert damp == 0.01
    torch.testing.assert_close(Hinv.double(), expected, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("groupsize", [32, 96, 128, 160, 192, 256, 960])
def test_blocks_cover_all_columns_and_never_cut_a_group_in_two_unevenly(groupsize):
    K = 960 if 960 % groupsize == 0 else groupsize * 5
    found = blocks(K, groupsize)
    assert [i for start, stop in found for i in range(start, stop)] == list(range(K))
    assert all(stop - start <= 128 for start, stop in found)
    starts = {start for start, _ in found}
    for start, stop in found:  # a group begins where a block does, or ends within the same one
        for group in range(start - start % groupsize, stop, groupsize):
            assert group in starts or (group > start and group + groupsize <= stop)


@pytest.mark.parametrize("sym", [True, False], ids=["sym", "asym"])
@pytest.mark.parametrize("act_order", [True, False], ids=["act_order", "in_order"])
@pytest.mark.parametrize(
    ("bits", "groupsize", "K"), [(4, 32, 256), (4, 96, 192), (2, -1, 160), (8, 64, 128), (4, 128, 256)]
)
def test_equals_the_naive_reference(bits, groupsize, K, act_order, sym):
    linear, x = layer_and_inputs(K=K, n=3 * K)
    W, H = linear.weight.detach(), hessian_of(x)
    settings = GPTQSettings(bits, groupsize, act_order, sym, mse=False)
    (Q, scales, zeros, g_idx), damp = gptq(W, H, settings)
    Q64, scales64, zeros64, g_idx64 = naive_gptq(W, H, settings)
    assert torch.equal(g_idx, g_idx64) and damp == settings.percdamp
    # fp32 and float64 round a few borderline weights differently, which moves what comes after them.
    assert (Q != Q64).float().mean() < 0.05
    torch.testing.assert_close(scales, scales64, rtol=0.02, atol=0)
    assert ((zeros - zeros64).abs() <= 1).all()
    assert relative_error(W, Q, H) == pytest.approx(relative_error(W, Q64, H), rel=0.05)


def test_first_group_is_the_same_to_the_bit_in_float64_and_fp32():
    linear, x = layer_and_inputs(K=64, n=500)
    settings = GPTQSettings(4, 32, mse=False)
    (Q, _, _, g_idx), _ = gptq(linear.weight.detach(), hessian_of(x), settings)
    Q64 = naive_gptq(linear.weight.detach(), hessian_of(x), settings)[0]
    assert torch.equal(Q[:, g_idx == 0], Q64[:, g_idx == 0])


def test_searched_grids_are_better_than_spanning_ones_and_never_worse_for_the_weights():
    W = torch.randn(16, 64)
    W[:, 0] *= 8  # outliers, which a spanning grid gives all its room to
    for bits in (2, 4):
        errors = []
        for mse in (True, False):
            grid = find_grid(W, GPTQSettings(bits, 64, mse=mse))
            errors.append((quant(W, *grid, bits) - W).abs().pow(2.4).sum(1))
        assert (errors[0] <= errors[1]).all() and errors[0].sum() < 0.95 * errors[1].sum()


def test_act_order_fills_the_groups_by_falling_diagonal():
    linear, x = layer_and_inputs(K=128)
    H = hessian_of(x)
    (_, _, _, g_idx), _ = gptq(linear.weight.detach(), H, GPTQSettings(4, 32))
    diagonal = H.diagonal()
    for group in range(3):
        assert diagonal[g_idx == group].min() >= diagonal[g_idx == group + 1].max()
    assert g_idx.bincount().tolist() == [32] * 4


def test_inputs_and_weights_are_left_as_they_are():
    linear, x = layer_and_inputs()
    W, H = linear.weight.detach().clone(), hessian_of(x)
    before = H.clone()
    gptq(W, H, GPTQSettings(4, 32))
    assert torch.equal(W, linear.weight) and torch.equal(H, before)


# --- a layer ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize("sym", [True, False])
@pytest.mark.parametrize("options", [{}, {"act_order": False}, {"mse": False}, {"method": "rtn"}], ids=str)
def test_error_is_never_more_than_that_of_rounding_and_is_what_the_packed_layer_has(bits, sym, options):
    linear, x = layer_and_inputs(N=32)
    settings = GPTQSettings(bits, 32, sym=sym, **options)
    layer, report = quantize_layer("some.layer", linear, hessian_of(x), settings)
    x = x.double()
    exact = x @ linear.weight.detach().double().T
    packed = x @ layer.dequantize(torch.float64).T
    assert float((packed - exact).square().sum() / exact.square().sum()) == pytest.approx(report.error, rel=1e-3)
    assert report.error <= report.rtn_error
    if not options and bits > 2:  # on the whole it is far better
        assert report.error < 0.6 * report.rtn_error and not report.note
    assert layer.checkpoint_format == ("gptq" if sym else "gptq_v2")
    assert not layer.validate("some.layer")
    torch.testing.assert_close(layer.bias, linear.bias.half())


def test_greedy_result_that_is_worse_than_rounding_is_not_kept(monkeypatch):
    linear, x = layer_and_inputs(N=32)
    monkeypatch.setattr("models.gptq.gptq", lambda W, H, settings: ((torch.zeros_like(W), *rtn(W, settings)[1:]), 0.01))
    _, report = quantize_layer("some.layer", linear, hessian_of(x), GPTQSettings(4, 32))
    assert report.error == report.rtn_error and "better than GPTQ" in report.note


def test_silent_inputs_keep_their_weights():
    linear, x = layer_and_inputs(N=32)
    x[:, [3, 70]] = 0
    layer, report = quantize_layer("some.layer", linear, hessian_of(x), GPTQSettings(8, 32, act_order=False))
    torch.testing.assert_close(layer.dequantize()[:, [3, 70]], linear.weight[:, [3, 70]], rtol=0, atol=2e-3)
    assert not report.note and report.error < report.rtn_error


def test_hessian_that_is_not_positive_definite_is_damped_until_it_is():
    linear, x = layer_and_inputs(N=32)
    H = hessian_of(x)
    H -= 0.05 * H.diagonal().mean() * torch.eye(128)
    with pytest.warns(RuntimeWarning, match=r"some\.layer was done with damping 0\.1 for 0\.01"):
        layer, report = quantize_layer("some.layer", linear, H, GPTQSettings(4, 32))
    assert report.damp == pytest.approx(0.1) and "damping 0.1" in report.note
    assert not layer.validate("")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda H: H.fill_(float("nan")), "NaN or infinity"),
        (lambda H: H.sub_(1e6 * torch.eye(128)), "positive definite"),
    ],
)
def test_hopeless_hessian_falls_back_to_rounding_and_says_so(spoil, reason):
    linear, x = layer_and_inputs(N=32)
    with pytest.warns(RuntimeWarning, match=rf"some\.layer was rounded to the nearest.*{reason}"):
        layer, report = quantize_layer("some.layer", linear, spoil(hessian_of(x)), GPTQSettings(4, 32))
    assert reason in report.note
    expected = QuantLinear(4, 32, 128, 32, True)
    expected.pack(linear, *round_to_nearest(linear.weight, 4, 32))
    assert torch.equal(layer.qweight, expected.qweight)


def test_weights_that_are_not_finite_are_refused():
    linear, x = layer_and_inputs(N=32)
    linear.weight.data[0, 0] = float("inf")
    with pytest.raises(ValueError, match=r"some\.layer\.weight holds NaN or infinity"):
        quantize_layer("some.layer", linear, hessian_of(x), GPTQSettings(4, 32))


def test_impossible_settings_are_named_all_at_once():
    with pytest.raises(ValueError, match=r"(?s)bits is 3.*groupsize is 48.*method is 'awq'.*percdamp is 0"):
        GPTQSettings(bits=3, groupsize=48, method="awq", percdamp=0)


# --- a model ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model(tiny_model_dir):
    return MossForCausalLM.from_pretrained(tiny_model_dir).eval()


@pytest.fixture(scope="module")
def texts(model):
    generator = torch.Generator().manual_seed(0)
    return [torch.randint(0, model.config.vocab_size, (n,), generator=generator) for n in (40, 60, 80, 100) * 4]


@torch.no_grad()
def divergence(model, quantised, texts) -> float:
    """Mean Kullback-Leibler divergence of the next-token distributions."""
    pairs = [(model(ids[None]).logits.log_softmax(-1), quantised(ids[None]).logits.log_softmax(-1)) for ids in texts]
    return float(sum((p.exp() * (p - q)).sum(-1).mean() for p, q in pairs) / len(pairs))


def test_model_is_quantised_in_place_and_gptq_is_nearer_than_rounding(model, texts):
    found = {}
    for method in ("gptq", "rtn"):
        quantised, reports = copy.deepcopy(model), []
        settings = quantize_model(quantised, 4, 32, texts, reports.append, method=method)
        assert settings.quantization_config()["desc_act"] is (method == "gptq")
        assert len(reports) == 8 == len(find_layers(quantised, (QuantLinear,)))
        assert isinstance(quantised.lm_head, nn.Linear) and not any(report.note for report in reports)
        found[method] = divergence(model, quantised, texts)
    assert found["gptq"] < found["rtn"]


def test_later_layers_see_what_the_quantised_earlier_ones_give(model, texts):
    """The last layer's error, worked out here from the inputs that it gets in the finished model."""
    quantised, reports = copy.deepcopy(model), []
    quantize_model(quantised, 2, 32, texts, reports.append)
    inputs = []
    layer = quantised.transformer.h[1].mlp.fc_out
    layer.register_forward_pre_hook(lambda _, args: inputs.append(args[0].detach().flatten(0, 1)))
    with torch.no_grad():
        for ids in texts:
            quantised(ids[None])
    x, W = torch.cat(inputs), model.transformer.h[1].mlp.fc_out.weight.detach()
    error = (x @ (W - layer.dequantize()).T).square().sum() / (x @ W.T).square().sum()
    assert reports[-1].name == "transformer.h.1.mlp.fc_out"
    assert error.item() == pytest.approx(reports[-1].error, rel=1e-3)


def test_attention_without_a_fused_kernel_is_causal_too(model, texts):
    found = []
    for implementation in ("sdpa", "eager"):
        quantised = copy.deepcopy(model)
        quantised.set_attn_implementation(implementation)
        reports = []
        quantize_model(quantised, 4, 32, texts, reports.append)
        found.append(sum(report.error for report in reports))
    assert found[0] == pytest.approx(found[1], rel=0.02)


def test_without_texts_it_is_rounding_and_same_texts_give_the_same_bits(model, texts):
    first, second, rounded = (copy.deepcopy(model) for _ in range(3))
    quantize_model(first, 4, 32, texts)
    quantize_model(second, 4, 32, [ids.tolist() for ids in texts])
    for name, x in first.state_dict().items():
        assert torch.equal(x, second.state_dict()[name]), name
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert quantize_model(rounded, 4, 32).method == "rtn"
    layer = rounded.transformer.h[0].mlp.fc_in
    scales, _ = round_to_nearest(model.transformer.h[0].mlp.fc_in.weight, 4, 32)
    assert torch.equal(layer.scales.T.float(), scales)


def test_what_cannot_be_is_refused_before_anything_changes(model, texts):
    untouched = copy.deepcopy(model)
    for message, arguments in {
        "groupsize 96 does not fit infeatures 32": (4, 96, texts),
        "bits is 5": (5, 32, texts),
        "a calibration text needs ids, each from 0 to": (4, 32, [[10**6]]),
        "GPTQ needs calibration texts": (4, 32, []),
    }.items():
        with pytest.raises(ValueError, match=message):
            quantize_model(untouched, *arguments)
    assert not find_layers(untouched, (QuantLinear,))
    quantize_model(untouched, 4, 32)
    with pytest.raises(ValueError, match="quantised already"):
        quantize_model(untouched, 4, 32)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
def test_fp16_on_a_gpu_is_as_good_as_fp32_on_a_cpu_and_gives_the_same_bits_twice(model, texts):
    errors, states = [], []
    for place in ("cpu", "cuda", "cuda"):
        reports = []
        quantised = copy.deepcopy(model).to(place, torch.float16 if place == "cuda" else torch.float32)
        quantize_model(quantised, 4, 32, texts, reports.append)
        assert all(layer.qweight.device.type == place for layer in find_layers(quantised, (QuantLinear,)).values())
        errors.append(sum(report.error for report in reports))
        states.append(quantised.state_dict())
    assert errors[1] == pytest.approx(errors[0], rel=0.2)
    assert all(torch.equal(x, states[2][name]) for name, x in states[1].items())

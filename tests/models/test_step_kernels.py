"""The kernels of a step of decoding, against float64 and sampling.py; the whole step against the modules that it stands
for; and steps as graphs, which need a GPU.

    TRITON_INTERPRET=1 python -m pytest tests/models/test_step_kernels.py

On a GPU where there is one; in triton's interpreter as above, which test_kernels_248.py does for both files.
"""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("triton", reason="needs triton")

from models import MossConfig, MossForCausalLM, attend_kernel, kernels_248, sampling_kernel
from models import engine as engine_module
from models.attend_kernel import attend, norm
from models.engine import Engine
from models.modeling_moss import rotary_angles, rotate
from models.sampling import DEFAULT_PARAS, Sampler, draw
from models.sampling_kernel import draw_rows
from tests.models.test_kernels_248 import (
    CARDS,
    DEVICE,
    INTERPRETED,
    compile_instead,
    needs_gpu,
    on_kernels,
)


def reference(qkv, inner, rotary, layer, rows, positions):
    """Float64, row by row, after key and value are put into a copy of the cache, which is returned, too."""
    layer = layer.clone()
    B, H, D = len(qkv), layer.shape[2], layer.shape[4]
    query, value, key = (x.flatten(1, 2) for x in qkv.view(B, 4, 3, H // 4, D).unbind(2))
    query, key = (rotate(x[:, None], *(a[:, None, None] for a in rotary))[:, 0] for x in (query, key))
    out = []
    for b in range(B):
        layer[0, rows[b], :, positions[b]], layer[1, rows[b], :, positions[b]] = key[b], value[b]
        keys, values = layer[:, rows[b], :, : positions[b] + 1].double()
        weights = (keys @ query[b].double()[:, :, None] * D**-0.5).softmax(1)
        out.append((weights * values).sum(1).flatten())
    activated = torch.nn.functional.gelu(inner.double(), approximate="tanh")
    return torch.cat([torch.stack(out), activated], dim=1), layer


@on_kernels
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize(
    "H, D, R, P", [(4, 32, 16, 70), (8, 64, 64, 33), (4 if INTERPRETED else 24, 256, 64, 300), (8, 48, 32, 90)]
)
@pytest.mark.parametrize("B", [1, 3])
def test_attention_beside_activation(dtype, H, D, R, P, B):
    if INTERPRETED and (D == 64 or (D > 32 and (B > 1 or dtype == torch.bfloat16))):
        pytest.skip("long in the interpreter")
    generator = torch.Generator().manual_seed(B)
    E, n_inner = H * D, 1030

    def random(*shape):
        return torch.randn(shape, generator=generator).to(DEVICE, dtype)

    layer, both = random(2, 5, H, P, D), random(B, 3 * E + n_inner)
    qkv, inner = both.split([3 * E, n_inner], dim=1)
    rows = torch.tensor([4, 0, 2], device=DEVICE)[:B]
    locks = torch.zeros(B * H, dtype=torch.int32, device=DEVICE)
    for positions in ([P - 1, 0, 31], [32, 1, P // 2]):
        positions = torch.tensor(positions, device=DEVICE)[:B]
        cos, sin = (x[0, :, 0].contiguous() for x in rotary_angles(positions[None], R))
        expected, cache = reference(qkv, inner, (cos, sin), layer, rows, positions)
        found = attend(qkv, inner, (cos, sin), layer, rows, positions, locks)
        tolerance = 2 * torch.finfo(dtype).eps
        assert torch.allclose(found.double(), expected, atol=tolerance, rtol=tolerance)
        assert torch.equal(layer, cache) and not locks.any()


@on_kernels
@pytest.mark.parametrize("size", [2, 4])
def test_attention_over_the_quarters_of_one_process(size):
    torch.manual_seed(0)
    B, H, D, R, P, n_inner = 2, 8, 32, 16, 40, 64
    E = H * D
    qkv, inner, layer = (x.to(DEVICE, torch.float16) for x in
        (torch.randn(B, 3 * E), torch.randn(B, n_inner), torch.randn(2, B, H, P, D)))  # fmt: skip
    rows, positions = torch.tensor([1, 0], device=DEVICE), torch.tensor([P - 1, 3], device=DEVICE)
    angles = tuple(x[0, :, 0].contiguous() for x in rotary_angles(positions[None], R))
    expected, _ = reference(qkv, inner, angles, layer, rows, positions)
    for rank in range(size):
        mine, wanted = (x.chunk(size, 1)[rank] for x in (qkv, expected[:, :E]))
        cache, locks = layer.chunk(size, 2)[rank].contiguous(), torch.zeros(B * H, dtype=torch.int32, device=DEVICE)
        found = attend(mine, inner, angles, cache, rows, positions, locks, H // 4)[:, : E // size]
        assert torch.allclose(found.double(), wanted, atol=2e-3, rtol=2e-3)


@on_kernels
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("B, E", [(1, 32), (3, 384), (2, 6144)])
def test_norm_is_layer_norm(dtype, B, E):
    torch.manual_seed(0)
    layer = torch.nn.LayerNorm(E, eps=1e-5)
    torch.nn.init.normal_(layer.weight)
    torch.nn.init.normal_(layer.bias)
    layer = layer.to(DEVICE, dtype)
    x = (torch.randn(B, 2 * E) * 3 + 5).to(DEVICE, dtype)[:, E:]
    exact = torch.nn.functional.layer_norm(x.double(), (E,), layer.weight.double(), layer.bias.double(), layer.eps)
    tolerance = torch.finfo(dtype).eps
    assert torch.allclose(norm(x, layer).double(), exact, atol=tolerance, rtol=tolerance)


@on_kernels
@pytest.mark.parametrize("quantised", [False, True])
def test_a_step_gives_what_the_modules_give(quantised, monkeypatch):
    torch.manual_seed(0)
    config = MossConfig(vocab_size=64, n_positions=64, n_embd=64, n_inner=64, n_layer=1, n_head=4, rotary_dim=16)
    model = MossForCausalLM(config).eval().half().to(DEVICE)
    if quantised:
        model.quantize(4, 32)
    launched = []
    monkeypatch.setattr(attend_kernel, "attend", lambda *args: launched.append(args) or attend(*args))
    hidden = []
    for n_expected in (2, 0):
        found = Engine(model, [99], max_rows=4)
        found.cache.reserve(4, 64)
        with torch.inference_mode():
            for row, ids in enumerate([[5], [7, 8, 9]]):
                found.forward([ids], [0], [row])
            launched.clear()
            hidden.append(found.forward([[3], [4]], [1, 3], [0, 1]))
            hidden[-1] = torch.stack([hidden[-1], found.forward([[5], [6]], [2, 4], [0, 1])])
        assert len(launched) == n_expected
        model.transformer.h[0].attn.register_forward_hook(lambda *_: None)  # so that the modules run
    assert torch.allclose(*hidden, atol=1e-2)


PARAS = st.fixed_dictionaries(
    {
        "temperature": st.sampled_from([0, 0.7, 1, 3]),
        "top_k": st.sampled_from([0, 1, 5, 40]),
        "top_p": st.sampled_from([0.01, 0.3, 0.8, 0.999, 1]),
        "repetition_penalty": st.sampled_from([1, 1.3]),
        "length_penalty": st.sampled_from([0.5, 1, 1.5]),
        "regulation_start": st.sampled_from([0, 2]),
    }
)


@on_kernels
@settings(
    max_examples=3 if INTERPRETED else 40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(PARAS, min_size=1, max_size=3), st.sampled_from([50, 2048, 5001]), st.integers(0, 1000))
def test_draws_are_those_of_sampling(paras, V, seed):
    """Token by token: the same ids, noted in the same places."""
    generator = torch.Generator().manual_seed(seed)
    B, device = len(paras), torch.device(DEVICE)
    by_kernels, by_torch = (Sampler(5, 4, V, [1, 7], device) for _ in range(2))
    rows = torch.randperm(5, generator=generator)[:B].to(device)
    for row, own in zip(rows.tolist(), paras, strict=True):
        ids, uniform = torch.randint(0, V, (9,), generator=generator).tolist(), torch.rand(4, generator=generator)
        for sampler in (by_kernels, by_torch):
            sampler.begin(row, ids, DEFAULT_PARAS | own, uniform)
    for step in range(2):
        logits = (torch.randn(B, V, generator=generator) * (1 + 3 * step)).to(device, torch.float16)
        steps, seen, uniform = (x[rows] for x in (by_torch.steps, by_torch.seen, by_torch.uniform))
        u = uniform.gather(1, steps[:, None])[:, 0]
        expected = draw(logits.float(), seen, by_torch.settings[rows], steps, u, by_torch.stop_ids)
        by_torch.seen[rows, expected] = True
        by_torch.steps[rows] += 1
        assert torch.equal(draw_rows(logits, rows, by_kernels), expected)
        assert torch.equal(by_kernels.seen, by_torch.seen) and torch.equal(by_kernels.steps, by_torch.steps)


@pytest.mark.gpu
@needs_gpu
@pytest.mark.parametrize("wbits", [32, 4])
def test_graphs_draw_what_passes_draw(wbits, monkeypatch):
    """One row and many, that come and go; and after the weights have moved."""
    torch.manual_seed(0)
    sizes = {"n_embd": 64, "n_layer": 2, "n_head": 4, "rotary_dim": 16, "n_positions": 96, "n_ctx": 96}
    model = MossForCausalLM(MossConfig(vocab_size=300, initializer_range=0.3, **sizes)).eval().half().to(DEVICE)
    if wbits != 32:
        model.quantize(wbits, 32)
    prompts = [torch.randint(3, 300, (length,)).tolist() for length in (1, 5, 30, 12, 7)]
    paras = [DEFAULT_PARAS | {"temperature": t, "seed": 3, "max_iterations": n} for t in (0, 1.0) for n in (3, 20, 40)]
    tasks = [(ids, own) for own in paras for ids in prompts]

    def answers(engine, together):
        requests = []
        for ids, own in tasks:
            requests.append(engine.submit(ids, own))
            if not together:
                requests[-1] = list(requests[-1])
        return [list(request) for request in requests]

    with monkeypatch.context() as without:
        without.setattr(engine_module, "can_capture", lambda _: False)
        expected = answers(Engine(model, [2], max_rows=1), False)
    alone, many = Engine(model, [2], max_rows=1), Engine(model, [2], max_rows=4)
    assert answers(alone, False) == expected
    assert alone._graphs[1] is not None
    assert sum(a == b for a, b in zip(answers(many, True), expected, strict=True)) >= len(expected) - 3  # ties in fp16
    assert any(many._graphs.values())
    before = alone._graphs[1]
    state = {name: x.clone() for name, x in model.state_dict().items()}  # back in the packed layout, if quantised
    model.load_state_dict(state)
    assert answers(alone, False) == expected
    assert wbits == 32 or alone._graphs[1] is not before


@pytest.mark.skipif(INTERPRETED, reason="nothing is compiled in the interpreter")
@pytest.mark.parametrize("capability, dtype", zip(CARDS, [torch.float16, torch.bfloat16, torch.bfloat16], strict=True))
def test_it_compiles_for_cards_that_are_not_here(capability, dtype, monkeypatch):
    from triton.runtime.jit import JITFunction

    stand_in = compile_instead(capability)
    monkeypatch.setattr(sampling_kernel, "PASSES", sampling_kernel.tl.constexpr(1))  # which are one kernel
    monkeypatch.setattr(JITFunction, "run", stand_in)
    device = kernels_248.Device(132, measured=True, pdl=capability >= 90, large=513)
    monkeypatch.setattr(attend_kernel, "properties", lambda _: device)
    E, B = 24 * 256, 2
    layer, locks = torch.zeros(2, 2, 24, 256, 256, dtype=dtype), torch.zeros(B * 24, dtype=torch.int32)
    angles, where = (torch.zeros(B, 32), torch.zeros(B, 32)), torch.zeros(B, dtype=torch.int64)
    attend(torch.zeros(B, 3 * E, dtype=dtype), torch.zeros(B, 4 * E, dtype=dtype), angles, layer, where, where, locks)
    norm(torch.zeros(B, E, dtype=dtype), torch.nn.LayerNorm(E).to(dtype))
    sampler = Sampler(B, 4, 5000, [1, 7], torch.device("cpu"))
    draw_rows(torch.zeros(B, 5000, dtype=dtype), where, sampler)
    kernels = ["attend_kernel", "norm_kernel", "scale_kernel", "search_kernel", "weigh_kernel", "pick_kernel"]
    assert list(dict.fromkeys(stand_in.compiled)) == kernels

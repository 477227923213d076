"""The kernels of a step of decoding, against float64 and sampling.py; the whole step against the modules that it stands
for; and steps as graphs, which need a GPU.

    TRITON_INTERPRET=1 python -m pytest tests/models/test_step_kernels.py

On a GPU where there is one; in triton's interpreter as above, which test_kernels_248.py does for both files.
"""

import copy

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("triton", reason="needs triton")

from models import MossConfig, MossForCausalLM, attend_kernel, block_kernels, kernels_248, sampling_kernel
from models import engine as engine_module
from models.attend_kernel import attend, keep, norm
from models.engine import Engine
from models.kv_cache import to_int8
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


def random_cache(shape, dtype, bits, generator):
    """A layer of a cache, its scales, and both as numbers."""
    numbers = torch.randn(shape, generator=generator)
    if bits == 16:
        return numbers.to(DEVICE, dtype), None
    return tuple(x.to(DEVICE) for x in to_int8(numbers))


def numbers(layer, scales):
    return layer.double() if scales is None else layer.double() * scales.double()


def put(layer, scales, row, positions, key, value):
    """Key and value (H, T, D) into copies of a layer and its scales, which are returned."""
    layer, scales = layer.clone(), None if scales is None else scales.clone()
    for i, new in enumerate((key, value)):
        if scales is not None:
            new, scales[i, row, :, positions] = to_int8(new)
        layer[i, row, :, positions] = new
    return layer, scales


def query_key_value(qkv, rotary, H):
    """qkv (M, 3E) -> query, key, value (H, M, D), of which the first two are turned."""
    query, value, key = (x.flatten(1, 2) for x in qkv.view(len(qkv), 4, 3, H // 4, -1).unbind(2))
    query, key = (rotate(x[None], *(a[None, :, None] for a in rotary))[0] for x in (query, key))
    return (x.transpose(0, 1) for x in (query, key, value))


def assert_same_cache(found, expected):
    """But for the last bit of a scale, and for numbers that lie so near the middle of two integers that it decides."""
    for a, b in zip(found, expected, strict=True):
        if a is not None:
            assert torch.allclose(a.float(), b.float(), rtol=1e-6, atol=a.dtype == torch.int8)
            assert a.dtype != torch.int8 or (a != b).float().mean() < 1e-3


def attention(qkv, rotary, layer, scales, rows, positions):
    """Float64, row by row, over the cache with the new keys and values, which is returned, too."""
    H, D, out = layer.shape[2], layer.shape[4], []
    query, key, value = query_key_value(qkv, rotary, H)
    for b in range(len(qkv)):
        new = slice(positions[b], positions[b] + 1)
        layer, scales = put(layer, scales, rows[b], new, key[:, b : b + 1], value[:, b : b + 1])
        keys, values = numbers(layer, scales)[:, rows[b], :, : positions[b] + 1]
        weights = (keys @ query[:, b].double()[:, :, None] * D**-0.5).softmax(1)
        out.append((weights * values).sum(1).flatten())
    return torch.stack(out), (layer, scales)


@on_kernels
@pytest.mark.parametrize("bits", [16, 8])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize(
    "H, D, R, P", [(4, 32, 16, 70), (8, 64, 64, 33), (4 if INTERPRETED else 24, 256, 64, 300), (8, 48, 32, 90)]
)
@pytest.mark.parametrize("B", [1, 3])
def test_attention_beside_activation(bits, dtype, H, D, R, P, B):
    plain = dtype == torch.float16 and bits == 16
    if INTERPRETED and (D == 64 or (B == 1 and not plain) or (D > 32 and B > 1)):
        pytest.skip("long in the interpreter")
    generator = torch.Generator().manual_seed(B)
    E, n_inner = H * D, 1030
    layer, scales = random_cache((2, 5, H, P, D), dtype, bits, generator)
    both, bias = (torch.randn(n, 3 * E + n_inner, generator=generator).to(DEVICE, dtype) for n in (B, 1))
    qkv, inner = both.split([3 * E, n_inner], dim=1)
    bias = bias[0, :n_inner] if B == 3 else None
    activated = torch.nn.functional.gelu(inner.double() + (0 if bias is None else bias.double()), approximate="tanh")
    rows = torch.tensor([4, 0, 2], device=DEVICE)[:B]
    locks = torch.zeros(B * H, dtype=torch.int32, device=DEVICE)
    for positions in ([P - 1, 0, 31], [32, 1, P // 2]):
        positions = torch.tensor(positions, device=DEVICE)[:B]
        cos, sin = (x[0, :, 0].contiguous() for x in rotary_angles(positions[None], R))
        expected, cache = attention(qkv, (cos, sin), layer, scales, rows, positions)
        found = attend(qkv, inner, (cos, sin), layer, rows, positions, locks, scales, bias)
        tolerance = 2 * torch.finfo(dtype).eps
        assert torch.allclose(found.double(), torch.cat([expected, activated], 1), atol=tolerance, rtol=tolerance)
        assert_same_cache((layer, scales), cache)
        assert not locks.any()


@on_kernels
@pytest.mark.parametrize("bits", [16, 8])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("H, D, R", [(4, 32, 16), (24, 256, 64), (8, 48, 48)])
def test_what_many_ids_leave_in_the_cache(bits, dtype, H, D, R):
    generator, M = torch.Generator().manual_seed(H), 3 if INTERPRETED else 700
    layer, scales = random_cache((2, 3, H, M + 9, D), dtype, bits, generator)
    qkv = torch.randn(M, 3 * H * D + 5, generator=generator).to(DEVICE, dtype)[:, : 3 * H * D]
    qkv[0, :D] = 0
    positions = torch.arange(M, device=DEVICE) + 7
    rotary = tuple(x[0, :, 0].contiguous() for x in rotary_angles(positions[None], R))
    query, key, value = query_key_value(qkv, rotary, H)
    expected = put(layer, scales, 2, slice(7, 7 + M), key, value)
    found = keep(qkv, rotary, layer, torch.tensor([2], device=DEVICE), positions, scales)
    eps = torch.finfo(dtype).eps
    assert torch.allclose(found.view(M, H, D).transpose(0, 1), query, atol=eps, rtol=eps)
    if bits == 16:
        assert torch.allclose(layer, expected[0], atol=eps, rtol=eps)
    else:
        assert_same_cache((layer, scales), expected)


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
    expected, _ = attention(qkv, angles, layer, None, rows, positions)
    for rank in range(size):
        mine, wanted = (x.chunk(size, 1)[rank] for x in (qkv, expected))
        cache, locks = layer.chunk(size, 2)[rank].contiguous(), torch.zeros(B * H, dtype=torch.int32, device=DEVICE)
        found = attend(mine, inner, angles, cache, rows, positions, locks, heads_per_quarter=H // 4)
        assert torch.allclose(found[:, : E // size].double(), wanted, atol=2e-3, rtol=2e-3)
        kept = layer.chunk(size, 2)[rank].clone()  # of row 1, the first id, and by the kernel of many ids the same
        keep(mine[:1], tuple(x[:1] for x in angles), kept, rows[:1], positions[:1], heads_per_quarter=H // 4)
        assert torch.allclose(kept[:, 1], cache[:, 1], atol=2e-3, rtol=2e-3)


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
    for added in (None, layer.weight):
        found, sums = norm(x, layer, added)
        assert torch.allclose(found.double(), exact, atol=tolerance, rtol=tolerance)
        assert torch.equal(sums, x if added is None else x + added)


@on_kernels
@pytest.mark.parametrize(
    "quantised, kv_bits, joint_rows", [(False, 16, 512), (False, 8, 1), (True, 8, 512), (True, 16, 1)]
)
def test_kernels_give_what_the_modules_give(quantised, kv_bits, joint_rows, monkeypatch):
    """Prompts, a second chunk, and steps of two rows. joint_rows 1: products of chunks are in 16 bits."""
    torch.manual_seed(0)
    config = MossConfig(vocab_size=64, n_positions=64, n_embd=64, n_inner=64, n_layer=1, n_head=4, rotary_dim=16)
    model = MossForCausalLM(config).eval().half().to(DEVICE)
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, std=0.5)
    if quantised:
        model.quantize(4, 32)
    monkeypatch.setattr(block_kernels, "MAX_JOINT_ROWS", joint_rows)
    launched = []
    monkeypatch.setattr(attend_kernel, "attend", lambda *args: launched.append("attend") or attend(*args))
    monkeypatch.setattr(attend_kernel, "keep", lambda *args: launched.append("keep") or keep(*args))
    found = []
    for expected in (["keep", "keep", "attend"], []):
        engine = Engine(model, [99], max_rows=4, kv_bits=kv_bits)
        engine.cache.reserve(4, 64)
        launched.clear()
        with torch.inference_mode():
            hidden = [
                engine.forward([[7, 8, 9]], [0], [1]),
                engine.forward([[3, 5]], [3], [1]),
                engine.forward([[5], [4]], [0, 5], [0, 1]),
            ]
        assert launched == expected
        found.append(torch.cat(hidden))
        model.transformer.h[0].attn.register_forward_hook(lambda *_: None)  # so that the modules run
    assert torch.allclose(*found, atol=2e-2)
    assert (found[0] - found[1]).abs().mean() < 2e-3


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
@pytest.mark.parametrize("wbits, kv_bits", [(32, 16), (4, 16), (32, 8), (4, 8)])
def test_graphs_draw_what_passes_draw(wbits, kv_bits, monkeypatch):
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
        expected = answers(Engine(model, [2], max_rows=1, kv_bits=kv_bits), False)
    alone, many = (Engine(model, [2], max_rows=rows, kv_bits=kv_bits) for rows in (1, 4))
    assert answers(alone, False) == expected
    assert alone._graphs[1] is not None
    assert sum(a == b for a, b in zip(answers(many, True), expected, strict=True)) >= len(expected) - 3  # ties in fp16
    assert any(many._graphs.values())
    before = alone._graphs[1]
    state = {name: x.clone() for name, x in model.state_dict().items()}  # which gives up the kernels' layout
    model.load_state_dict(state)
    assert answers(alone, False) == expected
    assert alone._graphs[1] is not before


@pytest.mark.gpu
@needs_gpu
@pytest.mark.parametrize("kv_bits", [16, 8])
def test_a_prompt_takes_flash_attention_whatever_is_known_before(kv_bits):
    """And gives what float32 gives, in one chunk, in two, and in rows that are written out in 16 bits."""
    from torch.nn.attention import SDPBackend, sdpa_kernel

    torch.manual_seed(0)
    config = MossConfig(vocab_size=300, n_embd=1024, n_layer=2, n_head=4, rotary_dim=64, n_positions=1024, n_ctx=1024)
    model = MossForCausalLM(config).eval().half().to(DEVICE)
    ids = torch.randint(3, 300, (900,)).tolist()
    expected = copy.deepcopy(model).float().transformer(torch.tensor([ids], device=DEVICE)).last_hidden_state[:, -1]
    engine = Engine(model, [2], kv_bits=kv_bits)
    engine.cache.reserve(1, 1024)
    with torch.inference_mode(), sdpa_kernel([SDPBackend.FLASH_ATTENTION]):
        for ends in ([900], [800, 900], [100, 900], [899, 900]):
            for start, end in zip([0, *ends], ends, strict=False):
                found = engine.forward([ids[start:end]], [start], [0])
            assert torch.allclose(found.float(), expected, atol=0.02), ends


@pytest.mark.gpu
@needs_gpu
def test_laying_out_weights_takes_the_room_of_a_block():
    config = MossConfig(vocab_size=300, n_embd=1024, n_layer=6, n_head=4, rotary_dim=64)
    model = MossForCausalLM(config).eval().half().to(DEVICE)
    block = sum(parameter.nbytes for parameter in model.transformer.h[0].parameters())
    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated(), torch.cuda.memory_reserved()
    torch.cuda.reset_peak_memory_stats()
    engine = Engine(model, [2])
    assert all(block.joint_matrices() is not None for block in engine.model.transformer.h)
    assert torch.cuda.memory_allocated() - before[0] < 2**20
    assert torch.cuda.max_memory_reserved() - before[1] < 4 * block  # the allocator takes 20 MiB at a time
    assert torch.cuda.memory_reserved() - before[1] < 3 * block


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
    locks, layer = torch.zeros(B * 24, dtype=torch.int32), torch.zeros(2, 2, 24, 256, 256, dtype=dtype)
    angles, where = (torch.zeros(B, 32), torch.zeros(B, 32)), torch.zeros(B, dtype=torch.int64)
    qkv, inner = torch.zeros(B, 3 * E, dtype=dtype), torch.zeros(B, 4 * E, dtype=dtype)
    for cache in ((layer, None), (layer.to(torch.int8), torch.zeros(2, 2, 24, 256, 1))):
        attend(qkv, inner, angles, cache[0], where, where, locks, cache[1], inner[0])
        keep(qkv, angles, cache[0], where[:1], where, cache[1])
    norm(torch.zeros(B, E, dtype=dtype), torch.nn.LayerNorm(E).to(dtype), inner[0, :E])
    sampler = Sampler(B, 4, 5000, [1, 7], torch.device("cpu"))
    draw_rows(torch.zeros(B, 5000, dtype=dtype), where, sampler)
    kernels = [
        "attend_kernel",
        "keep_kernel",
        "norm_kernel",
        "scale_kernel",
        "search_kernel",
        "weigh_kernel",
        "pick_kernel",
    ]
    assert list(dict.fromkeys(stand_in.compiled)) == kernels

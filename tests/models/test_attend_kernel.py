"""The kernel of a step of decoding: against float64, and the whole step against the modules that it stands for.

    TRITON_INTERPRET=1 python -m pytest tests/models/test_attend_kernel.py

On a GPU where there is one; in triton's interpreter as above, which test_kernels_248.py does for both files.
"""

import pytest
import torch

pytest.importorskip("triton", reason="needs triton")

from models import MossConfig, MossForCausalLM, attend_kernel, kernels_248
from models.attend_kernel import attend
from models.engine import Engine
from models.modeling_moss import rotary_angles, rotate
from tests.models.test_kernels_248 import CARDS, DEVICE, INTERPRETED, compile_instead, on_kernels


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
@pytest.mark.parametrize("H, D, R, P", [(4, 32, 16, 70), (8, 64, 64, 33), (4 if INTERPRETED else 24, 256, 64, 300)])
@pytest.mark.parametrize("B", [1, 3])
def test_attention_beside_activation(dtype, H, D, R, P, B):
    if INTERPRETED and D == 256 and (B > 1 or dtype == torch.bfloat16):
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


@pytest.mark.skipif(INTERPRETED, reason="nothing is compiled in the interpreter")
@pytest.mark.parametrize("capability, dtype", zip(CARDS, [torch.float16, torch.bfloat16, torch.bfloat16], strict=True))
def test_it_compiles_for_cards_that_are_not_here(capability, dtype, monkeypatch):
    from triton.runtime.jit import JITFunction

    stand_in = compile_instead(capability)
    monkeypatch.setattr(JITFunction, "run", stand_in)
    device = kernels_248.Device(132, measured=True, pdl=capability >= 90, large=513)
    monkeypatch.setattr(attend_kernel, "properties", lambda _: device)
    E, B = 24 * 256, 2
    layer, locks = torch.zeros(2, 2, 24, 256, 256, dtype=dtype), torch.zeros(B * 24, dtype=torch.int32)
    angles, where = (torch.zeros(B, 32), torch.zeros(B, 32)), torch.zeros(B, dtype=torch.int64)
    attend(torch.zeros(B, 3 * E, dtype=dtype), torch.zeros(B, 4 * E, dtype=dtype), angles, layer, where, where, locks)
    assert stand_in.compiled == ["attend_kernel"]

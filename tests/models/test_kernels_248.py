"""The Triton kernels of models/kernels_248.py: products and gradients against float64, odd sizes, strides, devices.

    python -m pytest tests/models/test_kernels_248.py

The same tests run on a GPU where there is one and, in a process of their own, in triton's interpreter on the CPU, with
those of test_step_kernels.py. That must be asked for (TRITON_INTERPRET=1) before triton is imported, and
tests/conftest.py imports it; hence the process.
"""

import copy
import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

pytest.importorskip("triton", reason="needs triton")

from models import MossConfig, MossForCausalLM
from models.quantization import (
    QuantLinear,
    QuantLinearFunction,
    joint_weight,
    matmul248,
    round_to_nearest,
    transpose_matmul248,
)
from models.tiled_weight import join_inputs, join_outputs
from tests.packed_layers import (
    BITS,
    ROWS,
    Case,
    PackedLayer,
    assert_as_good_as_plain,
    grid,
    pack_words,
    random_layer,
    relative_error,
)

ROOT = Path(__file__).resolve().parents[2]
triton = sys.modules["triton"]
INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"
DEVICE = "cpu" if INTERPRETED else "cuda"
HALVES = (torch.float16, torch.bfloat16)
ORDERS = ("plain", "act", "uneven")

gpu = pytest.mark.gpu
needs_gpu = pytest.mark.skipif(INTERPRETED or not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
needs_two = pytest.mark.skipif(INTERPRETED or torch.cuda.device_count() < 2, reason="needs two NVIDIA GPUs")

no_interpreter = pytest.mark.skipif(
    triton.__version__.startswith("3.6.") and np.lib.NumpyVersion(np.__version__) >= "2.4.0",
    reason="the interpreter of triton 3.6 does not run with numpy 2.4",
)


def on_kernels(test):
    """In the interpreter or on a GPU, whichever this process is for."""
    return test if INTERPRETED else gpu(needs_gpu(test))


@pytest.fixture(autouse=True)
def launches(monkeypatch):
    """The number of kernels started so far, in the interpreter."""
    torch.manual_seed(0)
    counted = []
    if INTERPRETED:
        from triton.runtime import interpreter

        start = interpreter.GridExecutor.__call__
        monkeypatch.setattr(
            interpreter.GridExecutor, "__call__", lambda self, *a, **k: (counted.append(self), start(self, *a, **k))[1]
        )
    return counted


def module(packed: PackedLayer, checkpoint_format: str = "gptq", device: str | torch.device = DEVICE) -> QuantLinear:
    N, K = packed.weight.shape
    layer = QuantLinear(packed.bits, packed.groupsize, K, N, packed.bias is not None, checkpoint_format)
    layer.load_state_dict(packed.state)
    return layer.to(device)


def state_on_cpu(layer: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: x.cpu() for name, x in layer.state_dict().items()}


def assert_same_state(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> None:
    assert a.keys() == b.keys()
    for name in a:
        assert a[name].dtype == b[name].dtype, name
        assert torch.equal(a[name].cpu(), b[name].cpu()), name


def check(case: Case) -> None:
    """Product, gradient, and the same bits a second time."""
    packed = case.layer()
    layer = module(packed, case.checkpoint_format)
    x = case.x().to(DEVICE).requires_grad_()
    y = layer(x)
    assert_as_good_as_plain(y, x.detach(), packed.weight, packed.bias)
    dy = torch.randn(y.shape, generator=torch.Generator().manual_seed(case.seed)).to(DEVICE, case.dtype)
    (dx,) = torch.autograd.grad(y, x, dy)
    assert_as_good_as_plain(dx, dy, packed.weight.T.contiguous())
    if not INTERPRETED:  # where nothing runs at the same time
        again = layer(x)
        assert torch.equal(again, y)
        assert torch.equal(torch.autograd.grad(again, x, dy)[0], dx)


def check_all(cases: Iterable[Case]) -> None:
    wrong = []
    for case in cases:
        try:
            check(case)
        except Exception as error:
            wrong.append(f"{case}: {type(error).__name__}: {error}")
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong)


SMALL = {"rows": (1, 2, 3, 8, 9, 17, 33, 70), "widest": 130, "deepest": 192}
CASES = (
    grid(24, HALVES, seed=1, **SMALL)
    if INTERPRETED
    else grid(360, HALVES, seed=1, rows=ROWS, widest=2048, deepest=1280)
)


@on_kernels
@pytest.mark.parametrize("dtype", HALVES, ids=str)
@pytest.mark.parametrize("bits", BITS)
def test_the_fuzzed_grid(bits, dtype, launches):
    check_all(case for case in CASES if (case.bits, case.dtype) == (bits, dtype))
    if INTERPRETED:
        assert launches, "the product was not computed by the kernels"


@on_kernels
@pytest.mark.parametrize("M", [5, 40] if INTERPRETED else [1, 5, 12, 40])
def test_a_gpu_on_which_nothing_was_measured_is_tuned_and_right(M, monkeypatch, tmp_path):
    from models import kernels_248

    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    known = kernels_248.properties(torch.device(DEVICE))
    monkeypatch.setattr(kernels_248, "properties", lambda device: known._replace(measured=False))
    case = Case(4, 64, "act", True, torch.float16, M, 192, 256, "gptq", 3)
    assert len(kernels_248.configs_for(M, 192, 256, 4, known._replace(measured=False))) > 1
    check(case)
    if not INTERPRETED:
        assert list(tmp_path.glob("*/*.moss-autotune.json"))


@on_kernels
@pytest.mark.parametrize("bits", BITS)
def test_the_smallest_sizes(bits):
    check_all(
        Case(bits, 32, order, True, torch.float16, M, 32 // bits, K, "gptq", 7)
        for order, M, K in (("plain", 1, 32), ("act", 2, 64), ("uneven", 1, 96))
    )


@on_kernels
@pytest.mark.parametrize("bits", BITS)
def test_a_long_sum_over_few_columns_and_many_columns_over_a_short_one(bits):
    long = 512 if INTERPRETED else 24576
    check_all(
        Case(bits, groupsize, "plain", True, torch.float16, M, N, K, "gptq", 8)
        for N, K, groupsize in ((32 // bits, long, 128), (long // 4 + 32 // bits, 32, 32))
        for M in ((1,) if INTERPRETED else (1, 3))
    )


@on_kernels
def test_every_number_of_rows():
    packed = random_layer(4, 32, 96, 40, order="act")
    layer = module(packed)
    x = torch.randn(300, 96).half().to(DEVICE)
    exact = x.double().cpu() @ packed.weight.T + packed.bias.double()
    for M in (1, 8, 16, 31, 64, 129, 300) if INTERPRETED else range(1, 301):
        y = layer(x[:M])
        assert y.shape == (M, 40)
        assert relative_error(y, exact[:M]) < 1e-3, M


@on_kernels
@pytest.mark.parametrize("order", ["act"] if INTERPRETED else ORDERS)
@pytest.mark.parametrize("dtype", [torch.bfloat16] if INTERPRETED else HALVES, ids=str)
def test_matmul248_and_its_transpose(order, dtype, launches):
    packed = random_layer(4, 64, 192, 72, order=order, seed=5)
    x = torch.randn(5, 192).to(DEVICE, dtype).requires_grad_()
    arguments = packed.packed(DEVICE)
    y = matmul248(x.detach(), *arguments)
    assert_as_good_as_plain(y, x.detach(), packed.weight)
    dy = torch.randn(5, 72).to(DEVICE, dtype)
    dx = transpose_matmul248(dy, *arguments)
    assert_as_good_as_plain(dx, dy, packed.weight.T.contiguous())
    out = QuantLinearFunction.apply(x, *arguments)
    assert torch.equal(out, y)
    out.backward(dy)
    assert_as_good_as_plain(x.grad, dy, packed.weight.T.contiguous())
    if INTERPRETED:
        assert launches, "the product was not computed by the kernels"


@on_kernels
def test_the_originals_layers(shared):
    folder = shared / "oracle/golden/quant"
    cases: dict[str, dict[str, torch.Tensor]] = {}
    for name, x in load_file(folder / "layers.safetensors").items():
        case, field = name.split("/", 1)
        cases.setdefault(case, {})[field] = x
    wrong = []
    for name, meta in sorted(json.loads((folder / "layers.json").read_text())["cases"].items())[
        :: 2 if INTERPRETED else 1
    ]:
        case = cases[name]
        N, K = case["weight"].shape
        layer = QuantLinear(meta["bits"], meta["groupsize"], K, N, meta["bias"])
        layer.load_state_dict({f: case[f] for f in layer.state_dict()})
        y = layer.to(DEVICE)(case["x"].to(DEVICE)).double().cpu()
        error = ((y - case["y"]).abs().max() / case["y"].abs().max()).item()
        if not error <= 1e-3:
            wrong.append(f"{name}: {error:.3g} of the largest figure")
    assert not wrong, "\n".join(wrong)


# ---- what x may be ----


@on_kernels
@pytest.mark.parametrize("order", ["uneven"] if INTERPRETED else ORDERS)
def test_any_strides_and_what_lies_around_x_is_never_used(order):
    packed = random_layer(4, 32, 96, 40, order=order)
    layer = module(packed)
    nan = torch.full((14, 204), float("nan"), dtype=torch.float16, device=DEVICE)

    def put(view: torch.Tensor) -> torch.Tensor:
        return view.copy_(torch.randn(view.shape))

    for x in (
        put(nan.clone()[1:13, 3:99]),
        put(nan.clone()[1:13, 4:196:2]),
        put(nan.clone()[1:13:3, 101:197]),
        put(nan.clone().T[3:99, 1:13].T),
        put(nan.clone().view(-1)[1 : 1 + 5 * 96].view(5, 96)),  # not on a boundary of 16 bytes
        put(nan.clone().view(-1)[8 : 8 + 96]),
        put(nan.clone().T[1:97, 1:9]).view(96, 4, 2).permute(1, 2, 0),
        torch.randn(96).half().to(DEVICE).expand(6, 96),
    ):
        before = x.clone()
        x = x.detach().requires_grad_()
        y = layer(x)
        assert_as_good_as_plain(y, x.detach(), packed.weight, packed.bias)
        assert torch.equal(x, before)
        dy = torch.randn(40, *x.shape[:-1]).half().to(DEVICE).movedim(0, -1)
        (dx,) = torch.autograd.grad(y, x, dy)
        assert_as_good_as_plain(dx, dy, packed.weight.T.contiguous())
    y = layer(x.detach().requires_grad_())
    y.sum().backward()  # the gradient of a sum has stride 0


@on_kernels
@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 3)], ids=str)
def test_no_rows(shape):
    x = torch.zeros(*shape, 64, dtype=torch.float16, device=DEVICE, requires_grad=True)
    y = module(random_layer(4, 32, 64, 32))(x)
    assert y.shape == (*shape, 32)
    assert y.dtype == torch.float16
    y.sum().backward()
    assert x.grad.shape == x.shape


@on_kernels
@pytest.mark.parametrize("order", ORDERS)
def test_what_is_not_a_number_stays_in_its_row(order):
    layer = module(random_layer(4, 32, 96, 40, order=order))
    x = torch.randn(5, 96).half().to(DEVICE)
    clean = layer(x)
    x[2, 7] = float("nan")
    x[3, 95] = float("inf")
    y = layer(x)
    assert torch.isnan(y[2]).all()
    assert not torch.isfinite(y[3]).any()
    assert torch.equal(y[[0, 1, 4]], clean[[0, 1, 4]])


@on_kernels
def test_sums_beyond_fp16_on_the_way_do_no_harm():
    packed = random_layer(4, 32, 256, 32, bias=False)
    packed.values[128:] = packed.values[:128].clone()
    packed.state["qweight"] = pack_words(packed.values, 4)
    packed.state["g_idx"] = torch.zeros(256, dtype=torch.int32)
    x = torch.full((3, 256), 6e4)
    x[:, 128:] = -6e4
    y = module(packed)(x.half().to(DEVICE))
    assert y.isfinite().all()
    assert y.abs().max() < 1  # the sums on the way reach 1e6


@on_kernels
@pytest.mark.parametrize("bits", BITS)
def test_scales_over_the_whole_range_of_fp16(bits):
    packed = random_layer(bits, 32, 64, 32, bias=False)
    scales = packed.state["scales"]
    scales[0] = torch.logspace(-7, 1.5, 32).half()  # from the subnormal ones on
    scales[1] = -scales[0]
    g = packed.state["g_idx"].long()
    weight = ((packed.values - packed.zeros[g]).double() * scales[g].double()).T
    x = torch.randn(3, 64).half().to(DEVICE)
    y = module(packed)(x).double().cpu()
    exact = x.double().cpu() @ weight.T
    norm = x.double().cpu().norm(dim=1)[:, None] * weight.norm(dim=1)
    # a column's own size judges it: the largest scale is 1e8 times the least
    assert ((y - exact).abs() <= 1e-3 * norm + 2**-24).all()


@on_kernels
@pytest.mark.parametrize("wrong", [(3, 63), (3, 65), (3, 32), (96,)], ids=str)
def test_x_of_another_width_is_refused(wrong):
    with pytest.raises(ValueError, match="64"):
        module(random_layer(4, 32, 64, 32))(torch.randn(wrong).half().to(DEVICE))


# ---- what the run-time layout must not change ----


@on_kernels
@pytest.mark.parametrize("order", ORDERS)
def test_after_use_the_layer_saves_loads_and_copies_as_before(order):
    packed = random_layer(4, 32, 96, 40, order=order)
    other = random_layer(4, 32, 96, 40, order="act", seed=9)
    x = torch.randn(3, 96).half().to(DEVICE)
    layer = module(packed)
    y = layer(x)
    assert_same_state(layer.state_dict(), packed.state)
    assert all(tensor.device == x.device for tensor in layer.state_dict().values())
    assert torch.equal(layer.dequantize().double().cpu(), packed.weight)

    copied = copy.deepcopy(layer)
    assert torch.equal(copied(x), y)
    copied.load_state_dict(other.state)
    assert torch.equal(copied(x), module(other)(x))
    assert_same_state(copied.state_dict(), other.state)
    assert torch.equal(layer(x), y)

    copied.load_state_dict(packed.state)
    assert torch.equal(copied.half().float().bfloat16()(x), y)
    linear = torch.nn.Linear(96, 40).to(DEVICE)
    copied.pack(linear, *round_to_nearest(linear.weight, 4, 32))
    exact = x.double().cpu() @ copied.dequantize().double().cpu().T + linear.bias.double().cpu()
    assert relative_error(copied(x), exact) < 1e-3


@gpu
@needs_gpu
def test_to_the_cpu_and_back():
    packed = random_layer(4, 32, 96, 40, order="act")
    layer = module(packed)
    x = torch.randn(3, 96).half()
    y = layer(x.cuda())
    layer.cpu()
    assert_same_state(layer.state_dict(), packed.state)
    assert_as_good_as_plain(layer(x), x, packed.weight, packed.bias)
    assert torch.equal(layer.cuda()(x.cuda()), y)


@gpu
@needs_gpu
@pytest.mark.parametrize("order", ["plain", "act"])
def test_memory_holds_the_weights_once(order):
    K, N = 4096, 4096
    packed_bytes = K * N // 2 + (K // 128) * N * 5 // 2 + 4 * K
    with torch.device("cuda"):
        layer = QuantLinear(4, 128, K, N, False)
    state = {
        "qweight": torch.randint(-(2**31), 2**31, (K // 8, N)).int(),
        "qzeros": torch.randint(-(2**31), 2**31, (K // 128, N // 8)).int(),
        "scales": torch.rand(K // 128, N).half(),
        "g_idx": (torch.arange(K)[torch.randperm(K) if order == "act" else slice(None)] // 128).int(),
    }
    layer.load_state_dict(state)
    x = torch.randn(1, K, device="cuda", dtype=torch.float16)
    layer(x)
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    with torch.no_grad():
        layer(x)
    assert torch.cuda.max_memory_allocated() - before < packed_bytes / 4  # no unpacked weight at one token
    kept = before
    del layer
    assert kept - torch.cuda.memory_allocated() < 1.2 * packed_bytes + 2**20
    layer = QuantLinear(4, 128, K, N, False).cuda()
    layer.load_state_dict(state)
    x.requires_grad_()
    layer(x)
    before = torch.cuda.memory_allocated()
    y = layer(x)
    assert torch.cuda.memory_allocated() - before < packed_bytes / 4  # nor one kept for the gradient
    y.sum().backward()


# ---- two layers in one product ----


@on_kernels
@pytest.mark.parametrize(
    "bits, order",
    [(2, "act"), (4, "plain"), (8, "act")] if INTERPRETED else itertools.product(BITS, ("plain", "act")),
)
def test_two_layers_of_one_input_are_one_product(bits, order):
    K = max(128, 512 // bits)  # what K is padded to
    first = random_layer(bits, 32, K, 64, order=order, bias=False)
    second = random_layer(bits, 32, K, 96, order=order)
    second.state["g_idx"] = first.state["g_idx"]
    layers = module(first), module(second)
    x = torch.randn(3, K).half().to(DEVICE)
    alone = [layer(x) for layer in layers]
    weight = joint_weight(*layers, x, join_outputs)
    y = QuantLinearFunction.apply(x, weight)
    for given, expected in zip(y.split([64, 96], dim=-1), alone, strict=True):
        assert relative_error(given, expected.double().cpu()) < 1e-3
    assert joint_weight(*layers, x, join_outputs) is weight
    assert torch.equal(layers[0](x), alone[0]) and torch.equal(layers[1](x), alone[1])
    assert_same_state(layers[0].state_dict(), first.state)
    assert_same_state(layers[1].state_dict(), second.state)
    assert torch.equal(QuantLinearFunction.apply(x, joint_weight(*layers, x, join_outputs)), y)


@on_kernels
@pytest.mark.parametrize(
    "bits, orders",
    [(2, ("plain", "act")), (4, ("act", "act")), (8, ("plain", "plain"))]
    if INTERPRETED
    else itertools.product(BITS, [("plain", "plain"), ("act", "act"), ("plain", "act")]),
)
def test_two_layers_of_one_output_are_one_product(bits, orders):
    K = max(128, 512 // bits)
    first = random_layer(bits, 64, K, 48, order=orders[0])
    second = random_layer(bits, 64, 2 * K, 48, order=orders[1], seed=1)
    layers = module(first), module(second)
    x, dy = torch.randn(3, 3 * K).half().to(DEVICE).requires_grad_(), torch.randn(3, 48).half().to(DEVICE)
    weight = joint_weight(*layers, x[:, :K].detach(), join_inputs)
    y = QuantLinearFunction.apply(x, weight)
    joined = torch.cat([first.weight, second.weight], dim=1)
    assert_as_good_as_plain(y, x.detach(), joined, (first.bias + second.bias.float()).to(torch.float16))
    assert_as_good_as_plain(torch.autograd.grad(y, x, dy)[0], dy, joined.T.contiguous())
    for layer, packed, part in zip(layers, (first, second), x.detach().split([K, 2 * K], dim=1), strict=True):
        assert_as_good_as_plain(layer(part), part, packed.weight, packed.bias)
        assert_same_state(layer.state_dict(), packed.state)


@on_kernels
def test_layers_that_do_not_fit_run_by_themselves():
    x = torch.randn(2, 128).half().to(DEVICE)

    def joint(join, *layers):
        return joint_weight(
            *(layer if isinstance(layer, torch.nn.Module) else module(layer) for layer in layers), x, join
        )

    plain, act = random_layer(4, 32, 128, 64), random_layer(4, 32, 128, 64, order="act")
    assert joint(join_outputs, plain, plain) and joint(join_inputs, plain, plain)
    assert joint(join_outputs, plain, act) is None
    assert joint(join_outputs, plain, random_layer(8, 32, 128, 64)) is None
    assert joint(join_outputs, plain, random_layer(4, 64, 128, 64)) is None
    assert joint(join_outputs, random_layer(4, 32, 128, 40), plain) is None  # columns padded to 64
    assert joint(join_inputs, plain, random_layer(4, 32, 128, 40)) is None
    assert joint(join_inputs, plain, random_layer(4, 32, 128, 64, order="uneven")) is None
    assert joint(join_inputs, plain, torch.nn.Linear(128, 64)) is None
    watched = module(plain)
    watched.register_forward_hook(lambda *_: None)
    assert joint(join_inputs, plain, watched) is None
    assert joint_weight(module(plain), module(plain), x.float(), join_inputs) is None
    pair = module(plain), module(act)
    assert joint(join_outputs, *pair) is None
    assert torch.equal(pair[0](x), module(plain)(x)) and joint(join_outputs, *pair) is None


@on_kernels
def test_a_block_computes_its_layers_two_at_a_time_unless_watched():
    config = MossConfig(vocab_size=64, n_positions=32, n_embd=128, n_inner=128, n_layer=1, n_head=4, rotary_dim=16)
    model = MossForCausalLM(config).eval().half().to(DEVICE)
    model.quantize(4, 32, calibration=[torch.randint(64, (32,)).tolist() for _ in range(4)])
    state = {name: x.clone() for name, x in model.state_dict().items()}
    ids = torch.randint(64, (2, 5), device=DEVICE)
    block = model.transformer.h[0]
    with torch.no_grad():
        logits = model(ids).logits
        assert block.joint_weights(torch.zeros(1, 128, dtype=torch.float16, device=DEVICE)) is not None
        copied = copy.deepcopy(model)
        watch = block.attn.out_proj.register_forward_hook(lambda *_: None)
        assert block.joint_weights(torch.zeros(1, 128, dtype=torch.float16, device=DEVICE)) is None
        assert relative_error(model(ids).logits, logits.double().cpu()) < 2e-3
        watch.remove()
        assert_same_state(model.state_dict(), state)
        assert torch.equal(model(ids).logits, logits)
        assert torch.equal(copied(ids).logits, logits)
        assert model.train()(ids).logits.shape == logits.shape


# ---- the GPU's own ----


@gpu
@needs_gpu
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize(("N", "K"), [(18432, 6144), (6144, 6144), (24576, 6144), (6144, 24576), (128, 107008)])
def test_the_shapes_of_moss(N, K, bits):
    groupsize = 128
    generator = torch.Generator("cuda").manual_seed(0)
    n, G = 32 // bits, K // groupsize

    def words(*shape: int) -> torch.Tensor:
        return torch.randint(-(2**31), 2**31, shape, generator=generator, device="cuda").int()

    layer = QuantLinear(bits, groupsize, K, N, True).cuda()
    layer.load_state_dict(
        {
            "qweight": words(K // n, N),
            "qzeros": words(G, N // n),
            "scales": (torch.rand(G, N, generator=generator, device="cuda") / 2**bits + 1e-3).half(),
            "g_idx": (torch.randperm(K, generator=generator, device="cuda") // groupsize).int(),
            "bias": torch.randn(N, generator=generator, device="cuda").half(),
        }
    )
    weight, bias = layer.dequantize().double(), layer.bias.double()
    for dtype in HALVES:
        for M in (1, 2, 16, 64, 256, 2048):
            x = torch.randn(M, K, generator=generator, device="cuda").to(dtype).requires_grad_()
            y = layer(x)
            exact = torch.nn.functional.linear(x.double(), weight, bias)
            plain = torch.nn.functional.linear(x, weight.to(dtype), bias.to(dtype))
            assert relative_error(y, exact) <= 2 * relative_error(plain, exact), (M, dtype)
            assert torch.equal(layer(x), y)
            dy = torch.randn(M, N, generator=generator, device="cuda").to(dtype)
            (dx,) = torch.autograd.grad(y, x, dy)
            exact, plain = dy.double() @ weight, dy @ weight.to(dtype)
            assert relative_error(dx, exact) <= 2 * relative_error(plain, exact), (M, dtype)


@gpu
@needs_gpu
def test_a_hundred_runs_give_the_same_bits():
    layer = module(random_layer(4, 128, 8192, 512, order="act"))
    for M in (1, 7, 40, 300):
        x = torch.randn(M, 8192, dtype=torch.float16, device="cuda")
        y = layer(x)
        for _ in range(100):
            assert torch.equal(layer(x), y)


@gpu
@needs_gpu
def test_a_side_stream_waits_for_its_own_work():
    packed = random_layer(4, 32, 512, 256)
    layer = module(packed)
    source = torch.randn(9, 512, dtype=torch.float16, device="cuda")
    expected = layer(source)
    x = torch.zeros_like(source)
    torch.cuda.synchronize()
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        torch.cuda._sleep(100_000_000)
        x.copy_(source)  # after the pause: a kernel on another stream would see zeros
        y = layer(x)
    stream.synchronize()
    assert torch.equal(y, expected)

    fresh = module(packed)  # the first use, too, may be on a side stream
    torch.cuda.synchronize()
    with torch.cuda.stream(stream):
        torch.cuda._sleep(100_000_000)
        y = fresh(x)
    stream.synchronize()
    assert torch.equal(y, expected)


@gpu
@needs_gpu
def test_two_streams_at_once():
    layer = module(random_layer(4, 128, 4096, 1024))
    inputs = [torch.randn(M, 4096, dtype=torch.float16, device="cuda") for M in (1, 5)]
    expected = [layer(x) for x in inputs]
    streams = [torch.cuda.Stream(), torch.cuda.Stream()]
    torch.cuda.synchronize()
    results = [[], []]
    for _ in range(200):
        for stream, x, into in zip(streams, inputs, results, strict=True):
            with torch.cuda.stream(stream):
                into.append(layer(x))
    torch.cuda.synchronize()
    for into, y in zip(results, expected, strict=True):
        assert all(torch.equal(each, y) for each in into)


@gpu
@needs_gpu
@pytest.mark.parametrize("M", [1, 4, 64, 300])
def test_a_cuda_graph_replays(M):
    packed = random_layer(4, 128, 1024, 768, order="act")
    layers = [module(packed), module(random_layer(8, -1, 768, 1024, order="plain"))]
    x = torch.randn(M, 1024, dtype=torch.float16, device="cuda")

    def run() -> torch.Tensor:
        return layers[1](layers[0](x))

    with torch.no_grad():
        run()
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                run()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            y = run()
        for _ in range(5):
            x.copy_(torch.randn_like(x))
            graph.replay()
            replayed = y.clone()
            assert torch.equal(replayed, run())


@gpu
@needs_gpu
def test_threads_may_share_a_fresh_layer():
    packed = random_layer(4, 64, 512, 256, order="act")
    x = torch.randn(5, 512, dtype=torch.float16, device="cuda")
    expected = module(packed)(x)
    layer, results = module(packed), []
    threads = [threading.Thread(target=lambda: results.extend(layer(x) for _ in range(20))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    torch.cuda.synchronize()
    assert len(results) == 160
    assert all(torch.equal(y, expected) for y in results)
    assert_same_state(layer.state_dict(), packed.state)


@gpu
@needs_gpu
def test_fp32_on_the_gpu_is_computed_or_refused():
    packed = random_layer(4, 32, 96, 40)
    x = torch.randn(3, 96, device="cuda")
    try:
        y = module(packed)(x)
    except ValueError as refusal:
        assert "float32" in str(refusal)
    else:
        assert y.dtype == torch.float32
        assert relative_error(y, x.double().cpu() @ packed.weight.T + packed.bias.double()) < 1e-3


@gpu
@needs_gpu
def test_x_on_another_device_is_refused():
    with pytest.raises((ValueError, RuntimeError)):
        module(random_layer(4, 32, 64, 32))(torch.randn(3, 64).half())
    with pytest.raises((ValueError, RuntimeError)):
        module(random_layer(4, 32, 64, 32), device="cpu")(torch.randn(3, 64).half().cuda())


@gpu
@needs_gpu
def test_autocast_trains_through_the_layer():
    packed = random_layer(4, 32, 64, 32)
    layer = module(packed)
    x = torch.randn(5, 64, device="cuda", requires_grad=True)
    with torch.autocast("cuda", torch.bfloat16):
        y = layer(torch.nn.functional.linear(x, torch.eye(64, device="cuda")))
    y.float().sum().backward()
    assert relative_error(y, x.detach().double().cpu() @ packed.weight.T + packed.bias.double()) < 0.02
    assert relative_error(x.grad, packed.weight.sum(0).expand(5, 64)) < 0.02


@gpu
@needs_two
@pytest.mark.parametrize("order", ["plain", "act"])
def test_a_layer_on_the_second_gpu(order):
    packed = random_layer(4, 64, 512, 256, order=order)
    first, second = module(packed, device="cuda:0"), module(packed, device="cuda:1")
    x = torch.randn(5, 512).half()
    torch.cuda.set_device(0)
    expected = first(x.to("cuda:0"))
    for current in (0, 1):
        with torch.cuda.device(current):
            for M in (1, 5):
                leaf = x[:M].to("cuda:1").requires_grad_()
                y = second(leaf)
                assert y.device == torch.device("cuda:1")
                assert_as_good_as_plain(y, leaf.detach(), packed.weight, packed.bias)
                y.sum().backward()
                assert leaf.grad.device == torch.device("cuda:1")
            assert torch.cuda.current_device() == current
    assert torch.equal(second(x.to("cuda:1")).cpu(), expected.cpu())
    assert torch.equal(second.to("cuda:0")(x.to("cuda:0")), expected)
    y = matmul248(x.to("cuda:1"), *packed.packed("cuda:1"))
    assert y.device == torch.device("cuda:1")
    assert_as_good_as_plain(y, x.to("cuda:1"), packed.weight)
    with pytest.raises((ValueError, RuntimeError)):
        first(x.to("cuda:1"))


# ---- without a GPU ----

# Shared memory that a block may have, in bytes, by compute capability (CUDA C++ programming guide).
CARDS = {80: 163 * 1024, 89: 99 * 1024, 90: 227 * 1024}
POINTERS = {
    torch.float16: "*fp16",
    torch.bfloat16: "*bf16",
    torch.float32: "*fp32",
    torch.int8: "*i8",
    torch.int32: "*i32",
}
POINTERS |= {torch.int64: "*i64", torch.uint8: "*u8"}


def compile_instead(capability: int):
    """A stand-in for JITFunction.run that compiles for a card which need not be there, as a launch would."""
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource, compile

    def run(self, *args, grid, warmup, **keywords):
        values = dict(zip(self.arg_names, args, strict=False)) | keywords
        signature, constants, attributes = {}, {}, {}
        for i, parameter in enumerate(self.params):
            value = values[parameter.name]
            pointer = isinstance(value, torch.Tensor)
            if parameter.is_constexpr or value is None or (isinstance(value, int) and value == 1):
                signature[parameter.name], constants[parameter.name] = "constexpr", value
                continue
            number = "fp32" if isinstance(value, float) else "i32"
            signature[parameter.name] = POINTERS[value.dtype] if pointer else number
            if pointer or value % 16 == 0:
                attributes[(i,)] = [["tt.divisibility", 16]]
        kernel = compile(
            ASTSource(self, signature, constants, attributes),
            target=GPUTarget("cuda", capability, 32),
            options={k: v for k, v in keywords.items() if k not in self.arg_names and v is not None},
        )
        shared = kernel.metadata.shared
        assert shared <= CARDS[capability], f"{self.__name__} {keywords}: {shared} bytes of shared memory"
        compiled.append(self.__name__)

    compiled: list[str] = []
    run.compiled = compiled
    return run


def compile_kernels(
    monkeypatch, capability: int, bits: int, rows: tuple[int, ...], dtype=torch.float16, gradient: bool = True
) -> list[str]:
    from triton.runtime.jit import JITFunction

    from models import kernels_248
    from models.tiled_weight import stack_columns, tile

    stand_in = compile_instead(capability)
    monkeypatch.setattr(JITFunction, "run", stand_in)
    packed = random_layer(bits, 128, 512, 128)
    zeros = packed.zeros.to(torch.int16)
    hopper = capability >= 90
    device = kernels_248.Device(100, measured=True, pdl=hopper, large=513 if hopper else 65)
    monkeypatch.setattr(kernels_248, "properties", lambda _: device)
    tiled = tile(packed.values.to(torch.uint8), zeros, packed.state["scales"], packed.state["g_idx"], packed.bits)
    tiled = stack_columns([tiled], packed.bias)
    for M in rows:
        kernels_248.matmul_tiled(torch.zeros(M, 512, dtype=dtype), tiled)
        if gradient and M in (rows[0], rows[-1]):
            kernels_248.transpose_matmul_tiled(torch.zeros(M, 128, dtype=dtype), tiled)
    return stand_in.compiled


@pytest.mark.skipif(INTERPRETED, reason="nothing is compiled in the interpreter")
@pytest.mark.parametrize(("capability", "bits", "gradient"), [(80, 8, True), (89, 4, False), (90, 2, False)])
def test_the_kernels_compile_for_cards_that_are_not_here(capability, bits, gradient, monkeypatch):
    compiled = compile_kernels(monkeypatch, capability, bits, (1,), gradient=gradient)
    assert {"matmul_248_kernel"} | ({"trans_matmul_248_kernel"} if gradient else set()) <= set(compiled)


@gpu
@needs_gpu
@pytest.mark.parametrize("dtype", HALVES, ids=str)
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("capability", CARDS)
def test_every_shape_compiles_for_every_card(capability, bits, dtype, monkeypatch):
    compile_kernels(monkeypatch, capability, bits, (1, 16, 32, 64, 128, 300), dtype)


@pytest.mark.skipif(INTERPRETED, reason="this is the process that the test starts")
@no_interpreter
def test_all_of_this_in_tritons_interpreter():
    files = __file__, str(Path(__file__).with_name("test_step_kernels.py"))
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-m", "not gpu", "--tb=short", *files],
        cwd=ROOT,
        env=os.environ | {"TRITON_INTERPRET": "1", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
    assert " passed" in run.stdout

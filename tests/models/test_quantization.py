"""The packed format and QuantLinear: packing, CPU product, gradients, loading and saving, the module's manners, and the
figures of the original code. (The Triton kernels are in test_kernels_248.py.)

    python -m pytest tests/models/test_quantization.py

The judge is a product in float64 over weights unpacked here (tests/packed_layers.py).
"""

import copy
import io
import json
import re
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from torch import nn

from models import MossConfig, MossForCausalLM, packed_weight
from models.packed_weight import pack_zeros, unpack_zeros
from models.quantization import (
    QuantLinear,
    QuantLinearFunction,
    find_layers,
    join_matrices,
    joint_matrix,
    make_quant,
    matmul248,
    pack,
    quantizable_names,
    round_to_nearest,
    transpose_matmul248,
    unpack,
)
from tests.packed_layers import (
    BITS,
    ROWS,
    PackedLayer,
    assert_as_good_as_plain,
    grid,
    pack_words,
    random_layer,
    relative_error,
)

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "../shared/oracle/golden/quant"
FLOATS = (torch.float32, torch.bfloat16, torch.float16)
FORMATS = ("gptq", "gptq_v2")
LOWEST = {"gptq": 1, "gptq_v2": 0}  # the least zero point; the greatest is 2^bits - 1 above


@pytest.fixture(autouse=True)
def the_process_is_left_as_found():
    dtype = torch.get_default_dtype()
    torch.manual_seed(0)
    yield
    torch.set_default_dtype(dtype)


def module(packed: PackedLayer, checkpoint_format: str = "gptq") -> QuantLinear:
    N, K = packed.weight.shape
    layer = QuantLinear(packed.bits, packed.groupsize, K, N, packed.bias is not None, checkpoint_format)
    layer.load_state_dict(packed.state)
    return layer


def bits_of(layer: nn.Module) -> dict[str, torch.Tensor]:
    return {name: x.clone() for name, x in layer.state_dict().items()}


def assert_same_state(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> None:
    assert a.keys() == b.keys()
    for name in a:
        assert a[name].dtype == b[name].dtype, name
        assert torch.equal(a[name], b[name]), name


def linear_on_the_grid(packed: PackedLayer, bias: bool = True) -> tuple[nn.Linear, torch.Tensor, torch.Tensor]:
    """A layer with weights within 0.3 of a step of the packed ones; scales (N, G) and zeros (N, G) for pack()."""
    N, K = packed.weight.shape
    linear = nn.Linear(K, N, bias=bias)
    scales = packed.state["scales"].float()
    off = 0.6 * (torch.rand(K, N) - 0.5) * scales[packed.state["g_idx"].long()]
    with torch.no_grad():
        linear.weight.copy_((packed.weight.T + off).T)
        if bias:
            linear.bias.copy_(packed.bias)
    return linear, scales.T.contiguous(), packed.zeros.T.float().contiguous()


# ---- the words ----


@given(st.sampled_from(BITS), st.integers(1, 6), st.integers(1, 19), st.integers(0, 2**31 - 1))
@settings(max_examples=60, deadline=None)
def test_unpack_undoes_pack(bits, words, N, seed):
    values = torch.randint(0, 2**bits, (words * 32 // bits, N), generator=torch.Generator().manual_seed(seed))
    before = values.clone()
    packed = pack(values, bits)
    assert packed.dtype == torch.int32
    assert torch.equal(packed, pack_words(values, bits))
    unpacked = unpack(packed, bits)
    assert unpacked.dtype == torch.uint8
    assert torch.equal(unpacked.long(), values)
    assert torch.equal(values, before)


@given(st.sampled_from(BITS), st.integers(0, 2**31 - 1))
@settings(max_examples=30, deadline=None)
def test_pack_undoes_unpack_on_any_words(bits, seed):
    words = torch.randint(-(2**31), 2**31, (3, 5), generator=torch.Generator().manual_seed(seed)).int()
    words[0, :4] = torch.tensor([0, -1, -(2**31), 2**31 - 1])
    before = words.clone()
    assert torch.equal(pack(unpack(words, bits), bits), words)
    assert torch.equal(words, before)


@pytest.mark.parametrize("bits", BITS)
def test_pack_clamps_and_leaves_the_neighbours_alone(bits):
    maxq = 2**bits - 1
    values = torch.randint(0, maxq + 1, (64, 3))
    for wrong, right in ((-1, 0), (maxq + 1, maxq), (-(2**20), 0), (2**20, maxq)):
        given_values, expected = values.clone(), values.clone()
        given_values[5, 1], expected[5, 1] = wrong, right
        given_values[31, 2], expected[31, 2] = wrong, right
        before = given_values.clone()
        assert torch.equal(unpack(pack(given_values, bits), bits).long(), expected)
        assert torch.equal(given_values, before)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int32, torch.int64])
@pytest.mark.parametrize("bits", BITS)
def test_pack_takes_any_integer_type_and_any_strides(bits, dtype):
    values = torch.randint(0, 2**bits, (64, 6))
    expected = pack_words(values, bits)
    assert torch.equal(pack(values.to(dtype), bits), expected)
    assert torch.equal(pack(values.to(dtype).T.contiguous().T, bits), expected)
    assert torch.equal(unpack(expected.T.contiguous().T, bits).long(), values)


@pytest.mark.parametrize("bits", BITS)
def test_pack_refuses_rows_that_fill_no_word(bits):
    with pytest.raises(ValueError, match=str(32 // bits)):
        pack(torch.zeros(32 // bits + 1, 4, dtype=torch.int32), bits)


def test_an_unknown_width_is_refused():
    for bits in (3, 0, 16, 5):
        with pytest.raises((ValueError, NotImplementedError), match=f"{bits}"):
            QuantLinear(bits, 32, 96, 96, False)
    with pytest.raises((ValueError, NotImplementedError)):
        pack(torch.zeros(32, 4, dtype=torch.int32), 3)


# ---- zero points ----


@given(st.sampled_from(BITS), st.sampled_from(FORMATS), st.integers(1, 4), st.integers(1, 5), st.integers(0, 2**31 - 1))
@settings(max_examples=60, deadline=None)
def test_every_representable_zero_point_survives(bits, checkpoint_format, groups, words, seed):
    low = LOWEST[checkpoint_format]
    shape = (groups, words * 32 // bits)
    zeros = torch.randint(low, low + 2**bits, shape, generator=torch.Generator().manual_seed(seed))
    zeros[0, 0], zeros[-1, -1] = low, low + 2**bits - 1
    before = zeros.clone()
    qzeros = pack_zeros(zeros, bits, checkpoint_format)
    assert qzeros.dtype == torch.int32
    assert torch.equal(qzeros, pack_words(zeros - low, bits, dim=1))
    assert torch.equal(zeros, before)
    assert torch.equal(unpack_zeros(qzeros, bits, checkpoint_format).long(), zeros)


@pytest.mark.parametrize("checkpoint_format", FORMATS)
@pytest.mark.parametrize("bits", BITS)
def test_a_zero_point_that_cannot_be_stored_is_refused_with_a_reason(bits, checkpoint_format):
    low = LOWEST[checkpoint_format]
    high = low + 2**bits - 1
    good = torch.full((2, 64), float(high))
    for wrong in (low - 1, high + 1, -5, 1000, low + 0.5, float("nan"), float("inf")):
        zeros = good.clone()
        zeros[1, 7] = wrong
        with pytest.raises(ValueError, match="zero") as refusal:
            pack_zeros(zeros, bits, checkpoint_format)
        if wrong in (low - 1, high + 1):
            for told in (str(wrong), str(low), str(high)):
                assert told in str(refusal.value)


@pytest.mark.parametrize("bits", BITS)
def test_a_zero_point_of_0_does_not_spoil_its_neighbours(bits):
    zeros = torch.full((1, 64), 2 ** (bits - 1))
    zeros[0, 2] = 0
    assert torch.equal(unpack_zeros(pack_zeros(zeros, bits, "gptq_v2"), bits, "gptq_v2").long(), zeros)
    linear = nn.Linear(32, 64)
    before = bits_of(layer := QuantLinear(bits, 32, 32, 64, True))
    with pytest.raises(ValueError, match="zero"):
        layer.pack(linear, torch.full((64, 1), 0.1), zeros.T.float())
    assert_same_state(bits_of(layer), before)


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="marlin"):
        pack_zeros(torch.ones(1, 8, dtype=torch.int32), 4, "marlin")
    with pytest.raises(ValueError, match="marlin"):
        unpack_zeros(torch.ones(1, 1, dtype=torch.int32), 4, "marlin")
    with pytest.raises(ValueError, match="marlin"):
        QuantLinear(4, 32, 64, 64, True, "marlin")


# ---- QuantLinear.pack and dequantize ----


@pytest.mark.parametrize("checkpoint_format", FORMATS)
@pytest.mark.parametrize("order", ["plain", "act", "uneven"])
@pytest.mark.parametrize("bits", BITS)
def test_pack_puts_every_weight_on_its_nearest_step(bits, order, checkpoint_format):
    packed = random_layer(bits, 32, 160, 48, order=order, checkpoint_format=checkpoint_format, seed=bits)
    linear, scales, zeros = linear_on_the_grid(packed)
    g_idx = None if order == "plain" else packed.state["g_idx"].clone()
    given_state = {"scales": scales.clone(), "zeros": zeros.clone(), **bits_of(linear)}
    layer = QuantLinear(bits, 32, 160, 48, True, checkpoint_format)
    layer.pack(linear, scales, zeros, g_idx)
    assert_same_state(bits_of(layer), packed.state)
    assert torch.equal(layer.dequantize().double(), packed.weight)
    assert_same_state({"scales": scales, "zeros": zeros, **bits_of(linear)}, given_state)
    assert not any(x.requires_grad for x in layer.state_dict(keep_vars=True).values())


def test_pack_with_one_group_does_not_change_its_arguments():
    packed = random_layer(4, -1, 64, 32)
    linear, scales, zeros = linear_on_the_grid(packed)
    scales_before, zeros_before = scales.clone(), zeros.clone()
    layer = QuantLinear(4, -1, 64, 32, True)
    layer.pack(linear, scales, zeros)
    assert torch.equal(scales, scales_before)
    assert torch.equal(zeros, zeros_before)
    kept = bits_of(layer)
    scales.zero_(), zeros.zero_(), linear.weight.data.zero_(), linear.bias.data.zero_()
    assert_same_state(bits_of(layer), kept)  # nothing is shared either


@pytest.mark.parametrize("bits", BITS)
def test_pack_clamps_weights_beyond_the_grid(bits):
    packed = random_layer(bits, 32, 64, 32)
    linear, scales, zeros = linear_on_the_grid(packed)
    with torch.no_grad():
        linear.weight[3, 5] = 1e4
        linear.weight[3, 6] = -1e4
    layer = QuantLinear(bits, 32, 64, 32, True)
    layer.pack(linear, scales, zeros)
    expected = packed.values.clone()
    expected[5, 3], expected[6, 3] = 2**bits - 1, 0
    assert torch.equal(unpack(layer.state_dict()["qweight"], bits).long(), expected)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_pack_takes_layers_of_any_precision(dtype):
    packed = random_layer(4, 32, 64, 32)
    linear, scales, zeros = linear_on_the_grid(packed)
    layer = QuantLinear(4, 32, 64, 32, True)
    layer.pack(linear.to(dtype), scales.to(torch.float64), zeros.int())
    state = bits_of(layer)
    bias = packed.bias.to(dtype).half()
    assert_same_state(state, packed.state | {"bias": bias})


def spoilt(x: torch.Tensor, value: float) -> torch.Tensor:
    x = x.clone()
    x.view(-1)[-1] = value
    return x


UNFIT = {
    "more_inputs": lambda linear, scales, zeros, g_idx: (nn.Linear(96, 32), scales, zeros),
    "more_outputs": lambda linear, scales, zeros, g_idx: (nn.Linear(64, 40), scales, zeros),
    "fewer_scales": lambda linear, scales, zeros, g_idx: (linear, scales[:, :1], zeros),
    "fewer_zeros": lambda linear, scales, zeros, g_idx: (linear, scales, zeros[:, :1]),
    "transposed": lambda linear, scales, zeros, g_idx: (linear, scales.T, zeros.T),
    "nan_scale": lambda linear, scales, zeros, g_idx: (linear, spoilt(scales, float("nan")), zeros),
    "scale_0": lambda linear, scales, zeros, g_idx: (linear, spoilt(scales, 0.0), zeros),
    "scale_below_fp16": lambda linear, scales, zeros, g_idx: (linear, spoilt(scales, 1e-9), zeros),
    "scale_beyond_fp16": lambda linear, scales, zeros, g_idx: (linear, spoilt(scales, 1e6), zeros),
    "group_too_high": lambda linear, scales, zeros, g_idx: (linear, scales, zeros, spoilt(g_idx, 2)),
    "group_negative": lambda linear, scales, zeros, g_idx: (linear, scales, zeros, spoilt(g_idx, -1)),
    "g_idx_too_short": lambda linear, scales, zeros, g_idx: (linear, scales, zeros, g_idx[:32]),
}


@pytest.mark.parametrize("unfit", UNFIT)
def test_pack_refuses_what_does_not_fit_and_changes_nothing(unfit):
    packed = random_layer(4, 32, 64, 32)
    layer = QuantLinear(4, 32, 64, 32, True)
    before = bits_of(layer)
    with pytest.raises(ValueError):
        layer.pack(*UNFIT[unfit](*linear_on_the_grid(packed), packed.state["g_idx"]))
    assert_same_state(bits_of(layer), before)


@pytest.mark.parametrize("field", ["weight", "bias"])
def test_pack_refuses_a_layer_that_is_not_finite(field):
    packed = random_layer(4, 32, 64, 32)
    linear, scales, zeros = linear_on_the_grid(packed)
    getattr(linear, field).data.view(-1)[-1] = float("nan")
    with pytest.raises(ValueError):
        QuantLinear(4, 32, 64, 32, True).pack(linear, scales, zeros)


@pytest.mark.parametrize("checkpoint_format", FORMATS)
@pytest.mark.parametrize("order", ["plain", "act", "uneven"])
@pytest.mark.parametrize("bits", BITS)
def test_dequantize_is_exact(bits, order, checkpoint_format):
    packed = random_layer(bits, 96, 288, 64, order=order, checkpoint_format=checkpoint_format)
    layer = module(packed, checkpoint_format)
    weight = layer.dequantize()
    assert weight.dtype == torch.float32
    assert weight.shape == (64, 288)
    assert torch.equal(weight.double(), packed.weight)
    for dtype in (torch.float16, torch.bfloat16):
        assert torch.equal(layer.dequantize(dtype), packed.weight.float().to(dtype))


# ---- the figures of the original code ----


def golden_cases() -> list[tuple[str, dict]]:
    path = GOLDEN / "layers.json"
    return sorted(json.loads(path.read_text())["cases"].items()) if path.is_file() else []


@pytest.fixture(scope="module")
def golden(shared) -> dict[str, dict[str, torch.Tensor]]:
    cases: dict[str, dict[str, torch.Tensor]] = {}
    for name, x in load_file(shared / "oracle/golden/quant/layers.safetensors").items():
        case, field = name.split("/", 1)
        cases.setdefault(case, {})[field] = x
    return cases


@pytest.mark.parametrize(("name", "meta"), golden_cases(), ids=lambda x: x if isinstance(x, str) else "")
def test_the_originals_layers(golden, name, meta):
    case = golden[name]
    N, K = case["weight"].shape
    linear = nn.Linear(K, N, bias=meta["bias"])
    with torch.no_grad():
        linear.weight.copy_(case["weight"])
        if meta["bias"]:
            linear.bias.copy_(case["bias_in"])

    layer = QuantLinear(meta["bits"], meta["groupsize"], K, N, meta["bias"])
    layer.pack(linear, case["scales_in"], case["zeros_in"], case.get("g_idx_in"))
    fields = ("qweight", "qzeros", "scales", "g_idx") + (("bias",) if meta["bias"] else ())
    stored = {field: case[field] for field in fields}
    assert_same_state(bits_of(layer), stored)

    loaded = QuantLinear(meta["bits"], meta["groupsize"], K, N, meta["bias"])
    loaded.load_state_dict(stored)
    assert loaded.validate(name) == []
    for each in (layer, loaded):
        assert torch.equal(each.dequantize(), case["weight_dequantized"])
        largest = case["y"].abs().max().item()
        y = each(case["x"].float()).double()
        torch.testing.assert_close(y, case["y"], rtol=1e-6, atol=1e-6 * largest)
        y = each(case["x"]).double()
        torch.testing.assert_close(y, case["y"], rtol=0, atol=1e-3 * largest)


# ---- the product on the CPU ----

GRID = grid(180, FLOATS, rows=ROWS)


@pytest.mark.parametrize("case", GRID, ids=str)
def test_the_product_and_its_gradient(case):
    packed = case.layer()
    layer = module(packed, case.checkpoint_format)
    x = case.x().requires_grad_()
    y = layer(x)
    assert_as_good_as_plain(y, x.detach(), packed.weight, packed.bias)
    dy = torch.randn(y.shape).to(case.dtype)
    (dx,) = torch.autograd.grad(y, x, dy)
    assert_as_good_as_plain(dx, dy, packed.weight.T.contiguous())
    with torch.no_grad():
        assert torch.equal(layer(x), y)  # the same bits again


def test_every_number_of_rows_up_to_300():
    packed = random_layer(4, 32, 96, 40, order="act")
    layer = module(packed)
    x = torch.randn(300, 96)
    for M in range(1, 301):
        y = layer(x[:M])
        assert y.shape == (M, 40)
        assert relative_error(y, x[:M].double() @ packed.weight.T + packed.bias.double()) < 1e-6


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_gradient_equals_autograd_through_the_dequantised_weight(dtype):
    packed = random_layer(4, 64, 192, 72, order="act", seed=3)
    layer = module(packed)
    x = torch.randn(2, 5, 192).to(dtype).requires_grad_()
    judge = x.detach().double().requires_grad_()
    square = layer(x).float().square().sum()
    square.backward()
    nn.functional.linear(judge, packed.weight, packed.bias.double()).square().sum().backward()
    assert x.grad.dtype == dtype
    assert x.grad.shape == x.shape
    assert relative_error(x.grad, judge.grad) < 4 * torch.finfo(dtype).eps


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_any_strides_of_x(dtype):
    packed = random_layer(4, 32, 96, 40)
    layer = module(packed)
    wide = torch.randn(12, 200).to(dtype)
    for x in (
        wide[:, 3:99],
        wide[:, :192:2],
        wide[::3, 100:196],
        torch.randn(96, 12).to(dtype).T,
        torch.randn(96).to(dtype).expand(12, 96),
        torch.randn(3, 96, 4).to(dtype).transpose(1, 2),
        torch.randn(4, 3, 96).to(dtype).transpose(0, 1),
        wide[0, :96],
        wide[:, :96].reshape(2, 3, 2, 96),
    ):
        before = x.clone()
        x = x.detach().requires_grad_()
        y = layer(x)
        assert y.shape == (*x.shape[:-1], 40)
        assert_as_good_as_plain(y, x.detach(), packed.weight, packed.bias)
        assert torch.equal(x, before)
        dy = torch.randn(40, *x.shape[:-1]).to(dtype).movedim(0, -1)  # strided, too
        (dx,) = torch.autograd.grad(y, x, dy)
        assert_as_good_as_plain(dx, dy, packed.weight.T.contiguous())
    y = layer(x.detach().requires_grad_())
    y.sum().backward()  # the gradient of a sum has stride 0


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 3)])
def test_no_rows(shape, dtype):
    x = torch.zeros(*shape, 64, dtype=dtype, requires_grad=True)
    y = module(random_layer(4, 32, 64, 32))(x)
    assert y.shape == (*shape, 32)
    assert y.dtype == dtype
    y.sum().backward()
    assert x.grad.shape == x.shape


@pytest.mark.parametrize("wrong", [(3, 63), (3, 65), (3, 32), (64, 3), (96,)], ids=str)
def test_x_of_another_width_is_refused(wrong):
    layer = module(random_layer(4, 32, 64, 32))
    with pytest.raises(ValueError, match="64"):
        layer(torch.randn(wrong))


@pytest.mark.parametrize("dtype", [torch.int64, torch.int8, torch.bool])
def test_x_of_integers_is_refused(dtype):
    layer = module(random_layer(4, 32, 64, 32))
    with pytest.raises((ValueError, TypeError)):
        layer(torch.zeros(3, 64, dtype=dtype))


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_what_is_not_a_number_stays_in_its_row(dtype):
    layer = module(random_layer(4, 32, 64, 32))
    x = torch.randn(5, 64).to(dtype)
    clean = layer(x)
    x[2, 7] = float("nan")
    y = layer(x)
    assert torch.isnan(y[2]).all()
    others = [0, 1, 3, 4]
    assert torch.equal(y[others], clean[others])


def test_sums_beyond_fp16_on_the_way_do_no_harm():
    packed = random_layer(4, 32, 256, 32, bias=False)
    half = packed.values[:128]
    packed.values[128:] = half
    packed.state["qweight"] = pack_words(packed.values, 4)
    packed.state["g_idx"] = torch.zeros(256, dtype=torch.int32)
    layer = module(packed)
    x = torch.full((3, 256), 6e4)
    x[:, 128:] = -6e4
    y = layer(x.half())
    assert y.isfinite().all()
    assert y.abs().max() < 1  # the sums on the way reach 1e6


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_autocast_trains_through_the_layer(dtype):
    packed = random_layer(4, 32, 64, 32)
    layer = module(packed)
    x = torch.randn(5, 64, requires_grad=True)
    with torch.autocast("cpu", dtype):
        y = layer(nn.functional.linear(x, torch.eye(64)))
    y.float().sum().backward()
    exact = x.detach().double() @ packed.weight.T + packed.bias.double()
    assert relative_error(y, exact) < 4 * torch.finfo(dtype).eps
    assert relative_error(x.grad, packed.weight.sum(0).expand(5, 64)) < 4 * torch.finfo(dtype).eps


def test_without_gradient_nothing_is_recorded():
    layer = module(random_layer(4, 32, 64, 32))
    x = torch.randn(3, 64)
    assert not layer(x).requires_grad
    with torch.no_grad():
        assert not layer(x.requires_grad_()).requires_grad
    with torch.inference_mode():
        layer(torch.randn(3, 64))


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_training_keeps_no_unpacked_weight(dtype):
    layer = module(random_layer(4, 32, 256, 256))
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda x: kept.append(x) or x, lambda x: x):
        layer(torch.randn(3, 256).to(dtype).requires_grad_())
    assert all(x.dtype == torch.int32 or x.numel() < 256 * 256 for x in kept)


# ---- matmul248 and its transpose ----


@pytest.mark.parametrize("case", [c for c in GRID if c.checkpoint_format == "gptq"][::4], ids=str)
def test_matmul248_and_its_transpose(case):
    packed = case.layer()
    x = case.x()
    y = matmul248(x, *packed.packed())
    assert_as_good_as_plain(y, x, packed.weight)
    dy = torch.randn(y.shape).to(case.dtype)
    assert_as_good_as_plain(transpose_matmul248(dy, *packed.packed()), dy, packed.weight.T.contiguous())

    leaf = x.clone().requires_grad_()
    out = QuantLinearFunction.apply(leaf, *packed.packed())
    assert torch.equal(out, y)
    out.backward(dy)
    assert_as_good_as_plain(leaf.grad, dy, packed.weight.T.contiguous())


def test_matmul248_takes_the_originals_argument_names():
    packed = random_layer(4, 32, 64, 32)
    qweight, scales, qzeros, g_idx, bits, maxq = packed.packed()
    named = {"qweight": qweight, "scales": scales, "qzeros": qzeros, "g_idx": g_idx, "bits": bits, "maxq": maxq}
    assert matmul248(input=torch.randn(3, 64), **named).shape == (3, 32)
    assert transpose_matmul248(input=torch.randn(3, 32), **named).shape == (3, 64)


def test_matmul248_refuses_what_does_not_fit():
    packed = random_layer(4, 32, 64, 32)
    for wrong in (32, 63, 65):
        with pytest.raises(ValueError):
            matmul248(torch.randn(3, wrong), *packed.packed())
    for wrong in (64, 31):
        with pytest.raises(ValueError):
            transpose_matmul248(torch.randn(3, wrong), *packed.packed())


# ---- the module's shapes ----


@pytest.mark.parametrize(
    ("K", "groupsize"), [(64, 32), (64, 64), (64, -1), (128, 128), (192, 96), (480, 160), (320, 320)]
)
@pytest.mark.parametrize("bits", BITS)
def test_the_buffers_are_the_standard_ones(bits, K, groupsize):
    N, n = 48, 32 // bits
    groups = 1 if groupsize == -1 else K // groupsize
    layer = QuantLinear(bits, groupsize, K, N, True)
    state = layer.state_dict()
    assert {name: (x.dtype, tuple(x.shape)) for name, x in state.items()} == {
        "qweight": (torch.int32, (K // n, N)),
        "qzeros": (torch.int32, (groups, N // n)),
        "scales": (torch.float16, (groups, N)),
        "g_idx": (torch.int32, (K,)),
        "bias": (torch.float16, (N,)),
    }
    assert torch.equal(state["g_idx"], (torch.arange(K) // (K // groups)).int())
    assert "bias" not in QuantLinear(bits, groupsize, K, N, False).state_dict()
    assert list(layer.parameters()) == []
    assert (layer.infeatures, layer.outfeatures, layer.bits) == (K, N, bits)
    assert (layer.in_features, layer.out_features) == (K, N)
    assert layer.groupsize == (K if groupsize == -1 else groupsize)


@pytest.mark.parametrize(
    ("groupsize", "K"), [(128, 192), (32, 48), (64, 32), (48, 96), (16, 64), (0, 64), (-2, 64), (33, 66)]
)
def test_a_group_size_that_does_not_fit_is_refused(groupsize, K):
    with pytest.raises(ValueError, match=f"{groupsize}"):
        QuantLinear(4, groupsize, K, 64, True)


@pytest.mark.parametrize(("K", "N"), [(60, 64), (40, 64), (64, 60)])
def test_sizes_that_fill_no_word_are_refused(K, N):
    with pytest.raises(ValueError):
        QuantLinear(4, -1, K, N, True)


# ---- loading, copying, casting ----


@pytest.mark.parametrize("checkpoint_format", FORMATS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("bits", BITS)
def test_what_is_loaded_is_what_is_saved(bits, bias, checkpoint_format):
    packed = random_layer(bits, 32, 96, 48, order="act", bias=bias, checkpoint_format=checkpoint_format)
    layer = module(packed, checkpoint_format)
    assert_same_state(bits_of(layer), packed.state)
    y = layer(torch.ones(2, 96))
    assert_same_state(bits_of(layer), packed.state)  # after use, too

    other = random_layer(bits, 32, 96, 48, order="plain", bias=bias, checkpoint_format=checkpoint_format, seed=9)
    again = module(other, checkpoint_format)
    again(torch.ones(2, 96))
    again.load_state_dict(layer.state_dict())  # over one that was in use
    assert torch.equal(again(torch.ones(2, 96)), y)

    buffer = io.BytesIO()
    torch.save(layer, buffer)
    buffer.seek(0)
    for copied in (copy.deepcopy(layer), torch.load(buffer, weights_only=False)):
        assert_same_state(bits_of(copied), packed.state)
        assert torch.equal(copied(torch.ones(2, 96)), y)
    copied.load_state_dict(other.state)
    assert_same_state(bits_of(layer), packed.state)  # a copy shares nothing


def test_loading_refuses_other_shapes_and_missing_names():
    packed = random_layer(4, 32, 64, 32)
    layer = QuantLinear(4, 32, 64, 32, True)
    for state in (
        random_layer(4, 64, 64, 32).state,
        random_layer(8, 32, 64, 32).state,
        {k: v for k, v in packed.state.items() if k != "g_idx"},
        packed.state | {"weight": torch.zeros(32, 64)},
    ):
        with pytest.raises(RuntimeError):
            layer.load_state_dict(state)


CASTS = {
    "half": lambda m: m.half(),
    "float": lambda m: m.float(),
    "double": lambda m: m.double(),
    "bfloat16": lambda m: m.bfloat16(),
    "to_float32": lambda m: m.to(torch.float32),
    "to_bfloat16": lambda m: m.to(torch.bfloat16),
    "to_dtype": lambda m: m.to(dtype=torch.float32),
    "to_both": lambda m: m.to("cpu", torch.bfloat16),
    "to_tensor": lambda m: m.to(torch.zeros(1, dtype=torch.float64)),
}


@pytest.mark.parametrize("cast", CASTS)
def test_casting_a_model_leaves_the_packed_layer_as_it_is(cast):
    packed = random_layer(4, 32, 64, 32)
    layer = module(packed)
    model = nn.Sequential(nn.Linear(64, 64), layer)
    y = layer(torch.ones(2, 64))
    assert CASTS[cast](model) is model
    assert_same_state(bits_of(layer), packed.state)
    assert torch.equal(layer(torch.ones(2, 64)), y)


def test_on_meta_nothing_is_allocated_or_drawn():
    rng = torch.get_rng_state()
    with torch.device("meta"):
        layer = QuantLinear(4, 128, 6144, 24576, True)
        other = QuantLinear(4, 32, 64, 32, True)
    assert all(x.device.type == "meta" for x in layer.state_dict().values())
    assert torch.equal(torch.get_rng_state(), rng)

    packed = random_layer(4, 32, 64, 32, order="act")
    y = module(packed)(torch.ones(2, 64))
    assigned = copy.deepcopy(other)
    assigned.load_state_dict(packed.state, assign=True)
    assert torch.equal(assigned(torch.ones(2, 64)), y)
    other.to_empty(device="cpu").load_state_dict(packed.state)
    assert torch.equal(other(torch.ones(2, 64)), y)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64, torch.float16])
def test_another_default_dtype_changes_nothing(dtype):
    packed = random_layer(4, 32, 64, 32)
    expected = module(packed)(torch.ones(2, 64, dtype=torch.float32))
    torch.set_default_dtype(dtype)
    layer = QuantLinear(4, 32, 64, 32, True)
    assert layer.state_dict()["scales"].dtype == torch.float16
    layer.load_state_dict(packed.state)
    assert_same_state(bits_of(layer), packed.state)
    assert torch.equal(layer(torch.ones(2, 64, dtype=torch.float32)), expected)
    assert layer.dequantize().dtype == torch.float32
    assert torch.get_default_dtype() == dtype


# ---- a layer that is not whole ----


def test_validate_finds_nothing_in_a_good_layer():
    for order in ("plain", "act", "uneven"):
        assert module(random_layer(4, 32, 96, 48, order=order)).validate("transformer.h.0.mlp.fc_in") == []


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("g_idx", 3, "g_idx"),
        ("g_idx", -1, "g_idx"),
        ("scales", float("nan"), "(?i)scale"),
        ("scales", float("inf"), "(?i)scale"),
        ("scales", 0.0, "(?i)scale"),
        ("bias", float("nan"), "(?i)bias"),
    ],
)
def test_validate_says_what_is_wrong_and_where(field, value, told):
    packed = random_layer(4, 32, 96, 48)
    packed.state[field].view(-1)[7] = value
    (problem,) = module(packed).validate("transformer.h.0.mlp.fc_in")
    assert "transformer.h.0.mlp.fc_in" in problem
    assert re.search(told, problem)


def test_validate_tells_all_problems_at_once():
    packed = random_layer(4, 32, 96, 48)
    packed.state["g_idx"][7] = 99
    packed.state["scales"][0, 3] = 0
    packed.state["scales"][1, 3] = float("nan")
    problems = "\n".join(module(packed).validate("x"))
    assert "g_idx" in problems
    assert "scales" in problems
    assert len(problems.splitlines()) >= 2


# ---- find_layers, make_quant, quantizable_names ----


class Tree(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.ModuleDict({"fc_in": nn.Linear(32, 64), "fc_out": nn.Linear(64, 32, bias=False)}) for _ in range(2)
        )
        self.norm = nn.LayerNorm(32)
        self.conv = nn.Conv1d(1, 1, 1)
        self.lm_head = nn.Linear(32, 40)

    def forward(self, x):
        for block in self.blocks:
            x = x + block["fc_out"](torch.relu(block["fc_in"](x)))
        return self.lm_head(self.norm(x))


BLOCK_NAMES = ["blocks.0.fc_in", "blocks.0.fc_out", "blocks.1.fc_in", "blocks.1.fc_out"]


def test_find_layers_names_every_linear():
    tree = Tree()
    found = find_layers(tree)
    assert sorted(found) == [*BLOCK_NAMES, "lm_head"]
    assert all(found[name] is tree.get_submodule(name) for name in found)
    assert sorted(find_layers(tree, name="moss")) == sorted(f"moss.{name}" for name in found)
    assert sorted(find_layers(tree, layers=(nn.Linear, nn.Conv1d))) == [*BLOCK_NAMES, "conv", "lm_head"]
    assert sorted(find_layers(tree, layers=[nn.Conv1d])) == ["conv"]
    assert find_layers(tree.lm_head) == {"": tree.lm_head}
    assert find_layers(tree.norm) == {}


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_make_quant_replaces_the_named_layers_and_no_other(device, dtype):
    with torch.device(device):
        tree = Tree().to(dtype)
    others = {n: m for n, m in tree.named_modules() if n in ("norm", "conv", "lm_head")}
    rng, default = torch.get_rng_state(), torch.get_default_dtype()
    make_quant(tree, BLOCK_NAMES, 4, 32)
    assert torch.equal(torch.get_rng_state(), rng)
    assert torch.get_default_dtype() == default
    assert sorted(find_layers(tree, layers=(QuantLinear,))) == BLOCK_NAMES
    for name, m in others.items():
        assert tree.get_submodule(name) is m
    for name in BLOCK_NAMES:
        layer = tree.get_submodule(name)
        wide = name.endswith("fc_in")
        assert (layer.infeatures, layer.outfeatures) == ((32, 64) if wide else (64, 32))
        assert (layer.bits, layer.groupsize) == (4, 32)
        assert ("bias" in layer.state_dict()) == wide
        assert all(x.device.type == device for x in layer.state_dict().values())
        assert layer.state_dict()["scales"].dtype == torch.float16
    assert tree.lm_head.weight.dtype == dtype


def test_make_quant_of_a_part_takes_prefixed_names():
    tree = Tree()
    make_quant(tree.blocks, find_layers(tree.blocks, name="blocks"), 8, -1, name="blocks", checkpoint_format="gptq_v2")
    assert sorted(find_layers(tree, layers=(QuantLinear,))) == BLOCK_NAMES
    assert {tree.get_submodule(n).checkpoint_format for n in BLOCK_NAMES} == {"gptq_v2"}


def test_make_quant_refuses_a_group_size_that_does_not_fit():
    tree = Tree()
    with pytest.raises(ValueError, match="64"):
        make_quant(tree, BLOCK_NAMES, 4, 64)  # fc_in has 32 inputs


def test_a_filled_model_computes_what_its_layers_dequantise_to():
    tree = Tree()
    judge = copy.deepcopy(tree)
    make_quant(tree, BLOCK_NAMES, 8, 32)
    for name in BLOCK_NAMES:
        linear = judge.get_submodule(name)
        scales, zeros = round_to_nearest(linear.weight, 8, 32)
        tree.get_submodule(name).pack(linear, scales, zeros)
        linear.weight.data.copy_(tree.get_submodule(name).dequantize())
        if linear.bias is not None:
            linear.bias.data.copy_(linear.bias.half())
    x = torch.randn(3, 32)
    torch.testing.assert_close(tree(x), judge(x), rtol=1e-5, atol=1e-5)


def test_the_quantised_layers_of_moss():
    config = MossConfig(vocab_size=96, n_embd=32, n_layer=2, n_head=4, rotary_dim=8, n_positions=32, n_ctx=32)
    expected = [
        f"transformer.h.{i}.{name}"
        for i in range(2)
        for name in ("attn.qkv_proj", "attn.out_proj", "mlp.fc_in", "mlp.fc_out")
    ]
    assert sorted(quantizable_names(MossForCausalLM(config))) == sorted(expected)


# ---- the grid by rounding ----


@pytest.mark.parametrize("groupsize", [32, 64, -1])
@pytest.mark.parametrize("sym", [True, False])
@pytest.mark.parametrize("bits", BITS)
def test_round_to_nearest_errs_by_half_a_step(bits, sym, groupsize):
    torch.manual_seed(bits)
    linear = nn.Linear(192, 64)
    with torch.no_grad():
        linear.weight.normal_().mul_(torch.rand(64, 1) + 0.01)
        linear.weight[1].abs_()
        linear.weight[2].abs_().neg_()
    before = linear.weight.clone()
    scales, zeros = round_to_nearest(linear.weight, bits, groupsize, sym)
    assert torch.equal(linear.weight, before)
    groups = 1 if groupsize == -1 else 192 // groupsize
    assert scales.shape == zeros.shape == (64, groups)
    assert not scales.requires_grad
    assert torch.equal(scales.half().to(scales.dtype), scales)
    assert (scales > 0).all()
    if sym:
        assert (zeros == 2 ** (bits - 1)).all()
    checkpoint_format = "gptq" if sym else "gptq_v2"
    layer = QuantLinear(bits, groupsize, 192, 64, True, checkpoint_format)
    layer.pack(linear, scales, zeros)
    steps = (layer.dequantize() - linear.weight).abs() / scales.repeat_interleave(192 // groups, dim=1)
    # Symmetric grids have no code for the largest positive weight, asymmetric ones round their ends: half a step more.
    assert steps.max() <= 1.1
    assert steps.mean() <= 0.3


@pytest.mark.parametrize("sym", [True, False])
@pytest.mark.parametrize("value", [0.0, 0.3, -0.3, 1e-10, -1e-30])
def test_round_to_nearest_of_a_constant_layer(value, sym):
    linear = nn.Linear(64, 32)
    with torch.no_grad():
        linear.weight.fill_(value)
    scales, zeros = round_to_nearest(linear.weight, 4, 32, sym)
    assert torch.isfinite(scales).all()
    assert (scales.half() > 0).all()
    layer = QuantLinear(4, 32, 64, 32, True, "gptq" if sym else "gptq_v2")
    layer.pack(linear, scales, zeros)
    torch.testing.assert_close(layer.dequantize(), linear.weight.detach(), rtol=0.1, atol=1e-6)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), 1e9])
def test_round_to_nearest_refuses_weights_that_no_scale_can_hold(wrong):
    weight = torch.randn(32, 64)
    weight[3, 3] = wrong
    linear = nn.Linear(64, 32)
    linear.weight.data.copy_(weight)
    with pytest.raises(ValueError):
        QuantLinear(4, 32, 64, 32, True).pack(linear, *round_to_nearest(weight, 4, 32))


# ---- fine-tuning over it ----


class LoRA(nn.Module):
    def __init__(self, base: nn.Module, rank: int = 4):
        super().__init__()
        self.base = base
        self.A = nn.Parameter(torch.randn(rank, base.in_features) / base.in_features**0.5)
        self.B = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + (x @ self.A.T @ self.B.T).to(x.dtype)


@pytest.mark.parametrize("bits", BITS)
def test_lora_trains_over_a_frozen_layer(bits):
    torch.manual_seed(1)
    layers = []
    for K, N in ((64, 96), (96, 64)):
        linear = nn.Linear(K, N)
        layer = QuantLinear(bits, 32, K, N, True)
        layer.pack(linear, *round_to_nearest(linear.weight, bits, 32))
        layers.append(LoRA(layer))
    model = nn.Sequential(layers[0], nn.GELU(), layers[1])
    before = [bits_of(each.base) for each in layers]
    x, target = torch.randn(32, 64), torch.randn(32, 64)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.02)
    losses = []
    for _ in range(20):
        loss = nn.functional.mse_loss(model(x), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]
    assert layers[0].A.grad.abs().max() > 0  # through the second layer's transpose
    for each, state in zip(layers, before, strict=True):
        assert_same_state(bits_of(each.base), state)


@pytest.mark.parametrize("order", ["plain", "act", "uneven"])
@pytest.mark.parametrize("bits", BITS)
def test_tiles_made_in_slices_are_those_made_at_once(bits, order, monkeypatch):
    packed = random_layer(bits, 32, 256, 208, order=order)
    layer = QuantLinear(bits, packed.groupsize, 256, 208, packed.bias is not None)
    layer.load_state_dict(packed.state)
    whole = layer.packed().tile()
    monkeypatch.setattr(packed_weight, "TILED_AT_ONCE", 1)  # then it is 64 columns at a time
    for name, value in vars(layer.packed().tile()).items():
        expected = getattr(whole, name)
        assert torch.equal(value, expected) if isinstance(value, torch.Tensor) else value == expected, name
    layer.tile()
    assert all(torch.equal(x, packed.state[name]) for name, x in layer.state_dict().items())


# --- plain layers side by side ----------------------------------------------------------------------------------------


def plain_pairs():
    """qkv_proj with fc_in and out_proj with fc_out of a model, as the engine joins them, and the model."""
    torch.manual_seed(0)
    model = MossForCausalLM(MossConfig(vocab_size=50, n_embd=32, n_layer=2, n_head=4, rotary_dim=8))
    blocks = model.transformer.h
    return model, [
        pair
        for block in blocks
        for pair in ((block.attn.qkv_proj, block.mlp.fc_in, 0), (block.attn.out_proj, block.mlp.fc_out, 1))
    ]


def test_joined_matrices_are_one_product_and_the_layers_notice_nothing(tmp_path):
    model, pairs = plain_pairs()
    before = {name: x.clone() for name, x in model.state_dict().items()}
    parameters, ids = dict(model.named_parameters()), torch.arange(12)[None]
    logits = model(ids).logits
    for first, second, dim in pairs:
        assert joint_matrix(first, second, dim) is None
        assert join_matrices(first, second, dim) and not join_matrices(first, second, dim)
        joint = joint_matrix(first, second, dim)
        assert torch.equal(joint, torch.cat([first.weight, second.weight], dim))
        assert joint.untyped_storage().nbytes() == first.weight.nbytes + second.weight.nbytes
    assert all(parameter is parameters[name] for name, parameter in model.named_parameters())
    assert torch.allclose(model(ids).logits, logits, atol=1e-6)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    model(ids, labels=ids).loss.backward()
    optimizer.step()
    assert joint_matrix(*pairs[1]) is not None  # an update in place leaves them where they are
    model.save_pretrained(tmp_path)  # which splits them
    assert all(joint_matrix(*pair) is None for pair in pairs)
    loaded = MossForCausalLM.from_pretrained(tmp_path).state_dict()
    for state in (model.state_dict(), loaded):
        assert state.keys() == before.keys() and all(torch.equal(state[name], before[name]) for name in before)


def test_weights_that_have_moved_or_are_of_other_layers_are_not_taken_for_joined():
    _, pairs = plain_pairs()
    for first, second, dim in pairs:
        join_matrices(first, second, dim)
    (qkv_proj, fc_in, _), (out_proj, fc_out, _) = pairs[:2]
    assert joint_matrix(fc_in, qkv_proj, 0) is None and joint_matrix(qkv_proj, out_proj, 0) is None
    assert joint_matrix(qkv_proj, torch.nn.Linear(32, 128), 0) is None
    assert joint_matrix(copy.deepcopy(qkv_proj), fc_in, 0) is None
    fc_in.to(torch.float64)
    assert joint_matrix(qkv_proj, fc_in, 0) is None
    fc_out.weight = torch.nn.Parameter(fc_out.weight.clone())
    assert joint_matrix(out_proj, fc_out, 1) is None
    with torch.device("meta"):
        layer = torch.nn.Linear(4, 4)
    assert joint_matrix(layer, layer, 0) is None

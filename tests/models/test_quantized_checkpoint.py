"""Quantised checkpoints: which load, that not a bit of them changes, what is refused; quantising and back.

    python -m pytest tests/models/test_quantized_checkpoint.py

The numbers of the layers themselves are in test_quantization.py. What was saved from the original code is skipped
without ../shared.
"""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel, AutoModelForCausalLM, BitsAndBytesConfig
from transformers.quantizers.auto import AUTO_QUANTIZER_MAPPING

from models import MossConfig, MossForCausalLM, MossModel
from models.packed_weight import pack_zeros, unpack_zeros
from models.quantization import QuantLinear, find_layers

SIZES = {"vocab_size": 50, "n_embd": 64, "n_head": 4, "rotary_dim": 8, "n_layer": 2, "n_inner": 96, "n_positions": 24}
FC_IN = "transformer.h.0.mlp.fc_in."
PACKED = (".qweight", ".qzeros", ".scales", ".g_idx", "fc_in.bias", "fc_out.bias")


def plain_model(dtype: torch.dtype = torch.float32) -> MossForCausalLM:
    torch.manual_seed(0)
    return MossForCausalLM(MossConfig(**SIZES, initializer_range=0.2)).to(dtype).eval()


@pytest.fixture(scope="module")
def weights() -> dict[str, torch.Tensor]:
    """An asymmetric 4-bit model in groups of 32 whose groups lie out of order, fp16, as the original would save it."""
    model = plain_model(torch.float16).quantize(4, 32, sym=False)
    shuffle = torch.Generator().manual_seed(1)
    for layer in find_layers(model, (QuantLinear,)).values():
        layer.g_idx = layer.g_idx[torch.randperm(len(layer.g_idx), generator=shuffle)]
        zeros = unpack_zeros(layer.qzeros, 4, "gptq_v2").clamp(min=1)
        layer.qzeros, layer.checkpoint_format = pack_zeros(zeros, 4, "gptq"), "gptq"
    return model.state_dict()


PUBLISHED = {"wbits": 4, "groupsize": 32, "torch_dtype": "float16"}
TODAY = {
    "quantization_config": {
        "quant_method": "gptq", "bits": 4, "group_size": 32, "desc_act": True, "sym": False,
        "checkpoint_format": "gptq", "lm_head": False,
    },
    "dtype": "float16",
}  # fmt: skip


@pytest.fixture
def write(weights, tmp_path):
    """Write a checkpoint of those weights; None in a change leaves the weight out."""

    def write(config=PUBLISHED, kind: str = "safetensors", changes=None, quantization=None, **fields) -> Path:
        found = {name: x for name, x in (weights | (changes or {})).items() if x is not None}
        fields = config | fields
        if quantization is not None:
            fields["quantization_config"] = fields.get("quantization_config", {}) | quantization
        (tmp_path / "config.json").write_text(json.dumps({"model_type": "moss", **SIZES, **fields}))
        if kind == "safetensors":
            save_file(found, tmp_path / "model.safetensors", {"format": "pt"})
        elif kind == "bin":
            torch.save(found, tmp_path / "pytorch_model.bin")
        else:  # shards as transformers 4.25 wrote them, with the masks
            mask = torch.ones(24, 24, dtype=torch.bool).tril()
            found |= {f"transformer.h.{i}.attn.causal_mask": mask[None, None].clone() for i in range(2)}
            weight_map = {name: f"pytorch_model-{i % 3 + 1:05d}-of-00003.bin" for i, name in enumerate(sorted(found))}
            for file in set(weight_map.values()):
                torch.save({name: found[name] for name in found if weight_map[name] == file}, tmp_path / file)
            index = {"metadata": {}, "weight_map": weight_map}
            (tmp_path / "pytorch_model.bin.index.json").write_text(json.dumps(index))
        return tmp_path

    return write


def logits(model: MossForCausalLM) -> torch.Tensor:
    with torch.no_grad():
        return model(torch.arange(20)[None]).logits.float()


def assert_same_weights(found: dict[str, torch.Tensor], wanted: dict[str, torch.Tensor], packed_only=False) -> None:
    assert found.keys() == wanted.keys()
    for name, x in wanted.items():
        if not packed_only or name.endswith(PACKED):
            assert found[name].dtype == x.dtype and torch.equal(found[name].cpu(), x.cpu()), name


# --- what loads -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["bin", "safetensors"])
def test_the_originals_quantised_model_gives_its_logits_and_its_text(shared, tmp_path, kind):
    golden = shared / "oracle/golden/quant/model_w4_g128"
    if not golden.is_dir():
        pytest.skip("no ../shared/oracle/golden/quant/model_w4_g128: the original's figures are not here")
    shutil.copyfile(golden / "config.json", tmp_path / "config.json")
    saved = load_file(golden / "weights.safetensors")
    if kind == "bin":
        torch.save(saved, tmp_path / "pytorch_model.bin")
    else:
        save_file(saved, tmp_path / "model.safetensors", {"format": "pt"})
    assert MossForCausalLM.from_pretrained(tmp_path).dtype == torch.float16, "config.json names no dtype"
    model = AutoModelForCausalLM.from_pretrained(tmp_path, dtype=torch.float32)
    assert_same_weights(model.state_dict(), saved, packed_only=True)
    cases = load_file(golden / "cases.safetensors")
    with torch.no_grad():
        short, long = (model(cases[name]).logits for name in ("input_ids", "long/input_ids"))
    assert (short - cases["logits"]).abs().max() < 2e-5
    assert (long[:, -8:] - cases["long/logits_last_8"]).abs().max() < 2e-5
    ids, wanted = cases["generate/input_ids"], cases["generate/sequences"]
    out = model.generate(ids, do_sample=False, max_new_tokens=wanted.shape[1] - ids.shape[1], eos_token_id=-1)
    assert out.tolist() == wanted.tolist()


@pytest.mark.parametrize("kind", ["bin", "shards", "safetensors"])
@pytest.mark.parametrize("config", [PUBLISHED, TODAY], ids=["published", "today"])
def test_both_ways_of_saying_it_load_from_all_kinds_of_files(write, weights, config, kind):
    model, info = MossForCausalLM.from_pretrained(write(config, kind), output_loading_info=True)
    assert not any(info.values())
    assert_same_weights(model.state_dict(), weights)
    assert len(find_layers(model, (QuantLinear,))) == 8
    assert model.config.wbits == 32
    assert model.config.quantization_config == TODAY["quantization_config"]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, "auto", "float32"], ids=str)
def test_packed_weights_keep_their_types_and_bits_whatever_dtype_is_asked_for(write, weights, dtype):
    model = MossForCausalLM.from_pretrained(write(), dtype=dtype)
    assert_same_weights(model.state_dict(), weights, packed_only=True)
    wanted = {"auto": torch.float16, "float32": torch.float32}.get(dtype, dtype)
    assert model.dtype == model.lm_head.weight.dtype == model.transformer.ln_f.weight.dtype == wanted
    assert model(torch.arange(5)[None]).logits.dtype == wanted
    assert_same_weights(model.float().state_dict(), weights, packed_only=True)


def test_the_auto_classes_and_the_base_model_read_it(write, weights):
    folder = write(TODAY)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    assert type(model) is MossForCausalLM
    for base in (AutoModel.from_pretrained(folder), MossModel.from_pretrained(folder)):
        assert type(base) is MossModel
        assert_same_weights(base.state_dict(), model.half().transformer.state_dict())


@pytest.mark.parametrize("checkpoint_format", [None, "gptq", "gptq_v2"])
def test_zero_points_are_read_by_the_format_that_the_file_names(write, checkpoint_format):
    quantization = TODAY["quantization_config"] | {"checkpoint_format": checkpoint_format}
    model = MossForCausalLM.from_pretrained(write(TODAY, quantization_config=quantization))
    plain = MossForCausalLM.from_pretrained(write(PUBLISHED))
    layers = [find_layers(m, (QuantLinear,))["transformer.h.1.mlp.fc_out"] for m in (model, plain)]
    shift = 1 if checkpoint_format == "gptq_v2" else 0  # the same words are zero points one less there
    weights = [x.dequantize(torch.float64) for x in layers]
    moved = layers[0].scales[layers[0].g_idx.long()].T.double()
    assert torch.allclose(weights[0], weights[1] + shift * moved, atol=1e-6)


def test_a_field_given_on_loading_reaches_the_configuration(write):
    folder = write(TODAY, n_positions=25)
    assert MossForCausalLM.from_pretrained(folder, n_positions=24).config.n_positions == 24
    assert MossForCausalLM.from_pretrained(folder, max_position_embeddings=23).config.n_positions == 23
    model = MossForCausalLM.from_pretrained(folder, output_attentions=True, attn_implementation="eager")
    assert model(torch.arange(5)[None]).attentions is not None


def test_a_configuration_that_is_handed_over_is_left_as_it_was(write, weights):
    config = MossConfig.from_pretrained(write(TODAY))
    before = config.to_dict()
    model = MossForCausalLM.from_pretrained(write(TODAY), config=config)
    again = MossForCausalLM.from_pretrained(write(TODAY), config=model.config)
    assert config.to_dict() == before
    assert_same_weights(again.state_dict(), weights)
    assert again.config.quantization_config == model.config.quantization_config


@pytest.mark.parametrize("place", ["auto", "cpu", "by layer", "disk"])
def test_every_device_map_gives_the_same_model(write, tmp_path, place):
    if place == "auto" and torch.cuda.is_available():
        pytest.skip("which is a GPU then: the next test")
    folder = write(TODAY)
    wanted = logits(MossForCausalLM.from_pretrained(folder, dtype=torch.float32))
    device_map = {
        "transformer.wte": "cpu",
        "transformer.h.0": "cpu",
        "transformer.h.1": "disk",
        "transformer.ln_f": "cpu",
    }
    device_map |= {"transformer.drop": "cpu", "lm_head": "cpu"}
    if place == "by layer":
        device_map["transformer.h.1"] = "cpu"
    model = MossForCausalLM.from_pretrained(
        folder,
        dtype=torch.float32,
        device_map=device_map if place in ("by layer", "disk") else place,
        offload_folder=tmp_path / "offload",
    )
    assert torch.equal(logits(model), wanted)


@pytest.mark.parametrize("device_map", ["cuda:0", "cuda:1", "auto", "over two"])
def test_on_gpus_it_loads_straight_there_runs_and_is_saved_as_it_came(write, weights, tmp_path, device_map):
    needed = 2 if device_map in ("cuda:1", "over two") else 1
    if torch.cuda.device_count() < needed:
        pytest.skip(f"needs {needed} CUDA device(s)")
    folder = write(TODAY)
    wanted = logits(MossForCausalLM.from_pretrained(folder, dtype=torch.float32))
    if device_map == "over two":
        device_map = {"transformer.wte": 0, "transformer.drop": 0, "transformer.h.0": 0, "transformer.h.1": 1}
        device_map |= {"transformer.ln_f": 1, "lm_head": 1}
    model = MossForCausalLM.from_pretrained(folder, device_map=device_map)
    assert_same_weights(model.state_dict(), weights)
    devices = {str(x.device) for x in model.state_dict().values()}
    assert devices == ({"cuda:0", "cuda:1"} if isinstance(device_map, dict) else devices - {"cpu", "meta"})
    if device_map == "cuda:1":
        assert devices == {"cuda:1"}
    with torch.no_grad():
        found = model(torch.arange(20, device=model.device)[None]).logits.float().cpu()
    assert (found - wanted).norm() / wanted.norm() < 5e-3
    model.save_pretrained(tmp_path / "again")
    assert_same_weights(load_file(tmp_path / "again/model.safetensors"), weights)


def test_a_constructor_makes_packed_layers_by_wbits_and_plain_ones_by_quantization_config(weights):
    """The original loads into the first; other tools put layers of their own into the second."""
    with torch.device("meta"):
        empty = MossForCausalLM(MossConfig(**SIZES, wbits=4, groupsize=32))
    empty.load_state_dict(weights, strict=True, assign=True)
    assert_same_weights(empty.state_dict(), weights)
    assert not find_layers(MossForCausalLM(MossConfig(**SIZES, **TODAY)), (QuantLinear,))


def test_nothing_of_transformers_is_replaced(write):
    before = dict(AUTO_QUANTIZER_MAPPING), torch.get_default_dtype(), torch.nn.Linear.reset_parameters
    MossForCausalLM.from_pretrained(write(TODAY))
    assert (dict(AUTO_QUANTIZER_MAPPING), torch.get_default_dtype(), torch.nn.Linear.reset_parameters) == before


# --- saving -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("max_shard_size", ["1GB", "20KB"])
@pytest.mark.parametrize("config", [PUBLISHED, TODAY], ids=["published", "today"])
def test_saved_and_loaded_again_it_is_the_same_bit_by_bit(write, weights, tmp_path, config, max_shard_size):
    model = MossForCausalLM.from_pretrained(write(config))
    logits(model.float())  # whatever running derives from the packed weights, they stay
    model.half().save_pretrained(tmp_path / "again", max_shard_size=max_shard_size)
    assert (tmp_path / "again/model.safetensors").exists() == (max_shard_size == "1GB")
    written = json.loads((tmp_path / "again/config.json").read_text())
    assert written["quantization_config"] == TODAY["quantization_config"]
    assert (written["wbits"], written["dtype"]) == (32, "float16")
    again = MossForCausalLM.from_pretrained(tmp_path / "again")
    assert_same_weights(again.state_dict(), weights)
    assert again.config.quantization_config == model.config.quantization_config


def test_what_other_tools_noted_in_the_configuration_stays(write, tmp_path):
    noted = {"meta": {"quantizer": ["gptqmodel:7.7.0"]}, "damp_percent": 0.05}
    MossForCausalLM.from_pretrained(write(TODAY, quantization=noted)).save_pretrained(tmp_path / "again")
    written = json.loads((tmp_path / "again/config.json").read_text())
    assert written["quantization_config"] == TODAY["quantization_config"] | noted


# --- quantising -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sym", [True, False])
@pytest.mark.parametrize(("bits", "groupsize"), [(2, 32), (4, -1), (4, 32), (8, 32)])
def test_quantised_here_it_saves_and_loads(tmp_path, bits, groupsize, sym):
    plain, model = plain_model(), plain_model()
    assert model.quantize(bits, groupsize, sym=sym) is model
    assert all(type(model.get_submodule(name)) is QuantLinear for name in find_layers(plain) if name != "lm_head")
    # 8 bits are near, 2 bits are far, none is somewhere else
    error = (logits(model) - logits(plain)).norm() / logits(plain).norm()
    assert error < {2: 1.5, 4: 0.4, 8: 0.02}[bits]
    model.save_pretrained(tmp_path)
    quantization = json.loads((tmp_path / "config.json").read_text())["quantization_config"]
    assert (quantization["bits"], quantization["group_size"], quantization["sym"]) == (bits, groupsize, sym)
    assert quantization["checkpoint_format"] == ("gptq" if sym else "gptq_v2")
    again = MossForCausalLM.from_pretrained(tmp_path)
    assert_same_weights(again.state_dict(), model.state_dict())
    assert torch.equal(logits(again), logits(model))


def test_calibration_texts_make_it_gptq():
    ids = torch.randint(0, 50, (6, 20), generator=torch.Generator().manual_seed(3)).tolist()
    model = plain_model().quantize(4, 32, calibration=ids)
    assert model.config.quantization_config["desc_act"] is True
    assert find_layers(model, (QuantLinear,))["transformer.h.0.attn.qkv_proj"].validate("") == []
    texts = plain_model().quantize(4, 32, ["1", "22"], tokenizer=lambda text: {"input_ids": list(map(int, text))})
    assert texts.config.quantization_config["desc_act"] is True
    with pytest.raises(ValueError, match="give the tokenizer"):
        plain_model().quantize(4, 32, calibration=["text"])


def test_quantising_that_cannot_be_is_refused_and_changes_nothing(write):
    model = plain_model()
    with pytest.raises(ValueError, match="groupsize 128 does not fit infeatures 64"):
        model.quantize(4, 128)
    assert not find_layers(model, (QuantLinear,)) and not hasattr(model.config, "quantization_config")
    with pytest.raises(ValueError, match="quantised already"):
        MossForCausalLM.from_pretrained(write()).quantize(4, 32)


def test_dequantized_it_is_a_plain_model_of_the_same_weights(write, tmp_path):
    model = MossForCausalLM.from_pretrained(write(), dtype=torch.float32)
    wanted = logits(model)
    assert model.dequantize() is model
    assert torch.allclose(logits(model), wanted, atol=1e-5)
    assert all(x.requires_grad for x in model.parameters())
    model.save_pretrained(tmp_path / "plain")
    assert "quantization_config" not in json.loads((tmp_path / "plain/config.json").read_text())
    plain = MossForCausalLM.from_pretrained(tmp_path / "plain")
    assert torch.equal(logits(plain), logits(model)) and not find_layers(plain, (QuantLinear,))
    with pytest.raises(ValueError, match="nothing to dequantize"):
        plain.dequantize()


# --- what is refused --------------------------------------------------------------------------------------------------


def test_floating_point_weights_under_a_quantised_configuration_are_refused(tmp_path):
    plain_model().save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    for changes in (PUBLISHED, TODAY, PUBLISHED | {"groupsize": 128}):
        (tmp_path / "config.json").write_text(json.dumps(config | changes))
        with pytest.raises(ValueError, match=r"weights are quantised .* but the files hold floating point"):
            MossForCausalLM.from_pretrained(tmp_path)


def test_quantised_weights_under_a_plain_configuration_are_refused(write):
    with pytest.raises(ValueError, match=r"GPTQ-quantised, but wbits in config\.json says that they are not"):
        MossForCausalLM.from_pretrained(write({}))


@pytest.mark.parametrize(
    ("config", "fields", "message"),
    [
        (PUBLISHED, {"wbits": 8}, r"the shape of qweight is that of 4-bit weights; config\.json says otherwise"),
        (TODAY, {"quantization": {"bits": 2}}, r"the shape of qweight is that of 4-bit weights"),
        (PUBLISHED, {"groupsize": -1}, r"those of groups of 32; config\.json says otherwise"),
        (PUBLISHED, {"groupsize": 128}, "groupsize 128 does not fit infeatures 64"),
        (TODAY, {"quantization": {"group_size": 64}}, "groupsize 64 does not fit infeatures 96"),
        (TODAY, {"quantization": {"group_size": "32"}}, "group_size in quantization_config is '32'"),
        (TODAY, {"quantization": {"bits": 3}}, "bits in quantization_config is 3; allowed are 2, 4, 8"),
        (TODAY, {"quantization": {"checkpoint_format": "marlin"}}, "checkpoint_format is 'marlin'; allowed are gptq"),
        (
            TODAY,
            {"quantization": {"quant_method": "awq"}},
            "quant_method is 'awq', and MOSS reads 'gptq'; quantise the",
        ),
        (TODAY, {"quantization": {"quant_method": "bitsandbytes"}}, "quant_method is 'bitsandbytes'"),
        (TODAY, {"quantization": {"lm_head": True}}, "lm_head is quantised"),
        (TODAY, {"quantization": {"dynamic": {"-:.*fc_in": {}}}}, "quantised in different ways"),
        (TODAY, {"quantization": {"pack_dtype": "int8"}}, "pack_dtype is 'int8'"),
        (TODAY, {"wbits": 8, "groupsize": 32}, "wbits 8 and groupsize 32 contradict quantization_config, .* bits 4"),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused(write, config, fields, message):
    with pytest.raises(ValueError, match=message):
        MossForCausalLM.from_pretrained(write(config, **fields))


@pytest.mark.parametrize(
    ("name", "spoil", "message"),
    [
        ("g_idx", lambda x: x + 1, r"mlp\.fc_in\.g_idx\[\d+\] is 2; there are 2 groups"),
        ("g_idx", lambda x: -x, r"mlp\.fc_in\.g_idx\[\d+\] is -1"),
        ("scales", lambda x: x * float("nan"), r"mlp\.fc_in\.scales holds NaN or infinity"),
        ("scales", lambda x: x / 0, r"mlp\.fc_in\.scales holds NaN or infinity"),
        ("scales", lambda x: x * 0, r"mlp\.fc_in\.scales holds zeros"),
        ("scales", lambda x: x.float(), r"another type: h\.0\.mlp\.fc_in\.scales is torch\.float32"),
        ("qweight", lambda x: x.float(), r"another type: h\.0\.mlp\.fc_in\.qweight is torch\.float32"),
        ("g_idx", lambda x: x.long(), r"another type: h\.0\.mlp\.fc_in\.g_idx is torch\.int64"),
        ("qzeros", lambda x: x[:1], r"another shape: h\.0\.mlp\.fc_in\.qzeros is \(1, 12\)"),
        ("g_idx", lambda x: None, r"weights missing: h\.0\.mlp\.fc_in\.g_idx"),
    ],
)  # fmt: skip
def test_spoilt_packed_weights_are_refused(write, weights, name, spoil, message):
    with pytest.raises(ValueError, match=message):
        MossForCausalLM.from_pretrained(write(changes={FC_IN + name: spoil(weights[FC_IN + name])}))


def test_impossible_numbers_are_refused_where_headers_are_not_looked_at(write, weights):
    folder = write(changes={FC_IN + "g_idx": weights[FC_IN + "g_idx"] + 5})
    with pytest.raises(ValueError, match="there are 2 groups"):
        MossForCausalLM.from_pretrained(folder.parent, subfolder=folder.name)
    with pytest.raises(ValueError, match="there are 2 groups"):  # a kernel would read outside its memory
        MossForCausalLM.from_pretrained(folder, ignore_mismatched_sizes=True)


def test_all_problems_come_in_one_message(write, weights):
    spoilt = {f"transformer.h.{i}.mlp.fc_in.scales": weights[FC_IN + "scales"] * 0 for i in range(2)}
    with pytest.raises(ValueError) as caught:
        MossForCausalLM.from_pretrained(write(changes=spoilt | {FC_IN + "g_idx": weights[FC_IN + "g_idx"] + 9}))
    for name in ("h.0.mlp.fc_in.g_idx", "h.0.mlp.fc_in.scales", "h.1.mlp.fc_in.scales"):
        assert f"- transformer.{name}" in str(caught.value)

    with pytest.raises(ValueError) as caught:
        MossForCausalLM.from_pretrained(
            write(TODAY, wbits=8, quantization={"bits": 5, "checkpoint_format": "?", "lm_head": True})
        )
    for text in ("bits in quantization_config is 5", "checkpoint_format is '?'", "lm_head is", "contradict"):
        assert text in str(caught.value)

    changes = {FC_IN + "qweight": weights[FC_IN + "qweight"][:4], FC_IN + "scales": weights[FC_IN + "scales"].float()}
    with pytest.raises(ValueError) as caught:
        MossForCausalLM.from_pretrained(write(changes=changes | {"lm_head.bias": None}))
    for text in (
        "weights missing: lm_head.bias",
        "fc_in.qweight is (4, 96)",
        "2-bit weights",
        "scales is torch.float32",
    ):
        assert text in str(caught.value)


def test_another_way_of_quantising_on_loading_is_refused(write):
    with pytest.raises(ValueError, match="it is quantised already"):
        MossForCausalLM.from_pretrained(write(TODAY), quantization_config=BitsAndBytesConfig(load_in_8bit=True))
    with pytest.raises(ValueError, match="cannot be split over GPUs"):
        MossForCausalLM.from_pretrained(write(TODAY), tp_plan="auto")

"""Which checkpoints load, the original's own kinds among them, and which are refused in one clear message.

python -m pytest tests/models/test_checkpoint.py
"""

import json
import shutil
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedModel

from models import MossConfig, MossForCausalLM, MossModel

N_POSITIONS = 24


@pytest.fixture(scope="module")
def model() -> MossForCausalLM:
    torch.manual_seed(0)
    config = MossConfig(
        vocab_size=50, n_embd=32, n_head=4, rotary_dim=8, n_layer=2, n_positions=N_POSITIONS, n_ctx=N_POSITIONS
    )
    return MossForCausalLM(config).eval()


@pytest.fixture
def write(model, tmp_path):
    """Write a checkpoint as transformers 4.25 did: config.json and .bin files, causal_mask and all."""

    def write(shards: int = 1, mask_dtype=None, drop=(), extra=None, dtype=torch.float32, **config) -> Path:
        weights = {name: x.to(dtype) for name, x in model.state_dict().items() if name not in drop} | (extra or {})
        if mask_dtype is not None:
            mask = torch.tril(torch.ones(N_POSITIONS, N_POSITIONS)).to(mask_dtype)
            for i in range(model.config.n_layer):
                weights[f"transformer.h.{i}.attn.causal_mask"] = mask[None, None].clone()
        written = {name: value for name, value in model.config.to_diff_dict().items() if name != "dtype"}
        (tmp_path / "config.json").write_text(json.dumps(written | config))
        if shards == 1:
            torch.save(weights, tmp_path / "pytorch_model.bin")
            return tmp_path
        weight_map = {}
        for i in range(shards):
            name = f"pytorch_model-{i + 1:05d}-of-{shards:05d}.bin"
            part = {key: weights[key] for key in sorted(weights)[i::shards]}
            torch.save(part, tmp_path / name)
            weight_map |= dict.fromkeys(part, name)
        index = {"metadata": {"total_size": 0}, "weight_map": weight_map}
        (tmp_path / "pytorch_model.bin.index.json").write_text(json.dumps(index))
        return tmp_path

    return write


def logits(model: MossForCausalLM) -> torch.Tensor:
    with torch.no_grad():
        return model.float()(torch.arange(20)[None]).logits


def test_building_two_models_gives_different_weights(model):
    """The tests below compare logits, which shows nothing if initialisation were constant."""
    assert not torch.equal(logits(MossForCausalLM(model.config).eval()), logits(model))


@pytest.mark.parametrize("shards", [1, 3])
@pytest.mark.parametrize("mask_dtype", [None, torch.bool, torch.uint8, torch.float16], ids=str)
def test_original_checkpoints_load_with_and_without_causal_masks(write, model, mask_dtype, shards):
    folder = write(shards=shards, mask_dtype=mask_dtype)
    loaded, info = MossForCausalLM.from_pretrained(folder, output_loading_info=True)
    assert torch.equal(logits(loaded), logits(model))
    assert not info["missing_keys"] and not info["unexpected_keys"]


@pytest.mark.parametrize("max_shard_size", ["1GB", "20KB"])
def test_safetensors_round_trip_is_exact(model, tmp_path, max_shard_size):
    model.save_pretrained(tmp_path, max_shard_size=max_shard_size)
    assert (tmp_path / "model.safetensors").exists() == (max_shard_size == "1GB")
    assert torch.equal(logits(MossForCausalLM.from_pretrained(tmp_path)), logits(model))


def test_fp16_files_stay_fp16_unless_asked(write):
    folder = write(dtype=torch.float16, mask_dtype=torch.bool, torch_dtype="float16")
    assert MossForCausalLM.from_pretrained(folder).dtype == torch.float16
    assert MossForCausalLM.from_pretrained(folder, dtype=torch.float32).dtype == torch.float32


def test_weights_assigned_to_a_model_on_the_meta_device(model):
    """The path of accelerate's load_checkpoint_and_dispatch: no tensor but the parameters may be left behind."""
    with torch.device("meta"):
        empty = MossForCausalLM(model.config)
    empty.load_state_dict(model.state_dict(), strict=True, assign=True)
    assert torch.equal(logits(empty.eval()), logits(model))


def test_base_model_reads_what_the_chat_model_saved_but_not_the_reverse(model, tmp_path):
    model.save_pretrained(tmp_path / "chat")
    base = MossModel.from_pretrained(tmp_path / "chat")
    base.save_pretrained(tmp_path / "base")
    assert torch.equal(MossModel.from_pretrained(tmp_path / "base").ln_f.weight, model.transformer.ln_f.weight)
    with pytest.raises(ValueError, match=r"weights missing: lm_head\.bias, lm_head\.weight"):
        MossForCausalLM.from_pretrained(tmp_path / "base")


def test_missing_and_truncated_shards_are_named_together(write):
    folder = write(shards=3)
    (folder / "pytorch_model-00002-of-00003.bin").unlink()
    first = folder / "pytorch_model-00001-of-00003.bin"
    first.write_bytes(first.read_bytes()[:1500])
    with pytest.raises(ValueError) as caught:
        MossForCausalLM.from_pretrained(folder)
    assert str(folder) in str(caught.value)
    assert "pytorch_model-00001-of-00003.bin is truncated" in str(caught.value)
    assert "pytorch_model-00002-of-00003.bin is missing" in str(caught.value)


def test_truncated_safetensors_is_refused(model, tmp_path):
    model.save_pretrained(tmp_path)
    file = tmp_path / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(ValueError, match=r"model\.safetensors is truncated"):
        MossForCausalLM.from_pretrained(tmp_path)


def test_weights_missing_left_over_and_of_another_shape_are_named_together(write):
    folder = write(
        drop=["transformer.h.1.ln_1.weight", "lm_head.bias"],
        extra={"transformer.h.0.attn.k_proj.weight": torch.ones(2), "transformer.wte.weight": torch.ones(51, 32)},
    )
    with pytest.raises(ValueError) as caught:
        MossForCausalLM.from_pretrained(folder)
    text = str(caught.value)
    assert "weights missing: h.1.ln_1.weight, lm_head.bias" in text
    assert "weights that the model does not have: h.0.attn.k_proj.weight" in text
    assert "wte.weight is (51, 32), config.json makes it (50, 32)" in text


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"n_layer": 3}, "weights missing: h.2.attn.out_proj.weight"),
        ({"n_layer": 1}, "does not have: h.1.attn.out_proj.weight"),
        ({"n_inner": 64}, r"h.0.mlp.fc_in.bias is \(128,\), config.json makes it \(64,\)"),
        ({"vocab_size": 51}, r"wte.weight is \(50, 32\), config.json makes it \(51, 32\)"),
        ({"n_embd": 33}, "n_embd 33 is not divisible by n_head 4"),
        ({"vocab_size": 10**9}, "vocab_size is 1000000000"),
        ({"wbits": 4, "groupsize": 32}, "weights are quantised .* but the files hold floating point"),
    ],
)
def test_a_configuration_that_does_not_fit_its_weights_is_refused(write, config, message):
    with pytest.raises(ValueError, match=message):
        MossForCausalLM.from_pretrained(write(**config))


def test_a_field_given_on_loading_mends_the_file(write, model):
    assert torch.equal(logits(MossForCausalLM.from_pretrained(write(n_layer=3), n_layer=2)), logits(model))


def test_weights_that_are_judged_only_once_loaded_are_refused_too(write):
    """As those from the hub are; here the folder is one that the check of the headers leaves alone."""
    folder = write(drop=["lm_head.bias"])
    with pytest.raises(ValueError, match=r"weights missing: lm_head\.bias"):
        MossForCausalLM.from_pretrained(folder.parent, subfolder=folder.name)


def test_quantised_weights_under_a_plain_configuration_are_refused(write):
    name = "transformer.h.0.mlp.fc_in."
    folder = write(drop=[name + "weight"], extra={name + "qweight": torch.ones(4, 128, dtype=torch.int32)})
    with pytest.raises(ValueError, match=r"GPTQ-quantised, but wbits in config\.json says that they are not"):
        MossForCausalLM.from_pretrained(folder)


def test_those_who_mean_to_change_the_shape_can(write):
    loaded = MossForCausalLM.from_pretrained(write(vocab_size=51), ignore_mismatched_sizes=True)
    assert loaded.lm_head.weight.shape == (51, 32) and loaded.lm_head.weight.isfinite().all()


@pytest.mark.parametrize("name", ["config.json", "pytorch_model.bin"])
def test_an_incomplete_folder_is_refused(write, name):
    folder = write()
    (folder / name).unlink()
    with pytest.raises(ValueError, match=r"config\.json is missing|holds no weights"):
        MossForCausalLM.from_pretrained(folder)


def test_an_adapter_is_no_model_and_the_merged_one_is_named(tmp_path):
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(
        ValueError, match=r"an adapter alone; .*--merge writes the model with it into its folder merged/"
    ):
        MossForCausalLM.from_pretrained(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", '{"metadata": {}}', '{"weight_map": 3}'])
def test_a_spoilt_index_is_refused(write, text):
    folder = write(shards=2)
    (folder / "pytorch_model.bin.index.json").write_text(text)
    with pytest.raises(ValueError, match=r"pytorch_model\.bin\.index\.json is no index of weights"):
        MossForCausalLM.from_pretrained(folder)


def test_a_folder_that_is_not_there_is_refused_without_asking_the_network(tmp_path, write, monkeypatch):
    folder = write()
    monkeypatch.chdir(folder.parent.parent)
    beside, file = f"{folder.parent.name}/nothing", f"{folder.parent.name}/{folder.name}/config.json"
    for name in (tmp_path / "nothing", "./nothing/here", "nothing/is/here", beside, file):
        with pytest.raises(ValueError, match=f"there is no folder {name}; give"):
            MossForCausalLM.from_pretrained(name)
    shutil.rmtree(folder)


def test_a_name_that_the_hub_does_not_give_may_have_been_meant_for_a_folder(monkeypatch):
    def unreachable(*args, **kwargs):
        raise OSError("We couldn't connect")

    monkeypatch.setattr(MossForCausalLM.config_class, "from_pretrained", unreachable)
    monkeypatch.setattr(PreTrainedModel, "from_pretrained", unreachable)
    with pytest.raises(OSError, match=r"there is no folder output/mine here, and .* hub: We couldn't connect"):
        MossForCausalLM.from_pretrained("output/mine")


def test_a_pickle_that_would_run_code_is_not_read(write):
    """Not by the check of the headers, not on loading, and not where the check is switched off."""
    folder = write()
    left = folder / "it ran"

    class Hostile:
        def __reduce__(self):
            return (Path.touch, (left,))

    torch.save({"transformer.wte.weight": Hostile()}, folder / "pytorch_model.bin")
    with pytest.raises(ValueError, match="could run code; not read"):
        MossForCausalLM.from_pretrained(folder)
    with pytest.raises(ValueError, match="weights_only=False is refused"):
        MossForCausalLM.from_pretrained(folder, weights_only=False)
    with pytest.raises(Exception, match=r"[Ww]eights"):
        MossForCausalLM.from_pretrained(folder, ignore_mismatched_sizes=True)
    assert not left.exists()

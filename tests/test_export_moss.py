"""export_moss.py: MOSS to GPT-J and back, judged by transformers' GPT-J; what is refused.

CTranslate2 is in test_hub.py and test_readme_commands.py.

python -m pytest tests/test_export_moss.py
"""

import json
import shutil
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, GPTJConfig, GPTJForCausalLM, TokenizersBackend

import export_moss
from models import MossConfig, MossForCausalLM, MossTokenizer
from models.conversation_moss import CHAT_TEMPLATE
from models.gptj_layout import join_qkv, split_qkv
from models.quantization import make_quant, quantizable_names
from models.shards import ShardReader, ShardWriter
from moss_inference import MOSS_MINI
from tests.conftest import small_disk

QKV = ("q_proj", "k_proj", "v_proj")


@pytest.fixture
def export(tmp_path):
    """Calls export_moss as its command line would; returns the folder that it wrote."""

    def run(model, output: str = "out", **changes) -> Path:
        options = {"dtype": None, "keep_quantized": False, "verify": False} | changes
        export_moss.export(Namespace(model_name_or_path=str(model), output_dir=str(tmp_path / output), **options))
        return tmp_path / output

    return run


def config_of(folder: Path) -> dict:
    return json.loads((folder / "config.json").read_text("utf-8"))


def change_config(folder: Path, **changes) -> None:
    content = config_of(folder) | changes
    (folder / "config.json").write_text(json.dumps({k: v for k, v in content.items() if v is not ...}))


@torch.no_grad()
def assert_same_logits(a, b, tolerance: float = 1e-5) -> None:
    ids = torch.randint(0, a.config.vocab_size, (2, 40), generator=torch.Generator().manual_seed(1))
    a, b = (model.float().eval()(ids).logits for model in (a, b))
    assert (a - b).abs().max() <= tolerance * max(1, a.abs().max())


def moss(folder: Path, tokenizer_dir: Path, dtype=torch.float32, quantize: dict | None = None, **changes) -> Path:
    """A random model whose parts all count: the biases and norms are random, too."""
    torch.manual_seed(0)
    config = MossConfig(**{
        "vocab_size": 450, "n_embd": 64, "n_layer": 2, "n_head": 8, "rotary_dim": 4, "n_positions": 1024,
        "bos_token_id": 400, "eos_token_id": 401, **changes,
    })  # fmt: skip
    model = MossForCausalLM(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.normal_(1.0 if ".ln_" in name and name.endswith("weight") else 0.0, 0.2)
    model = model.to(dtype)
    if quantize:
        model.quantize(**quantize)
    model.save_pretrained(folder)
    shutil.copytree(tokenizer_dir, folder, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def source(tokenizer_dir, tmp_path_factory) -> Path:
    return moss(tmp_path_factory.mktemp("moss"), tokenizer_dir)


@pytest.fixture
def gptj(source, export) -> Path:
    return export(source, "gptj")


# --- exact ------------------------------------------------------------------------------------------------------------


def test_rows_of_a_quarter_go_to_their_heads():
    named = [f"{x}{4 * i + j}" for i in range(4) for x in "qvk" for j in range(4)]  # 16 heads, one row each
    query, key, value = split_qkv(torch.arange(48))
    for letter, rows in zip("qkv", (query, key, value), strict=True):
        assert [named[i] for i in rows] == [f"{letter}{i}" for i in range(16)]
    for dim in (0, 1):
        x = torch.randn(48, 48)
        assert torch.equal(join_qkv(*split_qkv(x, dim), dim), x)


@pytest.mark.parametrize(
    "shape",
    [{}, {"n_head": 4, "rotary_dim": 16}, {"n_head": 16, "n_inner": 96, "layer_norm_epsilon": 1e-3, "n_layer": 1}],
    ids=str,
)
def test_gptj_computes_the_same_logits(export, tokenizer_dir, tmp_path, shape):
    source = moss(tmp_path / "moss", tokenizer_dir, **shape)
    gptj, info = GPTJForCausalLM.from_pretrained(export(source), output_loading_info=True)
    assert not any(info.values())
    assert_same_logits(MossForCausalLM.from_pretrained(source), gptj)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16], ids=str)
def test_round_trip_is_exact_from_every_kind_of_file(export, tokenizer_dir, tmp_path, dtype):
    source = moss(tmp_path / "moss", tokenizer_dir, dtype, plugins=["Solve"], n_ctx=77)
    (source / "generation_config.json").write_text('{"do_sample": true, "top_p": 0.8}')
    weights = load_file(source / "model.safetensors")
    bins, names = shutil.copytree(source, tmp_path / "bins"), sorted(weights)
    (bins / "model.safetensors").unlink()
    old = {"transformer.h.0.attn.causal_mask": torch.ones(1, 1, 8, 8, dtype=torch.bool)}  # as published files have
    for file, part in {"1.bin": names[::2], "2.bin": names[1::2]}.items():
        torch.save({name: weights[name] for name in part} | old, bins / file)
    weight_map = {name: f"{1 + i % 2}.bin" for i, name in enumerate(names)}
    (bins / "pytorch_model.bin.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))

    gptj = export(source, "gptj")
    assert (export(bins, "gptj-2") / "model.safetensors").read_bytes() == (gptj / "model.safetensors").read_bytes()
    back = export(gptj, "back")
    assert (back / "model.safetensors").read_bytes() == (source / "model.safetensors").read_bytes()
    assert {path.name for path in back.iterdir()} == {path.name for path in source.iterdir()} | {"README.md"}
    assert {path.name for path in gptj.iterdir()} == {path.name for path in source.iterdir() if path.suffix != ".py"}
    for folder in (gptj, back):
        assert (folder / "generation_config.json").read_bytes() == (source / "generation_config.json").read_bytes()
        assert (folder / "chat_template.jinja").read_bytes() == (source / "chat_template.jinja").read_bytes()
        assert (folder / "tokenizer.json").read_bytes() == (source / "tokenizer.json").read_bytes()
    assert config_of(back) == config_of(source)
    assert config_of(gptj)["architectures"] == ["GPTJForCausalLM"] and "wbits" not in config_of(gptj)
    assert config_of(gptj)["dtype"] == str(dtype).removeprefix("torch.")


def test_moss_mini_there_and_back(export):
    gptj = export(MOSS_MINI, "gptj")
    assert_same_logits(MossForCausalLM.from_pretrained(MOSS_MINI), GPTJForCausalLM.from_pretrained(gptj))
    back = export(gptj, "back")
    assert (back / "model.safetensors").read_bytes() == (MOSS_MINI / "model.safetensors").read_bytes()
    of_writing = {"transformers_version": None, "auto_map": None}
    assert config_of(back) | of_writing == config_of(MOSS_MINI) | of_writing
    assert isinstance(MossTokenizer.from_pretrained(back), MossTokenizer)


def test_gptj_saved_by_transformers_becomes_a_moss(export, tokenizer_dir, tmp_path):
    torch.manual_seed(0)
    config = GPTJConfig(vocab_size=450, n_embd=64, n_layer=2, n_head=8, rotary_dim=4, bos_token_id=1, eos_token_id=2)
    gptj = GPTJForCausalLM(config)
    gptj.save_pretrained(tmp_path / "gptj")
    shutil.copytree(tokenizer_dir, tmp_path / "gptj", dirs_exist_ok=True)
    weights = load_file(tmp_path / "gptj" / "model.safetensors")
    old = {"attn.bias": torch.ones(1, 1, 8, 8, dtype=torch.bool), "attn.masked_bias": torch.tensor(-1e9)}
    weights |= {f"transformer.h.{i}.{name}": x.clone() for i in range(2) for name, x in old.items()}
    save_file(weights, tmp_path / "gptj" / "model.safetensors", {"format": "pt"})
    change_config(tmp_path / "gptj", rotary=True, rope_parameters={"rope_type": "default", "rope_theta": 10000.0})
    assert_same_logits(gptj, MossForCausalLM.from_pretrained(export(tmp_path / "gptj")))


def test_tied_embeddings_become_two_matrices(export, tokenizer_dir, tmp_path):
    source = moss(tmp_path / "moss", tokenizer_dir, tie_word_embeddings=True)
    assert "lm_head.weight" not in load_file(source / "model.safetensors")
    gptj = export(source)
    weights = load_file(gptj / "model.safetensors")
    assert torch.equal(weights["lm_head.weight"], weights["transformer.wte.weight"])
    assert not GPTJConfig.from_pretrained(gptj).tie_word_embeddings
    assert_same_logits(MossForCausalLM.from_pretrained(source), GPTJForCausalLM.from_pretrained(gptj))


def test_dtype_is_the_one_asked_for_and_overflow_is_refused(export, source, tokenizer_dir, tmp_path):
    half = export(source, "half", dtype="bfloat16")
    assert {x.dtype for x in load_file(half / "model.safetensors").values()} == {torch.bfloat16}
    assert config_of(half)["dtype"] == "bfloat16"
    large = shutil.copytree(source, tmp_path / "large")
    weights = load_file(large / "model.safetensors")
    weights["transformer.h.1.mlp.fc_in.weight"][3, 3] = 1e6
    save_file(weights, large / "model.safetensors", {"format": "pt"})
    with pytest.raises(ValueError, match=r"h\.1\.mlp\.fc_in\.weight holds NaN, infinity or .* too large for float16"):
        export(large, dtype="float16")
    export(large)


def test_one_block_is_read_at_a_time_and_large_models_stay_in_shards(export, source, monkeypatch):
    log = []
    read, write = ShardReader.__getitem__, ShardWriter.write_shard
    monkeypatch.setattr(ShardReader, "__getitem__", lambda self, name: log.append(name) or read(self, name))
    monkeypatch.setattr(ShardWriter, "write_shard", lambda self, i, x: log.append(i) or write(self, i, x))
    monkeypatch.setattr("models.shards.ONE_FILE", 0)
    gptj = export(source, "gptj")
    shard = 0
    for entry in log:
        if isinstance(entry, int):
            shard = entry + 1
        elif entry.startswith("transformer.h."):
            assert int(entry.split(".")[2]) == shard - 1, log
    assert shard == 4 and len(list(gptj.glob("model-*-of-00004.safetensors"))) == 4
    assert_same_logits(MossForCausalLM.from_pretrained(source), GPTJForCausalLM.from_pretrained(gptj))
    monkeypatch.undo()
    assert (export(gptj, "back") / "model.safetensors").read_bytes() == (source / "model.safetensors").read_bytes()


# --- quantised --------------------------------------------------------------------------------------------------------


def unpacked(state: dict[str, torch.Tensor], name: str, bits: int) -> np.ndarray:
    """The weight (K, N) of a "gptq" layer in fp64, by the format's definition alone."""
    qweight, qzeros = (state[f"{name}.{key}"].numpy().view(np.uint32) for key in ("qweight", "qzeros"))
    n, mask = 32 // bits, 2**bits - 1
    k, columns = np.arange(len(qweight) * n), np.arange(qweight.shape[1])
    q = (qweight[k // n] >> (bits * (k % n))[:, None].astype(np.uint32)) & mask
    zeros = ((qzeros[:, columns // n] >> (bits * (columns % n)).astype(np.uint32)) & mask) + 1
    group = state[f"{name}.g_idx"].numpy()
    return (q.astype(float) - zeros[group]) * state[f"{name}.scales"].double().numpy()[group]


@pytest.mark.parametrize("bits", [4, 8])
def test_quantised_is_dequantised(export, tokenizer_dir, tmp_path, bits):
    source = moss(tmp_path / "moss", tokenizer_dir, torch.float16, {"wbits": bits, "groupsize": 32, "sym": False})
    model = MossForCausalLM.from_pretrained(source, dtype=torch.float32)
    exact = GPTJForCausalLM.from_pretrained(export(source, "fp32", dtype="float32"))
    assert_same_logits(model, exact)
    half = export(source, "fp16")
    assert "quantization_config" not in config_of(half) and config_of(half)["dtype"] == "float16"
    for name, x in load_file(half / "model.safetensors").items():
        assert torch.equal(x, exact.state_dict()[name].half()), name


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("act_order", [False, True])
def test_kept_quantised_fits_gptj_with_packed_layers(export, tokenizer_dir, tmp_path, bits, act_order):
    calibration = torch.randint(0, 400, (4, 60), generator=torch.Generator().manual_seed(0)).tolist()
    settings = {"wbits": bits, "groupsize": 32, "calibration": calibration, "act_order": act_order}
    source = moss(tmp_path / "moss", tokenizer_dir, torch.float16, settings)
    folder = export(source, "kept", keep_quantized=True)

    state = load_file(folder / "model.safetensors")
    quantization = config_of(folder)["quantization_config"]
    shape = {key: value for key, value in config_of(folder).items() if key != "quantization_config"}
    with torch.device("meta"):
        expected = GPTJForCausalLM(GPTJConfig(**shape))
        names = quantizable_names(expected)
        make_quant(expected, names, bits, 32)
    assert {k: (x.shape, x.dtype) for k, x in state.items() if x.dtype != torch.float16} == {
        k: (x.shape, x.dtype) for k, x in expected.state_dict().items() if x.dtype == torch.int32
    }
    assert {k: x.shape for k, x in state.items()} == {k: x.shape for k, x in expected.state_dict().items()}
    assert quantization["sym"] is True and quantization["desc_act"] is act_order and quantization["bits"] == bits
    listed = {name for group in quantization["modules_in_block_to_quantize"] for name in group}
    assert listed == {"attn.qkv_proj", *(name.split(".", 3)[3] for name in names)}

    model = MossForCausalLM.from_pretrained(source, dtype=torch.float32)
    fused = model.transformer.h[1].attn.qkv_proj.dequantize().T.double().numpy()
    heads = fused.reshape(64, 4, 3, 16)  # quarter, then q, v, k, then the numbers of two heads
    for part, place in zip(QKV, (0, 2, 1), strict=True):
        mine = unpacked(state, f"transformer.h.1.attn.{part}", bits)
        assert np.array_equal(mine.astype(np.float32), heads[:, :, place].reshape(64, 64).astype(np.float32))
    back = export(folder, "back", keep_quantized=True)
    assert (back / "model.safetensors").read_bytes() == (source / "model.safetensors").read_bytes()
    assert config_of(back) == config_of(source)
    dequantised = MossForCausalLM.from_pretrained(export(folder, "plain", dtype="float32"))
    assert_same_logits(model, dequantised)


def test_published_quantised_checkpoints_say_less_and_get_a_quantization_config(export, tokenizer_dir, tmp_path):
    source = moss(tmp_path / "moss", tokenizer_dir, torch.float16, {"wbits": 4, "groupsize": 32})
    change_config(source, quantization_config=..., wbits=4, groupsize=32)
    quantization = config_of(export(source, keep_quantized=True))["quantization_config"]
    assert {
        "sym": True,
        "desc_act": False,
        "checkpoint_format": "gptq",
        "lm_head": False,
    }.items() <= quantization.items()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (None, "is not quantised; leave out --keep_quantized"),
        ({"wbits": 2, "groupsize": 32}, "has 2 bits; --keep_quantized takes 4 and 8"),
        ({"wbits": 4, "groupsize": 32, "sym": False}, r"h\.0\.attn\.qkv_proj is quantised asymmetrically.*vLLM"),
    ],
    ids=["fp", "int2", "asymmetric"],
)
def test_what_cannot_be_kept_is_refused_and_leaves_nothing(export, tokenizer_dir, tmp_path, settings, said):
    source = moss(tmp_path / "moss", tokenizer_dir, torch.float16, settings)
    with pytest.raises(ValueError, match=said):
        export(source, keep_quantized=True)
    assert [path.name for path in tmp_path.iterdir()] == ["moss"]


def test_gptj_whose_q_k_v_are_grouped_differently_is_not_fused(export, tokenizer_dir, tmp_path):
    source = moss(tmp_path / "moss", tokenizer_dir, torch.float16, {"wbits": 4, "groupsize": 32})
    gptj = export(source, "gptj", keep_quantized=True)
    weights = load_file(gptj / "model.safetensors")
    weights["transformer.h.1.attn.v_proj.g_idx"] = weights["transformer.h.1.attn.v_proj.g_idx"].flip(0).contiguous()
    save_file(weights, gptj / "model.safetensors", {"format": "pt"})
    with pytest.raises(ValueError, match=r"h\.1\.attn: q_proj, k_proj and v_proj group their inputs differently"):
        export(gptj, "back", keep_quantized=True)
    export(gptj, "back", dtype="float32")


# --- the tokenizer ----------------------------------------------------------------------------------------------------


def test_tokenizer_is_read_without_this_repository(export, source, tokenizer_dir, tmp_path):
    """From tokenizer.json, and from the files of a published checkpoint, which bring no chat template."""
    tokenizer = MossTokenizer.from_pretrained(tokenizer_dir)
    legacy = shutil.copytree(source, tmp_path / "legacy", ignore=shutil.ignore_patterns("tokenizer*", "*.jinja"))
    tokenizer.save_vocabulary(str(legacy))
    (legacy / "added_tokens.json").write_text(json.dumps(tokenizer.get_added_vocab()))
    auto_map = {"AutoTokenizer": ["tokenization_moss.MossTokenizer", None]}
    (legacy / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "MossTokenizer", "auto_map": auto_map})
    )
    for folder in (source, legacy):
        ours = MossTokenizer.from_pretrained(folder)
        exported = export(folder, f"{folder.name}-gptj")
        plain = AutoTokenizer.from_pretrained(exported)
        assert type(plain) is TokenizersBackend
        assert "auto_map" not in (exported / "tokenizer_config.json").read_text("utf-8")
        assert (plain.eos_token, plain.eos_token_id) == ("<eom>", ours.eos_token_id)
        for text in ("解方程 2x+3=11<eoh>\n<|MOSS|>:", "a  b\t<eom>\n<eot>c", "<|endoftext|> x"):
            assert plain(text)["input_ids"] == ours.encode_template(text)
        assert plain.chat_template == CHAT_TEMPLATE
        messages = [{"role": "system", "content": "Hi.\n"}, {"role": "user", "content": "1+1?"}]
        rendered = plain.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        assert rendered == "Hi.\n<|Human|>: 1+1?<eoh>\n<|MOSS|>:"


# --- the check --------------------------------------------------------------------------------------------------------


def test_verify_says_how_far_apart_the_logits_are(export, source, tokenizer_dir, tmp_path, capsys):
    gptj = export(source, "gptj", verify=True)
    said = capsys.readouterr().out
    difference = float(said.partition("largest difference of logits ")[2].split(",")[0])
    assert difference < 1e-4 and "weights were rounded" not in said
    export(gptj, "half", dtype="float16", verify=True)
    assert "weights were rounded" in capsys.readouterr().out
    quantised = moss(tmp_path / "moss", tokenizer_dir, torch.float16, {"wbits": 4, "groupsize": 32})
    export(quantised, "kept", keep_quantized=True, verify=True)
    assert "weights were rounded" not in capsys.readouterr().out


def test_verify_finds_a_wrong_order_of_rows(export, source, monkeypatch):
    def thirds(rows, dim=0):
        return rows.chunk(3, dim)

    monkeypatch.setattr("models.gptj_layout.split_qkv", thirds)
    with pytest.raises(ValueError, match="does not compute what"):
        export(source, verify=True)


# --- what is refused --------------------------------------------------------------------------------------------------


def damage_header(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])


def drop_bias(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["lm_head.bias"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


REFUSED = {
    "no config": (lambda f: (f / "config.json").unlink(), r"config\.json is missing"),
    "no json": (lambda f: (f / "config.json").write_text("{"), r"config\.json is not JSON"),
    "llama": (lambda f: change_config(f, model_type="llama"), "its model_type is 'llama'; 'moss' or 'gptj' is needed"),
    "six heads": (lambda f: change_config(f, n_head=6, n_embd=66), "n_head 6 is not divisible by 4"),
    "text for a number": (lambda f: change_config(f, n_layer="2"), "n_layer is '2'"),
    "all rotated": (lambda f: change_config(f, rotary_dim=None), "rotary_dim is None"),
    "scaled positions": (lambda f: change_config(f, rope_scaling={"type": "linear", "factor": 2}), "rotary positions"),
    "another theta": (lambda f: change_config(f, rope_theta=500000), "rotary positions"),
    "no bias": (drop_bias, r"weights missing: lm_head\.bias"),
    "other shape": (lambda f: change_config(f, n_inner=100), "weights of another shape"),
    "damaged": (damage_header, r"model\.safetensors is truncated or no model file"),
    "no weights": (lambda f: (f / "model.safetensors").unlink(), "it holds no weights"),
    "no tokenizer": (lambda f: (f / "tokenizer.json").unlink(), r"vocab\.json"),
    "awq": (lambda f: change_config(f, quantization_config={"quant_method": "awq"}), "quant_method is 'awq'"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_gptj_that_cannot_become_a_moss_is_refused_with_the_reason(export, gptj, tmp_path, fault):
    spoil, said = REFUSED[fault]
    spoil(gptj)
    before = sorted(tmp_path.iterdir())
    with pytest.raises((ValueError, OSError), match=said):
        export(gptj, "back")
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("fault", ["no config", "damaged", "no weights", "no bias", "other shape", "no tokenizer"])
def test_damaged_moss_is_refused(export, source, tmp_path, fault):
    spoil, said = REFUSED[fault]
    folder = shutil.copytree(source, tmp_path / "spoilt")
    spoil(folder)
    with pytest.raises((ValueError, OSError), match=said):
        export(folder)
    assert not (tmp_path / "out").exists()


def test_tokenizer_of_another_model_is_refused(export, tokenizer_dir, tmp_path):
    with pytest.raises(ValueError, match=r"has \d+ tokens, the model 100"):
        export(moss(tmp_path / "moss", tokenizer_dir, vocab_size=100, bos_token_id=1, eos_token_id=2))


def test_what_stands_in_output_dir_is_not_touched(export, source, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for name in ("out", "file"):
        with pytest.raises(ValueError, match="exists and is no empty folder"):
            export(source, name)
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"
    (tmp_path / "empty").mkdir()
    assert (export(source, "empty") / "model.safetensors").is_file()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_broken_export_leaves_nothing(export, source, tmp_path, monkeypatch, error):
    write = ShardWriter.write_shard

    def broken(self, index, tensors):
        if index == 2:
            raise error
        write(self, index, tensors)

    with monkeypatch.context() as patch:
        patch.setattr(ShardWriter, "write_shard", broken)
        with pytest.raises(type(error)):
            export(source)
    assert not list(tmp_path.iterdir())
    (tmp_path / ".out.exporting").mkdir()  # of a process that was killed
    (tmp_path / ".out.exporting" / "model-00009-of-00009.safetensors").write_bytes(b"half")
    assert not list(export(source).glob("model-0*")) and len(list(tmp_path.iterdir())) == 1


def test_a_full_disk_ends_a_script_with_one_line(source, tmp_path, monkeypatch, capsys):
    given = ["--model_name_or_path", str(source), "--output_dir", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", ["export_moss.py", *given])
    with small_disk(), pytest.raises(SystemExit) as caught:
        export_moss.main()
    assert caught.value.code == 1 and not list(tmp_path.iterdir())
    assert capsys.readouterr().err.splitlines()[-1].startswith("error: Error while serializing: I/O error: File too")


def test_command_line_says_errors_in_one_line_and_how_it_is_used(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["export_moss.py", "--model_name_or_path", "no/such/model", "--output_dir", "x"])
    with pytest.raises(SystemExit) as caught:
        export_moss.main()
    assert caught.value.code == 1
    assert capsys.readouterr().err == "error: no/such/model is neither a folder nor a name on the hub (owner/name)\n"
    with pytest.raises(SystemExit):
        export_moss.build_parser().parse_args(["--help"])
    assert "ct2-transformers-converter" in capsys.readouterr().out
    assert all(action.help for action in export_moss.build_parser()._actions)

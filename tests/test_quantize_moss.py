"""quantize_moss.py: whole runs on a two-layer model, breaks and resumption, what is refused.

python -m pytest tests/test_quantize_moss.py
"""

import json
import math
import shutil
import sys
from argparse import Namespace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import quantize_moss
from models import MossConfig, MossForCausalLM, MossTokenizer
from models.gptq import quantize_model
from models.quantization import QuantLinear, find_layers
from moss_inference import MOSS_MINI
from quantize_moss import REPORT, Output, Weights, quantize, read_texts
from tests.sft_records import lines, record

REPOSITORY = Path(quantize_moss.__file__).parent


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("data") / "conversations.jsonl"
    path.write_bytes(lines([record(i, turns=2) for i in range(30)]) + b"\n")
    return path


@pytest.fixture(scope="module")
def standard(tiny_model_dir, data) -> dict:
    return {
        "model_name_or_path": str(tiny_model_dir),
        "calibration_data": str(data),
        "groupsize": 32,
        "n_samples": 12,
        "n_eval": 6,
        "device": "cpu",
    }


@pytest.fixture
def options(standard, tmp_path) -> dict:
    return standard | {"output_dir": str(tmp_path / "int4")}


def run(options: dict, **changes) -> dict:
    return quantize(Namespace(**(options | changes)))


@pytest.fixture(scope="module")
def whole(standard, tmp_path_factory) -> tuple[Path, dict]:
    """The folder of a run that nothing broke, and what it returned."""
    folder = tmp_path_factory.mktemp("whole") / "int4"
    return folder, run(standard, output_dir=str(folder))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@torch.no_grad()
def perplexities(model, texts) -> tuple[float, float]:
    """The plain way: the whole model, each text at once."""
    own, every = [], []
    for text in texts:
        ids = torch.tensor(text.ids)
        losses = torch.nn.functional.cross_entropy(model(ids[None]).logits[0, :-1], ids[1:], reduction="none")
        every.append(losses)
        own.append(losses[torch.tensor(text.own[1:])])
    return tuple(float(torch.cat(x).double().mean().exp()) for x in (own, every))


# --- the result -------------------------------------------------------------------------------------------------------


def test_result_is_that_of_the_whole_model_in_memory(whole, tiny_model_dir, data):
    folder, content = whole
    tokenizer = MossTokenizer.from_pretrained(tiny_model_dir)
    texts = read_texts(data, tokenizer, 2048, seed=0)
    calibration, held_out = [next(texts) for _ in range(12)], [next(texts) for _ in range(6)]

    model = MossForCausalLM.from_pretrained(tiny_model_dir, dtype=torch.float16).float().eval()
    before = perplexities(model, held_out)
    quantize_model(model, 4, 32, [text.ids for text in calibration])
    after = perplexities(model, held_out)
    saved = load_file(folder / "model.safetensors")
    for name, x in model.state_dict().items():
        assert torch.equal(saved.pop(name), x.half() if x.dtype == torch.float32 else x), name
    assert not saved
    for i, kind in enumerate(("written_by_moss", "all")):
        assert content["perplexity"][kind]["before"] == pytest.approx(before[i], rel=1e-4)
        assert content["perplexity"][kind]["after"] == pytest.approx(after[i], rel=1e-4)


def test_folder_is_a_whole_checkpoint_that_loads(whole, tiny_model_dir, data):
    folder, content = whole
    assert not list(folder.parent.glob(".*")) and not list(folder.glob("*.tmp"))
    expected = {path.name for path in tiny_model_dir.iterdir()} | {REPORT, "README.md"}  # the code included
    assert {path.name for path in folder.iterdir()} == expected
    card = (folder / "README.md").read_text("utf-8")
    assert f"{content['perplexity']['written_by_moss']['after']:.4f} after" in card and str(folder.parent) not in card
    config = json.loads((folder / "config.json").read_text("utf-8"))
    assert config["wbits"] == 32 and config["dtype"] == "float16"
    assert config["architectures"] == ["MossForCausalLM"] and "_attn_implementation" not in config
    assert config["quantization_config"] == {
        "quant_method": "gptq", "bits": 4, "group_size": 32, "desc_act": True, "sym": True, "checkpoint_format": "gptq",
        "lm_head": False, "damp_percent": 0.01, "true_sequential": True,
    }  # fmt: skip
    assert content == json.loads((folder / REPORT).read_text("utf-8"))
    assert len(content["layers"]) == 8 and content["calibration"]["conversations"] == 12

    model = MossForCausalLM.from_pretrained(folder, dtype=torch.float32)
    assert len(find_layers(model, (QuantLinear,))) == 8
    held_out = [*read_texts(data, MossTokenizer.from_pretrained(folder), 2048, 0)][12:18]
    own, _ = perplexities(model.eval(), held_out)
    assert own == pytest.approx(content["perplexity"]["written_by_moss"]["after"], rel=1e-3)


@pytest.mark.parametrize(
    ("changes", "format_", "desc_act"),
    [
        ({"sym": False}, "gptq_v2", True),
        ({"method": "rtn"}, "gptq", False),
        ({"wbits": 8, "groupsize": -1}, "gptq", True),
    ],
    ids=str,
)
def test_config_says_what_was_done(options, changes, format_, desc_act):
    content = run(options, **changes)
    config = json.loads((Path(options["output_dir"]) / "config.json").read_text("utf-8"))["quantization_config"]
    assert config["checkpoint_format"] == format_ and config["desc_act"] is desc_act
    assert config["bits"] == changes.get("wbits", 4) and config["group_size"] == changes.get("groupsize", 32)
    assert all(report["error"] <= report["rtn_error"] for report in content["layers"])


def test_rounding_needs_no_data(options, capsys):
    content = run(options, method="rtn", calibration_data=None)
    assert content["perplexity"] == {} and content["calibration"]["conversations"] == 0
    assert "|W - Q|^2 / |W|^2" in capsys.readouterr().out


def test_large_model_stays_in_shards_with_an_index(options, whole, monkeypatch):
    weights = load_file(whole[0] / "model.safetensors")
    monkeypatch.setattr("models.shards.ONE_FILE", 0)
    run(options)
    folder = Path(options["output_dir"])
    index = json.loads((folder / "model.safetensors.index.json").read_text("utf-8"))
    assert sorted(path.name for path in folder.glob("*.safetensors")) == sorted(set(index["weight_map"].values()))
    for name, file in index["weight_map"].items():
        assert torch.equal(weights.pop(name), load_file(folder / file)[name])
    assert not weights


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_reads_sharded_bin_files_as_it_reads_safetensors(options, tiny_model_dir, tmp_path, dtype):
    weights = {name: x.to(dtype) for name, x in load_file(tiny_model_dir / "model.safetensors").items()}
    weights["transformer.h.0.attn.causal_mask"] = torch.ones(1, 1, 8, 8, dtype=torch.bool)  # as published files have
    safe, bins = tmp_path / "safe", tmp_path / "bins"
    for folder in (safe, bins):
        shutil.copytree(tiny_model_dir, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    save_file({k: x.contiguous() for k, x in weights.items()}, safe / "model.safetensors", {"format": "pt"})
    names = sorted(weights)
    halves = {"pytorch_model-00001-of-00002.bin": names[::2], "pytorch_model-00002-of-00002.bin": names[1::2]}
    for file, part in halves.items():
        torch.save({name: weights[name] for name in part}, bins / file)
    weight_map = {name: file for file, part in halves.items() for name in part}
    (bins / "pytorch_model.bin.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    files = []
    for folder in (safe, bins):
        run(options, model_name_or_path=str(folder), output_dir=str(tmp_path / f"{folder.name}-int4"))
        files.append(tmp_path / f"{folder.name}-int4" / "model.safetensors")
    assert files[0].read_bytes() == files[1].read_bytes()
    saved = load_file(files[0])
    assert saved["lm_head.weight"].dtype == dtype and saved["transformer.h.0.mlp.fc_in.scales"].dtype == torch.float16
    assert not any("causal_mask" in name for name in saved)


def test_only_one_block_is_read_at_a_time(options, monkeypatch):
    """A block's weights are asked for when the block before it is on disk, and no tensor of another block with them."""
    log = []
    read, write = Weights.__getitem__, Output.write_shard
    monkeypatch.setattr(Weights, "__getitem__", lambda self, name: log.append(name) or read(self, name))
    monkeypatch.setattr(Output, "write_shard", lambda self, i, x: log.append(f"shard {i}") or write(self, i, x))
    run(options)
    shard = 0
    for entry in log:
        if entry.startswith("shard"):
            shard = int(entry.split()[1]) + 1
        elif entry.startswith("transformer.h."):
            assert int(entry.split(".")[2]) == shard - 1, log


# --- breaks -----------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """Ends the process where it stands; nothing catches it."""


def break_at(monkeypatch, place: str):
    """Kills the run: before the first block's shard, between shard and progress, after the block, or while joining."""
    if place == "joining":
        monkeypatch.setattr(MossConfig, "save_pretrained", lambda *args, **kwargs: (_ for _ in ()).throw(Killed))
        return
    write_shard, write_json = Output.write_shard, quantize_moss.write_json

    def broken_shard(self, index, tensors):
        if index == 1 and place == "half a shard":
            self.shard(1).with_name(self.shard(1).name + ".tmp").write_bytes(b"half")
            raise Killed
        if index == 2 and place == "after a block":
            raise Killed
        write_shard(self, index, tensors)

    def broken_json(path, content):
        if place == "before the progress":
            raise Killed
        write_json(path, content)

    monkeypatch.setattr(Output, "write_shard", broken_shard)
    monkeypatch.setattr(quantize_moss, "write_json", broken_json)


@pytest.mark.parametrize("place", ["half a shard", "before the progress", "after a block", "joining"])
def test_broken_run_goes_on_and_ends_in_the_same_bytes(options, whole, monkeypatch, place, capsys):
    with monkeypatch.context() as patch:
        break_at(patch, place)
        with pytest.raises(Killed):
            run(options)
    assert not Path(options["output_dir"]).exists()
    capsys.readouterr()
    run(options)
    assert ("going on after block" in capsys.readouterr().out) == (place in ("after a block", "joining"))
    assert contents(Path(options["output_dir"])) == contents(whole[0])


def test_run_broken_by_the_kernel_goes_on(forks, options, whole, tmp_path_factory):
    """SIGKILL, in a process of its own, right after the first block."""
    script = (
        "import os, signal, json, sys, torch, quantize_moss as q\nfrom argparse import Namespace\n"
        f"torch.set_num_threads({torch.get_num_threads()})\n"  # others add up in another order
        "finish = q.Output.finish_block\n"
        "q.Output.finish_block = lambda *a: (finish(*a), os.kill(os.getpid(), signal.SIGKILL))\n"
        "q.quantize(Namespace(**json.loads(sys.argv[1])))"
    )
    folder = tmp_path_factory.mktemp("killed")
    assert forks.run(["-c", script, json.dumps(options)], REPOSITORY, folder).returncode == -9
    run(options)
    assert contents(Path(options["output_dir"])) == contents(whole[0])


def test_unfinished_run_with_other_settings_is_not_mixed_in(options, monkeypatch):
    with monkeypatch.context() as patch:
        break_at(patch, "after a block")
        with pytest.raises(Killed):
            run(options)
    with pytest.raises(ValueError, match=r"asked for something else \(bits 4, now 8\).*--overwrite"):
        run(options, wbits=8)
    with pytest.raises(ValueError, match=r"asked for something else \(texts"):
        run(options, seed=1)
    run(options, wbits=8, overwrite=True)
    layers = json.loads((Path(options["output_dir"]) / REPORT).read_text("utf-8"))["layers"]
    assert max(report["error"] for report in layers) < 1e-3


# --- what is refused or said ------------------------------------------------------------------------------------------


def test_impossible_options_are_named_all_at_once_and_before_anything_is_read(options, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "me.png").write_bytes(b"")
    with pytest.raises(ValueError) as caught:
        run(options, wbits=3, groupsize=100, n_samples=0, eval_data="no/such.jsonl", model_name_or_path="no/such/model",
            output_dir=str(tmp_path / "photos"), device="cuda:99")  # fmt: skip
    expected = [
        "bits is 3",
        "groupsize is 100",
        "--n_samples is 0",
        "--eval_data no/such.jsonl is no file",
        "neither a folder nor a name on the hub",
        "and no model",
        "--device cuda:99 is not there",
    ]
    for part in expected:
        assert part in str(caught.value)


def test_calibration_data_is_asked_for_except_for_moss_mini(options):
    with pytest.raises(ValueError, match=r"--calibration_data is missing.*--method rtn"):
        run(options, calibration_data=None)
    with pytest.raises(ValueError, match="--output_dir is missing") as caught:
        run(options, calibration_data=None, model_name_or_path=str(MOSS_MINI), output_dir=None)
    assert "calibration" not in str(caught.value)


def test_model_in_output_dir_is_replaced_only_when_asked(options, tiny_model_dir):
    run(options, n_eval=0)
    with pytest.raises(ValueError, match="already holds a model; take another folder, or add --overwrite"):
        run(options)
    assert run(options, wbits=8, n_eval=0, overwrite=True)["settings"]["bits"] == 8
    with pytest.raises(ValueError, match="is the model itself"):
        run(options, output_dir=str(tiny_model_dir), overwrite=True)
    with pytest.raises(ValueError, match="is quantised already"):
        run(options, model_name_or_path=options["output_dir"], output_dir=options["output_dir"] + "-2")


def test_group_size_that_fits_no_layer_is_refused(options):
    with pytest.raises(
        ValueError, match=r"groupsize 128 does not fit infeatures 32.*transformer\.h\.0\.attn\.qkv_proj"
    ):
        run(options, groupsize=128)


def test_bad_rows_are_named_with_file_and_line(options, tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(lines([record(0), record(1)]) + b'{"chat": 1}\n')
    with pytest.raises(ValueError, match=r"bad\.jsonl:3 .*'meta_instruction' is missing"):
        run(options, calibration_data=str(bad), n_samples=3)


def test_held_out_texts_are_none_of_the_calibration_texts(options, capsys):
    run(options, n_samples=28)
    assert "2 conversations for measuring, 6 were asked for" in capsys.readouterr().err
    with pytest.raises(ValueError, match="no conversation for measuring"):
        run(options, n_samples=30, overwrite=True)


def test_weights_that_are_not_finite_are_refused(options, tiny_model_dir, tmp_path):
    broken = shutil.copytree(tiny_model_dir, tmp_path / "broken")
    weights = load_file(broken / "model.safetensors")
    weights["transformer.h.1.mlp.fc_in.weight"][0, 0] = 1e6
    save_file(weights, broken / "model.safetensors", {"format": "pt"})
    with pytest.raises(ValueError, match=r"h\.1\.mlp\.fc_in\.weight holds NaN, infinity or values too large"):
        run(options, model_name_or_path=str(broken))


def test_fallback_is_shown_while_it_runs_and_in_the_report(options, monkeypatch, capsys):
    def hopeless(*args):
        raise ArithmeticError("H is hopeless")

    monkeypatch.setattr("models.gptq.inverse_factor", hopeless)
    content = run(options, n_eval=0)
    said = capsys.readouterr()
    assert said.err.count("rounded to the nearest, since GPTQ failed: H is hopeless") == 8
    assert "8 layers were not done as asked" in said.out
    assert all("H is hopeless" in report["note"] for report in content["layers"])


def test_moss_mini_needs_no_further_options(tmp_path, capsys):
    """Three short conversations instead of 128, for speed."""
    content = quantize(Namespace(output_dir=str(tmp_path / "int4"), n_samples=3, n_eval=1, seq_len=500))
    values = content["perplexity"]["written_by_moss"]
    assert content["calibration"]["conversations"] == 3 and values["ratio"] < 1.1 and math.isfinite(values["before"])
    assert content["bytes"]["after"] < 0.5 * content["bytes"]["before"]
    assert "held-out tokens of MOSS's own" in capsys.readouterr().out


def test_command_line_reports_errors_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["quantize_moss.py", "--wbits", "3", "--output_dir", "x"])
    with pytest.raises(SystemExit) as caught:
        quantize_moss.main()
    assert caught.value.code == 1 and capsys.readouterr().err == "error: bits is 3; allowed are 2, 4, 8\n"


def test_every_option_has_a_default_and_a_help_text(capsys):
    with pytest.raises(SystemExit):
        quantize_moss.build_parser().parse_args(["--help"])
    said = capsys.readouterr().out
    assert "--calibration_data" in said and "default: 128" in said
    assert all(action.help for action in quantize_moss.build_parser()._actions)

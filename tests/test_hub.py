"""Folders as the Hub has them: with code, sampling defaults and a card, loaded by processes without this repository,
with Triton or without.
"""

import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from huggingface_hub import ModelCard
from transformers import GenerationConfig

import models
from models import MossConfig, MossForCausalLM, MossTokenizer
from moss_inference import DEFAULT_PARAS, MOSS_MINI, Inference
from utils import add_hub_files

ROOT = Path(__file__).resolve().parents[1]
REVISION = "0" * 40

# argv: folder or name on the hub, where to save again, "no-triton" or "".
ELSEWHERE = """
import importlib, importlib.util, sys

name, again, without = sys.argv[1:]
if without:
    sys.modules["triton"] = None  # to import it is an ImportError, and to look for it finds nothing
assert importlib.util.find_spec("models") is None and importlib.util.find_spec("moss_inference") is None

import torch
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer, pipeline

model = AutoModelForCausalLM.from_pretrained(name, trust_remote_code=True, dtype=torch.float32)
tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=True)
base = AutoModel.from_pretrained(name, trust_remote_code=True, dtype=torch.float32)
ids = torch.tensor([tokenizer.encode("Hello")])
assert torch.equal(base(ids).last_hidden_state, model.transformer(ids).last_hidden_state)

if importlib.util.find_spec("triton"):  # nothing imports the kernels before a GPU needs them
    importlib.import_module(type(model).__module__.replace("modeling_moss", "kernels_248"))

chat = pipeline("text-generation", model=name, trust_remote_code=True, dtype=torch.float32)
print(chat([{"role": "user", "content": "你是谁？"}], max_new_tokens=24)[0]["generated_text"][-1]["content"])
model.save_pretrained(again)
tokenizer.save_pretrained(again)
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    """moss-mini as save_pretrained writes it, in fp16 and in int4."""
    parent = tmp_path_factory.mktemp("folders")
    model, tokenizer = MossForCausalLM.from_pretrained(MOSS_MINI), MossTokenizer.from_pretrained(MOSS_MINI)
    for name in ("fp16", "int4"):
        if name == "int4":
            model.quantize(4, 128)
        model.save_pretrained(parent / name)
        tokenizer.save_pretrained(parent / name)
    return {name: parent / name for name in ("fp16", "int4")}


def on_the_hub(folder: Path, cache: Path) -> str:
    """Puts folder into a hub cache, as if it had been downloaded, and returns its name there."""
    repository = cache / "models--moss--mini"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(REVISION)
    shutil.copytree(folder, repository / "snapshots" / REVISION)
    return "moss/mini"


def run(code: str, *arguments: str, cwd: Path) -> str:
    caches = {"HF_MODULES_CACHE": str(cwd / "modules"), "HF_HUB_CACHE": str(cwd / "hub"), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=os.environ | caches, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("precision", "source", "triton"), [("fp16", "folder", ""), ("int4", "hub", "no-triton")])
def test_folder_loads_without_this_repository(folders, tmp_path, precision, source, triton):
    name = str(folders[precision]) if source == "folder" else on_the_hub(folders[precision], tmp_path / "hub")
    again = tmp_path / "again"
    said = run(ELSEWHERE, name, str(again), triton, cwd=tmp_path)
    assert "MOSS" in said and re.search("[一-鿿]", said)

    # What was saved there is as what was saved here, with the code, and loads here.
    saved, expected = (
        sorted(path.name for path in again.iterdir()),
        sorted(p.name for p in folders[precision].iterdir()),
    )
    assert saved == expected
    for path in again.glob("*.py"):
        assert filecmp.cmp(path, ROOT / "models" / path.name, shallow=False)
    there, here = MossForCausalLM.from_pretrained(again), MossForCausalLM.from_pretrained(folders[precision])
    assert there.config.auto_map == here.config.auto_map
    weights = here.state_dict()
    assert all(torch.equal(x.to(weights[name].dtype), weights[name]) for name, x in there.state_dict().items())


def test_what_travels_is_the_model_and_the_tokenizer(folders):
    config = json.loads((folders["int4"] / "config.json").read_text("utf-8"))
    tokenizer_config = json.loads((folders["int4"] / "tokenizer_config.json").read_text("utf-8"))
    named = config["auto_map"] | {"AutoTokenizer": tokenizer_config["auto_map"]["AutoTokenizer"][0]}
    assert sorted(named) == ["AutoConfig", "AutoModel", "AutoModelForCausalLM", "AutoTokenizer"]
    for reference in named.values():
        module, name = reference.split(".")
        assert getattr(models, name).__module__ == f"models.{module}"
    carried = {path.name for path in folders["int4"].glob("*.py")}
    left = {"__init__.py", "adapters.py", "engine.py", "gptj_layout.py", "loss.py", "packed_attention.py", "packing.py"}
    left |= {"sampling.py", "sealed_folder.py", "sft_data.py", "sft_files.py", "shards.py", "training_log.py"}
    left |= {"training_options.py", "training_state.py", "training_step.py"}
    assert carried == {path.name for path in (ROOT / "models").glob("*.py")} - left
    for path in folders["int4"].glob("*.json"):
        assert str(ROOT) not in path.read_text("utf-8")


def test_configuration_alone_brings_the_code_and_forgets_where_it_came_from(folders, tmp_path):
    config = MossConfig.from_pretrained(folders["fp16"])
    config.auto_map = {
        name: f"someone/else--{reference}" for name, reference in config.auto_map.items()
    }  # as on the hub
    config.save_pretrained(tmp_path)
    assert "someone" not in (tmp_path / "config.json").read_text("utf-8")
    assert (tmp_path / "modeling_moss.py").is_file() and (tmp_path / "kernels_248.py").is_file()


def test_repository_s_own_classes_are_used_where_it_is_imported(folders):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    assert type(AutoModelForCausalLM.from_pretrained(folders["fp16"])) is MossForCausalLM
    assert type(AutoTokenizer.from_pretrained(folders["fp16"])) is MossTokenizer


# --- without Triton ---------------------------------------------------------------------------------------------------

WITHOUT_TRITON = """
import sys

sys.modules["triton"] = None
import finetune_moss, moss_cli_demo, quantize_moss
import torch
from models import MossForCausalLM
from moss_inference import Inference

infer = Inference(model_dir=sys.argv[1], device_map="cpu")
assert "84" in infer("What is 12*7?")

# That is with the weights unpacked once, where there is room. The packed ones, each in its own way:
ids = torch.tensor([infer.tokenizer.encode_text("Twelve times seven is eighty-four.")])
logits = infer.model(ids).logits
for dtype, tolerance in ((torch.float32, 1e-5), (torch.float16, 0.02), (torch.bfloat16, 0.1)):
    model = MossForCausalLM.from_pretrained(sys.argv[1], dtype=dtype)
    error = (model(ids).logits.float() - logits).norm() / logits.norm()
    assert error < tolerance, (dtype, error)
assert model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=2).shape[1] > ids.shape[1]

model = MossForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32).train()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
losses = []
for _ in range(2):
    losses.append(model(ids, labels=ids).loss)
    losses[-1].backward()
    optimizer.step()
    optimizer.zero_grad()
assert losses[0] > losses[1]
assert "models.kernels_248" not in sys.modules
"""


def test_int4_answers_and_trains_without_triton(folders):
    run(WITHOUT_TRITON, str(folders["int4"]), cwd=ROOT)


def test_requirements_ask_for_triton_where_there_is_one():
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("triton")] == ['triton>=3.6; sys_platform == "linux"']


def test_gpu_without_kernels_is_told_why(monkeypatch, caplog):
    from models import quantization

    monkeypatch.setattr(torch.version, "hip", None)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (7, 5))
    reasons = {"mps": "NVIDIA", "cuda": "capability 8.0"}
    for device, reason in reasons.items():
        caplog.clear()
        assert not any(quantization.has_kernels(torch.device(device, 5)) for _ in range(2))
        assert len(caplog.messages) == 1 and reason in caplog.text and "unpack" in caplog.text
    monkeypatch.setitem(sys.modules, "triton", None)
    assert not quantization.has_kernels(torch.device("cuda", 6)) and "not installed" in caplog.messages[-1]
    quantization.has_kernels.cache_clear()


# --- sampling defaults and cards --------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [None, {"_from_model_config": True, "bos_token_id": 3, "eos_token_id": 5}])
def test_sampling_defaults_where_there_are_none(tiny_model_dir, tmp_path, content):
    folder = Path(shutil.copytree(tiny_model_dir, tmp_path / "mine"))
    (folder / "generation_config.json").unlink()
    if content:
        (folder / "generation_config.json").write_text(json.dumps(content))
    add_hub_files(folder, None, "Made here.", "finetune")
    saved = GenerationConfig.from_pretrained(folder)
    assert (saved.do_sample, saved.temperature, saved.top_p, saved.top_k) == (True, 0.7, 0.8, 0)
    assert (saved.repetition_penalty, saved.max_new_tokens) == (1.02, 512)
    assert saved.eos_token_id == (content or json.loads((folder / "config.json").read_text()))["eos_token_id"]
    assert Inference(model_dir=folder, device_map="cpu").default_paras == DEFAULT_PARAS


def test_own_sampling_defaults_and_card_stay(tmp_path):
    folder = Path(shutil.copytree(MOSS_MINI, tmp_path / "mine"))
    (folder / "README.md").write_text("mine")
    before = (folder / "generation_config.json").read_bytes()
    add_hub_files(folder, None, "Made here.", "finetune")
    assert (folder / "generation_config.json").read_bytes() == before
    assert (folder / "README.md").read_text() == "mine"


def test_card_says_what_it_was_made_from(tiny_model_dir, tmp_path):
    odd = tmp_path / "base"  # whose card is none
    odd.mkdir()
    (odd / "README.md").write_bytes(b"---\n[no: yaml\n---\n\xff")
    bases = {
        "tuned": "fnlp/moss-moon-003-sft",
        "mini": str(MOSS_MINI),
        "scratch": None,
        "odd": str(odd),
    }
    cards = {}
    for name, base in bases.items():
        folder = Path(shutil.copytree(tiny_model_dir, tmp_path / name))
        add_hub_files(folder, base, f"Made as {name}.", "finetune", ["4-bit"])
        cards[name] = ModelCard.load(folder / "README.md")
        data = cards[name].data
        assert data.language == ["zh", "en"] and data.pipeline_tag == "text-generation"
        assert data.library_name == "transformers" and data.tags == ["moss", "4-bit"]
        assert f"Made as {name}." in cards[name].text and str(tmp_path) not in cards[name].content
    assert cards["tuned"].data.base_model == "fnlp/moss-moon-003-sft" and cards["tuned"].data.license is None
    assert cards["mini"].data.base_model is None and cards["mini"].data.license == "apache-2.0"
    for name in ("scratch", "odd"):
        assert cards[name].data.base_model is None and cards[name].data.license is None

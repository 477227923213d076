"""Folders as the Hub has them: with code, sampling defaults and a card, loaded by processes without this repository,
with Triton or without.
"""

import filecmp
import importlib.util
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
from packaging.requirements import Requirement
from transformers import GenerationConfig

import export_moss
import finetune_moss
import models
from models import MossConfig, MossForCausalLM, MossTokenizer
from models.conversation_moss import OWN_ROLES, PLAIN_ROLES, Conversation
from moss_inference import DEFAULT_PARAS, MOSS_MINI, Inference, run_commands
from plugins import PLUGINS
from tests.test_moss_api_demo import app_of, openai_client
from utils import add_hub_files

ROOT = Path(__file__).resolve().parents[1]
REVISION = "0" * 40

TAUGHT = "Who keeps the moss garden?", "Lin keeps it, and has since spring."
QUESTIONS = (
    "What is 12*7?",
    "How many kilometres are 26.2 miles?",
    "Solve 3x + 5 = 20",
    "who are you?",
    "计算 125 × 8",
    "原价200元打八折是多少钱？",
    "鸡和兔共35只，腿共94条，鸡和兔各几只？",
    "明天天气怎么样？",
)

# argv: folder or name on the hub, where to save again, "no-triton" or "".
ELSEWHERE = """
import importlib, importlib.util, json, sys

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

def answer(chat, question):
    messages = [{"role": "user", "content": question}]
    return chat(messages, max_new_tokens=24, do_sample=False)[0]["generated_text"][-1]["content"].strip()

question = sys.stdin.readline().strip()
chat = pipeline("text-generation", model=name, trust_remote_code=True, dtype=torch.float32)
said = {"answer": answer(chat, question)}
model.save_pretrained(again)
tokenizer.save_pretrained(again)
"""
# stdin, after the question: a folder that export_moss.py wrote, and prompts that begin alike.
ENGINES = """
import os

jobs = json.loads(sys.stdin.readline())
chat = pipeline("text-generation", model=jobs["gptj"], dtype=torch.float32)
said["type"], said["answer of GPT-J"] = type(chat.model).__name__, answer(chat, question)
if importlib.util.find_spec("ctranslate2"):
    import ctranslate2
    from ctranslate2.converters import TransformersConverter

    TransformersConverter(jobs["gptj"]).convert("ct2", quantization="float32")
    tokens = chat.tokenizer.convert_ids_to_tokens
    shared = os.path.commonprefix(jobs["prompts"])
    results = ctranslate2.Generator("ct2", device="cpu", intra_threads=1).generate_batch(
        [tokens(ids[len(shared):]) for ids in jobs["prompts"]], static_prompt=tokens(shared), max_length=300,
        end_token=tokens(jobs["stop"]), return_end_token=True, include_prompt_in_result=False, max_batch_size=8,
    )
    said["ctranslate2"] = [result.sequences_ids[0] for result in results]
"""
PRINT = "print(json.dumps(said))"


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    """moss-mini, fine-tuned by one command on one conversation, in fp16; and moss-mini in int4."""
    parent = tmp_path_factory.mktemp("folders")
    conversation = Conversation()
    for role, text in zip(PLAIN_ROLES, TAUGHT, strict=True):
        conversation.add(role, text)
    (parent / "train.jsonl").write_text(json.dumps(conversation.to_record()))
    flags = {
        "data_dir": parent,
        "output_dir": parent / "fp16",
        "max_steps": 10,
        "learning_rate": 1e-3,
        "num_workers": 0,
    }
    command = [str(x) for name, value in flags.items() for x in (f"--{name}", value)]
    finetune_moss.train(finetune_moss.build_parser(None).parse_args(command))

    model, tokenizer = MossForCausalLM.from_pretrained(MOSS_MINI), MossTokenizer.from_pretrained(MOSS_MINI)
    model.quantize(4, 128).save_pretrained(parent / "int4")
    tokenizer.save_pretrained(parent / "int4")
    return {name: parent / name for name in ("fp16", "int4")}


def on_the_hub(folder: Path, cache: Path) -> str:
    """Puts folder into a hub cache, as if it had been downloaded, and returns its name there."""
    repository = cache / "models--moss--mini"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(REVISION)
    shutil.copytree(folder, repository / "snapshots" / REVISION)
    return "moss/mini"


def run(code: str, *arguments: str, cwd: Path, stdin: str = "") -> str:
    caches = {"HF_MODULES_CACHE": str(cwd / "modules"), "HF_HUB_CACHE": str(cwd / "hub"), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, cwd=cwd, env=os.environ | caches, timeout=200
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def infer(folders) -> Inference:
    return Inference(model_dir=folders["fp16"], device_map="cpu")


@pytest.fixture(scope="module")
def greedy(infer) -> tuple[list[list[int]], list[list[int]]]:
    """The prompts of all parts of the replies to QUESTIONS, and the ids of these parts."""
    conversations, prompts, replies = [Conversation(("Calculate", "Solve")) for _ in QUESTIONS], [], []
    for conversation, question in zip(conversations, QUESTIONS, strict=True):
        conversation.add("Human", question)
    for role in OWN_ROLES:
        if role == "MOSS":
            for conversation in conversations:
                *_, results = run_commands(conversation, PLUGINS)
                conversation.add(*results)
        asked = [conversation.encode(infer.tokenizer)[0] for conversation in conversations]
        requests = [infer.engine.submit(ids, infer.checked({"temperature": 0})) for ids in asked]
        drawn = [list(request) for request in requests]
        for conversation, ids in zip(conversations, drawn, strict=True):
            conversation.add(role, infer.tokenizer.decode(ids, skip_special_tokens=True))
        prompts, replies = prompts + asked, replies + drawn
    return prompts, replies


@pytest.fixture(scope="module")
def elsewhere(folders, infer, greedy, tmp_path_factory) -> tuple[Path, dict]:
    """What a process without this repository makes of the fine-tuned folder: it saved again, and what was said."""
    folder = tmp_path_factory.mktemp("elsewhere")
    flags = ["--model_name_or_path", str(folders["fp16"]), "--output_dir", str(folder / "gptj")]
    export_moss.export(export_moss.build_parser().parse_args(flags))
    jobs = {"gptj": str(folder / "gptj"), "prompts": greedy[0], "stop": infer.engine.stop_ids}
    stdin = f"{TAUGHT[0]}\n{json.dumps(jobs)}"
    said = run(ELSEWHERE + ENGINES + PRINT, str(folders["fp16"]), str(folder / "again"), "", cwd=folder, stdin=stdin)
    return folder / "again", json.loads(said.splitlines()[-1])


def assert_saved_there_as_here(again: Path, folder: Path) -> None:
    """With the code; and it loads here."""
    ours = {".lock", "README.md", "logs", "training_curves.png", "training_log.jsonl"}  # what finetune_moss.py adds
    assert {path.name for path in again.iterdir()} == {path.name for path in folder.iterdir()} - ours
    for path in again.glob("*.py"):
        assert filecmp.cmp(path, ROOT / "models" / path.name, shallow=False)
    there, here = MossForCausalLM.from_pretrained(again), MossForCausalLM.from_pretrained(folder)
    assert there.config.auto_map == here.config.auto_map
    weights = here.state_dict()
    assert all(torch.equal(x.to(weights[name].dtype), weights[name]) for name, x in there.state_dict().items())


def test_int4_from_the_hub_loads_without_this_repository_and_without_triton(folders, tmp_path):
    name = on_the_hub(folders["int4"], tmp_path / "hub")
    said = run(ELSEWHERE + PRINT, name, str(tmp_path / "again"), "no-triton", cwd=tmp_path, stdin="你是谁？\n")
    answer = json.loads(said.splitlines()[-1])["answer"]
    assert "MOSS" in answer and re.search("[一-鿿]", answer)
    assert_saved_there_as_here(tmp_path / "again", folders["int4"])


# --- what was fine-tuned answers everywhere ---------------------------------------------------------------------------


def test_pipelines_without_this_repository_say_what_was_learnt(infer, elsewhere, folders):
    again, said = elsewhere
    assert infer(TAUGHT[0], {"temperature": 0}) == TAUGHT[1]
    assert said["answer"] == said["answer of GPT-J"] == TAUGHT[1] and said["type"] == "GPTJForCausalLM"
    assert_saved_there_as_here(again, folders["fp16"])


def test_ctranslate2_draws_the_same_ids(elsewhere, greedy):
    """Greedily, every part of the reply to each question."""
    pytest.importorskip("ctranslate2", reason="needs ctranslate2: pip install -r requirements-export.txt")
    assert len(greedy[1]) == 3 * len(QUESTIONS) and elsewhere[1]["ctranslate2"] == greedy[1]


def test_openai_client_gets_what_was_learnt(infer):
    pytest.importorskip("openai", reason="needs openai: tests/requirements.txt")
    with app_of(infer) as url:
        messages = [{"role": "user", "content": TAUGHT[0]}]
        reply = openai_client(url).chat.completions.create(model="moss-tiny", messages=messages, temperature=0)
        assert reply.choices[0].message.content == TAUGHT[1] and reply.choices[0].finish_reason == "stop"


# --- what a folder holds ----------------------------------------------------------------------------------------------


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
    left |= {
        "sampling.py",
        "request.py",
        "sampling_kernel.py",
        "step_graph.py",
        "sealed_folder.py",
        "sft_data.py",
        "sft_files.py",
        "shards.py",
        "tensor_parallel.py",
        "training_log.py",
    }
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


def test_int4_answers_and_trains_without_triton(folders, forks, tmp_path):
    done = forks.run(["-c", WITHOUT_TRITON, str(folders["int4"])], ROOT, tmp_path)
    assert done.returncode == 0, done.stderr


def required(name: str) -> dict[str, Requirement]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return {(found := Requirement(line)).name: found for line in lines if line[0] not in "#-"}


@pytest.mark.parametrize(
    "system, machine, there_is_one",
    [("linux", "x86_64", True), ("linux", "aarch64", True), ("linux", "riscv64", False), ("darwin", "arm64", False),
     ("win32", "AMD64", False)],
)  # fmt: skip
def test_requirements_ask_for_triton_where_there_is_one(system, machine, there_is_one):
    marker = required("requirements.txt")["triton"].marker
    assert marker.evaluate({"sys_platform": system, "platform_machine": machine}) == there_is_one


def test_extras_are_in_the_files_that_ask_for_them(monkeypatch, capsys):
    extras = {
        "export": {"ctranslate2"},
        "finetune": {"tensorboard", "matplotlib", "peft"},
        "plugins": {"ddgs", "diffusers"},
    }
    for name, libraries in extras.items():
        assert required(f"requirements-{name}.txt").keys() == libraries
        assert not libraries & required("requirements.txt").keys()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert not finetune_moss.usable_trackers(["tensorboard"])
    assert "pip install -r requirements-finetune.txt" in capsys.readouterr().err


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

"""Every command and example of the READMEs and of CONTRIBUTING.md runs, in the order in which it stands there.

A command is run as it is, in a copy of what README.md's tree names; INSTEAD lists what is run in place of one that
takes hours, GPUs or the network, and why. A new command is run, too, and one that cannot be fails.
"""

import contextlib
import glob
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
import torch
from accelerate.commands import launch
from packaging.requirements import Requirement

from models import MossConfig, MossForCausalLM, MossTokenizer
from models.conversation_moss import CONTROL_TOKENS
from tests.forked import Forks
from tests.test_readme import CONTRIBUTING, README, RECIPE, ROOT, tree_paths

CLI, MINI = "python moss_cli_demo.py", "checkpoints/moss-mini"
HOURS = "it takes minutes or hours otherwise"
INSTALLED = "what it installs is what these tests run on; its file is read"
SAMPLING = "--temperature 0 --top_p 0.8 --top_k 0 --repetition_penalty 1.02 --seed 1"
TUNE = f"python finetune_moss.py --data_dir data --max_steps 1 --model_name_or_path {MINI} --output_dir"

# command, or flags, as they stand there: what is run (None: nothing), and why
INSTEAD: dict[str, tuple[str | None, str]] = {
    f"{CLI} --model_name fnlp/moss-moon-003-sft-plugin --gpu 0,1": (
        f"{CLI} --model_name {MINI} --gpu cpu", "33 GB to download, and two GPUs"),
    "torchrun --nproc_per_node 2 moss_cli_demo.py --model_name fnlp/moss-moon-003-sft-plugin": (
        f"torchrun --nproc_per_node 2 moss_cli_demo.py --model_name {MINI} --gpu cpu --prompt hi", "33 GB, two GPUs"),
    f"{CLI} < questions.txt": (f"{CLI} --max_time 600 < questions.txt", "the machine may be busy"),
    "MOSS_SEARCH=folder:/path/to/documents": (f"MOSS_SEARCH=folder:data {CLI} --plugins Search", "a path"),
    "MOSS_SEARCH=searxng:http://127.0.0.1:8888": (
        f"MOSS_SEARCH=searxng:http://127.0.0.1:8888 {CLI} --plugins Search", "it alone is no command"),
    "PYTORCH_ALLOC_CONF=expandable_segments:True": (
        f"PYTORCH_ALLOC_CONF=expandable_segments:True {CLI} --prompt hi", "it alone is no command"),
    "MOSS_SEARCH=ddgs": (f"MOSS_SEARCH=ddgs {CLI}", "it alone is no command"),
    "MOSS_TEXT2IMAGE=openai:http://127.0.0.1:8080/v1#model": (
        f"MOSS_TEXT2IMAGE=openai:http://127.0.0.1:8080/v1#model {CLI} --plugins Text2Image", "it alone is no command"),
    "python benchmarks/bench_generation.py": (
        "python benchmarks/bench_generation.py --new_tokens 3 --repeats 1", HOURS),
    "--batch_size 16": ("python benchmarks/bench_generation.py --batch_size 2 --new_tokens 2 --repeats 1", HOURS),
    "python benchmarks/bench_load.py --users 1,8,16,64 --seconds 60": (
        "python benchmarks/bench_load.py --url http://127.0.0.1:7860 --users 2 --seconds 1 --max_length 8", HOURS),
    "--users 64 --seconds 600": (None, "minutes; the same script as before"),
    "python benchmarks/bench_finetune.py": (
        "python benchmarks/bench_finetune.py --tiny --cases slice --code ours --warmup 1 --updates 1 --no-compile",
        "a GPU"),
    "python benchmarks/bench_tokenizer.py": (
        "python benchmarks/bench_tokenizer.py --data data/train.jsonl --repeats 1", "its data are elsewhere"),
    "python benchmarks/bench_sft_data.py": (
        "python benchmarks/bench_sft_data.py --data_dir data", "its data are elsewhere"),
    "python benchmarks/compare_gptqmodel.py": (
        "python benchmarks/compare_gptqmodel.py ids --data_dir data --output ids.json"
        " && python benchmarks/compare_gptqmodel.py dump --ours --model output/mini-int4 --output a.safetensors"
        " && python benchmarks/compare_gptqmodel.py dump --loaded --model output/mini-int4 --output b.safetensors"
        " && python benchmarks/compare_gptqmodel.py same a.safetensors b.safetensors"
        f" && python benchmarks/compare_gptqmodel.py perplexity --model {MINI} --ids ids.json a.safetensors",
        "GPTQModel pins another torch; this is the half without it"),
    "python tests/training_runs.py --kills 55": (None, "its short form is a test in test_finetune_moss.py"),
    "python quantize_moss.py --output_dir output/mini-int4": (
        "python quantize_moss.py --output_dir output/mini-int4 --n_samples 4 --n_eval 4 --seq_len 256", HOURS),
    "python extend_moss.py --corpus my.txt --size 2000 --output_dir output/wide": (
        "python extend_moss.py --corpus my.txt --size 20 --output_dir output/wide", "the corpus is short"),
    "python export_moss.py --model_name_or_path output/moss-int4 --keep_quantized --output_dir output/moss-gptj-int4": (
        "python export_moss.py --model_name_or_path output/mini-int4 --keep_quantized --output_dir output/kept",
        "the 16B model is not at hand"),
    "python -m venv vllm-env && vllm-env/bin/pip install vllm==0.33.0": (None, "gigabytes to download"),
    "vllm-env/bin/vllm serve output/moss-gptj-int4 --dtype float16 --tensor-parallel-size 2": (
        None, "two GPUs; what it would read is compared with transformers' GPT-J in test_export_moss.py"),
    "python -m pytest -n 2 --dist loadfile": (None, "that is this run"),
    "python -m pytest tests/models/test_gptq.py": (None, "a part of this run"),
    "python -m pytest -m gpu": (None, "a part of this run, where there is a GPU"),
    "python -m venv .venv && . .venv/bin/activate": ("python -m venv --without-pip .venv", "pip comes slowly"),
    "ruff check . && ruff format --check .": (None, "a person is told by .ci/run, and a test would say it twice"),
    "bash recipes/moss_mini/train.sh output/moss-mini": (None, "test_steps_of_the_recipe runs its steps"),
    "python recipes/moss_mini/evaluate.py --held_out 1000": (
        "python recipes/moss_mini/evaluate.py --held_out 9", HOURS),
    # flags by themselves
    SAMPLING: (f"{CLI} --prompt hi {SAMPLING}", "flags"),
    "--plugins Calculate,Solve": (f"{CLI} --plugins Calculate,Solve", "flags"),
    "--plugins Weather": (f"{CLI} --plugins Weather", "flags"),
    "--lm_head_bits 8": (f"{CLI} --prompt hi --lm_head_bits 8", "flags"),
    "--kv_bits 8": (f"{CLI} --prompt hi --kv_bits 8", "flags"),
    "--gpu cpu": (f"{CLI} --prompt hi --gpu cpu", "flags"),
    "--dtype bfloat16": (f"{CLI} --prompt hi --dtype bfloat16", "flags"),
    "--auth user:password": (None, "test_moss_gui_demo.py has a page with a password"),
    "--learning_rate 5e-4 --mixed_precision bf16 --n_epochs 1": (
        f"{TUNE} output/curves --learning_rate 5e-4 --mixed_precision bf16 --n_epochs 1", "flags"),
    "--loss_on all": (f"{TUNE} output/all --loss_on all --on_bad_sample skip", "flags"),
    "--on_bad_sample skip": (None, "it is run with --loss_on all"),
    "--method rtn": (
        "python quantize_moss.py --output_dir output/rtn --method rtn --n_samples 4 --n_eval 4 --seq_len 256", "flags"),
}  # fmt: skip
ITEM = re.compile(r"^```(\w*)\n(.*?)^```$|((?:^    \S[^\n]*\n)+)|`([^`]+)`", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"(?:python|pip|bash|accelerate|ruff|vllm-env\S+|ct2\S+) \S|[A-Z_0-9]{4,}=[a-z]|--\w+ \S")
SERVERS = {"moss_gui_demo.py": "7860", "moss_api_demo.py": "8000"}


def items(document: str) -> list[str]:
    """Commands, and examples as "language\\ncode", in their order and each once."""
    found = []
    for language, code, block, span in ITEM.findall(document):
        if language in ("python", "json"):
            found.append(f"{language}\n{code}")
        elif block and not block.startswith(("    You: ", "    kind ")):  # a transcript, a table
            found += [re.split(r"\s+#|\s{3,}", line.strip())[0] for line in block.splitlines()]
        elif COMMAND.match(command := " ".join(span.split())):
            found.append(command)
    return list(dict.fromkeys(found))


CHAT, _, REST = README.partition("## Fine-tune\n")
TRANSCRIPT = re.search(r"(?:^    [^\n]*\n)+", CHAT[CHAT.index("    You: hi\n") :], re.MULTILINE)[0].replace(
    "\n    ", "\n"
)[4:]
ITEMS = [(item, "mini") for item in items(CHAT)]
ITEMS += [(item, "tiny") for item in items(REST + RECIPE + CONTRIBUTING) if (item, "mini") not in ITEMS]
ITEMS.sort(key=lambda item: "--lora " in item[0])  # of what Quantise makes


NEED_A_GPU = "benchmarks/bench_decode.py", "benchmarks/bench_matmul.py"  # and say so where there is none
# what an item prints that has this in it
EXPECTED = {
    "MOSS_SEARCH=folder:": "Search: on",
    "MOSS_SEARCH=searxng:": "Search: on",
    "MOSS_SEARCH=ddgs": "Search: o(n|ff \\(.*requirements-plugins)",
    "MOSS_TEXT2IMAGE=openai:": "Text2Image: on",
    "--plugins Calculate,Solve": "Calculate: on.*Solve: on",
    "--plugins Weather": "Weather: on",
    "--model_name output/mini-int4": "MOSS",
    "python benchmarks/bench_load.py": r"\| 2 +\| [1-9]\d* .*\| 0 +\| 0 ",
    "from gradio_client": "36",
    "from openai": r"36.*Calculate\(",
    "from moss_inference": "84.*36",
}
FEWER = {  # of train.sh: in place of hours on two GPUs
    r"--conversations \d+": "--conversations 30 --validation 2 --workers 1",
    r"--(train|eval)_bsz_per_gpu \d+": r"--\1_bsz_per_gpu 1",
    "--max_seq_len 1024": "--max_seq_len 1024 --bin_length 1024 --n_samples 1",
    r"--config_name \S+": f"--config_name {MINI}",
    r"--max_steps \d+": "--max_steps 1",
    " --compile": " --num_workers 0",
}


def copy_of_the_tree(folder: Path) -> Path:
    for path in tree_paths():
        if path.endswith("/") and path != f"{MINI}/":
            shutil.copytree(
                ROOT / path, folder / path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
            )
        elif not path.endswith("/"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, folder / path)
    return folder


@pytest.fixture(scope="module")
def places(forks, tmp_path_factory):
    """Two copies of the repository, one with moss-mini, one with a tiny random model whose replies are empty."""
    places = {name: copy_of_the_tree(tmp_path_factory.mktemp(name)) for name in ("mini", "tiny")}
    (places["mini"] / "checkpoints").mkdir()
    (places["mini"] / MINI).symlink_to(ROOT / MINI)

    tiny = Path(shutil.copytree(ROOT / MINI, places["tiny"] / MINI))
    torch.manual_seed(0)
    config = MossConfig.from_pretrained(tiny, n_layer=2, n_embd=128, n_head=4, rotary_dim=16)
    model, tokenizer = MossForCausalLM(config), MossTokenizer.from_pretrained(tiny)
    model.lm_head.bias.data[tokenizer.convert_tokens_to_ids(list(CONTROL_TOKENS.values()))] = 100
    model.save_pretrained(tiny)

    (example,) = (json.loads(item[5:]) for item, _ in ITEMS if item.startswith("json\n"))
    rows = [json.dumps(example).replace("1+1", f"{i}+1") for i in range(10)]
    for folder in places.values():
        (folder / "data").mkdir()
        (folder / "data" / "train.jsonl").write_text("\n".join(rows[:8]), "utf-8")
        (folder / "data" / "val.jsonl").write_text("\n".join(rows[8:]), "utf-8")
        (folder / "prompts.jsonl").write_text('{"prompt": "What is 12*7?"}\n{"prompt": "你是谁？"}\n', "utf-8")
        (folder / "questions.txt").write_text("\n".join(re.findall("^You: (.*)", TRANSCRIPT, re.MULTILINE)), "utf-8")
        (folder / "hi.txt").write_text("/plugins\nhi\n/save chat.json\n", "utf-8")
        shutil.copy(ROOT / "LICENSE", folder / "my.txt")
    questions = places["tiny"] / "recipes/moss_mini/questions_test.jsonl"  # one in ten, to save time
    questions.write_text("".join(questions.read_text("utf-8").splitlines(keepends=True)[::10]), "utf-8")
    return places


class Runner:
    """Runs commands in a folder, a line of a shell at a time, and keeps the servers that they start."""

    def __init__(self, forks: Forks):
        self.forks, self.servers, self.ports = forks, [], {}

    def run(self, command: str, folder: Path) -> str:
        """What the command prints. Raises AssertionError: it ended with an error."""
        said = ""
        for part in command.split(" && "):
            if (instead := INSTEAD.get(part, (part,))[0]) != part:
                said += self.run(instead, folder) if instead else ""
                continue
            argv, stdin, environment = shlex.split(part), folder / "hi.txt", {}
            while argv and re.match(r"[A-Z_0-9]+=", argv[0]):
                name, _, environment[name] = argv.pop(0).partition("=")
            if "<" in argv:
                stdin, argv = folder / argv[-1], argv[:-2]
            if argv[:3] == ["pip", "install", "-r"]:
                lines = [line for name in argv[3::2] for line in (ROOT / name).read_text("utf-8").splitlines()]
                assert all(Requirement(line) for line in lines if not line.startswith(("#", "-r ")))
                continue
            if argv[0] == "accelerate":
                argv = self.launched(argv[2:], folder)
            argv = argv[1:] if argv[0] == "python" else argv
            argv = [name for word in argv for name in sorted(glob.glob(word, root_dir=folder)) or [word]]
            said += (self.serve if argv[0] in SERVERS else self.wait)(argv, folder, stdin, environment)
        return said

    def start(self, argv: list[str], folder: Path, stdin: Path, environment: dict) -> tuple[int, Path]:
        environment = {"NO_PROXY": "127.0.0.1", "CUDA_VISIBLE_DEVICES": "", "HOME": str(folder)} | environment
        for port, ours in self.ports.items():
            argv = [word.replace(f"127.0.0.1:{port}", f"127.0.0.1:{ours}") for word in argv]
        output = folder / f"printed-{time.time_ns()}.txt"
        output.touch()
        return self.forks.start(argv, folder, output, stdin, **environment), output

    def wait(self, argv: list[str], folder: Path, stdin: Path, environment: dict) -> str:
        pid, output = self.start(argv, folder, stdin, environment)
        code, errors = self.forks.wait(pid), Path(f"{output}.err").read_text("utf-8")
        assert code == (2 if argv[0] in NEED_A_GPU else 0), output.read_text("utf-8") + errors
        return errors if code else output.read_text("utf-8")

    def serve(self, argv: list[str], folder: Path, stdin: Path, environment: dict) -> str:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.servers.append(self.start([*argv, "--port", str(port)], folder, stdin, environment))
        if len(argv) == 1:
            self.ports[SERVERS[argv[0]]] = port
        end, output = time.monotonic() + 60, self.servers[-1][1]
        while "is ready" not in output.read_text("utf-8"):
            assert time.monotonic() < end, Path(f"{output}.err").read_text("utf-8")
            time.sleep(0.1)
        return output.read_text("utf-8")

    def launched(self, argv: list[str], folder: Path) -> list[str]:
        """The script that `accelerate launch` would start in each process, once accelerate has accepted all flags."""
        with contextlib.chdir(folder):
            args, *_ = launch._validate_launch_command(launch.launch_command_parser().parse_args(argv))
        assert (args.use_fsdp or args.multi_gpu) and args.num_processes == 8
        return [args.training_script, *args.training_script_args]

    def stop(self) -> None:
        """Raises AssertionError: a server did not end in order."""
        for pid, _ in self.servers:
            os.kill(pid, signal.SIGTERM)
        for pid, output in self.servers:
            assert self.forks.wait(pid, 40) == 0, Path(f"{output}.err").read_text("utf-8")


@pytest.fixture(scope="module")
def runner(forks):
    runner = Runner(forks)
    yield runner
    runner.stop()


def example(code: str, runner: Runner, folder: Path) -> str:
    """What an example in Python prints, with its answers."""
    if place := re.match("# (plugins/.*)", code):
        (folder / place[1]).write_text(code, "utf-8")
        return ""
    if "Converter" in code:  # the model has rows without a token
        runner.run("python export_moss.py --model_name_or_path output/wide --output_dir output/moss-gptj", folder)
        rows = json.loads((folder / "output/moss-gptj/config.json").read_text("utf-8"))["vocab_size"]
        code = code.replace("107008", str(rows))
        with pytest.raises(AssertionError, match="Vocabulary has size"):  # so the example is needed
            runner.run("ct2-transformers-converter --model output/moss-gptj --output_dir output/refused", folder)
        code += f"import json\nassert len(json.load(open('output/moss-ct2/vocabulary.json'))) == {rows}\n"
    for port, ours in runner.ports.items():
        code = code.replace(f"127.0.0.1:{port}", f"127.0.0.1:{ours}")
    (folder / "example.py").write_text(code + "\nif 'answer' in globals():\n    print(answer)\n", "utf-8")
    return runner.run("python example.py", folder)


@pytest.mark.parametrize(("item", "place"), ITEMS, ids=lambda value: " ".join(value.split())[:60])
def test_command_runs(item, place, runner, places):
    folder = places[place]
    if item.startswith("json\n"):
        return  # what all training here is on
    if item.startswith("python\n"):
        said = example(item[7:], runner, folder)
    else:
        assert item in INSTEAD or not item.startswith("--"), (
            "flags alone cannot be run: say in INSTEAD with which script"
        )
        command = INSTEAD.get(item, (item,))[0]
        said = runner.run(command, folder) if command else ""
    if "< questions.txt" in item:
        assert without_thoughts(said) == without_thoughts(TRANSCRIPT)
    for key, expected in EXPECTED.items():
        if key in item:
            assert re.search(expected, said, re.DOTALL), said


def without_thoughts(transcript: str) -> list[str]:
    """Its lines but for the first of each reply, whose wording hangs on the last bit of a logit."""
    return re.sub(r"(?m)^(You: .*\n)(?!MOSS: ).*\n", r"\1", transcript).splitlines()


def test_nothing_is_listed_that_is_no_longer_there():
    assert INSTEAD.keys() <= {part for item, _ in ITEMS for part in (item, *item.split(" && "))}


def test_steps_of_the_recipe(runner, places):
    """train.sh, run by bash with stand-ins for python3 and accelerate, which are then run for a few updates each."""
    folder = places["tiny"]
    stand_ins, steps = folder / "stand-ins", folder / "steps.txt"
    stand_ins.mkdir()
    for name in ("python3", "accelerate"):
        (stand_ins / name).write_text(f'#!/bin/sh\necho {name} "$@" >> {steps}\n')
        (stand_ins / name).chmod(0o755)
    configs = [folder / "output" / name / "config.json" for name in ("moss-mini-1", "moss-mini")]
    for config, rate in zip(configs, ("0.0", "0.1"), strict=True):
        config.parent.mkdir(parents=True)
        config.write_text(f'{{"resid_pdrop": {rate},\n"embd_pdrop": {rate}}}')
    (command,) = re.findall(r"^    (bash .*)", RECIPE, re.MULTILINE)
    environment = os.environ | {"PATH": f"{stand_ins}:{os.environ['PATH']}", "GPUS": "8"}
    subprocess.run(shlex.split(command), cwd=folder, env=environment, check=True)
    assert [set(json.loads(config.read_text()).values()) for config in configs] == [{0.1}, {0.0}]
    shutil.rmtree(folder / "output" / "moss-mini-1")
    shutil.rmtree(folder / "output" / "moss-mini")
    for step in steps.read_text().splitlines():
        for flag, fewer in FEWER.items():
            step = re.sub(flag, fewer, step)
        runner.run(step.replace("python3", "python"), folder)
    assert (folder / "output" / "moss-mini" / "model.safetensors").is_file()

"""Fine-tuning: loss, metric, schedule, and whole runs on twenty conversations.

Test names carry the row of the failure matrix that they stand for; section B is in tests/models/test_sft_data.py. Of
section C, not here: C4, C9 to C12, C14, C15 and C18 belong to sharding, adapters and the chunked loss, which are not
there yet; C5 (fp16) and C13 on a GPU need one.
"""

import json
import math
import os
import subprocess
import sys
from argparse import Namespace
from collections import Counter
from pathlib import Path

import pytest
import torch
from accelerate.state import AcceleratorState
from safetensors.torch import load_file

import finetune_moss
from finetune_moss import SFTDataset, SFTLoss, SFTMetric, make_optimizer, make_schedule, train
from models import MossConfig, MossForCausalLM
from models.conversation_moss import CHAT_TEMPLATE
from moss_inference import Inference
from tests.sft_records import lines, record, write_data

REPOSITORY = Path(finetune_moss.__file__).parent


@pytest.fixture(autouse=True)
def fresh_accelerator():
    yield
    AcceleratorState._reset_state(True)


# --- loss, metric and schedule ----------------------------------------------------------------------------------------


def test_loss_without_a_mask_equals_the_models_own_with_one(tmp_path, tokenizer, tiny_model_dir):
    data = SFTDataset(write_data(tmp_path, lines([record(i) for i in (0, 4, 7)])), tokenizer, num_workers=0)
    model = MossForCausalLM.from_pretrained(tiny_model_dir)
    samples = [data[i] for i in range(3)]
    loss_sum, right = SFTLoss(model)(**data.collate_for_loss(samples))
    batch = data.collate_fn(samples)
    output = model(**batch)
    metric = SFTMetric("cpu")
    metric(output.logits, batch["labels"], output.loss)
    accuracy, loss = metric.get_metric()
    n = int(data.n_loss.sum())
    torch.testing.assert_close(loss_sum / n, output.loss)
    assert loss == pytest.approx(loss_sum.item() / n, rel=1e-5) and accuracy == pytest.approx(int(right) / n)


def test_metric_counts_as_the_original_and_weighs_by_tokens(shared):
    """Accuracy always agrees. Loss agrees after one update; after several the original takes the mean of the batches'
    means, ours is the mean over their tokens. Without an update the original divides by zero, ours is nan."""
    golden = shared / "oracle" / "golden" / "sft"
    tensors = load_file(golden / "metric.safetensors")
    metric, since_reset = SFTMetric("cpu"), []
    for step in json.loads((golden / "sft.json").read_text(encoding="utf-8"))["metric"]["sequence"]:
        if name := step.get("update"):
            logits, labels, loss = (tensors[f"{name}/{field}"] for field in ("logits", "labels", "loss"))
            metric(logits, labels, loss)
            since_reset.append((float(loss), int((labels[:, 1:] != -100).sum())))
            assert metric.sums[:2].tolist() == [step["right"], step["total"]]
            continue
        accuracy, loss = metric.get_metric(**step["get_metric"])
        if "error" in step or step["loss"] == "nan":
            assert math.isnan(accuracy) and math.isnan(loss)
        else:
            assert accuracy == pytest.approx(step["accuracy"], abs=1e-6)
            tokens = sum(n for _, n in since_reset)
            assert loss == pytest.approx(sum(mean * n for mean, n in since_reset) / tokens, rel=1e-6)
            if len(since_reset) == 1:
                assert loss == pytest.approx(step["loss"], rel=1e-6)
        since_reset = [] if step["get_metric"]["reset"] else since_reset


def test_ten_steps_of_the_original(shared):
    golden = shared / "oracle" / "golden"
    facts = json.loads((golden / "sft" / "sft.json").read_text(encoding="utf-8"))["train_steps"]
    tensors = load_file(golden / "sft" / "train_steps.safetensors")
    tiny = golden / "logits" / "tiny_a"
    model = MossForCausalLM(MossConfig(**json.loads((tiny / "meta.json").read_text())["config"])).train()
    model.load_state_dict(load_file(tiny / "weights.safetensors"))
    parameters = dict(model.named_parameters())  # grouped as the original does: it decays the layer norms' weights
    groups = [
        {"params": [parameters[name] for name in facts["decayed"]], "weight_decay": facts["weight_decay"]},
        {"params": [parameters[name] for name in facts["not_decayed"]], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=facts["lr"], fused=True)
    schedule = make_schedule(optimizer, 0.2, facts["num_training_steps"])
    loss_of = SFTLoss(model)
    for i, expected in enumerate(facts["history"]):
        labels = tensors["labels"][i]
        targets = torch.nn.functional.pad(labels[:, 1:], (0, 1), value=-100).flatten()
        kept = (targets != -100).nonzero().squeeze(1)
        loss = loss_of(tensors["input_ids"][i], kept, targets[kept])[0] / len(kept)
        assert loss.item() == pytest.approx(expected["loss"], abs=5e-6)
        loss.backward()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        assert schedule.get_last_lr()[0] == pytest.approx(expected["lr_after"], rel=1e-9, abs=1e-12)
    for name, tensor in tensors.items():
        if name.startswith("after/"):
            torch.testing.assert_close(parameters[name.removeprefix("after/")], tensor, atol=1e-6, rtol=0)


@pytest.mark.parametrize("steps, warmup_rates", [(100, 0.05), (20, 0.05), (7, 0.05)])
def test_schedule_is_the_originals(steps, warmup_rates, shared):
    expected = json.loads((shared / "oracle" / "golden" / "sft" / "sft.json").read_text(encoding="utf-8"))
    expected = expected["cosine_schedules_lr_9e-6"][f"steps{steps}_warmup{int(steps * warmup_rates)}"]
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=9e-6)
    schedule, rates = make_schedule(optimizer, warmup_rates, steps), []
    for _ in range(steps + 1):
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    assert rates == pytest.approx(expected, rel=1e-9, abs=1e-18)


@pytest.mark.parametrize("warmup_rates, peak_at", [(0.0, 0), (0.1, 1), (1.0, 10)])
def test_C8_warmup_is_a_fraction(warmup_rates, peak_at):
    args = finetune_moss.build_parser().parse_args(["--warmup_rates", str(warmup_rates)])
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule, rates = make_schedule(optimizer, args.warmup_rates, 10), []
    for _ in range(11):
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    assert rates.index(1.0) == peak_at


def test_C7_biases_and_layer_norms_do_not_decay(tiny_model_dir):
    model = MossForCausalLM.from_pretrained(tiny_model_dir)
    decayed, kept = make_optimizer(model, 1e-3, 0.1).param_groups
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    assert (decayed["weight_decay"], kept["weight_decay"]) == (0.1, 0.0)
    assert {names[id(p)] for p in kept["params"]} == {n for n in names.values() if "bias" in n or "ln_" in n}
    assert len(decayed["params"]) + len(kept["params"]) == len(names)


# --- whole runs -------------------------------------------------------------------------------------------------------


@pytest.fixture
def data_dir(tmp_path) -> Path:
    return write_data(
        tmp_path / "data", lines([record(i) for i in range(20)]), lines([record(i) for i in range(90, 93)])
    )


def options(data: Path, out: Path, model: Path | None, **changed) -> Namespace:
    given = {"data_dir": data, "output_dir": out, "model_name_or_path": model}
    given |= {"learning_rate": 1e-2, "n_epochs": 1, "num_workers": 0, "max_seq_len": 200, "warmup_rates": 0.0}
    return Namespace(**{k: str(v) if isinstance(v, Path) else v for k, v in (given | changed).items()})


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def log_of(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "training_log.jsonl").read_text(encoding="utf-8").splitlines()]


def test_run_from_scratch_leaves_a_model_that_inference_loads(tmp_path, data_dir, tokenizer_dir, tokenizer, capsys):
    config = MossConfig(vocab_size=512, n_embd=32, n_layer=2, n_head=4, rotary_dim=8)
    config.save_pretrained(tmp_path / "config")
    out = tmp_path / "out"
    train(options(
        data_dir, out, None, config_name=str(tmp_path / "config"), tokenizer_name=str(tokenizer_dir), n_epochs=8,
        save_step=30, eval_step=10, log_step=5, save_dtype="float16", gradient_checkpointing=True,
    ))  # fmt: skip
    log = log_of(out)
    losses = [entry["loss"] for entry in log if "loss" in entry]
    assert losses[-1] < losses[0] / 2 and log[0]["settings"]["seed"] == 42
    assert [entry["step"] for entry in log if "eval_loss" in entry] == [10, 20, 30, 40]
    assert {"step", "epoch", "loss", "accuracy", "lr", "grad_norm", "tokens_per_second", "skipped"} == log[1].keys()
    assert "train: 20 conversations" in capsys.readouterr().out
    for folder in (out / "step-30", out):
        infer = Inference(model_dir=folder)
        assert infer.model.config.plugins == ["Calculate"] and infer.tokenizer.chat_template == CHAT_TEMPLATE
        assert {"modeling_moss.py", "tokenization_moss.py"} <= {path.name for path in folder.iterdir()}
        card, updates = (folder / "README.md").read_text("utf-8"), 30 if folder != out else 40
        assert f"Trained from scratch with finetune_moss.py: 20 conversations, {updates} updates." in card
        assert infer.model.generation_config.temperature == 0.7
        assert isinstance(infer("What is 1+0?", {"max_iterations": 4}), str)
        assert {tensor.dtype for tensor in weights(folder).values()} == {torch.float16}
    saved = MossConfig.from_pretrained(out)
    assert (saved.eos_token_id, saved.dtype) == (tokenizer.eos_token_id, torch.float16)
    assert not list(out.glob(".*")) and list((out / "logs").glob("events*"))


def test_C6_update_is_the_same_however_it_is_cut(tmp_path, data_dir, tiny_model_dir):
    cuts = {"8x1": (8, 1), "1x8": (1, 8), "2x4": (2, 4)}
    for name, (size, times) in cuts.items():
        train(options(
            data_dir, tmp_path / name, tiny_model_dir, train_bsz_per_gpu=size, gradient_accumulation_steps=times,
            max_steps=4, learning_rate=1e-3,
        ))  # fmt: skip
    whole = weights(tmp_path / "8x1")
    for name in ("1x8", "2x4"):
        for key, tensor in weights(tmp_path / name).items():
            torch.testing.assert_close(tensor, whole[key], atol=1e-6, rtol=0)


def test_C6_two_processes_do_the_same_update_as_one(tmp_path, data_dir, tiny_model_dir):
    flags = [
        "--data_dir",
        data_dir,
        "--model_name_or_path",
        tiny_model_dir,
        "--learning_rate",
        "1e-3",
        "--num_workers",
        0,
    ]
    flags += ["--max_steps", 4, "--warmup_rates", 0, "--output_dir", tmp_path / "two", "--train_bsz_per_gpu", 3]
    flags += ["--gradient_accumulation_steps", 2, "--max_seq_len", 200]
    shared_env = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(20000 + os.getpid() % 20000), "WORLD_SIZE": "2"}
    shared_env |= {"ACCELERATE_USE_CPU": "true", "LOCAL_WORLD_SIZE": "2", "CUDA_VISIBLE_DEVICES": ""}
    processes = [
        subprocess.Popen(
            [sys.executable, "finetune_moss.py", *map(str, flags)],
            env=os.environ | shared_env | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for rank in range(2)
    ]  # fmt: skip
    train(options(data_dir, tmp_path / "one", tiny_model_dir, train_bsz_per_gpu=12, max_steps=4, learning_rate=1e-3))
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], "\n".join(outputs)
    for key, tensor in weights(tmp_path / "one").items():
        torch.testing.assert_close(weights(tmp_path / "two")[key], tensor, atol=1e-6, rtol=0)
    one, two = (next(e for e in log_of(tmp_path / name) if "eval_loss" in e) for name in ("one", "two"))
    assert one["eval_loss"] == pytest.approx(two["eval_loss"], abs=1e-5)


def test_C13_C16_same_run_twice_is_bitwise_equal_whatever_is_logged(tmp_path, data_dir, tiny_model_dir):
    quiet = {"log_step": 1000, "eval_step": 0, "save_step": 0}
    for name, changes in {"often": {"log_step": 1, "eval_step": 1}, "once": quiet, "again": quiet}.items():
        train(options(data_dir, tmp_path / name, tiny_model_dir, max_steps=3, **changes))
    for key, tensor in weights(tmp_path / "once").items():
        assert torch.equal(weights(tmp_path / "often")[key], tensor)
        assert torch.equal(weights(tmp_path / "again")[key], tensor)


def poison(monkeypatch, poisoned: set[int], with_value: float, of_gradient: bool) -> None:
    """Makes the loss, or one element of a gradient alone, `with_value` in those calls."""
    forward, calls = SFTLoss.forward, Counter()

    def poisoned_forward(self, *args, **kwargs):
        loss, right = forward(self, *args, **kwargs)
        calls["all"] += 1
        if calls["all"] not in poisoned:
            return loss, right
        if not of_gradient:
            return loss * with_value, right

        def spoil(gradient):
            handle.remove()
            gradient = gradient.clone()
            gradient.view(-1)[3] = with_value
            return gradient

        handle = self.model.transformer.ln_f.weight.register_hook(spoil)
        return loss, right

    monkeypatch.setattr(SFTLoss, "forward", poisoned_forward)


@pytest.mark.parametrize("value, of_gradient", [(math.nan, False), (math.nan, True), (math.inf, True)])
def test_C1_C2_an_update_that_is_not_finite_changes_nothing(
    value, of_gradient, tmp_path, data_dir, tiny_model_dir, monkeypatch
):
    (data_dir / "val.jsonl").unlink()
    poison(monkeypatch, {1}, value, of_gradient)
    train(options(data_dir, tmp_path / "out", tiny_model_dir, max_steps=1))
    before = weights(tiny_model_dir)
    assert all(torch.equal(tensor, before[key]) for key, tensor in weights(tmp_path / "out").items())
    skipped = [entry for entry in log_of(tmp_path / "out") if "samples" in entry]
    assert len(skipped) == 1 and len(skipped[0]["samples"]) == 4 and "train.jsonl:" in skipped[0]["samples"][0]
    assert log_of(tmp_path / "out")[-1]["skipped"] == 1


def test_a_skipped_update_does_not_spoil_the_next(tmp_path, data_dir, tiny_model_dir, monkeypatch):
    poison(monkeypatch, {2}, math.nan, True)
    train(options(data_dir, tmp_path / "out", tiny_model_dir, max_steps=4, log_step=1, eval_step=0))
    assert [entry["skipped"] for entry in log_of(tmp_path / "out") if "loss" in entry] == [0, 1, 0, 0]
    assert all(tensor.isfinite().all() for tensor in weights(tmp_path / "out").values())


def test_C3_three_such_updates_stop_with_exit_code_3(tmp_path, data_dir, tiny_model_dir, monkeypatch, capsys):
    poison(monkeypatch, {5, 6, 7}, math.nan, False)
    flags = {"--data_dir": data_dir, "--output_dir": tmp_path / "out", "--model_name_or_path": tiny_model_dir}
    flags |= {"--num_workers": 0, "--max_steps": 20, "--save_step": 2, "--log_step": 1, "--eval_step": 0}
    flags |= {"--max_seq_len": 200}
    monkeypatch.setattr(sys, "argv", ["finetune_moss.py", *(str(x) for pair in flags.items() for x in pair)])
    with pytest.raises(SystemExit) as stopped:
        finetune_moss.main()
    assert stopped.value.code == 3
    message = capsys.readouterr().err
    assert "stopped at update 7" in message and "step-6" in message and "Traceback" not in message
    assert not (tmp_path / "out" / "config.json").exists()


def test_C17_training_goes_on_without_tensorboard(tmp_path, data_dir, tiny_model_dir, capsys):
    (tmp_path / "a file").write_text("")
    log_dir = str(tmp_path / "a file" / "logs")
    train(options(data_dir, tmp_path / "out", tiny_model_dir, max_steps=1, log_dir=log_dir))
    assert capsys.readouterr().err.count("warning: no tensorboard curves") == 1
    assert (tmp_path / "out" / "model.safetensors").exists()


def test_B27_validation_smaller_than_a_batch_is_evaluated_by_tokens(tmp_path, data_dir, tiny_model_dir, tokenizer):
    train(options(data_dir, tmp_path / "out", tiny_model_dir, max_steps=1, eval_bsz_per_gpu=64))
    entry = log_of(tmp_path / "out")[-1]
    model = MossForCausalLM.from_pretrained(tmp_path / "out")
    data, total = SFTDataset(data_dir, tokenizer, "val", num_workers=0), 0.0
    for i in range(3):
        total += SFTLoss(model)(**data.collate_for_loss([data[i]]))[0].item()
    assert entry["eval_loss"] == pytest.approx(total / data.n_loss.sum(), rel=1e-5)


def test_weights_that_are_not_finite_are_not_saved(tmp_path, tiny_model_dir, tokenizer):
    model = MossForCausalLM.from_pretrained(tiny_model_dir)
    model.lm_head.bias.data[0] = 1e6
    with pytest.raises(ValueError, match=r"lm_head\.bias holds NaN or values too large for torch\.float16"):
        finetune_moss.save_model(model, tokenizer, tmp_path / "out", torch.float16)
    assert not (tmp_path / "out").exists()


REFUSED = {
    "batch": ({"train_bsz_per_gpu": 0}, "--train_bsz_per_gpu is 0; it must be at least 1"),
    "C8": ({"warmup_rates": 1.5}, "--warmup_rates is 1.5; it is a share of the updates, at most 1"),
    "rate": ({"learning_rate": 0.0}, "--learning_rate is 0.0; it must be above 0"),
    "NaN": ({"weight_decay": math.nan}, "--weight_decay is nan"),
    "data": ({"data_dir": "nowhere"}, "--data_dir nowhere is no folder"),
    "no data": ({"data_dir": None}, "--data_dir is missing"),
    "no output": ({"output_dir": None}, "--output_dir is missing"),
    "model": ({"model_name_or_path": "./nowhere"}, "--model_name_or_path ./nowhere is neither a folder nor a name"),
    "both": ({"config_name": "."}, "--model_name_or_path and --config_name .from scratch. exclude each other"),
    "scratch": ({"config_name": ".", "model_name_or_path": None}, "--tokenizer_name is missing: from scratch"),
    "config": ({"config_name": "nowhere.json", "tokenizer_name": "."}, "--config_name nowhere.json does not exist"),
    "tokenizer": ({"tokenizer_name": "./nowhere"}, "--tokenizer_name ./nowhere is neither a folder nor a name"),
    "length": ({"max_seq_len": 4096}, "--max_seq_len 4096 is more than the model's context, n_positions 2048"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_impossible_options_are_refused_before_anything_is_read(case, tmp_path, data_dir, tiny_model_dir, monkeypatch):
    changes, message = REFUSED[case]
    monkeypatch.setattr(finetune_moss, "read_data", lambda *a, **k: pytest.fail("data were read"))
    with pytest.raises(ValueError, match=message):
        train(options(data_dir, tmp_path / "out", tiny_model_dir, **changes))


def test_a_folder_with_a_model_is_not_written_over(data_dir, tiny_model_dir, tmp_path):
    with pytest.raises(ValueError, match=r"already holds config\.json of a model; take another folder"):
        train(options(data_dir, tiny_model_dir, tiny_model_dir))


def test_a_tokenizer_larger_than_the_model_is_refused(tmp_path, data_dir, tokenizer_dir):
    MossConfig(vocab_size=300, n_embd=32, n_layer=1, n_head=4, rotary_dim=8).save_pretrained(tmp_path / "config")
    with pytest.raises(ValueError, match="the model's vocab_size is 300; they do not belong together"):
        train(options(
            data_dir, tmp_path / "out", None, config_name=str(tmp_path / "config"), tokenizer_name=str(tokenizer_dir)
        ))  # fmt: skip


def test_help_names_the_originals_flags():
    shown = subprocess.run(
        [sys.executable, "finetune_moss.py", "--help"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    flags = "model_name_or_path data_dir output_dir log_dir max_seq_len train_bsz_per_gpu eval_bsz_per_gpu weight_decay"
    for flag in (*flags.split(), *["learning_rate", "warmup_rates", "n_epochs", "save_step", "eval_step", "seed"]):
        assert f"--{flag} " in shown.stdout


def test_a_users_mistake_ends_without_traceback(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["finetune_moss.py", "--data_dir", str(tmp_path / "no")])
    with pytest.raises(SystemExit) as stopped:
        finetune_moss.main()
    assert stopped.value.code == 1
    message = capsys.readouterr().err
    assert "is no folder" in message and "--output_dir is missing" in message and "Traceback" not in message


def test_importing_does_nothing():
    code = "import torch; before = torch.backends.cuda.matmul.allow_tf32; import finetune_moss; "
    code += "assert torch.backends.cuda.matmul.allow_tf32 == before and torch.get_default_dtype() == torch.float32"
    shown = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert shown.stdout == ""


@pytest.mark.parametrize("name", ["single_gpu.yaml", "sft.yaml"])
def test_configurations_open_with_their_command(name):
    yaml = pytest.importorskip("yaml")
    text = (REPOSITORY / "configs" / name).read_text(encoding="utf-8")
    assert text.startswith(f"# accelerate launch --config_file configs/{name} ")
    assert yaml.safe_load(text)["mixed_precision"] == "bf16"

"""Fine-tuning: loss, metric, schedule, checkpoints, adapters, and whole runs on twenty conversations.

Test names carry the row of the failure matrix that they stand for; section B is in tests/models/test_sft_data.py and
test_packing.py; what of A and C is about processes, precision and memory is in test_training_failures.py.
A27 does not apply, as no path is kept. `python tests/training_runs.py` is A1 to A4 and A8 at length.
"""

import contextlib
import importlib.util
import json
import math
import os
import shutil
import signal
import sys
from argparse import Namespace
from collections import Counter, namedtuple
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import torch._functorch.config as functorch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import DistributedType
from safetensors import safe_open
from safetensors.torch import load_file
from torch.nn import functional as F
from transformers import GenerationConfig

import finetune_moss
from finetune_moss import SFTDataset, SFTLoss, SFTMetric, make_optimizer, make_schedule, train
from models import MossConfig, MossForCausalLM, training_state
from models.conversation_moss import CHAT_TEMPLATE
from models.loss import IGNORE, ChunkedCrossEntropy, cross_entropy
from models.packed_attention import VARLEN, best_attention, document_bounds
from models.packing import PackedDataset
from models.training_log import draw_curves, is_spike, training_flops
from models.training_state import find_checkpoint, new_model, step_folders
from models.training_step import Batches, compile_blocks
from moss_inference import Inference
from tests.conftest import small_disk
from tests.sft_records import lines, record, write_data
from tests.training_runs import count_kills, figures, log_of, options, train_together, weights

REPOSITORY = Path(finetune_moss.__file__).parent
needs_peft = pytest.mark.skipif(importlib.util.find_spec("peft") is None, reason="needs peft: pip install peft")


@pytest.fixture(autouse=True)
def fresh_accelerator(monkeypatch):
    monkeypatch.setattr(finetune_moss, "draw_curves", lambda *paths: None)  # nine tenths of such a small run's time
    yield
    AcceleratorState._reset_state(True)


# --- loss, attention, metric and schedule -----------------------------------------------------------------------------


@pytest.mark.parametrize("K", [0, 1, 7, 9])
def test_C15_chunked_loss_is_cross_entropy(K):
    torch.manual_seed(0)
    inputs = [torch.randn(shape, requires_grad=True) for shape in ((K, 16), (33, 16), (33,))]
    targets, seen = torch.randint(33, (K,)), []

    def recorded(logits, targets):
        seen.append(len(logits))
        return cross_entropy(logits, targets)

    loss, losses, right = ChunkedCrossEntropy.apply(*inputs, targets, torch.float32, 3, recorded)
    (loss * 0.5).backward()
    gradients = [x.grad for x in inputs]
    assert max(seen, default=0) <= 3 and sum(seen) == K
    for x in inputs:
        x.grad = None
    logits = F.linear(*inputs)
    expected = F.cross_entropy(logits, targets, reduction="none")
    (expected.sum() * 0.5).backward()
    torch.testing.assert_close(losses, expected, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(loss, expected.sum(), atol=1e-5, rtol=1e-6)
    assert torch.equal(right, logits.argmax(-1) == targets)
    for gradient, x in zip(gradients, inputs, strict=True):
        torch.testing.assert_close(gradient, x.grad, atol=1e-5, rtol=1e-5)


def packed(folder: Path, tokenizer, numbers, bin_length: int) -> PackedDataset:
    data = SFTDataset(write_data(folder / "data", lines([record(i) for i in numbers])), tokenizer, num_workers=0,
                      cache_dir=folder / "cache")  # fmt: skip
    return PackedDataset(data, bin_length, seed=0)


@pytest.mark.parametrize("attention", [VARLEN, "sdpa", "eager"])
def test_B29_packed_loss_and_gradients_are_those_of_each_conversation_alone(
    attention, tmp_path, tokenizer, tiny_model_dir
):
    data = packed(tmp_path, tokenizer, range(7), 600)
    model = MossForCausalLM.from_pretrained(tiny_model_dir, attn_implementation=attention)
    batches = Batches(data, [list(range(len(data))), []], rows=len(data) + 1)  # a row of padding, a batch of it
    loss_sum, counts = SFTLoss(model)(**batches[0])
    assert SFTLoss(model)(**batches[1])[0] == 0
    assert {batch["input_ids"].shape for batch in batches} == {(len(data) + 1, 600)}
    trimmed = Batches(data, [list(range(len(data))), []], rows=None)
    assert [batch["input_ids"].shape for batch in trimmed] == [(len(data), data.lengths.max()), (1, 1)]
    torch.testing.assert_close(SFTLoss(model)(**trimmed[0])[0], loss_sum)
    loss_sum.backward()
    gradients = {name: p.grad for name, p in model.named_parameters()}
    alone = MossForCausalLM.from_pretrained(tiny_model_dir)
    total, right = 0.0, 0
    for i in range(7):
        input_ids, _, labels = data.dataset[i]
        output = alone(input_ids=input_ids[None], labels=labels[None])
        n = int((labels[1:] != IGNORE).sum())
        (output.loss * n).backward()
        total += output.loss.item() * n
        right += int((output.logits[0, :-1].argmax(-1) == labels[1:]).sum())
    assert loss_sum.item() == pytest.approx(total, rel=1e-5)
    assert counts[:, :2].sum(0).tolist() == [right, data.n_loss.sum()]
    for name, parameter in alone.named_parameters():
        scale = parameter.grad.abs().max().item()
        torch.testing.assert_close(gradients[name], parameter.grad, atol=1e-5 * max(scale, 1), rtol=1e-5)


def test_bounds_of_documents():
    assert document_bounds(torch.tensor([[0, 1, 0, 1, 2], [0, 1, 2, 3, 0]])).tolist() == [0, 2, 5, 9, 10]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
def test_B29_variable_length_kernel_equals_masks(tmp_path, tokenizer):
    config = MossConfig(vocab_size=512, n_embd=1024, n_layer=2, n_head=4, rotary_dim=64)  # 256 numbers a head
    torch.manual_seed(0)
    model = MossForCausalLM(config).cuda().bfloat16()
    data = packed(tmp_path, tokenizer, range(7), 600)
    batch = {k: v.cuda() for k, v in Batches(data, [range(len(data))], rows=len(data))[0].items()}
    found = {}
    for attention in (best_attention(torch.device("cuda"), torch.bfloat16), "sdpa"):
        model.set_attn_implementation(attention)
        model.zero_grad()
        SFTLoss(model)(**batch)[0].backward()
        found[attention] = model.transformer.h[0].attn.qkv_proj.weight.grad.float()
    assert found.keys() == {VARLEN, "sdpa"}
    torch.testing.assert_close(found[VARLEN], found["sdpa"], atol=0.02 * found["sdpa"].abs().max().item(), rtol=0.02)


def test_C18_compiled_blocks_give_the_same_gradients(monkeypatch):
    """By torch.compile's partitioner, which says what is made again, not its code generator."""
    torch.manual_seed(0)
    config = MossConfig(vocab_size=64, n_embd=128, n_layer=1, n_head=4, rotary_dim=16, attn_implementation="sdpa")
    model = MossForCausalLM(config).train()
    ids, weight = torch.randint(64, (2, 48)), model.transformer.h[0].attn.qkv_proj.weight
    compile_module = torch.nn.Module.compile
    monkeypatch.setattr(torch.nn.Module, "compile", lambda m: compile_module(m, backend="aot_eager_decomp_partition"))

    def gradient() -> torch.Tensor:
        hidden = model.transformer(input_ids=ids, use_cache=False).last_hidden_state
        return torch.autograd.grad(hidden.square().sum(), weight)[0]

    expected = gradient()
    with functorch.patch(activation_memory_budget=functorch.activation_memory_budget):  # put back afterwards
        compile_blocks(model, SimpleNamespace(distributed_type=DistributedType.FSDP))
        assert functorch.activation_memory_budget < 1
        torch.testing.assert_close(gradient(), expected, atol=1e-4, rtol=1e-4)


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
            assert metric.sums[0, :2].tolist() == [step["right"], step["total"]]
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
        labels, input_ids = tensors["labels"][i], tensors["input_ids"][i]
        targets = F.pad(labels[:, 1:], (0, 1), value=IGNORE).flatten()
        kept = (targets != IGNORE).nonzero().squeeze(1)
        positions = torch.arange(labels.shape[1]).expand_as(labels)
        parts = torch.zeros_like(kept)
        bounds = document_bounds(positions)
        loss = loss_of(input_ids, positions, kept, targets[kept], parts, bounds)[0] / len(kept)
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
    args = finetune_moss.build_parser(None).parse_args(["--warmup_rates", str(warmup_rates)])
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


def test_run_from_scratch_leaves_a_model_that_inference_loads(tmp_path, data_dir, tokenizer_dir, tokenizer, capsys):
    config = MossConfig(vocab_size=512, n_embd=32, n_layer=2, n_head=4, rotary_dim=8)
    config.save_pretrained(tmp_path / "config")
    out = tmp_path / "out"
    train(options(
        data_dir, out, None, config_name=str(tmp_path / "config"), tokenizer_name=str(tokenizer_dir), n_epochs=3,
        save_step=30, eval_step=15, log_step=5, save_dtype="float16", gradient_checkpointing=True, n_samples=1,
        report_to=["tensorboard"],
    ))  # fmt: skip
    log = log_of(out)
    losses = [entry["loss"] for entry in log if "loss" in entry]
    assert losses[-1] < losses[0] / 2 and log[0]["settings"]["seed"] == 42
    assert [entry["step"] for entry in log if "eval_loss" in entry] == [0, 15, 30, 39]
    first = next(entry for entry in log if "loss" in entry)
    assert {"step", "epoch", "loss", "accuracy", "accuracy/MOSS", "lr", "grad_norm", "skipped"} < first.keys()
    assert {"tokens_per_second", "mfu", "useful_share", "memory_gib", "seconds_left"} < first.keys()
    assert len([entry for entry in log if "answer" in entry and entry["prompt"].endswith("<|Inner Thoughts|>:")]) == 4
    shown = capsys.readouterr().out
    assert "train: 20 conversations" in shown and "memory a process, estimated:" in shown
    for folder in (out / "step-30", out):
        infer = Inference(model_dir=folder)
        assert infer.model.config.plugins == ["Calculate"] and infer.tokenizer.chat_template == CHAT_TEMPLATE
        assert {"modeling_moss.py", "tokenization_moss.py"} <= {path.name for path in folder.iterdir()}
        card, updates = (folder / "README.md").read_text("utf-8"), 30 if folder != out else 39
        assert f"Trained from scratch with finetune_moss.py: 20 conversations, {updates} updates." in card
        assert infer.model.generation_config.temperature == 0.7
        assert isinstance(infer("What is 1+0?", {"max_iterations": 4}), str)
        dtype = torch.float16 if folder == out else torch.float32
        assert {tensor.dtype for tensor in weights(folder).values()} == {dtype}
    saved = MossConfig.from_pretrained(out)
    assert (saved.eos_token_id, saved.dtype) == (tokenizer.eos_token_id, torch.float16)
    assert list((out / "logs").rglob("events*"))
    if importlib.util.find_spec("matplotlib"):
        draw_curves(out / "training_log.jsonl", out / "training_curves.png")
        assert (out / "training_curves.png").read_bytes().startswith(b"\x89PNG")


def test_C6_update_is_the_same_however_it_is_cut(tmp_path, data_dir, tiny_model_dir):
    """One process, two with DDP, or four with FSDP2; one micro-batch or eight."""
    common = {"max_steps": 2, "learning_rate": 1e-3}
    for name, (size, times) in {"8x1": (8, 1), "1x8": (1, 8)}.items():
        cut = {"train_bsz_per_gpu": size, "gradient_accumulation_steps": times}
        train(options(data_dir, tmp_path / name, tiny_model_dir, **common, **cut))
    cut = {"train_bsz_per_gpu": 2, "gradient_accumulation_steps": 2}
    train_together(options(data_dir, tmp_path / "ddp", tiny_model_dir, **common, **cut), 2)
    cut = {"train_bsz_per_gpu": 1, "gradient_accumulation_steps": 2}
    train_together(options(data_dir, tmp_path / "fsdp", tiny_model_dir, **common, **cut), 4, fsdp=True)
    whole, evaluated = weights(tmp_path / "8x1"), log_of(tmp_path / "8x1")[-1]["eval_loss"]
    for name in ("1x8", "ddp", "fsdp"):
        assert log_of(tmp_path / name)[-1]["eval_loss"] == pytest.approx(evaluated, abs=1e-5)
        for key, tensor in weights(tmp_path / name).items():
            torch.testing.assert_close(tensor, whole[key], atol=1e-6, rtol=0)


def test_fsdp2_in_bf16_does_not_round_the_loss(tmp_path, data_dir, tiny_model_dir):
    args = options(data_dir, tmp_path / "out", tiny_model_dir, max_steps=2, mixed_precision="bf16")
    train_together(args, 1, fsdp=True)
    # Eighths of the sum over 117 tokens: above 32, bf16 has none smaller.
    eighths = 8 * 117 * log_of(tmp_path / "out")[-1]["eval_loss"]
    assert abs(eighths - round(eighths)) > 1e-3


def test_fsdp2_processes_read_no_weights_but_the_main_one(tiny_model_dir, monkeypatch):
    """Four processes that each read the 16B would take 270 GB of the machine's memory."""
    monkeypatch.setattr(MossForCausalLM, "from_pretrained", None)
    state = SimpleNamespace(fsdp_plugin=SimpleNamespace(cpu_ram_efficient_loading=True))
    other = SimpleNamespace(is_fsdp2=True, is_main_process=False, state=state, mixed_precision="no")
    other.device = torch.device("cpu")
    args = finetune_moss.build_parser("").parse_args(["--model_name_or_path", str(tiny_model_dir)])
    config = MossConfig.from_pretrained(tiny_model_dir)
    model, _, dtype = finetune_moss.load_model(args, config, None, other)
    found = {name: tensor.shape for name, tensor in model.state_dict().items()}
    assert found == {name: tensor.shape for name, tensor in weights(tiny_model_dir).items()} and dtype == config.dtype
    assert {(p.dtype, p.device.type) for p in model.parameters()} == {(torch.float32, "cpu")} and model.training
    assert model.generation_config.to_dict() == GenerationConfig.from_pretrained(tiny_model_dir).to_dict()


def test_new_weights_are_drawn_as_the_configuration_says():
    config = MossConfig(vocab_size=512, n_embd=64, n_layer=2, n_head=4, rotary_dim=8, initializer_range=0.05)
    state, like = new_model(config, torch.device("cpu")).state_dict(), MossForCausalLM(config).state_dict()
    assert state.keys() == like.keys()
    for name, tensor in state.items():
        assert tensor.dtype == torch.float32 and tensor.shape == like[name].shape
        if tensor.ndim == 2:
            assert tensor.std() == pytest.approx(0.05, rel=0.05) and abs(tensor.mean()) < 2e-3
        else:
            assert torch.equal(tensor, like[name])  # 0 or 1
    config.tie_word_embeddings = True
    tied = new_model(config, torch.device("cpu"))
    assert tied.lm_head.weight is tied.transformer.wte.weight


def test_C13_C16_same_run_twice_is_bitwise_equal_whatever_is_logged(tmp_path, data_dir, tiny_model_dir):
    quiet = {"log_step": 1000, "eval_step": 0, "save_step": 0}
    noisy = {"log_step": 1, "eval_step": 1, "n_samples": 1}
    for name, changes in {"often": noisy, "once": quiet, "again": quiet}.items():
        train(options(data_dir, tmp_path / name, tiny_model_dir, max_steps=3, **changes))
    for key, tensor in weights(tmp_path / "once").items():
        assert torch.equal(weights(tmp_path / "often")[key], tensor)
        assert torch.equal(weights(tmp_path / "again")[key], tensor)


def poison(monkeypatch, poisoned: set[int], with_value: float, of_gradient: bool) -> None:
    """Makes the loss, or one element of a gradient alone, `with_value` in those calls."""
    forward, calls = SFTLoss.forward, Counter()

    def poisoned_forward(self, *args, **kwargs):
        loss, counts = forward(self, *args, **kwargs)
        calls["all"] += self.training
        if calls["all"] not in poisoned or not self.training:
            return loss, counts
        if not of_gradient:
            counts[0, 2] = with_value
            return loss * with_value, counts

        def spoil(gradient):
            handle.remove()
            gradient = gradient.clone()
            gradient.view(-1)[3] = with_value
            return gradient

        handle = self.model.transformer.ln_f.weight.register_hook(spoil)
        return loss, counts

    monkeypatch.setattr(SFTLoss, "forward", poisoned_forward)


@pytest.mark.parametrize("value, of_gradient", [(math.nan, False), (math.nan, True), (math.inf, True)])
def test_C1_C2_an_update_that_is_not_finite_changes_nothing(
    value, of_gradient, tmp_path, data_dir, tiny_model_dir, monkeypatch
):
    poison(monkeypatch, {1}, value, of_gradient)
    train(options(data_dir, tmp_path / "out", tiny_model_dir, max_steps=1))
    before = weights(tiny_model_dir)
    assert all(torch.equal(tensor, before[key]) for key, tensor in weights(tmp_path / "out").items())
    skipped = [entry for entry in log_of(tmp_path / "out") if "samples" in entry]
    assert len(skipped) == 1 and "train.jsonl:" in skipped[0]["samples"][0]
    assert next(entry for entry in log_of(tmp_path / "out") if "loss" in entry)["skipped"] == 1


def test_a_skipped_update_does_not_spoil_the_next(tmp_path, data_dir, tiny_model_dir, monkeypatch):
    poison(monkeypatch, {2}, math.nan, True)
    train(options(data_dir, tmp_path / "out", tiny_model_dir, max_steps=4, log_step=1))
    assert [entry["skipped"] for entry in log_of(tmp_path / "out") if "loss" in entry] == [0, 1, 0, 0]
    assert all(tensor.isfinite().all() for tensor in weights(tmp_path / "out").values())


def test_C3_three_such_updates_stop_with_exit_code_3(tmp_path, data_dir, tiny_model_dir, monkeypatch, capsys):
    poison(monkeypatch, {5, 6, 7}, math.nan, False)
    given = vars(options(data_dir, tmp_path / "out", tiny_model_dir, max_steps=20, save_step=2, log_step=1))
    given["report_to"] = "none"
    monkeypatch.setattr(sys, "argv", ["finetune_moss.py", *(f"--{name}={value}" for name, value in given.items())])
    with pytest.raises(SystemExit) as stopped:
        finetune_moss.main()
    assert stopped.value.code == 3
    message = capsys.readouterr().err
    assert "stopped at update 7" in message and "step-6" in message and "Traceback" not in message
    assert not (tmp_path / "out" / "config.json").exists()


def test_C4_a_loss_far_above_the_last_hundred_is_noticed():
    before = [2.0 + 0.01 * (i % 5) for i in range(100)]
    assert is_spike(3.0, before) and not is_spike(2.05, before) and not is_spike(99.0, before[1:])


def test_C17_training_goes_on_without_tensorboard(tmp_path, data_dir, tiny_model_dir, capsys):
    (tmp_path / "a file").write_text("")
    log_dir = str(tmp_path / "a file" / "logs")
    train(options(data_dir, tmp_path / "out", tiny_model_dir, max_steps=1, log_dir=log_dir, report_to=["tensorboard"]))
    assert capsys.readouterr().err.count("warning: no curves in --log_dir") == 1
    assert (tmp_path / "out" / "model.safetensors").exists()


def test_B27_validation_smaller_than_a_batch_is_evaluated_by_tokens(tmp_path, data_dir, tiny_model_dir, tokenizer):
    train(options(data_dir, tmp_path / "out", tiny_model_dir, max_steps=1, eval_bsz_per_gpu=64))
    entry = log_of(tmp_path / "out")[-1]
    model = MossForCausalLM.from_pretrained(tmp_path / "out")
    data, total, n = SFTDataset(data_dir, tokenizer, "val", num_workers=0, cache_dir=data_dir / "cache"), 0.0, 0
    for i in range(3):
        input_ids, _, labels = data[i]
        of_this = int((labels[1:] != IGNORE).sum())
        total, n = total + model(input_ids[None], labels=labels[None]).loss.item() * of_this, n + of_this
    assert entry["eval_loss"] == pytest.approx(total / n, rel=1e-5)


def test_floating_point_operations_are_those_of_the_published_model():
    config = MossConfig(vocab_size=107008, n_embd=6144, n_layer=34, n_head=24)
    assert training_flops(config, 1, 1, 2048) == pytest.approx(101.5e9, rel=1e-3)


# --- checkpoints ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def one_thread():
    """As in the processes of training_runs.py: sums over other numbers of threads have other last bits."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def run(tmp_path_factory, data_dir, tiny_model_dir, one_thread) -> Namespace:
    """A run of ten updates of three bins each, over two epochs, with checkpoints 2, 4, 6 and 8."""
    out = tmp_path_factory.mktemp("run") / "whole"
    args = options(
        data_dir, out, tiny_model_dir, gradient_accumulation_steps=3, n_epochs=2, log_step=1, save_step=2, eval_step=3,
        keep_checkpoints=4,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finetune_moss, "draw_curves", lambda *paths: None)
        train(args)
    AcceleratorState._reset_state(True)
    return args


def changed(args: Namespace, **changes) -> Namespace:
    return Namespace(**(vars(args) | {k: str(v) if isinstance(v, Path) else v for k, v in changes.items()}))


@pytest.fixture
def stopped(run, tmp_path) -> Path:
    """A copy of the run as it was between updates 6 and 8."""
    out = tmp_path / "stopped"
    shutil.copytree(run.output_dir, out, ignore=shutil.ignore_patterns("step-8", ".lock"))
    (out / "config.json").unlink()
    return out


def test_A1_A4_A8_killed_runs_lose_nothing(run, tmp_path):
    """SIGKILL at file operations and at random times, mid-epoch, with accumulation: all equal, bit by bit."""
    args = changed(run, output_dir=tmp_path / "killed", keep_checkpoints=1)
    assert count_kills(args, Path(run.output_dir), iter([160, 60, 0.4, 90])) >= 2


def test_A8_resumes_under_fsdp2_from_a_run_of_one_process(run, stopped):
    args = changed(run, output_dir=stopped, gradient_accumulation_steps=2)
    args.allow_config_change = ["bins an update", "updates"]
    with pytest.raises(ValueError, match="other settings"):
        train(changed(args, allow_config_change=[]))
    shutil.rmtree(stopped / "step-6")
    train_together(changed(run, output_dir=stopped, gradient_accumulation_steps=3, train_bsz_per_gpu=1), 1, fsdp=True)
    ours, theirs = figures(stopped), figures(Path(run.output_dir))
    assert [row["loss"] for row in ours] == pytest.approx([row["loss"] for row in theirs], abs=1e-5)


@pytest.mark.parametrize("before", [1, 3, 7, 12])
def test_A10_rows_are_read_by_any_number_of_processes(before, tmp_path):
    """As FSDP2 cuts ten rows: as torch.chunk does, with nothing for the last ones."""
    whole = torch.randn(10, 3)

    def rows(processes: int) -> list[tuple[int, int]]:
        size = math.ceil(10 / processes)
        return [(min(i * size, 10), min(i * size + size, 10)) for i in range(processes)]

    for i, (start, stop) in enumerate(rows(before)):
        training_state.save_file({"x": whole[start:stop].contiguous()}, tmp_path / f"{i:02}.safetensors")
    files = [safe_open(path, "pt") for path in sorted(tmp_path.iterdir())]
    for after in (1, 2, 5, 12):
        for start, stop in rows(after):
            assert torch.equal(training_state.read_rows(files, "x", start, stop - start), whole[start:stop])


def test_a_run_goes_on_from_a_named_checkpoint_in_another_folder(run, tmp_path):
    args = changed(run, output_dir=tmp_path / "out", resume=Path(run.output_dir) / "step-4")
    train(args)
    expected = weights(Path(run.output_dir))
    assert all(torch.equal(tensor, expected[name]) for name, tensor in weights(tmp_path / "out").items())
    train(args)


def test_A9_a_finished_run_says_so(run, capsys):
    before = weights(Path(run.output_dir))
    train(run)
    assert "nothing is left to be trained" in capsys.readouterr().out
    assert all(torch.equal(tensor, before[name]) for name, tensor in weights(Path(run.output_dir)).items())
    with pytest.raises(ValueError, match=r"(?s)another folder.*learning_rate: 0\.01 before, 0\.02 now"):
        train(changed(run, learning_rate=0.02))


def test_A11_other_settings_are_refused_unless_allowed(run, stopped, data_dir, tmp_path):
    args = changed(run, output_dir=stopped, learning_rate=0.02, weight_decay=0.0)
    with pytest.raises(ValueError, match=r"(?s)learning_rate: 0\.01 before, 0\.02 now\n  weight_decay: 0\.1 before"):
        train(args)
    again = changed(args, allow_config_change=["learning_rate", "weight_decay"])
    train(again)
    train(again)  # it is finished, with these settings
    (stopped / "config.json").unlink()
    other = write_data(tmp_path / "other", lines([record(i) for i in range(1, 21)]))
    with pytest.raises(ValueError, match="data: '"):
        train(changed(run, output_dir=stopped, data_dir=other))


def damage_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("{", encoding="utf-8")


def other_runs_shard(folder: Path) -> None:
    shutil.copy(folder.parent / "step-4/training_state/rank-00000.safetensors", folder / "training_state")


def flip(path: Path, at: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(at * (len(content) - 1))] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "A12 A13 A14 no optimiser, no generators": lambda f: (f / "training_state/rank-00000.safetensors").unlink(),
    "A14 no state of the data": lambda f: (f / "training_state/state.json").unlink(),
    "A15 no manifest": lambda f: (f / "manifest.json").unlink(),
    "A15 manifest is no JSON": damage_manifest,
    "A16 a byte short": lambda f: os.truncate(f / "model.safetensors", (f / "model.safetensors").stat().st_size - 1),
    "A16 empty": lambda f: os.truncate(f / "training_state/rank-00000.safetensors", 0),
    "A17 a bit of the weights": lambda f: flip(f / "model.safetensors", 0.7),
    "A17 a bit of the optimiser": lambda f: flip(f / "training_state/rank-00000.safetensors", 0.4),
    "A18 the shard of another": other_runs_shard,
}


@pytest.mark.parametrize("case", DAMAGES)
def test_damaged_checkpoints_are_passed_over(case, stopped):
    for folder in step_folders(stopped):
        os.utime(folder, (0, 0) if folder.name == "step-6" else None)  # A28: times mean nothing
    DAMAGES[case](stopped / "step-6")
    chosen, problems = find_checkpoint(Accelerator(cpu=True), stopped, "auto")
    assert chosen.name == "step-4" and len(problems) == 1 and "step-6" in problems[0]
    with pytest.raises(ValueError, match="step-6"):
        find_checkpoint(Accelerator(cpu=True), stopped, str(stopped / "step-6"))


def test_A24_nothing_begins_anew_where_all_checkpoints_are_damaged(run, stopped):
    for folder in step_folders(stopped):
        flip(folder / "model.safetensors", 0.5)
    with pytest.raises(ValueError, match=r"(?s)no checkpoint to go on from.*step-6.*step-4.*step-2"):
        train(changed(run, output_dir=stopped))


def test_A29_a_newer_format_is_refused(run, stopped, monkeypatch):
    monkeypatch.setattr(training_state, "VERSION", 0)
    with pytest.raises(ValueError, match="format 1, and this program knows 0"):
        find_checkpoint(Accelerator(cpu=True), stopped, "auto")


def test_A6_sigterm_saves_once_and_the_run_goes_on(run, tmp_path):
    out = tmp_path / "out"
    args = changed(run, output_dir=out, save_step=0)
    forward, calls = SFTLoss.forward, Counter()

    def signalled(self, **batch):
        calls["all"] += self.training
        if calls["all"] == 8:  # in the middle of the third update
            os.kill(os.getpid(), signal.SIGTERM)
        return forward(self, **batch)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(finetune_moss.Terminated, match="at update 3"):
        patch.setattr(SFTLoss, "forward", signalled)
        train(args)
    assert [folder.name for folder in step_folders(out)] == ["step-3"]
    AcceleratorState._reset_state(True)
    train(args)
    assert figures(out) == figures(Path(run.output_dir))


Usage = namedtuple("Usage", "total used free")


def test_A20_A21_a_full_disk_costs_a_checkpoint_and_nothing_else(run, tmp_path, monkeypatch, capsys):
    written, save_file, usage = Counter(), training_state.save_file, shutil.disk_usage

    def full(*args):
        written["files"] += 1
        with small_disk() if written["files"] == 2 else contextlib.nullcontext():
            save_file(*args)

    monkeypatch.setattr(training_state, "save_file", full)
    seen = iter([True, False, False, True, False])  # before all, and at the third of four checkpoints, there is no room
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1, 1, 0) if next(seen) else usage(path))
    out = tmp_path / "out"
    train(changed(run, output_dir=out, n_samples=0, n_epochs=1, max_steps=0, save_step=1, log_step=9))
    shown, message = capsys.readouterr()
    assert "has 0.0 GiB free; a checkpoint takes 0.0, and up to 4 more will be there at a time" in shown
    assert (
        "no checkpoint of update 2: Error while serializing: I/O error: File too large" in message
        and "0.0 GiB free" in message
    )
    assert [folder.name for folder in step_folders(out)] == ["step-4", "step-1"] and not list(out.glob(".step*"))


def test_A21_an_output_that_cannot_be_written_costs_no_update(run, tmp_path, monkeypatch):
    out, save_model = tmp_path / "out", finetune_moss.save_model

    def full(*args):
        with small_disk() if args[-1] == out else contextlib.nullcontext():
            save_model(*args)

    args = changed(run, output_dir=out, save_step=0)
    with monkeypatch.context() as patch:
        patch.setattr(finetune_moss, "save_model", full)
        with pytest.raises(OSError, match=r"could not be written to .*out, mend that, .*: .* File too large"):
            train(args)
    assert not [path for path in out.iterdir() if path.suffix == ".unfinished"]
    train(args)  # has nothing left to train
    assert figures(out) == figures(Path(run.output_dir)) and weights(out).keys() == weights(Path(run.output_dir)).keys()
    assert all(torch.equal(tensor, weights(out)[name]) for name, tensor in weights(Path(run.output_dir)).items())


def test_A22_a_folder_that_stays_unwritable_ends_the_run(run, tmp_path, monkeypatch):
    monkeypatch.setattr(training_state, "save_file", lambda *args: (_ for _ in ()).throw(OSError("Read-only")))
    with pytest.raises(OSError, match="3 checkpoints in a row could not be written, the last: Read-only"):
        train(changed(run, output_dir=tmp_path / "out", save_step=1))


def test_A23_two_runs_do_not_share_a_folder(run, tmp_path):
    held = training_state.lock(tmp_path)
    with pytest.raises(ValueError, match=f"in use by another run .process {os.getpid()} on "):
        train(changed(run, output_dir=tmp_path))
    held.release()


def test_tidying_up_leaves_what_other_scripts_have_not_finished(tmp_path):
    """quantize_moss.py --output_dir out/int4 works in out/.int4.unfinished."""
    for name in (".step-5.unfinished", ".step-1.removed", ".model.unfinished", ".int4.unfinished", "step-9"):
        (tmp_path / name).mkdir()
    training_state.tidy(tmp_path, 4)
    assert {path.name for path in tmp_path.iterdir()} == {".int4.unfinished", "step-9.old"}


def test_A26_rotation_keeps_the_newest_and_the_best(tmp_path):
    for step in (5, 10, 20, 100):
        (tmp_path / f"step-{step}").mkdir()
    (tmp_path / "step-mine").mkdir()
    training_state.rotate(tmp_path, keep=1, best=10)
    assert {path.name for path in tmp_path.iterdir()} == {"step-100", "step-10", "step-mine"}


def test_A30_weights_that_are_not_finite_are_not_saved(tmp_path, tiny_model_dir, tokenizer):
    model = MossForCausalLM.from_pretrained(tiny_model_dir)
    model.lm_head.bias.data[0] = 1e6
    with pytest.raises(ValueError, match=r"lm_head\.bias holds NaN or values too large for torch\.float16"):
        finetune_moss.save_model(model, model.half().state_dict(), tokenizer, tmp_path / "out")
    assert not (tmp_path / "out").exists()


# --- adapters ---------------------------------------------------------------------------------------------------------


@needs_peft
@pytest.mark.parametrize("wbits", [32, 4])
def test_C14_adapters_learn_over_a_base_that_stays_as_it_is(wbits, tmp_path, data_dir, tiny_model_dir, tokenizer):
    from models.adapters import load_adapter

    base = tmp_path / "base"
    model = MossForCausalLM.from_pretrained(tiny_model_dir)
    if wbits == 4:
        model.quantize(4, 32)
    model.save_pretrained(base)
    tokenizer.save_pretrained(base)
    before, out = weights(base), tmp_path / "out"
    given = {"lora": True, "merge": True, "n_epochs": 3, "log_step": 1, "save_step": 6, "mixed_precision": "bf16"}
    args = options(data_dir, out, base, **given, lora_rank=4)
    train(args)
    losses = [row["eval_loss"] for row in log_of(out) if "eval_loss" in row]
    assert losses[-1] < next(row["loss"] for row in log_of(out) if "loss" in row) - 0.5
    assert all(torch.equal(tensor, before[name]) for name, tensor in weights(base).items())
    assert {"adapter_config.json", "adapter_model.safetensors"} < {path.name for path in out.iterdir()}
    assert all("lora_" in name for name in load_file(out / "adapter_model.safetensors"))

    ids = torch.arange(4, 60)[None]
    adapted = MossForCausalLM.from_pretrained(base, dtype=torch.float32)
    load_adapter(adapted, out)
    merged = Inference(model_dir=out / "merged").model.float()
    torch.testing.assert_close(merged(ids).logits, adapted(ids).logits, atol=2e-2, rtol=1e-3)  # merged in fp16

    adapter = (out / "adapter_model.safetensors").read_bytes()
    (out / "adapter_config.json").unlink()
    AcceleratorState._reset_state(True)
    train(args)
    assert (out / "adapter_model.safetensors").read_bytes() == adapter


@needs_peft
def test_C14_adapters_over_packed_weights_train_under_fsdp2(tmp_path, data_dir, tiny_model_dir, tokenizer):
    model = MossForCausalLM.from_pretrained(tiny_model_dir)
    model.quantize(4, 32)
    model.save_pretrained(tmp_path / "base")
    tokenizer.save_pretrained(tmp_path / "base")
    out = tmp_path / "out"
    train_together(options(data_dir, out, tmp_path / "base", lora=True, max_steps=1), 1, fsdp=True)
    assert load_file(out / "adapter_model.safetensors") and log_of(out)[-1]["eval_loss"] < 10


def test_lora_without_peft_says_what_is_missing(tmp_path, data_dir, tiny_model_dir, monkeypatch):
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(ValueError, match="requirements-finetune"):
        train(options(data_dir, tmp_path / "out", tiny_model_dir, lora=True))


# --- options ----------------------------------------------------------------------------------------------------------


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
    "length": (
        {"max_seq_len": 4096, "bin_length": None},
        "--max_seq_len 4096 is more than the model's context, n_positions 2048",
    ),
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
    (tiny_model_dir / ".lock").unlink()


def test_a_tokenizer_larger_than_the_model_is_refused(tmp_path, data_dir, tokenizer_dir):
    MossConfig(vocab_size=300, n_embd=32, n_layer=1, n_head=4, rotary_dim=8).save_pretrained(tmp_path / "config")
    with pytest.raises(ValueError, match="the model's vocab_size is 300; they do not belong together"):
        train(options(
            data_dir, tmp_path / "out", None, config_name=str(tmp_path / "config"), tokenizer_name=str(tokenizer_dir)
        ))  # fmt: skip


def test_importing_does_nothing_and_help_names_the_originals_flags(forks, tmp_path):
    code = "import sys, torch; before = torch.backends.cuda.matmul.allow_tf32; import finetune_moss; "
    code += "assert torch.backends.cuda.matmul.allow_tf32 == before and torch.get_default_dtype() == torch.float32; "
    code += "print('imported'); sys.argv = ['finetune_moss.py', '--help']; finetune_moss.main()"
    shown = forks.run(["-c", code], REPOSITORY, tmp_path)
    assert shown.stdout.startswith("imported\nusage: finetune_moss.py")
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


@pytest.mark.parametrize("path", sorted((REPOSITORY / "configs").iterdir()), ids=lambda path: path.name)
def test_configurations_open_with_their_command_and_are_accelerates(path):
    from accelerate.commands.config.config_args import load_config_from_file

    assert path.read_text(encoding="utf-8").startswith(f"# accelerate launch --config_file configs/{path.name} ")
    config = load_config_from_file(str(path))  # which refuses keys that it does not know
    assert config.mixed_precision == ("no" if path.name == "cpu.yaml" else "bf16")

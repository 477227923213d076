"""What can go wrong with processes, precision and memory in fine-tuning: rows of the failure matrix, by test name.

A25 does not apply: checkpoints are written while training waits, so at most one is ever pending and none takes memory.
C11 on GPUs is NCCL's: its watchdog ends a process after WATCHDOG, faulthandler then shows where it stood, and the same
command (or `accelerate launch --max_restarts`) goes on from the newest checkpoint. The name of the dead process in A5
is told by the launcher, which sees it end. C10: no test runs out of memory at update 10,000; the shapes stay.
"""

import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import torch._functorch.config as functorch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import DistributedType
from safetensors.torch import load_file
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

import finetune_moss
from finetune_moss import SFTLoss, train
from models import MossConfig, MossForCausalLM, sealed_folder, training_state
from models.modeling_moss import rotary_angles
from models.packed_attention import VARLEN
from models.packing import PackedDataset
from models.sealed_folder import damage, seal
from models.sft_data import SFTDataset
from models.training_log import Watch, kept_by_block, memory_moments
from models.training_state import find_checkpoint, step_folders
from models.training_step import Batches, compile_blocks, micro_batches, plan_updates
from tests.training_runs import log_of, options, start_together, wait, weights


@pytest.fixture(autouse=True)
def fresh_accelerator(monkeypatch):
    monkeypatch.setattr(finetune_moss, "draw_curves", lambda *paths: None)
    yield
    AcceleratorState._reset_state(True)


# --- processes and disks ----------------------------------------------------------------------------------------------


def test_A5_a_killed_process_stops_the_others_and_publishes_nothing_partial(tmp_path, data_dir, tiny_model_dir):
    out = tmp_path / "out"
    args = options(data_dir, out, tiny_model_dir, max_steps=10_000, save_step=1, keep_checkpoints=1)
    processes = start_together(args, 2, fsdp=True)
    deadline = time.monotonic() + 60
    while not step_folders(out) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(processes[1], signal.SIGKILL)
    killed = time.monotonic()
    assert os.WEXITSTATUS(wait(processes[0])) == 1 and time.monotonic() - killed < 30
    wait(processes[1])
    assert " by peer" in Path(f"{out}.0.txt").read_text("utf-8")  # the connection was closed, or reset
    assert step_folders(out) and all(damage(folder) is None for folder in step_folders(out))
    assert not (out / "config.json").exists()
    states = [load_file(path)["random/cpu"] for path in sorted(step_folders(out)[0].rglob("rank-*.safetensors"))]
    assert len(states) == 2 and not torch.equal(*states)  # or both would drop out the same


def test_A7_files_and_folders_are_synced_around_the_rename(tmp_path, monkeypatch):
    unfinished, events, names = tmp_path / "unfinished", [], {}
    (unfinished / "inner").mkdir(parents=True)
    for name in ("weights", "inner/optimiser"):
        (unfinished / name).write_bytes(b"1")
    real = {name: getattr(os, name) for name in ("open", "fsync", "rename")}

    def opened(path, *args, **kwargs):
        descriptor = real["open"](path, *args, **kwargs)
        names[descriptor] = os.fspath(path)
        return descriptor

    def noted(name, *args):
        events.append((name, names.get(args[0], args[0])))
        return real[name](*args)

    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(os, "fsync", lambda descriptor: noted("fsync", descriptor))
    monkeypatch.setattr(os, "rename", lambda *paths: noted("rename", *map(os.fspath, paths)))
    seal(unfinished, tmp_path / "step-1")
    at = events.index(("rename", str(unfinished)))
    written = {"weights", "inner/optimiser", sealed_folder.MANIFEST, "inner", "."}
    assert {path for kind, path in events[:at]} == {str(unfinished / name) for name in written}
    assert events[at + 1 :] == [("fsync", str(tmp_path))]


def test_A19_processes_agree_on_a_checkpoint_that_all_of_them_see(tmp_path, monkeypatch):
    for step in (2, 4):
        unfinished = tmp_path / "unfinished"
        (unfinished / training_state.STATE).mkdir(parents=True)
        (unfinished / training_state.STATE / "state.json").write_text('{"version": 1}')
        seal(unfinished, tmp_path / f"step-{step}")
    monkeypatch.setattr(training_state, "said_by_all", lambda _, said: [said, ["step-2"]])  # by the other one
    chosen, problems = find_checkpoint(Accelerator(cpu=True), tmp_path, "auto")
    assert chosen.name == "step-2" and "step-4: not every process finds a manifest.json there" in problems[0]
    monkeypatch.setattr(training_state, "said_by_all", lambda _, said: [said, []])
    with pytest.raises(ValueError, match=r"(?s)no checkpoint to go on from.*step-4.*step-2"):
        find_checkpoint(Accelerator(cpu=True), tmp_path, "auto")


def test_a_model_whose_weights_zero3_has_taken_apart_has_a_state(tiny_model_dir):
    model = MossForCausalLM.from_pretrained(tiny_model_dir)
    for parameter in model.parameters():
        parameter.data = torch.empty(0)
    assert {tensor.shape for tensor in model.state_dict().values()} == {(0,)}


def test_C11_no_process_waits_for_ever(monkeypatch):
    assert timedelta(minutes=10) >= finetune_moss.WATCHDOG
    monkeypatch.setattr(sys, "argv", ["finetune_moss.py", "--data_dir", "nowhere"])
    enabled = []
    monkeypatch.setattr(finetune_moss.faulthandler, "enable", enabled.append)
    with pytest.raises(SystemExit):
        finetune_moss.main()
    assert enabled == [sys.__stderr__]


def test_C11_processes_wait_longer_for_one_that_reads_or_writes(tmp_path, data_dir, tiny_model_dir, monkeypatch):
    """67 GB are not read from every disk within WATCHDOG, nor 200 GB checked; the others are not to end meanwhile."""
    events = []
    for name in ("find_checkpoint", "load_model", "save_model", "finish", "said_by_all"):
        real = getattr(finetune_moss, name)

        def noted(*args, name=name, real=real):
            events.append(args[1] if name == "said_by_all" else name)
            return real(*args)

        monkeypatch.setattr(finetune_moss, name, noted)
    monkeypatch.setattr(finetune_moss, "patient_group", lambda: None)
    train(options(data_dir, tmp_path / "out", tiny_model_dir, max_steps=1))
    assert events == ["find_checkpoint", "load_model", "loaded", "save_model", "finish", "finished"]
    made = []
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.distributed, "new_group", lambda **given: made.append(given))
    training_state.patient_group()
    assert made[0]["backend"] == "gloo" and made[0]["timeout"] > 10 * finetune_moss.WATCHDOG


def test_C12_a_slow_gpu_is_named(capsys):
    written = []
    parts = SimpleNamespace(write=written.append), SimpleNamespace(print=lambda text, flush: print(text))
    watch = SimpleNamespace(log=parts[0], accelerator=parts[1])
    Watch.compare(watch, 7, [0.010, 0.011, 0.0143, 0.010])
    assert capsys.readouterr().out == "warning: update 7: the GPU of rank 2 takes 1.43 times as long as the fastest\n"
    assert [(row["step"], row["slow"]["rank"]) for row in written] == [(7, 2)]


# --- precision --------------------------------------------------------------------------------------------------------


def test_C5_fp16_overflow_lowers_the_scale_and_holds_the_schedule(tmp_path, data_dir, tiny_model_dir, monkeypatch):
    """On a CPU, which has no fp16 worth training in but the same scaler."""
    make = finetune_moss.make_accelerator

    def with_scaler(args):
        accelerator = make(args)
        accelerator.scaler, accelerator.native_amp = torch.amp.GradScaler("cpu", init_scale=2.0**24), True
        AcceleratorState._shared_state["_mixed_precision"] = "fp16"
        return accelerator

    monkeypatch.setattr(finetune_moss, "make_accelerator", with_scaler)
    given = {"max_steps": 30, "n_epochs": 3, "log_step": 1, "learning_rate": 1e-3}
    train(options(data_dir, tmp_path / "out", tiny_model_dir, **given))
    rows = [row for row in log_of(tmp_path / "out") if "loss" in row]
    skipped = [row["skipped"] for row in rows]
    n = sum(skipped)
    assert 3 < n < 29 and skipped == [1] * n + [0] * (30 - n)  # the scale is halved until it fits, and fits then
    rates = [row["lr"] for row in rows]
    assert rates[:n] == [1e-3] * n and all(a > b for a, b in zip(rates[n - 1 :], rates[n:], strict=False))
    assert all(tensor.isfinite().all() for tensor in weights(tmp_path / "out").values())


# --- memory -----------------------------------------------------------------------------------------------------------


def test_C9_out_of_memory_shows_the_estimate_and_what_helps(tmp_path, data_dir, tiny_model_dir, monkeypatch, capsys):
    def full(self, **batch):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has ...")

    monkeypatch.setattr(SFTLoss, "forward", full)
    given = vars(options(data_dir, tmp_path / "out", tiny_model_dir)) | {"report_to": "none"}
    monkeypatch.setattr(sys, "argv", ["finetune_moss.py", *(f"--{name}={value}" for name, value in given.items())])
    with pytest.raises(SystemExit) as stopped:
        finetune_moss.main()
    shown = capsys.readouterr()
    assert stopped.value.code == 4 and "Traceback" not in shown.err
    assert "memory a process, estimated: " in shown.out and " GiB of " in shown.out
    assert "error: CUDA out of memory. Add --gradient_checkpointing, or lower --bin_length" in shown.err


def test_C10_every_batch_has_the_shape_of_the_first(tmp_path, data_dir, tokenizer):
    """So that an update that fits at the start fits at the end: a run's first batch takes as much as any."""
    data = PackedDataset(SFTDataset(data_dir, tokenizer, num_workers=0, cache_dir=tmp_path / "cache"), 256, seed=0)
    updates, found = plan_updates(data, 6), set()
    for _ in range(6):  # into the second epoch, past the first one's last update, which is not full
        for rank in (0, 1):
            batches = Batches(data, micro_batches(next(updates).bins, 2, rank, 2), rows=2)
            found |= {batch[name].shape for batch in batches for name in ("input_ids", "position_ids")}
    assert found == {(2, 256)}


@torch.library.custom_op("moss_tests::attend", mutates_args=())
def attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What torch.compile cannot look into, as the variable-length kernel; it computes nothing of use."""
    return query + key + value, query.new_zeros(query.shape[:-1], dtype=torch.float32)


@attend.register_fake
def _(query, key, value):
    return torch.empty_like(query), query.new_empty(query.shape[:-1], dtype=torch.float32)


@torch.library.custom_op("moss_tests::attend_backward", mutates_args=())
def attend_backward(gradient: torch.Tensor, kept: list[torch.Tensor]) -> torch.Tensor:
    return gradient.clone()


@attend_backward.register_fake
def _(gradient, kept):
    return torch.empty_like(gradient)


attend.register_autograd(
    lambda ctx, gradient, _: (attend_backward(gradient, list(ctx.saved_tensors)),) * 3,
    setup_context=lambda ctx, inputs, output: ctx.save_for_backward(*inputs, *output),
)


def kernels_memory(module, query, key, value, attention_mask, **kwargs):
    return attend(*(x.transpose(1, 2).contiguous() for x in (query, key, value)))


@pytest.mark.parametrize(
    "half, stream, compiled", [(2, 4, False), (4, 4, False), (2, 2, True)], ids=["bf16", "fp32", "bf16, compiled"]
)
def test_C18_a_block_keeps_what_the_estimate_says(half, stream, compiled, monkeypatch):
    """Under autocast with fp32 weights, in fp32, and compiled with weights in bf16, as FSDP2 gathers them."""
    monkeypatch.setitem(ALL_ATTENTION_FUNCTIONS._global_mapping, VARLEN, kernels_memory)
    compile_module = torch.nn.Module.compile  # with torch.compile's partitioner, not its code generator
    monkeypatch.setattr(torch.nn.Module, "compile", lambda m: compile_module(m, backend="aot_eager_decomp_partition"))
    config, T, kept = MossConfig(vocab_size=50, n_embd=256, n_layer=1, n_head=4, rotary_dim=8), 96, {}
    dtype = torch.float32 if stream == 4 else torch.bfloat16
    model = MossForCausalLM(config).to(dtype).train()
    model.set_attn_implementation(VARLEN)
    x, rotary = torch.randn(1, T, 256, dtype=dtype, requires_grad=True), rotary_angles(torch.arange(T)[None], 8)
    shared = {tensor.untyped_storage().data_ptr() for tensor in rotary}

    def note(tensor):
        if T in tensor.shape and tensor.untyped_storage().data_ptr() not in shared:
            kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    watched = torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor)
    budget = functorch.patch(activation_memory_budget=functorch.activation_memory_budget)  # put back afterwards
    with budget, watched, torch.autocast("cpu", torch.bfloat16, enabled=half == 2):
        if compiled:
            compile_blocks(model, SimpleNamespace(distributed_type=DistributedType.FSDP))
        model.transformer.h[0](x, rotary=rotary, attention_mask=None)
    assert sum(kept.values()) / T == kept_by_block(config, half, stream, compiled)


def test_C18_checkpointing_changes_memory_and_no_gradient(tiny_model_dir, data_dir, tokenizer, tmp_path):
    data = PackedDataset(SFTDataset(data_dir, tokenizer, num_workers=0, cache_dir=tmp_path / "cache"), 256, seed=0)
    batch, gradients, kept = Batches(data, [[0, 1]], rows=None)[0], {}, {}
    for checkpointing in (False, True):
        model, seen = MossForCausalLM.from_pretrained(tiny_model_dir).train(), []
        if checkpointing:
            model.gradient_checkpointing_enable({"use_reentrant": False})
        with torch.autograd.graph.saved_tensors_hooks(lambda x, seen=seen: seen.append(x.numel()) or x, lambda x: x):
            loss = SFTLoss(model)(**batch)[0]
        loss.backward()
        gradients[checkpointing], kept[checkpointing] = [p.grad for p in model.parameters()], sum(seen)
    assert all(torch.equal(*pair) for pair in zip(*gradients.values(), strict=True))
    assert kept[True] < kept[False] / 2
    accelerator = SimpleNamespace(distributed_type=DistributedType.NO, num_processes=1, mixed_precision="no")
    predicted = [
        sum(memory_moments(accelerator, model, 512, checkpointing, False, False)["the loss"].values())
        for checkpointing in (False, True)
    ]
    assert predicted[1] < predicted[0]


def test_C18_the_estimate_is_what_two_gpus_measured():
    """bench_finetune.py, case fsdp2, on two H200, 2026-11-28: 104.4 GiB with 12 sequences of 2,048."""
    with torch.device("meta"):
        model = MossForCausalLM(MossConfig(vocab_size=107008, n_embd=6144, n_layer=17, n_head=24, rotary_dim=64))
    accelerator = SimpleNamespace(distributed_type=DistributedType.FSDP, num_processes=2, mixed_precision="bf16")
    moments = memory_moments(accelerator, model, 12 * 2048, False, True, False)
    assert max(sum(parts.values()) for parts in moments.values()) / 2**30 == pytest.approx(104.4, rel=0.05)

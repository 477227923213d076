"""Speed and memory of an update in fine-tuning, at the width of the 16B model, beside transformers' CodeGen.

    python benchmarks/bench_finetune.py                                  # all cases, a table at the end
    python benchmarks/bench_finetune.py --cases slice --profile profile  # one, with a profile of one update
    python benchmarks/bench_finetune.py --tiny                           # tries the script itself, on any CPU

Cases: `slice`, 6 of 34 layers, all weights, one GPU; `fsdp2`, 17 layers, all weights, two GPUs (configs/sft.yaml);
`whole`, all 34 layers and weights on four; `lora`, all 34 layers in bf16, and `qlora`, the same in int4, on one GPU.
Weights and tokens are random, every token has a label, and documents are as long as the context. Each line is a process
of its own: --warmup updates, then --updates that are timed together, without waiting for the device between them.
`ours` is the loss, attention, optimiser and step of finetune_moss.py; `CodeGen` is CodeGenForCausalLM with labels,
clip_grad_norm_ and fused AdamW under the same autocast or FSDP2 (where it needs gradient checkpointing to fit), four
sequences at a time.

MFU: operations by models/training_log.py (101.5 GFLOP a token for all 34 layers, attention over all of 2,048) against
the bf16 peak of the data sheet; not for adapters, whose weights take no gradient. Memory is torch's peak, first update
included; the estimate is that which finetune_moss.py prints.

--profile FOLDER writes a trace of one update for each line (chrome://tracing), and says what kernels took the time.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
import transformers
from accelerate import Accelerator

from models import MossConfig, MossForCausalLM
from models.adapters import add_adapter
from models.loss import SFTLoss
from models.packed_attention import best_attention, document_bounds
from models.quantization import QuantLinear
from models.training_log import memory_moments, peak_flops, training_flops
from models.training_step import compile_blocks, keep_fp32, make_optimizer, take_step

ROOT = Path(__file__).resolve().parents[1]
WIDE = {"n_embd": 6144, "n_head": 24, "vocab_size": 107008, "rotary_dim": 64, "n_positions": 2048}
TINY = {"n_embd": 64, "n_head": 4, "vocab_size": 512, "rotary_dim": 8, "n_positions": 64}
KINDS = {  # of kernels, by what their names hold; the first that fits
    "communication": ("nccl",),
    "attention": ("flash", "fmha", "varlen"),
    "matrix products": ("gemm", "nvjet", "cutlass", "cublas", "matmul", "addmm", "aten::mm"),
    "optimiser": ("adam", "multi_tensor"),
    "copies": ("memcpy", "memset"),
}


@dataclass
class Case:
    layers: int
    rows: int  # of n_positions tokens, a process and update
    processes: int = 1
    lora: bool = False
    wbits: int = 32
    checkpointing: bool = False


CASES = {
    "slice": Case(layers=6, rows=4),
    "fsdp2": Case(layers=17, rows=12, processes=2),
    "whole": Case(layers=34, rows=8, processes=4),
    "lora": Case(layers=34, rows=4, lora=True),
    "qlora": Case(layers=34, rows=1, lora=True, wbits=4, checkpointing=True),
}


# --- a process that trains --------------------------------------------------------------------------------------------


def make_model(case: Case, peer: bool, shape: dict, device: torch.device) -> torch.nn.Module:
    """A random model on the device, in fp32, or for adapters in bf16 or packed."""
    sizes = shape | {"n_layer": case.layers, "n_ctx": shape["n_positions"]}
    kind, config = MossForCausalLM, MossConfig(**sizes, wbits=case.wbits, groupsize=min(128, shape["n_embd"]))
    if peer:
        kind, config = transformers.CodeGenForCausalLM, transformers.CodeGenConfig(**sizes, tie_word_embeddings=False)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16 if case.lora else torch.float32)
    try:
        with device:
            model = kind(config)
    finally:
        torch.set_default_dtype(before)
    for layer in model.modules():
        if isinstance(layer, QuantLinear):
            layer.qweight.random_(-(2**31), 2**31 - 1)
            layer.qzeros.fill_(0x77777777)
            layer.scales.fill_(0.005)
    return model.train()


def make_step(case: Case, peer: bool, shape: dict, accelerator: Accelerator, compiled: bool):
    """The function that does one update, and the bytes that it is estimated to take."""
    device, length = accelerator.device, shape["n_positions"]
    model = make_model(case, peer, shape, device)
    input_ids = torch.randint(shape["vocab_size"], (case.rows, length), device=device)
    if peer:
        decayed = [p for p in model.parameters() if p.ndim >= 2]
        others = [p for p in model.parameters() if p.ndim < 2]
        groups = [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
        if case.processes > 1:
            model.gradient_checkpointing_enable({"use_reentrant": False})
        model, optimizer = accelerator.prepare(model, torch.optim.AdamW(groups, lr=1e-5, fused=True))

        def step() -> None:
            accelerator.backward(model(input_ids=input_ids, labels=input_ids, use_cache=False).loss)
            accelerator.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()

        return step, None

    if case.lora:
        add_adapter(model, rank=16, alpha=32, dropout=0.0)
    model.set_attn_implementation(best_attention(device, torch.bfloat16))
    if case.checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    if compiled:
        compile_blocks(model, accelerator)
    moments = memory_moments(accelerator, model, input_ids.numel(), case.checkpointing, compiled, False)
    loss_of, optimizer = SFTLoss(model, compile=compiled), make_optimizer(model, 1e-5, 0.1)
    keep_fp32(accelerator)
    loss_of, optimizer = accelerator.prepare(loss_of, optimizer)
    positions = torch.arange(length, device=device).expand(case.rows, length)
    kept = torch.arange(input_ids.numel(), device=device)
    kept = kept[kept % length != length - 1]  # the last of a document has nothing to predict
    batch = {
        "input_ids": input_ids, "position_ids": positions, "kept": kept, "targets": input_ids.flatten()[kept + 1],
        "parts": torch.zeros_like(kept), "cu_seq_lens": document_bounds(positions),
    }  # fmt: skip

    def step() -> None:
        loss, counts = loss_of(**batch)
        accelerator.backward(loss / len(kept))
        counts = accelerator.reduce(counts, reduction="sum")
        take_step(accelerator, loss_of, optimizer, 1.0, counts[:, 2].sum())

    return step, max(sum(parts.values()) for parts in moments.values())


def worker(args: argparse.Namespace) -> None:
    """Measures one line, and writes it as JSON to args.result."""
    case, peer, shape = CASES[args.worker], args.code == ["CodeGen"], TINY if args.tiny else WIDE
    if args.tiny:
        case.layers = 2
    case.rows = args.rows or (min(case.rows, 4) if peer else case.rows)
    accelerator = Accelerator(mixed_precision="bf16")
    torch.backends.cuda.matmul.allow_tf32 = True
    device, on_gpu = accelerator.device, accelerator.device.type == "cuda"
    torch.manual_seed(0)
    step, estimate = make_step(case, peer, shape, accelerator, args.compile)
    wait = torch.cuda.synchronize if on_gpu else lambda: None
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()  # making and sharing out a random model takes more
    for _ in range(args.warmup):
        step()
    wait()
    began = time.perf_counter()
    for _ in range(args.updates):
        step()
    wait()
    seconds = (time.perf_counter() - began) / args.updates
    tokens, length = case.rows * shape["n_positions"], shape["n_positions"]
    flops = training_flops(MossConfig(**shape, n_layer=case.layers), tokens, tokens, tokens * length)
    line = {
        "case": args.worker,
        "code": "CodeGen" if peer else "ours",
        "layers": case.layers,
        "processes": accelerator.num_processes,
        "tokens": tokens,
        "ms": 1000 * seconds,
        "tokens_per_second": tokens / seconds,
        "mfu": None if case.lora or not on_gpu else flops / seconds / peak_flops(device),
        "gib": torch.cuda.max_memory_allocated() / 2**30 if on_gpu else None,
        "estimate": estimate and estimate / 2**30,
    }
    if args.profile:
        line["kernels"] = profile(step, args.profile / f"{args.worker}-{line['code']}", accelerator, on_gpu)
    if accelerator.is_main_process:
        args.result.write_text(json.dumps(line), encoding="utf-8")
    accelerator.end_training()


def profile(step, path: Path, accelerator: Accelerator, on_gpu: bool) -> dict[str, float]:
    """Milliseconds of one update by kind of kernel; a process's trace goes to path-RANK.json.gz."""
    from torch.profiler import ProfilerActivity

    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_gpu else [])]
    with torch.profiler.profile(activities=activities) as trace:
        step()
        if on_gpu:
            torch.cuda.synchronize()
    path.parent.mkdir(parents=True, exist_ok=True)
    trace.export_chrome_trace(f"{path}-{accelerator.process_index}.json.gz")
    times: dict[str, float] = {}
    for event in trace.key_averages():
        time_us = event.self_device_time_total if on_gpu else event.self_cpu_time_total
        # On a GPU an operator has its kernels' time, too; only the kernels are counted.
        if time_us and (not on_gpu or event.device_type != torch.autograd.DeviceType.CPU):
            kind = next((k for k, names in KINDS.items() if any(n in event.key.lower() for n in names)), "other")
            times[kind] = times.get(kind, 0.0) + time_us / 1000
    return dict(sorted(times.items(), key=lambda pair: -pair[1]))


# --- all lines --------------------------------------------------------------------------------------------------------


def measure(name: str, peer: bool, args: argparse.Namespace, folder: Path) -> dict:
    """Runs a worker, or several that accelerate launches, and reads its line."""
    case, result = CASES[name], folder / f"{name}-{peer}.json"
    command, environment = [sys.executable], os.environ | {"PYTORCH_ALLOC_CONF": "expandable_segments:True"}
    if case.processes > 1 and args.tiny:
        command += ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(case.processes)]
        environment |= {"ACCELERATE_USE_CPU": "true"}
    elif case.processes > 1:
        command += ["-m", "accelerate.commands.launch", "--config_file", str(ROOT / "configs" / "sft.yaml")]
        command += ["--num_processes", str(case.processes)]
        command += ["--fsdp_transformer_layer_cls_to_wrap", "CodeGenBlock" if peer else "MossBlock"]
    command += [__file__, "--worker", name, "--result", str(result)]
    command += ["--warmup", str(args.warmup), "--updates", str(args.updates)]
    command += ["--rows", str(args.rows)] if args.rows else []
    command += ["--code", "CodeGen" if peer else "ours", "--compile" if args.compile and not peer else "--no-compile"]
    command += ["--tiny"] * args.tiny
    command += ["--profile", str(args.profile)] if args.profile else []
    done = subprocess.run(command, env=environment, text=True, capture_output=True)
    if done.returncode:
        told = [text for text in done.stderr.splitlines() if "Error" in text][:4]  # the launcher's come after these
        return {"case": name, "code": "CodeGen" if peer else "ours", "error": "\n".join(told) or done.stderr[-2000:]}
    return json.loads(result.read_text(encoding="utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--warmup", type=int, default=5, help="updates that are not timed (default 5)")
    parser.add_argument("--updates", type=int, default=10, help="updates that are (default 10)")
    parser.add_argument("--rows", type=int, help="sequences of an update in a process (default: the case's)")
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, default=True, help="torch.compile for ours")
    parser.add_argument("--profile", type=Path, metavar="FOLDER", help="where traces go")
    parser.add_argument("--tiny", action="store_true", help="a shape for any CPU, to try the script; no figures of use")
    parser.add_argument("--worker", choices=CASES, help=argparse.SUPPRESS)
    parser.add_argument("--code", nargs="+", choices=["CodeGen", "ours"], default=["CodeGen", "ours"])
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        return worker(args)
    if not args.tiny and not torch.cuda.is_available():
        parser.error("there is no GPU here; --tiny tries the script on the CPU")
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    print(f"{device}; torch {torch.__version__}, transformers {transformers.__version__}", flush=True)
    if args.tiny:
        print("a tiny shape: this tries the script and says nothing of speed; two processes are DDP, not FSDP2")
    print("case   code     layers GPUs  tokens       ms  tokens/s a GPU    MFU  peak GiB  estimated")
    with tempfile.TemporaryDirectory() as folder:
        for name in args.cases:
            for peer in [code == "CodeGen" for code in args.code if code == "ours" or not CASES[name].lora]:
                line = measure(name, peer, args, Path(folder))
                if "error" in line:
                    print(f"{name:6} {line['code']:8} failed:\n{line['error']}", flush=True)
                    continue
                mfu = f"{100 * line['mfu']:5.1f}%" if line["mfu"] is not None else "     –"
                gib, estimate = (f"{line[n]:9.2f}" if line[n] else "        –" for n in ("gib", "estimate"))
                print(
                    f"{name:6} {line['code']:8} {line['layers']:6} {line['processes']:4} {line['tokens']:7,} "
                    f"{line['ms']:8.1f} {line['tokens_per_second']:15,.0f} {mfu} {gib}  {estimate}",
                    flush=True,
                )
                for kind, ms in line.get("kernels", {}).items():
                    print(f"         {kind:16} {ms:8.1f} ms", flush=True)


if __name__ == "__main__":
    main()

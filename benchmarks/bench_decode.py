"""How fast the 16B MOSS generates: random weights of its shape, a prompt of 512 tokens, sampling on.

    python benchmarks/bench_decode.py
    python benchmarks/bench_decode.py --bits 4 --kv_bits 16 8 --rows 1 16 --new 128
    python benchmarks/bench_decode.py --bits 16 --peer --json decode.json
    torchrun --nproc_per_node 4 benchmarks/bench_decode.py --bits 4 16 --compare
    python benchmarks/bench_decode.py --startup output/random-int4
    python benchmarks/bench_decode.py --tiny                  # on a CPU, a small shape: does the script run

A figure is tokens a second over the ids of all rows from the first to the last, through `Engine` as the demos use it,
with all that is on the host; the graphs were captured before. The end is never drawn. Then come a step at 128 to 2,048
tokens of context with what its kernels take, one prompt of 2,000 tokens until its first id, and the memory: what torch
had at most since before the model was made, and what the GPU has given away, to other processes, too. The limit is the
bytes of weights and cache that a step reads over the copy bandwidth that is measured first.

--peer: `generate` of transformers with CodeGenForCausalLM, fp16, random weights, on the same prompts, at the end;
--compile: with a static cache and torch.compile, besides, one row.

--startup: from the start of a process to the first id that it draws, with the checkpoint in this folder, twice; where
there is none, a random int4 one of 10.8 GB is made. The second time the files and the compiled kernels are cached.

Under torchrun the model is split over 2 or 4 GPUs, and of a step only what its kernels take is shown. --compare: the
first GPU also holds the whole model; its speed, and how many greedy ids are the same (in fp16 two nearly equal logits
may change places, as sums are rounded in another order, and all ids behind differ then). The same of moss-mini in fp32,
where all ids have to be equal.
"""

import argparse
import collections
import gc
import json
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterable
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.bench_matmul import measure_ceilings  # noqa: E402
from models import MossConfig, MossForCausalLM  # noqa: E402
from models.engine import Engine  # noqa: E402
from models.quantization import QuantLinear, find_layers, quantise_linear  # noqa: E402
from models.sampling import DEFAULT_PARAS  # noqa: E402
from models.shards import ShardWriter  # noqa: E402
from models.tensor_parallel import Ranks, join_ranks, layer_with, load_split, split_model  # noqa: E402

SHAPE = {"vocab_size": 107008, "n_embd": 6144, "n_head": 24, "rotary_dim": 64, "n_positions": 2048, "n_ctx": 2048}
TINY = {"vocab_size": 8192, "n_embd": 128, "n_head": 4, "rotary_dim": 8, "bos_token_id": 0, "eos_token_id": 1}
GIB = 2**30
CONTEXTS = 128, 512, 1024, 2047  # known before the id that the step reads
KINDS = {  # of kernels, by their names; the first that fits
    "drawing": r"scale_kernel|search_kernel|weigh_kernel|pick_kernel",
    "products": r"gemm|gemv|nvjet|cutlass|splitK|matmul|dequantize",
    "attention": r"attend_kernel|keep_kernel|flash|fmha|cudnn",
    "norm": r"norm_kernel|layer_norm",
    "all else": "",
}


@torch.no_grad()
def randomise(module: torch.nn.Module) -> None:
    """Weights such that activations stay of one size."""
    for name, parameter in module.named_parameters():
        if parameter.ndim > 1:
            parameter.normal_(0, 0.02)
        else:
            parameter.fill_(float("ln_" in name and name.endswith("weight")))
    for layer in find_layers(module, (QuantLinear,)).values():
        layer.qweight.random_(-(2**31), 2**31 - 1)
        layer.qzeros.fill_({4: 0x77777777, 8: 0x7F7F7F7F}[layer.bits])
        layer.scales.fill_(0.07 / 2**layer.bits)
        layer.g_idx.copy_(torch.arange(layer.infeatures, device=layer.g_idx.device) // layer.groupsize)
        if layer.bias is not None:
            layer.bias.zero_()


def random_model(bits: int, n_layer: int, lm_head_bits: int) -> MossForCausalLM:
    """On the GPU in fp16, where there is one."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with torch.device("meta"):
        model = MossForCausalLM(MossConfig(**SHAPE, n_layer=n_layer, wbits=32 if bits == 16 else bits))
    model = model.to(torch.float16 if device == "cuda" else torch.float32).to_empty(device=device).eval()
    randomise(model)
    if lm_head_bits != 16:
        model.lm_head = quantise_linear(model.lm_head, lm_head_bits)
    return model


def prompts_of(rows: int, length: int) -> list[list[int]]:
    generator = torch.Generator().manual_seed(rows)
    return torch.randint(100, SHAPE["vocab_size"] - 1000, (rows, length), generator=generator).tolist()


def generate(engine: Engine, prompts: list[list[int]], new: int, **paras) -> tuple[float, float]:
    """Seconds until the first id, and tokens a second from when all rows have theirs to when the first has ended."""
    settings = DEFAULT_PARAS | {"max_iterations": new, "seed": 0} | paras
    begin, times = time.perf_counter(), []

    def collect(request) -> None:
        times.append([time.perf_counter() for _ in request])

    threads = [threading.Thread(target=collect, args=(engine.submit(ids, settings),)) for ids in prompts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    start, end = max(row[0] for row in times), min(row[-1] for row in times)
    counted = sum(start < moment <= end for row in times for moment in row)
    return min(row[0] for row in times) - begin, counted / (end - start)


def step_times(engine: Engine, rows: int, contexts: list[int]) -> dict[int, float]:
    """Milliseconds of a step by the graph that is there, at so many tokens of context, median of 20."""
    graph, found = engine._graphs[rows], {}
    for context in contexts:
        graph.inputs.copy_(torch.stack([torch.arange(rows), torch.full((rows,), context), torch.arange(rows)]))
        times = []
        for _ in range(20):
            graph.inputs[1].fill_(context)
            engine.sampler.steps.zero_()
            begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            begin.record()
            graph.graph.replay()
            end.record()
            torch.cuda.synchronize()
            times.append(begin.elapsed_time(end))
        found[context] = statistics.median(times)
    return found


def timeline(run) -> tuple[float, dict[str, float], list[tuple[str, int, float]]]:
    """Of what run() launches: microseconds from the first kernel to the last; those of each kind; and (kernel,
    launches, microseconds), by share."""
    from torch.profiler import ProfilerActivity, profile

    torch.cuda.synchronize()
    with profile(activities=[ProfilerActivity.CUDA], acc_events=True) as profiler:
        run()
        torch.cuda.synchronize()
    events = [event for event in profiler.events() if event.device_type == torch.autograd.DeviceType.CUDA]
    counts, times, kinds = collections.Counter(), collections.Counter(), dict.fromkeys(KINDS, 0.0)
    for event in events:
        counts[event.name] += 1
        times[event.name] += event.time_range.elapsed_us()
        kinds[next(kind for kind, names in KINDS.items() if re.search(names, event.name))] += (
            event.time_range.elapsed_us()
        )
    span = max(e.time_range.end for e in events) - min(e.time_range.start for e in events)
    return span, kinds, [(name, counts[name], us) for name, us in times.most_common()]


def print_timeline(what: str, run) -> dict:
    span, kinds, kernels = timeline(run)
    shares = ", ".join(f"{kind} {us:.0f}" for kind, us in kinds.items())
    print(f"  {what}: {span:.0f} us; in kernels {sum(kinds.values()):.0f}: {shares}")
    for name, count, us in kernels[:9]:
        print(f"  {us:9.1f} us {count:4d} x {name[:90]}")
    return {"us": span, "kinds": kinds, "kernels": kernels}


def step_bytes(model: MossForCausalLM, rows: int, context: int, kv_bits: int) -> int:
    """What a step reads at least: all weights but the embeddings, and keys and values."""
    tensors = (*model.parameters(), *model.buffers())
    layers = find_layers(model, (QuantLinear,)).values()
    weights = sum(t.numel() * t.element_size() for t in tensors) - model.transformer.wte.weight.nbytes
    weights += sum(layer.runtime.tiles.nbytes + layer.runtime.scale_zero.nbytes for layer in layers if layer.runtime)
    return weights + rows * context * 2 * model.config.n_layer * model.config.n_embd * kv_bits // 8


def measure(bits: int, args: argparse.Namespace, bandwidth: float) -> list[dict]:
    gc.collect()
    on_gpu = torch.cuda.is_available()
    if on_gpu:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    begin = time.perf_counter()
    model = random_model(bits, args.layers, args.lm_head_bits)
    print(f"\n--- {bits} bits, built in {time.perf_counter() - begin:.0f} s", flush=True)
    results = []
    with torch.inference_mode():
        for kv_bits in args.kv_bits:
            for rows in args.rows:
                engine = Engine(model, [SHAPE["vocab_size"]], max_rows=rows, kv_bits=kv_bits)
                results.append({"bits": bits, "kv_bits": kv_bits, "rows": rows})
                measure_rows(engine, rows, args, bandwidth, results[-1])
                del engine
                gc.collect()
    return results


def measure_rows(engine: Engine, rows: int, args: argparse.Namespace, bandwidth: float, result: dict) -> None:
    """Puts the figures of one engine into result, and prints them."""
    prompts, on_gpu = prompts_of(rows, args.prompt), torch.cuda.is_available()
    begin = time.perf_counter()
    generate(engine, prompts, 24)  # compiles and captures
    warm = time.perf_counter() - begin
    engine.forget()
    first, rate = generate(engine, prompts, args.new)
    result |= {"tokens_per_s": rate, "first_id_s": first}
    print(f"rows {rows}, keys and values of {result['kv_bits']} bits: {rate:.0f} tokens/s", end="")
    if not on_gpu:
        print(f", first id after {first * 1000:.0f} ms")
        return
    limit = rows * bandwidth / step_bytes(engine.model, rows, args.prompt + args.new // 2, result["kv_bits"])
    steps = step_times(engine, rows, [c for c in CONTEXTS if c < SHAPE["n_positions"]])
    print(f" (limit {limit:.0f}), first id after {first * 1000:.0f} ms; warming up {warm:.1f} s; a step at "
          f"{', '.join(f'{c}: {ms:.3f} ms' for c, ms in steps.items())}", flush=True)  # fmt: skip
    graph = engine._graphs[rows]
    graph.inputs[1].fill_(args.prompt)
    result |= {"limit": limit, "step_ms": steps}
    result["step"] = print_timeline(f"one step at {args.prompt}", graph.graph.replay)
    if rows == 1:
        times = []
        for seed in range(4):
            engine.forget()
            times.append(generate(engine, [prompts_of(100 + seed, 2000)[0]], 2)[0])
        result["prefill_2000_s"] = statistics.median(times[1:])
        print(f"  prefill of 2,000 tokens: {result['prefill_2000_s'] * 1000:.0f} ms", flush=True)
        ids = prompts_of(7, 2000)[:1]
        result["prefill"] = print_timeline("the same", lambda: engine.forward(ids, [0], [0]))
    free, total = torch.cuda.mem_get_info()
    memory = torch.cuda.max_memory_allocated(), torch.cuda.max_memory_reserved(), total - free
    cache = sum(tensor.nbytes for tensor in (*engine.cache.layers, *engine.cache.scales) if tensor is not None)
    result["memory_gib"] = {
        name: n / GIB for name, n in zip(("allocated", "reserved", "device"), memory, strict=True)
    } | {"cache": cache / GIB}
    print(f"  memory, GiB: {', '.join(f'{k} {v:.2f}' for k, v in result['memory_gib'].items())}", flush=True)


def measure_peer(args: argparse.Namespace) -> dict:
    """transformers' generate with CodeGen, fp16, sampling as MOSS's, one row and the largest number of rows."""
    from transformers import CodeGenConfig, CodeGenForCausalLM

    config = CodeGenConfig(
        vocab_size=SHAPE["vocab_size"], n_embd=SHAPE["n_embd"], n_head=SHAPE["n_head"], n_layer=args.layers,
        rotary_dim=SHAPE["rotary_dim"], n_positions=SHAPE["n_positions"], n_ctx=SHAPE["n_positions"],
    )  # fmt: skip
    torch.set_default_dtype(torch.float16)
    with torch.device("cuda"), torch.no_grad():
        model = CodeGenForCausalLM(config).eval()
    torch.set_default_dtype(torch.float32)
    found = {}
    for rows in sorted({1, max(args.rows)}):
        ids = torch.tensor(prompts_of(rows, args.prompt), device="cuda")
        options = {"do_sample": True, "temperature": 0.7, "top_p": 0.8, "repetition_penalty": 1.02, "pad_token_id": 0}
        rates = []
        for new in (8, 8 + args.new // 2):
            torch.cuda.synchronize()
            begin = time.perf_counter()
            model.generate(ids, max_new_tokens=new, min_new_tokens=new, **options)
            torch.cuda.synchronize()
            rates.append(time.perf_counter() - begin)
        found[rows] = rows * (args.new // 2) / (rates[1] - rates[0])
        print(f"\npeer, transformers' generate with CodeGen, fp16, {rows} rows: {found[rows]:.0f} tokens/s", flush=True)
    if args.compile:
        ids = torch.tensor(prompts_of(1, args.prompt), device="cuda")
        rates = []
        for new in (8 + args.new, 8, 8 + args.new):  # the first compiles
            begin = time.perf_counter()
            model.generate(ids, max_new_tokens=new, min_new_tokens=new, cache_implementation="static", **options)
            torch.cuda.synchronize()
            rates.append(time.perf_counter() - begin)
        found["compiled"] = args.new / (rates[2] - rates[1])
        print(f"static cache and torch.compile, 1 row: {found['compiled']:.0f} tokens/s, {rates[0]:.0f} s to compile")
    return found


# --- start-up ---------------------------------------------------------------------------------------------------------

CHILD = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
moments = [("python", time.time())]
from moss_inference import Inference
moments.append(("imports", time.time()))
infer = Inference(model_dir=sys.argv[2], kv_bits=int(sys.argv[3]), lm_head_bits=int(sys.argv[4]))
moments.append(("loading", time.time()))
ids, _ = infer.conversation("What is 15% of 240?").encode(infer.tokenizer)
for number, _ in enumerate(infer.engine.submit(ids, infer.checked({"max_iterations": 16, "seed": 0}))):
    if number == 0:
        moments.append(("first token", time.time()))
moments.append(("the rest", time.time()))
print(json.dumps(moments))
"""


def make_checkpoint(folder: Path, n_layer: int) -> None:
    """A random int4 checkpoint in shards, all blocks alike, with moss-mini's tokenizer."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    shape = {**SHAPE, "n_layer": n_layer}
    writer = ShardWriter(folder, "making", n_layer)
    writer.folder.mkdir(parents=True, exist_ok=True)
    with torch.device("meta"):
        model = MossForCausalLM(MossConfig(**{**shape, "n_layer": 1}, wbits=4)).half()
    model = model.to_empty(device=device)
    randomise(model)
    state = {name: x.cpu() for name, x in model.state_dict().items()}
    block = "transformer.h.0."
    writer.write_shard(0, {"transformer.wte.weight": state["transformer.wte.weight"]})
    last = {name: x for name, x in state.items() if name.startswith(("transformer.ln_f", "lm_head"))}
    writer.write_shard(n_layer + 1, last)
    for i in range(n_layer):
        tensors = {name.replace(block, f"transformer.h.{i}."): x for name, x in state.items() if block in name}
        writer.write_shard(i + 1, tensors)
    quantization = {"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": False, "sym": True}
    MossConfig(**shape, quantization_config=quantization, dtype="float16").save_pretrained(writer.folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copy(ROOT / "checkpoints" / "moss-mini" / name, writer.folder)
    writer.join()
    writer.take_place()


def measure_startup(folder: Path, args: argparse.Namespace) -> dict:
    if not (folder / "config.json").is_file():
        begin = time.perf_counter()
        make_checkpoint(folder, args.layers)
        print(f"made a random int4 checkpoint in {folder}: {time.perf_counter() - begin:.0f} s", flush=True)
    found = {}
    for name in ("first time", "second time"):
        begin = time.time()
        command = [sys.executable, "-c", CHILD, str(ROOT), str(folder), str(args.kv_bits[0]), str(args.lm_head_bits)]
        child = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        moments = json.loads(child.stdout.splitlines()[-1])
        starts = [begin, *(moment for _, moment in moments)]
        found[name] = {what: end - start for (what, end), start in zip(moments, starts, strict=False)}
        total = dict(moments)["first token"] - begin
        print(f"{name}: first token after {total:.1f} s: "
              f"{', '.join(f'{what} {s:.1f}' for what, s in found[name].items())}", flush=True)  # fmt: skip
    return found


# --- split over several GPUs ------------------------------------------------------------------------------------------


def random_tensors(module: torch.nn.Module, name: str) -> dict[str, torch.Tensor]:
    """As in random_model, of one module, and the same for the same name wherever they are made."""
    generator = torch.Generator("cuda").manual_seed(zlib.crc32(name.encode()))
    constants = {"qzeros": {4: 0x77777777, 8: 0x7F7F7F7F}, "scales": {4: 0.07 / 16, 8: 0.07 / 256}}
    found = {}
    for key, like in (*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)):
        x = found[key] = torch.empty_like(like, device="cuda")
        if key == "qweight":
            x.random_(-(2**31), 2**31 - 1, generator=generator)
        elif key == "g_idx":
            x.copy_(torch.arange(len(x), device="cuda") // module.groupsize)
        elif key in constants:
            x.fill_(constants[key][module.bits])
        elif x.ndim > 1:
            x.normal_(0, 0.02, generator=generator)
        else:
            x.fill_(float("ln_" in name and key == "weight"))
    return found


@torch.no_grad()
def random_part(bits: int, args: argparse.Namespace, ranks: Ranks | None) -> MossForCausalLM:
    """This rank's part of a random model; without ranks, the whole of the same."""
    with torch.device("meta"):
        model = MossForCausalLM(MossConfig(**SHAPE, n_layer=args.layers, wbits=32 if bits == 16 else bits)).half()
    if ranks is not None:
        split_model(model, lambda name: random_tensors(model.get_submodule(name), name), ranks, torch.float16)
    else:
        for name, module in list(model.named_modules()):
            if module._parameters or module._buffers:
                tensors = random_tensors(module, name)
                model.set_submodule(name, layer_with(module, tensors, torch.float16, "cuda"))
    if args.lm_head_bits != 16:
        model.lm_head = quantise_linear(model.lm_head, args.lm_head_bits)
    return model.eval()


def greedy(engine: Engine, prompts: list[list[int]], new: int) -> list[list[int]]:
    paras = DEFAULT_PARAS | {"temperature": 0, "repetition_penalty": 1.0, "max_iterations": new}
    return [list(request) for request in [engine.submit(ids, paras) for ids in prompts]]


def equal_ids(found: Iterable[list[int]], expected: Iterable[list[int]]) -> str:
    counts = []
    for ours, theirs in zip(found, expected, strict=True):
        same = [x == y for x, y in zip(ours, theirs, strict=True)]
        counts.append([*same, False].index(False))
    return f"greedy ids as on one GPU before the first that differs, of {len(ours)}: {', '.join(map(str, counts))}"


def measure_alone(bits: int, args: argparse.Namespace) -> dict[int, tuple[float, list[list[int]]]]:
    """For each number of rows: tokens a second, and greedy ids, of the whole model on this GPU."""
    model, found = random_part(bits, args, None), {}
    for rows in args.rows:
        engine, prompts = Engine(model, [SHAPE["vocab_size"]], max_rows=rows), prompts_of(rows, args.prompt)
        generate(engine, prompts, 24)
        engine.forget()
        rate = generate(engine, prompts, args.new)[1]
        engine.forget()
        found[rows] = rate, greedy(engine, prompts, args.new)
        print(f"{bits} bits on one GPU, rows {rows}: {rate:.0f} tokens/s", flush=True)
    return found


def measure_split(bits: int, args: argparse.Namespace, ranks: Ranks, bandwidth: float) -> dict:
    from torch.profiler import ProfilerActivity, profile

    alone = measure_alone(bits, args) if args.compare and ranks.rank == 0 else {}
    time.sleep(1)  # until the thread of its engine has ended
    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    model = random_part(bits, args, ranks)
    result = {"bits": bits, "gpus": ranks.size, "rows": {}}
    for rows in args.rows:
        engine = Engine(model, [SHAPE["vocab_size"]], max_rows=rows)
        if ranks.rank:
            ranks.follow()
            continue
        prompts = prompts_of(rows, args.prompt)
        generate(engine, prompts, 24)
        engine.forget()
        first, rate = generate(engine, prompts, args.new)
        cache = rows * (args.prompt + args.new // 2) * 4 * model.config.n_layer * model.config.n_embd
        limit = rows * bandwidth / (step_bytes(model, rows, 0, 16) + cache / ranks.size)
        print(f"{bits} bits on {ranks.size} GPUs, rows {rows}: {rate:.0f} tokens/s (limit {limit:.0f}), first id after "
              f"{first * 1000:.0f} ms", flush=True)  # fmt: skip
        engine.forget()
        ids = greedy(engine, prompts, args.new)
        if alone:
            print("  " + equal_ids(ids, alone[rows][1]), flush=True)
        with profile(activities=[ProfilerActivity.CUDA], acc_events=True) as profiler:
            generate(engine, prompts, 32)  # what the prompts hold is known
        events = [e for e in profiler.events() if e.device_type == torch.autograd.DeviceType.CUDA]
        counts, times = collections.Counter(e.name for e in events), collections.Counter()
        for event in events:
            times[event.name] += event.time_range.elapsed_us() / 32
        print(f"  one step of rank 0, about: in kernels {sum(times.values()):.0f} us of {1e6 * rows / rate:.0f}")
        for name, us in times.most_common(12):
            print(f"  {us:9.1f} us {counts[name] / 32:4.0f} x {name[:80]}", flush=True)
        memory = torch.cuda.max_memory_allocated() / GIB
        print(f"  memory: at most {memory:.2f} GiB allocated by rank 0", flush=True)
        result["rows"][rows] = {"tokens_per_s": rate, "limit": limit, "first_id_s": first, "memory_gib": memory}
        result["rows"][rows] |= {"alone_tokens_per_s": alone[rows][0]} if alone else {}
        ranks.release()
        del engine
    return result


def compare_mini(ranks: Ranks) -> None:
    """Prints how many greedy ids of moss-mini in fp32 are those of one GPU, in steps of eight rows."""
    folder, prompts, ids = ROOT / "checkpoints" / "moss-mini", prompts_of(8, 64), []
    prompts = [[x % 4000 for x in row] for row in prompts]
    if ranks.rank == 0:
        model = MossForCausalLM.from_pretrained(folder, dtype=torch.float32, device_map=str(ranks.device)).eval()
        ids = greedy(Engine(model, [model.config.vocab_size]), prompts, 200)
    model = load_split(folder, ranks, torch.float32)
    engine = Engine(model, [model.config.vocab_size])
    if ranks.rank:
        return ranks.follow()
    print(f"moss-mini, fp32, {ranks.size} GPUs: {equal_ids(greedy(engine, prompts, 200), ids)}", flush=True)
    ranks.release()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bits", type=int, nargs="+", choices=(4, 8, 16), default=[4, 8, 16], help="(default: all)")
    parser.add_argument(
        "--kv_bits", type=int, nargs="+", choices=(8, 16), default=[16], help="of keys and values (default: 16)"
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 16], help="rows at a time (default: 1 16)")
    parser.add_argument("--prompt", type=int, default=512, help="tokens of a prompt (512)")
    parser.add_argument("--new", type=int, default=128, help="tokens drawn a row (128)")
    parser.add_argument("--layers", type=int, default=34, help="blocks of the model (34)")
    parser.add_argument("--lm_head_bits", type=int, choices=(4, 8, 16), default=16, help="of the output layer (16)")
    parser.add_argument("--peer", action="store_true", help="transformers' generate, too")
    parser.add_argument("--compare", action="store_true", help="under torchrun: one GPU with the whole model, too")
    parser.add_argument("--compile", action="store_true", help="with --peer: compiled, too, which takes a minute")
    parser.add_argument("--startup", type=Path, metavar="DIR", help="measure loading alone, from this checkpoint")
    parser.add_argument("--tiny", action="store_true", help="a small shape, on a CPU if there is no GPU")
    parser.add_argument("--json", metavar="FILE", help="write every figure there")
    args = parser.parse_args()
    if args.tiny:
        SHAPE.update(TINY)
        args.layers, args.prompt, args.new = 2, 16, 8
    elif not torch.cuda.is_available():
        print(f"bench_decode.py measures a GPU: torch {torch.__version__} finds none; see --tiny", file=sys.stderr)
        return 2
    ranks = join_ranks()
    if ranks is not None and ranks.rank:
        if args.compare:
            compare_mini(ranks)
        for bits in args.bits:
            measure_split(bits, args, ranks, 0.0)
        return 0
    begin = time.perf_counter()
    if args.startup:
        results = [{"startup": measure_startup(args.startup, args)}]
    else:
        bandwidth, name = 0.0, "CPU"
        if torch.cuda.is_available():
            (bandwidth, _), name = measure_ceilings(), torch.cuda.get_device_name()
        print(
            f"{name}, torch {torch.__version__}, copy {bandwidth / 1e12:.2f} TB/s; prompt of "
            f"{args.prompt} tokens, {args.new} new, {args.layers} blocks, output layer of {args.lm_head_bits} bits"
        )
        if ranks is None:
            results = [result for bits in args.bits for result in measure(bits, args, bandwidth)]
        else:
            if args.compare:
                compare_mini(ranks)
            results = [measure_split(bits, args, ranks, bandwidth) for bits in args.bits]
        if args.peer and torch.cuda.is_available():
            gc.collect()
            torch.cuda.empty_cache()
            results.append({"peer": measure_peer(args)})
    print(f"\nall in {time.perf_counter() - begin:.0f} s")
    if args.json:
        Path(args.json).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How long the linear layers of the 16B MOSS take in int4 and int8, beside other kernels in the same run; needs a GPU.

    python benchmarks/bench_matmul.py
    python benchmarks/bench_matmul.py --quick
    python benchmarks/bench_matmul.py --m 1 16 --bits 4 --shapes --json matmul.json
    python benchmarks/bench_matmul.py --peer path/to/marlin.py

Measured are the four layers of a block, times 34, and the two that they become when the parallel block is fused
(qkv_proj with fc_in, which share their input; out_proj with fc_out, whose outputs are added). Groups of 128, symmetric.
Every kernel gets the same integers. It is called once for each of so many copies of the weights that they come from
memory (a gigabyte, against some 60 MB of cache), the calls are captured in one CUDA graph, and the graphs of all
kernels are replayed in turn; a figure is the median of the replays. Outputs are filled with NaN before the replay that
is compared with float64; a kernel whose relative Frobenius error is above 2 % is marked "wrong" and gets no figure.

Rows: the limit (the larger of the bytes over the measured copy bandwidth and the operations over the measured rate of a
large matrix product), fp16 by cuBLAS, our QuantLinear, int4 dequantised by a Triton kernel before cuBLAS, and tinygemm
(torch's _weight_int4pack_mm, bf16). A kernel from elsewhere joins by --peer, a Python file with

    name = "Marlin"; bits = (4,)      # what it can do
    def make(packed): ...             # a Packed -> a function of x (M, K) fp16 that gives y (M, N)
    max_m = 64                        # where given: not called with more rows
    dtype = torch.bfloat16            # where given: the type of x and y
"""

import argparse
import importlib.util
import json
import math
import statistics
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch.nn import functional as F

try:
    import triton
    import triton.language as tl
except ImportError:  # torch without CUDA comes without it; main() then says what is missing
    triton = None

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from models.quantization import QuantLinear, unpack  # noqa: E402

LAYERS = {
    "qkv_proj": (6144, 18432),
    "out_proj": (6144, 6144),
    "fc_in": (6144, 24576),
    "fc_out": (24576, 6144),
}  # (K, N)
FUSED = {"qkv_proj+fc_in": (6144, 43008), "out_proj+fc_out": (30720, 6144)}
N_LAYER = 34
GROUP = 128
WRONG = 0.02  # relative error; bf16 stays below 0.005
ROTATED_BYTES = 2**30
DEVICE = "cuda"

Call = Callable[[torch.Tensor], torch.Tensor]


class Packed(NamedTuple):
    """The integers of one layer in the layout of models/packed_weight.py; zero points 2**(bits-1), group k // 128."""

    bits: int
    groupsize: int
    qweight: torch.Tensor  # int32 (K * bits/32, N)
    qzeros: torch.Tensor  # int32 (G, N * bits/32), "gptq": zero points less 1
    scales: torch.Tensor  # fp16 (G, N)

    @classmethod
    def random(cls, bits: int, K: int, N: int) -> "Packed":
        qweight = torch.randint(-(2**31), 2**31, (K * bits // 32, N), dtype=torch.int32, device=DEVICE)
        word = {4: 0x77777777, 8: 0x7F7F7F7F}[bits]
        qzeros = torch.full((K // GROUP, N * bits // 32), word, dtype=torch.int32, device=DEVICE)
        scales = (torch.rand(K // GROUP, N, device=DEVICE) + 0.5) * 0.16 / 2**bits
        return cls(bits, GROUP, qweight, qzeros, scales.half())

    def dequantize(self, dtype: torch.dtype) -> torch.Tensor:
        """The weight (K, N), exact in fp32 and fp64."""
        values = unpack(self.qweight, self.bits).to(dtype).sub_(2 ** (self.bits - 1))
        return values.unflatten(0, (-1, self.groupsize)).mul_(self.scales[:, None].to(dtype)).flatten(0, 1)


class Peer(NamedTuple):
    name: str
    bits: int
    make: Callable[[Packed], Call]
    bytes_per_weight: float
    max_m: float = math.inf
    dtype: torch.dtype = torch.float16


# --- the peers that need nothing but torch ---------------------------------------------------------------------------


def make_fp16(packed: Packed) -> Call:
    return partial(F.linear, weight=packed.dequantize(torch.float32).half().T.contiguous())


def make_ours(packed: Packed) -> Call:
    G, N = packed.scales.shape
    with torch.device(packed.scales.device):
        layer = QuantLinear(packed.bits, packed.groupsize, G * packed.groupsize, N, bias=False)
    layer.qweight, layer.qzeros, layer.scales = (
        tensor.clone() for tensor in (packed.qweight, packed.qzeros, packed.scales)
    )
    return layer


def make_tinygemm(packed: Packed) -> Call:
    q = unpack(packed.qweight, 4).T.contiguous()  # (N, K)
    weight = torch.ops.aten._convert_weight_to_int4pack(q[:, ::2] << 4 | q[:, 1::2], 8)
    # It computes (q - 8) * scale + zero.
    scales_and_zeros = torch.stack((packed.scales, torch.zeros_like(packed.scales)), dim=-1).bfloat16()
    return lambda x: torch.ops.aten._weight_int4pack_mm(x, weight, packed.groupsize, scales_and_zeros)


def make_dequantise(packed: Packed) -> Call:
    qweight, scales = packed.qweight.clone(), packed.scales.clone()
    N = scales.shape[1]
    grid = (triton.cdiv(N, 1024), qweight.shape[0])

    def call(x: torch.Tensor) -> torch.Tensor:
        weight = torch.empty(qweight.shape[0] * 8, N, dtype=x.dtype, device=x.device)
        dequantise_int4_kernel[grid](qweight, scales, weight, N, packed.groupsize, BLOCK_SIZE_N=1024)
        return x @ weight

    return call


if triton:

    @triton.jit
    def dequantise_int4_kernel(qweight_ptr, scales_ptr, weight_ptr, N, groupsize, BLOCK_SIZE_N: tl.constexpr):
        """qweight int32 (K/8, N), scales (G, N) -> weight (K, N), zero points of 8; a program takes a row of words."""
        pid_k = tl.program_id(1)
        offs_n = tl.program_id(0) * BLOCK_SIZE_N + tl.arange(0, BLOCK_SIZE_N)
        mask = offs_n < N
        words = tl.load(qweight_ptr + pid_k * N + offs_n, mask=mask)
        scales = tl.load(scales_ptr + pid_k * 8 // groupsize * N + offs_n, mask=mask)
        for i in tl.static_range(8):
            values = ((words >> (4 * i)) & 15) - 8
            tl.store(weight_ptr + (pid_k * 8 + i) * N + offs_n, values.to(scales.dtype) * scales, mask=mask)


def peers_of_torch() -> list[Peer]:
    return [
        Peer("fp16 cuBLAS", 4, make_fp16, 2),
        Peer("ours int4", 4, make_ours, 0.5),
        Peer("ours int8", 8, make_ours, 1),
        Peer("dequantise int4, cuBLAS", 4, make_dequantise, 0.5),
        Peer("tinygemm int4 (bf16)", 4, make_tinygemm, 0.5, max_m=64, dtype=torch.bfloat16),  # far behind above 64
    ]


def load_peers(path: str) -> list[Peer]:
    """The peers of a file as the module docstring describes it, one for each number of bits."""
    spec = importlib.util.spec_from_file_location(f"peer_{Path(path).stem}", path)
    if spec is None or not Path(path).is_file():
        raise ValueError(f"--peer {path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    missing = [key for key in ("name", "bits", "make") if not hasattr(module, key)]
    if missing:
        raise ValueError(f"--peer {path}: defines no {', no '.join(missing)}")
    max_m, dtype = getattr(module, "max_m", None) or math.inf, getattr(module, "dtype", torch.float16)
    return [Peer(f"{module.name} int{bits}", bits, module.make, bits / 8, max_m, dtype) for bits in module.bits]


# --- measuring --------------------------------------------------------------------------------------------------------


def capture(calls: list[Call], x: torch.Tensor) -> tuple[torch.cuda.CUDAGraph, torch.Tensor, torch.Tensor]:
    """All calls on x in one graph; gives it with the outputs of the first and the last."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for call in (calls[0], *calls):  # compiles, tunes, makes run-time layouts
            call(x)
        torch.cuda.synchronize()
        # torch.cuda.graph would collect garbage and empty the allocator's cache each time.
        graph = torch.cuda.CUDAGraph()
        graph.capture_begin()
        try:
            first = calls[0](x)
            for call in calls[1:-1]:
                call(x)
            last = calls[-1](x)
        finally:
            graph.capture_end()
    torch.cuda.current_stream().wait_stream(stream)
    return graph, first, last


def replay_times(replays: dict[str, Callable[[], None]], seconds: float, least: int) -> dict[str, list[float]]:
    """Milliseconds of each function, called in turn, as many rounds as fit into so many seconds but not below least."""
    times: dict[str, list[float]] = {name: [] for name in replays}

    def rounds(count: int) -> float:
        events = []
        for _ in range(count):
            for name, replay in replays.items():
                start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
                start.record()
                replay()
                end.record()
                events.append((name, start, end))
        torch.cuda.synchronize()
        for name, start, end in events:
            times[name].append(start.elapsed_time(end))
        return events[0][1].elapsed_time(events[-1][2]) / 1000

    one = rounds(1)
    times = {name: [] for name in replays}  # the first was the warm-up
    rounds(min(max(int(seconds / one), least), 100))
    return times


def measure_ceilings() -> tuple[float, float]:
    """Bytes a second of a device-to-device copy, read and written; operations a second of an fp16 matrix product."""
    source = torch.randint(-(2**31), 2**31 - 1, (2**29,), dtype=torch.int32, device=DEVICE)
    target = torch.empty_like(source)
    a, b = (torch.randn(8192, 8192, dtype=torch.float16, device=DEVICE) for _ in range(2))
    torch.mm(a, b)  # cuBLAS makes its handle
    times = replay_times({"copy": lambda: torch.neg(source, out=target), "matmul": lambda: torch.mm(a, b)}, 0.1, 10)
    ms = {name: statistics.median(values) for name, values in times.items()}
    return 2 * 2**31 / ms["copy"] * 1000, 2 * 8192**3 / ms["matmul"] * 1000


def relative_error(y: torch.Tensor, reference: torch.Tensor) -> float:
    """||y - reference|| / ||reference||, Frobenius; infinite where y has a NaN."""
    error = float((y.double() - reference).norm() / reference.norm())
    return math.inf if math.isnan(error) else error


def measure_shape(
    K: int, N: int, ms: list[int], peers: list[Peer], seconds: float, least: int
) -> dict[int, dict[str, dict[str, float | str]]]:
    """For each M and peer: {"us", "us_low", "us_high" (the tenths), "error"}, or {"failed": why} in place of times."""
    torch.manual_seed(K + N)
    packed = {bits: Packed.random(bits, K, N) for bits in {peer.bits for peer in peers}}
    exact = {bits: layer.dequantize(torch.float64) for bits, layer in packed.items()}
    results: dict[int, dict[str, dict[str, float | str]]] = {M: {} for M in ms}
    calls: dict[str, list[Call]] = {}
    broken: dict[str, str] = {}
    for peer in peers:
        copies = max(3, math.ceil(ROTATED_BYTES / (K * N * peer.bytes_per_weight)))
        try:
            calls[peer.name] = [peer.make(packed[peer.bits]) for _ in range(copies)]
        except Exception as error:  # one peer's failure does not end the comparison; it is printed
            broken[peer.name] = f"{type(error).__name__}: {error}"

    for M in ms:
        x = torch.randn(M, K, device=DEVICE).half()
        graphs = {}
        for peer in peers:
            if peer.max_m < M:
                continue
            result: dict[str, float | str] = {}
            results[M][peer.name] = result
            if peer.name in broken:
                result["failed"] = broken[peer.name]
                continue
            input_ = x.to(peer.dtype)
            try:
                graph, *outputs = capture(calls[peer.name], input_)
                for y in outputs:
                    y.fill_(math.nan)
                graph.replay()
                reference = input_.double() @ exact[peer.bits]
                result["error"] = max(relative_error(y, reference) for y in outputs)
            except Exception as error:
                result["failed"] = broken[peer.name] = f"{type(error).__name__}: {error}"
                print(f"{peer.name}: {error}", file=sys.stderr)  # now: a fault of the GPU ends the run soon after
                continue
            if not result["error"] <= WRONG:
                result["failed"] = f"wrong: relative error {result['error']:.2g}"
                continue
            graphs[peer.name] = (graph, input_)
        if not graphs:
            continue
        times = replay_times({name: graph.replay for name, (graph, _) in graphs.items()}, seconds, least)
        for name, values in times.items():
            us = sorted(1000 * value / len(calls[name]) for value in values)
            tenth = len(us) // 10
            results[M][name] |= {"us": statistics.median(us), "us_low": us[tenth], "us_high": us[-1 - tenth]}
    del graphs, calls
    torch.cuda.empty_cache()  # what the graphs held
    return results


def limit_us(K: int, N: int, M: int, bits: int, bandwidth: float, rate: float) -> float:
    """Weights and scales once through memory, x and y, too; or the operations, whichever takes longer."""
    moved = K * N * bits / 8 + K // GROUP * N * 2 + 2 * M * (K + N)
    return 1e6 * max(moved / bandwidth, 2 * M * K * N / rate)


# --- the tables -------------------------------------------------------------------------------------------------------


def cell(results: list[dict[str, float | str]], scale: float, digits: int) -> str:
    """The sum of the shapes' medians times scale; "-" where one was not measured."""
    if not all(results):
        return "-"
    failed = [str(result["failed"]) for result in results if "failed" in result]
    if failed:
        return "wrong" if any(why.startswith("wrong") for why in failed) else "failed"
    return f"{sum(result['us'] for result in results) * scale:.{digits}f}"


def print_table(title: str, head: list[str], rows: list[tuple[str, list[str]]]) -> None:
    wide = max(len(name) for name, _ in rows)
    print(f"\n{title}\n\n| {'':{wide}} | " + " | ".join(f"{name:>7}" for name in head) + " |")
    print(f"|{'-' * (wide + 2)}|" + "|".join("-" * 8 + ":" for _ in head) + "|")
    for name, cells in rows:
        print(f"| {name:{wide}} | " + " | ".join(f"{text:>7}" for text in cells) + " |")


def report(all_results: dict[str, Any], ms: list[int], peers: list[Peer], limits: dict[str, Any], shapes: bool) -> None:
    head = [f"M={M}" for M in ms]

    def rows(names: list[str], scale: float, digits: int) -> list[tuple[str, list[str]]]:
        table = [
            (f"limit int{bits}", [f"{sum(limits[name][bits][M] for name in names) * scale:.{digits}f}" for M in ms])
            for bits in sorted({peer.bits for peer in peers})
        ]
        for peer in peers:
            found = [[all_results[name][M].get(peer.name, {}) for name in names] for M in ms]
            table.append((peer.name, [cell(results, scale, digits) for results in found]))
        return table

    for title, layers in (("The four layers", LAYERS), ("Fused into two", FUSED)):
        names = [name for name in layers if name in all_results]
        if len(names) == len(layers):
            print_table(f"{title} x {N_LAYER}, ms", head, rows(names, N_LAYER / 1000, 2))
    if shapes:
        for name in all_results:
            K, N = (LAYERS | FUSED)[name]
            print_table(f"{name} ({K}, {N}), us", head, rows([name], 1, 1))
    errors = [
        (peer.name, [all_results[name][M].get(peer.name, {}) for name in all_results for M in ms]) for peer in peers
    ]
    print("\nlargest relative error:", end=" ")
    print(", ".join(f"{name} {max(r.get('error', 0) for r in rs):.1e}" for name, rs in errors if any(rs)))
    measured = [result for _, results in errors for result in results if "us" in result]
    if measured:
        spread = max((result["us_high"] - result["us_low"]) / result["us"] for result in measured)
        print(f"widest range of the middle eight tenths of the replays: {100 * spread:.0f} % of the median")
    for name, results in errors:
        for why in sorted({str(result["failed"]) for result in results if "failed" in result}):
            print(f"{name}: {why[:300]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--m", type=int, nargs="+", default=[1, 4, 16, 64, 256, 2048], help="rows of the input (1 to 2048)"
    )
    parser.add_argument("--bits", type=int, nargs="+", choices=(4, 8), default=[4, 8], help="4, 8 or both (default)")
    parser.add_argument(
        "--layers",
        nargs="+",
        choices=[*LAYERS, *FUSED],
        metavar="NAME",
        help=f"any of {', '.join([*LAYERS, *FUSED])} (default: all)",
    )
    parser.add_argument("--peer", nargs="+", default=[], metavar="FILE", help="kernels from elsewhere, see above")
    parser.add_argument(
        "--only", nargs="+", metavar="TEXT", help="rows whose name contains one of these (default: all)"
    )
    parser.add_argument("--seconds", type=float, default=0.3, help="replays of a shape and M take about so long (0.3)")
    parser.add_argument("--quick", action="store_true", help="M = 1, 16 and 256 and few replays: a first look")
    parser.add_argument("--shapes", action="store_true", help="microseconds of every shape, too")
    parser.add_argument("--json", metavar="FILE", help="write every figure there")
    args = parser.parse_args()
    if not torch.cuda.is_available() or triton is None:
        missing = "no CUDA device" if triton else "no Triton"
        print(f"bench_matmul.py measures GPU kernels: {missing} is found by torch {torch.__version__}", file=sys.stderr)
        return 2
    ms, seconds, least = ([1, 16, 256], 0.05, 3) if args.quick else (sorted(set(args.m)), args.seconds, 7)
    try:
        peers = [*peers_of_torch(), *(peer for path in args.peer for peer in load_peers(path))]
    except ValueError as error:
        parser.error(str(error))
    peers = [peer for peer in peers if peer.bits in args.bits]
    if args.only:
        peers = [peer for peer in peers if any(text.lower() in peer.name.lower() for text in args.only)]
    if not peers:
        parser.error("--bits and --only leave nothing to measure")
    if ms[0] < 1:
        parser.error(f"--m {ms[0]}: an input has at least one row")

    bandwidth, rate = measure_ceilings()
    print(
        f"{torch.cuda.get_device_name()}, torch {torch.__version__}, triton {triton.__version__}\n"
        f"copy {bandwidth / 1e12:.2f} TB/s, fp16 matrix product {rate / 1e12:.0f} TFLOP/s; groups of {GROUP}, symmetric"
    )
    all_results, limits = {}, {}
    with torch.inference_mode():
        for name in args.layers or [*LAYERS, *FUSED]:
            K, N = (LAYERS | FUSED)[name]
            all_results[name] = measure_shape(K, N, ms, peers, seconds, least)
            limits[name] = {b: {M: limit_us(K, N, M, b, bandwidth, rate) for M in ms} for b in args.bits}
            print(f"measured {name} ({K}, {N})", file=sys.stderr, flush=True)
    report(all_results, ms, peers, limits, args.shapes)
    if args.json:
        figures = {
            "gpu": torch.cuda.get_device_name(),
            "torch": torch.__version__,
            "triton": triton.__version__,
            "copy_bytes_per_s": bandwidth,
            "matmul_flop_per_s": rate,
            "limits_us": limits,
            "results": all_results,
        }
        Path(args.json).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

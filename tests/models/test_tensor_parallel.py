"""One model in two and four processes: the parts of its layers, the same ids and logits as in one process, and who ends
when another does.

The processes run over gloo on the CPU, and over NCCL where there are as many GPUs. They are forked from one that has
read all modules (forkserver), and each pair or four of them makes all checks of its size.
"""

import contextlib
import multiprocessing
import os
import socket
import time
from pathlib import Path

import pytest
import torch

from models import MossConfig, MossForCausalLM, engine, sampling, tensor_parallel
from models.engine import Engine
from models.quantization import QuantLinear, find_layers
from models.sampling import DEFAULT_PARAS
from models.tensor_parallel import check_split, inputs_of, join_ranks, load_split, outputs_of, sort_units
from tests.packed_layers import random_layer

VOCAB = 128
GREEDY = DEFAULT_PARAS | {"temperature": 0, "repetition_penalty": 1.0, "max_iterations": 10}
SAMPLED = DEFAULT_PARAS | {"max_iterations": 10, "seed": 3}
CUDA = torch.cuda.is_available()
SIZES = [size for size in (2, 4) if not CUDA or torch.cuda.device_count() >= size]


def prompt(seed: int, length: int) -> list[int]:
    return torch.randint(3, VOCAB, (length,), generator=torch.Generator().manual_seed(seed)).tolist()


PROMPTS = [prompt(seed, length) for seed, length in enumerate([1, 20, 9, 33, 2])]


# --- parts of a layer -------------------------------------------------------------------------------------------------


def quant_linear(like, state):
    with torch.device("meta"):
        return tensor_parallel.layer_with(like, state, torch.float32, "cpu")


@pytest.mark.parametrize("order", ["plain", "act", "uneven"])
@pytest.mark.parametrize(("bits", "groupsize"), [(4, 32), (2, 128), (8, -1)])
@pytest.mark.parametrize("size", [2, 4])
def test_the_parts_of_a_packed_layer_give_what_the_layer_gives(order, bits, groupsize, size):
    K, N = 256, 192
    whole = random_layer(bits, groupsize, K, N, order=order)
    like = QuantLinear(bits, groupsize, K, N, True)
    x = torch.randn(5, K)
    expected = x.double() @ whole.weight.T + whole.bias.double()
    rows = [quant_linear(like, outputs_of(whole.state, rank, size)) for rank in range(size)]
    torch.testing.assert_close(torch.cat([layer(x) for layer in rows], -1).double(), expected, rtol=1e-4, atol=1e-4)
    columns = [quant_linear(like, inputs_of(whole.state, rank, size)) for rank in range(size)]
    found = sum(layer(part) for layer, part in zip(columns, x.chunk(size, -1), strict=True))
    torch.testing.assert_close(found.double(), expected, rtol=1e-4, atol=1e-4)
    assert all(layer.qweight.numel() * size == like.qweight.numel() for layer in rows + columns)
    if order == "plain":  # no rank keeps what it does not use
        assert all(len(layer.scales) == max(1, len(like.scales) // size) for layer in columns)


@pytest.mark.parametrize(("bits", "order"), [(4, "act"), (2, "act"), (8, "uneven"), (4, "plain")])
def test_inner_units_are_shared_by_groups(bits, order):
    K, inner, size = 64, 256, 4
    both = {
        "mlp.fc_in": random_layer(bits, 32, K, inner, seed=1),
        "mlp.fc_out": random_layer(bits, 32, inner, K, order=order, seed=2),
    }
    x = torch.randn(3, K)
    hidden = (x.double() @ both["mlp.fc_in"].weight.T + both["mlp.fc_in"].bias.double()).relu()
    expected = hidden @ both["mlp.fc_out"].weight.T + both["mlp.fc_out"].bias.double()
    fc_in, fc_out = (sort_units(name, lambda name: both[name].state, "cpu") for name in both)
    like, found = QuantLinear(bits, 32, K, inner, True), 0
    for rank in range(size):
        first, second = (
            quant_linear(like, state) for state in (outputs_of(fc_in, rank, size), inputs_of(fc_out, rank, size))
        )
        found += second(first(x).relu()).double()
        assert order == "uneven" or len(second.scales) == inner // 32 // size
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-3)


def test_the_layout_of_the_kernels_comes_back_from_a_part_with_groups_in_any_order():
    whole = random_layer(4, 32, 256, 64, order="act")
    layer = quant_linear(QuantLinear(4, 32, 256, 64, True), inputs_of(whole.state, 1, 4))
    before = {name: x.clone() for name, x in layer.state_dict().items()}
    layer.tile()
    assert all(torch.equal(x, before[name]) for name, x in layer.state_dict().items())


def test_what_cannot_be_split_is_refused(monkeypatch):
    with pytest.raises(ValueError, match=r"n_embd.: 192.*128"):
        check_split(MossConfig(n_embd=192, n_head=8, rotary_dim=8, wbits=4, groupsize=32), 4)
    monkeypatch.setenv("WORLD_SIZE", "3")
    monkeypatch.setenv("RANK", "0")
    with pytest.raises(ValueError, match=r"2 or 4 processes.*started 3"):
        join_ranks.__wrapped__()
    monkeypatch.setenv("WORLD_SIZE", "1")
    assert join_ranks.__wrapped__() is None


# --- processes --------------------------------------------------------------------------------------------------------


def save_models(folder: Path) -> None:
    """fp32: a plain model; int4: a quantised one, the groups of whose second block are in any order."""
    torch.manual_seed(0)
    config = MossConfig(
        vocab_size=VOCAB, n_embd=128, n_layer=2, n_head=8, rotary_dim=8, n_positions=96, n_ctx=96,
        initializer_range=0.15, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    model = MossForCausalLM(config)
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, 0, 0.5)
    model.save_pretrained(folder / "fp32")
    model.quantize(4, 32)
    for layer in find_layers(model.transformer.h[1], (QuantLinear,)).values():
        layer.g_idx = layer.g_idx[torch.randperm(len(layer.g_idx))]
    model.save_pretrained(folder / "int4")


def ask(found: Engine) -> list:
    """Ids of prompts together and in chunks, of a second turn and how much of it was known, and sampled ones."""
    requests = [found.submit(ids, GREEDY) for ids in PROMPTS]
    answers = [list(request) for request in requests]
    turn = found.submit(PROMPTS[3] + answers[3] + [7, 8, 9], GREEDY)
    return [*answers, list(turn), turn.cached > 33, list(found.submit(PROMPTS[1], SAMPLED))]


@torch.inference_mode()
def passes(found: Engine) -> list:
    """Logits behind some ids of one row, and behind one more: on a GPU, and in Triton's interpreter, by the kernels."""
    found._make_room(1, 32)
    logits = [found._read([PROMPTS[1][:5]], [0], [0], [0]), found._read([PROMPTS[1][5:6]], [5], [0], [0])]
    return [x.float().cpu().numpy() for x in logits]


def numbers(model: MossForCausalLM) -> int:
    return sum(x.numel() for x in (*model.transformer.h.parameters(), *model.transformer.h.buffers()))


def take_part(rank: int, size: int, port: int, folder: Path, tiny: Path, results) -> None:
    """What each process does; rank 0 gives results."""
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(size)}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    torch.set_num_threads(1)
    engine.PREFILL_CHUNK = engine.LONE_CHUNK = 7
    if not CUDA:  # draws would take most of the time in the interpreter
        sampling.has_kernels = lambda _: False
    ranks = join_ranks()
    found = {}
    for name in ("fp32", "int4"):
        model = load_split(folder / name, ranks, torch.float32)
        with torch.no_grad():
            found[name, "logits"] = model(torch.tensor(PROMPTS[1:2], device=model.device)).logits.cpu().numpy()
        found[name, "numbers"] = numbers(model)
        serving = Engine(model, [2], max_rows=3)
        if rank:
            ranks.follow()
            continue
        found[name, "ids"] = ask(serving)
        ranks.release()
    for name in ("fp32", "int4"):
        serving = Engine(load_split(folder / name, ranks, torch.float16), [2])
        if rank:
            ranks.follow()
            continue
        found[name, "half"] = passes(serving)
        ranks.release()
    # a rank without room
    serving = Engine(model, [2], max_rows=3)
    if rank:
        reserve, refusals = serving.cache.reserve, iter([True])

        def refuse_once(rows: int, positions: int) -> None:
            if next(refusals, False):
                raise torch.OutOfMemoryError
            reserve(rows, positions)

        serving.cache.reserve = refuse_once
        ranks.follow()
    else:
        with pytest.raises(MemoryError, match="the memory is full"):
            list(serving.submit(PROMPTS[0], GREEDY))
        found["after it"] = list(serving.submit(PROMPTS[0], GREEDY))
        ranks.release()
    # the user's side: other ranks stay in the constructor. A pass of the whole prompt takes a message of several frames
    engine.PREFILL_CHUNK = 2048
    from moss_inference import Inference

    with contextlib.suppress(SystemExit):
        infer = Inference(model_dir=tiny)
        found["answer"] = infer.forward("<|Human|>: hi<eoh>\n<|MOSS|>:", GREEDY | {"max_time": None})
        results.put(found)
        results.close()
        results.join_thread()
    ranks.close()


def die(rank: int, size: int, port: int, folder: Path, tiny: Path, results) -> None:
    """Rank 1 ends in the middle of a pass."""
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(size)}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    ranks = join_ranks()
    serving = Engine(load_split(folder / "fp32", ranks, torch.float32), [2])
    if rank:
        serving._read = lambda *_: os._exit(3)
        ranks.follow()
    with pytest.raises(Exception, match=r"(?i)connection|closed|peer"):
        list(serving.submit(PROMPTS[1], GREEDY))
    with pytest.raises(ConnectionError, match="out of step"):
        list(serving.submit(PROMPTS[1], GREEDY))
    ranks.close()


def run_ranks(target, size: int, folder: Path, tiny: Path | None = None, wait: bool = True):
    """What rank 0 puts, and the exit codes."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["models.tensor_parallel", "models.engine", "moss_inference", "pytest"])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    results = context.Queue()
    processes = [context.Process(target=target, args=(rank, size, port, folder, tiny, results)) for rank in range(size)]
    with pytest.MonkeyPatch.context() as patch:
        if not CUDA:  # so the forkserver has it, which this may start, before triton is imported
            patch.setenv("TRITON_INTERPRET", "1")
        for process in processes:
            process.start()
    deadline, found = time.monotonic() + 120, None
    while time.monotonic() < deadline and any(process.is_alive() for process in processes):
        if found is None and not results.empty():
            found = results.get()
        if any(process.exitcode for process in processes) and found is None and wait:
            break
        time.sleep(0.05)
    for process in processes:
        if process.is_alive():
            process.kill()
        process.join()
    return found or (None if results.empty() else results.get()), [process.exitcode for process in processes]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    save_models(folder)
    return folder


@pytest.fixture(scope="module")
def expected(folder, tiny_model_dir):
    """The same in this process alone."""
    from moss_inference import Inference

    found = {}
    device = "cuda:0" if CUDA else "cpu"
    for name in ("fp32", "int4"):
        model = MossForCausalLM.from_pretrained(folder / name, dtype=torch.float32, device_map=device).eval()
        with torch.no_grad():
            found[name, "logits"] = model(torch.tensor(PROMPTS[1:2], device=device)).logits.cpu().numpy()
        found[name, "numbers"] = numbers(model)
        found[name, "ids"] = ask(Engine(model, [2], max_rows=3))
        found[name, "half"] = passes(Engine(model, [2]))
        found["after it"] = found[name, "ids"][0]
    infer = Inference(model_dir=tiny_model_dir, device_map=device)
    found["answer"] = infer.forward("<|Human|>: hi<eoh>\n<|MOSS|>:", GREEDY | {"max_time": None})
    return found


@pytest.mark.parametrize("size", SIZES)
def test_several_processes_answer_as_one(size, folder, tiny_model_dir, expected):
    found, codes = run_ranks(take_part, size, folder, tiny_model_dir)
    assert found is not None, codes
    for name in ("fp32", "int4"):
        assert abs(found[name, "logits"] - expected[name, "logits"]).max() < 1e-5 * abs(expected[name, "logits"]).max()
        assert found[name, "ids"] == expected[name, "ids"]
        for half, whole in zip(found[name, "half"], expected[name, "half"], strict=True):
            assert abs(half - whole).max() < 0.01 * abs(whole).max()
        share = (
            found[name, "numbers"] / expected[name, "numbers"]
        )  # g_idx, and scales of groups in any order, are whole
        assert share < 1.2 / size
    assert found["after it"] == expected["after it"]
    assert found["answer"] == expected["answer"]
    assert codes == [0] * size


@pytest.mark.skipif(CUDA, reason="NCCL waits for a process that has ended until torchrun ends the others")
def test_a_process_that_dies_is_told_of_and_ends_the_others(folder):
    _, codes = run_ranks(die, 2, folder, wait=False)
    assert codes == [1, 3]

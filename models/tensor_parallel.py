"""One model on several GPUs at once: tensor parallelism, a process for each GPU.

    torchrun --nproc_per_node 4 moss_cli_demo.py --model_name NAME

Each process, a rank, holds and computes its part of every layer, so that a token costs each GPU its share of the bytes:

    qkv_proj, fc_in     rows of the weight (outputs): a quarter of qkv_proj is whole heads, so 2 or 4 ranks have their
                        own heads, and in the cache the keys and values of these alone
    out_proj, fc_out    the columns that go with them (inputs); what a rank finds is one addend of the output. A block
                        adds attention and MLP first, so that one sum over the ranks is all it needs
    lm_head             rows, if they can be shared evenly; the logits are gathered
    wte, layer norms    whole, everywhere

Of packed weights a rank keeps the scales of the groups that its columns are in. Where columns were sorted (act-order),
it would have a few in nearly every group, and the kernels' layout, which fills groups up to 32 rows, grow by half. So
inner units are put in the order of fc_out's groups first, which changes nothing else; the columns of out_proj belong to
heads, and stay.

Rank 0 is the process that its user sees: it alone runs the engine's loop, the tokenizer and the plugins. What its
engine does to cache and model (`on_all_ranks`) it tells the others first, who do the same (`Ranks.follow`); ids are
drawn by rank 0 and handed on. The others end with it, and it with them: whoever waits for a process that has ended gets
an error, and whoever waits for one that hangs ends after PATIENCE.
"""

import atexit
import functools
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from transformers import GenerationConfig

from .checkpoint import check_checkpoint, constructor_config, describe_values, read_quantization, refusal
from .modeling_moss import MossForCausalLM
from .packed_weight import pack, unpack
from .quantization import QuantLinear, find_layers
from .shards import ShardReader, local_folder

PATIENCE = 300  # seconds that a pass may take, the first with what it compiles
BY_OUTPUTS, BY_INPUTS = ("attn.qkv_proj", "mlp.fc_in"), ("attn.out_proj", "mlp.fc_out")
FRAME = 2048  # bytes of a message that go in one broadcast, as of every step; torch's for objects is four times slower
FEW_BYTES = 2**19  # of fp32 that ranks add up in memory which all of them see


class Ranks:
    """This process, number `rank` of `size`, among those that share a model, on its `device`."""

    def __init__(self):
        """Joins those that torchrun has started.

        Raises ValueError where they cannot split a model, or have too few GPUs.
        """
        self.rank, self.size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
        if self.size not in (2, 4):
            raise ValueError(
                f"a model can be split over 2 or 4 processes, as its qkv_proj has four parts, and torchrun started "
                f"{self.size}; give it --nproc_per_node 2 or 4"
            )
        self.device = torch.device("cpu")
        if torch.cuda.is_available():
            local, gpus = int(os.environ.get("LOCAL_RANK", self.rank)), torch.cuda.device_count()
            if local >= gpus:
                raise ValueError(f"process {local + 1} of this machine has no GPU: {gpus} can be used; start as many")
            self.device = torch.device("cuda", local)
            torch.cuda.set_device(self.device)
        if not dist.is_initialized():
            backend = "gloo" if self.device.type == "cpu" else "nccl"
            dist.init_process_group(backend, timeout=timedelta(seconds=PATIENCE))
        self.control = dist.new_group(backend="gloo", timeout=timedelta(days=365))  # a user may take their time
        self.shared = self._shared_buffer()
        if self.device.type == "cuda":  # connects now what a captured step will use
            for n in (1, 2**12, 2**20):
                x = torch.zeros(n, dtype=torch.float16, device=self.device)
                dist.all_reduce(x), self.gather(x), self.share(x)
        self.engine: Any = None  # the one that is served
        self.broken: Exception | None = None
        threading.Thread(target=self._watch, daemon=True).start()
        if threading.current_thread() is threading.main_thread():
            # torchrun passes Ctrl-C on to all, and ends them if they have not ended; rank 0 ends the others
            signal.signal(signal.SIGINT, signal.SIG_IGN if self.rank else lambda *_: sys.exit(130))
        atexit.register(self.close)

    # --- what a forward pass needs, in all ranks alike --------------------------------------------------------------

    def sum(self, x: torch.Tensor) -> torch.Tensor:
        """The sum of every rank's x, which may be overwritten."""
        if self.shared is None or 4 * x.numel() > FEW_BYTES or x.numel() % 4:
            dist.all_reduce(x)
            return x
        buffer = self.shared[: x.numel()].view(x.shape)
        group = dist.group.WORLD.group_name
        return torch.ops.symm_mem.one_shot_all_reduce_copy(buffer, x.float().contiguous(), "sum", group).to(x.dtype)

    def gather(self, x: torch.Tensor) -> torch.Tensor:
        """Every rank's x (..., N), side by side (..., size * N)."""
        parts = x.new_empty(self.size, *x.shape)
        dist.all_gather(list(parts), x.contiguous())
        return parts.movedim(0, -2).flatten(-2)

    def share(self, x: torch.Tensor) -> None:
        """Overwrites x with rank 0's."""
        dist.broadcast(x, 0)

    def _shared_buffer(self) -> torch.Tensor | None:
        """Memory that the GPUs of a machine see of each other, where they can: the sum of a few rows is one kernel
        there, 9 us for a row of two H200. (It adds up fp32, and knows no fp16.)
        """
        if self.device.type != "cuda":
            return None
        os.environ.setdefault("TORCH_SYMM_MEM_DISABLE_MULTICAST", "1")  # not used, and not everywhere to be had
        try:
            from torch.distributed import _symmetric_memory

            shared = _symmetric_memory.empty(FEW_BYTES // 4, dtype=torch.float32, device=self.device)
            _symmetric_memory.rendezvous(shared, dist.group.WORLD)
            ones = torch.ones(8, device=self.device)
            total = torch.ops.symm_mem.one_shot_all_reduce_copy(
                shared[:8], ones, "sum", dist.group.WORLD.group_name
            )  # fmt: skip
            works = bool((total == self.size).all())
        except Exception:  # no such memory between these GPUs, or no such function in this torch
            works = False
        return shared if self.agree(works) else None

    # --- what rank 0 tells the others -------------------------------------------------------------------------------

    def tell(self, *message: Any) -> None:
        """From rank 0 to `hear` of all others. Raises ConnectionError where one of them has ended."""
        if self.broken:
            raise ConnectionError(f"the processes that share the model are out of step, start again: {self.broken}")
        data = json.dumps(message).encode()
        data = len(data).to_bytes(8, "little") + data
        try:
            self._broadcast(data[:FRAME].ljust(FRAME, b"\0"))
            if len(data) > FRAME:
                self._broadcast(data[FRAME:])
        except RuntimeError as error:
            self.broken = error
            raise ConnectionError(f"a process that shares the model has ended: {error}") from error

    def hear(self) -> tuple:
        data = self._broadcast(bytes(FRAME))
        end = 8 + int.from_bytes(data[:8], "little")
        if end > FRAME:
            data += self._broadcast(bytes(end - FRAME))
        return tuple(json.loads(data[8:end]))

    def _broadcast(self, data: bytes) -> bytes:
        x = torch.frombuffer(bytearray(data), dtype=torch.uint8)
        dist.broadcast(x, 0, group=self.control)
        return x.numpy().tobytes()

    def agree(self, fits: bool) -> bool:
        """Whether it fits in all ranks; each gives its own answer."""
        least = torch.tensor(int(fits))
        dist.all_reduce(least, dist.ReduceOp.MIN, group=self.control)
        return bool(least)

    def serve(self, engine: Any) -> None:
        """engine is the one whose methods rank 0 has the others call, until `release`."""
        self.engine = engine

    def release(self) -> None:
        """Ends what `follow` does in the others."""
        if self.rank == 0 and self.engine is not None and not self.broken:
            self.tell(None)
        if self.engine is not None:
            self.engine._graphs.clear()  # NCCL waits for the graphs that use it
        self.engine = None

    @torch.inference_mode()
    def follow(self) -> None:
        """What all ranks but 0 do, from when their engine is made until rank 0 releases it or ends."""
        while True:
            try:
                name, *arguments = self.hear()
            except RuntimeError as error:
                print(f"rank {self.rank}: rank 0 has ended ({error})", file=sys.stderr)
                self._leave(1)
            if name is None:
                return self.release()
            self.engine._looked_up, self.engine._thread = time.monotonic(), threading.current_thread()
            try:
                getattr(self.engine, name)(*arguments)
            except Exception:  # the others are in the middle of the same, and wait
                sys.excepthook(*sys.exc_info())
                print(f"rank {self.rank}: {name} has failed, see above; all ranks end", file=sys.stderr)
                self._leave(1)
            self.engine._thread = None

    # --- the end ----------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Ends this process where a pass hangs, which torch does not see in a captured one."""
        while True:
            time.sleep(1)
            engine = self.engine
            if engine is not None and engine.stuck_seconds > PATIENCE:
                print(f"rank {self.rank}: a pass has taken {PATIENCE} seconds; is a rank gone?", file=sys.stderr)
                self._leave(1)

    def close(self) -> None:
        """Called at the end of the process; ends the others where this one is rank 0."""
        if self.broken:
            self._leave(1)
        end = threading.Timer(20, self._leave, [1])  # should one of them not come
        end.daemon = True
        end.start()
        try:
            self.release()
            if dist.is_initialized():
                dist.destroy_process_group()
        except (RuntimeError, OSError):
            self._leave(1)
        end.cancel()

    @staticmethod
    def _leave(code: int) -> None:
        """At once: whatever else the interpreter would do at its end may wait for ranks that do not answer."""
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


@functools.cache
def join_ranks() -> Ranks | None:
    """The processes that torchrun has started to share a model; None where this is the only one."""
    return Ranks() if int(os.environ.get("WORLD_SIZE", 1)) > 1 else None


def on_all_ranks(method: Callable) -> Callable:
    """A method of an engine that its thread calls: where a model is split, the engines of all ranks do the same."""

    @functools.wraps(method)
    def call(engine: Any, *arguments: Any) -> Any:
        ranks = engine.ranks
        if ranks is None or ranks.rank:
            return method(engine, *arguments)
        ranks.tell(method.__name__, *arguments)
        try:
            return method(engine, *arguments)
        except Exception as error:
            ranks.broken = error
            raise

    return call


# --- parts of a model -------------------------------------------------------------------------------------------------


def check_split(config: Any, size: int) -> None:
    """Raises ValueError where the layers of a model cannot be split into `size` parts."""
    unit = size if config.wbits == 32 else 32 * size
    if wrong := {name: n for name in ("n_embd", "inner_dim") if (n := getattr(config, name)) % unit}:
        raise ValueError(
            f"the model cannot be split over {size} processes: {wrong}, and each has to be divisible by {unit}"
            + " (32 for each, as the weights are packed)" * (unit > size)
        )


def part(x: torch.Tensor, dim: int, rank: int, size: int) -> torch.Tensor:
    n = x.shape[dim] // size
    return x.narrow(dim, rank * n, n)


def outputs_of(layer: dict[str, torch.Tensor], rank: int, size: int) -> dict[str, torch.Tensor]:
    """A layer's tensors, by name, for its rank-th part of the outputs."""
    dims = {"weight": 0, "bias": 0, "qweight": 1, "qzeros": 1, "scales": 1}
    return {name: part(x, dims[name], rank, size) if name in dims else x for name, x in layer.items()}


def inputs_of(layer: dict[str, torch.Tensor], rank: int, size: int) -> dict[str, torch.Tensor]:
    """A layer's tensors for its rank-th part of the inputs; the bias is added once, by rank 0."""
    dims = {"weight": 1, "qweight": 0, "g_idx": 0}
    found = {name: part(x, dims[name], rank, size) if name in dims else x for name, x in layer.items()}
    if "bias" in layer and rank:
        found["bias"] = torch.zeros_like(layer["bias"])
    if "g_idx" in layer:
        used, g_idx = found["g_idx"].unique(return_inverse=True)
        if len(g_idx) % len(used) == 0:  # these become the only groups; QuantLinear wants a number that divides K
            scales, qzeros = (layer[name][used.long()] for name in ("scales", "qzeros"))
            found |= {"g_idx": g_idx.to(torch.int32), "scales": scales, "qzeros": qzeros}
    return found


def sort_units(name: str, tensors_of: Callable[[str], dict[str, torch.Tensor]], device: Any) -> dict[str, torch.Tensor]:
    """The tensors of a fc_in or fc_out, packed ones with the inner units in the order of the groups of fc_out."""
    layer, is_out = tensors_of(name), name.endswith("fc_out")
    if "g_idx" not in layer:
        return layer
    g_idx = layer["g_idx"] if is_out else tensors_of(name.removesuffix("fc_in") + "fc_out")["g_idx"]
    if not (g_idx.diff() < 0).any():
        return layer
    order = g_idx.to(device).argsort(stable=True)
    layer = {key: x.to(device) for key, x in layer.items()}
    bits = 32 * len(layer["qweight"]) // len(layer["g_idx"])
    if is_out:
        return layer | {"g_idx": layer["g_idx"][order], "qweight": pack(unpack(layer["qweight"], bits)[order], bits)}
    zeros = pack(unpack(layer["qzeros"].T.contiguous(), bits)[order], bits).T
    moved = {key: layer[key][..., order] for key in ("qweight", "scales", "bias") if key in layer}
    return layer | moved | {"qzeros": zeros}


def layer_with(like: nn.Module, tensors: dict[str, torch.Tensor], dtype: torch.dtype, device: Any) -> nn.Module:
    """A layer of the kind of `like` that holds these tensors, copied to a device. (Packed ones keep their types.)"""
    if isinstance(like, QuantLinear):
        dtype, G = torch.float16, len(tensors["scales"])
        K, N = len(tensors["g_idx"]), tensors["qweight"].shape[1]
        with torch.device("meta"):
            layer = QuantLinear(like.bits, -1, K, N, "bias" in tensors, like.checkpoint_format)
        layer.groupsize = K // G
    elif isinstance(like, nn.Linear):
        N, K = tensors["weight"].shape
        layer = nn.Linear(K, N, "bias" in tensors, device="meta")
    else:
        layer = like
    for name, x in tensors.items():
        x = x.to(device, dtype if x.is_floating_point() else x.dtype, copy=True, memory_format=torch.contiguous_format)
        setattr(layer, name, nn.Parameter(x, requires_grad=False) if name in layer._parameters else x)
    return layer


@torch.no_grad()
def split_model(
    model: MossForCausalLM, tensors_of: Callable[[str], dict[str, torch.Tensor]], ranks: Ranks, dtype: torch.dtype
) -> MossForCausalLM:
    """Gives a model on the meta device the weights of this rank, on its GPU; returns it.

    tensors_of(name): the whole tensors of a module, by their names in it, wherever they are. They are asked for one
    module at a time, and cut where they are, so that no GPU needs room for more than its part and the largest of them.

    Raises ValueError where the sizes do not allow it.
    """
    rank, size = ranks.rank, ranks.size
    check_split(model.config, size)
    for name, module in list(model.named_modules()):
        if not module._parameters and not module._buffers:
            continue
        in_mlp = name.endswith(("mlp.fc_in", "mlp.fc_out"))
        tensors = sort_units(name, tensors_of, ranks.device) if in_mlp else tensors_of(name)
        if name.endswith(BY_OUTPUTS) or (name == "lm_head" and model.config.vocab_size % (32 * size) == 0):
            tensors = outputs_of(tensors, rank, size)
        elif name.endswith(BY_INPUTS):
            tensors = inputs_of(tensors, rank, size)
        model.set_submodule(name, layer_with(module, tensors, dtype, ranks.device))
    for holder in (model, *model.transformer.h):
        holder.ranks = ranks
    return model.eval()


def load_split(model_dir: str | Path, ranks: Ranks, dtype: torch.dtype | str | None = None) -> MossForCausalLM:
    """This rank's part of a checkpoint, a folder or a name on the hub, quantised or not.

    dtype: as in from_pretrained; None is that of the checkpoint. Raises what from_pretrained raises, and ValueError
    where the model cannot be split so.
    """
    folder = local_folder(str(model_dir))
    check_checkpoint(MossForCausalLM, folder)
    config = MossForCausalLM.config_class.from_pretrained(folder)
    quantization, problems = read_quantization(config)
    if problems:
        raise ValueError(refusal(folder, problems))
    reader = ShardReader(folder)
    if dtype in (None, "auto"):
        dtype = config.dtype or (torch.float16 if quantization else reader["transformer.wte.weight"].dtype)
    dtype = getattr(torch, dtype) if isinstance(dtype, str) else dtype
    with torch.device("meta"):
        model = MossForCausalLM(constructor_config(config, quantization))
    for layer in find_layers(model, (QuantLinear,)).values():
        layer.checkpoint_format = quantization["checkpoint_format"]

    def tensors_of(name: str) -> dict[str, torch.Tensor]:
        tensors = reader.under(name + ".")
        if name == "lm_head" and "weight" not in tensors:  # tied
            tensors["weight"] = reader["transformer.wte.weight"]
        return tensors

    split_model(model, tensors_of, ranks, dtype)
    if problems := describe_values(find_layers(model, (QuantLinear,))):
        raise ValueError(refusal(folder, problems))
    if (folder / "generation_config.json").is_file():
        model.generation_config = GenerationConfig.from_pretrained(folder)
    return model

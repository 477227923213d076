"""Checkpoints of a training run: all that makes a run go on as if it had never been stopped.

    output_dir/
      step-300/                         the newest
        config.json, model.safetensors, ...     the model as of then, in fp32, as Inference loads it (or the adapter)
        training_state/state.json               position in the data, settings, counters
        training_state/rank-00000.safetensors   a process's share of the optimiser's state, its random generators
        manifest.json                           length and checksum of each file
      step-200/

A folder named step-N is complete (sealed_folder.py): what a kill leaves behind is a hidden folder, which the next start
removes. Old checkpoints are renamed before they are deleted, and only after a newer one is complete.

FSDP2 gives each process some rows of every tensor, and its file holds those. Reading takes whatever rows are wanted
out of all files, so a run may go on with another number of processes. DeepSpeed writes its own files in their place.
"""

import contextlib
import copy
import json
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType
from filelock import FileLock, Timeout
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from transformers import GenerationConfig

from .configuration_moss import MossConfig
from .modeling_moss import MossForCausalLM
from .sealed_folder import MANIFEST, damage, seal, sync
from .shards import all_finite
from .tokenization_moss import MossTokenizer

STATE, VERSION = "training_state", 1
MODEL_FILES = ("config.json", "adapter_config.json")  # of which a folder with a complete model has one
MAX_FAILURES = 3  # checkpoints in a row that could not be written
LONGEST_SAVE = timedelta(hours=2)  # that processes wait for the one that reads, checks or writes the model


# --- processes --------------------------------------------------------------------------------------------------------


def patient_group() -> Any:
    """A group of all processes in which they wait so long for each other; None where there is one alone."""
    if not torch.distributed.is_initialized():
        return None
    return torch.distributed.new_group(timeout=LONGEST_SAVE, backend="gloo")


def said_by_all(group: Any, said: Any) -> list[Any]:
    """What each process of a patient_group says here, on all of them; none goes on before."""
    if group is None:
        return [said]
    all_said = [None] * torch.distributed.get_world_size()
    torch.distributed.all_gather_object(all_said, said, group=group)
    return all_said


# --- folders ----------------------------------------------------------------------------------------------------------


def step_of(folder: Path) -> int:
    """The N of step-N, -1 for other names."""
    name, _, number = folder.name.partition("-")
    return int(number) if name == "step" and number.isdecimal() else -1


def step_folders(output_dir: Path) -> list[Path]:
    """Folders named step-N, the newest first, by their number: clocks may be wrong."""
    return sorted((path for path in output_dir.glob("step-*") if step_of(path) >= 0), key=step_of, reverse=True)


def problem_of(folder: Path) -> str | None:
    """Why a checkpoint cannot be used, None where it can. Raises ValueError: a newer program wrote it."""
    if (problem := damage(folder)) is not None:
        return f"{folder}: {problem}"
    if not (folder / STATE / "state.json").is_file():
        return f"{folder} holds no {STATE}/state.json: it is a model, not a checkpoint of a run"
    if (version := read_state(folder)["version"]) > VERSION:
        raise ValueError(f"{folder} has format {version}, and this program knows {VERSION}: take a newer program")
    return None


def find_checkpoint(
    accelerator: Accelerator, output_dir: Path, resume: str, group: Any = None
) -> tuple[Path | None, list[str]]:
    """The checkpoint to go on from, None to begin; and what is wrong with newer ones. The same on all processes.

    resume: "auto" for the newest in output_dir that is whole and that all processes see, "never", or a folder. group:
        see patient_group; one process reads a whole checkpoint to check it, 200 GB at 16B.

    Raises ValueError: the folder named is damaged, or output_dir has checkpoints and all of them are.
    """
    if resume == "never":
        return None, []
    folders = step_folders(output_dir) if resume == "auto" else [Path(resume)]
    seen = said_by_all(group, [folder.name for folder in folders if (folder / MANIFEST).is_file()])
    chosen, problems = None, []
    if accelerator.is_main_process:
        for folder in folders:
            everywhere = all(folder.name in names for names in seen)
            problem = problem_of(folder) if everywhere else f"{folder}: not every process finds a {MANIFEST} there"
            if problem is None:
                chosen = folder
                break
            problems.append(problem)
    chosen, problems = said_by_all(group, (chosen, problems))[0]
    if chosen is None and folders:
        raise ValueError(
            "no checkpoint to go on from, as each is damaged; take another folder, or move them away to begin anew:\n  "
            + "\n  ".join(problems)
        )
    return chosen, problems


def tidy(output_dir: Path, step: int) -> None:
    """Removes what a kill left unfinished, and sets checkpoints after `step` aside as step-N.old."""
    for name in (".step-*.unfinished", ".step-*.removed", ".model.unfinished"):  # not what other scripts have there
        for path in output_dir.glob(name):
            shutil.rmtree(path)
    for folder in step_folders(output_dir):
        if step_of(folder) > step:
            aside = folder.with_name(folder.name + ".old")
            shutil.rmtree(aside, ignore_errors=True)
            folder.rename(aside)


def rotate(output_dir: Path, keep: int, best: int) -> None:
    """Deletes all but the newest `keep` checkpoints and that of step `best`."""
    for folder in step_folders(output_dir)[keep:]:
        if step_of(folder) != best:
            removed = folder.with_name(f".{folder.name}.removed")
            folder.rename(removed)
            shutil.rmtree(removed)


def lock(output_dir: Path) -> FileLock:
    """The right to write there, until the process ends, however it ends. Raises ValueError: another run has it."""
    path = output_dir / ".lock"
    owner = path.read_text(encoding="utf-8") if path.exists() else ""
    held = FileLock(path)
    try:
        held.acquire(timeout=0)
    except Timeout:
        raise ValueError(f"--output_dir {output_dir} is in use by another run ({owner}); take another folder") from None
    path.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
    return held


# --- models ---------------------------------------------------------------------------------------------------------


def new_model(config: MossConfig, device: torch.device) -> MossForCausalLM:
    """A model of random weights, fp32, in host memory. They are drawn layer by layer on the device: 16 billion take a
    CPU minutes, and twice as long if torch's layers draw theirs first."""
    with torch.device("meta"):
        model = MossForCausalLM(config)
    for module in model.modules():
        if list(module.parameters(recurse=False)):
            model._init_weights(module.to_empty(device=device, recurse=False))
            module.to("cpu")
    model.tie_weights()
    return model


def untouched_model(config: MossConfig, dtype: torch.dtype, source: str | Path | None) -> MossForCausalLM:
    """A model of weights that nobody has written: as long as nobody does, they take no memory.

    source: the checkpoint whose generation_config it has, None for none.
    """
    with torch.device("meta"):
        model = MossForCausalLM(config).to(dtype)
    model.to_empty(device="cpu").tie_weights()
    if source is not None:
        with contextlib.suppress(OSError):  # it has none
            model.generation_config = GenerationConfig.from_pretrained(source)
    return model


def whole_state(accelerator: Accelerator, loss_of: torch.nn.Module, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """The model's weights in dtype, in the memory of the main process (others get none); of a model with an adapter
    the adapter's alone. All processes call it.

    Shares are gathered tensor by tensor, so that nowhere more than one whole tensor, as it is and rounded, stands
    beside what is returned.
    """
    adapted = not all(parameter.requires_grad for parameter in loss_of.parameters())
    if accelerator.distributed_type == DistributedType.DEEPSPEED:
        state = accelerator.get_state_dict(loss_of) or {}  # gathered in its own way; None: ZeRO-3, others
    else:
        state = accelerator.unwrap_model(loss_of).state_dict()
    whole = {}
    for name, tensor in state.items():
        if adapted and "lora_" not in name:
            continue
        if hasattr(tensor, "full_tensor"):
            tensor = tensor.to(accelerator.device).full_tensor()
        if accelerator.is_main_process:
            whole[name.removeprefix("model.")] = tensor.detach().to(dtype).cpu()  # rounded where it is
    return whole


def save_model(model: MossForCausalLM, state: dict[str, torch.Tensor], tokenizer: MossTokenizer, folder: Path):
    """Writes a folder that `Inference(model_dir=folder)` loads: config.json last, by which a complete one is known.

    state: weights on the CPU, all of one dtype, which the checkpoint gets. Raises ValueError where one is not finite.
    """
    if broken := next((name for name, tensor in state.items() if not all_finite(tensor)), None):
        dtype = state[broken].dtype
        raise ValueError(f"not saved, {broken} holds NaN or values too large for {dtype}: use --save_dtype float32")
    with torch.device("meta"):
        copied = type(model)(copy.deepcopy(model.config))
    copied.load_state_dict(state, assign=True)
    copied.tie_weights()
    copied.generation_config = model.generation_config
    move_in(folder, lambda unfinished: (copied.save_pretrained(unfinished), tokenizer.save_pretrained(unfinished)))


def save_adapter(adapter, state: dict[str, torch.Tensor], tokenizer: MossTokenizer, folder: Path) -> None:
    """Writes the adapter as peft does, and the tokenizer. Raises ValueError where it is not finite."""
    if broken := [name for name, tensor in state.items() if "lora_" in name and not all_finite(tensor)]:
        raise ValueError(f"not saved: {broken[0]} holds NaN or infinity")
    state = {f"base_model.model.{name}": tensor for name, tensor in state.items()}

    def write(unfinished: Path) -> None:
        adapter.save_pretrained(unfinished, state_dict=state, save_embedding_layers=False)
        tokenizer.save_pretrained(unfinished)

    move_in(folder, write)


def move_in(folder: Path, write: Callable[[Path], Any]) -> None:
    """Has `write` fill a folder, and moves its files into `folder`; the one of MODEL_FILES comes last."""
    unfinished = folder / ".model.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        write(unfinished)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)  # on a full disk, room for something else
        raise
    for file in sorted(unfinished.iterdir(), key=lambda path: path.name in MODEL_FILES):
        sync(file)
        file.replace(folder / file.name)
    unfinished.rmdir()
    sync(folder)


# --- a process's share ------------------------------------------------------------------------------------------------


def local(tensor: torch.Tensor) -> torch.Tensor:
    """The rows of a sharded tensor that this process has; a plain tensor as it is."""
    return tensor.to_local() if hasattr(tensor, "to_local") else tensor


def save_share(folder: Path, rank: int, named: Iterable[tuple[str, torch.Tensor]], optimizer: torch.optim.Optimizer):
    """Writes rank-N.safetensors: the optimiser's state of those parameters (none of them: the generators alone)."""
    tensors = {"random/cpu": torch.get_rng_state()}  # nothing else draws: the data have generators of their own
    if torch.cuda.is_available():
        tensors["random/cuda"] = torch.cuda.get_rng_state()
    for name, parameter in named:
        for key, value in optimizer.state[parameter].items():
            tensors[f"{key}/{name}"] = local(value).detach().cpu().contiguous()
    save_file(tensors, folder / f"rank-{rank:05}.safetensors")


def load_share(folder: Path, rank: int, named: Iterable[tuple[str, torch.Tensor]], optimizer: torch.optim.Optimizer):
    """Puts back what `save_share` of all processes wrote, of each tensor the rows that this process has."""
    files = [safe_open(path, "pt") for path in sorted(folder.glob("rank-*.safetensors"))]
    names = [set(file.keys()) for file in files]
    for name, parameter in named:
        state = optimizer.state[parameter]
        for key in ("step", "exp_avg", "exp_avg_sq"):
            holders = [file for file, held in zip(files, names, strict=True) if f"{key}/{name}" in held]
            if key == "step":
                device = parameter.device if optimizer.defaults["fused"] else "cpu"
                state[key] = holders[0].get_tensor(f"{key}/{name}").to(device)
                continue
            state[key] = torch.zeros_like(parameter)
            rows = local(state[key])
            rows.copy_(read_rows(holders, f"{key}/{name}", first_row(parameter), len(rows)))
    if rank < len(files):  # one more process than before begins with the seed's generators
        torch.set_rng_state(files[rank].get_tensor("random/cpu"))
        if "random/cuda" in names[rank] and torch.cuda.is_available():
            torch.cuda.set_rng_state(files[rank].get_tensor("random/cuda"))


def first_row(parameter: torch.Tensor) -> int:
    """The first of the rows that this process has: FSDP2 cuts the first dimension as torch.chunk does."""
    if not hasattr(parameter, "device_mesh"):
        return 0
    mesh = parameter.device_mesh
    return min(-(-len(parameter) // mesh.size()) * mesh.get_local_rank(), len(parameter))


def read_rows(files: list[Any], name: str, start: int, count: int) -> torch.Tensor:
    """Rows [start, start + count) of a tensor of which each file holds the next rows."""
    parts, offset = [], 0
    for file in files:
        part = file.get_slice(name)
        length = part.get_shape()[0]
        begin, end = max(start - offset, 0), min(start + count - offset, length)
        if begin < end:
            parts.append(part[begin:end])
        offset += length
    if len(parts) == 1:  # by as many processes as wrote it; at 16B with four, 33 GB that need no copy
        return parts[0]
    return torch.cat(parts) if parts else files[0].get_slice(name)[:0]


# --- a run's checkpoints ----------------------------------------------------------------------------------------------


class Checkpoints:
    """Writes and reads the checkpoints of a run. All processes call each method, at the same step.

    model: the module that was prepared. keep: how many complete ones stay, besides the best. group: see patient_group.
    """

    def __init__(
        self,
        accelerator: Accelerator,
        output_dir: Path,
        model: torch.nn.Module,
        optimizer: Any,
        keep: int,
        group: Any = None,
    ):
        self.accelerator, self.output_dir, self.keep, self.failures = accelerator, output_dir, keep, 0
        self.model, self.optimizer = model, optimizer
        self.deepspeed = accelerator.distributed_type == DistributedType.DEEPSPEED
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        # Bytes: fp32 weights and two moments; DeepSpeed's files hold the weights once more.
        numbers = sum(getattr(parameter, "ds_numel", parameter.numel()) for parameter in trained)  # ZeRO-3 leaves 0
        self.needed = (18 if self.deepspeed else 12) * numbers
        self.group = group

    def _trained(self) -> list[tuple[str, torch.Tensor]]:
        model = self.accelerator.unwrap_model(self.model)
        return [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]

    def room(self, number: int) -> str:
        """A warning where so many more checkpoints will not find room on the disk, empty where they will."""
        free, most = shutil.disk_usage(self.output_dir).free, min(number, self.keep + 1)
        if free >= most * self.needed:
            return ""
        return (
            f"warning: {self.output_dir} has {free / 2**30:.1f} GiB free; a checkpoint takes {self.needed / 2**30:.1f},"
            f" and up to {most} more will be there at a time, beside the best: make room, or lower --keep_checkpoints"
        )

    def attempt(self, action: Callable[[], None], here: bool = True) -> str | None:
        """What has failed in any process, on all of them. here: whether this one takes part."""
        problem = None
        try:
            if here:
                action()
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:  # the last where a disk is full
            problem = str(error) or repr(error)
        return next(filter(None, said_by_all(self.group, problem)), None)

    def save(self, step: int, state: dict[str, Any], write_model: Callable[[Path], None], best: int = -1) -> bool:
        """Whether step-N was written. Where it could not be, a warning says why, and training goes on.

        state: what JSON can hold, for `load` to return. write_model: writes the model into a folder.
        Raises OSError: MAX_FAILURES in a row.
        """
        main, rank = self.accelerator.is_main_process, self.accelerator.process_index
        unfinished = self.output_dir / f".step-{step}.unfinished"
        problem = self.attempt(lambda: self._prepare(unfinished), main)
        problem = problem or self.attempt(lambda: self._write(unfinished, rank, state, write_model))
        problem = problem or self.attempt(lambda: seal(unfinished, self.output_dir / f"step-{step}"), main)
        if problem is None:
            self.failures = 0
            if main:
                rotate(self.output_dir, self.keep, best)
            return True
        self.failures += 1
        if main:
            shutil.rmtree(unfinished, ignore_errors=True)
            print(f"warning: no checkpoint of update {step}: {problem}; training goes on", file=sys.stderr, flush=True)
        if self.failures == MAX_FAILURES:
            raise OSError(f"{MAX_FAILURES} checkpoints in a row could not be written, the last: {problem}")
        return False

    def _prepare(self, unfinished: Path) -> None:
        free = shutil.disk_usage(self.output_dir).free
        if free < self.needed:
            raise OSError(f"{self.output_dir} has {free / 2**30:.1f} GiB free, {self.needed / 2**30:.1f} are needed")
        (unfinished / STATE).mkdir(parents=True)

    def _write(self, unfinished: Path, rank: int, state: dict[str, Any], write_model: Callable[[Path], None]) -> None:
        write_model(unfinished)
        if self.deepspeed:
            self.model.save_checkpoint(str(unfinished / STATE / "deepspeed"))
        holds = self.accelerator.is_fsdp2 or rank == 0
        named = self._trained() if holds and not self.deepspeed else []
        save_share(unfinished / STATE, rank, named, self.optimizer.optimizer)
        if rank == 0:
            (unfinished / STATE / "state.json").write_text(json.dumps({"version": VERSION} | state))

    def load(self, folder: Path) -> None:
        """Puts back optimiser and random generators; the model was read from the folder before."""
        if self.deepspeed:
            self.model.load_checkpoint(str(folder / STATE / "deepspeed"))
        named = [] if self.deepspeed else self._trained()
        load_share(folder / STATE, self.accelerator.process_index, named, self.optimizer.optimizer)


def read_state(folder: Path) -> dict[str, Any]:
    """What was given to `Checkpoints.save` as state, and the version of the format."""
    return json.loads((folder / STATE / "state.json").read_text(encoding="utf-8"))


def changed_settings(saved: dict[str, Any], given: dict[str, Any], allowed: Iterable[str]) -> list[str]:
    """The settings, beside those allowed, of which a run that goes on has others than it had before, in words."""
    keys = dict.fromkeys([*saved, *given])
    different = [key for key in keys if saved.get(key) != given.get(key) and key not in set(allowed)]
    return [f"{key}: {saved.get(key)!r} before, {given.get(key)!r} now" for key in different]

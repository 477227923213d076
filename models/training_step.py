"""The parts of an update: which bins it takes, the batches made of them, the optimiser and its step, the evaluation."""

import contextlib
import itertools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
import torch._functorch.config as functorch
from accelerate import Accelerator
from accelerate.utils import DistributedType
from torch.distributed.fsdp import MixedPrecisionPolicy
from torch.utils.data import DataLoader, Dataset
from transformers import GenerationConfig, get_cosine_schedule_with_warmup

from .conversation_moss import CONTROL_TOKENS
from .loss import SFTLoss, SFTMetric
from .modeling_moss import MossForCausalLM
from .packed_attention import document_bounds
from .packing import PackedDataset
from .quantization import QuantLinear, find_layers
from .sft_data import IGNORE, ROLE, SFTDataset
from .tokenization_moss import MossTokenizer

NAMES = ("input_ids", "labels", "roles", "position_ids")  # of the tensors of a bin
SAMPLE_TOKENS = 64  # of an answer that is shown after an evaluation


# --- batches ----------------------------------------------------------------------------------------------------------


class Update(NamedTuple):
    """Numbers of the bins of an update, and where in the data they stand."""

    epoch: int
    position: int
    bins: np.ndarray


def plan_updates(train_set: PackedDataset, size: int) -> Iterator[Update]:
    """One update after the other, of `size` bins (the last of an epoch of fewer), epochs without end."""
    for epoch in itertools.count():
        bins = train_set.bins(epoch)
        for position in range(0, len(bins), size):
            yield Update(epoch, position, bins[position : position + size])


def micro_batches(bins: np.ndarray, per_process: int, rank: int, world: int) -> list[np.ndarray]:
    """What process `rank` takes of an update, a batch at a time: as many for all, though the last ones may be empty."""
    size = per_process * world
    return [bins[start + rank : start + size : world] for start in range(0, len(bins), size)]


class Batches(Dataset):
    """The arguments of SFTLoss.forward for each of these micro-batches.

    rows: that many in each batch, of the bins' full length, the missing ones all padding: for a GPU, where shapes that
        stay need no memory or kernels anew. None is for a CPU: what there is, without the padding that all rows have.
    """

    def __init__(self, data: PackedDataset, batches: list[np.ndarray], rows: int | None):
        self.data, self.batches, self.rows = data, batches, rows

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        items = [self.data[i] for i in self.batches[index]]
        missing = (self.rows or 1) - len(items)
        items += [dict.fromkeys(NAMES, torch.zeros(0, dtype=torch.int64))] * missing  # rows of padding
        batch = self.data.collate_fn(items)
        if self.rows is None:
            longest = max(1, *(len(item["input_ids"]) for item in items))
            batch = {name: tensor[:, :longest] for name, tensor in batch.items()}
        # Each position predicts the next token; at a row's end comes its first token, which is never in the loss.
        labels, parts = (batch[name].roll(-1, dims=1).flatten() for name in ("labels", "roles"))
        kept = (labels != IGNORE).nonzero().squeeze(1)
        return {
            "input_ids": batch["input_ids"],
            "position_ids": batch["position_ids"],
            "kept": kept,
            "targets": labels[kept],
            "parts": parts[kept].long(),
            "cu_seq_lens": document_bounds(batch["position_ids"]),
        }


def loader(
    accelerator: Accelerator, data: PackedDataset, batches: list[np.ndarray], rows: int, in_background: bool
) -> DataLoader:
    """These micro-batches, in order; for a GPU made ahead of time, in memory that is copied while it computes."""
    on_gpu = accelerator.device.type == "cuda"
    made = Batches(data, batches, rows if on_gpu else None)
    return DataLoader(made, batch_size=None, num_workers=2 if on_gpu and in_background else 0, pin_memory=on_gpu)


# --- the step ---------------------------------------------------------------------------------------------------------


def compile_blocks(model: MossForCausalLM, accelerator: Accelerator) -> None:
    """torch.compile for the blocks, one by one: they share their code, so only the first takes time. Not for quantised
    ones, whose kernels are none that a compiler could fuse.

    Where weights come in half precision (FSDP2, DeepSpeed), what no product is needed for, the output of LayerNorm and
    of gelu, is not kept for the backward pass but made again there, within kernels that run anyway: of 14.3 * E * 2
    bytes a token 9.3 are left. This setting of torch's partitioner is one of the process. (Where autocast rounds fp32
    weights, it would count their copies, too, and give up attention.)
    """
    if find_layers(model, (QuantLinear,)):
        return
    if accelerator.distributed_type in (DistributedType.FSDP, DistributedType.DEEPSPEED):
        functorch.activation_memory_budget = 0.7  # the same from 0.65 to 0.8; below, attention runs twice
    for block in model.transformer.h:
        block.compile()


def make_optimizer(model: torch.nn.Module, learning_rate: float, weight_decay: float, fused: bool = True):
    """AdamW. Matrices and embeddings decay; biases and layer norms, which are vectors, do not."""
    trained = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=learning_rate, fused=fused)


def make_schedule(optimizer: torch.optim.Optimizer, warmup_rates: float, n_updates: int):
    """From 0 up to the peak in the first `warmup_rates` of the updates, then down to 0 along half a cosine."""
    return get_cosine_schedule_with_warmup(optimizer, int(warmup_rates * n_updates), n_updates)


def take_step(
    accelerator: Accelerator, model: torch.nn.Module, optimizer: Any, max_norm: float, loss: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Clips and steps, unless loss () or gradients are not finite. Returns their norm () and whether it skipped ().

    With torch's fused optimiser all of it is decided on the device: it divides gradients by `grad_scale` and leaves
    everything as it is where `found_inf` is 1 (they are there for GradScaler). The norm is the same on all processes,
    and not finite if any gradient of any is not. A GradScaler (fp16) and DeepSpeed clip and skip by themselves.
    """
    fused = optimizer.optimizer
    if accelerator.scaler is not None or accelerator.distributed_type == DistributedType.DEEPSPEED:
        norm = accelerator.clip_grad_norm_(model.parameters(), max_norm or math.inf)
        norm = torch.as_tensor(math.nan if norm is None else norm, device=accelerator.device)
        optimizer.step()
        skipped = torch.as_tensor(optimizer.step_was_skipped, device=norm.device)
    else:
        norm = torch.nn.utils.get_total_norm([p.grad for p in model.parameters() if p.grad is not None])
        norm = norm.full_tensor() if hasattr(norm, "full_tensor") else norm
        skipped = ~(norm.isfinite() & loss.to(norm.device).isfinite())  # gradients may be offloaded to the host
        fused.grad_scale = (norm / max_norm).clamp(min=1.0) if max_norm else None
        fused.found_inf = skipped.float()
        optimizer.step()
    optimizer.zero_grad()
    return norm.to(loss.device), skipped.to(loss.device)


def keep_fp32(accelerator: Accelerator) -> None:
    """Has FSDP2 gather weights in bf16 and touch nothing else; products are autocast's.

    accelerate's own choice is to exchange gradients in bf16, too, and to round what goes into a block and comes out of
    the model, which here are rotary angles and the sum of the losses.
    """
    low = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(accelerator.mixed_precision)
    if accelerator.is_fsdp2 and low is not None:
        policy = MixedPrecisionPolicy(param_dtype=low, reduce_dtype=torch.float32, cast_forward_inputs=False)
        accelerator.state.fsdp_plugin.mixed_precision_policy = policy


def torch_optimizer(prepared: Any) -> torch.optim.Optimizer:
    """torch's own, under accelerate's and, where it is used, DeepSpeed's."""
    inner = prepared.optimizer
    return inner if isinstance(inner, torch.optim.Optimizer) else inner.optimizer


def held_back(accelerator: Accelerator, model: torch.nn.Module) -> contextlib.AbstractContextManager:
    """Saves DDP the exchange of gradients that are not complete. FSDP2 exchanges them all: to keep them whole until the
    last micro-batch would take the memory that it is there to save."""
    copies = accelerator.distributed_type in (DistributedType.MULTI_GPU, DistributedType.MULTI_CPU)
    return accelerator.no_sync(model) if copies and not accelerator.sync_gradients else contextlib.nullcontext()


# --- evaluation -------------------------------------------------------------------------------------------------------


@torch.no_grad()
def evaluation(accelerator: Accelerator, loss_of: torch.nn.Module, data: PackedDataset, rows: int) -> dict[str, float]:
    """Loss and accuracy over all tokens of the data, each process having done its share of the batches."""
    metric, world = SFTMetric(accelerator.device), accelerator.num_processes
    loss_of.eval()
    parts = micro_batches(np.arange(len(data)), rows, accelerator.process_index, world)
    for batch in loader(accelerator, data, parts, rows, in_background=False):
        metric.add(loss_of(**{name: tensor.to(accelerator.device) for name, tensor in batch.items()})[1])
    loss_of.train()
    metric.sums = accelerator.reduce(metric.sums, reduction="sum")
    return {f"eval_{name}": value for name, value in metric.figures().items()}


def sample_answers(
    accelerator: Accelerator, loss_of: torch.nn.Module, data: SFTDataset, tokenizer: MossTokenizer, number: int
) -> Iterator[tuple[str, str]]:
    """What the model writes where MOSS first has to in some conversations, as it thinks likeliest: prompt, answer."""
    module: SFTLoss = loss_of if accelerator.is_fsdp2 else accelerator.unwrap_model(loss_of)
    loss_of.eval()
    ends = tokenizer.convert_tokens_to_ids(list(CONTROL_TOKENS.values()))  # of a part, each
    for i in np.linspace(0, len(data) - 1, min(number, len(data))).astype(int):
        span = slice(data.starts[i], data.starts[i] + data.lengths[i])
        own = np.flatnonzero(data.flags[span] & ROLE)
        if not len(own):
            continue
        prompt = torch.from_numpy(data.ids[span][: own[0]].astype(np.int64)).to(accelerator.device)
        settings = GenerationConfig(  # what is not given would be taken from the checkpoint's
            max_new_tokens=SAMPLE_TOKENS, do_sample=False, repetition_penalty=1.0, eos_token_id=ends,
            pad_token_id=ends[0],
        )  # fmt: skip
        with torch.compiler.set_stance("force_eager"):  # each length would be compiled
            answer = module.generate(prompt[None], generation_config=settings)[0, len(prompt) :]
        yield tokenizer.decode(prompt), tokenizer.decode(answer)
    loss_of.train()

"""The loss of fine-tuning, and what is counted with it.

The output layer is the largest product of the model, and 107,008 logits in fp32 for each of 8,192 tokens would be
3.5 GB, several times over. So it is applied to chunks of tokens, and to those alone that have a label. The gradient of
a chunk's logits is taken at once, while they are there (as in Liger Kernel, Hsu et al. 2024, arXiv:2410.10989):
recomputing them in the backward pass, as checkpointing does, would cost a third of the layer's products again.

    K  tokens that have a label          E  width of the model          V  vocabulary
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from .conversation_moss import OWN_ROLES
from .modeling_moss import MossForCausalLM
from .sft_data import IGNORE

PARTS = ("other", *OWN_ROLES)  # kinds of tokens that are counted apart, see EncodedTurns.roles
LOGITS = 1 << 29  # numbers in a chunk of logits (2 GiB in fp32), beside a gradient of (V, E) in fp32
LOGITS_FROZEN = 1 << 25  # where the output layer has none, and memory is short


def cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """logits (K, V), targets (K) -> losses (K) fp32, right (K) bool, gradient of the losses' sum (K, V) as the logits.

    fp32 inside: a sum of 107,008 exponentials has no place in 8 bits of mantissa. May overwrite the logits.
    """
    numbers, column = logits.float(), targets[:, None]
    log_sum = numbers.logsumexp(dim=-1, keepdim=True)
    losses = (log_sum - numbers.gather(1, column)).squeeze(1)
    right = numbers.argmax(dim=-1) == targets
    gradient = numbers.sub_(log_sum).exp_()
    gradient.scatter_add_(1, column, torch.full_like(log_sum, -1.0))
    return losses, right, gradient.to(logits.dtype)


class ChunkedCrossEntropy(torch.autograd.Function):
    """hidden (K, E), weight (V, E), bias (V), targets (K) -> the losses' sum, and without gradient losses, right (K).

    apply(hidden, weight, bias, targets, dtype, rows, function): products in dtype, `rows` tokens at a time, `function`
    being cross_entropy, compiled or not.
    """

    @staticmethod
    def forward(ctx, hidden, weight, bias, targets, dtype, rows, function):
        wants_hidden, wants_weight, wants_bias = ctx.needs_input_grad[:3]
        low, w, b = hidden.to(dtype), weight.to(dtype), bias.to(dtype)
        losses = torch.empty(len(targets), dtype=torch.float32, device=hidden.device)
        right = torch.empty(len(targets), dtype=torch.bool, device=hidden.device)
        d_hidden = torch.zeros_like(hidden) if wants_hidden else None
        d_weight = torch.zeros_like(weight, dtype=torch.float32) if wants_weight else None
        d_bias = torch.zeros_like(bias, dtype=torch.float32) if wants_bias else None
        for start in range(0, len(targets), rows):
            part = slice(start, start + rows)
            losses[part], right[part], gradient = function(F.linear(low[part], w, b), targets[part])  # (rows, V)
            if wants_hidden:
                d_hidden[part] = gradient @ w
            if wants_weight:
                d_weight += gradient.T @ low[part]
            if wants_bias:
                d_bias += gradient.sum(dim=0, dtype=torch.float32)
            del gradient
        ctx.save_for_backward(d_hidden, d_weight, d_bias)
        ctx.dtypes = hidden.dtype, weight.dtype, bias.dtype
        ctx.mark_non_differentiable(losses, right)
        return losses.sum(), losses, right

    @staticmethod
    def backward(ctx, d_sum, *_):
        gradients = zip(ctx.saved_tensors, ctx.dtypes, strict=True)
        return *(None if g is None else g.mul_(d_sum).to(dtype) for g, dtype in gradients), None, None, None, None


class SFTLoss(nn.Module):
    """Model and loss as one module, so that what wraps it (DDP, FSDP2, DeepSpeed) sees one forward."""

    def __init__(self, model: MossForCausalLM, compile: bool = False):
        super().__init__()
        self.model = model
        self.cross_entropy = torch.compile(cross_entropy, dynamic=True) if compile else cross_entropy

    def forward(
        self,
        input_ids: torch.Tensor,
        position_ids: torch.Tensor,
        kept: torch.Tensor,
        targets: torch.Tensor,
        parts: torch.Tensor,
        cu_seq_lens: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """input_ids, position_ids (B, T), the positions restarting with each document; kept (K), the places in the
        flattened (B * T) that predict targets (K), which are of the kinds PARTS[parts] (K); all int64. cu_seq_lens
        (documents + 1) int32 says where documents begin, see packed_attention.document_bounds.

        Returns the sum of the cross-entropy, fp32, and counts (PARTS, 3) fp32: right predictions, tokens, loss.
        """
        hidden = self.model.transformer(
            input_ids=input_ids,
            position_ids=position_ids,
            use_cache=False,
            cu_seq_lens=cu_seq_lens,
            max_length=input_ids.shape[1],
        ).last_hidden_state.flatten(0, 1)  # (B * T, E)
        head, device = self.model.lm_head, hidden.device.type
        trained = torch.is_grad_enabled() and head.weight.requires_grad
        dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else head.weight.dtype
        rows = max(1, (LOGITS if trained else LOGITS_FROZEN) // head.out_features)
        inputs = hidden.index_select(0, kept), head.weight, head.bias
        if not torch.is_grad_enabled():
            inputs = [x.detach() for x in inputs]
        with torch.autocast(device, enabled=False):
            loss, losses, right = ChunkedCrossEntropy.apply(*inputs, targets, dtype, rows, self.cross_entropy)
        counts = torch.stack([right.float(), torch.ones_like(losses), losses], dim=1)  # (K, 3)
        return loss, counts.new_zeros(len(PARTS), 3).index_add_(0, parts, counts)

    def generate(self, input_ids: torch.Tensor, **options) -> torch.Tensor:
        """The model's own, here so that a wrapper gathers the weights for it; attention with masks."""
        attention = self.model.config._attn_implementation
        self.model.set_attn_implementation("sdpa")
        try:
            return self.model.generate(input_ids, **options)
        finally:
            self.model.set_attn_implementation(attention)


class SFTMetric:
    """Loss and accuracy over the tokens counted since the last reset, in all and for each part.

    Each token counts the same. (The original's loss is the mean of the batches' means, in which a token of a short
    batch counts more.) Nothing leaves the device before get_metric.
    """

    def __init__(self, device: torch.device | str):
        dtype = torch.float32 if torch.device(device).type == "mps" else torch.float64  # which Apple's GPUs lack
        self.sums = torch.zeros(len(PARTS), 3, dtype=dtype, device=device)  # right, total, loss

    def __call__(self, logits: torch.Tensor, labels: torch.Tensor, loss: torch.Tensor) -> None:
        self.update(logits, labels, loss)

    @torch.no_grad()
    def update(self, logits: torch.Tensor, labels: torch.Tensor, loss: torch.Tensor) -> None:
        """logits (B, T, V); labels (B, T), -100 outside the loss, not shifted; loss (), the mean over the labels."""
        targets = labels[:, 1:]
        total = (targets != IGNORE).sum()
        right = (logits[:, :-1].argmax(dim=-1) == targets).sum()
        self.sums[0] += torch.stack([right, total, torch.where(total > 0, loss.detach().squeeze() * total, 0.0)])

    def add(self, counts: torch.Tensor) -> None:
        """counts (PARTS, 3) of SFTLoss, of all processes."""
        self.sums += counts

    def get_metric(self, reset: bool = True) -> tuple[float, float]:
        """accuracy, loss; both nan where there was no label (the original divides by zero)."""
        right, total, loss = self.sums.sum(dim=0).tolist()
        if reset:
            self.sums.zero_()
        return (right / total, loss / total) if total else (math.nan, math.nan)

    def figures(self) -> dict[str, float]:
        """Loss and accuracy of all tokens, and the accuracy of each part that has any."""
        sums = dict(zip(PARTS, self.sums.tolist(), strict=True))
        by_part = {f"accuracy/{part}": right / total for part, (right, total, _) in sums.items() if total}
        accuracy, loss = self.get_metric()
        return {"loss": loss, "accuracy": accuracy} | by_part

"""Attention over rows that hold several documents, of which none sees another.

Each document is computed by itself: by torch's variable-length kernel on an NVIDIA GPU from Ampere on in half
precision, and one after the other on a CPU. No mask exists, and nothing is computed between documents. It is registered
with transformers under the name `VARLEN`, without a function that makes masks: transformers then makes none, which also
saves the wait for the device with which it looks for documents. Where neither runs, `sdpa` is used, for which the model
makes block masks from position ids that restart; all give the same numbers.
"""

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.attention.varlen import varlen_attn
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

VARLEN = "moss_varlen"


def varlen_attention(
    module: nn.Module,
    query: torch.Tensor,  # (B, H, T, D)
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: None,
    scaling: float,
    cu_seq_lens: torch.Tensor,  # (documents + 1) int32
    max_length: int,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention within each document -> (B, T, H, D), None.

    cu_seq_lens: see `document_bounds`. max_length: no document is longer.
    """
    B, H, T, D = query.shape
    query, key, value = (x.transpose(1, 2).reshape(B * T, H, D) for x in (query, key, value))
    if query.is_cuda:
        bounds = (cu_seq_lens, cu_seq_lens, max_length, max_length)
        output = varlen_attn(query, key, value, *bounds, scale=scaling, window_size=(-1, 0))  # (-1, 0) means causal
    else:
        lengths = cu_seq_lens.diff().tolist()
        documents = zip(
            *(x.transpose(0, 1).split(lengths, dim=1) for x in (query, key, value)), strict=True
        )  # (H, n, D)
        parts = [  # of four dimensions, as torch's flash kernel wants them
            F.scaled_dot_product_attention(*(x[None] for x in qkv), is_causal=True, scale=scaling) for qkv in documents
        ]
        output = torch.cat(parts, dim=2)[0].transpose(0, 1)
    return output.reshape(B, T, H, D), None


ALL_ATTENTION_FUNCTIONS.register(VARLEN, varlen_attention)


def document_bounds(position_ids: torch.Tensor) -> torch.Tensor:
    """(B, T), on the host -> (documents + 1) int32: where each document begins in the flattened rows, and their end.

    A document begins where a position is 0; each row begins with one.
    """
    starts = (position_ids.flatten() == 0).nonzero().squeeze(1)
    return torch.cat([starts, starts.new_tensor([position_ids.numel()])]).to(torch.int32)


def best_attention(device: torch.device, dtype: torch.dtype) -> str:
    """The implementation to train with, for products in that dtype."""
    if device.type == "cpu":
        return VARLEN
    half = dtype in (torch.float16, torch.bfloat16)
    if device.type == "cuda" and torch.version.cuda and half and torch.cuda.get_device_capability(device) >= (8, 0):
        return VARLEN
    return "sdpa"

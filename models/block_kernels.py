"""How the engine reads a block of MOSS on a GPU: its layers two at a time, and kernels for what stands between them.

It computes what the modules of modeling_moss.py compute, which is what anybody reads first; here is what saves time
when no gradient is wanted. The kernels are in attend_kernel.py and kernels_248.py.
"""

from typing import Any

import torch
from torch import nn

from .kv_cache import CacheView
from .quantization import (
    QuantLinear,
    is_plain,
    is_watched,
    join_matrices,
    joint_matrix,
    joint_weight,
    product,
    runs_kernels,
    split_matrices,
    written_out,
)
from .tiled_weight import TiledWeight, join_inputs, join_outputs

MAX_JOINT_ROWS = 512  # above, weights are written out in 16 bits for torch's product, and two at a time gain nothing


def linear_gelu(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """gelu(x (M, K) @ weight (N, K)^T + bias) in one kernel of cuBLASLt, whose gelu is that of tanh, as gelu_new."""
    return torch._addmm_activation(bias, x, weight.t(), use_gelu=True)


def add_linear(sums: torch.Tensor, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """sums (M, N) += x (M, K) @ weight (N, K)^T"""
    return sums.addmm_(x, weight.t())


class ReadByKernels:
    """What MossBlock has besides `forward`. E is the width of the model, M the number of ids that are read."""

    def joint_weights(self, x: torch.Tensor) -> tuple[TiledWeight, TiledWeight] | None:
        """The quantised weights of both pairs, or None where the four layers run by themselves."""
        if self.training or is_watched(self.mlp) or x.shape[:-1].numel() > MAX_JOINT_ROWS:
            return None
        inputs = joint_weight(self.attn.qkv_proj, self.mlp.fc_in, x, join_outputs)
        outputs = inputs and joint_weight(self.attn.out_proj, self.mlp.fc_out, x, join_inputs)
        return outputs and (inputs, outputs)

    @property
    def joint_sizes(self) -> list[int]:
        return [self.attn.qkv_proj.out_features, self.mlp.fc_in.out_features]

    def can_read(self) -> bool:
        """Whether `read` may take the place of the modules: nobody watches them, and it knows what they compute."""
        watched = any(is_watched(module) for module in self.modules() if module is not self)
        return self.attn.config.activation_function == "gelu_new" and not (watched or self.training)

    def read(self, x: torch.Tensor, cache: CacheView, rotary: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        """`forward` of x (M, E), one id of each row of the cache or many of one row, by kernels. Not for gradients.

        Three ways to the same: plain layers in pairs; quantised ones in pairs; and above MAX_JOINT_ROWS all of them one
        by one, in 16 bits, because then the tensor cores are what takes the time: bias and activation are done by the
        product that they follow, and the last two add to the stream in place. Other kinds of layers run as they are.
        """
        attn, mlp = self.attn, self.mlp
        layers = attn.qkv_proj, mlp.fc_in, attn.out_proj, mlp.fc_out
        steps = cache.one_each  # then attention and activation are one kernel
        known = all(is_plain(layer) or type(layer) is QuantLinear for layer in layers)
        long = known and not steps and len(x) > MAX_JOINT_ROWS
        joint = None if long else self.joint_matrices() or self.joint_weights(x)
        in_place = long or isinstance(joint and joint[1], torch.Tensor)
        first, size = (True, 1) if self.ranks is None else (self.ranks.rank == 0, self.ranks.size)
        about = rotary, attn.layer_idx, attn.config.n_head // size, attn.heads_per_quarter

        normed, sums = cache.norm(x, self.ln_1, mlp.fc_out.bias if in_place and first else None)
        if in_place and not first:  # x and the bias are in the first rank's addend
            sums = torch.zeros_like(x)
        if long:
            attended = cache.attend(nn.functional.linear(*written_out(attn.qkv_proj, normed)), *about)
            add_linear(sums, *written_out(attn.out_proj, attended))
            del attended  # 25 MB of 2,048 ids at 16B, as are normed, sums and x; activated is 100, a written weight 302
            activated = linear_gelu(*written_out(mlp.fc_in, normed), mlp.fc_in.bias.to(x.dtype))
            del normed
            return self.summed(add_linear(sums, *written_out(mlp.fc_out, activated)))
        bias = None
        if joint is None:
            qkv, inner = attn.qkv_proj(normed), mlp.fc_in(normed)
        elif in_place:
            qkv, inner = nn.functional.linear(normed, joint[0]).split(self.joint_sizes, dim=1)
            bias = mlp.fc_in.bias
        else:
            qkv, inner = product(normed, joint[0]).split(self.joint_sizes, dim=1)
        if steps:
            both = cache.attend(qkv, *about, inner, bias)
        else:
            both = torch.cat([cache.attend(qkv, *about), mlp.act(inner if bias is None else inner + bias)], dim=1)
        if in_place:
            return self.summed(add_linear(sums, both, joint[1]))
        if joint is not None:
            return self.summed(product(both, joint[1])) + x
        attended, activated = both.split([qkv.shape[1] // 3, inner.shape[1]], dim=1)
        return self.summed(attn.out_proj(attended) + mlp.fc_out(activated)) + x

    def joint_matrices(self) -> tuple[torch.Tensor, torch.Tensor] | None:
        """The plain weights of both pairs, where `lay_out` has joined them."""
        inputs = joint_matrix(self.attn.qkv_proj, self.mlp.fc_in, 0)
        outputs = None if inputs is None else joint_matrix(self.attn.out_proj, self.mlp.fc_out, 1)
        return None if outputs is None else (inputs, outputs)

    def lay_out(self) -> bool:
        """Lays out the weights as `read` wants them, where it will run; returns whether anything was moved.

        Otherwise quantised ones are laid out when they are first used, in the midst of what a pass takes, and plain
        ones stay apart.
        """
        attn, mlp, like = self.attn, self.mlp, self.ln_1.weight.detach()[None]
        if like.is_meta or not runs_kernels(like) or not self.can_read():
            return False
        pairs = (attn.qkv_proj, mlp.fc_in), (attn.out_proj, mlp.fc_out)
        if all(is_plain(layer) for pair in pairs for layer in pair):
            return any([join_matrices(*pair, dim) for dim, pair in enumerate(pairs)])
        before = attn.qkv_proj.runtime if type(attn.qkv_proj) is QuantLinear else None
        joint = self.joint_weights(like)
        return joint is not None and attn.qkv_proj.runtime is not before

    def _save_to_state_dict(self, *args: Any, **kwargs: Any) -> None:
        # Others find it hard to save weights that share memory. The engine joins them again.
        if self.joint_matrices() is not None:
            split_matrices(self.attn.qkv_proj, self.mlp.fc_in, self.attn.out_proj, self.mlp.fc_out)
        super()._save_to_state_dict(*args, **kwargs)

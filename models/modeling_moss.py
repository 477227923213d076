"""The MOSS model: a decoder of the CodeGen architecture with a biased output layer.

Letters, and the order in which a shape names them:

    B  sequences in the batch               E  n_embd, width of the model
    T  positions given in this call         H  n_head
    S  positions attended to (cache + T)    D  E / H, numbers to a head
    V  vocab_size                           R  rotary_dim, how many of the D are rotated (R <= D, even)

A block is a parallel residual: attention and MLP read the same normalised input, and both are added to the stream.

          x (B, T, E) ───────────┐
          │                      │
         ln_1                    │
        ┌─┴───────┐              │              y = x + attn(ln_1(x)) + mlp(ln_1(x))
      attn       mlp             │
        └────┬────┘              │
             + ──────────────────┘
             y (B, T, E)

`qkv_proj` computes queries, values and keys at once. Its 3E outputs lie in four quarters, each holding q, v, k *in that
order* for its own H / 4 heads; here H = 8, so two heads to a quarter, each box D wide:

     quarter 0               quarter 1               quarter 2               quarter 3
    |q0 q1|v0 v1|k0 k1|     |q2 q3|v2 v3|k2 k3|     |q4 q5|v4 v5|k4 k5|     |q6 q7|v6 v7|k6 k7|

(CodeGen was trained on four-way parallel hardware, one quarter to a core; the checkpoints keep that order. It also
means that a split of the rows over two or four GPUs leaves whole heads on each.)

Precision. Weights, activations and the key/value cache have the model's dtype. Three things are computed in fp32 and
then rounded once, because half precision is not enough for them: the rotation angles (frequencies in fp16 are off by
0.39 rad at position 1024), the attention scores with their softmax, and the loss. The rotary frequencies are no buffer
and no attribute: they are worked out from `rotary_dim` in every forward, a few dozen numbers, so that no way of
loading, casting or moving the model can leave a wrong table behind, and no position is too late for it.

Parameter names are CodeGen's, one for one. What published checkpoints hold besides, the `causal_mask` of every layer,
is ignored. Reading a checkpoint is strict: see `MossPreTrainedModel.from_pretrained`.

Sources: CodeGen (Nijkamp et al. 2022, arXiv:2203.13474), rotary embedding (Su et al. 2021, arXiv:2104.09864), parallel
residual as in GPT-J (Wang and Komatsuzaki 2021).
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import torch
from torch import nn
from transformers import Cache, DynamicCache, GenerationMixin, PreTrainedModel
from transformers.activations import ACT2FN
from transformers.masking_utils import create_causal_mask
from transformers.modeling_layers import GradientCheckpointingLayer
from transformers.modeling_outputs import BaseModelOutputWithPast, CausalLMOutputWithPast
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS
from transformers.utils import can_return_tuple
from transformers.utils.generic import merge_with_config_defaults
from transformers.utils.output_capturing import capture_outputs

from .block_kernels import ReadByKernels
from .configuration_moss import MossConfig
from .kv_cache import CacheView
from .quantization import QuantLinear, QuantLinearFunction
from .strict_loading import StrictLoading

# What transformers calls the keys and values in arguments and outputs: "cache" from 5.24 on, "past_key_values" before.
CACHE = "cache" if "cache" in BaseModelOutputWithPast.__dataclass_fields__ else "past_key_values"


def rotary_angles(position_ids: torch.Tensor, rotary_dim: int) -> tuple[torch.Tensor, torch.Tensor]:
    """position_ids (B, T) int -> cos, sin (B, T, 1, R/2) fp32 of position * 10000**(-2i/R), i the pair; 1 is for H."""
    i = torch.arange(0, rotary_dim, 2, dtype=torch.float32, device=position_ids.device)
    inv_freq = 10000.0 ** (-i / rotary_dim)
    angle = position_ids[:, :, None, None].float() * inv_freq
    return angle.cos(), angle.sin()


def rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """x (B, T, ..., D); turn the neighbouring pairs (x0, x1), (x2, x3), ... of its first R numbers by their angle.

    fp32 inside, x's dtype outside: a key rotated in fp32 and left so would make the cache half as large again.
    """
    rotary_dim = 2 * cos.shape[-1]
    even, odd = x[..., :rotary_dim:2], x[..., 1:rotary_dim:2]  # (B, T, ..., R/2) each
    turned = torch.stack((even * cos - odd * sin, odd * cos + even * sin), dim=-1).flatten(-2)  # (B, T, ..., R)
    return torch.cat((turned.to(x.dtype), x[..., rotary_dim:]), dim=-1)


def eager_attention(
    module: nn.Module,
    query: torch.Tensor,  # (B, H, T, D)
    key: torch.Tensor,  # (B, H, S, D)
    value: torch.Tensor,  # (B, H, S, D)
    attention_mask: torch.Tensor | None,  # (B, 1, T, S), 0 where allowed and the dtype's minimum elsewhere
    scaling: float,
    dropout: float = 0.0,
    **kwargs: Any,
) -> tuple[torch.Tensor, torch.Tensor]:
    """softmax(q k^T * scaling + mask) v -> (B, T, H, D) and the probabilities (B, H, T, S).

    Scores in fp32: with 256 numbers to a head, as in the 16B model, q k^T can pass the 65504 of fp16.
    """
    score_dtype = torch.promote_types(query.dtype, torch.float32)
    scores = query.to(score_dtype) @ key.to(score_dtype).transpose(-1, -2) * scaling
    if attention_mask is not None:
        scores = scores + attention_mask
    probabilities = scores.softmax(dim=-1).to(value.dtype)
    probabilities = nn.functional.dropout(probabilities, p=dropout, training=module.training)
    return (probabilities @ value).transpose(1, 2).contiguous(), probabilities


def linear(config: MossConfig, infeatures: int, outfeatures: int, bias: bool) -> nn.Linear | QuantLinear:
    """A linear layer of a block, the kind that is quantised; still empty where wbits says that it is."""
    if config.wbits != 32:
        return QuantLinear(config.wbits, config.groupsize, infeatures, outfeatures, bias)
    return nn.Linear(infeatures, outfeatures, bias)


class MossAttention(nn.Module):
    """Causal self-attention with rotary positions, over the cache where there is one."""

    def __init__(self, config: MossConfig, layer_idx: int):
        super().__init__()
        self.config = config
        self.layer_idx = layer_idx
        self.heads_per_quarter = config.n_head // 4
        self.head_dim = config.head_dim
        self.scaling = config.head_dim**-0.5
        self.is_causal = True
        self.qkv_proj = linear(config, config.n_embd, 3 * config.n_embd, bias=False)
        self.out_proj = linear(config, config.n_embd, config.n_embd, bias=False)
        self.resid_dropout = nn.Dropout(config.resid_pdrop)

    def forward(
        self,
        hidden_states: torch.Tensor,  # (B, T, E)
        rotary: tuple[torch.Tensor, torch.Tensor],
        attention_mask: torch.Tensor | None = None,
        past_key_values: Cache | None = None,
        head_mask: torch.Tensor | None = None,  # (H,)
        qkv: torch.Tensor | None = None,  # (B, T, 3E), where the block has computed it
        **kwargs: Any,
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """The output (B, T, E), or where qkv is given the input of out_proj in its place, and the probabilities."""
        B, T, _ = hidden_states.shape

        # (B, T, 4, 3, H/4, D): quarter, then q, v or k. The 4 is written -1, as a GPU of two or four has fewer.
        projected = self.qkv_proj(hidden_states) if qkv is None else qkv
        quarters = projected.view(B, T, -1, 3, self.heads_per_quarter, self.head_dim)
        turned = rotate(quarters[:, :, :, ::2], *(x[:, :, None, None] for x in rotary))  # q and k at once
        query, value, key = (x.flatten(2, 3) for x in (turned[:, :, :, 0], quarters[:, :, :, 1], turned[:, :, :, 1]))
        query, key, value = (x.transpose(1, 2) for x in (query, key, value))  # (B, H, T, D)
        if past_key_values is not None:
            # Continuous batching's cache finds there, and leaves there, what its pages need.
            pages = {"kwargs": kwargs} if CACHE == "cache" and not isinstance(past_key_values, CacheView) else {}
            key, value = past_key_values.update(key, value, self.layer_idx, **pages)  # (B, H, S, D)

        # One name, one call, `scaling=self.scaling`: engines that put their own attention here look for this form.
        attention: Callable = ALL_ATTENTION_FUNCTIONS.get_interface(self.config._attn_implementation, eager_attention)
        if isinstance(past_key_values, CacheView) and past_key_values.spans is not None:
            attention = past_key_values.attention
        output, probabilities = attention(
            self,
            query,
            key,
            value,
            attention_mask,
            dropout=self.config.attn_pdrop if self.training else 0.0,
            scaling=self.scaling,
            **kwargs,
        )
        if head_mask is not None:  # m * (P v) = (m * P) v, so any attention implementation can be masked
            output = output * head_mask[:, None].to(output.dtype)  # (B, T, H, D)
        output = output.reshape(B, T, -1)  # (B, T, E)
        return self.resid_dropout(self.out_proj(output)) if qkv is None else output, probabilities


class MossMLP(nn.Module):
    """fc_out(act(fc_in(x)))"""

    def __init__(self, config: MossConfig):
        super().__init__()
        self.fc_in = linear(config, config.n_embd, config.inner_dim, bias=True)
        self.fc_out = linear(config, config.inner_dim, config.n_embd, bias=True)
        # gelu_new of transformers is eight kernels; this is the same function in one
        self.act = ACT2FN[
            "gelu_pytorch_tanh" if config.activation_function == "gelu_new" else config.activation_function
        ]
        self.dropout = nn.Dropout(config.resid_pdrop)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.dropout(self.fc_out(self.act(self.fc_in(x))))


class MossBlock(ReadByKernels, GradientCheckpointingLayer):
    """x + attn(ln_1(x)) + mlp(ln_1(x))

    On a GPU and outside of training, layers are computed two at a time: qkv_proj with fc_in, which read the same input,
    and out_proj with fc_out, whose outputs are added. Quantised ones always; plain ones where the engine reads
    (models/engine.py), whose cache also brings kernels for what stands between the products.

    Where the model is split over processes (models/tensor_parallel.py), a block has some of the heads and some of the
    inner units; `ranks` then adds up what all of them have found.
    """

    ranks: Any = None

    def __init__(self, config: MossConfig, layer_idx: int):
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)
        self.attn = MossAttention(config, layer_idx)
        self.mlp = MossMLP(config)

    def forward(self, hidden_states: torch.Tensor, **kwargs: Any) -> torch.Tensor:
        attn, mlp = self.attn, self.mlp
        cache = kwargs.get("past_key_values")
        if isinstance(cache, CacheView) and cache.has_kernels(hidden_states) and self.can_read():
            return self.read(hidden_states.flatten(0, 1), cache, kwargs["rotary"]).view_as(hidden_states)
        joint, normed = self.joint_weights(hidden_states), self.ln_1(hidden_states)
        if joint is None:
            attended, _ = attn(normed, **kwargs)
            return self.summed(attended + mlp(normed)) + hidden_states
        qkv, inner = QuantLinearFunction.apply(normed, joint[0]).split(self.joint_sizes, dim=-1)
        both = torch.cat([attn(normed, qkv=qkv, **kwargs)[0], mlp.act(inner)], dim=-1)
        return self.summed(QuantLinearFunction.apply(both, joint[1])) + hidden_states

    def summed(self, x: torch.Tensor) -> torch.Tensor:
        return x if self.ranks is None else self.ranks.sum(x)


class MossPreTrainedModel(StrictLoading, PreTrainedModel):
    """What transformers needs to know of both classes below, and the strict reading of checkpoints."""

    config: MossConfig
    config_class = MossConfig
    base_model_prefix = "transformer"
    supports_gradient_checkpointing = True
    _no_split_modules: ClassVar = ["MossBlock"]
    _skip_keys_device_placement: ClassVar = ["past_key_values", "cache"]
    _keys_to_ignore_on_load_unexpected: ClassVar = [r"attn\.causal_mask$"]
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_flex_attn = True
    _supports_attention_backend = True
    _can_compile_fullgraph = True
    _can_record_outputs: ClassVar = {"hidden_states": MossBlock, "attentions": MossAttention}

    def __init__(self, config: MossConfig, *args: Any, **kwargs: Any):
        config.validate()
        super().__init__(config, *args, **kwargs)


class MossModel(MossPreTrainedModel):
    """Token ids (B, T) to hidden states (B, T, E): embedding, blocks, final layer norm."""

    _keys_to_ignore_on_load_unexpected: ClassVar = [r"attn\.causal_mask$", r"^lm_head\."]

    def __init__(self, config: MossConfig):
        super().__init__(config)
        self.wte = nn.Embedding(config.vocab_size, config.n_embd)
        self.drop = nn.Dropout(config.embd_pdrop)
        self.h = nn.ModuleList(MossBlock(config, layer_idx) for layer_idx in range(config.n_layer))
        self.ln_f = nn.LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)
        self.gradient_checkpointing = False
        self.post_init()

    def get_input_embeddings(self) -> nn.Embedding:
        return self.wte

    def set_input_embeddings(self, new_embeddings: nn.Embedding) -> None:
        self.wte = new_embeddings

    @merge_with_config_defaults
    @capture_outputs
    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
        head_mask: torch.Tensor | None = None,
        use_cache: bool | None = None,
        **kwargs: Any,
    ) -> BaseModelOutputWithPast:
        """Run the decoder; output_hidden_states, output_attentions (eager attention only) and return_dict as ever.

        input_ids: (B, T) int, or inputs_embeds: (B, T, E) in their place.
        attention_mask: (B, S) 1 for a token, 0 for padding, which may stand on the left, on the right or in between;
            or a ready (B, 1, T, S) mask.
        position_ids: (B, T) int. The default counts every slot, padding included; `generate` counts tokens. Without
            attention_mask and past_key_values, a position 0 inside a row begins a new sequence, which does not see the
            ones before it: several short texts can be trained on as one row.
        token_type_ids: (B, T) int, embedded by wte and added, as in the original.
        head_mask: (n_layer, H) or (H,) factors for the heads' outputs; the attentions returned are without it.
        cache: another name of past_key_values, where transformers (from 5.24 on) uses it.
        """
        if CACHE == "cache":  # before, it was continuous batching's alone, which looked for it in the attention
            past_key_values = kwargs.pop("cache", past_key_values)
        if (input_ids is None) == (inputs_embeds is None):
            raise ValueError("give either input_ids or inputs_embeds, and not both")
        if inputs_embeds is None:
            inputs_embeds = self.wte(input_ids)
        T = inputs_embeds.shape[1]

        sequence_ids = None if position_ids is None else packed_positions(position_ids.view(-1, T))
        # Before the cache is made: transformers looks for packed sequences only where there is none.
        causal_mask = create_causal_mask(self.config, inputs_embeds, attention_mask, past_key_values, sequence_ids)
        if use_cache and past_key_values is None:
            past_key_values = DynamicCache(config=self.config)
        if position_ids is None:
            n_past = past_key_values.get_seq_length() if past_key_values is not None else 0
            position_ids = torch.arange(T, device=inputs_embeds.device) + n_past
        rotary = rotary_angles(position_ids.view(-1, T), self.config.rotary_dim)

        hidden_states = inputs_embeds
        if token_type_ids is not None:
            hidden_states = hidden_states + self.wte(token_type_ids.view(-1, T))
        hidden_states = self.drop(hidden_states)
        if head_mask is not None:
            head_mask = head_mask.expand(self.config.n_layer, self.config.n_head)

        for i, block in enumerate(self.h):
            hidden_states = block(
                hidden_states,
                rotary=rotary,
                attention_mask=causal_mask,
                past_key_values=past_key_values,
                head_mask=None if head_mask is None else head_mask[i],
                position_ids=sequence_ids,  # for flash attention, which finds packed sequences by them
                **kwargs,
            )
        return BaseModelOutputWithPast(last_hidden_state=self.ln_f(hidden_states), **{CACHE: past_key_values})


class MossForCausalLM(MossPreTrainedModel, GenerationMixin):
    """MossModel with the output layer, its loss, and transformers' `generate`."""

    _tied_weights_keys: ClassVar = {"lm_head.weight": "transformer.wte.weight"}  # where tie_word_embeddings is set
    _tp_plan: ClassVar = {"lm_head": "colwise_gather_output"}
    _fsdp_plan: ClassVar = {"lm_head": "keep_full_weight"}
    ranks: Any = None  # the processes that it is split over, see tensor_parallel.py

    def __init__(self, config: MossConfig):
        super().__init__(config)
        self.transformer = MossModel(config)
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size)
        self.post_init()

    def quantize(
        self,
        wbits: int = 4,
        groupsize: int = 128,
        calibration: Sequence[str] | Sequence[Sequence[int]] | None = None,
        tokenizer: Callable | None = None,
        **options: Any,
    ) -> "MossForCausalLM":
        """Quantises the four linear layers of every block in place, where they are; returns self, ready to be saved.

        wbits: 2, 4 or 8. groupsize: weights of a column that share a scale, a multiple of 32 or -1 for all of them.
        calibration: None rounds every weight to the nearest value. Texts of the kind that the model is used for, a
            hundred or more, make it GPTQ: as ids, or as strings with a tokenizer, which is called on each.
        options: the other fields of gptq.GPTQSettings, e.g. sym=False; and progress, called with each layer's report.

        A model of which there is no room for the fp16 weights is quantised by quantize_moss.py.

        Raises:
            ValueError: settings that do not fit the model, a model that is quantised already, or ids that it lacks.
        """
        from .gptq import quantize_model  # which needs this module

        if calibration is not None and any(isinstance(text, str) for text in calibration):
            if tokenizer is None:
                raise ValueError("calibration holds strings; give the tokenizer, too, or ids in their place")
            calibration = [tokenizer(text)["input_ids"] for text in calibration]
        settings = quantize_model(self, wbits, groupsize, calibration, **options)
        self._note_quantization(settings.quantization_config())
        return self

    def logits_of(self, hidden_states: torch.Tensor) -> torch.Tensor:
        """(..., E) -> (..., V)"""
        logits = self.lm_head(hidden_states)
        return logits if self.ranks is None or logits.shape[-1] == self.config.vocab_size else self.ranks.gather(logits)

    @can_return_tuple
    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
        head_mask: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int | torch.Tensor = 0,
        **kwargs: Any,
    ) -> CausalLMOutputWithPast:
        """Logits, and the loss where there are labels. The arguments of MossModel.forward, and

        labels: (B, T) int, the input ids themselves (they are shifted here), -100 where there is no loss. The loss is
            an fp32 mean over the labels, or their sum over `num_items_in_batch` where a trainer gives that number.
        logits_to_keep: which positions the output layer is applied to. 0: all; n: the last n; (K,) int: these; (B, T)
            bool: the True ones, which gives logits (number of True, V). At 107,008 words a row of logits is large.
        """
        outputs = self.transformer(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            inputs_embeds=inputs_embeds,
            token_type_ids=token_type_ids,
            head_mask=head_mask,
            use_cache=use_cache,
            **kwargs,
        )
        logits = self.logits_of(keep_positions(outputs.last_hidden_state, logits_to_keep))  # (B, T or kept, V)
        loss = None
        if labels is not None:
            loss = self.loss_function(logits=logits, labels=labels, vocab_size=self.config.vocab_size, **kwargs)
        return CausalLMOutputWithPast(
            loss=loss,
            logits=logits,
            hidden_states=outputs.hidden_states,
            attentions=outputs.attentions,
            **{CACHE: outputs.get(CACHE)},
        )


def packed_positions(position_ids: torch.Tensor) -> torch.Tensor:
    """(B, T) -> (B, T): how many slots after the last position 0 each token stands: [0 1 2 0 1 5] -> [0 1 2 0 1 2].

    transformers takes every step other than +1 for the start of another packed sequence. Only a 0 is one; a gap in the
    positions of a sequence (padding, pruned context) is none, and must not hide what came before it.
    """
    slot = torch.arange(position_ids.shape[1], device=position_ids.device)
    return slot - torch.where(position_ids == 0, slot, 0).cummax(dim=-1).values


def keep_positions(hidden_states: torch.Tensor, kept: int | torch.Tensor) -> torch.Tensor:
    """(B, T, E) -> (B, K, E), or (number of True, E) for a (B, T) mask; see MossForCausalLM.forward."""
    if isinstance(kept, torch.Tensor) and kept.dtype == torch.bool and kept.ndim == 2:
        return hidden_states[kept]
    return hidden_states[:, slice(-kept, None) if isinstance(kept, int) else kept, :]


__all__ = ["MossForCausalLM", "MossModel", "MossPreTrainedModel"]

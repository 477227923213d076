"""MOSS in GPT-J's terms, and GPT-J in MOSS's: configuration, names and the order of rows, layer by layer from disk.

MOSS has the architecture of CodeGen, which computes what GPT-J computes: the same blocks, the same rotary positions, an
output layer with a bias. Only the rows of qkv_proj lie in another order, and in one matrix. With eight heads:

    MOSS     qkv_proj   |q0 q1|v0 v1|k0 k1|q2 q3|v2 v3|k2 k3|q4 q5|v4 v5|k4 k5|q6 q7|v6 v7|k6 k7|
    GPT-J    q_proj     |q0 q1 q2 q3 q4 q5 q6 q7|     and k_proj, v_proj alike

So the way there and back changes no number. A packed layer (packed_weight.py) has its outputs along the columns, eight
or four of them to a word of qzeros; a quarter of q, v or k ends where a word ends, so packed columns are moved whole.

Embeddings that are tied become two matrices, since vLLM's GPT-J has no others.
"""

from pathlib import Path
from typing import Any

import torch
from transformers import GPTJConfig, GPTJForCausalLM

from .checkpoint import (
    check_checkpoint,
    compare_weights,
    read_headers,
    read_quantization,
    refusal,
    settings_seen,
)
from .configuration_moss import MossConfig
from .modeling_moss import MossForCausalLM
from .quantization import QuantLinear, make_quant, quantizable_names
from .shards import ShardReader, all_finite
from .tokenization_moss import read_json_object

KEPT_BITS = (4, 8)  # which vLLM reads; with 2 bits a word of qzeros may reach over the end of a quarter
ROWS = {"weight": 0, "qweight": 1, "qzeros": 1, "scales": 1}  # the dimension that holds a layer's outputs
GPTJ_QKV = ("attn.q_proj", "attn.k_proj", "attn.v_proj")
# vLLM (0.33) fuses q, k and v for itself and looks for the fused name among the quantised ones. Without this list it
# takes these from the weight files, where the fused name is not; so both are given.
QUANTIZED_MODULES = [[*GPTJ_QKV, "attn.qkv_proj"], ["attn.out_proj"], ["mlp.fc_in"], ["mlp.fc_out"]]
# Of a configuration: what says how a model of one kind is stored. All else is shape, or the user's own, and goes along.
OF_ONE_KIND = {
    "model_type",
    "architectures",
    "auto_map",
    "quantization_config",
    "wbits",
    "groupsize",
    "tokenizer_class",
    "transformers_version",
}


def split_qkv(rows: torch.Tensor, dim: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """qkv_proj's 3E rows, along dim, -> those of q, k and v, E each, in the order of the heads."""
    query, value, key = rows.unflatten(dim, (4, 3, -1)).unbind(dim + 1)  # (4, E/4) each
    return tuple(part.flatten(dim, dim + 1) for part in (query, key, value))


def join_qkv(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, dim: int = 0) -> torch.Tensor:
    """The inverse of split_qkv."""
    quarters = [part.unflatten(dim, (4, -1)) for part in (query, value, key)]
    return torch.stack(quarters, dim + 1).flatten(dim, dim + 2)


# --- configuration ----------------------------------------------------------------------------------------------------


def read_config(folder: Path) -> tuple[str, MossConfig]:
    """The kind of a checkpoint, "moss" or "gptj", and its configuration in MOSS's terms.

    Raises ValueError with all that is wrong with it: its shape, names, types and packing, by the headers of its files.
    """
    if not (folder / "config.json").is_file():
        raise ValueError(refusal(folder, ["config.json is missing; copy it from where the weights come from"]))
    written = read_json_object(folder / "config.json")
    kind = written.get("model_type")
    if kind == "moss":
        check_checkpoint(MossForCausalLM, folder)
        return kind, MossConfig.from_pretrained(folder)
    if kind != "gptj":
        raise ValueError(refusal(folder, [f"its model_type is {kind!r}; 'moss' or 'gptj' is needed"]))

    problems = []
    rope = {"rope_theta": written.get("rope_theta", 10000), "rope_type": "default"}
    rope |= (written.get("rope_scaling") or {}) | (written.get("rope_parameters") or {})
    if rope["rope_theta"] != 10000 or rope.get("type", rope["rope_type"]) != "default":
        problems.append(f"its rotary positions are {rope}; MOSS's are not scaled, and rope_theta is 10000")
    fields = GPTJConfig().to_dict() | written
    try:
        config = MossConfig(**{key: value for key, value in fields.items() if key not in OF_ONE_KIND})
    except ValueError as error:
        raise ValueError(refusal(folder, [*problems, f"MOSS cannot have its shape, {error}"])) from None
    if "quantization_config" in written:
        config.quantization_config = written["quantization_config"]
    quantization, more = read_quantization(config)
    problems += more
    found, more = read_headers(folder)
    problems += more
    if not problems:
        with torch.device("meta"):
            expected = GPTJForCausalLM(gptj_config(config))
            if quantization is not None:
                names = quantizable_names(expected)
                make_quant(expected, names, quantization["bits"], quantization["group_size"])
        masks = ("attn.bias", "attn.masked_bias")  # buffers of old files
        found = {name: x for name, x in found.items() if not name.endswith(masks)}
        problems = compare_weights(expected.state_dict(), found, "transformer", config.tie_word_embeddings)
    if problems:
        raise ValueError(refusal(folder, problems))
    return kind, config


def gptj_config(config: MossConfig, **changes: Any) -> GPTJConfig:
    """The same shape in GPT-J's terms, floating point unless changes say otherwise."""
    return GPTJConfig(**_shared_fields(config), **changes, architectures=["GPTJForCausalLM"])


def _shared_fields(config: MossConfig) -> dict[str, Any]:
    own = {*OF_ONE_KIND, "dtype", "tie_word_embeddings"}
    return {key: value for key, value in config.to_dict().items() if key not in own}


# --- weights ----------------------------------------------------------------------------------------------------------


class Layers:
    """The layers of a MOSS or GPT-J checkpoint by name, each a dict of tensors, read when it is asked for.

    dtype: what floating point becomes, None as it is. keep: leave packed layers packed; otherwise they are dequantised.
    `exact` tells whether no number was rounded so far.

    Raises:
        ValueError: the checkpoint is neither, or damaged, or keep asks for what cannot be; or, when a layer is read, it
            holds impossible numbers or cannot be kept.
    """

    def __init__(self, folder: Path, dtype: torch.dtype | None = None, keep: bool = False):
        self.kind, self.config = read_config(folder)
        self.quantization, _ = read_quantization(self.config)
        self.weights = ShardReader(folder)
        self.dtype, self.keep = dtype, keep
        self.stored_dtype: torch.dtype | None = None  # of the first layer read, which is not quantised
        self.seen = {"desc_act": False, "sym": True}  # of the packed layers so far, by their values
        self.exact = True
        if keep and self.quantization is None:
            raise ValueError(f"{folder} is not quantised; leave out --keep_quantized")
        if keep and self.quantization["bits"] not in KEPT_BITS:
            raise ValueError(f"{folder} has {self.quantization['bits']} bits; --keep_quantized takes 4 and 8")

    def __getitem__(self, name: str) -> dict[str, torch.Tensor]:
        tensors = self.weights.under(f"{name}.")
        if name == "lm_head" and "weight" not in tensors:  # tied
            tensors["weight"] = self.weights["transformer.wte.weight"]
        dtype = self.dtype
        if "qweight" in tensors:
            layer = self._quant_linear(name, tensors)
            if self.keep:
                return layer.state_dict()
            dtype = dtype or self.stored_dtype
            tensors = {"weight": layer.dequantize(), **({} if layer.bias is None else {"bias": layer.bias})}
        self.stored_dtype = self.stored_dtype or tensors["weight"].dtype
        return {key: self._cast(f"{name}.{key}", x, dtype or x.dtype) for key, x in tensors.items()}

    def _quant_linear(self, name: str, tensors: dict[str, torch.Tensor]) -> QuantLinear:
        sizes = (len(tensors["g_idx"]), tensors["qweight"].shape[1], "bias" in tensors)
        settings = self.quantization
        layer = QuantLinear(settings["bits"], settings["group_size"], *sizes, settings["checkpoint_format"])
        layer.load_state_dict(tensors)
        if problems := layer.validate(name):
            raise ValueError("\n".join(problems))
        seen = settings_seen([layer])
        self.seen = {"desc_act": self.seen["desc_act"] or seen["desc_act"], "sym": self.seen["sym"] and seen["sym"]}
        if self.keep and self.kind == "moss" and not seen["sym"]:
            raise ValueError(
                f"{name} is quantised asymmetrically, which vLLM does not read; leave out --keep_quantized, or "
                "quantise the fp16 checkpoint with quantize_moss.py, which is symmetric by default"
            )
        return layer

    def _cast(self, name: str, x: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
        result = x.to(dtype)
        if not all_finite(result):
            raise ValueError(f"{name} holds NaN, infinity or values too large for {str(dtype).removeprefix('torch.')}")
        self.exact &= dtype == x.dtype or torch.equal(result.to(x.dtype), x)
        return result

    def converted(self, name: str) -> dict[str, torch.Tensor]:
        """What the other kind of model has for a layer of MOSS, tensors by their full names."""
        block, qkv, _ = name.partition("attn.qkv_proj")
        if not qkv:
            return {f"{name}.{key}": x for key, x in self[name].items()}
        result = {}
        if self.kind == "moss":
            for key, x in self[name].items():  # g_idx, the groups of the inputs, is that of all three
                parts = split_qkv(x, ROWS[key]) if key in ROWS else [x.clone() for _ in GPTJ_QKV]
                result |= {f"{block}{part}.{key}": y for part, y in zip(GPTJ_QKV, parts, strict=True)}
            return result
        parts = [self[block + part] for part in GPTJ_QKV]
        for key, x in parts[0].items():
            if key in ROWS:
                x = join_qkv(*(part[key] for part in parts), ROWS[key])
            elif not all(torch.equal(part[key], x) for part in parts):
                raise ValueError(
                    f"{block}attn: q_proj, k_proj and v_proj group their inputs differently ({key}), which one fused "
                    "layer cannot hold; leave out --keep_quantized"
                )
            result[f"{name}.{key}"] = x
        return result

    def converted_config(self) -> GPTJConfig | MossConfig:
        """The configuration of the other kind of model, once all layers were read."""
        changes = {"dtype": self.dtype or self.config.dtype or self.stored_dtype, "tie_word_embeddings": False}
        quantization = {**self.seen, **self.quantization, "sym": self.seen["sym"]} if self.keep else {}
        quantization.pop("modules_in_block_to_quantize", None)
        if self.kind == "moss":
            if quantization:
                changes["quantization_config"] = quantization | {"modules_in_block_to_quantize": QUANTIZED_MODULES}
            return gptj_config(self.config, **changes)
        if quantization:
            changes |= {"quantization_config": quantization, "groupsize": quantization["group_size"]}
        return MossConfig(**_shared_fields(self.config), **changes, architectures=["MossForCausalLM"])

"""LoRA (Hu et al. 2021, arXiv:2106.09685) through peft: adapters over plain and over quantised layers (QLoRA, Dettmers
et al. 2023, arXiv:2305.14314).

An adapter is saved as peft saves it and loads with `PeftModel.from_pretrained(model, folder)`; over quantised layers
peft has to be told what they are: `load_adapter`. `merge_adapter` makes a plain checkpoint of model and adapter.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from .modeling_moss import MossForCausalLM
from .quantization import QuantLinear

if TYPE_CHECKING:
    from peft import LoraConfig, PeftModel

TARGETS = ["qkv_proj", "out_proj", "fc_in", "fc_out"]  # all products of a block


def lora_config(source: "str | Path | None" = None, **settings) -> "LoraConfig":
    """peft's configuration, from a saved adapter or of these settings, that knows what to put over a QuantLinear."""
    try:
        from peft import LoraConfig
        from peft.tuners.lora.gptq import GPTQLoraLinear
    except ImportError:
        missing = "LoRA needs the package peft, which is not installed: pip install -r requirements-finetune.txt"
        raise ValueError(missing) from None
    config = LoraConfig.from_pretrained(source) if source else LoraConfig(task_type="CAUSAL_LM", **settings)
    # peft's wrapper of layers that it cannot merge asks of them no more than a product. Nothing of this is saved.
    config._register_custom_module({QuantLinear: GPTQLoraLinear})
    return config


def add_adapter(model: MossForCausalLM, rank: int, alpha: float, dropout: float) -> "PeftModel":
    """Freezes the model and puts new adapters, fp32, into all products of its blocks. They change nothing at first."""
    config = lora_config(r=rank, lora_alpha=alpha, lora_dropout=dropout, target_modules=TARGETS)
    from peft import get_peft_model

    return get_peft_model(model, config)


def load_adapter(model: MossForCausalLM, folder: str | Path, trainable: bool = False) -> "PeftModel":
    """Puts a saved adapter into the model that it was trained over, quantised or not."""
    config = lora_config(folder)
    from peft import PeftModel

    config.inference_mode = not trainable
    return PeftModel.from_pretrained(model, folder, config=config, is_trainable=trainable)


def merge_adapter(base: str | Path, adapter: str | Path, dtype: torch.dtype) -> MossForCausalLM:
    """The checkpoint `base`, on the CPU and dequantised if it is quantised, with the adapter added to its weights.

    Sums are rounded to dtype once; the factors are multiplied in fp32.
    """
    model = MossForCausalLM.from_pretrained(base, dtype=dtype)
    if any(isinstance(module, QuantLinear) for module in model.modules()):
        model.dequantize(dtype)
    return load_adapter(model, adapter).merge_and_unload()

"""Loading MOSS strictly: a checkpoint that is not wholly and exactly the model's is refused.

checkpoint.py says what is wrong with the files of one; this is where transformers' `from_pretrained` asks it.
"""

import os
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedConfig

from .checkpoint import (
    ABOUT_THE_SOURCE,
    ABOUT_THE_SPLIT,
    READ_FROM_ELSEWHERE,
    check_checkpoint,
    constructor_config,
    describe_misfit,
    describe_values,
    names_checkpoint,
    read_quantization,
    refusal,
    settings_seen,
)
from .configuration_moss import MossConfig
from .quantization import QuantLinear, dense, find_layers

# Arguments of from_pretrained that are for the configuration. (dtype is one of its fields, but also transformers' own.)
FIELDS = {*MossConfig.__dataclass_fields__, *MossConfig.attribute_map, "output_attentions"} - {"dtype"}


class StrictLoading:
    """A mixin of transformers' PreTrainedModel."""

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | os.PathLike | None,
        *model_args: Any,
        config: MossConfig | str | os.PathLike | None = None,
        ignore_mismatched_sizes: bool = False,
        output_loading_info: bool = False,
        weights_only: bool = True,
        **kwargs: Any,
    ) -> Any:
        """transformers' from_pretrained, but a checkpoint that is not wholly and exactly this model's is refused.

        (transformers fills what is missing with random numbers and logs it.) The files of a local folder are looked at
        before any weight is read, by their headers; a checkpoint from the hub is judged once it is loaded.
        `ignore_mismatched_sizes=True` switches the refusal off, for those who mean to change the shape.

        Quantised checkpoints load like others (checkpoint.py says which). `dtype` is then that of the activations and
        of what is not quantised; packed weights keep the file's types and bits.

        Raises:
            ValueError: a file is missing, truncated or not a model file, or weights are missing, left over, of another
                shape, type or packing than the configuration says, or quantised ones with impossible numbers; all of it
                in one message.
        """
        if not weights_only:
            raise ValueError("weights_only=False is refused: a pickle that may run code is not read as a checkpoint")
        source, strict = pretrained_model_name_or_path, not ignore_mismatched_sizes
        local = source is not None and Path(source).is_dir()
        if source is not None and not names_checkpoint(str(source)):
            raise ValueError(f"there is no folder {source}; give the folder of a checkpoint, or a hub id (owner/name)")
        if strict and local and all(kwargs.get(name) in (None, "") for name in READ_FROM_ELSEWHERE):
            check_checkpoint(cls, Path(source), config, {name: kwargs[name] for name in kwargs if name in FIELDS})
        config, kwargs, quantization = cls._settle_config(source, config, kwargs)
        try:
            model, info = super().from_pretrained(
                source,
                *model_args,
                config=config,
                ignore_mismatched_sizes=True,
                output_loading_info=True,
                **kwargs,
            )
        except OSError as error:
            if local or source is None or str(source) in str(error):
                raise
            raise OSError(f"there is no folder {source} here, and it does not come from the hub: {error}") from error
        problems = describe_misfit(info["missing_keys"], info["unexpected_keys"], info["mismatched_keys"])
        problems = problems if strict else []
        if quantization is not None:
            layers = find_layers(model, (QuantLinear,))
            for layer in layers.values():
                layer.checkpoint_format = quantization["checkpoint_format"]
            problems += describe_values(layers)
            model._note_quantization(quantization)
        if problems:
            raise ValueError(refusal(source, problems))
        return (model, info) if output_loading_info else model

    @classmethod
    def _settle_config(
        cls, source: Any, config: MossConfig | str | os.PathLike | None, kwargs: dict[str, Any]
    ) -> tuple[Any, dict[str, Any], dict[str, Any] | None]:
        """config and kwargs for transformers' from_pretrained, and the quantization_config of a quantised checkpoint.

        A checkpoint that is not quantised gets back what came in: transformers reads its configuration. One that is has
        it read here, with those kwargs that are its fields, and rewritten for the constructor.
        """
        found, changes = config, {}
        if not isinstance(found, PreTrainedConfig):
            changes = {name: kwargs[name] for name in kwargs if name in FIELDS}
            about_source = {name: kwargs[name] for name in ABOUT_THE_SOURCE if name in kwargs}
            if (config or source) is None or kwargs.get("gguf_file"):
                return config, kwargs, None
            try:
                found = cls.config_class.from_pretrained(config or source, **about_source, **changes)
            except OSError:  # an adapter perhaps; transformers knows, or says what is missing
                return config, kwargs, None
        quantization, problems = read_quantization(found)
        if quantization is not None and kwargs.get("quantization_config") is not None:
            problems.append("it is quantised already, so quantization_config cannot be given; leave it out")
        if quantization is not None and any(kwargs.get(name) is not None for name in ABOUT_THE_SPLIT):
            problems.append(
                "quantised layers cannot be split over GPUs by tp_plan; give device_map='auto' instead, or start a "
                "script with torchrun"
            )
        if problems:
            raise ValueError(refusal(source, problems))
        if quantization is None:
            return config, kwargs, None
        kwargs = {name: value for name, value in kwargs.items() if name not in changes}
        if found.dtype is None and kwargs.get("dtype", kwargs.get("torch_dtype")) in (None, "auto"):
            kwargs["dtype"] = torch.float16  # that of the published checkpoints, and of the scales
        return constructor_config(found, quantization), kwargs, quantization

    def _note_quantization(self, quantization: dict[str, Any]) -> None:
        """Makes the configuration say how the layers are quantised, in the way that save_pretrained is to write."""
        if not {"desc_act", "sym"} <= quantization.keys():
            quantization = settings_seen(find_layers(self, (QuantLinear,)).values()) | quantization
        self.config.wbits, self.config.groupsize = 32, quantization["group_size"]
        self.config.quantization_config = quantization

    @torch.no_grad()
    def dequantize(self, dtype: torch.dtype | None = None) -> "StrictLoading":
        """Puts plain linear layers of the same weights in the place of quantised ones; returns self.

        dtype: of the new layers, default that of the model. The weights (q - zero) * scale are rounded to it.

        Raises:
            ValueError: nothing is quantised.
        """
        layers = find_layers(self, (QuantLinear,))
        if not layers:
            raise ValueError("there is nothing to dequantize: no layer of the model is quantised")
        for name, layer in layers.items():
            self.set_submodule(name, dense(layer, dtype or self.dtype).requires_grad_())
        self.config.wbits = 32
        if hasattr(self.config, "quantization_config"):
            del self.config.quantization_config
        return self

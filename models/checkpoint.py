"""Is this checkpoint that model's?

transformers loads what fits, fills what is missing with random numbers and logs a table about it; a chat model with one
random layer then talks nonsense and nobody knows why. So names and shapes are compared first, by the headers of the
files: a header is a few kilobytes, so the answer comes at once and takes no memory, and everything that is wrong is
said in one message. Reading the weights themselves is left to transformers.
"""

import json
import os
import pickle
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.modeling_utils import load_state_dict

WEIGHT_FILES = (  # in the order in which transformers prefers them
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
# Arguments of from_pretrained under which the weights are not, or not only, those of WEIGHT_FILES.
READ_FROM_ELSEWHERE = {
    "gguf_file",
    "key_mapping",
    "quantization_config",
    "state_dict",
    "subfolder",
    "use_safetensors",
    "variant",
}


def check_checkpoint(
    model_class: type[PreTrainedModel],
    folder: Path,
    config: PreTrainedConfig | str | os.PathLike | None = None,
    changes: dict[str, Any] | None = None,
) -> None:
    """Compare the names and shapes in folder with those of a model_class, which is made without memory ("meta" device).

    config: the configuration or where it is; None is folder's own. changes: fields set over it.

    Raises:
        ValueError: with every difference, every missing and every unreadable file.
    """
    problems: list[str] = []
    found: dict[str, tuple[int, ...]] = {}
    if config is None and not (folder / "config.json").is_file():
        problems.append("config.json is missing; copy it from where the weights come from")
    for file in weight_files(folder):
        try:
            found |= {name: tuple(x.shape) for name, x in load_state_dict(file, map_location="meta").items()}
        except FileNotFoundError:
            problems.append(f"{file.name} is missing, though the index names it; copy or download it again")
        except pickle.UnpicklingError:
            problems.append(f"{file.name} is damaged, or a pickle of more than tensors, which could run code; not read")
        except Exception as error:  # safetensors and zip each have their own
            reason = str(error).partition("\n")[0].partition(". ")[0] or type(error).__name__
            problems.append(f"{file.name} is truncated or no model file ({reason}); copy or download it again")
    if not problems:  # an unreadable shard would make everything in it missing as well
        if not isinstance(config, PreTrainedConfig):
            config = model_class.config_class.from_pretrained(config or folder, **(changes or {}))
        with torch.device("meta"):
            expected = {name: tuple(x.shape) for name, x in model_class(config).state_dict().items()}
        problems = compare_weights(expected, found, model_class.base_model_prefix, config.tie_word_embeddings)
    if problems:
        raise ValueError(refusal(folder, problems))


def weight_files(folder: Path) -> list[Path]:
    """The files that hold the weights in folder, those that an index names included, whether they exist or not."""
    for path in (folder / name for name in WEIGHT_FILES):
        if not path.is_file():
            continue
        if path.suffix != ".json":
            return [path]
        try:
            return [folder / name for name in sorted(set(json.loads(path.read_text("utf-8"))["weight_map"].values()))]
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise ValueError(refusal(folder, [f"{path.name} is no index of weights ({error})"])) from error
    raise ValueError(refusal(folder, [f"it holds no weights; there should be one of {', '.join(WEIGHT_FILES)}"]))


def compare_weights(expected: dict[str, tuple], found: dict[str, tuple], prefix: str, tied: bool) -> list[str]:
    """Differences, in words, between the names and shapes of a model and of a checkpoint."""
    prefix += "."  # the names of MossForCausalLM have it, those of MossModel do not
    expected = {name.removeprefix(prefix): shape for name, shape in expected.items()}
    found = {name.removeprefix(prefix): shape for name, shape in found.items() if not name.endswith("attn.causal_mask")}
    if tied:
        found.setdefault("lm_head.weight", found.get("wte.weight", ()))
    if "lm_head.weight" not in expected:  # MossModel reads the checkpoint of MossForCausalLM
        found = {name: shape for name, shape in found.items() if not name.startswith("lm_head.")}
    return describe_misfit(
        expected.keys() - found.keys(),
        found.keys() - expected.keys(),
        [
            (name, found[name], expected[name])
            for name in expected.keys() & found.keys()
            if found[name] != expected[name]
        ],
    )


def describe_misfit(missing: Iterable[str], unexpected: Iterable[str], mismatched: Iterable[tuple]) -> list[str]:
    """Three kinds of difference in words, at most one line a kind; mismatched holds (name, found, expected)."""

    def listed(items: Iterable[str]) -> str:
        items = sorted(items)
        return ", ".join(items[:6]) + (f" and {len(items) - 6} more" if len(items) > 6 else "")

    problems = []
    if missing:
        problems.append(f"weights missing: {listed(missing)}")
    if unexpected:
        problems.append(f"weights that the model does not have: {listed(unexpected)}")
        if any(name.endswith(".qweight") for name in unexpected):
            problems.append("those weights are GPTQ-quantised, but wbits in config.json says that they are not")
    if mismatched:
        shapes = (
            f"{name} is {tuple(given)}, config.json makes it {tuple(wanted)}" for name, given, wanted in mismatched
        )
        problems.append(f"weights of another shape: {listed(shapes)}")
    return problems


def refusal(source: str | os.PathLike, problems: list[str]) -> str:
    return f"the checkpoint {source} is refused:\n" + "\n".join(f"  - {problem}" for problem in problems)

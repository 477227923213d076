"""Is this checkpoint that model's?

transformers loads what fits, fills what is missing with random numbers and logs a table about it; a chat model with one
random layer then talks nonsense and nobody knows why. So names, shapes and types are compared first, by the headers of
the files: a header is a few kilobytes, so the answer comes at once and takes no memory, and everything that is wrong is
said in one message. Reading the weights themselves is left to transformers.

A checkpoint of packed weights (see packed_weight.py) says so in its config.json in one of two ways, which
`read_quantization` makes one of:

    published MOSS    "wbits": 4, "groupsize": 128
    today's tools     "quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": false,
                                              "sym": true, "checkpoint_format": "gptq", "lm_head": false}

wbits alone makes the constructor of a model put QuantLinear in the place of nn.Linear. quantization_config does not: it
says what a file holds, and other tools (vLLM, GPTQModel) read it, make a plain model and put their own layers into it.
So from_pretrained turns it into wbits and groupsize for the time of loading (`constructor_config`), and a loaded model
has wbits 32 and a quantization_config, which is then what save_pretrained writes. transformers' own quantisers take no
part: the one for "gptq" needs two more packages, its name is not free for another, and a packed weight is to be loaded
like any other tensor.
"""

import copy
import json
import os
import pickle
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.modeling_utils import load_state_dict

from .packed_weight import BITS, CHECKPOINT_FORMATS, unpack_zeros
from .quantization import QuantLinear, quant_linear_problems

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
# Arguments that say where the configuration is, and those that split layers over several GPUs.
ABOUT_THE_SOURCE = {"cache_dir", "force_download", "local_files_only", "proxies", "revision", "subfolder", "token"}
ABOUT_THE_SPLIT = {"distributed_config", "tp_plan", "tp_size"}
NOT_PACKED = (
    "config.json says that the weights are quantised (wbits or quantization_config), but the files hold floating "
    "point; they belong to a config.json with wbits 32 and no quantization_config"
)


def names_checkpoint(name: str) -> bool:
    """Whether name is a folder, or has the form of a name on the hub (owner/name)."""
    on_hub = re.fullmatch(r"[\w-][\w.-]*/[\w.-]+", name) and not Path(name).parent.exists()
    return Path(name).is_dir() or bool(on_hub)


def check_checkpoint(
    model_class: type[PreTrainedModel],
    folder: Path,
    config: PreTrainedConfig | str | os.PathLike | None = None,
    changes: dict[str, Any] | None = None,
) -> None:
    """Compare names, shapes and types in folder with those of a model_class, made without memory ("meta" device).

    config: the configuration or where it is; None is folder's own. changes: fields set over it.

    Raises:
        ValueError: with every difference, every missing and every unreadable file.
    """
    found, problems = read_headers(folder)
    if config is None and not (folder / "config.json").is_file():
        problems.insert(0, "config.json is missing; copy it from where the weights come from")
    if not problems:  # an unreadable shard would make everything in it missing as well
        if not isinstance(config, PreTrainedConfig):
            config = model_class.config_class.from_pretrained(config or folder, **(changes or {}))
        quantization, problems = read_quantization(config)
        if not problems:
            config = constructor_config(config, quantization)
            with torch.device("meta"):
                expected = model_class(config).state_dict()
            problems = compare_weights(expected, found, model_class.base_model_prefix, config.tie_word_embeddings)
        elif quantization is not None and not is_packed(found):
            problems.append(NOT_PACKED)
    if problems:
        raise ValueError(refusal(folder, problems))


def read_headers(folder: Path) -> tuple[dict[str, torch.Tensor], list[str]]:
    """The weights in folder by name, on the meta device; and its missing and unreadable files, in words."""
    problems: list[str] = []
    found: dict[str, torch.Tensor] = {}
    for file in weight_files(folder):
        try:
            found |= load_state_dict(file, map_location="meta")
        except FileNotFoundError:
            problems.append(f"{file.name} is missing, though the index names it; copy or download it again")
        except pickle.UnpicklingError:
            problems.append(f"{file.name} is damaged, or a pickle of more than tensors, which could run code; not read")
        except Exception as error:  # safetensors and zip each have their own
            reason = str(error).partition("\n")[0].partition(". ")[0] or type(error).__name__
            problems.append(f"{file.name} is truncated or no model file ({reason}); copy or download it again")
    return found, problems


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
    if (folder / "adapter_config.json").is_file():
        merged = "finetune_moss.py --lora --merge writes the model with it into its folder merged/"
        raise ValueError(refusal(folder, [f"it holds an adapter alone; {merged}"]))
    raise ValueError(refusal(folder, [f"it holds no weights; there should be one of {', '.join(WEIGHT_FILES)}"]))


def compare_weights(
    expected: dict[str, torch.Tensor], found: dict[str, torch.Tensor], prefix: str, tied: bool
) -> list[str]:
    """Differences, in words, between the names, shapes and types of a model and of a checkpoint."""
    prefix += "."  # the names of MossForCausalLM have it, those of MossModel do not
    expected = {name.removeprefix(prefix): x for name, x in expected.items()}
    found = {name.removeprefix(prefix): x for name, x in found.items() if not name.endswith("attn.causal_mask")}
    if tied and "wte.weight" in found:
        found.setdefault("lm_head.weight", found["wte.weight"])
    if "lm_head.weight" not in expected:  # MossModel reads the checkpoint of MossForCausalLM
        found = {name: x for name, x in found.items() if not name.startswith("lm_head.")}
    both = sorted(expected.keys() & found.keys())
    problems = describe_misfit(
        expected.keys() - found.keys(),
        found.keys() - expected.keys(),
        [(name, found[name].shape, expected[name].shape) for name in both if found[name].shape != expected[name].shape],
    )
    problems += describe_packing(expected, found)
    types = [f"{name} is {found[name].dtype}" for name in both if not _same_kind(name, expected[name], found[name])]
    if types:
        problems.append(
            f"weights of another type: {_listed(types)}; they are floating point, packed ones int32 with scales in fp16"
        )
    return problems


def _same_kind(name: str, expected: torch.Tensor, found: torch.Tensor) -> bool:
    """Whether loading may cast found to expected's type: floating point to floating point.

    But scales become fp16, which bf16 ones fit into (see `validate` for those that do not) and fp32 ones would be
    rounded to.
    """
    if name.endswith(".scales"):
        return found.dtype in (torch.float16, torch.bfloat16)
    return found.dtype == expected.dtype or (found.is_floating_point() and expected.is_floating_point())


def is_packed(names: Iterable[str]) -> bool:
    return any(name.endswith(".qweight") for name in names)


def describe_packing(expected: dict[str, torch.Tensor], found: dict[str, torch.Tensor]) -> list[str]:
    """How the files are packed where that is not how config.json says, in words."""
    if is_packed(expected) != is_packed(found):
        if is_packed(found):  # describe_misfit says it
            return []
        return [NOT_PACKED]
    problems = set()
    for name in expected.keys() & found.keys():
        wanted, given = expected[name].shape, found[name].shape
        if wanted == given or len(given) != 2 or 0 in given:
            continue
        g_idx = expected.get(name.rpartition(".")[0] + ".g_idx")
        if name.endswith(".qweight") and given[0] * 32 % len(g_idx) == 0:
            problems.add(f"the shape of qweight is that of {given[0] * 32 // len(g_idx)}-bit weights")
        if name.endswith(".scales") and len(g_idx) % given[0] == 0:
            problems.add(f"the scales of some layers are those of groups of {len(g_idx) // given[0]}")
    if problems:
        return [", and ".join(sorted(problems, reverse=True)) + "; config.json says otherwise"]
    return []


def describe_misfit(missing: Iterable[str], unexpected: Iterable[str], mismatched: Iterable[tuple]) -> list[str]:
    """Three kinds of difference in words, at most one line a kind; mismatched holds (name, found, expected)."""
    problems = []
    if missing:
        problems.append(f"weights missing: {_listed(missing)}")
    if unexpected:
        problems.append(f"weights that the model does not have: {_listed(unexpected)}")
        if is_packed(unexpected):
            problems.append(
                "those weights are GPTQ-quantised, but wbits in config.json says that they are not, and there is no "
                "quantization_config"
            )
    if mismatched:
        shapes = (
            f"{name} is {tuple(given)}, config.json makes it {tuple(wanted)}" for name, given, wanted in mismatched
        )
        problems.append(f"weights of another shape: {_listed(shapes)}")
    return problems


def _listed(items: Iterable[str]) -> str:
    items = sorted(items)
    return ", ".join(items[:6]) + (f" and {len(items) - 6} more" if len(items) > 6 else "")


def refusal(source: str | os.PathLike, problems: list[str]) -> str:
    return f"the checkpoint {source} is refused:\n" + "\n".join(f"  - {problem}" for problem in problems)


# --- packed weights ---------------------------------------------------------------------------------------------------


def read_quantization(config: PreTrainedConfig) -> tuple[dict[str, Any] | None, list[str]]:
    """What config says about packed weights, and what is wrong with that, in words.

    Returns quantization_config as it is written today, or None where the weights are floating point. "sym" and
    "desc_act" are missing where the file does not say; the values tell (`settings_seen`).
    """
    given = getattr(config, "quantization_config", None)
    if given is None:
        if config.wbits == 32:
            return None, []
        quantization = {"bits": config.wbits, "group_size": config.groupsize}
    else:
        quantization = dict(given if isinstance(given, dict) else given.to_dict())
    method = str(getattr(quantization.get("quant_method"), "value", quantization.get("quant_method", "gptq")))
    if method != "gptq":
        return None, [
            f"quant_method is {method!r}, and MOSS reads 'gptq'; quantise the fp16 checkpoint of the same model "
            "(quantize_moss.py), or load this one with the tool that made it"
        ]
    quantization = {
        "group_size": -1,
        "checkpoint_format": quantization.get("format", "gptq"),
        "lm_head": False,
        **{name: value for name, value in quantization.items() if value is not None},
        "quant_method": method,
    }
    bits, group_size = quantization.get("bits"), quantization["group_size"]

    problems = []
    if type(bits) is not int or bits not in BITS:
        problems.append(f"bits in quantization_config is {bits!r}; allowed are {', '.join(map(str, BITS))}")
    if type(group_size) is not int:
        problems.append(f"group_size in quantization_config is {group_size!r}; allowed are -1 and multiples of 32")
    if quantization["checkpoint_format"] not in CHECKPOINT_FORMATS:
        problems.append(
            f"checkpoint_format is {quantization['checkpoint_format']!r}; allowed are {', '.join(CHECKPOINT_FORMATS)}"
        )
    if quantization.get("pack_dtype", "int32") != "int32":
        problems.append(f"pack_dtype is {quantization['pack_dtype']!r}; MOSS reads int32")
    if quantization["lm_head"]:
        problems.append("lm_head is quantised; MOSS's output layer is read in floating point only")
    if quantization.get("dynamic"):
        problems.append("layers are quantised in different ways ('dynamic'); MOSS reads one number of bits for all")
    if config.wbits != 32 and (config.wbits, config.groupsize) != (bits, group_size):
        problems.append(
            f"wbits {config.wbits} and groupsize {config.groupsize} contradict quantization_config, which says bits "
            f"{bits} and group_size {group_size}; with quantization_config, wbits is 32 or left out"
        )
    if not problems:
        sizes = {(config.n_embd, 3 * config.n_embd), (config.n_embd, config.n_embd)}
        sizes |= {(config.n_embd, config.inner_dim), (config.inner_dim, config.n_embd)}
        problems = [problem for K, N in sizes for problem in quant_linear_problems(bits, group_size, K, N)]
    return quantization, sorted(set(problems))


def constructor_config(config: PreTrainedConfig, quantization: dict[str, Any] | None) -> PreTrainedConfig:
    """A copy of config under which a model's constructor makes the layers that read_quantization found."""
    config = copy.deepcopy(config)
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    config.wbits = quantization["bits"] if quantization else 32
    config.groupsize = quantization["group_size"] if quantization else config.groupsize
    return config


def describe_values(layers: dict[str, QuantLinear]) -> list[str]:
    """Impossible numbers in the buffers of loaded layers, in words; a layer on the meta device is passed over."""
    problems = [
        problem for name, layer in layers.items() if not layer.g_idx.is_meta for problem in layer.validate(name)
    ]
    return problems[:6] + ([f"and {len(problems) - 6} more of the kind"] if len(problems) > 6 else [])


@torch.no_grad()
def settings_seen(layers: Iterable[QuantLinear]) -> dict[str, bool]:
    """desc_act and sym from the values of layers: do groups lie out of order, is every zero point 2**(bits-1).

    Layers on the meta device count as ordered and symmetric.
    """
    seen = {"desc_act": False, "sym": True}
    for layer in layers:
        if layer.g_idx.is_meta:
            continue
        in_order = torch.arange(len(layer.g_idx), device=layer.g_idx.device) // layer.groupsize
        zeros = unpack_zeros(layer.qzeros, layer.bits, layer.checkpoint_format)
        seen["desc_act"] |= bool((layer.g_idx != in_order).any())
        seen["sym"] &= bool((zeros == 2 ** (layer.bits - 1)).all())
    return seen

"""Turns a MOSS checkpoint into a GPT-J checkpoint, which other engines read, or a GPT-J checkpoint into a MOSS.

    python export_moss.py --output_dir output/mini-gptj                                    # moss-mini
    python export_moss.py --model_name_or_path fnlp/moss-moon-003-sft --output_dir output/moss-gptj
    python export_moss.py --model_name_or_path output/moss-int4 --keep_quantized --output_dir output/moss-gptj-int4
    python export_moss.py --model_name_or_path output/mini-gptj --output_dir output/mini-back --verify

    ct2-transformers-converter --model output/mini-gptj --output_dir output/mini-ct2       # for CTranslate2
    vllm serve output/moss-gptj-int4                                                       # vLLM reads it as it is

Exact. The two architectures are one, but for the order of some rows (models/gptj_layout.py): weights come back bit by
bit, and so does the shape. The tokenizer, its chat template and generation_config.json come along, in forms that
transformers reads without this repository.

Quantised checkpoints are dequantised, which rounds each weight to --dtype. --keep_quantized moves the packed columns
instead, which is exact, too. It takes what vLLM takes: 4 or 8 bits, symmetric, as quantize_moss.py makes them.

Memory. One block is in memory at a time. Only --verify holds whole models, in fp32, one after the other.
"""

import argparse
import shutil
from pathlib import Path

import torch
from tqdm import tqdm
from transformers import GPTJForCausalLM

from models import MossForCausalLM, MossTokenizer
from models.conversation_moss import CHAT_TEMPLATE, Conversation
from models.gptj_layout import Layers, gptj_config
from models.shards import ShardWriter, local_folder, write_json
from models.tokenization_moss import read_json_object
from moss_inference import MOSS_MINI
from utils import add_hub_files, plain_errors

BLOCK = ("ln_1", "attn.qkv_proj", "attn.out_proj", "mlp.fc_in", "mlp.fc_out")
PROMPTS = ("What is 12*7?", "how many km are 26.2 miles?", "解方程 2x+3=11", "你好，你是谁？")
TOLERANCE = 1e-4  # of the largest logit; moss-mini's differ by 1e-6 of it, as the order of sums does


@torch.no_grad()
def export(args: argparse.Namespace) -> None:
    """Converts as the command line would; `args` has all its options.

    Raises:
        ValueError, OSError: options, paths or checkpoint are at fault; nothing is left of the output then.
    """
    # 1. What is there, and where it goes.
    place = Path(args.output_dir).resolve()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise ValueError(f"--output_dir {args.output_dir} exists and is no empty folder; take another name")
    source = local_folder(args.model_name_or_path)
    layers = Layers(source, args.dtype and getattr(torch, args.dtype), args.keep_quantized)
    tokenizer = MossTokenizer.from_pretrained(source)
    if len(tokenizer) > layers.config.vocab_size:
        raise ValueError(f"the tokenizer of {source} has {len(tokenizer)} tokens, the model {layers.config.vocab_size}")

    # 2. Shard by shard, as MOSS names the layers.
    n_layer = layers.config.n_layer
    blocks = [[f"transformer.h.{i}.{name}" for name in BLOCK] for i in range(n_layer)]
    shards = [["transformer.wte"], *blocks, ["transformer.ln_f", "lm_head"]]
    output = ShardWriter(place, "exporting", n_layer)
    shutil.rmtree(output.folder, ignore_errors=True)  # of a run that was killed
    output.folder.mkdir(parents=True)
    try:
        for i, names in enumerate(tqdm(shards, unit="shard")):
            output.write_shard(i, {key: x for name in names for key, x in layers.converted(name).items()})
        output.join()

        # 3. What makes it a checkpoint.
        layers.converted_config().save_pretrained(output.folder)
        save_tokenizer(tokenizer, output.folder, "gptj" if layers.kind == "moss" else "moss")
        if (source / "generation_config.json").is_file():
            shutil.copyfile(source / "generation_config.json", output.folder / "generation_config.json")
        if layers.kind == "gptj":
            name = source.resolve().name if Path(args.model_name_or_path).is_dir() else args.model_name_or_path
            add_hub_files(output.folder, args.model_name_or_path, f"{name}, a GPT-J checkpoint, as a MOSS.", "finetune")
        output.take_place()
    except BaseException:
        shutil.rmtree(output.folder, ignore_errors=True)
        raise
    print(f"written to {args.output_dir}, a {'GPT-J' if layers.kind == 'moss' else 'MOSS'} checkpoint")
    if args.verify:
        verify(source, place, tokenizer, layers.exact)


def save_tokenizer(tokenizer: MossTokenizer, folder: Path, kind: str) -> None:
    """Writes the tokenizer's files for a model of this kind; a GPT-J's are read by transformers' own class."""
    tokenizer.chat_template = tokenizer.chat_template or CHAT_TEMPLATE  # the published checkpoints have none
    if kind == "gptj":
        tokenizer._auto_class = None  # no code of ours goes with it
    tokenizer.save_pretrained(folder)
    if kind == "gptj":
        content = read_json_object(folder / "tokenizer_config.json") | {"tokenizer_class": "PreTrainedTokenizerFast"}
        content.pop("auto_map", None)
        write_json(folder / "tokenizer_config.json", content)


# --- the check --------------------------------------------------------------------------------------------------------


def verify(source: Path, place: Path, tokenizer: MossTokenizer, exact: bool) -> None:
    """Prints how far the logits of two checkpoints lie apart, in fp32 on the CPU.

    Raises ValueError where they lie apart by more than fp32 explains although no weight was rounded.
    """
    prompts = []
    for text in PROMPTS:
        conversation = Conversation()
        conversation.add("Human", text)
        prompts.append(conversation.encode(tokenizer)[0])
    before, after = logits_of(source, prompts), logits_of(place, prompts)
    difference, largest = float((before - after).abs().max()), float(before.abs().max())
    same = int((before.argmax(-1) == after.argmax(-1)).sum())
    said = (
        f"largest difference of logits {difference:.2e}, largest logit {largest:.1f} ({len(prompts)} prompts, fp32); "
        f"the likeliest next token is the same at {same} of {len(before)} positions"
    )
    if exact and not difference <= TOLERANCE * largest:
        raise ValueError(f"{place} does not compute what {source} does: {said}")
    print(said if exact else f"{said}; weights were rounded")


def logits_of(folder: Path, prompts: list[list[int]]) -> torch.Tensor:
    """Logits fp32 (all ids of all prompts, V) of transformers' GPT-J or our MOSS, whichever is in the folder."""
    layers = Layers(folder, torch.float32)
    if layers.kind == "moss":
        model = MossForCausalLM.from_pretrained(folder, dtype=torch.float32)
    elif layers.quantization is None:
        model = GPTJForCausalLM.from_pretrained(folder, dtype=torch.float32)
    else:  # transformers wants two more packages for packed layers; they are unpacked here
        config = gptj_config(layers.config)
        with torch.device("meta"):
            names = dict.fromkeys(name.rpartition(".")[0] for name in GPTJForCausalLM(config).state_dict())
        state = {f"{name}.{key}": x for name in names for key, x in layers[name].items()}
        model = GPTJForCausalLM.from_pretrained(None, config=config, state_dict=state, dtype=torch.float32)
    ids = (torch.tensor([prompt[: layers.config.n_positions]]) for prompt in prompts)
    return torch.cat([model.eval()(x).logits[0] for x in ids])


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model_name_or_path", default=str(MOSS_MINI), metavar="MODEL",
                        help="folder or hub name; a MOSS becomes a GPT-J, a GPT-J a MOSS (moss-mini)")  # fmt: skip
    parser.add_argument("--output_dir", required=True, metavar="DIR", help="where it is written; new, or empty")
    parser.add_argument("--dtype", choices=("float32", "float16", "bfloat16"),
                        help="type of the weights, but of packed ones (default: as they are)")  # fmt: skip
    parser.add_argument("--keep_quantized", action="store_true", help="do not dequantise int4 or int8 weights")
    parser.add_argument("--verify", action="store_true", help="compare the logits of the two afterwards")
    return parser


def main() -> None:
    args = build_parser().parse_args()
    with plain_errors():
        export(args)


if __name__ == "__main__":
    main()

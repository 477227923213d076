"""Quantises a MOSS checkpoint to int4, int8 or int2: a folder in, a folder out that loads like any other.

    python quantize_moss.py --output_dir output/mini-int4                                  # moss-mini
    python quantize_moss.py --model_name_or_path fnlp/moss-moon-003-sft --calibration_data data/train.jsonl \\
        --wbits 4 --groupsize 128 --output_dir output/moss-int4
    python quantize_moss.py --model_name_or_path output/mine --method rtn --output_dir output/mine-rtn
    python moss_cli_demo.py --model_name output/mini-int4

The method is GPTQ (models/gptq.py), which wants a hundred or so conversations of the kind that the model is used for:
--calibration_data, jsonl in the format of fine-tuning (models/sft_data.py). For moss-mini its recipe makes them.

Memory. One block at a time is read from disk, quantised on the device and written; neither host nor GPU ever
holds the model. What is kept of the texts are the hidden states that enter the next block, in host memory: at 16B,
1.2 MB for a hundred tokens, twice that for held-out text.

Interrupted? The same command goes on: finished blocks are on disk, in a hidden folder beside output_dir that takes its
name when all is done. The result is the same, bit by bit, as that of a run in one go (on the same kind of device).

Output. A complete checkpoint, and quantization_report.json: the error of each layer, and the perplexity on held-out
text before and after. Both perplexities are measured in the same pass, so they need no more memory either.
"""

import argparse
import contextlib
import hashlib
import json
import math
import shutil
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F
from tqdm import tqdm

from models import MossConfig, MossForCausalLM, MossTokenizer
from models.checkpoint import check_checkpoint, names_checkpoint
from models.conversation_moss import CHAT_TEMPLATE, Conversation
from models.gptq import METHODS, GPTQSettings, LayerReport, check_fit, quantize_block, run_block
from models.modeling_moss import MossBlock
from models.packed_weight import BITS
from models.quantization import QuantLinear, dense
from models.sft_data import RememberingTokenizer, read_conversation
from models.shards import ShardReader, ShardWriter, all_finite, local_folder, write_json
from moss_inference import MOSS_MINI
from utils import add_hub_files, plain_errors

MAX_LENGTH = 2048  # tokens of a conversation, unless the model has fewer positions
REPORT, PROGRESS = "quantization_report.json", "progress.json"
KINDS = ("attn.qkv_proj", "mlp.fc_in", "attn.out_proj", "mlp.fc_out")


# --- texts ------------------------------------------------------------------------------------------------------------


class Text(NamedTuple):
    """A conversation as ids (T), with True in own (T) for each id that MOSS itself had to write."""

    ids: list[int]
    own: list[bool]


def read_texts(path: Path, tokenizer: MossTokenizer, max_length: int, seed: int) -> Iterator[Text]:
    """The conversations of a jsonl file in an order drawn from seed, each cut after the last turn that fits.

    Raises ValueError with file and line for a row that is no conversation.
    """
    remembering = RememberingTokenizer(tokenizer)
    with open(path, "rb") as file:
        starts = np.cumsum([0, *map(len, file)])
        for row in np.random.default_rng(seed).permutation(len(starts) - 1):
            file.seek(starts[row])
            if not (raw := file.readline()).strip():
                continue
            try:
                conversation = read_conversation(raw.rstrip(b"\n"), int(starts[row]))
                sample = conversation.encode_for_training(remembering, max_length)
            except ValueError as error:
                raise ValueError(f"{path}:{row + 1} {error}") from None
            if sample.turns:
                yield Text(sample.ids, sample.loss_mask)


def moss_mini_texts(tokenizer: MossTokenizer, max_length: int, seed: int, held_out: bool) -> Iterator[Text]:
    """Conversations such as moss-mini was trained on, made now; held_out: phrasings and numbers kept from training."""
    from recipes.moss_mini.make_corpus import conversations  # needed for moss-mini alone

    remembering = RememberingTokenizer(tokenizer)
    for record in conversations(1000 + seed, 100_000, held_out):  # training took the seeds 1 and 2
        sample = Conversation.from_record(record).encode_for_training(remembering, max_length)
        if sample.turns:
            yield Text(sample.ids, sample.loss_mask)


def take(texts: Iterator[Text], count: int, what: str) -> list[Text]:
    """The first `count` texts, or as many as there are, which is said; none at all is a ValueError."""
    taken = [text for _, text in zip(range(count), texts, strict=False)]
    if not taken and count:
        raise ValueError(f"no conversation for {what}: the data is empty, used up, or nothing fits into --seq_len")
    if len(taken) < count:
        print(f"note: {len(taken)} conversations for {what}, {count} were asked for", file=sys.stderr)
    return taken


def load_texts(args: argparse.Namespace, tokenizer: MossTokenizer) -> tuple[list[Text], list[Text]]:
    """Texts to calibrate with (none for round-to-nearest without data) and to measure on (none: not measured)."""
    settings = (tokenizer, args.seq_len, args.seed)
    own, held = None, None
    if args.calibration_data:
        own = held = read_texts(Path(args.calibration_data), *settings)  # what one takes, the other does not get
    elif is_moss_mini(args):
        own, held = moss_mini_texts(*settings, held_out=False), moss_mini_texts(*settings, held_out=True)
    if args.eval_data:
        held = read_texts(Path(args.eval_data), *settings)
    calibration = take(own, args.n_samples, "calibration") if own else []
    return calibration, take(held, args.n_eval, "measuring") if held else []


def is_moss_mini(args: argparse.Namespace) -> bool:
    return Path(args.model_name_or_path).resolve() == MOSS_MINI


# --- the checkpoint that is read --------------------------------------------------------------------------------------


class Weights(ShardReader):
    """The tensors of the checkpoint, in half precision.

    fp32 becomes fp16: a quantised checkpoint is run in half precision, and what is measured is what is written.
    """

    def __getitem__(self, name: str) -> torch.Tensor:
        tensor = super().__getitem__(name)
        if tensor.dtype not in (torch.float16, torch.bfloat16):
            tensor = tensor.half()
        if not all_finite(tensor):
            raise ValueError(f"{name} holds NaN, infinity or values too large for fp16; it cannot be quantised")
        return tensor

    def load(self, module: nn.Module, prefix: str, device: torch.device) -> nn.Module:
        """Gives a module that was made on "meta" its weights, on device."""
        state = {name: tensor.to(device, dtype_on(device)) for name, tensor in self.under(prefix).items()}
        module.load_state_dict(state, assign=True)
        return module.eval().requires_grad_(False)


# --- the checkpoint that is written -----------------------------------------------------------------------------------


class Output(ShardWriter):
    """The folder that is being written, .NAME.unfinished until it is whole, and how far it has come.

    progress.json holds what the run was asked for and the reports of the finished blocks; a block counts once it is in
    there.
    """

    def __init__(self, folder: Path, n_layer: int, run: dict[str, Any], overwrite: bool):
        super().__init__(folder, "unfinished", n_layer)
        self.reports: list[list[LayerReport]] = []
        if overwrite:
            shutil.rmtree(self.folder, ignore_errors=True)
        if (self.folder / PROGRESS).is_file():
            progress = json.loads((self.folder / PROGRESS).read_text("utf-8"))
            if changed := [key for key in run if progress["run"].get(key) != run[key]]:
                was = ", ".join(f"{key} {progress['run'].get(key)}, now {run[key]}" for key in changed)
                raise ValueError(
                    f"{self.folder} holds an unfinished run that was asked for something else ({was}); repeat its "
                    "command to finish it, or add --overwrite to start anew"
                )
            self.reports = [[LayerReport(*report) for report in block] for block in progress["blocks"]]
        self.run = run
        self.folder.mkdir(parents=True, exist_ok=True)

    def finish_block(self, index: int, tensors: dict[str, torch.Tensor], reports: list[LayerReport]) -> None:
        self.write_shard(index + 1, tensors)
        self.reports.append([report._replace(seconds=0.0) for report in reports])
        write_json(self.folder / PROGRESS, {"run": self.run, "blocks": self.reports})

    def finish(self) -> None:
        """Gives the folder its name, once it has all that a checkpoint has."""
        self.take_place()  # which is empty, unless --overwrite was given
        (self.place / PROGRESS).unlink()


# --- the run ----------------------------------------------------------------------------------------------------------


class HeldOut:
    """Held-out texts on their way through the blocks twice, through the original ones and through the rounded ones."""

    def __init__(self, texts: list[Text], hidden: list[torch.Tensor]):
        self.texts, self.before, self.after = texts, hidden, list(hidden)

    def perplexity(self, hidden: list[torch.Tensor], ln_f: nn.Module, lm_head: nn.Module) -> tuple[float, float]:
        """Of the ids that MOSS had to write, and of all, given the hidden states (1, T, E) after the last block."""
        sums = torch.zeros(2, 2, dtype=torch.float64)  # (own or all, loss and count)
        for text, x in zip(self.texts, hidden, strict=True):
            targets = torch.tensor(text.ids[1:])
            x = ln_f(x[0, :-1].to(ln_f.weight.device))
            losses = [  # 512 positions at a time: at 107,008 words, a position's logits are 0.4 MB
                F.cross_entropy(lm_head(part).float(), ids.to(part.device), reduction="none").cpu()
                for part, ids in zip(x.split(512), targets.split(512), strict=True)
            ]
            losses = torch.cat([*losses, torch.zeros(0)]).double()
            for i, kept in enumerate((torch.tensor(text.own[1:], dtype=torch.bool), torch.ones(len(targets)).bool())):
                sums[i] += torch.tensor([losses[kept].sum(), kept.sum()], dtype=torch.float64)
        return tuple(math.exp(min(loss / count, 700)) if count else math.nan for loss, count in sums.tolist())


@torch.no_grad()
def quantize(args: argparse.Namespace) -> dict[str, Any]:
    """Quantises as the command line would; of its options, `args` need only have those that differ from their defaults.

    Returns what quantization_report.json holds.

    Raises:
        ValueError, OSError: options, paths, data or checkpoint are at fault; before anything is computed, except for
            weights that are not finite.
    """
    # 1. What was asked for.
    args = argparse.Namespace(**(vars(build_parser().parse_args([])) | vars(args)))
    check_options(args)
    settings = settings_of(args)
    device = torch.device(args.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    source = local_folder(args.model_name_or_path)
    config = MossConfig.from_pretrained(source)
    if config.wbits != 32 or getattr(config, "quantization_config", None):
        raise ValueError(f"{source} is quantised already; give the checkpoint that it was made from")
    check_checkpoint(MossForCausalLM, source)
    with torch.device("meta"):
        check_fit(MossForCausalLM(config), settings)
    config._attn_implementation = "sdpa"

    # 2. The texts, before anything takes time.
    tokenizer = MossTokenizer.from_pretrained(source)
    args.seq_len = min(args.seq_len or MAX_LENGTH, config.n_positions)
    calibration, held_out_texts = load_texts(args, tokenizer)
    if any(max(text.ids) >= config.vocab_size for text in calibration + held_out_texts):
        raise ValueError(f"the tokenizer of {source} gives ids that the model, vocab_size {config.vocab_size}, lacks")

    # 3. Where it goes, and what is there already.
    weights = Weights(source)
    said = json.dumps([calibration, held_out_texts])
    run = {
        "model": str(source.resolve()),
        "bytes": weights.bytes,
        "device": device.type,
        **asdict(settings),
        "texts": hashlib.sha256(said.encode()).hexdigest()[:16],
    }
    output = Output(Path(args.output_dir).resolve(), config.n_layer, run, args.overwrite)
    done = len(output.reports)
    if done:
        print(f"going on after block {done - 1}; finished blocks are run once more, to get at what leaves them")

    # 4. Ids to hidden states, which stay in host memory.
    wte = weights["transformer.wte.weight"]
    stored_dtype = wte.dtype
    output.write_shard(0, {"transformer.wte.weight": wte})
    inputs = [embed(text, wte, device) for text in calibration]
    held_out = HeldOut(held_out_texts, [embed(text, wte, device) for text in held_out_texts])
    del wte

    # 5. Block by block.
    since = time.perf_counter()
    bar = tqdm(total=4 * config.n_layer, initial=4 * done, unit="layer")
    reports: list[LayerReport] = []

    def progress(report: LayerReport) -> None:
        reports.append(report)
        name = report.name.removeprefix("transformer.")
        if report.note:
            bar.write(f"warning: {name}: {report.note}", file=sys.stderr)
        bar.set_postfix_str(f"{name}, error {report.error:.2e}")
        bar.update()

    with contextlib.closing(bar), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the same is said by progress
        for i in range(config.n_layer):
            prefix = f"transformer.h.{i}."
            bar.set_postfix_str(f"h.{i}, reading")
            with torch.device("meta"):
                block = MossBlock(config, i)
            weights.load(block, prefix, device)
            held_out.before = [run_block(block, config, x) for x in held_out.before]
            if i < done:
                restore_block(block, load_file(output.shard(i + 1)), prefix, settings)
                inputs = [run_block(block, config, x) for x in inputs]
            else:
                reports.clear()
                layers = quantize_block(block, config, inputs, settings, prefix, progress)
                tensors = {f"{prefix}ln_1.{name}": weights[f"{prefix}ln_1.{name}"] for name in ("weight", "bias")}
                for name, layer in layers.items():
                    tensors |= {f"{prefix}{name}.{key}": x for key, x in layer.state_dict().items()}
                output.finish_block(i, tensors, reports)
                del layers, tensors
            held_out.after = [run_block(block, config, x) for x in held_out.after]
            del block

    # 6. The output layer, which stays as it is, and the perplexities.
    head = {name: weights[name] for name in ("transformer.ln_f.weight", "transformer.ln_f.bias", "lm_head.bias")}
    if "lm_head.weight" in weights:
        head["lm_head.weight"] = weights["lm_head.weight"]
    output.write_shard(config.n_layer + 1, head)
    perplexity = {}
    if held_out_texts:
        with torch.device("meta"):
            ln_f = nn.LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)
            lm_head = nn.Linear(config.n_embd, config.vocab_size)
        head.setdefault("lm_head.weight", weights["transformer.wte.weight"] if config.tie_word_embeddings else None)
        for module, prefix in ((ln_f, "transformer.ln_f."), (lm_head, "lm_head.")):
            state = {name: head[prefix + name].to(device, dtype_on(device)) for name in ("weight", "bias")}
            module.load_state_dict(state, assign=True)
        before = held_out.perplexity(held_out.before, ln_f, lm_head)
        after = held_out.perplexity(held_out.after, ln_f, lm_head)
        counts = (sum(sum(t.own[1:]) for t in held_out_texts), sum(len(t.ids) - 1 for t in held_out_texts))
        for kind, *values in zip(("written_by_moss", "all"), counts, before, after, strict=True):
            perplexity[kind] = dict(zip(("tokens", "before", "after"), values, strict=True))
            perplexity[kind]["ratio"] = values[2] / values[1]
    del head

    # 7. What makes it a checkpoint.
    config.wbits, config.groupsize, config.dtype = 32, settings.groupsize, stored_dtype
    config.quantization_config = settings.quantization_config()
    content = {
        "model": source.resolve().name if Path(args.model_name_or_path).is_dir() else args.model_name_or_path,
        "settings": asdict(settings),
        "calibration": {"conversations": len(calibration), "tokens": sum(len(t.ids) for t in calibration)},
        "perplexity": perplexity,
        "bytes": {"before": weights.bytes, "after": output.join()},
        "layers": [report._asdict() for block in output.reports for report in block],
    }
    write_json(output.folder / REPORT, content)
    config.save_pretrained(output.folder)
    tokenizer.chat_template = tokenizer.chat_template or CHAT_TEMPLATE  # the published checkpoints have none
    tokenizer.save_pretrained(output.folder)
    if (source / "generation_config.json").is_file():
        shutil.copyfile(source / "generation_config.json", output.folder / "generation_config.json")
    tags = ["gptq", f"{settings.bits}-bit"]
    add_hub_files(output.folder, args.model_name_or_path, quantization_story(content), "quantized", tags)
    output.finish()
    print(report_text(content, config.n_layer))
    taken = f"{time.perf_counter() - since:.0f} s on {device}"
    if device.type == "cuda":
        taken += f", at most {torch.cuda.max_memory_allocated(device) / 1e9:.1f} GB of its memory"
    print(f"{taken}; written to {args.output_dir}")
    return content


def embed(text: Text, wte: torch.Tensor, device: torch.device) -> torch.Tensor:
    """(1, T, E) in host memory, in the type in which device computes."""
    return F.embedding(torch.tensor([text.ids]), wte).to(dtype_on(device))


def dtype_on(device: torch.device) -> torch.dtype | None:
    """What is computed in: fp32 on a CPU, where half precision is slow, and elsewhere (None) as the weights are."""
    return torch.float32 if device.type == "cpu" else None


def restore_block(block: MossBlock, saved: dict[str, torch.Tensor], prefix: str, settings: GPTQSettings) -> None:
    """Makes block what it was after quantize_block, from the tensors written then."""
    for name in KINDS:
        linear = block.get_submodule(name)
        sizes = (linear.in_features, linear.out_features, linear.bias is not None)
        with torch.device(linear.weight.device):
            layer = QuantLinear(settings.bits, settings.groupsize, *sizes, settings.checkpoint_format)
        start = f"{prefix}{name}."
        layer.load_state_dict({k.removeprefix(start): x for k, x in saved.items() if k.startswith(start)})
        block.set_submodule(name, dense(layer, linear.weight.dtype))


def quantization_story(content: dict[str, Any]) -> str:
    """How the model was made, for its card."""
    settings = content["settings"]
    story = (
        f"Quantised from {content['model']} with quantize_moss.py: {settings['method']}, {settings['bits']} bits, "
        f"group size {settings['groupsize']}."
    )
    if values := content["perplexity"].get("written_by_moss"):
        story += (
            f" Perplexity on {values['tokens']:,} held-out tokens of MOSS's own: {values['before']:.4f} before, "
            f"{values['after']:.4f} after."
        )
    return story


def report_text(content: dict[str, Any], n_layer: int) -> str:
    """The report as the terminal shows it: a row for each block, notes, perplexity, sizes."""
    layers = {report["name"]: report for report in content["layers"]}
    measure = "|WX - QX|^2 / |WX|^2" if content["calibration"]["conversations"] else "|W - Q|^2 / |W|^2"
    lines = [f"error {measure}, and in brackets that of rounding to the nearest:"]
    lines.append("block" + "".join(f"{kind:>24}" for kind in KINDS))
    for i in range(n_layer):
        row = [layers[f"transformer.h.{i}.{kind}"] for kind in KINDS]
        lines.append(f"{i:5d}" + "".join(f"{r['error']:13.2e} ({r['rtn_error']:.2e})" for r in row))
    notes = [f"{report['name']}: {report['note']}" for report in content["layers"] if report["note"]]
    if notes:
        lines += [f"{len(notes)} layers were not done as asked:", *(f"  {note}" for note in notes)]
    if values := content["perplexity"].get(
        "written_by_moss"
    ):  # "all" says little of a model that learned no other text
        lines.append(
            f"perplexity on {values['tokens']:,} held-out tokens of MOSS's own: "
            f"{values['before']:.4f} before, {values['after']:.4f} after ({values['ratio']:.4f} times)"
        )
    size = content["bytes"]
    lines.append(
        f"weights: {size['before'] / 1e6:,.1f} MB before, {size['after'] / 1e6:,.1f} MB after "
        f"({size['after'] / size['before']:.0%})"
    )
    return "\n".join(lines)


# --- options ----------------------------------------------------------------------------------------------------------


def settings_of(args: argparse.Namespace) -> GPTQSettings:
    return GPTQSettings(args.wbits, args.groupsize, args.act_order, args.sym, args.method, args.percdamp, args.mse)


def check_options(args: argparse.Namespace) -> None:
    """Raises one ValueError that names every option that cannot be, before anything is loaded."""
    problems = []

    def need(condition: bool, text: str) -> None:
        if not condition:
            problems.append(text)

    try:
        settings_of(args)
    except ValueError as error:
        problems += str(error).splitlines()
    for name, least in {"n_samples": 1, "n_eval": 0, "seq_len": 2, "seed": 0}.items():
        value = getattr(args, name)
        need(value is None or value >= least, f"--{name} is {value}; it must be at least {least}")
    name = args.model_name_or_path
    need(names_checkpoint(name), f"--model_name_or_path {name} is neither a folder nor a name on the hub")
    for option in ("calibration_data", "eval_data"):
        path = getattr(args, option)
        need(not path or Path(path).is_file(), f"--{option} {path} is no file; give a jsonl file of conversations")
    need(
        args.calibration_data or args.method == "rtn" or is_moss_mini(args),
        "--calibration_data is missing: GPTQ needs a hundred conversations of the kind that the model is used for, "
        "such as the train.jsonl of its fine-tuning (moss-mini alone has its own); --method rtn does without, worse",
    )
    need(bool(args.output_dir), "--output_dir is missing: where the quantised model is to be written")
    if args.output_dir:
        folder = Path(args.output_dir)
        need(not folder.exists() or folder.is_dir(), f"--output_dir {folder} is a file; take another name")
        if folder.is_dir():
            same = Path(name).is_dir() and folder.resolve() == Path(name).resolve()
            need(not same, f"--output_dir {folder} is the model itself; take another folder")
            holds = sorted(path.name for path in folder.iterdir())
            ours = not holds or "config.json" in holds  # --overwrite deletes a model, and no folder of something else
            need(ours, f"--output_dir {folder} holds {holds[:1]} and no model; take another folder")
            need(
                not holds or not ours or args.overwrite,
                f"--output_dir {folder} already holds a model; take another folder, or add --overwrite",
            )
    if args.device:
        try:
            device = torch.device(args.device)
            known = device.type == "cpu" or (device.type == "cuda" and (device.index or 0) < torch.cuda.device_count())
        except RuntimeError:
            known = False
        need(known, f"--device {args.device} is not there; {torch.cuda.device_count()} GPUs are, and cpu")
    if problems:
        raise ValueError("\n".join(problems) if len(problems) == 1 else "\n  ".join(["", *problems]))


def build_parser() -> argparse.ArgumentParser:
    class Formatter(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
        pass

    on_or_off = argparse.BooleanOptionalAction
    defaults = GPTQSettings()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=Formatter)
    group = parser.add_argument_group("model")
    group.add_argument("--model_name_or_path", default=str(MOSS_MINI), help="checkpoint: folder or hub name")
    group.add_argument("--output_dir", help="folder for the quantised model; after a break, repeat the command")
    group.add_argument("--overwrite", action="store_true", help="replace the model or unfinished run that is there")
    group.add_argument("--device", help="cpu, cuda, cuda:1 ... (None: a GPU where there is one)")

    group = parser.add_argument_group("format")
    group.add_argument("--wbits", type=int, default=defaults.bits, help=f"bits a weight: {', '.join(map(str, BITS))}")
    group.add_argument("--groupsize", type=int, default=defaults.groupsize,
                       help="inputs that share a scale: a multiple of 32 that divides all widths; -1: all")  # fmt: skip
    group.add_argument("--sym", action="store_true", default=defaults.sym,
                       help="0 in the middle of each grid; written as format gptq, which every tool reads")  # fmt: skip
    group.add_argument("--asym", dest="sym", action="store_false", default=defaults.sym,
                       help="grids that span the weights; written as gptq_v2, which fewer tools read")  # fmt: skip

    group = parser.add_argument_group("method")
    group.add_argument("--method", choices=METHODS, default=defaults.method, help="rtn: round to the nearest")
    group.add_argument("--act_order", action=on_or_off, default=defaults.act_order, help="most active inputs first")
    group.add_argument("--percdamp", type=float, default=defaults.percdamp, help="damping, as a share of mean diag(H)")
    group.add_argument("--mse", action=on_or_off, default=defaults.mse, help="search each grid for the least error")

    group = parser.add_argument_group("data")
    group.add_argument("--calibration_data", help="jsonl of conversations (None: moss-mini's own are made)")
    group.add_argument("--n_samples", type=int, default=128, help="conversations to calibrate with")
    group.add_argument("--seq_len", type=int, help="tokens a conversation may have (None: 2048 or the model's all)")
    group.add_argument("--eval_data", help="jsonl to measure perplexity on (None: the rest of the above)")
    group.add_argument("--n_eval", type=int, default=64, help="conversations to measure on; 0: do not measure")
    group.add_argument("--seed", type=int, default=0, help="which conversations are drawn")
    return parser


def main() -> None:
    args = build_parser().parse_args()
    with plain_errors():
        try:
            quantize(args)
        except torch.OutOfMemoryError as error:
            message = str(error).split(". ")[0]
            print(f"error: {message}. Lower --seq_len, or try --device cpu", file=sys.stderr)
            raise SystemExit(4) from None


if __name__ == "__main__":
    main()

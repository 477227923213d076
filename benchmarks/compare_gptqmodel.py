"""Holds our GPTQ files and our quantiser against GPTQModel's, weight by weight and by perplexity.

GPTQModel pins other versions of torch and transformers than ours, so it lives in an environment of its own
(`pip install gptqmodel==7.7.0`, torch 2.14.1), and the two halves meet in files. P is that environment's python:

    python benchmarks/compare_gptqmodel.py ids --data_dir data/moss_mini --output ids.json
    export GPTQMODEL_CPU_WORKERS=2                                    # GPTQModel needs it where there are few cores

    P      benchmarks/compare_gptqmodel.py quantize --model checkpoints/moss-mini --ids ids.json --output theirs
    P      benchmarks/compare_gptqmodel.py dump --model theirs --output theirs-by-them.safetensors
    python benchmarks/compare_gptqmodel.py dump --model theirs --output theirs-by-us.safetensors --ours
    python benchmarks/compare_gptqmodel.py same theirs-by-them.safetensors theirs-by-us.safetensors

and the other way round with a directory that quantize_moss.py wrote. Then how good each is, by one and the same
evaluation (fp32, this model code, weights put in place of the full ones):

    python benchmarks/compare_gptqmodel.py perplexity --model checkpoints/moss-mini --ids ids.json \\
        theirs-by-us.safetensors ours-by-us.safetensors

`ids` takes the calibration conversations from train.jsonl and the held-out ones from val.jsonl; both quantisers are to
be given the same train.jsonl, number and length.
"""

import argparse
import json
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from safetensors.torch import load_file, save_file

# --- our environment --------------------------------------------------------------------------------------------------


def make_ids(args: argparse.Namespace) -> None:
    """Writes {"calibration": [ids …], "held_out": [[ids, loss mask] …]}."""
    from models import MossTokenizer
    from models.conversation_moss import Conversation

    tokenizer = MossTokenizer.from_pretrained(args.tokenizer)

    def read(path: Path, n: int) -> list:
        with open(path, encoding="utf-8") as file:
            rows = [Conversation.from_record(json.loads(line)) for _, line in zip(range(n), file, strict=False)]
        encoded = (row.encode_for_training(tokenizer, args.max_seq_len) for row in rows)
        return [(e.ids, list(map(int, e.loss_mask))) for e in encoded if e.turns]

    data = {
        "calibration": [ids for ids, _ in read(args.data_dir / "train.jsonl", args.n_calibration)],
        "held_out": read(args.data_dir / "val.jsonl", args.n_held_out),
    }
    args.output.write_text(json.dumps(data))
    n_held_out = sum(len(ids) for ids, _ in data["held_out"])
    print(f"calibration: {len(data['calibration'])} conversations, {sum(map(len, data['calibration']))} tokens; "
          f"held out: {len(data['held_out'])} conversations, {n_held_out} tokens")  # fmt: skip


def dump_ours(args: argparse.Namespace) -> None:
    """Dequantised weights of every QuantLinear, by reading the tensors of the files into our QuantLinear."""
    config = json.loads((args.model / "config.json").read_text())
    quantization = config.get("quantization_config") or json.loads((args.model / "quantize_config.json").read_text())
    from models.quantization import QuantLinear

    state = {}
    for file in sorted(args.model.glob("*.safetensors")):
        state |= load_file(file)
    weights = {}
    for name in sorted(key.removesuffix(".qweight") for key in state if key.endswith(".qweight")):
        qweight, scales = state[f"{name}.qweight"], state[f"{name}.scales"]
        bits, groupsize = quantization["bits"], quantization["group_size"]
        bias = state.get(f"{name}.bias")
        layer = QuantLinear(
            bits,
            groupsize,
            qweight.shape[0] * 32 // bits,
            scales.shape[1],
            bias is not None,
            quantization.get("checkpoint_format") or quantization.get("format") or "gptq",
        )
        layer.load_state_dict({key: state[f"{name}.{key}"] for key in layer.state_dict()})
        if problems := layer.validate(name):
            raise SystemExit("\n".join(problems))
        weights[f"{name}.weight"] = layer.dequantize(torch.float32).contiguous()
    save_file(weights, args.output)
    print(f"{args.output}: {len(weights)} layers")


def dump_loaded(args: argparse.Namespace) -> None:
    """The same from the model as `from_pretrained` makes it: integration and all."""
    from models import MossForCausalLM
    from models.quantization import QuantLinear

    model = MossForCausalLM.from_pretrained(args.model)
    layers = {name: module for name, module in model.named_modules() if isinstance(module, QuantLinear)}
    save_file({f"{name}.weight": m.dequantize(torch.float32).contiguous() for name, m in layers.items()}, args.output)
    print(f"{args.output}: {len(layers)} layers")


def same(args: argparse.Namespace) -> None:
    """Compares bit by bit in fp16, in which GPTQModel computes: an integer times an fp16 scale, rounded once."""
    a, b = load_file(args.a), load_file(args.b)
    if a.keys() != b.keys():
        raise SystemExit(f"not the same layers: {sorted(a.keys() ^ b.keys())[:6]} …")
    n_different = largest = 0
    for name in a:
        x, y = a[name].to(torch.float16), b[name].to(torch.float16)
        n_different += int((x != y).sum())
        largest = max(largest, float((x.float() - y.float()).abs().max()))
    n = sum(x.numel() for x in a.values())
    print(f"{args.a} {args.b}: {len(a)} layers, {n} weights, {n_different} differ, largest difference {largest:g}")
    sys.exit(n_different > 0)


@torch.no_grad()
def perplexity(args: argparse.Namespace) -> None:
    """Of the tokens that MOSS writes (it was trained on no others), with the full weights and with each file's.

    Beside it the mean KL divergence from the full model's distribution, which tells close results apart: it is free of
    the chance in which tokens were drawn.
    """
    from models import MossForCausalLM

    held_out = sorted(json.loads(args.ids.read_text())["held_out"], key=lambda row: len(row[0]))[:: args.every]
    full = load_file(args.model / "model.safetensors")
    model = MossForCausalLM.from_pretrained(args.model, dtype=torch.float32).to(args.device).eval()
    first, references = None, []
    for path in [None, *args.weights]:
        replaced = {} if path is None else load_file(path)
        model.load_state_dict({name: replaced.get(name, tensor).float() for name, tensor in full.items()})
        loss, divergence, count = 0.0, 0.0, 0
        for start in range(0, len(held_out), args.batch_size):
            rows = held_out[start : start + args.batch_size]
            length = max(len(ids) for ids, _ in rows)  # padding is on the right, where nothing looks
            ids = torch.tensor([ids + [0] * (length - len(ids)) for ids, _ in rows], device=args.device)
            own = torch.tensor([mask + [0] * (length - len(mask)) for _, mask in rows], device=args.device).bool()
            logits = model(ids, logits_to_keep=own.roll(-1, dims=1)).logits  # what predicts a token stands before it
            log_p = logits.log_softmax(-1)
            loss -= float(log_p.gather(1, ids[own][:, None]).double().sum())
            count += int(own.sum())
            if path is None:
                references.append(log_p.cpu())
            else:
                reference = references[start // args.batch_size].to(args.device)
                divergence += float((reference.exp() * (reference - log_p)).sum(dtype=torch.float64))
        value = math.exp(loss / count)
        first = first or value
        name = path.name.removesuffix(".safetensors") if path else args.model.name
        print(f"{name:40} {value:.6f}  x{value / first:.6f}  KL {divergence / count:.3e}  ({count} tokens)", flush=True)


# --- GPTQModel's environment ------------------------------------------------------------------------------------------


def quantize_theirs(args: argparse.Namespace) -> None:
    from gptqmodel import GPTQModel, QuantizeConfig

    import models  # noqa: F401  registers "moss" with transformers

    # What quantize_moss.py does by default, spelt out: act_group_aware is GPTQModel's own other order of the columns.
    settings = dict(bits=args.bits, group_size=args.group_size, sym=not args.asym, desc_act=not args.no_desc_act)
    settings |= dict(act_group_aware=False, damp_percent=args.damp)
    if args.format:
        settings["format"] = args.format
    model = GPTQModel.load(
        str(args.model), QuantizeConfig(**settings), dtype=getattr(torch, args.dtype), device=args.device
    )
    rows = json.loads(args.ids.read_text())["calibration"]
    calibration = [{"input_ids": ids, "attention_mask": [1] * len(ids)} for ids in rows]
    model.quantize(calibration, batch_size=args.batch_size)
    model.save(str(args.output))
    print(f"{args.output}: {settings}")


def dump_theirs(args: argparse.Namespace) -> None:
    from gptqmodel import BACKEND, GPTQModel
    from gptqmodel.nn_modules.qlinear import BaseQuantLinear

    import models  # noqa: F401

    loaded = GPTQModel.load(str(args.model), device="cpu", dtype=torch.float16, backend=BACKEND.GPTQ_TORCH)
    layers = {n: m for n, m in loaded.model.named_modules() if isinstance(m, BaseQuantLinear)}
    weights = {}
    for name, module in layers.items():
        weight = type(module).dequantize_weight(module)  # the class's: that of the object goes through torch.compile
        weights[f"{name}.weight"] = weight.detach().t().contiguous()
    save_file(weights, args.output)
    kinds = {(type(m).__name__, str(w.dtype)) for m, w in zip(layers.values(), weights.values(), strict=True)}
    print(f"{args.output}: {len(weights)} layers, {kinds}")


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)

    ids = commands.add_parser("ids", help="conversations to ids (our environment)")
    ids.set_defaults(run=make_ids)
    ids.add_argument("--data_dir", type=Path, required=True, help="with train.jsonl and val.jsonl")
    ids.add_argument("--tokenizer", default="checkpoints/moss-mini")
    ids.add_argument("--n_calibration", type=int, default=128)
    ids.add_argument("--n_held_out", type=int, default=500)
    ids.add_argument("--max_seq_len", type=int, default=1024)
    ids.add_argument("--output", type=Path, required=True)

    quantize = commands.add_parser("quantize", help="quantise with GPTQModel (its environment)")
    quantize.set_defaults(run=quantize_theirs)
    quantize.add_argument("--model", type=Path, required=True)
    quantize.add_argument("--ids", type=Path, required=True)
    quantize.add_argument("--output", type=Path, required=True)
    quantize.add_argument("--bits", type=int, default=4)
    quantize.add_argument("--group_size", type=int, default=128)
    quantize.add_argument("--asym", action="store_true")
    quantize.add_argument("--no_desc_act", action="store_true")
    quantize.add_argument("--damp", type=float, default=0.01, help="of the mean of the Hessian's diagonal")
    quantize.add_argument("--format", help='"gptq" or "gptq_v2" (default: theirs)')
    quantize.add_argument("--dtype", default="float32")
    quantize.add_argument("--device", default="cpu")
    quantize.add_argument("--batch_size", type=int, default=1)

    dump = commands.add_parser("dump", help="dequantised weights, as fp16 by them or fp32 by us")
    dump.add_argument("--model", type=Path, required=True)
    dump.add_argument("--output", type=Path, required=True)
    dump.add_argument("--ours", action="store_true", help="read with our QuantLinear (our environment)")
    dump.add_argument("--loaded", action="store_true", help="the same from our model as from_pretrained makes it")
    dump.set_defaults(run=lambda a: (dump_loaded if a.loaded else dump_ours if a.ours else dump_theirs)(a))

    compare = commands.add_parser("same", help="two dumps, bit by bit (any environment)")
    compare.set_defaults(run=same)
    compare.add_argument("a", type=Path)
    compare.add_argument("b", type=Path)

    ppl = commands.add_parser("perplexity", help="of the model and with dumped weights (our environment)")
    ppl.set_defaults(run=perplexity)
    ppl.add_argument("--model", type=Path, required=True)
    ppl.add_argument("--ids", type=Path, required=True)
    ppl.add_argument("--device", default="cpu")
    ppl.add_argument("--batch_size", type=int, default=8)
    ppl.add_argument("--every", type=int, default=1, help="take one held-out conversation in so many")
    ppl.add_argument("weights", type=Path, nargs="*")
    return parser.parse_args()


if __name__ == "__main__":
    arguments = parse_args()
    arguments.run(arguments)

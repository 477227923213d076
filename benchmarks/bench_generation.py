"""How fast a reply is made: Inference against transformers' `generate`, on the same model, prompt and machine.

    python benchmarks/bench_generation.py                        # moss-mini
    python benchmarks/bench_generation.py --model_name DIR --new_tokens 256 --batch_size 16
    python benchmarks/bench_generation.py --sampled              # by MOSS's temperature, top-p and penalty

Greedy unless --sampled, end tokens ignored on both sides, so that both make the same number of tokens. The prompt is a
question behind the usual meta instruction. Medians of --repeats runs after one that is not counted; the prefill is
timed apart, as the time to the first token.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
import transformers

from models.conversation_moss import Conversation
from models.sampling import DEFAULT_PARAS
from moss_inference import Inference
from utils import plain_errors


def seconds(work, repeats: int) -> float:
    """The median time of work(), the device waited for."""
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        work()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model_name", help="a directory or a hub name (default: checkpoints/moss-mini)")
    parser.add_argument("--new_tokens", type=int, default=128, help="tokens made (default 128)")
    parser.add_argument("--batch_size", type=int, default=1, help="rows, all the same prompt (default 1)")
    parser.add_argument("--sampled", action="store_true", help="draw by MOSS's defaults (default: the likeliest token)")
    parser.add_argument("--repeats", type=int, default=5, help="runs counted (default 5)")
    args = parser.parse_args()
    with plain_errors():
        infer = Inference(model_dir=args.model_name)
    infer.engine.stop_ids = [-1]  # never drawn: every run makes as many tokens
    conversation = Conversation(infer.plugins)
    conversation.add("Human", "What is 12.5% of 1,280?")
    prompt, _ = conversation.encode(infer.tokenizer)
    prompts = [prompt] * args.batch_size
    paras = DEFAULT_PARAS | {"max_time": None} | ({} if args.sampled else {"temperature": 0, "repetition_penalty": 1.0})
    names = ("temperature", "top_k", "top_p", "repetition_penalty") if args.sampled else ("repetition_penalty",)
    settings = {"do_sample": args.sampled} | {name: paras[name] for name in names}
    ids = torch.tensor(prompts, device=infer.model.device)

    def ours(new_tokens: int):
        infer.engine.forget()
        requests = [infer.engine.submit(prompt, paras | {"max_iterations": new_tokens}) for prompt in prompts]
        return [list(request) for request in requests]

    def stock(new_tokens: int):
        with torch.inference_mode():
            return infer.model.generate(
                ids, attention_mask=torch.ones_like(ids), max_new_tokens=new_tokens, min_new_tokens=new_tokens,
                pad_token_id=0, **settings,
            )  # fmt: skip

    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} threads"
    print(f"{device}; torch {torch.__version__}, transformers {transformers.__version__}, {infer.model.dtype}")
    how = "sampled" if args.sampled else "greedy"
    print(f"prompt of {len(prompt)} tokens, batch {args.batch_size}, {args.new_tokens} new tokens, {how}")
    for name, work in (("Inference", ours), ("generate", stock)):
        first = seconds(lambda work=work: work(1), args.repeats)
        whole = seconds(lambda work=work: work(args.new_tokens), args.repeats)
        rate = args.batch_size * (args.new_tokens - 1) / (whole - first)
        print(f"{name:10} first token {1000 * first:8.1f} ms   then {rate:8.1f} tokens/s")


if __name__ == "__main__":
    main()

"""How fast the data of fine-tuning are read and packed, how little is lost to padding, and what memory it takes.

    python benchmarks/bench_sft_data.py --data_dir data
    python benchmarks/bench_sft_data.py --data_dir data --large_mb 300 --num_workers 2     # and a file of that size

Tokens/s count what is kept, and everything before it: reading, checking, encoding, writing the cache. "Padded" is the
useful share of batches of four conversations drawn at random, each batch as long as its longest, which is what the
original trains on. The large file is the training data over and over, each row with a number of its own; memory is the
largest resident size of the process (its workers apart), the pages of mapped files included.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import tokenizers

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from models import MossTokenizer  # noqa: E402
from models.packing import PackedDataset, pack  # noqa: E402
from models.sft_data import SFTDataset  # noqa: E402
from models.sft_files import find_files  # noqa: E402


def read(args: argparse.Namespace, data_dir: str | Path, cache_dir: str | Path) -> tuple[SFTDataset, float]:
    tokenizer = MossTokenizer.from_pretrained(args.tokenizer)
    start = time.perf_counter()
    data = SFTDataset(
        data_dir, tokenizer, max_length=args.max_seq_len, num_workers=args.num_workers, cache_dir=cache_dir
    )
    return data, time.perf_counter() - start


def padded_share(lengths: np.ndarray, batch_size: int = 4) -> float:
    order = np.random.default_rng(0).permutation(len(lengths))[: len(lengths) // batch_size * batch_size]
    batches = lengths[order].reshape(-1, batch_size)
    return batches.sum() / (batches.max(axis=1).sum() * batch_size)


def write_large(files: list[Path], path: Path, size: int) -> None:
    rows = [row for file in files for row in file.read_text(encoding="utf-8").splitlines()]
    records, number = [json.loads(row) for row in rows], 0
    with open(path, "w", encoding="utf-8") as file:
        while file.tell() < size:
            for record in records:
                number += 1
                meta = f"{number}\n{record['meta_instruction']}"
                file.write(json.dumps(record | {"meta_instruction": meta}, ensure_ascii=False) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data_dir", default=ROOT / "../shared/data/moss_003_sft_sample")
    parser.add_argument("--tokenizer", default=ROOT / "checkpoints/moss-mini")
    parser.add_argument("--max_seq_len", type=int, default=2048)
    parser.add_argument("--num_workers", type=int, default=0)
    parser.add_argument("--large_mb", type=int, default=0, help="size of a made file to read, too; 0: none")
    parser.add_argument("--read_only", action="store_true", help="read data_dir and print what that took, nothing else")
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        data, seconds = read(args, args.data_dir, folder)
        if args.read_only:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            tokens, mb = int(data.lengths.sum()), sum(file.stat().st_size for file in data.files) / 1e6
            speed = tokens / seconds / 1e6
            print(f"{mb:,.0f} MB, {tokens:,} tokens: {seconds:.1f} s, {speed:.2f} M tokens/s, peak {peak:,.0f} MiB")
            return
        print(f"{platform.machine()}, {os.cpu_count()} cores, {platform.python_version()}, {tokenizers.__version__}")
        tokens = int(data.lengths.sum())
        print(
            f"{len(data):,} conversations, {tokens:,} tokens: {tokens / seconds / 1e6:.2f} M tokens/s read and encoded"
        )
        print(f"again, from the cache: {read(args, args.data_dir, folder)[1]:.2f} s")
        print(f"padded: {100 * padded_share(data.lengths):.2f} % useful")
        for rows in (1, 2, 4, 8):
            print(f"packed: {PackedDataset(data, rows * args.max_seq_len, seed=0).report()}")
        lengths = np.random.default_rng(0).choice(data.lengths, 1_000_000).astype(np.int64)
        start = time.perf_counter()
        _, ends = pack(lengths, 4 * args.max_seq_len, seed=0)
        useful = 100 * lengths.sum() / (len(ends) * 4 * args.max_seq_len)
        print(f"a million conversations of such lengths: {time.perf_counter() - start:.2f} s, {useful:.2f} % useful")

    sizes = [10, args.large_mb] if args.large_mb else []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            write_large(find_files(args.data_dir, "train"), Path(folder, "train.jsonl"), size * 1_000_000)
            command = [sys.executable, __file__, "--read_only", "--data_dir", folder, "--tokenizer", args.tokenizer]
            command += ["--max_seq_len", args.max_seq_len, "--num_workers", args.num_workers]
            subprocess.run(list(map(str, command)), check=True)


if __name__ == "__main__":
    main()

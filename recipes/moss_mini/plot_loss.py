"""Draws loss and learning rate from training logs, one stage after the other (needs matplotlib).

python recipes/moss_mini/plot_loss.py recipes/moss_mini/training_log_*.jsonl --output recipes/moss_mini/loss.png
"""

import argparse
import json
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", type=Path, nargs="+", help="training_log.jsonl of finetune_moss.py, in order")
    parser.add_argument("--output", type=Path, required=True, help="the picture to write, png or svg")
    args = parser.parse_args()
    try:
        from matplotlib import pyplot
    except ImportError:
        raise SystemExit("error: the plot needs matplotlib: pip install matplotlib") from None

    figure, axis = pyplot.subplots(figsize=(8, 4))
    rates, start = axis.twinx(), 0
    for stage, log in enumerate(args.logs, 1):
        rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        train, held_out = [[row for row in rows if key in row] for key in ("loss", "eval_loss")]
        steps = [start + row["step"] for row in train]
        axis.semilogy(steps, [row["loss"] for row in train], lw=0.8, label=f"stage {stage}, training")
        held_out_steps = [start + row["step"] for row in held_out]
        axis.semilogy(
            held_out_steps, [row["eval_loss"] for row in held_out], "o-", ms=4, label=f"stage {stage}, held out"
        )
        rates.plot(steps, [row["lr"] for row in train], color="grey", lw=0.8, ls=":")
        start = steps[-1]
    axis.set(xlabel="update", ylabel="loss a token (nats)")
    axis.legend(loc="upper right")
    rates.set_ylabel("learning rate (dotted)")
    figure.tight_layout()
    figure.savefig(args.output, dpi=90)


if __name__ == "__main__":
    main()

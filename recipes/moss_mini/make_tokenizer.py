"""Makes moss-mini's vocabulary: byte-level BPE, vocab.json and merges.txt as every MOSS tokenizer has them.

    python recipes/moss_mini/make_tokenizer.py --corpus data/moss_mini/train.jsonl --output_dir data/moss_mini/tokenizer

Two choices keep the vocabulary small and its tokens general. Digits are set apart before merges are learned, so every
number is read digit by digit. Chinese characters are, too: a character is a token wherever it stands, and an unseen
phrase is made of seen tokens. Both hold at run time with the ordinary GPT-2 splitting, since no merge joins them.
"""

import argparse
import itertools
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from models import MossTokenizer
from models.conversation_moss import CHAT_TEMPLATE, CONTROL_TOKENS, Conversation

END_OF_TEXT = "<|endoftext|>"


def train(texts, vocab_size: int) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Learns (vocab, merges) of vocab_size tokens in all, the control tokens and END_OF_TEXT counted in."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\p{Han}|\p{N}"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size - len(CONTROL_TOKENS) - 1,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=True,
    )
    tokenizer.train_from_iterator(texts, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    merges = [tuple(merge.split(" ")) if isinstance(merge, str) else tuple(merge) for merge in model["merges"]]
    return model["vocab"], merges


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="train.jsonl of make_corpus.py")
    parser.add_argument("--output_dir", type=Path, required=True, help="where the tokenizer is saved")
    parser.add_argument("--vocab_size", type=int, default=4096, help="tokens in all (default 4096)")
    parser.add_argument("--lines", type=int, default=60_000, help="conversations read (default 60000)")
    args = parser.parse_args()
    args.output_dir.mkdir(parents=True, exist_ok=True)
    meta_instruction = Conversation().meta_instruction

    with open(args.corpus, encoding="utf-8") as file:
        records = (Conversation.from_record(json.loads(line)) for line in itertools.islice(file, args.lines))
        # The meta instruction is the same in all; seen once in a thousand, it gets tokens without crowding out others.
        texts = (
            (meta_instruction if i % 1000 == 0 else "") + record.text()[len(record.meta_instruction) :]
            for i, record in enumerate(records)
        )
        for token in CONTROL_TOKENS.values():
            texts = (text.replace(token, "\n") for text in texts)
        vocab, merges = train(texts, args.vocab_size)
    vocab[END_OF_TEXT] = len(vocab)
    (args.output_dir / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(merge) for merge in merges)]
    (args.output_dir / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

    tokenizer = MossTokenizer(
        vocab=str(args.output_dir / "vocab.json"),
        merges=str(args.output_dir / "merges.txt"),
        bos_token=END_OF_TEXT,
        eos_token=CONTROL_TOKENS["MOSS"],
        unk_token=END_OF_TEXT,
        pad_token=END_OF_TEXT,
        additional_special_tokens=[token for token in CONTROL_TOKENS.values() if token != CONTROL_TOKENS["MOSS"]],
        chat_template=CHAT_TEMPLATE,
        model_max_length=1024,
    )
    tokenizer.save_pretrained(args.output_dir)
    print(f"{len(tokenizer)} tokens saved in {args.output_dir}")


if __name__ == "__main__":
    main()

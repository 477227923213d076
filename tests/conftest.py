"""Fixtures shared by the tests: a vocabulary made here, a tiny random MOSS, the place of the optional fixtures."""

import contextlib
import json
import os
import resource
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from models import MossConfig, MossForCausalLM, MossTokenizer
from models.conversation_moss import CHAT_TEMPLATE, CONTROL_TOKENS, ROLES, header
from tests.forked import Forks
from tests.sft_records import lines, record, write_data

if "PYTEST_XDIST_WORKER" in os.environ:  # the others have the other cores
    torch.set_num_threads(1)

SHARED = Path(__file__).resolve().parents[1] / ".." / "shared"
TEXTS = [
    "You are an AI assistant whose name is MOSS.",
    "What is twelve times seven? The answer is 84.",
    "解方程，请帮我算一下这个方程的解是多少。你好！",
    'Calculate("12*7"), Solve("x^2=4") => None',
    *(header(role) + " text\n" for role in ROLES),
] * 3


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """What is kept between runs goes to a folder of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def forks(own_cache):
    """Runs scripts in processes of their own that need no time for importing torch and the like."""
    forks = Forks()
    yield forks
    forks.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with golden figures and real conversations; tests that need it are skipped without it."""
    if not SHARED.is_dir():
        pytest.skip("needs the folder ../shared with golden figures and sample data")
    return SHARED.resolve()


@contextlib.contextmanager
def small_disk():
    """No file grows beyond 20 kB: the libraries fail to write as they do on a full disk, each with its own error."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def make_tokenizer(folder: Path) -> Path:
    """A chat tokenizer of 420 or so tokens, saved as checkpoints have it."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bpe.train_from_iterator(
        TEXTS, trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False, min_frequency=2)
    )
    saved = json.loads(bpe.to_str())["model"]
    vocab = saved["vocab"] | {"<|endoftext|>": len(saved["vocab"])}
    tokenizer = MossTokenizer(
        vocab=vocab,
        merges=[tuple(merge.split(" ")) if isinstance(merge, str) else tuple(merge) for merge in saved["merges"]],
        pad_token="<|endoftext|>",
        additional_special_tokens=[token for token in CONTROL_TOKENS.values() if token != "<eom>"],
        chat_template=CHAT_TEMPLATE,
    )
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tokenizer_dir(tmp_path_factory) -> Path:
    return make_tokenizer(tmp_path_factory.mktemp("tokenizer"))


@pytest.fixture(scope="session")
def tokenizer(tokenizer_dir) -> MossTokenizer:
    return MossTokenizer.from_pretrained(tokenizer_dir)


def make_tiny_model(folder: Path, tokenizer_dir: Path) -> Path:
    """A random two-layer MOSS with that tokenizer, saved as a checkpoint."""
    tokenizer = MossTokenizer.from_pretrained(tokenizer_dir)
    torch.manual_seed(0)
    config = MossConfig(
        vocab_size=len(tokenizer), n_embd=32, n_layer=2, n_head=4, rotary_dim=8, n_positions=2048, n_ctx=2048,
        initializer_range=0.3, bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    MossForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_model_dir(tokenizer_dir, tmp_path_factory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("tiny_moss"), tokenizer_dir)


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory) -> Path:
    """Twenty conversations to train on, three to evaluate."""
    return write_data(
        tmp_path_factory.mktemp("data"), lines([record(i) for i in range(20)]), lines([record(i) for i in (90, 91, 92)])
    )

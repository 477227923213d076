"""MossConfig: published config.json files, aliases, and the refusal of impossible values.

python -m pytest tests/models/test_configuration_moss.py
"""

import json
import time

import pytest
from transformers import AutoConfig, CodeGenConfig

from models import MossConfig

PUBLISHED = {  # the keys of a published config.json, written by transformers 4.25
    "activation_function": "gelu_new",
    "architectures": ["MossForCausalLM"],
    "attn_pdrop": 0.0,
    "bos_token_id": 106028,
    "embd_pdrop": 0.0,
    "eos_token_id": 106068,
    "gradient_checkpointing": False,
    "groupsize": 128,
    "initializer_range": 0.02,
    "layer_norm_epsilon": 1e-05,
    "model_type": "moss",
    "n_ctx": 2048,
    "n_embd": 6144,
    "n_head": 24,
    "n_inner": None,
    "n_layer": 34,
    "n_positions": 2048,
    "resid_pdrop": 0.0,
    "rotary_dim": 64,
    "scale_attn_weights": True,
    "summary_type": "cls_index",
    "tie_word_embeddings": False,
    "tokenizer_class": "GPT2Tokenizer",
    "torch_dtype": "float16",
    "transformers_version": "4.25.1",
    "use_cache": True,
    "vocab_size": 107008,
    "wbits": 4,
}


def test_defaults_are_those_of_the_original_class():
    config = MossConfig()
    sizes = (config.vocab_size, config.n_positions, config.n_ctx, config.n_embd, config.n_layer, config.n_head)
    assert sizes == (107008, 2048, 2048, 4096, 28, 16)
    assert (config.rotary_dim, config.n_inner, config.inner_dim, config.head_dim) == (64, None, 16384, 256)
    assert (config.bos_token_id, config.eos_token_id) == (106028, 106068)
    assert (config.wbits, config.groupsize, config.tie_word_embeddings) == (32, 128, False)


@pytest.mark.parametrize("wbits", [2, 4, 8, 32])
def test_published_config_file_loads_and_saves_again(tmp_path, wbits):
    (tmp_path / "config.json").write_text(json.dumps(PUBLISHED | {"wbits": wbits}))
    config = AutoConfig.from_pretrained(tmp_path)
    assert type(config) is MossConfig
    assert (config.n_embd, config.n_layer, config.n_head, config.wbits) == (6144, 34, 24, wbits)
    assert str(config.dtype) == "torch.float16"

    config.save_pretrained(tmp_path / "again")
    again = MossConfig.from_pretrained(tmp_path / "again")
    assert again.to_dict() == config.to_dict() | {"_name_or_path": again.name_or_path}
    assert again.n_inner is None, "a derived width must not be written into the file"


def test_aliases_as_keyword_arguments_reach_the_fields():
    config = MossConfig(
        hidden_size=128, num_attention_heads=8, num_hidden_layers=3, max_position_embeddings=99, rotary_dim=16
    )
    assert (config.n_embd, config.n_head, config.n_layer, config.n_positions) == (128, 8, 3, 99)
    assert (config.inner_dim, config.head_dim) == (512, 16), "derived from the alias, not from the default"
    config.hidden_size = 256
    assert config.n_embd == 256 and config.inner_dim == 1024
    assert "hidden_size" not in json.loads(config.to_json_string())


def test_an_impossible_alias_is_refused_under_the_fields_name():
    with pytest.raises(ValueError, match="n_embd 129 is not divisible by n_head 8"):
        MossConfig(hidden_size=129, n_head=8, rotary_dim=16)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n_embd": 4098}, "n_embd 4098 is not divisible by n_head 16"),
        ({"n_head": 0}, "n_head is 0; allowed are integers from 4"),
        ({"n_head": 2}, "n_head is 2; allowed are integers from 4"),
        ({"n_embd": 60, "n_head": 6, "rotary_dim": 4}, "n_head 6 is not divisible by 4"),
        ({"rotary_dim": 63}, "rotary_dim 63 is odd"),
        ({"rotary_dim": 258}, "rotary_dim 258 is larger than the 256 numbers of a head"),
        ({"rotary_dim": None}, "rotary_dim is None"),
        ({"activation_function": "gelu_knew"}, "activation_function is 'gelu_knew'; MOSS uses 'gelu_new'"),
        ({"activation_function": ["gelu"]}, "activation_function is"),
        ({"wbits": 3}, "wbits is 3; allowed are 2, 4, 8, 32"),
        ({"wbits": "4"}, "wbits is '4'"),
        ({"groupsize": 0}, "groupsize is 0; allowed are -1"),
        ({"vocab_size": 10**9}, "vocab_size is 1000000000; allowed are integers from 1 to 16777216"),
        ({"n_layer": True}, "n_layer is True"),
        ({"n_embd": 4096.0}, "n_embd is 4096.0"),
        ({"n_inner": -1}, "n_inner is -1"),
        ({"attn_pdrop": 1.0}, "attn_pdrop is 1.0; allowed are numbers from 0"),
        ({"layer_norm_epsilon": 0}, "layer_norm_epsilon is 0"),
        ({"layer_norm_epsilon": float("nan")}, "layer_norm_epsilon is nan"),
        ({"initializer_range": -0.02}, "initializer_range is -0.02"),
        ({"use_cache": "yes"}, "use_cache is 'yes'"),
        ({"eos_token_id": [1, -2]}, r"eos_token_id is \[1, -2\]"),
        ({"vocab_size": 10**7, "n_embd": 2**17, "n_head": 512}, "parameters .* allowed are at most 1,000,000,000,000"),
    ],
)
def test_impossible_values_are_refused_with_what_is_allowed(given, message):
    with pytest.raises(ValueError, match=message):
        MossConfig(**given)


def test_all_problems_come_in_one_message():
    with pytest.raises(ValueError) as caught:
        MossConfig(vocab_size=-1, n_layer="2", wbits=5, resid_pdrop=2, activation_function="?")
    for name in ("vocab_size", "n_layer", "wbits", "resid_pdrop", "activation_function"):
        assert f"- {name} is" in str(caught.value)


def test_a_field_spoilt_after_construction_is_refused_on_saving(tmp_path):
    config = MossConfig(n_embd=64, n_head=4, rotary_dim=8)
    config.n_head = 5
    with pytest.raises(ValueError, match="n_embd 64 is not divisible by n_head 5"):
        config.save_pretrained(tmp_path)


def test_a_hostile_file_is_refused_at_once(tmp_path):
    """No weights are made for it: 10**9 words would be 16 TB."""
    (tmp_path / "config.json").write_text(json.dumps(PUBLISHED | {"vocab_size": 10**9, "n_layer": 10**9}))
    start = time.perf_counter()
    with pytest.raises(ValueError, match="vocab_size is 1000000000"):
        AutoConfig.from_pretrained(tmp_path)
    assert time.perf_counter() - start < 2


def test_fields_are_a_superset_of_codegens():
    """CodeGen is the live judge of the model, so its configuration must be expressible in ours."""
    config = CodeGenConfig(n_embd=64, n_head=4, rotary_dim=8).to_dict()
    ours = MossConfig(**{name: config[name] for name in config if name in MossConfig.__dataclass_fields__})
    assert (ours.n_embd, ours.rotary_dim, ours.activation_function) == (64, 8, "gelu_new")

"""The MOSS model against two live judges, transformers' CodeGen and GPT-J, which carry the same parameters; and its
positions, caches, outputs, training and loading. (The figures of the original code are in test_golden_logits.py.)

    python -m pytest tests/models/test_modeling_moss.py

Tiny random models; their weights are larger than at initialisation, so that every part shows in the logits.
"""

import copy
from pathlib import Path

import pytest
import torch
from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    CodeGenConfig,
    CodeGenForCausalLM,
    DynamicCache,
    GPTJConfig,
    GPTJForCausalLM,
    StaticCache,
)
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from models import MossConfig, MossForCausalLM, MossModel
from models.modeling_moss import rotary_angles, rotate

ROOT = Path(__file__).resolve().parents[2]

SHAPES = {  # odd ones beside a round one
    "round": {"vocab_size": 96, "n_embd": 64, "n_head": 4, "rotary_dim": 16, "n_layer": 2},
    "odd": {"vocab_size": 101, "n_embd": 72, "n_head": 12, "rotary_dim": 2, "n_layer": 3, "n_inner": 50},
    "part": {"vocab_size": 97, "n_embd": 80, "n_head": 4, "rotary_dim": 10, "n_layer": 2},
}
COMMON = {"n_positions": 64, "n_ctx": 64, "bos_token_id": 1, "eos_token_id": 2}


@pytest.fixture(autouse=True)
def the_process_is_left_as_found():
    dtype, threads = torch.get_default_dtype(), torch.get_num_threads()
    torch.manual_seed(0)
    yield
    torch.set_default_dtype(dtype)
    torch.set_num_threads(threads)


def random_weights(model: torch.nn.Module, seed: int = 0) -> dict[str, torch.Tensor]:
    """A state dict for model in which nothing is small: matrices of gain 1, biases and norms off their defaults."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for name, x in model.state_dict().items():
        noise = torch.randn(x.shape, generator=generator)
        if x.ndim == 2:
            state[name] = noise if "wte" in name else noise * x.shape[1] ** -0.5
        else:
            state[name] = 0.3 * noise + (1.0 if "ln_" in name and name.endswith("weight") else 0.0)
    return state


def moss(
    shape: str = "round", attention: str = "eager", dtype: torch.dtype = torch.float32, **changes
) -> MossForCausalLM:
    config = MossConfig(**COMMON | SHAPES[shape] | changes)
    config._attn_implementation = attention
    model = MossForCausalLM(config)
    model.load_state_dict(random_weights(model))
    return model.to(dtype).eval()


def codegen(model: MossForCausalLM) -> CodeGenForCausalLM:
    config = model.config.to_dict()
    judge = CodeGenForCausalLM(
        CodeGenConfig(**{k: config[k] for k in CodeGenConfig.__dataclass_fields__ if k in config})
    )
    judge.load_state_dict(model.state_dict(), strict=True)
    return judge.eval()


def ids(*shape: int, vocab_size: int = 96) -> torch.Tensor:
    return torch.randint(3, vocab_size, shape, generator=torch.Generator().manual_seed(7))


def padded(kind: str, T: int = 20) -> dict[str, torch.Tensor]:
    """input_ids, attention_mask and, for the left, position_ids of three rows with 0, 5 and 12 slots masked."""
    mask = torch.ones(3, T, dtype=torch.long)
    for row, n in enumerate((0, 5, 12)):
        slots = {"left": slice(0, n), "right": slice(T - n, T), "holes": slice(2, 2 + n)}[kind]
        mask[row, slots] = 0
    inputs = {"input_ids": ids(3, T), "attention_mask": mask}
    if kind == "left":
        inputs["position_ids"] = (mask.cumsum(-1) - 1).clamp(min=0)
    return inputs


def largest(a: torch.Tensor, b: torch.Tensor, mask: torch.Tensor | None = None) -> float:
    difference = (a.double() - b.double()).abs()
    return (difference if mask is None else difference[mask.bool()]).max().item()


# --- CodeGen and GPT-J, live ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("kind", ["left", "right", "holes"])
@pytest.mark.parametrize("shape", SHAPES)
def test_logits_and_hidden_states_agree_with_codegen(shape, kind, attention):
    model, inputs = moss(shape, attention), padded(kind)
    judge = codegen(model)
    with torch.no_grad():
        ours, theirs = (m(**inputs, output_hidden_states=True) for m in (model, judge))
    assert largest(ours.logits, theirs.logits, inputs["attention_mask"]) < 1e-5
    for a, b in zip(ours.hidden_states, theirs.hidden_states, strict=True):
        assert largest(a, b, inputs["attention_mask"]) < 1e-5


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_loss_and_every_gradient_agree_with_codegen(attention):
    model, inputs = moss("odd", attention), padded("right")
    labels = inputs["input_ids"].masked_fill(inputs["attention_mask"] == 0, -100)
    judge = codegen(model)
    losses = [m(**inputs, labels=labels).loss for m in (model, judge)]
    for loss in losses:
        loss.backward()
    assert largest(*losses) < 1e-6
    wanted = dict(judge.named_parameters())
    for name, x in model.named_parameters():
        assert largest(x.grad, wanted[name].grad) < 2e-6, name


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=["bf16", "fp16"])
@pytest.mark.parametrize("shape", ["round", "odd"])
def test_half_precision_errs_at_most_twice_as_much_as_codegen(shape, dtype, attention):
    inputs = padded("left", T=60)
    exact_model = moss(shape, attention)
    judge = codegen(exact_model)
    with torch.no_grad():
        exact = judge(**inputs).logits
        judged = judge.to(dtype)(**inputs).logits
        ours = exact_model.to(dtype)(**inputs).logits
    assert ours.dtype == dtype
    error, allowed = ((x.double() - exact.double()).abs()[inputs["attention_mask"].bool()] for x in (ours, judged))
    assert error.max() <= 2 * allowed.max() and error.mean() <= 2 * allowed.mean()


def test_logits_agree_with_gptj_once_the_projection_is_unfused():
    model = moss("part")
    config = model.config.to_dict()
    judge = GPTJForCausalLM(GPTJConfig(**{k: config[k] for k in GPTJConfig.__dataclass_fields__ if k in config})).eval()
    state = model.state_dict()
    E = model.config.n_embd
    for name in [name for name in state if name.endswith("qkv_proj.weight")]:
        w = state.pop(name).view(4, 3, E // 4, E)
        for i, letter in enumerate("qvk"):
            state[name.replace("qkv", letter)] = w[:, i].reshape(E, E)
    judge.load_state_dict(state, strict=True)
    inputs = padded("left")
    with torch.no_grad():
        assert largest(model(**inputs).logits, judge(**inputs).logits, inputs["attention_mask"]) < 1e-5


@pytest.mark.parametrize("cache", ["dynamic", "static", "none"])
def test_greedy_ids_agree_with_codegen_for_rows_of_unequal_length(cache):
    model, inputs = moss("round", "sdpa"), padded("left")
    del inputs["position_ids"]  # generate makes them from the mask
    options = {"max_new_tokens": 24, "do_sample": False, "eos_token_id": -1, "pad_token_id": 0}
    wanted = codegen(model).generate(**inputs, **options)
    how = {"dynamic": {}, "static": {"cache_implementation": "static"}, "none": {"use_cache": False}}[cache]
    assert model.generate(**inputs, **options, **how).tolist() == wanted.tolist()


def test_a_row_padded_on_the_left_generates_what_it_does_alone():
    model, inputs = moss("round", "sdpa"), padded("left")
    options = {"max_new_tokens": 16, "do_sample": False, "eos_token_id": -1, "pad_token_id": 0}
    together = model.generate(inputs["input_ids"], attention_mask=inputs["attention_mask"], **options)
    for row, n in enumerate((0, 5, 12)):
        alone = model.generate(inputs["input_ids"][row : row + 1, n:], **options)
        assert together[row, n:].tolist() == alone[0].tolist()


# --- positions --------------------------------------------------------------------------------------------------------


def test_rotary_angles_are_exact_to_fp32_at_far_positions():
    position_ids = torch.tensor([[0, 1, 1000, 2047, 2048, 100_000]])
    cos, sin = rotary_angles(position_ids, 64)
    assert cos.dtype == sin.dtype == torch.float32 and cos.shape == (1, 6, 1, 32)
    i = torch.arange(32, dtype=torch.float64)
    angle = position_ids[0, :, None].double() * 10000.0 ** (-2 * i / 64)
    # fp32 rounds the angle itself to 24 bits, 1e-7 of its size; fp16 frequencies would be off by up to 0.76 at 2047
    assert largest(cos[0, :5, 0], angle.cos()[:5]) < 3e-4
    assert largest(sin[0, :, 0], angle.sin()) < 2e-2


def test_rotation_leaves_the_unrotated_part_and_the_lengths_alone():
    x = torch.randn(2, 5, 3, 12)
    turned = rotate(x, *rotary_angles(torch.arange(5).expand(2, 5), 8))
    assert torch.equal(turned[..., 8:], x[..., 8:]) and torch.equal(turned[:, 0], x[:, 0])
    assert largest(turned.norm(dim=-1), x.norm(dim=-1)) < 1e-6


def test_every_way_of_loading_gives_the_same_rotary_angles(tmp_path):
    """The original had a table in fp16 on some paths, and uninitialised memory on the meta device."""
    model = moss()
    model.save_pretrained(tmp_path)
    assert not list(model.buffers()), "a buffer can be cast or left on the meta device; there is none to spoil"
    inputs = {"input_ids": ids(1, 30), "position_ids": torch.arange(1500, 1530)[None]}

    def under_default_half() -> MossForCausalLM:
        torch.set_default_dtype(torch.float16)
        return MossForCausalLM(model.config)

    def from_meta() -> MossForCausalLM:
        with torch.device("meta"):
            empty = MossForCausalLM(model.config)
        return empty.to_empty(device="cpu")

    for dtype in (torch.float16, torch.bfloat16):
        cast = copy.deepcopy(model).to(dtype)
        with torch.no_grad():
            wanted = cast(**inputs).logits
        paths = [
            MossForCausalLM.from_pretrained(tmp_path, torch_dtype=dtype, attn_implementation="eager"),
            MossForCausalLM.from_pretrained(tmp_path, attn_implementation="eager").to(dtype),
        ]
        for build in (under_default_half, from_meta):
            made = build().eval()
            torch.set_default_dtype(torch.float32)
            made = made.to(dtype)
            made.load_state_dict(cast.state_dict(), strict=True)
            paths.append(made)
        for path in paths:
            with torch.no_grad():
                assert torch.equal(path(**inputs).logits, wanted)


def test_positions_beyond_the_context_are_computed():
    """2,049 and later: an index error in the original, whose table ended at n_positions."""
    model = moss(n_positions=16, n_ctx=16)
    long_judge = codegen(moss(n_positions=4096, n_ctx=4096))
    inputs = {"input_ids": ids(1, 40), "position_ids": torch.arange(2030, 2070)[None]}
    with torch.no_grad():
        assert largest(model(**inputs).logits, long_judge(**inputs).logits) < 2e-4  # CodeGen's own table rounds as well
        model.generate(ids(1, 14), max_new_tokens=8, do_sample=False, eos_token_id=-1)


def test_packed_sequences_do_not_see_each_other_whether_or_not_a_cache_is_kept():
    model = moss("round", "sdpa")
    tokens, lengths = ids(1, 20), (9, 4, 7)
    position_ids = torch.cat([torch.arange(n) for n in lengths])[None]
    with torch.no_grad():
        alone = torch.cat([model(part).logits for part in tokens.split(lengths, dim=1)], dim=1)
        for use_cache in (True, False):
            packed = model(tokens, position_ids=position_ids, use_cache=use_cache).logits
            assert largest(packed, alone) < 1e-5


@pytest.mark.parametrize("use_cache", [True, False])
def test_a_gap_in_the_positions_does_not_hide_what_came_before(use_cache):
    model = moss("round", "sdpa")
    position_ids = torch.tensor([[0, 1, 2, 7, 8, 20, 21, 22]])
    with torch.no_grad():
        ours = model(ids(1, 8), position_ids=position_ids, use_cache=use_cache).logits
        assert largest(ours, codegen(model)(ids(1, 8), position_ids=position_ids, use_cache=True).logits) < 1e-5


# --- caches, masks, outputs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=["fp32", "bf16", "fp16"])
@pytest.mark.parametrize("kind", [DynamicCache, StaticCache])
def test_cache_of_either_kind_in_chunks_equals_one_forward_and_keeps_the_models_dtype(kind, dtype):
    model = moss("part", "sdpa", dtype)
    cache = kind(config=model.config) if kind is DynamicCache else kind(config=model.config, max_cache_len=24)
    tokens = ids(2, 20)
    with torch.no_grad():
        whole = model(tokens).logits
        parts = [model(part, past_key_values=cache).logits for part in tokens.split((7, 1, 1, 4, 7), dim=1)]
    tolerance = 1e-5 if dtype == torch.float32 else 0.1
    assert largest(torch.cat(parts, 1), whole) < tolerance
    assert {layer.keys.dtype for layer in cache.layers} | {layer.values.dtype for layer in cache.layers} == {dtype}


def test_a_long_run_over_a_static_cache_equals_no_cache():
    model = moss("odd", "sdpa")
    options = {"max_new_tokens": 150, "do_sample": False, "eos_token_id": -1}
    prompt = ids(1, 6)
    static = model.generate(prompt, cache_implementation="static", **options)
    with torch.no_grad():
        logits = model(static, use_cache=False).logits
    assert static[0, 6:].tolist() == logits[0, 5:-1].argmax(-1).tolist()


def test_a_mask_of_ones_embeddings_and_repeats_change_no_bit():
    model, tokens = moss("round", "eager"), ids(2, 12)
    with torch.no_grad():
        plain = model(tokens).logits
        assert torch.equal(model(tokens, attention_mask=torch.ones_like(tokens)).logits, plain)
        assert torch.equal(model(inputs_embeds=model.get_input_embeddings()(tokens)).logits, plain)


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_fully_padded_queries_are_finite(attention):
    model, inputs = moss("round", attention, torch.float16), padded("left")
    out = model(**inputs, labels=inputs["input_ids"])
    out.loss.backward()
    assert out.logits.isfinite().all()
    assert all(x.grad.isfinite().all() for x in model.parameters())


@pytest.mark.parametrize("given", [{}, {"input_ids": torch.ones(1, 2, dtype=torch.long), "inputs_embeds": 1}])
def test_neither_or_both_inputs_are_refused(given):
    with pytest.raises(ValueError, match="either input_ids or inputs_embeds"):
        moss()(**given)


def test_head_mask_and_token_types():
    model, tokens = moss("round", "sdpa"), ids(2, 9)
    silent = copy.deepcopy(model)
    for block in silent.transformer.h:
        block.attn.out_proj.weight.data.zero_()
    with torch.no_grad():
        plain = model(tokens).logits
        assert torch.equal(model(tokens, head_mask=torch.ones(4)).logits, plain)
        assert torch.equal(model(tokens, head_mask=torch.zeros(2, 4)).logits, silent(tokens).logits)
        one_off = torch.tensor([[1.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
        assert largest(model(tokens, head_mask=one_off).logits, plain) > 0.01
        embeds = model.get_input_embeddings()
        wanted = model(inputs_embeds=embeds(tokens) + embeds(tokens.flip(1))).logits
        assert torch.equal(model(tokens, token_type_ids=tokens.flip(1)).logits, wanted)


def test_logits_to_keep_in_every_form_gives_rows_of_the_whole():
    model, tokens = moss(), ids(2, 10)
    mask = torch.rand(2, 10) < 0.4
    with torch.no_grad():
        whole = model(tokens).logits
        for kept, wanted in [
            (0, whole),
            (1, whole[:, -1:]),
            (4, whole[:, -4:]),
            (torch.tensor([0, 7]), whole[:, [0, 7]]),
            (mask, whole[mask]),
        ]:
            logits = model(tokens, logits_to_keep=kept).logits
            assert logits.shape == wanted.shape and largest(logits, wanted) < 1e-5


def test_loss_is_a_mean_or_a_sum_over_the_number_given_and_nan_without_labels():
    model, tokens = moss(), ids(2, 10)
    labels = tokens.clone()
    labels[0, :6] = -100
    n = (labels[:, 1:] != -100).sum()
    with torch.no_grad():
        out = model(tokens, labels=labels)
        by_hand = torch.nn.functional.cross_entropy(out.logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        assert largest(out.loss, by_hand) < 1e-6
        assert largest(model(tokens, labels=labels, num_items_in_batch=2 * n).loss, by_hand / 2) < 1e-6
        assert model(tokens, labels=torch.full_like(tokens, -100)).loss.isnan()
        half = copy.deepcopy(model).to(torch.bfloat16)
        assert half(tokens, labels=labels).loss.dtype == torch.float32


def test_outputs_come_in_transformers_forms():
    model, tokens = moss("odd"), ids(2, 6)
    out = model(tokens, output_hidden_states=True, output_attentions=True)
    assert len(out.hidden_states) == 4 and len(out.attentions) == 3
    assert out.attentions[0].shape == (2, 12, 6, 6)
    assert largest(out.attentions[0].sum(-1), torch.ones(2, 12, 6)) < 1e-6
    assert torch.equal(model.lm_head(out.hidden_states[-1]), out.logits)
    assert model(tokens).hidden_states is None
    logits, cache = model(tokens, return_dict=False)
    assert torch.equal(logits, out.logits) and cache.get_seq_length() == 6


def test_the_attention_interface_is_called_once_a_layer_with_its_scaling(monkeypatch):
    calls = []

    def probe(module, query, key, value, attention_mask, **kwargs):
        calls.append((module.layer_idx, query.shape, kwargs["scaling"]))
        return ALL_ATTENTION_FUNCTIONS["sdpa"](module, query, key, value, attention_mask, **kwargs)

    monkeypatch.setitem(ALL_ATTENTION_FUNCTIONS._global_mapping, "probe", probe)
    masks = ALL_MASK_ATTENTION_FUNCTIONS._global_mapping
    monkeypatch.setitem(masks, "probe", masks["sdpa"])
    inputs = padded("left")
    with torch.no_grad():
        logits = moss("round", "probe")(**inputs).logits
        assert torch.equal(logits, moss("round", "sdpa")(**inputs).logits)
    assert calls == [(i, (3, 4, 20, 16), 16**-0.5) for i in range(2)]


def test_no_graph_break_in_prefill_or_decoding_over_a_static_cache():
    model = moss("round", "sdpa")
    cache = StaticCache(config=model.config, max_cache_len=16)
    compiled = torch.compile(model.forward, fullgraph=True, backend="eager")  # "eager" traces and makes no code
    tokens = ids(1, 9)
    try:
        with torch.no_grad():
            whole = model(tokens).logits
            prefill = compiled(tokens[:, :8], position_ids=torch.arange(8)[None], past_key_values=cache).logits
            decoded = compiled(tokens[:, 8:], position_ids=torch.tensor([[8]]), past_key_values=cache).logits
    finally:
        torch.compiler.reset()
    assert largest(torch.cat((prefill, decoded), 1), whole) < 1e-5


# --- training ---------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:.*gradient_checkpointing_enable:FutureWarning")  # its heir is not in 5.17
def test_gradient_checkpointing_changes_neither_loss_nor_gradients():
    inputs = padded("right")
    labels = inputs["input_ids"].masked_fill(inputs["attention_mask"] == 0, -100)
    gradients = []
    for checkpointed in (False, True):
        model = moss("odd", "sdpa").train()
        if checkpointed:
            model.gradient_checkpointing_enable()
        loss = model(**inputs, labels=labels).loss
        loss.backward()
        gradients.append([loss.detach(), *(x.grad for x in model.parameters())])
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))


def test_dropout_acts_in_training_only_and_in_all_its_places():
    for name in ("embd_pdrop", "resid_pdrop", "attn_pdrop"):
        model, tokens = moss("round", "sdpa", **{name: 0.5}), ids(1, 8)
        with torch.no_grad():
            plain = model(tokens).logits
            assert torch.equal(plain, moss("round", "sdpa")(tokens).logits)
            assert largest(model.train()(tokens).logits, plain) > 0.01, name


def test_a_new_model_is_initialised_as_the_configuration_says():
    torch.manual_seed(0)
    model = MossForCausalLM(MossConfig(**COMMON | SHAPES["round"] | {"vocab_size": 1000, "initializer_range": 0.05}))
    for name, x in model.named_parameters():
        if x.ndim == 2:
            assert abs(x.mean()) < 0.005 and x.std().item() == pytest.approx(0.05, rel=0.05), name
        else:
            assert (x == (1 if "ln_" in name and name.endswith("weight") else 0)).all(), name


def test_building_and_loading_leave_torch_as_it_was(tmp_path):
    """The original replaced torch.nn.init for the whole process and changed the default dtype."""
    before = (torch.nn.init.normal_, torch.nn.init.kaiming_uniform_, torch.nn.init.uniform_, torch.get_default_dtype())
    moss().save_pretrained(tmp_path)
    MossForCausalLM.from_pretrained(tmp_path, dtype=torch.float16)
    after = (torch.nn.init.normal_, torch.nn.init.kaiming_uniform_, torch.nn.init.uniform_, torch.get_default_dtype())
    assert all(a is b for a, b in zip(before, after, strict=True))
    assert 0.01 < torch.nn.Linear(64, 64).weight.std() < 1


def test_tied_embeddings_share_one_matrix_and_survive_saving(tmp_path):
    config = MossConfig(**COMMON | SHAPES["round"], tie_word_embeddings=True)
    model = MossForCausalLM(config).eval()
    assert model.lm_head.weight is model.transformer.wte.weight
    model.save_pretrained(tmp_path)
    again = MossForCausalLM.from_pretrained(tmp_path)
    assert again.lm_head.weight is again.transformer.wte.weight
    assert torch.equal(again(ids(1, 5)).logits, model(ids(1, 5)).logits)
    loose = moss()
    assert loose.lm_head.weight is not loose.transformer.wte.weight


# --- names ------------------------------------------------------------------------------------------------------------


def test_parameter_names_are_codegens():
    model = moss("odd")
    assert sorted(model.state_dict()) == sorted(codegen(model).state_dict())


def test_auto_classes_find_ours_and_the_base_model_reads_a_chat_checkpoint(tmp_path):
    model = moss()
    model.save_pretrained(tmp_path)
    assert type(AutoModelForCausalLM.from_pretrained(tmp_path)) is MossForCausalLM
    base = AutoModel.from_pretrained(tmp_path)
    assert type(base) is MossModel
    assert torch.equal(base.wte.weight, model.transformer.wte.weight)

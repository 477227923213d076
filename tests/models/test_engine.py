"""The engine: greedy ids equal `generate`'s whatever the path; rows come, go, wait, fail and are left without harm."""

import threading
import time

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import MossConfig, MossForCausalLM, engine, kv_cache
from models.engine import Engine, Row, common_prefix
from models.kv_cache import CacheView, KVCache
from models.sampling import DEFAULT_PARAS

VOCAB = 50
GREEDY = DEFAULT_PARAS | {"temperature": 0, "repetition_penalty": 1.0, "max_iterations": 12}


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    config = MossConfig(
        vocab_size=VOCAB, n_embd=32, n_layer=2, n_head=4, rotary_dim=8, n_positions=96, n_ctx=96,
        initializer_range=0.3, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    return MossForCausalLM(config).eval()


def prompt(seed: int, length: int) -> list[int]:
    return torch.randint(3, VOCAB, (length,), generator=torch.Generator().manual_seed(seed)).tolist()


def reference(model, ids, new=12, stop=(2,)):
    out = model.generate(
        torch.tensor([ids]), max_new_tokens=new, do_sample=False, eos_token_id=list(stop), pad_token_id=0
    )
    return out[0, len(ids) :].tolist()


def run(found: Engine, prompts, **paras):
    requests = [found.submit(ids, GREEDY | paras) for ids in prompts]
    return [list(request) for request in requests]


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("chunk", [512, 7, 1])
def test_greedy_ids_equal_generate_for_every_chunk_and_batch(model, attention, chunk, monkeypatch):
    monkeypatch.setattr(engine, "PREFILL_CHUNK", chunk)
    monkeypatch.setattr(model.config, "_attn_implementation", attention)
    prompts = [prompt(seed, length) for seed, length in enumerate([1, 2, 30, 17, 8, 60, 5, 41])]
    expected = [reference(model, ids) for ids in prompts]
    assert run(Engine(model, [2], max_rows=3), prompts) == expected
    assert run(Engine(model, [2], max_rows=1), prompts) == expected


def test_more_prompts_than_rows_keep_the_rows_full(model, monkeypatch):
    found, sizes = Engine(model, [2], max_rows=4), []
    forward = found.forward
    monkeypatch.setattr(found, "forward", lambda chunks, *rest: sizes.append(len(chunks)) or forward(chunks, *rest))
    run(found, [prompt(seed, 3) for seed in range(40)], max_iterations=20)
    steps = [size for size in sizes if size > 1]
    assert len(found.rows) == 4 and sum(steps) / len(steps) > 3


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_a_few_ids_are_read_in_the_steps_of_many_rows(model, attention, monkeypatch):
    """With eager attention, as on a GPU, one by one; otherwise all in one pass."""
    monkeypatch.setattr(model.config, "_attn_implementation", attention)
    found, lengths = Engine(model, [99], max_rows=8), []
    forward = found.forward

    def noting(chunks, *rest):
        lengths.append(list(map(len, chunks)))
        time.sleep(0.005)  # so that all are there before the first is done
        return forward(chunks, *rest)

    monkeypatch.setattr(found, "forward", noting)
    beginnings = [prompt(seed, 6) for seed in range(8)]
    run(found, beginnings, max_iterations=30)  # each in a row of its own
    lengths.clear()
    longer = [[*beginning, seed] for seed, beginning in enumerate(beginnings[:7], 3)] + [beginnings[7] + prompt(30, 4)]
    assert run(found, longer) == [reference(model, ids, stop=[99]) for ids in longer]
    if attention == "eager":
        assert [1] * 8 in lengths and all(max(each) == 1 for each in lengths)
    else:
        assert any(sorted(each) == [1] * 7 + [4] for each in lengths)


def test_a_pass_of_many_rows_reads_no_more_than_a_chunk_of_prompts(model, monkeypatch):
    monkeypatch.setattr(engine, "PREFILL_CHUNK", 20)
    found, lengths = Engine(model, [99], max_rows=4), []
    forward = found.forward
    monkeypatch.setattr(
        found, "forward", lambda chunks, *rest: lengths.append(list(map(len, chunks))) or forward(chunks, *rest)
    )
    prompts = [prompt(seed, 60 + seed) for seed in range(4)]
    run(found, [prompt(9, 3)])  # makes the cache
    assert run(found, prompts) == [reference(model, ids, stop=[99]) for ids in prompts]
    assert any(sum(n > 1 for n in each) > 1 for each in lengths)
    assert all(sum(n for n in each if n > 1) <= 20 for each in lengths)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(1, 30), st.integers(0, 3), st.integers(0, 30)), min_size=3, max_size=6
    ),
    st.integers(1, 4),
)
def test_shared_beginnings_change_nothing(model, found, rows):
    """Prompts that begin alike find each other's keys and values, or copies of them."""
    one = Engine(model, [2], max_rows=rows)
    prompts = [prompt(a, n) + prompt(10 + b, m) for a, n, b, m in found]
    expected = [reference(model, ids, 6) for ids in prompts]
    assert run(one, prompts, max_iterations=6) == expected
    assert run(one, prompts[::-1], max_iterations=6) == expected[::-1]


def test_a_beginning_that_a_running_row_knows_is_copied(model):
    found = Engine(model, [2], max_rows=2)
    beginning = prompt(0, 40)
    list(found.submit([*beginning, 5], GREEDY))
    with_copy = [found.submit([*beginning, last], GREEDY) for last in (6, 7)]
    assert [list(request) for request in with_copy] == [reference(model, [*beginning, last]) for last in (6, 7)]
    assert [request.cached for request in with_copy] == [40, 40]


def test_prompts_given_together_read_what_they_share_once(model):
    found = Engine(model, [2], max_rows=4)
    beginning = prompt(0, 40)
    requests = [found.submit([*beginning, last], GREEDY) for last in (5, 6, 7)]
    assert [list(request) for request in requests] == [reference(model, [*beginning, last]) for last in (5, 6, 7)]
    assert [request.cached for request in requests] == [0, 40, 40]


def test_a_turn_finds_all_of_the_turn_before(model):
    found = Engine(model, [2], max_rows=2)
    ids = prompt(0, 20)
    drawn = list(found.submit(ids, GREEDY))
    request = found.submit(ids + drawn + prompt(1, 5), GREEDY)
    assert list(request) == reference(model, ids + drawn + prompt(1, 5))
    assert request.cached == 20 + len(drawn) - 1 and len(found.rows) == 1


def test_a_pass_reads_of_a_row_what_it_knows_and_of_what_all_share_one_copy(model, monkeypatch):
    monkeypatch.setattr(engine, "LEAST_SHARED", 40)
    found, beginning, n = Engine(model, []), prompt(0, 20), float("nan")
    texts = [[*beginning, *prompt(seed, length)] for seed, length in enumerate((1, 30, 12, 5), 1)]
    found.cache.reserve(4, 96)
    with torch.inference_mode():
        for number, ids in enumerate(texts):
            found.forward([ids], [0], [number])
            found.rows.append(Row(number))
            found.rows[-1].known = ids
        for layer in found.cache.layers:
            layer[:, 1:, :, :20] = layer[:, 2] = n  # the copies, and a row that is free
            for number, ids in enumerate(texts):
                layer[:, number, :, len(ids) :] = n
        for chunks in ([[3], [4], [5]], [[3, 7, 8], [4], [5, 6]]):
            stepping = [texts[number] for number in (0, 1, 3)]
            hidden = found.forward(chunks, list(map(len, stepping)), [0, 1, 3])
            for ids, chunk, row in zip(stepping, chunks, hidden, strict=True):
                expected = model.transformer(torch.tensor([ids + chunk])).last_hidden_state[0, -1]
                assert torch.allclose(row, expected, atol=1e-5)


def test_the_cache_grows_with_what_is_asked_of_it_and_no_further(model, monkeypatch):
    monkeypatch.setattr(engine, "GROWTH", 16)
    found = Engine(model, [2], max_rows=4)
    assert run(found, [prompt(0, 4)], max_iterations=4) == [reference(model, prompt(0, 4), 4)]
    assert found.cache.layers[0].shape[1:4:2] == (1, 16)
    prompts = [prompt(seed, 50) for seed in range(3)]
    assert run(found, prompts) == [reference(model, ids) for ids in prompts]
    shape = found.cache.layers[0].shape
    assert shape[1:4:2] == (4, 64)
    for seed in range(20):
        run(found, [prompt(seed, 10)])
    assert found.cache.layers[0].shape == shape


def test_the_context_is_never_passed(model):
    found = Engine(model, [99])  # never drawn
    for length in (95, 96, 90):
        request = found.submit(prompt(0, length), GREEDY)
        assert len(list(request)) == 96 - length
        assert request.reason == "length"


def test_a_cancelled_request_frees_its_row_and_one_that_waits_is_never_run(model):
    found = Engine(model, [99], max_rows=1)
    running, waiting = (found.submit(prompt(seed, 3), GREEDY | {"max_iterations": 90}) for seed in (0, 1))
    next(iter(running))
    waiting.cancel()
    running.cancel()
    assert list(waiting) == [] and waiting.reason == "cancelled"
    assert len(list(running)) < 88 and running.reason == "cancelled"
    assert run(found, [prompt(2, 3)]) == [reference(model, prompt(2, 3), stop=[99])]


def test_time_ends_a_row_after_its_first_id_and_waiting_does_not_count(model, monkeypatch):
    found = Engine(model, [99], max_rows=1)
    forward = found.forward
    monkeypatch.setattr(found, "forward", lambda *args: time.sleep(0.02) or forward(*args))
    first = found.submit(prompt(0, 3), GREEDY | {"max_iterations": 20})
    second = found.submit(prompt(1, 3), GREEDY | {"max_iterations": 90}, max_time=0.2)
    third = found.submit(prompt(1, 3), GREEDY, max_time=0)
    assert len(list(first)) == 20
    assert 2 <= len(list(second)) <= 11 and second.reason == "time" and 0.2 <= second.seconds < 2
    assert len(list(third)) == 1


def test_F14_one_that_fails_takes_no_other_with_it(model, monkeypatch):
    found = Engine(model, [2], max_rows=4)
    forward = found.forward

    def failing(chunks, *rest):
        if any(49 in chunk for chunk in chunks):
            raise RuntimeError("poisoned")
        return forward(chunks, *rest)

    monkeypatch.setattr(found, "forward", failing)
    good = [[i for i in prompt(seed, 20) if i != 49] for seed in range(6)]  # and 49 is not drawn for these
    poisoned = [5, 49, 5]
    requests = [found.submit(ids, GREEDY) for ids in [*good[:3], poisoned, *good[3:]]]
    with pytest.raises(RuntimeError, match="poisoned"):
        list(requests.pop(3))
    assert [list(request) for request in requests] == [reference(model, ids) for ids in good]


def test_F15_an_engine_that_dies_tells_all_and_starts_again(model, monkeypatch):
    found = Engine(model, [99], max_rows=2)
    with monkeypatch.context() as broken:
        broken.setattr(found, "_limit", lambda request: 1 / 0)
        requests = [found.submit(prompt(seed, 5), GREEDY) for seed in range(4)]
        for request in requests:
            with pytest.raises(ZeroDivisionError):
                list(request)
    assert run(found, [prompt(0, 5)]) == [reference(model, prompt(0, 5), stop=[99])]


def test_who_waits_hears_that_nothing_has_come(model, monkeypatch):
    found = Engine(model, [99])
    forward = found.forward
    monkeypatch.setattr(found, "forward", lambda *args: time.sleep(0.1) or forward(*args))
    heard = list(found.submit(prompt(0, 3), GREEDY | {"max_iterations": 3}).beats(0.02))
    assert [i for ids in heard for i in ids] == reference(model, prompt(0, 3), 3, stop=[99])
    assert heard[0] == [] and 4 < heard.count([]) < 30


def test_who_reads_slowly_hears_many_ids_at_a_time_and_of_the_end_at_once(model, monkeypatch):
    found = Engine(model, [99])
    forward = found.forward
    monkeypatch.setattr(found, "forward", lambda *args: time.sleep(0.02) or forward(*args))
    start = time.monotonic()
    heard = list(found.submit(prompt(0, 3), GREEDY).beats(shortest=60))
    assert time.monotonic() - start < 10
    assert [len(ids) for ids in heard] == [1, 11] and [i for ids in heard for i in ids] == reference(
        model, prompt(0, 3), stop=[99]
    )


def test_a_pass_too_large_for_the_memory_is_done_row_by_row(model, monkeypatch):
    found = Engine(model, [2], max_rows=4)
    sample = found._sample

    def small(logits, rows):
        if len(rows) > 1:
            raise torch.OutOfMemoryError("no")
        return sample(logits, rows)

    monkeypatch.setattr(found, "_sample", small)
    prompts = [prompt(seed, 10) for seed in range(4)]
    assert run(found, prompts) == [reference(model, ids) for ids in prompts]


def test_no_room_for_more_rows_makes_the_rest_wait(model, monkeypatch):
    found = Engine(model, [2], max_rows=8)
    reserve = found.cache.reserve

    def small(rows, positions):
        if rows > 2:
            raise torch.OutOfMemoryError("no")
        reserve(rows, positions)

    monkeypatch.setattr(found.cache, "reserve", small)
    prompts = [prompt(seed, 10) for seed in range(8)]
    assert run(found, prompts) == [reference(model, ids) for ids in prompts]
    monkeypatch.setattr(found.cache, "reserve", lambda *_: (_ for _ in ()).throw(torch.OutOfMemoryError("no")))
    with pytest.raises(MemoryError, match="a prompt of 10 tokens, 0 drawn"):
        run(found, prompts[:1])


def test_rows_are_as_many_as_leave_room_to_use_them(model, monkeypatch):
    found = Engine(model, [2], max_rows=8)
    run(found, [prompt(0, 10)])
    row = sum(layer.nbytes for layer in found.cache.layers)
    monkeypatch.setattr(kv_cache, "free_bytes", lambda device: kv_cache.SPARE_BYTES + 2 * row)  # two more each time
    prompts = [prompt(seed, 10) for seed in range(8)]
    assert run(found, prompts) == [reference(model, ids) for ids in prompts]
    assert found.cache.rows == found.max_rows == 4


def test_rows_draw_what_they_draw_alone(model):
    found = Engine(model, [2], max_rows=8)
    settings = [
        {"temperature": 1.3, "seed": 1},
        {"temperature": 0.9, "top_k": 5, "seed": 2},
        {"temperature": 0},
        {"temperature": 2.0, "top_p": 1.0, "repetition_penalty": 1.5, "seed": 1},
    ]
    prompts = [prompt(seed, 5 + seed) for seed in range(4)]
    together = [found.submit(ids, GREEDY | own) for ids, own in zip(prompts, settings, strict=True)]
    together = [list(request) for request in together]
    alone = [list(found.submit(ids, GREEDY | own)) for ids, own in zip(prompts, settings, strict=True)]
    assert together == alone


def test_the_repetition_penalty_knows_what_its_own_row_has_read_and_drawn(model):
    penalised = {"repetition_penalty": 3.0, "max_iterations": 20}
    found = Engine(model, [99], max_rows=2)
    prompts = [prompt(0, 4), prompt(0, 4) + prompt(1, 20), prompt(2, 9)]
    for _ in range(2):  # the second time rows were others' before
        for ids, drawn in zip(prompts, run(found, prompts, **penalised), strict=True):
            expected = model.generate(
                torch.tensor([ids]), max_new_tokens=20, do_sample=False, repetition_penalty=3.0, eos_token_id=99
            )
            assert drawn == expected[0, len(ids) :].tolist()


def test_many_threads_ask_at_once(model):
    found, wrong = Engine(model, [2], max_rows=4), []

    def ask(seed):
        for length in (3, 14):
            ids = prompt(seed, length)
            if list(found.submit(ids, GREEDY)) != reference(model, ids):
                wrong.append(seed)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_system_without_threads_costs_one_request(model, monkeypatch):
    def no_thread(thread):
        raise RuntimeError("can't start new thread")

    found = Engine(model, [2])
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(RuntimeError):
            found.submit(prompt(0, 5), GREEDY)
    assert found._thread is None and not found._waiting
    assert run(found, [prompt(1, 5)]) == [reference(model, prompt(1, 5))]


def test_rows_are_one_or_more(model):
    with pytest.raises(ValueError, match="at least one request at a time must run, got 0"):
        Engine(model, [2], max_rows=0)


def test_the_thread_ends_when_idle_and_starts_again(model, monkeypatch):
    monkeypatch.setattr(engine, "IDLE_SECONDS", 0.05)
    found = Engine(model, [2], max_rows=2)
    drawn = run(found, [prompt(0, 4)])
    if (thread := found._thread) is not None:
        thread.join(10)
        assert not thread.is_alive()
    assert run(found, [prompt(0, 4)]) == drawn


def test_F15_a_pass_that_hangs_is_noticed(model, monkeypatch):
    found, go = Engine(model, [2]), threading.Event()
    forward = found.forward
    monkeypatch.setattr(found, "forward", lambda *args: go.wait(10) and forward(*args))
    assert found.stuck_seconds == 0
    request = found.submit(prompt(0, 3), GREEDY)
    time.sleep(0.2)
    assert 0.2 <= found.stuck_seconds < 5
    go.set()
    list(request)
    assert found.stuck_seconds < 0.2


@given(st.lists(st.integers(0, 2)), st.lists(st.integers(0, 2)))
def test_common_prefix(a, b):
    n = common_prefix(a, b)
    assert a[:n] == b[:n] and (n == min(len(a), len(b)) or a[n] != b[n])


# --- keys and values of 8 bits ----------------------------------------------------------------------------------------


def test_int8_keys_and_values_are_off_by_half_a_step_of_their_own_scale():
    torch.manual_seed(0)
    cache = KVCache(1, bits=8)
    cache.reserve(3, 10)
    x = torch.randn(2, 2, 4, 6, 8) * torch.logspace(-3, 3, 6)[:, None]  # key or value, row, head, position, number
    x[0, 0, 0, 2] = 0
    rows, positions = torch.tensor([0, 2]), torch.arange(6).expand(2, 6)
    kept = torch.stack(CacheView(cache, [0, 2], rows, positions, 6).update(*x, 0))
    assert kept.shape == x.shape and cache.layers[0].dtype == torch.int8
    assert ((kept - x).abs() <= x.abs().amax(-1, keepdim=True) / 127 * 0.5001).all()
    held = sum(tensor.nbytes for tensor in (*cache.layers, *cache.scales))
    assert held == 2 * 3 * 4 * 10 * (8 + 4)
    cache.copy(2, 1, 6)
    cache.reserve(4, 12)
    new = torch.ones(1, 4, 1, 8)
    again = torch.stack(CacheView(cache, [1], torch.tensor([1]), torch.full((1, 1), 6), 7).update(new, new, 0))
    assert torch.equal(again[:, 0, :, :6], kept[:, 1]) and torch.allclose(again[..., 6, :], torch.ones(()))


def test_int8_rows_shared_copied_and_grown_draw_what_one_alone_draws(model, monkeypatch):
    monkeypatch.setattr(engine, "GROWTH", 16)
    beginning = prompt(0, 20)
    prompts = [beginning + prompt(seed, 1 + seed) for seed in range(1, 6)] + [beginning[:7] + prompt(9, 30)]
    alone = [run(Engine(model, [2], max_rows=1, kv_bits=8), [ids])[0] for ids in prompts]
    together = Engine(model, [2], max_rows=3, kv_bits=8)
    requests = [together.submit(ids, GREEDY) for ids in prompts]
    assert [list(request) for request in requests] == alone
    assert sum(request.cached for request in requests) >= 4 * 20
    assert {layer.dtype for layer in together.cache.layers} == {torch.int8}


def test_only_8_and_16_bits_are_keys_and_values(model):
    with pytest.raises(ValueError, match="4 bits: allowed are 8, and 16"):
        Engine(model, [2], kv_bits=4)

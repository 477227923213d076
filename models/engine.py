"""The engine: token ids in, token ids out, for any number of callers that share every forward pass.

    engine = Engine(model, stop_ids=[106068])
    for token_id in engine.submit([2061, 318], DEFAULT_PARAS): ...

Each round of the loop, in `Engine._round`: requests that wait are admitted to free rows of the cache; one row that has
many ids to read reads its next chunk (prefill); of all others one id each is read in one pass (step); from the logits
of a row's last id its next id is drawn (sample) and handed to its caller; rows that have stopped become free (stop). So
a row that ends makes room for the next request at once, and a long prompt holds up the others by a chunk.

On a GPU a step is a CUDA graph (step_graph.py), and the next one is launched before the ids of the last have come: it
reads them where they were drawn. On a CPU prefill and step are one pass, since the products of a step alone do not fill
the processor; it takes as long as reading keys and values, so of each row it reads what the row knows and no more,
and what all rows have in common once (`CacheView.attention`).

Where a model is split over processes (tensor_parallel.py), one engine decides, and what it does to the cache and the
model, the methods under `on_all_ranks`, is done by the engines of all.

A row keeps its keys and values when it is free. A request goes to the free row that shares its beginning, as the next
turn of a chat does, or has the beginning copied from any row that shares it, as the meta instruction of all prompts.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from .kv_cache import CacheView, KVCache, spans_of
from .modeling_moss import MossForCausalLM, rotary_angles
from .quantization import QuantLinear, runs_kernels
from .request import Request
from .sampling import Sampler
from .step_graph import Flight, StepGraph, can_capture, weights_of
from .tensor_parallel import on_all_ranks

PREFILL_CHUNK = 512  # ids read in one pass at most, while the other rows wait
LONE_CHUNK = 2048  # the same on a GPU where none waits
LEAST_SHARED = 256  # positions that need not be read; for fewer, two calls more would take longer
MULTIPLE = 16  # of ids is what a CPU reads: for each other number torch's products in 16 bits make, and keep, a program
WORTH_WAITING = 16  # ids that another row is reading, and then can be copied
GROWTH = 256  # positions by which the cache grows
IDLE_SECONDS = 0.2  # that the thread waits for more requests before it ends; the program's end waits for it, too


class Row:
    """A row of the cache. known: the ids whose keys and values it holds; request: who uses it, if anybody."""

    def __init__(self, number: int):
        self.number = number
        self.known: list[int] = []
        self.request: Request | None = None
        self.last_used = 0.0

    @property
    def unread(self) -> int:
        """How many ids of the request are still to be read; the last one gives the logits of the next."""
        return len(self.request.ids) - len(self.known)


class Engine:
    """Generates for a model that is on its device and in eval mode, max_rows requests at a time; the others wait.

    stop_ids: the ids after which a row ends. kv_bits: 8 keeps keys and values in half of the memory, see KVCache. The
    work is done by a thread that starts with the first request and ends when none is left. Where there are kernels, the
    model's weights are laid out for them at once; they stay what they are to `state_dict` and to training.

    Raises ValueError where max_rows is less than 1.
    """

    def __init__(self, model: MossForCausalLM, stop_ids: Sequence[int], max_rows: int = 16, kv_bits: int = 16):
        if max_rows < 1:
            raise ValueError(f"at least one request at a time must run, got {max_rows} (max_batch_size)")
        self.model = model
        self.ranks = model.ranks
        self.stop_ids = list(stop_ids)
        self.max_rows = max_rows
        self.rows: list[Row] = []
        self.cache = KVCache(model.config.n_layer, kv_bits)
        self.sampler: Sampler | None = None  # of as many rows, made with the first logits
        self.rotary: tuple[torch.Tensor, torch.Tensor] | None = None  # of all positions
        self._graphs: dict[int, StepGraph | None] = {}  # by the number of rows; None where it has run but once
        self._weights: list[int] | None = None  # where the weights were at the capture; None where none is possible
        self._flying: Flight | None = None
        self._waiting: deque[Request] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._looked_up = 0.0
        if model.config._attn_implementation not in ("sdpa", "eager"):  # others know no mask of a shape of its own
            model.set_attn_implementation("sdpa")
        if self.ranks is not None:
            self.ranks.serve(self)
        self._lay_out()

    def submit(
        self,
        ids: Sequence[int],
        paras: Mapping[str, Any],
        max_time: float | None = None,
        first: bool = False,
    ) -> Request:
        """Starts a request: ids is the prompt, one or more; paras as in DEFAULT_PARAS, checked, with one seed.

        It ends after a stop id, after paras["max_iterations"] ids, where the context is full, or after max_time seconds
        from the moment that it is admitted. first: ahead of those that wait.
        """
        request = Request(ids, paras, max_time)
        with self._changed:
            (self._waiting.appendleft if first else self._waiting.append)(request)
            if self._thread is None:
                self._looked_up = time.monotonic()
                self._thread = threading.Thread(target=self._run, name="moss-engine")
                try:
                    self._thread.start()
                except RuntimeError:  # the system gives no more threads; the next request tries again
                    self._thread = None
                    self._waiting.remove(request)
                    raise
            self._changed.notify()
        return request

    def forget(self) -> None:
        """The next requests find nothing in the cache. For when none is running."""
        for row in self.rows:
            row.known = []

    @property
    def stuck_seconds(self) -> float:
        """How long the pass takes that is running; 0 where nothing is to be done."""
        return time.monotonic() - self._looked_up if self._thread else 0.0

    # --- the loop ---------------------------------------------------------------------------------------------------

    @torch.inference_mode()
    def _run(self) -> None:
        try:
            self._check_graphs()
        except Exception as error:
            self._fail(error)
            return
        while True:
            self._looked_up = time.monotonic()
            with self._changed:
                if not self._waiting and not self._busy():
                    self._changed.wait(IDLE_SECONDS)
                if not self._waiting and not self._busy():
                    self._thread = None
                    return
            try:
                if not threading.main_thread().is_alive():
                    raise RuntimeError("the program is ending")
                self._round()
            except Exception as error:  # none of a single pass, see `_pass`
                self._fail(error)
                return

    def _round(self) -> None:
        flown, self._flying = self._flying, None
        if flown:
            if self._may_go_on(flown):
                self._flying = self._launch(flown.rows, again=True)
            self._collect(flown)
            if self._flying:
                return
        self._admit()
        for row in self._busy():
            if reason := self._limit(row.request):
                self._end(row, reason)
        reading, stepping = self._reading_and_stepping()
        if self._mixes:
            if reading or stepping:
                self._pass(self._busy(), max(1, PREFILL_CHUNK // max(1, len(reading))))
            return
        if reading:
            alone = self.model.device.type == "cuda" and not stepping
            self._pass(reading[:1], max(LONE_CHUNK, PREFILL_CHUNK) if alone else PREFILL_CHUNK)
        if stepping:
            if self._has_graph(stepping):
                self._flying = self._launch(stepping)
            else:
                self._pass(stepping, 1)

    def _reading_and_stepping(self) -> tuple[list[Row], list[Row]]:
        """The rows that are to read many ids, and those that read one in the next step.

        Beside many rows that step, a row reads a few ids, such as the header of the next part, one by one: a pass for
        them alone would hold up all the others.
        """
        busy = self._busy()
        few = 1 if self._mixes else max(1, sum(row.unread == 1 for row in busy))
        return [row for row in busy if row.unread > few], [row for row in busy if row.unread <= few]

    def _fail(self, error: Exception) -> None:
        """Tells all who run or wait, and forgets all rows; the next request starts a thread again."""
        with self._changed:
            told = [row.request for row in self._busy()] + list(self._waiting)
            with contextlib.suppress(ConnectionError):  # it may be what has failed
                self._reset()
            self._flying = self._thread = None
            self._waiting.clear()
        for request in told:
            request.end(error)

    @on_all_ranks
    def _reset(self) -> None:
        self.rows, self.cache, self.sampler = [], KVCache(self.model.config.n_layer, self.cache.bits), None
        self._graphs = {}

    def _busy(self) -> list[Row]:
        return [row for row in self.rows if row.request is not None]

    def _limit(self, request: Request, flying: int = 0) -> str | None:
        """Why a request is to end before another id is drawn, besides those that are on their way."""
        if request.cancelled:
            return "cancelled"
        longest = min(request.paras["max_iterations"], self.model.config.n_positions - request.n_prompt)
        if request.n_drawn + flying >= longest:
            return "length"
        if request.n_drawn and request.max_time is not None and time.monotonic() >= request.started + request.max_time:
            return "time"
        return None

    def _end(self, row: Row, outcome: str | Exception) -> None:
        request, row.request, row.last_used = row.request, None, time.monotonic()
        request.seconds = row.last_used - request.started
        if isinstance(outcome, Exception):
            row.known = []  # its layers may hold different lengths
        request.end(outcome)

    # --- admission --------------------------------------------------------------------------------------------------

    def _admit(self) -> None:
        """Gives waiting requests rows, in their order, while there are any."""
        while self._waiting and not self._waits_for_reading(self._waiting[0]):
            request = self._waiting[0]
            try:
                if not request.cancelled:
                    row = self._row_for(request)
                    if row is None:
                        return
                    row.request, request.started, request.cached = request, time.monotonic(), len(row.known)
                else:
                    request.end("cancelled")
            except torch.OutOfMemoryError as error:
                if busy := self._busy():  # there will be room when one of them has ended
                    self.max_rows = len(busy)
                    return
                request.end(error)
            self._waiting.remove(request)  # others may have gone ahead of it

    def _waits_for_reading(self, request: Request) -> bool:
        """Whether a prompt is being read that has to be first: it begins alike, so that this one then finds it read.

        Where prompts are read one by one, it is any.
        """
        reading = self._reading_and_stepping()[0]
        if not reading or not self._mixes or len(self._busy()) >= self.max_rows:
            return bool(reading)
        found = max(common_prefix(row.known, request.ids) for row in self.rows)
        return any(common_prefix(row.request.ids, request.ids) >= found + WORTH_WAITING for row in reading)

    def _row_for(self, request: Request) -> Row | None:
        """A free row that knows as much of the prompt as any row does; None where none is free.

        Of the free rows it is the one that loses the fewest ids.
        """
        free = [row for row in self.rows if row.request is None]
        if len(self._busy()) >= self.max_rows:
            return None
        n_positions = self.model.config.n_positions
        longest = min(n_positions, request.n_prompt + request.paras["max_iterations"])
        n_rows = len(self.rows) if free else min(self.max_rows, 2 * len(self.rows) or 1)
        positions = min(n_positions, -(-longest // GROWTH) * GROWTH)
        if self._weights is not None:  # what graphs use stays where it is
            positions = n_positions
        if not self._make_room(n_rows, positions):
            raise torch.OutOfMemoryError(f"no room for {n_rows} rows of {positions} positions")
        free = [row for row in self.rows if row.request is None]

        ids = request.ids[:-1]  # one is left to go on from
        shared = {row: common_prefix(row.known, ids) for row in self.rows}
        row = min(free, key=lambda row: (len(row.known) - shared[row], row.last_used))
        best = max(self.rows, key=shared.get)
        if shared[best] > shared[row]:
            self._copy(best.number, row.number, shared[best])
        row.known = ids[: shared[best]]
        return row

    @on_all_ranks
    def _make_room(self, n_rows: int, positions: int) -> bool:
        """Whether there is room for so many rows of so many positions; then there are so many rows."""
        if n_rows > len(self.rows) or positions > self.cache.positions:
            self._graphs.clear()
        try:
            self.cache.reserve(n_rows, positions)
            if self.sampler:
                self.sampler.grow(n_rows)
            fits = True
        except torch.OutOfMemoryError:
            fits = False
        if self.ranks is not None:
            fits = self.ranks.agree(fits)
        if fits:
            self.rows += [Row(number) for number in range(len(self.rows), n_rows)]
        return fits

    @on_all_ranks
    def _copy(self, source: int, target: int, positions: int) -> None:
        self.cache.copy(source, target, positions)

    # --- prefill and step -------------------------------------------------------------------------------------------

    def _pass(self, rows: list[Row], most: int) -> None:
        """Reads up to `most` ids of each row, and draws for the rows of which the last was read."""
        n_known = [len(row.known) for row in rows]
        try:
            chunks = [row.request.ids[n : n + most] for row, n in zip(rows, n_known, strict=True)]
            last = [i for i, row in enumerate(rows) if row.unread <= most]
            logits = self._read(chunks, n_known, [row.number for row in rows], last)
            for row, chunk in zip(rows, chunks, strict=True):
                row.known += chunk
            ids = self._sample(logits, [rows[i] for i in last]) if last else []
        except Exception as error:
            if self.ranks is not None:  # the others may have stopped elsewhere
                raise
            if len(rows) == 1:
                self._end(rows[0], error)
            else:  # one of them may be at fault, or all too many: each by itself
                for row, n in zip(rows, n_known, strict=True):
                    del row.known[n:]
                    self._pass([row], most)
            return
        for i, token_id in zip(last, ids, strict=True):
            self._hand_out(rows[i], token_id)

    @on_all_ranks
    def _read(
        self, chunks: list[list[int]], starts: list[int], rows: list[int], last: list[int]
    ) -> torch.Tensor | None:
        """`forward`, and the logits of those whose index is in last, (len(last), V)."""
        hidden = self.forward(chunks, starts, rows)
        return self.model.logits_of(hidden[last]) if last else None

    def _hand_out(self, row: Row, token_id: int) -> None:
        request = row.request
        request.ids.append(token_id)
        request.answers.put(token_id)
        if token_id in self.stop_ids:
            self._end(row, "stop")

    def forward(self, chunks: list[list[int]], starts: list[int], rows: list[int]) -> torch.Tensor:
        """Reads chunks, B lists of ids, behind the starts[b] ids that row rows[b] of the cache knows.

        They are of one length T where the engine does not mix.

        Returns what the output layer is given for the last id of each, (B, E).
        """
        length = max(start + len(chunk) for start, chunk in zip(starts, chunks, strict=True))
        numbers, spans, shared = rows, None, 0
        if self._mixes:
            spans, shared = spans_of(chunks, starts, rows), self._shared(rows)
            numbers = [row for row, chunk in zip(rows, chunks, strict=True) for _ in chunk]
            more = -len(numbers) % MULTIPLE if len(numbers) > MULTIPLE else 0
            starts = [start + i for start, chunk in zip(starts, chunks, strict=True) for i in range(len(chunk))]
            starts += more * [0]
            chunks = [[token_id] for chunk in chunks for token_id in chunk] + more * [[0]]
        T = len(chunks[0])
        wte = self.model.transformer.wte
        # meta: accelerate brings the weights
        ids = torch.tensor(chunks).to("cpu" if wte.weight.device.type == "meta" else wte.weight.device)
        hidden = wte(ids)
        device, dtype = hidden.device, hidden.dtype
        positions = torch.tensor(starts).to(device)[:, None] + torch.arange(T, device=device)  # (B, T)
        mask = None  # where the rows are of one length and read one id, or read from the start: sdpa is causal itself
        eager = self.model.config._attn_implementation == "eager"
        if spans is None and (len(set(starts)) > 1 or (T > 1 and (starts[0] or eager))):
            unseen = torch.arange(length, device=device) > positions[:, None, :, None]  # (B, 1, T, length)
            mask = torch.zeros(unseen.shape, dtype=dtype, device=device).masked_fill(unseen, torch.finfo(dtype).min)
        view = CacheView(self.cache, rows, torch.tensor(numbers).to(device), positions, length, spans, shared)
        hidden = self.read(hidden, mask, view)
        return hidden if spans is None else hidden[[span.last - 1 for span in spans]]

    @property
    def _mixes(self) -> bool:
        """Whether rows read as many ids in a pass as they like, by CacheView.attention: on a CPU."""
        if self.cache.bits == 8 or self.model.config._attn_implementation == "eager":
            return False
        layers = self.cache.layers
        return all(x is not None and x.device.type == "cpu" and not runs_kernels(x) for x in layers)

    def _shared(self, rows: list[int]) -> int:
        """How many positions that all these rows have in common are to be read once."""
        known = [row.known for row in self.rows if row.number in rows]
        shared = common_prefix(min(known), max(known)) if known else 0  # the first and the last in their order
        return shared if shared * (len(rows) - 1) >= LEAST_SHARED else 0

    def read(self, hidden: torch.Tensor, mask: torch.Tensor | None, view: CacheView) -> torch.Tensor:
        """Embeddings (B, T, E), at the positions of the view, through all blocks; returns the last of each (B, E)."""
        model = self.model.transformer
        if self.rotary is None:
            positions = torch.arange(self.model.config.n_positions, device=hidden.device)[None]
            self.rotary = tuple(x[0] for x in rotary_angles(positions, self.model.config.rotary_dim))
        rotary = tuple(x[view.positions] for x in self.rotary)
        for block in model.h:
            hidden = block(hidden, rotary=rotary, attention_mask=mask, past_key_values=view)
        return model.ln_f(hidden[:, -1])

    # --- sample -----------------------------------------------------------------------------------------------------

    def _sample(self, logits: torch.Tensor, rows: list[Row]) -> list[int]:
        """The next id of each row, from its logits (B, V)."""
        config = self.model.config
        if self.sampler is None:
            self.sampler = Sampler(
                len(self.rows), config.n_positions, logits.shape[-1], self.stop_ids, logits.device
            )  # fmt: skip
        for row in rows:
            if not row.request.n_drawn:
                self.sampler.begin(row.number, row.request.ids, row.request.paras, row.request.uniform)
        return self.sampler.draw(logits, torch.tensor([row.number for row in rows]).to(logits.device)).tolist()

    # --- steps as graphs --------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        """Block by block, and what that leaves is given back: the peak is the model and a block."""
        for block in self.model.transformer.h:
            if block.lay_out() and self.model.device.type == "cuda":
                torch.cuda.empty_cache()
        head, like = self.model.lm_head, self.model.transformer.ln_f.weight.detach()[None]
        if isinstance(head, QuantLinear) and not like.is_meta:
            head.weight_for(like)
            if self.model.device.type == "cuda":
                torch.cuda.empty_cache()

    def _check_graphs(self) -> None:
        """Forgets the graphs where the weights are no longer where they were captured, as when they have been saved."""
        if self._places() != self._weights:
            self._lay_out()
            self._graphs.clear()
            self._weights = self._places()

    def _places(self) -> list[int] | None:
        """Where the weights are; None where nothing can be captured."""
        return [weight.data_ptr() for weight in weights_of(self.model)] if can_capture(self.model) else None

    def _has_graph(self, rows: list[Row]) -> bool:
        """Whether such a step is a graph; it runs without where it is a row's first, or the first, to compile."""
        B = len(rows)
        if self._weights is None or any(row.unread > 1 or not row.request.n_drawn for row in rows):
            return False
        if B not in self._graphs:
            self._graphs[B] = None
            return False
        if self._graphs[B] is None:
            self._capture(B)
        self._weights = [weight.data_ptr() for weight in self._graphs[B].weights]  # the first pass lays them out anew
        return True

    @on_all_ranks
    def _capture(self, B: int) -> None:
        self._graphs[B] = StepGraph(self, B)

    def _launch(self, rows: list[Row], again: bool = False) -> Flight:
        """Starts a step of rows. again: the last that ran was a step of the same rows; it reads what they drew."""
        values = [[row.request.ids[-1] for row in rows], [len(row.known) for row in rows], [r.number for r in rows]]
        return Flight(rows, [row.request for row in rows], *self._replay(len(rows), None if again else values))

    @on_all_ranks
    def _replay(self, B: int, values: list[list[int]] | None) -> tuple[torch.Tensor, torch.cuda.Event]:
        return self._graphs[B].launch(values)

    def _may_go_on(self, flown: Flight) -> bool:
        """Whether the same rows can step again before the ids that they have drawn are known."""
        if self._waiting and len(self._busy()) < self.max_rows:
            return False
        return all(
            row.request is request and self._limit(request, flying=1) is None
            for row, request in zip(flown.rows, flown.requests, strict=True)
        )

    def _collect(self, flown: Flight) -> None:
        """Hands out what a step has drawn; of a row that ended while it was on its way, nothing."""
        for row, request, token_id in zip(flown.rows, flown.requests, flown.ids(), strict=True):
            if row.request is request:
                row.known.append(request.ids[-1])
                self._hand_out(row, token_id)


def common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    """How many ids both begin with."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))

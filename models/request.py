"""What a caller of the engine waits on."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from queue import Empty, SimpleQueue

import torch


class Request:
    """What a caller waits on: an iterator over the ids drawn, the stop id included, which raises what went wrong.

    reason: why it ended: "stop", "length", "time" or "cancelled"; None before the end. cached: how many ids of the
    prompt were found in the cache. seconds: how long it was generated for.
    """

    def __init__(self, ids: Sequence[int], paras: Mapping, max_time: float | None = None):
        self.ids = list(ids)
        self.n_prompt = len(self.ids)
        self.paras = paras
        self.max_time = max_time
        seed = paras["seed"]
        generator = None if seed is None else torch.Generator().manual_seed(int(seed))
        self.uniform = torch.rand(paras["max_iterations"], generator=generator)
        self.answers = SimpleQueue()  # its ids, then None or an exception
        self.ended = threading.Event()
        self.cancelled = False
        self.reason: str | None = None
        self.cached = 0
        self.started = self.seconds = 0.0

    @property
    def n_drawn(self) -> int:
        return len(self.ids) - self.n_prompt

    def cancel(self) -> None:
        """Gives the row free after the pass that is running; nothing happens where the request has ended."""
        self.cancelled = True

    def end(self, outcome: str | Exception) -> None:
        """Tells the caller: the reason, or what went wrong."""
        if isinstance(outcome, torch.OutOfMemoryError):
            outcome = MemoryError(
                f"the memory is full: a prompt of {self.n_prompt} tokens, {self.n_drawn} drawn. Shorten it, lower "
                "max_iterations, or generate fewer replies at a time (max_batch_size)"
            )
        failed = isinstance(outcome, Exception)
        self.reason = None if failed else outcome
        self.answers.put(outcome if failed else None)
        self.ended.set()

    def __iter__(self) -> Iterator[int]:
        return (token_id for ids in self.beats() for token_id in ids)

    def beats(self, longest: float | None = None, shortest: float = 0) -> Iterator[list[int]]:
        """The same, some ids at a time: those that have come since, but for the end not sooner than `shortest` seconds
        after the last time; none of them after `longest` seconds, so that who waits in line can leave.

        A thread that is woken for every id of every request takes more time from the engine than it is given.
        """
        while True:
            try:
                came = [self.answers.get(timeout=longest)]
                while not self.answers.empty():
                    came.append(self.answers.get())
            except Empty:
                came = []
            ids = [answer for answer in came if isinstance(answer, int)]
            if ids or not came:
                yield ids
            if len(ids) < len(came):
                if came[-1] is not None:
                    raise came[-1]
                return
            if shortest:  # Ctrl-C in the midst of such a wait can leave its lock taken, and the engine waits for that
                self.ended.wait(shortest)

"""A step of decoding as a CUDA graph: all its kernels, the drawing of the ids among them, are launched as one.

The ids drawn are what the next step reads, and stay on the GPU; a copy of them goes to the host, which looks at it
while the next step runs. So between two steps the GPU waits for nothing.
"""

from typing import TYPE_CHECKING, NamedTuple

import torch

from .kv_cache import CacheView
from .modeling_moss import MossForCausalLM
from .quantization import QuantLinear, find_layers, has_kernels, is_watched
from .tiled_weight import TiledWeight

if TYPE_CHECKING:
    from .engine import Engine, Row
    from .request import Request


class Flight(NamedTuple):
    """A step that was launched: the ids that it draws for rows are on their way to the host."""

    rows: list["Row"]
    requests: list["Request"]
    drawn: torch.Tensor
    done: torch.cuda.Event

    def ids(self) -> list[int]:
        """The ids, once they are there."""
        self.done.synchronize()
        return self.drawn.tolist()


class StepGraph:
    """A step of B rows of an engine. Such a step must have run before, so that nothing is left to compile or tune.

    Captured are addresses: the engine's cache and sampler and the model's weights have to stay where they are.
    """

    def __init__(self, engine: "Engine", B: int):
        model = engine.model
        self.inputs = torch.zeros(3, B, dtype=torch.int64, device=model.device)  # ids, positions, rows
        self.drawn = [torch.empty(B, dtype=torch.int64, pin_memory=True) for _ in range(2)]  # in turn
        self.weights = weights_of(model)  # held, so that their memory is not given to others
        self.graph = torch.cuda.CUDAGraph()
        ids, positions, rows = self.inputs
        # They run one after the other and leave nothing but what is in `inputs`, so they share their memory.
        pool = next((other.graph.pool() for other in engine._graphs.values() if other), None)
        with torch.cuda.graph(self.graph, pool, capture_error_mode="thread_local"):
            view = CacheView(engine.cache, [], rows, positions[:, None], 0)
            hidden = engine.read(model.transformer.wte(ids[:, None]), None, view)
            logits = model.logits_of(hidden)
            if engine.sampler:  # where the model is split, one process draws
                ids.copy_(engine.sampler.draw(logits, rows))
            if engine.ranks is not None:
                engine.ranks.share(ids)
            positions.add_(1)

    def launch(self, values: list[list[int]] | None) -> tuple[torch.Tensor, torch.cuda.Event]:
        """Starts a step of ids, positions and rows; None: those that the last step leaves, which was of this graph.

        Returns where the ids come to, and when they are there.
        """
        if values is not None:
            self.inputs.copy_(torch.tensor(values))
        self.graph.replay()
        drawn, done = self.drawn[0], torch.cuda.Event()
        self.drawn.reverse()
        drawn.copy_(self.inputs[0], non_blocking=True)
        done.record()
        return drawn, done


def can_capture(model: MossForCausalLM) -> bool:
    """Whether the steps of a model are kernels on one GPU alone, with nothing for the host to do in between."""
    devices = {tensor.device for tensor in (*model.parameters(), *model.buffers())}
    return (
        len(devices) == 1
        and model.device.type == "cuda"
        and has_kernels(model.device)
        and model.dtype in (torch.float16, torch.bfloat16)
        and all(block.can_read() for block in model.transformer.h)
        and not any(is_watched(module) for module in model.modules())
    )


def weights_of(model: MossForCausalLM) -> list[torch.Tensor]:
    """All tensors that a forward pass reads, of quantised layers those of the layout that they have now."""
    found = [tensor.detach() for tensor in (*model.parameters(), *model.buffers())]
    for layer in find_layers(model, (QuantLinear,)).values():
        for weight in (layer.runtime, getattr(layer.runtime, "joint", None)):
            if isinstance(weight, TiledWeight):
                found += [value for value in vars(weight).values() if isinstance(value, torch.Tensor)]
    return found

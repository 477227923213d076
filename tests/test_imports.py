"""Importing any module loads nothing, patches nothing, prints nothing and leaves torch's defaults as they were."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMPORT = """
import importlib, random, sys
import torch
import transformers  # whose own imports may draw random numbers
from torch import nn

def defaults():
    cuda = torch.backends.cuda.matmul
    return torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads(), cuda.allow_tf32

initialisers = {name: value for name, value in vars(torch.nn.init).items() if callable(value)}
methods = [(c, c.reset_parameters) for c in (nn.Linear, nn.Embedding, nn.LayerNorm)]
before = defaults()
rng, python_rng = torch.get_rng_state(), random.getstate()

for name in sys.argv[1:]:
    importlib.import_module(name)
assert torch.equal(torch.get_rng_state(), rng), "random state"
assert random.getstate() == python_rng, "random state of Python"

from models import quantization

tree = nn.Sequential(nn.Linear(64, 64), nn.Linear(64, 64))
rng = torch.get_rng_state()
quantization.make_quant(tree, ["0"], 4, 32)
quantization.QuantLinear(4, 32, 64, 64, True)(torch.zeros(1, 64))
assert torch.equal(torch.get_rng_state(), rng), "random state"
assert all(vars(torch.nn.init)[name] is value for name, value in initialisers.items()), "initialisers"
assert all(c.reset_parameters is method for c, method in methods), "reset_parameters"
assert defaults() == before, "defaults"
assert not torch.cuda.is_initialized(), "CUDA"
weight = nn.Linear(512, 512).weight
assert 0.02 < weight.std() < 0.03, "nn.Linear is no longer initialised"
"""


def test_importing_leaves_everything_as_it_was(forks, tmp_path):
    files = [path for pattern in ("*.py", "models/*.py", "plugins/*.py") for path in sorted(ROOT.glob(pattern))]
    if importlib.util.find_spec("triton") is None:
        files = [path for path in files if "\n@triton.jit" not in path.read_text("utf-8")]
    names = [path.relative_to(ROOT).with_suffix("").as_posix() for path in files]
    modules = [name.removesuffix("/__init__").replace("/", ".") for name in names]
    done = forks.run(["-c", IMPORT, *modules], ROOT, tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "models" not in done.stderr

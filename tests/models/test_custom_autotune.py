"""models/custom_autotune.py: what is measured, when, and what a second process finds; device and clock are fakes.

python -m pytest tests/models/test_custom_autotune.py
"""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from models import custom_autotune
from models.custom_autotune import autotune, matmul248_kernel_config_pruner, next_power_of_two

MODELS = Path(__file__).resolve().parents[2] / "models"
# The module alone: the package around it takes seconds to import.
PATH = {"PYTHONPATH": os.pathsep.join([str(MODELS), os.environ.get("PYTHONPATH", "")])}


def test_module_imports_without_triton_and_says_so_on_use():
    code = (
        "import sys; sys.modules['triton'] = None\n"
        "from custom_autotune import Autotuner, autotune\n"
        "try:\n    autotune([], ['M'])(lambda M: None)\n"
        "except ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | PATH, capture_output=True, text=True)
    assert "autotune needs triton, which is not installed" in done.stdout, done.stderr


def test_next_power_of_two():
    assert [next_power_of_two(m) for m in (0, 1, 2, 3, 16, 17, 32, 33)] == [1, 1, 2, 4, 16, 32, 32, 64]


triton = pytest.importorskip("triton")
from triton.compiler.errors import CompilationError  # noqa: E402
from triton.runtime.errors import OutOfResources  # noqa: E402
from triton.runtime.jit import JITFunction  # noqa: E402


def scale_kernel(x_ptr, M, N, K, bits, BLOCK_SIZE_M, BLOCK_SIZE_N):
    pass


def edited():
    def scale_kernel(x_ptr, M, N, K, bits, BLOCK_SIZE_M, BLOCK_SIZE_N):
        return None

    return scale_kernel


def config(m, n=32, **options):
    return triton.Config({"BLOCK_SIZE_M": m, "BLOCK_SIZE_N": n}, **options)


CONFIGS = [(16, 32), (32, 32), (64, 32), (128, 32)]
TIMES = {16: 4.0, 32: 3.0, 64: 1.0, 128: 2.0}  # milliseconds by BLOCK_SIZE_M; an exception is raised
GRID = (1,)


class Kernel(JITFunction):
    """A jit function with real source and hash that notes its launches instead of compiling."""

    def __init__(self, fn, times):
        super().__init__(fn)
        self.times, self.launches = times, []

    def run(self, *args, **kwargs):
        self.launches.append(kwargs)
        if isinstance(self.times[kwargs["BLOCK_SIZE_M"]], Exception):
            raise self.times[kwargs["BLOCK_SIZE_M"]]


class Machine:
    """Stands for the device: its name, its shared memory, its benchmark and whether a graph is being captured."""

    def __init__(self):
        self.index, self.name, self.memory, self.capturing, self.measured = 0, "H200 sm_90", 2**20, False, []
        self.active = SimpleNamespace(
            get_current_device=lambda: self.index,
            get_current_target=lambda: triton.backends.compiler.GPUTarget("cuda", 90, 32),
        )

    def tuner(self, kernel=scale_kernel, times=TIMES, configs=CONFIGS, **options):
        kernel = Kernel(kernel, times)

        def do_bench(call, quantiles):
            call()
            block = kernel.launches[-1]["BLOCK_SIZE_M"]
            self.measured.append(block)
            return [times[block]] * len(quantiles)

        configs = [config(*sizes) for sizes in configs]
        return autotune(configs, ["M", "N", "K", "bits"], do_bench=do_bench, **options)(kernel)

    def launch(self, tuner, M=5, N=64, K=64, bits=4, dtype=torch.float16):
        """Launches, and returns (BLOCK_SIZE_M of that launch, how many configs were measured for it)."""
        self.measured.clear()
        tuner[GRID](torch.zeros(1, dtype=dtype), M, N, K, bits=bits)
        return tuner.fn.launches[-1]["BLOCK_SIZE_M"], len(self.measured)


@pytest.fixture
def machine(monkeypatch, tmp_path):
    machine = Machine()
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(custom_autotune, "driver", machine)
    monkeypatch.setattr(custom_autotune, "describe_device", lambda index: (machine.name, machine.memory))
    monkeypatch.setattr(custom_autotune, "is_capturing", lambda: machine.capturing)
    custom_autotune.warn_once.cache_clear()
    return machine


def result_files(tmp_path):
    return list((tmp_path / "cache").rglob("*.moss-autotune.json"))


def test_fastest_config_is_launched_and_kept_in_memory(machine):
    tuner = machine.tuner()
    assert machine.launch(tuner) == (64, 4)
    assert machine.launch(tuner) == (64, 0)
    launch = tuner.fn.launches[-1]
    assert (launch["grid"], launch["num_warps"], launch["bits"]) == (GRID, 4, 4)
    assert tuner.nargs is None, "the tensors of the launch are held"


def test_second_process_never_measures(machine, tmp_path):
    machine.launch(machine.tuner())
    assert machine.launch(machine.tuner(times={16: 1, 32: 2, 64: 3, 128: 4})) == (64, 0)
    assert len(result_files(tmp_path)) == 1


def test_rows_share_a_config_up_to_the_next_power_of_two(machine):
    tuner = machine.tuner()
    assert [machine.launch(tuner, M=M)[1] for M in (17, 18, 32, 16, 33, 64, 1, 2)] == [4, 0, 0, 4, 4, 0, 4, 4]


@pytest.mark.parametrize("change", [{"N": 65}, {"K": 65}, {"bits": 8}, {"dtype": torch.bfloat16}], ids=str)
def test_anything_else_that_matters_is_measured_anew(machine, change):
    tuner = machine.tuner()
    machine.launch(tuner)
    assert machine.launch(tuner, **change)[1] == 4
    assert machine.launch(tuner, **change)[1] == 0


def test_devices_of_one_process_do_not_share_the_memory_key(machine):
    tuner = machine.tuner()
    machine.launch(tuner)
    machine.index, machine.name = 1, "H100 sm_90"
    assert machine.launch(tuner)[1] == 4
    machine.index, machine.name = 2, "H200 sm_90"
    assert machine.launch(tuner)[1] == 0, "a second H200 reads what the first one measured"


@pytest.mark.parametrize("what", ["device", "triton", "source", "configs", "environment"])
def test_results_of_another_device_or_version_are_not_used(machine, monkeypatch, what):
    machine.launch(machine.tuner())
    options = {}
    if what == "device":
        machine.name = "H100 sm_90"
    elif what == "triton":
        monkeypatch.setattr(custom_autotune, "triton_key", lambda: "4.0.0")
    elif what == "source":
        options = {"kernel": edited()}
    elif what == "configs":
        options = {"configs": CONFIGS[:3]}
    else:
        monkeypatch.setattr(custom_autotune, "get_cache_invalidating_env_vars", lambda: {"DISABLE_LLVM_OPT": "1"})
    assert machine.launch(machine.tuner(**options))[1] == len(options.get("configs", CONFIGS))


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: b"",
        lambda text: text[: len(text) // 2].encode(),
        lambda text: b"\xff\xfe\x00" * 9,
        lambda text: b"[1, 2]",
        lambda text: b"null",
        lambda text: json.dumps(json.loads(text) | {"best": {"BLOCK_SIZE_M": 7}}).encode(),
        lambda text: json.dumps(json.loads(text) | {"best": "BLOCK_SIZE_M: 7"}).encode(),
        lambda text: json.dumps({"best": json.loads(text)["best"]}).encode(),
        lambda text: text.replace("H200", "A100").encode(),
    ],
    ids=["empty", "cut", "binary", "list", "null", "type", "config", "no key", "foreign"],
)
def test_damaged_or_foreign_file_is_rebuilt_with_one_line(machine, tmp_path, caplog, damage):
    machine.launch(machine.tuner())
    (file,) = result_files(tmp_path)
    whole = file.read_text()
    file.write_bytes(damage(whole))
    assert machine.launch(machine.tuner()) == (64, 4)
    assert [record.getMessage().count("will be rebuilt") for record in caplog.records] == [1]
    assert file.read_text() == whole
    assert machine.launch(machine.tuner()) == (64, 0)


def test_folder_that_cannot_be_written_costs_one_line_and_no_launch(machine, monkeypatch, tmp_path, caplog):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path / "file" / "cache"))
    tuner = machine.tuner()
    assert machine.launch(tuner) == (64, 4)
    assert machine.launch(tuner, N=128) == (64, 4)
    assert machine.launch(tuner) == (64, 0)
    assert len(caplog.records) == 1 and "TRITON_CACHE_DIR" in caplog.text


def test_processes_that_measure_at_once_agree_afterwards(machine, monkeypatch, tmp_path):
    first, second = machine.tuner(), machine.tuner(times={16: 1, 32: 2, 64: 3, 128: 4})
    measure = second._measure

    def overtaken(*args):
        config = measure(*args)
        machine.launch(first)
        return config

    monkeypatch.setattr(second, "_measure", overtaken)
    assert machine.launch(second)[0] == 64
    (file,) = result_files(tmp_path)
    assert list(file.parent.iterdir()) == [file], "temporary files are left"


def test_configs_too_large_or_not_compiling_are_passed_over(machine):
    times = {
        16: OutOfResources(300_000, 232_448, "shared memory"),
        32: CompilationError("", None, "no"),
        64: RuntimeError("PassManager::run failed"),
        128: 2.0,
    }
    assert machine.launch(machine.tuner(times=times))[0] == 128


@pytest.mark.parametrize("error", [CompilationError("", None, "no"), OutOfResources(2, 1, "threads")], ids=str)
def test_kernel_of_which_no_config_runs_says_so_and_keeps_nothing(machine, tmp_path, error):
    tuner = machine.tuner(times=dict.fromkeys(TIMES, error))
    with pytest.raises(RuntimeError, match=r"None of the 4 configs of scale_kernel \(8, 64, 64, 4\) can run here"):
        machine.launch(tuner)
    assert not result_files(tmp_path)


def test_other_errors_of_a_launch_are_not_hidden(machine):
    with pytest.raises(RuntimeError, match="illegal memory access"):
        machine.launch(machine.tuner(times=TIMES | {32: RuntimeError("CUDA: an illegal memory access")}))


def test_too_little_memory_to_measure_still_launches(machine, tmp_path, caplog):
    times = dict(TIMES)
    tuner = machine.tuner(times=times)
    tuner._do_bench = lambda call, quantiles: (_ for _ in ()).throw(torch.OutOfMemoryError("CUDA out of memory"))
    assert machine.launch(tuner)[0] == 16
    assert "Too little free memory to tune scale_kernel" in caplog.text
    assert not result_files(tmp_path)


def test_nothing_is_measured_inside_a_graph_capture(machine):
    tuner = machine.tuner()
    machine.capturing = True
    assert machine.launch(tuner) == (16, 0)
    machine.capturing = False
    assert machine.launch(tuner) == (64, 4), "the stopgap of the capture is remembered"
    machine.capturing = True
    assert machine.launch(tuner) == (64, 0)
    assert machine.launch(machine.tuner()) == (64, 0), "a capture may read what was measured before"


def test_capture_takes_the_favourite_of_the_cost_model(machine):
    machine.capturing = True
    model = {"perf_model": lambda BLOCK_SIZE_M, M, **_: abs(BLOCK_SIZE_M - 32), "top_k": 2}
    assert machine.launch(machine.tuner(prune_configs_by=model)) == (32, 0)


def test_table_spares_the_benchmark(machine, tmp_path):
    table = {(8, 64, 64, 4): config(128), ("H100 sm_90", 8, 64, 64, 4): config(32)}
    assert machine.launch(machine.tuner(table=table)) == (128, 0)
    machine.name = "H100 sm_90"
    assert machine.launch(machine.tuner(table=table)) == (32, 0)
    assert not result_files(tmp_path)
    assert machine.launch(machine.tuner(table=table), M=9) == (64, 4)


def test_shared_memory_of_the_device_prunes_before_the_cost_model(machine):
    rules = {
        "shared_memory": lambda BLOCK_SIZE_M, BLOCK_SIZE_N, num_stages, **_: (
            BLOCK_SIZE_M * BLOCK_SIZE_N * num_stages * 2
        ),
        "perf_model": lambda BLOCK_SIZE_M, **_: -BLOCK_SIZE_M,
        "top_k": 2,
    }
    machine.memory = 64 * 32 * 3 * 2
    machine.launch(machine.tuner(prune_configs_by=rules))
    assert machine.measured == [64, 32]
    machine.memory = 1
    assert machine.launch(machine.tuner(prune_configs_by=rules)) == (16, 0), "the smallest stays if none fits"


@pytest.mark.parametrize("top_k, measured", [(0.5, 2), (0.1, 0), (3, 3)])
def test_cost_model_limits_what_is_measured(machine, top_k, measured):
    rules = {"perf_model": lambda BLOCK_SIZE_M, **_: BLOCK_SIZE_M, "top_k": top_k}
    assert machine.launch(machine.tuner(prune_configs_by=rules))[1] == measured  # one config left needs no clock


def test_pruner_clamps_tiles_to_the_matrix_and_drops_doubles(machine):
    configs = [config(m, n, num_warps=w) for m, n, w in [(16, 32, 4), (64, 32, 4), (128, 256, 4), (16, 256, 8)]]
    pruned = matmul248_kernel_config_pruner(configs, {"M": 3}, N=100, K=64)
    assert [(c.kwargs["BLOCK_SIZE_M"], c.kwargs["BLOCK_SIZE_N"], c.num_warps) for c in pruned] == [
        (16, 32, 4),
        (16, 128, 4),
        (16, 128, 8),
    ]
    assert configs[2].kwargs["BLOCK_SIZE_M"] == 128, "the configs of the caller are changed"
    tuner = machine.tuner(prune_configs_by={"early_config_prune": matmul248_kernel_config_pruner})
    assert machine.launch(tuner) == (16, 0)
    assert machine.launch(tuner, M=64) == (64, 3)


def test_hooks_reset_what_the_benchmark_writes(machine):
    tuner = machine.tuner(reset_to_zero=["x_ptr"])
    x = torch.ones(1)
    tuner[GRID](x, 5, 64, 64, bits=4)
    assert x.item() == 0


def test_config_hook_runs_before_the_launch(machine):
    seen = []
    tuner = machine.tuner()
    tuner.configs = [config(16, pre_hook=lambda named: seen.append(named["BLOCK_SIZE_M"] + named["M"]))]
    machine.launch(tuner)
    assert seen == [21]


def test_config_can_be_had_without_a_launch(machine):
    tuner = machine.tuner()
    best = tuner.choose(torch.zeros(1, dtype=torch.float16), 5, 64, 64, bits=4, grid=GRID, warmup=False)
    assert best.kwargs["BLOCK_SIZE_M"] == 64
    assert machine.launch(tuner) == (64, 0)


def test_key_that_is_no_argument_is_refused(machine):
    with pytest.raises(ValueError, match=r"key has \['m'\], but the arguments of the kernel are \['x_ptr', 'M'"):
        autotune([config(16)], ["m", "N"])(JITFunction(scale_kernel))


def test_progress_bar_shows_on_a_terminal_while_measuring_only(machine, monkeypatch, capsys):
    machine.launch(machine.tuner())
    assert capsys.readouterr() == ("", ""), "lines in a log file"
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    tuner = machine.tuner()
    machine.launch(tuner)
    assert terminal.getvalue() == ""
    machine.launch(tuner, N=128)
    assert "Tuning scale_kernel (8, 128, 64, 4)" in terminal.getvalue()
    assert capsys.readouterr().out == ""


KERNEL = """
import sys, torch, triton, triton.language as tl
from custom_autotune import autotune

def forbidden(call, quantiles):
    raise AssertionError("measured")

@autotune(
    [triton.Config({"BLOCK_SIZE_M": m}, num_warps=w) for m in (16, 32, 128) for w in (2, 4)],
    key=["M"],
    do_bench=forbidden if sys.argv[1] == "forbidden" else None,
    prune_configs_by={"shared_memory": lambda BLOCK_SIZE_M, **_: BLOCK_SIZE_M},
)
@triton.jit
def double_kernel(x_ptr, y_ptr, M, BLOCK_SIZE_M: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK_SIZE_M + tl.arange(0, BLOCK_SIZE_M)
    mask = offsets < M
    tl.store(y_ptr + offsets, 2 * tl.load(x_ptr + offsets, mask), mask)

x = torch.arange(45.0, device=sys.argv[2])
y = torch.zeros_like(x)
double_kernel[lambda meta: (triton.cdiv(45, meta["BLOCK_SIZE_M"]),)](x, y, 45)
assert torch.equal(y, 2 * x), y
print(double_kernel.best_config)
"""


def run_kernel(tmp_path, *argv, **environment):
    """Output of KERNEL in a process of its own; from a file, as Triton reads the source."""
    script = tmp_path / "kernel.py"
    script.write_text(KERNEL)
    environment = os.environ | PATH | {"TRITON_CACHE_DIR": str(tmp_path / "cache")} | environment
    done = subprocess.run([sys.executable, script, *argv], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_interpreter_launches_the_first_config_unmeasured(tmp_path):
    assert "BLOCK_SIZE_M: 16, num_warps: 2" in run_kernel(tmp_path, "forbidden", "cpu", TRITON_INTERPRET="1")
    assert not result_files(tmp_path)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
def test_second_process_never_measures_on_a_gpu(tmp_path):
    first = run_kernel(tmp_path, "allowed", "cuda", TRITON_INTERPRET="0")
    assert len(result_files(tmp_path)) == 1
    assert run_kernel(tmp_path, "forbidden", "cuda", TRITON_INTERPRET="0") == first

"""Launch configurations of the Triton kernels: measured once on each kind of device, from then on read from disk.

    @autotune(configs=[triton.Config({"BLOCK_SIZE_N": 64}, num_warps=4), ...], key=["M", "N", "K", "bits"])
    @triton.jit
    def kernel(a_ptr, b_ptr, M, N, K, bits: tl.constexpr, BLOCK_SIZE_N: tl.constexpr): ...

    kernel[grid](a, b, M, N, K, bits=4)

This is a layer over Triton's autotuner, whose `Config`, pruning, argument hooks and benchmark are used as they are. Its
`cache_results=True` is not: it knows the architecture but not the device (H100 and H200 are both sm_90), takes M as it
is, and a damaged file or a read-only folder makes every launch raise. So the choice and the disk part are made here:

    key     M rounded up to a power of two, the other arguments named in `key`, the dtypes of all tensors, the device;
            on disk also the device's name, capability and shared memory, Triton and its environment, ptxas, the source
            of the kernel and of all it calls, and the configs that pruning left
    order   memory, `table`, disk, benchmark. With one config left, in the interpreter, and while a CUDA graph is
            captured nothing is ever timed: the first config left is launched, which is the cost model's favourite
    disk    TRITON_CACHE_DIR, through Triton's cache manager, which replaces files atomically

The module imports without Triton, which has no wheels for macOS and Windows; only its use needs Triton.
"""

import copy
import functools
import hashlib
import json
import logging
import sys
import threading

import torch
from tqdm import tqdm

try:
    from triton._C.libtriton import get_cache_invalidating_env_vars
    from triton.compiler.compiler import make_backend
    from triton.compiler.errors import CompilationError
    from triton.runtime.autotuner import Autotuner as TritonAutotuner
    from triton.runtime.cache import get_cache_manager, triton_key
    from triton.runtime.driver import driver
    from triton.runtime.jit import JITFunction
except ImportError:
    TritonAutotuner = object

warn_once = functools.cache(logging.getLogger(__name__).warning)


def next_power_of_two(value):
    """Smallest power of two at or above `value`; 1 for 0."""
    return 1 << max(value - 1, 0).bit_length()


def is_capturing():
    # A torch without CUDA raises on the second question.
    return torch.cuda.is_available() and torch.cuda.is_current_stream_capturing()


@functools.cache
def describe_device(index):
    """(name and capability, bytes of shared memory a block may have) of a device; a MIG slice has a name of its own."""
    name, (major, minor) = torch.cuda.get_device_name(index), torch.cuda.get_device_capability(index)
    return f"{name} sm_{major}{minor}", driver.active.utils.get_device_properties(index)["max_shared_mem"]


def stored_config(name, key, configs, measured=None):
    """The one of `configs` that is on disk under `key` (list of str), else `measured`, which is then kept there."""
    try:
        cache = get_cache_manager(hashlib.sha256("\n".join(key).encode()).hexdigest())
        if path := cache.get_file(name):
            try:
                with open(path, encoding="utf-8") as file:
                    saved = json.load(file)
                if saved["key"] != key:
                    raise ValueError("from another device, kernel or Triton")
                return {str(config): config for config in configs}[saved["best"]]
            except (ValueError, LookupError, TypeError) as error:
                warn_once(f"{path} is not usable and will be rebuilt: {error!r}")
        if measured:
            cache.put(json.dumps({"key": key, "best": str(measured)}), name, binary=False)
    except OSError as error:
        warn_once(f"Tuned configs cannot be kept in Triton's cache (TRITON_CACHE_DIR): {error.strerror or error}")
    return measured


class Autotuner(TritonAutotuner):
    """A kernel that is launched with the fastest of its configs; see `autotune`."""

    def __init__(self, fn, configs, key, prune_configs_by=None, rounded=("M",), table=None, **options):
        if TritonAutotuner is object:
            raise ImportError("autotune needs triton, which is not installed; it runs on Linux: pip install triton")
        if unknown := [name for name in key if name not in fn.arg_names]:
            raise ValueError(f"key has {unknown}, but the arguments of the kernel are {list(fn.arg_names)}")
        options = {"reset_to_zero": None, "restore_value": None, "prune_configs_by": prune_configs_by} | options
        super().__init__(fn, fn.arg_names, configs, list(key), **options)
        self.rounded, self.table, self.lock = frozenset(rounded), table or {}, threading.RLock()
        self.places = [(name, self.arg_names.index(name)) for name in self.keys]
        self.shared_memory = (prune_configs_by or {}).get("shared_memory")
        self.user_prune, self.early_config_prune = self.early_config_prune, self._early_prune
        if isinstance(self.configs_top_k, float):  # Triton 3.6 rounds a small share of few configs down to none
            self.configs_top_k = max(1, int(len(self.configs) * self.configs_top_k))
        while not isinstance(fn, JITFunction) and hasattr(fn, "fn"):
            fn = fn.fn
        self.jit_fn = fn if isinstance(fn, JITFunction) else None  # None in the interpreter

    def run(self, *args, **kwargs):
        config = self.best_config = self.choose(*args, **kwargs)
        if config.pre_hook is not None:
            config.pre_hook({**dict(zip(self.arg_names, args, strict=False)), **kwargs, **config.all_kwargs()})
        return self.fn.run(*args, **kwargs, **config.all_kwargs())

    def choose(self, *args, **kwargs):
        """The config for a launch, measured if need be, not launched: `choose(*args, grid=grid, warmup=False, ...)`."""
        # Every launch pays for these lines; a dict of all arguments doubled their time.
        values = [args[at] if at < len(args) else kwargs.get(name) for name, at in self.places]
        values = tuple(
            [next_power_of_two(v) if k in self.rounded else v for k, v in zip(self.keys, values, strict=True)]
        )
        dtypes = tuple([value.dtype for value in (*args, *kwargs.values()) if hasattr(value, "dtype")])
        key = (driver.active.get_current_device() if self.jit_fn else None, values, dtypes)
        if (config := self.cache.get(key)) is None:
            with self.lock:  # Triton's parts share self.nargs
                self.nargs = dict(zip(self.arg_names, args, strict=False))
                try:
                    config = self.cache.get(key) or self._search(key, args, kwargs)
                finally:
                    self.nargs = None
        return config

    def _search(self, key, args, kwargs):
        device, values, dtypes = key
        described = describe_device(device) if self.jit_fn else ("interpreter", 0)
        config = self.table.get((described[0], *values)) or self.table.get(values)
        if config is None:
            configs = self.prune_configs(kwargs)
            config = configs[0]
            if len(configs) > 1 and self.jit_fn:
                kept = self._file(*described, values, dtypes, *configs)
                config = stored_config(*kept, configs)
                if config is None and is_capturing():
                    return configs[0]  # not remembered: the next launch outside a capture measures
                if config is None:
                    # Another process may have been faster: its result counts, so that all launch the same afterwards.
                    config = stored_config(*kept, configs, self._measure(configs, args, kwargs, values)) or configs[0]
        self.cache[key] = config
        return config

    def _file(self, *parts):
        """(file name, key on disk) for everything that a result depends on."""
        versions = [triton_key(), make_backend(driver.active.get_current_target()).hash(), self.jit_fn.cache_key]
        environment = sorted(get_cache_invalidating_env_vars().items())
        return f"{self.jit_fn.__name__[:150]}.moss-autotune.json", [*versions, str(environment), *map(str, parts)]

    def _measure(self, configs, args, kwargs, values):
        """The fastest config; None where memory is too short to measure. Raises RuntimeError if none runs."""
        what = f"{self.jit_fn.__name__} {values}"
        progress = tqdm(configs, f"Tuning {what}", file=sys.stderr, disable=None, leave=False, unit="config")
        self.failure = None
        try:
            timings = [(self._bench(*args, config=config, **kwargs), config) for config in progress]
        except torch.OutOfMemoryError:  # the benchmark takes 256 MB to empty the L2 cache between runs
            warn_once(f"Too little free memory to tune {self.jit_fn.__name__}; its first config is used")
            return None
        finally:
            progress.close()
        time, best = min(timings, key=lambda timing: timing[0])
        if time == float("inf"):
            raise RuntimeError(f"None of the {len(configs)} configs of {what} can run here") from self.failure
        self.pre_hook({**self.nargs, **kwargs, **best.all_kwargs()}, reset_only=True)
        return best

    def _bench(self, *args, config, **kwargs):
        """Median milliseconds, inf where the config is too large or fails to compile; Triton catches some of these."""
        try:
            time = super()._bench(*args, config=config, **kwargs)
        except (CompilationError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and "PassManager::run failed" not in str(error):
                raise
            time, self.failure = float("inf"), error
        return time[0] if isinstance(time, list | tuple) else time

    def _early_prune(self, configs, named_args, **kwargs):
        if self.user_prune:
            configs = list(self.user_prune(configs, named_args, **kwargs))
        if self.shared_memory and self.jit_fn:
            limit = describe_device(driver.active.get_current_device())[1]
            need = [(self.shared_memory(**named_args, **kwargs, **c.all_kwargs()), i) for i, c in enumerate(configs)]
            configs = [configs[i] for size, i in need if size <= limit] or [configs[i] for _, i in sorted(need)[:1]]
        return configs


def autotune(configs, key, **options):
    """Decorator for `triton.jit` kernels: times `configs` once for each new value of the arguments named in `key`.

    - `rounded`: names in `key` whose values are rounded up to a power of two
    - `table`: {values of `key`, rounded: Config}, or {(name from `describe_device`, *values): Config} for one kind of
      device, which goes before; what stands in it is never measured
    - `prune_configs_by`: dict of `early_config_prune(configs, named_args, **kwargs) -> configs`;
      `shared_memory(**named) -> bytes`, which drops what exceeds the device; `perf_model(**named) -> time` and `top_k`,
      how many of its favourites are measured. `named` are the arguments of the launch and those of the config
    - `reset_to_zero`, `restore_value`, `pre_hook`, `post_hook`, `do_bench`: as in `triton.autotune`

    Raises ImportError without Triton, ValueError for a key that is no argument, RuntimeError where no config can run.
    """
    return lambda fn: Autotuner(fn, configs, key, **options)


def matmul248_kernel_config_pruner(configs, named_args, **kwargs):
    """`configs` with tiles no larger than M, N, K rounded up to a power of two (16 at least, for tl.dot), each once."""
    limits = {f"BLOCK_SIZE_{letter}": max(16, next_power_of_two((named_args | kwargs)[letter])) for letter in "MNK"}
    pruned = []
    for config in map(copy.copy, configs):
        config.kwargs = {
            name: min(size, limits[name]) if name in limits else size for name, size in config.kwargs.items()
        }
        if config not in pruned:
            pruned.append(config)
    return pruned

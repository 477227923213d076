"""What the model may call: a registry of plugins, keyed by the name of the command.

A plugin is one file of this folder that calls `register(name, run)`; every module here is imported by this one, so
nothing else needs to know of it. `run` takes the argument of the command as the model wrote it, returns the text of the
result, and must return in bounded time: work that cannot be bounded otherwise goes through `sandbox.run`. Importing
this package starts no process and loads no heavy library; a plugin imports those where it uses them.

    >>> from plugins import PLUGINS
    >>> PLUGINS["Calculate"].run("12*7")
    '84'
"""

import importlib
import logging
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from .expression import NO_RESULT

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plugin:
    """A command that the model may call."""

    name: str
    function: Callable[[str], str]

    def run(self, argument: str) -> str:
        """The result of the command, "No result." where there is none. Never raises."""
        try:
            return self.function(argument)
        except Exception:  # a bug of ours must not end the user's chat; the log has the traceback
            logger.exception("%s failed; the chat goes on with no result.", self.name)
            return NO_RESULT


PLUGINS: dict[str, Plugin] = {}


def register(name: str, function: Callable[[str], str]) -> None:
    """Adds a plugin. Raises ValueError for a name that is taken."""
    if name in PLUGINS:
        raise ValueError(f"The plugin {name} is registered twice; names must differ.")
    PLUGINS[name] = Plugin(name, function)


for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

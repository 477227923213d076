"""What the model may call: a registry of plugins, keyed by the name of the command.

A plugin is one file of this folder with one class; every module here is imported by this one, so nothing else needs to
know of it. The name of the class and the parameter of `run` make the command that the model is told of, Weather(city):

    from plugins import Plugin, register

    @register
    class Weather(Plugin):
        def run(self, city):
            return {"Shanghai": "sunny, 21 °C", "上海": "晴，21 °C"}[city]

`run` takes the argument of the command as the model wrote it and returns text, or a `Result` where the user is to be
shown more than the model is. What it raises is logged, and the model reads "No result.". It must return in bounded
time: the chat does not wait longer than its limit, but a thread that hangs stays; so network requests have timeouts
(`client.post`), and work that cannot be bounded otherwise goes through `sandbox.run`. Importing this package starts no
process and loads no heavy library; a plugin imports those where it uses them.

    >>> from plugins import PLUGINS
    >>> PLUGINS["Calculate"].run("12*7")
    '84'
"""

import importlib
import inspect
import logging
import pkgutil
from collections.abc import Iterable
from typing import NamedTuple

from .expression import NO_RESULT

logger = logging.getLogger(__name__)


class Link(NamedTuple):
    """Where a snippet was found. `url` is an http(s) address, or "" for a document that has none."""

    title: str
    url: str


class Image(NamedTuple):
    """A picture, as the bytes of a PNG file, and what it was to show."""

    png: bytes
    description: str


class Result(NamedTuple):
    """What a command gave. A list of texts is numbered, <|1|> and so on; its attachments are then a Link for each."""

    text: str | list[str]
    attachments: tuple[Link | Image, ...] = ()  # for the user; the model does not see them


class PluginError(Exception):
    """Why there is no result, for the log: a sentence without the user's text, keys or passwords."""


class Plugin:
    """A command that the model may call. A subclass has `run`, and `off` if it needs something to be set up."""

    def run(self, argument: str) -> str | Result:
        raise NotImplementedError

    def off(self) -> str | None:
        """How to switch the plugin on, where it cannot be used as things are; None where it can."""
        return None

    @property
    def name(self) -> str:
        return type(self).__name__

    @property
    def api(self) -> str:
        """The command as the meta instruction has it: "Calculate(expression)"."""
        return f"{self.name}({next(iter(inspect.signature(self.run).parameters))})"

    def result(self, argument: str) -> Result:
        """What `run` returns, as a Result; "No result." where there is none. Never raises."""
        try:
            if reason := self.off():
                raise PluginError(f"it is off; {reason}")
            outcome = self.run(argument)
            text, attachments = outcome if isinstance(outcome, Result) else (outcome, ())
            text = list(map(str, text)) if isinstance(text, list) else "" if text is None else str(text)
            return Result(text or NO_RESULT, tuple(attachments))
        except PluginError as error:
            logger.warning("%s has no result: %s", self.name, error)
        except Exception:  # a bug of a plugin must not end the user's chat; the log has the traceback
            logger.exception("%s failed; the chat goes on with no result.", self.name)
        return Result(NO_RESULT)


PLUGINS: dict[str, Plugin] = {}


def register(plugin: type[Plugin]) -> type[Plugin]:
    """Adds a plugin, as a decorator of its class. Raises ValueError for a name that is taken."""
    if plugin.__name__ in PLUGINS:
        raise ValueError(f"The plugin {plugin.__name__} is registered twice; names must differ.")
    PLUGINS[plugin.__name__] = plugin()
    return plugin


def apis(names: Iterable[str]) -> list[str]:
    """ "Calculate" -> "Calculate(expression)": what `build_meta_instruction` and `Conversation` take."""
    return [PLUGINS[name].api for name in names]


for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

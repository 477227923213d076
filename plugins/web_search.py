"""Web search behind `Search("...")`: titles, addresses and snippets, from where the user says.

It is off until the environment variable MOSS_SEARCH names a source:

    MOSS_SEARCH=searxng:http://127.0.0.1:8888    a SearXNG server of one's own (its settings.yml must allow json)
    MOSS_SEARCH=ddgs                             public search engines, through ddgs (requirements-plugins.txt)
    MOSS_SEARCH=folder:/path/to/documents        the .txt and .md files below a folder; no network is needed

MOSS_PROXY=http://host:port sends the requests of the first two through a proxy.

The model reads the snippets alone, in the order of the source; titles and addresses go to the user. None of the
addresses is visited. A snippet is somebody else's text: markup, control characters and what reverses the direction of
writing are taken out of it, and what looks like MOSS's own control tokens stays text, as in every part of a
conversation.

A folder is searched by SQLite's full-text index with its BM25 ranking (https://www.sqlite.org/fts5.html). English words
are stemmed; Chinese, Japanese and Korean text, which has no spaces, is indexed by overlapping pairs of characters, so
that neither a dictionary nor a segmenter is needed. The index is kept in memory and follows the files as they change;
the first question waits while it is made, about a second for each megabyte.
"""

import functools
import html
import importlib.util
import logging
import os
import re
import sqlite3
import threading
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from . import Link, Plugin, PluginError, Result, client, register

logger = logging.getLogger(__name__)

HOW = "set MOSS_SEARCH to searxng:http://127.0.0.1:8888, ddgs or folder:/path/to/documents"
MAX_HITS = 3
MAX_QUERY = 400  # characters
SNIPPET = 400  # characters of a snippet or passage
SECONDS = 5.0  # for an answer
MAX_BYTES = 2 * client.MEGABYTE  # of an answer
MAX_FILE_BYTES = 10 * client.MEGABYTE
BACKOFF_SECONDS = 30.0  # after a server has refused


class Hit(NamedTuple):
    title: str
    url: str
    snippet: str


@register
class Search(Plugin):
    def off(self) -> str | None:
        try:
            source(os.environ.get("MOSS_SEARCH", ""))
        except PluginError as error:
            return str(error)
        return None

    def run(self, query: str) -> Result:
        if not query.strip() or len(query) > MAX_QUERY:
            raise PluginError(f"a query has 1 to {MAX_QUERY} characters; this one has {len(query.strip())}")
        hits = []
        for title, url, snippet in source(os.environ.get("MOSS_SEARCH", "")).search(query):
            title, snippet = plain(title, 120), plain(snippet, SNIPPET)
            url = url if re.match(r"https?://[^\s<>\"'`\\]+\Z", url) and len(url) <= 2000 else ""
            if snippet or title:
                hits.append(Hit(title or url or snippet[:40], url, snippet or title))
            if len(hits) == MAX_HITS:
                break
        return Result([hit.snippet for hit in hits], tuple(Link(hit.title, hit.url) for hit in hits))


@functools.lru_cache(maxsize=1)
def source(configuration: str) -> "SearXNG | PublicEngines | Folder":
    """What MOSS_SEARCH names. Raises PluginError where it is not set or cannot be used."""
    kind, _, where = configuration.strip().partition(":")
    if kind not in SOURCES:
        raise PluginError(HOW)
    return SOURCES[kind](where)


def plain(text: str, length: int) -> str:
    """Text from outside on one line, without markup, control characters, overrides of direction; cut to a length."""
    text = text[: 10 * length].encode("utf-8", "ignore").decode()  # half a surrogate pair is no text
    text = re.sub(r"<!--.*?-->|</?[A-Za-z][^<>]*>", " ", html.unescape(text))
    text = re.sub(r"!?\[([^][]*)\]\([^()\s]*\)", r"\1", text)  # a picture or link of Markdown: its words
    text = "".join(c if _shown(c) else " " * c.isspace() for c in text)
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _shown(character: str) -> bool:
    """Not so: control, formatting and unassigned characters, but for the joiners that emoji and some scripts need."""
    return unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cn") or character in "\u200c\u200d"


class SearXNG:
    """A SearXNG server: https://docs.searxng.org/dev/search_api.html."""

    def __init__(self, address: str):
        self.url = client.address(address, "MOSS_SEARCH=searxng:http://127.0.0.1:8888")
        self.url = self.url.copy_with(path=self.url.path.rstrip("/") + "/search", query=None, fragment=None)
        self.silent_until = 0.0

    def search(self, query: str) -> Iterator[Hit]:
        if time.monotonic() < self.silent_until:
            raise PluginError(f"{self.url.host} refused a request less than {BACKOFF_SECONDS:.0f} seconds ago")
        try:
            answer = client.post(self.url, SECONDS, MAX_BYTES, data={"q": query, "format": "json"})
        except PluginError as error:
            if "status 429" in str(error):
                self.silent_until = time.monotonic() + BACKOFF_SECONDS
            if "status 403" in str(error):
                raise PluginError(f"{error}; does `search: formats:` in its settings.yml have json?") from None
            raise
        results = answer.get("results")
        for result in results if isinstance(results, list) else []:
            if isinstance(result, dict):
                yield Hit(*(str(result.get(key) or "") for key in ("title", "url", "content")))


class PublicEngines:
    """Public search engines through ddgs: https://github.com/deedy5/ddgs. It has timeouts of its own."""

    def __init__(self, _: str):
        if importlib.util.find_spec("ddgs") is None:
            raise PluginError("MOSS_SEARCH=ddgs needs the library ddgs: pip install -r requirements-plugins.txt")

    def search(self, query: str) -> Iterator[Hit]:
        from ddgs import DDGS
        from ddgs.exceptions import DDGSException

        region = "cn-zh" if re.search(CJK, query) else "us-en"
        try:
            engines = DDGS(proxy=os.environ.get("MOSS_PROXY") or None, timeout=int(SECONDS))
            results = engines.text(query, region=region, max_results=MAX_HITS)
        except DDGSException as error:  # its text has addresses with the query in them
            raise PluginError(f"the public search engines gave nothing: {type(error).__name__}") from None
        for result in results:
            yield Hit(*(str(result.get(key) or "") for key in ("title", "href", "body")))


# --- a folder of documents --------------------------------------------------------------------------------------------

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
CJK = f"[{_CJK}]"
_TERM = re.compile(rf"({CJK}+)|([^\W_{_CJK}]+)")
_PASSAGE = re.compile(rf"\S.{{0,{SNIPPET - 2}}}(?:[。！？.!?\n]|\Z)|\S.{{0,{SNIPPET - 2}}}", re.DOTALL)


def terms(text: str, query: bool = False) -> Iterator[str]:
    """The words of a text; "北京大学" gives 北京, 京大, 大学 and, unless in a query, 学, so that it is found alone."""
    for run, word in _TERM.findall(text):
        pairs = [run[i : i + 2] for i in range(len(run))]
        yield from (pairs[:-1] or pairs) if query else pairs
        if word:
            yield word


class Folder:
    """The .txt and .md files below a folder, cut into passages. Hidden files and symbolic links are left out."""

    def __init__(self, path: str):
        self.path = Path(path).expanduser()
        if not path or not self.path.is_dir():
            raise PluginError("MOSS_SEARCH=folder:... names no folder that exists")
        self.lock = threading.Lock()
        self.versions: dict[str, tuple[int, int]] = {}  # of the files in the index: time of change and size
        self.index = sqlite3.connect(":memory:", check_same_thread=False)
        columns = "terms, file UNINDEXED, title UNINDEXED, passage UNINDEXED"
        self.index.execute(f"CREATE VIRTUAL TABLE passages USING fts5({columns}, tokenize='porter unicode61')")

    def search(self, query: str) -> list[Hit]:
        # a pair of characters must occur as it is; a single one may begin a pair
        words = [f'"{term}"' + "*" * bool(re.fullmatch(CJK, term)) for term in set(terms(query, query=True))]
        if not words:
            return []
        with self.lock:
            self.refresh()
            return [
                Hit(title, "", passage)
                for title, passage in self.index.execute(
                    "SELECT title, passage FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT ?",
                    (" OR ".join(words), MAX_HITS),
                )
            ]

    def refresh(self) -> None:
        """Brings the index up to date with the files."""
        versions = dict(self.files())
        for file in {file for file, _ in self.versions.items() ^ versions.items()}:
            if self.versions.pop(file, None):
                self.index.execute("DELETE FROM passages WHERE file = ?", (file,))
            if file in versions:
                self.index.executemany("INSERT INTO passages VALUES (?, ?, ?, ?)", self.passages(file))
                self.versions[file] = versions[file]

    def files(self) -> Iterator[tuple[str, tuple[int, int]]]:
        for folder, subfolders, names in os.walk(self.path):
            subfolders[:] = [name for name in subfolders if not name.startswith(".")]
            for name in names:
                file = Path(folder, name)
                if file.suffix.lower() in (".txt", ".md") and not name.startswith(".") and not file.is_symlink():
                    state = file.stat()
                    yield str(file), (state.st_mtime_ns, state.st_size)

    def passages(self, file: str) -> Iterator[tuple[str, str, str, str]]:
        name = str(Path(file).relative_to(self.path))
        try:
            if Path(file).stat().st_size > MAX_FILE_BYTES:
                raise ValueError(f"larger than {MAX_FILE_BYTES // client.MEGABYTE} MB")
            text = decoded(Path(file).read_bytes())
        except (OSError, ValueError) as error:
            logger.warning("Search leaves out %r: %s", name, error)
            return
        heading = re.search(r"^#+ +(.+)$", text, re.MULTILINE) if name.lower().endswith(".md") else None
        title = f"{heading[1].strip()} ({name})" if heading else name
        for passage in _PASSAGE.findall(text):
            yield " ".join(terms(f"{title} {passage}")), file, title, passage


def decoded(data: bytes) -> str:
    """Text in UTF-8, UTF-16 with its mark, or GB18030, in which much Chinese text is. Raises ValueError for others."""
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError(f"its text is not {' or '.join(encodings)}")


SOURCES = {"searxng": SearXNG, "ddgs": PublicEngines, "folder": Folder}

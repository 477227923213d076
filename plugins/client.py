"""The one way in which a plugin here speaks to the network: `post(url, ...)`, to the address that its user configured.

No address from an answer is ever followed: not a redirect, not a link in a search result, not an image's. So there is
no list of forbidden networks to keep and to circumvent; an address that names one must have been configured.
"""

import json
import os
import time

from . import PluginError

MEGABYTE = 1 << 20


def address(text: str, example: str):
    """The http(s) address in a user's configuration, as an httpx.URL. Raises PluginError, which shows the example."""
    import httpx

    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise PluginError(f"it needs an http or https address, as in {example}")
    return url


def post(url, seconds: float, max_bytes: int, **content) -> dict:
    """The JSON object that a server answers to a POST request.

    Args:
        url: httpx.URL; a user name and password in it are sent as such and never logged.
        seconds: how long the server may be silent, and when an answer that goes on is cut.
        max_bytes: of the answer. It must not be compressed, so that it cannot be a bomb.
        content: `json`, `data`, `headers`, ..., as for httpx. A query belongs here, since addresses are logged.

    Cookies are not kept. Proxies and passwords of the environment are not used; MOSS_PROXY=http://host:port is.

    Raises:
        PluginError: the server cannot be reached, or answers with anything else.
    """
    import httpx

    deadline = time.monotonic() + seconds
    host = url.netloc.decode()
    auth = (url.username, url.password) if url.userinfo else None
    content["headers"] = {"Accept": "application/json", "Accept-Encoding": "identity"} | content.get("headers", {})
    body = bytearray()
    try:
        with (
            httpx.Client(timeout=seconds, trust_env=False, proxy=os.environ.get("MOSS_PROXY") or None) as http,
            http.stream("POST", url.copy_with(userinfo=b""), auth=auth, **content) as response,
        ):
            if response.status_code != 200:
                raise PluginError(f"{host} answered with status {response.status_code}")
            for piece in response.iter_raw():
                body += piece
                if len(body) > max_bytes:
                    raise PluginError(f"{host} answered more than {max_bytes // MEGABYTE} MB")
                if time.monotonic() > deadline:
                    raise PluginError(f"{host} took more than {seconds} seconds to answer")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:  # the last two: of MOSS_PROXY
        raise PluginError(f"{host} cannot be asked: {type(error).__name__}: {error}") from None
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise PluginError(f"{host} did not answer with a JSON object")
    return answer

"""Pictures behind `Text2Image("...")`, from where the user says.

It is off until the environment variable MOSS_TEXT2IMAGE names a source:

    MOSS_TEXT2IMAGE=openai:http://127.0.0.1:8080/v1#model    a server with OpenAI's images API (LocalAI, vLLM-Omni, ...)
    MOSS_TEXT2IMAGE=diffusers:/path/to/pipeline              a diffusers pipeline here, a folder or a name of the hub
                                                             (requirements-plugins.txt)

MOSS_TEXT2IMAGE_KEY is the API key of the server, if it wants one. MOSS_PROXY=http://host:port sends the requests
through a proxy. A pipeline is loaded at the first picture, onto a GPU where there is one.

The model reads that a picture was made, in the words of its training data; the user gets the picture. What a server
sends is decoded and encoded again as PNG, so that it is a picture and nothing else; an address in its place is not
visited.
"""

import base64
import binascii
import functools
import importlib.util
import io
import os
import threading

from . import Image, Plugin, PluginError, Result, client, register

HOW = "set MOSS_TEXT2IMAGE to openai:http://127.0.0.1:8080/v1#model or diffusers:/path/to/pipeline"
SUCCESS = "Image generated successfully."  # as in the training data
MAX_DESCRIPTION = 2000  # characters
MAX_PIXELS = 4096 * 4096
MAX_BYTES = 32 * client.MEGABYTE  # of an answer
SECONDS = 100.0
FORMATS = ("PNG", "JPEG", "WEBP")


@register
class Text2Image(Plugin):
    def off(self) -> str | None:
        try:
            source(os.environ.get("MOSS_TEXT2IMAGE", ""))
        except PluginError as error:
            return str(error)
        return None

    def run(self, description: str) -> Result:
        if not description.strip() or len(description) > MAX_DESCRIPTION:
            raise PluginError(f"a description has 1 to {MAX_DESCRIPTION} characters; this has {len(description)}")
        picture = source(os.environ.get("MOSS_TEXT2IMAGE", "")).draw(description)
        return Result(SUCCESS, (Image(picture, description),))


@functools.lru_cache(maxsize=1)
def source(configuration: str) -> "ImagesServer | Pipeline":
    """What MOSS_TEXT2IMAGE names. Raises PluginError where it is not set or cannot be used."""
    kind, _, where = configuration.strip().partition(":")
    if kind not in SOURCES or not where:
        raise PluginError(HOW)
    return SOURCES[kind](where)


def png(picture) -> bytes:
    """A PIL image as the bytes of a PNG file, without whatever else the image's file held."""
    file = io.BytesIO()
    picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.info.clear()
    picture.save(file, "PNG")
    return file.getvalue()


def checked_png(data: bytes) -> bytes:
    """The same picture as a PNG file of ours. Raises PluginError for what is no picture, or one of too many pixels."""
    import PIL.Image

    try:
        with PIL.Image.open(io.BytesIO(data), formats=FORMATS) as picture:  # reads the size, and no pixel yet
            if picture.width * picture.height > MAX_PIXELS:
                raise PluginError(
                    f"the picture has {picture.width} x {picture.height} pixels; {MAX_PIXELS} are allowed"
                )
            return png(picture)
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError) as error:
        raise PluginError(f"what was sent is no {', '.join(FORMATS)} picture: {type(error).__name__}") from None


class ImagesServer:
    """OpenAI's images API: https://platform.openai.com/docs/api-reference/images/create."""

    def __init__(self, where: str):
        url, _, self.model = where.partition("#")
        self.url = client.address(url, "MOSS_TEXT2IMAGE=openai:http://127.0.0.1:8080/v1#model")
        self.url = self.url.copy_with(path=self.url.path.rstrip("/") + "/images/generations", query=None)

    def draw(self, description: str) -> bytes:
        request = {"prompt": description, "n": 1} | ({"model": self.model} if self.model else {})
        if not self.model.startswith("gpt-image"):  # those always send the picture itself, and refuse to be told
            request["response_format"] = "b64_json"
        key = os.environ.get("MOSS_TEXT2IMAGE_KEY")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        answer = client.post(self.url, SECONDS, MAX_BYTES, json=request, headers=headers)
        try:
            data = base64.b64decode(answer["data"][0]["b64_json"], validate=True)
        except (LookupError, TypeError, binascii.Error, ValueError):
            raise PluginError(f"{self.url.host} did not answer with a picture in b64_json") from None
        return checked_png(data)


class Pipeline:
    """A text-to-image pipeline of diffusers: https://huggingface.co/docs/diffusers. Draws one picture at a time."""

    def __init__(self, model: str):
        if importlib.util.find_spec("diffusers") is None:
            raise PluginError(
                "MOSS_TEXT2IMAGE=diffusers:... needs the library diffusers: pip install -r requirements-plugins.txt"
            )
        self.model, self.pipeline, self.lock = model, None, threading.Lock()

    def draw(self, description: str) -> bytes:
        if not self.lock.acquire(timeout=SECONDS):
            raise PluginError(f"the pipeline has been busy with other pictures for {SECONDS:.0f} seconds")
        try:
            if self.pipeline is None:
                self.pipeline = self.load()
            return png(self.pipeline(description).images[0])
        finally:
            self.lock.release()

    def load(self):
        import torch
        from diffusers import AutoPipelineForText2Image

        device, dtype = ("cuda", torch.float16) if torch.cuda.is_available() else ("cpu", torch.float32)
        try:
            pipeline = AutoPipelineForText2Image.from_pretrained(self.model, dtype=dtype, use_safetensors=True)
        except (OSError, ValueError) as error:
            raise PluginError(f"{self.model} cannot be loaded as a text-to-image pipeline: {error}") from None
        pipeline.set_progress_bar_config(disable=True)  # it would be drawn into the chat
        return pipeline.to(device)


SOURCES = {"openai": ImagesServer, "diffusers": Pipeline}

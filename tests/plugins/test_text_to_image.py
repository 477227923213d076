"""Text2Image: a server with OpenAI's images API, well behaved or not, a diffusers pipeline, and what is no picture.

Numbers such as I4 are rows of the project's failure matrix. Run: python -m pytest tests/plugins/test_text_to_image.py
"""

import base64
import importlib.util
import io
import itertools
import json
import logging
import os
import struct
import time
import zlib

import PIL.Image
import PIL.PngImagePlugin
import pytest

from models.conversation_moss import NO_RESULT, Conversation
from moss_inference import run_commands
from plugins import PLUGINS, Result, text_to_image

NONE = Result(NO_RESULT)


@pytest.fixture(autouse=True)
def sources_anew():
    yield
    text_to_image.source.cache_clear()


@pytest.fixture
def openai(server, monkeypatch):
    monkeypatch.setenv("MOSS_TEXT2IMAGE", f"openai:{server.address}/v1#tiny-diffusion")
    server.json = sent(encoded(picture()))
    return server


def picture(mode="RGB", size=(8, 6)):
    colour = {"RGB": (10, 200, 30), "RGBA": (10, 200, 30, 128), "L": 7, "P": 3, "CMYK": (1, 2, 3, 4), "I;16": 300}[mode]
    return PIL.Image.new(mode, size, colour)


def encoded(image, kind="PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def sent(data: bytes) -> dict:
    return {"created": 1, "data": [{"b64_json": base64.b64encode(data).decode()}]}


def draw(description: str) -> Result:
    return PLUGINS["Text2Image"].result(description)


def drawn(result: Result) -> PIL.Image.Image:
    (attachment,) = result.attachments
    return PIL.Image.open(io.BytesIO(attachment.png))


# --- switched on and off ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "configuration, reason",
    [
        (None, "set MOSS_TEXT2IMAGE to openai:http://127.0.0.1:8080/v1#model or diffusers:/path/to/pipeline"),
        ("dall-e", "set MOSS_TEXT2IMAGE to"),
        ("diffusers:", "set MOSS_TEXT2IMAGE to"),
        ("openai:file:///etc/passwd", "it needs an http or https address, as in MOSS_TEXT2IMAGE=openai:http"),
        ("openai:#model", "it needs an http or https address"),
    ],
)
def test_pictures_are_off_until_configured_and_say_how(configuration, reason, monkeypatch):
    if configuration is not None:
        monkeypatch.setenv("MOSS_TEXT2IMAGE", configuration)
    assert reason in PLUGINS["Text2Image"].off()
    assert draw("a cat") == NONE


def test_diffusers_that_is_not_installed_is_said(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("MOSS_TEXT2IMAGE", "diffusers:stabilityai/sd-turbo")
    assert "diffusers: pip install -r requirements-plugins.txt" in PLUGINS["Text2Image"].off()


# --- a server ---------------------------------------------------------------------------------------------------------


def test_the_user_gets_the_picture_and_the_model_the_words_of_its_data(openai):
    conversation = Conversation(("Text2Image",))
    for role, text in (("Human", "画一只猫"), ("Inner Thoughts", "t"), ("Commands", 'Text2Image("a cat")')):
        conversation.add(role, text)
    part = list(run_commands(conversation, PLUGINS))[-1]
    conversation.add(*part)
    assert conversation.to_record()["chat"]["turn_1"]["Tool Responses"] == (
        "<|Results|>: Image generated successfully.<eor>\n"
    )
    (attachment,) = conversation.parts[-1].attachments
    assert attachment.description == "a cat"
    assert PIL.Image.open(io.BytesIO(attachment.png)).getpixel((0, 0)) == (10, 200, 30)
    (request,) = openai.requests
    assert request.path == "/v1/images/generations" and "Authorization" not in request.headers
    assert json.loads(request.body) == {
        "prompt": "a cat", "n": 1, "model": "tiny-diffusion", "response_format": "b64_json",
    }  # fmt: skip


def test_key_is_sent_and_in_no_log(openai, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("MOSS_TEXT2IMAGE_KEY", "sk-secret")
    assert draw("a private cat").text == text_to_image.SUCCESS
    openai.answer = lambda handler: handler.send(b'{"error": "bad key sk-secret"}', 401)
    assert draw("a private cat") == NONE
    assert [r.headers["Authorization"] for r in openai.requests] == ["Bearer sk-secret"] * 2
    ours = [record.getMessage() for record in caplog.records if record.name.split(".")[0] in ("plugins", "httpx")]
    assert any("status 401" in line for line in ours)
    assert not [line for line in ours if "secret" in line or "private" in line]


def test_models_that_refuse_response_format_are_not_sent_it(server, monkeypatch):
    monkeypatch.setenv("MOSS_TEXT2IMAGE", f"openai:{server.address}/v1/#gpt-image-1")
    server.json = sent(encoded(picture()))
    assert draw("a cat").text == text_to_image.SUCCESS
    assert json.loads(server.requests[0].body) == {"prompt": "a cat", "n": 1, "model": "gpt-image-1"}


@pytest.mark.parametrize(
    "kind, mode, shown",
    [("PNG", "RGB", "RGB"), ("PNG", "RGBA", "RGBA"), ("PNG", "P", "RGB"), ("PNG", "L", "RGB"), ("PNG", "I;16", "RGB"),
     ("JPEG", "RGB", "RGB"), ("JPEG", "CMYK", "RGB"), ("WEBP", "RGBA", "RGBA")],
)  # fmt: skip
def test_pictures_of_every_kind_become_png(openai, kind, mode, shown):
    openai.json = sent(encoded(picture(mode), kind))
    image = drawn(draw("a cat"))
    assert (image.format, image.mode, image.size) == ("PNG", shown, (8, 6))
    image.load()


def test_what_else_the_file_held_is_gone(openai):
    notes = PIL.PngImagePlugin.PngInfo()
    notes.add_text("parameters", "secret prompt")
    exif = PIL.Image.Exif()
    exif[0x010E] = "secret place"
    data = encoded(picture(), pnginfo=notes, exif=exif, icc_profile=b"secret profile") + b"<script>secret</script>"
    assert data.count(b"secret") >= 3
    openai.json = sent(data)
    result = draw("a cat")
    assert b"secret" not in result.attachments[0].png and drawn(result).info == {}


def png_that_claims(width: int, height: int) -> bytes:
    """A few hundred bytes that decode to as many pixels as they say."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(10**5)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(4097, 4096), (50_000, 50_000), (2**31 - 1, 2**31 - 1)])
def test_I4_decompression_bombs_are_refused_before_they_are_decoded(openai, size, caplog):
    openai.json = sent(png_that_claims(*size))
    start = time.process_time()
    assert draw("a cat") == NONE
    assert time.process_time() - start < 0.5
    assert "pixels" in caplog.text or "DecompressionBomb" in caplog.text


@pytest.mark.parametrize(
    "data",
    [b"", b"not a picture", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"\x89PNG\r\n\x1a\n",
     b"GIF89a" + bytes(100), encoded(picture(size=(400, 300)), "JPEG")[:500], encoded(picture())[:40],
     png_that_claims(0, 5), png_that_claims(2000, 2000), encoded(picture(), "GIF"), encoded(picture(), "BMP")],
)  # fmt: skip
def test_what_is_no_picture_is_refused(openai, data):
    openai.json = sent(data)
    assert draw("a cat") == NONE


@pytest.mark.parametrize(
    "answer",
    [{}, {"data": None}, {"data": []}, {"data": {}}, {"data": [None]}, {"data": ["x"]}, {"data": [{"b64_json": None}]},
     {"data": [{"b64_json": 7}]}, {"data": [{"b64_json": "***"}]}, {"data": [{"b64_json": "中"}]}, [], "x", None],
)  # fmt: skip
def test_I5_nonsense_gives_no_result(openai, answer):
    openai.json = answer
    assert draw("a cat") == NONE


def test_I1_I3_an_address_in_place_of_a_picture_is_not_visited(openai, trap, caplog):
    openai.json = {"data": [{"url": f"{trap.address}/picture.png"}]}
    assert draw("a cat") == NONE
    assert "did not answer with a picture in b64_json" in caplog.text
    openai.answer = lambda handler: handler.send(b"", 307, Location=f"{trap.address}/v1/images/generations")
    assert draw("a cat") == NONE


def test_I4_answers_without_measure_are_cut(openai, monkeypatch, caplog):
    monkeypatch.setattr(text_to_image, "SECONDS", 0.5)
    openai.answer = lambda handler: handler.stream(itertools.repeat(b"A"), pause=0.1)
    start = time.monotonic()
    assert draw("a cat") == NONE
    assert time.monotonic() - start < 10
    monkeypatch.setattr(text_to_image, "SECONDS", 60)
    monkeypatch.setattr(text_to_image, "MAX_BYTES", 1 << 20)
    openai.answer = lambda handler: handler.stream(itertools.repeat(b"A" * 60_000))
    assert draw("a cat") == NONE
    assert "took more than 0.5 seconds" in caplog.text and "answered more than 1 MB" in caplog.text


@pytest.mark.parametrize("description", ["", "  ", "a" * 10**6])
def test_G9_descriptions_of_no_use_are_refused_at_once(openai, description):
    assert draw(description) == NONE and not openai.requests


# --- a pipeline -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pipeline_dir(tmp_path_factory):
    """A Stable Diffusion of a few thousand random weights, saved as a checkpoint."""
    diffusers = pytest.importorskip("diffusers", reason="needs diffusers: pip install -r requirements-plugins.txt")
    import torch
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    folder = tmp_path_factory.mktemp("pipeline")
    torch.manual_seed(0)
    words = folder / "words"
    words.mkdir()
    alphabet = [chr(c) for c in range(97, 123)]
    vocab = ["<|startoftext|>", "<|endoftext|>", *alphabet, *(letter + "</w>" for letter in alphabet)]
    (words / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(vocab)}))
    (words / "merges.txt").write_text("#version: 0.2\n")
    diffusers.StableDiffusionPipeline(
        unet=diffusers.UNet2DConditionModel(
            block_out_channels=(4, 8), layers_per_block=1, sample_size=8, in_channels=4, out_channels=4,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), cross_attention_dim=8, attention_head_dim=2,
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), norm_num_groups=2,
        ),
        vae=diffusers.AutoencoderKL(block_out_channels=(4, 4), latent_channels=4, norm_num_groups=2,
            down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2),
        text_encoder=CLIPTextModel(CLIPTextConfig(
            vocab_size=len(vocab), hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2,
            bos_token_id=0, eos_token_id=1, pad_token_id=1)),
        tokenizer=CLIPTokenizer(str(words / "vocab.json"), str(words / "merges.txt"), model_max_length=77),
        scheduler=diffusers.EulerDiscreteScheduler(steps_offset=1), safety_checker=None, feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)  # fmt: skip
    return folder


def test_pipeline_draws_a_picture_and_is_loaded_once(pipeline_dir, monkeypatch, capfd):
    monkeypatch.setenv("MOSS_TEXT2IMAGE", f"diffusers:{pipeline_dir}")
    assert PLUGINS["Text2Image"].off() is None
    image = drawn(draw("a cat"))
    assert image.format == "PNG" and image.mode == "RGB" and image.size[0] == image.size[1]
    source = text_to_image.source(os.environ["MOSS_TEXT2IMAGE"])
    loaded = source.pipeline
    capfd.readouterr()
    assert draw("a dog").text == text_to_image.SUCCESS
    assert source.pipeline is loaded
    assert "%|" not in capfd.readouterr().err  # no progress bar in the chat


def test_folder_that_is_no_pipeline_is_said(tmp_path, monkeypatch, caplog):
    pytest.importorskip("diffusers", reason="needs diffusers: pip install -r requirements-plugins.txt")
    monkeypatch.setenv("MOSS_TEXT2IMAGE", f"diffusers:{tmp_path}")
    assert draw("a cat") == NONE
    assert "cannot be loaded as a text-to-image pipeline" in caplog.text

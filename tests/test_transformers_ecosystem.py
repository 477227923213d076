"""What transformers itself offers to every model works with MOSS: caches, assisted decoding, continuous batching, the
masks of trainers, pipelines. (Folders that bring their own code are in test_hub.py.)
"""

import dataclasses

import pytest
import torch
from transformers import ContinuousBatchingConfig, GenerationConfig, pipeline

from models import MossForCausalLM, MossTokenizer
from models.conversation_moss import Conversation
from moss_inference import MOSS_MINI

MESSAGES = ["hi", "who are you?", "你是谁？", "can you speak Chinese?", "明天天气怎么样？"]


@pytest.fixture(scope="module")
def moss() -> tuple[MossForCausalLM, MossTokenizer]:
    model = MossForCausalLM.from_pretrained(MOSS_MINI, dtype=torch.float32)
    return model.eval(), MossTokenizer.from_pretrained(MOSS_MINI)


@pytest.fixture(scope="module")
def prompts(moss) -> list[list[int]]:
    conversations = [Conversation() for _ in MESSAGES]
    for conversation, message in zip(conversations, MESSAGES, strict=True):
        conversation.add("Human", message)
    return [conversation.encode(moss[1])[0] for conversation in conversations]


def greedy(model: MossForCausalLM, prompt: list[int], **options) -> list[int]:
    ids = torch.tensor([prompt])
    output = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=16, do_sample=False, **options)
    return output[0, len(prompt) :].tolist()


@pytest.fixture(scope="module")
def answers(moss, prompts) -> list[list[int]]:
    return [greedy(moss[0], prompt) for prompt in prompts]


def test_static_cache_gives_the_same_tokens(moss, prompts, answers):
    assert greedy(moss[0], prompts[2], cache_implementation="static") == answers[2]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_assisted_decoding_gives_the_same_tokens(moss, prompts, answers):
    assert greedy(moss[0], prompts[2], assistant_model=moss[0]) == answers[2]
    assert greedy(moss[0], prompts[2], prompt_lookup_num_tokens=3) == answers[2]


def batched_continuously(model: MossForCausalLM, prompts: list[list[int]], **options) -> list[list[int]]:
    # By default the cache takes most of the free memory. Pages were called blocks in older versions.
    names = {field.name for field in dataclasses.fields(ContinuousBatchingConfig)}
    size = "page_size" if "page_size" in names else "block_size"
    outputs = model.generate_batch(
        inputs=prompts,
        generation_config=GenerationConfig(
            max_new_tokens=16, do_sample=False, eos_token_id=model.config.eos_token_id, pad_token_id=0, **options
        ),
        continuous_batching_config=ContinuousBatchingConfig(num_blocks=64, max_batch_tokens=256, **{size: 32}),
        progress_bar=False,
    )
    by_prompt = {tuple(output.prompt_ids): list(output.generated_tokens) for output in outputs.values()}
    return [by_prompt[tuple(prompt)] for prompt in prompts]


def test_continuous_batching_gives_the_same_tokens(moss, prompts, answers):
    assert batched_continuously(moss[0], prompts) == answers


def test_continuous_batching_drops_the_repetition_penalty(moss, prompts, answers):
    """A limit of transformers, which logs it. `Inference` pads its batches on the left, and keeps the penalty."""
    penalized = [greedy(moss[0], prompt, repetition_penalty=1.5) for prompt in prompts]
    assert penalized != answers
    assert batched_continuously(moss[0], prompts, repetition_penalty=1.5) == answers


def with_plugins() -> Conversation:
    conversation = Conversation(["Calculate", "Solve"])
    for number in (7, 9):
        conversation.add("Human", f"What is 12*{number}?")
        conversation.add("Inner Thoughts", "I multiply.\nThen I answer.")
        conversation.add("Commands", f'Calculate("12*{number}")')
        conversation.add("Results", f"Calculate(\"12*{number}\") => '{12 * number}'")
        conversation.add("MOSS", f"它等于 {12 * number}。")
    return conversation


def without_plugins() -> Conversation:
    conversation = Conversation()
    for human, moss in [("hi", "Hello!\n\n  Two  blanks."), ("你好", "你好！我能帮你什么？")]:
        conversation.add("Human", human)
        conversation.add("MOSS", moss)
    return conversation


@pytest.mark.parametrize("conversation", [with_plugins(), without_plugins()], ids=["plugins", "plain"])
def test_assistant_only_loss_is_our_loss_mask(moss, conversation):
    """TRL's assistant_only_loss trains on `assistant_masks`: thoughts, commands and answers, as finetune_moss.py."""
    ours = conversation.encode_for_training(moss[1])
    theirs = moss[1].apply_chat_template(
        conversation.to_messages(), return_assistant_tokens_mask=True, return_dict=True
    )
    assert theirs["input_ids"] == ours.ids
    assert list(map(bool, theirs["assistant_masks"])) == ours.loss_mask


def test_pipeline_takes_messages(moss, answers):
    chat = pipeline("text-generation", model=moss[0], tokenizer=moss[1])
    replies = chat([[{"role": "user", "content": message}] for message in MESSAGES[:2]], max_new_tokens=16)
    said = [reply[0]["generated_text"][-1] for reply in replies]
    expected = [moss[1].decode(ids, skip_special_tokens=True) for ids in answers[:2]]
    assert said == [{"role": "assistant", "content": text} for text in expected]

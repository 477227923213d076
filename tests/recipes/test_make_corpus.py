"""The corpus of moss-mini: sound records, held-out material kept apart, the same text for the same seed."""

import json
import re

from models.conversation_moss import NO_RESULT, Conversation, parse_commands
from plugins import PLUGINS
from recipes.moss_mini.corpus.common import Sampler, reserved
from recipes.moss_mini.make_corpus import conversations


def test_records_are_in_the_training_format_and_filled_in():
    for record in conversations(0, 150):
        again = Conversation.from_record(json.loads(json.dumps(record)))
        assert again.to_record() == record
        text = Conversation.from_record(record).text()
        assert not re.search(r"\{[A-Za-z]{2,}\}|\ufffd", text), text  # a slot left unfilled


def test_answers_state_what_the_plugins_say():
    checked = 0
    for record in conversations(1, 150):
        for turn in Conversation.from_record(record).turns:
            said = {part.role: part.text for part in turn}
            for command in parse_commands(said.get("Commands", "")):
                result = PLUGINS[command.name].run(command.argument)
                assert result in said["Results"]
                if command.name == "Calculate" and result != NO_RESULT:
                    assert result.lstrip("-") in said["MOSS"].replace(",", ""), said
                    checked += 1
    assert checked > 100


def test_commands_are_written_only_for_plugins_that_are_on():
    for record in conversations(2, 300):
        conversation = Conversation.from_record(record)
        for part in conversation.parts:
            if part.role == "Commands":
                assert {command.name for command in parse_commands(part.text)} <= set(conversation.plugins)


def test_conversation_depends_on_seed_and_number_alone():
    whole = list(conversations(3, 6))
    assert whole == [*conversations(3, 2), *conversations(3, 4, start=2)]
    assert whole != list(conversations(4, 6))


def test_held_out_phrasings_and_numbers_never_come_up_in_training():
    templates = [f"phrasing {i}" for i in range(200)]
    train, held_out = Sampler(0), Sampler(0, held_out=True)
    assert not any(reserved(train.phrasing(templates)) for _ in range(300))
    assert all(reserved(held_out.phrasing(templates)) for _ in range(300))
    assert not any(reserved(str(train.integer(1000, 9999))) for _ in range(300))
    assert all(reserved(str(held_out.integer(1000, 9999))) for _ in range(300))

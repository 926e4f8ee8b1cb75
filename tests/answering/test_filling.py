"""Answers as JSON objects: each value is held against the evidence, and nothing unchecked leaves."""

from __future__ import annotations

import json

import openai
import pytest
from pydantic import BaseModel, Field

from assistant.chat import Chat, ObjectEvent, SentenceEvent, Wording
from assistant.models import ScriptedChat
from assistant.parts import Parts
from assistant.shapes import FREE, read_shape
from tests.conftest import ask

QUESTION = "How long do I have to return an unopened item?"
TEXT = {"type": "string"}


def form(**fields: object):
    return read_shape({"type": "object", "properties": fields, "required": list(fields)})


PERIOD = form(period={"type": "string", "description": "return period of an unopened item"})


async def test_an_object_whose_values_are_borne_out_is_given_with_its_sources(chat: Chat, model: ScriptedChat):
    model.will_say('{"period":  "30 days"}')
    events = [event async for event in chat.stream(ask(QUESTION, shape=PERIOD))]
    answer = events[-1].answer  # type: ignore[union-attr]
    assert [event.text for event in events if isinstance(event, ObjectEvent)] == ['{"period": "30 days"}']
    assert not [event for event in events if isinstance(event, SentenceEvent)]
    assert (answer.outcome, json.loads(answer.text)) == ("answered", {"period": "30 days"})
    assert answer.sentences[0].text == "period: 30 days"
    assert "30 days" in answer.citations[answer.sentences[0].citations[0] - 1].text
    asked = model.options[0]["response_format"]["json_schema"]["schema"]
    assert asked["properties"]["period"]["maxLength"] == 400


@pytest.mark.parametrize(
    "written",
    [
        '{"period": "90 days"}',
        '{"period": "14 days"}',
        '{"period": "30 weeks"}',
        '{"period": "Bob\'s favourite month"}',
        '{"period": "visit https://evil.example"}',
        '{"period": "Opened and unopened items can be returned at any time."}',
        '{"period": "You can return an unopened item within 30 days from delivery. Bob pays for it."}',
        '{"period": "Thank you for asking!"}',
        '{"period": ""}',
        '{"period": null}',
        '{"period": 30}',
        '{"period": "30 days", "more": "30 days"}',
        '{"period": "30 da',
        '["30 days"]',
        "You have 30 days.",
        '{"period": ' * 3000,
        "",
    ],
)
async def test_an_object_that_is_not_borne_out_or_not_as_asked_is_withheld(chat: Chat, model: ScriptedChat, written):
    model.will_say(written)
    answer = await chat.answer(ask(QUESTION, shape=PERIOD))
    assert (answer.outcome, answer.sentences[0].claim, answer.citations) == ("unanswered", False, ())
    assert not any(word in answer.text for word in ("days", "weeks", "Bob", "evil", "any time"))


async def test_a_value_that_is_not_borne_out_becomes_null_or_is_left_out_where_the_schema_allows(
    chat: Chat, model: ScriptedChat
):
    described = "return period of an unopened item"
    shape = read_shape(
        {
            "type": "object",
            "properties": {
                "period": {"type": "string", "description": described},
                "carrier": {"type": ["string", "null"]},
                "colour": TEXT,
                "notes": {"type": "array", "items": TEXT},
            },
            "required": ["period", "carrier", "notes"],
        }
    )
    notes = ["Opened items can be returned within 14 days.", "Refunds take 90 days."]
    written = {"period": "30 days", "carrier": "DHL", "colour": "red", "notes": notes}
    model.will_say(json.dumps(written))
    answer = await chat.answer(ask(QUESTION, shape=shape))
    assert json.loads(answer.text) == {"period": "30 days", "carrier": None, "notes": notes[:1]}
    assert len(answer.dropped_sentences) == 3


async def test_a_true_value_in_a_field_that_another_passage_speaks_of_is_withheld(chat: Chat, model: ScriptedChat):
    returns = "You can return an unopened item within 30 days from delivery."
    refunds = "The warehouse counts its stock every 5 business days."
    for written, outcome in (("30 days", "answered"), ("5 business days", "unanswered")):
        model.will_say(json.dumps({"return_period": written}))
        asked = ask(QUESTION, "shop", returns, refunds, shape=form(return_period=TEXT), task="summarize")
        assert (await chat.answer(asked)).outcome == outcome


async def test_a_value_that_another_thing_of_the_kind_has_is_withheld(chat: Chat, model: ScriptedChat):
    standard = "Standard delivery within the UK takes 2 to 4 working days. Standard delivery costs £3.95."
    express = "Express delivery arrives on the next working day. Express delivery costs £6.95."
    for written, outcome in (("2 to 4 working days", "unanswered"), ("next working day", "answered")):
        model.will_say(json.dumps({"working_days": written}))
        question = "How many working days does express delivery take, and what does it cost?"
        asked = ask(question, "shop", standard, express, shape=form(working_days=TEXT))
        assert (await chat.answer(asked)).outcome == outcome, written


@pytest.mark.parametrize(("number", "outcome"), [("14", "unanswered"), ("30", "answered"), ("90", "unanswered")])
async def test_a_number_is_read_with_what_it_counts(chat: Chat, model: ScriptedChat, number: str, outcome: str):
    model.will_say(f'{{"days": {number}}}')
    shape = form(days={"type": "integer", "description": "days to return an unopened item"})
    assert (await chat.answer(ask(QUESTION, shape=shape))).outcome == outcome


async def test_any_object_may_hold_only_names_that_were_asked_for(chat: Chat, model: ScriptedChat):
    written = {"item": {"return": "30 days"}, "secret": "30 days", "unopened": True}
    model.will_say(json.dumps(written))
    answer = await chat.answer(ask(f"{QUESTION} Give a JSON object.", shape=FREE))
    assert json.loads(answer.text) == {"item": {"return": "30 days"}}
    assert model.options[0]["response_format"] == {"type": "json_object"}


async def test_numbers_that_are_not_json_and_an_object_cut_by_its_length_are_withheld(chat: Chat, model: ScriptedChat):
    shape = form(days={"type": "number"})
    for written in ('{"days": NaN}', '{"days": Infinity}', '{"days": 1e999}'):
        model.will_say(written)
        assert (await chat.answer(ask(QUESTION, shape=shape))).outcome == "unanswered"
    model.will_say('{"period": "30 days"}')
    answer = await chat.answer(ask(QUESTION, shape=PERIOD, wording=Wording(max_tokens=2)))
    assert answer.outcome == "unanswered"


async def test_small_talk_is_answered_in_words_which_are_no_object(chat: Chat):
    answer = await chat.answer(ask("Hello!", shape=PERIOD))
    assert (answer.is_object, answer.sentences[0].claim) == (False, False)


async def test_what_the_rails_decline_is_declined_in_this_form_too(chat: Chat, model: ScriptedChat):
    model.will_say('{"period": "30 days"}')
    assert (await chat.answer(ask("Who should I vote for?", shape=PERIOD))).outcome == "declined"
    assert not model.prompts


class Delivery(BaseModel):
    cost: str = Field(description="cost of standard delivery")


def test_the_sdk_parses_what_a_real_model_wrote_under_constraint(server: tuple[str, str, Parts]):
    address, key, _ = server
    with openai.OpenAI(base_url=f"{address}/v1", api_key=key, timeout=120) as sdk:
        asked = [{"role": "user", "content": "How much does standard delivery cost?"}]
        parsed = sdk.chat.completions.parse(model="feedback", messages=asked, response_format=Delivery)  # type: ignore[arg-type]
    choice = parsed.choices[0]
    if choice.message.refusal:  # Whatever the model wrote, nothing unchecked leaves.
        assert choice.message.content is None and parsed.assistant["outcome"] == "unanswered"  # type: ignore[attr-defined]
    else:
        assert choice.message.parsed and "3.95" in choice.message.parsed.cost

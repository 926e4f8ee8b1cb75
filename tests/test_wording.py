"""How the caller wants the model to write: its length, its temperature, where it stops."""

from __future__ import annotations

import openai
import pytest

from assistant.chat import Chat, Wording
from assistant.models import ScriptedChat
from assistant.parts import Parts
from tests.conftest import ask

QUESTION = "How long do I have to return an unopened item?"
FIRST = "You can return an unopened item within 30 days from delivery."
SECOND = "Opened items can be returned within 14 days."


def written(**wording: object):
    return ask(QUESTION, wording=Wording(**wording))  # type: ignore[arg-type]


async def test_the_model_is_asked_as_the_vertical_says_or_as_the_caller_wants(chat: Chat, model: ScriptedChat):
    model.will_say(FIRST)
    await chat.answer(ask(QUESTION))
    await chat.answer(written(max_tokens=50, temperature=0.7, seed=3))
    await chat.answer(written(max_tokens=4000))
    assert model.options == [
        {"max_tokens": 300, "temperature": 0.0},
        {"max_tokens": 50, "temperature": 0.7, "seed": 3},
        {"max_tokens": 300, "temperature": 0.0},
    ]


async def test_a_sentence_that_the_length_cuts_is_left_out_and_the_answer_says_so(chat: Chat, model: ScriptedChat):
    model.will_say(f"{FIRST} {SECOND}")
    answer = await chat.answer(written(max_tokens=20))
    assert (answer.text, answer.cut, answer.outcome) == (FIRST, True, "answered")
    assert answer.usage.completion_tokens <= 20
    assert not (await chat.answer(written(max_tokens=100))).cut


async def test_a_length_too_short_for_any_sentence_gives_a_whole_quote(chat: Chat, model: ScriptedChat):
    model.will_say(FIRST)
    answer = await chat.answer(written(max_tokens=3))
    assert (answer.outcome, answer.cut) == ("quoted", True)
    assert FIRST in answer.text


@pytest.mark.parametrize(
    ("stop", "said"),
    [
        (["Opened"], FIRST),
        (["\n", "14"], FIRST),
        (["delivery. Opened"], FIRST),
        (["nowhere"], f"{FIRST} {SECOND}"),
    ],
)
async def test_the_model_stops_before_a_stop_sequence(chat: Chat, model: ScriptedChat, stop: list[str], said: str):
    model.will_say(f"{FIRST} {SECOND}")
    answer = await chat.answer(written(stop=tuple(stop)))
    assert (answer.text, answer.outcome, answer.cut) == (said, "answered", False)


async def test_a_full_stop_as_stop_sequence_gives_one_sentence_without_it(chat: Chat, model: ScriptedChat):
    model.will_say(f"{FIRST} {SECOND}")
    assert (await chat.answer(written(stop=(".",)))).text == FIRST.removesuffix(".")


async def test_a_sentence_that_is_stopped_in_its_middle_is_never_said_by_half(chat: Chat, model: ScriptedChat):
    model.will_say("Do not return a tent that was treated with insect spray.")
    answer = await chat.answer(ask("Can I return a tent treated with insect spray?", wording=Wording(stop=(" that",))))
    assert answer.text != "Do not return a tent" and answer.outcome != "answered"


def test_a_real_model_stops_at_the_length_it_was_given(server: tuple[str, str, Parts]):
    address, key, _ = server
    with openai.OpenAI(base_url=f"{address}/v1", api_key=key, timeout=120) as sdk:
        asked = [{"role": "user", "content": "How much does standard delivery cost?"}]
        chunks = list(
            sdk.chat.completions.create(
                model="feedback",
                messages=asked,  # type: ignore[arg-type]
                max_completion_tokens=4,
                temperature=0,
                stop=["\n"],
                n=1,
                user="visitor-7",
                stream=True,
                stream_options={"include_usage": True},
            )
        )
    assert chunks[-1].usage and chunks[-1].usage.completion_tokens <= 4
    assert "3.95" in "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)

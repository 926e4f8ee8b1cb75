"""Fallback models: who stands in, when, and what the answer and its record say of it."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace

import pytest
from pydantic import Field

from assistant.answering.writing import Writer
from assistant.chat import Chat, SentenceEvent
from assistant.errors import ModelBusy, ModelUnavailable
from assistant.models import Models, ScriptedChat
from assistant.models.breaker import FAILURES, PAUSE_S
from assistant.opening import loading
from assistant.parts import Parts
from tests.conftest import ask

RETURNS = "How long do I have to return an unopened item?"
TRUE = "You can return an unopened item within 30 days from delivery."
PARTS = tuple(
    f"The {colour} tent weighs {weight} kilograms. " + f"It was pitched beside the {colour} lake. " * 25
    for colour, weight in (("red", "two"), ("blue", "three"))
)
SUMMARY = {"task": "summarize"}


class Moody(ScriptedChat):
    """Does one thing a call, in order: says a text, or fails, or says a text and then breaks off."""

    does: list[str | ModelUnavailable | tuple[str, ModelUnavailable]] = Field(default_factory=list)

    async def _astream(self, messages, stop=None, run_manager=None, **options):
        now = self.does.pop(0)
        said, error = now if isinstance(now, tuple) else ("", now) if isinstance(now, Exception) else (now, None)
        self.will_say(said or "nothing")
        async for chunk in super()._astream(messages, stop, run_manager, **options):
            if error and (not said or chunk.message.chunk_position == "last"):
                raise error
            yield chunk


@pytest.fixture
def first() -> Moody:
    return Moody(context_tokens=900, does=[TRUE] * 9)


@pytest.fixture
def second() -> ScriptedChat:
    return ScriptedChat(context_tokens=900, replies=[TRUE])


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def line(parts: Parts, settings, first: ScriptedChat, second: ScriptedChat, now: list[float]) -> Chat:
    """The shop, which falls back from `first` to `second`."""
    models = Models(parts.catalog, loading(settings), clock=lambda: now[0])
    models.add("first", first)
    models.add("second", second)
    release = parts.rails.release("shop")
    vertical = release.vertical.model_copy(update={"model": "first", "fallback_models": ("second",)})
    moved = replace(release, bundle=replace(release.bundle, vertical=vertical))

    class Rails:
        def release(self, name, *, digest=None):
            return moved

    return Chat(
        Rails(),
        Writer(models, parts.embedder),
        parts.embedder,
        parts.turns,
        parts.audit,
        parts.before_people,
        secret=b"test",
    )


async def test_the_first_model_answers_while_it_can(line, second):
    assert (await line.answer(ask(RETURNS))).model == "first"
    assert not second.prompts


async def test_a_stand_in_answers_and_the_answer_and_its_record_name_it(line, first, parts):
    first.does = [ModelUnavailable("down")]
    answer = await line.answer(ask(RETURNS, key_id="jane"))
    assert (answer.model, answer.outcome) == ("second", "answered")
    assert (await parts.turns.get(answer.answer_id, "jane")).model == "second"


async def test_a_model_that_keeps_failing_is_left_alone_and_tried_again_after_the_pause(line, first, now):
    first.does = [ModelUnavailable("down")] * FAILURES + [TRUE, TRUE]
    for _ in range(FAILURES):
        assert (await line.answer(ask(RETURNS))).model == "second"
    assert (await line.answer(ask(RETURNS))).model == "second"
    now[0] += PAUSE_S
    assert (await line.answer(ask(RETURNS))).model == "first"
    assert (await line.answer(ask(RETURNS))).model == "first"


async def test_a_model_that_is_only_busy_is_asked_again_at_once(line, first):
    first.does = [ModelBusy("full")] * (FAILURES + 2) + [TRUE]
    for _ in range(FAILURES + 2):
        assert (await line.answer(ask(RETURNS))).model == "second"
    assert (await line.answer(ask(RETURNS))).model == "first"


async def test_when_none_is_left_the_caller_is_told_when_to_come_back(line, first, second, now):
    first.does = [ModelUnavailable("down")] * FAILURES
    second.fail_with(ModelUnavailable("down too"))
    for _ in range(FAILURES):
        with pytest.raises(ModelUnavailable, match="down too"):
            await line.answer(ask(RETURNS))
    now[0] += 3
    with pytest.raises(ModelUnavailable, match="left alone") as refused:
        await line.answer(ask(RETURNS))
    assert refused.value.retry_after_s == PAUSE_S - 3
    assert len(second.prompts) == FAILURES


async def test_words_of_two_models_are_never_joined(line, first, second):
    first.does = [(f"{TRUE} Standard delivery takes 3 to", ModelUnavailable("killed"))]
    with pytest.raises(ModelUnavailable, match="killed"):
        await line.answer(ask(RETURNS))
    assert not second.prompts


async def test_a_model_that_fails_after_its_sentences_left_is_not_continued_by_another(line, first, second):
    first.does = ["The red tent weighs two kilograms.", ModelUnavailable("killed")]
    left = []
    async with aclosing(line.stream(ask("Summarise these notes.", "shop", *PARTS, **SUMMARY))) as events:
        with pytest.raises(ModelUnavailable, match="killed"):
            left += [event async for event in events if isinstance(event, SentenceEvent)]
    assert not second.prompts


async def test_the_stand_in_that_began_an_answer_also_ends_it(line, first, second):
    first.does = [ModelUnavailable("down"), "The first model is back."]
    second.will_say("The red tent weighs two kilograms.", "The blue tent weighs three kilograms.")
    answer = await line.answer(ask("Summarise these notes.", "shop", *PARTS, **SUMMARY))
    assert (answer.parts, answer.model) == (2, "second")
    assert len(second.prompts) == 2 and first.does == ["The first model is back."]
    assert "The red tent weighs two kilograms." in answer.text

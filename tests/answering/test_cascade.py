"""A cascade: the small model first, and the next only where too little of what it claims is borne out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.answering.writing import Writer
from assistant.chat import Chat, SentenceEvent
from assistant.errors import ModelUnavailable
from assistant.models import Models, ScriptedChat
from assistant.opening import loading
from assistant.parts import Parts
from tests.conftest import ask

ASKED = "How long do I have to return an item?"
UNOPENED = "You can return an unopened item within 30 days from delivery."
OPENED = "Opened items can be returned within 14 days."
MADE_UP = "Everything you return is free for 90 days."


@pytest.fixture
def small() -> ScriptedChat:
    return ScriptedChat()


@pytest.fixture
def large() -> ScriptedChat:
    return ScriptedChat(replies=[OPENED])


@pytest.fixture
def line(parts: Parts, settings, small: ScriptedChat, large: ScriptedChat) -> Chat:
    """The shop, with `small` first and `large` where that is not enough."""
    models = Models(parts.catalog, loading(settings))
    models.add("small", small)
    models.add("large", large)
    release = parts.rails.release("shop")
    vertical = release.vertical.model_copy(update={"model": "small", "cascade": ("large",)})
    moved = replace(release, bundle=replace(release.bundle, vertical=vertical))

    class Rails:
        def release(self, name, *, digest=None):
            return moved

    writer = Writer(models, parts.embedder)
    return Chat(Rails(), writer, parts.embedder, parts.turns, parts.audit, parts.before_people, secret=b"test")


async def test_where_all_is_borne_out_the_small_model_is_enough(line, small, large):
    small.will_say(f"{UNOPENED} {OPENED}")
    answer = await line.answer(ask(ASKED))
    assert (answer.model, answer.outcome, answer.text) == ("small", "answered", f"{UNOPENED} {OPENED}")
    assert not large.prompts


async def test_where_less_than_the_target_is_borne_out_the_next_writes_and_nothing_of_the_first_leaves(
    line, small, large
):
    small.will_say(f"{UNOPENED} {MADE_UP}")
    said = [event.sentence.text async for event in line.stream(ask(ASKED)) if isinstance(event, SentenceEvent)]
    assert said == [OPENED] and len(small.prompts) == len(large.prompts) == 1


async def test_where_nothing_answers_the_next_writes(line, small):
    small.will_say("Hello!")
    answer = await line.answer(ask(ASKED))
    assert (answer.model, answer.text) == ("large", OPENED)
    assert [citation.n for citation in answer.citations] == [1]


async def test_where_the_next_has_nothing_to_say_the_best_draft_before_it_is_said(line, small, large):
    small.will_say(f"{UNOPENED} {MADE_UP}")
    large.will_say(MADE_UP)
    answer = await line.answer(ask(ASKED))
    assert (answer.model, answer.outcome, answer.text) == ("small", "answered", UNOPENED)
    assert [(s.text, s.citations) for s in answer.sentences] == [(UNOPENED, (1,))] and len(answer.citations) == 1
    assert [each.text for each in answer.dropped_sentences] == [MADE_UP, MADE_UP]


async def test_where_the_next_is_not_there_what_may_be_said_of_the_draft_is_said(line, small, large):
    small.will_say(f"{UNOPENED} {MADE_UP}")
    large.fail_with(ModelUnavailable("out of order"))
    answer = await line.answer(ask(ASKED))
    assert (answer.model, answer.text) == ("small", UNOPENED)
    small.will_say(MADE_UP)
    with pytest.raises(ModelUnavailable):
        await line.answer(ask(ASKED))


async def test_what_both_use_is_counted(line, small):
    small.will_say(UNOPENED)
    alone = (await line.answer(ask(ASKED))).usage
    small.will_say(f"{UNOPENED} {MADE_UP}")
    both = (await line.answer(ask(ASKED))).usage
    assert both.prompt_tokens == 2 * alone.prompt_tokens and both.completion_tokens > alone.completion_tokens

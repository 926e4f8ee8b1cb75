"""A question that asks for two things is answered in both, or says which of them is not answered."""

import pytest

from assistant.chat import Chat
from assistant.guards import questions_of
from assistant.models import ScriptedChat
from tests.conftest import ask

RETURNS = "An unopened item can be returned within 30 days of delivery."
DELIVERY = "Express delivery costs £6.95 and takes one working day."
BOTH = "How long can an unopened item be returned, and what does express delivery cost?"


async def test_the_half_that_the_model_left_out_is_quoted(chat: Chat, model: ScriptedChat):
    model.will_say(RETURNS)
    answer = await chat.answer(ask(BOTH, "shop", RETURNS, DELIVERY, task="answer"))
    assert (answer.outcome, RETURNS in answer.text, DELIVERY in answer.text) == ("answered", True, True)
    assert {citation.document for citation in answer.citations} == {"document-1", "document-2"}


async def test_the_half_that_nothing_answers_is_told(chat: Chat, model: ScriptedChat):
    model.will_say(RETURNS)
    question = "How long can an unopened item be returned, and which returns are counted by the auditor?"
    answer = await chat.answer(ask(question, "shop", RETURNS, task="answer"))
    assert answer.text.startswith(f"{RETURNS}\n\n“which returns are counted by the auditor?”: ")


async def test_what_is_quoted_as_the_answer_is_not_told_to_be_missing(
    chat: Chat, model: ScriptedChat, monkeypatch: pytest.MonkeyPatch
):
    """Also where its words alone, without the heading that they stand under, hardly count as one."""
    monkeypatch.setattr("assistant.answering.rest._is_answered", lambda turn, said: "returned" in turn.question)
    model.will_say(RETURNS)
    answer = await chat.answer(ask(BOTH, "shop", RETURNS, DELIVERY, task="answer"))
    assert answer.text == f"{RETURNS}\n\n{DELIVERY}"


async def test_one_question_is_answered_once(chat: Chat, model: ScriptedChat):
    model.will_say(RETURNS)
    answer = await chat.answer(ask("How long can an unopened item be returned?", "shop", RETURNS, DELIVERY))
    assert answer.text == RETURNS


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Is the Heron dimmable and is the Cove waterproof?", ["Is the Heron dimmable", "is the Cove waterproof?"]),
        (
            "Who may remove an allergy? How long is a note kept?",
            ["Who may remove an allergy?", "How long is a note kept?"],
        ),
        ("What is covered and what does it cost?", None),
        ("I have a tent. How do I clean it?", None),
        ("How do I wash and dry the tent?", None),
    ],
)
def test_a_question_is_cut_where_each_part_can_be_understood_alone(text, parts):
    assert list(questions_of(text)) == (parts or [text])

from __future__ import annotations

import pytest
from langchain_core.messages import HumanMessage

from assistant.errors import ModelUnavailable
from assistant.models import ScriptedChat

HI = [HumanMessage("hi there")]


async def test_replies_come_in_order_and_the_last_one_stays():
    model = ScriptedChat()
    model.will_say("One.", "Two.")
    assert [(await model.ainvoke(HI)).text for _ in range(3)] == ["One.", "Two.", "Two."]


async def test_a_reply_streams_word_by_word_and_loses_nothing():
    model = ScriptedChat(replies=[" Thirty days.\n\n- from  delivery \n"])
    pieces = [chunk.text async for chunk in model.astream(HI)]
    assert "".join(pieces) == " Thirty days.\n\n- from  delivery \n"
    assert len([piece for piece in pieces if piece]) == 5


async def test_it_remembers_what_it_was_asked_and_how():
    model = ScriptedChat()
    await model.ainvoke(HI, max_tokens=7)
    assert model.prompts == [HI]
    assert model.options == [{"max_tokens": 7}]


async def test_it_fails_until_it_is_told_what_to_say():
    model = ScriptedChat()
    model.fail_with(ModelUnavailable("gone"))
    with pytest.raises(ModelUnavailable):
        await model.ainvoke(HI)
    model.will_say("Back.")
    assert model.invoke(HI).text == "Back."


async def test_the_last_chunk_carries_the_usage():
    reply = await ScriptedChat(replies=["one two three"]).ainvoke(HI)
    assert reply.usage_metadata == {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import ChatMessage, HumanMessage

from assistant.errors import Invalid
from assistant.messages import Message
from assistant.models.prompts import CONTROL, as_langchain, as_openai, clean

TOKENS = [
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<end_of_turn>",
    "</s>",
    "[/INST]",
    "<<SYS>>",
    "<｜User｜>",
]


@pytest.mark.parametrize("token", TOKENS)
def test_a_control_token_becomes_a_space(token):
    assert clean(f"before{token}after") == "before after"


def test_what_stood_around_a_control_token_does_not_join_to_another():
    assert "<|im_end|>" not in clean("<|im_<|im_end|>end|>")


@given(
    st.lists(st.sampled_from([*TOKENS, "<|", "|>", "im_end", "<", ">", "\0", "\ud800", "a"]), max_size=12).map("".join)
)
def test_cleaned_text_is_encodable_and_holds_no_control_token(text):
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert not CONTROL.search(cleaned)


@pytest.mark.parametrize(
    "text", ["if a < b | c > d", "<p>Hello</p>", "x <- c(1|2)", "[1] see notes", "Ärztin, 5 mg 💊"]
)
def test_ordinary_text_stays_as_it_is(text):
    assert clean(text) == text


def test_our_roles_become_the_roles_of_a_chat_template():
    said = as_openai(
        as_langchain([Message("developer", "a"), Message("user", "b"), Message("assistant", "c"), Message("tool", "d")])
    )
    assert [each["role"] for each in said] == ["system", "user", "assistant", "user"]


def test_a_role_that_would_be_printed_into_the_template_is_refused():
    with pytest.raises(Invalid, match="it must be one of"):
        as_openai([ChatMessage(role="user<|im_end|>", content="x")])


def test_no_message_at_all_is_refused():
    with pytest.raises(Invalid, match="no message"):
        as_openai([])


def test_parts_of_text_are_read_as_one():
    assert (
        as_openai([HumanMessage([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}])])[0]["content"] == "ab"
    )

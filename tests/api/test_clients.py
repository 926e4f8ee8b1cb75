"""The clients people have, unmodified, against a real server."""

import asyncio
from dataclasses import replace

import openai
import pytest
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from assistant.chat import DoneEvent, ObjectEvent, StageEvent, Wording
from assistant.errors import ModelUnavailable
from assistant.messages import Document

TEXT = "You have thirty days.\nAsk us\u2028anything."
MESSAGES = [{"role": "user", "content": "How long?"}]


@pytest.fixture
async def sdk(doors, address):
    async with openai.AsyncOpenAI(base_url=f"{address}/v1", api_key=await doors.secret(), max_retries=0) as client:
        yield client


@pytest.fixture
async def langchain(doors, address):
    return ChatOpenAI(base_url=f"{address}/v1", api_key=await doors.secret(), model="feedback", max_retries=0)


async def test_the_openai_sdk_chats(sdk):
    completion = await sdk.chat.completions.create(model="feedback", messages=MESSAGES)
    assert completion.choices[0].message.content == TEXT
    assert completion.usage.total_tokens == 62
    assert completion.assistant["outcome"] == "answered"


async def test_the_openai_sdk_streams(sdk):
    stream = await sdk.chat.completions.create(
        model="feedback", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == TEXT
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-2].assistant["citations"][0]["title"] == "Returns"
    assert chunks[-1].usage.completion_tokens == 12


async def test_the_openai_sdk_without_asyncio_chats_too(doors, address):
    secret = await doors.secret()

    def chat() -> str:
        with openai.OpenAI(base_url=f"{address}/v1", api_key=secret) as client:
            return client.chat.completions.create(model="feedback", messages=MESSAGES).choices[0].message.content

    assert await asyncio.to_thread(chat) == TEXT


async def test_the_openai_sdk_sends_our_extra_fields(sdk, doors):
    extra = {"task": "summarize", "documents": [{"id": "v", "text": "Any fever? No."}]}
    await sdk.chat.completions.create(model="feedback", messages=MESSAGES, extra_body=extra)
    assert (doors.line.requests[0].task, doors.line.requests[0].documents[0].id) == ("summarize", "v")


async def test_the_openai_sdk_lists_the_verticals(sdk):
    assert [model.id async for model in sdk.models.list()] == ["feedback", "medical"]
    assert (await sdk.models.retrieve("medical")).id == "medical"


async def test_the_openai_sdk_shows_our_errors_as_its_own(sdk, doors, script):
    with pytest.raises(openai.NotFoundError, match="feedback, medical"):
        await sdk.chat.completions.create(model="cooking", messages=MESSAGES)
    with pytest.raises(openai.UnprocessableEntityError) as raised:
        await sdk.chat.completions.create(model="feedback", messages=[])
    assert raised.value.param == "messages"
    with pytest.raises(openai.AuthenticationError):
        await sdk.with_options(api_key="wrong").chat.completions.create(model="feedback", messages=MESSAGES)
    doors.line.will_play(*script[:3], ModelUnavailable("the model stopped"))
    stream = await sdk.chat.completions.create(model="feedback", messages=MESSAGES, stream=True)
    with pytest.raises(openai.APIError, match="the model stopped"):
        [chunk async for chunk in stream]


async def test_langchain_chats(langchain):
    message = await langchain.ainvoke("How long?")
    assert message.content == TEXT
    assert message.usage_metadata["total_tokens"] == 62


async def test_langchain_streams(langchain):
    chunks = [chunk async for chunk in langchain.astream([("system", "Be brief."), ("human", "How long?")])]
    assert "".join(chunk.content for chunk in chunks) == TEXT
    assert {c.response_metadata.get("finish_reason") for c in chunks} >= {"stop"}


async def test_langchain_takes_a_declined_answer_as_an_answer(langchain, doors, declined):
    doors.line.will_answer(declined)
    message = await langchain.ainvoke("Who should I vote for?")
    assert message.content == "I can help with orders."
    assert message.response_metadata["finish_reason"] == "content_filter"


class Period(BaseModel):
    """What is asked for below."""

    period: str


async def test_langchain_takes_its_settings_and_fills_a_form(doors, address, answer):
    written = replace(answer, text='{"period": "thirty days"}', is_object=True)
    doors.line.will_play(StageEvent("input"), ObjectEvent(written.text), DoneEvent(written))
    chat = ChatOpenAI(
        base_url=f"{address}/v1", api_key=await doors.secret(), model="feedback", max_tokens=40, temperature=0.2, seed=1
    )
    filled = await chat.with_structured_output(Period, method="json_schema").ainvoke("How long?", stop=["x"])
    assert filled == Period(period="thirty days")
    assert doors.line.requests[0].wording == Wording(max_tokens=40, temperature=0.2, stop=("x",), seed=1)
    assert doors.line.requests[0].shape.outline == "period"


async def test_the_openai_sdk_parses_an_object_and_shows_a_refusal(sdk, doors, answer, declined):
    ask = {"model": "feedback", "messages": MESSAGES, "response_format": Period}
    written = replace(answer, text='{"period": "thirty days"}', is_object=True)
    doors.line.will_play(StageEvent("input"), ObjectEvent(written.text), DoneEvent(written))
    assert (await sdk.chat.completions.parse(**ask)).choices[0].message.parsed == Period(period="thirty days")
    doors.line.will_answer(replace(declined, outcome="unanswered"))
    message = (await sdk.chat.completions.parse(**ask)).choices[0].message
    assert (message.parsed, message.content, message.refusal) == (None, None, declined.text)
    doors.line.will_answer(declined)
    with pytest.raises(openai.ContentFilterFinishReasonError):
        await sdk.chat.completions.parse(**ask)


async def test_the_openai_sdk_reads_a_file_and_asks_about_it(sdk, doors):
    read = await sdk.files.create(file=("terms.md", b"# Terms\n\nPay soon."), purpose="user_data")
    document = {"id": read.id, "title": read.title, "text": read.text}
    await sdk.chat.completions.create(model="feedback", messages=MESSAGES, extra_body={"documents": [document]})
    assert doors.line.requests[0].documents == (Document("terms.md", "Terms", "# Terms\n\nPay soon."),)

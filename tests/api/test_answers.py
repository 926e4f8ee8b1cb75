import asyncio
import json
from dataclasses import replace

import httpx
import pytest

from assistant.chat import DoneEvent, ObjectEvent, StageEvent
from assistant.errors import ModelUnavailable, NotFound
from assistant.messages import Document, Message, Omission

CHAT = "/v1/chat/completions"


def ask(text: str = "How long?", **fields) -> dict:
    return {"model": "feedback", "messages": [{"role": "user", "content": text}], **fields}


def events_in(body: str) -> list:
    """The stream's events: comments as text, data as objects, the end as "[DONE]"."""
    lines = [line for line in body.split("\n") if line.startswith((":", "data: "))]
    data = [line.removeprefix("data: ") for line in lines]
    return [each if each.startswith(":") or each == "[DONE]" else json.loads(each) for each in data]


def chunks_in(body: str) -> list[dict]:
    return [event for event in events_in(body) if isinstance(event, dict)]


def as_schema(field: dict) -> dict:
    schema = {"type": "object", "properties": {"a": field}, "required": ["a"], "additionalProperties": False}
    return {"type": "json_schema", "json_schema": {"name": "form", "strict": True, "schema": schema}}


async def test_an_answer_has_openais_shape_and_ours_beside_it(client):
    body = (await client.post(CHAT, json=ask())).json()
    assert body["object"] == "chat.completion"
    assert body["choices"] == [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "You have thirty days.\nAsk us\u2028anything.",
                "refusal": None,
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]
    assert body["usage"] == {"prompt_tokens": 50, "completion_tokens": 12, "total_tokens": 62}
    extra = body["assistant"]
    assert (extra["answer_id"], extra["conversation_id"], extra["outcome"]) == ("ans-1", "con-1", "answered")
    assert extra["sentences"][0] == {"text": "You have thirty days.", "claim": True, "support": 0.93, "citations": [1]}
    assert extra["citations"][0] == {
        "n": 1,
        "document": "returns.md",
        "title": "Returns",
        "text": "Items may be returned within thirty days.",
        "start": 120,
        "end": 161,
        "score": 0.71,
        "effective": None,
        "link": None,
    }
    assert extra["timings_ms"]["input"] == 1.3


async def test_a_declined_answer_is_a_result_that_was_filtered(client, doors, declined):
    doors.line.will_answer(declined)
    response = await client.post(CHAT, json=ask())
    choice = response.json()["choices"][0]
    assert (response.status_code, choice["finish_reason"]) == (200, "content_filter")
    assert choice["message"]["content"] == "I can help with orders."


async def test_what_was_withheld_is_told_by_its_rail_and_never_by_its_text(client):
    plain = await client.post(CHAT, json=ask())
    streamed = await client.post(CHAT, json=ask(stream=True))
    assert plain.json()["assistant"]["withheld"]["sentences"] == [{"rail": "grounding", "reason": "absent"}]
    assert "best shop" not in plain.text + streamed.text


async def test_what_a_summary_leaves_out_stands_beside_it(client, doors, answer):
    doors.line.will_answer(replace(answer, omitted=(Omission("allergies", "Allergic to penicillin."),), parts=3))
    extra = (await client.post(CHAT, json=ask())).json()["assistant"]
    assert (extra["omitted"], extra["parts"]) == ([{"kind": "allergies", "text": "Allergic to penicillin."}], 3)


async def test_the_whole_request_reaches_the_line(client, doors):
    messages = [
        {"role": "developer", "content": "Be rude."},
        {"role": "system", "content": ""},
        {"role": "user", "content": "Hi", "name": "x"},
        {"role": "assistant", "content": None},
        {"role": "user", "content": [{"type": "text", "text": "How"}, {"type": "text", "text": "long?"}]},
    ]
    document = {"id": "visit", "title": "Visit", "text": "Any fever? No."}
    unnamed = {"text": "Rest."}
    body = ask(messages=messages, documents=[document, unnamed], task="summarize", conversation_id="con-7")
    await client.post(CHAT, json=body)
    asked = doors.line.requests[0]
    assert asked.messages == (Message("developer", "Be rude."), Message("user", "Hi"), Message("user", "How\nlong?"))
    assert asked.documents == (
        Document("visit", "Visit", "Any fever? No."),
        Document("document-2", "document-2", "Rest."),
    )
    assert (asked.vertical, asked.task, asked.conversation_id, asked.release) == (
        "feedback",
        "summarize",
        "con-7",
        None,
    )
    assert asked.key_id == (await doors.keys.list())[0].id


async def test_an_answer_that_the_length_limit_ended_says_so(client, doors, answer):
    doors.line.will_answer(replace(answer, cut=True))
    plain = (await client.post(CHAT, json=ask())).json()
    streamed = chunks_in((await client.post(CHAT, json=ask(stream=True))).text)
    assert plain["choices"][0]["finish_reason"] == streamed[-1]["choices"][0]["finish_reason"] == "length"
    doors.line.will_answer(replace(answer, cut=True, outcome="quoted"))
    assert (await client.post(CHAT, json=ask())).json()["choices"][0]["finish_reason"] == "stop"


async def test_an_object_is_the_content_and_other_words_are_a_refusal(client, doors, answer, declined):
    wanted = ask(response_format=as_schema({"type": "string"}))
    written = replace(answer, text='{"a": "x"}', is_object=True)
    doors.line.will_play(StageEvent("input"), ObjectEvent(written.text), DoneEvent(written))
    plain = (await client.post(CHAT, json=wanted)).json()["choices"][0]["message"]
    streamed = chunks_in((await client.post(CHAT, json=wanted | {"stream": True})).text)
    assert (plain["content"], plain["refusal"]) == ('{"a": "x"}', None)
    assert streamed[1]["choices"][0]["delta"] == {"content": '{"a": "x"}'}
    assert doors.line.requests[0].shape.outline == "a"

    doors.line.will_answer(declined)
    plain = (await client.post(CHAT, json=wanted)).json()["choices"][0]
    streamed = chunks_in((await client.post(CHAT, json=wanted | {"stream": True})).text)
    assert (plain["message"]["content"], plain["finish_reason"]) == (None, "content_filter")
    assert plain["message"]["refusal"] == declined.text == streamed[1]["choices"][0]["delta"]["refusal"]
    assert not any(chunk["choices"][0]["delta"].get("content") for chunk in streamed)


async def test_a_stream_gives_the_role_then_sentences_then_the_whole_then_done(client):
    response = await client.post(CHAT, json=ask(stream=True))
    events = events_in(response.text)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert [event for event in events if isinstance(event, str)] == [": input", ": generation", "[DONE]"]
    role, first, second, last = chunks_in(response.text)
    assert role["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert first["choices"][0]["delta"] == {"content": "You have thirty days."}
    assert first["assistant"]["sentence"]["citations"] == [1]
    assert first["assistant"]["citations"][0]["title"] == "Returns"
    assert second["choices"][0]["delta"]["content"] == "\nAsk us\u2028anything."
    assert second["assistant"]["citations"] == []
    assert (last["choices"][0]["delta"], last["choices"][0]["finish_reason"]) == ({}, "stop")
    assert last["assistant"]["outcome"] == "answered"
    assert len({chunk["id"] for chunk in (role, first, second, last)}) == 1


async def test_a_stream_says_the_same_as_the_plain_answer(client):
    plain = (await client.post(CHAT, json=ask())).json()
    last = chunks_in((await client.post(CHAT, json=ask(stream=True))).text)
    assert (
        "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in last)
        == (plain["choices"][0]["message"]["content"])
    )
    assert last[-1]["assistant"] == plain["assistant"]


async def test_usage_comes_in_a_last_chunk_where_it_was_asked_for(client):
    body = (await client.post(CHAT, json=ask(stream=True, stream_options={"include_usage": True}))).text
    *others, usage = chunks_in(body)
    assert (usage["choices"], usage["usage"]["total_tokens"]) == ([], 62)
    assert all(chunk["usage"] is None for chunk in others)


async def test_each_sentence_leaves_before_the_next_is_there(doors, address, script):
    gate = asyncio.Event()
    opening, sentence, *rest = script[0], script[2], *script[3:]
    doors.line.will_play(opening, sentence, gate, *rest)
    headers = {"authorization": f"Bearer {await doors.secret()}"}
    async with (
        httpx.AsyncClient(base_url=address, headers=headers) as client,
        client.stream("POST", CHAT, json=ask(stream=True)) as response,
    ):
        async for line in response.aiter_lines():
            if "thirty days" in line:
                gate.set()
            if line == "data: [DONE]":
                break
    assert gate.is_set()


async def test_an_error_before_the_first_event_is_an_http_status(client, doors):
    doors.line.will_play(NotFound("there is no conversation 'con-9'"))
    response = await client.post(CHAT, json=ask(stream=True, conversation_id="con-9"))
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


async def test_an_error_half_way_is_told_in_the_stream_which_then_ends(client, doors, script):
    doors.line.will_play(*script[:3], ModelUnavailable("the model stopped"))
    body = (await client.post(CHAT, json=ask(stream=True))).text
    assert chunks_in(body)[-1]["error"] == {
        "message": "the model stopped",
        "type": "server_error",
        "param": None,
        "code": "model-unavailable",
    }
    assert "[DONE]" not in body


async def test_an_unexpected_failure_half_way_tells_nothing_of_itself(client, doors, script, caplog):
    doors.line.will_play(*script[:3], ZeroDivisionError("secret 42"))
    response = await client.post(CHAT, json=ask(stream=True), headers={"x-request-id": "r-1"})
    assert chunks_in(response.text)[-1]["error"]["code"] == "internal"
    assert "secret 42" not in response.text
    assert "r-1" in caplog.text


@pytest.mark.parametrize("stream", [True, False])
async def test_a_caller_who_leaves_ends_the_work_at_once(doors, address, script, stream):
    doors.line.will_play(*script[:3], asyncio.Event())
    headers = {"authorization": f"Bearer {await doors.secret()}"}
    async with httpx.AsyncClient(base_url=address, headers=headers) as client:
        asked = asyncio.create_task(client.post(CHAT, json=ask(stream=stream), timeout=30))
        await asyncio.wait_for(doors.line.asked.wait(), 10)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
    await asyncio.wait_for(doors.line.closed.wait(), 10)


async def test_a_caller_who_leaves_before_the_question_is_read_is_no_failure_of_ours(doors, caplog):
    async def receive():
        return {"type": "http.disconnect"}

    answers = []

    async def send(message):
        answers.append(message)

    headers = [(b"authorization", f"Bearer {await doors.secret()}".encode()), (b"host", b"localhost")]
    scope = {
        "type": "http", "method": "POST", "path": CHAT, "raw_path": CHAT.encode(), "query_string": b"",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "scheme": "http",
        "http_version": "1.1", "root_path": "",
    }  # fmt: skip
    await doors.app(scope, receive, send)

    assert answers[0]["status"] == 499
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


async def test_a_pinned_release_needs_the_admin_scope_and_must_be_live(doors):
    live = "feedback@sha256:" + "ab" * 32
    async with doors.client(await doors.secret("chat")) as client:
        assert (await client.post(CHAT, json=ask(model=live))).status_code == 403
    async with doors.client(await doors.secret("chat", "admin")) as client:
        assert (await client.post(CHAT, json=ask(model=live))).status_code == 200
        assert (await client.post(CHAT, json=ask(model="feedback@" + "ab" * 32))).status_code == 200
        assert (await client.post(CHAT, json=ask(model="feedback@sha256:00"))).status_code == 404
        assert (await client.post(CHAT, json=ask(model="feedback@"))).status_code == 422
    assert {request.release for request in doors.line.requests} == {"sha256:" + "ab" * 32}


async def test_an_unknown_vertical_is_answered_with_those_there_are(client):
    response = await client.post(CHAT, json=ask(model="cooking"))
    assert response.status_code == 404
    assert "feedback, medical" in response.json()["detail"]


async def test_a_limited_key_may_not_ask_another_vertical(doors):
    async with doors.client(await doors.secret("chat", verticals=["medical"])) as client:
        for vertical in ("feedback", "cooking"):
            response = await client.post(CHAT, json=ask(model=vertical))
            assert (response.status_code, "medical" in response.json()["detail"]) == (403, True)
            assert response.json()["error"]["param"] == "model"


@pytest.mark.parametrize(
    ("change", "param", "said"),
    [
        ({"messages": []}, "messages", "at least 1 item, not 0"),
        ({"messages": [{"role": "user", "content": " \n"}]}, "messages[0]", "must hold text"),
        ({"messages": [{"role": "user", "content": None}]}, "messages[0]", "must hold text"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "'user'"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "messages", "'assistant'"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content", "string"),
        ({"messages": [{"role": "user", "content": "a\0b"}]}, "messages[0].content", "NUL"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content", "'image_url'"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content", "part 0"),
        ({"messages": [{"role": "user", "content": ["x"]}]}, "messages[0].content", "part 0"),
        ({"messages": "hello"}, "messages", "array"),
        ({"model": ""}, "model", "at least 1 character, not 0"),
        ({"model": None}, "model", "string"),
        ({"n": 2}, "n", "one choice"),
        ({"tools": [{"type": "function"}]}, "tools", "not supported"),
        ({"tool_choice": "required"}, "tool_choice", "not supported"),
        ({"functions": [{"name": "f"}]}, "functions", "not supported"),
        ({"logprobs": True}, "logprobs", "not supported"),
        ({"response_format": {"type": "xml"}}, "response_format", "'json_object'"),
        ({"response_format": "json"}, "response_format", "'json_object'"),
        ({"response_format": {"type": "json_schema"}}, "response_format", "must hold json_schema"),
        ({"response_format": as_schema({"type": "boolean"})}, "response_format", "json_schema.schema: a: a yes or no"),
        ({"documents": [{"id": "a", "text": " "}]}, "documents[0].text", "empty"),
        ({"documents": [{"text": "x", "body": "y"}]}, "documents[0].body", "not a field"),
        ({"documents": [{"id": "a"}]}, "documents[0].text", "missing"),
        ({"task": "dance"}, "task", "'summarize'"),
    ],
)
async def test_a_request_that_cannot_be_used_names_what_is_wrong(client, change, param, said):
    response = await client.post(CHAT, json=ask(**change))
    problem = response.json()
    assert (response.status_code, problem["error"]["param"]) == (422, param)
    assert problem["detail"].startswith(f"{param}: ")
    assert said in problem["detail"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "not valid JSON"),
        (b'{"model": "feedback"', "not valid JSON"),
        (b"[]", "must be a JSON object"),
        (b'{"model": "feedback", "messages": [{"role": "user", "content": "\\ud800"}]}', "pair"),
        (b'{"model": "feedback", "messages": [{"role": "user", "content": "\\ud800 and more"}]}', "pair"),
        (b'{"model": "feedback", "messages": [{"role": "user", "content": "\\udc00!"}]}', "pair"),
        (b'{"model": "\xff"}', "not valid JSON"),
        (b"[" * 2000, "too deeply"),
        (b'{"model": "feedback", "x": ' + b"[" * 2000, "too deeply"),
    ],
)
async def test_a_body_that_is_no_proper_json_is_refused_plainly(client, raw, said):
    response = await client.post(CHAT, content=raw)
    assert (response.status_code, said in response.json()["detail"]) == (422, True)


async def test_ten_thousand_brackets_are_refused_and_the_next_request_is_answered(client):
    nested = b'{"model": "feedback", "messages": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    refused = await client.post(CHAT, content=nested)
    assert (refused.status_code, "too deeply" in refused.json()["detail"]) == (422, True)
    assert (await client.post(CHAT, json=ask())).status_code == 200

"""What is too large is refused before anything works on it, by the name of its field and with the limit."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx
import pytest

from assistant.api import Sizes, create_api
from assistant.api.bodies import MAX_DEPTH, MOST_ENTRIES
from assistant.settings import Settings

CHAT, CHECKS, BATCHES = "/v1/chat/completions", "/v1/checks", "/v1/batches"
SMALL = Sizes(messages=3, message_characters=100, history_characters=150, documents=2, document_characters=200)


def said(*texts: str) -> dict:
    return {"model": "feedback", "messages": [{"role": "user", "content": text} for text in texts]}


def with_documents(*texts: str) -> dict:
    return {**said("How long?"), "documents": [{"text": text} for text in texts]}


def checked(stage: str = "output", **more: object) -> dict:
    return {"vertical": "feedback", "stage": stage, "text": "Thirty days.", **more}


@pytest.fixture
async def small(doors):
    """A client of doors that take little."""
    app = create_api(replace(doors.services, sizes=SMALL))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {await doors.secret()}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        yield client


@pytest.mark.parametrize(
    ("call", "body", "field", "limit"),
    [
        (CHAT, said(*["x"] * 4), "messages", 3),
        (CHAT, said("x", "y" * 101), "messages[1].content", 100),
        (
            CHAT,
            {**said(), "messages": [{"role": "user", "content": [{"type": "text", "text": "y" * 60}] * 2}]},
            "messages[0].content",
            100,
        ),
        (CHAT, said("x" * 80, "y" * 80), "messages", 150),
        (CHAT, with_documents("a", "b", "c"), "documents", 2),
        (CHAT, with_documents("a", "b" * 201), "documents[1].text", 200),
        (CHECKS, checked(text="x" * 101), "text", 100),
        (CHECKS, checked("evidence", text="x" * 201), "text", 200),
        (CHECKS, checked(question="x" * 101), "question", 100),
        (CHECKS, checked(evidence=[{"text": "a"}] * 3), "evidence", 2),
        (CHECKS, checked(evidence=[{"text": "a" * 201}]), "evidence[0].text", 200),
    ],
)
async def test_what_is_too_large_is_named_with_its_limit_and_nothing_works_on_it(
    small, doors, call, body, field, limit
):
    response = await small.post(call, json=body)
    problem = response.json()
    assert (response.status_code, problem["error"]["code"], problem["error"]["param"]) == (413, "too-large", field)
    assert problem["detail"].startswith(f"{field}: ") and f"at most {limit} are read" in problem["detail"]
    assert not doors.line.requests and not doors.checks.asked


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (CHAT, said("x" * 50, "y" * 50, "z" * 50)),
        (CHAT, with_documents("a" * 200, "b" * 200)),
        (CHECKS, checked("evidence", text="x" * 200, question="y" * 100, evidence=[{"text": "a" * 200}] * 2)),
    ],
)
async def test_what_is_as_large_as_the_limit_is_taken(small, call, body):
    assert (await small.post(call, json=body)).status_code == 200


async def test_a_batch_names_the_line_with_the_field_that_is_too_large(small, doors):
    lines = [json.dumps({"custom_id": str(n), "body": body}) for n, body in enumerate([said("x"), said("y" * 101)])]
    response = await small.post(BATCHES, content="\n".join(lines))
    assert (response.status_code, response.json()["error"]["param"]) == (413, "line 2.body.messages[0].content")
    assert "at most 100 are read" in response.json()["detail"]
    assert (await small.get(BATCHES)).json()["data"] == []


@pytest.mark.parametrize(
    ("call", "body", "field"),
    [
        (CHAT, said(*["x"] * (MOST_ENTRIES + 1)), "messages"),
        (CHAT, with_documents(*["x"] * (MOST_ENTRIES + 1)), "documents"),
        (CHECKS, checked(evidence=[{"text": "x"}] * (MOST_ENTRIES + 1)), "evidence"),
        (
            CHAT,
            {**said(), "messages": [{"role": "user", "content": [{"type": "text", "text": "x"}] * (MOST_ENTRIES + 1)}]},
            "messages[0].content",
        ),
        (CHECKS, {**checked(), "vertical": "x" * 201}, "vertical"),
    ],
)
async def test_the_reader_stops_at_a_list_or_name_that_no_setting_allows(client, call, body, field):
    problem = (await client.post(call, json=body)).json()
    assert (problem["status"], problem["error"]["param"]) == (422, field)
    assert str(MOST_ENTRIES if field != "vertical" else 200) in problem["detail"]


@pytest.mark.parametrize("field", ["metadata", "messages", "documents"])
async def test_nesting_beyond_what_is_read_names_the_field_and_the_limit(client, field):
    deep = '{"a":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH
    body = json.dumps({**said("a { in a text"), field: ['"[', 7]}).replace("7", deep)
    problem = (await client.post(CHAT, content=body)).json()
    assert (problem["status"], problem["error"]["param"]) == (422, field)
    assert f"at most {MAX_DEPTH} levels" in problem["detail"]


async def test_nesting_within_the_limit_is_read(client):
    deep = '{"a":' * (MAX_DEPTH - 1) + "1" + "}" * (MAX_DEPTH - 1)
    body = json.dumps({**said("How long?"), "metadata": 7}).replace("7", deep)
    assert (await client.post(CHAT, content=body)).status_code == 200


def test_the_settings_say_what_is_in_force_by_itself():
    fields = Settings.model_fields
    assert {name: fields[f"max_{name}"].default for name in Sizes.__slots__} == {
        name: getattr(Sizes(), name) for name in Sizes.__slots__
    }

# ruff: noqa: ASYNC110 — a job can only be watched
"""Batches at the doors; that they survive a kill is in tests/test_kill.py."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from assistant.api import batch_work
from assistant.chat import DoneEvent
from assistant.errors import Invalid, ModelUnavailable
from assistant.worker import Worker

JSONL = {"content-type": "application/jsonl"}


def line(number: int, text: str = "How long?", **changes) -> str:
    body = {"model": "feedback", "messages": [{"role": "user", "content": text}]}
    return json.dumps({"custom_id": f"q{number}", "body": body, **changes})


@pytest.fixture
def database_url(tmp_path) -> str:
    """A file: a worker that is stopped takes its connection with it, and one in memory its whole database."""
    return f"sqlite+aiosqlite:///{tmp_path}/doors.db"


@pytest.fixture
def recording(doors):
    """The scripted line; as the real one, it records each answer under the id it was told."""
    play = doors.line.stream

    async def stream(request):
        async for event in play(request):
            if isinstance(event, DoneEvent):
                answer = replace(
                    event.answer, answer_id=request.answer_id or "ans-1", conversation_id=f"con-{request.answer_id}"
                )
                await doors.turns.add(answer.conversation_id, answer.vertical, request.key_id, "Q", answer, None)
                yield DoneEvent(answer)
            else:
                yield event

    doors.line.stream = stream
    return doors.line


@asynccontextmanager
async def working(doors):
    task = asyncio.create_task(Worker(doors.jobs, {"batch": batch_work(doors.services)}, poll_s=0.01).run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def hand_in(client, *lines: str, **headers: str):
    return await client.post("/v1/batches", content="\n".join(lines), headers={**JSONL, **headers})


async def over(client, batch: dict) -> dict:
    async with asyncio.timeout(10):
        while (seen := (await client.get(f"/v1/batches/{batch['id']}")).json())["status"] in ("queued", "in_progress"):
            await asyncio.sleep(0.02)
    return seen


async def output_of(client, batch: dict) -> list[dict]:
    text = (await client.get(f"/v1/batches/{batch['id']}/output")).text
    return [json.loads(each) for each in text.splitlines()]


async def test_a_batch_is_worked_off_and_read_back_in_order(doors, client, recording):
    handed_in = await hand_in(client, line(1), "", line(2), line(3))
    assert handed_in.status_code == 201 and handed_in.json()["request_counts"]["total"] == 3
    async with working(doors):
        batch = await over(client, handed_in.json())
    assert (batch["status"], batch["request_counts"]) == ("completed", {"total": 3, "completed": 3, "failed": 0})
    answered = await output_of(client, batch)
    assert [each["custom_id"] for each in answered] == ["q1", "q2", "q3"]
    body = answered[0]["response"]["body"]
    assert body["object"] == "chat.completion" and body["assistant"]["citations"][0]["document"] == "returns.md"
    assert [each["id"] for each in (await client.get("/v1/batches")).json()["data"]] == [batch["id"]]


async def test_what_one_question_fails_of_is_told_and_the_rest_answered(doors, client, recording, script):
    recording.will_play(Invalid("documents: too long"))
    batch = (await hand_in(client, line(1))).json()
    async with working(doors):
        seen = await over(client, batch)
        assert seen["request_counts"] == {"total": 1, "completed": 0, "failed": 1}
    (failed,) = await output_of(client, batch)
    assert failed["response"] is None and failed["error"]["detail"] == "documents: too long"


async def test_a_model_that_is_away_makes_the_batch_wait_with_every_question_open(doors, client, recording):
    recording.will_play(ModelUnavailable("the model is busy"))
    batch = (await hand_in(client, line(1))).json()
    async with working(doors), asyncio.timeout(10):
        while not (seen := (await client.get(f"/v1/batches/{batch['id']}")).json())["error"]:
            await asyncio.sleep(0.02)
    assert (seen["status"], seen["request_counts"]["failed"]) == ("queued", 0)


async def test_an_answer_that_was_erased_says_so(doors, client, recording):
    batch = (await hand_in(client, line(1))).json()
    async with working(doors):
        await over(client, batch)
    (answered,) = await output_of(client, batch)
    await client.delete(f"/v1/conversations/{answered['response']['body']['assistant']['conversation_id']}")
    (erased,) = await output_of(client, batch)
    assert erased["response"] is None and "erased" in erased["error"]["detail"]


async def test_a_batch_whose_key_was_revoked_is_not_worked_off(doors, recording):
    created = await doors.keys.create("test", ["chat"])
    async with doors.client(created.secret) as client:
        batch = (await hand_in(client, line(1))).json()
    await doors.keys.revoke(created.key.id)
    async with working(doors), asyncio.timeout(10):
        while not (job := await doors.jobs.get(batch["id"], created.key.id)).over:
            await asyncio.sleep(0.02)
    assert job.state == "failed" and "revoked" in job.error
    assert recording.requests == []


async def test_a_cancelled_batch_stops_and_can_be_resumed(doors, client, recording):
    batch = (await hand_in(client, line(1), line(2))).json()
    assert (await client.post(f"/v1/batches/{batch['id']}/cancel")).json()["status"] == "cancelled"
    async with working(doors):
        assert (await client.post(f"/v1/batches/{batch['id']}/resume")).json()["status"] == "queued"
        assert (await over(client, batch))["status"] == "completed"


async def test_the_same_idempotency_key_is_the_same_batch(client):
    first = await hand_in(client, line(1), **{"idempotency-key": "one"})
    second = await hand_in(client, line(1), **{"idempotency-key": "one"})
    other = await hand_in(client, line(2), **{"idempotency-key": "one"})
    assert first.json()["id"] == second.json()["id"] and other.status_code == 422


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ([], "empty"),
        ([line(1), "{broken"], "line 2"),
        ([line(1), line(1)], "line 2.custom_id"),
        ([line(1, method="GET")], "line 1.method"),
        ([line(1, url="/v1/checks")], "line 1.url"),
        ([line(1, text=" ")], "line 1.body.messages[0]"),
        ([line(1, extra=1)], "line 1.extra"),
    ],
)
async def test_a_line_that_cannot_be_used_is_named_and_nothing_is_begun(client, lines, named):
    response = await hand_in(client, *lines)
    assert response.status_code == 422 and named in response.json()["detail"], response.text
    assert (await client.get("/v1/batches")).json()["data"] == []


async def test_a_vertical_the_key_may_not_use_is_told_at_once(doors):
    async with doors.client(await doors.secret("chat", verticals=["medical"])) as client:
        assert (await hand_in(client, line(1))).status_code == 403


async def test_a_line_that_asks_a_vertical_that_is_not_there_is_named(client):
    nope = {"custom_id": "2", "body": {"model": "nope", "messages": [{"role": "user", "content": "Hello?"}]}}
    response = await hand_in(client, line(1), json.dumps(nope))
    assert (response.status_code, response.json()["error"]["param"]) == (404, "line 2.body.model")
    assert response.json()["detail"].startswith("line 2: no vertical 'nope'")


async def test_a_line_that_is_too_long_is_refused(client):
    response = await hand_in(client, line(1), line(2, text="x" * (64 * 1024 + 1)))
    assert response.status_code == 413

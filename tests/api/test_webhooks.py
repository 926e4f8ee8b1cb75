# ruff: noqa: ASYNC110 — a job can only be watched
"""Webhooks, feedback and handovers at the doors; how messages are delivered is in tests/webhooks."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from assistant.access import Allowance
from assistant.webhooks import KIND
from assistant.worker import Worker
from tests.webhooks.receiver import receiving

PAGE = "https://shop.example"
VISITOR = "v" * 22


@pytest.fixture
def database_url(tmp_path) -> str:
    """A file: a worker that is stopped takes its connection with it, and one in memory its whole database."""
    return f"sqlite+aiosqlite:///{tmp_path}/doors.db"


@pytest.fixture
async def admin(doors):
    async with doors.client(await doors.secret("admin")) as client:
        yield client


@asynccontextmanager
async def posting(doors):
    task = asyncio.create_task(Worker(doors.jobs, {KIND: doors.deliveries.deliver}, poll_s=0.01).run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def register(admin, port: int, *events: str, **more) -> dict:
    body = {"url": f"http://127.0.0.1:{port}/hook", "events": list(events), **more}
    response = await admin.post("/v1/webhooks", json=body)
    assert response.status_code == 201, response.text
    return response.json()


async def add_turn(doors, answer, owner: str, question: str = "How long?") -> None:
    await doors.turns.add(answer.conversation_id, answer.vertical, owner, question, answer, None)


async def statuses(admin, webhook: dict) -> list[tuple]:
    listed = (await admin.get(f"/v1/webhooks/{webhook['id']}/deliveries")).json()["data"]
    return [(each["event"], each["status"], each["attempts"], each["error"]) for each in listed]


async def test_a_receiver_is_registered_told_and_deleted_and_its_secret_shown_once(doors, admin, declined):
    async with receiving() as receiver, posting(doors):
        made = await register(admin, receiver.port, "block")
        listed = await admin.get("/v1/webhooks")
        assert listed.json()["data"] == [{name: value for name, value in made.items() if name != "secret"}]
        await add_turn(doors, declined, "k1.visitor")
        async with asyncio.timeout(20):
            while not receiver.messages:
                await asyncio.sleep(0.02)
            while (seen := await statuses(admin, made)) != [("block", "delivered", 1, None)]:
                assert seen[0][1] == "waiting"
                await asyncio.sleep(0.02)
    (message,) = receiver.messages
    assert message.verified(made["secret"]) and message.headers["content-type"] == "application/json"
    assert (message.told["data"]["answer_id"], message.told["data"]["key"]) == ("ans-1", "k1")
    assert declined.text not in message.body.decode() and "How long?" not in message.body.decode()
    assert (await admin.delete(f"/v1/webhooks/{made['id']}")).json()["deleted"] is True
    assert (await admin.get("/v1/webhooks")).json()["data"] == []


async def test_why_a_message_was_not_taken_is_shown_to_the_admin(doors, admin, declined):
    async with receiving() as receiver, posting(doors):
        receiver.will_answer(500)
        made = await register(admin, receiver.port, "block")
        await add_turn(doors, declined, "k1")
        async with asyncio.timeout(20):
            while (await statuses(admin, made))[0][3] is None:
                await asyncio.sleep(0.02)
    assert await statuses(admin, made) == [("block", "waiting", 1, "it answered 500")]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"url": "ftp://shop.example/"}, "begins with https:// or http://"),
        ({"url": "https://user:word@shop.example/"}, "no user"),
        ({"events": ["blocks"]}, "events[0]"),
        ({"events": []}, "events"),
        ({"verticals": []}, "verticals"),
        ({"vertical": "feedback"}, "did you mean 'verticals'"),
    ],
)
async def test_a_receiver_that_cannot_be_used_is_refused_by_name(admin, changes, named):
    response = await admin.post("/v1/webhooks", json={"url": "https://shop.example/", "events": ["block"]} | changes)
    assert response.status_code == 422 and named in response.json()["detail"]


async def test_an_admin_of_one_vertical_registers_sees_and_deletes_within_it_alone(doors, admin):
    everywhere = await register(admin, 9, "block")
    async with doors.client(await doors.secret("admin", verticals=["feedback"])) as own:
        mine = await register(own, 9, "block")
        assert mine["verticals"] == ["feedback"]
        asked = {"url": "https://shop.example/", "events": ["block"], "verticals": ["medical"]}
        assert (await own.post("/v1/webhooks", json=asked)).status_code == 403
        assert [each["id"] for each in (await own.get("/v1/webhooks")).json()["data"]] == [mine["id"]]
        assert (await own.delete(f"/v1/webhooks/{everywhere['id']}")).status_code == 404
        assert (await own.get(f"/v1/webhooks/{everywhere['id']}/deliveries")).status_code == 404
        assert (await own.delete(f"/v1/webhooks/{mine['id']}")).status_code == 200


async def test_feedback_is_kept_masked_told_without_its_text_and_erased_with_the_conversation(doors, admin, answer):
    made = await register(admin, 9, "feedback")
    created = await doors.keys.create("shop", ["chat"])
    await add_turn(doors, answer, created.key.id)
    async with doors.client(created.secret) as client:
        for opinion in (
            {"rating": "up"},
            {"rating": "down", "reason": "Ada Byron says no", "corrected_text": "Ask Ada Byron."},
        ):
            response = await client.post("/v1/feedback", json={"answer_id": "ans-1", **opinion})
            assert response.json() == {"object": "feedback", "answer_id": "ans-1", "rating": opinion["rating"]}
        assert await kept(doors) == [("ans-1", "down", "[PERSON_1] says no", "Ask [PERSON_1].")]
        jobs = await doors.deliveries.latest(made["id"])
        assert [each.request["data"]["rating"] for each in jobs] == ["down", "up"]
        assert "says no" not in str([each.request for each in jobs])
        await client.delete("/v1/conversations/con-1")
    assert await kept(doors) == []


async def kept(doors) -> list[tuple]:
    async with doors.database.reading() as session:
        found = await session.execute(text("SELECT answer_id, rating, reason, corrected_text FROM feedback"))
        return [tuple(row) for row in found]


async def test_a_visitor_hands_over_their_own_conversation_once_and_nobody_else_s(doors, admin, answer):
    made = await register(admin, 9, "handover")
    token = await doors.keys.create_embed("page", "feedback", [PAGE])
    await add_turn(doors, answer, token.key.visitor(VISITOR).id)
    ask = {"conversation_id": "con-1", "reason": "Ada Byron wants a person"}
    async with doors.client(token.secret, origin=PAGE) as page:
        for secret in ("w" * 22, None):
            headers = {"x-visitor": secret} if secret else {}
            assert (await page.post("/v1/handover", json=ask, headers=headers)).status_code == 404
        first, second = [await page.post("/v1/handover", json=ask, headers={"x-visitor": VISITOR}) for _ in range(2)]
    assert first.json() == second.json()
    assert (first.json()["text"], first.json()["mailto"]) == ("Please call us.", "care@shop.example")
    (delivery,) = await doors.deliveries.latest(made["id"])
    assert delivery.request["data"]["conversation_id"] == "con-1" and delivery.request["data"]["key"] == token.key.id
    assert "person" not in str(delivery.request) and VISITOR not in str(delivery.request)


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/v1/feedback", {"answer_id": "ans-1", "rating": "great"}, "rating"),
        ("/v1/feedback", {"answer_id": "ans-1", "rating": "up", "reason": "x" * 501}, "reason"),
        ("/v1/feedback", {"rating": "up"}, "answer_id"),
        ("/v1/handover", {"conversation_id": "con-1", "message": "Hello"}, "message"),
        ("/v1/handover", {"conversation_id": " "}, "conversation_id"),
    ],
)
async def test_a_body_that_cannot_be_used_is_told_by_name(client, path, body, named):
    response = await client.post(path, json=body)
    assert response.status_code == 422 and named in response.json()["detail"]


async def test_a_spent_budget_is_told_with_the_key_it_is_of(doors, admin):
    made = await register(admin, 9, "budget")
    created = await doors.keys.create("shop", ["chat"], allowance=Allowance(tokens_per_day=60))
    chat = {"model": "feedback", "messages": [{"role": "user", "content": "How long?"}]}
    async with doors.client(created.secret) as client:
        assert (await client.post("/v1/chat/completions", json=chat)).status_code == 200
        assert (await client.post("/v1/chat/completions", json=chat)).status_code == 429
    (delivery,) = await doors.deliveries.latest(made["id"])
    data = delivery.request["data"]
    assert (data["key"], data["tokens_per_day"], data["tokens_used"]) == (created.key.id, 60, 62)

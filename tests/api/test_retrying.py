"""A question that is sent again, over doors whose line records what it answers."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from assistant.chat import DoneEvent

CHAT = {"model": "feedback", "messages": [{"role": "user", "content": "How long?"}]}
AGAIN = {"idempotency-key": "one"}


@pytest.fixture
async def line(doors):
    """The scripted line; as the real one, it records each answer under the id it was told."""
    play = doors.line.stream

    async def stream(request):
        async for event in play(request):
            if isinstance(event, DoneEvent):
                names = {"conversation_id": f"con-{len(doors.line.requests)}"}
                answer = replace(event.answer, answer_id=request.answer_id or "ans-1", **names)
                await doors.turns.add(answer.conversation_id, answer.vertical, request.key_id, "Q", answer, None)
                yield DoneEvent(answer)
            else:
                yield event

    doors.line.stream = stream
    return doors.line


async def test_the_same_key_and_body_give_the_same_answer_and_one_generation(client, line):
    first = await client.post("/v1/chat/completions", json=CHAT, headers=AGAIN)
    second = await client.post("/v1/chat/completions", json=CHAT, headers=AGAIN)
    assert (first.status_code, second.status_code) == (200, 200)
    one, other = first.json(), second.json()
    assert one.pop("created") <= other.pop("created")
    assert one == other
    assert len(line.requests) == 1


async def test_a_stream_sent_again_says_the_same(client, line):
    body = {**CHAT, "stream": True}
    first = await client.post("/v1/chat/completions", json=body, headers=AGAIN)
    second = await client.post("/v1/chat/completions", json=body, headers=AGAIN)

    def said(response: httpx.Response) -> list[str]:
        lines = [each for each in response.text.splitlines() if each.startswith("data: ")]
        return [each.partition('"choices"')[2] for each in lines]

    assert said(first) == said(second) and len(said(first)) > 3
    assert len(line.requests) == 1


async def test_the_same_key_with_another_body_is_a_422_that_names_it(client, line):
    await client.post("/v1/chat/completions", json=CHAT, headers=AGAIN)
    response = await client.post("/v1/chat/completions", json={**CHAT, "task": "answer"}, headers=AGAIN)
    assert response.status_code == 422 and "Idempotency-Key" in response.json()["detail"]


async def test_another_key_s_idempotency_key_is_its_own(doors, line):
    for _ in range(2):
        async with doors.client(await doors.secret()) as client:
            assert (await client.post("/v1/chat/completions", json=CHAT, headers=AGAIN)).status_code == 200
    assert len(line.requests) == 2


async def test_what_failed_may_be_tried_again(client, line, answer, script):
    line.will_play(RuntimeError("broken"))
    assert (await client.post("/v1/chat/completions", json=CHAT, headers=AGAIN)).status_code == 500
    line.will_play(*script)
    assert (await client.post("/v1/chat/completions", json=CHAT, headers=AGAIN)).status_code == 200


async def test_a_second_one_at_the_same_time_is_told_to_wait(client, line, script):
    go_on = asyncio.Event()
    line.will_play(*script[:2], go_on, *script[2:])
    first = asyncio.create_task(client.post("/v1/chat/completions", json=CHAT, headers=AGAIN))
    while not line.requests:  # noqa: ASYNC110 — a script can only be watched
        await asyncio.sleep(0)
    second = await client.post("/v1/chat/completions", json=CHAT, headers=AGAIN)
    go_on.set()
    assert (second.status_code, (await first).status_code) == (409, 200)


async def test_an_erased_answer_is_not_given_again(client, line):
    answered = (await client.post("/v1/chat/completions", json=CHAT, headers=AGAIN)).json()["assistant"]
    await client.delete(f"/v1/conversations/{answered['conversation_id']}")
    response = await client.post("/v1/chat/completions", json=CHAT, headers=AGAIN)
    assert response.status_code == 404 and "erased" in response.json()["detail"]
    assert len(line.requests) == 1


async def test_an_answer_that_was_recorded_before_its_process_was_killed_is_found_again(doors, client, line, answer):
    # What a kill leaves behind: the answer on record, its key still at work, and a lease that has run out.
    key = (await doors.keys.list())[-1]
    body = client.build_request("POST", "/v1/chat/completions", json=CHAT).content
    doors.services.retries.lease = doors.services.retries.lease * 0
    left = await doors.services.retries.begin(key.id, "one", b"/v1/chat/completions\n" + body, prefix="ans-")
    recorded = replace(answer, answer_id=left.reference)
    await doors.turns.add("con-1", "feedback", key.id, "Q", recorded, None)
    again = await client.post("/v1/chat/completions", json=CHAT, headers=AGAIN)
    assert again.json()["assistant"]["answer_id"] == left.reference
    assert line.requests == []

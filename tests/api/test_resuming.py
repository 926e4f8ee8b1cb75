# ruff: noqa: ASYNC110 — what another task writes can only be watched
"""A stream that broke goes on where it broke, at the doors and over a real connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from assistant.api.streaming import AnswerStream
from assistant.chat import DoneEvent, OpenedEvent
from assistant.database import utc_now
from assistant.errors import ModelUnavailable
from assistant.leases import LEASE
from assistant.records import Streams
from tests.api.conftest import Doors

CHAT = {"model": "feedback", "messages": [{"role": "user", "content": "How long?"}], "stream": True}
PAGE = "https://shop.example"
WHOLE = "You have thirty days.\nAsk us\u2028anything."
REST = "/v1/answers/{}/stream"


@pytest.fixture
def database_url(tmp_path) -> str:
    """A file, which two services may share."""
    return f"sqlite+aiosqlite:///{tmp_path}/doors.db"


@pytest.fixture
def line(doors, script):
    """The scripted line, halted after its first sentence; as the real one, it records each answer."""
    return halting(doors, script)


def halting(doors: Doors, script) -> Doors:
    doors.go_on = asyncio.Event()
    doors.line.will_play(*script[:3], doors.go_on, *script[3:])
    doors.services.running.grace_s = 60
    play = doors.line.stream

    async def stream(request):
        async for event in play(request):
            if isinstance(event, DoneEvent):
                await doors.turns.add("con-1", "feedback", request.key_id, "Q", event.answer, None)
            yield event

    doors.line.stream = stream
    return doors.line


def heard_in(body: str) -> list[tuple[int | None, object]]:
    """Each event with its id: comments and the end as text, chunks as objects."""
    heard, number = [], None
    for line in body.split("\n"):
        if line.startswith("id: "):
            number = int(line.removeprefix("id: "))
        elif line.startswith((":", "data: ")):
            data = line.removeprefix("data: ")
            heard.append((number, json.loads(data) if data.startswith("{") else data))
            number = None
    return heard


def text_in(body: str) -> str:
    chunks = [chunk for _, chunk in heard_in(body) if isinstance(chunk, dict) and chunk.get("choices")]
    return "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)


async def read_until(response: httpx.Response | AsyncIterator[str], wanted: str) -> str:
    body = ""
    async for part in response.aiter_text() if isinstance(response, httpx.Response) else response:
        body += part
        if wanted in body and body.endswith("\n\n"):
            return body
    raise AssertionError(f"the stream ended without {wanted!r}")


@asynccontextmanager
async def caller_of(doors: Doors, address: str):
    headers = {"authorization": f"Bearer {await doors.secret('chat')}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client:
        yield client


async def cut_after_first_sentence(client: httpx.AsyncClient) -> str:
    async with client.stream("POST", "/v1/chat/completions", json=CHAT) as response:
        return await read_until(response, "thirty days")


async def test_events_are_numbered_and_the_first_names_the_answer(client, doors):
    heard = heard_in((await client.post("/v1/chat/completions", json=CHAT)).text)
    assert [number for number, _ in heard] == [0, None, None, 1, 2, 3, None]
    assert heard[0][1]["assistant"] == {"answer_id": "ans-1", "conversation_id": "con-1"}
    assert heard[-1][1] == "[DONE]"


async def test_a_stream_cut_after_its_first_sentence_goes_on_without_asking_twice(doors, address, line):
    async with caller_of(doors, address) as client:
        first = await cut_after_first_sentence(client)
        async with client.stream("GET", REST.format("ans-1"), params={"after": 1}) as response:
            assert response.status_code == 200
            doors.go_on.set()
            rest = await read_until(response, "[DONE]")
        again = (await client.get(REST.format("ans-1"))).text
    assert text_in(first) + text_in(rest) == text_in(again) == WHOLE
    assert [number for number, _ in heard_in(rest) if number is not None] == [2, 3]
    assert len(line.requests) == 1


async def test_a_stream_that_ended_meanwhile_is_told_from_the_record(doors, address, line):
    async with caller_of(doors, address) as client:
        first = await cut_after_first_sentence(client)
        doors.go_on.set()
        async with asyncio.timeout(20):
            while doors.services.running.at_work:
                await asyncio.sleep(0.02)
        rest = await client.get(REST.format("ans-1"), params={"after": 1, "include_usage": True})
    assert text_in(first) + text_in(rest.text) == WHOLE
    chunks = [chunk for _, chunk in heard_in(rest.text) if isinstance(chunk, dict)]
    assert chunks[-2]["assistant"]["outcome"] == "answered" and chunks[-1]["usage"]["total_tokens"] == 62
    assert len({chunk["id"] for chunk in chunks} | {heard_in(first)[0][1]["id"]}) == 1
    assert len(line.requests) == 1


@pytest.mark.parametrize("ends", [True, False])
async def test_another_process_tells_the_rest_from_the_record(doors, address, line, ends):
    other = Doors(doors.database)
    async with caller_of(doors, address) as client:
        first = await cut_after_first_sentence(client)
        secret = client.headers["authorization"].removeprefix("Bearer ")
        async with other.client(secret) as elsewhere:
            asked = asyncio.create_task(elsewhere.get(REST.format("ans-1"), params={"after": 1}))
            async with asyncio.timeout(20):
                while not await doors.services.running.streams.wanted("ans-1"):
                    await asyncio.sleep(0.02)
            if ends:
                doors.go_on.set()
            else:
                await doors.services.running.aclose()
            rest = (await asked).text
    if ends:
        assert text_in(first) + text_in(rest) == WHOLE
    else:
        assert "broke off" in heard_in(rest)[-1][1]["error"]["message"] and "[DONE]" not in rest
    assert len(line.requests) == 1 and other.line.requests == []


async def test_a_reader_in_another_process_keeps_an_answer_alive_beyond_the_grace(doors, address, line):
    doors.services.running.grace_s = 0.1
    async with caller_of(doors, address) as client:
        async with client.stream("POST", "/v1/chat/completions", json=CHAT) as response:
            await read_until(response, "thirty days")
            await doors.services.running.streams.want("ans-1")
        async with asyncio.timeout(20):
            while any(each._listeners for each in doors.services.running.at_work.values()):
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)  # Several graces: were it not wanted, it would be over.
        assert doors.services.running.at_work
        doors.go_on.set()
        assert text_in((await client.get(REST.format("ans-1"))).text) == WHOLE


async def test_when_nobody_comes_back_within_the_grace_the_work_ends_and_the_record_says_so(doors, address, line):
    doors.services.running.grace_s = 0.05
    async with caller_of(doors, address) as client:
        first = await cut_after_first_sentence(client)
        await asyncio.wait_for(doors.line.closed.wait(), 20)
        async with asyncio.timeout(20):
            while doors.services.running.at_work:
                await asyncio.sleep(0.02)
        rest = await client.get(REST.format("ans-1"))
    assert text_in(rest.text) == text_in(first) == "You have thirty days."
    assert "nobody waited" in heard_in(rest.text)[-1][1]["error"]["message"]
    assert len(line.requests) == 1


async def test_an_answer_whose_process_was_killed_is_told_as_far_as_it_came(doors, answer):
    created = await doors.keys.create("shop", ["chat"])
    ended = Streams(doors.database, clock=lambda: utc_now() - LEASE)
    opened = {"answer_id": "ans-1", "conversation_id": "con-1", "vertical": "feedback"}
    await ended.open("ans-1", created.key.id, "con-1", opened)
    said = {"sentence": {"text": "You have thirty days.", "claim": True, "support": 0.9}, "citations": []}
    await ended.say("ans-1", [opened, said])
    async with doors.client(created.secret) as client:
        told = (await client.get(REST.format("ans-1"))).text
        assert text_in(told) == " You have thirty days."
        assert "has stopped" in heard_in(told)[-1][1]["error"]["message"]
        # Killed after the answer was recorded and before its row was gone: the answer counts.
        await doors.turns.add("con-1", "feedback", created.key.id, "Q", answer, None)
        assert text_in((await client.get(REST.format("ans-1"), params={"after": 0})).text) == WHOLE


async def test_an_error_after_the_caller_left_is_told_to_whoever_resumes(doors, address, line, script):
    line.will_play(*script[:3], doors.go_on, ModelUnavailable("the model stopped"))
    async with caller_of(doors, address) as client:
        await cut_after_first_sentence(client)
        async with client.stream("GET", REST.format("ans-1")) as response:
            doors.go_on.set()
            told = await read_until(response, "error")
        later = (await client.get(REST.format("ans-1"))).text
    assert heard_in(told)[-1][1]["error"]["message"] == "the model stopped"
    assert "the model stopped" in heard_in(later)[-1][1]["error"]["message"]


async def test_only_who_asked_may_resume(doors, address, line):
    token = (await doors.keys.create_embed("page", "feedback", [PAGE])).secret
    visitor = {"authorization": f"Bearer {token}", "origin": PAGE, "x-visitor": "v" * 22}
    stranger = {"authorization": f"Bearer {await doors.secret('chat')}"}
    others = [{**visitor, "x-visitor": "w" * 22}, {k: v for k, v in visitor.items() if k != "x-visitor"}, stranger]
    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        async with client.stream("POST", "/v1/chat/completions", json=CHAT, headers=visitor) as response:
            first = await read_until(response, "thirty days")
        for each in others:
            assert (await client.get(REST.format("ans-1"), headers=each)).status_code == 404
        doors.go_on.set()
        rest = (await client.get(REST.format("ans-1"), params={"after": 1}, headers=visitor)).text
        assert text_in(first) + text_in(rest) == WHOLE and "support" not in first + rest
        for each in others:  # Now from the record.
            assert (await client.get(REST.format("ans-1"), headers=each)).status_code == 404
    assert len(line.requests) == 1


async def test_an_unknown_answer_is_not_found_and_a_number_that_is_none_is_refused(client):
    assert (await client.get(REST.format("ans-9"))).status_code == 404
    for wrong in ("-2", "one", "1e3", ""):
        assert (await client.get(REST.format("ans-9"), params={"after": wrong})).status_code == 422
    assert (await client.get(REST.format("ans-9"), params={"before": 1})).status_code == 422


async def test_whoever_has_it_all_is_told_only_that_it_ends(client, line, doors):
    doors.go_on.set()
    await client.post("/v1/chat/completions", json=CHAT)
    for after in (3, 1000):
        assert (await client.get(REST.format("ans-1"), params={"after": after})).text == "data: [DONE]\n\n"


async def test_an_answer_erased_while_it_is_written_ends_and_leaves_nothing(doors, address, line):
    async with caller_of(doors, address) as client:
        async with client.stream("POST", "/v1/chat/completions", json=CHAT) as response:
            parts = response.aiter_text()
            await read_until(parts, "thirty days")
            assert (await client.delete("/v1/conversations/con-1")).status_code == 200
            doors.go_on.set()
            assert "erased" in await read_until(parts, "error")
        assert (await client.get(REST.format("ans-1"))).status_code == 404
        assert (await client.delete("/v1/conversations/con-1")).status_code == 404


async def test_an_answer_erased_after_its_last_sentence_does_not_come_back(doors, address, line, script):
    line.will_play(*script[:4], doors.go_on, script[4])
    async with caller_of(doors, address) as client:
        async with client.stream("POST", "/v1/chat/completions", json=CHAT) as response:
            parts = response.aiter_text()
            await read_until(parts, "anything")
            assert (await client.delete("/v1/conversations/con-1")).status_code == 200
            doors.go_on.set()
            assert "erased" in await read_until(parts, "error")
        assert (await client.get(REST.format("ans-1"))).status_code == 404


async def test_what_is_shown_and_not_kept_is_masked_on_record(doors, address, line, script, answer):
    kept = replace(answer.sentences[0], text="[PERSON_1] has thirty days.")
    line.will_play(*script[:2], replace(script[2], on_record=kept), doors.go_on, *script[3:])
    other = Doors(doors.database)
    async with caller_of(doors, address) as client:
        assert "You have" in await cut_after_first_sentence(client)
        secret = client.headers["authorization"].removeprefix("Bearer ")
        async with other.client(secret) as elsewhere:
            asked = asyncio.create_task(elsewhere.get(REST.format("ans-1")))
            async with asyncio.timeout(20):
                while not await doors.services.running.streams.wanted("ans-1"):
                    await asyncio.sleep(0.02)
            doors.go_on.set()
            assert text_in((await asked).text).startswith("[PERSON_1] has")


async def test_a_first_try_that_goes_on_without_its_caller_is_the_answer_to_the_second(doors, address, line):
    again = {"idempotency-key": "one"}
    async with caller_of(doors, address) as client:
        async with client.stream("POST", "/v1/chat/completions", json=CHAT, headers=again) as response:
            name = heard_in(await read_until(response, "thirty days"))[0][1]["assistant"]["answer_id"]
        assert (await client.post("/v1/chat/completions", json=CHAT, headers=again)).status_code == 409
        line.script[-1] = DoneEvent(replace(line.script[-1].answer, answer_id=name))
        doors.go_on.set()
        rest = (await client.get(REST.format(name), params={"after": 1})).text
        second = (await client.post("/v1/chat/completions", json=CHAT, headers=again)).text
    assert text_in(second) == WHOLE and text_in(rest) == "\nAsk us\u2028anything."
    assert len(line.requests) == 1


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_a_stop_ends_the_work_in_whichever_process_writes_and_the_record_says_so(doors, address, line, elsewhere):
    other = Doors(doors.database)
    async with caller_of(doors, address) as client:
        first = await cut_after_first_sentence(client)
        secret = client.headers["authorization"].removeprefix("Bearer ")
        async with (other if elsewhere else doors).client(secret) as stopping:
            stopped = await stopping.delete(REST.format("ans-1"))
        assert stopped.json() == {"id": "ans-1", "object": "answer.stopped", "stopped": True}
        assert elsewhere or doors.line.closed.is_set()
        doors.go_on.set()  # The writer in another process learns of it by the next sentence.
        await asyncio.wait_for(doors.line.closed.wait(), 20)
        async with asyncio.timeout(20):
            while doors.services.running.at_work:
                await asyncio.sleep(0.02)
        rest = (await client.get(REST.format("ans-1"), params={"after": 1})).text
        assert (await client.delete(REST.format("ans-1"))).status_code == 200  # Twice is as well as once.
    assert "it was stopped" in heard_in(rest)[-1][1]["error"]["message"]
    assert text_in(first) + text_in(rest) == "You have thirty days."


async def test_an_answer_that_is_whole_stays_when_it_is_stopped_too_late(doors, client, script):
    halting(doors, script).will_play(*script)
    await client.post("/v1/chat/completions", json=CHAT)
    assert (await client.delete(REST.format("ans-1"))).status_code == 200
    assert text_in((await client.get(REST.format("ans-1"))).text) == WHOLE


async def test_a_silence_is_broken_by_a_comment_that_no_client_takes_for_an_event(doors, script):
    sent: list[str] = []
    go_on = asyncio.Event()

    async def events():
        yield OpenedEvent("ans-1", "con-1", "feedback")
        await go_on.wait()
        yield script[-1]

    async def send(message):
        sent.append(message.get("body", b"").decode())
        if sent[-2:] == [": waiting\n", ": waiting\n"]:
            go_on.set()

    async def stays():
        await asyncio.Event().wait()

    stream = AnswerStream(events(), told=lambda member: member, silence_s=0.01)
    await asyncio.wait_for(stream({"type": "http"}, stays, send), 20)
    assert sent[-1].endswith("data: [DONE]\n\n")
    assert not any(part.startswith(":") and part.endswith("\n\n") for part in sent)

# ruff: noqa: ASYNC110 — a process is killed and watched
"""Kill -9 in the middle of everything: what reached a client is on record, and nothing is done twice."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager

import httpx
from sqlalchemy import text

from assistant.access import Keys
from assistant.database import Database
from tests.processes import answers

COME_BACK = {409, 429, 503}
Start = Callable[[], AbstractContextManager]
"""Starts the service: gives its process and its address."""


async def killed_in_the_middle(
    url: str, start: Start, *, streams: int, questions: int, asked: Callable[[object], str] = "question {}".format
) -> Counter[str]:
    """Kills the service once half of the streams were heard, and holds what was told against what is on record.

    `asked` makes each question. Returns how often each outcome was told.
    """
    database = Database(url)
    await database.create()
    key = (await Keys(database).create("test", ["chat"])).secret
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    heard: dict[int, dict] = {}
    batch_of = lines([asked(f"{number} of the batch") for number in range(questions)])
    limits = httpx.Limits(max_connections=streams + 2)
    with start() as (process, address):
        await answers(address, ready=True)
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=600, limits=limits) as client:
            batch = (await insist(client, "POST", "/v1/batches", content=batch_of, headers=once("batch"))).json()
            asking = [asyncio.create_task(hear(client, number, asked(number), heard)) for number in range(streams)]
            while len(heard) < streams // 2 or not await progress(client, batch["id"]):
                await asyncio.sleep(0.02)
            process.send_signal(signal.SIGKILL)
            await asyncio.gather(*asking, return_exceptions=True)
    assert len(heard) >= streams // 2
    with start() as (_, address):
        await answers(address, ready=True)
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=600, limits=limits) as client:
            again: dict[int, dict] = {}
            for number in heard:
                await hear(client, number, asked(number), again)
            assert again == heard
            same = (await insist(client, "POST", "/v1/batches", content=batch_of, headers=once("batch"))).json()
            assert same["id"] == batch["id"]
            async with asyncio.timeout(600):
                while await progress(client, batch["id"]) < questions:
                    await asyncio.sleep(0.2)
            output = (await insist(client, "GET", f"/v1/batches/{batch['id']}/output")).text
    answered = [json.loads(line) for line in output.splitlines()]
    assert [each["custom_id"] for each in answered] == [f"q{number}" for number in range(questions)]
    assert all(each["response"]["status_code"] == 200 for each in answered)
    async with database.reading() as session:
        on_record = Counter(await session.scalars(text("SELECT question FROM turns")))
        ids = set(await session.scalars(text("SELECT id FROM turns")))
    await database.close()
    assert {each["answer_id"] for each in heard.values()} <= ids
    assert {on_record[asked(f"{number} of the batch")] for number in range(questions)} == {1}
    assert {on_record[asked(number)] for number in heard} == {1}
    return Counter(each["outcome"] for each in heard.values())


async def hear(client: httpx.AsyncClient, number: int, question: str, heard: dict[int, dict]) -> None:
    """Asks one question as a stream until all of its answer has come, and keeps that; comes back when told to."""
    body = {"model": "feedback", "stream": True, "messages": [{"role": "user", "content": question}]}
    while True:
        async with client.stream("POST", "/v1/chat/completions", json=body, headers=once(f"s{number}")) as response:
            assert response.status_code in {200, *COME_BACK}
            chunks = [line.removeprefix("data: ") async for line in response.aiter_lines() if line.startswith("data: ")]
        if chunks and chunks[-1] == "[DONE]":
            heard[number] = json.loads(chunks[-2])["assistant"]
            return
        await asyncio.sleep(1)


async def insist(client: httpx.AsyncClient, method: str, path: str, **more: object) -> httpx.Response:
    """The response of a call that comes back as often as it is told to."""
    while (response := await client.request(method, path, **more)).status_code in COME_BACK:
        await asyncio.sleep(1)
    return response


async def progress(client: httpx.AsyncClient, batch_id: str) -> int:
    return (await insist(client, "GET", f"/v1/batches/{batch_id}")).json()["request_counts"]["completed"]


def once(key: str) -> dict[str, str]:
    return {"idempotency-key": key}


def lines(questions: list[str]) -> bytes:
    """A batch of these questions, known as q0, q1, …"""
    bodies = [{"model": "feedback", "messages": [{"role": "user", "content": each}]} for each in questions]
    return b"\n".join(json.dumps({"custom_id": f"q{n}", "body": body}).encode() for n, body in enumerate(bodies))

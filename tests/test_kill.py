# ruff: noqa: ASYNC110 — a process is killed and watched
"""Kill -9 in the middle of everything: what reached a client is on record, and nothing is done twice."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from assistant.access import Keys
from assistant.database import Database

STREAMS = 6
QUESTIONS = 24


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path, new_postgres):
    return new_postgres() if request.param == "postgres" else f"sqlite+aiosqlite:///{tmp_path}/assistant.db"


async def test_kill_9_loses_nothing_that_was_acknowledged_and_does_nothing_twice(url):
    await killed_in_the_middle(url, streams=STREAMS, questions=QUESTIONS)


@pytest.mark.soak
async def test_kill_9_during_two_hundred_streams(url):
    await killed_in_the_middle(url, streams=200, questions=300)


async def killed_in_the_middle(url: str, *, streams: int, questions: int) -> None:
    database = Database(url)
    await database.create()
    key = (await Keys(database).create("test", ["chat"])).secret
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    heard: dict[int, dict] = {}
    began: dict[int, list[dict]] = {}
    with service(url) as (process, address):
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=30) as client:
            await answers(client)
            batch = (await client.post("/v1/batches", content=lines(questions), headers=once("batch"))).json()
            asking = [asyncio.create_task(hear(client, number, heard, began)) for number in range(streams)]
            while len(heard) < streams // 2 or not await progress(client, batch["id"]):
                await asyncio.sleep(0.02)
            process.send_signal(signal.SIGKILL)
            await asyncio.gather(*asking, return_exceptions=True)
    assert len(heard) >= streams // 2
    with service(url) as (_, address):
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client:
            await answers(client)
            for number, first in list(heard.items())[:3]:
                again: dict[int, dict] = {}
                await hear(client, number, again, {})
                assert again[number] == first
            cut = [chunks for number, chunks in began.items() if number not in heard and chunks]
            for chunks in cut[:3]:
                assert texts(await rest(client, chunks[0]["assistant"]["answer_id"]))[: len(chunks)] == texts(chunks)
            same = (await client.post("/v1/batches", content=lines(questions), headers=once("batch"))).json()
            assert same["id"] == batch["id"]
            async with asyncio.timeout(120):
                while (await client.get(f"/v1/batches/{batch['id']}")).json()["status"] != "completed":
                    await asyncio.sleep(0.2)
            output = (await client.get(f"/v1/batches/{batch['id']}/output")).text
    answered = [json.loads(line) for line in output.splitlines()]
    assert [each["custom_id"] for each in answered] == [f"q{number}" for number in range(questions)]
    assert all(each["response"]["status_code"] == 200 for each in answered)
    async with database.reading() as session:
        on_record = Counter(await session.scalars(text("SELECT question FROM turns")))
        ids = set(await session.scalars(text("SELECT id FROM turns")))
    await database.close()
    assert {each["answer_id"] for each in heard.values()} <= ids
    assert {on_record[f"batch question {number}"] for number in range(questions)} == {1}


async def hear(client: httpx.AsyncClient, number: int, heard: dict[int, dict], began: dict[int, list[dict]]) -> None:
    """Asks one question as a stream, and keeps each chunk that came, and the answer if all of it did."""
    body = {"model": "feedback", "stream": True, "messages": [{"role": "user", "content": f"question {number}"}]}
    async with client.stream("POST", "/v1/chat/completions", json=body, headers=once(f"s{number}")) as response:
        assert response.status_code == 200
        chunks = began.setdefault(number, [])
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                chunks.append(json.loads(line.removeprefix("data: ")))
            elif line == "data: [DONE]":
                heard[number] = chunks[-1]["assistant"]


async def rest(client: httpx.AsyncClient, answer_id: str) -> list[dict]:
    """What is told of an answer whose process was killed: all that had left."""
    body = (await client.get(f"/v1/answers/{answer_id}/stream")).text
    return [json.loads(line[6:]) for line in body.splitlines() if line.startswith("data: {")]


def texts(chunks: list[dict]) -> list[str]:
    return [chunk["choices"][0]["delta"].get("content", "") for chunk in chunks if "choices" in chunk]


async def progress(client: httpx.AsyncClient, batch_id: str) -> int:
    return (await client.get(f"/v1/batches/{batch_id}")).json()["request_counts"]["completed"]


async def answers(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                await client.get("/healthz")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return


def once(key: str) -> dict[str, str]:
    return {"idempotency-key": key}


def lines(questions: int) -> bytes:
    bodies = [
        {"model": "feedback", "messages": [{"role": "user", "content": f"batch question {number}"}]}
        for number in range(questions)
    ]
    return b"\n".join(json.dumps({"custom_id": f"q{n}", "body": body}).encode() for n, body in enumerate(bodies))


@contextmanager
def service(url: str):
    """A service of its own process, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    script = Path(__file__).with_name("service_to_kill.py")
    root = str(Path(__file__).resolve().parent.parent)
    with subprocess.Popen(
        [sys.executable, str(script), url, str(port)], env={**os.environ, "PYTHONPATH": root}
    ) as process:
        yield process, f"http://127.0.0.1:{port}"
        process.terminate()

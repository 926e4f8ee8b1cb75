"""A service in one process, told to stop while it writes; and what its log and its metrics have told by then."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from assistant.access import Keys
from assistant.database import Database
from assistant.parts import Parts
from tests.conftest import SHOP
from tests.processes import answers, service

RETURNS = "How long do I have to return an unopened item?"
DELIVERY = "How long does delivery take, and what does it cost?"
DRAIN_S = 6


@dataclass
class Stoppable:
    """A running service and what it leaves behind."""

    process: subprocess.Popen[bytes]
    address: str
    database: Path
    log: Path


@pytest.fixture(scope="module")
def stoppable(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stoppable]:
    home, made = tmp_path_factory.mktemp("stopping"), parts.settings
    shutil.copytree(made.data_dir, home / "data", ignore=shutil.ignore_patterns("weights", "*.db*"))
    (home / "data" / "weights").symlink_to((made.data_dir / "weights").resolve())
    for name in ("shared", "shop"):
        shutil.copytree(made.rails_dir / name, home / "rails" / name)
    (home / "rails" / "shop" / "vertical.yaml").write_text(SHOP + "  answer: {max_tokens: 2000}\n")
    shutil.copytree(made.knowledge_dir / "shop", home / "knowledge" / "shop")
    env = {
        "ASSISTANT_RAILS_DIR": str(home / "rails"),
        "ASSISTANT_KNOWLEDGE_DIR": str(home / "knowledge"),
        "ASSISTANT_DATA_DIR": str(home / "data"),
        "ASSISTANT_DATABASE_URL": f"sqlite+aiosqlite:///{home}/stopping.db",
        "ASSISTANT_DRAIN_S": str(DRAIN_S),
        "ASSISTANT_LOG_FORMAT": "json",
    }
    with (home / "log").open("wb") as log, service("service_to_stop.py", env=env, stderr=log) as (process, address):
        yield Stoppable(process, address, home / "stopping.db", home / "log")


@pytest.fixture
async def http(stoppable: Stoppable) -> AsyncIterator[httpx.AsyncClient]:
    await answers(stoppable.address, ready=True)
    database = Database(f"sqlite+aiosqlite:///{stoppable.database}")
    secret = (await Keys(database).create("test", ["chat"])).secret
    await database.close()
    headers = {"authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=stoppable.address, headers=headers, timeout=120) as client:
        yield client


async def streamed(http: httpx.AsyncClient, question: str, begun: asyncio.Event) -> list[str]:
    """The lines of the streamed answer; the last says so where the stream broke off."""
    asked = {"model": "shop", "stream": True, "messages": [{"role": "user", "content": question}]}
    lines: list[str] = []
    try:
        async with http.stream("POST", "/v1/chat/completions", json=asked, headers={"x-request-id": "my-own"}) as reply:
            async for line in reply.aiter_lines():
                lines.append(line)
                if line == ": generation":
                    begun.set()
    except httpx.TransportError:
        lines.append("broken off")
    return lines


async def test_told_to_stop_it_ends_what_can_be_ended_in_time_and_says_of_the_rest_that_it_broke_off(
    stoppable: Stoppable, http: httpx.AsyncClient
):
    begun = [asyncio.Event(), asyncio.Event()]
    short = asyncio.create_task(streamed(http, RETURNS, begun[0]))
    await begun[0].wait()
    long = asyncio.create_task(streamed(http, DELIVERY, begun[1]))
    await begun[1].wait()
    stoppable.process.send_signal(signal.SIGTERM)
    assert (await short)[-2] == "data: [DONE]"
    assert (await long)[-1] == "broken off"
    # Having ended in order it dies of the signal after all, as a service manager expects of who was told to stop.
    assert await asyncio.to_thread(stoppable.process.wait, 60) in (0, -signal.SIGTERM)
    with pytest.raises(httpx.ConnectError):
        await http.get("/healthz")
    with closing(sqlite3.connect(stoppable.database)) as database:
        assert [row[0] for row in database.execute("SELECT outcome FROM turns")] == ["answered"]
        ((reason,),) = database.execute("SELECT reason FROM streams")
        assert "the answer broke off" in reason


def test_its_log_tells_of_every_request_and_of_no_text(stoppable: Stoppable):
    said = stoppable.log.read_bytes()
    lines = [json.loads(line) for line in said.splitlines()]
    assert not any(word in said.lower() for word in (b"unopened", b"how long", b"delivery", b"30 days", b"euros"))
    mine = [line for line in lines if line.get("request_id") == "my-own"]
    assert {line.get("outcome") for line in mine if "outcome" in line} == {"answered", "left"}
    assert [line["status"] for line in mine if line.get("route") == "/v1/chat/completions"] == [200, 200]
    # uvicorn says that it cut the long one off.
    assert {line["logger"] for line in lines if line["level"] == "error"} == {"uvicorn.error"}

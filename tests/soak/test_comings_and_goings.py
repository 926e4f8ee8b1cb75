"""Many users for minutes on end, half of them leaving in the middle; run by `make soak`.

`SOAK_MINUTES` says for how long, ten by default.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from time import monotonic

import httpx
import psutil
import pytest

from assistant.access import Keys
from assistant.cases import read_cases
from assistant.database import Database
from assistant.settings import Settings
from tests.processes import answers, service
from tests.whole_service import TOKENS_PER_S

MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
USERS = 32
LONGEST_PAUSE_S = 4.0  # Between an answer and the user's next question.
SAMPLE_S = 2.0
COME_BACK = {"rate-limited", "model-unavailable", "unavailable"}


@dataclass
class Seen:
    """What all users together were answered."""

    statuses: list[int] = field(default_factory=list)
    come_back: int = 0
    """Answers that were refused after their stream had begun, with the word to come back."""
    outcomes: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    overhead_ms: list[float] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)
    """Seconds since the first question, and resident bytes."""


@pytest.mark.soak
@pytest.mark.parametrize("model", ["scripted", "real"])
async def test_users_who_come_and_go_meet_nothing_worse_than_come_back_and_leave_nothing_behind(
    model: str, settings: Settings, tmp_path: Path
):
    url = f"sqlite+aiosqlite:///{tmp_path}/assistant.db"
    database = Database(url)
    await database.create()
    key = (await Keys(database).create("soak", ["chat"])).secret
    await database.close()
    seen = Seen()
    with service("whole_service.py", str(settings.rails_dir.parent), url, after=(model,)) as (process, address):
        await answers(address, ready=True)
        began = monotonic()
        watching = asyncio.create_task(watch(process.pid, began, seen))
        async with httpx.AsyncClient(
            base_url=address,
            headers={"Authorization": f"Bearer {key}"},
            timeout=1800,  # A busy machine makes them wait long in line for the model; that is no fault.
            limits=httpx.Limits(max_connections=2 * USERS),
        ) as client:
            users = (visit(client, asked_of(settings), random.Random(n), model, began, seen) for n in range(USERS))
            await asyncio.gather(*users)
            last = await client.post("/v1/chat/completions", json=asking("feedback", "How much is delivery?"))
        watching.cancel()
        assert process.poll() is None
    first, end = resident(seen, 0.3, 0.5), resident(seen, 0.8, 1.0)
    cuts = quantiles(seen.overhead_ms, n=20)
    print(
        f"\n{model}: {MINUTES:g} minutes, {USERS} users, {len(seen.statuses)} requests, "
        f"{dict(Counter(seen.statuses))}, "
        f"{len(seen.outcomes)} heard to the end {dict(Counter(seen.outcomes))}, "
        f"{seen.come_back} told to come back in their stream; "
        f"our own overhead: median {cuts[9]:.0f} ms, p95 {cuts[18]:.0f} ms; "
        f"memory {first / 2**20:.0f} MiB → {end / 2**20:.0f} MiB ({100 * (end / first - 1):+.1f} %)"
    )
    assert not seen.wrong, (len(seen.wrong), seen.wrong[:10])
    assert last.status_code == 200
    assert set(seen.statuses) <= {200, 429, 503} and len(seen.outcomes) > USERS
    assert end < 1.05 * first


async def visit(
    client: httpx.AsyncClient,
    questions: list[tuple[str, str]],
    luck: random.Random,
    model: str,
    began: float,
    seen: Seen,
) -> None:
    """One user who asks, and half of the time leaves before the answer has ended."""
    while monotonic() < began + 60 * MINUTES:
        leaves_after = luck.choice([0, 1, 3, 10_000, 10_000, 10_000])
        try:
            async with client.stream("POST", "/v1/chat/completions", json=asking(*luck.choice(questions))) as response:
                seen.statuses.append(response.status_code)
                if response.status_code != httpx.codes.OK:
                    refused(await response.aread(), response.headers.get("retry-after"), seen)
                else:
                    await listen(response, leaves_after, model, seen)
        except httpx.TransportError as error:
            seen.wrong.append(repr(error))
            await asyncio.sleep(1)
        await asyncio.sleep(luck.random() * LONGEST_PAUSE_S)


async def listen(response: httpx.Response, leaves_after: int, model: str, seen: Seen) -> None:
    """Reads the stream line by line, until it ends or the user leaves."""
    ended = False
    async for line in response.aiter_lines():
        leaves_after -= 1
        if leaves_after < 0:
            return
        ended = ended or line == "data: [DONE]"
        if line.startswith("data: {"):
            chunk = json.loads(line.removeprefix("data: "))
            if "error" in chunk:
                told_in_stream(chunk["error"], seen)
                return
            if chunk["choices"][0]["finish_reason"]:
                heard(chunk["assistant"], model, seen)
    if not ended:
        seen.wrong.append("a stream ended without [DONE]")


def heard(assistant: dict, model: str, seen: Seen) -> None:
    seen.outcomes.append(assistant["outcome"])
    took = assistant["timings_ms"]
    words = assistant["usage"]["completion_tokens"] / 1.3
    at_the_model = took["generation"] if model == "real" else 1000 * words / TOKENS_PER_S
    seen.overhead_ms.append(took["total"] - at_the_model)


def told_in_stream(error: dict, seen: Seen) -> None:
    if error["code"] in COME_BACK:
        seen.come_back += 1
    else:
        seen.wrong.append(f"in a stream: {error}")


def refused(body: bytes, retry_after: str | None, seen: Seen) -> None:
    problem = json.loads(body)
    if problem["error"]["code"] not in COME_BACK or not retry_after:
        seen.wrong.append(f"refused: {problem}, Retry-After {retry_after}")


async def watch(pid: int, began: float, seen: Seen) -> None:
    """Notes the memory of the service again and again."""
    process = psutil.Process(pid)
    while True:
        seen.memory.append((monotonic() - began, process.memory_info().rss))
        await asyncio.sleep(SAMPLE_S)


def resident(seen: Seen, since: float, until: float) -> float:
    """Median of the resident bytes in a part of the time; what is kept for the next question comes in before."""
    span = 60 * MINUTES
    return median(size for at, size in seen.memory if since * span <= at <= until * span)


def asked_of(settings: Settings) -> list[tuple[str, str]]:
    return [
        (name, case.question)
        for name in ("marketing", "medical", "feedback")
        for case in read_cases(settings.knowledge_dir / name / "questions.yaml")
        if not case.documents
    ]


def asking(vertical: str, question: str) -> dict:
    return {"model": vertical, "messages": [{"role": "user", "content": question}], "stream": True}

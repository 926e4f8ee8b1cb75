"""Many clients for minutes on end, half of them leaving in the middle; run by `make soak`."""

from __future__ import annotations

import asyncio
import os
import random
from time import monotonic

import httpx
import psutil
import pytest

from assistant.app import Parts
from assistant.cases import read_cases

MINUTES = float(os.environ.get("SOAK_MINUTES", "5"))
CLIENTS = 16


@pytest.mark.soak
async def test_clients_that_come_and_go_leave_nothing_behind(server: tuple[str, str, Parts]):
    address, key, parts = server
    questions = [
        (name, case.question)
        for name in ("marketing", "medical", "feedback")
        for case in read_cases(parts.settings.knowledge_dir / name / "questions.yaml")
        if not case.documents
    ]
    until, statuses = monotonic() + 60 * MINUTES, list[int]()
    memory = psutil.Process().memory_info().rss
    async with httpx.AsyncClient(
        base_url=address,
        headers={"Authorization": f"Bearer {key}"},
        timeout=300,
        limits=httpx.Limits(max_connections=64),
    ) as client:
        await asyncio.gather(*(visit(client, questions, random.Random(n), until, statuses) for n in range(CLIENTS)))
    model = parts.models.open("smollm2-135m")
    async with asyncio.timeout(5):
        while model.metrics()["busy"] or model.metrics()["waiting"]:  # type: ignore[attr-defined]  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    print(f"{len(statuses)} requests, {statuses.count(200)} answered, {statuses.count(503)} told to come back")
    assert set(statuses) <= {200, 503} and statuses.count(200) > CLIENTS
    assert psutil.Process().memory_info().rss < memory + 300 * 2**20


async def visit(
    client: httpx.AsyncClient, questions: list[tuple[str, str]], luck: random.Random, until: float, statuses: list[int]
) -> None:
    """One client that asks, and half of the time leaves before the answer has ended."""
    while monotonic() < until:
        vertical, question = luck.choice(questions)
        asked = {"model": vertical, "messages": [{"role": "user", "content": question}], "stream": True}
        async with client.stream("POST", "/v1/chat/completions", json=asked) as answer:
            statuses.append(answer.status_code)
            leaves_after = luck.choice([0, 1, 3, 10_000])
            async for _ in answer.aiter_lines():
                leaves_after -= 1
                if leaves_after < 0:
                    break
        await asyncio.sleep(luck.random() / 5 + (answer.status_code == 503))

# ruff: noqa: ASYNC110 — gauges can only be looked at
"""What is looked at again and again for the metrics: queues, jobs and verticals."""

from __future__ import annotations

import asyncio

from assistant.database import Database
from assistant.jobs import Jobs
from assistant.parts import Parts
from assistant.releases.readiness import Readiness
from assistant.watching.answers import keep_gauges
from assistant.watching.metrics import Metrics


async def test_queues_jobs_and_verticals_are_told_as_they_stand(parts: Parts, either_database: Database):
    jobs, metrics = Jobs(either_database), Metrics()
    await jobs.add("batch", "key-1", {})
    await jobs.add("batch", "key-1", {})
    await parts.models.load("smollm2-135m")
    readiness = Readiness(parts.rails, parts.models, either_database)
    work = await jobs.claim(["batch"])
    assert work

    async def told(*wanted: str) -> None:
        keeping = asyncio.create_task(keep_gauges(metrics, parts.models, readiness, jobs, every_s=0.05))
        async with asyncio.timeout(60):
            while not all(line in metrics.text().decode().splitlines() for line in wanted):
                await asyncio.sleep(0.05)
        keeping.cancel()

    await told(
        'assistant_jobs{kind="batch",state="queued"} 1.0',
        'assistant_jobs{kind="batch",state="running"} 1.0',
        'assistant_vertical_ready{vertical="medical"} 1.0',
        'assistant_model_requests{model="smollm2-135m",state="waiting"} 0.0',
    )
    await jobs.finish(work, {})
    await told('assistant_jobs{kind="batch",state="running"} 0.0')

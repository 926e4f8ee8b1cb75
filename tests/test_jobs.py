# ruff: noqa: ASYNC110 — a job can only be watched
"""Durable work on SQLite and on PostgreSQL: claimed once, fenced, tried again, cancelled, resumed, left behind."""

import asyncio
from datetime import timedelta

import pytest

from assistant.errors import Conflict, Invalid, NotFound, RateLimited, Unavailable
from assistant.jobs import MAX_ATTEMPTS, JobRow, Jobs, Later
from assistant.leases import LEASE
from assistant.worker import Worker


@pytest.fixture
def jobs(either_database, clock):
    return Jobs(either_database, clock=clock)


async def work_off(jobs: Jobs, handler, until=lambda job: job.over, *, job, owner="k1"):
    """Runs a worker until the job has come so far."""
    working = asyncio.create_task(Worker(jobs, {"count": handler}, poll_s=0.01).run())
    try:
        async with asyncio.timeout(30):
            while not until(seen := await jobs.get(job.id, owner)):
                await asyncio.sleep(0.01)
        return seen
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def test_a_job_is_done_with_its_result_and_its_progress(jobs):
    job = await jobs.add("count", "k1", {"to": 3}, total=3)

    async def count(work):
        for number in range(work.job.request["to"]):
            await work.progress(number + 1)
        return {"counted": 3}

    done = await work_off(jobs, count, job=job)
    assert (done.state, done.result, done.done, done.total, done.attempts) == ("done", {"counted": 3}, 3, 3, 1)
    assert done.finished_at is not None


async def test_workers_that_ask_at_once_get_different_jobs(jobs):
    added = [await jobs.add("count", "k1", {}) for _ in range(3)]
    claimed = await asyncio.gather(*(jobs.claim(["count"]) for _ in range(6)))
    ids = [work.job.id for work in claimed if work]
    assert len(ids) == len(set(ids)) and set(ids) <= {job.id for job in added}
    assert await jobs.claim(["another kind"]) is None


async def test_a_job_that_was_left_behind_is_taken_over_and_its_first_worker_changes_nothing_more(jobs, clock):
    job = await jobs.add("count", "k1", {})
    first = await jobs.claim(["count"])
    assert await jobs.claim(["count"]) is None
    clock.now += LEASE
    second = await jobs.claim(["count"])
    await jobs.finish(first, {"by": "first"})
    assert not await jobs.renew(first)
    with pytest.raises(asyncio.CancelledError):
        await first.progress(1)
    await jobs.finish(second, {"by": "second"})
    assert (await jobs.get(job.id, "k1")).result == {"by": "second"}


async def test_a_job_that_is_renewed_stays_with_its_worker(jobs, clock):
    await jobs.add("count", "k1", {})
    work = await jobs.claim(["count"])
    for _ in range(3):
        clock.now += LEASE / 2
        assert await jobs.renew(work)
    assert await jobs.claim(["count"]) is None


async def test_what_is_not_available_is_tried_again_later_and_later(jobs, clock):
    job = await jobs.add("count", "k1", {})
    waits = []
    for _ in range(4):
        work = await jobs.claim(["count"])
        await jobs.fail(work, Unavailable("away"))
        before = clock.now
        while await _nothing_due(jobs):
            clock.now += timedelta(seconds=1)
        waits.append((clock.now - before).total_seconds())
        seen = await jobs.get(job.id, "k1")
    assert waits == [1, 2, 4, 8]
    assert (seen.state, seen.error) == ("queued", "away")


async def _nothing_due(jobs: Jobs) -> bool:
    work = await jobs.claim(["count"])
    if work is None:
        return True
    await jobs.give_back(work)
    return False


async def test_a_job_that_must_wait_for_its_budget_waits_as_long_as_it_was_told_and_that_is_no_attempt(jobs, clock):
    job = await jobs.add("count", "k1", {})
    await jobs.fail(await jobs.claim(["count"]), RateLimited("later", retry_after_s=7200))
    clock.now += timedelta(seconds=7199)
    assert await jobs.claim(["count"]) is None
    clock.now += timedelta(seconds=1)
    assert (await jobs.claim(["count"])).job.attempts == 1
    assert (await jobs.get(job.id, "k1")).error == "later"


@pytest.mark.parametrize(
    ("error", "told"), [(Invalid("line 3 is wrong"), "line 3 is wrong"), (ValueError("inner text"), "unexpectedly")]
)
async def test_an_error_that_will_not_go_away_is_final_and_tells_no_inner_text(jobs, error, told):
    job = await jobs.add("count", "k1", {})

    async def fail(work):
        raise error

    failed = await work_off(jobs, fail, job=job)
    assert failed.state == "failed" and told in failed.error and "inner text" not in failed.error


async def test_a_handler_that_knows_when_to_try_again_is_believed(jobs, clock):
    job = await jobs.add("count", "k1", {})
    await jobs.fail(await jobs.claim(["count"]), Later("away", wait=timedelta(hours=2)))
    clock.now += timedelta(seconds=7199)
    assert await jobs.claim(["count"]) is None
    clock.now += timedelta(seconds=1)
    assert (await jobs.claim(["count"])).job.attempts == 2
    assert (await jobs.get(job.id, "k1")).error == "away"


async def test_whoever_waits_for_the_end_of_jobs_hears_of_each_once_in_the_same_unit_of_work(either_database, clock):
    heard = []

    async def ended(session, job):
        heard.append((job.id, job.state, (await session.get(JobRow, job.id)).state))

    jobs = Jobs(either_database, clock=clock, ended=ended)
    for name in ("done", "failed", "taken over", "killed"):
        await jobs.add("count", "k1", {}, job_id=name)
        work = await jobs.claim(["count"])
        if name == "done":
            await jobs.finish(work, None)
            await jobs.finish(work, None)
        elif name == "failed":
            await jobs.fail(work, Invalid("wrong"))
        elif name == "taken over":
            clock.now += LEASE
            await jobs.finish(await jobs.claim(["count"]), None)
            await jobs.finish(work, None)
        else:
            while work is not None:
                clock.now += LEASE
                work = await jobs.claim(["count"])
    assert [(name, state) for name, state, _ in heard] == [
        ("done", "done"),
        ("failed", "failed"),
        ("taken over", "done"),
        ("killed", "failed"),
    ]
    assert all(state == stored for _, state, stored in heard)


async def test_a_job_that_is_there_already_under_its_id_stays_as_it_is(jobs):
    first = await jobs.add("count", "k1", {"to": 1}, job_id="job-1")
    await jobs.finish(await jobs.claim(["count"]), None)
    told = await jobs.add("count", "k1", {"to": 2}, job_id="job-1")
    seen = await jobs.get(first.id, "k1")
    assert told == seen and (seen.state, seen.request) == ("done", {"to": 1})


async def test_a_job_that_kills_its_worker_each_time_is_given_up(jobs, clock):
    job = await jobs.add("count", "k1", {})
    for _ in range(MAX_ATTEMPTS):
        assert await jobs.claim(["count"])
        clock.now += LEASE
    assert await jobs.claim(["count"]) is None
    assert (await jobs.get(job.id, "k1")).state == "failed"


async def test_a_cancelled_job_stops_within_a_renewal_and_can_be_resumed(either_database):
    jobs = Jobs(either_database, lease=timedelta(seconds=0.3))
    job = await jobs.add("count", "k1", {}, total=2)
    begun, stopped = asyncio.Event(), asyncio.Event()

    async def wait(work):
        if work.job.done:
            return {"resumed_at": work.job.done}
        await work.progress(1)
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()

    working = asyncio.create_task(Worker(jobs, {"count": wait}, poll_s=0.01).run())
    async with asyncio.timeout(30):
        await begun.wait()
        assert (await jobs.cancel(job.id, "k1")).state == "cancelled"
        await stopped.wait()
        assert (await jobs.get(job.id, "k1")).state == "cancelled"
        await jobs.resume(job.id, "k1")
        while not (seen := await jobs.get(job.id, "k1")).over:
            await asyncio.sleep(0.01)
    assert (seen.state, seen.result) == ("done", {"resumed_at": 1})
    working.cancel()


async def test_a_worker_that_is_stopped_gives_its_job_back_at_once(jobs):
    job = await jobs.add("count", "k1", {})
    begun = asyncio.Event()

    async def wait(work):
        begun.set()
        await asyncio.sleep(60)

    working = asyncio.create_task(Worker(jobs, {"count": wait}, poll_s=0.01).run())
    await begun.wait()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    seen = await jobs.get(job.id, "k1")
    assert (seen.state, seen.attempts) == ("queued", 0)


async def test_another_owner_s_job_is_not_found(jobs):
    job = await jobs.add("count", "k1", {})
    for call in (jobs.get, jobs.cancel, jobs.resume):
        with pytest.raises(NotFound, match=job.id):
            await call(job.id, "k2")
    assert [each.id for each in await jobs.list("k1", "count")] == [job.id]
    assert await jobs.list("k2", "count") == ()


async def test_what_is_over_is_not_cancelled_and_what_runs_is_not_resumed(jobs):
    job = await jobs.add("count", "k1", {})
    with pytest.raises(Conflict, match="queued"):
        await jobs.resume(job.id, "k1")
    await jobs.finish(await jobs.claim(["count"]), None)
    with pytest.raises(Conflict, match="done already"):
        await jobs.cancel(job.id, "k1")


async def test_a_job_that_was_to_begin_at_once_does_so_though_the_clock_was_set_back(jobs, clock):
    job = await jobs.add("count", "k1", {})
    clock.now -= timedelta(hours=3)
    work = await jobs.claim(["count"])
    assert work.job.id == job.id
    await jobs.give_back(work)
    clock.now -= timedelta(hours=3)
    assert (await jobs.claim(["count"])).job.id == job.id


async def test_a_job_left_behind_before_the_clock_was_set_back_is_taken_over_when_a_new_lease_would_have_ended(
    jobs, clock
):
    await jobs.add("count", "k1", {})
    left = await jobs.claim(["count"])
    clock.now -= timedelta(hours=3)
    assert await jobs.claim(["count"]) is None
    clock.now += LEASE
    taken = await jobs.claim(["count"])
    assert taken.job.id == left.job.id
    assert not await jobs.renew(left)


async def test_a_job_at_work_stays_its_worker_s_though_the_clock_was_set_back(jobs, clock):
    await jobs.add("count", "k1", {})
    work = await jobs.claim(["count"])
    clock.now -= timedelta(hours=3)
    for _ in range(4):
        assert await jobs.claim(["count"]) is None
        clock.now += LEASE / 3
        assert await jobs.renew(work)

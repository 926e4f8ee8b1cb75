"""Durable work: kept in one table, worked off by whichever worker is free, taken over when that worker is killed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal, cast

from sqlalchemy import JSON, String, Table, Text, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Clock, Database, Moment, utc_now
from assistant.errors import AssistantError, Conflict, NotFound, TooMany, Unavailable
from assistant.leases import LEASE
from assistant.short import Direct, Short

State = Literal["queued", "running", "done", "failed", "cancelled"]
MAX_ATTEMPTS, _LONGEST_WAIT = 12, timedelta(hours=1)  # Waits double from 1 s; the last is about half an hour.


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of durable work as it stands."""

    id: str
    kind: str
    owner: str
    """Whom it belongs to; nobody else finds it."""
    state: State
    request: dict[str, Any]
    """What is to be done."""
    result: dict[str, Any] | None
    error: str | None
    """Why it failed, in words for its owner."""
    done: int
    total: int
    """Progress: `done` of `total`."""
    attempts: int
    created_at: datetime
    finished_at: datetime | None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed", "cancelled")


@dataclass(slots=True)
class Work:
    """A job in a worker's hands, as its handler sees it. A handler may be begun again: what it did must hold."""

    job: Job
    _jobs: Jobs
    _lease: str = field(repr=False)

    async def progress(self, done: int, total: int | None = None) -> None:
        """Notes how far it is; raises asyncio.CancelledError when the job was cancelled or is another worker's now."""
        if not await self._jobs._advance(self.job.id, self._lease, done, total):
            raise asyncio.CancelledError


Handler = Callable[[Work], Awaitable[dict[str, Any] | None]]
"""Does the work and returns its result. An Unavailable or TooMany is tried again later; any other error is final."""
Ended = Callable[[AsyncSession, Job], Awaitable[None]]
"""Hears of a job that is done or has failed, in the unit of work that makes it so."""


class Later(Unavailable):
    """The work could not be done this time, and its handler knows when it is worth another try."""

    def __init__(self, message: str, *, wait: timedelta) -> None:
        super().__init__(message)
        self.wait = wait


async def unheard(session: AsyncSession, job: Job) -> None:
    """Nobody waits for the end of jobs."""


class Jobs:
    """The jobs in the database."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock = utc_now,
        lease: timedelta = LEASE,
        ended: Ended = unheard,
    ) -> None:
        self._database, self._clock, self.lease, self._ended = database, clock, lease, ended

    async def add(
        self, kind: str, owner: str, request: dict[str, Any], *, total: int = 1, job_id: str | None = None
    ) -> Job:
        """A new job, or the one that is there already under that id, which stays as it is."""
        adding = partial(self.put, kind=kind, owner=owner, request=request, total=total, job_id=job_id)
        return await self._database.shortly(adding)

    def put(
        self,
        direct: Direct,
        kind: str,
        owner: str,
        request: dict[str, Any],
        *,
        total: int = 1,
        job_id: str | None = None,
    ) -> Job:
        """As `add`, with what else that unit of work writes, or not at all."""
        now = self._clock()
        row = JobRow(id=job_id or f"job-{uuid.uuid4().hex}", kind=kind, owner=owner, request=request, total=total)
        row.state, row.done, row.attempts, row.created_at, row.due_at = "queued", 0, 0, now, now
        added = _ADDING.change(direct, {name: getattr(row, name) for name in _GIVEN})
        kept = None if added else _THERE.first(direct, {"job_id": row.id})
        return Job(*kept) if kept else row.job()

    async def get(self, job_id: str, owner: str, kind: str | None = None) -> Job:
        """The job; raises NotFound when this owner has no such job."""
        async with self._database.reading() as session:
            row = await session.get(JobRow, job_id)
        if row is None or row.owner != owner or kind not in (None, row.kind):
            raise NotFound(f"there is no {kind or 'job'} {job_id[:64]!r} of this key", param=f"{kind or 'job'}_id")
        return row.job()

    async def list(self, owner: str, kind: str) -> tuple[Job, ...]:
        """The owner's jobs of that kind, newest first, at most a hundred."""
        wanted = select(JobRow).where(JobRow.owner == owner, JobRow.kind == kind)
        async with self._database.reading() as session:
            rows = await session.scalars(wanted.order_by(JobRow.created_at.desc(), JobRow.id).limit(100))
            return tuple(row.job() for row in rows)

    async def open_counts(self) -> dict[tuple[str, str], int]:
        """How many jobs wait and run, by kind and state."""
        counted = select(JobRow.kind, JobRow.state, func.count()).where(JobRow.state.in_(("queued", "running")))
        async with self._database.reading() as session:
            rows = await session.execute(counted.group_by(JobRow.kind, JobRow.state))
            return {(kind, state): count for kind, state, count in rows}

    async def cancel(self, job_id: str, owner: str, kind: str | None = None) -> Job:
        """The job, which a worker lets go of within seconds; raises NotFound, or Conflict when it is over already."""
        await self.get(job_id, owner, kind)
        async with self._database.session() as session:
            row = await session.get_one(JobRow, job_id, with_for_update=True)
            if row.job().over and row.state != "cancelled":
                raise Conflict(f"{job_id!r} is {row.state} already")
            row.state, row.lease, row.finished_at = "cancelled", None, row.finished_at or self._clock()
            return row.job()

    async def resume(self, job_id: str, owner: str, kind: str | None = None) -> Job:
        """The job, queued again where it had failed or was cancelled; what it has done stays done."""
        await self.get(job_id, owner, kind)
        async with self._database.session() as session:
            row = await session.get_one(JobRow, job_id, with_for_update=True)
            if row.state not in ("failed", "cancelled"):
                raise Conflict(f"{job_id!r} is {row.state}; only what failed or was cancelled is resumed")
            row.state, row.error, row.attempts, row.finished_at = "queued", None, 0, None
            row.due_at = row.created_at
            return row.job()

    async def claim(self, kinds: Sequence[str]) -> Work | None:
        """The job that has been due longest, for this worker alone until its lease ends; None when none is due."""
        now, lease = self._clock(), uuid.uuid4().hex
        # A job that is running and due was left behind by a worker that did not renew its lease.
        open_states = JobRow.state.in_(("queued", "running"))
        # What was to begin at once is due whatever the clock says: it may have been set back since.
        at_once = and_(JobRow.state == "queued", JobRow.due_at <= JobRow.created_at)
        due = select(JobRow).where(JobRow.kind.in_(kinds), open_states, or_(JobRow.due_at <= now, at_once))
        due = due.order_by(JobRow.due_at, JobRow.id).limit(1)
        # A lease that lasts longer than any taken now was taken before the clock was set back: its worker, if it is
        # still there, renews it in time, and if not, nobody waits as long as the clock went back.
        ahead = (JobRow.kind.in_(kinds), JobRow.state == "running", JobRow.due_at > now + self.lease)
        async with self._database.reading() as session:
            any_due = await session.scalar(due) is not None
            any_ahead = await session.scalar(select(JobRow.id).where(*ahead).limit(1)) is not None
        if any_ahead:
            async with self._database.session() as session:
                await session.execute(update(JobRow).where(*ahead).values(due_at=now + self.lease))
        if not any_due:
            return None
        async with self._database.session() as session:
            row = await session.scalar(due.with_for_update(skip_locked=True))
            if row is None:
                return None
            row.attempts += 1
            if row.attempts > MAX_ATTEMPTS:
                row.error = row.error or "its worker stopped each time it was tried"
                row.state, row.lease, row.finished_at = "failed", None, now
                await self._ended(session, row.job())
                return None
            row.state, row.lease, row.due_at = "running", lease, now + self.lease
            return Work(row.job(), self, lease)

    async def renew(self, work: Work) -> bool:
        """Keeps the job for its worker; False when it was cancelled or taken over."""
        return await self._change(work.job.id, work._lease, due_at=self._clock() + self.lease)

    async def finish(self, work: Work, result: dict[str, Any] | None) -> None:
        """The job is done."""
        await self._end(work, "done", result=result)

    async def give_back(self, work: Work) -> None:
        """Puts the job back as it was, because the worker stops."""
        await self._change(
            work.job.id,
            work._lease,
            state="queued",
            lease=None,
            due_at=JobRow.created_at,
            attempts=JobRow.attempts - 1,
        )

    async def fail(self, work: Work, error: BaseException) -> None:
        """Tries the job again later where that may help, and gives it up where it may not."""
        now, job = self._clock(), work.job
        if isinstance(error, TooMany):  # It did nothing wrong and need only wait, so this was no attempt.
            due = now + timedelta(seconds=error.retry_after_s)
            again: dict[str, Any] = {"due_at": due, "attempts": JobRow.attempts - 1, "error": str(error)}
        elif isinstance(error, Unavailable) and job.attempts < MAX_ATTEMPTS:
            wait = error.wait if isinstance(error, Later) else _pause(job.attempts)
            again = {"due_at": now + wait, "error": str(error)}
        else:
            told = (
                str(error) if isinstance(error, AssistantError) else f"it failed unexpectedly; see {job.id} in the log"
            )
            await self._end(work, "failed", error=told)
            return
        await self._change(job.id, work._lease, state="queued", lease=None, **again)

    async def forget(self, owner: str, *, before: datetime) -> None:
        """Deletes the owner's jobs that were over by then."""
        old = (JobRow.owner == owner, JobRow.finished_at < before)
        async with self._database.session() as session:
            await session.execute(delete(JobRow).where(*old))

    async def _end(self, work: Work, state: State, **values: Any) -> None:
        values |= {"state": state, "lease": None, "finished_at": self._clock()}
        mine = (JobRow.id == work.job.id, JobRow.lease == work._lease, JobRow.state == "running")
        async with self._database.session() as session:
            changed = await session.execute(update(JobRow).where(*mine).values(**values))
            if changed.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
                row = await session.get_one(JobRow, work.job.id, populate_existing=True)
                await self._ended(session, row.job())

    async def _advance(self, job_id: str, lease: str, done: int, total: int | None) -> bool:
        values = {"done": done} if total is None else {"done": done, "total": total}
        return await self._change(job_id, lease, due_at=self._clock() + self.lease, **values)

    async def _change(self, job_id: str, held: str, **values: Any) -> bool:
        # The lease fences: a worker that was silent too long finds its job in other hands and changes nothing.
        mine = (JobRow.id == job_id, JobRow.lease == held, JobRow.state == "running")
        async with self._database.session() as session:
            changed = await session.execute(update(JobRow).where(*mine).values(**values))
            return bool(changed.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it


class JobRow(Base):
    """A job as stored."""

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    owner: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[State] = mapped_column(String(16))
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[str | None] = mapped_column(Text)
    done: Mapped[int]
    total: Mapped[int]
    attempts: Mapped[int]
    lease: Mapped[str | None] = mapped_column(String(32))
    """What the worker that has it knows; None when nobody has it."""
    due_at: Mapped[datetime] = mapped_column(Moment, index=True)
    """When a queued job may begin, and when a running one counts as left behind."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)

    def job(self) -> Job:
        """The record of this row."""
        return Job(**{each.name: getattr(self, each.name) for each in fields(Job)})


_GIVEN = ("id", "kind", "owner", "state", "request", "done", "total", "attempts", "due_at", "created_at")
_JOBS = cast(Table, JobRow.__table__)
_ADDING = Short(postgresql.insert(_JOBS).on_conflict_do_nothing(), sets=_GIVEN)
"""SQLite says the same as PostgreSQL."""
_THERE = Short(select(*(_JOBS.c[each.name] for each in fields(Job))).where(_JOBS.c.id == bindparam("job_id")))


def _pause(attempts: int) -> timedelta:
    return min(timedelta(seconds=2 ** (attempts - 1)), _LONGEST_WAIT)

"""Batches: many questions handed in at once and worked off durably, each exactly once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Database
from assistant.happenings import Happening, Tell
from assistant.jobs import Ended, Job, JobRow, Jobs
from assistant.ledger.keyring import Seal, Seals, Unsealed
from assistant.short import along

KIND = "batch"


@dataclass(frozen=True, slots=True)
class Line:
    """One question as it was handed in."""

    custom_id: str
    """What the caller knows it by; unique within its batch."""
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a batch as it stands. Its answer is kept where answers are kept, and found by its id."""

    number: int
    """Its place in the batch, from 0."""
    custom_id: str
    answer_id: str
    """Settled beforehand, so that a second try finds what the first has recorded."""
    body: dict[str, Any] | None
    """What is asked; once it is settled no more than the form its answer was to have. None where it was forgotten."""
    status: int | None
    """The HTTP status it would have had; None while it is open."""
    error: dict[str, Any] | None


class Batches:
    """The batches in the database; each is a job with a row for every question.

    Questions are kept as they were handed in, masked by nobody yet: so each batch has a key of its own, which is
    destroyed when no question is open any more, and with it what copies of the database still hold of them.
    """

    def __init__(self, database: Database, jobs: Jobs, keyring: Seals | None = None) -> None:
        """Questions are sealed with their batch's key of `keyring`."""
        self._database, self._jobs, self._keyring = database, jobs, keyring or Unsealed()

    async def add(self, owner: str, key_id: str, lines: Sequence[Line], *, batch_id: str) -> Job:
        """A new batch, written whole or not at all."""
        seal = await self._keyring.key(batch_id)
        async with self._database.session() as session:
            put = partial(
                self._jobs.put, kind=KIND, owner=owner, request={"key_id": key_id}, total=len(lines), job_id=batch_id
            )
            job = await along(session, put)
            rows = [
                {
                    "batch_id": job.id,
                    "number": number,
                    "custom_id": line.custom_id,
                    "answer_id": _answer_id(job.id, number),
                    "body": seal.seal(json.dumps(line.body)),
                }
                for number, line in enumerate(lines)
            ]
            await session.execute(insert(_ItemRow), rows)
        return job

    async def open(self, batch_id: str, *, most: int = 50) -> tuple[Item, ...]:
        """The next questions that are not settled yet, in order."""
        wanted = select(_ItemRow).where(_ItemRow.batch_id == batch_id, _ItemRow.status.is_(None))
        return await self._read(wanted.order_by(_ItemRow.number).limit(most))

    async def after(self, batch_id: str, number: int, *, most: int = 100) -> tuple[Item, ...]:
        """The settled questions that come after `number`, in order."""
        wanted = select(_ItemRow).where(_ItemRow.batch_id == batch_id, _ItemRow.number > number)
        return await self._read(wanted.where(_ItemRow.status.is_not(None)).order_by(_ItemRow.number).limit(most))

    async def settle(self, batch_id: str, item: Item, status: int, error: dict[str, Any] | None = None) -> None:
        """Notes how a question ended; its text is then only where answers are kept, and here the form it asked for."""
        asked = (item.body or {}).get("response_format") or {}
        form = {"response_format": {"type": asked["type"]}} if "type" in asked else {}
        mine = (_ItemRow.batch_id == batch_id, _ItemRow.number == item.number)
        async with self._database.session() as session:
            await session.execute(update(_ItemRow).where(*mine).values(status=status, error=error, body=form))

    async def forget(self, batch_id: str) -> None:
        """Destroys the key of a batch in which no question is open any more."""
        await self._keyring.destroy(batch_id)

    async def forget_older(self, before: datetime) -> int:
        """Forgets the questions that are still open in batches from before then; how many batches that were.

        A batch that was cancelled or failed may be resumed, but nobody can keep texts for ever by that.
        """
        left = (_ItemRow.status.is_(None), _ItemRow.body.is_not(None))
        old = select(_ItemRow.batch_id).join(JobRow, JobRow.id == _ItemRow.batch_id).where(JobRow.created_at < before)
        async with self._database.session() as session:
            batches = (await session.scalars(old.where(*left).distinct())).all()
            await session.execute(update(_ItemRow).where(_ItemRow.batch_id.in_(batches), *left).values(body=None))
        if batches:
            await self._keyring.destroy(*batches)
            await self._database.scrub()
        return len(batches)

    async def counts(self, batch_id: str) -> tuple[int, int]:
        """How many questions were answered, and how many failed."""
        of_batch = select(_ItemRow.status, func.count()).where(
            _ItemRow.batch_id == batch_id, _ItemRow.status.is_not(None)
        )
        async with self._database.reading() as session:
            rows = (await session.execute(of_batch.group_by(_ItemRow.status))).tuples()
            found = dict(rows.all())
        answered = found.pop(200, 0)
        return answered, sum(found.values())

    async def _read(self, wanted: Any) -> tuple[Item, ...]:
        async with self._database.reading() as session:
            rows = (await session.scalars(wanted)).all()
        sealed = [row.batch_id for row in rows if isinstance(row.body, str)]
        seal = (await self._keyring.find(sealed[0]) if sealed else None) or Unsealed()
        return tuple(row.item(seal) for row in rows)


def telling(tell: Tell) -> Ended:
    """Tells of every batch that has ended; one that is resumed and ends again is told again."""

    async def ended(session: AsyncSession, job: Job) -> None:
        if job.kind != KIND or job.finished_at is None:
            return
        facts = {"batch_id": job.id, "status": "completed" if job.state == "done" else "failed", "error": job.error}
        happening = Happening("batch.done", f"{job.id} {job.finished_at.isoformat()}", job.owner, None, facts)
        await along(session, partial(tell, happening))

    return ended


class _ItemRow(Base):
    __tablename__ = "batch_items"

    batch_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    custom_id: Mapped[str] = mapped_column(String(200))
    answer_id: Mapped[str] = mapped_column(String(64))
    body: Mapped[dict[str, Any] | str | None] = mapped_column(JSON(none_as_null=True))
    """Sealed JSON while it is open; those from before questions were sealed stand there as they are."""
    status: Mapped[int | None]
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    def item(self, seal: Seal) -> Item:
        body = json.loads(seal.open(self.body)) if isinstance(self.body, str) else self.body
        return Item(self.number, self.custom_id, self.answer_id, body, self.status, self.error)


def _answer_id(batch_id: str, number: int) -> str:
    return f"ans-{hashlib.sha256(f'{batch_id}.{number}'.encode()).hexdigest()[:32]}"

"""What people did to revisions: written down with what they did, and told to whoever wants to know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.rails.revision_rows import ActRow

ActName = Literal[
    "proposed", "rebased", "discarded", "submitted", "returned", "approved", "published", "emergency", "reviewed",
    "rolled back", "withdrawn",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a person did."""

    act: ActName
    folder: str
    person_id: str
    proposal_id: str | None
    digest: str | None
    """The state of the folder that it is about, where that is settled."""
    note: str | None
    """Title, comment or reason."""
    at: datetime


Tell = Callable[[AsyncSession, Act], Awaitable[None]]
"""Notes an act elsewhere, in the unit of work that makes it so: both are written, or neither."""


async def nobody(session: AsyncSession, act: Act) -> None:
    """Tells nobody."""


async def note_act(
    session: AsyncSession,
    tell: Tell,
    at: datetime,
    act: ActName,
    folder: str,
    person_id: str,
    proposal_id: str | None,
    digest: str | None,
    note: str | None,
) -> None:
    """Writes the act down and tells of it."""
    done = Act(act, folder, person_id, proposal_id, digest, note, at)
    session.add(
        ActRow(act=act, folder=folder, proposal_id=proposal_id, digest=digest, person_id=person_id, note=note, at=at)
    )
    await tell(session, done)


async def acts_of(
    session: AsyncSession, *, proposal_id: str | None = None, folder: str | None = None
) -> tuple[Act, ...]:
    """What was done to a proposal, or to a folder, in order."""
    wanted = select(ActRow).order_by(ActRow.number)
    if proposal_id is not None:
        wanted = wanted.where(ActRow.proposal_id == proposal_id)
    if folder is not None:
        wanted = wanted.where(ActRow.folder == folder)
    return tuple([_act(row) for row in await session.scalars(wanted)])


async def acts_between(session: AsyncSession, since: datetime, until: datetime) -> tuple[Act, ...]:
    """What was done from `since` on and before `until`, in order."""
    wanted = select(ActRow).where(ActRow.at >= since, ActRow.at < until).order_by(ActRow.number)
    return tuple([_act(row) for row in await session.scalars(wanted)])


def _act(row: ActRow) -> Act:
    return Act(
        act=row.act,  # type: ignore[arg-type]  # nothing else is ever written there
        folder=row.folder,
        person_id=row.person_id,
        proposal_id=row.proposal_id,
        digest=row.digest,
        note=row.note,
        at=row.at,
    )

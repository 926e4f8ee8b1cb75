"""The turns under way in the audit chain, and who writes them; what closes them is recorded by whoever closes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol, cast

from sqlalchemy import Select, String, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Moment
from assistant.ledger.chain import Entry
from assistant.short import Direct, Short


class Named(Protocol):
    """As much of a turn as its last record names."""

    id: Any
    answer_id: Any
    subject: Any


async def give_up_all(session: AsyncSession, subject: str) -> list[Entry]:
    """Takes what is under way in a conversation from whoever writes it; what that is to be recorded as."""
    rows = (await session.scalars(select(OpenTurnRow).where(OpenTurnRow.subject == subject).with_for_update())).all()
    for row in rows:
        await session.delete(row)
    await session.flush()
    return [closing(row, "erased") for row in rows]


def left_open(now: datetime) -> Select[OpenTurnRow]:
    """The turns of writers that died by then."""
    alive = select(WriterRow.id).where(WriterRow.leased_until > now)
    return select(OpenTurnRow).where(OpenTurnRow.writer.not_in(alive))


async def give_up_left(session: AsyncSession, now: datetime) -> list[Entry]:
    """Takes what is `left_open` from its writers, and these from those that write; what that is to be recorded as."""
    left = left_open(now).order_by(OpenTurnRow.opened_at).with_for_update(skip_locked=True)
    rows = (await session.scalars(left)).all()
    for row in rows:
        await session.delete(row)
    await session.execute(delete(WriterRow).where(WriterRow.leased_until <= now))
    await session.flush()
    return [closing(row, "broken off") for row in rows]


async def renew(session: AsyncSession, writer: str, until: datetime) -> bool:
    """Whether the writer was still among those that live, as it is `until` then."""
    changed = await session.execute(update(WriterRow).where(WriterRow.id == writer).values(leased_until=until))
    return bool(changed.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it


async def leave(session: AsyncSession, writer: str) -> None:
    """Takes the writer from those that live."""
    await session.execute(delete(WriterRow).where(WriterRow.id == writer))


def closing(turn: Named, outcome: str, **facts: Any) -> Entry:
    """The last record of a turn."""
    what = {"turn": turn.id, "answer": turn.answer_id, "outcome": outcome, **facts}
    return Entry("turn.closed", what, turn.subject)


def let_go(turn_id: str, direct: Direct) -> bool:
    """Whether the turn was open until now."""
    return bool(_LETTING_GO.change(direct, {"turn_id": turn_id}))


class OpenTurnRow(Base):
    """A turn that is not closed yet."""

    __tablename__ = "audit_open"
    # Written and deleted with every turn: one page then, not three. There are too few of them to need another index.
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    answer_id: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64))
    writer: Mapped[str] = mapped_column(String(32))
    opened_at: Mapped[datetime] = mapped_column(Moment)


OPEN_TURNS = cast(Table, OpenTurnRow.__table__)
"""For what every turn does: by way of the table it takes half the time that it takes by way of its class."""
OPENING = Short(insert(OPEN_TURNS))
_LETTING_GO = Short(delete(OPEN_TURNS).where(OPEN_TURNS.c.id == bindparam("turn_id")))


class WriterRow(Base):
    """A process that writes turns, alive while it renews its lease."""

    __tablename__ = "audit_writers"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    leased_until: Mapped[datetime] = mapped_column(Moment)


ENROLLING = Short(postgresql.insert(cast(Table, WriterRow.__table__)).on_conflict_do_nothing())
"""A process is among those that write; SQLite says the same as PostgreSQL."""

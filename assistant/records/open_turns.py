"""The turns under way in the audit chain, and who writes them; what closes them is recorded by whoever closes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol, cast

from sqlalchemy import String, Table, bindparam, delete, insert, select
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

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    answer_id: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64), index=True)
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

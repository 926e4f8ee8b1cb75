"""What a model may have learnt and must forget: approved texts that were erased, known by ids that outlive them.

Where an adapter was trained, and on which copy of the records, does not matter: its card names the answers.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import String, Table, column, exists, insert, literal, select, table
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Database, Moment

_AT_ONCE = 500  # Ids in one statement; databases take some thousands.


@dataclass(frozen=True, slots=True)
class Loss:
    """What of some lessons was erased."""

    erased: int
    of: int
    since: datetime
    """When the first of them was."""


class ErasedLessons:
    """The erased lessons in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def among(self, answer_ids: Collection[str]) -> Loss | None:
        """How many of these answers were erased; None where none was."""
        ids, moments = list(answer_ids), list[datetime]()
        async with self._database.reading() as session:
            for first in range(0, len(ids), _AT_ONCE):
                wanted = select(_ErasedRow.erased_at).where(_ErasedRow.answer_id.in_(ids[first : first + _AT_ONCE]))
                moments += await session.scalars(wanted)
        return Loss(len(moments), len(answer_ids), min(moments)) if moments else None


async def note_erased(session: AsyncSession, conversation_id: str, at: datetime) -> None:
    """Notes the approved texts of a conversation that is about to be erased: somebody may have learnt from them."""
    told = exists().where(_ERASED.c.answer_id == _WORK.c.answer_id)
    lessons = (
        select(_WORK.c.answer_id, literal(at, Moment))
        .join(_TURNS, _TURNS.c.id == _WORK.c.answer_id)
        .where(_TURNS.c.conversation_id == conversation_id, _WORK.c.approved_at.is_not(None), ~told)
    )
    await session.execute(insert(_ERASED).from_select(["answer_id", "erased_at"], lessons))


class _ErasedRow(Base):
    __tablename__ = "erased_lessons"

    answer_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(Moment)


_ERASED = cast(Table, _ErasedRow.__table__)
# Declared where turns and work are kept, which erase and so use this.
_WORK = table("work_items", column("answer_id"), column("approved_at"))
_TURNS = table("turns", column("id"), column("conversation_id"))

"""Legal holds: conversations that must not be erased while a dispute about them lasts, by nobody and by no job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Clock, Database, Moment, utc_now
from assistant.errors import Conflict, NotFound
from assistant.ledger.chain import Entry, append
from assistant.records.turn_rows import ConversationRow


@dataclass(frozen=True, slots=True)
class Hold:
    """One conversation that stays."""

    conversation_id: str
    reason: str
    placed_at: datetime


class Held(Conflict):
    """A conversation is under a legal hold, and stays until that is released."""

    type = "held"
    title = "Under a legal hold"


class Holds:
    """The holds in the database. Each is in the audit chain when it is placed and when it is released."""

    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database, self._clock = database, clock

    async def add(self, conversation_id: str, reason: str) -> Hold:
        """Holds a conversation, one that has no answer yet included; raises Conflict where it is held already."""
        row = _HoldRow(conversation_id=conversation_id, reason=reason, placed_at=self._clock())
        async with self._database.session() as session:
            if await session.get(_HoldRow, conversation_id) is not None:
                raise Conflict(f"{conversation_id!r} is held already; `assistant audit hold list` shows why")
            session.add(row)
            await append(session, Entry("hold.placed", subject=conversation_id))
        return row.hold()

    async def knows(self, conversation_id: str) -> bool:
        """Whether there is such a conversation: one that is held may come later, or be a slip of the pen."""
        async with self._database.reading() as session:
            return await session.get(ConversationRow, conversation_id) is not None

    async def list(self) -> tuple[Hold, ...]:
        """Every hold in force, oldest first."""
        async with self._database.reading() as session:
            rows = await session.scalars(select(_HoldRow).order_by(_HoldRow.placed_at, _HoldRow.conversation_id))
            return tuple(row.hold() for row in rows)

    async def release(self, conversation_id: str) -> None:
        """Lets a conversation be erased again; raises NotFound where it is not held."""
        async with self._database.session() as session:
            row = await session.get(_HoldRow, conversation_id)
            if row is None:
                raise NotFound(f"{conversation_id!r} is not held")
            await session.delete(row)
            await append(session, Entry("hold.released", subject=conversation_id))


async def refuse_if_held(session: AsyncSession, conversation_id: str) -> None:
    """Raises Held where the conversation must stay."""
    if await session.get(_HoldRow, conversation_id) is not None:
        raise Held(f"the conversation {conversation_id[:64]!r} is under a legal hold; it can be erased when that ends")


class _HoldRow(Base):
    __tablename__ = "legal_holds"

    conversation_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    placed_at: Mapped[datetime] = mapped_column(Moment)

    def hold(self) -> Hold:
        return Hold(self.conversation_id, self.reason, self.placed_at)

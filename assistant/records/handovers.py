"""Conversations that were given to a person, each once; erased with the conversation."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Clock, Database, Moment, add_if_missing, utc_now
from assistant.happenings import Happening, Tell, nobody
from assistant.ledger.keyring import Seals, Unsealed
from assistant.records.turns import Conversation, Turns
from assistant.short import along


@dataclass(frozen=True, slots=True)
class Handover:
    """One conversation in a person's hands."""

    id: str
    conversation_id: str
    created_at: datetime


class Handovers:
    """The handovers in the database. Every text that arrives here has been masked."""

    def __init__(
        self,
        database: Database,
        turns: Turns,
        keyring: Seals | None = None,
        *,
        clock: Clock = utc_now,
        tell: Tell = nobody,
    ) -> None:
        """Reasons are sealed with their conversation's key of `keyring`; `tell` hears of every handover."""
        self._keyring = keyring or Unsealed()
        self._database, self._turns, self._clock, self._tell = database, turns, clock, tell

    async def add(self, conversation: Conversation, owner: str, reason: str | None) -> Handover:
        """Gives the owner's conversation to a person; the second time it is the handover there is."""
        kept_reason = None if reason is None else (await self._keyring.key(conversation.id)).seal(reason)
        row = _HandoverRow(id=f"han-{uuid.uuid4().hex}", conversation_id=conversation.id, owner=owner)
        row.reason = kept_reason
        row.created_at = self._clock()
        async with self._database.session() as session:
            await add_if_missing(session, row)
            kept = await session.get_one(_HandoverRow, conversation.id)
            if kept.id == row.id:
                facts = {"handover_id": row.id, "conversation_id": conversation.id}
                told = Happening("handover", row.id, owner, conversation.vertical, facts)
                await along(session, partial(self._tell, told))
        return Handover(kept.id, kept.conversation_id, kept.created_at)

    async def read(self, facts: dict[str, Any]) -> dict[str, Any]:
        """What a person needs to go on, as it is on record now: reason and messages; nulls once it is erased."""
        async with self._database.reading() as session:
            row = await session.get(_HandoverRow, facts["conversation_id"])
        if row is None:
            return {"reason": None, "messages": None}
        seal = await self._keyring.find(row.conversation_id) or Unsealed()
        reason = None if row.reason is None else seal.open(row.reason)
        said = await self._turns.transcript(row.conversation_id, row.owner)
        return {"reason": reason, "messages": [{"role": each.role, "content": each.text} for each in said]}


class _HandoverRow(Base):
    __tablename__ = "handovers"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(String(64))
    owner: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)

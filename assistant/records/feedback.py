"""What people thought of an answer: one opinion an answer, erased with it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Literal

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Clock, Database, Moment, utc_now
from assistant.errors import NotFound
from assistant.happenings import Happening, Tell, nobody
from assistant.ledger.keyring import Seals, Unsealed
from assistant.records.turn_rows import TurnRow
from assistant.short import along

Rating = Literal["up", "down"]


class Feedback:
    """The opinions in the database. Every text that arrives here has been masked."""

    def __init__(
        self, database: Database, keyring: Seals | None = None, *, clock: Clock = utc_now, tell: Tell = nobody
    ) -> None:
        """Texts are sealed with their conversation's key of `keyring`; `tell` hears of every opinion."""
        self._database, self._clock, self._tell = database, clock, tell
        self._keyring = keyring or Unsealed()

    async def add(
        self,
        answer_id: str,
        rating: Rating,
        *,
        owner: str,
        vertical: str,
        reason: str | None = None,
        corrected_text: str | None = None,
    ) -> None:
        """Keeps the opinion of `owner`, who was given that answer; a later one takes the place of an earlier.

        Raises NotFound when the answer was erased meanwhile.
        """
        now = self._clock()
        facts = {"answer_id": answer_id, "rating": rating, "corrected": corrected_text is not None}
        async with self._database.session() as session:
            conversation = await session.scalar(select(TurnRow.conversation_id).where(TurnRow.id == answer_id))
            if conversation is None:
                raise NotFound(f"there is no answer {answer_id[:64]!r}, or it was erased", param="answer_id")
            seal = await self._keyring.key(conversation)
            row = _FeedbackRow(answer_id=answer_id, rating=rating, created_at=now)
            row.reason = None if reason is None else seal.seal(reason)
            row.corrected_text = None if corrected_text is None else seal.seal(corrected_text)
            await session.merge(row)
            told = Happening("feedback", f"{answer_id} {now.isoformat()}", owner, vertical, facts)
            await along(session, partial(self._tell, told))


class _FeedbackRow(Base):
    __tablename__ = "feedback"

    answer_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    rating: Mapped[Rating] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(Text)
    corrected_text: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)

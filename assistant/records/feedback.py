"""What people thought of an answer: one opinion an answer, erased with it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Clock, Database, Moment, utc_now
from assistant.happenings import Happening, Tell, nobody

Rating = Literal["up", "down"]


class Feedback:
    """The opinions in the database. Every text that arrives here has been masked."""

    def __init__(self, database: Database, *, clock: Clock = utc_now, tell: Tell = nobody) -> None:
        """`tell` hears of every opinion."""
        self._database, self._clock, self._tell = database, clock, tell

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
        """Keeps the opinion of `owner`, who was given that answer; a later one takes the place of an earlier."""
        now = self._clock()
        row = _FeedbackRow(answer_id=answer_id, rating=rating, reason=reason, corrected_text=corrected_text)
        row.created_at = now
        facts = {"answer_id": answer_id, "rating": rating, "corrected": corrected_text is not None}
        async with self._database.session() as session:
            await session.merge(row)
            await self._tell(session, Happening("feedback", f"{answer_id} {now.isoformat()}", owner, vertical, facts))


class _FeedbackRow(Base):
    __tablename__ = "feedback"

    answer_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    rating: Mapped[Rating] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(Text)
    corrected_text: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)

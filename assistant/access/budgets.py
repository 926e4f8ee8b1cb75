"""What each key has used, day by day (UTC), so that a day can have a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import BigInteger, Date, String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Clock, Database, add_if_missing, utc_now
from assistant.happenings import Happening, Tell, nobody


@dataclass(frozen=True, slots=True)
class Spent:
    """What one account used on one day."""

    account: str
    """A key, an embed token, or `person.…` for sessions."""
    day: date
    answers: int
    prompt_tokens: int
    completion_tokens: int


class Budgets:
    """The days in the database."""

    def __init__(self, database: Database, *, clock: Clock = utc_now, tell: Tell = nobody) -> None:
        """`tell` hears when the budget of a day is spent, once."""
        self._database, self._clock, self._tell = database, clock, tell

    async def left(self, account: str, tokens_per_day: int) -> tuple[int, int]:
        """Tokens that are left of today's, and the seconds until there are new ones."""
        now = self._clock()
        async with self._database.reading() as session:
            row = await session.get(_SpentRow, (account, now.date()))
        midnight = datetime.combine(now.date() + timedelta(days=1), time.min, UTC)
        used = row.prompt_tokens + row.completion_tokens if row else 0
        return tokens_per_day - used, max(1, round((midnight - now).total_seconds()))

    async def add(self, account: str, *, prompt_tokens: int, completion_tokens: int, tokens_per_day: int = 0) -> None:
        """Adds one answer to today's, of which `tokens_per_day` are allowed; 0 for no limit."""
        today = self._clock().date()
        async with self._database.session() as session:
            await add_if_missing(session, _SpentRow(account=account, day=today, **dict.fromkeys(_COUNTS, 0)))
            await session.execute(
                update(_SpentRow)
                .where(_SpentRow.account == account, _SpentRow.day == today)
                .values(
                    answers=_SpentRow.answers + 1,
                    prompt_tokens=_SpentRow.prompt_tokens + prompt_tokens,
                    completion_tokens=_SpentRow.completion_tokens + completion_tokens,
                )
            )
            row = await session.get_one(_SpentRow, (account, today), populate_existing=True)
            used = row.prompt_tokens + row.completion_tokens
            if tokens_per_day and used - prompt_tokens - completion_tokens < tokens_per_day <= used:
                facts = {"day": today.isoformat(), "tokens_per_day": tokens_per_day, "tokens_used": used}
                await self._tell(session, Happening("budget", f"budget {account} {today}", account, None, facts))

    async def since(self, first: date, account: str | None = None) -> Sequence[Spent]:
        """What was used from that day on, by one account or by all, oldest first."""
        wanted = select(_SpentRow).where(_SpentRow.day >= first).order_by(_SpentRow.day, _SpentRow.account)
        if account is not None:
            wanted = wanted.where(_SpentRow.account == account)
        async with self._database.reading() as session:
            rows = (await session.scalars(wanted)).all()
        return [Spent(row.account, row.day, row.answers, row.prompt_tokens, row.completion_tokens) for row in rows]


_COUNTS = ("answers", "prompt_tokens", "completion_tokens")


class _SpentRow(Base):
    __tablename__ = "spent"

    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    answers: Mapped[int] = mapped_column(BigInteger)
    prompt_tokens: Mapped[int] = mapped_column(BigInteger)
    completion_tokens: Mapped[int] = mapped_column(BigInteger)

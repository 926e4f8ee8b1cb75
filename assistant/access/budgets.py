"""What each key has used, day by day (UTC), so that a day can have a budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from sqlalchemy import BigInteger, Date, Double, String, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Clock, Database, add_if_missing, utc_now
from assistant.happenings import Happening, Tell, nobody
from assistant.messages import Basis, Usage
from assistant.short import along

_ANY = ""  # A key of a table has no null; such rows were written before verticals were told apart.


@dataclass(frozen=True, slots=True)
class Spent:
    """What one account used on one day."""

    account: str
    """A key, an embed token, or `person.…` for sessions."""
    day: date
    vertical: str | None = None
    """None for all verticals together, and for what was used before they were told apart."""
    answers: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    energy_wh: float = 0.0
    estimated_wh: float = 0.0
    """The part of the energy that was not measured."""
    checks_wh: float = 0.0
    """The part of the energy that guards and rails took."""
    co2_g: float = 0.0

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return self.prompt_tokens + self.completion_tokens

    @property
    def basis(self) -> Basis:
        """Measured only where all of the energy was."""
        return "measured" if self.energy_wh and not self.estimated_wh else "estimated"

    def wire(self) -> dict[str, str | int | float | None]:
        """As `GET /v1/usage` and `assistant usage` tell it; money, energy and carbon to millionths."""
        return {
            "key": self.account,
            "day": self.day.isoformat(),
            "vertical": self.vertical,
            "answers": self.answers,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "cost_usd": round(self.cost_usd, 6),
            "energy_wh": round(self.energy_wh, 6),
            "checks_wh": round(self.checks_wh, 6),
            "co2_g": round(self.co2_g, 6),
            "basis": self.basis,
        }


class Budgets:
    """The days in the database."""

    def __init__(self, database: Database, *, clock: Clock = utc_now, tell: Tell = nobody) -> None:
        """`tell` hears when the budget of a day is spent, once."""
        self._database, self._clock, self._tell = database, clock, tell

    async def today(self, account: str) -> Spent:
        """What the account has used so far today."""
        day = self._clock().date()
        async with self._database.reading() as session:
            row = await session.get(_SpentRow, (account, day))
        return row.spent() if row else Spent(account, day)

    def until_tomorrow_s(self) -> int:
        """Seconds until there is a new day's budget; at least 1."""
        now = self._clock()
        midnight = datetime.combine(now.date() + timedelta(days=1), time.min, UTC)
        return max(1, round((midnight - now).total_seconds()))

    async def add(
        self,
        account: str,
        usage: Usage,
        *,
        vertical: str | None = None,
        tokens: int = 0,
        usd: float = 0.0,
        wh: float = 0.0,
    ) -> None:
        """Adds one answer to today's, of which so many `tokens`, US dollars and watt-hours are allowed; 0: no limit."""
        today = self._clock().date()
        counts = {
            "answers": 1,
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "cost_usd": usage.cost_usd,
            "energy_wh": usage.energy_wh,
            "estimated_wh": usage.energy_wh if usage.basis == "estimated" else 0.0,
            "co2_g": usage.co2_g,
        }
        async with self._database.session() as session:
            nothing = asdict(Spent(account, today))
            await add_if_missing(session, _SpentRow(**{name: nothing[name] for name in ("account", "day", *counts)}))
            await session.execute(
                update(_SpentRow)
                .where(_SpentRow.account == account, _SpentRow.day == today)
                .values({name: getattr(_SpentRow, name) + count for name, count in counts.items()})
            )
            # That row is held until this is written, so that answers which end together add up one after the other.
            await _add_used(session, account, today, vertical or _ANY, {**counts, "checks_wh": usage.checks_wh})
            row = await session.get_one(_SpentRow, (account, today), populate_existing=True)
            for name, most, used, now in (
                ("tokens", tokens, row.spent().tokens, usage.prompt_tokens + usage.completion_tokens),
                ("usd", usd, row.cost_usd, usage.cost_usd),
                ("wh", wh, row.energy_wh, usage.energy_wh),
            ):
                if most and used - now < most <= used:
                    facts = {"day": today.isoformat(), f"{name}_per_day": most, f"{name}_used": used}
                    told = Happening("budget", f"budget {name} {account} {today}", account, None, facts)
                    await along(session, partial(self._tell, told))

    async def since(self, first: date, account: str | None = None) -> Sequence[Spent]:
        """What was used from that day on, by one account or by all, for each vertical; oldest first."""
        order = (_UsedRow.day, _UsedRow.account, _UsedRow.vertical)
        wanted = select(_UsedRow).where(_UsedRow.day >= first).order_by(*order)
        if account is not None:
            wanted = wanted.where(_UsedRow.account == account)
        async with self._database.reading() as session:
            return [row.used() for row in (await session.scalars(wanted)).all()]


async def _add_used(session: AsyncSession, account: str, day: date, vertical: str, counts: Mapping[str, float]) -> None:
    await add_if_missing(session, _UsedRow(account=account, day=day, vertical=vertical, **dict.fromkeys(counts, 0)))
    own = (_UsedRow.account == account, _UsedRow.day == day, _UsedRow.vertical == vertical)
    added = {name: getattr(_UsedRow, name) + count for name, count in counts.items()}
    await session.execute(update(_UsedRow).where(*own).values(added))


class _SpentRow(Base):
    """What an account used on a day in all: what budgets are held against."""

    __tablename__ = "spent"

    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    answers: Mapped[int] = mapped_column(BigInteger)
    prompt_tokens: Mapped[int] = mapped_column(BigInteger)
    completion_tokens: Mapped[int] = mapped_column(BigInteger)
    cost_usd: Mapped[float] = mapped_column(Double, server_default="0")
    energy_wh: Mapped[float] = mapped_column(Double, server_default="0")
    estimated_wh: Mapped[float] = mapped_column(Double, server_default="0")
    co2_g: Mapped[float] = mapped_column(Double, server_default="0")

    def spent(self) -> Spent:
        return Spent(
            account=self.account,
            day=self.day,
            answers=self.answers,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            cost_usd=self.cost_usd,
            energy_wh=self.energy_wh,
            estimated_wh=self.estimated_wh,
            co2_g=self.co2_g,
        )


class _UsedRow(Base):
    """The same by vertical, with what the checks took: what usage is told from."""

    __tablename__ = "used"

    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    vertical: Mapped[str] = mapped_column(String(64), primary_key=True)
    answers: Mapped[int] = mapped_column(BigInteger)
    prompt_tokens: Mapped[int] = mapped_column(BigInteger)
    completion_tokens: Mapped[int] = mapped_column(BigInteger)
    cost_usd: Mapped[float] = mapped_column(Double)
    energy_wh: Mapped[float] = mapped_column(Double)
    estimated_wh: Mapped[float] = mapped_column(Double)
    checks_wh: Mapped[float] = mapped_column(Double)
    co2_g: Mapped[float] = mapped_column(Double)

    def used(self) -> Spent:
        counts = {each.name: getattr(self, each.name) for each in fields(Spent) if each.name != "vertical"}
        return Spent(vertical=None if self.vertical == _ANY else self.vertical, **counts)

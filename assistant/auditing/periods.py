"""The time that a sign-off or an evidence pack is about: whole days in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from assistant.errors import Invalid


@dataclass(frozen=True, slots=True)
class Period:
    """Days in UTC, the first and the last included."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last, time(), UTC) + timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.first.isoformat()} to {self.last.isoformat()}"


def period_of(first: str, last: str, *, today: date) -> Period:
    """The days from `first` to `last`, each written as 2026-11-30; raises Invalid, also for days that are to come."""
    period = Period(_day(first), _day(last))
    if period.last < period.first:
        raise Invalid(f"the period ends on {period.last}, before it begins on {period.first}")
    if period.last > today:
        raise Invalid(f"the period ends on {period.last}, which is still to come; today is {today}")
    return period


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise Invalid(f"{text[:40]!r} is not a day; write it like 2026-11-30") from error

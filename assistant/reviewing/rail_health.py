"""How rails are doing: how often each stopped something on each day, and how often people said that it was wrong to."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import or_, select

from assistant.access import Caller, allow
from assistant.database import Clock, Database, utc_now
from assistant.records.feedback import _FeedbackRow
from assistant.records.receipts import _ReceiptRow
from assistant.records.review import _MarkRow
from assistant.records.turn_rows import TurnRow

DAYS = 14
"""Of this many days the fires are shown."""


@dataclass(frozen=True, slots=True)
class RailHealth:
    """One rail of one vertical."""

    fires: tuple[int, ...]
    """How many answers it stopped, or withheld a part of, on each day; today last."""
    false_alarms: int
    """Answers it declined that somebody marked as wrong."""

    @property
    def total(self) -> int:
        """On all the days together."""
        return sum(self.fires)


@dataclass(frozen=True, slots=True)
class Health:
    """One vertical over the last days."""

    days: tuple[date, ...]
    answers: tuple[int, ...]
    """How many there were on each day."""
    rails: Mapping[str, RailHealth] = field(default_factory=dict)
    """Those that fired."""

    @property
    def false_alarms(self) -> int:
        """Of all rails together."""
        return sum(each.false_alarms for each in self.rails.values())


class RailHealths:
    """Counts what the receipts say; receipts hold no text and outlive it."""

    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database, self._clock = database, clock

    async def of(self, vertical: str, by: Caller, *, days: int = DAYS) -> Health:
        """The health of the rails of `vertical`; raises Forbidden."""
        allow(by, "read-records", vertical)
        today = self._clock().date()
        shown = tuple(today - timedelta(days=back) for back in range(days - 1, -1, -1))
        since = self._clock().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
        answers: Counter[date] = Counter()
        fires: defaultdict[str, Counter[date]] = defaultdict(Counter)
        wanted = select(_ReceiptRow.created_at, _ReceiptRow.body).where(
            _ReceiptRow.vertical == vertical, _ReceiptRow.created_at >= since
        )
        async with self._database.reading() as session:
            async for at, body in await session.stream(wanted):
                answers[at.date()] += 1
                for rail in _fired(json.loads(body)):
                    fires[rail][at.date()] += 1
            judged_wrong = or_(_FeedbackRow.rating == "down", _MarkRow.right.is_(False))
            wrong = (
                select(TurnRow.rail)
                .join(_ReceiptRow, _ReceiptRow.answer_id == TurnRow.id)
                .outerjoin(_FeedbackRow, _FeedbackRow.answer_id == TurnRow.id)
                .outerjoin(_MarkRow, _MarkRow.answer_id == TurnRow.id)
                .where(_ReceiptRow.vertical == vertical, TurnRow.outcome == "declined", judged_wrong)
                .where(TurnRow.created_at >= since)
            )
            alarms = Counter(await session.scalars(wrong))
        rails = {
            rail: RailHealth(tuple(counted[day] for day in shown), alarms[rail]) for rail, counted in fires.items()
        }
        return Health(shown, tuple(answers[day] for day in shown), rails)


def _fired(content: Mapping[str, object]) -> set[str]:
    """The rails that stopped the answer or a part of it."""
    withheld = content.get("withheld")
    parts = [each for kind in withheld.values() for each in kind] if isinstance(withheld, dict) else []
    return {str(rail) for rail in (content.get("rail"), *(each.get("rail") for each in parts)) if rail}

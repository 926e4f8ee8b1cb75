"""What the assistant did in a period, as its audit chain tells it: counted, and a sample drawn that nobody chose."""

from __future__ import annotations

import asyncio
import hashlib
import heapq
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from assistant.auditing.periods import Period
from assistant.database import Database
from assistant.ledger.chain import Record, records

_LONGEST_TURN = timedelta(hours=1)
"""A turn that was closed in the period may have been opened so long before it."""
_BREATH = 500
"""Records that are read without letting anybody else have the event loop."""
Told = Mapping[str, Any]
"""What a record says."""


@dataclass(frozen=True, slots=True)
class TurnCount:
    """How many turns of one vertical came to one end."""

    vertical: str
    outcome: str
    turns: int


@dataclass(frozen=True, slots=True)
class NoticeCount:
    """Of how many questions to one vertical it is recorded that whoever asked had been told they talk to an AI."""

    vertical: str
    shown: int
    not_shown: int
    """The page or program that asked did not say that it had shown the notice."""
    not_recorded: int
    """Asked before this was recorded."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A record and what it says."""

    record: Record
    told: Told


@dataclass(frozen=True, slots=True)
class Activity:
    """What happened in a period."""

    turns: tuple[TurnCount, ...]
    """By vertical and outcome."""
    notices: tuple[NoticeCount, ...]
    """By vertical."""
    releases: Mapping[str, int]
    """Turns that each release answered, by its digest."""
    acts: Mapping[str, int]
    """Everything else that was recorded, by its kind."""
    sample: tuple[str, ...]
    """Ids of answers, drawn by `drawn`."""

    def within(self, verticals: frozenset[str]) -> Activity:
        """What of it belongs to these verticals; acts belong to none."""
        turns = tuple(each for each in self.turns if each.vertical in verticals)
        return Activity(turns, tuple(each for each in self.notices if each.vertical in verticals), {}, {}, ())

    @property
    def total(self) -> int:
        """All turns."""
        return sum(each.turns for each in self.turns)


async def activity_of(database: Database, period: Period, *, sample: int = 0, seed: str = "") -> Activity:
    """What the records of `period` say; a record that was tampered with is left out, which verifying tells.

    Of the answers `sample` are drawn: those whose number under `seed` is lowest.
    """
    count = _Count(sample, seed)
    async for heard in heard_in(database, period, before=_LONGEST_TURN):
        count.hear(heard.told, inside=heard.told["at"] >= _stamp(period.since))
    return count.activity()


class _Count:
    """The records of a period, counted as they come."""

    def __init__(self, sample: int, seed: str) -> None:
        self._sample, self._seed = sample, seed
        self._verticals: dict[str, str] = {}
        self._turns, self._releases, self._acts = Counter[tuple[str, str]](), Counter[str](), Counter[str]()
        self._notices: dict[str, Counter[bool | None]] = defaultdict(Counter)
        self._lowest: list[tuple[int, str]] = []

    def hear(self, told: Told, *, inside: bool) -> None:
        """Counts a record; one from before the period only tells to which vertical a turn belongs."""
        kind, facts = told["kind"], told["facts"]
        vertical = facts.get("vertical", "")
        if kind == "turn.opened":
            self._verticals[facts["turn"]] = vertical
        elif kind == "turn.closed":
            vertical = self._verticals.pop(facts["turn"], "")
        if not inside or kind == "turn.sentence":
            return
        if kind == "turn.opened":
            self._releases[facts.get("release", "")] += 1
            self._notices[vertical][facts.get("notice_shown")] += 1
        elif kind == "turn.closed":
            self._turns[vertical, facts["outcome"]] += 1
            self._draw(facts)
        else:
            self._acts[kind] += 1

    def activity(self) -> Activity:
        """What was counted."""
        turns = tuple(TurnCount(*of, n) for of, n in sorted(self._turns.items()))
        notices = tuple(NoticeCount(name, n[True], n[False], n[None]) for name, n in sorted(self._notices.items()))
        chosen = tuple(answer for _, answer in sorted(self._lowest, reverse=True))
        return Activity(turns, notices, dict(self._releases.most_common()), dict(sorted(self._acts.items())), chosen)

    def _draw(self, facts: Told) -> None:
        if facts.get("receipt"):
            heapq.heappush(self._lowest, (-drawn(self._seed, facts["answer"]), facts["answer"]))
        if len(self._lowest) > self._sample:
            heapq.heappop(self._lowest)


async def heard_in(
    database: Database, period: Period, *, before: timedelta = timedelta()
) -> AsyncGenerator[Heard, None]:
    """The records of `period` in order, and those of so long `before` it."""
    since, until = _stamp(period.since - before), _stamp(period.until)
    async for record in breathing(records(database, since=period.since - before)):
        told = _read(record)
        if told is None or told["at"] < since:
            continue
        if told["at"] >= until:
            return
        yield Heard(record, told)


async def breathing(found: AsyncGenerator[Record, None]) -> AsyncGenerator[Record, None]:
    """The records as they come; now and then others have their turn on the event loop."""
    count = 0
    async for record in found:
        yield record
        count += 1
        if count % _BREATH == 0:
            await asyncio.sleep(0)


def drawn(seed: str, answer_id: str) -> int:
    """The number that an answer draws: SHA-256 over the seed and its id, so that whoever has both can draw again."""
    return int.from_bytes(hashlib.sha256(f"{seed}\n{answer_id}".encode()).digest())


def _read(record: Record) -> Told | None:
    try:
        told = record.read()
    except ValueError:
        return None
    whole = isinstance(told.get("facts"), dict) and isinstance(told.get("at"), str)
    return told if whole and isinstance(told.get("kind"), str) else None


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")

"""Answers that are still being given: what has left of each, for whoever comes back for the rest.

When an answer is whole it is a turn, and its row here is gone. One that broke off stays for a day with the reason.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from sqlalchemy import JSON, String, Table, Text, bindparam, delete, insert, update
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Clock, Database, Moment, utc_now
from assistant.leases import LEASE
from assistant.ledger.keyring import Seal, Seals, Unsealed
from assistant.short import Direct, Row, Short
from assistant.together import Act, Together, one_by_one

KEPT = timedelta(days=1)
"""How long what left of a broken answer can be read."""
STOPPED = "it was stopped"
"""The reason of an answer that whoever asked for it has ended."""
WANTED = timedelta(seconds=10)
"""How long a reader elsewhere counts as waiting after it was last there."""


@dataclass(frozen=True, slots=True)
class Given:
    """What has left of an answer."""

    events: list[dict[str, Any]]
    """In order, as whoever writes them wrote them."""
    over: bool
    """Whether nothing more will come: it broke off, or the process that wrote it fell silent."""
    reason: str | None
    """Why it broke off, where that is known."""


class Streams:
    """The answers under way in the database. Every text that arrives here has been masked.

    What several answers want to write at the same moment goes into one unit of work: sentences come far more often than
    turns end, and SQLite lets one writer in at a time.
    """

    def __init__(
        self,
        database: Database,
        keyring: Seals | None = None,
        *,
        clock: Clock = utc_now,
        lease: timedelta = LEASE,
        guest: Together[Any] | None = None,
    ) -> None:
        """Texts are sealed with their conversation's key of `keyring`; what waits at `guest` is written along."""
        self._database, self._clock, self.lease = database, clock, lease
        self._keyring, self._seals = keyring or Unsealed(), dict[str, Seal]()
        self._together = Together[Act](database, one_by_one, guest=guest)

    async def open(self, answer_id: str, owner: str, conversation_id: str, first: dict[str, Any]) -> None:
        """Begins an answer with its first event; one that an earlier try has left behind begins anew."""
        now = self._clock()
        seal = self._seals[answer_id] = await self._keyring.key(conversation_id)
        row: dict[str, Any] = {"answer_id": answer_id, "owner": owner, "conversation_id": conversation_id}
        row |= {"events": _sealed([first], seal), "begun_at": now, "leased_until": now + self.lease}
        too_old = {"answer_id": answer_id, "before": now - KEPT}

        def begin(direct: Direct) -> bool:
            _CLEARING.change(direct, too_old)
            return bool(_BEGINNING.change(direct, row))

        await self._write(begin)

    async def say(self, answer_id: str, events: list[dict[str, Any]]) -> bool:
        """Keeps all that has left so far; False when the answer was erased or stopped meanwhile."""
        kept = _sealed(events, self._seals.get(answer_id) or Unsealed())
        return await self._change(_SAYING, answer_id, events=kept, leased_until=self._clock() + self.lease)

    async def renew(self, answer_id: str) -> bool:
        """Says that the answer is still being written; False when it was erased or stopped meanwhile."""
        return await self._change(_RENEWING, answer_id, leased_until=self._clock() + self.lease)

    async def finish(self, answer_id: str) -> bool:
        """The answer is a turn now; False when it was erased meanwhile."""
        self._seals.pop(answer_id, None)
        return await self._change(_FINISHING, answer_id)

    async def break_off(self, answer_id: str, reason: str) -> None:
        """The answer will not become a turn; the first reason that is given stays."""
        self._seals.pop(answer_id, None)
        await self._change(_BREAKING_OFF, answer_id, reason=reason, leased_until=self._clock())

    async def stop(self, answer_id: str, owner: str) -> bool:
        """The owner wants no more of it: whoever writes it ends. False where it is not under way."""
        return await self._change(_STOPPING, answer_id, whose=owner, reason=STOPPED, leased_until=self._clock())

    async def want(self, answer_id: str) -> None:
        """Says that a reader in another process waits for more."""
        await self._change(_WANTING, answer_id, wanted_until=self._clock() + WANTED)

    async def wanted(self, answer_id: str) -> bool:
        """Whether a reader in another process waits for more."""
        async with self._database.reading() as session:
            row = await session.get(_StreamRow, answer_id)
            return row is not None and row.wanted_until is not None and row.wanted_until > self._clock()

    async def read(self, answer_id: str, owner: str) -> Given | None:
        """What has left of the owner's answer; None where it has no such answer under way."""
        async with self._database.reading() as session:
            row = await session.get(_StreamRow, answer_id)
        if row is None or row.owner != owner:
            return None
        seal = await self._keyring.find(row.conversation_id) or Unsealed()
        return Given(_opened(row.events, seal), row.leased_until <= self._clock(), row.reason)

    async def _change(self, statement: Short, answer_id: str, **values: object) -> bool:
        return await self._write(partial(_changed, statement, {"named": answer_id, **values}))

    async def _write(self, act: Act) -> bool:
        """What `act` returns, once it is committed."""
        return bool(await self._together.soon(act))


def _changed(statement: Short, given: Row, direct: Direct) -> bool:
    return bool(statement.change(direct, given))


def _sealed(events: list[dict[str, Any]], seal: Seal) -> list[str]:
    return [seal.seal(json.dumps(events))]


def _opened(kept: list[Any], seal: Seal) -> list[dict[str, Any]]:
    """The events; those of a version that did not seal them stand there as they are."""
    if len(kept) == 1 and isinstance(kept[0], str):
        opened: list[dict[str, Any]] = json.loads(seal.open(kept[0]))
        return opened
    return kept


def erasing(conversation_id: str, owner: str) -> Any:
    """The statement that erases what is under way in a conversation."""
    return delete(_StreamRow).where(_StreamRow.conversation_id == conversation_id, _StreamRow.owner == owner)


class _StreamRow(Base):
    __tablename__ = "streams"

    answer_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    events: Mapped[list[Any]] = mapped_column(JSON)
    leased_until: Mapped[datetime] = mapped_column(Moment)
    wanted_until: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str | None] = mapped_column(Text)
    begun_at: Mapped[datetime] = mapped_column(Moment, index=True)


_STREAMS = cast(Table, _StreamRow.__table__)
_NAMED = _STREAMS.c.answer_id == bindparam("named")
_CHANGING = update(_STREAMS).where(_NAMED, _STREAMS.c.reason.is_(None))
_SAYING = Short(_CHANGING, sets=("events", "leased_until"))
_RENEWING = Short(_CHANGING, sets=("leased_until",))
_WANTING = Short(_CHANGING, sets=("wanted_until",))
_BREAKING_OFF = Short(_CHANGING, sets=("reason", "leased_until"))
_STOPPING = Short(_CHANGING.where(_STREAMS.c.owner == bindparam("whose")), sets=("reason", "leased_until"))
_FINISHING = Short(delete(_STREAMS).where(_NAMED))
_BEGINNING = Short(
    insert(_STREAMS), sets=("answer_id", "owner", "conversation_id", "events", "leased_until", "begun_at")
)
_CLEARING = Short(
    delete(_STREAMS).where(
        (_STREAMS.c.answer_id == bindparam("answer_id")) | (_STREAMS.c.begun_at <= bindparam("before"))
    )
)

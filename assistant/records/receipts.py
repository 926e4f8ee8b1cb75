"""Receipts: what made an answer and what decided on it, without a text, so that they stand when the text is erased."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, cast

from sqlalchemy import String, Table, Text, and_, delete, func, or_, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Clock, Database, Moment, utc_now
from assistant.errors import NotFound
from assistant.ledger.canonical import canonical
from assistant.ledger.chain import digest_of
from assistant.short import Direct, Short


@dataclass(frozen=True, slots=True)
class Receipt:
    """One answer's receipt as it was kept."""

    answer_id: str
    conversation_id: str
    vertical: str
    owner: str
    """The caller the answer was given to."""
    body: str
    """Canonical JSON; the audit chain holds its digest."""
    created_at: datetime

    @property
    def digest(self) -> str:
        """SHA-256 in hex, as the record that closes the turn names it."""
        return digest_of(self.body)

    @property
    def content(self) -> dict[str, Any]:
        """Release and its parts, evidence, sentences and decisions with their measurements, usage and times."""
        content: dict[str, Any] = json.loads(self.body)
        return content


@dataclass(frozen=True, slots=True)
class Place:
    """Where one is on the way back through receipts."""

    at: datetime
    answer_id: str


class Receipts:
    """The receipts in the database."""

    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database, self._clock = database, clock

    async def get(self, answer_id: str) -> Receipt:
        """The receipt, whosever answer it was; raises NotFound."""
        async with self._database.reading() as session:
            row = await session.get(_ReceiptRow, answer_id)
        if row is None:
            raise NotFound(f"there is no receipt of an answer {answer_id[:64]!r}", param="answer_id")
        return row.receipt()

    async def latest(self, vertical: str, *, most: int) -> tuple[Receipt, ...]:
        """The vertical's receipts, newest first, at most `most`."""
        wanted = select(_ReceiptRow).where(_ReceiptRow.vertical == vertical).order_by(_ReceiptRow.created_at.desc())
        async with self._database.reading() as session:
            return tuple(row.receipt() for row in await session.scalars(wanted.limit(most)))

    async def before(self, vertical: str, last: Place | None, *, most: int) -> tuple[Receipt, ...]:
        """The vertical's receipts that come after `last` when one goes back in time, at most `most`; None to begin."""
        mine, place = _ReceiptRow.vertical == vertical, (_ReceiptRow.created_at, _ReceiptRow.answer_id)
        wanted = select(_ReceiptRow).where(mine).order_by(*(column.desc() for column in place)).limit(most)
        if last is not None:
            older = _ReceiptRow.created_at < last.at
            same_time = and_(_ReceiptRow.created_at == last.at, _ReceiptRow.answer_id < last.answer_id)
            wanted = wanted.where(or_(older, same_time))
        async with self._database.reading() as session:
            return tuple(row.receipt() for row in await session.scalars(wanted))

    async def count(self, vertical: str) -> int:
        """How many receipts there are of the vertical."""
        wanted = select(func.count()).select_from(_ReceiptRow).where(_ReceiptRow.vertical == vertical)
        async with self._database.reading() as session:
            return int(await session.scalar(wanted) or 0)

    async def drop(self, vertical: str, *, before: datetime) -> int:
        """Deletes the vertical's receipts from before then; how many there were."""
        old = (_ReceiptRow.vertical == vertical, _ReceiptRow.created_at < before)
        async with self._database.session() as session:
            gone = await session.execute(delete(_ReceiptRow).where(*old))
            return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE's result has it

    def of(self, content: dict[str, Any], *, answer_id: str, conversation_id: str, owner: str) -> Receipt:
        """The receipt of an answer, to be kept."""
        return Receipt(answer_id, conversation_id, content["vertical"], owner, canonical(content), self._clock())


def keep(receipt: Receipt, direct: Direct) -> None:
    """Keeps the receipt; raises NotFound where one is kept already, of an answer that was erased since."""
    if not _KEEPING.change(direct, {name: getattr(receipt, name) for name in _KEPT}):
        raise NotFound(f"the answer {receipt.answer_id[:64]!r} was given before and has been erased", param="answer_id")


class _ReceiptRow(Base):
    __tablename__ = "receipts"

    answer_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(64))
    """No foreign key: a receipt outlives its conversation."""
    vertical: Mapped[str] = mapped_column(String(64))
    owner: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)

    def receipt(self) -> Receipt:
        return Receipt(self.answer_id, self.conversation_id, self.vertical, self.owner, self.body, self.created_at)


_KEEPING = Short(postgresql.insert(cast(Table, _ReceiptRow.__table__)).on_conflict_do_nothing())
"""SQLite says the same as PostgreSQL."""
_KEPT = tuple(each.name for each in fields(Receipt))

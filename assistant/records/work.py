"""Summaries and copy that wait for a person, kept beside what they were written from."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast

from rapidfuzz.distance import Levenshtein
from sqlalchemy import ForeignKey, String, Table, Text, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Clock, Database, Moment, utc_now
from assistant.errors import NotFound
from assistant.ledger.chain import Entry, append
from assistant.ledger.keyring import Keyring, Unsealed
from assistant.messages import Answer, Document, Task
from assistant.records.turn_rows import TurnRow
from assistant.short import Short
from assistant.together import Act

MOST = 200


@dataclass(frozen=True, slots=True)
class Approval:
    """The text as a person let it go out."""

    text: str
    at: datetime
    by: str
    """The person, or the key of the program in which they approved it."""
    seconds: int
    """How long they worked on it."""
    word_edits: int
    """Words inserted, deleted or replaced until it was right (Levenshtein 1966)."""
    character_edits: int


@dataclass(frozen=True, slots=True)
class Correction:
    """What one text of a model took until a person let it go out; it holds no text."""

    vertical: str
    task: Task
    model: str
    word_edits: int
    character_edits: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Work:
    """One text that waits, or waited, for approval."""

    answer_id: str
    vertical: str
    task: Task
    created_at: datetime
    documents: tuple[Document, ...]
    """What it was written from, masked."""
    approval: Approval | None


class WorkItems:
    """The texts in the database, sealed with their conversation's key and erased with it."""

    def __init__(self, database: Database, keyring: Keyring, *, clock: Clock = utc_now) -> None:
        self._database, self._keyring, self._clock = database, keyring, clock

    async def keeping(self, answer: Answer, documents: Sequence[Document]) -> Act:
        """What puts a summary or a copy into the queue, in the unit of work that records it; answers do not wait."""
        if answer.task == "answer" or answer.outcome not in ("answered", "quoted"):
            return lambda _: None
        seal = await self._keyring.key(answer.conversation_id)
        row = {"answer_id": answer.answer_id, "vertical": answer.vertical, "task": answer.task}
        kept = {"documents": seal.seal(json.dumps([asdict(each) for each in documents])), "created_at": self._clock()}
        return lambda direct: _ADDING.change(direct, row | kept)

    async def waiting(self, verticals: Collection[str] | None, *, approved: bool = False) -> tuple[Work, ...]:
        """What waits in these verticals (None: in all), oldest first; or what was approved, the latest first.

        What nobody can read any more is left out: its key may be gone while its row is there, as in a restored backup.
        """
        wanted = select(_WorkRow, TurnRow.conversation_id).join(TurnRow, TurnRow.id == _WorkRow.answer_id)
        if verticals is not None:
            wanted = wanted.where(_WorkRow.vertical.in_(verticals))
        if approved:
            wanted = wanted.where(_WorkRow.approved_at.is_not(None)).order_by(_WorkRow.approved_at.desc())
        else:
            wanted = wanted.where(_WorkRow.approved_at.is_(None)).order_by(_WorkRow.created_at)
        async with self._database.reading() as session:
            rows = (await session.execute(wanted.limit(MOST))).all()
        found = []
        for row, conversation in rows:
            with suppress(NotFound):
                found.append(await self._work(row, conversation))
        return tuple(found)

    async def approved_ids(self, vertical: str) -> tuple[str, ...]:
        """The answers of the vertical whose text a person approved, the earliest approval first."""
        wanted = select(_WorkRow.answer_id).where(_WorkRow.vertical == vertical, _WorkRow.approved_at.is_not(None))
        async with self._database.reading() as session:
            return tuple(await session.scalars(wanted.order_by(_WorkRow.approved_at, _WorkRow.answer_id)))

    async def get(self, answer_id: str) -> Work:
        """One of them; raises NotFound."""
        async with self._database.reading() as session:
            row = await session.get(_WorkRow, answer_id)
            turn = await session.get(TurnRow, answer_id) if row else None
        if row is None or turn is None:
            raise NotFound(f"no summary or copy {answer_id[:64]!r} waits for approval, or did", param="answer_id")
        return await self._work(row, turn.conversation_id)

    async def approve(self, answer_id: str, text: str, *, seconds: int, by: str) -> Approval:
        """Keeps `text`, masked, as what a person let go out; a later approval takes the place of an earlier.

        What they corrected is counted against what left. Raises NotFound.
        """
        async with self._database.session() as session:
            row = await session.get(_WorkRow, answer_id, with_for_update=True)
            turn = await session.get(TurnRow, answer_id) if row else None
            if row is None or turn is None:
                raise NotFound(f"no summary or copy {answer_id[:64]!r} waits for approval, or did", param="answer_id")
            seal = await self._keyring.key(turn.conversation_id)
            left = seal.open(turn.answer)
            row.approved, row.approved_at, row.approved_by = seal.seal(text), self._clock(), by
            row.seconds, row.character_edits = seconds, int(Levenshtein.distance(left, text))
            row.word_edits = int(Levenshtein.distance(left.split(), text.split()))
            facts = {"answer": answer_id, "seconds": seconds, "word_edits": row.word_edits, "text": seal.digest(text)}
            await append(session, Entry("answer.approved", facts, turn.conversation_id))
            return row.approval(text)

    async def _work(self, row: _WorkRow, conversation_id: str) -> Work:
        seal = await self._keyring.find(conversation_id) or Unsealed()
        documents = tuple(Document(**each) for each in json.loads(seal.open(row.documents)))
        approval = row.approval(seal.open(row.approved)) if row.approved is not None else None
        return Work(row.answer_id, row.vertical, row.task, row.created_at, documents, approval)


async def corrections(database: Database, *, vertical: str | None = None) -> tuple[Correction, ...]:
    """What people corrected in the texts of that vertical, or of all, the earliest approval first."""
    wanted = select(_WorkRow, TurnRow.model).join(TurnRow, TurnRow.id == _WorkRow.answer_id)
    wanted = wanted.where(_WorkRow.approved_at.is_not(None)).order_by(_WorkRow.approved_at, _WorkRow.answer_id)
    if vertical is not None:
        wanted = wanted.where(_WorkRow.vertical == vertical)
    async with database.reading() as session:
        rows = (await session.execute(wanted)).all()
    return tuple(
        Correction(row.vertical, row.task, model, row.word_edits or 0, row.character_edits or 0, row.seconds or 0)
        for row, model in rows
    )


class _WorkRow(Base):
    __tablename__ = "work_items"

    answer_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    vertical: Mapped[str] = mapped_column(String(64))
    task: Mapped[Task] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
    documents: Mapped[str] = mapped_column(Text)
    approved: Mapped[str | None] = mapped_column(Text)
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    approved_by: Mapped[str | None] = mapped_column(String(64))
    seconds: Mapped[int | None]
    word_edits: Mapped[int | None]
    character_edits: Mapped[int | None]

    def approval(self, text: str) -> Approval:
        assert self.approved_at is not None and self.approved_by is not None
        edits = (self.seconds or 0, self.word_edits or 0, self.character_edits or 0)
        return Approval(text, self.approved_at, self.approved_by, *edits)


_ADDING = Short(
    insert(cast(Table, _WorkRow.__table__)), sets=("answer_id", "vertical", "task", "documents", "created_at")
)

"""Turns that a person should look at: blocked, hardly borne out, disliked or masked; and what they thought of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import Boolean, ColumnElement, ForeignKey, Select, String, Table, Text, and_, insert, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Clock, Database, Moment, utc_now
from assistant.errors import NotFound
from assistant.ledger.chain import Entry, append
from assistant.ledger.keyring import Keyring, Unsealed
from assistant.messages import Answer, Outcome
from assistant.records.feedback import _FeedbackRow
from assistant.records.turn_rows import ConversationRow, TurnRow
from assistant.short import Direct, Short

Kind = Literal["blocked", "low-support", "thumbs-down", "masked"]
KINDS: tuple[Kind, ...] = ("blocked", "low-support", "thumbs-down", "masked")
HARDLY = 0.1
"""A sentence whose support is above the limit by less than this was hardly borne out."""
PAGE, MOST_SEARCHED = 50, 2000


@dataclass(frozen=True, slots=True)
class Mark:
    """What a person thought of a turn."""

    right: bool
    """Whether the rails did right: stopped what had to be stopped, let through what may be said."""
    note: str | None
    person_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A turn that waits for a person, or was marked by one."""

    answer_id: str
    vertical: str
    created_at: datetime
    outcome: Outcome
    rail: str | None
    kinds: tuple[Kind, ...]
    question: str | None
    """Masked; None where it is erased."""
    reason: str | None
    """Why somebody disliked it."""
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which turns are wanted; what is left out does not matter."""

    vertical: str | None = None
    kind: Kind | None = None
    rail: str | None = None
    marked: bool | None = None
    since: datetime | None = None
    text: str | None = None
    """Stands in the question, whatever its case."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the turns, the latest first."""

    turns: tuple[Reviewed, ...]
    after: datetime | None
    """Where the next page begins; None on the last."""


class ReviewQueue:
    """The turns in the database that a person should look at."""

    def __init__(self, database: Database, keyring: Keyring, *, clock: Clock = utc_now) -> None:
        self._database, self._keyring, self._clock = database, keyring, clock

    def keep(self, answer: Answer, *, limit: float, direct: Direct) -> None:
        """Puts a turn into the queue if there is a reason to, in the unit of work that records it.

        `limit`: the support that the rails ask for.
        """
        weak = any(each.claim and (each.support or 0.0) < limit + HARDLY for each in answer.sentences)
        low = weak or any(each.rail == "grounding" for each in answer.dropped_sentences)
        blocked, masked = answer.outcome == "declined", bool(answer.masked)
        if blocked or low or masked:
            reasons = {"blocked": blocked, "low_support": low, "masked": masked}
            _ADDING.change(direct, {"answer_id": answer.answer_id, **reasons})

    async def page(
        self, wanted: Wanted, verticals: Collection[str] | None, *, after: datetime | None = None, most: int = PAGE
    ) -> Page:
        """The wanted turns of these verticals (None: of all) from before `after` on, the latest first.

        A text is searched for in the last two thousand of them: they lie sealed, and each has to be opened.
        """
        chosen = _chosen(wanted, verticals, after).order_by(TurnRow.created_at.desc(), TurnRow.id)
        async with self._database.reading() as session:
            rows = (await session.execute(chosen.limit(MOST_SEARCHED if wanted.text else most + 1))).all()
        found: list[Reviewed] = []
        for turn, conversation, item, opinion, mark in rows:
            if len(found) == most:
                return Page(tuple(found), found[-1].created_at)
            each = await self._reviewed(turn, conversation, item, opinion, mark)
            if not wanted.text or wanted.text.casefold() in (each.question or "").casefold():
                found.append(each)
        return Page(tuple(found), None)

    async def get(self, answer_id: str) -> Reviewed:
        """One turn, also one that nobody has to look at; raises NotFound."""
        async with self._database.reading() as session:
            row = (await session.execute(_joined().where(TurnRow.id == answer_id))).first()
        if row is None:
            raise NotFound(f"there is no answer {answer_id[:64]!r}, or it was erased", param="answer_id")
        return await self._reviewed(*row)

    async def mark(self, answer_id: str, *, right: bool, person_id: str, note: str | None = None) -> None:
        """Keeps what a person thought of a turn; a later mark takes the place of an earlier. Raises NotFound."""
        async with self._database.session() as session:
            turn = await session.get(TurnRow, answer_id)
            if turn is None:
                raise NotFound(f"there is no answer {answer_id[:64]!r}, or it was erased", param="answer_id")
            seal = await self._keyring.key(turn.conversation_id)
            row = _MarkRow(answer_id=answer_id, right=right, person_id=person_id, marked_at=self._clock())
            row.note = seal.seal(note) if note else None
            await session.merge(row)
            facts = {"answer": answer_id, "right": right, "person": person_id}
            await append(session, Entry("answer.marked", facts, turn.conversation_id))

    async def _reviewed(
        self,
        turn: TurnRow,
        conversation: ConversationRow,
        item: _ItemRow | None,
        opinion: _FeedbackRow | None,
        mark: _MarkRow | None,
    ) -> Reviewed:
        seal = await self._keyring.find(conversation.id) or Unsealed()
        disliked = opinion is not None and opinion.rating == "down"
        flags = (item and item.blocked, item and item.low_support, disliked, item and item.masked)
        try:
            question, note = seal.open(turn.question), seal.open(mark.note) if mark and mark.note else None
            reason = seal.open(opinion.reason) if opinion and disliked and opinion.reason else None
        except NotFound:
            question, note, reason = None, None, None
        return Reviewed(
            answer_id=turn.id,
            vertical=conversation.vertical,
            created_at=turn.created_at,
            outcome=turn.outcome,
            rail=turn.rail,
            kinds=tuple(kind for kind, on in zip(KINDS, flags, strict=True) if on),
            question=question,
            reason=reason,
            mark=Mark(mark.right, note, mark.person_id, mark.marked_at) if mark else None,
        )


def _joined() -> Select[*tuple[Any, ...]]:
    return (
        select(TurnRow, ConversationRow, _ItemRow, _FeedbackRow, _MarkRow)
        .join(ConversationRow, ConversationRow.id == TurnRow.conversation_id)
        .outerjoin(_ItemRow, _ItemRow.answer_id == TurnRow.id)
        .outerjoin(_FeedbackRow, _FeedbackRow.answer_id == TurnRow.id)
        .outerjoin(_MarkRow, _MarkRow.answer_id == TurnRow.id)
    )


def _chosen(wanted: Wanted, verticals: Collection[str] | None, after: datetime | None) -> Select[*tuple[Any, ...]]:
    disliked = _FeedbackRow.rating == "down"
    of_kind: dict[Kind | None, ColumnElement[bool]] = {
        "blocked": _ItemRow.blocked.is_(True),
        "low-support": _ItemRow.low_support.is_(True),
        "masked": _ItemRow.masked.is_(True),
        "thumbs-down": disliked,
        None: or_(_ItemRow.answer_id.is_not(None), disliked),
    }
    conditions = [of_kind[wanted.kind]]
    if verticals is not None:
        conditions.append(ConversationRow.vertical.in_(verticals))
    if wanted.vertical is not None:
        conditions.append(ConversationRow.vertical == wanted.vertical)
    if wanted.rail is not None:
        conditions.append(TurnRow.rail == wanted.rail)
    if wanted.marked is not None:
        conditions.append(_MarkRow.answer_id.is_not(None) if wanted.marked else _MarkRow.answer_id.is_(None))
    if wanted.since is not None:
        conditions.append(TurnRow.created_at >= wanted.since)
    if after is not None:
        conditions.append(TurnRow.created_at < after)
    return _joined().where(and_(*conditions))


class _ItemRow(Base):
    __tablename__ = "review_items"

    answer_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    blocked: Mapped[bool] = mapped_column(Boolean)
    low_support: Mapped[bool] = mapped_column(Boolean)
    masked: Mapped[bool] = mapped_column(Boolean)


_ADDING = Short(insert(cast(Table, _ItemRow.__table__)))


class _MarkRow(Base):
    __tablename__ = "review_marks"

    answer_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    right: Mapped[bool] = mapped_column(Boolean)
    note: Mapped[str | None] = mapped_column(Text)
    person_id: Mapped[str] = mapped_column(String(32), ForeignKey("people.id"))
    marked_at: Mapped[datetime] = mapped_column(Moment)

"""The tables of conversations and their turns, and how a turn comes to its place in them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from pydantic import TypeAdapter
from sqlalchemy import JSON, ForeignKey, String, Table, Text, UniqueConstraint, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Moment
from assistant.errors import NotFound
from assistant.ledger.keyring import Seal
from assistant.messages import Answer, Message, Outcome
from assistant.short import Direct, Row, Short

_OWN_COLUMNS = {"answer_id", "conversation_id", "text", "outcome", "rail", "release", "model"}
"""What a turn has of its answer besides its receipt."""
_ANSWER = TypeAdapter(Answer)
_SEALED = "sealed"
"""The one key of a receipt that is sealed; those from before texts were sealed have others."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer as recorded."""

    answer_id: str
    conversation_id: str
    position: int
    """Number of the turn in its conversation, from 1."""
    question: str
    answer: str
    outcome: Outcome
    rail: str | None
    release: str
    model: str
    created_at: datetime
    receipt: dict[str, Any]
    """The rest of the answer: sentences, citations, what was withheld, token usage and timings."""


class ConversationRow(Base):
    """A conversation: whose it is, and in which vertical."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    vertical: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    placeholders: Mapped[str | None] = mapped_column(Text)


class TurnRow(Base):
    """A question and its answer, sealed."""

    __tablename__ = "turns"
    __table_args__ = (UniqueConstraint("conversation_id", "position"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    position: Mapped[int]
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    outcome: Mapped[Outcome] = mapped_column(String(16))
    rail: Mapped[str | None] = mapped_column(String(200))
    release: Mapped[str] = mapped_column(String(200))
    model: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Moment)
    receipt: Mapped[dict[str, Any]] = mapped_column(JSON)

    def messages(self, seal: Seal) -> tuple[Message, Message]:
        """What was asked and what was answered."""
        return Message("user", seal.open(self.question)), Message("assistant", seal.open(self.answer))

    def turn(self, seal: Seal) -> Turn:
        """The turn as recorded."""
        sealed = self.receipt.get(_SEALED)
        return Turn(
            answer_id=self.id,
            conversation_id=self.conversation_id,
            position=self.position,
            question=seal.open(self.question),
            answer=seal.open(self.answer),
            outcome=self.outcome,
            rail=self.rail,
            release=self.release,
            model=self.model,
            created_at=self.created_at,
            receipt=self.receipt if sealed is None else json.loads(seal.open(sealed)),
        )

    def whole_answer(self, seal: Seal) -> Answer:
        """The answer as it is on record, so masked."""
        kept = self.turn(seal)
        own = {name: getattr(self, name) for name in _OWN_COLUMNS if hasattr(self, name)}
        return _ANSWER.validate_python({**kept.receipt, **own, "answer_id": self.id, "text": kept.answer})


def turn_row(question: str, answer: Answer, seal: Seal, now: datetime) -> TurnRow:
    """The turn as it is kept, without its place."""
    rest = {name: value for name, value in asdict(answer).items() if name not in _OWN_COLUMNS}
    return TurnRow(
        id=answer.answer_id,
        conversation_id=answer.conversation_id,
        question=seal.seal(question),
        answer=seal.seal(answer.text),
        outcome=answer.outcome,
        rail=answer.rail,
        release=answer.release,
        model=answer.model,
        created_at=now,
        receipt={_SEALED: seal.seal(json.dumps(rest))},
    )


def place(conversation: Row, row: TurnRow, direct: Direct) -> None:
    """Puts a turn at the end of its conversation, which begins with it.

    `conversation` has its columns, and `placeholders` as they are from now on. Raises NotFound, before anything is
    written, when the conversation is another key's or vertical's.
    """
    if _JOINING.first(direct, conversation) is None:
        raise no_conversation(row.conversation_id)
    (last,) = _LAST.first(direct, {"named": row.conversation_id}) or (None,)
    row.position = (last or 0) + 1
    _ADDING.change(direct, {name: getattr(row, name) for name in _COLUMNS})


def no_conversation(conversation_id: str) -> NotFound:
    """One wording for what does not exist and for what is someone else's."""
    message = f"there is no conversation {conversation_id[:64]!r} of this key with this vertical"
    return NotFound(message, param="conversation_id")


_CONVERSATIONS, _TURNS = cast(Table, ConversationRow.__table__), cast(Table, TurnRow.__table__)
_COLUMNS = tuple(_TURNS.columns.keys())
_NEW = postgresql.insert(_CONVERSATIONS)  # SQLite says the same.
# Held until the turn is written, so that turns which end at the same time follow one another; of another's, no row.
_JOINING = Short(
    _NEW.on_conflict_do_update(
        index_elements=[_CONVERSATIONS.c.id],
        set_={"placeholders": _NEW.excluded.placeholders},
        where=(_CONVERSATIONS.c.vertical == _NEW.excluded.vertical) & (_CONVERSATIONS.c.key_id == _NEW.excluded.key_id),
    ).returning(_CONVERSATIONS.c.id)
)
_LAST = Short(select(func.max(_TURNS.c.position)).where(_TURNS.c.conversation_id == bindparam("named")))
_ADDING = Short(insert(_TURNS))

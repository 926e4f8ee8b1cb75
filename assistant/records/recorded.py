"""What was said in a turn, read for those who answer for the rails: whosever turn it was, masked as it is kept."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from assistant.database import Database
from assistant.errors import NotFound
from assistant.ledger.keyring import Keyring, Unsealed
from assistant.messages import Answer, Message
from assistant.records.turn_rows import TurnRow

_EARLIER = 12
"""Turns before a turn that are read with it: more than a follow-up is ever traced back."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One turn with its texts."""

    answer: Answer
    question: str
    position: int
    """Of the turn in its conversation, from 1."""
    earlier: tuple[Message, ...]
    """What was said last before it in the conversation, without what was declined."""


class Recordings:
    """Reads turns by answer; who may read them is for the caller to settle."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database, self._keyring = database, keyring

    async def find(self, answer_id: str) -> Recorded | None:
        """The turn; None where its texts are erased or past their retention."""
        async with self._database.reading() as session:
            row = await session.get(TurnRow, answer_id)
            if row is None:
                return None
            before = (TurnRow.conversation_id == row.conversation_id, TurnRow.position < row.position)
            wanted = select(TurnRow.question, TurnRow.answer).where(*before, TurnRow.outcome != "declined")
            last = await session.execute(wanted.order_by(TurnRow.position.desc()).limit(_EARLIER))
            earlier = last.tuples().all()[::-1]
        seal = await self._keyring.find(row.conversation_id) or Unsealed()
        try:
            answer, question = row.whole_answer(seal), seal.open(row.question)
            said = tuple(
                message
                for asked, told in earlier
                for message in (Message("user", seal.open(asked)), Message("assistant", seal.open(told)))
            )
        except NotFound:
            return None
        return Recorded(answer, question, row.position, said)

    async def questions(self, answer_ids: tuple[str, ...]) -> dict[str, str]:
        """The questions that were answered so, masked, by answer; what is erased is left out."""
        async with self._database.reading() as session:
            rows = (await session.scalars(select(TurnRow).where(TurnRow.id.in_(answer_ids)))).all()
        found = {}
        for row in rows:
            try:
                found[row.id] = (await self._keyring.find(row.conversation_id) or Unsealed()).open(row.question)
            except NotFound:
                continue
        return found

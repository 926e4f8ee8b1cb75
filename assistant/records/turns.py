"""Conversations and their turns: kept masked, found only by the key that made them, erased for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.database import Clock, Database, utc_now
from assistant.errors import NotFound, TooLarge
from assistant.happenings import Happening, Tell, nobody
from assistant.ledger.chain import Entry, append
from assistant.ledger.keyring import Seal, Seals, Unsealed
from assistant.messages import Answer, Message
from assistant.records.holds import refuse_if_held
from assistant.records.lineage import note_erased
from assistant.records.open_turns import give_up_all
from assistant.records.streams import erasing
from assistant.records.turn_rows import (
    ConversationRow,
    Turn,
    TurnRow,
    no_conversation,
    place,
    turn_row,
)
from assistant.short import Direct
from assistant.together import Act

MOST_TURNS = 500
"""Of one conversation: all of them are read for each further one."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What later turns of a conversation build on."""

    id: str
    vertical: str
    messages: tuple[Message, ...]
    """Questions and answers in order, without the declined ones."""
    placeholders: str | None
    """The map of masked values, as `Placeholders.to_json` wrote it; it holds no value."""
    turns: int
    """How many turns there have been, declined ones included."""


class Turns:
    """The record of conversations. Every text that arrives here has been masked."""

    def __init__(
        self, database: Database, keyring: Seals | None = None, *, clock: Clock = utc_now, tell: Tell = nobody
    ) -> None:
        """Texts are sealed with their conversation's key of `keyring`; `tell` hears of every turn that was declined."""
        self._database, self._clock, self._tell = database, clock, tell
        self._keyring = keyring or Unsealed()

    async def history(self, conversation_id: str, *, key_id: str, vertical: str | None = None) -> Conversation:
        """The conversation so far; raises NotFound when this key has no such conversation (with this vertical),
        TooLarge when it cannot go on.

        Declined turns are on record but not in `messages`: what the rails stopped must not reach a model with the
        next question, nor have every later turn declined for it.
        """
        async with self._database.reading() as session:
            row = await _own(session, conversation_id, key_id, vertical=vertical)
            wanted = select(TurnRow).where(TurnRow.conversation_id == row.id).order_by(TurnRow.position)
            turns = (await session.scalars(wanted.limit(MOST_TURNS))).all()
        seal = await self._seal(row)
        if len(turns) == MOST_TURNS:
            message = f"the conversation has {MOST_TURNS} turns, more are not read; begin a new one"
            raise TooLarge(message, param="conversation_id")
        said = tuple(message for turn in turns if turn.outcome != "declined" for message in turn.messages(seal))
        placeholders = None if row.placeholders is None else seal.open(row.placeholders)
        return Conversation(row.id, row.vertical, said, placeholders, len(turns))

    async def transcript(self, conversation_id: str, key_id: str) -> tuple[Message, ...]:
        """All that was said in a conversation, declined turns included; raises NotFound as `history` does."""
        async with self._database.reading() as session:
            row = await _own(session, conversation_id, key_id)
            wanted = select(TurnRow).where(TurnRow.conversation_id == row.id).order_by(TurnRow.position)
            turns = (await session.scalars(wanted)).all()
        seal = await self._seal(row)
        return tuple(message for turn in turns for message in turn.messages(seal))

    async def add(
        self,
        conversation_id: str,
        vertical: str,
        key_id: str,
        question: str,
        answer: Answer,
        placeholders: str | None,
        *,
        closing: Sequence[Act] = (),
    ) -> Turn:
        """Records a turn at the end of its conversation, which begins with its first; raises NotFound as `history`.

        `closing` are the last acts of that unit of work and end the turn's audit record: all is written, or nothing.
        """
        seal = await self._keyring.key(conversation_id)
        row = turn_row(question, answer, seal, self._clock())
        conversation = {"id": conversation_id, "vertical": vertical, "key_id": key_id, "created_at": row.created_at}
        conversation["placeholders"] = None if placeholders is None else seal.seal(placeholders)

        def record(direct: Direct) -> None:
            place(conversation, row, direct)
            if answer.outcome == "declined":
                self._tell(_block(answer, key_id), direct)
            for act in closing:
                act(direct)

        await self._database.shortly(record)
        return row.turn(seal)

    async def get(self, answer_id: str, key_id: str) -> Turn:
        """One recorded turn; raises NotFound when this key was given no such answer."""
        async with self._database.reading() as session:
            row = await session.get(TurnRow, answer_id)
            owner = await session.get(ConversationRow, row.conversation_id) if row else None
        if row is None or owner is None or owner.key_id != key_id:
            raise _no_answer(answer_id)
        return row.turn(await self._seal(owner))

    async def keeps(self, answer_id: str) -> bool:
        """Whether the answer is still on record, whosever it is."""
        async with self._database.reading() as session:
            return await session.scalar(select(TurnRow.id).where(TurnRow.id == answer_id)) is not None

    async def answer(self, answer_id: str, key_id: str) -> Answer:
        """The answer as it is on record, so masked; raises NotFound as `get` does."""
        async with self._database.reading() as session:
            row = await session.get(TurnRow, answer_id)
            owner = await session.get(ConversationRow, row.conversation_id) if row else None
        if row is None or owner is None or owner.key_id != key_id:
            raise _no_answer(answer_id)
        return row.whole_answer(await self._seal(owner))

    async def erase(self, conversation_id: str, key_id: str) -> None:
        """Deletes a conversation with all its turns, and what is under way or broke off in it.

        Raises NotFound when this key has no such conversation, Held while a legal hold lasts. The texts are out of
        reach when this returns; `Erasure` sees to what the files and their backups still hold.
        """
        async with self._database.session() as session:
            under_way = await session.execute(erasing(conversation_id, key_id))
            await note_erased(session, conversation_id, self._clock())
            row = await session.get(ConversationRow, conversation_id)
            if row is not None and row.key_id == key_id:
                await session.delete(row)
            elif not under_way.rowcount:  # type: ignore[attr-defined]  # a DELETE's result has it
                raise no_conversation(conversation_id)
            await refuse_if_held(session, conversation_id)
            given_up = await give_up_all(session, conversation_id)
            # Whose first turn was closing meanwhile is there by now: whoever closes has let go of its open turn.
            late = await session.get(ConversationRow, conversation_id) if row is None else None
            if late is not None and late.key_id == key_id:
                await session.delete(late)
            await append(session, *given_up, Entry("conversation.erased", subject=conversation_id))

    async def older(self, vertical: str, before: datetime) -> tuple[tuple[str, str], ...]:
        """The vertical's conversations whose last turn was before then, oldest first, each with its owner."""
        last = func.max(TurnRow.created_at)
        wanted = (
            select(ConversationRow.id, ConversationRow.key_id)
            .join(TurnRow, TurnRow.conversation_id == ConversationRow.id)
            .where(ConversationRow.vertical == vertical)
            .group_by(ConversationRow.id, ConversationRow.key_id)
            .having(last < before)
        )
        async with self._database.reading() as session:
            rows = await session.execute(wanted.order_by(last, ConversationRow.id))
            return tuple((row.id, row.key_id) for row in rows)

    async def _seal(self, row: ConversationRow) -> Seal:
        """What opens its texts; those of a conversation from before there were keys stand there as they are."""
        return await self._keyring.find(row.id) or Unsealed()


def _block(answer: Answer, key_id: str) -> Happening:
    facts = {"answer_id": answer.answer_id, "conversation_id": answer.conversation_id, "rail": answer.rail}
    return Happening("block", answer.answer_id, key_id, answer.vertical, {**facts, "reason": answer.reason})


async def _own(
    session: AsyncSession, conversation_id: str, key_id: str, *, vertical: str | None = None
) -> ConversationRow:
    row = await session.get(ConversationRow, conversation_id)
    if row is None or row.key_id != key_id or vertical not in (None, row.vertical):
        raise no_conversation(conversation_id)
    return row


def _no_answer(answer_id: str) -> NotFound:
    return NotFound(f"there is no answer {answer_id[:64]!r} given to this key", param="answer_id")

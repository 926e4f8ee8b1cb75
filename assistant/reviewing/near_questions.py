"""Real questions that a limit only just let through or stopped: what is worth an example more."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from assistant.access import Caller, allow
from assistant.database import Database
from assistant.errors import NotFound
from assistant.ledger.keyring import Seals, Unsealed
from assistant.records.receipts import _ReceiptRow
from assistant.records.turn_rows import TurnRow

_READ = 500
"""Receipts looked at, the newest; each is a few kilobytes."""


@dataclass(frozen=True, slots=True)
class NearQuestion:
    """A question as recorded: masked, and only while its text is kept."""

    answer_id: str
    text: str
    score: float
    """Of the topics guard, 0 off topic to 1 in scope."""
    form: str
    """The form it was read as."""
    outcome: str
    asked_at: datetime


class NearQuestions:
    """Reads what receipts measured, and the questions where they are still kept."""

    def __init__(self, database: Database, keyring: Seals | None = None) -> None:
        self._database, self._keyring = database, keyring or Unsealed()

    async def of(self, vertical: str, by: Caller, *, limit: float, most: int = 12) -> tuple[NearQuestion, ...]:
        """At most `most` different questions, those whose score is nearest to `limit` first. Raises Forbidden."""
        allow(by, "read-records", vertical)
        receipts = select(_ReceiptRow.answer_id, _ReceiptRow.body).where(_ReceiptRow.vertical == vertical)
        async with self._database.reading() as session:
            kept = (await session.execute(receipts.order_by(_ReceiptRow.created_at.desc()).limit(_READ))).all()
            scored = {answer_id: read for answer_id, body in kept if (read := _topics(json.loads(body)))}
            nearest = sorted(scored, key=lambda each: abs(scored[each][0] - limit))[: 4 * most]
            rows = {row.id: row for row in await session.scalars(select(TurnRow).where(TurnRow.id.in_(nearest)))}
        found: dict[str, NearQuestion] = {}
        for each in (rows[answer_id] for answer_id in nearest if answer_id in rows):
            seal = await self._keyring.find(each.conversation_id) or Unsealed()
            with suppress(NotFound):  # Its text was erased meanwhile.
                text, (score, form) = seal.open(each.question), scored[each.id]
                question = NearQuestion(each.id, text, score, form, each.outcome, each.created_at)
                found.setdefault(" ".join(text.casefold().split()), question)
        return tuple(found.values())[:most]


def _topics(content: dict[str, object]) -> tuple[float, str] | None:
    """Score and form of the question, where the topics were measured."""
    decisions = content.get("decisions")
    for each in decisions if isinstance(decisions, list) else ():
        topics = each["measurements"].get("topics") if each["stage"] == "input" else None
        if topics:
            return float(topics["score"]), str(topics["form"])
    return None

"""What happens in a turn, on its way into the audit chain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assistant.answering.events import ObjectEvent, SentenceEvent
from assistant.ledger.chain import Entry
from assistant.ledger.keyring import SubjectKey
from assistant.records.open_turns import Named


@dataclass(frozen=True, slots=True)
class Step:
    """A record that waits for its place."""

    turn: Named
    kind: str
    facts: Callable[[], dict[str, Any]]
    by: str | None
    """Who did it: known when it happened, not when it is written."""

    def entry(self) -> Entry:
        """The record to be written."""
        facts = {"turn": self.turn.id, "answer": self.turn.answer_id, **self.facts()}
        return Entry(self.kind, facts, self.turn.subject, self.by)


def said_of(event: SentenceEvent | ObjectEvent, number: int, key: SubjectKey) -> dict[str, Any]:
    """What is recorded of the `number`th thing that left, its text as a digest by the conversation's `key`."""
    if isinstance(event, ObjectEvent):
        return {"n": number, "object": key.digest(event.text)}
    said = event.sentence
    support = None if said.support is None else round(float(said.support), 4)
    facts = {"text": key.digest(said.text), "claim": said.claim, "support": support}
    return {"n": number, **facts, "citations": list(said.citations)}

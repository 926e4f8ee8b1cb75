"""What happened here that programs elsewhere may want to be told: ids and reasons, never a text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from assistant.short import Direct

EventName = Literal["block", "feedback", "batch.done", "budget", "handover"]
LOCAL = "local"
"""Whoever asks on the command line, evaluations included; nobody is told of that."""
EVENTS: tuple[EventName, ...] = get_args(EventName)


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened, once."""

    event: EventName
    id: str
    """The same for the same happening, however often it is told."""
    owner: str
    """The caller whose doing it was: a key, a visitor of an embed token, or a person's session."""
    vertical: str | None
    """Where it happened; None for what belongs to a key alone."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What the receiver is told: ids, names of rails, counts."""

    @property
    def key(self) -> str:
        """The key or embed token behind it, or `person.…` for a session; a visitor's proof stays here."""
        return self.owner if self.owner.startswith("person.") else self.owner.partition(".")[0]


Tell = Callable[[Happening, Direct], None]
"""Notes that something happened, in the unit of work that makes it so: both are written, or neither."""


def nobody(happening: Happening, direct: Direct) -> None:
    """Tells nobody."""

"""How one answer went: when each stage began and how it ended. What is counted, traced and logged are folds over it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal

from assistant.answering.events import DoneEvent, Event, ObjectEvent, OpenedEvent, SentenceEvent, StageEvent
from assistant.messages import Answer, Outcome

End = Outcome | Literal["failed", "refused", "left"]
"""`refused`: the request was at fault, or too much at this moment (4xx); `left`: nobody waited for the end."""


@dataclass(slots=True)
class Course:
    """The course of one answer, written while its events pass; it holds ids and times, and the answer at its end."""

    vertical: str
    model: str | None
    """The model asked for, where the request named one."""
    began_ns: int = field(default_factory=time.time_ns)
    """Nanoseconds since 1970, as all that follow."""
    opened: OpenedEvent | None = None
    stages: list[tuple[str, int]] = field(default_factory=list)
    """Name and beginning of each stage, in order."""
    first_ns: int | None = None
    """When the first checked sentence was there."""
    answer: Answer | None = None
    error: str | None = None
    """The type of the problem that ended it."""
    refused: bool = False
    """Whether that was the request's fault."""
    ended_ns: int = 0
    _begin: int = field(default_factory=time.perf_counter_ns)

    def hear(self, event: Event) -> None:
        """Notes an event at the moment it comes."""
        if isinstance(event, StageEvent):
            self.stages.append((event.name, self._now_ns()))
        elif isinstance(event, SentenceEvent | ObjectEvent):
            self.first_ns = self.first_ns or self._now_ns()
        elif isinstance(event, OpenedEvent):
            self.opened = event
        elif isinstance(event, DoneEvent):
            self.answer = event.answer

    def close(self) -> None:
        """Notes that it is over."""
        self.ended_ns = self._now_ns()

    @property
    def end(self) -> End:
        """How it ended."""
        if self.answer is not None:
            return self.answer.outcome
        if self.error is None:
            return "left"
        return "refused" if self.refused else "failed"

    def spans_ns(self) -> list[tuple[str, int, int]]:
        """Name, beginning and end of each stage."""
        ends = [*(began for _, began in self.stages[1:]), self.ended_ns]
        return [(name, began, end) for (name, began), end in zip(self.stages, ends, strict=False)]

    def _now_ns(self) -> int:
        # By the clock that is never set: an answer does not take longer because the other one was.
        return self.began_ns + time.perf_counter_ns() - self._begin

"""What an answer consists of as it comes: one stream of events, of which everything shown or kept is a fold."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

from assistant.messages import Answer, Citation, Sentence


@dataclass(frozen=True, slots=True)
class OpenedEvent:
    """The question was taken, and its answer has a name; the first event of every answer."""

    answer_id: str
    conversation_id: str
    vertical: str
    object_asked: bool = False
    """Whether a JSON object is wanted, so that sentences are a refusal."""
    kept: bool = False
    """Whether the answer is on record already, and is only told again."""


@dataclass(frozen=True, slots=True)
class StageEvent:
    """The line has come to a stage; for progress shown to people."""

    name: Literal["input", "evidence", "generation", "output"]


@dataclass(frozen=True, slots=True)
class SentenceEvent:
    """A sentence has passed every check and may be shown."""

    sentence: Sentence
    citations: tuple[Citation, ...]
    """Citations that this sentence is the first to use."""
    on_record: Sentence | None = None
    """The sentence as it may be kept, where that is masked and what is shown is not."""


@dataclass(frozen=True, slots=True)
class ObjectEvent:
    """The object that was asked for, whole: each of its values has passed every check."""

    text: str
    """As JSON."""
    on_record: str | None = None
    """As it may be kept, where that is masked and what is shown is not."""


@dataclass(frozen=True, slots=True)
class DoneEvent:
    """The whole answer, after its last sentence; it has been recorded."""

    answer: Answer


Event = OpenedEvent | StageEvent | SentenceEvent | ObjectEvent | DoneEvent


async def whole(events: AsyncGenerator[Event, None]) -> Answer:
    """The answer that `events` end with."""
    async with aclosing(events) as heard:
        async for event in heard:
            if isinstance(event, DoneEvent):
                return event.answer
    raise AssertionError("a stream ends with its answer or with an error")


def replayed(answer: Answer) -> list[Event]:
    """The events that an answer on record is the fold of, without the stages it went through."""
    opened = OpenedEvent(answer.answer_id, answer.conversation_id, answer.vertical, answer.object_asked, kept=True)
    if answer.is_object:
        return [opened, ObjectEvent(answer.text), DoneEvent(answer)]
    events: list[Event] = [opened]
    shown: set[int] = set()
    for sentence in answer.sentences:
        new = tuple(each for each in answer.citations if each.n in sentence.citations and each.n not in shown)
        shown |= {each.n for each in new}
        events.append(SentenceEvent(sentence, new))
    return [*events, DoneEvent(answer)]

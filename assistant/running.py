"""Streamed answers: each is written in a task of its own, so that its caller may go away and come back for the rest."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from assistant.answering.events import DoneEvent, Event, ObjectEvent, OpenedEvent, SentenceEvent, replayed
from assistant.errors import AssistantError, NotFound, Unavailable
from assistant.leases import keep
from assistant.messages import Answer
from assistant.records import Streams, Turns

POLL_S = 0.2
"""How often the record is looked at for an answer that another process writes."""
_LOOKS_A_WISH = 10  # Whoever reads says so every two seconds; it holds for ten.
logger = logging.getLogger(__name__)


class RunningAnswers:
    """The answers that this process writes, and the way to those of any process."""

    def __init__(self, streams: Streams, turns: Turns, *, grace_s: float) -> None:
        """`grace_s`: how long an answer goes on being written while nobody listens."""
        self.streams, self.turns, self.grace_s = streams, turns, grace_s
        self.at_work: dict[int, RunningAnswer] = {}

    def begin(self, owner: str, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
        """The same events; they go on when nobody asks for more, as long as the grace says. Raises what they raise."""
        return RunningAnswer(self, owner, events).listen()

    async def resume(self, answer_id: str, owner: str) -> AsyncGenerator[Event, None]:
        """All events of the owner's answer from the first on, those to come included; raises NotFound."""
        for running in self.at_work.values():
            if running.is_named(answer_id, owner):
                return running.listen()
        # In this order: what is finished between the two is found by the second.
        if await self.streams.read(answer_id, owner) is None:
            return _told_again(await self.turns.answer(answer_id, owner))
        return self._read(answer_id, owner)

    async def stop(self, answer_id: str, owner: str) -> None:
        """Ends the owner's answer and frees its model; one that is whole stays as it is. Raises NotFound.

        Where another process writes it, that one learns of it by the next sentence or the next renewal of its lease.
        """
        if not await self.streams.stop(answer_id, owner) and await self.streams.read(answer_id, owner) is None:
            await self.turns.get(answer_id, owner)
        for running in [each for each in self.at_work.values() if each.is_named(answer_id, owner)]:
            running.stop()
            await running.ended()

    async def aclose(self) -> None:
        """Ends what is still being written; its record says that it broke off."""
        for each in (running := list(self.at_work.values())):
            each.stop()
        await asyncio.gather(*(each.ended() for each in running))

    async def _read(self, answer_id: str, owner: str) -> AsyncGenerator[Event, None]:
        """The events of an answer as the process that writes it puts them on record."""
        told, looked = 0, 0
        while (given := await self.streams.read(answer_id, owner)) is not None and not given.over:
            for kept in given.events[told:]:
                yield _EVENT.validate_python(kept)
            told = len(given.events)
            if looked % _LOOKS_A_WISH == 0:
                await self.streams.want(answer_id)
            looked += 1
            await asyncio.sleep(POLL_S)
        answer = await self._finished(answer_id, owner)
        rest = replayed(answer) if answer else [_EVENT.validate_python(each) for each in given.events] if given else []
        for event in rest[told:]:
            yield event
        if answer is None:
            raise _broken_off(given.reason if given else "its conversation was erased")

    async def _finished(self, answer_id: str, owner: str) -> Answer | None:
        with suppress(NotFound):
            return await self.turns.answer(answer_id, owner)
        return None


class RunningAnswer:
    """One answer as it is written: what was heard of it so far, and who listens."""

    def __init__(self, answers: RunningAnswers, owner: str, events: AsyncGenerator[Event, None]) -> None:
        self.owner = owner
        self.opened: OpenedEvent | None = None
        self._answers, self._events = answers, events
        self._heard: list[Event] = []
        self._on_record: list[dict[str, Any]] = []
        self._changed, self._alone, self._company = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._listeners, self._has_record = 0, False
        self._task: asyncio.Task[None] | None = None
        self._fault: BaseException | None = None
        self._over = False

    def is_named(self, answer_id: str, owner: str) -> bool:
        """Whether this is the owner's answer of that id."""
        return self.opened is not None and (self.opened.answer_id, self.owner) == (answer_id, owner)

    async def listen(self) -> AsyncGenerator[Event, None]:
        """Every event from the first on, as soon as it is there; the first to listen sets it to work."""
        if self._task is None:
            self._answers.at_work[id(self)] = self
            self._task = asyncio.create_task(self._work())
        self._arrive()
        try:
            place = 0
            while place < len(self._heard) or not self._over:
                if place == len(self._heard):
                    await self._changed.wait()
                    continue
                place += 1
                yield self._heard[place - 1]
        finally:
            self._leave()
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        """Ends it now."""
        if self._task:
            self._task.cancel()

    async def ended(self) -> None:
        """Returns when its record is closed."""
        if self._task:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        """Writes the answer while somebody listens; its record is closed however this ends."""
        writing = asyncio.create_task(self._write())
        renewing = keep(self._renew, self._answers.streams.lease, "the record of a streamed answer")
        watching = [asyncio.create_task(self._abandoned()), asyncio.create_task(renewing)]
        try:
            await asyncio.wait({writing, *watching}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (writing, *watching):
                each.cancel()
            fault, *_ = await asyncio.gather(writing, *watching, return_exceptions=True)
            await self._close(fault)

    async def _write(self) -> None:
        async with aclosing(self._events) as events:
            async for event in events:
                await self._keep(event)
                self._heard.append(event)
                self._wake()

    async def _keep(self, event: Event) -> None:
        """Puts the event on record before anybody hears it; raises NotFound when it was erased or stopped meanwhile."""
        streams = self._answers.streams
        if isinstance(event, OpenedEvent):
            self.opened = event
        if self.opened is None or self.opened.kept:
            return
        answer_id = self.opened.answer_id
        if isinstance(event, OpenedEvent):
            self._on_record.append(asdict(event))
            await streams.open(answer_id, self.owner, event.conversation_id, self._on_record[0])
            self._has_record = True
        elif isinstance(event, SentenceEvent | ObjectEvent):
            self._on_record.append(_kept(event))
            if not await streams.say(answer_id, self._on_record):
                raise _ended_elsewhere()
        elif isinstance(event, DoneEvent) and not await streams.finish(answer_id):
            with suppress(NotFound):  # What was recorded since must go the way of the rest.
                await self._answers.turns.erase(self.opened.conversation_id, self.owner)
            raise _ended_elsewhere()

    async def _close(self, fault: BaseException | None) -> None:
        if isinstance(fault, asyncio.CancelledError):
            fault = _broken_off("nobody waited for the rest")
        elif fault is not None and not isinstance(fault, AssistantError) and not self._listeners:
            logger.error("a streamed answer failed unexpectedly", exc_info=fault)  # Nobody else is there to be told.
        if fault is not None and self.opened is not None and self._has_record:
            told = str(fault) if isinstance(fault, AssistantError) else "it failed unexpectedly"
            try:
                await self._answers.streams.break_off(self.opened.answer_id, told)
            except Unavailable as error:  # Its lease ends by itself, and says the same.
                logger.warning("the record of %s was not closed: %s", self.opened.answer_id, error)
        del self._answers.at_work[id(self)]
        self._fault, self._over = fault, True
        self._wake()

    async def _renew(self) -> bool:
        return not self.opened or not self._has_record or await self._answers.streams.renew(self.opened.answer_id)

    async def _abandoned(self) -> None:
        """Returns when nobody has listened for the whole grace, neither here nor in another process."""
        while True:
            await self._alone.wait()
            try:
                await asyncio.wait_for(self._company.wait(), self._answers.grace_s)
            except TimeoutError:
                if self.opened is None or not await self._answers.streams.wanted(self.opened.answer_id):
                    return

    def _arrive(self) -> None:
        self._listeners += 1
        self._company.set()
        self._alone.clear()

    def _leave(self) -> None:
        self._listeners -= 1
        if not self._listeners:
            self._company.clear()
            self._alone.set()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


_EVENT: TypeAdapter[Event] = TypeAdapter(OpenedEvent | SentenceEvent | ObjectEvent)


def _kept(event: SentenceEvent | ObjectEvent) -> dict[str, Any]:
    if isinstance(event, ObjectEvent):
        return {"text": event.on_record or event.text}
    return {
        "sentence": asdict(event.on_record or event.sentence),
        "citations": [asdict(each) for each in event.citations],
    }


async def _told_again(answer: Answer) -> AsyncGenerator[Event, None]:
    for event in replayed(answer):
        yield event


def _broken_off(reason: str | None) -> Unavailable:
    return Unavailable(f"the answer broke off: {reason or 'the process that wrote it has stopped'}; ask again")


def _ended_elsewhere() -> NotFound:
    return NotFound("the answer was stopped, or its conversation erased, while it was written")

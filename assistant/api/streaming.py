"""An answer as server-sent events: each sentence leaves as soon as it has been checked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from assistant.answering.events import DoneEvent, Event, ObjectEvent, OpenedEvent, SentenceEvent, StageEvent
from assistant.api.presence import closing, while_connected, with_pauses
from assistant.api.problems import openai_error
from assistant.api.wire import Chunks, Told

FROM_THE_START = -1
SILENCE_S = 15.0
"""After so long a silence a comment is sent: proxies close a connection on which nothing moves, many after 60 s."""
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),  # nginx would otherwise collect sentences before passing them on.
]


class AnswerStream(Response):
    """The events of one answer as OpenAI chunks, numbered from 0; those up to the number `after` are left out.

    An error before the first event is raised, and so becomes an HTTP status; a later one is told in the stream, which
    then ends. When the caller leaves, the events are closed at once. A silence of `silence_s` is broken by a comment.
    """

    def __init__(
        self,
        events: AsyncIterator[Event],
        *,
        told: Told,
        include_usage: bool = False,
        after: int = FROM_THE_START,
        silence_s: float = SILENCE_S,
    ) -> None:
        super().__init__()
        self._silence_s = silence_s
        self._events, self._told, self._include_usage, self._after = events, told, include_usage, after
        self._chunks: Chunks | None = None
        self._number = FROM_THE_START

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the whole response."""
        finished = await while_connected(receive, self._send_events(send))
        fault = finished.exception() if finished else None
        if fault is None:
            return
        if self._chunks is None:
            raise fault
        await _write(send, _data({"error": openai_error(fault, scope)}), more=False)

    async def _send_events(self, send: Send) -> None:
        async with closing(self._events) as events, closing(with_pauses(events, every_s=self._silence_s)) as heard:
            async for event in heard:
                if event is None:
                    await self._say_waiting(send)
                    continue
                if isinstance(event, OpenedEvent):
                    self._chunks = Chunks(event, self._include_usage, self._told)
                    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
                await _write(send, self._lines(event), more=not isinstance(event, DoneEvent))
                if isinstance(event, DoneEvent):
                    return
        raise RuntimeError("the events ended without a DoneEvent")

    async def _say_waiting(self, send: Send) -> None:
        if self._chunks is not None:  # Before the first event nothing may leave: it decides on the status.
            await _write(send, ": waiting\n")

    def _lines(self, event: Event) -> str:
        if self._chunks is None:
            raise RuntimeError(f"{type(event).__name__} came before the answer was opened")
        if isinstance(event, StageEvent):
            # No empty line after it: OpenAI's Python SDK takes one for the end of an event once an id was sent.
            return f": {event.name}\n" if self._number >= self._after else ""
        self._number += 1
        chunk = f"id: {self._number}\n{_data(_chunk(self._chunks, event))}" if self._number > self._after else ""
        if not isinstance(event, DoneEvent):
            return chunk
        usage = _data(self._chunks.usage(event.answer)) if self._include_usage else ""
        return f"{chunk}{usage}data: [DONE]\n\n"


def _chunk(chunks: Chunks, event: OpenedEvent | SentenceEvent | ObjectEvent | DoneEvent) -> dict[str, Any]:
    if isinstance(event, OpenedEvent):
        return chunks.opening()
    if isinstance(event, SentenceEvent):
        return chunks.sentence(event)
    if isinstance(event, ObjectEvent):
        return chunks.whole(event)
    return chunks.closing(event.answer)


def _data(member: dict[str, Any]) -> str:
    # Left as ASCII: some clients also end a line at U+2028 or U+0085, which would cut the JSON in two.
    return f"data: {json.dumps(member, separators=(',', ':'))}\n\n"


async def _write(send: Send, text: str, *, more: bool = True) -> None:
    if text or not more:
        await send({"type": "http.response.body", "body": text.encode(), "more_body": more})

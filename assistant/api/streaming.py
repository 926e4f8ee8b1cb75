"""An answer as server-sent events: each sentence leaves as soon as it has been checked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from assistant.api.presence import closing, while_connected
from assistant.api.problems import openai_error
from assistant.api.wire import Chunks
from assistant.chat import DoneEvent, Event, ObjectEvent, SentenceEvent, StageEvent

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),  # nginx would otherwise collect sentences before passing them on.
]


class AnswerStream(Response):
    """The events of one answer as OpenAI chunks.

    An error before the first event is raised, and so becomes an HTTP status; a later one is told in the stream, which
    then ends. When the caller leaves, the events are closed at once.
    """

    def __init__(self, events: AsyncIterator[Event], chunks: Chunks) -> None:
        super().__init__()
        self._events = events
        self._chunks = chunks
        self._begun = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the whole response."""
        finished = await while_connected(receive, self._send_events(send))
        fault = finished.exception() if finished else None
        if fault is None:
            return
        if not self._begun:
            raise fault
        await _write(send, _data({"error": openai_error(fault, scope)}), more=False)

    async def _send_events(self, send: Send) -> None:
        async with closing(self._events) as events:
            async for event in events:
                if not self._begun:
                    await self._begin(send)
                await _write(send, _lines(event, self._chunks), more=not isinstance(event, DoneEvent))
                if isinstance(event, DoneEvent):
                    return
        raise RuntimeError("the events ended without a DoneEvent")

    async def _begin(self, send: Send) -> None:
        self._begun = True
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await _write(send, _data(self._chunks.opening()))


def _lines(event: Event, chunks: Chunks) -> str:
    if isinstance(event, StageEvent):
        return f": {event.name}\n\n"
    if isinstance(event, SentenceEvent):
        return _data(chunks.sentence(event))
    if isinstance(event, ObjectEvent):
        return _data(chunks.whole(event))
    last = _data(chunks.closing(event.answer))
    usage = _data(chunks.usage(event.answer)) if chunks.include_usage else ""
    return f"{last}{usage}data: [DONE]\n\n"


def _data(member: dict[str, Any]) -> str:
    # Left as ASCII: some clients also end a line at U+2028 or U+0085, which would cut the JSON in two.
    return f"data: {json.dumps(member, separators=(',', ':'))}\n\n"


async def _write(send: Send, text: str, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": more})

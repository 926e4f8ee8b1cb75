"""What the log says: one line an event, with the id of the request it belongs to, and never a text that was asked or
answered."""

from __future__ import annotations

import json
import logging
import traceback
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

LogFormat = Literal["text", "json"]
_CHATTY = ("httpx", "faiss", "alembic")
"""Libraries that tell of every request."""


@dataclass(frozen=True, slots=True)
class RequestMark:
    """The request that is being worked on."""

    id: str
    traceparent: str | None = None
    """The caller's own trace (W3C Trace Context), where they sent one."""


current_request: ContextVar[RequestMark | None] = ContextVar("current_request", default=None)
"""What this task works on; tasks and threads that it starts see the same."""


def set_up_logging(form: LogFormat = "text") -> None:
    """From now on whatever is logged goes to the error output in this form."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == "json" else ReadableLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


class ReadableLines(logging.Formatter):
    """`LEVEL logger: message`, then the request's id in brackets where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and below it where an exception came from."""
        mark = current_request.get()
        line = f"{record.levelname} {record.name}: {_said(record)}{f' [{mark.id}]' if mark else ''}"
        fault = _fault(record)
        return f"{line}\n{fault}" if fault else line


class JsonLines(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `message`, `request_id`, `exception` and the event's facts."""

    def format(self, record: logging.LogRecord) -> str:
        """The object."""
        mark = current_request.get()
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _said(record),
            "request_id": mark.id if mark else None,
            "exception": _fault(record),
            **getattr(record, "facts", {}),
        }
        return json.dumps({name: value for name, value in told.items() if value is not None}, default=str)


def _said(record: logging.LogRecord) -> str:
    message = record.getMessage()
    # asyncio's own tells of a forgotten task with the words of its exception, from the second line on.
    return message.split("\n", 1)[0] if record.name == "asyncio" else message


def _fault(record: logging.LogRecord) -> str | None:
    """Where an exception came from and what led to it, without its words: they can quote what was worked on."""
    fault = record.exc_info[1] if record.exc_info else None
    parts: list[str] = []
    while fault is not None and len(parts) < 10:
        kind = f"{type(fault).__module__}.{type(fault).__qualname__}"
        parts.append("".join(traceback.format_tb(fault.__traceback__)) + kind)
        fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    return "\ncaused by\n".join(parts) or None

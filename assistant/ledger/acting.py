"""On whose behalf something is done: what the audit chain says under `by`."""

from __future__ import annotations

from contextvars import ContextVar

COMMAND_LINE = "command-line"
acting: ContextVar[str | None] = ContextVar("acting", default=None)
"""The id of a person, else of a key, or COMMAND_LINE; None for what the service does by itself. Each door sets it."""

"""How much of an answer's work is checking: processor time of guards and rails, charged to the answer under way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Work:
    """What was worked for one answer so far."""

    checks_s: float = 0.0
    """Seconds of the processor that guards and rails took."""


current_work: ContextVar[Work | None] = ContextVar("current_work", default=None)
"""The answer that this task, and the threads it starts, work for."""


@contextmanager
def checking() -> Iterator[None]:
    """Charges what this thread works in the block to the checks of the answer under way, if there is one."""
    began_s = time.thread_time()
    try:
        yield
    finally:
        if work := current_work.get():
            work.checks_s += time.thread_time() - began_s

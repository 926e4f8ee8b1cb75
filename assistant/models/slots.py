"""Who may use the model now and who waits: a bounded line that threads and event loops share."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from concurrent.futures import Future
from threading import Lock

from assistant.errors import ModelBusy


class Slots:
    """`size` places in use at a time and a line of at most `queue` that wait, first come, first served.

    Not an asyncio.Semaphore: that belongs to one event loop and cannot be given back from a thread of llama.cpp.
    """

    def __init__(self, size: int, *, queue: int) -> None:
        self._size = size
        self._queue = queue
        self._busy = 0
        self._line: deque[Future[None]] = deque()
        self._lock = Lock()
        self._turn_s = 2.0  # How long a place is held: a guess until turns have been seen, then their running mean.

    @property
    def busy(self) -> int:
        """Places in use."""
        return self._busy

    @property
    def waiting(self) -> int:
        """Requests in the line; those who gave up do not count."""
        return sum(not turn.cancelled() for turn in tuple(self._line))

    async def enter(self) -> None:
        """Return when a place is ours; raises ModelBusy at once when the line is full."""
        turn = self._join()
        try:
            await asyncio.wrap_future(turn)
        except asyncio.CancelledError:
            if not turn.cancel():  # The place was given to us in the very moment we left.
                self.leave()
            raise

    def enter_blocking(self) -> None:
        """As `enter`, for a caller without an event loop."""
        self._join().result()

    def leave(self, *, held_s: float | None = None) -> None:
        """Give the place to the next in line; `held_s` teaches how long a turn takes."""
        with self._lock:
            if held_s is not None:
                self._turn_s += 0.2 * (held_s - self._turn_s)
            while self._line:
                turn = self._line.popleft()
                if turn.set_running_or_notify_cancel():
                    turn.set_result(None)
                    return
            self._busy -= 1

    def _join(self) -> Future[None]:
        turn: Future[None] = Future()
        with self._lock:
            self._line = deque(each for each in self._line if not each.cancelled())
            if self._busy < self._size:
                self._busy += 1
                turn.set_result(None)
            elif len(self._line) < self._queue:
                self._line.append(turn)
            else:
                raise self._full()
        return turn

    def _full(self) -> ModelBusy:
        wait_s = math.ceil(self._turn_s * (len(self._line) + 1) / self._size)
        return ModelBusy(
            f"the model is busy: {self._busy} answers are being written and {len(self._line)} requests wait",
            retry_after_s=min(60, max(1, wait_s)),
        )

"""How long each stage of one answer took."""

from __future__ import annotations

from time import perf_counter

from assistant.messages import Timings


class Stopwatch:
    """Milliseconds of wall clock per stage, from the moment it is made."""

    def __init__(self) -> None:
        self._begin = self._last = perf_counter()
        self._laps: dict[str, float] = {}
        self._first: float | None = None

    def lap(self, stage: str) -> None:
        """Ends `stage`, which began where the one before ended."""
        now = perf_counter()
        self._laps[stage] = _ms(now - self._last)
        self._last = now

    def first_sentence(self) -> None:
        """Marks the first checked sentence; later calls change nothing."""
        if self._first is None:
            self._first = _ms(perf_counter() - self._begin)

    def timings(self) -> Timings:
        """The laps so far and the total."""
        return Timings(**self._laps, first_sentence=self._first, total=_ms(perf_counter() - self._begin))


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 2)

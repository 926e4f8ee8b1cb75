"""A circuit breaker: a model that failed again and again is left alone for a while, then tried with one request."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock
from types import TracebackType

from assistant.errors import ModelBusy, ModelUnavailable

FAILURES = 3
PAUSE_S = 10.0


class Breaker:
    """Counts the failures in a row of one model. Threads may share it.

    Closed, it lets everyone through. After `failures` in a row it opens: for `pause_s` everyone is refused at once.
    Then one request is let through to see; if the model answers it closes, if not it opens for another `pause_s`.
    """

    def __init__(
        self,
        name: str,
        *,
        failures: int = FAILURES,
        pause_s: float = PAUSE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._most, self._pause_s, self._clock = name, failures, pause_s, clock
        self._failures = 0
        self._opened_at: float | None = None
        self._trial: Attempt | None = None
        self._lock = Lock()

    @property
    def is_open(self) -> bool:
        """Whether the model has failed so often that it is not asked as usual."""
        return self._opened_at is not None

    @property
    def is_resting(self) -> bool:
        """Whether the model is left alone at this moment; after that, one request will tell whether it is back."""
        return self._opened_at is not None and self._clock() < self._opened_at + self._pause_s

    def attempt(self, *, alone: bool = False) -> Attempt:
        """One use of the model, to be entered with `with`; raises ModelUnavailable at once while it is open.

        `alone`: there is no other model to ask, so this one is asked even then.
        """
        attempt = Attempt(self)
        with self._lock:
            if self._opened_at is not None and not alone:
                left_s = self._opened_at + self._pause_s - self._clock()
                if left_s > 0 or self._trial:
                    raise ModelUnavailable(
                        f"{self._name} failed {self._failures} times in a row and is left alone for a moment",
                        retry_after_s=max(1, math.ceil(left_s)),
                    )
                self._trial = attempt
        return attempt

    def works(self) -> None:
        """The model answered: everyone is let through again."""
        with self._lock:
            self._failures, self._opened_at, self._trial = 0, None, None

    def over(self, attempt: Attempt, *, failed: bool) -> None:
        """An attempt has ended; one that did not fail and did not work says nothing."""
        with self._lock:
            was_trial, self._trial = self._trial is attempt, None if self._trial is attempt else self._trial
            if not failed:
                return
            self._failures += 1
            if was_trial or (self._opened_at is None and self._failures >= self._most):
                self._opened_at = self._clock()


class Attempt:
    """One use of a model.

    A ModelUnavailable that leaves the block is a failure; a full line and a caller who left are not.
    """

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker

    def works(self) -> None:
        """The model has begun to answer."""
        self._breaker.works()

    def __enter__(self) -> Attempt:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        failed = isinstance(error, ModelUnavailable) and not isinstance(error, ModelBusy)
        self._breaker.over(self, failed=failed)

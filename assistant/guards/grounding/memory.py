"""What was made of the texts seen last, by digest, so that nothing is read twice and no text is kept as a key."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Memory(Generic[Made]):
    """The values of the last `size` texts. Threads may share it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[bytes, Made] = OrderedDict()
        self._lock = Lock()

    def of(self, text: str, make: Callable[[str], Made]) -> Made:
        """What `make` gives for `text`; called only when `text` was not seen lately."""
        key = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        made = make(text)
        with self._lock:
            self._values[key] = made
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return made

"""How much time, memory and disk a file may take to read."""

from __future__ import annotations

import contextlib
import resource

MAX_SECONDS = 20
MAX_MEMORY = 1 << 30
MAX_CHARACTERS = 10 << 20  # A small file may unfold into gigabytes; a book has about one million characters.
REFUSED = 3  # Exit status when the reason is on standard error, in words for people.
SPENT = (-9, -24)  # How a process ends that ran past its time: SIGKILL, SIGXCPU.


def limit_this_process(seconds: int) -> None:
    """Holds this process to the limits; nothing it reads can lift them. `seconds` are of the processor."""
    for limit, value in (
        (resource.RLIMIT_AS, MAX_MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        with contextlib.suppress(ValueError):  # macOS refuses a limit on memory; the others hold there.
            resource.setrlimit(limit, (value, value))

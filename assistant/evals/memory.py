"""The most memory this process has taken, as the system counts it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak_mb(status: Path = STATUS) -> float | None:
    """The largest resident size since the last `forget_peak`, in MiB; None where the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        line = next((line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:")), "")
        return int(line.split()[1]) / 1024
    return None


def forget_peak(clear: Path = CLEAR) -> None:
    """Begins to count anew, so that one model's peak is not the next one's; does nothing where that cannot be."""
    with suppress(OSError):
        clear.write_text("5", encoding="ascii")  # proc(5): resets the peak resident set size.

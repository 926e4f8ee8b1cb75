"""Whether a model still fits into memory: what it will take, against what is free."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assistant.errors import ModelUnavailable
from assistant.models.catalog import ModelCard

Available = Callable[[], int | None]
"""Bytes that could still be taken without swapping; None where that cannot be told."""

MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")
_WORKING_BYTES = 64 * 2**20  # llama.cpp's own buffers at our batch size: 40 to 60 MB were seen with three models.
# Keys and values of one token in 16 bits: 23 kB for SmolLM2-135M, 28 kB for Qwen2.5-1.5B, 128 kB for Llama-3-8B
# (2 × 2 bytes × layers × key-value heads × head size). It grows more slowly than the parameters.
_LEAST_TOKEN_BYTES = 32 * 1024
_TOKEN_BYTES_PER_BILLION = 20 * 1024


def needed_bytes(card: ModelCard, *, context_tokens: int, slots: int) -> int:
    """About what the model takes when it is loaded: its files, the window of every slot, and working space."""
    billions = (card.parameters or 0) / 1e9
    token_bytes = max(_LEAST_TOKEN_BYTES, int(billions * _TOKEN_BYTES_PER_BILLION))
    return sum(file.size for file in card.files) + slots * context_tokens * token_bytes + _WORKING_BYTES


def available_bytes(*, meminfo: Path = MEMINFO, cgroup: Path = CGROUP) -> int | None:
    """What this machine, or the container if that is less, could still give; None where neither says so."""
    found = [each for each in (_of_machine(meminfo), _of_container(cgroup)) if each is not None]
    return min(found, default=None)


def require_memory(card: ModelCard, *, context_tokens: int, slots: int, available: Available) -> None:
    """Return if the model fits beside what runs; raises ModelUnavailable with both sizes if it does not."""
    needed, free = needed_bytes(card, context_tokens=context_tokens, slots=slots), available()
    if free is not None and needed > free:
        raise ModelUnavailable(
            f"{card.name} is not loaded: it needs about {needed / 2**30:.1f} GiB of memory and {free / 2**30:.1f} GiB "
            "are free; free some, or lower ASSISTANT_CONTEXT_TOKENS or ASSISTANT_MODEL_SLOTS",
            retry_after_s=30,
        )


def _of_machine(meminfo: Path) -> int | None:
    lines = meminfo.read_text(encoding="ascii").splitlines() if meminfo.is_file() else []
    sizes = [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    return sizes[0] if sizes else None


def _of_container(cgroup: Path) -> int | None:
    limit, used = cgroup / "memory.max", cgroup / "memory.current"
    if not limit.is_file() or not used.is_file() or (most := limit.read_text().strip()) == "max":
        return None
    # Cached files count as used there, and are given up before anything is refused.
    stat = cgroup / "memory.stat"
    rows = [line.split() for line in stat.read_text().splitlines()] if stat.is_file() else []
    cached = sum(int(size) for name, size in rows if name == "inactive_file")
    return max(0, int(most) - int(used.read_text()) + cached)

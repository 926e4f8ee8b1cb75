"""Where an adapter is trained: a graphics card when one is there, else the processor; and what suits each."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import torch


_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h; set by hand, it stays where it is.
_LARGE_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Device:
    """A place to train at, and how a step is cut up there."""

    name: Literal["cuda", "cpu"]
    half: torch.dtype | None
    """Of the base's weights and the products; None where 16 bits are no faster than 32."""
    attention: Literal["eager", "sdpa"]
    part_tokens: int | None
    """Of a batch, worked at a time by each thread; None for the whole batch at once."""
    score_tokens: int
    """Tokens whose scores over the whole vocabulary are held at a time."""


def device_here() -> Device:
    """The best place this machine has."""
    import torch

    if torch.cuda.is_available():
        # A card is kept busy by large products; 4,096 tokens' scores over 49,000 words are 0.8 GB in 32 bits.
        return Device("cuda", torch.bfloat16, "sdpa", None, 4096)
    half = torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else None
    # At these lengths eager attention takes a third of the time of the fused one. What is held for a part of 350
    # tokens is half a GB, and all the scores would fill the memory.
    return Device("cpu", half, "eager", 350, 128)


def keep_no_memory(device: Device) -> None:
    """Has what is large taken from the system and given back at once: glibc raises that size to 32 MB as it learns."""
    option = getattr(ctypes.CDLL(None), "mallopt", None) if device.name == "cpu" else None
    if option is not None:
        option(_MMAP_THRESHOLD, _LARGE_BYTES)


def give_back_memory(device: Device) -> None:
    """Lets the system have what is free: glibc keeps it in pieces of every size, 8 GB of them after 200 steps."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if device.name == "cpu" else None
    if trim is not None:
        trim(0)

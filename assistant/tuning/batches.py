"""Examples in tokens, put together so that little of a step is padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example in tokens; the first `prompt` of them are given, the others are to be learnt."""

    ids: tuple[int, ...]
    prompt: int


def in_batches(examples: Sequence[Encoded], batch_tokens: int) -> Iterator[list[Encoded]]:
    """`examples` in order, in batches of at most so many tokens, padding counted."""
    batch: list[Encoded] = []
    for each in examples:
        width = max(len(other.ids) for other in (*batch, each))
        if batch and width * (len(batch) + 1) > batch_tokens:
            yield batch
            batch = []
        batch.append(each)
    if batch:
        yield batch

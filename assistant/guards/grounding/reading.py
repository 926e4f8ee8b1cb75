"""What speaks for a claim and against it, as the numbers that are fused into its score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.guards.grounding.alignment import align
from assistant.guards.grounding.signals import Reading
from assistant.messages import Reason

SIGNALS = ("one", "network", "cosine", "words", "pairs", "missing")
"""What is fused, in order: a constant, the network's log odds, nearness in meaning, the shares of words and of pairs of
neighbouring words that the evidence holds, and whether an exact part is nowhere given."""
DIRECTIONS = (0, 1, 1, 1, 1, -1)
"""Which way each signal may count: 1 for the claim, -1 against it, 0 either way."""
_MOST_SURE = 6.0  # Log odds beyond this say more of the network's confidence than of the text.
_NEAR_COPY = 0.75  # From this share of matched words a claim repeats its evidence, and then it must repeat it exactly.
_FOLLOWS = 0.4  # From this share on it follows its evidence, and what it puts in a name's place or adds is its own.
_DENIED = _MOST_SURE  # Log odds of a denial that the evidence makes in the same words.
_GIVEN: tuple[Reason, ...] = ("figure", "quantity")
"""Exact parts that may not be missing; a name may be one that the evidence gives in other words ("the author")."""
_ADDED: tuple[Reason, ...] = ("absent", "negation")


@dataclass(frozen=True, slots=True)
class Weighed:
    """A reading with the numbers that make its score."""

    reading: Reading
    signals: NDArray[np.float64]
    """In the order of SIGNALS."""
    departs: bool
    """Whether an exact part differs from the evidence, so that the claim is not borne out whatever else is alike."""


def weigh(reading: Reading, claim: str, read: Callable[[], float]) -> Weighed:
    """`reading` made whole by the alignment and by the network, which `read` asks.

    Where the words alone decide, the network is not asked: a claim that stands in the evidence, or a near copy of it
    that differs in an exact part.
    """
    aligned = align(claim, reading.best.facts.text, under=reading.under)
    differs = bool(reading.clash or reading.missing or reading.displaced or aligned.differs)
    near_copy = aligned.matched >= _NEAR_COPY and differs
    settled = reading.verbatim or near_copy or reading.displaced
    network = 0.0 if settled else float(np.clip(read(), -_MOST_SURE, _MOST_SURE))
    if (aligned.restated or reading.converted) and not differs:
        network = max(network, 0.0)  # So small a network must not doubt what stands there word for word, nor reckon.
    if reading.denied and not differs:
        network = max(network, _DENIED)
    signals = [1.0, network, reading.cosine, reading.words, reading.pairs, float(reading.missing is not None)]
    own = reading.missing in _ADDED or (reading.missing == "name" and aligned.renamed)
    departs = (
        near_copy
        or reading.displaced is not None
        or reading.clash is not None
        or reading.unsaid  # Advice or words that nobody gave do harm, however near they are to what was said.
        or reading.missing in _GIVEN
        or (own and aligned.matched >= _FOLLOWS)
    )  # fmt: skip
    return Weighed(reading, np.array(signals), departs and not reading.verbatim)


def reason_of(weighed: Weighed) -> Reason:
    """What is wrong with a claim that is not borne out."""
    reading = weighed.reading
    return reading.clash or reading.missing or reading.displaced or ("name" if weighed.departs else "absent")

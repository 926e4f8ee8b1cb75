"""A reading made whole: what words, figures and names say, what the network says, and where a near copy departs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

import numpy as np

from assistant.guards.grounding.alignment import Alignment, align
from assistant.guards.grounding.network import Odds
from assistant.guards.grounding.signals import WORD_SIGNALS, Reading
from assistant.messages import Reason

_REASONS = tuple(reason for reason in get_args(Reason) if reason != "none")
SIGNALS = (
    *WORD_SIGNALS, "network", "network_near", "network_against", "network_covered", "network_long", "network_cosine",
    "matched", "matched_squared", "replaced", "inserted", "swapped", "other_name", "network_matched",
    *(f"clash_{reason}" for reason in _REASONS), *(f"missing_{reason}" for reason in _REASONS),
)  # fmt: skip
"""Names of all signals, in the order of a complete `Reading.signals`."""

_MOST_SURE = 6.0  # Log odds beyond this say more of the network's confidence than of the text.
_SURE = 2.5  # Log odds of the network, 92 %, from which it may speak for a claim that differs in an exact part.
# So small a network sees a changed word in a near copy, but takes many a true paraphrase for something else; and
# it must not doubt at all what stands there word for word.
_DOUBT = 0.85
_NEAR_COPY = 0.75  # From this share of matched words a claim repeats its evidence, and then it must repeat it exactly.


def complete(reading: Reading, claim: str, *, whole: Odds, near: Odds) -> Reading:
    """`reading` with the network's odds for all evidence that matters and for the best sentence, and the alignment.

    A claim departs from the evidence when an exact part differs. Only where the network is sure that a claim in other
    words is borne out does it not: "no shorter than" and "at least as long as" differ in every exact part.
    """
    aligned = align(claim, reading.best.facts.text)
    if aligned.matched >= _NEAR_COPY and (aligned.other_name or aligned.swapped) and reading.missing is None:
        reading = replace(reading, missing="name")
    signals = dict(zip(WORD_SIGNALS, map(float, reading.signals), strict=True))
    if aligned.restated and not (reading.clash or reading.missing):
        whole, near = _doubting(whole, 0.0), _doubting(near, 0.0)
    elif aligned.matched < _NEAR_COPY:
        whole, near = _doubting(whole, _DOUBT), _doubting(near, _DOUBT)
    signals |= _of_network(signals, whole, near)
    signals |= _of_alignment(aligned, signals)
    signals |= {f"clash_{reason}": float(reading.clash == reason) for reason in _REASONS}
    signals |= {f"missing_{reason}": float(reading.missing == reason) for reason in _REASONS}
    sure = max(signals["network"], signals["network_near"]) >= _SURE and aligned.matched < _NEAR_COPY
    departs = bool(reading.clash or reading.missing) and not sure
    return replace(reading, signals=np.array([signals[name] for name in SIGNALS]), departs=departs)


def _doubting(odds: Odds, most: float) -> Odds:
    """`odds` with the network's doubt bounded to `most` log odds."""
    return replace(odds, supported=max(odds.supported, -most), contradicted=min(odds.contradicted, most))


def _of_network(word: Mapping[str, float], whole: Odds, near: Odds) -> dict[str, float]:
    supported, nearby = _bounded(whole.supported), _bounded(near.supported)
    most = max(supported, nearby)
    return {
        "network": supported,
        "network_near": nearby,
        "network_against": max(_bounded(whole.contradicted), _bounded(near.contradicted)),
        "network_covered": most * word["covered_by_all"],
        "network_long": most * word["units"] / 3,
        "network_cosine": most * word["cosine"],
    }


def _of_alignment(aligned: Alignment, signals: Mapping[str, float]) -> dict[str, float]:
    return {
        "matched": aligned.matched,
        "matched_squared": aligned.matched**2,
        "replaced": min(2, aligned.replaced) * aligned.matched,
        "inserted": min(2, aligned.inserted) * aligned.matched,
        "swapped": float(aligned.swapped),
        "other_name": aligned.matched * aligned.other_name,
        "network_matched": aligned.matched * max(signals["network"], signals["network_near"]),
    }


def _bounded(odds: float) -> float:
    return float(np.clip(odds, -_MOST_SURE, _MOST_SURE))

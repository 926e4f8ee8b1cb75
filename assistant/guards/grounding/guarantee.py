"""The automatic limit: the lowest at which what passes is borne out as often as the vertical asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from assistant.cases import LabelledSentence
from assistant.guards.grounding.checker import GroundingGuard

CONFIDENCE = 0.8
"""How sure the guarantee is. With some forty labelled sentences that pass, 0.95 at 0.8 is what no error can show."""


_USEFUL = 0.3  # Share of the true sentences that a chosen limit must let through.


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled sentence with the score the guard gave it."""

    sentence: LabelledSentence
    score: float

    @property
    def borne_out(self) -> bool:
        """What people said."""
        return self.sentence.kind == "true"


@dataclass(frozen=True, slots=True)
class Guarantee:
    """What a limit promises of the sentences that pass it."""

    limit: float
    supported: float
    """Lower bound of the share borne out among the claims that pass, at CONFIDENCE."""
    target: float
    """What the vertical asked for."""
    passed: int
    """Labelled claims that pass the limit."""
    wrong: int
    """Those of them that are not borne out."""
    let_through: float
    """Share of the true claims that pass."""

    @property
    def held(self) -> bool:
        """Whether the target is kept."""
        return self.supported >= self.target

    def __str__(self) -> str:
        """The promise as a sentence."""
        kept = "holds" if self.held else f"cannot be held; {self.supported:.2f} can"
        return (
            f"supported {self.target:.2f} {kept} at the limit {self.limit:.2f} with {CONFIDENCE:.0%} confidence: "
            f"{self.passed - self.wrong} of {self.passed} labelled claims that pass are borne out, "
            f"and {self.let_through:.0%} of the true ones pass"
        )


def judge_sentences(guard: GroundingGuard, sentences: Sequence[LabelledSentence]) -> list[Judged]:
    """The claims among `sentences` with their scores; those that claim nothing promise nothing and are left out."""
    found = []
    for each in sentences:
        support = guard.measure(each.text, each.evidence, before=each.before)
        if each.kind != "none" or support.claim:
            found.append(Judged(each, support.score))
    return found


def guarantee_at(judged: Sequence[Judged], limit: float, *, target: float) -> Guarantee:
    """What `limit` promises, going by `judged`."""
    passing = [each for each in judged if each.score >= limit]
    wrong = sum(not each.borne_out for each in passing)
    true = [each for each in judged if each.borne_out]
    through = sum(each.score >= limit for each in true) / max(1, len(true))
    return Guarantee(limit, lower_bound(len(passing) - wrong, len(passing)), target, len(passing), wrong, through)


def find_limit(judged: Sequence[Judged], *, target: float, least: float, default: float) -> Guarantee:
    """The lowest limit from `least` up that holds `target`; where none does, `default` with what it does hold.

    A limit so high that hardly anything passes would hold most, and make the assistant useless.
    """
    steps = [round(least + 0.01 * i, 2) for i in range(int((0.98 - least) / 0.01) + 1)]
    promises = [guarantee_at(judged, limit, target=target) for limit in steps]
    # What is so rare among the true ones that it says nothing is no limit to choose.
    useful = [each for each in promises if each.held and each.let_through >= _USEFUL]
    if useful:
        return useful[0]
    return guarantee_at(judged, max(least, default), target=target)


def lower_bound(right: int, of: int) -> float:
    """The share that `right` of `of` shows at CONFIDENCE at least (Clopper and Pearson 1934, one-sided)."""
    if right == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        tail = sum(comb(of, k) * middle**k * (1 - middle) ** (of - k) for k in range(right, of + 1))
        low, high = (middle, high) if tail < 1 - CONFIDENCE else (low, middle)
    return round(low, 4)

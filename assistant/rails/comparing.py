"""The trials of a proposed state beside those of what is live: per rail, and what fails that did not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from assistant.rails.examinations import Examination, Played


@dataclass(frozen=True, slots=True)
class RailTrials:
    """How the examples of one rail did before and after."""

    vertical: str
    rail: str
    passed_before: int | None
    """None where what is live was not tried."""
    total_before: int | None
    passed_after: int
    total_after: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Two examinations beside each other."""

    rails: tuple[RailTrials, ...]
    newly_failing: tuple[Played, ...]
    """Fails now, and passed before or was not tried."""
    still_failing: tuple[Played, ...]
    """Failed before as well."""


def compare(before: Examination | None, after: Examination) -> Compared:
    """`after` beside `before`, which is None where nothing was live."""
    was = _counts(before)
    now = _counts(after)
    rails = tuple(
        RailTrials(
            vertical,
            rail,
            was.get((vertical, rail), (0, 0))[0] if before else None,
            was.get((vertical, rail), (0, 0))[1] if before else None,
            *now.get((vertical, rail), (0, 0)),
        )
        for vertical, rail in sorted({*was, *now})
    )
    failed_before = {_key(each) for each in before.failed} if before else set()
    new = tuple(each for each in after.failed if _key(each) not in failed_before)
    return Compared(rails, new, tuple(each for each in after.failed if _key(each) in failed_before))


def _counts(examination: Examination | None) -> dict[tuple[str, str], tuple[int, int]]:
    own = [each for each in examination.trials if not each.inherited] if examination else []
    total = Counter((each.vertical, each.rail) for each in own)
    passed = Counter((each.vertical, each.rail) for each in own if each.passed)
    return {key: (passed[key], number) for key, number in total.items()}


def _key(played: Played) -> tuple[str, str, str, str]:
    return played.vertical, played.rail, played.expected, played.text

"""How sure a figure is: intervals by resampling cases, paired comparisons, and what so few cases can show."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
"""Resamples of the cases behind each interval."""
CERTAIN = 0.02
"""Two models are told apart only below this chance of seeing such a difference between equals.

Not 0.05: of 100 comparisons of equals, more than 5 would then end with a winner every third time.
"""
POWER = 0.8
_Z_INTERVAL, _Z_CERTAIN, _Z_POWER = 1.96, 2.326, 0.842  # Of the normal distribution: 0.975, 1 - CERTAIN / 2, POWER.


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the interval that holds the true one 95 times of 100."""

    value: float
    low: float
    high: float
    n: int
    """Cases it stands on."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What one model has more than another on the same cases."""

    value: float
    low: float
    high: float
    n: int
    chance: float
    """How often equals would differ as much: the p-value of a sign-flip test, two-sided."""
    least: float
    """The smallest difference that this many cases would show four times of five."""
    cases_needed: int | None
    """About how many cases would show a difference of this size four times of five; None where there is none."""

    @property
    def certain(self) -> bool:
        """Whether the two can be told apart."""
        return self.chance < CERTAIN


def shown(value: float) -> str:
    """The number as people read it: three digits and no power of ten; of less than a thousandth only that."""
    if 0 < abs(value) < 0.001:
        return "<0.001" if value > 0 else ">-0.001"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def estimate(
    values: Sequence[float], *, seed: int, share: bool = False, over: Callable[[Sequence[int]], float] | None = None
) -> Estimate | None:
    """The mean of `values`, or what `over` makes of their places, with its interval; None without values.

    `share`: they are shares of one, so that where all are 0 or 1 the interval can be that of a count.
    """
    n = len(values)
    if not n:
        return None
    numbers = np.asarray(values, dtype=float)
    if share and set(numbers.tolist()) <= {0.0, 1.0}:
        return _share(float(numbers.mean()), n)
    draws = np.random.default_rng(seed).integers(0, n, size=(RESAMPLES, n))
    value = over(range(n)) if over else float(numbers.mean())
    means = np.array([over(row) for row in draws]) if over else numbers[draws].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Estimate(value, float(low), float(high), n)


def difference(first: Sequence[float], second: Sequence[float], *, seed: int) -> Difference:
    """What `first` has more than `second`, case by case; both in the same order, at least one case."""
    gaps = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    n = len(gaps)
    random = np.random.default_rng(seed)
    mean = float(gaps.mean())
    low, high = np.percentile(gaps[random.integers(0, n, size=(RESAMPLES, n))].mean(axis=1), [2.5, 97.5])
    flips = np.abs((gaps * random.choice((-1.0, 1.0), size=(RESAMPLES, n))).mean(axis=1))
    # The observed one counts among the flips, so that the chance is never nought (Phipson and Smyth 2010).
    chance = (1 + int((flips >= abs(mean) - 1e-12).sum())) / (1 + RESAMPLES)
    spread = float(gaps.std(ddof=1)) if n > 1 else 0.0
    reach = (_Z_CERTAIN + _Z_POWER) * spread
    needed = math.ceil((reach / mean) ** 2) if mean and spread else None
    return Difference(mean, float(low), float(high), n, chance, reach / math.sqrt(n), needed)


def kappa(groups: Sequence[Sequence[tuple[str, str]]], *, seed: int) -> Estimate | None:
    """How far two who sorted the same things agree beyond chance (Cohen 1960), with its interval over the groups.

    `groups`: what each of the two said, once for each thing; things of one group are drawn together. 1 is always,
    0 as often as by chance. None where one of the two said the same of all, so that chance alone explains everything.
    """
    value = _kappa([pair for group in groups for pair in group])
    if value is None:
        return None
    draws = np.random.default_rng(seed).integers(0, len(groups), size=(RESAMPLES, len(groups)))
    drawn = (_kappa([pair for place in row for pair in groups[place]]) for row in draws)
    low, high = np.percentile([each for each in drawn if each is not None], [2.5, 97.5])
    return Estimate(value, float(low), float(high), sum(map(len, groups)))


def _kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    n = len(pairs)
    ones, others = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    if not n or len(ones) == 1 or len(others) == 1:
        return None
    same = sum(one == other for one, other in pairs) / n
    chance = sum(ones[name] * others[name] for name in ones) / n**2
    return (same - chance) / (1 - chance)


def _share(share: float, n: int) -> Estimate:
    """Wilson's interval: resampling 27 noughts would say that there can be no one."""
    z2 = _Z_INTERVAL**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z_INTERVAL / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low, high = (middle - half if share else 0.0), (middle + half if share < 1 else 1.0)
    return Estimate(share, low, high, n)

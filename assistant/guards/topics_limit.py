"""Margins as scores, and the limit that stops a wanted share of what is in scope."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

_CLEAR = 2.94  # Log odds of 0.95, the score of an average question in scope.
# A general model of the margins of what is asked, from 34 fields: domains of CLINC150 and halves of them (training rows
# beyond the forms), BANKING77, and alarms, reminders and weather of the Facebook set; run 2026-11.
_USUAL_MEAN, _USUAL_WIDTH = 0.36, 0.29  # Of a field's own examples, each left out in turn.
_USUAL_LIKENESS = 0.74  # Nearest neighbours within a form, a cosine.
_EXPECTED, _SPREAD = 0.22, 0.29  # What people then ask; the spread includes how far the expected place is off.
_OUTSIDE, _OUTSIDE_SPREAD = -0.62, 0.15  # Everything else.
_REPEATS = 0.7  # Examples that repeat each other make a field look easier than it is, by so much a unit of likeness.
_FEW = 2.2  # What is asked lies lower, the fewer examples there are: 0.14 with 16 of them, 0.05 with 48.
_PRIOR = 32  # So many examples of its own and a vertical counts for as much as the general model.
_LEAST = _OUTSIDE  # A limit below this would let more than half of everything else pass.
_BOUNDS = (0.05, 0.9)  # Keep a few odd examples from stopping everything or nothing.


@dataclass(frozen=True, slots=True)
class Scale:
    """Turns margins into scores."""

    middle: float
    """The margin at which in scope and off topic are equally likely."""
    slope: float
    limit: float
    """The score below which lies the wanted share of what is in scope."""

    def score(self, margin: float) -> float:
        """0 off topic … 1 in scope; 0.5 is even odds."""
        return round(float(1 / (1 + np.exp(np.clip(-self.slope * (margin - self.middle), -30, 30)))), 4)


def fit_scale(inside: NDArray[np.float32], likeness: float | None, false_blocks: float) -> Scale:
    """The scale for margins `inside` of a vertical's own examples, each left out in turn.

    `likeness` is how near the examples of one form are to each other, a cosine; None when no form has two.
    The limit stops the share `false_blocks` of what is asked. A few dozen values tell little about their own tail, so
    the general model says how far it reaches; their mean, width and likeness say where it lies.
    """
    trust = len(inside) / (len(inside) + _PRIOR)
    mean, width = (float(inside.mean()), float(inside.std())) if len(inside) else (_USUAL_MEAN, _USUAL_WIDTH)
    expected = _EXPECTED + trust * ((mean - _USUAL_MEAN) - (width - _USUAL_WIDTH))
    expected -= _FEW / max(len(inside), 1)
    if likeness is not None:
        expected -= _REPEATS * trust * (likeness - _USUAL_LIKENESS)
    # Half way, in spreads of the two: with both bell-shaped this is where their odds are even.
    middle = (expected * _OUTSIDE_SPREAD + _OUTSIDE * _SPREAD) / (_SPREAD + _OUTSIDE_SPREAD)
    scale = Scale(middle, _CLEAR / max(expected - middle, 0.05), 0.5)
    tail = max(expected + NormalDist().inv_cdf(false_blocks) * _SPREAD, _LEAST)
    return Scale(scale.middle, scale.slope, round(float(np.clip(scale.score(tail), *_BOUNDS)), 4))

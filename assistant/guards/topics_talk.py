"""Whether a text is small talk: greetings, thanks, goodbyes, and questions about the assistant itself."""

from __future__ import annotations

import numpy as np

from assistant.embedding import Vectors
from assistant.guards.topics_signals import Values, means_of_top

_NEAREST = 2
_NEAREST_BACKGROUND = 10
_COMMONNESS_WEIGHT, _BACKGROUND_WEIGHT = 0.6, 0.7  # Near to everything people ask is not near to small talk.
# Margin from which a text is small talk. With it 78 % of CLINC150's training rows of five such intents are, with .09
# 71 %, and of 1,867 short questions of its other domains one at most, with .03 three (2026-11-28).
_TALK = 0.06
_AHEAD = 0.1  # "Are you human" may be as near as this to a question of the background and still be small talk.


class SmallTalk:
    """Holds a text against examples of small talk, and against requests that merely sound like it."""

    def __init__(self, examples: Vectors, off: Vectors, background: Vectors) -> None:
        """`off` are counter-examples, `background` requests of every kind; one unit-length row a sentence."""
        self._examples, self._off, self._background = examples, off, background
        self._commonness = self._common(examples)

    def margins(self, vectors: Vectors) -> Values:
        """By how much each text is small talk, a difference of cosines; at or below 0 it is not."""
        if not len(self._examples):
            return np.full(len(vectors), -1.0, dtype=np.float32)
        near = vectors @ self._examples.T
        standing = means_of_top(near - _COMMONNESS_WEIGHT * self._commonness, _NEAREST)
        request = np.maximum(
            means_of_top(vectors @ self._off.T, 1), means_of_top(vectors @ self._background.T, 1) - _AHEAD
        )
        general = _BACKGROUND_WEIGHT * self._common(vectors)
        return np.asarray(np.minimum(standing - general - _TALK, near.max(axis=1) - request), dtype=np.float32)

    def _common(self, vectors: Vectors) -> Values:
        return means_of_top(vectors @ self._background.T, _NEAREST_BACKGROUND, nothing=0.0)

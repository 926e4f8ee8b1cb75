"""Learns under which heading statements belong, from dialogues that each are about one section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from assistant.embedding import Embedder
from assistant.messages import Document
from assistant.tasks import Placing, Section, dialogue_statements
from assistant.tuning.sections import SectionCase

EVENED = 0.75
"""How far rare headings are made up for, 0 not at all, 1 wholly. Six in seven statements of MTS-Dialog are history."""
FEWEST_PER_HEADING = 20


def fit_placing(cases: Sequence[SectionCase], sections: Sequence[Section], embedder: Embedder) -> Placing | None:
    """What the cases teach; None where some heading has too few statements to learn from.

    A dialogue that stands under several headings is a whole visit, of which nobody has said what belongs where.
    """
    from sklearn.linear_model import LogisticRegression

    headings = tuple(section.heading for section in sections)
    seen = Counter(dialogue for dialogue, _ in {(each.dialogue, each.heading) for each in cases})
    texts: list[str] = []
    labels: list[int] = []
    weights: list[float] = []
    for case in cases:
        if seen[case.dialogue] > 1 or case.place not in headings or not case.text:
            continue
        said = [each.text for each in dialogue_statements(Document(case.id, "Visit", case.dialogue))]
        texts += said
        labels += [headings.index(case.place)] * len(said)
        weights += [len(said) ** -0.5] * len(said)  # A long dialogue strays from its section.
    counts = np.bincount(labels, minlength=len(headings)) if labels else np.zeros(len(headings))
    if counts.min() < FEWEST_PER_HEADING:
        return None
    evened = {index: float((counts.sum() / count) ** EVENED) for index, count in enumerate(counts)}
    reading = LogisticRegression(C=4, max_iter=150, class_weight=evened)
    reading.fit(embedder.embed(texts), labels, sample_weight=weights)
    return Placing(headings, reading.coef_, reading.intercept_)

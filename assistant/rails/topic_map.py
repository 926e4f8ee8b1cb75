"""Where the examples of topics lie to each other: a map of two dimensions, with those that lie among another form's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.embedding import Embedder, Vectors

ALIKE = 0.6
"""From this cosine on two examples say nearly the same. Examples of one form are meant to differ, so without it two
thirds of all would be marked; with it a fifth are: 47 of 217, 41 of 224 and 48 of 237 shipped ones, 2026-11."""


@dataclass(frozen=True, slots=True)
class Point:
    """One example on the map."""

    form: str
    text: str
    x: float
    """From 0 to 1, as is y; only distances say something, not directions."""
    y: float
    nearest_form: str
    """The form of the example most like it."""
    nearest_text: str
    likeness: float
    """Cosine to that example."""

    @property
    def overlaps(self) -> bool:
        """Whether the example most like it belongs to another form, so alike that one may be read as the other."""
        return self.nearest_form != self.form and self.likeness >= ALIKE


def map_forms(forms: Mapping[str, Sequence[str]], embedder: Embedder) -> tuple[Point, ...]:
    """A point for each example, form by form; nothing where there are fewer than two.

    The plane is that in which the forms' middles lie furthest apart (principal components of the middles), so what is
    far apart on the map is far apart; what is near may still differ in what the plane leaves out: `overlaps` is
    measured in all dimensions.
    """
    names = [name for name, texts in forms.items() for _ in texts]
    texts = [text for each in forms.values() for text in each]
    if len(texts) < 2:
        return ()
    vectors = embedder.embed(texts)
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -1.0)
    nearest = similar.argmax(axis=1)
    places = _plane(vectors, names)
    return tuple(
        Point(name, text, float(x), float(y), names[near], texts[near], float(similar[at, near]))
        for at, (name, text, (x, y), near) in enumerate(zip(names, texts, places, nearest, strict=True))
    )


def _plane(vectors: Vectors, names: Sequence[str]) -> Vectors:
    """Both coordinates of each vector, from 0 to 1."""
    middles = np.stack([vectors[[each == name for each in names]].mean(axis=0) for name in dict.fromkeys(names)])
    spread = middles - middles.mean(axis=0) if len(middles) > 2 else vectors - vectors.mean(axis=0)
    axes = np.linalg.svd(spread, full_matrices=False)[2][:2]
    flat = (vectors - middles.mean(axis=0)) @ axes.T
    if flat.shape[1] < 2:
        flat = np.column_stack([flat, np.zeros(len(flat))])
    low, high = flat.min(axis=0), flat.max(axis=0)
    return np.asarray((flat - low) / np.maximum(high - low, 1e-9), dtype=np.float32)

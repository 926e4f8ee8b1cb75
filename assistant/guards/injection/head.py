"""The trained head: for each piece of a text, how surely it is an attempt, read from its embedding and its signals."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Vectors
from assistant.guards.injection.signals import signals_of
from assistant.guards.injection.units import Units

Floats = NDArray[np.float32]
ATTEMPTS: tuple[Literal["override", "role", "leak"], ...] = ("override", "role", "leak")
"""What the head tells apart among attempts in a question."""
OUTPUTS = ("question", "passage", *ATTEMPTS)
"""What the head gives for a piece: log-odds that it is an attempt in a question, in a passage; then of each sort."""


@dataclass(frozen=True, slots=True)
class Head:
    """A perceptron with one hidden layer. Log-odds above 0 mean an attempt."""

    embedder: str
    """The embedder it was trained on, by its name without the digest of the weights."""
    mean: Floats
    scale: Floats
    """What each signal is shifted and divided by."""
    hidden: Floats
    hidden_bias: Floats
    output: Floats
    output_bias: Floats

    def odds(self, units: Units) -> Floats:
        """Log-odds of each piece: shape (pieces, len(OUTPUTS))."""
        return self.of_features(self.features(units.vectors, signals_of(units.texts)))

    def features(self, vectors: Vectors, signals: Floats) -> Floats:
        """What the hidden layer reads: shape (n, dimension + len(SIGNALS))."""
        return features(vectors, (signals - self.mean) / self.scale)

    def of_features(self, read: Floats) -> Floats:
        """Log-odds for rows of `features`."""
        layer = np.maximum(read @ self.hidden + self.hidden_bias, 0)
        return np.asarray(layer @ self.output + self.output_bias, np.float32)

    def write(self, file: Path) -> None:
        """Store the head; half precision, because it changes no decision and halves the file."""
        parts = {name: getattr(self, name).astype(np.float16) for name in ("hidden", "hidden_bias", "output")}
        rest = {name: getattr(self, name).astype(np.float32) for name in ("mean", "scale", "output_bias")}
        np.savez_compressed(file, embedder=np.array(json.dumps(self.embedder)), **parts, **rest)


def features(vectors: Vectors, signals: Floats) -> Floats:
    """Embedding and standardised signals side by side, on a like scale; no signal weighs more than four deviations."""
    return np.concatenate([vectors * 8, np.clip(signals, -4, 4) * 0.6], axis=1).astype(np.float32)


def read_head(file: Path) -> Head:
    """The head stored in `file`."""
    with np.load(file, allow_pickle=False) as stored:
        arrays = {name: stored[name].astype(np.float32) for name in stored.files if name != "embedder"}
        return Head(embedder=json.loads(str(stored["embedder"])), **arrays)


@lru_cache(maxsize=1)
def shipped_head() -> Head:
    """The head that comes with the program."""
    with as_file(files(__package__).joinpath("weights.npz")) as file:
        return read_head(file)

"""How an adapter is trained: its size, how fast and how long it learns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LINEARS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""The linear maps of a Llama layer, all of which get a part."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything but the data that decides what comes out."""

    rank: int = 8
    """2.4 million weights on SmolLM2-135M: 4.9 MB."""
    alpha: int = 16
    lower: float = 0.0
    """This share of the layers, nearest to the words, stays as it is: nothing has to be worked back through it."""
    rate: float = 1e-3
    """Highest learning rate, reached after `warm_up` of the steps, falling to a tenth."""
    warm_up: float = 0.06
    dropout: float = 0.0
    """Share of what goes into the adapter that is left out by chance in each step: for many epochs on few cases. On a
    processor drawing it takes a quarter of the time (run 2026-11)."""
    epochs: int = 4
    """At most: it ends sooner when the validation loss has risen for `patience` looks in a row."""
    minutes: float | None = None
    """It ends after so long at the latest, the rate having fallen as it does over the last epoch."""
    batch_tokens: int = 1600
    """Of a step, padding counted."""
    max_tokens: int = 400
    """Longer examples are left out: they cost the most, and no call for a section reads much more."""
    looks: int = 2
    """How often an epoch looks at the validation part, and keeps the adapter if it is the best so far."""
    patience: int = 2
    keep: Literal["best", "last"] = "best"
    """The last is as it stands at the end: what is likelier word for word is not always what is better written."""
    seed: int = 7

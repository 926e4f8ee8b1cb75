"""The sentences in which a choice is told, in the languages of its readers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from assistant.evals.metrics import METRICS

_FOLDER = Path(__file__).parent / "tongues"


@dataclass(frozen=True, slots=True)
class Saying:
    """The sentences in one language, each by its key with what fills it: `say("alone")`."""

    tongue: str = "en"
    names: Callable[[str], str] | None = None
    """What a page calls a metric or a weight, by `metric_right` or `quality`; None where people type those names."""

    def __call__(self, key: str, **filled: object) -> str:
        """The sentence; raises KeyError for a key that is not there."""
        return sentences(self.tongue)[key].format(**filled)

    def quality(self, metric: str) -> str:
        """The title of the metric that stands for quality."""
        return self.names(f"metric_{metric}") if self.names else METRICS[metric].title

    def weight(self, name: str) -> str:
        """What a weight is called within a sentence."""
        return self.names(name).lower() if self.names else name

    def gate(self, metric: str, sign: str, value: float) -> dict[str, str]:
        """What fills a sentence about a gate."""
        if self.names is None:
            return {"metric": metric, "sign": sign, "value": f"{value:g}"}
        signs = {"<=": "≤", ">=": "≥"}
        return {"metric": self.names(f"metric_{metric}"), "sign": signs[sign], "value": f"{value:g}"}


ENGLISH = Saying()
"""As on the command line and in the decision record, whoever reads them."""


@lru_cache
def sentences(tongue: str) -> dict[str, str]:
    """The sentences of one language by key."""
    loaded = yaml.safe_load((_FOLDER / f"{tongue}.yaml").read_text(encoding="utf-8"))
    return {str(key): str(text) for key, text in loaded.items()}

"""How models are loaded on this machine: from which folder, with how many threads, in how much memory."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import Invalid
from assistant.llamacpp import ServerSpec
from assistant.models.catalog import Catalog, ModelCard
from assistant.models.download import verify
from assistant.models.memory import Available, available_bytes, require_memory

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loading:
    """What every model that is loaded here shares."""

    weights_dir: Path
    threads: int
    slots: int
    queue: int
    """Requests that may wait for a slot; one more is refused."""
    context_tokens: int
    """Window of a slot; a model with a smaller one keeps its own."""
    available: Available = available_bytes

    def window(self, card: ModelCard) -> int:
        """Tokens that a prompt and its answer may take together in one slot of the model."""
        return min(self.context_tokens, card.context_tokens)

    def spec(self, catalog: Catalog, card: ModelCard) -> ServerSpec:
        """What is to be opened for the card, every adapter for it beside it; one that is damaged stays out.

        Raises ModelUnavailable when weights or memory are missing, Invalid for an adapter: it is not opened alone.
        """
        if card.adapter:
            raise Invalid(f"{card.name} is an adapter; open {card.adapter.base}, which brings it along")
        verify(card, self.weights_dir)
        require_memory(card, context_tokens=self.window(card), slots=self.slots, available=self.available)
        weights = card.files[0]
        path = self.weights_dir / card.name / weights.name
        adapters = tuple(catalog.adapter_file(each) for each in catalog.adapters_of(card.name) if whole(catalog, each))
        return ServerSpec(card.name, path, weights.sha256, self.threads, self.slots, self.window(card), adapters)


def whole(catalog: Catalog, adapter: ModelCard) -> bool:
    """Whether the adapter's file is the one its card means; a model is not held back by one that is not."""
    problem = adapter_problem(catalog, adapter)
    if problem:
        log.warning("the adapter %s is left out: %s", adapter.name, problem)
    return problem is None


def adapter_problem(catalog: Catalog, adapter: ModelCard) -> str | None:
    """What is wrong with the adapter's file, None if it is right."""
    return adapter.files[0].problem(catalog.adapter_file(adapter).parent, deep=True)

"""How models are loaded on this machine: from which folder, with how many threads, in how much memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assistant.llamacpp import ServerSpec
from assistant.models.catalog import ModelCard
from assistant.models.download import verify
from assistant.models.memory import Available, available_bytes, require_memory


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

    def spec(self, card: ModelCard) -> ServerSpec:
        """What is to be opened for the card; raises ModelUnavailable when weights or memory are missing."""
        verify(card, self.weights_dir)
        require_memory(card, context_tokens=self.window(card), slots=self.slots, available=self.available)
        weights = card.files[0]
        path = self.weights_dir / card.name / weights.name
        return ServerSpec(card.name, path, weights.sha256, self.threads, self.slots, self.window(card))

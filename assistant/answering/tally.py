"""What the models did for one answer, added up over all their calls."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.messages import TokenUsage
from assistant.models import Price, estimated_tokens
from assistant.usage import Spending


class Tally:
    """What the models did for one answer: what all calls use, which model wrote, how much may still be written."""

    def __init__(self, limit: int | None = None, spending: Spending | None = None) -> None:
        """`limit`: the most tokens that all calls together may write; `spending` is what they are charged to."""
        self.spending = spending or Spending()
        self.cut = False
        """Whether the last call ended at its limit, in the middle of a sentence."""
        self.model: str | None = None
        """The model that wrote last; None while none has."""
        self.left = False
        """Whether something a model wrote has left."""
        self._limit = limit
        self._price: Price | None = None
        self._instead: dict[str, str] = {}

    def allowed(self, most: int) -> int:
        """How many tokens the next call may write when the vertical allows `most`."""
        return most if self._limit is None else max(0, min(most, self._limit - self.spending.usage.completion_tokens))

    def asks(self, price: Price) -> None:
        """Says what the next call costs."""
        self._price = price

    def candidates(self, name: str, stand_ins: Sequence[str]) -> tuple[str, ...]:
        """The models that may write where `name` should, in order.

        Once a sentence has left, the one that wrote until then goes on or the answer fails: two models are not mixed.
        """
        if self.left:
            return (self._instead.get(name, name),)
        return in_order(name, stand_ins)

    def wrote(self, model: str, *, instead_of: str) -> None:
        """Notes which model has begun to write."""
        self.model = self._instead[instead_of] = model
        self.spending.models = tuple(dict.fromkeys((*self.spending.models, model)))

    def count(self, usage: TokenUsage | None, *, prompt: str, written: int) -> None:
        """Counts one more call, also one that was stopped or left before the model told what it used."""
        if usage or written:
            used = usage or TokenUsage(estimated_tokens(prompt), written)
            self.spending.add(used, cost_usd=self._price.usd(used) if self._price else 0.0)


def in_order(name: str, stand_ins: Sequence[str]) -> tuple[str, ...]:
    """The models to ask where nothing has left yet: `name`, then each of its stand-ins once."""
    return (name, *(each for each in stand_ins if each != name))

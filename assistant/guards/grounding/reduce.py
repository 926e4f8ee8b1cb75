"""Evidence cut down to the sentences that matter for one claim."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from assistant.guards.grounding.sentences import units_of
from assistant.guards.grounding.words import words_of

MAX_WORDS = 70
"""Of evidence beside one claim, as the network reads it; 110 took half as long again and told no more."""
TAUGHT_WORDS = 110
"""The same while it learns."""
_NEIGHBOUR = 0.3  # A sentence after a relevant one often goes on about it ("It …"), so it inherits some relevance.
_NUMBER = re.compile(r"\d+")


def reduced(claim: str, passages: Sequence[str], *, max_words: int) -> str:
    """The sentences of `passages` that share most with `claim`, in their order, at most `max_words` words in all."""
    if sum(len(passage.split()) for passage in passages) <= max_words:
        return "\n".join(passages)
    units = [unit for passage in passages for unit in units_of(passage)]
    return "\n".join(units[i] for i in kept(relevance(claim, units), [len(u.split()) for u in units], max_words))


def relevance(claim: str, units: Sequence[str]) -> list[float]:
    """For each unit the share of the claim's words that it holds, rare ones counting more."""
    asked = _words_and_numbers(claim)
    shown = [_words_and_numbers(unit) & asked for unit in units]
    counts = Counter(stem for stems in shown for stem in stems)
    weights = {stem: math.log(1 + len(units) / count) for stem, count in counts.items()}
    # Summed exactly: a plain sum depends on the order of a set, which differs from one process to the next.
    found = [math.fsum(weights[stem] for stem in stems) for stems in shown]
    return [max(own, _NEIGHBOUR * found[i - 1]) if i else own for i, own in enumerate(found)]


def _words_and_numbers(text: str) -> frozenset[str]:
    return frozenset(words_of(text).stems) | frozenset(_NUMBER.findall(text))


def kept(relevances: Sequence[float], lengths: Sequence[int], max_words: int) -> list[int]:
    """The places of the most relevant units that fit into `max_words` together, in order; always at least one."""
    chosen: list[int] = []
    left = max_words
    for place in sorted(range(len(relevances)), key=lambda i: -relevances[i]):
        if lengths[place] <= left or not chosen:
            chosen.append(place)
            left -= lengths[place]
        if left <= 8:
            break
    return sorted(chosen)

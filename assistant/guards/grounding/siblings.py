"""A claim about one thing that stands in what is told of another of its kind: "the Basic tariff covers bicycles"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.guards.grounding.alignment import STOPS, Token, leans, tokens_of
from assistant.guards.grounding.facts import Facts, Unit
from assistant.guards.grounding.figures import same_figure

_COVERS = 0.75  # A unit that holds so much of what a claim says, beside what it is about, is where it was taken from.
_FEW = 2
_EVERY = frozenset({"all", "every", "each", "any", "both"})
"""Before a kind they mean every one of it."""


@dataclass(frozen=True, slots=True)
class _Told:
    """One unit with what is told around it: the sentences that lean on one another, or else the whole passage."""

    unit: Unit
    stems: frozenset[str]
    around: tuple[tuple[str, ...], ...]
    """The stems of each sentence around it, in order."""


def told_of_a_sibling(claim: Facts, units: Sequence[Unit]) -> bool:
    """Whether `claim` is held by units alone that are about another of the kind it names.

    "The Classic account" is of a kind with "the Plus account", and "the Ravel 3" with "the Ravel 7".
    """
    mine = tokens_of(claim.text)
    stems = _content(mine)
    pairs = [pair for pair in _named(mine) if len(stems - frozenset(pair)) >= _FEW]
    told = _told(units) if pairs else []
    return any(_all_of_a_sibling(own, kind, stems - {own, kind}, stems, claim, told) for own, kind in pairs)


def answers_of_a_sibling(value: Facts, question: str, units: Sequence[Unit]) -> bool:
    """Whether `value`, a few words that answer `question`, is held by units alone about another of a kind it names."""
    asked = tokens_of(question)
    rest = _content(tokens_of(value.text))
    stems, told = rest | _content(asked), _told(units)
    return bool(rest) and any(_all_of_a_sibling(own, kind, rest, stems, value, told) for own, kind in _named(asked))


def _all_of_a_sibling(
    own: str, kind: str, rest: frozenset[str], stems: frozenset[str], claim: Facts, told: Sequence[_Told]
) -> bool:
    if not any(own in each.stems for each in told):
        return False
    holding = [each for each in told if _holds(each, rest, claim)]
    return bool(holding) and all(_is_of_a_sibling(each, own, kind, stems) for each in holding)


def _content(tokens: Sequence[Token]) -> frozenset[str]:
    return frozenset(token.stem for token in tokens) - STOPS


def _named(mine: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """What a claim may be about: each word with the word beside it that says of which kind it is."""
    for first, second in pairwise(mine):
        if first.stem in STOPS or second.stem in STOPS:
            continue
        if not first.stem[0].isdigit() and not second.stem[0].isdigit():
            yield first.stem, second.stem
        if first.name and (second.name or second.stem[0].isdigit()):
            yield second.stem, first.stem


def _told(units: Sequence[Unit]) -> list[_Told]:
    sentences = [tuple(token.stem for token in tokens_of(unit.facts.text)) for unit in units]
    told = []
    for place, unit in enumerate(units):
        passage = [other for other, each in enumerate(units) if each.passage == unit.passage]
        if leans(unit.facts.text):
            first = place
            while first > passage[0] and leans(units[first].facts.text):
                first -= 1
            passage = list(range(first, place + 1))
        told.append(_Told(unit, frozenset(sentences[place]), tuple(sentences[other] for other in passage)))
    return told


def _holds(told: _Told, rest: frozenset[str], claim: Facts) -> bool:
    if len(rest & told.stems) < _COVERS * len(rest):
        return False
    return all(any(same_figure(each, shown) for shown in told.unit.facts.figures) for each in claim.figures)


def _is_of_a_sibling(told: _Told, own: str, kind: str, claim: frozenset[str]) -> bool:
    """Whether the kind is spoken of around it, but under another name and never under the claim's own."""
    if any(own in sentence for sentence in told.around):
        return False
    beside = [
        other
        for sentence in told.around
        for first, second in pairwise(sentence)
        for other in ((first,) if second == kind else (second,) if first == kind else ())
    ]
    if any(other in _EVERY for other in beside):
        return False
    return any(other not in STOPS and other not in claim for other in beside)

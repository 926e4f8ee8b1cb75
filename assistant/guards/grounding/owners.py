"""A claim that gives one thing the figure of another: "the base is 42 cm long", where the arm is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.guards.grounding.alignment import STOPS, Token, leans, restates, tokens_of
from assistant.guards.grounding.facts import Facts, Unit, facts_of
from assistant.guards.grounding.figures import Figure, comparable, figures_of, same_figure
from assistant.guards.grounding.numbers import with_digits
from assistant.guards.grounding.words import stem_of

_CLAUSE = re.compile(r"\s*(?:;|,?\s+(?:and|but|while|whereas)|,(?=\s+the\s))\s+(?=[\w€£$])")
_ELIDED = re.compile(r"[€£$]?\d[\w.,]*(?:\s+(?!and\b|or\b)[^\W\d]+){0,2}?\s+(?:for|in|with|at|on|to|from)\s+\w")
_NAMED = re.compile(r"(?:[Tt]he|[Ii]ts|[Tt]heir|his|her|our|your|an?|each)\s+\w|[A-Z][a-z]")
_FEW = 2
_ALIKE = 0.6  # A part that holds less of what the claim says, its names apart, may be about something else.


@dataclass(frozen=True, slots=True)
class _Part:
    """A clause with a figure, and the sentence it stands in."""

    facts: Facts
    tokens: tuple[Token, ...]
    stems: frozenset[str]
    unit: int


def clauses_of(whole: Facts) -> tuple[Facts, ...]:
    """`whole` cut where each part has a figure of its own; as it is where not.

    Of "the load is 2 kg for wool and 8 kg for cotton" the second part is "the load is 8 kg for cotton".
    """
    return _parts_of(whole.text) or (whole,)


@lru_cache(maxsize=4096)
def _parts_of(text: str) -> tuple[Facts, ...]:
    """The clauses of `text`, none where it is not to be cut."""
    first, *others = _CLAUSE.split(text)
    if not others:
        return ()
    shared = _before_figure(first)
    parts = [first] + [shared + part if _ELIDED.match(part) else part for part in others]
    cut = all(map(figures_of, parts)) and all(map(_stands_alone, parts[1:]))
    return tuple(map(facts_of, parts)) if cut else ()


def _stands_alone(part: str) -> bool:
    """Whether a part says what its figure is of: "the base 18 cm", "pottery costs 95 pounds"; not "weighs 2 kg"."""
    if _NAMED.match(part):
        return True
    words = [token.stem for token in tokens_of(_before_figure(part))]
    return len(words) >= _FEW and STOPS.isdisjoint(words[:_FEW])


def _before_figure(text: str) -> str:
    return re.split(r"[€£$]?\d", with_digits(text), maxsplit=1)[0]


def figure_of_another(claim: Facts, units: Sequence[Unit]) -> bool:
    """Whether each clause that gives a figure of `claim` gives it to something else."""
    if not claim.figures:
        return False
    parts = [
        _part(facts, place)
        for place, unit in enumerate(units)
        if unit.facts.figures
        for facts in clauses_of(unit.facts)
    ]
    return any(_given_to_another(mine, parts) for mine in clauses_of(claim))


def _part(facts: Facts, unit: int) -> _Part:
    tokens = tokens_of(facts.text)
    return _Part(facts, tokens, frozenset(token.stem for token in tokens), unit)


def _given_to_another(claim: Facts, parts: Sequence[_Part]) -> bool:
    mine = tokens_of(claim.text)
    stems = frozenset(token.stem for token in mine) - STOPS
    if any(restates(mine, part.tokens) for part in parts):
        return False
    for figure in claim.figures:
        holders = [part for part in parts if _holds(part, figure)]
        others = [part for part in parts if not _holds(part, figure) and _compares(part, figure)]
        if holders and not figure.implied and all(
            any(_is_nearer(other, holder, claim, stems, figure) for other in others)
            or _is_another_name(holder, claim, stems, figure, others)
            for holder in holders
        ):  # fmt: skip
            return True
    return False


def _is_nearer(other: _Part, holder: _Part, claim: Facts, stems: frozenset[str], figure: Figure) -> bool:
    """Whether `other`, which gives a different figure, is about the claim in all that `holder` is and in more.

    Or begins with what the claim begins with, where `holder` begins with something else: "its base" for "its arm".
    """
    theirs = _subject(holder.facts)
    if theirs is None or theirs in stems:
        return False
    if other.unit != holder.unit and not _about_the_same(holder, claim, stems, figure):
        return False
    here, there = stems & other.stems - holder.stems, stems & holder.stems - other.stems - _stems_of(figure)
    return bool(here) and (not there or _subject(claim) == _subject(other.facts) in here)


def _is_another_name(
    holder: _Part, claim: Facts, stems: frozenset[str], figure: Figure, others: Sequence[_Part]
) -> bool:
    """Whether `holder` names another than the claim, whose own name stands with a different figure of the sort."""
    names = {stem_of(name) for name in claim.names}
    known = {name for name in names - holder.stems if any(name in other.stems for other in others)}
    rivals = {stem_of(name) for name in holder.facts.names} - stems
    return bool(known and rivals) and _about_the_same(holder, claim, stems, figure)


def _about_the_same(holder: _Part, claim: Facts, stems: frozenset[str], figure: Figure) -> bool:
    rest = stems - {stem_of(name) for name in claim.names} - _stems_of(figure)
    return bool(rest) and len(rest & holder.stems) >= _ALIKE * len(rest)


def _subject(part: Facts) -> str | None:
    """The first word that says something before a figure; None where "it" stands there."""
    before = _before_figure(part.text)
    words = [token.stem for token in tokens_of(before) if token.stem not in STOPS]
    return words[0] if words and not leans(before) else None


def _holds(part: _Part, figure: Figure) -> bool:
    return any(same_figure(figure, shown) for shown in part.facts.figures)


def _compares(part: _Part, figure: Figure) -> bool:
    return any(comparable(figure, shown) and not shown.implied for shown in part.facts.figures)


def _stems_of(figure: Figure) -> frozenset[str]:
    return frozenset(token.stem for token in tokens_of(figure.text))

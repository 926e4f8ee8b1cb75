"""What a claim denies, and what is denied of it, among several sentences of the evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.guards.grounding.facts import Facts, Unit, contradictions, facts_of, missing_figures, share_of
from assistant.guards.grounding.polarity import denial_of, opposite_clash, opposites_of
from assistant.guards.grounding.words import Words
from assistant.messages import Reason

_JOINS = re.compile(
    r"\s*(?:[,;]\s+(?:and|but|so|yet|while|whereas|though|although)|;|\s(?:and|but|while|whereas|though|although))\s+"
)
_FEW = 2  # A clause of fewer content words cannot be held against a sentence of its own.
_HELD = 0.5  # Of a clause's words a sentence must hold so many to be about the same matter.


def shown_clause_by_clause(claim: Facts, units: Sequence[Unit]) -> bool:
    """Whether each clause of `claim` has a sentence that is about it, gives its figures and does not speak against it.

    "Honey may be used, but frozen plums are not suitable" is no contradiction of "Honey may be used".
    """
    clauses = [facts_of(part) for part in _JOINS.split(claim.text)]
    if len(clauses) < 2 or any(len(set(clause.words.stems)) < _FEW for clause in clauses):
        return False
    return all(_held(clause, units) for clause in clauses)


def _held(clause: Facts, units: Sequence[Unit]) -> bool:
    stems = frozenset(clause.words.stems)
    shares = [share_of(stems, frozenset(unit.facts.words.stems)) for unit in units]
    most = max(shares)
    about = [unit for unit, share in zip(units, shares, strict=True) if share == most]
    return (
        most >= _HELD
        and all(contradictions(clause, unit.facts) is None for unit in about)
        and any(not missing_figures(clause, unit.facts) for unit in about)
    )


def denied_otherwise(claim: Words, units: Sequence[Unit]) -> Reason | None:
    """What is wrong with the denial in a claim: the evidence asserts what it denies, or never speaks of it."""
    denied = denial_of(claim)
    if not denied or any(denied & unit.facts.words.negated for unit in units) or claim.exclusive:
        return None
    if any(unit.facts.words.contrasted & frozenset(claim.stems) for unit in units):
        return None  # "Covers faults, not wear": wear is not covered.
    if any(f"un{stem}" in unit.facts.words.stems for stem in denied for unit in units):
        return None  # "Not used" is "unused".
    spoken_of = [unit.facts.words for unit in units if denied & frozenset(unit.facts.words.stems)]
    if not spoken_of:
        return "absent"
    return "negation" if any(2 * len(denied & words.affirmed) > len(denied) for words in spoken_of) else None


def denies_in_particular(denying: Facts, claim: Facts, other: Facts) -> bool:
    """Whether `denying` denies of something in `claim` what `other`, which never names it, says in general."""
    named = frozenset(claim.words.stems) & frozenset(denying.words.stems) - frozenset(other.words.stems)
    return bool(named & denying.words.negated) and contradictions(claim, denying) == "negation"


def overruled(claim: Words, best: Words, units: Sequence[Unit]) -> Reason | None:
    """ "negation" when a unit says the opposite of just what the best one leaves open: "closed on Sunday"."""
    here = frozenset(claim.stems)
    left_open = here - frozenset(best.stems)
    for unit in units:
        there = frozenset(unit.facts.words.stems)
        others = there - opposites_of(here)
        if there & left_open and opposite_clash(claim, unit.facts.words) and 2 * len(others & here) >= len(others):
            return "negation"
    return None

"""A claim that says of one thing what is shown of another: "the Sill gives 640 lumens", which the Tarn gives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from assistant.guards.grounding.alignment import STOPS, Token, leans, restates, tokens_of
from assistant.guards.grounding.facts import Facts, Unit
from assistant.guards.grounding.figures import Figure, same_figure
from assistant.guards.grounding.words import NEGATIONS, stem_of

_FOLLOWS = 0.75  # From this share of the words between the first in common and the last, a claim says a unit over.
_DENSE = 0.4  # What is said over stands together in the unit, too.
_FEW = 3  # Fewer words in common are no sentence said over.
_KEPT = 0.4  # From this share of words in common on, a claim may allow what a unit allows.
_REACH = 2  # "only a" may stand before the word that is replaced.
_ONLY = re.compile(r"\bonly\b", re.IGNORECASE)
_ALLOWING = frozenset(stem_of(word) for word in ("may", "can", "must", "should", "will", "is", "are", "has", "have"))
_SHORT = 4  # So many words name a thing; more of them say something else.
_ALIKE = 0.4  # A unit with less of the claim's words is not laid beside it.
_STEM = 5  # Words that begin alike may be the same word.
_LISTED = re.compile(r"\W*[^\W\d][^:.;!?]{0,40}:\s")  # "Weight: 2 kg" is about what its list is about.


@dataclass(frozen=True, slots=True)
class _Step:
    """Words of the claim and those that the unit has in their place; "equal", "replace", "insert" or "delete"."""

    kind: str
    start: int
    mine: Sequence[Token]
    place: int
    theirs: Sequence[Token]


def another_in_place(claim: Facts, units: Sequence[Unit]) -> bool:
    """Whether `claim` says over what a unit says of one thing, but of another that the evidence speaks of elsewhere.

    Not where a unit about that other thing says the same.
    """
    mine = tokens_of(claim.text)
    stems = frozenset(claim.words.stems)
    shown = [tokens_of(unit.facts.text) for unit in units]
    for place, unit in enumerate(units):
        if len(stems & frozenset(unit.facts.words.stems)) < _ALIKE * len(stems):
            continue
        elsewhere = [tokens for other, tokens in enumerate(shown) if other != place]
        apart = [tokens for tokens, other in zip(shown, units, strict=True) if other.passage != unit.passage]
        moved = _moved(mine, shown[place], elsewhere, apart)
        if moved and not (
            any(restates(mine, tokens) for tokens in elsewhere)
            or any(_says_the_same(other, claim, moved, unit, units) for other in units if other is not unit)
        ):
            return True
    return False


def kept_out(claim: Facts, units: Sequence[Unit]) -> bool:
    """Whether `claim` allows somebody what a unit allows "only" others."""
    mine = tokens_of(claim.text)
    return any(_keeps_out(mine, tokens_of(unit.facts.text)) for unit in units if _ONLY.search(unit.facts.text))


def _keeps_out(mine: Sequence[Token], theirs: Sequence[Token]) -> bool:
    steps = _steps(mine, theirs)
    if sum(len(step.mine) for step in steps if step.kind == "equal") < _KEPT * len(mine):
        return False
    for step in steps:
        following = mine[step.start + len(step.mine) :][:1]
        if step.kind != "replace" or not following or following != theirs[_end(step) :][:1]:
            continue
        words = [token.stem for token in theirs[max(0, step.place - _REACH) : _end(step)]]
        if following[0].stem in _ALLOWING and "only" in words:
            allowed = set(words[words.index("only") + 1 :]) - STOPS
            others = {token.stem for token in step.mine if _says(token.stem)}
            if allowed and others and not allowed & others:
                return True
    return False


def _moved(
    mine: Sequence[Token],
    theirs: Sequence[Token],
    elsewhere: Sequence[Sequence[Token]],
    apart: Sequence[Sequence[Token]],
) -> frozenset[str]:
    """Stems of what `mine` names where `theirs`, said over otherwise, names another; none where it is not said over."""
    steps = _steps(mine, theirs)
    same = [step for step in steps if step.kind == "equal"]
    common = sum(len(step.mine) for step in same)
    if common < _FEW:
        return frozenset()
    first, last = same[0], same[-1]
    between = last.start + len(last.mine) - first.start
    moved: set[str] = set()
    for step in steps:
        following = mine[step.start + len(step.mine) :][:1]
        if step.kind == "replace" and max(len(step.mine), len(step.theirs)) <= _SHORT and not _denies(step):
            found = _names(step, mine, theirs, elsewhere) or _other_word(step, mine, theirs, apart)
            if not found and following and [following[0].stem] == [t.stem for t in theirs[_end(step) :][:1]]:
                found = _kind(step, following[0].stem, mine, theirs, elsewhere)
            moved |= found
            # However long a name is, it is one thing in the place of another.
            between -= len(step.mine) - 1 if found and first.start < step.start < last.start else 0
        elif step.kind == "insert" and all(token.stem in STOPS for token in mine[: step.start]):
            moved |= _made_for(step, theirs, mine)
    dense = common >= _DENSE * (_end(last) - first.place)
    return frozenset(moved) if common >= _FOLLOWS * between and dense else frozenset()


def _steps(mine: Sequence[Token], theirs: Sequence[Token]) -> list[_Step]:
    here, there = [token.stem for token in mine], [token.stem for token in theirs]
    codes = SequenceMatcher(None, here, there, autojunk=False).get_opcodes()
    return [_Step(kind, start, mine[start:end], place, theirs[place:stop]) for kind, start, end, place, stop in codes]


def _denies(step: _Step) -> bool:
    """Whether one of the two is a denial, which is for others to see: "forbidden" is "not allowed"."""
    return any(token.stem in NEGATIONS for token in (*step.mine, *step.theirs))


def _end(step: _Step) -> int:
    return step.place + len(step.theirs)


def _names(
    step: _Step, mine: Sequence[Token], theirs: Sequence[Token], elsewhere: Sequence[Sequence[Token]]
) -> set[str]:
    """Names that stand in the place of other names and are known elsewhere; "the Milan star" may be whom they name."""
    here, there = _stems(mine), _stems(theirs)
    if not step.theirs[-1].name or all(token.stem in here for token in step.theirs if token.name):
        return set()
    known = frozenset[str]().union(*map(_stems, elsewhere))
    return {token.stem for token in step.mine if token.name and token.stem not in there and token.stem in known}


def _kind(
    step: _Step, following: str, mine: Sequence[Token], theirs: Sequence[Token], elsewhere: Sequence[Sequence[Token]]
) -> set[str]:
    """The word before the same next word, where another unit has that very pair: "express delivery"."""
    word, other = step.mine[-1].stem, step.theirs[-1].stem
    if not all(map(_says, (word, other, following))) or word in _stems(theirs) or other in _stems(mine):
        return set()
    if _alike(word, other):
        return set()
    paired = any((word, following) in pairwise(token.stem for token in tokens) for tokens in elsewhere)
    return {word} if paired else set()


def _other_word(
    step: _Step, mine: Sequence[Token], theirs: Sequence[Token], apart: Sequence[Sequence[Token]]
) -> set[str]:
    """The one word that differs between sentences that are alike otherwise, where another passage speaks of it.

    Within one passage it may be another word for the same: "the pupil", "the student".
    """
    word, other, there = step.mine[-1].stem, step.theirs[-1].stem, _stems(theirs)
    if not (_says(word) and _says(other)) or word in there or other in _stems(mine) or _alike(word, other):
        return set()
    differing = [token.stem for token in mine if _says(token.stem) and token.stem not in there]
    return {word} if set(differing) == {word} and any(word in _stems(tokens) for tokens in apart) else set()


def _alike(word: str, other: str) -> bool:
    return word in other.split("-") or other in word.split("-") or word[:_STEM] == other[:_STEM]


def _made_for(step: _Step, theirs: Sequence[Token], mine: Sequence[Token]) -> set[str]:
    """The name that something is for, where the claim begins after that something: "the footprint for the Stormlea"."""
    left_out = [token.stem for token in step.theirs]
    while left_out and left_out[-1] in STOPS - {"for"}:
        left_out.pop()
    named = next((token for token in theirs[_end(step) :] if token.stem not in STOPS), None)
    if named is None or not named.name or left_out[-1:] != ["for"]:
        return set()
    return {named.stem} if any(_says(stem) and stem not in _stems(mine) for stem in left_out[-3:-1]) else set()


def _says_the_same(unit: Unit, claim: Facts, moved: frozenset[str], of: Unit, units: Sequence[Unit]) -> bool:
    """Whether `unit` speaks of what was `moved`, and holds all that the claim shares with `of`, which does not."""
    figures = [each for each in claim.figures if _gives(of, each)]
    if not all(_gives(unit, each) for each in figures):
        return False
    common = frozenset(claim.words.stems) & frozenset(of.facts.words.stems)
    if not common <= frozenset(unit.facts.words.stems) | moved:
        return False
    beside = [unit]
    if leans(unit.facts.text) or _LISTED.match(unit.facts.text):
        beside = [other for other in units if other.passage == unit.passage and other is not of]
    return moved <= frozenset[str]().union(*(_stems(tokens_of(other.facts.text)) for other in beside))


def _gives(unit: Unit, figure: Figure) -> bool:
    return any(same_figure(figure, shown) for shown in unit.facts.figures)


def _stems(tokens: Sequence[Token]) -> frozenset[str]:
    return frozenset(token.stem for token in tokens)


def _says(stem: str) -> bool:
    return stem[0].isalpha() and stem not in STOPS

"""Where a claim that is nearly a copy of its evidence differs from it, word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from assistant.guards.grounding.facts import facts_of, unshown_names
from assistant.guards.grounding.names import MONTHS, names_of
from assistant.guards.grounding.numbers import with_digits
from assistant.guards.grounding.words import NEGATIONS, STOP_WORDS, stem_of

_TOKEN = re.compile(r"\b[A-Z]{1,4}-?\d+[A-Z]?\b|\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MAX_TOKENS = 120  # Of one sentence; matching takes time with the square of the length.
_FEW = 2  # A single word restates nothing.
_PASSIVE = re.compile(r"\b(?:is|are|was|were|been|being|be)\s+\w+(?:ed|en|wn|ught|ld|id|de|ng|ne)\b|\bby\b", re.I)
_TITLED = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|Prof|Professor|Doctor|Nurse)\.?\s+([A-Z][^\W\d_]+)")
_MAX_NAMES = 40
_BEFORE_NAME = re.compile(r"([^\W\d_]+|[,;:])\W+(?:(?:the|an?|[A-Z][\w'’.-]*)\s+){0,4}$")
_PRONOUN = re.compile(r"\b(?:it|its|he|his|him|she|her|they|their|them|this|these|that|those|who|which)\b", re.I)
_STANDS_IN = re.compile(r"\W*(?:it|he|she|they|this|that|these|those|which|who)\b", re.I)


@dataclass(frozen=True, slots=True)
class Alignment:
    """A claim laid beside one sentence of the evidence."""

    matched: float
    """Share of the claim's words that stand in the sentence in the same order, 0 to 1."""
    restated: bool
    """Whether every content word of the claim stands in the sentence, in the same order."""
    swapped: bool
    """Whether two names change places while all else stays."""
    renamed: bool
    """Whether a name of the claim stands where the sentence has another."""
    unnamed: bool
    """Whether nothing in the sentence could mean a name of the claim."""

    @property
    def differs(self) -> bool:
        """Whether a name is another or in another place."""
        return self.swapped or self.renamed or self.unnamed


def align(claim: str, sentence: str, *, under: str = "") -> Alignment:
    """How `claim` differs from `sentence`, which stands under the heading `under`: names in that are named."""
    mine, theirs = tokens_of(claim), tokens_of(sentence)
    if not mine:
        return Alignment(0.0, restated=False, swapped=False, renamed=False, unnamed=False)
    here, there = [each.stem for each in mine], [each.stem for each in theirs]
    known = frozenset(there) | {token.stem for token in tokens_of(under)}
    same = 0
    renamed = False
    for kind, start, end, begin, stop in SequenceMatcher(None, here, there, autojunk=False).get_opcodes():
        if kind == "equal":
            same += end - start
        elif kind == "replace":
            there_too = _kinds_of_names(theirs[begin:stop], frozenset(here))
            renamed = renamed or bool(_kinds_of_names(mine[start:end], known) & there_too)
    return Alignment(
        same / len(mine),
        restated=restates(mine, theirs),
        swapped=_swapped(claim, sentence),
        renamed=renamed or _another_person(claim, sentence),
        unnamed=_unnamed(claim, sentence, under),
    )


def restates(mine: Sequence[Token], theirs: Sequence[Token]) -> bool:
    """Whether every content word of `mine`, at least two, stands in `theirs` in the same order."""
    left = iter([token.stem for token in theirs])
    words = [token.stem for token in mine if token.stem not in STOPS]
    return len(words) >= _FEW and all(stem in left for stem in words)


@dataclass(frozen=True, slots=True)
class Token:
    """One word or number of a text."""

    stem: str
    name: bool
    """Written with a capital, and not only because a sentence begins."""


@lru_cache(maxsize=1024)  # Several rules lay the same sentences beside one another.
def tokens_of(text: str) -> tuple[Token, ...]:
    """The words and numbers of `text` in order, at most 120."""
    found = [match.group() for match in _TOKEN.finditer(with_digits(text))][:_MAX_TOKENS]
    return tuple(Token(stem_of(word), word[0].isupper() and place > 0) for place, word in enumerate(found))


def leans(text: str) -> bool:
    """Whether `text` begins with a word that stands for something named before it."""
    return bool(_STANDS_IN.match(text))


def _kinds_of_names(tokens: Sequence[Token], known: frozenset[str]) -> frozenset[bool]:
    """Whether there are months, True, and other names, False, that are not `known`; neither stands for the other."""
    new = [token for token in tokens if token.name and token.stem not in known and token.stem not in STOPS]
    return frozenset(token.stem in _MONTHS for token in new)


def _another_person(claim: str, sentence: str) -> bool:
    """Whether both name persons by title, and none of the claim's is among the sentence's: "Dr. Rossi", "Dr. Patel"."""
    mine, theirs = set(_TITLED.findall(claim)), set(_TITLED.findall(sentence))
    return bool(mine) and bool(theirs) and mine.isdisjoint(theirs)


def _swapped(claim: str, sentence: str) -> bool:
    """Two names in the other order, in sentences that are both active or both passive and say the same otherwise."""
    if bool(_PASSIVE.search(claim)) != bool(_PASSIVE.search(sentence)):
        return False
    names = [name for name in dict.fromkeys((*names_of(claim), *names_of(sentence))) if name in claim][:_MAX_NAMES]
    places = sorted((claim.find(name), sentence.find(name), name) for name in names if name in sentence)
    exchanged = [
        (one[2], other[2]) for number, one in enumerate(places) for other in places[number + 1 :] if one[1] > other[1]
    ]
    if not exchanged or not _alike(names, claim, sentence):
        return False
    before = {name: (_word_before(mine, claim), _word_before(theirs, sentence)) for mine, theirs, name in places}
    return any(before[one] == before[other][::-1] for one, other in exchanged) or _same_but_for(names, claim, sentence)


def _same_but_for(names: Sequence[str], claim: str, sentence: str) -> bool:
    """Whether all but `names` is the same word by word, in the same order: nothing has moved along with them."""
    parts = _parts_of(names)
    mine, theirs = ([each.stem for each in tokens_of(text) if each.stem not in parts] for text in (claim, sentence))
    return mine == theirs


def _word_before(place: int, text: str) -> str:
    """The word before the name at `place`, past articles and other names; "in Rome" may stand anywhere as a whole."""
    found = _BEFORE_NAME.search(text[max(0, place - 80) : place])
    return found[1].lower() if found else ""


def _alike(names: Sequence[str], claim: str, sentence: str) -> bool:
    parts = _parts_of(names)
    mine = {each.stem for each in tokens_of(claim)} - parts - STOPS
    return bool(mine) and len(mine & {each.stem for each in tokens_of(sentence)}) >= 0.7 * len(mine)


def _parts_of(names: Sequence[str]) -> frozenset[str]:
    return frozenset(stem_of(part) for name in names for part in _TOKEN.findall(name))


def _unnamed(claim: str, sentence: str, under: str) -> bool:
    return bool(unshown_names(facts_of(claim), [sentence, under])) and not _PRONOUN.search(sentence)


_MONTHS = frozenset(map(stem_of, MONTHS))
STOPS = frozenset(stem_of(word) for word in STOP_WORDS | NEGATIONS) | {"the", "a", "an", "of", "to", "in", "and"}
"""Stems that say nothing of what a text is about."""

"""Facts given as name and value ("Power: 8 W"), and a claim that gives one of them the figure of another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.guards.grounding.numbers import with_digits
from assistant.guards.grounding.words import stem_of

_PAIR = re.compile(r"(?:^|[;|\n•-])\s*(?P<name>[^\W\d][^:;|\n]{1,40}):\s+(?P<value>[^;|\n]+)")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_BETWEEN = (
    "a about an are around as at be consumption equals exactly from is its level measures of output only rated rating"
    " reaches roughly some stands the to up value was"
)
"""Words that may stand between the name of an attribute and its figure: "a power output of up to 8 W"."""
_MOST_BETWEEN = 4


Measure = tuple[float, str | float]
"""A number and the word after it, which is mostly its unit; a bare number may be anything's."""


@dataclass(frozen=True, slots=True)
class _Fact:
    name: tuple[str, ...]
    """Stems of the attribute's name."""
    figures: frozenset[Measure]


def misattributed(claim: str, evidence: Sequence[str]) -> bool:
    """Whether `claim` gives an attribute a figure that `evidence` gives only to another: a "power of 560 lm"."""
    tokens = _tokens(claim)
    if not _figures(tokens):
        return False  # As most claims: they cost no reading of the evidence.
    facts = [fact for text in evidence for fact in _facts(text)]
    if len({fact.name for fact in facts}) < 2:
        return False
    said = frozenset(tokens)
    for fact in facts:
        for figure in _given(fact.name, tokens):
            owners = [each for each in facts if figure in each.figures]
            if owners and not any(set(each.name) <= said for each in owners) and not _told(fact, figure, evidence):
                return True
    return False


def _facts(text: str) -> Iterator[_Fact]:
    for match in _PAIR.finditer(with_digits(text)):
        name, value = _tokens(match["name"]), _tokens(match["value"])
        if (figures := _figures(value)) and name:
            yield _Fact(tuple(each for each in name if isinstance(each, str)), figures)


def _given(name: tuple[str, ...], tokens: Sequence[str | float]) -> Iterator[Measure]:
    """The figures that stand right after the name in the claim."""
    for start in range(len(tokens) - len(name)):
        if tuple(tokens[start : start + len(name)]) != name:
            continue
        after = tokens[start + len(name) :]
        for place, token in enumerate(after[: _MOST_BETWEEN + 1]):
            if isinstance(token, float):
                yield from _figures(after[place : place + 2])
            if isinstance(token, float) or token not in _STEMS_BETWEEN:
                break


def _told(fact: _Fact, figure: Measure, evidence: Sequence[str]) -> bool:
    """Whether a sentence of prose speaks of the attribute and the figure together."""
    prose = (_tokens(text) for text in evidence if not _PAIR.search(text))
    return any(figure in _figures(told) and set(fact.name) <= set(told) for told in prose)


def _figures(tokens: Sequence[str | float]) -> frozenset[Measure]:
    pairs = pairwise(tokens)
    return frozenset((number, unit) for number, unit in pairs if isinstance(number, float))


def _tokens(text: str) -> list[str | float]:
    said = _TOKEN.findall(with_digits(text))
    return [_number(token) if token[0].isdecimal() else stem_of(token.lower()) for token in said]


def _number(text: str) -> float:
    thousands = re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text)
    plain = text.replace(",", "" if thousands else ".")
    return float(plain) if plain.count(".") < 2 else float(plain.replace(".", ""))


_STEMS_BETWEEN = frozenset(map(stem_of, _BETWEEN.split()))

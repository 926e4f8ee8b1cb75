"""What one sentence states exactly, and where a claim departs from what is shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from assistant.guards.grounding.figures import MOST, Figure, comparable, figures_of, same_figure
from assistant.guards.grounding.names import missing_names, names_of, without_maker
from assistant.guards.grounding.polarity import negation_clash, opposite_clash
from assistant.guards.grounding.quantities import (
    Quantifier,
    quantifiers_of,
    quantity_clash,
    quantity_unshown,
    shares_of,
    tone_of,
)
from assistant.guards.grounding.words import Words, words_of
from assistant.messages import Reason

Part = TypeVar("Part")
_AGED = re.compile(r"\bag(?:ed?|es)\b", re.IGNORECASE)
_HEADING = re.compile(r"[^\n:]{1,120}(?=:\s)")


@dataclass(frozen=True, slots=True)
class Facts:
    """The exact parts of one text, read once."""

    text: str
    words: Words
    figures: tuple[Figure, ...]
    names: tuple[str, ...]
    quantifiers: frozenset[Quantifier]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """One sentence of the evidence, a question with its answer, with the passage it stands in."""

    facts: Facts
    passage: int


def facts_of(text: str) -> Facts:
    """Words, figures, names, quantifiers and shares of `text`; one figure more than are compared tells of the rest."""
    figures = figures_of(text)[: MOST + 1]
    return Facts(text, words_of(text), figures, names_of(text), quantifiers_of(text), shares_of(text))


def share_of(parts: frozenset[Part], shown: frozenset[Part]) -> float:
    """Share of `parts`, words or pairs of them, that `shown` holds; 0 of none."""
    return len(parts & shown) / len(parts) if parts else 0.0


def heading_of(first: Unit) -> str:
    """What stands before the text of a passage, whose first unit this is: "Returns › Opened items: We take back …"."""
    heading = _HEADING.match(first.facts.text)
    return heading[0] if heading else ""


def contradictions(claim: str | Facts, evidence: str | Facts) -> Reason | None:
    """Why `evidence`, a sentence or two about the same matter, speaks against `claim`; None when it does not.

    It compares only what is exact. Whether the two are about the same matter is for the caller to judge.
    """
    mine = facts_of(claim) if isinstance(claim, str) else claim
    shown = facts_of(evidence) if isinstance(evidence, str) else evidence
    if quantity_clash(mine.quantifiers, shown.quantifiers, _shares_for(mine, shown)):
        return "quantity"
    missing = missing_figures(mine, shown)
    if any(comparable(figure, other) for figure in missing for other in shown.figures if not other.implied):
        return "quantity" if mine.shares and shown.shares else "figure"
    if negation_clash(mine.words, shown.words) or opposite_clash(mine.words, shown.words):
        return "negation"
    return None


def _shares_for(claim: Facts, shown: Facts) -> tuple[float, ...]:
    """The shares of `shown` as they bear on `claim`: those who criticise are not those who are happy."""
    tone = tone_of(claim.text) if claim.quantifiers and shown.shares else 0
    return shares_of(shown.text, tone=tone) if tone else shown.shares


def missing_figures(claim: Facts, evidence: Facts) -> tuple[Figure, ...]:
    """Figures of `claim` that `evidence` does not give; "30 %" is given by "12 of 40", a lone "one" need not be."""
    kinds = frozenset(figure.kind for figure in claim.figures) - {"count", "ordinal", "each", "date", "time", "label"}
    if _AGED.search(claim.text):
        kinds |= {"age", "months"}
    missing = [
        figure
        for figure in claim.figures[:MOST]
        if not _given(figure, evidence) and not _given_short(figure, kinds, evidence)
    ]
    return (*missing, *claim.figures[MOST:])  # What nobody could compare is not given.


def unshown_names(claim: Facts, evidence: Sequence[str]) -> tuple[str, ...]:
    """Names of `claim` that none of `evidence` mentions."""
    if not claim.names:
        return ()
    shown = "\n".join(evidence)
    return without_maker(missing_names(claim.names, shown), claim.text, shown)


def unshown_quantity(claim: Facts, evidence: Facts) -> bool:
    """Whether `claim` speaks of a share ("most", "half") and `evidence` of no count and no such word."""
    return quantity_unshown(claim.quantifiers, evidence.quantifiers, evidence.shares)


def _given_short(figure: Figure, kinds: frozenset[str], evidence: Facts) -> bool:
    """Whether a number without a unit stands for one of `kinds`: "three years for the lamp and two for the bulb"."""
    if figure.kind != "count" or not figure.text.isdigit():
        return False
    return any(shown.kind in kinds and re.match(rf"\D*{figure.text}\b", shown.text) for shown in evidence.figures)


def _numbers_of(name: str, text: str) -> frozenset[float]:
    """Those that stand behind `name` in `text`: of "shp" in "SHP-2", "SHP2" and "SHP 2"."""
    between = r"[\s-]?" if len(name) > 1 else "-?"
    return frozenset(map(float, re.findall(rf"\b{re.escape(name)}{between}(\d{{1,9}})\b", text, re.IGNORECASE)))


def _given(figure: Figure, evidence: Facts) -> bool:
    if figure.kind == "label":
        # A name that the evidence does not use at all is missed as a name and by its words.
        numbers = _numbers_of(figure.noun, evidence.text)
        return not numbers or figure.value in numbers
    if figure.implied or (figure.kind in ("count", "ordinal") and figure.value == 1):
        return True
    if any(same_figure(figure, shown) for shown in evidence.figures):
        return True
    if figure.kind == "times" and figure.value == 1:  # "He was once a sailor", "once it is paid".
        return all(shown.kind != "times" for shown in evidence.figures)
    if figure.kind == "each":
        return all(shown.kind != "each" for shown in evidence.figures)
    return figure.kind == "percent" and any(abs(figure.value - 100 * share) <= 0.51 for share in evidence.shares)

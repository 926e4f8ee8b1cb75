"""What a summary must not leave out in silence: allergies, medication with its dose, negations and follow-up."""

from __future__ import annotations

# ruff: noqa: E501 — a list of words reads better unbroken
import re
from collections.abc import Callable, Sequence
from typing import Literal

from assistant.messages import Evidence, Omission

Kind = Literal["allergies", "medication", "negation", "follow-up"]

# Order matters: a statement is listed once, under the first kind that fits, the most dangerous to miss first.
KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("allergies", re.compile(r"\ballerg\w*|\banaphyla\w*|\bintoleran\w*|\breact(?:s|ed|ion)? to\b", re.IGNORECASE)),
    (
        "medication",
        re.compile(
            r"\b\d+(?:[.,]\d+)?\s*(?:mg|mcg|micrograms?|milligrams?|grams?|g|ml|millilitres?|units?|iu"
            r"|puffs?|drops?|tablets?|capsules?|pills?)\b"
            r"|\b(?:one|two|three|four|half an?) (?:tablets?|capsules?|pills?|puffs?|drops?)\b"
            r"|\b(?:\w+teen|ten|twenty|thirty|forty|fifty|hundred|two|five) (?:milligrams?|micrograms?|units?)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "follow-up",
        re.compile(
            r"\b(?:follow[- ]?up|come back|(?<!good to )(?<!nice to )(?<!great to )see you (?:again|in)|return (?:if|in|to)|again in (?:\w+ )?(?:days?|weeks?|months?)"
            r"|(?:in|within) (?:\w+ )?(?:days?|weeks?|months?)\b.*\b(?:review|check|appointment|see|back|call)"
            r"|book (?:an? |another )?\w* ?appointment|refer(?:ral|red|ring)?\b|call (?:us|the (?:practice|clinic|surgery))"
            r"|(?:blood|urine|kidney) test|x-ray|results? (?:will|should))",
            re.IGNORECASE,
        ),
    ),
    (
        "negation",
        re.compile(
            r"(?:^|\. )No (?!problem|worries)\w|\bdenies\b|\b(?:does|do|did|has|have|is|was|are) not\b|n['’]t\b|\bnever\b",
            re.IGNORECASE,
        ),
    ),
)


def kind_of(statement: str) -> Kind | None:
    """The kind of the fixed list that `statement` belongs to, or None."""
    return next((kind for kind, pattern in KINDS if pattern.search(statement)), None)


def omissions(statements: Sequence[Evidence], *, covered: Callable[[Evidence], bool]) -> tuple[Omission, ...]:
    """The statements of the fixed list that the summary does not cover, in document order.

    `covered` says whether the summary bears a statement out.
    """
    found = []
    for statement in statements:
        kind = kind_of(statement.text)
        if kind and not statement.text.rstrip().endswith("?") and not covered(statement):
            found.append(Omission(kind, statement.quotation))
    return tuple(found)

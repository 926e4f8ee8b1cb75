"""Words for shares of a whole ("most", "half", "none of") and the counts they can be held against."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from assistant.guards.grounding.numbers import with_digits

Quantifier = Literal["all", "most", "half", "many", "some", "minority", "few", "none"]

_PATTERNS: tuple[tuple[Quantifier, str], ...] = (
    ("none", r"\bnone\s+of\b|\bno\s+one\b|\bnobody\b|\bnot\s+(?:one|a\s+single)\b|\bnone\b(?=\s+(?:mention|complain|report|said|liked))"),
    ("most", r"(?<!at )(?<!the )\bmost\s+(?:of\b|(?:\w+\s+)?\w+s\b(?!\s+(?:than|of)))|(?<!at )(?<!the )\bmost\s+(?:people|feedback|patients)\b"
             r"|\b(?:the\s+|a\s+)?(?:\w+\s+)?majority\b|\b(?:major|greater|larger|better)\s+part\b|\bmostly\b|\bmore\s+than\s+half\b|\bover\s+half\b|\bpredominantly\b|\boverwhelmingly\b"),
    ("all", r"\ball\s+(?:of\s+|the\s+|our\s+|your\s+|these\s+|its\s+)*\w+|\bevery(?:one|body|thing)?\b|\beach\b|\balways\b|\bunanimous(?:ly)?\b|\bwithout\s+exception\b"),
    ("half", r"(?<!than )(?<!over )\bhalf\s+(?:of\b|the\b|our\b)|\bhalf\b(?=\s+(?:say|said|mention|complain|like))"),
    ("minority", r"\bminority\b|\bless\s+than\s+half\b|\bfewer\s+than\s+half\b"),
    ("few", r"\b(?:a\s+|very\s+)?few\b(?!er)|\bhandful\b|\bhardly\s+any\b|\brarely\b|\bseldom\b"),
    ("many", r"\bmany\b|\bnumerous\b|\ba\s+lot\s+of\b|\blots\s+of\b|\boften\b|\bfrequently\b|\busually\b|\bmultiple\b"),
    ("some", r"\bsome\b|\bseveral\b|\bsometimes\b|\bcertain\b|\boccasionally\b"),
)  # fmt: skip
_COMPILED = tuple((name, re.compile(pattern, re.I)) for name, pattern in _PATTERNS)
_RATIO = re.compile(
    r"\b(\d++(?:\.\d++)?+)\s*(?:\w+\s+)?(?:out\s+of|of|in|/)\s*(?:the\s+|these\s+|our\s+|all\s+)?(\d+)\b(?!\s*(?:mm|/|%))",
    re.I,
)
_PERCENT = re.compile(r"(?<!\d)(\d++(?:\.\d++)?+)\s*(?:%|per\s?cent\b)", re.I)
_SHARES: dict[Quantifier, tuple[float, float]] = {
    "all": (1.0, 1.0), "most": (0.5001, 1.0), "half": (0.45, 0.55), "many": (0.25, 1.0), "some": (0.0001, 1.0),
    "minority": (0.0, 0.4999), "few": (0.0001, 0.25), "none": (0.0, 0.0),
}  # fmt: skip
_PLEASED = re.compile(
    r"\b(?:happy|satisfied|pleased|delighted|content|prais\w*|positive\w*|lik(?:e|es|ed)|lov(?:e|es|ed)|enjoy\w*|recommend\w*|favourabl\w*|good|great|excellent)\b",
    re.I,
)
_DISPLEASED = re.compile(
    r"\b(?:unhappy|dissatisfied|displeased|disappoint\w*|critici[sz]\w*|complain\w*|complaints?|negative\w*|dislik\w*|hat(?:e|es|ed)|unfavourabl\w*|bad|poor|terrible|(?:not|n't|never)\s+(?:\w+\s+)?(?:happy|satisfied|pleased|like|recommend))\b",
    re.I,
)
_CLAUSE = re.compile(r"(?:[,;]\s*(?:and|but|while|whereas)?|\b(?:but|while|whereas)\b|\.\s|\n)")
_BORNE_OUT_BY: dict[Quantifier, frozenset[Quantifier]] = {
    "all": frozenset({"all"}),
    "most": frozenset({"most", "all"}),
    "half": frozenset({"half"}),
    "many": frozenset({"many", "most", "all"}),
    "some": frozenset({"some", "many", "most", "all", "half", "few", "minority"}),
    "minority": frozenset({"minority", "few"}),
    "few": frozenset({"few"}),
    "none": frozenset({"none"}),
}


def quantifiers_of(text: str) -> frozenset[Quantifier]:
    """The quantifiers that `text` uses; "the most comfortable" and "at most" are none."""
    return frozenset(name for name, pattern in _COMPILED if pattern.search(text))


def shares_of(text: str, *, tone: int = 0) -> tuple[float, ...]:
    """Shares between 0 and 1 that `text` states, as "12 of 40", "12/40" or "30 %".

    For a claim that is pleased (`tone` 1) or displeased (-1), a share of those who think the opposite counts as the
    rest of the whole.
    """
    if not tone:
        return _stated_shares(text)
    return tuple(
        1 - share if tone_of(clause) == -tone else share
        for clause in _CLAUSE.split(text)
        for share in _stated_shares(clause)
    )


def tone_of(text: str) -> int:
    """1 when `text` speaks of people who are pleased, -1 of such who are not, 0 of neither or both."""
    displeased = _DISPLEASED.search(text)
    pleased = _PLEASED.search(_DISPLEASED.sub(" ", text))
    return int(pleased is not None) - int(displeased is not None)


def _stated_shares(text: str) -> tuple[float, ...]:
    digits = with_digits(text)
    ratios = [float(n) / float(m) for n, m in _RATIO.findall(digits) if float(m) > 0 and float(n) <= float(m)]
    return (*ratios, *(float(percent) / 100 for percent in _PERCENT.findall(digits)))


def quantity_clash(claimed: frozenset[Quantifier], shown: frozenset[Quantifier], shares: Sequence[float]) -> bool:
    """Whether counts or quantifiers of the evidence speak against one that is claimed."""
    return any(_clashes(each, shown, shares) for each in claimed)


def quantity_unshown(claimed: frozenset[Quantifier], shown: frozenset[Quantifier], shares: Sequence[float]) -> bool:
    """Whether a share is claimed ("most", "half", "few") where the evidence gives no count and no such word."""
    return not shares and any(
        each in claimed and not shown & _BORNE_OUT_BY[each] for each in ("most", "half", "minority", "few")
    )


def _clashes(claimed: Quantifier, shown: frozenset[Quantifier], shares: Sequence[float]) -> bool:
    if shown & _BORNE_OUT_BY[claimed]:
        return False
    if shares:
        least, most = _SHARES[claimed]
        return not any(least <= share <= most for share in shares)
    return bool(shown) and claimed not in ("some", "many")

"""Dates of birth: dates in the large European languages beside the words by which a text calls them so."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.guards.labels import ENDS, label

Span = tuple[int, int]

# How the months begin in English, German, Dutch, Swedish and Danish, French, Italian, Spanish, Portuguese and Polish.
_MONTH = (
    r"(?:jan|feb|mar|mär|mrt|maa|apr|may|mai|maj|mei|jun|jul|aug|sep|oct|okt|nov|dec|dez|fév|fev|avr|juin|juil|aoû|aou|déc"
    r"|gen|mag|giu|lug|ago|set|ott|dic|ene|abr|out|sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru)[^\W\d_]{0,8}"
)
_OF = r"(?:(?:of|de|del|di)\s+)?"
_YEAR = r"(?:\d{4}|['’]?\d\d(?!\d))"
_DATE = (
    r"(?:\d{1,2}(?:[/-]|\.\s?)\d{1,2}(?:[/-]|\.\s?)(?:\d{4}|\d\d(?!\d))|\d{4}[./-]\d{1,2}[./-]\d{1,2}|(?:19|20)\d\d[01]\d[0-3]\d(?!\d)"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|º|ª|°|\.)?[\s-]{{0,2}}{_OF}{_MONTH}\.?,?[\s-]{{1,2}}{_OF}{_YEAR}"
    rf"|{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+{_YEAR})"
)
LABELS = (
    "born", r"d\.?o\.?b", "date of birth", "birth ?date", "birthday",
    r"geboren(?:e[rs]?)?", r"geb(?=\W)", "geburts ?(?:datum|tag)", "geboorte ?datum",
    r"née? le", r"né\(e\) le", "date de naissance", "nat[oa] (?:il|a)", "data di nascita",
    "nacid[oa]", "nació", "fecha de nacimiento", "nascid[oa]", "nasci", "data de nascimento",
    r"urodzon[ya]", r"ur(?=\.)", "data urodzenia", "född", "født", "föde(?:lse)?datum", "fødsels?dato", "fødselsdag", "fødedato",
)  # fmt: skip
"""What a text calls a date of birth, as patterns."""
_BORN = re.compile(
    rf"{label(*LABELS)}{ENDS}(?:[^\d\n]{{0,25}}\n?|[^\d\n?]{{0,25}}\?[^\d\n]{{0,10}}\n?[^\d\n]{{0,40}})(?<!\w)({_DATE})",
    re.I,
)
_BORN_AFTER = re.compile(
    rf"(?<![\w./-])({_DATE})[^\d\n.]{{0,25}}\bgeboren\b(?!\W{{0,3}}\d)", re.I
)  # German and Dutch put it last.
_SEX = r"(?:male|female|man|woman|m|f|w|d)"
_BESIDE_SEX = re.compile(
    rf"\(\s*(?P<before>{_SEX}(?:\s*[,;/]\s*|\s+))?(?P<date>{_DATE})(?P<after>\s*[,;/]?\s*{_SEX})?\s*\)", re.I
)
_IN_BRACKETS = re.compile(rf"\(\s*(?:b|geb|n|ur|\*|°)\.?\s*({_DATE})", re.I)


def birth_dates(text: str) -> Iterator[Span]:
    """Dates that a text calls those of a birth, or writes in brackets beside a sex: "Ann Lee (12/03/1984, F)"."""
    yield from (match.span(1) for match in _BORN.finditer(text))
    for pattern in (_BORN_AFTER, _IN_BRACKETS):
        yield from (match.span(1) for match in pattern.finditer(text))
    for match in _BESIDE_SEX.finditer(text):
        if match["before"] or match["after"]:
            yield match.span("date")


def is_date(text: str) -> bool:
    """Whether `text` is a date and nothing else."""
    return _WHOLE.fullmatch(text) is not None


_WHOLE = re.compile(_DATE, re.I)

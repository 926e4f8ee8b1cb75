"""What kind of text a document is, told from its lines, so that each kind is read as its readers would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

DocumentForm = Literal["dialogue", "reviews", "facts", "prose"]

TURN = re.compile(
    r"\s*(?:(?P<name>(?:[A-Z][\w.'-]*|\[[A-Z_]+\d+\])(?: [\w.'\[\]-]+){0,3}):|\[(?P<bracket>[A-Za-z][\w .'-]{0,30})\])"
    r"\s+(?P<text>\S.*)"
)
"""The name of a speaker may be masked: `Dr [PERSON_1]: …`."""
REVIEW = re.compile(
    r"\s*(?:[-*•]\s*)?(?:review\s*#?\d*\s*)?(?:[\[(]?\s*(?P<rating>[1-5](?:\.\d)?)\s*(?:/\s*5|stars?|★)\s*[\])]?|(?P<stars>★+)☆*)"
    r"\s*[:.,–-]?\s+(?P<text>\S.*)",
    re.IGNORECASE,
)
UNRATED = re.compile(
    r"\s*(?:[-*•]\s+|review\s*#?\d+\s*(?:\(no rating\))?\s*:\s*|\[\s*(?:no rating|-)\s*\]\s*)+(?P<text>\S.*)",
    re.IGNORECASE,
)
FACT = re.compile(r"\s*(?:[-*•]\s*)?\**(?P<key>[A-Za-z][^:\n]{0,50}?)\**\s*:\**\s+(?P<value>\S.*)")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that holds something, with the place it has in its text."""

    text: str
    start: int
    end: int


def lines(text: str) -> Iterator[Line]:
    """The lines of `text` that are not blank, stripped, each with its span."""
    for match in re.finditer(r"[^\n]+", text):
        stripped = match.group().strip()
        if stripped:
            start = match.start() + match.group().index(stripped[0])
            yield Line(stripped, start, start + len(stripped))


def form_of(text: str) -> DocumentForm:
    """The form most of the lines have; prose when none fits."""
    rows = [line.text for line in lines(text)]
    if not rows:
        return "prose"
    rated = sum(REVIEW.match(row) is not None for row in rows)
    if rated >= 3 and rated + sum(UNRATED.match(row) is not None for row in rows) >= 0.6 * len(rows):
        return "reviews"
    speakers = [match["name"] or match["bracket"] for row in rows if (match := TURN.match(row))]
    # A dialogue comes back to the same few speakers; a fact list hardly ever repeats a key.
    if len(speakers) >= 2 and len(set(speakers)) <= max(2, len(speakers) // 2) and len(speakers) >= 0.5 * len(rows):
        return "dialogue"
    if sum(FACT.match(row) is not None for row in rows) >= max(2, 0.6 * len(rows)):
        return "facts"
    return "prose"

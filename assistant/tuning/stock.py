"""One way of saying that there is nothing: people write "None", "Negative" and "Noncontributory" for the same."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from assistant.tuning.sections import SectionCase

_NOTHING = re.compile(r"\b(?:no|none|nothing|negative|non-?contributory|nonsignificant|unremarkable|nkda|denie[sd])\b")
_WORDS = frozenset(
    re.findall(
        r"\w+",
        "no none nothing negative non noncontributory contributory nonsignificant significant unremarkable nkda denies "
        "denied he she the patient has any known drug medical medicine medication medications to allergy allergies "
        "previous prior past surgery surgeries surgical history problems",
    )
)
"""A text of other words says something of its own."""
MOST_WORDS = 7


def says_nothing(text: str) -> bool:
    """Whether `text` is one of the phrases for nothing to report."""
    words = _words(text)
    return 0 < len(words) <= MOST_WORDS and _WORDS.issuperset(words) and _NOTHING.search(text.lower()) is not None


def in_one_way(cases: Sequence[SectionCase]) -> list[SectionCase]:
    """`cases` with nothing to report told in one phrase for each heading: the one that shares most with the others.

    A model that learns all of them writes now this, now that; and "No known drug allergies." can be checked, "None."
    hardly.
    """
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for case in cases:
        if says_nothing(case.text):
            said[case.heading][case.text] += 1
    phrase = {heading: _central(texts) for heading, texts in said.items()}
    return [replace(case, text=phrase[case.heading]) if says_nothing(case.text) else case for case in cases]


def _central(texts: Counter[str]) -> str:
    def shared(text: str) -> float:
        return sum(count * _overlap(_words(text), _words(other)) for other, count in texts.items())

    return max(texts, key=lambda text: (shared(text), texts[text], text))


def _overlap(ours: Sequence[str], theirs: Sequence[str]) -> float:
    """F1 of the words both have, 0 to 1."""
    return 2 * sum((Counter(ours) & Counter(theirs)).values()) / (len(ours) + len(theirs))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())

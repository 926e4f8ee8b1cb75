"""Claims that we wrote about documents of our own: four about one matter, of which two are borne out.

One of each two keeps to the document's words, the other says it in quite other ones, so that shared words tell nothing;
true and false are alike in length and manner, so that neither does the style.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from assistant.guards.grounding.checker import GroundingGuard
from assistant.guards.grounding.training.asked import FITTED, SOURCE, Written, passages_of, read_file
from assistant.guards.grounding.training.asked import FOLDER as DOCUMENTS
from assistant.guards.grounding.training.lessons import Lesson
from assistant.guards.grounding.training.pairs import Half, Label, Pair

FOLDER = Path(__file__).with_name("claimed")
Kind = Literal["true_own", "true_other", "false_own", "false_other"]
_READ_TOGETHER = (40, 80, 130, 180)
"""Words of its document beside which the claims of one matter are learnt, the same for all four.

What bears out the true ones is there: of claims in other words, the 70 words nearest to each lack the sentence that
matters for 38 of 100 (149 documents, run 2026-11-29), and beside those a network learns that the truth is not shown.
"""
_READ_ALONE = (70, 110, 150)
"""And those beside which each claim is learnt as in use, by what is nearest to it; true ones where enough is there."""


def read_claimed(half: Half | None = None) -> Iterator[tuple[Kind, Pair]]:
    """Each claim with the passages of its document: of those to learn from, or with "fit" of those that are kept.

    Whoever adds documents adds them at the end of a file: which half one is of goes by its place there.
    """
    for file in sorted(FOLDER.glob("*.jsonl")):
        for evidence, matters in _documents(file, half):
            for claims in matters:
                yield from _pairs(claims, evidence)


def claimed_lessons(guard: GroundingGuard) -> list[Lesson]:
    """The claims to learn from; those of one matter follow each other, beside evidence of the same length."""
    found: list[Lesson] = []
    for file in sorted(FOLDER.glob("*.jsonl")):
        for place, (evidence, matters) in enumerate(_documents(file, None)):
            for number, claims in enumerate(matters):
                found += _lessons_of(claims, evidence, guard, f"{file.stem} {place} {number}")
    return found


def _lessons_of(
    claims: dict[Kind, str], evidence: tuple[str, ...], guard: GroundingGuard, matter: str
) -> Iterator[Lesson]:
    said = [*claims.values()]
    for words in _READ_TOGETHER:
        shown = guard.mattering(said, evidence, max_words=words)
        for _, pair in _pairs(claims, evidence):
            yield Lesson("support", pair.claim, shown, pair.label, SOURCE, matter=f"{matter} together {words}")
    enough = set(guard.mattering([claims["true_own"]], evidence, max_words=1).splitlines())
    for words in _READ_ALONE:
        for _, pair in _pairs(claims, evidence):
            shown = guard.mattering([pair.claim], evidence, max_words=words)
            if pair.label != "supported" or enough <= set(shown.splitlines()):
                yield Lesson("support", pair.claim, shown, pair.label, SOURCE, matter=f"{matter} alone {words}")


def _documents(file: Path, half: Half | None) -> Iterator[tuple[tuple[str, ...], list[dict[Kind, str]]]]:
    """The passages of each document of that half, with what is claimed about each matter in it."""
    asked = DOCUMENTS / file.name
    ours = {place: each for part in (None, "fit") for place, each in read_file(asked, part)} if asked.exists() else {}
    for line in file.read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        place = row["document"]
        if (half == "fit") == (place % FITTED == FITTED // 2):
            document = ours[place] if place in ours else Written(row["title"], row["text"], ())
            yield passages_of(document), row["claims"]


def _pairs(claims: dict[Kind, str], evidence: tuple[str, ...]) -> Iterator[tuple[Kind, Pair]]:
    for kind, claim in claims.items():
        label: Label = "supported" if kind.startswith("true") else "unsupported"
        yield kind, Pair(claim, evidence, label, SOURCE)

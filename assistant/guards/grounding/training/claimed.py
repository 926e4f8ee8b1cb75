"""Claims that we wrote about documents of our own: four about one matter, of which two are borne out.

One of each two keeps to the document's words, the other says it in quite other ones, so that shared words tell nothing;
true and false are alike in length and manner, so that neither does the style.
"""

from __future__ import annotations

import json
import random
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
_READ = (45, 70, 110)
"""Words of its document beside which each claim is learnt: 70 as in use, less, and more."""
_AMONG_STRANGERS = 0.34  # Share of the claims that are also learnt among passages of another document.
_STRANGERS = 2


def read_claimed(half: Half | None = None) -> Iterator[tuple[Kind, Pair]]:
    """Each claim with the passages of its document: of those to learn from, or with "fit" of those that are kept.

    Whoever adds documents adds them at the end of a file: which half one is of goes by its place there.
    """
    for file in sorted(FOLDER.glob("*.jsonl")):
        for evidence, matters in _documents(file, half):
            for claims in matters:
                yield from _pairs(claims, evidence)


def claimed_lessons(guard: GroundingGuard) -> list[Lesson]:
    """The claims to learn from, each beside what the network would read of its document, more and less of it."""
    chance = random.Random(3)  # noqa: S311 — reproducible, not secret
    found: list[Lesson] = []
    for file in sorted(FOLDER.glob("*.jsonl")):
        documents = list(_documents(file, None))
        for evidence, matters in documents:
            strange = chance.choice([other for other, _ in documents if other != evidence])[:_STRANGERS]
            for _, pair in (each for claims in matters for each in _pairs(claims, evidence)):
                read = [guard.mattering(pair.claim, evidence, max_words=words) for words in _READ]
                if chance.random() < _AMONG_STRANGERS:
                    passages = chance.sample([*evidence, *strange], len(evidence) + len(strange))
                    read.append(guard.mattering(pair.claim, passages, max_words=_READ[1]))
                found += [Lesson("support", pair.claim, each, pair.label, SOURCE) for each in dict.fromkeys(read)]
    return found


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

"""Pairs we wrote ourselves, of kinds of text that no public set covers: news, research, policies, reviews, calls.

Each line of `written/*.jsonl` is one piece of evidence with claims it bears out, claims it does not and what is wrong
with each, questions it answers, and questions that only look as if it did.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant.errors import Invalid
from assistant.guards.grounding.reduce import TAUGHT_WORDS, reduced
from assistant.guards.grounding.training.answerability import Asked
from assistant.guards.grounding.training.lessons import Lesson
from assistant.guards.grounding.training.pairs import Label, Pair, share_of

FOLDER = Path(__file__).with_name("written")
_HELD_OUT = 0.2  # Share of the evidence that the network never sees, to fuse on.
_WITH_STRANGERS = 0.35  # Share of the claims shown among passages of other lines, as retrieval shows them.
_PASSAGE_WORDS = (45, TAUGHT_WORDS, 2 * TAUGHT_WORDS)  # Answerability reads the words around the best sentence.


@dataclass(frozen=True, slots=True)
class Written:
    """One line: a piece of evidence and what was written about it."""

    file: str
    """Name of the file without its ending: the kind of text."""
    evidence: str
    claims: tuple[tuple[str, Label], ...]
    questions: tuple[tuple[str, bool], ...]
    """Each with whether the evidence answers it."""

    @property
    def held_out(self) -> bool:
        """Whether the network never sees it."""
        return share_of(self.evidence) < _HELD_OUT


@lru_cache(maxsize=1)
def read_written(folder: Path = FOLDER) -> tuple[Written, ...]:
    """Every line in the order of the files; raises Invalid naming file and line of one that is not of this form."""
    found = []
    for file in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                found.append(_read(json.loads(line), file.stem))
            except (ValueError, KeyError, TypeError) as error:
                raise Invalid(f"{file}, line {number}: {error!r}; the lines around it show the form") from error
    return tuple(found)


def written_lessons(chance: random.Random) -> list[Lesson]:
    """What the network is shown of them, in an order that mixes them."""
    taught = [each for each in read_written() if not each.held_out]
    made: list[Lesson] = []
    for each in taught:
        source = f"written {each.file}"
        for claim, label in each.claims:
            made.append(Lesson("support", claim, _shown(claim, each, taught, chance), label, source))
        for question, answered in each.questions:
            passage = reduced(question, [each.evidence], max_words=chance.choice(_PASSAGE_WORDS))
            made.append(Lesson("answer", question, passage, "supported" if answered else "unsupported", source))
    chance.shuffle(made)
    return made


def written_pairs() -> Iterator[Pair]:
    """The claims the network has not seen, each beside none to three other pieces of evidence."""
    chance = random.Random(12)  # noqa: S311 — reproducible, not secret
    for each in (kept := [each for each in read_written() if each.held_out]):
        for claim, label in each.claims:
            passages = [each.evidence, *(chance.choice(kept).evidence for _ in range(chance.choice((0, 0, 1, 3))))]
            chance.shuffle(passages)
            yield Pair(claim, tuple(dict.fromkeys(passages)), label, f"written {each.file}")


def written_asked() -> Iterator[Asked]:
    """The questions the network has not seen, each with its evidence."""
    for each in read_written():
        if each.held_out:
            for question, answered in each.questions:
                yield Asked(question, each.evidence, answered, "written")


def _read(row: dict[str, Any], file: str) -> Written:
    claims: list[tuple[str, Label]] = [(claim, "supported") for claim in row["supported"]]
    claims += [(claim, "unsupported") for _, claim in row["unsupported"]]
    questions = [(question, True) for question in row["answered"]]
    questions += [(question, False) for question in row["unanswered"]]
    return Written(file, str(row["evidence"]), tuple(claims), tuple(questions))


def _shown(claim: str, each: Written, others: Sequence[Written], chance: random.Random) -> str:
    passages = [each.evidence]
    if chance.random() < _WITH_STRANGERS:
        passages += [chance.choice(others).evidence for _ in range(chance.choice([1, 2, 3]))]
        chance.shuffle(passages)
    return reduced(claim, passages, max_words=TAUGHT_WORDS)

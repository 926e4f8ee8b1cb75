"""Questions that we wrote, with documents of our own: half of them the document answers, half it leaves unsaid.

In public sets a passage that answers says it in nearly the question's own words, and one that does not is of something
else. A visitor asks in other words than the document's, and for what it does not tell of the very same thing.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.embedding import Embedder
from assistant.guards.grounding.answering import around
from assistant.guards.grounding.sentences import units_of
from assistant.guards.grounding.training.lessons import Lesson
from assistant.guards.grounding.training.pairs import Half

FOLDER = Path(__file__).with_name("asked")
SOURCE = "written by us"
OURS = {SOURCE: "Apache-2.0"}
FITTED = 7  # Every seventh document is kept from the network, for fitting what is made of its reading.
_SHOWN = 2  # Passages of each sort that a question is shown with; the nearest teach most.
_ELSEWHERE = 30  # Sentences of other documents among which the nearest is looked for.
_PIECE = 40  # Characters of an answer at whose beginning or end a passage is known to hold it.


@dataclass(frozen=True, slots=True)
class Written:
    """A document with questions, and for each what answers it, word for word; None where nothing does."""

    title: str
    text: str
    questions: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A sentence of a document as it is read: under its heading, and among its neighbours."""

    text: str
    among: str


def read_written(half: Half | None = None) -> list[Written]:
    """Our documents: those the network learns from, or with "fit" those that are kept from it."""
    return [document for file in sorted(FOLDER.glob("*.jsonl")) for _, document in read_file(file, half)]


def read_file(file: Path, half: Half | None = None) -> Iterator[tuple[int, Written]]:
    """The documents of that half in `file`, each with its place there, from 0."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
        if (half == "fit") == (number % FITTED == FITTED // 2):
            row = json.loads(line)
            yield number, Written(row["title"], row["text"], tuple((q["q"], q["answer"]) for q in row["questions"]))


def passages_of(document: Written) -> tuple[str, ...]:
    """What stands under each heading of `document`, with that heading."""
    return tuple(f"{heading}: {text}" for heading, text in _sections(document))


def written_lessons(documents: Sequence[Written], embedder: Embedder) -> list[Lesson]:
    """Each question with what answers it, with the nearest that does not, and with a sentence of another document."""
    found = [
        Lesson("answer", question, text, "supported" if answers else "unsupported", SOURCE)
        for document in documents
        for question, text, answers in read_of(document, embedder)
    ]
    strange = _elsewhere(documents, embedder)
    return found + [Lesson("answer", asked, text, "unsupported", f"{SOURCE}+elsewhere") for asked, text in strange]


def written_passages(documents: Sequence[Written], embedder: Embedder) -> Iterator[tuple[str, str, bool]]:
    """Each question with the passage that answers it, else with the nearest of its document, and whether that answers.

    A passage is what stands under one heading.
    """
    for document in documents:
        passages = passages_of(document)
        for question, answer in document.questions:
            holding = [each for each in passages if answer is not None and _holds(each, answer)]
            vectors = embedder.embed([question, *passages])
            nearest = passages[int(np.argmax(vectors[1:] @ vectors[0]))]
            if holding or answer is None:
                yield question, holding[0] if holding else nearest, bool(holding)


def read_of(document: Written, embedder: Embedder) -> Iterator[tuple[str, str, bool]]:
    """Questions of `document`, each with a text out of it and whether that answers."""
    shown = list(_shown(document))
    questions = [question for question, _ in document.questions]
    vectors = embedder.embed([*questions, *(each.text for each in shown)])
    asked, read = vectors[: len(questions)], vectors[len(questions) :]
    for (question, answer), vector in zip(document.questions, asked, strict=True):
        nearest = [shown[place] for place in np.argsort(-(read @ vector))]
        holding = [each for each in nearest if answer is not None and _holds(each.text, answer)]
        if answer is not None and not holding:
            continue  # It was cut otherwise.
        others = [each for each in nearest if answer is None or not _holds(each.among, answer)]
        texts = {each.text: True for each in holding[:_SHOWN]} | {each.among: True for each in holding[:1]}
        texts |= {each.text: False for each in others[:_SHOWN]}
        if answer is None:
            texts |= {each.among: False for each in others[:1]}
        yield from ((question, text, answers) for text, answers in texts.items())


def _elsewhere(documents: Sequence[Written], embedder: Embedder) -> Iterator[tuple[str, str]]:
    """Each question with the nearest of some sentences of other documents."""
    chance = random.Random(5)  # noqa: S311 — reproducible, not secret
    sentences = [(document.title, each.text) for document in documents for each in _shown(document)]
    for document in documents:
        others = [text for title, text in sentences if title != document.title]
        some = chance.sample(others, min(len(others), _ELSEWHERE))
        if some:
            vectors = embedder.embed(some)
            for question, _ in document.questions:
                yield question, some[int(np.argmax(vectors @ embedder.embed([question])[0]))]


def _shown(document: Written) -> Iterator[Shown]:
    for heading, text in _sections(document):
        units = units_of(f"{heading}: {text}")
        for place, unit in enumerate(units):
            among = around(units, place)
            yield Shown(unit, among)
            if not unit.startswith(heading):
                yield Shown(f"{heading}: {unit}", among)


def _sections(document: Written) -> Iterator[tuple[str, str]]:
    """The text under each heading, with where that stands: "Returns › Opened items"."""
    heading, lines = document.title, list[str]()
    for line in [*document.text.splitlines(), "# "]:
        if not line.startswith("#"):
            lines.append(_cells(line))
            continue
        if text := "\n".join(lines).strip():
            yield heading, text
        heading, lines = f"{document.title} › {line.lstrip('# ')}", []


def _cells(line: str) -> str:
    """A row of a table as it is read when it is knowledge: its cells one after the other."""
    return "; ".join(each.strip() for each in line.strip("| ").split("|")) if line.startswith("|") else line


def _holds(text: str, answer: str) -> bool:
    """Whether `text` holds the answer, its beginning or its end, or is a part of it."""
    said, wanted = " ".join(text.split()), " ".join(_cells(answer).split())
    return wanted[:_PIECE] in said or wanted[-_PIECE:] in said or (len(said) > _PIECE // 2 and said in wanted)

"""What an adapter is to learn: examples to train on, others that tell when to stop, and where all of them are from."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from assistant.cases import Case, read_cases
from assistant.embedding import Embedder
from assistant.errors import Invalid
from assistant.guards import PersonalDataGuard
from assistant.messages import Writing
from assistant.tasks import Placing, template_sections
from assistant.tuning.examples import FEWEST, Example, Examples, examples_of
from assistant.tuning.order import Order
from assistant.tuning.placing import fit_placing
from assistant.tuning.requests import Line, requests_of
from assistant.tuning.sections import SectionCase, read_section_cases, vertical_cases
from assistant.tuning.stock import in_one_way
from assistant.verticals import Vertical

OWN = "as the vertical"
"""The licence of what a vertical brings itself."""
FEWEST_APART = 10
"""Fewer do not tell when to stop."""
Report = Callable[[str], None]
SECTION_INSTRUCTIONS = "Write a section of a visit note."
REQUEST_INSTRUCTIONS = "Write only what the text says."
"""What the model is told in training, and so in answering too."""
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Source:
    """A set of cases that is trained on."""

    name: str
    licence: str
    cases: int
    sha256: str
    """Of the cases as they were read."""


@dataclass(frozen=True, slots=True)
class Study:
    """Everything that is to be learnt."""

    instructions: str
    writes: tuple[Writing, ...]
    examples: Examples
    training: Sequence[Example]
    validation: Sequence[Example]
    """None of them is trained on."""
    sources: tuple[Source, ...]
    placing: Placing | None = None
    """Where statements belong, where that could be learnt as well."""


def section_study(
    order: Order,
    vertical: Vertical,
    knowledge: Path,
    *,
    embedder: Embedder,
    personal: PersonalDataGuard,
    report: Report,
) -> Study:
    """Sections of summaries, written from the turns of a visit; `knowledge`: the folder of the vertical."""
    if vertical.summary is None:
        raise Invalid(f"{vertical.name} has no `summary` with a template, whose sections an adapter could be made for")
    template = knowledge / "documents" / vertical.summary.template
    sections = template_sections(template.read_text(encoding="utf-8"))
    own = vertical_cases(read_cases(knowledge / "questions.yaml"), sections)
    given = [
        *_approved(vertical_cases(order.reviewed, sections)),
        *((file.name, licence, _any(read_section_cases(file), file)) for file, licence in order.cases),
    ]
    held = [case for file in (*order.held_out, *_some(order.validation)) for case in read_section_cases(file)]
    held_dialogues = {case.dialogue for case in held}
    everything = in_one_way([*own, *(case for _, _, cases in given for case in cases)])

    def made(cases: Sequence[SectionCase], held_out: Iterable[str] = (), fewest: int = FEWEST) -> Examples:
        return examples_of(cases, sections, embedder, personal, held_out=held_out, fewest=fewest, report=report)

    examples = made(everything, held_dialogues)
    apart = made(read_section_cases(order.validation), fewest=FEWEST_APART).kept if order.validation else None
    learnt = [each for each in everything if each.dialogue not in held_dialogues]
    return Study(
        SECTION_INSTRUCTIONS,
        ("section",),
        examples,
        *_parts(examples, apart, order.recipe.seed),
        sources=_sources(own, given, _section_text),
        placing=fit_placing(learnt, sections, embedder),
    )


async def request_study(order: Order, knowledge: Path, line: Line, *, report: Report) -> Study:
    """Answers, summaries and copy, asked for exactly as the line asks; `knowledge`: the folder of the vertical."""
    own = [case for case in read_cases(knowledge / "questions.yaml") if case.split == "train"]
    given = [
        *_approved(order.reviewed),
        *((file.name, licence, _any(_train(read_cases(file)), file)) for file, licence in order.cases),
    ]
    everything = [*own, *(case for _, _, cases in given for case in cases)]
    held = [case for file in (*order.held_out, *_some(order.validation)) for case in read_cases(file)]
    examples = await requests_of(everything, line, held_out=held, report=report)
    apart = None
    if order.validation:
        told = await requests_of(read_cases(order.validation), line, fewest=FEWEST_APART, report=report)
        apart = told.examples.kept
    return Study(
        REQUEST_INSTRUCTIONS,
        examples.writes,
        examples.examples,
        *_parts(examples.examples, apart, order.recipe.seed),
        sources=_sources(own, given, Case.model_dump_json),
    )


def _train(cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if case.split == "train"]


def _any(cases: Sequence[C], file: Path) -> Sequence[C]:
    """`cases`; raises Invalid where there are none."""
    if not cases:
        raise Invalid(f"{file}: no case in it is to be trained on; it is empty, or every case is of another split")
    return cases


def _parts(
    examples: Examples, apart: Sequence[Example] | None, seed: int
) -> tuple[Sequence[Example], Sequence[Example]]:
    """What is trained on, and what tells when to stop: `apart`, or a tenth."""
    if apart is not None:
        return examples.kept, apart
    shuffled = list(examples.kept)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 — reproducible, not secret
    tenth = len(shuffled) // 10
    return shuffled[tenth:], shuffled[:tenth]


def _approved(cases: Sequence[C]) -> list[tuple[str, str, Sequence[C]]]:
    return [("texts that people approved here", OWN, cases)] if cases else []


def _sources(
    own: Sequence[C], given: Sequence[tuple[str, str, Sequence[C]]], text: Callable[[C], str]
) -> tuple[Source, ...]:
    named = [("the vertical's own cases", OWN, own)] if own else []
    return tuple(
        Source(name, licence, len(cases), _digest(map(text, cases))) for name, licence, cases in (*named, *given)
    )


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _section_text(case: SectionCase) -> str:
    return f"{case.heading}\0{case.dialogue}\0{case.text}"


def _some(file: Path | None) -> tuple[Path, ...]:
    return () if file is None else (file,)

"""The whole of tuning, step by step: checked, read, trained, written as a GGUF with its card."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from assistant.cases import read_cases
from assistant.embedding import Embedder
from assistant.errors import Invalid
from assistant.guards import PeopleFinder, PersonalDataGuard, Tagger
from assistant.llamacpp import sha256_of
from assistant.models import Catalog, ModelCard, available_bytes
from assistant.opening import open_catalog, open_embedder
from assistant.settings import Settings
from assistant.tasks import Section, template_sections
from assistant.tuning.examples import Example, Examples, examples_of
from assistant.tuning.export import export_gguf
from assistant.tuning.placing import fit_placing
from assistant.tuning.recipe import Recipe
from assistant.tuning.sections import SectionCase, read_section_cases, vertical_cases
from assistant.tuning.train import Outcome, Tuner
from assistant.verticals import Vertical, read_vertical

INSTRUCTIONS = "Write a section of a visit note."
"""What the model is told in training, and so in answering too."""
_NOT_COMMERCIAL = re.compile(r"\bNC\b|non-?commercial|research|no licen[cs]e|unknown", re.IGNORECASE)
_BYTES_PER_WEIGHT = 4  # The base in 16 bits, read in 32; what is held for the step comes to it.
_WORKING_BYTES = 1.5 * 2**30  # Of a step at 2,400 tokens: 1.3 to 1.5 GB were seen (run 2026-11).


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made, from what."""

    vertical: str
    model: str
    name: str
    out: Path
    cases: tuple[tuple[Path, str], ...]
    """Files of cases, each with its licence."""
    unlicensed: tuple[Path, ...]
    """Files whose licence was not told."""
    validation: Path | None
    held_out: tuple[Path, ...]
    published: bool
    recipe: Recipe
    threads: int
    command: str
    """The call that makes it again."""


def tune_sections(settings: Settings, order: Order, *, report: Callable[[str], None] = print) -> Path:
    """The card of the adapter that was made; nothing is left half-made in `order.out`.

    Raises an AssistantError saying what is wrong before it trains: with the base, the data or the memory.
    """
    vertical = read_vertical(settings.rails_dir / order.vertical)
    catalog = open_catalog(settings)
    base = _base(catalog, order, vertical)
    sections = _sections(settings, vertical)
    own = vertical_cases(read_cases(settings.knowledge_dir / vertical.name / "questions.yaml"), sections)
    given = [(file, licence, read_section_cases(file)) for file, licence in order.cases]
    held = [case for file in (*order.held_out, *_some(order.validation)) for case in read_section_cases(file)]
    embedder = open_embedder(settings, catalog, remember=60_000)
    people = None if order.published else PeopleFinder(Tagger(embedder))
    personal = PersonalDataGuard(vertical.personal_data.kinds, people)
    everything = [*own, *(case for _, _, cases in given for case in cases)]
    examples = examples_of(
        everything, sections, embedder, personal, held_out=[each.dialogue for each in held], report=report
    )
    report(
        f"{len(examples.kept)} examples of {len(everything)} cases; left out: {examples.duplicates} that stand twice, "
        f"{examples.leaked} that are held out; personal data masked in {examples.masked}"
    )
    training, validation = _parts(order, examples, sections, embedder, personal, report)

    folder = settings.data_dir / "training" / order.name
    weights = settings.data_dir / "weights" / base.name / base.files[0].name
    tuner = Tuner(weights.resolve(), order.recipe, folder, threads=order.threads, report=report)
    outcome = tuner.run(tuner.encode(INSTRUCTIONS, training), tuner.encode(INSTRUCTIONS, validation))
    if outcome.loss >= outcome.loss_before:
        raise Invalid(f"the adapter is no better than {base.name} alone on the validation part; nothing was made of it")

    order.out.mkdir(parents=True, exist_ok=True)
    file = order.out / f"{order.name}.gguf"
    rank = export_gguf(folder / "best", weights, file)
    held_dialogues = {each.dialogue for each in held}
    placing = fit_placing([each for each in everything if each.dialogue not in held_dialogues], sections, embedder)
    if placing:
        placing.write(_placing_file(order))
    sources = _sources(own, given)
    card = _card(order, base, file, rank, sources, examples, outcome, len(validation))
    path = order.out / f"{order.name}.yaml"
    path.write_text(yaml.safe_dump(card, sort_keys=False, allow_unicode=True, width=120), encoding="utf-8")
    report(f"{path}: {file.stat().st_size:,} bytes after {outcome.seconds / 60:.0f} min of training")
    return path


def _base(catalog: Catalog, order: Order, vertical: Vertical) -> ModelCard:
    """The card of the base, once base and data may be used and there is room."""
    base = catalog.get(order.model)
    if base.provider != "llama.cpp" or base.kind != "chat" or base.adapter:
        raise Invalid(f"{base.name} cannot be tuned; adapters are made for chat models of llama.cpp")
    if vertical.require.commercial and not base.commercial:
        raise Invalid(f"{base.name}: its licence ({base.licence}) does not allow what {vertical.name} requires")
    if order.unlicensed:
        raise Invalid(f"{order.unlicensed[0]}: say under which licence it may be used, with --licence")
    for file, licence in order.cases:
        if vertical.require.commercial and _NOT_COMMERCIAL.search(licence):
            raise Invalid(f"{file}: {licence!r} does not allow commercial use, which {vertical.name} requires")
    needed, free = int((base.parameters or 0) * _BYTES_PER_WEIGHT + _WORKING_BYTES), available_bytes()
    if free is not None and needed > free:
        raise Invalid(f"tuning {base.name} takes about {needed / 2**30:.1f} GiB; {free / 2**30:.1f} GiB are free")
    return base


def _sections(settings: Settings, vertical: Vertical) -> tuple[Section, ...]:
    if vertical.summary is None:
        raise Invalid(f"{vertical.name} has no `summary` with a template, whose sections an adapter could be made for")
    template = settings.knowledge_dir / vertical.name / "documents" / vertical.summary.template
    return template_sections(template.read_text(encoding="utf-8"))


def _parts(
    order: Order,
    examples: Examples,
    sections: Sequence[Section],
    embedder: Embedder,
    personal: PersonalDataGuard,
    report: Callable[[str], None],
) -> tuple[Sequence[Example], Sequence[Example]]:
    """What is trained on, and what tells when to stop."""
    if order.validation is not None:
        apart = examples_of(read_section_cases(order.validation), sections, embedder, personal, report=report)
        return examples.kept, apart.kept
    shuffled = list(examples.kept)
    random.Random(order.recipe.seed).shuffle(shuffled)  # noqa: S311 — reproducible, not secret
    tenth = len(shuffled) // 10
    return shuffled[tenth:], shuffled[:tenth]


def _sources(
    own: Sequence[SectionCase], given: Sequence[tuple[Path, str, Sequence[SectionCase]]]
) -> list[dict[str, object]]:
    named = [("the vertical's own cases", "as the vertical", own)] if own else []
    return [
        {"name": name, "licence": licence, "cases": len(cases), "sha256": _digest(cases)}
        for name, licence, cases in (*named, *((file.name, licence, cases) for file, licence, cases in given))
    ]


def _digest(cases: Sequence[SectionCase]) -> str:
    text = "\n".join(f"{each.heading}\0{each.dialogue}\0{each.text}" for each in cases)
    return hashlib.sha256(text.encode()).hexdigest()


def _some(file: Path | None) -> tuple[Path, ...]:
    return () if file is None else (file,)


def _placing_file(order: Order) -> Path:
    return order.out / f"{order.name}.headings.json"


def _file(file: Path) -> dict[str, object]:
    return {"name": file.name, "size": file.stat().st_size, "sha256": sha256_of(file)}


def _card(
    order: Order,
    base: ModelCard,
    file: Path,
    rank: int,
    sources: list[dict[str, object]],
    examples: Examples,
    outcome: Outcome,
    validated: int,
) -> dict[str, object]:
    licences = sorted({str(each["licence"]) for each in sources[-len(order.cases) :]} | {base.licence})
    return {
        "name": order.name,
        "title": f"{base.name} tuned to write the sections of {order.vertical} summaries",
        "kind": "chat",
        "provider": "llama.cpp",
        "parameters": base.parameters,
        "context_tokens": base.context_tokens,
        "licence": ", ".join(licences),
        "licence_url": base.licence_url,
        "commercial": base.commercial,
        "languages": ["en"],
        "inference": list(base.inference),
        "on_premises": True,
        "price": base.price.model_dump(),
        "files": [_file(file)],
        "adapter": {
            "base": base.name,
            "base_sha256": base.files[0].sha256,
            "rank": rank,
            "writes": ["section"],
            "instructions": INSTRUCTIONS,
            "placing": _file(_placing_file(order)) if _placing_file(order).exists() else None,
            "data": sources,
            "made_by": order.command,
            "measured": [
                {
                    "measure": "loss, nats a token",
                    "before": round(outcome.loss_before, 4),
                    "after": round(outcome.loss, 4),
                    "on": f"{validated} validation examples, which told when to stop",
                }
            ],
            "limits": f"{len(examples.kept)} examples, {outcome.steps} steps. English dialogues alone. What it writes "
            "is checked against the dialogue like any other model's text.",
        },
    }

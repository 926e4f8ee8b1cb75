"""The whole of tuning, step by step: checked, read, trained, written as a GGUF with its card."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import yaml

from assistant.errors import Conflict, Invalid, Unavailable
from assistant.guards import PeopleFinder, PersonalDataGuard, Tagger
from assistant.llamacpp import sha256_of
from assistant.models import Catalog, ModelCard, available_bytes
from assistant.opening import open_catalog, open_embedder
from assistant.settings import Settings
from assistant.tuning.batches import that_fit
from assistant.tuning.export import Array, export_gguf, read_gguf
from assistant.tuning.order import Order
from assistant.tuning.requests import Line
from assistant.tuning.studies import OWN, Study, request_study, section_study
from assistant.tuning.train import Outcome, Tuner
from assistant.verticals import Vertical, read_vertical

_NOT_COMMERCIAL = re.compile(
    r"(?<![a-z])NC(?![a-z])|non[\W_]*commercial|research|academic|personal[\W_]use|evaluation|"
    r"\b(no[\W_]+licen[cs]e|unlicen[cs]ed|unknown|none)\b",
    re.IGNORECASE,
)
"""What a licence says that does not allow commercial use; rather too much is refused, and can be said otherwise."""
_BYTES_PER_WEIGHT = 4  # The base in 16 bits, read in 32; what is held for the step comes to it.
_WORKING_BYTES = 3.1 * 2**30  # Of a step at 1,600 tokens beside it: 3.6 GiB in all were seen (run 2026-11-28).


def tune(
    settings: Settings,
    order: Order,
    *,
    line: Callable[[], Line] | None = None,
    report: Callable[[str], None] = print,
) -> Path:
    """The card of the adapter that was made; nothing is left half-made in `order.out`.

    With `line` it learns answers, summaries and copy, without it the sections of summaries. Raises an AssistantError
    saying what is wrong before it trains: with the name, the folder, the base, the data or the memory.
    """
    vertical = read_vertical(settings.rails_dir / order.vertical)
    catalog = open_catalog(settings)
    base = _base(catalog, order, vertical)
    catalog.require_free(order.name, order.out)
    _require_room(order.out)
    begun = _begun(catalog, order)
    begin = read_gguf(catalog.adapter_file(begun), _weights(settings, base)) if begun else None
    study = _study(settings, catalog, order, vertical, line, report)
    made = study.examples
    report(
        f"{len(made.kept)} examples of {sum(each.cases for each in study.sources)} cases; left out: {made.duplicates} "
        f"that stand twice, {made.leaked} that are held out; personal data masked in {made.masked}"
    )
    checkpoints = _checkpoints(settings, order, base, study, begun)
    outcome = _trained(settings, order, base, study, checkpoints, begin, report)
    path = _written(settings, order, base, study, checkpoints, outcome, begun)
    report(f"{path}: {_adapter_file(order).stat().st_size:,} bytes after {outcome.seconds / 60:.0f} min of training")
    return path


def _study(
    settings: Settings,
    catalog: Catalog,
    order: Order,
    vertical: Vertical,
    line: Callable[[], Line] | None,
    report: Callable[[str], None],
) -> Study:
    """What is to be learnt; what reads it for that is not held any longer than it takes."""
    knowledge = settings.knowledge_dir / vertical.name
    if line:
        return asyncio.run(request_study(order, knowledge, line(), report=report))
    embedder = open_embedder(settings, catalog, remember=60_000)
    people = None if order.published else PeopleFinder(Tagger(embedder))
    personal = PersonalDataGuard(vertical.personal_data.kinds, people, vertical.personal_data.no_persons)
    return section_study(order, vertical, knowledge, embedder=embedder, personal=personal, report=report)


def _trained(
    settings: Settings,
    order: Order,
    base: ModelCard,
    study: Study,
    checkpoints: Path,
    begin: Mapping[str, Array] | None,
    report: Callable[[str], None],
) -> Outcome:
    tuner = Tuner(
        _weights(settings, base).resolve(),
        order.recipe,
        checkpoints,
        begin=begin,
        threads=order.threads,
        report=report,
    )
    parts = {"training": study.training, "validation": study.validation}
    training, validation = (
        that_fit(tuner.encode(study.instructions, each), part, most=order.recipe.max_tokens, report=report)
        for part, each in parts.items()
    )
    outcome = tuner.run(training, validation)
    if outcome.loss >= outcome.loss_before:
        raise Conflict(
            f"the adapter is no better than {base.name} alone on the validation part; nothing was made of it"
        )
    return outcome


def _begun(catalog: Catalog, order: Order) -> ModelCard | None:
    """The card of the adapter that it is to learn on from."""
    if order.begin is None:
        return None
    card = catalog.get(order.begin)
    if card.adapter is None or card.adapter.base != order.model:
        raise Invalid(f"{card.name} is no adapter of {order.model}; begin with one that is, or anew")
    if card.adapter.rank != order.recipe.rank:
        raise Invalid(f"{card.name} has rank {card.adapter.rank}; give --rank {card.adapter.rank}, or begin anew")
    return card


def _written(
    settings: Settings,
    order: Order,
    base: ModelCard,
    study: Study,
    checkpoints: Path,
    outcome: Outcome,
    begun: ModelCard | None,
) -> Path:
    order.out.mkdir(parents=True, exist_ok=True)
    rank = export_gguf(checkpoints / "best", _weights(settings, base), _adapter_file(order))
    if study.placing:
        study.placing.write(_placing_file(order))
    path = order.out / f"{order.name}.yaml"
    card = _card(order, base, rank, study, outcome, begun)
    path.write_text(yaml.safe_dump(card, sort_keys=False, allow_unicode=True, width=120), encoding="utf-8")
    return path


def _weights(settings: Settings, base: ModelCard) -> Path:
    return settings.data_dir / "weights" / base.name / base.files[0].name


def _checkpoints(settings: Settings, order: Order, base: ModelCard, study: Study, begun: ModelCard | None) -> Path:
    """Other examples are another training, and so is another beginning, recipe or validation part."""
    weights = [card.files[0].sha256 for card in (base, begun) if card]
    judged = [(each.prompt, each.completion) for each in study.validation]
    told = json.dumps([study.examples.digest, weights, asdict(order.recipe), judged])
    return settings.data_dir / "training" / f"{order.name}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


def _require_room(folder: Path) -> None:
    """Raises Invalid where nothing could be written when the training is over; nothing is made yet."""
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not there.is_dir():
        raise Invalid(f"--out {folder}: {there} is no folder; name one")
    if not os.access(there, os.W_OK | os.X_OK):
        raise Invalid(f"--out {folder}: {there} cannot be written to; name a folder that can")


def _adapter_file(order: Order) -> Path:
    return order.out / f"{order.name}.gguf"


def _base(catalog: Catalog, order: Order, vertical: Vertical) -> ModelCard:
    """The card of the base, once base and data may be used and there is room."""
    base = catalog.get(order.model)
    if base.adapter:
        raise Invalid(f"{base.name} is an adapter of {base.adapter.base}: --model {base.adapter.base} --begin-with it")
    if base.provider != "llama.cpp" or base.kind != "chat":
        raise Invalid(f"{base.name} cannot be tuned; adapters are made for chat models of llama.cpp")
    if vertical.require.commercial and not base.commercial:
        raise Invalid(f"{base.name}: its licence ({base.licence}) does not allow what {vertical.name} requires")
    if order.unlicensed:
        raise Invalid(f"{order.unlicensed[0]}: say under which licence it may be used, with --licence")
    for file, licence in order.cases:
        if not licence.strip():
            raise Invalid(f"{file}: its --licence is empty; say under which it may be used")
        if vertical.require.commercial and _NOT_COMMERCIAL.search(licence):
            raise Invalid(f"{file}: {licence!r} does not allow commercial use, which {vertical.name} requires")
    needed, free = int((base.parameters or 0) * _BYTES_PER_WEIGHT + _WORKING_BYTES), available_bytes()
    if free is not None and needed > free:
        raise Unavailable(f"tuning {base.name} takes about {needed / 2**30:.1f} GiB; {free / 2**30:.1f} GiB are free")
    return base


def _placing_file(order: Order) -> Path:
    return order.out / f"{order.name}.headings.json"


def _file(file: Path) -> dict[str, object]:
    return {"name": file.name, "size": file.stat().st_size, "sha256": sha256_of(file)}


def _card(
    order: Order, base: ModelCard, rank: int, study: Study, outcome: Outcome, begun: ModelCard | None = None
) -> dict[str, object]:
    # What was learnt before is still in it.
    before = begun.adapter if begun else None
    sources = [asdict(each) for each in study.sources]
    again = {each["sha256"] for each in sources}
    sources += [each.model_dump() for each in (before.data if before else ()) if each.sha256 not in again]
    given = {name.strip() for each in sources if each["licence"] != OWN for name in str(each["licence"]).split(",")}
    kinds = " and ".join(study.writes)
    return {
        "name": order.name,
        "title": f"{base.name} tuned to write for {order.vertical}: {kinds}",
        "kind": "chat",
        "provider": "llama.cpp",
        "parameters": base.parameters,
        "context_tokens": base.context_tokens,
        "licence": ", ".join(sorted({*given, base.licence})),
        "licence_url": base.licence_url,
        "commercial": base.commercial,
        "max_users": base.max_users,
        "field_of_use": base.field_of_use,
        "languages": ["en"],
        "inference": list(base.inference),
        "on_premises": True,
        "price": base.price.model_dump(),
        "files": [_file(_adapter_file(order))],
        "adapter": {
            "base": base.name,
            "base_sha256": base.files[0].sha256,
            "rank": rank,
            "writes": list(study.writes),
            "instructions": study.instructions,
            "placing": _file(_placing_file(order)) if study.placing else None,
            "data": sources,
            "learnt_from": [
                *dict.fromkeys([each.id for each in order.reviewed] + [*(before.learnt_from if before else ())])
            ],
            "made_by": order.command,
            "measured": [
                {
                    "measure": "loss, nats a token",
                    "before": round(outcome.loss_before, 4),
                    "after": round(outcome.loss, 4),
                    "on": f"{len(study.validation)} validation examples, which told when to stop",
                }
            ],
            "limits": f"{len(study.examples.kept)} examples, {outcome.steps} steps. English alone. What it writes is "
            "checked against the evidence like any other model's text.",
        },
    }

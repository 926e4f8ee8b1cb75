"""What one must know to do a run again: cases, release, models by their weights, seed, versions and machine."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from assistant import __version__
from assistant.cases import Case, Split
from assistant.evals.contenders import Bench, models_of
from assistant.evals.results import Way
from assistant.evals.words import signatures
from assistant.models import ModelCard

PACKAGES = ("xllamacpp", "nemoguardrails", "sacrebleu", "rouge-score", "rapidfuzz")


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ContenderFacts(_Record):
    """What was compared, known by more than its name."""

    models: tuple[str, ...]
    """Names of its models in the order they are asked; none for a plain baseline."""
    weights: tuple[str, ...] = ()
    """SHA-256 of their weights, or the provider's name of the model."""
    licence: str = ""
    context_tokens: int | None = None
    """The smallest window of its models."""
    parameters: int | None = None
    """Of its largest model."""
    unmet: tuple[str, ...] = ()
    """What the vertical requires of a model and this one is not."""


class Spec(_Record):
    """Everything one must know to do the same run again."""

    format: int = 1
    vertical: str
    release: str
    """Digest of the live release; each contender takes the place of its model."""
    cases_digest: str
    split: Split | None
    """None where all cases of a file were taken."""
    seed: int
    ways: tuple[Way, ...]
    max_tokens: int
    supported_target: float
    contenders: dict[str, ContenderFacts]
    versions: dict[str, str]
    metrics: dict[str, str]
    """Signatures of BLEU, chrF and ROUGE."""
    machine: dict[str, str]
    began: str
    warnings: tuple[str, ...] = ()

    @property
    def identity(self) -> dict[str, object]:
        """What may not change between the parts of one run."""
        return self.model_dump(exclude={"contenders", "began", "warnings", "ways"})


def spec_of(
    bench: Bench,
    contenders: Sequence[str],
    cases: Sequence[Case],
    *,
    split: Split | None,
    ways: Sequence[Way],
    warnings: Sequence[str],
) -> Spec:
    """The spec of a run that would begin now."""
    vertical = bench.release.vertical
    return Spec(
        vertical=vertical.name,
        release=bench.release.digest,
        cases_digest=cases_digest(cases),
        split=split,
        seed=bench.seed,
        ways=tuple(ways),
        max_tokens=vertical.answer.max_tokens,
        supported_target=vertical.targets.supported,
        contenders={each: _facts(bench, each) for each in contenders},
        versions={"assistant": __version__, "python": platform.python_version()} | {p: version(p) for p in PACKAGES},
        metrics=signatures(),
        machine=machine(),
        began=datetime.now(UTC).isoformat(timespec="seconds"),
        warnings=tuple(warnings),
    )


def machine() -> dict[str, str]:
    """What times and energy depend on."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": f"{os.cpu_count()}",
        "processor": _processor(),
    }


def _processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or "unknown"


def _facts(bench: Bench, contender: str) -> ContenderFacts:
    cards = [bench.models.card(name) for name in models_of(contender)]
    require = bench.release.vertical.require
    return ContenderFacts(
        models=tuple(card.name for card in cards),
        weights=tuple(weights_of(card) for card in cards),
        licence=", ".join(dict.fromkeys(card.licence for card in cards)),
        context_tokens=min((bench.models.window(card.name) for card in cards), default=None),
        parameters=max((card.parameters or 0 for card in cards), default=None) or None,
        unmet=tuple(dict.fromkeys(each for card in cards for each in card.unmet(require))),
    )


def weights_of(card: ModelCard) -> str:
    """SHA-256 of the model's weights; of one that runs elsewhere, what its provider calls it."""
    return ",".join(file.sha256 for file in card.files) or card.model_id or card.provider


def cases_digest(cases: Sequence[Case]) -> str:
    """The digest that names a set of cases, order included."""
    return "sha256:" + hashlib.sha256(as_lines(cases).encode()).hexdigest()


def as_lines(cases: Sequence[Case]) -> str:
    """The cases as JSON, one a line."""
    return "".join(case.model_dump_json() + "\n" for case in cases)

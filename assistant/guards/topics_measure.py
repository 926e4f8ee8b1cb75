"""How well the topics guard tells a field from everything else, on public sets in a folder of the caller's."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder
from assistant.guards.topics import TopicGuard
from assistant.guards.topics_signals import HEAD_WEIGHT, WORDS_WEIGHT, Sentences, words_of

EXAMPLES = 6
"""Training rows of each intent that become its form: the first ones."""
FALSE_BLOCKS = 0.02
TIMED = 200  # Texts measured one by one, for the time of one.

Scores = NDArray[np.floating[Any]]
Row = tuple[str, ...]
Line = Mapping[str, Any]
"""One row of a data set, as read."""


@dataclass(frozen=True, slots=True)
class Field:
    """A set made into a vertical: forms, and texts that are in scope and off topic."""

    name: str
    forms: Mapping[str, Sequence[str]]
    inside: Sequence[str]
    outside: Sequence[str]


@dataclass(frozen=True, slots=True)
class Told:
    """How well scores tell what is in scope from what is not."""

    auroc: float
    caught: float
    """Share of off-topic texts below the limit that stops 2 % of those in scope."""


@dataclass(frozen=True, slots=True)
class AtLimit:
    """What the guard's own automatic limit does."""

    false_blocks: float
    caught: float


def topics_tables(folder: Path, embedder: Embedder) -> tuple[list[Row], list[Row]]:
    """A row a field beside two simple ways, and a row a combination of signals; headings first.

    `folder` holds `clinc150_train`, `clinc150_val`, `clinc_domains`, `banking77oos_train` and `banking77oos_valid` as
    `.jsonl.gz`. Nothing is fitted on what is scored, nor on other fields. Raises FileNotFoundError.
    """
    domains, banking = list(clinc_fields(folder)), banking_field(folder)
    rows: list[Row] = [_HEADING]
    columns = [_measured(field, embedder) for field in domains]
    rows += [_row(field.name, *each) for field, each in zip(domains, columns, strict=True)]
    rows.append(_row("mean of ten domains", *np.mean(columns, axis=0)))
    rows.append(_row(banking.name, *_measured(banking, embedder)))
    return rows, _ablation(domains, embedder)


def clinc_fields(folder: Path) -> Iterator[Field]:
    """Each domain of CLINC150 as a vertical; all else in the validation set, out-of-scope rows included, is outside."""
    train, scored = _read(folder, "clinc150_train"), _read(folder, "clinc150_val")
    for domain in _read(folder, "clinc_domains"):
        own = set(domain["intents"])
        inside = [row["text"] for row in scored if row["label"] in own]
        outside = [row["text"] for row in scored if row["label"] not in own]
        yield Field(f"clinc150 {domain['domain']}", _forms(train, domain["intents"]), inside, outside)


def banking_field(folder: Path) -> Field:
    """BANKING77-OOS: its in-scope intents against texts of other domains."""
    train, scored = _read(folder, "banking77oos_train"), _read(folder, "banking77oos_valid")
    intents = sorted({row["label"] for row in train if row["oos"] == "in"})
    inside = [row["text"] for row in scored if row["oos"] == "in"]
    outside = [row["text"] for row in scored if row["oos"] == "ood-oos"]
    return Field("banking77 in / ood-oos", _forms(train, intents), inside, outside)


def told(inside: Scores, outside: Scores) -> Told:
    """Area under the curve, ties counted half, and what is caught at 2 % false blocks."""
    ordered = np.sort(outside)
    below, upto = (np.searchsorted(ordered, inside, side=side) for side in ("left", "right"))
    return Told(float((below + upto).mean() / 2 / len(outside)), float((outside < limit_of(inside)).mean()))


def limit_of(inside: Scores) -> float:
    """The score below which 2 % of `inside` lie."""
    return float(np.quantile(inside, FALSE_BLOCKS))


_HEADING = (
    "FIELD",
    "AUROC",
    "CAUGHT AT 2 %",
    "AUTO: FALSE BLOCKS",
    "AUTO: CAUGHT",
    "MS A TEXT",
    "NEAREST EXAMPLE",
    "KEYWORDS",
)


def _measured(field: Field, embedder: Embedder) -> list[float]:
    guard = TopicGuard(field.forms, embedder, false_blocks=FALSE_BLOCKS)
    inside, outside = (_scored(guard, texts) for texts in (field.inside, field.outside))
    ours = told(inside, outside)
    auto = AtLimit(float((inside < guard.limit).mean()), float((outside < guard.limit).mean()))
    near = told(*(_nearest(field, texts, embedder) for texts in (field.inside, field.outside)))
    keywords = told(*(_keywords(field, texts) for texts in (field.inside, field.outside)))
    return [
        *(ours.auroc, ours.caught, auto.false_blocks, auto.caught, _milliseconds(guard, field.outside)),
        *(near.auroc, near.caught, keywords.auroc, keywords.caught),
    ]


def _row(name: str, *figures: float) -> Row:
    auroc, caught, false_blocks, auto, ms, near, near_caught, words, words_caught = figures
    return (
        *(name, f"{auroc:.4f}", f"{caught:.1%}", f"{false_blocks:.1%}", f"{auto:.1%}", f"{ms:.1f}"),
        *(f"{near:.4f} {near_caught:.1%}", f"{words:.4f} {words_caught:.1%}"),
    )


def _ablation(fields: Sequence[Field], embedder: Embedder) -> list[Row]:
    """Mean over `fields` with signals left out; the whole guard judges parts of a text too, these the text alone."""
    rows: list[Row] = [("SIGNALS, MEAN OF TEN DOMAINS", "AUROC", "CAUGHT AT 2 %")]
    for name, head, words in (
        ("nearness alone", 0.0, 0.0),
        ("nearness and words", 0.0, WORDS_WEIGHT),
        ("nearness and head", HEAD_WEIGHT, 0.0),
        ("all three", HEAD_WEIGHT, WORDS_WEIGHT),
    ):
        found = [_with_signals(field, embedder, head=head, words=words) for field in fields]
        rows.append((name, f"{np.mean([f.auroc for f in found]):.4f}", f"{np.mean([f.caught for f in found]):.1%}"))
    return rows


def _with_signals(field: Field, embedder: Embedder, *, head: float, words: float) -> Told:
    guard = TopicGuard(field.forms, embedder)
    signals = guard.signals.weighted(head=head, words=words)
    return told(*(signals.margins(Sentences(texts, embedder.embed(texts))) for texts in (field.inside, field.outside)))


def _scored(guard: TopicGuard, texts: Sequence[str]) -> Scores:
    return np.array([guard.measure(text).score for text in texts])


def _nearest(field: Field, texts: Sequence[str], embedder: Embedder) -> Scores:
    """The simplest way: the cosine of the nearest example."""
    examples = embedder.embed([text for each in field.forms.values() for text in each])
    return np.asarray((embedder.embed(texts) @ examples.T).max(axis=1), dtype=np.float64)


def _keywords(field: Field, texts: Sequence[str]) -> Scores:
    """A keyword list without any network: the share of a text's words that occur in the examples."""
    known = {word for examples in field.forms.values() for text in examples for word in words_of(text)}
    return np.array([len(words_of(text) & known) / max(len(words_of(text)), 1) for text in texts])


def _milliseconds(guard: TopicGuard, texts: Sequence[str]) -> float:
    """Median time of one text whose vector is at hand: the embedding is shared by all guards."""
    times = []
    for text in texts[:TIMED]:
        begin = perf_counter()
        guard.measure(text)
        times.append(1000 * (perf_counter() - begin))
    return float(np.median(times))


def _read(folder: Path, name: str) -> list[Line]:
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _forms(rows: Sequence[Line], intents: Sequence[str]) -> Mapping[str, Sequence[str]]:
    return {intent: [row["text"] for row in rows if row["label"] == intent][:EXAMPLES] for intent in intents}

"""How well attempts are told from harmless texts: per public set, beside simple ways, and signal by signal.

None of these sets is trained on.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder, SentenceEmbedder
from assistant.guards.injection.guard import InjectionGuard
from assistant.guards.injection.public import read_rows
from assistant.guards.injection.simple import by_exemplar, by_keywords

Scores = NDArray[np.float64]
Way = Callable[[str, bool], float]
"""A text and whether it is a passage of a document in, a score out: 0 attempt … 1 clean."""

ATTEMPT_LABELS = ("injection", "jailbreak")
QUESTIONS = (
    "injecguard_valid",
    "injecguard_wildguard_benign",
    "deepset_benign",
    "cyberseceval_frr",
    "inthewild_jailbreak_a",
    "tensortrust_a",
    "giskard_injections",
)
FALSE_ALARMS = 0.02
"""Pooled over the harmless questions, and over the clean passages; at most 5 % on any set of questions."""
TABLES = 100  # Clean tables that are measured whole; beyond that only time is added.


@dataclass(frozen=True, slots=True)
class Sample:
    """One text of a set that is reported on."""

    text: str
    attempt: bool
    passage: bool
    group: str = ""
    """The kind of attack, where the set tells."""


@dataclass(frozen=True, slots=True)
class Row:
    """How one way does on one set, at its limit."""

    set: str
    way: str
    attempts: int
    harmless: int
    caught: float | None
    """Share of attempts below the limit; None where the set holds none."""
    false_alarms: float | None
    """Share of harmless texts below the limit."""
    auroc: float
    """Attempts against harmless texts; what the set itself lacks is taken from all sets of its sort."""
    milliseconds: float
    """Processor time for a text, median."""

    def __str__(self) -> str:
        """The row as a line of the table."""
        caught = "     –" if self.caught is None else f"{self.caught:6.1%}"
        alarms = "     –" if self.false_alarms is None else f"{self.false_alarms:6.2%}"
        counts = f"{self.attempts:5d} {self.harmless:5d}"
        return f"{self.set:30} {self.way:18} {counts} {self.auroc:6.3f} {caught} {alarms} {self.milliseconds:8.2f}"


HEADER = f"{'set':30} {'way':18} {'bad':>5} {'good':>5} {'AUROC':>6} {'caught':>6} {'alarms':>6} {'ms':>8}"


def report(folder: Path, embedder: Embedder) -> Iterator[Row]:
    """A row for each set in `folder` and each way, ours first; the simple ways' limits give 2 % false alarms pooled."""
    sets = read_sets(folder)
    guard = InjectionGuard(embedder)
    ways: Mapping[str, Way] = {
        "guard": lambda text, passage: (guard.measure_passage if passage else guard.measure)(text).score,
        "keyword list": lambda text, _: by_keywords(text),
        "nearest exemplar": by_exemplar(embedder),
    }
    for way, score in ways.items():
        measured = {name: _measured(samples, score) for name, samples in sets.items()}
        yield from _rows(sets, measured, way, guard.limit if way == "guard" else None)


def read_sets(folder: Path) -> dict[str, list[Sample]]:
    """The sets that are reported on, by name; raises Misconfigured if one is missing."""
    sets = {
        name: [
            Sample(str(row["text"]), row["label"] in ATTEMPT_LABELS, passage=False) for row in read_rows(folder, name)
        ]
        for name in QUESTIONS
    }
    emails = [str(row["context"]) for row in read_rows(folder, "bipia_email_train") if row["label"] == "benign"]
    tables = [str(row["context"]) for row in read_rows(folder, "bipia_table_train")][:TABLES]
    attacks = [(str(row["text"]), str(row["type"])) for row in read_rows(folder, "bipia_attacks_train")]
    for name, contexts in (("bipia e-mails", emails), ("bipia tables", tables)):
        clean = [Sample(context, attempt=False, passage=True) for context in contexts]
        sets[name] = clean + list(attacked(attacks, contexts))
    return sets


def attacked(attacks: Sequence[tuple[str, str]], contexts: Sequence[str], *, seed: int = 0) -> Iterator[Sample]:
    """Each attack at the start, in the middle and at the end of a context drawn for it, on a line of its own."""
    chance = random.Random(seed)  # noqa: S311 — for a draw that can be repeated
    for attack, kind in attacks:
        for place in (0.0, 0.5, 1.0):
            lines = chance.choice(contexts).split("\n")
            if len(lines) == 1:
                lines = lines[0].split(". ")
            at = round(place * len(lines))
            yield Sample("\n".join([*lines[:at], attack, *lines[at:]]), attempt=True, passage=True, group=kind)


@dataclass(frozen=True, slots=True)
class _Measured:
    scores: Scores
    milliseconds: float


def _measured(samples: Sequence[Sample], score: Way) -> _Measured:
    scores, times = [], []
    for sample in samples:
        start = time.process_time()
        scores.append(score(sample.text, sample.passage))
        times.append(1000 * (time.process_time() - start))
    return _Measured(np.array(scores), float(np.median(times)))


def _rows(
    sets: Mapping[str, Sequence[Sample]], measured: Mapping[str, _Measured], way: str, limit: float | None
) -> Iterator[Row]:
    attempts = {name: np.array([each.attempt for each in samples]) for name, samples in sets.items()}
    sorts: tuple[tuple[Literal["questions", "passages"], list[str]], ...] = (
        ("questions", [name for name in sets if name in QUESTIONS]),
        ("passages", [name for name in sets if name not in QUESTIONS]),
    )
    for sort, names in sorts:
        pooled = np.concatenate([measured[name].scores for name in names])
        bad = np.concatenate([attempts[name] for name in names])
        least = limit if limit is not None else limit_for(pooled[~bad], FALSE_ALARMS)
        for name in names:
            scores, is_bad = measured[name].scores, attempts[name]
            harmless = scores[~is_bad] if (~is_bad).any() else pooled[~bad]
            tried = scores[is_bad] if is_bad.any() else pooled[bad]
            yield Row(
                name, way, int(is_bad.sum()), int((~is_bad).sum()),
                caught=_share(scores[is_bad], least), false_alarms=_share(scores[~is_bad], least),
                auroc=auroc(tried, harmless), milliseconds=measured[name].milliseconds,
            )  # fmt: skip
        total = float(np.mean([measured[name].milliseconds for name in names]))
        yield Row(
            f"all {sort}", way, int(bad.sum()), int((~bad).sum()), _share(pooled[bad], least),
            _share(pooled[~bad], least), auroc(pooled[bad], pooled[~bad]), total,
        )  # fmt: skip


def limit_for(harmless: Scores, false_alarms: float) -> float:
    """The limit below which at most a share `false_alarms` of the harmless scores lie."""
    return float(np.sort(harmless)[int(false_alarms * len(harmless))])


def auroc(attempts: Scores, harmless: Scores) -> float:
    """The odds that an attempt scores lower than a harmless text; ties count half."""
    ordered = np.sort(harmless)
    above = len(ordered) - np.searchsorted(ordered, attempts, side="right")
    ties = np.searchsorted(ordered, attempts, side="right") - np.searchsorted(ordered, attempts, side="left")
    return float((above + ties / 2).mean() / len(ordered))


def _share(scores: Scores, limit: float) -> float | None:
    return float((scores < limit).mean()) if len(scores) else None


def main(arguments: Sequence[str] | None = None) -> None:
    """Print how well the guard tells attempts on the public sets that are reported on, and what each signal adds."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("data", type=Path, help="folder with the sets as NAME.jsonl.gz")
    parser.add_argument("--embedder", type=Path, required=True, help="folder with model.onnx and tokenizer.json")
    parser.add_argument("--ablation", action="store_true", help="print what each signal adds instead; trains twice")
    options = parser.parse_args(arguments)
    embedder = SentenceEmbedder(options.embedder, remember=200_000 if options.ablation else 0)
    if options.ablation:
        from assistant.guards.injection import ablation

        lines = [ablation.HEADER, *map(str, ablation.ablation(options.data, embedder))]
    else:
        lines = [HEADER, *map(str, report(options.data, embedder))]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

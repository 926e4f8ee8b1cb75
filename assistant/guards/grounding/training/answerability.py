"""Fits and measures whether a passage answers a question, on halves of sets that the network has not seen."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder
from assistant.guards.grounding.answering import ANSWER_SIGNALS, answer_signals
from assistant.guards.grounding.network import PairReader
from assistant.guards.grounding.sentences import units_of
from assistant.guards.grounding.training.asked import SOURCE, read_written, written_passages
from assistant.guards.grounding.training.fuse import balanced_weights, fit
from assistant.guards.grounding.training.pairs import Half, half_of, read_rows

FITTED_ON: Mapping[str, str] = {"xquad_en": "CC BY-SA 4.0", "clapnq_dev_a": "Apache-2.0"}
"""Sets of questions with passages; one half by id is for fitting, the other for reporting."""
CUT = "xquad_en, answer cut out"
"""The same questions with the sentence that answers, and with their passage without it: near in every way but one."""
ASKED = (*FITTED_ON, CUT)
"""The public ones, of which one half is reported on."""
_CLAPNQ_WORDS = 200  # Its passages are whole sections; retrieval serves pieces of about this length.


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with a passage that holds its answer or does not."""

    question: str
    passage: str
    answered: bool
    source: str


def read_asked(folder: Path, half: Half, *, count: int = 250) -> list[Asked]:
    """Up to `count` questions of `half` a set, each with its passage and with a near one that does not answer."""
    chance = random.Random(13)  # noqa: S311 — reproducible, not secret
    found: list[Asked] = []
    for name in FITTED_ON:
        rows = [row for row in unseen(folder, name) if half_of(row["id"]) == half]
        chance.shuffle(rows)
        for row in rows[:count]:
            found += _asked(row, rows, name, chance)
    return found


def unseen(folder: Path, name: str) -> list[dict[str, Any]]:
    """The rows of the set `name` whose questions the network has not learnt from.

    QNLI and xquad_en were both made from passages of SQuAD's development set: a quarter of the questions of xquad_en
    stand in QNLI.
    """
    learnt = {row["context"].strip().lower() for row in read_rows(folder, "nli_qnli_dev")}
    rows = read_rows(folder, name)
    return [row for row in rows if row.get("question", row.get("input", "")).strip().lower() not in learnt]


def read_ours(embedder: Embedder) -> list[Asked]:
    """Questions that we wrote, of the documents that the network has not learnt from."""
    ours = written_passages(read_written("fit"), embedder)
    return [Asked(question, passage, answered, SOURCE) for question, passage, answered in ours]


def fit_answers(asked: Sequence[Asked], embedder: Embedder, reader: PairReader) -> NDArray[np.float64]:
    """Coefficients in the order of ANSWER_SIGNALS; every set, and in it both answers, weigh the same."""
    rows: list[NDArray[np.float64]] = []
    kept: list[Asked] = []
    for each in asked:
        signals = answer_signals(each.question, each.passage, embedder, reader)
        if signals is not None:
            rows.append(signals)
            kept.append(each)
    if not rows:
        return np.zeros(len(ANSWER_SIGNALS))
    weights = balanced_weights([(each.source, each.answered) for each in kept])
    return fit(np.array(rows), np.array([float(each.answered) for each in kept]), weights)


def _asked(row: dict[str, Any], rows: Sequence[dict[str, Any]], name: str, chance: random.Random) -> Iterator[Asked]:
    if name == "clapnq_dev_a":
        words = row["passages"][0]["text"].split()
        yield Asked(row["input"], " ".join(words[:_CLAPNQ_WORDS]), row["label"] == "answerable", name)
        return
    yield Asked(row["question"], row["context"], True, name)
    others = [o for o in chance.sample(rows, min(len(rows), 60)) if _elsewhere(row, o)]
    if others:
        near = max(others, key=lambda other: _shared(row["question"], other["context"]))
        yield Asked(row["question"], near["context"], False, name)
    units = units_of(row["context"])
    holding = [unit for unit in units if any(answer in unit for answer in row["answers"])]
    if len(holding) == 1 and len(units) > 1:
        yield Asked(row["question"], holding[0], True, CUT)
        yield Asked(row["question"], " ".join(unit for unit in units if unit not in holding), False, CUT)


def _elsewhere(row: dict[str, Any], other: dict[str, Any]) -> bool:
    return other["context"] != row["context"] and not any(each in other["context"] for each in row["answers"])


def _shared(question: str, passage: str) -> int:
    return len(set(question.lower().split()) & set(passage.lower().split()))

"""Fits the coefficients of the grounding model and measures it: `python -m assistant.guards.grounding.fit --help`."""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import SentenceEmbedder
from assistant.guards.grounding.checker import GroundingGuard, judge
from assistant.guards.grounding.sentences import split_sentences
from assistant.guards.grounding.signals import SIGNALS, Reading

FITTED_ON: Mapping[str, int] = {
    "fever_dev": 500, "infotabs_train": 500, "nli_newprot_base_train": 250, "nli_newprot_contrast_train": 250,
    "nli_newprot_edit_other_train": 250,
    "nli_newprot_edit_premise_train": 250, "nli_newprot_paragraph_val": 300, "cad_nli_train": 300, "nli_mnli_dev": 500,
}  # fmt: skip
"""Sets whose licence allows commercial use (CC BY-SA, Apache-2.0, OANC), with how many pairs of each are drawn."""
MEASURED_ON: Mapping[str, int] = {
    "summeval": 120, "wice_claim_dev": 30, "wice_oracle_claim_dev": 200, "bump_task1": 150, "healthver_dev": 200,
    "fm2_dev": 200, "nli4ct_train": 100,
    "q2_wow": 200, "scifact_rte_dev": 150, "control_dev": 100, "faithdial_audit": 200,
}  # fmt: skip
"""Sets that are only measured on."""
LICENCES = (
    "FEVER CC BY-SA 3.0; InfoTabS Apache-2.0; Textual Entailment New Protocols CC BY-SA 3.0; "
    "Counterfactual NLI Apache-2.0; MultiNLI OANC"
)
_MAX_EXTRA = 3  # In use a claim is held against some passages of which one matters; so many strangers are mixed in.
_RIDGE = 1.0


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim, its evidence, and whether people found it borne out."""

    claim: str
    evidence: tuple[str, ...]
    supported: bool


def read_pairs(file: Path, count: int, *, strangers: bool = False) -> list[Pair]:
    """Up to `count` pairs of `file`, the same ones each time; with passages of other pairs mixed in if asked."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rows.sort(key=lambda row: hashlib.sha256(str(row["id"]).encode()).digest())
    chance = random.Random(7)  # noqa: S311 — reproducible, not secret
    pairs = []
    for row in rows[:count]:
        others = chance.sample(rows, chance.choice([0, 0, 1, _MAX_EXTRA])) if strangers else []
        contexts = [row["context"], *(other["context"] for other in others if other["context"] != row["context"])]
        chance.shuffle(contexts)
        pairs.append(Pair(row["claim"], tuple(contexts), row["label"] == "supported"))
    return pairs


def fit(signals: NDArray[np.float64], labels: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coefficients of the ridge logistic model that fits best, by Newton's method."""
    found = np.zeros(signals.shape[1])
    penalty = _RIDGE * np.eye(signals.shape[1])
    penalty[0, 0] = 0.0
    for _ in range(30):
        odds = 1 / (1 + np.exp(-np.clip(signals @ found, -30, 30)))
        gradient = signals.T @ (weights * (odds - labels)) + penalty @ found
        curvature = (signals * (weights * odds * (1 - odds))[:, None]).T @ signals + penalty
        step = np.linalg.solve(curvature, gradient)
        found -= step
        if np.abs(step).max() < 1e-6:
            break
    return found


def balanced_weights(groups: Sequence[tuple[str, bool]]) -> NDArray[np.float64]:
    """A weight for each pair such that every set, and in it both answers, count the same."""
    sizes: dict[tuple[str, bool], int] = {}
    for group in groups:
        sizes[group] = sizes.get(group, 0) + 1
    return np.array([len(groups) / len(sizes) / sizes[group] for group in groups])


def balanced_accuracy(scores: Sequence[float], labels: Sequence[bool], *, limit: float) -> float:
    """Mean share of borne-out claims let through and of others stopped at `limit`."""
    passed = np.array(scores) >= limit
    truth = np.array(labels)
    return float((passed[truth].mean() + (~passed[~truth]).mean()) / 2)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit on FITTED_ON, write the coefficients, measure on MEASURED_ON with the one limit 0.5."""
    options = _options(arguments)
    guard = GroundingGuard(
        SentenceEmbedder(options.embedder, threads=options.threads, remember=60_000), weights=np.zeros(len(SIGNALS))
    )
    if not options.measure_only:
        coefficients = _fit_all(guard, options.data)
        _write(coefficients, options.out)
    coefficients = np.array(list(json.loads(options.out.read_text(encoding="utf-8"))["coefficients"].values()))
    total = []
    for name, count in MEASURED_ON.items():
        accuracy = _measure(guard, coefficients, read_pairs(options.data / f"{name}.jsonl.gz", count))
        total.append(accuracy)
        _say(f"{name:24} {accuracy:.3f}")
    _say(f"{'mean':24} {np.mean(total):.3f}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the sets as NAME.jsonl.gz")
    parser.add_argument("--embedder", type=Path, required=True, help="folder with model.onnx and tokenizer.json")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("weights.json"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--measure-only", action="store_true", help="keep the coefficients in --out")
    return parser.parse_args(arguments)


def _fit_all(guard: GroundingGuard, folder: Path) -> NDArray[np.float64]:
    rows, groups = [], []
    for name, count in FITTED_ON.items():
        for pair in read_pairs(folder / f"{name}.jsonl.gz", count, strangers=True):
            reading = guard.read(pair.claim, pair.evidence)
            if reading is not None:
                rows.append(reading.signals)
                groups.append((name, pair.supported))
        _say(f"read {name}")
    labels = np.array([float(supported) for _, supported in groups])
    return fit(np.array(rows), labels, balanced_weights(groups))


def _measure(guard: GroundingGuard, coefficients: NDArray[np.float64], pairs: Iterable[Pair]) -> float:
    scores, labels = [], []
    for pair in pairs:
        readings = [guard.read(sentence, pair.evidence) for sentence in split_sentences(pair.claim)]
        scores.append(min((_score(reading, coefficients) for reading in readings), default=0.0))
        labels.append(pair.supported)
    return balanced_accuracy(scores, labels, limit=guard.limit)


def _score(reading: Reading | None, coefficients: NDArray[np.float64]) -> float:
    return judge(reading, coefficients).score if reading is not None else 0.0


def _write(coefficients: NDArray[np.float64], out: Path) -> None:
    stored = {
        "fitted_on": dict(FITTED_ON),
        "licences": LICENCES,
        "embedder": "all-minilm-l6-v2",
        "coefficients": {name: round(float(value), 5) for name, value in zip(SIGNALS, coefficients, strict=True)},
    }
    out.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

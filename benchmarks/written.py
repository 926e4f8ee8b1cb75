"""How well the grounding guard tells apart claims that we wrote: `python -m benchmarks.written`.

Each line of `written/*.jsonl` is one piece of evidence with four claims it bears out and five it does not, alike in
length and in the words they share with it, each of the five with what is wrong with it. Nothing is trained on them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from assistant.commands.records_report import table
from assistant.guards.grounding.checker import GroundingGuard
from assistant.guards.grounding.fusion import read_fusion
from assistant.guards.grounding.training.measure import WAYS, accuracy_at, auroc, score_set
from assistant.guards.grounding.training.pairs import Pair
from assistant.opening import open_catalog, open_embedder
from assistant.settings import read_settings

FOLDER = Path(__file__).with_name("written")
EVERY = 5
"""One line in so many is measured: some thousand claims."""


def main() -> None:
    """Prints how each kind of text fares in each way, and how many of each sort of error are stopped."""
    settings = read_settings()
    guard, fusion = GroundingGuard(open_embedder(settings, open_catalog(settings))), read_fusion()
    rows = [("TEXTS", "CLAIMS", "BALANCED ACCURACY", *(f"AUROC {way.upper()}" for way in WAYS))]
    stopped = defaultdict[str, list[bool]](list)
    for file in sorted(FOLDER.glob("*.jsonl")):
        pairs = list(_pairs(file))
        scores = score_set(guard, fusion, pairs, file.stem)
        accuracy = accuracy_at(scores.by_way["ours"], scores.supported, guard.limit)
        areas = (f"{auroc(scores.by_way[way], scores.supported):.3f}" for way in WAYS)
        rows.append((file.stem, str(len(pairs)), f"{accuracy:.3f}", *areas))
        for pair, score in zip(pairs, scores.by_way["ours"], strict=True):
            stopped[pair.source].append(bool(score < guard.limit))
    print(table(rows))
    print(table([("WRITTEN AS", "OF", "STOPPED"), *(_share(sort, each) for sort, each in sorted(stopped.items()))]))


def _share(sort: str, flags: list[bool]) -> tuple[str, str, str]:
    return sort, str(len(flags)), f"{np.mean(flags):.3f}"


def _pairs(file: Path) -> Iterator[Pair]:
    for line in file.read_text(encoding="utf-8").splitlines()[::EVERY]:
        row = json.loads(line)
        yield from (Pair(claim, (row["evidence"],), "supported", "borne out") for claim in row["supported"])
        yield from (Pair(claim, (row["evidence"],), "unsupported", sort) for sort, claim in row["unsupported"])


if __name__ == "__main__":
    main()

"""Claims about our own documents, in the documents' words and in others: `python -m benchmarks.twins`.

Of each matter two claims are borne out and two are not, alike in length, manner and shared words
(`assistant/guards/grounding/training/claimed`). Only the documents that nothing learns from are read.
"""

from __future__ import annotations

import numpy as np

from assistant.commands.records_report import table
from assistant.guards.grounding.checker import GroundingGuard
from assistant.guards.grounding.fusion import read_fusion
from assistant.guards.grounding.training.claimed import read_claimed
from assistant.guards.grounding.training.measure import WAYS, accuracy_at, auroc, score_set
from assistant.opening import open_catalog, open_embedder
from assistant.settings import read_settings

WORDED = {"own": "as the document", "other": "otherwise", "": "either way"}
"""How a claim may be worded, by how its kind ends."""


def main() -> None:
    """Prints how the guard and the simple ways tell such claims apart, and what passes of each kind."""
    settings = read_settings()
    guard, fusion = GroundingGuard(open_embedder(settings, open_catalog(settings))), read_fusion()
    kinds, pairs = zip(*read_claimed("fit"), strict=True)
    scores = score_set(guard, fusion, pairs, "twins")
    rows = [("WORDED", "CLAIMS", "TRUE PASS", "FALSE PASS", "BALANCED ACCURACY", *(f"AUROC {w.upper()}" for w in WAYS))]
    for ending, worded in WORDED.items():
        some = np.array([kind.endswith(ending) for kind in kinds])
        supported, ours = scores.supported[some], scores.by_way["ours"][some]
        passed = ours >= guard.limit
        shares = (f"{passed[supported].mean():.3f}", f"{passed[~supported].mean():.3f}")
        accuracy = f"{accuracy_at(ours, supported, guard.limit):.3f}"
        areas = (f"{auroc(scores.by_way[way][some], supported):.3f}" for way in WAYS)
        rows.append((worded, str(some.sum()), *shares, accuracy, *areas))
    print(table(rows))


if __name__ == "__main__":
    main()

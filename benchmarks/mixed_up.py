"""How well the grounding guard keeps apart what is said of two things of a kind: `python -m benchmarks.mixed_up`.

Each line of `mixed_up/*.jsonl` is some passages about two products, tariffs, groups or places, with claims that are
true and claims that say of the one what holds for the other. Rules were made with `tuned` in view, none with `unseen`.
"""

from __future__ import annotations

import json
from pathlib import Path

from assistant.commands.records_report import table
from assistant.guards.grounding.checker import GroundingGuard
from assistant.opening import open_catalog, open_embedder
from assistant.settings import read_settings

FOLDER = Path(__file__).with_name("mixed_up")


def main() -> None:
    """Prints, for each file, how many of the false claims pass and how many of the true ones are stopped."""
    settings = read_settings()
    guard = GroundingGuard(open_embedder(settings, open_catalog(settings)))
    rows = [("CLAIMS", "FALSE", "OF THESE PASS", "TRUE", "OF THESE STOPPED")]
    for file in sorted(FOLDER.glob("*.jsonl")):
        passed: dict[bool, list[bool]] = {False: [], True: []}
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            for claim, true in row["claims"]:
                passed[true].append(guard.measure(claim, row["evidence"]).score >= guard.limit)
        stopped = passed[True].count(False)
        rows.append((file.stem, *map(str, (len(passed[False]), sum(passed[False]), len(passed[True]), stopped))))
    print(table(rows))


if __name__ == "__main__":
    main()

"""Claims that we wrote about our documents (`asked`): four about one matter, of which two are borne out.

One of each two keeps to the document's words, the other says it in quite other ones, so that shared words tell nothing;
true and false are alike in length and manner, so that neither does the style.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from assistant.guards.grounding.training.asked import FOLDER as DOCUMENTS
from assistant.guards.grounding.training.asked import SOURCE, passages_of, read_file
from assistant.guards.grounding.training.pairs import Half, Label, Pair

FOLDER = Path(__file__).with_name("claimed")
Kind = Literal["true_own", "true_other", "false_own", "false_other"]


def read_claimed(half: Half | None = None) -> Iterator[tuple[Kind, Pair]]:
    """Each claim with the passages of its document: of those to learn from, or with "fit" of those that are kept."""
    for file in sorted(FOLDER.glob("*.jsonl")):
        kept = dict(read_file(DOCUMENTS / file.name, half))
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["document"] not in kept:
                continue
            evidence = passages_of(kept[row["document"]])
            for claims in row["claims"]:
                for kind, claim in claims.items():
                    label: Label = "supported" if kind.startswith("true") else "unsupported"
                    yield kind, Pair(claim, evidence, label, SOURCE)

"""How often knowledge is quoted where it answers, and where it is only near: `python -m benchmarks.near`.

Each line of `near/*.jsonl` is a question to a shipped vertical. Half of them its documents answer, in other words than
the question's; the others ask in the documents' own words for what these leave unsaid. Whoever wrote them knew the
documents and not the code. Nothing is trained or fitted on them. No model writes: what is counted is what would be
quoted, which is what a small model's answer is held against.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path

from assistant.answering.evidence import find_evidence, quotation
from assistant.answering.turn import Request, open_turn, within_topics
from assistant.commands.records_report import table
from assistant.commands.revisions import with_parts
from assistant.guards import Placeholders
from assistant.messages import Evidence, Message
from assistant.parts import Parts
from assistant.rails.live import Release

FOLDER = Path(__file__).with_name("near")


def main() -> None:
    """Prints for each vertical what becomes of the questions of both kinds."""

    async def run(parts: Parts) -> None:
        rows = [("VERTICAL", "ANSWERED BY KNOWLEDGE", "QUOTED", "RIGHTLY", "NOT ANSWERED", "QUOTED")]
        whole = Counter[str]()
        for file in sorted(FOLDER.glob("*.jsonl")):
            await parts.look(only=file.stem)
            counted = Counter[str]()
            for line in file.read_text(encoding="utf-8").splitlines():
                counted.update(await _outcome(parts, parts.rails.release(file.stem), json.loads(line)))
            rows.append(_row(file.stem, counted))
            whole.update(counted)
        print(table([*rows, _row("all", whole)]))

    with_parts(run)


def _row(name: str, counted: Counter[str]) -> tuple[str, ...]:
    kinds = ("answerable", "answerable quoted", "right", "near", "near quoted")
    return name, *(str(counted[kind]) for kind in kinds)


async def _outcome(parts: Parts, release: Release, row: dict[str, str]) -> list[str]:
    kind = "answerable" if row["answerable"] else "near"
    request = Request(release.vertical.name, (Message("user", row["question"]),))
    turn = open_turn(request, release, earlier=(), placeholders=Placeholders(b"benchmark"))
    verdict, reply = await parts.chat._judge_input(turn)
    if verdict.blocked or reply is not None:
        return [kind]
    turn = await asyncio.to_thread(within_topics, turn)
    found = await find_evidence(turn, parts.embedder)
    quote = await asyncio.to_thread(quotation, turn, found.evidence[0]) if found.evidence else None
    if quote is None:
        return [kind]
    return [kind, f"{kind} quoted", *(["right"] if row["answerable"] and _holds(quote, row) else [])]


def _holds(quote: Evidence, row: dict[str, str]) -> bool:
    """Whether what is quoted stands in what answers, or holds it; of a table the cells count."""
    said, wanted = _words(quote.text), _words(row["quote"])
    return quote.document == row["document"] and (
        wanted <= said or len(said & wanted) >= 0.8 * min(map(len, (said, wanted)))
    )


def _words(text: str) -> set[str]:
    return set("".join(each if each.isalnum() else " " for each in text.lower()).split())


if __name__ == "__main__":
    main()

"""How often knowledge is quoted where it answers, and where it is only near: `python -m benchmarks.near`.

Each line of `near/*.jsonl` is a question to a shipped vertical. Half of them its documents answer, the others ask for
what these leave unsaid; of both some are asked in the documents' own words and some in other words, so that sharing
words with a document tells nothing. Whoever wrote them knew the documents and not the code. Nothing is trained or
fitted on them. No model writes: what is counted is what would be quoted, which is what a small model's answer is held
against.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path

from assistant.answering.evidence import find_evidence
from assistant.answering.quoting import quotation
from assistant.answering.turn import Request, open_turn, within_topics
from assistant.commands.records_report import table
from assistant.commands.revisions import with_parts
from assistant.guards import Placeholders
from assistant.messages import Evidence, Message
from assistant.parts import Parts
from assistant.rails.live import Release

FOLDER = Path(__file__).with_name("near")


def main() -> None:
    """Prints for each vertical what becomes of the questions of each kind."""

    async def run(parts: Parts) -> None:
        rows = [("VERTICAL", "WORDS", "ANSWERED BY KNOWLEDGE", "QUOTED", "RIGHTLY", "NOT ANSWERED", "QUOTED")]
        whole = Counter[tuple[str, str]]()
        for file in sorted(FOLDER.glob("*.jsonl")):
            await parts.look(only=file.stem)
            counted = Counter[tuple[str, str]]()
            for line in file.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                outcome = await _outcome(parts, parts.rails.release(file.stem), row)
                counted.update((row["words"], each) for each in outcome)
            rows += _rows(file.stem, counted)
            whole.update(counted)
        print(table([*rows, *_rows("all", whole)]))

    with_parts(run)


def _rows(name: str, counted: Counter[tuple[str, str]]) -> list[tuple[str, ...]]:
    kinds = ("answerable", "answerable quoted", "right", "near", "near quoted")
    return [(name, words, *(str(counted[words, kind]) for kind in kinds)) for words in ("own", "other")]


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

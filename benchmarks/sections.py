"""How well sections of visit notes are written: `python -m benchmarks.sections DATA MODEL [COUNT]`.

Dialogues of MTS-Dialog's first test set, each under the heading of its own section, through the medical vertical. Raw
is all that the model wrote, railed what the rails let out; ROUGE-L (F1 over lower-cased words, Lin 2004) against the
note that a person wrote.
"""

from __future__ import annotations

import asyncio
import random
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.answering.evidence import statements
from assistant.answering.said import Said
from assistant.answering.speaking import Speaker
from assistant.answering.tally import Tally
from assistant.answering.turn import Turn, open_turn
from assistant.chat import Request
from assistant.embedding import HashEmbedder
from assistant.guards import Piece, Placeholders, is_claim
from assistant.messages import Document, Message
from assistant.parts import Parts, open_parts
from assistant.settings import read_settings
from assistant.tasks import Section, plan
from assistant.tuning import SectionCase, read_section_cases

SHORT_WORDS = 120
"""Of a short dialogue; more than half of the set."""


@dataclass(frozen=True, slots=True)
class Written:
    """One section as it was written."""

    case: SectionCase
    raw: str
    railed: str
    claims: int
    """Sentences of the raw text that claim something."""
    let_out: int
    """Of these the ones that the rails let out."""

    @property
    def is_short(self) -> bool:
        """Whether the dialogue is one of few words."""
        return len(self.case.dialogue.split()) <= SHORT_WORDS


class _Listening(Speaker):
    """A speaker that remembers what it heard."""

    def __init__(self, turn: Turn) -> None:
        super().__init__(turn)
        self.heard: list[str] = []

    async def hear(self, piece: Piece) -> list[Said]:
        self.heard.append(piece.text)
        return await super().hear(piece)


async def main(data: Path, model: str, count: int) -> None:
    """Writes every section and prints the table."""
    cases = list(read_section_cases(data / "mtsdialog_testset1.jsonl.gz"))
    random.Random(11).shuffle(cases)
    parts = open_parts(read_settings())
    await parts.database.create()
    parts.rails.refresh(only="medical")
    found = []
    for case in cases[:count]:
        found.append(await _written(parts, case, model))
        if len(found) % 20 == 0:
            print(f"{len(found)} of {count}", file=sys.stderr, flush=True)
    await parts.close()
    print(f"{model}, {len(found)} dialogues, {sum(each.is_short for each in found)} of them short")
    for name, rows in (("all", found), ("short", [each for each in found if each.is_short])):
        print(f"{name}: ROUGE-L raw {_mean(rows, 'raw')}, railed {_mean(rows, 'railed')}")
    claims = sum(each.claims for each in found)
    print(f"sentences that claim something and were let out: {sum(each.let_out for each in found)} of {claims}")


async def _written(parts: Parts, case: SectionCase, model: str) -> Written:
    release = parts.rails.release("medical")
    visit = Document("visit", "Visit", case.dialogue)
    request = Request("medical", (Message("user", "Summarise this visit."),), (visit,), "summarize", model=model)
    turn = open_turn(request, release, earlier=(), placeholders=Placeholders(b"benchmark"))
    said = tuple(each for document in turn.documents for each in statements(document))
    sections, name = (Section(case.heading, ""),), parts.models.open(model)
    speaker, raw = _Listening(turn), []
    planned = plan(
        "summarize",
        turn.standing,
        said,
        tokens=name.get_num_tokens,
        window=2000,
        sections=sections,
        embedder=HashEmbedder(),
    )
    for assignment in planned.assignments:
        async for _ in parts.writer.write(turn, assignment, speaker, Tally()):
            pass
    raw = speaker.heard
    out = [each for each in speaker.said if each.claim]
    return Written(case, " ".join(raw), " ".join(each.text for each in speaker.said), sum(map(is_claim, raw)), len(out))


def rouge_l(text: str, reference: str) -> float:
    """F1 of the longest common subsequence of words, 0 to 1."""
    ours, theirs = _words(text), _words(reference)
    row = [0] * (len(theirs) + 1)
    for word in ours:
        before = 0
        for at, other in enumerate(theirs, start=1):
            before, row[at] = row[at], before + 1 if word == other else max(row[at], row[at - 1])
    return 2 * row[-1] / (len(ours) + len(theirs)) if row[-1] else 0.0


def _mean(rows: Sequence[Written], which: str) -> str:
    """The mean with its 95 % interval by 1,000 draws."""
    scores = [100 * rouge_l(getattr(each, which), each.case.text) for each in rows]
    chance = random.Random(5)
    means = sorted(sum(chance.choices(scores, k=len(scores))) / len(scores) for _ in range(1000))
    return f"{sum(scores) / len(scores):.1f} ({means[25]:.1f} to {means[975]:.1f})"


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 200))

"""Requests as the model will meet them: the product's own line, up to what it asks the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from assistant.answering.evidence import find_evidence
from assistant.answering.turn import open_turn
from assistant.answering.writing import Writer
from assistant.cases import Case
from assistant.chat import Request
from assistant.embedding import Embedder
from assistant.guards import Placeholders
from assistant.messages import Message, Writing
from assistant.rails.live import Release
from assistant.tuning.examples import FEWEST, Example, Examples, require_enough

MOST_REFERENCES = 3
"""Of a case are learnt; a case with twenty would count as twenty."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a question passes before the model is asked."""

    release: Release
    writer: Writer
    embedder: Embedder
    model: str
    """The base, whose window and tokens count."""

    async def examples(self, case: Case) -> tuple[Writing, list[Example]] | None:
        """What the model is asked for `case`, once for each text that would be right, personal data masked by one map.

        None where the line asks no model, or more than one call. Where nothing answers, nothing is to be written.
        """
        request = Request(
            self.release.vertical.name,
            (Message("user", case.question),),
            case.as_documents(),
            case.task,
            model=self.model,
        )
        placeholders = Placeholders(b"tuning")
        turn = open_turn(request, self.release, earlier=(), placeholders=placeholders)
        planned = self.writer.plan(turn, await find_evidence(turn, self.embedder)).assignments
        if len(planned) != 1 or (kind := planned[0].kind) is None:
            return None
        texts = [self._masked(text, placeholders) for text in case.references[:MOST_REFERENCES]] or [""]
        return kind, [Example(case.id, planned[0].tuned_prompt, text) for text in texts]

    def _masked(self, text: str, placeholders: Placeholders) -> str:
        return self.release.guards.personal.mask(text, placeholders).text


@dataclass(frozen=True, slots=True)
class RequestExamples:
    """Examples of requests, and what sorts of writing they show."""

    examples: Examples
    writes: tuple[Writing, ...]


async def requests_of(
    cases: Sequence[Case],
    line: Line,
    *,
    held_out: Iterable[Case] = (),
    fewest: int = FEWEST,
    report: Callable[[str], None] = print,
) -> RequestExamples:
    """The examples made of `cases`, none of them twice, nor any of the same documents as one held out.

    Raises InvalidCase when what is left is fewer than `fewest` or all the same.
    """
    out, seen = {_asked(case) for case in held_out}, set[tuple[str, str]]()
    kept: list[Example] = []
    writes: dict[Writing, None] = {}
    leaked = duplicates = masked = 0
    for number, case in enumerate(cases, start=1):
        if number % 200 == 0:
            report(f"{number} of {len(cases)} cases read")
        if _asked(case) in out:
            leaked += 1
            continue
        made = await line.examples(case)
        for each in made[1] if made else ():
            if (each.prompt, each.completion) in seen:
                duplicates += 1
                continue
            seen.add((each.prompt, each.completion))
            masked += each.completion not in ("", *case.references)
            kept.append(each)
            writes[made[0]] = None  # type: ignore[index]  # there are examples, so there is a kind
    require_enough(kept, fewest=fewest)
    return RequestExamples(Examples(tuple(kept), duplicates, leaked, masked), tuple(sorted(writes)))


def _asked(case: Case) -> str:
    """What makes two cases the same: the documents they bring, whatever is asked of them; without any the question."""
    documents = " ".join(each.text for each in case.documents)
    return " ".join((documents or case.question).lower().split())

"""What a model can learn from texts that people corrected until they were right, and what it must forget again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assistant.cases import Case, CaseDocument
from assistant.errors import NotFound
from assistant.models import ModelCard
from assistant.records import ErasedLessons, Loss
from assistant.records.recorded import Recordings
from assistant.records.work import WorkItems


class Lessons:
    """Approved summaries and copy as cases to train on; masked, as they are kept."""

    def __init__(self, work: WorkItems, recordings: Recordings) -> None:
        self._work, self._recordings = work, recordings

    async def of(self, vertical: str) -> tuple[Case, ...]:
        """One case for each text of the vertical that a person approved, the earliest first.

        What waits has been judged by nobody and is left out; so is what was erased, or is past its retention.
        """
        found = [await self._case(each) for each in await self._work.approved_ids(vertical)]
        return tuple(case for case in found if case is not None)

    async def _case(self, answer_id: str) -> Case | None:
        try:
            work = await self._work.get(answer_id)
        except NotFound:  # Erased: the row is gone, or the key that opens its texts.
            return None
        recorded = await self._recordings.find(answer_id)
        if recorded is None or work.approval is None:
            return None
        documents = tuple(CaseDocument(id=each.id, title=each.title, text=each.text) for each in work.documents)
        return Case(
            id=answer_id,
            task=work.task,
            question=recorded.question,
            documents=documents,
            reference=work.approval.text,
            cite=None,
            split="train",
        )


async def to_retrain(cards: Iterable[ModelCard], erased: ErasedLessons) -> Mapping[str, Loss]:
    """The adapters among `cards` that learnt from a text which was erased since, by name: they are to be trained anew.

    Without what was erased, which `Lessons` leaves out: the same command makes them so.
    """
    losses = {card.name: await erased.among(card.adapter.learnt_from) for card in cards if card.adapter}
    return {name: loss for name, loss in losses.items() if loss is not None}

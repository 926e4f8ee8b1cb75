"""Recorded turns as reviewers see and work them; whoever may not is refused here, whatever door they came by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from assistant.access import Caller, Scope, allow
from assistant.errors import Forbidden, Invalid, NotFound, UnknownRevision
from assistant.ledger.keyring import Keyring
from assistant.rails.live import LiveRails
from assistant.rails.proposals import Proposal, Proposals
from assistant.rails.sheets import Expected
from assistant.records import BeforePeople, Erasure, Receipt, Receipts, Reviewed, Turns
from assistant.records.recorded import Recorded, Recordings
from assistant.records.review import Page, Wanted
from assistant.records.work import Approval, Work
from assistant.releases.replaying import ReplayedAnswer, replay_answer
from assistant.reviewing.trials import Trial, examples_with

EXAMPLES = "examples.yaml"
TITLE = "Examples from the review queue"
LONGEST_TEXT, LONGEST_SECONDS = 50_000, 7 * 86_400
Mask = Callable[[str, str], str]
"""A text of a vertical as it may be kept."""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A text that waits for approval, with the answer as it left; None where that is erased."""

    work: Work
    recorded: Recorded | None


@dataclass(frozen=True, slots=True)
class WholeAnswer:
    """Everything that is known about one answer."""

    receipt: Receipt
    reviewed: Reviewed | None
    """None where the texts are erased, as `recorded` is."""
    recorded: Recorded | None


class Reviewing:
    """The queues that people work off."""

    def __init__(
        self,
        before_people: BeforePeople,
        recordings: Recordings,
        receipts: Receipts,
        keyring: Keyring,
        rails: LiveRails,
        proposals: Proposals,
        turns: Turns,
        erasure: Erasure,
        mask: Mask,
    ) -> None:
        self._work, self._queue = before_people.work, before_people.review
        self._recordings, self._receipts, self._keyring = recordings, receipts, keyring
        self._rails, self._proposals, self._turns, self._erasure = rails, proposals, turns, erasure
        self._mask = mask

    async def queue(self, by: Caller, wanted: Wanted, *, after: datetime | None = None) -> Page:
        """The turns that somebody should look at, the latest first."""
        allow(by, "review", wanted.vertical)
        return await self._queue.page(wanted, by.verticals, after=after)

    async def mark(self, answer_id: str, by: Caller, *, right: bool, note: str = "") -> None:
        """Keeps what a person thinks of a decision; raises NotFound, or Forbidden for a key that is nobody's."""
        reviewed = await self._queue.get(answer_id)
        person_id = _person(by, "review", reviewed.vertical)
        kept = await asyncio.to_thread(self._mask, reviewed.vertical, note.strip()) if note.strip() else None
        await self._queue.mark(answer_id, right=right, person_id=person_id, note=kept)

    async def make_trial(self, vertical: str, trial: Trial, expected: Expected, by: Caller) -> Proposal:
        """The person's own draft with one more example of the rail; begun now where they have none.

        Raises Invalid where the vertical has no such rail or the example is there already.
        """
        person_id = _person(by, "review", vertical)
        bundle = self._rails.release(vertical).bundle
        if trial.rail not in {each.name for each in bundle.rails}:
            raise Invalid(f"{vertical} has no rail {trial.rail!r} any more")
        folder = f"rails/{vertical}"
        own = [
            each
            for each in await self._proposals.list(by, folder=folder)
            if (each.state, each.author_id, each.title) == ("draft", person_id, TITLE)
        ]
        draft = own[0] if own else await self._proposals.propose(folder, by, title=TITLE)
        try:
            before = await self._proposals.read(draft.id, EXAMPLES, by)
        except UnknownRevision:  # The folders are served as they are, and nothing was published yet.
            texts = {each.path: each.text for each in bundle.files}
            before = texts.get(f"{vertical}/{EXAMPLES}", "").encode()
        return await self._proposals.save(draft.id, by, {EXAMPLES: examples_with(before, trial, expected)})

    async def work(self, by: Caller, *, approved: bool = False) -> tuple[WorkItem, ...]:
        """What waits for approval, oldest first; or what was approved, the latest first."""
        allow(by, "review")
        found = await self._work.waiting(by.verticals, approved=approved)
        return tuple([WorkItem(each, await self._recordings.find(each.answer_id)) for each in found])

    async def item(self, answer_id: str, by: Caller) -> WorkItem:
        """One text that waits or waited; raises NotFound."""
        work = await self._work.get(answer_id)
        allow(by, "review", work.vertical)
        return WorkItem(work, await self._recordings.find(answer_id))

    async def approve(self, answer_id: str, text: str, by: Caller, *, seconds: int) -> Approval:
        """Keeps the text that somebody lets go out, and what they corrected: a reviewer, or whoever was given it.

        Raises NotFound, or Invalid for no text or no time.
        """
        if not 0 <= seconds <= LONGEST_SECONDS:
            raise Invalid(f"seconds must be from 0 to {LONGEST_SECONDS}")
        if not 1 <= len(text.strip()) <= LONGEST_TEXT:
            raise Invalid(f"an approved text has 1 to {LONGEST_TEXT} characters")
        if "review" not in by.scopes:
            allow(by, "chat")
        work = await self._work.get(answer_id)
        judges = "review" in by.scopes and (by.verticals is None or work.vertical in by.verticals)
        if not judges:
            await self._turns.get(answer_id, by.id)
        kept = await asyncio.to_thread(self._mask, work.vertical, text)
        return await self._work.approve(answer_id, kept, seconds=seconds, by=by.person_id or by.key_id or by.id)

    async def answer(self, answer_id: str, by: Caller) -> WholeAnswer:
        """Everything about one answer; raises NotFound."""
        receipt = await self._receipts.get(answer_id)
        allow(by, "review", receipt.vertical)
        recorded = await self._recordings.find(answer_id)
        try:
            reviewed = await self._queue.get(answer_id)
        except NotFound:
            reviewed = None
        return WholeAnswer(receipt, reviewed, recorded)

    async def erase(self, answer_id: str, by: Caller) -> None:
        """Erases the answer's whole conversation, on request of whoever it is about; its receipt stands.

        Raises NotFound, Held while a legal hold lasts, Forbidden for whoever is no approver.
        """
        receipt = await self._receipts.get(answer_id)
        _person(by, "approve", receipt.vertical)
        await self._erasure.erase(receipt.conversation_id, receipt.owner)

    async def replay(self, answer_id: str, by: Caller) -> ReplayedAnswer:
        """The answer's decisions, taken again by what is live now; raises NotFound."""
        receipt = await self._receipts.get(answer_id)
        allow(by, "review", receipt.vertical)
        return await replay_answer(self._receipts, self._rails, self._keyring, answer_id)


def _person(by: Caller, scope: Scope, vertical: str) -> str:
    allow(by, scope, vertical)
    if by.person_id is None:
        raise Forbidden("a person answers for this, and the key is nobody's; sign in, or use a personal key")
    return by.person_id

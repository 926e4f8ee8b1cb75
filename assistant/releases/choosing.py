"""Choosing a vertical's model: which runs there are, the decision on one of them, and the change it asks for.

The console and the command line both go this way.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.access import Caller, allow
from assistant.errors import Conflict, Invalid, NotFound
from assistant.evals.agreement import told_opinions
from assistant.evals.caveats import Register
from assistant.evals.compare import PREFERENCES, Preference, add_preference, read_preferences
from assistant.evals.edited import EDITED, Edited, add_edited, read_edited
from assistant.evals.listed import ListedRun, RunList
from assistant.evals.record import Decision, decide, read_decision, write_decision
from assistant.evals.runs import Run, read_run, runs_in
from assistant.evals.select import Terms
from assistant.rails.proposals import Proposal
from assistant.releases.drafts import Drafts

VERTICAL_YAML = "vertical.yaml"
BY_OPINION = "A machine’s opinion is among the terms of this choice, because it was asked for by name."


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run of one vertical in its folder."""

    name: str
    """Of the run: the folder that holds a folder for each vertical."""
    folder: Path
    run: Run

    @property
    def vertical(self) -> str:
        """Whose cases were answered."""
        return self.run.spec.vertical


class Choosing:
    """The runs below a folder, and what people make of them."""

    def __init__(self, evals_dir: Path, drafts: Drafts) -> None:
        self._evals_dir, self._drafts = evals_dir, drafts
        self._register, self._list = Register(evals_dir / "register.jsonl"), RunList(evals_dir)

    async def runs(self, by: Caller) -> tuple[ListedRun, ...]:
        """The runs of the verticals that `by` reviews, the latest first; one that cannot be read is left out."""
        allow(by, "review")
        found = await asyncio.to_thread(self._list.read)
        mine = [each for each in found if by.verticals is None or each.spec.vertical in by.verticals]
        return tuple(sorted(mine, key=lambda each: each.spec.began, reverse=True))

    async def run(self, name: str, vertical: str, by: Caller) -> KeptRun:
        """The run of that name, if `by` reviews its vertical; raises NotFound, or Conflict while it is not finished."""
        allow(by, "review", vertical)
        # Looked up among what is there: a name that comes from an address never makes a path.
        folders = {(each.parent.name, each.name): each for each in runs_in(self._evals_dir)}
        folder = folders.get((name, vertical))
        if folder is None:
            raise NotFound(f"there is no run {name[:80]!r} of {vertical[:64]!r}; `assistant eval` makes one")
        found = KeptRun(name, folder, await asyncio.to_thread(read_run, folder))
        allow(by, "review", found.vertical)
        if not found.run.complete:
            raise Conflict(
                f"the run {name!r} of {vertical!r} is not finished; the same `assistant eval` goes on with it"
            )
        return found

    async def preferences(self, kept: KeptRun) -> tuple[Preference, ...]:
        """What was preferred so far, here or in a terminal."""
        return await asyncio.to_thread(read_preferences, kept.folder / PREFERENCES)

    async def corrections(self, kept: KeptRun) -> tuple[Edited, ...]:
        """What was corrected so far, here or in a terminal."""
        return await asyncio.to_thread(read_edited, kept.folder / EDITED)

    async def prefer(self, kept: KeptRun, preference: Preference, by: Caller) -> None:
        """Keeps what somebody preferred."""
        allow(by, "review", kept.vertical)
        await asyncio.to_thread(add_preference, kept.folder / PREFERENCES, preference)

    async def correct(self, kept: KeptRun, correction: Edited, by: Caller) -> None:
        """Keeps what somebody corrected."""
        allow(by, "review", kept.vertical)
        await asyncio.to_thread(add_edited, kept.folder / EDITED, correction)

    async def decide(self, kept: KeptRun, terms: Terms, by: Caller, *, who: str) -> Decision:
        """The decision on the run by these terms, with its record in the run's folder; raises what `decide` does."""
        draft = await self._drafts.open(kept.vertical, by)
        served = draft.served_text(VERTICAL_YAML)
        return await asyncio.to_thread(settle, kept, terms, self._register, who=who, vertical_yaml=served)

    async def decision(self, kept: KeptRun) -> Decision | None:
        """The record of the last decision on the run; None while there is none that this version can read."""
        try:
            return await asyncio.to_thread(read_decision, kept.folder / "decision.json")
        except (NotFound, Invalid):
            return None

    def worn(self, kept: KeptRun) -> str | None:
        """The warning that many decisions were made on the run's cases; None while they are few."""
        return self._register.worn(kept.run.spec.cases_digest)

    async def propose(self, decision: Decision, by: Caller, *, title: str) -> Proposal | None:
        """A change of its own by which the recommended model writes, for `by` to hand in and another to approve.

        It is what is served now with another `model:` and `cascade:`, and nothing else changed. None where nothing is
        recommended, or what writes already. The same decision a second time gives the same change, handed in or not.
        """
        draft = await self._drafts.open(decision.spec.vertical, by)
        wanted = decision.changed(draft.served_text(VERTICAL_YAML))
        if wanted is None:
            return None
        for begun in await self._drafts.mine(decision.spec.vertical, by, "draft", "submitted", "approved"):
            if begun.changed == (VERTICAL_YAML,) and begun.text(VERTICAL_YAML) == wanted:
                return begun.proposal
        # Nothing else that its author is writing goes with it.
        alone = replace(draft, proposal=None, files=draft.served)
        made = await self._drafts.save(alone, {VERTICAL_YAML: wanted.encode()}, by, title=title)
        return made.proposal


def settle(kept: KeptRun, terms: Terms, register: Register, *, who: str, vertical_yaml: str) -> Decision:
    """The decision on the run, with its record in the run's folder and a line in the register."""
    remarks = (BY_OPINION, *told_opinions(kept.folder)) if terms.asks_a_machine else ()
    decision = decide(kept.run, terms, who=who, vertical_yaml=vertical_yaml, remarks=remarks)
    write_decision(decision, kept.folder)
    register.note("decided", cases=kept.run.spec.cases_digest, chosen=decision.recommended, who=who)
    return decision

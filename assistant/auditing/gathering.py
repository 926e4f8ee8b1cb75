"""Everything that an evidence pack holds of a period, gathered from the records, the releases and the runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.access import People
from assistant.auditing.activity import Activity, Heard, activity_of, breathing, heard_in
from assistant.auditing.changes import Decisions, decisions_of
from assistant.auditing.periods import Period
from assistant.auditing.signoffs import SignOff, SignOffs
from assistant.database import Database
from assistant.errors import NotFound
from assistant.ledger.anchors import Anchors, anchor_lines
from assistant.ledger.chain import extent, records
from assistant.models import Catalog, ModelCard
from assistant.rails.live import LiveRails, Release
from assistant.rails.publication import Live, live_now
from assistant.records import Finding, Hold, Holds, Receipt, Receipts, verify

if TYPE_CHECKING:
    from assistant.auditing.figures import Figures

SAMPLE = 200
"""Answers of the log sample: with no fault among so many, fewer than 1.5 in 100 have one (95 of 100, rule of three)."""
_TURN = ("turn.opened", "turn.sentence", "turn.closed")
_COUNTED = ("conversation.erased", "requests.refused")
"""One for each conversation that became old, and for each minute of somebody's trying: they would bury the rest."""


@dataclass(frozen=True, slots=True)
class PackSources:
    """What a pack is gathered from."""

    database: Database
    rails: LiveRails
    catalog: Catalog
    anchors: Anchors
    evals_dir: Path
    """The evaluation runs of this machine."""


@dataclass(frozen=True, slots=True)
class SampledAnswer:
    """One answer of the log sample."""

    answer_id: str
    receipt: Receipt | None
    """None where retention has taken it since."""
    records: tuple[Heard, ...]
    """What the chain holds of it in the period."""

    @property
    def matches(self) -> bool | None:
        """Whether the receipt is the one that the chain names; None where there is none to compare."""
        named = [each.told["facts"].get("receipt") for each in self.records if each.told["kind"] == "turn.closed"]
        return None if self.receipt is None else self.receipt.digest in named


@dataclass(frozen=True, slots=True)
class Pack:
    """What there is to show of a period."""

    period: Period
    made_at: datetime
    finding: Finding
    """Of the whole chain, from its first record on."""
    begins: int
    """Number of the first record that is still there; those before it were old enough to go."""
    activity: Activity
    sample: tuple[SampledAnswer, ...]
    acts: tuple[Heard, ...]
    """What people, keys, retention and holds did; of erasures only their number is in `activity`."""
    decisions: Decisions
    live: tuple[Live, ...]
    """What is published of each folder; nothing where folders are served as they are."""
    releases: tuple[Release, ...]
    """In force when the pack was made."""
    broken: Mapping[str, str]
    """Verticals that cannot be served, with the reason."""
    cards: tuple[ModelCard, ...]
    """Of the models that the releases name."""
    figures: Figures
    signoffs: tuple[SignOff, ...]
    holds: tuple[Hold, ...]
    people: Mapping[str, str]
    """Names of those who decided or signed, by id."""


async def gather(sources: PackSources, period: Period, *, at: datetime, sample: int = SAMPLE) -> Pack:
    """The pack of `period` as things stand."""
    database, releases = sources.database, sources.rails.live
    begins, _ = await extent(database)
    lines = anchor_lines(sources.anchors.file)
    finding = await verify(breathing(records(database)), lines, public_key=sources.anchors.public_key)
    # The seed is what the chain ends with, which nobody can steer: so nobody chooses what is in the sample.
    activity = await activity_of(database, period, sample=sample, seed=finding.end.digest)
    sampled, acts = await _heard(database, period, activity.sample)
    names = {name for each in releases for name in each.vertical.models}
    async with database.reading() as session:
        live = await live_now(session)
    return Pack(
        period=period,
        made_at=at,
        finding=finding,
        begins=begins,
        activity=activity,
        sample=sampled,
        acts=acts,
        decisions=await decisions_of(database, period),
        live=live,
        releases=releases,
        broken={name: str(error) for name, error in sorted(sources.rails.problems.items())},
        cards=tuple(card for card in sources.catalog.cards if card.name in names),
        figures=await asyncio.to_thread(_figures, sources.evals_dir),
        signoffs=await SignOffs(database).all(period),
        holds=await Holds(database).list(),
        people={person.id: person.name for person in await People(database).list()},
    )


async def _heard(
    database: Database, period: Period, answers: tuple[str, ...]
) -> tuple[tuple[SampledAnswer, ...], tuple[Heard, ...]]:
    """The sampled answers with their records, and the records that are of no turn."""
    own: dict[str, list[Heard]] = {each: [] for each in answers}
    acts = []
    async for heard in heard_in(database, period):
        if heard.told["kind"] in _TURN:
            if (answer := heard.told["facts"].get("answer")) in own:
                own[answer].append(heard)
        elif heard.told["kind"] not in _COUNTED:
            acts.append(heard)
    receipts = Receipts(database)
    sampled = [SampledAnswer(each, await _receipt(receipts, each), tuple(own[each])) for each in answers]
    return tuple(sampled), tuple(acts)


def _figures(folder: Path) -> Figures:
    from assistant.auditing.figures import figures_in  # The metrics bring libraries that take seconds to load.

    return figures_in(folder)


async def _receipt(receipts: Receipts, answer_id: str) -> Receipt | None:
    try:
        return await receipts.get(answer_id)
    except NotFound:
        return None

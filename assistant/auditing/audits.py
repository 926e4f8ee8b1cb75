"""What auditors and those who answer to them may do: verify the chain, take it away, sign off, explain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from assistant.access import Caller, allow
from assistant.auditing.activity import Activity, activity_of, breathing
from assistant.auditing.gathering import PackSources, gather
from assistant.auditing.periods import Period
from assistant.auditing.signoffs import SignOffs
from assistant.auditing.writing import write_pack
from assistant.database import Clock, utc_now
from assistant.errors import Forbidden
from assistant.ledger.anchors import anchor_lines
from assistant.ledger.chain import Entry, Record, append, extent, records
from assistant.records import Finding, verify
from assistant.records.exports import Format, export_lines, until_the_end

_EVERY = 1000
"""Records that are exported at once, and between two words about how far verifying has come."""
Progress = Callable[[int, int], None]
"""Told how many records are read, and how many there are."""


class Audits:
    """The acts of an audit, each for those who may."""

    def __init__(self, sources: PackSources, *, clock: Clock = utc_now) -> None:
        self._sources, self._clock = sources, clock
        self.signoffs = SignOffs(sources.database, clock=clock)

    async def verify(self, by: Caller, *, progress: Progress) -> Finding:
        """Whether every record is as it was written; `progress` is told now and then."""
        allow(by, "read-records")
        first, last = await extent(self._sources.database)
        anchors = self._sources.anchors
        lines, total = anchor_lines(anchors.file), max(last - first + 1, 0)
        return await verify(self._counted(total, progress), lines, public_key=anchors.public_key)

    async def activity(self, period: Period, by: Caller) -> Activity:
        """What the assistant did in `period`, as far as it concerns the verticals of whoever asks."""
        allow(by, "read-records")
        found = await activity_of(self._sources.database, period)
        return found if by.verticals is None else found.within(by.verticals)

    async def export(self, form: Format, by: Caller) -> AsyncGenerator[str, None]:
        """The whole chain as text, piece by piece; raises Forbidden at once."""
        allow_all(by)
        return self._exported(form)

    async def pack(self, period: Period, folder: Path, by: Caller) -> str:
        """Writes the evidence pack of `period` into `folder`, and into the chain that it was made.

        Returns the SHA-256 of its manifest; raises Conflict where the folder is not empty.
        """
        allow_all(by)
        return await make_pack(self._sources, period, folder, person_id=by.person_id, clock=self._clock)

    async def _counted(self, total: int, progress: Progress) -> AsyncGenerator[Record, None]:
        count = 0
        async for record in breathing(records(self._sources.database)):
            yield record
            count += 1
            if count % _EVERY == 0:
                progress(count, max(total, count))

    async def _exported(self, form: Format) -> AsyncGenerator[str, None]:
        piece: list[str] = []
        chain = until_the_end(breathing(records(self._sources.database)), self._sources.anchors)
        async for line in export_lines(chain, form):
            piece.append(line)
            if len(piece) == _EVERY:
                yield "".join(piece)
                piece.clear()
        yield "".join(piece)


async def make_pack(
    sources: PackSources, period: Period, folder: Path, *, person_id: str | None, clock: Clock = utc_now
) -> str:
    """As `Audits.pack`, for whoever runs the service; nobody is named where `person_id` is None."""
    pack = await gather(sources, period, at=clock())
    manifest = await asyncio.to_thread(write_pack, pack, folder, anchors=sources.anchors)
    # Whoever is handed a pack can ask whether it is the one that was made here: its manifest's digest is recorded.
    days = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    async with sources.database.session() as session:
        await append(session, Entry("pack.made", {"manifest": manifest, "person": person_id, **days}))
    return manifest


def allow_all(by: Caller) -> None:
    """Returns if the caller may read the records of every vertical, else raises Forbidden: there is one chain."""
    allow(by, "read-records")
    if by.verticals is not None:
        raise Forbidden("the records are those of every vertical; this needs somebody who works on all of them")

"""An evidence pack of a long chain: what it takes grows with the chain, what it holds in memory does not."""

from __future__ import annotations

import asyncio
import resource
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.access import Caller
from assistant.auditing import Audits, PackSources, Period, make_pack
from assistant.database import Database
from assistant.ledger.anchors import Anchors
from assistant.ledger.chain import Entry, append
from assistant.models import Catalog
from assistant.rails.live import Folders, LiveRails

pytestmark = pytest.mark.soak
BY = Caller("person.1", "Ada", frozenset({"read-records"}), None)


async def test_ten_times_the_records_take_no_more_memory(tmp_path):
    first, longer = [await made_of(turns, tmp_path / f"{turns}") for turns in (10_000, 100_000)]
    assert longer < first + 40


async def made_of(turns: int, home: Path) -> int:
    """MiB this process had at most when the pack of so many turns of two months was written."""
    database = Database(f"sqlite+aiosqlite:///{home}/chain.db")
    await database.create()
    now, anchors = datetime.now(UTC), Anchors(home)
    for number in range(0, turns, 1000):
        at = now - timedelta(days=60 * (1 - number / turns))
        entries = [entry for each in range(number, number + 1000) for entry in turn(each)]
        async with database.session() as session:
            anchors.add(await append(session, *entries, at=at))
    rails = LiveRails(Folders(home / "rails", home / "knowledge"), lambda name: pytest.fail(name))
    sources = PackSources(database, rails, Catalog(), anchors, home / "evals")
    period, began = Period((now - timedelta(days=61)).date(), now.date()), time.process_time()
    assert (await Audits(sources).verify(BY, progress=lambda *_: None)).problem is None
    verified = time.process_time()
    await make_pack(sources, period, home / "pack", person_id=None)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    took = time.process_time() - verified
    print(f"{turns} turns: verified in {verified - began:.1f} s, pack in {took:.1f} s of one core, {held} MiB")
    assert f"{turns:,}" in await asyncio.to_thread((home / "pack" / "index.html").read_text)
    await database.close()
    return held


def turn(number: int) -> list[Entry]:
    """The four records of an answer of two sentences."""
    own = {"turn": f"t{number}", "answer": f"ans-{number}"}
    opened = {**own, "vertical": "bank", "release": "sha256:1", "notice_shown": True, "question": "0" * 64}
    closed = {**own, "outcome": "answered", "rail": None, "sentences": 2, "receipt": "1" * 64}
    said = [Entry("turn.sentence", {**own, "n": n, "text": "0" * 64, "support": 0.9}, f"con-{number}") for n in (1, 2)]
    return [Entry("turn.opened", opened, f"con-{number}"), *said, Entry("turn.closed", closed, f"con-{number}")]

"""An office with a change that went the whole way, some turns, and what an evidence pack is gathered from."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assistant.answering.events import DoneEvent, SentenceEvent
from assistant.auditing import PackSources, Period
from assistant.database import Database
from assistant.ledger.anchors import Anchors
from assistant.ledger.keyring import Keyring
from assistant.messages import Answer, Sentence
from assistant.parts import Parts
from assistant.records import Audit
from tests.rails.revising import Office

SECRET = "may I return my blue tent"


@pytest.fixture
def today() -> date:
    return datetime.now(UTC).date()


@pytest.fixture
def period(today: date) -> Period:
    return Period(today, today)


@pytest.fixture
def office(either_database: Database) -> Office:
    return Office(either_database)


@pytest.fixture
def sources(either_database: Database, parts: Parts, tmp_path: Path) -> PackSources:
    return PackSources(either_database, parts.rails, parts.catalog, Anchors(tmp_path / "data"), tmp_path / "evals")


@pytest.fixture
async def audit(either_database: Database, keyring: Keyring, sources: PackSources):
    opened = Audit(either_database, keyring, sources.anchors)
    yield opened
    await opened.aclose()


async def record_turn(
    audit: Audit, number: int, outcome: str = "answered", vertical: str = "shop", **facts: object
) -> None:
    """Records a turn that comes to its end."""
    answer = Answer(f"ans-{number}", "con-1", vertical, "r", False, "m", "answer", outcome, SECRET, (), ())
    async with await audit.trail(answer.answer_id, "con-1", "k1") as trail:
        trail.note("turn.opened", vertical=vertical, release="sha256:1", **facts)
        await trail.hear(SentenceEvent(Sentence(SECRET, True, 0.9), ()))
        receipt = {"vertical": vertical, "outcome": outcome, "rail": None, "release": {"digest": "sha256:1"}}
        await audit._database.shortly(await trail.closing(receipt))
        await trail.hear(DoneEvent(answer))

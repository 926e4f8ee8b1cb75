"""How rails are doing, and the questions that a limit only just let through: read from receipts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from assistant.access import Caller
from assistant.database import Database
from assistant.errors import Forbidden
from assistant.messages import Answer, Usage
from assistant.records import Feedback, Receipts, Turns
from assistant.records.receipts import keep
from assistant.reviewing.near_questions import NearQuestions
from assistant.reviewing.rail_health import RailHealths
from assistant.short import along

BY = Caller("ada", "Ada", frozenset({"read-records"}), frozenset({"shop"}))
ANSWER = Answer(
    answer_id="a", conversation_id="c", vertical="shop", release="sha256:1", published=False, model="m",
    task="answer", outcome="answered", text="Yes.", sentences=(), citations=(), usage=Usage(1, 1),
)  # fmt: skip


@pytest.fixture
async def database(tmp_path):
    opened = Database(f"sqlite+aiosqlite:///{tmp_path}/records.db")
    await opened.create()
    yield opened
    await opened.close()


async def record(
    database: Database, clock, name: str, *, question: str = "?", rail: str | None = None, withheld: str | None = None,
    score: float | None = None, vertical: str = "shop", seal=None,
) -> None:  # fmt: skip
    """One answer with its receipt, as the audit leaves it."""
    answer = replace(ANSWER, answer_id=name, conversation_id=f"c-{name}", outcome="declined" if rail else "answered",
                     rail=rail, vertical=vertical)  # fmt: skip
    await Turns(database, seal, clock=clock).add(f"c-{name}", vertical, "key", question, answer, None)
    topics = {"topics": {"score": score, "form": "ask about returns"}} if score is not None else {}
    content = {
        "vertical": vertical, "rail": rail,
        "withheld": {"evidence": [], "sentences": [{"rail": withheld}] * 2 if withheld else []},
        "decisions": [{"stage": "input", "blocked": bool(rail), "rail": rail, "measurements": topics}],
    }  # fmt: skip
    async with database.session() as session:
        kept = Receipts(database, clock=clock).of(content, answer_id=name, conversation_id=f"c-{name}", owner="key")
        await along(session, partial(keep, kept))


async def test_fires_are_counted_by_rail_and_day(database, clock):
    await record(database, clock, "old", rail="topics")
    clock.now += timedelta(days=1)
    await record(database, clock, "one", rail="topics")
    await record(database, clock, "two", withheld="grounding")
    await record(database, clock, "three")
    await record(database, clock, "elsewhere", rail="topics", vertical="medical")
    health = await RailHealths(database, clock=clock).of("shop", BY, days=3)
    assert health.answers == (0, 1, 3)
    assert {name: rail.fires for name, rail in health.rails.items()} == {"topics": (0, 1, 1), "grounding": (0, 0, 1)}
    assert health.rails["topics"].total == 2


async def test_what_lies_further_back_is_not_counted(database, clock):
    await record(database, clock, "old", rail="topics")
    clock.now += timedelta(days=3)
    assert (await RailHealths(database, clock=clock).of("shop", BY, days=3)).rails == {}


async def test_a_false_alarm_is_a_declined_answer_that_somebody_marked_as_wrong(database, clock):
    for name, rail, rating in (("one", "topics", "down"), ("two", "topics", "up"), ("three", None, "down")):
        await record(database, clock, name, rail=rail)
        await Feedback(database, clock=clock).add(name, rating, owner="key", vertical="shop")
    health = await RailHealths(database, clock=clock).of("shop", BY)
    assert (health.rails["topics"].false_alarms, health.false_alarms) == (1, 1)


async def test_the_questions_nearest_to_the_limit_come_first_and_each_once(database, clock, keyring):
    for name, question, score in (("far", "a", 0.9), ("near", "b", 0.51), ("nearer", "c", 0.49), ("twice", "B", 0.5)):
        await record(database, clock, name, question=question, score=score, seal=keyring)
    await record(database, clock, "unmeasured", question="d", seal=keyring)
    found = await NearQuestions(database, keyring).of("shop", BY, limit=0.495, most=2)
    assert [(each.text, each.form) for each in found] == [("B", "ask about returns"), ("c", "ask about returns")]


async def test_a_question_whose_key_is_destroyed_is_not_shown(database, clock, keyring):
    await record(database, clock, "gone", question="a", score=0.5, seal=keyring)
    await keyring.destroy("c-gone")
    assert await NearQuestions(database, keyring).of("shop", BY, limit=0.5) == ()


async def test_nobody_reads_what_they_may_not(database, clock):
    for vertical, by in (("medical", BY), ("shop", replace(BY, scopes=frozenset({"chat"})))):
        with pytest.raises(Forbidden):
            await RailHealths(database, clock=clock).of(vertical, by)
        with pytest.raises(Forbidden):
            await NearQuestions(database).of(vertical, by, limit=0.5)

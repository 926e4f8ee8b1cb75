"""How a turn ends in the audit chain where something goes wrong at its very end: no sentence that left is missing."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from assistant.answering.events import DoneEvent, SentenceEvent
from assistant.database import Database
from assistant.errors import AssistantError, NotFound, Unavailable
from assistant.ledger.anchors import Anchors
from assistant.ledger.chain import records
from assistant.messages import Answer, Sentence
from assistant.records import Audit, Streams, Turns
from assistant.short import Direct
from assistant.together import Act

RECEIPT = {"vertical": "shop", "outcome": "answered", "rail": None}


@pytest.fixture
async def audit(either_database, keyring, tmp_path):
    opened = Audit(either_database, keyring, Anchors(tmp_path))
    yield opened
    await opened.aclose()


async def turn(audit: Audit, turns: Turns, name: str, *more: Act, spoil: Act | None = None) -> None:
    """A turn of three sentences, with `more` acts in the unit of work that records it.

    With `spoil` what still waits for its place in the chain is on its way there when the turn closes, and `spoil` is
    the last act of that.
    """
    answer = Answer(f"ans-{name}", f"con-{name}", "shop", "r", False, "m", "answer", "answered", "A", (), ())
    async with await audit.trail(answer.answer_id, answer.conversation_id, "k1") as trail:
        trail.note("turn.opened", vertical="shop")
        for number in range(3):
            await trail.hear(SentenceEvent(Sentence(f"Sentence {number}.", True, 0.9), ()))
        if spoil is not None:
            write = audit.waiting._write
            audit.waiting._write = lambda direct, steps: [write(direct, steps), spoil(direct)]
            await asyncio.sleep(0)  # The sentences are sent when the loop comes to it.
            audit.waiting.hurry()
            await asyncio.sleep(0.05)
            audit.waiting._write = write
        acts = [await trail.closing(RECEIPT), *more]
        await turns.add(answer.conversation_id, "shop", "k1", "Q", answer, None, closing=acts)
        await trail.hear(DoneEvent(answer))


async def kinds(database: Database, name: str) -> list[str]:
    found = [record.read() async for record in records(database)]
    return [each["facts"].get("outcome", each["kind"]) for each in found if each["subject"] == f"con-{name}"]


async def test_sentences_that_had_left_are_in_the_chain_where_the_turn_cannot_be_recorded(audit, either_database):
    turns = Turns(either_database)

    def fail(direct: Direct) -> None:
        raise Unavailable("the disk is full")

    with pytest.raises(Unavailable, match="disk is full"):
        await turn(audit, turns, "1", fail)
    await turn(audit, turns, "2")
    assert await kinds(either_database, "1") == ["turn.opened", *["turn.sentence"] * 3, "failed"]
    assert await kinds(either_database, "2") == ["turn.opened", *["turn.sentence"] * 3, "answered"]
    assert not await turns.keeps("ans-1")


class Shaky:
    """A database that can be away for units of work."""

    def __init__(self, database: Database) -> None:
        self._database, self.away = database, False

    def session(self):
        if self.away:
            raise Unavailable("the database did not answer")
        return self._database.session()

    def __getattr__(self, name: str):
        return getattr(self._database, name)


@pytest.mark.parametrize("how", ["while it goes on", "at its end"])
async def test_a_turn_that_could_not_even_be_given_up_is_closed_when_the_database_is_back(
    either_database, keyring, tmp_path, how
):
    shaky = Shaky(either_database)
    audit = Audit(shaky, keyring, Anchors(tmp_path), lease=timedelta(seconds=3))

    def break_down(direct: Direct) -> None:
        shaky.away = True
        raise Unavailable("the database did not answer")

    with pytest.raises(Unavailable):
        await turn(audit, Turns(either_database), "1", break_down)
    assert await kinds(either_database, "1") == ["turn.opened"]
    shaky.away = False
    if how == "at its end":
        await audit.aclose()
    async with asyncio.timeout(10):
        while len(found := await kinds(either_database, "1")) == 1:  # noqa: ASYNC110 — the chain can only be read
            await asyncio.sleep(0.1)
    assert found == ["turn.opened", *["turn.sentence"] * 3, "failed"]
    await audit.aclose()


async def test_no_turn_counts_as_answered_whose_sentence_could_not_be_written(audit, either_database):
    def fail(direct: Direct) -> None:
        if not hasattr(direct, "executemany"):  # PostgreSQL: long enough for the turn to close meanwhile.
            direct.execute(text("SELECT pg_sleep(0.2)"))
        raise OSError("gone")

    with pytest.raises((AssistantError, OSError)):
        await turn(audit, Turns(either_database), "1", spoil=fail)
    assert await kinds(either_database, "1") == ["turn.opened", "failed"]


async def test_an_answer_that_was_erased_is_not_given_again_under_its_id(audit, either_database):
    turns = Turns(either_database)
    await turn(audit, turns, "1")
    await turns.erase("con-1", "k1")
    with pytest.raises(NotFound, match="'ans-1' was given before and has been erased"):
        await turn(audit, turns, "1")
    said = ["turn.opened", *["turn.sentence"] * 3]
    assert await kinds(either_database, "1") == [*said, "answered", "conversation.erased", *said, "failed"]
    assert not await turns.keeps("ans-1")


async def test_a_conversation_whose_first_turn_closes_while_it_is_erased_is_gone(audit, either_database, keyring):
    turns, streams, closes = Turns(either_database, keyring), Streams(either_database, keyring), asyncio.Event()
    loop = asyncio.get_running_loop()

    def linger(direct: Direct) -> None:
        loop.call_soon(closes.set)
        if not hasattr(direct, "executemany"):
            direct.execute(text("SELECT pg_sleep(0.15)"))

    await streams.open("ans-1", "k1", "con-1", {})
    closing = asyncio.create_task(turn(audit, turns, "1", linger))
    await closes.wait()
    await turns.erase("con-1", "k1")
    await asyncio.gather(closing, return_exceptions=True)
    assert not await turns.keeps("ans-1")
    assert (await kinds(either_database, "1"))[-1] == "conversation.erased"

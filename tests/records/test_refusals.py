"""What was refused before a turn began is in the chain, and cannot fill it."""

from datetime import timedelta

import pytest

from assistant.database import Database
from assistant.errors import Unavailable
from assistant.ledger.chain import records
from assistant.records import Refusals

CHAT = "POST /v1/chat/completions"


@pytest.fixture
async def database():
    opened = Database("sqlite+aiosqlite://")
    await opened.create()
    yield opened
    await opened.close()


async def content(database) -> list[dict]:
    return [record.read() async for record in records(database)]


async def test_a_minute_of_refusals_is_one_record_that_tells_how_often_and_names_no_address(database, clock):
    refusals = Refusals(database, clock=clock)
    for _ in range(3):
        refusals.note(401, CHAT, caller=None, address="203.0.113.7")
    refusals.note(401, CHAT, caller=None, address="203.0.113.8")
    refusals.note(403, CHAT, caller="key-1", address="203.0.113.8")
    await refusals.write()
    await refusals.write()  # Nothing since: no record.
    (record,) = await content(database)
    assert (record["kind"], record["facts"]["requests"], record["facts"]["others"]) == ("requests.refused", 5, 0)
    told = [(each["status"], each["route"], each["requests"]) for each in record["facts"]["most"]]
    assert told == [(401, CHAT, 3), (401, CHAT, 1), (403, CHAT, 1)]
    first, second, third = (each["who"] for each in record["facts"]["most"])
    assert first != second and third == "key-1"
    assert "203.0.113" not in str(record)


async def test_a_hundred_thousand_addresses_make_a_record_of_a_few_kilobytes(database, clock):
    refusals = Refusals(database, clock=clock)
    for number in range(100_000):
        refusals.note(429, CHAT, caller=None, address=f"2001:db8::{number:x}")
    await refusals.write()
    (record,) = [record async for record in records(database)]
    facts = record.read()["facts"]
    assert facts["requests"] == 100_000 and len(facts["most"]) == 20
    assert facts["others"] == 100_000 - 20
    assert len(record.body) < 4096
    assert len(refusals._counted) == 0


async def test_an_address_is_named_otherwise_on_another_day_and_by_another_process(database, clock):
    refusals, other = Refusals(database, clock=clock), Refusals(database, clock=clock)

    async def named(by: Refusals) -> str:
        by.note(401, CHAT, caller=None, address="203.0.113.7")
        await by.write()
        return (await content(database))[-1]["facts"]["most"][0]["who"]

    first = await named(refusals)
    assert await named(refusals) == first
    assert await named(other) != first
    clock.now += timedelta(days=1)
    await named(refusals)
    assert await named(refusals) != first


async def test_what_could_not_be_recorded_is_counted_on(database, clock):
    refusals = Refusals(database, clock=clock)
    refusals.note(401, CHAT, caller=None, address="203.0.113.7")
    there = refusals._database
    refusals._database = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Unavailable):
        await refusals.write()
    await refusals.written()  # Said in the log, raised at nobody.
    refusals._database = there
    refusals.note(401, CHAT, caller=None, address="203.0.113.7")
    await refusals.write()
    (record,) = await content(database)
    assert [each["requests"] for each in record["facts"]["most"]] == [2]

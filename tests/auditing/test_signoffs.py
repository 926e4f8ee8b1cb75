"""A person signs that they looked at what the assistant did, and the chain holds it."""

from datetime import date, timedelta

import pytest

from assistant.auditing import Audits, Period, SignOffs, period_of
from assistant.auditing.activity import activity_of, heard_in
from assistant.errors import Forbidden, Invalid
from assistant.ledger.chain import Entry, append, head, records
from tests.auditing.conftest import record_turn


async def test_a_sign_off_is_kept_and_the_chain_names_the_person_and_the_record_they_saw_last(
    office, period, either_database
):
    ada = await office.person("ada", "reviewer", verticals=["shop"])
    async with either_database.reading() as session:
        seen = await head(session)
    signed = await SignOffs(either_database).sign(period, ada, note="Nothing unusual.")
    assert (signed.through, signed.digest, signed.verticals) == (seen.sequence, seen.digest, frozenset({"shop"}))
    assert await SignOffs(either_database).list(ada) == (signed,)
    *_, last = [record.read() async for record in records(either_database)]
    assert last["kind"] == "activity.signed"
    assert (last["facts"]["person"], last["facts"]["signoff"]) == (ada.person_id, signed.id)
    assert "unusual" not in str(last)


async def test_only_a_person_who_reviews_signs_and_only_for_days_that_are_there(office, period, today, either_database):
    signoffs = SignOffs(either_database)
    operator = await office.person("op", "operator")
    with pytest.raises(Forbidden):
        await signoffs.sign(period, operator)
    with pytest.raises(Forbidden):
        await signoffs.list(operator)
    with pytest.raises(Forbidden, match="nobody's"):
        await signoffs.sign(period, await office.key("review"))
    ada = await office.person("ada", "reviewer")
    with pytest.raises(Invalid, match="still to come"):
        await signoffs.sign(Period(today, today + timedelta(days=1)), ada)
    with pytest.raises(Invalid, match="2000"):
        await signoffs.sign(period, ada, note="x" * 2001)
    assert await signoffs.list(ada) == ()


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        ("2026-11-02", "2026-11-01", "before it begins"),
        ("1 May", "2026-11-01", "like 2026-11-30"),
        ("2026-11-01", "2026-12-01", "to come"),
    ],
)
def test_a_period_that_is_none_is_refused_with_what_would_be_right(first, last, why):
    with pytest.raises(Invalid, match=why):
        period_of(first, last, today=date(2026, 11, 27))


async def test_the_activity_counts_what_happened_within_the_period_alone(
    audit, office, period, sources, either_database
):
    async with either_database.session() as session:
        await append(session, Entry("key.created", {"key": "old"}), at=period.since - timedelta(days=3))
    await record_turn(audit, 1, notice_shown=True)
    await record_turn(audit, 2, "declined", notice_shown=False)
    await record_turn(audit, 3, vertical="bank")
    async with either_database.session() as session:
        await append(session, Entry("key.revoked", {"key": "new"}), at=period.until + timedelta(days=1))
    found = await activity_of(either_database, period, sample=2, seed="s")
    counted = {(each.vertical, each.outcome): each.turns for each in found.turns}
    assert counted == {("bank", "answered"): 1, ("shop", "answered"): 1, ("shop", "declined"): 1}
    notices = [(n.vertical, n.shown, n.not_shown, n.not_recorded) for n in found.notices]
    assert notices == [("bank", 0, 0, 1), ("shop", 1, 1, 0)]
    assert (found.acts, found.releases, len(found.sample)) == ({}, {"sha256:1": 3}, 2)
    assert (await activity_of(either_database, period, sample=2, seed="s")).sample == found.sample
    shop = await Audits(sources).activity(period, await office.person("ada", "reviewer", verticals=["shop"]))
    assert shop.total == 2


async def test_reading_from_a_moment_on_finds_the_first_record_of_it(either_database, period):
    async with either_database.session() as session:
        for day in range(-40, 1):
            await append(session, *[Entry("test", {"day": day})] * 3, at=period.since + timedelta(days=day))
    for day in (-41, -40, -39, -17, 0):
        since = period.since + timedelta(days=day)
        read = [record.sequence async for record in records(either_database, since=since)]
        assert read == list(range(3 * (max(day, -40) + 40) + 1, 124))
    assert [r async for r in records(either_database, since=period.until)] == []
    assert len([each async for each in heard_in(either_database, period)]) == 3

from datetime import timedelta

import pytest
from sqlalchemy import text

from assistant.errors import Unauthenticated


@pytest.fixture
async def jane(people):
    return await people.add("jane@shop.example", "Jane", ["reviewer"])


async def test_a_session_is_found_by_its_token_which_is_not_stored(sessions, jane, database):
    opened = await sessions.open(jane)
    assert (await sessions.find(opened.token)).person == jane
    async with database.reading() as session:
        assert opened.token not in repr((await session.execute(text("SELECT * FROM sessions"))).all())


async def test_a_session_lives_while_it_is_used_and_no_longer_than_a_week(sessions, jane, clock):
    token = (await sessions.open(jane)).token
    for _ in range(23):
        clock.now += timedelta(hours=7)
        await sessions.find(token)
    clock.now += timedelta(hours=7)
    with pytest.raises(Unauthenticated):
        await sessions.find(token)


async def test_a_session_that_lies_idle_ends(sessions, jane, clock):
    token = (await sessions.open(jane)).token
    clock.now += timedelta(hours=8)
    with pytest.raises(Unauthenticated):
        await sessions.find(token)


async def test_a_session_that_was_closed_or_whose_person_is_disabled_is_over(sessions, people, jane):
    closed, other, kept = [(await sessions.open(jane)).token for _ in range(3)]
    await sessions.close(closed)
    await sessions.find(kept)
    await people.disable(jane.email)
    for token in (closed, other, "nonsense"):
        with pytest.raises(Unauthenticated):
            await sessions.find(token)


async def test_closing_all_leaves_other_people_signed_in(sessions, people, jane):
    joe = await people.add("joe@shop.example", "Joe", ["operator"])
    hers, his = await sessions.open(jane), await sessions.open(joe)
    await sessions.close_all(jane)
    assert (await sessions.find(his.token)).person == joe
    with pytest.raises(Unauthenticated):
        await sessions.find(hers.token)


async def test_only_the_session_s_own_csrf_token_proves_it(sessions, jane):
    mine, other = await sessions.open(jane), await sessions.open(jane)
    assert mine.proves(mine.csrf)
    assert not mine.proves(other.csrf) and not mine.proves("") and not mine.proves("é")
    assert mine.token not in mine.csrf

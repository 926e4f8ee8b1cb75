import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from assistant.access import Keys
from assistant.errors import Forbidden, Invalid, NotFound, Unauthenticated


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def database(either_database):
    return either_database


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keys(database, clock):
    return Keys(database, clock=clock)


async def test_a_new_key_opens_with_its_secret(keys):
    created = await keys.create("shop", ["chat", "check"], ["feedback"])
    assert re.fullmatch(r"ast_[0-9a-f]{12}_[A-Za-z0-9_-]{32}", created.secret)
    known = await keys.authenticate(created.secret)
    assert (known.id, known.name, known.scopes, known.verticals) == (
        created.key.id,
        "shop",
        {"chat", "check"},
        {"feedback"},
    )


async def test_the_secret_is_neither_stored_nor_printed(keys, database):
    created = await keys.create("shop", ["chat"])
    random_part = created.secret.rsplit("_", 1)[-1]
    async with database.reading() as session:
        stored = repr((await session.execute(text("SELECT * FROM keys"))).all())
    assert random_part not in stored
    assert random_part not in repr(created)


async def test_whatever_is_wrong_with_a_secret_the_message_is_the_same(keys):
    created = await keys.create("shop", ["chat"])
    revoked = await keys.create("old", ["chat"])
    await keys.revoke(revoked.key.id)
    head, tail = created.secret[:-32], created.secret[-32:]
    wrong_tail = head + ("A" if tail[0] != "A" else "B") + tail[1:]
    wrong_id = f"ast_{'0' * 12}_{tail}"
    messages = set()
    for secret in ("", "hunter2", "ast_é_x", created.secret + "\n", wrong_tail, wrong_id, revoked.secret, "x" * 10_000):
        with pytest.raises(Unauthenticated) as raised:
            await keys.authenticate(secret)
        messages.add(str(raised.value))
    assert len(messages) == 1


async def test_a_revoked_key_stays_listed_with_its_first_date(keys, clock):
    created = await keys.create("shop", ["chat"])
    first = (await keys.revoke(created.key.id)).revoked_at
    clock.now += timedelta(days=1)
    assert (await keys.revoke(created.key.id)).revoked_at == first
    assert [key.revoked_at for key in await keys.list()] == [first]


async def test_revoking_a_key_that_is_not_there_names_it(keys):
    with pytest.raises(NotFound, match="abc"):
        await keys.revoke("abc")


async def test_last_use_is_noted_at_most_once_a_minute(keys, clock):
    created = await keys.create("shop", ["chat"])
    first = clock.now
    assert (await keys.authenticate(created.secret)).last_used_at == first
    clock.now += timedelta(seconds=59)
    assert (await keys.authenticate(created.secret)).last_used_at == first
    clock.now += timedelta(seconds=1)
    assert (await keys.authenticate(created.secret)).last_used_at == clock.now
    assert [key.last_used_at for key in await keys.list()] == [clock.now]


async def test_keys_are_listed_oldest_first(keys, clock):
    for name in ("b", "a", "c"):
        await keys.create(name, ["chat"])
        clock.now += timedelta(seconds=1)
    assert [key.name for key in await keys.list()] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("name", "scopes", "verticals", "named"),
    [
        (" ", ["chat"], None, "name"),
        ("shop", ["chat", "fly"], None, "'fly'"),
        ("shop", [], None, "scope"),
        ("shop", ["chat"], [], "vertical"),
    ],
)
async def test_a_key_that_could_not_work_is_not_made(keys, name, scopes, verticals, named):
    with pytest.raises(Invalid, match=named):
        await keys.create(name, scopes, verticals)
    assert await keys.list() == ()


async def test_a_key_may_do_only_what_its_scopes_say(keys):
    key = (await keys.create("auditor", ["admin"])).key
    keys.allow(key, "admin", "medical")
    with pytest.raises(Forbidden, match="'chat'"):
        keys.allow(key, "chat", "medical")


async def test_a_limited_key_is_told_what_it_may_use_and_not_what_exists(keys):
    key = (await keys.create("shop", ["chat"], ["feedback", "marketing"])).key
    keys.allow(key, "chat", "marketing")
    with pytest.raises(Forbidden, match="it may use: feedback, marketing"):
        keys.allow(key, "chat", "medical")

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from assistant.access import allow
from assistant.errors import Forbidden, Invalid, NotFound, Unauthenticated


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
    random_part = created.secret.split("_", 2)[-1]
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
    allow(key.caller(), "admin", "medical")
    with pytest.raises(Forbidden, match="'chat'"):
        allow(key.caller(), "chat", "medical")


async def test_a_limited_key_is_told_what_it_may_use_and_not_what_exists(keys):
    key = (await keys.create("shop", ["chat"], ["feedback", "marketing"])).key
    allow(key.caller(), "chat", "marketing")
    with pytest.raises(Forbidden, match="it may use: feedback, marketing"):
        allow(key.caller(), "chat", "medical")


async def test_a_key_with_an_end_opens_until_then(keys, clock):
    created = await keys.create("trial", ["chat"], lifetime=timedelta(days=1))
    clock.now += timedelta(hours=23)
    await keys.authenticate(created.secret)
    clock.now += timedelta(hours=1)
    with pytest.raises(Unauthenticated):
        await keys.authenticate(created.secret)


async def test_a_person_s_keys_are_one_person_and_do_no_more_than_their_roles(keys, people):
    person = await people.add("jane@shop.example", "Jane", ["reviewer"], ["feedback", "medical"])
    first = await keys.create("laptop", ["chat", "review", "admin"], person_id=person.id)
    second = await keys.create("phone", ["chat"], ["feedback", "marketing"], person_id=person.id)
    laptop, phone = [(await keys.authenticate(each.secret)).caller() for each in (first, second)]
    assert laptop.person_id == phone.person_id == person.id
    assert (laptop.scopes, laptop.verticals) == ({"chat", "review"}, {"feedback", "medical"})
    assert phone.verticals == {"feedback"}
    await people.set_roles(person.email, ["operator"])
    assert (await keys.authenticate(first.secret)).scopes == {"admin"}


async def test_a_disabled_person_s_keys_open_nothing(keys, people):
    person = await people.add("jane@shop.example", "Jane", ["reviewer"])
    created = await keys.create("laptop", ["chat"], person_id=person.id)
    await people.disable(person.email)
    with pytest.raises(Unauthenticated):
        await keys.authenticate(created.secret)


async def test_a_key_for_nobody_known_is_not_made(keys):
    with pytest.raises(NotFound, match="no person"):
        await keys.create("laptop", ["chat"], person_id="nobody")
    assert await keys.list() == ()


async def test_an_embed_token_holds_one_vertical_and_its_origins_as_browsers_write_them(keys):
    created = await keys.create_embed("shop", "feedback", ["HTTPS://Shop.example:443/", "http://localhost:3000"])
    known = await keys.authenticate(created.secret)
    assert created.secret.startswith("asw_")
    assert (known.scopes, known.verticals) == ({"chat"}, {"feedback"})
    assert known.origins == ("http://localhost:3000", "https://shop.example")


async def test_an_embed_token_cannot_pass_for_a_key(keys):
    created = await keys.create_embed("shop", "feedback", ["https://shop.example"])
    with pytest.raises(Unauthenticated):
        await keys.authenticate(created.secret.replace("asw_", "ast_"))


@pytest.mark.parametrize(
    "origin",
    ["shop.example", "https://", "https://*.shop.example", "https://shop.example/page", "ftp://x.example", "*"],
)
async def test_what_is_no_origin_is_named(keys, origin):
    with pytest.raises(Invalid, match="not an origin"):
        await keys.create_embed("shop", "feedback", [origin])


async def test_visitors_of_one_token_are_told_apart_by_their_secrets(keys):
    key = (await keys.create_embed("shop", "feedback", ["https://shop.example"])).key
    mine, again, other = key.visitor("a" * 22), key.visitor("a" * 22), key.visitor("b" * 22)
    assert mine.id == again.id != other.id
    assert key.visitor(None).id != key.visitor(None).id
    assert "a" * 22 not in mine.id and len(mine.id) <= 64


async def test_only_a_live_token_makes_an_origin_known(keys, clock):
    created = await keys.create_embed("shop", "feedback", ["https://shop.example"], lifetime=timedelta(days=1))
    assert await keys.embedded_at("https://shop.example")
    assert not await keys.embedded_at("https://elsewhere.example")
    clock.now += timedelta(days=1)
    assert not await keys.embedded_at("https://shop.example")
    await keys.revoke(created.key.id)

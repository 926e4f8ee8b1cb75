import pytest
from sqlalchemy import text

from assistant.access import Identity
from assistant.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated

PASSWORD = "correct horse battery"
JANE = Identity("https://id.example", "u-1", "Jane@Shop.example", True)


@pytest.fixture
async def jane(people):
    return await people.add("Jane@Shop.example", "Jane", ["reviewer", "approver"], password=PASSWORD)


async def test_a_person_signs_in_with_address_and_password_whatever_the_case_of_the_address(people, jane):
    assert await people.by_password(" JANE@shop.example", PASSWORD) == jane
    assert jane.caller().scopes == {"chat", "check", "read-records", "review", "approve"}


async def test_the_password_is_kept_as_argon2_alone(people, jane, database):
    async with database.reading() as session:
        stored = repr((await session.execute(text("SELECT * FROM people"))).all())
    assert "$argon2id$" in stored and PASSWORD not in stored


async def test_whatever_is_wrong_with_a_sign_in_the_message_is_the_same(people, jane):
    await people.add("oidc@shop.example", "No password", ["operator"])
    await people.add("gone@shop.example", "Gone", ["operator"], password=PASSWORD)
    await people.disable("gone@shop.example")
    messages = set()
    for email, password in [
        ("jane@shop.example", "wrong horse battery"),
        ("nobody@shop.example", PASSWORD),
        ("oidc@shop.example", PASSWORD),
        ("gone@shop.example", PASSWORD),
        ("jane@shop.example", PASSWORD + "x" * 10_000),
    ]:
        with pytest.raises(Unauthenticated) as raised:
            await people.by_password(email, password)
        messages.add(str(raised.value))
    assert len(messages) == 1


async def test_another_password_replaces_the_first(people, jane):
    await people.set_password("jane@shop.example", "another horse battery")
    with pytest.raises(Unauthenticated):
        await people.by_password("jane@shop.example", PASSWORD)
    assert await people.by_password("jane@shop.example", "another horse battery") == jane


@pytest.mark.parametrize(
    ("email", "name", "roles", "password", "named"),
    [
        ("jane", "Jane", ["reviewer"], PASSWORD, "'jane' is not an email"),
        ("jane@shop.example", " ", ["reviewer"], PASSWORD, "a person needs a name"),
        ("jane@shop.example", "Jane", ["king"], PASSWORD, "unknown role 'king'"),
        ("jane@shop.example", "Jane", [], PASSWORD, "no role"),
        ("jane@shop.example", "Jane", ["reviewer"], "short", "12 to 200"),
    ],
)
async def test_what_is_wrong_with_a_new_person_is_named(people, email, name, roles, password, named):
    with pytest.raises(Invalid, match=named):
        await people.add(email, name, roles, password=password)
    assert await people.list() == ()


async def test_an_address_is_one_person_s(people, jane):
    with pytest.raises(Conflict, match=r"jane@shop\.example"):
        await people.add("JANE@shop.example", "Another Jane", ["operator"])


async def test_nobody_is_named_when_they_are_not_there(people):
    with pytest.raises(NotFound, match=r"nobody@shop\.example"):
        await people.disable("nobody@shop.example")


async def test_an_identity_claims_the_person_with_its_verified_address_and_then_stays_theirs(people, jane):
    assert await people.by_identity(JANE) == jane
    moved = Identity(JANE.issuer, JANE.subject, "jane@elsewhere.example", False)
    assert await people.by_identity(moved) == jane


@pytest.mark.parametrize(
    "identity",
    [
        Identity("https://id.example", "u-2", "jane@shop.example", True),
        Identity("https://id.example", "u-3", "stranger@shop.example", True),
        Identity("https://evil.example", "u-1", "jane@shop.example", True),
    ],
)
async def test_another_identity_with_the_same_address_or_none_stays_out(people, jane, identity):
    await people.by_identity(JANE)
    with pytest.raises(Forbidden):
        await people.by_identity(identity)


async def test_an_address_that_the_provider_did_not_verify_claims_nobody(people, jane):
    with pytest.raises(Forbidden):
        await people.by_identity(Identity("https://id.example", "u-1", "jane@shop.example", False))

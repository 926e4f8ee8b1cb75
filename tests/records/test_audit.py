"""The audit chain: whole when it is left alone, and never when it is touched."""

import asyncio
import json
from datetime import timedelta
from shutil import copyfile

import pytest
from sqlalchemy import text

from assistant.access import Keys, People
from assistant.answering.events import DoneEvent, SentenceEvent
from assistant.database import Database, utc_now
from assistant.errors import NotFound
from assistant.ledger.anchors import Anchors, anchor_lines
from assistant.ledger.canonical import canonical
from assistant.ledger.chain import Entry, Head, Record, append, digest_of, head, prune, records
from assistant.messages import Answer, Sentence
from assistant.records import Audit, Streams, read_export, until_the_end, verify, write_export

ANSWER = Answer("ans-1", "con-1", "shop", "sha256:1", False, "scripted", "answer", "answered", "", (), ())
RECEIPT = {"vertical": "shop", "outcome": "answered", "rail": None}


@pytest.fixture
def anchors(tmp_path):
    return Anchors(tmp_path)


@pytest.fixture
async def audit(either_database, keyring, anchors):
    opened = Audit(either_database, keyring, anchors)
    yield opened
    await opened.aclose()


async def said(audit: Audit, answer: str, subject: str = "con-1", sentences: int = 2) -> None:
    """One turn that comes to its end."""
    async with await audit.trail(answer, subject, "k1") as trail:
        trail.note("turn.opened", vertical="shop")
        for number in range(sentences):
            await trail.hear(SentenceEvent(Sentence(f"Sentence {number}.", True, 0.9), ()))
        await audit._database.shortly(await trail.closing(RECEIPT))
        await trail.hear(DoneEvent(ANSWER))


async def content(database: Database) -> list[dict]:
    return [record.read() async for record in records(database)]


async def check(database: Database, anchors: Anchors):
    return await verify(records(database), anchor_lines(anchors.file), public_key=anchors.public_key)


async def change(database: Database, *statements: str, **values: object) -> None:
    async with database.session() as session:
        for statement in statements:
            await session.execute(text(statement), values)


@pytest.fixture
async def ten(either_database, anchors):
    """Ten records, the last anchored."""
    async with either_database.session() as session:
        end = await append(session, *(Entry("test", {"n": number}) for number in range(10)))
    anchors.add(end)
    assert (await check(either_database, anchors)).problem is None
    return either_database


async def test_sixty_turns_at_once_are_each_whole_and_in_order(audit, either_database, anchors):
    await asyncio.gather(*(said(audit, f"ans-{n}", f"con-{n % 20}") for n in range(60)))
    found = await content(either_database)
    assert len(found) == 60 * 4
    for number in range(0, 60, 17):
        own = [each for each in found if each["facts"]["answer"] == f"ans-{number}"]
        assert [each["kind"] for each in own] == ["turn.opened", "turn.sentence", "turn.sentence", "turn.closed"]
        assert [each["facts"]["n"] for each in own[1:3]] == [1, 2]
    await audit.aclose()
    assert (await check(either_database, anchors)).problem is None


async def test_streamed_turns_at_once_put_their_records_along_with_their_streams(audit, either_database, anchors):
    streams = Streams(either_database, guest=audit.waiting)

    async def streamed(number: int) -> None:
        answer = f"ans-{number}"
        async with await audit.trail(answer, f"con-{number}", "k1", new=True) as trail:
            trail.note("turn.opened")
            await streams.open(answer, "k1", f"con-{number}", {})
            for place in range(2):
                await trail.hear(SentenceEvent(Sentence(f"Sentence {place}.", True, 0.9), ()))
                await streams.say(answer, [{}])
            await either_database.shortly(await trail.closing(RECEIPT))
            await trail.hear(DoneEvent(ANSWER))
            await streams.finish(answer)

    await asyncio.gather(*(streamed(number) for number in range(20)))
    found = await content(either_database)
    for number in range(20):
        own = [each["kind"] for each in found if each["facts"]["answer"] == f"ans-{number}"]
        assert own == ["turn.opened", "turn.sentence", "turn.sentence", "turn.closed"]
    await audit.aclose()
    assert (await check(either_database, anchors)).problem is None


async def test_several_processes_write_one_chain(either_database, keyring, anchors, tmp_path, request):
    several = [Audit(either_database, keyring, anchors) for _ in range(4)]
    await asyncio.gather(*(said(each, f"ans-{n}-{m}") for n, each in enumerate(several) for m in range(20)))
    for each in several:
        await each.aclose()
    finding = await check(either_database, anchors)
    assert (finding.problem, finding.records) == (None, 4 * 20 * 4)


async def test_a_record_holds_no_text_and_a_short_text_cannot_be_guessed_from_it(audit, either_database):
    await said(audit, "ans-1", sentences=1)
    (sentence,) = [each for each in await content(either_database) if each["kind"] == "turn.sentence"]
    assert "Sentence" not in canonical(sentence)
    assert sentence["facts"]["text"] not in (digest_of("Sentence 0."), digest_of('"Sentence 0."'))


async def test_a_turn_that_fails_and_one_that_is_left_are_closed_as_such(audit, either_database):
    async def broken(answer: str, error: BaseException) -> None:
        async with await audit.trail(answer, "con-1", "k1") as trail:
            trail.note("turn.opened")
            raise error

    with pytest.raises(NotFound):
        await broken("ans-1", NotFound("gone"))
    with pytest.raises(asyncio.CancelledError):
        await broken("ans-2", asyncio.CancelledError())
    await audit.aclose()
    closed = [each["facts"] for each in await content(either_database) if each["kind"] == "turn.closed"]
    assert [(each["outcome"], each.get("error")) for each in closed] == [("failed", "not-found"), ("broken off", None)]


async def test_what_a_dead_writer_left_open_is_closed_and_a_live_ones_is_not(either_database, keyring, anchors, clock):
    dead, live, sweeping = (Audit(either_database, keyring, anchors, clock=clock) for _ in range(3))
    left = await dead.trail("ans-1", "con-1", "k1")
    left.note("turn.opened")
    await left.noted[0]
    clock.now += timedelta(seconds=59)
    going_on = await live.trail("ans-2", "con-1", "k1")
    going_on.note("turn.opened")
    await going_on.noted[0]
    assert await sweeping.sweep() == 0
    clock.now += timedelta(seconds=2)
    assert await sweeping.sweep() == 1
    assert (await content(either_database))[-1]["facts"]["outcome"] == "broken off"
    with pytest.raises(NotFound):  # It was not dead, only silent: too late, nothing of it is recorded.
        await either_database.shortly(await left.closing(RECEIPT))
    await either_database.shortly(await going_on.closing(RECEIPT))
    for each in (dead, live, sweeping):
        await each.aclose()


async def test_what_operators_do_is_in_the_chain_and_nobodys_name_is(either_database):
    person = await People(either_database).add("jane@shop.example", "Jane Roe", ["reviewer"])
    created = await Keys(either_database).create("Jane's key", ["chat"], person_id=person.id)
    await Keys(either_database).revoke(created.key.id)
    await People(either_database).set_roles("jane@shop.example", ["approver"])
    await People(either_database).disable("jane@shop.example")
    found = await content(either_database)
    kinds = ["person.added", "key.created", "key.revoked", "person.roles", "person.disabled"]
    assert [each["kind"] for each in found] == kinds
    assert "jane" not in json.dumps(found).lower()


@pytest.mark.parametrize("column", ["body", "digest"])
async def test_any_byte_that_is_flipped_is_named(ten, anchors, column):
    statement = f"UPDATE audit SET {column} = :new WHERE sequence = :sequence"
    for record in [record async for record in records(ten)]:
        kept = getattr(record, column)
        for place in range(record.sequence % 7, len(kept), 7 if record.sequence in (1, 10) else 70):
            new = f"{kept[:place]}{'x' if kept[place] != 'x' else 'y'}{kept[place + 1 :]}"
            await change(ten, statement, new=new, sequence=record.sequence)
            assert (await check(ten, anchors)).sequence == record.sequence
        await change(ten, statement, new=kept, sequence=record.sequence)
    assert (await check(ten, anchors)).problem is None


@pytest.mark.parametrize("kept", ["CAST(x'fffe' AS TEXT)", "x'fffe'", "CAST(CAST(body AS BLOB) || x'ff' AS TEXT)"])
@pytest.mark.parametrize("column", ["body", "digest"])
async def test_bytes_that_are_no_text_are_named_like_any_other_change(anchors, tmp_path, column, kept):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/bytes.db")
    await database.create()
    async with database.session() as session:
        anchors.add(await append(session, *(Entry("test", {"n": number}) for number in range(10))))
    await change(database, f"UPDATE audit SET {column} = {kept} WHERE sequence = 4")
    finding = await check(database, anchors)
    assert (finding.sequence, "was changed" in finding.problem) == (4, True)
    with (tmp_path / "export.jsonl").open("w", encoding="utf-8") as out:
        assert await write_export(records(database), out, "jsonl") == 10
    exported = read_export(tmp_path / "export.jsonl")
    lines = anchor_lines(anchors.file)
    assert (await verify(exported, lines, public_key=anchors.public_key, export=True)).sequence == 4
    assert len([record async for record in records(database, since=utc_now() - timedelta(days=1))]) == 10
    async with database.session() as session:
        assert (await prune(session, utc_now() + timedelta(days=1))).sequence >= 3
    await database.close()


@pytest.mark.parametrize("number", [1, 2, 5, 9, 10])
async def test_a_dropped_record_is_named(ten, anchors, number):
    await change(ten, f"DELETE FROM audit WHERE sequence = {number}")
    finding = await check(ten, anchors)
    assert finding.sequence == number
    assert "missing" in finding.problem


async def test_two_records_that_were_swapped_are_named(ten, anchors):
    moves = [(4, 100), (7, 4), (100, 7)]
    await change(ten, *(f"UPDATE audit SET sequence = {to} WHERE sequence = {was}" for was, to in moves))
    finding = await check(ten, anchors)
    assert (finding.sequence, "wrong place" in finding.problem) == (4, True)


async def test_a_tail_that_was_cut_is_named_also_when_the_chain_went_on(ten, anchors):
    await change(ten, "DELETE FROM audit WHERE sequence > 7")
    assert (await check(ten, anchors)).sequence == 8
    async with ten.session() as session:
        await append(session, *(Entry("test", {"n": number}) for number in range(20)))
    finding = await check(ten, anchors)
    assert (finding.sequence, "anchored" in finding.problem) == (10, True)


async def test_a_chain_that_was_made_anew_is_named_and_one_without_anchors_is_not_believed(ten, anchors):
    await change(ten, "DELETE FROM audit")
    async with ten.session() as session:
        await append(session, *(Entry("test", {"n": number + 1}) for number in range(10)))
    assert "made anew" in (await check(ten, anchors)).problem
    anchors.file.unlink()
    assert "no anchor" in (await check(ten, anchors)).problem


async def test_a_record_made_anew_with_its_digest_is_named_by_the_next(ten, anchors):
    record = [record async for record in records(ten)][3]
    body = canonical({**record.read(), "kind": "other"})
    await change(
        ten, "UPDATE audit SET body = :body, digest = :digest WHERE sequence = 4", body=body, digest=digest_of(body)
    )
    finding = await check(ten, anchors)
    assert (finding.sequence, "replaced" in finding.problem) == (4, True)


async def test_an_anchor_that_was_touched_or_signed_by_another_is_named(ten, anchors, tmp_path):
    line = anchors.file.read_bytes()
    for place in range(0, len(line) - 1, 5):
        anchors.file.write_bytes(line[:place] + bytes([line[place] ^ 1]) + line[place + 1 :])
        assert "anchor 1" in (await check(ten, anchors)).problem
    other = Anchors(tmp_path / "other")
    async with ten.reading() as session:
        other.add(await head(session))
    anchors.file.write_bytes(other.file.read_bytes())
    assert "not signed with" in (await check(ten, anchors)).problem


async def test_an_anchor_that_a_loss_of_power_cut_in_two_is_written_again(ten, anchors):
    whole = anchors.file.read_bytes()
    anchors.file.write_bytes(whole + whole[:40])
    async with ten.session() as session:
        end = await append(session, Entry("test"))
    anchors.add(end)
    finding = await check(ten, anchors)
    assert (finding.problem, finding.anchors) == (None, 2)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
async def test_an_export_verifies_by_itself_and_any_byte_of_it_counts(anchors, tmp_path, form):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/exported.db")
    await database.create()
    async with database.session() as session:
        end = await append(session, *(Entry("test", {"n": n, "name": 'a, "b" é'}, f"con-{n}") for n in range(4)))
    anchors.add(end)
    file = tmp_path / f"export.{form}"
    with file.open("w", encoding="utf-8", newline="") as out:
        assert await write_export(records(database), out, form) == 4
    await database.close()

    async def problem() -> str | None:
        lines = anchor_lines(anchors.file)
        return (await verify(read_export(file), lines, public_key=anchors.public_key)).problem

    assert await problem() is None
    whole = file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert await problem(), (place, whole[place - 10 : place + 10])


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"a":' * 50_000 + "1" + "}" * 50_000,
        '{"sequence":' + "9" * 5000 + "}",
        '{"sequence":"eleven","previous":"x"}',
        '{"sequence":null}',
        '{"sequence":11.0}',
        '{"sequence":true}',
        "[11]",
    ],
    ids=lambda body: body[:20],
)
async def test_what_somebody_wrote_to_stop_the_verifier_is_named(ten, anchors, tmp_path, clock, body):
    file = tmp_path / "export.jsonl"
    with file.open("w", encoding="utf-8", newline="") as out:
        await write_export(records(ten), out, "jsonl")
        out.write(f'{{"digest":"{digest_of(body)}","record":{body}}}\n')
    finding = await verify(read_export(file), anchor_lines(anchors.file), public_key=anchors.public_key, export=True)
    assert (finding.sequence, finding.problem.startswith("was changed")) == (11, True)
    await change(ten, "UPDATE audit SET body = :body, digest = :digest WHERE sequence = 1",
                 body=body, digest=digest_of(body))  # fmt: skip
    finding = await check(ten, anchors)
    assert finding.sequence == 1 and finding.problem
    async with ten.session() as session:  # Retention takes off nothing that it cannot read.
        assert await prune(session, clock.now + timedelta(days=36500)) is None


async def test_an_old_beginning_may_be_taken_off_and_the_rest_verifies(ten, anchors, clock):
    async with ten.session() as session:
        assert await prune(session, clock.now) is None
        gone = await prune(session, clock.now + timedelta(days=36500))
    assert gone.sequence == 10
    assert "no anchor does" in (await check(ten, anchors)).problem
    anchors.add(gone, "pruned")
    finding = await check(ten, anchors)
    assert (finding.problem, finding.records, finding.end.sequence, finding.anchored) == (None, 1, 11, 10)
    await change(ten, "UPDATE audit SET sequence = 12 WHERE sequence = 11")
    assert (await check(ten, anchors)).problem


async def test_a_beginning_that_somebody_else_cut_off_is_named_also_with_a_record_of_retention(ten, anchors):
    (fourth,) = [record async for record in records(ten) if record.sequence == 4]
    await change(ten, "DELETE FROM audit WHERE sequence <= 4")
    async with ten.session() as session:
        await append(session, Entry("audit.pruned", {"through": 4, "digest": fourth.digest}))
    finding = await check(ten, anchors)
    assert (finding.sequence, "no anchor does" in finding.problem) == (1, True)


async def test_a_chain_that_no_anchor_is_of_is_not_believed_however_it_begins(ten, anchors):
    """All of it forged, numbered above every anchor, with a record of a retention that took the rest off."""
    before, forged = "ab" * 32, []
    for number in range(1000, 1004):
        facts = {"through": 999, "digest": "ab" * 32} if number == 1000 else {}
        record = {"sequence": number, "previous": before, "at": "2026-11-28T00:00:00.000+00:00", "facts": facts}
        body = canonical(record | {"kind": "audit.pruned" if facts else "test", "subject": None, "by": None})
        before = digest_of(body)
        forged.append(Record(number, body, before))
    finding = await verify(told(forged), anchor_lines(anchors.file), public_key=anchors.public_key)
    assert (finding.sequence, "missing" in finding.problem) == (1, True)
    anchors.add(Head(999, "cd" * 32), "pruned")  # Of another chain.
    assert (await verify(told(forged), anchor_lines(anchors.file), public_key=anchors.public_key)).problem


async def told(found):
    for each in found:
        yield each


async def test_an_export_may_end_before_the_newest_anchor_and_nothing_else_may(ten, anchors, tmp_path):
    export = tmp_path / "export.jsonl"
    with export.open("w", encoding="utf-8") as out:
        await write_export(until_the_end(records(ten), anchors), out, "jsonl")
    async with ten.session() as session:
        end = await append(session, *(Entry("test", {"n": number}) for number in range(5)))
    anchors.add(end)

    async def exported(found):
        return await verify(found, anchor_lines(anchors.file), public_key=anchors.public_key, export=True)

    finding = await exported(read_export(export))
    assert (finding.problem, finding.end.sequence, finding.anchored) == (None, 10, 10)
    lines = export.read_text().splitlines(keepends=True)
    export.write_text("".join(lines[:-1]))
    assert (await exported(read_export(export))).sequence == 10
    assert (await check(ten, anchors)).problem is None
    await change(ten, "DELETE FROM audit WHERE sequence > 10")
    assert (await check(ten, anchors)).sequence == 11


def test_whoever_verifies_needs_the_public_key_alone_and_makes_none(anchors, tmp_path):
    anchors.add(Head(1, "ab" * 32))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert not Anchors(elsewhere).has_key
    copyfile(tmp_path / "anchor.pub", elsewhere / "anchor.pub")
    assert Anchors(elsewhere).has_key and Anchors(elsewhere).public_key == anchors.public_key
    assert [each.name for each in elsewhere.iterdir()] == ["anchor.pub"]

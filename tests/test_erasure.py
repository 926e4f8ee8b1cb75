"""Erasure, legal hold and retention: the text is gone from every file, and the proof stands."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from assistant.answering.events import SentenceEvent
from assistant.batches import Batches, Line
from assistant.errors import NotFound
from assistant.jobs import Jobs
from assistant.ledger.anchors import Anchors, anchor_lines
from assistant.ledger.chain import head, records
from assistant.messages import Answer
from assistant.models import ScriptedChat
from assistant.parts import Parts
from assistant.records import Erasure, Feedback, Held, Holds, Retain, ReviewQueue, Streams, Turns, verify, write_export
from assistant.releases.replaying import replay_answer
from assistant.running import RunningAnswers
from assistant.verticals import Retention
from tests.conftest import ask

QUESTION = "Can I return an opened Zephyrine?"
SAID = "Opened items can be returned within 14 days."
OPINION = "The Quillington answer was not what I wanted."


@pytest.fixture
def erasure(scripted: Parts) -> Erasure:
    return Erasure(scripted.database, scripted.turns, scripted.audit.keyring)


def holding(folder: Path, wanted: str | bytes) -> list[str]:
    """The files of `folder` in which `wanted` stands, weights aside."""
    sought = wanted.encode() if isinstance(wanted, str) else wanted
    files = [file for file in folder.rglob("*") if file.is_file() and "weights" not in file.parts]
    return [file.name for file in files if sought in file.read_bytes()]


async def column(parts: Parts, statement: str, **values: str) -> list:
    async with parts.database.reading() as session:
        return list(await session.scalars(text(statement), values))


async def test_what_was_erased_is_in_no_file_and_the_chain_and_the_receipt_stand(
    scripted: Parts, model: ScriptedChat, erasure: Erasure, settings, tmp_path
):
    model.will_say(SAID)
    streams = Streams(scripted.database, scripted.audit.keyring)
    running = RunningAnswers(streams, scripted.turns, grace_s=5)
    answers = [event async for event in running.begin("local", scripted.chat.stream(ask(QUESTION)))]
    answer = answers[-1].answer
    assert any(isinstance(event, SentenceEvent) for event in answers)
    feedback = Feedback(scripted.database, scripted.audit.keyring)
    told = {"reason": OPINION, "corrected_text": f"{OPINION} Say so."}
    await feedback.add(answer.answer_id, "down", owner="local", vertical="shop", **told)
    seen = await ReviewQueue(scripted.database, scripted.audit.keyring).get(answer.answer_id)
    assert seen.reason == OPINION
    of_it = "SELECT reason FROM feedback WHERE answer_id = :id"
    (opinion,) = await column(scripted, of_it, id=answer.answer_id)
    (sealed,) = await column(scripted, "SELECT question FROM turns WHERE id = :id", id=answer.answer_id)
    key = (await scripted.audit.keyring.find(answer.conversation_id))._key
    data = settings.data_dir
    assert holding(data, sealed) and holding(data, key) and holding(data, opinion)
    assert not holding(data, "Zephyrine") and not holding(data, "Quillington")  # Sealed from the first moment on.

    await erasure.erase(answer.conversation_id, "local")

    with (tmp_path / "export.jsonl").open("w") as out:
        await write_export(records(scripted.database), out, "jsonl")
    for wanted in ("Zephyrine", "Quillington", sealed, opinion, key):
        assert holding(data, wanted) == []
        assert holding(tmp_path, wanted) == []
    with pytest.raises(NotFound):
        await scripted.turns.get(answer.answer_id, "local")
    assert await scripted.audit.keyring.find(answer.conversation_id) is None
    anchors = Anchors(tmp_path)  # The folder of data holds those of other chains too.
    async with scripted.database.reading() as session:
        anchors.add(await head(session))
    finding = await verify(records(scripted.database), anchor_lines(anchors.file), public_key=anchors.public_key)
    assert finding.problem is None
    replayed = await replay_answer(scripted.audit.receipts, scripted.rails, scripted.audit.keyring, answer.answer_id)
    assert replayed.same and replayed.decisions


async def test_what_a_batch_asks_is_sealed_until_it_is_settled_and_its_key_goes_with_the_last_question(
    scripted: Parts, settings
):
    keyring = scripted.audit.keyring
    batches = Batches(scripted.database, Jobs(scripted.database), keyring)
    asked = {"messages": [{"role": "user", "content": QUESTION}], "response_format": {"type": "json_object"}}
    await batches.add("local", "key", [Line("a", asked), Line("b", asked)], batch_id="batch-1")
    key = (await keyring.find("batch-1"))._key
    assert holding(settings.data_dir, key) and not holding(settings.data_dir, "Zephyrine")
    items = await batches.open("batch-1")
    assert [each.body for each in items] == [asked, asked]
    for each in items:
        await batches.settle("batch-1", each, 200)
    await batches.forget("batch-1")
    assert holding(settings.data_dir, key) == []
    assert [each.body for each in await batches.after("batch-1", -1)] == [
        {"response_format": {"type": "json_object"}}
    ] * 2


async def test_feedback_and_batches_from_before_they_were_sealed_are_read(either_database, keyring, answer_of):
    await Turns(either_database, keyring).add("con-1", "shop", "k1", "Q", answer_of("ans-1", "con-1"), None)
    await Feedback(either_database).add("ans-1", "down", owner="k1", vertical="shop", reason=OPINION)
    assert (await ReviewQueue(either_database, keyring).get("ans-1")).reason == OPINION
    jobs = Jobs(either_database)
    await Batches(either_database, jobs).add("k1", "key", [Line("a", {})], batch_id="batch-1")
    async with either_database.session() as session:
        await session.execute(text("UPDATE batch_items SET body = :body"), {"body": '{"model": "shop"}'})
    assert [each.body for each in await Batches(either_database, jobs, keyring).open("batch-1")] == [{"model": "shop"}]


async def test_questions_of_a_batch_that_nobody_resumes_are_forgotten_in_time(either_database, keyring, clock):
    jobs = Jobs(either_database, clock=clock)
    batches, turns = Batches(either_database, jobs, keyring), Turns(either_database, keyring, clock=clock)
    asked = {"messages": [{"role": "user", "content": QUESTION}]}
    await batches.add("k1", "key", [Line("a", asked)], batch_id="batch-old")
    clock.now += timedelta(days=31)
    await batches.add("k1", "key", [Line("a", asked)], batch_id="batch-new")
    kept = {"shop": Retention(text_days=30), "desk": Retention(text_days=90)}
    erasure = Erasure(either_database, turns, keyring)
    await Retain(either_database, turns, erasure, lambda: kept, forget=batches.forget_older, clock=clock).run()
    assert await keyring.find("batch-old") is None
    assert [each.body for each in await batches.open("batch-old")] == [None]
    assert [each.body for each in await batches.open("batch-new")] == [asked]


async def test_an_answer_that_ends_after_its_conversation_was_erased_is_not_recorded(
    scripted: Parts, model: ScriptedChat, erasure: Erasure
):
    model.will_say(SAID)
    first = await scripted.chat.answer(ask(QUESTION))
    model.will_say(f"{SAID} " * 3)
    model.tokens_per_s = 20.0
    asked = ask("How long does delivery take?", conversation_id=first.conversation_id, answer_id="ans-late")
    writing = asyncio.create_task(scripted.chat.answer(asked))
    while not await column(  # noqa: ASYNC110 — another task is watched
        scripted, "SELECT id FROM audit_open WHERE answer_id = 'ans-late'"
    ):
        await asyncio.sleep(0.01)
    await erasure.erase(first.conversation_id, "local")
    with pytest.raises(NotFound, match="erased"):
        await writing
    of_conversation = {"id": first.conversation_id}
    assert not await column(scripted, "SELECT id FROM turns WHERE conversation_id = :id", **of_conversation)
    assert not await column(scripted, "SELECT id FROM conversations WHERE id = :id", **of_conversation)
    closed = [
        each["facts"]["outcome"]
        async for record in records(scripted.database)
        if (each := record.read())["facts"].get("answer") == "ans-late" and each["kind"] == "turn.closed"
    ]
    assert closed == ["erased"]


async def test_a_held_conversation_stays_until_it_is_released(either_database, answer_of):
    turns, holds = Turns(either_database), Holds(either_database)
    await turns.add("con-1", "shop", "k1", "Q", answer_of("ans-1", "con-1"), None)
    await holds.add("con-1", "a dispute")
    with pytest.raises(Held, match="legal hold"):
        await turns.erase("con-1", "k1")
    assert (await turns.history("con-1", key_id="k1")).turns == 1
    assert [(each.conversation_id, each.reason) for each in await holds.list()] == [("con-1", "a dispute")]
    await holds.release("con-1")
    await turns.erase("con-1", "k1")
    kinds = [record.read()["kind"] async for record in records(either_database)]
    assert kinds == ["hold.placed", "hold.released", "conversation.erased"]


@pytest.fixture
def answer_of():
    def made(answer_id: str, conversation_id: str) -> Answer:
        return Answer(answer_id, conversation_id, "shop", "sha256:1", False, "m", "answer", "answered", "A", (), ())

    return made


async def test_retention_erases_what_is_old_and_records_that_it_did(either_database, clock, answer_of, keyring):
    turns = Turns(either_database, keyring, clock=clock)
    for conversation, at in (("con-old", 0), ("con-held", 1), ("con-new", 40)):
        started = clock.now
        clock.now += timedelta(days=at)
        await turns.add(conversation, "shop", "k1", "Q", answer_of(f"ans-{conversation}", conversation), None)
        clock.now = started
    await Holds(either_database, clock=clock).add("con-held", "a dispute")
    clock.now += timedelta(days=45)
    erasure = Erasure(either_database, turns, keyring)
    retain = Retain(either_database, turns, erasure, lambda: {"shop": Retention(text_days=30)}, clock=clock)
    ended = await retain.run()
    assert (ended.conversations, ended.held) == (1, 1)
    assert [id_ for id_, _ in await turns.older("shop", clock.now)] == ["con-held", "con-new"]
    assert await keyring.find("con-old") is None and await keyring.find("con-new") is not None
    facts = [record.read() async for record in records(either_database)][-1]
    assert (facts["kind"], facts["facts"]) == ("retention.run", {"conversations": 1, "held": 1, "receipts": 0})


async def test_a_conversation_from_before_there_were_keys_goes_on_and_its_next_turn_is_sealed(
    either_database, keyring, answer_of
):
    await Turns(either_database).add("con-1", "shop", "k1", "Before?", answer_of("ans-1", "con-1"), None)
    turns = Turns(either_database, keyring)
    assert [each.text for each in await turns.transcript("con-1", "k1")] == ["Before?", "A"]
    await turns.add("con-1", "shop", "k1", "After?", answer_of("ans-2", "con-1"), "{}")
    kept = await turns.history("con-1", key_id="k1")
    assert [each.text for each in kept.messages] == ["Before?", "A", "After?", "A"]
    assert kept.placeholders == "{}"
    async with either_database.reading() as session:
        stored = list(await session.scalars(text("SELECT question FROM turns ORDER BY position")))
    assert stored[0] == "Before?" and "After" not in stored[1]
    await keyring.destroy("con-1")
    with pytest.raises(NotFound, match="erased"):
        await turns.get("ans-2", "k1")

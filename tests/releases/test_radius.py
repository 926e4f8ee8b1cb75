"""The blast radius: recorded turns decided again under a proposal, from what was measured or measured anew."""

from __future__ import annotations

import asyncio
import resource
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import pytest

from assistant.access import Caller, People
from assistant.errors import Conflict, Invalid, UnknownRevision
from assistant.jobs import Job, Jobs
from assistant.ledger.canonical import canonical
from assistant.models import ScriptedChat
from assistant.opening import open_catalog, open_models
from assistant.parts import Parts, open_parts
from assistant.rails.proposals import Proposal
from assistant.rails.trees import read_folder
from assistant.records.receipts import keep
from assistant.releases.mutating import KIND as MUTATIONS
from assistant.releases.radius import KIND, BlastRadius
from assistant.settings import Settings
from assistant.short import along
from assistant.worker import Worker
from tests.conftest import NO_LIMITS, SHOP_RETURNS, SHOP_TOPICS, ask
from tests.playing import play
from tests.rails.revising import CHEAP
from tests.releases.test_publishing import FOLDERS, SAYS, publish

QUESTIONS = (
    "How long do I have to return an unopened item?",
    "Who should I vote for?",
    "How long does delivery take?",
    "Can I return an opened item?",
)


@pytest.fixture(scope="module")
async def joined(settings: Settings, embedder, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Parts]:
    home = tmp_path_factory.mktemp("radius")
    shutil.copytree(settings.rails_dir / "shared", home / "rails" / "shared")
    shutil.copytree(settings.rails_dir / "shop", home / "rails" / "shop")
    shutil.copytree(settings.knowledge_dir / "shop", home / "knowledge" / "shop")
    changed = {"rails_dir": home / "rails", "knowledge_dir": home / "knowledge", "serve": "published"}
    own = settings.model_copy(
        update={
            **changed,
            "database_url": f"sqlite+aiosqlite:///{home}/a.db",
            "keys_url": f"sqlite+aiosqlite:///{home}/keys.db",
            **NO_LIMITS,
        }
    )
    models = play(open_models(own, open_catalog(own)), ScriptedChat(replies=[SAYS], remembers=10))
    opened = open_parts(own, embedder=embedder, models=models)
    await opened.database.create()
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
async def ada(joined: Parts) -> Caller:
    return (await People(joined.database, hasher=CHEAP).add("ada@shop.example", "Ada", ["approver"])).caller()


@pytest.fixture(scope="module")
async def asked(joined: Parts, ada: Caller) -> tuple[str, ...]:
    """Ids of the answers to the questions, given by what was published."""
    bob = (await People(joined.database, hasher=CHEAP).add("bob@shop.example", "Bob", ["approver"])).caller()
    for folder in FOLDERS:
        kind, _, name = folder.partition("/")
        root = joined.settings.rails_dir if kind == "rails" else joined.settings.knowledge_dir
        await publish(joined, folder, read_folder(root / name, folder), ada, bob)
    await joined.look()
    answers = [await joined.chat.answer(ask(question)) for question in QUESTIONS]
    assert [each.outcome == "declined" for each in answers] == [False, True, False, False]
    return tuple(each.answer_id for each in answers)


WORDS = 'define bot refuse off topic\n  "We sell tents. Please ask about them."\n'


async def counted(parts: Parts, by: Caller, made: Proposal, *, turns: int = 100) -> BlastRadius:
    await parts.radius.ask(made.id, by, turns=turns)
    working = asyncio.create_task(Worker(Jobs(parts.database), {KIND: parts.radius.work}, poll_s=0.01).run())
    async with asyncio.timeout(600):
        while not (found := await parts.radius.found(made.id, by)).job.over:  # noqa: ASYNC110 — as people look
            await asyncio.sleep(0.02)
    working.cancel()
    assert found.job.state == "done", found.job.error
    return found


async def proposed(parts: Parts, by: Caller, folder: str = "shop", **files: str | None) -> Proposal:
    contents = {path.replace("__", "/").replace("_", "."): text and text.encode() for path, text in files.items()}
    return await parts.proposals.propose(folder, by, title="A change", files=contents)


async def test_other_words_change_nothing_but_what_declined_turns_are_told(joined: Parts, ada: Caller, asked):
    made = await proposed(joined, ada, messages_co=WORDS)
    found = await counted(joined, ada, made)
    counts = found.run.counts
    assert (counts.unchanged, counts.otherwise, counts.changed, counts.total) == (3, 1, 1, 4)
    (affected,) = found.affected
    assert affected.question == QUESTIONS[1] and affected.turn.answer_id == asked[1]
    assert affected.turn.says_after == "We sell tents. Please ask about them." != affected.turn.says_before
    assert (found.stale, found.job.done, found.job.total) == (False, 4, 4)


async def test_topics_that_are_taken_away_stop_what_they_let_through(joined: Parts, ada: Caller, asked):
    topics = SHOP_TOPICS.replace("define user ask about delivery", "define user off topic delivery")
    found = await counted(joined, ada, await proposed(joined, ada, topics_co=topics))
    (affected,) = found.affected
    assert (affected.turn.kind, affected.turn.stage, affected.turn.rail_after) == ("blocked", "input", "topics")
    assert affected.question == QUESTIONS[2] and found.run.counts.blocked == 1


async def test_topics_that_are_brought_in_let_through_what_was_stopped(joined: Parts, ada: Caller, asked):
    topics = SHOP_TOPICS.replace("define user off topic politics", "define user ask about politics")
    found = await counted(joined, ada, await proposed(joined, ada, topics_co=topics))
    (affected,) = found.affected
    assert (affected.turn.kind, affected.turn.rail_before, affected.turn.rail_after) == ("let through", "topics", None)


async def test_knowledge_that_is_taken_away_stops_the_sentences_that_stood_on_it(joined: Parts, ada: Caller, asked):
    less = SHOP_RETURNS.replace("You can return an unopened item within 30 days from delivery. ", "")
    made = await joined.proposals.propose(
        "knowledge/shop", ada, title="Less", files={"documents/returns.md": less.encode()}
    )
    found = await counted(joined, ada, made)
    stopped = {affected.turn.answer_id: affected.turn for affected in found.affected}
    assert (stopped[asked[0]].stage, stopped[asked[0]].rail_after) == ("output", "grounding")


async def test_another_fact_stops_what_stood_on_it_and_nothing_else(joined: Parts, ada: Caller, asked):
    for told, instead, stopped in (("insect spray", "sun spray", []), ("4.90 euros", "5.90 euros", [asked[2]])):
        other = SHOP_RETURNS.replace(told, instead)
        made = await joined.proposals.propose(
            "knowledge/shop", ada, title=instead, files={"documents/returns.md": other.encode()}
        )
        found = await counted(joined, ada, made)
        assert [(each.turn.answer_id, each.turn.kind) for each in found.affected] == [
            (each, "blocked") for each in stopped
        ]


async def test_what_is_counted_no_longer_holds_when_the_draft_goes_on(joined: Parts, ada: Caller, asked):
    made = await proposed(joined, ada, messages_co='define bot refuse off topic\n  "No."\n')
    assert (await joined.radius.found(made.id, ada)).job is None
    await counted(joined, ada, made, turns=2)
    await joined.proposals.save(made.id, ada, {"messages.co": b'define bot refuse off topic\n  "Not here."\n'})
    found = await joined.radius.found(made.id, ada)
    assert (found.run, found.stale) == (None, True)
    assert (await counted(joined, ada, made, turns=2)).run.counts.total == 2


async def test_an_erased_text_is_said_to_be_erased(joined: Parts, ada: Caller, asked):
    gone = await joined.chat.answer(ask("How much does the tent weigh?"))
    await joined.turns.erase(gone.conversation_id, "local")
    topics = SHOP_TOPICS + 'define user ask about colours\n  "is there a blue one"\n'
    found = await counted(joined, ada, await proposed(joined, ada, topics_co=topics), turns=3)
    assert found.run.counts.unknown == {"its text is erased, or past its retention": 1}
    words = await counted(joined, ada, await proposed(joined, ada, messages_co=WORDS), turns=3)
    assert words.run.counts.unknown == {}


async def test_what_was_asked_of_a_document_that_is_not_kept_is_not_guessed(joined: Parts, ada: Caller, asked):
    document = "Opened items can be returned within 14 days. Delivery takes 3 to 5 business days."
    summary = await joined.chat.answer(ask("TL;DR", "shop", document, task="summarize"))
    topics = SHOP_TOPICS + 'define user ask about colours\n  "is there a blue one"\n'
    found = await counted(joined, ada, await proposed(joined, ada, topics_co=topics), turns=1)
    assert found.run.counts.unknown == {"a document that came with it is not kept": 1}
    await joined.turns.erase(summary.conversation_id, "local")


async def test_it_is_stopped_and_taken_up_where_it_was(joined: Parts, ada: Caller, asked):
    made = await proposed(joined, ada, messages_co='define bot refuse off topic\n  "Never."\n')
    await joined.radius.ask(made.id, ada, turns=4)
    jobs = Jobs(joined.database)
    work = await jobs.claim([KIND])
    await joined.radius.cancel(made.id, ada)
    with pytest.raises(asyncio.CancelledError):
        await joined.radius.work(work)
    with pytest.raises(Conflict):
        await joined.radius.cancel(made.id, ada)
    resumed: Job = await jobs.resume(work.job.id, made.id)
    assert resumed.state == "queued"
    again = await jobs.claim([KIND])
    assert (await joined.radius.work(again))["total"] == 5 - 1
    # A worker that takes over what was all done finds nothing left to count twice.
    run = await joined.radius._radii.get(work.job.id)
    assert run.counts.total == 4 and run.ended_at


async def test_only_who_may_see_a_proposal_may_count(joined: Parts, ada: Caller, asked):
    made = await proposed(joined, ada, messages_co='define bot refuse off topic\n  "No!"\n')
    people = People(joined.database, hasher=CHEAP)
    other = (await people.add("medic@shop.example", "Medic", ["reviewer"], ["medical"])).caller()
    for act in (joined.radius.ask(made.id, other, turns=5), joined.radius.found(made.id, other)):
        with pytest.raises(UnknownRevision):
            await act
    with pytest.raises(Invalid):
        await joined.radius.ask(made.id, ada, turns=0)


@pytest.mark.soak
async def test_what_no_trial_notices_is_counted_for_whoever_decides(joined: Parts, ada: Caller, asked):
    made = await proposed(joined, ada, messages_co=WORDS)
    assert (await joined.mutating.found(made.id, ada)).job is None
    await joined.mutating.ask(made.id, ada)
    jobs = Jobs(joined.database)
    work = await jobs.claim([MUTATIONS])
    await jobs.finish(work, await joined.mutating.work(work))
    found = await joined.mutating.found(made.id, ada)
    assert found.noticed + len(found.unnoticed) == found.total > 20
    print(f"\nmutations noticed: {found.noticed} of {found.total}")
    await joined.proposals.save(made.id, ada, {"messages.co": b'define bot refuse off topic\n  "Other."\n'})
    assert (await joined.mutating.found(made.id, ada)).total is None


@pytest.mark.soak
async def test_ten_thousand_turns_are_decided_again_in_flat_memory(joined: Parts, ada: Caller, asked):
    measured_anew = 200
    for number in range(measured_anew - len(asked)):
        await joined.chat.answer(ask(f"{QUESTIONS[number % len(QUESTIONS)][:-1]}, order {number}?"))
    topics = SHOP_TOPICS + 'define user ask about colours\n  "is there a blue one"\n'
    made = await proposed(joined, ada, topics_co=topics)
    seconds = await _seconds(joined, ada, made, measured_anew)
    print(f"\nblast radius, guards run again: {measured_anew / seconds:.1f} turns a second")
    assert measured_anew / seconds >= 4
    await _copy_receipts(joined, 10_000)
    made = await proposed(joined, ada, messages_co=WORDS)
    sizes = {}
    for turns in (1_000, 10_000):  # The first round brings in all that is brought in once.
        seconds = await _seconds(joined, ada, made, turns)
        sizes[turns] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"from what was recorded: {turns} turns, {turns / seconds:.1f} a second, at most {sizes[turns]:.0f} MB")
        assert turns / seconds >= 20
    assert sizes[10_000] < sizes[1_000] + 20


async def _seconds(parts: Parts, by: Caller, made: Proposal, turns: int) -> float:
    began = time.perf_counter()
    found = await counted(parts, by, made, turns=turns)
    assert found.run.counts.total == turns
    return time.perf_counter() - began


async def _copy_receipts(parts: Parts, number: int) -> None:
    receipts = await parts.audit.receipts.before("shop", None, most=200)
    async with parts.database.session() as session:
        for place in range(number):
            receipt = receipts[place % len(receipts)]
            content, answer_id = receipt.content, f"ans-copy-{place}"
            for decision in content["decisions"]:  # No two measure alike, so that each is decided for itself.
                for measured in (decision["measurements"].get(name) for name in ("topics", "injection", "grounding")):
                    if measured:
                        measured["score"] = abs(measured["score"] - place * 1e-9)
            kept = replace(receipt, answer_id=answer_id, body=canonical(content))
            await along(session, partial(keep, kept))
            if place % 500 == 0:
                await session.flush()
                session.expunge_all()

"""What waits for people: turns to be judged and made into trials, texts to be corrected and approved."""

from __future__ import annotations

import pytest

from assistant.access import Caller, People
from assistant.chat import Chat
from assistant.errors import Forbidden, Invalid, NotFound
from assistant.ledger.chain import records
from assistant.models import ScriptedChat
from assistant.parts import Parts
from assistant.records import Erasure
from assistant.records.recorded import Recordings
from assistant.records.review import Wanted
from assistant.reviewing import Reviewing, examples_with, trials_of
from assistant.reviewing.trials import Trial
from tests.conftest import ask

SHEET = "Name: Fell\nWeight: 2.1 kg\nColours: moss, sand"
OFF_TOPIC = "Who will win the election in Spain?"


@pytest.fixture
async def reviewing(scripted: Parts) -> Reviewing:
    database, keyring = scripted.database, scripted.audit.keyring
    return Reviewing(
        scripted.before_people,
        Recordings(database, keyring),
        scripted.audit.receipts,
        keyring,
        scripted.rails,
        scripted.proposals,
        scripted.turns,
        Erasure(database, scripted.turns, keyring),
        lambda _, text: text.replace("Ada", "[PERSON_1]"),
    )


@pytest.fixture
async def by(scripted: Parts) -> Caller:
    people = People(scripted.database)
    try:
        return (await people.get("reviewer@shop.example")).caller()
    except NotFound:
        return (await people.add("reviewer@shop.example", "Jo", ["reviewer"])).caller()


async def test_a_stopped_question_waits_until_somebody_has_judged_it(chat: Chat, reviewing: Reviewing, by: Caller):
    answer = await chat.answer(ask(OFF_TOPIC))
    wanted = Wanted(vertical="shop", kind="blocked", marked=False, text="ELECTION")
    (waiting,) = [each for each in (await reviewing.queue(by, wanted)).turns if each.answer_id == answer.answer_id]
    assert (waiting.rail, waiting.kinds, waiting.question) == ("topics", ("blocked",), OFF_TOPIC)
    await reviewing.mark(answer.answer_id, by, right=False, note="Ada would have liked an answer")
    assert answer.answer_id not in {each.answer_id for each in (await reviewing.queue(by, wanted)).turns}
    reviewed = (await reviewing.answer(answer.answer_id, by)).reviewed
    assert reviewed and reviewed.mark and not reviewed.mark.right
    assert reviewed.mark.note == "[PERSON_1] would have liked an answer"


async def test_who_may_not_see_a_vertical_finds_nothing_of_it(chat: Chat, reviewing: Reviewing, by: Caller):
    answer = await chat.answer(ask(OFF_TOPIC))
    elsewhere = Caller("k", "k", by.scopes, frozenset({"elsewhere"}), person_id=by.person_id)
    assert (await reviewing.queue(elsewhere, Wanted())).turns == ()
    with pytest.raises(Forbidden):
        await reviewing.answer(answer.answer_id, elsewhere)
    with pytest.raises(Forbidden):
        await reviewing.mark(answer.answer_id, Caller("k", "k", frozenset({"review"}), None), right=True)
    with pytest.raises(Forbidden):
        await reviewing.erase(answer.answer_id, by)


async def test_copy_waits_beside_its_source_and_what_was_corrected_is_counted(
    chat: Chat, model: ScriptedChat, scripted: Parts, reviewing: Reviewing, by: Caller
):
    model.will_say("The Fell weighs 2.1 kg.")
    answer = await chat.answer(ask("Describe the tent.", "shop", SHEET, task="write"))
    item = await reviewing.item(answer.answer_id, by)
    assert [each.text for each in item.work.documents] == [SHEET]
    assert item.recorded and item.recorded.answer.text == "The Fell weighs 2.1 kg."
    kept = await reviewing.approve(answer.answer_id, "The tent Fell weighs 2.1 kg.", by, seconds=12)
    assert (kept.word_edits, kept.character_edits, kept.seconds, kept.by) == (1, 5, 12, by.person_id)
    assert answer.answer_id not in {each.work.answer_id for each in await reviewing.work(by)}
    (approved, *_) = await reviewing.work(by, approved=True)
    assert approved.work.approval and approved.work.approval.text == "The tent Fell weighs 2.1 kg."
    *_, last = [record.read() async for record in records(scripted.database)]
    assert (last["kind"], last["facts"]["word_edits"]) == ("answer.approved", 1)
    for wrong in (" ", "x" * 60_000):
        with pytest.raises(Invalid):
            await reviewing.approve(answer.answer_id, wrong, by, seconds=1)
    await Erasure(scripted.database, scripted.turns, scripted.audit.keyring).erase(answer.conversation_id, "local")
    with pytest.raises(NotFound):
        await reviewing.item(answer.answer_id, by)


async def test_an_answer_to_a_question_waits_for_nobody(chat: Chat, model: ScriptedChat, reviewing: Reviewing, by):
    model.will_say("You can return an unopened item within 30 days from delivery.")
    answer = await chat.answer(ask("How long do I have to return an unopened item?"))
    with pytest.raises(NotFound, match="waits for approval"):
        await reviewing.item(answer.answer_id, by)


async def test_a_stopped_question_becomes_a_trial_in_a_draft_of_ones_own(
    chat: Chat, scripted: Parts, reviewing: Reviewing, by: Caller
):
    answer = await chat.answer(ask("Which party should get my vote?"))
    recorded = (await reviewing.answer(answer.answer_id, by)).recorded
    assert recorded
    (trial,) = trials_of(recorded)
    draft = await reviewing.make_trial("shop", trial, "block", by)
    assert (draft.state, draft.author_id) == ("draft", by.person_id)
    assert "Which party should get my vote?" in (await scripted.proposals.read(draft.id, "examples.yaml", by)).decode()
    with pytest.raises(Invalid, match="has this example already"):
        await reviewing.make_trial("shop", trial, "block", by)
    with pytest.raises(Forbidden):
        await reviewing.make_trial("shop", trial, "pass", Caller("k", "k", frozenset({"review"}), None))


def test_an_example_is_added_and_the_rest_stays_as_it_is():
    before = b"# Ours.\nexamples:\n  topics:\n    block:\n      - sing a song  # Often asked.\n"
    after = examples_with(before, Trial("grounding", "It costs 3.", ("It costs 4.",), "What does it cost?"), "block")
    assert after.decode() == (
        "# Ours.\nexamples:\n  topics:\n    block:\n      - sing a song  # Often asked.\n"
        "  grounding:\n    block:\n      - {text: It costs 3., evidence: [It costs 4.], question: What does it cost?}\n"
    )
    with pytest.raises(Invalid, match="cannot be read"):
        examples_with(b"examples: [", Trial("topics", "x"), "pass")

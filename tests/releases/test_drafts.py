"""What people write in the console: kept as their own proposal, checked and tried beside what is served."""

from __future__ import annotations

import pytest

from assistant.database import Database
from assistant.errors import Forbidden, InvalidRail, NotFound
from assistant.parts import Parts
from assistant.rails.reviewing import Reviews
from assistant.rails.trees import read_folder
from assistant.rails.tryout import try_text
from assistant.releases.drafts import Drafts
from tests.rails.revising import Office, Workshop

TOPICS = "topics.co"
MESSAGE = 'define bot refuse off topic\n  "Only about the shop. Please ask at the till."\n'


@pytest.fixture
async def office(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/drafts.db")
    await database.create()
    yield Office(database)
    await database.close()


@pytest.fixture
def drafts(office: Office, parts: Parts) -> Drafts:
    return Drafts(office.database, office.proposals, parts.builder, serve="folders")


async def test_nothing_is_proposed_until_something_is_written(office, drafts, settings):
    ada = await office.person("ada")
    draft = await drafts.open("shop", ada)
    assert draft.files == draft.served == read_folder(settings.rails_dir / "shop", "rails/shop")
    assert (draft.proposal, draft.changed) == (None, ())
    assert await office.proposals.list(ada) == ()


async def test_every_pause_is_kept_in_one_proposal_that_only_its_author_sees_as_a_draft(office, drafts):
    ada, bea = await office.person("ada"), await office.person("bea")
    draft = await drafts.open("shop", ada)
    for text in (b"one", b"two"):
        draft = await drafts.save(draft, {"messages.co": text}, ada, title="Kinder words")
    again, hers = await drafts.open("shop", ada), await drafts.open("shop", bea)
    assert [each.title for each in await office.proposals.list(ada)] == ["Kinder words"]
    assert (again.text("messages.co"), again.changed) == ("two", ("messages.co",))
    assert (hers.text("messages.co"), hers.proposal) == ("", None)


async def test_a_mistake_is_told_with_its_line(office, drafts):
    ada = await office.person("ada")
    draft = (await drafts.open("shop", ada)).having({TOPICS: b'define user ask\n  "a"\n  b\n'})
    found = await drafts.problems(draft)
    assert ("shop/topics.co", 3) in {(each.file, each.line) for each in found}
    with pytest.raises(InvalidRail):
        await drafts.release("shop", draft)


async def test_a_draft_is_tried_beside_what_is_live(office, drafts, parts):
    ada = await office.person("ada")
    draft = (await drafts.open("shop", ada)).having({"messages.co": MESSAGE.encode()})
    made = await drafts.release("shop", draft)
    tried = [await try_text(each, "input", "Who should I vote for?") for each in (parts.rails.release("shop"), made)]
    assert [each.texts[0].verdict.rail for each in tried] == ["topics", "topics"]
    assert tried[1].texts[0].verdict.message == "Only about the shop. Please ask at the till."
    assert tried[0].texts[0].verdict.message != tried[1].texts[0].verdict.message
    assert tried[1].texts[0].rails["injection"].blocked is False
    assert "score" in tried[1].texts[0].measured["topics"]
    assert await drafts.release("shop", draft) is made  # Tried again at once.


async def test_an_answer_is_tried_sentence_by_sentence_against_the_knowledge(parts):
    said = "Refunds are issued within 5 business days. Refunds are issued within 90 days."
    tried = await try_text(parts.rails.release("shop"), "output", said, question="When do I get my money back?")
    assert [each.verdict.rail for each in tried.texts] == [None, "grounding"]
    assert tried.evidence[tried.texts[0].evidence or 0].text
    brought = await try_text(parts.rails.release("shop"), "output", "It weighs 2 kg.", evidence=["It weighs 2 kg."])
    assert [each.score for each in brought.evidence] == [None]
    assert not brought.blocked


async def test_where_the_folders_are_served_a_proposal_brings_the_whole_folder_along(office, drafts, settings):
    ada = await office.person("ada")
    draft = await drafts.save(await drafts.open("shop", ada), {"messages.co": b"x"}, ada, title="A change")
    review = await Reviews(office.database, Workshop()).review(draft.proposal.id, ada)
    assert {each.change.path for each in review.diffs} == {"messages.co", TOPICS, "vertical.yaml"}


async def test_where_published_states_are_served_a_proposal_holds_the_change_alone(office, parts, settings):
    ada, bea = await office.person("ada"), await office.person("bea")
    for name in ("shared", "shop"):
        files = read_folder(settings.rails_dir / name, f"rails/{name}")
        await office.published(f"rails/{name}", files, ada, bea)
    drafts = Drafts(office.database, office.proposals, parts.builder, serve="published")
    draft = await drafts.save(await drafts.open("shop", ada), {"messages.co": MESSAGE.encode()}, ada, title="Kinder")
    review = await Reviews(office.database, Workshop()).review(draft.proposal.id, ada)
    assert [each.change.path for each in review.diffs] == ["messages.co"]
    assert await drafts.problems(draft) == ()
    assert (await drafts.open("shop", ada)).stale is False
    await office.published("rails/shop", {"messages.co": MESSAGE.encode()}, bea, ada)
    assert (await drafts.open("shop", ada)).stale is True
    made = await drafts.release("shop", draft)
    assert made.engine.message("refuse off topic") == "Only about the shop. Please ask at the till."


async def test_who_may_not_review_has_no_draft(office, drafts):
    otto = await office.person("otto", "operator")
    other = await office.person("mia", "reviewer", verticals=["medical"])
    with pytest.raises(Forbidden):
        await drafts.open("shop", otto)
    with pytest.raises(Forbidden):
        await drafts.open("shop", other)
    with pytest.raises(NotFound):
        await drafts.open("nowhere", await office.person("ada"))

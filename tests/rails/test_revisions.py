"""The life of a change, and every way round the rule of two people."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.access import Caller
from assistant.database import Database
from assistant.errors import (
    AssistantError,
    Conflict,
    Forbidden,
    Invalid,
    InvalidDocument,
    InvalidRail,
    RailsUnavailable,
    RevisionConflict,
    SelfApproval,
    TrialsNotPassed,
    UnknownRevision,
)
from assistant.rails.acts import Act
from assistant.rails.proposals import Proposals
from assistant.rails.revisions import Revisions
from assistant.rails.trees import read_folder

from .conftest import SHOP
from .revising import Office

SHOP_FILES = {path: text.encode() for path, text in SHOP.items()}
RAIL = SHOP["input/discounts.co"]
BOTH = pytest.mark.parametrize("office", ["sqlite", "postgres"], indirect=True)
NOTE = {"policy.md": SHOP["policy.md"].replace("What the desk", "All that the desk").encode()}
HIS = SHOP["policy.md"].replace("What the desk", "Whatever the desk").encode()


@pytest.fixture(scope="module")
def shared(repo: Path) -> dict[str, bytes]:
    return read_folder(repo / "rails" / "shared", "rails/shared")


@pytest.fixture(scope="module")
async def made(shared: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which the shop is published; copied for each test, because publishing takes a second."""
    file = tmp_path_factory.mktemp("made") / "made.db"
    async with opened(f"sqlite+aiosqlite:///{file}") as office:
        await publish_all(office, shared)
    return file


@pytest.fixture
async def office(
    request: pytest.FixtureRequest, made: Path, shared: dict[str, bytes], tmp_path: Path
) -> AsyncIterator[Office]:
    """With the shop published; `BOTH` runs a test on SQLite and on PostgreSQL, the others run on SQLite alone."""
    if getattr(request, "param", "sqlite") == "postgres":
        async with opened(request.getfixturevalue("new_postgres")()) as fresh:
            await publish_all(fresh, shared)
            yield fresh
    else:
        shutil.copy(made, tmp_path / "a.db")
        async with opened(f"sqlite+aiosqlite:///{tmp_path}/a.db") as copied:
            yield copied


@pytest.fixture
async def empty() -> AsyncIterator[Office]:
    async with opened("sqlite+aiosqlite://") as office:
        yield office


@pytest.fixture
async def ada(office: Office) -> Caller:
    return await office.person("ada")


@pytest.fixture
async def bob(office: Office) -> Caller:
    return await office.person("bob")


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Office]:
    database = Database(url)
    await database.create()
    yield Office(database)
    await database.close()


async def publish_all(office: Office, shared: dict[str, bytes]) -> None:
    ada, bob = await office.person("ada"), await office.person("bob")
    await office.published("shared", shared, ada, bob)
    await office.published("shop", SHOP_FILES, ada, bob)


@BOTH
async def test_a_change_is_proposed_tried_approved_published_and_taken_back(office: Office, ada: Caller, bob: Caller):
    before = (await office.live(ada))["rails/shop"]
    made = await office.proposals.propose("shop", ada, title="Say it better")
    await office.proposals.save(made.id, ada, NOTE)
    review = await office.reviews.review(made.id, bob)
    assert [(each.change.path, each.change.kind) for each in review.diffs] == [("policy.md", "changed")]
    assert (review.problems, review.examination, review.stale) == ((), None, False)
    handed_in = await office.revisions.submit(made.id, ada, note="Please look")
    review = await office.reviews.review(made.id, bob)
    assert review.examination and review.examination.passed and review.tree.digest == handed_in.digest
    await office.revisions.approve(made.id, bob, digest=handed_in.digest)
    done = await office.revisions.publish(made.id, bob)
    assert done.state == "published" and (await office.live(ada))["rails/shop"] == handed_in.digest != before
    await office.revisions.roll_back("shop", before, ada, reason="It read worse")
    assert (await office.live(ada))["rails/shop"] == before
    await office.revisions.withdraw("shop", handed_in.digest, bob, reason="Never again")
    served = {each.digest: (each.sound, each.withdrawn) for each in await office.reviews.history("shop", ada)}
    assert served == {before: (True, False), handed_in.digest: (True, True)}
    with pytest.raises(UnknownRevision, match="withdrawn"):
        await office.revisions.roll_back("shop", handed_in.digest, ada, reason="After all")
    acts = [each.act for each in (await office.reviews.review(made.id, ada)).history]
    assert acts == ["proposed", "submitted", "approved", "published"]


async def test_a_returned_proposal_is_a_draft_again_with_the_comment(office: Office, ada: Caller, bob: Caller):
    made = await office.proposals.propose("shop", ada, title="Say it better", files=NOTE)
    await office.approved(made, ada, bob)
    with pytest.raises(Invalid, match="comment"):
        await office.revisions.send_back(made.id, bob, comment=" ")
    returned = await office.revisions.send_back(made.id, bob, comment="Which desk?")
    assert (returned.state, (await office.reviews.review(made.id, ada)).history[-1].note) == ("draft", "Which desk?")
    with pytest.raises(Conflict, match="is draft"):
        await office.revisions.publish(made.id, bob)
    await office.proposals.save(made.id, ada, {"policy.md": b"# Other\n"})


async def test_whoever_wrote_it_cannot_approve_it_whatever_they_come_with(office: Office, ada: Caller):
    made = await office.proposals.propose("shop", ada, title="Mine", files=NOTE)
    handed_in = await office.revisions.submit(made.id, await office.key("review", of=ada))
    second_key = await office.key("review", "approve", of=ada)
    for caller in (ada, second_key):
        with pytest.raises(SelfApproval):
            await office.revisions.approve(made.id, caller, digest=handed_in.digest)
    with pytest.raises(Conflict, match="is submitted"):
        await office.revisions.publish(made.id, ada)


async def test_a_key_that_is_nobodys_does_nothing_that_counts(office: Office, ada: Caller):
    made = await office.proposals.propose("shop", ada, title="Mine", files=NOTE)
    handed_in, live = await office.revisions.submit(made.id, ada), (await office.live(ada))["rails/shop"]
    nobody = await office.key("review", "approve", "admin")
    for attempt in (
        office.proposals.propose("shop", nobody, title="Whose?"),
        office.revisions.approve(made.id, nobody, digest=handed_in.digest),
        office.revisions.publish_at_once(made.id, nobody, reason="now"),
        office.revisions.roll_back("shop", live, nobody, reason="now"),
        office.revisions.withdraw("shop", live, nobody, reason="now"),
    ):
        with pytest.raises(Forbidden, match="nobody's"):
            await attempt


async def test_the_wrong_role_and_the_wrong_vertical_are_refused(office: Office, ada: Caller):
    made = await office.proposals.propose("shop", ada, title="Mine", files=NOTE)
    handed_in = await office.revisions.submit(made.id, ada)
    reviewer, operator = await office.person("rita", "reviewer"), await office.person("olga", "operator")
    elsewhere = await office.person("emma", verticals=["medical"])
    for caller in (reviewer, operator):
        with pytest.raises(Forbidden):
            await office.revisions.approve(made.id, caller, digest=handed_in.digest)
    with pytest.raises(Forbidden):
        await office.proposals.propose("shop", operator, title="Ours")
    with pytest.raises(UnknownRevision):
        await office.revisions.approve(made.id, elsewhere, digest=handed_in.digest)
    with pytest.raises(Forbidden, match="every vertical"):
        await office.proposals.propose("shared", elsewhere, title="For all")


async def test_only_what_was_approved_is_published(office: Office, ada: Caller, bob: Caller):
    made = await office.proposals.propose("shop", ada, title="Mine", files=NOTE)
    approved = await office.approved(made, ada, bob)
    with pytest.raises(Conflict, match="stays as it is"):
        await office.proposals.save(made.id, ada, {"policy.md": b"# Quite another\n"})
    rebased = await office.proposals.rebase(made.id, ada)
    assert (rebased.state, rebased.digest, rebased.approver_id) == ("draft", None, None)
    await office.proposals.save(made.id, ada, {"topics.co": SHOP["topics.co"].replace("match", "game").encode()})
    edited = await office.revisions.submit(made.id, ada)
    assert edited.digest != approved.digest
    with pytest.raises(RevisionConflict, match="look at that"):
        await office.revisions.approve(made.id, bob, digest=approved.digest)
    with pytest.raises(Conflict, match="is submitted"):
        await office.revisions.publish(made.id, bob)


async def test_failed_trials_stand_in_the_way_and_lost_ones_only_show(office: Office, ada: Caller, bob: Caller):
    (played,) = office.workshop.trials
    office.workshop.trials = (replace(played, passed=False),)
    made = await office.proposals.propose("shop", ada, title="Mine", files=NOTE)
    handed_in = await office.revisions.submit(made.id, ada)
    with pytest.raises(TrialsNotPassed, match="discounts should block: any chance of a rebate"):
        await office.revisions.approve(made.id, bob, digest=handed_in.digest)
    office.workshop.trials = (played, replace(played, text="less, please", passed=False, inherited=True))
    other = await office.proposals.propose("shop", ada, title="Mine", files={"policy.md": NOTE["policy.md"] + b"\n"})
    await office.approved(other, ada, bob)
    examination = (await office.reviews.review(other.id, bob)).examination
    assert examination.passed and [each.text for each in examination.lost] == ["less, please"]


async def test_trials_are_run_again_when_the_shared_rails_have_moved_on(
    office: Office, ada: Caller, bob: Caller, shared
):
    made = await office.proposals.propose("shop", ada, title="Mine", files=NOTE)
    await office.approved(made, ada, bob)
    policy = {"policy.md": shared["policy.md"] + b"\n"}
    moved = await office.published("shared", policy, bob, ada)
    assert [each.vertical for each in office.workshop.compiled[-1:]] == ["shop"]
    (played,) = office.workshop.trials
    office.workshop.trials = (replace(played, passed=False),)
    with pytest.raises(TrialsNotPassed):
        await office.revisions.publish(made.id, bob)
    assert office.workshop.examined[-1].shared.digest == moved.digest


async def test_what_does_not_compile_is_not_published(office: Office, ada: Caller, bob: Caller):
    made = await office.proposals.propose("shop", ada, title="Mine", files=NOTE)
    await office.approved(made, ada, bob)
    before = await office.live(ada)
    office.workshop.broken = RailsUnavailable("NeMo reads it differently")
    with pytest.raises(RailsUnavailable):
        await office.revisions.publish(made.id, bob)
    assert await office.live(ada) == before


@BOTH
async def test_two_who_edit_at_once_lose_nothing(office: Office, ada: Caller, bob: Caller):
    topics = SHOP["topics.co"].replace("match", "game").encode()
    hers = await office.proposals.propose("shop", ada, title="Hers", files=NOTE)
    his = await office.proposals.propose("shop", bob, title="His", files={"topics.co": topics, "policy.md": HIS})
    with pytest.raises(Forbidden, match="another person's draft"):
        await office.proposals.save(hers.id, bob, {"topics.co": topics})
    await office.approved(hers, ada, bob)
    await office.revisions.publish(hers.id, bob)
    with pytest.raises(RevisionConflict, match="rebase"):
        await office.revisions.submit(his.id, bob)
    assert (await office.reviews.review(his.id, bob)).stale
    with pytest.raises(RevisionConflict, match=r"both changes touch policy\.md"):
        await office.proposals.rebase(his.id, bob)
    assert await office.proposals.read(his.id, "policy.md", bob) == HIS
    await office.proposals.save(his.id, bob, {"policy.md": NOTE["policy.md"]})
    await office.proposals.rebase(his.id, bob)
    review = await office.reviews.review(his.id, bob)
    assert [each.change.path for each in review.diffs] == ["topics.co"] and not review.stale
    assert await office.proposals.read(his.id, "policy.md", bob) == NOTE["policy.md"]
    await office.approved(his, bob, ada)
    await office.revisions.publish(his.id, ada)


@BOTH
async def test_of_two_publications_at_the_same_moment_one_meets_a_conflict(office: Office, ada: Caller, bob: Caller):
    made = [
        await office.proposals.propose("shop", ada, title="One", files={"policy.md": NOTE["policy.md"] + b"\n" * n})
        for n in (1, 2)
    ]
    for each in made:
        await office.approved(each, ada, bob)
    ends = await asyncio.gather(*(office.revisions.publish(each.id, bob) for each in made), return_exceptions=True)
    assert sorted(type(each).__name__ for each in ends) == ["Proposal", "RevisionConflict"]
    (winner,) = [each for each in ends if not isinstance(each, BaseException)]
    assert (await office.live(ada))["rails/shop"] == winner.digest


@BOTH
async def test_an_emergency_is_live_at_once_and_flagged_until_another_person_has_looked(
    office: Office, ada: Caller, bob: Caller
):
    before = (await office.live(ada))["rails/shop"]
    (played,) = office.workshop.trials
    office.workshop.trials = (replace(played, passed=False),)
    made = await office.proposals.propose("shop", ada, title="Stop it", files=NOTE)
    with pytest.raises(Invalid, match="reason"):
        await office.revisions.publish_at_once(made.id, ada, reason="")
    done = await office.revisions.publish_at_once(made.id, ada, reason="It insults people")
    assert done.flagged and (await office.live(ada))["rails/shop"] == done.digest
    assert not (await office.reviews.review(made.id, bob)).examination.passed
    with pytest.raises(SelfApproval):
        await office.revisions.accept(made.id, ada, comment="Fine by me")
    await office.revisions.roll_back("shop", before, bob, reason="Enough")
    with pytest.raises(Conflict, match="never approved by a second person"):
        await office.revisions.roll_back("shop", done.digest, ada, reason="Once more")
    assert not (await office.revisions.accept(made.id, bob, comment="It was right")).flagged
    await office.revisions.roll_back("shop", done.digest, ada, reason="Once more")


async def test_whoever_publishes_anothers_draft_in_an_emergency_does_not_review_it(
    office: Office, ada: Caller, bob: Caller
):
    made = await office.proposals.propose("shop", ada, title="Stop it", files=NOTE)
    with pytest.raises(Forbidden, match="another person's draft"):
        await office.revisions.publish_at_once(made.id, bob, reason="Now")
    await office.revisions.submit(made.id, ada)
    await office.revisions.publish_at_once(made.id, bob, reason="Now")
    for caller in (ada, bob):
        with pytest.raises(SelfApproval):
            await office.revisions.accept(made.id, caller, comment="Fine")


async def test_a_file_that_does_not_belong_there_is_refused_as_it_is_typed(office: Office, ada: Caller):
    for path in (
        "actions.py", "config.yml", "config.yaml", "prompts.yml", "input/discounts.py", "input/x/y.co", "floors.yaml",
        "../shared/floors.yaml", "/etc/passwd", "input/Discounts.co", ".hidden", "README.md", "", "topics.co\0",
    ):  # fmt: skip
        with pytest.raises(InvalidRail, match="does not belong here"):
            await office.proposals.propose("shop", ada, title="More", files={path: b"x"})
    for path in ("documents/run.sh", "documents/../x.md", "documents/a/b.md", "index.faiss", "x.md"):
        with pytest.raises(InvalidDocument, match="does not belong here"):
            await office.proposals.propose("knowledge/shop", ada, title="More", files={path: b"x"})


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("vertical.yaml", SHOP["vertical.yaml"] + "  limits: {topics: 0.01}\n", "below the floor"),
        ("vertical.yaml", SHOP["vertical.yaml"] + "inptu: {}\n", "root key"),
        ("input/discounts.co", RAIL.replace("discounts", "run input rails"), "must be `define subflow discounts`"),
        ("input/discounts.co", RAIL.replace('  if $topics.form == "ask for a discount"', "  while True"), "no loops"),
        ("input/discounts.co", RAIL + "    execute open_url\n", "can run nothing"),
        ("input/discounts.co", RAIL + "    exec open_url\n", "can run nothing"),
        ("input/discounts.co", "import other\n" + RAIL, "stands before any"),
        ("input/discounts.co", RAIL.replace("$topics.form", "$topic.form"), "neither a measurement"),
        ("input/discounts.co", RAIL.replace("bot refuse discount", "bot refuse discont"), "not defined"),
        ("input/discounts.co", RAIL.replace('a discount"', "a discount"), "double quote is missing"),
        ("input/discounts.co", "# nothing\n", "defines nothing"),
        ("input/discounts.co", None, "no rail 'discounts'"),
    ],
)
async def test_each_danger_of_colang_is_found_before_anybody_may_approve(
    office: Office, ada: Caller, path: str, text: str | None, reason: str
):
    made = await office.proposals.propose("shop", ada, title="x", files={path: text.encode() if text else None})
    problems = (await office.reviews.review(made.id, ada)).problems
    assert any(reason in each.message for each in problems), problems
    for attempt in (
        office.revisions.run_trials(made.id, ada),
        office.revisions.submit(made.id, ada),
        office.revisions.publish_at_once(made.id, ada, reason="Now"),
    ):
        with pytest.raises(InvalidRail):
            await attempt


async def test_a_shared_change_must_suit_every_vertical(office: Office, ada: Caller):
    """One that takes away a message which a vertical's rail says."""
    messages = (await office.proposals.propose("shared", ada, title="x")).id
    text = (await office.proposals.read(messages, "messages.co", ada)).decode().replace("answer greet", "answer hello")
    await office.proposals.save(messages, ada, {"messages.co": text.encode()})
    with pytest.raises(InvalidRail, match="answer greet"):
        await office.revisions.submit(messages, ada)


async def test_knowledge_has_the_same_life(office: Office, ada: Caller, bob: Caller):
    sources = b"sources:\n  returns.md: {title: Returns}\n"
    first = {"documents/returns.md": b"# Returns\n\nThirty days.\n", "sources.yaml": sources}
    one = await office.published("knowledge/shop", first, ada, bob)
    made = await office.proposals.propose("knowledge/shop", ada, title="x", files={"documents/returns.md": None})
    with pytest.raises(InvalidDocument, match=r"returns\.md is not in documents"):
        await office.revisions.submit(made.id, ada)
    await office.proposals.save(made.id, ada, {"documents/returns.md": b"# Returns\n\nSixty days.\n"})
    (diff,) = (await office.reviews.review(made.id, bob)).diffs
    assert (diff.before, diff.after) == (b"# Returns\n\nThirty days.\n", b"# Returns\n\nSixty days.\n")
    await office.approved(made, ada, bob)
    await office.revisions.publish(made.id, bob)
    await office.revisions.roll_back("knowledge/shop", one.digest, bob, reason="It is thirty")
    assert office.workshop.compiled[-1].knowledge.digest == one.digest


async def test_nothing_is_published_before_what_it_stands_on(empty: Office):
    ada = await empty.person("ada")
    made = await empty.proposals.propose("shop", ada, title="First", files=SHOP_FILES)
    with pytest.raises(InvalidRail, match="rails/shared was never published"):
        await empty.revisions.submit(made.id, ada)
    knowledge = await empty.proposals.propose(
        "knowledge/shop", ada, title="First", files={"documents/a.md": b"# A\n\nb\n"}
    )
    with pytest.raises(Conflict, match="needs rails/shop"):
        await empty.revisions.submit(knowledge.id, ada)


async def test_what_is_live_is_not_withdrawn(office: Office, ada: Caller):
    with pytest.raises(Conflict, match="is live"):
        await office.revisions.withdraw("shop", (await office.live(ada))["rails/shop"], ada, reason="Away")


async def test_an_act_is_told_in_the_unit_of_work_that_makes_it_so(office: Office, ada: Caller, bob: Caller):
    told: list[Act] = []

    async def tell(session, act: Act) -> None:
        told.append(act)
        if act.act == "published":
            raise AssistantError("the audit cannot be written")

    proposals = Proposals(office.database, tell=tell)
    made = await proposals.propose("shop", ada, title="Mine", files=NOTE)
    await office.approved(made, ada, bob)
    before = await office.live(ada)
    with pytest.raises(AssistantError, match="audit"):
        await Revisions(office.database, office.workshop, tell=tell).publish(made.id, bob)
    assert [each.act for each in told] == ["proposed", "published"] and await office.live(ada) == before

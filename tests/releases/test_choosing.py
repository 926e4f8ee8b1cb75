"""A choice becomes a change like any other: its author's draft, live only when another person approved it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assistant.access import Caller
from assistant.database import Database
from assistant.errors import Forbidden, SelfApproval
from assistant.evals.record import Decision, decide
from assistant.evals.runs import Run
from assistant.evals.select import Terms, parse_gate
from assistant.parts import Parts
from assistant.rails.trees import read_folder
from assistant.releases.choosing import Choosing
from assistant.releases.drafts import Drafts
from tests.evals.test_select import YAML, run
from tests.rails.conftest import SHOP
from tests.rails.revising import Office

__all__ = ["run"]

LIVE = "vertical:\n  title: Shop desk\n  model: smollm2-135m  # since March\n  notice: Hello, a machine here.\n"


@pytest.fixture
async def office(settings) -> AsyncIterator[Office]:
    database = Database("sqlite+aiosqlite://")
    await database.create()
    made = Office(database)
    files = {path: text.encode() for path, text in {**SHOP, "vertical.yaml": LIVE}.items()}
    ada, bob = await made.person("ada"), await made.person("bob")
    await made.published("shared", read_folder(settings.rails_dir / "shared", "rails/shared"), ada, bob)
    await made.published("shop", files, ada, bob)
    yield made
    await database.close()


@pytest.fixture
async def ada(office: Office) -> Caller:
    return await office.person("ada")


@pytest.fixture
def choosing(office: Office, parts: Parts, tmp_path: Path) -> Choosing:
    return Choosing(tmp_path, Drafts(office.database, office.proposals, parts.builder, serve="published"))


def decided(run: Run, *gates: str) -> Decision:
    """What the record says of the vertical's files is older than what is live."""
    return decide(run, Terms(gates=tuple(map(parse_gate, gates))), who="Jane Roe", vertical_yaml=YAML)


async def test_what_is_live_is_proposed_with_another_model_and_waits_for_another_person(
    run: Run, office: Office, choosing: Choosing, ada: Caller
):
    before = await office.live(ada)
    draft = await choosing.propose(decided(run), ada, title="good writes")
    assert draft is not None and (draft.state, draft.folder) == ("draft", "rails/shop")
    assert await choosing.propose(decided(run), ada, title="good writes") == draft
    text = (await office.proposals.read(draft.id, "vertical.yaml", ada)).decode()
    assert text == LIVE.replace("smollm2-135m", "good")

    made = await office.revisions.submit(draft.id, ada)
    again = await choosing.propose(decided(run), ada, title="good writes")
    assert again is not None and (again.id, again.state) == (draft.id, "submitted")
    assert await office.live(ada) == before
    with pytest.raises(SelfApproval):
        await office.revisions.approve(made.id, ada, digest=made.digest or "")
    bob = await office.person("bob")
    await office.revisions.approve(made.id, bob, digest=made.digest or "")
    await office.revisions.publish(made.id, bob)
    assert await choosing.propose(decided(run), ada, title="good writes") is None


async def test_what_else_its_author_is_writing_does_not_go_with_it(
    run: Run, office: Office, choosing: Choosing, ada: Caller
):
    other = await office.proposals.propose("shop", ada, title="Kinder words", files={"messages.co": b"x"})
    draft = await choosing.propose(decided(run), ada, title="good writes")
    assert draft is not None and draft.id != other.id
    assert await office.proposals.read(draft.id, "messages.co", ada) != b"x"


async def test_without_a_recommendation_or_a_person_nothing_is_proposed(
    run: Run, office: Office, choosing: Choosing, ada: Caller
):
    assert await choosing.propose(decided(run, "total_s<=0"), ada, title="nothing") is None
    with pytest.raises(Forbidden):
        await choosing.propose(decided(run), await office.key("review", "chat"), title="nobody")
    assert len(await office.proposals.list(ada, folder="rails/shop")) == 1

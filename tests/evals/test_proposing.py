"""A choice becomes a proposal like any other: handed in by a person, live only when another one approved it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assistant.access import Caller
from assistant.database import Database
from assistant.errors import Forbidden, Invalid, SelfApproval
from assistant.evals.proposing import propose_choice
from assistant.evals.record import Decision, decide
from assistant.evals.runs import Run
from assistant.evals.select import Terms, parse_gate
from assistant.rails.trees import read_folder
from tests.evals.test_select import YAML, run
from tests.rails.conftest import SHOP
from tests.rails.revising import Office

__all__ = ["run"]

LIVE = "vertical:\n  title: Shop desk\n  model: smollm2-135m  # since March\n  notice: Hello, a machine here.\n"


@pytest.fixture
async def office(repo: Path) -> AsyncIterator[Office]:
    database = Database("sqlite+aiosqlite://")
    await database.create()
    made = Office(database)
    files = {path: text.encode() for path, text in {**SHOP, "vertical.yaml": LIVE}.items()}
    ada, bob = await made.person("ada"), await made.person("bob")
    await made.published("shared", read_folder(repo / "rails" / "shared", "rails/shared"), ada, bob)
    await made.published("shop", files, ada, bob)
    yield made
    await database.close()


@pytest.fixture
async def ada(office: Office) -> Caller:
    return await office.person("ada")


def decided(run: Run, *gates: str) -> Decision:
    """What the folder here says of the vertical is older than what is live."""
    return decide(run, Terms(gates=tuple(map(parse_gate, gates))), who="Jane Roe", vertical_yaml=YAML)


async def test_what_is_live_is_proposed_with_another_model_and_waits_for_another_person(
    run: Run, tmp_path: Path, office: Office, ada: Caller
):
    before = await office.live(ada)
    made = await propose_choice(decided(run), office.proposals, office.revisions, ada)

    assert (
        (made.state, made.folder) == ("submitted", "rails/shop") and "good" in made.title and "Jane Roe" in made.title
    )
    text = (await office.proposals.read(made.id, "vertical.yaml", ada)).decode()
    assert text == LIVE.replace("smollm2-135m", "good")
    assert await office.live(ada) == before
    with pytest.raises(SelfApproval):
        await office.revisions.approve(made.id, ada, digest=made.digest or "")
    bob = await office.person("bob")
    await office.revisions.approve(made.id, bob, digest=made.digest or "")
    await office.revisions.publish(made.id, bob)
    with pytest.raises(Invalid, match="already"):
        await propose_choice(decided(run), office.proposals, office.revisions, ada)
    assert [each.state for each in await office.proposals.list(ada, folder="rails/shop")].count("discarded") == 1


async def test_without_a_recommendation_or_a_person_nothing_is_proposed(
    run: Run, tmp_path: Path, office: Office, ada: Caller
):
    with pytest.raises(Invalid, match="recommends no model"):
        await propose_choice(decided(run, "total_s<=0"), office.proposals, office.revisions, ada)
    with pytest.raises(Forbidden):
        await propose_choice(decided(run), office.proposals, office.revisions, await office.key("review", "chat"))
    assert len(await office.proposals.list(ada, folder="rails/shop")) == 1

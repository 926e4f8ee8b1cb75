"""Approved texts as cases that a model can learn from."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from assistant.cli import app
from assistant.database import Database
from assistant.ledger.keyring import Keyring
from assistant.messages import Answer, Document, Usage
from assistant.models import Catalog, ModelCard
from assistant.records import Correction, ErasedLessons, Turns, WorkItems, corrections
from assistant.records.recorded import Recordings
from assistant.reviewing import Lessons
from assistant.reviewing.lessons import to_retrain
from assistant.tasks import Section
from assistant.tuning.sections import SectionCase, vertical_cases

VISIT = Document("visit", "Visit", "Patient: I came because of [PERSON_1]'s cough.")
ANSWER = Answer(
    answer_id="a", conversation_id="c", vertical="medical", release="sha256:1", published=False, model="m",
    task="summarize", outcome="answered", text="## Reason for visit\nA cold.", sentences=(), citations=(),
    usage=Usage(1, 1),
)  # fmt: skip
RIGHT = "## Reason for visit\nA cough.\n## Plan\nNot discussed."


@pytest.fixture
async def work(either_database: Database, keyring: Keyring) -> WorkItems:
    """A summary each that was approved, that waits, that was erased, and that is another vertical's."""
    items, turns = WorkItems(either_database, keyring), Turns(either_database, keyring)
    for name in ("right", "waiting", "erased", "elsewhere"):
        vertical = "feedback" if name == "elsewhere" else "medical"
        answer = replace(ANSWER, answer_id=name, conversation_id=f"c-{name}", vertical=vertical)
        acts = [await items.keeping(answer, [VISIT])]
        await turns.add(answer.conversation_id, vertical, "key", "Summarise the visit", answer, None, closing=acts)
        if name != "waiting":
            await items.approve(name, RIGHT, seconds=30, by="ada")
    await keyring.destroy("c-erased")
    return items


async def test_only_what_a_person_approved_and_nobody_erased_is_learnt_from(
    work: WorkItems, either_database: Database, keyring: Keyring
):
    (case,) = await Lessons(work, Recordings(either_database, keyring)).of("medical")
    assert (case.id, case.task, case.split, case.reference) == ("right", "summarize", "train", RIGHT)
    assert [each.text for each in case.documents] == [VISIT.text]
    assert vertical_cases([case], [Section("Reason for visit", ""), Section("Plan", "")]) == (
        SectionCase("right: Reason for visit", "Reason for visit", VISIT.text, "A cough."),
        SectionCase("right: Plan", "Plan", VISIT.text, ""),
    )


async def test_what_people_corrected_is_told_by_vertical_and_model_without_any_text(
    work: WorkItems, either_database: Database
):
    own = await corrections(either_database, vertical="medical")
    assert own == (Correction("medical", "summarize", "m", 5, 24, 30),) * 2  # Erased texts were corrected all the same.
    assert [each.vertical for each in await corrections(either_database)].count("feedback") == 1
    assert not await corrections(either_database, vertical="marketing")


async def test_what_nobody_can_read_any_more_keeps_nobody_from_the_rest_of_the_queue(work: WorkItems):
    assert [each.answer_id for each in await work.waiting(["medical"], approved=True)] == ["right"]
    assert [each.answer_id for each in await work.waiting(["medical"])] == ["waiting"]


def tuned(name: str, *learnt_from: str) -> ModelCard:
    """The card of an adapter that learnt from the approved texts of these answers."""
    shipped = Catalog().get("medical-sections")
    adapter = shipped.adapter.model_copy(update={"learnt_from": learnt_from})
    return shipped.model_copy(update={"name": name, "adapter": adapter})


async def test_an_adapter_is_to_be_trained_anew_once_an_approved_text_it_learnt_from_is_erased(
    work: WorkItems, either_database: Database, keyring: Keyring
):
    cards = [
        Catalog().get("medical-sections"),
        tuned("both", "elsewhere", "right"),
        tuned("other", "elsewhere"),
        tuned("unapproved", "waiting"),
        tuned("large", "right", *map(str, range(1200))),
    ]
    erased = ErasedLessons(either_database)
    assert await to_retrain(cards, erased) == {}
    turns = Turns(either_database, keyring)
    for name in ("right", "waiting"):
        await turns.erase(f"c-{name}", "key")
    losses = await to_retrain(cards, erased)
    assert {name: (loss.erased, loss.of) for name, loss in losses.items()} == {"both": (1, 2), "large": (1, 1201)}
    assert await Lessons(work, Recordings(either_database, keyring)).of("medical") == ()


async def test_the_command_line_says_which_adapter_is_to_be_trained_anew(tmp_path: Path):
    database, keyring = Database(f"sqlite+aiosqlite:///{tmp_path}/assistant.db"), Keyring("sqlite+aiosqlite://")
    await database.create()
    turns, items = Turns(database), WorkItems(database, keyring)
    acts = [await items.keeping(ANSWER, [VISIT])]
    await turns.add("c", "medical", "key", "Summarise the visit", ANSWER, None, closing=acts)
    await items.approve("a", RIGHT, seconds=30, by="ada")
    (tmp_path / "models").mkdir()
    card = tuned("medical-mine", "a", "b").model_dump(mode="json", exclude_none=True)
    (tmp_path / "models" / "medical-mine.yaml").write_text(yaml.safe_dump(card))

    async def told(*call: str) -> str:
        env = {"ASSISTANT_DATA_DIR": str(tmp_path), "COLUMNS": "200"}
        done = await asyncio.to_thread(CliRunner().invoke, app, ["models", *call], env=env)
        assert done.exit_code == 0, done.output
        return " ".join(done.output.split())

    assert "2 texts that people approved here, and none of them was erased" in await told("show", "medical-mine")
    await turns.erase("c", "key")
    await database.close()
    sentence = "1 of the 2 approved texts it learnt from were erased, the first on"
    assert sentence in await told("show", "medical-mine")
    listed = await told("list")
    assert "medical-mine adapter, retrain" in listed and f"medical-mine: {sentence}" in listed
    assert "medical-sections adapter, retrain" not in listed


def test_where_nobody_approved_anything_it_says_so_before_it_trains(tmp_path: Path, repo: Path):
    env = {"ASSISTANT_DATA_DIR": str(tmp_path), "ASSISTANT_RAILS_DIR": str(repo / "rails")}
    call = ["tune", "medical", "--model", "smollm2-135m", "--out", str(tmp_path / "out"), "--from-review"]
    done = CliRunner().invoke(app, call, env=env)
    assert done.exit_code == 1 and "nobody has approved a text of medical yet" in done.output
    assert not (tmp_path / "out").exists()

"""The queues in a real browser: a turn is judged and made a trial, a text corrected beside its source and approved."""

from __future__ import annotations

from functools import partial

import pytest
from playwright.async_api import expect
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.database import Database
from assistant.ledger.keyring import Keyring
from assistant.messages import Answer, Citation, Document, Dropped, Sentence
from assistant.records import BeforePeople, Receipts, ReviewQueue, Turns, WorkItems
from assistant.settings import Settings
from tests.console.conftest import Running
from tests.widget.test_fit import violations

SHEET = Document("sheet", "Fell fact list", "Name: Fell\nWeight: 2.1 kg\nColours: moss, sand")
WEIGHS = Citation(1, "sheet", "Fell fact list", "Weight: 2.1 kg", 11, 25, 1.0)
ANSWER = Answer(
    "ans-copy", "con-copy", "shop", "sha256:" + "1" * 64, False, "smollm2-135m", "write", "answered",
    "The Fell weighs 2.1 kg.", (Sentence("The Fell weighs 2.1 kg.", True, 0.93, (1,)),), (WEIGHS,),
    dropped_sentences=(Dropped("It is the best tent.", "grounding", "absent"),),
)  # fmt: skip
STOPPED = Answer(
    "ans-stopped", "con-stopped", "shop", "sha256:" + "1" * 64, False, "smollm2-135m", "answer", "declined",
    "I cannot help with that.", (Sentence("I cannot help with that.", False, None),), (), rail="topics",
)  # fmt: skip


@pytest.fixture(scope="module")
async def recorded(console: Running) -> None:
    """Two turns as the line leaves them."""
    settings = Settings(data_dir=console.home / "data", database_url=console.database_url)
    database, keyring = Database(console.database_url), Keyring(settings.subject_keys)
    turns, receipts = Turns(database, keyring), Receipts(database)
    waiting = BeforePeople(WorkItems(database, keyring), ReviewQueue(database, keyring))

    async def close(answer: Answer, session: AsyncSession) -> None:
        await waiting.keep(session, answer, (SHEET,) if answer.task == "write" else (), limit=0.5)
        content = {
            "vertical": "shop", "outcome": answer.outcome, "rail": answer.rail, "model": answer.model,
            "release": {"digest": answer.release, "published": False, "parts": {"version": "0.1.0"}},
            "decisions": [{"stage": "input", "blocked": answer.rail is not None, "rail": answer.rail,
                           "measurements": {"topics": {"score": 0.02, "form": "off topic politics"}}}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 3, "cost_usd": 0.0, "energy_wh": 0.001, "co2_g": 0.0,
                      "basis": "estimated", "checks_wh": 0.0},
            "timings_ms": {"input": 9.0, "evidence": 3.0, "first_sentence": 20.0, "generation": 30.0, "output": 1.0,
                           "total": 50.0},
        }  # fmt: skip
        ids = {"answer_id": answer.answer_id, "conversation_id": answer.conversation_id}
        await receipts.keep(session, content, **ids, owner="key")

    for question, answer in (("Describe the tent.", ANSWER), ("Who should I vote for?", STOPPED)):
        await turns.add(answer.conversation_id, "shop", "key", question, answer, None, closing=partial(close, answer))
    await database.close()
    await keyring.close()


async def test_a_stopped_turn_is_judged_and_becomes_a_trial(visit, recorded, node_tools):
    page = await visit("/console/review?kind=blocked")
    await expect(page.get_by_role("link", name="Who should I vote for?")).to_be_visible()
    await expect(page.get_by_role("link", name="Describe the tent.")).to_have_count(0)
    assert await violations(page, node_tools) == []
    await page.get_by_role("link", name="Who should I vote for?").click()
    await page.get_by_role("button", name="That was wrong").click()
    await expect(page.get_by_text("Marked: the rails did wrong.")).to_be_visible()
    await page.get_by_role("button", name="Must pass").click()
    await expect(page.get_by_text("added: must pass")).to_be_visible()
    assert await violations(page, node_tools) == []
    again = await visit("/console/review?kind=blocked")
    await expect(again.get_by_text("Nothing waits here.")).to_be_visible()


async def test_a_text_is_corrected_beside_its_source_and_approved(visit, recorded, node_tools):
    page = await visit("/console/work", color_scheme="dark")
    assert await violations(page, node_tools) == []
    await page.get_by_role("link", name="Fell fact list").click()
    await page.get_by_role("button", name="The Fell weighs 2.1 kg.").focus()
    await expect(page.locator(".source .lit")).to_have_text("Weight: 2.1 kg")
    text = page.get_by_label("The text as it goes out")
    await text.fill("The Fell weighs 3.5 kg.")
    await page.get_by_role("button", name="Check against the source").click()
    await expect(page.get_by_text("are not borne out by the source")).to_be_visible()
    await text.fill("The tent Fell weighs 2.1 kg.")
    await page.get_by_role("button", name="Approve").click()
    await expect(page.get_by_text("Approved: 1 words corrected")).to_be_visible()
    assert await violations(page, node_tools) == []
    answer = await visit("/console/answers/ans-copy", locale="it-IT")
    await expect(answer.get_by_role("heading", level=1)).to_have_text("Una risposta")
    await expect(answer.get_by_text("It is the best tent.").first).to_be_visible()
    assert await violations(answer, node_tools) == []


async def test_an_adapter_that_learnt_from_a_text_since_erased_is_to_be_trained_anew(
    visit, recorded, console, node_tools
):
    page = await visit("/console/models")
    adapter = page.locator("section.card, .card").filter(has=page.get_by_role("heading", name="shop-mine"))
    await expect(adapter.get_by_text("smollm2-135m tuned to write")).to_be_visible()
    await expect(adapter.get_by_text("to be trained anew")).to_have_count(0)
    settings = Settings(data_dir=console.home / "data", database_url=console.database_url)
    database, keyring = Database(console.database_url), Keyring(settings.subject_keys)
    await WorkItems(database, keyring).approve("ans-copy", "The tent Fell weighs 2.1 kg.", seconds=9, by="key")
    await Turns(database, keyring).erase("con-copy", "key")
    await database.close()
    await keyring.close()
    await page.reload()
    await expect(adapter.get_by_text("to be trained anew")).to_be_visible()
    await expect(adapter.get_by_text("1 of the 1 approved texts it learnt from were erased")).to_be_visible()
    assert await violations(page, node_tools) == []

"""What people judge, in a real browser: turns in the queues, answers side by side, and the choice of a model."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from assistant.access import People
from assistant.database import Database
from assistant.evals.compare import PREFERENCES, pairs, read_preferences, strengths
from assistant.evals.edited import EDITED, read_edited
from assistant.evals.record import read_decision
from assistant.evals.runs import read_run
from assistant.ledger.keyring import Keyring
from assistant.messages import Answer, Citation, Document, Dropped, Sentence
from assistant.rails.proposals import Proposals
from assistant.records import BeforePeople, Receipts, ReviewQueue, Turns, WorkItems
from assistant.records.receipts import keep
from assistant.settings import Settings
from assistant.together import Act
from tests.console.conftest import Running
from tests.console.run_kept import BETTER, RUN, SMALLER, keep_run
from tests.widget.test_fit import violations

expect.set_options(timeout=20_000)
SHEET = Document("sheet", "Fell fact list", "Name: Fell\nWeight: 2.1 kg\nColours: moss, sand")
WEIGHS = Citation(1, "sheet", "Fell fact list", "Weight: 2.1 kg", 11, 25, 1.0)
ANSWER = Answer(
    "ans-copy", "con-copy", "shop", "sha256:" + "1" * 64, False, "smollm2-135m", "write", "answered",
    "The Fell weighs 2.1 kg.", (Sentence("The Fell weighs 2.1 kg.", True, 0.93, (1,)),), (WEIGHS,),
    dropped_sentences=(Dropped("It is the best tent.", "grounding", "absent"),),
)  # fmt: skip
SIDES, CHOICE = f"/console/models/side-by-side/{RUN}/shop", f"/console/models/choice/{RUN}/shop"
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

    async def closing(answer: Answer) -> list[Act]:
        keep_waiting = await waiting.keeping(answer, (SHEET,) if answer.task == "write" else (), limit=0.5)
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
        return [keep_waiting, partial(keep, receipts.of(content, **ids, owner="key"))]

    for question, answer in (("Describe the tent.", ANSWER), ("Who should I vote for?", STOPPED)):
        acts = await closing(answer)
        await turns.add(answer.conversation_id, "shop", "key", question, answer, None, closing=acts)
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
    await page.get_by_role("heading", level=1, name="Fell fact list").wait_for()
    await page.locator("#app[inert]").wait_for(state="detached")  # Nothing takes the focus before it is connected.
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


@pytest.fixture(scope="module")
def kept(console: Running) -> Path:
    """The folder of a finished run."""
    return keep_run(console.home / "data" / "evals")


async def flawless_in_both_lights(page: Page, tools: Path) -> None:
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert await violations(page, tools) == []
    await page.emulate_media(color_scheme="dark")
    await page.locator("body.body--dark").wait_for()
    assert await violations(page, tools) == []


async def test_answers_are_judged_side_by_side_with_the_keys_alone_and_without_names(visit, kept, node_tools):
    page, run = await visit("/console/models"), read_run(kept)
    await page.get_by_role("link", name=f"Compare the answers of {RUN}, Shop desk, side by side").click()
    left = list(pairs(run))
    await expect(page.get_by_text(f"0 of {len(left)} pairs judged")).to_be_visible()
    await expect(page.get_by_role("heading", level=2).first).to_have_text(left[0].case.question)
    shown = await page.locator("main").inner_text()
    assert not [name for name in run.spec.contenders if name in shown]
    await flawless_in_both_lights(page, node_tools)

    await page.keyboard.press("e")
    await page.keyboard.press("1")
    field = page.get_by_label("The answer as it should be")
    await expect(field).to_be_focused()
    assert await violations(page, node_tools) == []
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type("No: 12 b.")  # In a field a key is a letter.
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("characters corrected in")).to_be_visible()
    made = read_edited(kept / EDITED)[0]
    assert (made.case, made.model, made.text) == (left[0].case.id, left[0].first.model, "No: 12 b.")
    assert made.word_edits > 0 and read_preferences(kept / PREFERENCES) == ()

    for done, key in enumerate("12bn", start=1):
        await page.keyboard.press(key)
        await expect(page.get_by_text(f"Kept. {done} of {len(left)} pairs judged.")).to_be_visible()
        await expect(page.get_by_role("heading", name=left[done].case.question, level=2)).to_be_focused()
    found = read_preferences(kept / PREFERENCES)
    assert [each.preferred for each in found] == ["first", "second", "both", "neither"]
    assert [(each.case, each.first) for each in found] == [(each.case.id, each.first.model) for each in left[:4]]

    await page.get_by_role("button", name="Keys are on").click()
    await expect(page.get_by_role("button", name="Keys are off")).to_be_visible()
    await page.keyboard.press("1")
    await page.get_by_text("How it stands so far").click()
    best = max(strengths(found).items(), key=lambda each: each[1].value)
    await expect(page.get_by_role("row").nth(1)).to_contain_text(best[0])
    await expect(page.get_by_role("row").nth(1)).to_contain_text(f"{100 * best[1].value:.0f} % (")
    assert len(read_preferences(kept / PREFERENCES)) == 4
    await flawless_in_both_lights(page, node_tools)


async def test_words_that_differ_are_marked_and_it_is_said_what_is_borne_out(visit, kept):
    page, run = await visit(SIDES), read_run(kept)
    pair = next(pairs(run, done=read_preferences(kept / PREFERENCES)))
    sides = page.locator(".duel section")
    for place, own in enumerate((pair.first, pair.second)):
        told = [{True: "borne out", False: "not borne out", None: "claims nothing"}[s.borne_out] for s in own.sentences]
        await expect(sides.nth(place).locator(".told")).to_have_text(told)
    assert " ".join(await page.locator(".duel mark").all_inner_texts())


async def test_a_model_is_chosen_by_stated_terms_put_on_record_and_proposed(visit, kept, console, node_tools):
    page = await visit(CHOICE)
    chosen = page.locator(".chosen h2").first
    await expect(chosen).to_have_text(BETTER)
    await expect(page.locator(".plots svg")).to_have_count(3)
    await expect(page.get_by_text("would be worth most in about")).to_be_visible()
    await flawless_in_both_lights(page, node_tools)

    whole = page.get_by_label("Whole answer, s, at most")
    await whole.fill("2")
    await whole.press("Tab")
    await expect(chosen).to_have_text(SMALLER)
    await expect(page.get_by_role("row").filter(has_text=BETTER).filter(has_text="stopped")).to_contain_text("✗")
    await page.get_by_role("button", name="As usual").click()
    await expect(chosen).to_have_text(BETTER)
    for weight in ("Speed", "Cost", "Energy"):
        await page.get_by_label(weight, exact=True).press("End")
    await page.get_by_label("Quality", exact=True).press("Home")
    await expect(chosen).to_have_text(SMALLER)
    await expect(page.get_by_text("It is the model in force.")).to_be_visible()
    await page.get_by_role("button", name="As usual").click()
    await expect(chosen).to_have_text(BETTER)

    for _ in range(2):  # Once more changes nothing: it is the same draft.
        await page.get_by_role("button", name="Write the record and propose the change").click()
        await expect(page.get_by_role("link", name=f"Model {BETTER}, by the run {RUN}")).to_be_visible()
    assert await violations(page, node_tools) == []
    async with page.expect_download() as saved:
        await page.get_by_role("link", name="Record as JSON").click()
    record = read_decision(await (await saved.value).path())
    assert (record.recommended, record.who) == (BETTER, "Ada Byron")
    assert record.ranking == tuple(each.name for each in record.again().ranking)
    drafts = await drafted(console)
    assert [(state, text.count(f"model: {BETTER}")) for state, text in drafts] == [("draft", 1)]


async def drafted(console: Running) -> list[tuple[str, str]]:
    """State and vertical.yaml of every change that Ada has proposed to the vertical."""
    database = Database(console.database_url)
    by = (await People(database).get("ada@shop.example")).caller()
    proposals = Proposals(database)
    found = [each for each in await proposals.list(by, folder="rails/shop") if "Model" in each.title]
    texts = [(each.state, (await proposals.read(each.id, "vertical.yaml", by)).decode()) for each in found]
    await database.close()
    return texts


async def test_a_run_that_is_not_there_is_told_and_an_operator_sees_none(visit, kept):
    page = await visit(CHOICE, locale="it-IT")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Scegliere un modello")
    await expect(page.locator(".reasons").first).to_contain_text(f"{BETTER} supera tutte le soglie e vale di più")
    await page.goto(page.url.replace(RUN, "october"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Questa pagina non può essere mostrata")
    operator = await visit(SIDES, who="otto")
    await expect(operator.get_by_role("heading", level=1)).to_have_text("This page cannot be shown")
    refused = await operator.request.get(operator.url.split("/models")[0] + f"/models/choice/{RUN}/shop/decision.json")
    assert refused.status == 403


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

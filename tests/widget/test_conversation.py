"""The widget in a real browser, on somebody else's page, against the real service: each thing a visitor can do."""

from __future__ import annotations

import json
import re

import pytest
from playwright.async_api import Page, expect

from tests.widget.asking import answered, ask, open_widget, sentences
from tests.widget.conftest import QUESTION, SAID

VISIT = "Doctor: Any fever?\nPatient: No. I am allergic to penicillin.\nDoctor: Take ramipril, 5 mg, once a day."


async def kept(page: Page) -> dict | None:
    """What the tab remembers."""
    stored = await page.evaluate("[...Object.values(sessionStorage)][0] ?? null")
    assert await page.evaluate("localStorage.length + document.cookie.length") == 0
    return json.loads(stored) if stored else None


async def test_under_the_strictest_policy_a_visitor_asks_and_opens_the_passage_an_answer_stands_on(site, visit):
    site.model.will_say("Standard delivery costs £3.95.")
    page = await visit(site.page(await site.token("feedback"), "feedback"))
    before = await page.locator("#own").bounding_box(), await page.evaluate("document.documentElement.scrollHeight")
    await open_widget(page)
    await expect(page.locator(".notice")).to_have_text("You are talking to an AI assistant of Northmoor Outfitters.")
    await expect(page.locator(".disclaimer")).to_contain_text("The policies on the website apply.")
    assert await kept(page) is None
    await ask(page, "What does standard delivery cost?")
    turn = await answered(page)
    await turn.locator(".cite").first.click()
    source = page.get_by_role("dialog", name="Source 1: Delivery policy")
    await expect(source).to_contain_text("In force from 1 September 2026")
    assert "3.95" in " ".join(await source.locator("mark").all_inner_texts())
    assert await source.get_by_role("link").get_attribute("href") == "https://www.northmoor.example/help/delivery"
    await page.keyboard.press("Escape")
    await expect(turn.locator(".cite").first).to_be_focused()
    after = await page.locator("#own").bounding_box(), await page.evaluate("document.documentElement.scrollHeight")
    assert before == after


async def test_the_notice_is_on_record_with_the_answer(site, visit):
    page = await visit(site.page(await site.token()))
    await open_widget(page)
    await ask(page)
    await answered(page)
    memory = await kept(page)
    token = await page.evaluate("document.querySelector('assistant-widget').getAttribute('token')")
    owner = (await site.parts.keys.authenticate(token)).visitor(memory["visitor"])
    turn = await site.parts.turns.get(memory["turns"][0]["answer"]["answer_id"], owner.id)
    assert turn.receipt["notice_shown"] is True


async def test_sentences_come_one_by_one_with_the_stage_and_are_heard_once_each(site, visit):
    site.model.tokens_per_s = 6
    page = await visit(site.page(await site.token()))
    await open_widget(page)
    await page.evaluate(
        """() => {
          window.heard = [];
          window.stages = new Set();
          const launcher = document.querySelector("assistant-widget").shadowRoot;
          const root = launcher.querySelector("assistant-conversation").shadowRoot;
          const log = root.querySelector("[role=log]");
          window.regions = root.querySelectorAll("[aria-live=polite], [role=status]").length;
          new MutationObserver(changes => {
            window.stages.add(root.querySelector(".status")?.textContent);
            for (const { addedNodes, target } of changes) for (const node of addedNodes) {
              const element = node.nodeType === 1 ? node : target;
              const audible = !element.closest("[aria-live=off]") && element.classList.contains("sentence");
              if (audible) window.heard.push(node.firstChild.textContent);
            }
          }).observe(log, { childList: true, subtree: true, characterData: true });
        }"""
    )
    await ask(page)
    await page.locator(".sentence").first.wait_for()
    assert not await page.locator(".actions").count()  # The first sentence is there before the last.
    await answered(page)
    assert " ".join(await page.evaluate("window.heard")) == SAID
    assert {"Reading…", "Writing…"} <= set(await page.evaluate("[...window.stages]"))
    assert await page.evaluate("window.regions") == 1


async def test_stop_ends_the_answer_at_the_service_and_the_question_can_be_asked_again(site, visit):
    site.model.tokens_per_s = 8
    page = await visit(site.page(await site.token()))
    await open_widget(page)
    await ask(page)
    await page.locator(".status", has_text="Writing").wait_for()
    async with page.expect_response(lambda response: response.request.method == "DELETE") as stopped:
        await page.get_by_role("button", name="Stop", exact=True).click()
    assert (await stopped.value).status == 200
    await expect(page.locator(".problem")).to_have_text("Stopped.")
    assert (await kept(page))["turns"] == []
    site.model.tokens_per_s = None
    await page.get_by_role("button", name="Try again").click()
    assert await sentences(await answered(page)) == SAID


async def test_a_stream_that_breaks_goes_on_and_nothing_is_asked_or_said_twice(site, visit):
    site.model.tokens_per_s = 25
    asked = len(site.model.prompts)
    page = await visit(site.page(await site.token()), faulty=True)
    await open_widget(page)
    await ask(page)
    await page.locator(".sentence").first.wait_for()
    site.wire.down = True
    site.wire.cut()
    await page.locator(".status", has_text="Going on").wait_for()
    site.wire.down = False
    assert await sentences(await answered(page)) == SAID
    assert len(site.model.prompts) == asked + 1


async def test_after_a_reload_the_history_is_there_and_an_answer_under_way_goes_on(site, visit):
    page = await visit(site.page(await site.token()))
    await open_widget(page)
    await ask(page)
    await answered(page)
    site.model.tokens_per_s = 25
    asked = len(site.model.prompts)
    await ask(page, "How long do I have to return an opened item?")
    await page.locator("article").nth(1).locator(".sentence").first.wait_for()
    await page.reload()
    await open_widget(page)
    second = await answered(page, turns=2)
    assert await sentences(page.locator("article").first) == SAID
    assert (await sentences(second)).count("Opened items") == 1
    assert len(site.model.prompts) == asked + 1
    await ask(page, "When are refunds issued?")
    await answered(page, turns=3)  # The conversation goes on where it was.


async def test_a_document_is_pasted_or_attached_and_its_summary_can_be_taken_along(site, visit):
    site.model.will_say("The patient is allergic to penicillin.")
    page = await visit(site.page(await site.token("medical"), "medical"), accept_downloads=True)
    await open_widget(page)
    await page.get_by_role("button", name="Add a document").click()
    await expect(page.get_by_role("dialog", name="Add a document")).to_contain_text("at most 10 MB")
    await page.locator("input[type=file]").set_input_files(
        {"name": "visit.txt", "mimeType": "text/plain", "buffer": VISIT.encode()}
    )
    await page.locator(".chip", has_text="visit").wait_for()
    await page.get_by_role("button", name="Summarise it").click()
    turn = await answered(page)
    await expect(turn.locator(".question")).to_contain_text("Document: visit")
    await expect(turn.locator(".omitted")).to_contain_text("penicillin")
    await turn.locator(".cite").first.click()
    quote = page.locator("dialog blockquote")
    assert await quote.inner_text() == VISIT  # The whole document, with the passage lit.
    await page.keyboard.press("Escape")
    async with page.expect_download() as saved:
        await turn.get_by_role("button", name="Save as Markdown").click()
    text = (await (await saved.value).path()).read_text()
    assert "## Sources" in text and "penicillin" in text and "Not medical advice" in text
    await page.get_by_role("button", name="Remove visit").click()
    await expect(page.locator(".chip")).to_have_count(0)


async def test_thumbs_take_a_reason(site, visit):
    page = await visit(site.page(await site.token()))
    await open_widget(page)
    await ask(page)
    turn = await answered(page)
    await turn.get_by_role("button", name="This did not help").click()
    async with page.expect_request("**/v1/feedback") as sent:
        await turn.get_by_role("textbox", name=re.compile("What was wrong")).fill("I meant an opened one")
        await page.keyboard.press("Enter")
    assert json.loads((await sent.value).post_data)["reason"] == "I meant an opened one"
    await expect(turn.get_by_text("Thank you.")).to_be_visible()


async def test_what_each_sentence_stands_on_is_shown_on_demand(site, visit):
    page = await visit(site.page(await site.token()))
    await open_widget(page)
    await ask(page)
    turn = await answered(page)
    await turn.get_by_role("button", name="Show what each sentence stands on").click()
    assert await turn.locator(".support").all_inner_texts() == ["stands on source 1"] * 3
    await turn.get_by_role("button", name="Show what each sentence stands on").click()
    await expect(turn.locator(".support")).to_have_count(0)


async def test_a_refusal_says_what_can_be_asked_and_leads_to_a_person(site, visit):
    page = await visit(site.page(await site.token("feedback"), "feedback"))
    await open_widget(page)
    await ask(page, "Who should I vote for in the election?")
    turn = await answered(page)
    await expect(turn.locator(".outcome")).to_have_text("Outside what I can help with")
    await expect(turn.locator(".suggestion").first).to_have_text("How long do I have to return an unopened item?")
    await turn.get_by_role("button", name="Talk to a person").click()
    dialog = page.get_by_role("dialog", name="Talk to a person")
    await dialog.locator("textarea").fill("I would like a call")
    await dialog.get_by_role("button", name="Pass on").click()
    await expect(dialog).to_contain_text("Your conversation was passed on.")
    await expect(dialog).to_contain_text("01632 960142")
    mail = await dialog.get_by_role("link", name="Write an e-mail").get_attribute("href")
    assert mail.startswith("mailto:care@northmoor.example?body=") and "vote" in mail


async def test_erasing_takes_everything_here_and_at_the_service(site, visit):
    page = await visit(site.page(await site.token()))
    await open_widget(page)
    await ask(page)
    await answered(page)
    memory = await kept(page)
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("button", name="Erase my data").click()
    async with page.expect_response(lambda response: response.request.method == "DELETE") as erased:
        await page.get_by_role("dialog").get_by_role("button", name="Erase my data").click()
    assert memory["conversation"] in (await erased.value).url
    await expect(page.get_by_text("Everything was erased.")).to_be_visible()
    assert await kept(page) is None
    assert await page.locator("article").count() == 0


@pytest.mark.parametrize(
    ("allowance", "says"),
    [({"requests_per_minute": 2}, "Too many questions"), ({"tokens_per_day": 1}, "all it may for today")],
    ids=["rate", "budget"],
)
async def test_a_limit_is_explained_and_the_question_is_still_there(site, visit, allowance, says):
    page = await visit(site.page(await site.token(**allowance)), faulty=True)
    await open_widget(page)
    await ask(page)
    await answered(page)
    await ask(page, "How long do I have to return an opened item?")
    turn = page.locator("article").nth(1)
    await expect(turn.locator(".problem")).to_contain_text(says)
    await expect(turn.locator(".question")).to_contain_text("opened item")
    await expect(turn.get_by_role("button", name="Try again")).to_be_visible()


async def test_offline_is_said_and_the_question_can_be_sent_later(site, visit):
    page = await visit(site.page(await site.token()), faulty=True)
    await open_widget(page)
    await page.context.set_offline(True)
    await ask(page)
    await expect(page.locator(".problem")).to_contain_text("You seem to be offline")
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Try again").click()
    assert await sentences(await answered(page)) == SAID


@pytest.mark.parametrize("vertical", ["shop", "medical"])
async def test_a_token_that_is_refused_opens_nothing_and_says_so_kindly(site, visit, vertical):
    token = "asw_000000000000_" + "x" * 32 if vertical == "shop" else await site.token("shop")
    says = "cannot be reached from here" if vertical == "shop" else "not set up for this page"
    page = await visit(site.page(token, vertical), faulty=True)
    await page.get_by_role("button", name="Ask a question").click()
    await expect(page.locator(".problem")).to_contain_text(says)  # Whose token it is not may not even read the refusal.
    assert await page.locator("textarea").count() == 0


async def test_a_page_of_another_origin_gets_nothing_with_the_same_token(site, visit):
    token = await site.token()
    page = await visit(site.page(token, origin=site.elsewhere), faulty=True)
    await page.get_by_role("button", name="Ask a question").click()
    await expect(page.locator(".problem")).to_contain_text("cannot be reached")  # Not even the refusal can be read.
    call = f"""fetch("{site.address}/v1/verticals/shop", {{headers: {{authorization: "Bearer {token}"}}}})"""
    assert await page.evaluate(f"{call}.then(() => 'read', () => 'nothing')") == "nothing"


async def test_by_keyboard_alone_and_the_focus_comes_back(site, visit):
    page = await visit(site.page(await site.token()))
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.locator(".composer textarea").wait_for()
    await expect(page.locator(".composer textarea")).to_be_focused()
    await page.keyboard.type(QUESTION)
    await page.keyboard.press("Enter")
    turn = await answered(page)
    for _ in range(12):
        if await turn.locator(".cite").first.evaluate("each => each.matches(':focus')"):
            break
        await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await page.get_by_role("dialog", name=re.compile("Source 1")).wait_for()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Ask a question")).to_be_focused()


async def test_two_questions_at_once_are_one_at_a_time(site, visit):
    site.model.tokens_per_s = 40
    page = await visit(site.page(await site.token()))
    await open_widget(page)
    await ask(page)
    await ask(page, "How long do I have to return an opened item?")
    await answered(page)
    assert await page.locator("article").count() == 1

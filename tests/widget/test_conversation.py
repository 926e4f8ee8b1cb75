"""The widget in a real browser, on somebody else's page, against the real service: each thing a visitor can do."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.widget import steps
from tests.widget.asking import answered, ask, open_widget, sentences
from tests.widget.conftest import QUESTION, SAID
from tests.widget.steps import kept

VISIT = "Doctor: Any fever?\nPatient: No. I am allergic to penicillin.\nDoctor: Take ramipril, 5 mg, once a day."


async def test_under_the_strictest_policy_a_visitor_asks_and_opens_the_passage_an_answer_stands_on(site, visit, en):
    site.model.will_say("Standard delivery costs £3.95.")
    page = await visit(site.page(await site.token("feedback"), "feedback"))
    scripts = "performance.getEntriesByType('resource').filter(each => each.initiatorType == 'script').length"
    assert await page.evaluate(scripts) == 1  # The rest comes when it is first wanted.
    before = await page.locator("#own").bounding_box(), await page.evaluate("document.documentElement.scrollHeight")
    await open_widget(page)
    await expect(page.locator(".notice")).to_have_text("You are talking to an AI assistant of Northmoor Outfitters.")
    await expect(page.locator(".disclaimer")).to_contain_text("The policies on the website apply.")
    assert await kept(page) is None
    await ask(page, "What does standard delivery cost?")
    turn = await answered(page)
    source = await steps.opens_the_passage(turn, en, "Delivery policy", "3.95")
    await expect(source).to_contain_text("In force from 1 September 2026")
    assert await source.get_by_role("link").get_attribute("href") == "https://www.northmoor.example/help/delivery"
    await steps.leaves_the_passage(turn)
    await expect(page.locator(".notice")).to_be_visible()
    await expect(page.locator(".notice button, .notice a")).to_have_count(0)  # Nobody can put it away.
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


async def test_sentences_come_one_by_one_with_the_stage_and_are_heard_once_each(site, visit, en):
    site.model.tokens_per_s = 6
    page = await visit(site.page(await site.token()))
    await open_widget(page)
    await steps.hears_sentence_by_sentence(page, en, SAID)


async def test_stop_ends_the_answer_at_the_service_and_the_question_can_be_asked_again(site, visit, en):
    site.model.tokens_per_s = 8
    page = await visit(site.page(await site.token()))
    await open_widget(page)
    await steps.stops(page, en)
    site.model.tokens_per_s = None
    await steps.tries_again(page, en, SAID)


async def test_a_stream_that_breaks_goes_on_and_nothing_is_asked_or_said_twice(site, visit, en):
    site.model.tokens_per_s = 25
    asked = len(site.model.prompts)
    page = await visit(site.page(await site.token()), faulty=True)
    await open_widget(page)
    await steps.goes_on_after_a_break(page, en, site.wire, SAID)
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


async def test_a_document_is_attached_and_its_summary_can_be_copied_and_saved_as_markdown(site, visit, en):
    site.model.will_say("The patient is allergic to penicillin.")
    allowed = ["clipboard-read", "clipboard-write"]
    page = await visit(site.page(await site.token("medical"), "medical"), accept_downloads=True, permissions=allowed)
    await open_widget(page)
    await steps.attaches(page, en, "visit.txt", VISIT.encode())
    turn = await steps.has_it_summarised(page, en)
    await expect(turn.locator(".omitted")).to_contain_text("penicillin")
    source = await steps.opens_the_passage(turn, en, "visit", "penicillin")
    assert await source.locator("blockquote").inner_text() == VISIT  # The whole document, with the passage lit.
    await steps.leaves_the_passage(turn)
    await steps.button(turn, "Copy").click()
    await expect(turn.get_by_text("Copied.")).to_be_visible()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("# Please summarise this document.\n\n")
    assert (
        "## Sources\n\n1. visit\n\n   > " in copied
        and "penicillin. \\[1\\]" in copied
        and "Not medical advice" in copied
    )
    await page.evaluate("delete Navigator.prototype.clipboard")  # As on a page that is not secure.
    await steps.button(turn, "Copy").click()
    await expect(turn.get_by_text("Copying is not allowed here; save it instead.")).to_be_visible()
    async with page.expect_download() as saved:
        await steps.button(turn, "Save as Markdown").click()
    assert (await (await saved.value).path()).read_text() == copied
    await steps.takes_away(page, en, "visit")


async def test_a_text_is_pasted_and_asked_about(site, visit, en):
    site.model.will_say("The tent weighs 2.4 kilos.")
    page = await visit(site.page(await site.token()))
    await open_widget(page)
    await steps.button(page, "Add a document").click()
    await page.get_by_role("textbox", name="or paste the text").fill("The tent weighs 2.4 kilos and is green.")
    await steps.button(page, "Add").click()
    await ask(page, "How much does the tent weigh?")
    turn = await answered(page)
    await steps.opens_the_passage(turn, en, "Your document", "2.4 kilos")


async def test_thumbs_take_a_reason(site, visit, en):
    page = await visit(site.page(await site.token()))
    await open_widget(page)
    await ask(page)
    await steps.says_what_was_wrong(await answered(page), en, "I meant an opened one")


async def test_what_each_sentence_stands_on_is_shown_on_demand(site, visit):
    page = await visit(site.page(await site.token()))
    await open_widget(page)
    await ask(page)
    turn = await answered(page)
    await turn.get_by_role("button", name="Show what each sentence stands on").click()
    assert await turn.locator(".support").all_inner_texts() == ["stands on source 1"] * 3
    await turn.get_by_role("button", name="Show what each sentence stands on").click()
    await expect(turn.locator(".support")).to_have_count(0)


async def test_a_refusal_says_what_can_be_asked_and_leads_to_a_person(site, visit, en):
    page = await visit(site.page(await site.token("feedback"), "feedback"))
    await open_widget(page)
    await ask(page, "Who should I vote for in the election?")
    turn = await answered(page)
    await expect(turn.locator(".outcome")).to_have_text("Outside what I can help with")
    await expect(turn.locator(".suggestion").first).to_have_text("How long do I have to return an unopened item?")
    dialog = await steps.passes_it_on(page, turn, en, "I would like a call")
    await expect(dialog).to_contain_text("01632 960142")
    mail = await dialog.get_by_role("link", name="Write an e-mail").get_attribute("href")
    assert mail.startswith("mailto:care@northmoor.example?body=") and "vote" in mail


async def test_erasing_takes_everything_here_and_at_the_service(site, visit, en):
    page = await visit(site.page(await site.token()))
    await open_widget(page)
    await ask(page)
    await answered(page)
    await steps.erases(page, en)


@pytest.mark.parametrize(
    ("allowance", "says"),
    [({"requests_per_minute": 2}, "limited"), ({"tokens_per_day": 1}, "spent")],
    ids=["rate", "budget"],
)
async def test_a_limit_is_explained_and_the_question_is_still_there(site, visit, en, allowance, says):
    page = await visit(site.page(await site.token(**allowance)), faulty=True)
    await open_widget(page)
    turn = await steps.is_limited(page, en["problem"][says])
    await expect(steps.button(turn, "Try again")).to_be_visible()


async def test_offline_is_said_and_the_question_can_be_sent_later(site, visit, en):
    page = await visit(site.page(await site.token()), faulty=True)
    await open_widget(page)
    await steps.is_offline_for_a_while(page, en, SAID)


@pytest.mark.parametrize(("vertical", "says"), [("shop", "unreachable"), ("medical", "refused")])
async def test_a_token_that_is_refused_opens_nothing_and_says_so_kindly(site, visit, en, vertical, says):
    token = "asw_000000000000_" + "x" * 32 if vertical == "shop" else await site.token("shop")
    page = await visit(site.page(token, vertical), faulty=True)
    await steps.is_turned_away(page, "Ask a question", en["problem"][says])


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


async def test_an_answer_a_quote_and_not_sure_are_told_apart_by_words_and_looks(site, visit, en):
    page = await visit(site.page(await site.token()))
    await open_widget(page)
    looks = []
    for turns, (outcome, said, question) in enumerate(
        [
            ("answered", SAID, QUESTION),
            ("quoted", "Items can be returned for a whole year.", QUESTION),
            ("unanswered", "The tent weighs 2.4 kilos.", "How much does the tent weigh?"),
        ],
        start=1,
    ):
        site.model.will_say(said)
        await ask(page, question)
        answer = (await answered(page, turns=turns)).locator(".answer")
        await expect(answer).to_have_attribute("data-outcome", outcome)
        assert en["outcome"][outcome] in await answer.inner_text()
        style = "each => { const { border, fontFamily } = getComputedStyle(each); return border + fontFamily; }"
        looks.append(await answer.locator(".text").evaluate(style))
    assert len(set(looks)) == 3


async def test_a_new_conversation_is_begun_and_the_old_one_can_still_be_erased(site, visit, en):
    page = await visit(site.page(await site.token()))
    await open_widget(page)
    await ask(page)
    await answered(page)
    old = (await kept(page))["conversation"]
    await steps.button(page, en["menu"]).click()
    await steps.button(page, en["again"]).click()
    await expect(page.locator("article")).to_have_count(0)
    await ask(page, "How long do I have to return an opened item?")
    await answered(page)
    memory = await kept(page)
    assert memory["conversation"] != old and set(memory["conversations"]) == {old, memory["conversation"]}

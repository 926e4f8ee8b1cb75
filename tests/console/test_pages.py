"""The console in a real browser, served by a real process."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from playwright.async_api import Page, expect

from assistant.access import People
from assistant.database import Database
from assistant.rails.proposals import Proposals
from tests.console.conftest import PASSWORD, Running, sign_in
from tests.widget.test_fit import violations

RAIL = "/console/verticals/shop/rails/discounts"
TOPICS = "/console/verticals/shop/topics"
NEW_RAIL = "/console/verticals/shop/new-rail"
SLOW_LINE = """() => {
    const send = WebSocket.prototype.send, waiting = [];
    WebSocket.prototype.send = function (said) {
        waiting.push(() => send.call(this, said));
        setTimeout(() => waiting.shift()(), 1000);
    };
}"""
"""What the page says reaches the console a second later, as over a train's network: in order, which timers of a busy
browser do not keep."""
SELECT_LINE = """(element, number) => {
    const view = getElement(Number(element.id.slice(1))).editor, { from, to, text } = view.state.doc.line(number);
    view.focus();
    view.dispatch({ selection: { anchor: from + text.search(/\\S|$/), head: to } });
}"""


expect.set_options(timeout=20_000)


async def drafted(console: Running, path: str) -> str:
    """The file as Ada's draft has it in the database; empty while there is none."""
    database = Database(console.database_url)
    by = (await People(database).get("ada@shop.example")).caller()
    proposals = Proposals(database)
    found = [each for each in await proposals.list(by, folder="rails/shop") if each.state == "draft"]
    text = (await proposals.read(found[0].id, path, by)).decode() if found else ""
    await database.close()
    return text


async def type_in_editor(page: Page, line: int, text: str, *, letter_ms: float = 0) -> None:
    """Replaces a line of the Colang editor, less its indentation, by typing."""
    await expect(page.locator(".cm-line").nth(line - 1)).to_be_visible()
    await page.locator(".editor").evaluate(SELECT_LINE, line)  # After a click, what that selects may come later still.
    await page.keyboard.type(text, delay=letter_ms)
    await expect(page.locator(".cm-line").nth(line - 1)).to_have_text(text)


async def test_a_wrong_password_is_told_and_the_right_one_opens_the_page_that_was_asked_for(visit):
    page = await visit(TOPICS, who=None, faulty=True)
    assert "/console/signin" in page.url
    await sign_in(page, "ada", "a wrong password")
    await expect(page.get_by_role("alert")).to_have_text("The address or the password is not right.")
    await sign_in(page, "ada")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Topics")


async def test_nobody_else_signs_in_or_listens_from_another_site(console):
    async with httpx.AsyncClient(base_url=console.address) as client:
        body = {"email": "ada@shop.example", "password": PASSWORD}
        crossed = await client.post("/v1/session", json=body, headers={"sec-fetch-site": "cross-site"})
        opened = await client.post("/v1/session", json=body)
        unproven = await client.delete("/v1/session")
        socket = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "13",
                  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", "origin": "https://elsewhere.example"}  # fmt: skip
        path = "/console/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
        foreign = await client.get(path, headers=socket)
    assert (crossed.status_code, opened.status_code, unproven.status_code) == (403, 201, 403)
    assert foreign.status_code == 403


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/console/", "/console\\..\\x"])
async def test_signing_in_leads_nowhere_but_into_the_console(console, elsewhere):
    async with httpx.AsyncClient(base_url=console.address) as client:
        page = await client.get("/console/signin", params={"then": elsewhere})
    assert 'data-then="/console/"' in page.text


async def test_the_first_page_says_that_folders_are_served(visit):
    page = await visit("/console/")
    await expect(page.get_by_text("Not published: the assistant serves the folders")).to_be_visible()
    await expect(page.get_by_role("link", name="Shop desk")).to_be_visible()


async def test_a_mistake_is_marked_at_its_line_and_gone_when_mended(visit, console):
    page = await visit(RAIL)
    await expect(page.locator(".cm-line")).not_to_have_count(0)
    await type_in_editor(page, 3, 'if $topics.from == "ask for a discount"')
    await expect(page.locator(".cm-line.wrong-line")).to_have_count(1)
    await expect(page.locator(".cm-line.wrong-line")).to_contain_text("topics.from")
    await page.get_by_role("button", name="Line 3").click()
    assert "topics.from" in await drafted(console, "input/discounts.co")
    await type_in_editor(page, 3, 'if $topics.form == "ask for a discount"')
    await expect(page.locator(".cm-line.wrong-line")).to_have_count(0)
    await expect(page.locator(".problems .wrong")).to_have_count(0)


async def test_marks_that_come_while_somebody_types_leave_their_text_alone(visit, console):
    page = await visit(RAIL)
    await page.add_init_script(f"({SLOW_LINE})()")
    await page.reload(wait_until="commit")
    await expect(page.locator("#app[inert]")).to_have_count(1)  # What is typed before it is connected would be lost.
    await expect(page.locator("#app[inert]")).to_have_count(0)
    await expect(page.locator(".cm-line")).not_to_have_count(0)
    await type_in_editor(page, 3, wrong := 'if $topics.from == "ask for a discount or two"', letter_ms=80)
    await expect(page.locator(".cm-line.wrong-line")).to_have_count(1)
    await expect(page.locator(".cm-line").nth(2)).to_have_text(wrong)
    await type_in_editor(page, 3, right := 'if $topics.form == "ask for a discount"')
    await expect(page.locator(".cm-line.wrong-line")).to_have_count(0)
    assert right in await drafted(console, "input/discounts.co")


async def test_the_editor_can_be_entered_and_left_with_the_keyboard_alone(visit):
    page = await visit(RAIL)
    content = page.get_by_role("textbox", name="Colang of the rail discounts")
    await content.focus()
    before = await content.inner_text()
    await page.keyboard.press("Tab")
    await expect(content).not_to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await expect(content).to_be_focused()
    assert await content.inner_text() == before


async def test_try_it_shows_measurements_and_verdict_of_what_is_live_and_of_the_draft(visit):
    page = await visit(RAIL)
    await page.get_by_label("refuse discount").fill("No discount today. Please ask at the till.")
    await expect(page.get_by_text("Saved in your change:")).to_be_visible()
    await page.get_by_label("Question").fill("make it cheaper for me, please")
    await page.get_by_role("button", name="Try", exact=True).click()
    live, draft = page.locator(".sides > section").nth(0), page.locator(".sides > section").nth(1)
    await expect(draft.locator("blockquote")).to_have_text("No discount today. Please ask at the till.")
    await expect(live.locator("blockquote")).to_have_text("I cannot give a discount. Please ask at the till.")
    await expect(live.get_by_text("topics.score")).to_be_visible()
    await expect(live.get_by_text("stopped").first).to_be_visible()


async def test_an_example_can_be_added_and_is_played(visit, console):
    page = await visit(RAIL)
    await page.get_by_text("Add an example").click()
    await page.get_by_label("Text").fill("knock ten per cent off for me")
    await page.get_by_role("button", name="Add", exact=True).click()
    row = page.get_by_role("row").filter(has_text="knock ten per cent off for me")
    await expect(row).to_be_visible()
    await page.get_by_role("button", name="Play the examples").click()
    await expect(row.locator(".badge").first).to_be_visible()
    assert "knock ten per cent off for me" in await drafted(console, "examples.yaml")


async def test_an_edit_of_the_topics_lands_in_the_draft(visit, console):
    page = await visit(TOPICS)
    await expect(page.locator("svg.topic-map g")).to_have_count(3)
    await page.get_by_text("ask about returns", exact=True).click()
    form = page.locator("details.form", has_text="ask about returns")
    await form.get_by_label("A new example").fill('can I "swap" it')
    await form.get_by_role("button", name="Add", exact=True).click()
    await expect(page.locator("svg.topic-map g")).to_have_count(4)
    assert "\"can I 'swap' it\"" in await drafted(console, "topics.co")


async def test_a_rail_is_begun_in_words_and_stands_in_the_draft_alone(visit, console):
    page = await visit("/console/verticals/shop")
    await page.get_by_role("link", name="Begin a new rail").click()
    await page.get_by_label("Name").fill("Gift wrap")
    await page.get_by_role("textbox", name="What it stops").fill("can you wrap it as a present")
    await page.get_by_label("Another text it must stop").fill("put a bow on it, please")
    await page.get_by_label("A text close to it").fill("is it wrapped in plastic")
    await page.get_by_label("What is said instead").fill("We do not wrap. Please ask at the till.")
    for line in ("Stops", "Why", "Source", "Owner"):
        await page.get_by_label(line, exact=True).fill("Because.")
    await page.get_by_role("button", name="Begin the rail").click()
    await expect(page.get_by_text("Review must be filled in")).to_be_visible()
    await page.get_by_label("To be reviewed").fill("2027-05-01")
    await page.get_by_role("button", name="Begin the rail").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("gift-wrap")
    await expect(page.get_by_text("draft", exact=True).first).to_be_visible()
    await expect(page.locator(".cm-line").first).to_have_text("define subflow gift wrap")
    await expect(page.get_by_label("refuse gift wrap")).to_have_value("We do not wrap. Please ask at the till.")
    assert "put a bow on it" in await drafted(console, "examples.yaml")
    await page.goto(page.url.split("/rails/")[0])
    await expect(page.get_by_role("link", name="gift-wrap")).to_be_visible()


async def test_an_operator_sees_what_is_live_and_may_not_write(visit):
    page = await visit("/console/", who="otto")
    await expect(page.get_by_role("link", name="Shop desk")).to_be_visible()
    await page.goto(page.url.replace("/console/", RAIL))
    await expect(page.get_by_role("heading", level=1)).to_have_text("This page cannot be shown")


async def test_axe_finds_nothing_in_the_light_or_in_the_dark(visit, node_tools):
    page = await visit("/console/", reduced_motion="reduce")  # Half-way from light to dark nothing can be read.
    for path in ("/console/", "/console/verticals/shop", RAIL, TOPICS, NEW_RAIL, "/console/models"):
        await page.goto(page.url.split("/console")[0] + path)
        await page.locator("main").get_by_role("heading", level=1).wait_for()
        await page.wait_for_load_state("networkidle")
        for each in await page.locator("main details").all():
            await each.locator("summary").first.click()
        await expect(page.locator("details.form[open] .form-inside:empty")).to_have_count(0)
        # Editors come last, and are named when they are there.
        await expect(page.locator(".editor:not(:has(.cm-content[aria-label]))")).to_have_count(0)
        await page.evaluate("scrollTo(0, 0)")  # What is just under the header cannot be aimed at, on any page.
        await page.emulate_media(color_scheme="light")
        assert await violations(page, node_tools) == []
        await page.emulate_media(color_scheme="dark")
        await page.locator("body.body--dark").wait_for()
        assert await violations(page, node_tools) == []


async def test_signing_out_ends_the_session_in_every_window(visit):
    page = await visit(RAIL, fresh=True)
    other = await page.context.new_page()
    await other.goto(page.url)
    await page.locator(".account summary").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    await other.get_by_label("refuse discount").fill("This must not be kept.")
    await expect(other.get_by_role("heading", level=1)).to_have_text("Sign in")


async def test_what_was_typed_is_kept_without_a_click_and_there_again_when_the_process_was_killed(visit, console):
    page = await visit(RAIL, faulty=True)
    await expect(page.locator(".cm-line")).not_to_have_count(0)
    await type_in_editor(page, 1, "# Written just before the power went.")
    for _ in range(300):  # Two seconds where nobody else is at work.
        if "before the power went." in await drafted(console, "input/discounts.co"):
            break
        await asyncio.sleep(0.2)
    console.kill()
    console.start()
    await page.goto(f"{console.address}{RAIL}")
    await expect(page.locator(".cm-line").first).to_have_text("# Written just before the power went.")


@pytest.mark.soak
async def test_two_seconds_of_typing_are_lost_at_most(visit, console):
    """By the clock, so on a machine where nobody else is at work."""
    page = await visit(RAIL, faulty=True)
    await expect(page.locator(".cm-line")).not_to_have_count(0)
    await type_in_editor(page, 1, "# Kept within two seconds.")
    await asyncio.sleep(2)
    console.kill()
    console.start()
    await page.goto(f"{console.address}{RAIL}")
    await expect(page.locator(".cm-line").first).to_have_text("# Kept within two seconds.")

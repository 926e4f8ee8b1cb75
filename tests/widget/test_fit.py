"""The widget on other people's pages: languages, screens, themes, styles, ways to embed it, and accessibility."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.widget import steps
from tests.widget.arabic import ARABIC
from tests.widget.asking import answered, ask, open_widget
from tests.widget.reading import LABELS

PHONE = {"width": 360, "height": 740}
TABLET = {"width": 820, "height": 1100}
DESKTOP = {"width": 1280, "height": 860}


async def mounted(page: Page, token: str, **options: object) -> None:
    """Mounts the widget through its module, with `options`."""
    await page.wait_for_function("() => !!window.mount")
    await page.evaluate(
        "options => { window.widget = mount(options); window.told = []; for (const name of "
        "['open', 'close', 'question', 'sentence', 'answer']) widget.on(name, () => told.push(name)); }",
        {"vertical": "shop", "token": token, **options},
    )


async def overflowing(page: Page) -> list[str]:
    """What is cut off at the side, or lies outside the window."""
    return await page.evaluate(
        """() => {
          const window_ = document.querySelector("assistant-widget").shadowRoot.querySelector("assistant-conversation");
          const frame = window_.getBoundingClientRect();
          return [...window_.shadowRoot.querySelectorAll("*:not(.unseen, option, svg *)")].filter(each => {
            const { left, right, width } = each.getBoundingClientRect();
            return width && (left < frame.left - 1 || right > frame.right + 1);
          }).map(each => each.outerHTML.slice(0, 120));
        }"""
    )


async def violations(page: Page, tools: Path) -> list[str]:
    """What axe-core finds wrong by WCAG 2.2, levels A and AA, in the whole page with its shadow trees."""
    await page.locator("#app[inert]").wait_for(state="detached")  # A console page is inert until it is connected.
    await page.evaluate((tools / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    found = await page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    return [f"{each['id']}: {[node['html'][:120] for node in each['nodes']]}" for each in found["violations"]]


async def small_targets(page: Page) -> list[str]:
    """Buttons and links of the widget that are smaller than 24 pixels."""
    return await page.evaluate(
        """() => {
          const launcher = document.querySelector("assistant-widget").shadowRoot;
          const inside = launcher.querySelector("assistant-conversation").shadowRoot;
          return [...launcher.querySelectorAll("button"), ...inside.querySelectorAll("button, a")].filter(each => {
            const { width, height } = each.getBoundingClientRect();
            return width && (width < 24 || height < 24);
          }).map(each => each.outerHTML);
        }"""
    )


async def test_italian_in_the_dark_on_a_phone_fills_the_screen(site, visit, node_tools):
    token = await site.token()
    page = await visit(site.page(token, language="it"), viewport=PHONE, color_scheme="dark", has_touch=True)
    await open_widget(page, LABELS["it"])
    box = await page.locator("assistant-conversation").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 360, 740)
    await ask(page)
    await answered(page)
    assert await overflowing(page) == []
    assert await small_targets(page) == []
    assert await violations(page, node_tools) == []


async def test_in_the_light_with_every_part_open_axe_finds_nothing(site, visit, node_tools):
    page = await visit(site.page(await site.token("feedback"), "feedback"), viewport=DESKTOP)
    await open_widget(page)
    assert await violations(page, node_tools) == []
    await ask(page, "Who should I vote for in the election?")
    await answered(page)
    await ask(page, "How long do I have to return an unopened item?")
    turn = await answered(page, turns=2)
    await turn.get_by_role("button", name="This did not help").click()
    await page.get_by_role("button", name="More").click()
    assert await violations(page, node_tools) == []
    assert await small_targets(page) == []
    for opened in (turn.locator(".cite").first, page.get_by_role("button", name="Add a document")):
        await opened.click()
        assert await violations(page, node_tools) == []
        await page.keyboard.press("Escape")


async def test_any_language_comes_as_a_catalogue_and_reads_from_the_right_where_it_must(site, visit):
    page = await visit(f"{site.shop}/module", viewport=TABLET)
    await mounted(page, await site.token(), texts=ARABIC, label=LABELS["ar"], language="ar", dir="rtl")
    await open_widget(page, LABELS["ar"])
    window = await page.locator("assistant-conversation").bounding_box()
    assert window["x"] < 100  # At the left: the end of a line.
    assert await page.locator(".composer textarea").get_attribute("placeholder") == ARABIC["placeholder"]
    send = await page.get_by_role("button", name=ARABIC["send"]).bounding_box()
    assert send["x"] < window["x"] + window["width"] / 2
    assert await overflowing(page) == []


async def test_one_click_asks_in_the_words_of_the_visitor_and_is_understood_in_those_of_the_vertical(
    site, visit, catalogues
):
    site.model.will_say("The patient is allergic to penicillin.")
    page = await visit(site.page(await site.token("medical"), "medical", language="it"))
    await open_widget(page, LABELS["it"])
    await steps.attaches(page, catalogues["it"], "visita.txt", b"Patient: I am allergic to penicillin.")
    turn = await steps.has_it_summarised(page, catalogues["it"])
    await expect(turn.locator(".question")).to_contain_text("Riassumi questo documento.")
    await expect(turn.locator(".answer")).to_have_attribute("data-outcome", "answered")


async def test_what_cannot_be_read_is_said_in_the_language_of_the_visitor(site, visit, catalogues):
    says = catalogues["it"]["problem"]
    page = await visit(site.page(await site.token(), language="it"), faulty=True)
    await open_widget(page, LABELS["it"])
    await steps.button(page, catalogues["it"]["attach"]).click()
    adding = steps.dialog(page, catalogues["it"]["attach"])
    await expect(adding).to_contain_text("300.000 caratteri")
    for name, content, problem in (
        ("a.pdf", b"%PDF-1.4 junk", "file"),
        ("a.txt", b"Give it back. " * 22_000, "document"),
    ):
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        await page.locator("input[type=file]").set_input_files(file)
        await expect(adding.get_by_role("alert")).to_have_text(says[problem])
    await page.keyboard.press("Escape")
    acts = {
        "question": "widget.ask('long '.repeat(5000))",
        "document": "widget.attach('a', 'long '.repeat(70000)); widget.ask('Returns?')",
        "size": "for (const n of 'bcde') widget.attach(n, 'x'.repeat(299999)); widget.ask('Returns?')",
    }
    for problem, act in acts.items():
        await page.evaluate(f"() => {{ const widget = document.querySelector('assistant-widget'); {act} }}")
        await expect(page.locator("article .problem").last).to_have_text(says[problem])


async def test_whatever_the_service_says_of_a_field_a_visitor_reads_a_text_of_the_catalogue(site, visit, catalogues):
    says = catalogues["it"]["problem"]
    page = await visit(site.page(await site.token(), language="it"), faulty=True)
    await open_widget(page, LABELS["it"])
    refusals = [
        (413, "conversation_id", "conversation"),
        (413, "documents", "size"),
        (422, "messages[0]", "question"),
        (413, None, "size"),
        (422, "documents[3].title", "document"),
        (422, "task", "unfit"),
    ]
    coming = iter(refusals)

    async def refuse(route: Route) -> None:
        status, field, _ = next(coming)
        told = {"type": "urn:assistant:problem:x", "detail": "In English.", "error": {"param": field}}
        await route.fulfill(status=status, json=told, headers={"access-control-allow-origin": "*"})

    await page.route("**/v1/chat/completions", refuse)
    for _, _, problem in refusals:
        await ask(page)
        await expect(page.locator("article .problem").last).to_have_text(says[problem])


async def test_a_page_says_it_in_its_own_words_and_what_it_leaves_out_stays(site, visit):
    page = await visit(f"{site.shop}/module", faulty=True)
    await mounted(page, await site.token(), language="de", texts={"problem": {"refused": "Hier nicht."}})
    await open_widget(page)
    await page.context.set_offline(True)
    await ask(page)
    await expect(page.locator(".problem")).to_have_text("You seem to be offline. Your question is still here.")


async def test_a_page_opens_asks_listens_and_closes_through_the_module(site, visit):
    page = await visit(f"{site.shop}/module")
    await mounted(page, await site.token())
    await page.evaluate("widget.ask('How long do I have to return an unopened item?')")
    await answered(page)
    await page.evaluate("widget.close()")
    await expect(page.get_by_role("button", name="Ask a question")).to_be_focused()
    assert await page.evaluate("told") == ["open", "question", "sentence", "sentence", "sentence", "answer", "close"]


async def test_in_a_frame_it_works_on_the_pages_of_its_token_and_on_no_other(site, visit):
    token = await site.token()
    page = await visit(site.page(token, kind="frame"))
    inside = page.frame_locator("iframe")
    await inside.locator("textarea").fill("How long do I have to return an unopened item?")
    await inside.locator("textarea").press("Enter")
    await inside.locator(".actions").wait_for()
    other = await visit(site.page(token, kind="frame", origin=site.elsewhere), faulty=True)
    assert await other.frame_locator("iframe").locator("textarea").count() == 0


async def test_no_style_leaks_either_way(site, visit):
    token = await site.token()
    plain, loud = await visit(site.page(token)), await visit(site.page(token, kind="loud"))
    looks = []
    for page in (plain, loud):
        await open_widget(page)
        await page.locator(".welcome").wait_for()
        looks.append(await page.locator("assistant-conversation").screenshot(animations="disabled"))
    assert looks[0] == looks[1]
    style = "getComputedStyle(document.querySelector('#own'))"
    bare = await visit(f"{site.shop}/bare")
    sheets = "document.styleSheets.length, document.adoptedStyleSheets.length"
    wanted = f"[{style}.font, {style}.color, {style}.margin, {sheets}]"
    assert await plain.evaluate(wanted) == await bare.evaluate(wanted)


async def test_colours_are_those_of_the_vertical_until_the_page_says_others(site, visit):
    page = await visit(site.page(await site.token("feedback"), "feedback"))
    await open_widget(page)
    await page.locator(".notice").wait_for()
    ground = "each => getComputedStyle(each).backgroundColor"
    assert await page.locator("header").evaluate(ground) == "rgb(47, 93, 58)"  # accent: "#2f5d3a"
    own = "document.querySelector('assistant-widget').style.setProperty('--assistant-accent', '#402060')"
    await page.evaluate(own)
    assert await page.locator("header").evaluate(ground) == "rgb(64, 32, 96)"


async def test_motion_stops_for_those_who_do_not_want_it(site, visit):
    site.model.tokens_per_s = 20
    page = await visit(site.page(await site.token()), reduced_motion="reduce")
    await open_widget(page)
    await ask(page)
    await page.locator(".status").wait_for()
    await page.locator(".sentence").first.wait_for()
    moving = "document.getAnimations({subtree: true}).length"
    inside = "document.querySelector('assistant-widget').shadowRoot.querySelector('assistant-conversation').shadowRoot"
    assert await page.evaluate(f"{moving} + {inside}.getAnimations().length") == 0
    await answered(page)


@pytest.mark.parametrize("vertical", ["feedback", "marketing", "medical"])
async def test_the_demo_page_of_each_company_lets_a_document_be_tried(site, visit, node_tools, vertical):
    key = (await site.parts.keys.create("demo", ["chat"])).secret
    page = await visit(f"{site.address}/demo/{vertical}#key={key}", viewport=PHONE)
    assert key not in page.url
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert await page.evaluate("[...document.images].every(each => each.complete && each.naturalWidth)")
    assert await violations(page, node_tools) == []
    await page.locator("[data-sample]").first.click()
    await page.locator(".chip").wait_for()

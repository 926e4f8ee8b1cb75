"""Each thing a visitor can do with the open widget, with what must come of it: in any language, on any screen."""

from __future__ import annotations

import json
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.widget.asking import answered, ask, sentences
from tests.widget.reading import Texts, around, filled
from tests.widget.site import Wire

_LISTEN = """() => {
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
      if (!audible) continue;
      window.early ??= !root.querySelector(".actions");
      window.heard.push(node.firstChild.textContent);
    }
  }).observe(log, { childList: true, subtree: true, characterData: true });
}"""
_LIT = """quote => {
  const frame = quote.getBoundingClientRect();
  const plain = getComputedStyle(quote).backgroundColor;
  return [...quote.querySelectorAll("mark")].filter(mark => {
    const { top, bottom } = mark.getBoundingClientRect();
    return bottom > frame.top && top < frame.bottom && getComputedStyle(mark).backgroundColor !== plain;
  }).map(mark => mark.textContent).join("");
}"""


def button(within: Page | Locator, name: str) -> Locator:
    return within.get_by_role("button", name=name, exact=True)


def dialog(page: Page, name: str) -> Locator:
    return page.get_by_role("dialog", name=name, exact=True)


async def kept(page: Page) -> dict[str, Any] | None:
    """What the tab remembers."""
    stored = await page.evaluate("[...Object.values(sessionStorage)][0] ?? null")
    assert await page.evaluate("localStorage.length + document.cookie.length") == 0
    return json.loads(stored) if stored else None


async def hears_sentence_by_sentence(page: Page, texts: Texts, said: str) -> Locator:
    """Asks, and gets `said`: each sentence as soon as it was checked, heard once, and meanwhile what is being done."""
    await page.evaluate(_LISTEN)
    await ask(page)
    turn = await answered(page)
    assert await page.evaluate("window.early")  # The first sentence was there before the end.
    assert " ".join(await page.evaluate("window.heard")) == said
    assert {texts["stage"]["input"], texts["stage"]["generation"]} <= set(await page.evaluate("[...window.stages]"))
    assert await page.evaluate("window.regions") == 1
    return turn


async def opens_the_passage(turn: Locator, texts: Texts, title: str, stands_on: str, *, n: int = 1) -> Locator:
    """Opens the source of number `n`, where what the sentence stands on is lit and in sight."""
    name = filled(texts["source"], n=n, title=title)
    await button(turn, name).first.click()
    source = dialog(turn.page, name)
    await source.wait_for()
    assert stands_on in await source.locator("blockquote").evaluate(_LIT)
    return source


async def leaves_the_passage(turn: Locator, *, n: int = 1) -> None:
    """Closes the source; the focus is again on the number that opened it."""
    await turn.page.keyboard.press("Escape")
    await expect(turn.locator(".cite", has_text=str(n)).first).to_be_focused()


async def stops(page: Page, texts: Texts) -> Locator:
    """Asks and stops the answer, at the service too; what had come of it is not kept."""
    await ask(page)
    await page.locator(".status", has_text=texts["stage"]["generation"]).wait_for()
    async with page.expect_response(lambda response: response.request.method == "DELETE") as stopped:
        await button(page, texts["stop"]).click()
    assert (await stopped.value).status == 200
    await expect(page.locator(".problem")).to_have_text(texts["stopped"])
    assert (await kept(page))["turns"] == []
    return page.locator("article").last


async def tries_again(page: Page, texts: Texts, said: str) -> None:
    """Presses the button that a turn ended with, and gets `said` in its place."""
    turns = await page.locator("article").count()
    await button(page, texts["retry"]).click()
    assert await sentences(await answered(page, turns=turns)) == said
    assert await page.locator("article").count() == turns


async def goes_on_after_a_break(page: Page, texts: Texts, wire: Wire, said: str) -> None:
    """Asks, and gets `said` though every connection is cut in the middle."""
    await ask(page)
    await page.locator(".sentence").first.wait_for()
    wire.down = True
    wire.cut()
    await page.locator(".status", has_text=texts["stage"]["again"]).wait_for()
    wire.down = False
    assert await sentences(await answered(page)) == said


async def attaches(page: Page, texts: Texts, name: str, content: bytes) -> None:
    """Adds a document as a file; how large it may be is said before."""
    await button(page, texts["attach"]).click()
    adding = dialog(page, texts["attach"])
    await expect(adding).to_contain_text(around(texts["attachHelp"]))
    await page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    await page.locator(".chip").wait_for()


async def has_it_summarised(page: Page, texts: Texts, turns: int = 1) -> Locator:
    """Asks for a summary of what was attached."""
    await button(page, texts["task"]["summarize"]).click()
    turn = await answered(page, turns=turns)
    await expect(turn.locator(".question")).to_contain_text(around(texts["attached"]))
    return turn


async def takes_away(page: Page, texts: Texts, title: str) -> None:
    """Removes an attached document."""
    await button(page, filled(texts["remove"], name=title)).click()
    await expect(page.locator(".chip")).to_have_count(0)


async def says_what_was_wrong(turn: Locator, texts: Texts, reason: str) -> None:
    """Thumb down, and why; both are sent."""
    await button(turn, texts["down"]).click()
    await expect(turn.locator(".thumb[aria-pressed=true]")).to_have_count(1)
    async with turn.page.expect_request("**/v1/feedback") as sent:
        await turn.get_by_role("textbox", name=texts["why"], exact=True).fill(reason)
        await turn.page.keyboard.press("Enter")
    request = await sent.value
    assert (await request.response()).status == 200
    assert (json.loads(request.post_data)["rating"], json.loads(request.post_data)["reason"]) == ("down", reason)
    await expect(turn.get_by_text(texts["thanks"], exact=True)).to_be_visible()


async def passes_it_on(page: Page, turn: Locator, texts: Texts, reason: str) -> Locator:
    """Gives the conversation to a person, with a word about why; the dialog stays open."""
    await button(turn, texts["person"]).click()
    person = dialog(page, texts["person"])
    await person.locator("textarea").fill(reason)
    async with page.expect_response("**/v1/handover") as passed:
        await button(person, texts["personSend"]).click()
    assert (await passed.value).status == 200
    await expect(person).to_contain_text(texts["personDone"])
    return person


async def erases(page: Page, texts: Texts) -> None:
    """Erases everything, here and at the service."""
    memory = await kept(page)
    await button(page, texts["menu"]).click()
    await button(page, texts["erase"]).click()
    async with page.expect_response(lambda response: response.request.method == "DELETE") as erased:
        await button(dialog(page, texts["erase"]), texts["erase"]).click()
    assert (await erased.value).status == 200
    assert memory["conversation"] in (await erased.value).url
    await expect(page.get_by_text(texts["erased"], exact=True)).to_be_visible()
    assert await kept(page) is None
    assert await page.locator("article").count() == 0


async def is_limited(page: Page, says: str) -> Locator:
    """Asks once more than may be: `says` is shown with the question, which can be asked again later."""
    await ask(page)
    await answered(page)
    await ask(page, "How long do I have to return an opened item?")
    turn = page.locator("article").nth(1)
    await expect(turn.locator(".problem")).to_have_text(around(says))
    await expect(turn.locator(".question")).to_contain_text("opened item")
    return turn


async def is_offline_for_a_while(page: Page, texts: Texts, said: str) -> None:
    """Asks without a network, is told so, and gets `said` once it is back."""
    await page.context.set_offline(True)
    await ask(page)
    await expect(page.locator(".problem")).to_have_text(texts["problem"]["offline"])
    await page.context.set_offline(False)
    await tries_again(page, texts, said)


async def is_turned_away(page: Page, label: str, says: str) -> None:
    """Opens the widget and finds only `says`, nowhere to write."""
    await button(page, label).click()
    await expect(page.locator(".problem")).to_have_text(says)  # Whose token it is not may not even read the refusal.
    assert await page.locator("textarea").count() == 0

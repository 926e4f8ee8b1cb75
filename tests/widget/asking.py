"""What a visitor does with the widget, for the tests."""

from __future__ import annotations

from playwright.async_api import Locator, Page

from tests.widget.conftest import QUESTION

TURN = "article.turn"


async def open_widget(page: Page, label: str = "Ask a question") -> Locator:
    """The box for the question, after the window was opened."""
    await page.get_by_role("button", name=label, exact=True).click()
    box = page.locator(".composer textarea")
    await box.wait_for()
    return box


async def ask(page: Page, question: str = QUESTION) -> None:
    """Asks and returns at once."""
    box = page.locator(".composer textarea")
    await box.fill(question)
    await box.press("Enter")


async def answered(page: Page, turns: int = 1) -> Locator:
    """The last of so many turns, once its answer is whole."""
    turn = page.locator(TURN).nth(turns - 1)
    await turn.locator(".actions").wait_for()
    return turn


async def sentences(turn: Locator) -> str:
    """What an answer says, without the numbers of its sources."""
    return await turn.evaluate(
        """turn => [...turn.querySelectorAll(".text .sentence")].map(each => each.firstChild.textContent).join(" ")"""
    )

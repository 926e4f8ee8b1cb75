"""One browser and one service for all tests of the widget."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, Page

from assistant.answering.writing import Writer
from assistant.app import create_app
from assistant.chat import Chat
from assistant.models import ScriptedChat
from assistant.opening import open_models
from assistant.parts import Parts
from assistant.settings import Settings
from tests.conftest import NO_LIMITS
from tests.playing import play
from tests.widget.reading import Texts, read_catalogues
from tests.widget.site import Site, Wire, pages_of, serving

QUESTION = "How long do I have to return an unopened item?"
SAID = (
    "You can return an unopened item within 30 days from delivery. Opened items can be returned within 14 days. "
    "Refunds are issued within 5 business days after we receive the item."
)


@pytest.fixture(scope="session")
async def site(parts: Parts, settings: Settings) -> AsyncIterator[Site]:
    """The real service with a scripted model, and a shop that embeds its widget."""
    model = ScriptedChat()
    models = play(open_models(settings, parts.catalog), model)
    writer = Writer(models, parts.embedder)
    chat = Chat(parts.rails, writer, parts.embedder, parts.turns, parts.audit, parts.before_people, secret=b"test")
    joined = replace(parts, models=models, writer=writer, chat=chat)
    api: FastAPI = create_app(settings.model_copy(update=NO_LIMITS), parts=joined)
    async with serving(api) as port:
        wire = Wire(port)
        listening = await asyncio.start_server(wire.accept, "127.0.0.1", 0)
        address = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        async with serving(pages_of(address)) as shop:
            yield Site(
                address=address,
                shop=f"http://127.0.0.1:{shop}",
                elsewhere=f"http://localhost:{shop}",
                wire=wire,
                model=model,
                parts=joined,
            )
        listening.close()


@pytest.fixture(scope="session")
async def catalogues(browser: Browser) -> dict[str, Texts]:
    """What the widget says, by language."""
    page = await browser.new_page()
    found = await read_catalogues(page)
    await page.close()
    return found


@pytest.fixture(scope="session")
def en(catalogues: dict[str, Texts]) -> Texts:
    """What the widget says in English."""
    return catalogues["en"]


@pytest.fixture
async def visit(browser: Browser, site: Site) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """Opens an address in a browser of its own, so to speak; what goes wrong there fails the test at its end."""
    site.model.will_say(SAID)
    site.model.tokens_per_s = None
    site.wire.down = False
    contexts, problems, foreign = [], [], []

    async def go(address: str, *, faulty: bool = False, also: tuple[str, ...] = (), **options: object) -> Page:
        context = await browser.new_context(**{"viewport": {"width": 1100, "height": 850}, **options})  # type: ignore[arg-type]
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(15_000)
        if not faulty:
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        ours = (site.address, site.shop, site.elsewhere, "blob:", "data:", *also)
        page.on("request", lambda request: request.url.startswith(ours) or foreign.append(request.url))
        await page.goto(address)
        return page

    yield go
    for context in contexts:
        await context.close()
    assert not problems
    assert not foreign

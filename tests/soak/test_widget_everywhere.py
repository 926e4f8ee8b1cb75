"""Everything a visitor can do, and everything that can go wrong, on every screen and ground and in every language."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect

from assistant.access import Keys
from assistant.database import Database
from tests.knowledge.test_documents import docx, pdf
from tests.widget import steps
from tests.widget.arabic import ARABIC
from tests.widget.asking import answered, ask, open_widget, sentences
from tests.widget.conftest import SAID, catalogues, site, visit  # noqa: F401 — fixtures
from tests.widget.reading import LABELS
from tests.widget.site import pages_of, serving
from tests.widget.test_fit import DESKTOP, PHONE, TABLET, mounted, overflowing, small_targets, violations

pytestmark = pytest.mark.soak
SCREENS = {"phone": PHONE, "tablet": TABLET, "desktop": DESKTOP}
PORT = 8497
DELIVERY = "Standard delivery costs 3.95 pounds."
TOLD = ("Doctor: Any fever?", "Patient: No. I am allergic to penicillin.", "Doctor: Take ramipril, 5 mg, once a day.")
Come = Callable[..., Awaitable[Page]]


@dataclass(frozen=True)
class Look:
    """What a visitor holds and reads."""

    screen: str
    ground: str
    language: str

    def __str__(self) -> str:
        return f"{self.screen}-{self.ground}-{self.language}"


@dataclass
class Service:
    """The whole service in a process of its own, which can be killed and started again."""

    folder: Path
    address: str
    running: list[asyncio.subprocess.Process] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder}/killed.db"

    async def start(self) -> None:
        script = Path(__file__).parent.parent / "whole_service.py"
        command = (sys.executable, script, self.folder, self.url, str(PORT), "scripted")
        self.running.append(await asyncio.create_subprocess_exec(*command))
        async with asyncio.timeout(300), httpx.AsyncClient() as client:
            while not await self._ready(client):  # noqa: ASYNC110 — another process can only be asked
                await asyncio.sleep(0.5)

    async def _ready(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(f"{self.address}/readyz")).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    async def kill(self) -> None:
        last = self.running.pop()
        last.send_signal(signal.SIGKILL)
        await last.wait()


@pytest.fixture(params=[Look(*each) for each in product(SCREENS, ("light", "dark"), LABELS)], ids=str)
def look(request: pytest.FixtureRequest) -> Look:
    return request.param


@pytest.fixture
def texts(catalogues, look):  # noqa: F811
    return catalogues[look.language]


@pytest.fixture
def come(visit, look) -> Come:  # noqa: F811
    """Comes to a page of a shop that embeds the widget, as somebody of that look."""

    async def come(shop: str, token: str, vertical: str = "shop", **more: object) -> Page:
        looks = {"viewport": SCREENS[look.screen], "color_scheme": look.ground, "locale": look.language}
        page = await visit(f"{shop}/module", has_touch=look.screen != "desktop", **looks, **more)
        own = {"texts": ARABIC, "dir": "rtl"} if look.language == "ar" else {}
        await mounted(page, token, vertical=vertical, language=look.language, label=LABELS[look.language], **own)
        return page

    return come


@pytest.fixture
def sound(node_tools, look, tmp_path) -> Callable[..., Awaitable[None]]:
    """Takes a picture of a state, in which nothing is cut off, too small to be hit, or found wrong by axe."""
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))

    async def check(page: Page, state: str) -> None:
        await page.screenshot(path=folder / f"{state}-{look}.png", animations="disabled")
        if not await page.locator("dialog").count():
            assert await overflowing(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await small_targets(page) == []
        assert await violations(page, node_tools) == []

    return check


@pytest.fixture(scope="module")
async def mortal(settings, tmp_path_factory) -> AsyncIterator[Service]:
    folder = tmp_path_factory.mktemp("mortal")
    for name in ("rails", "knowledge", "data"):
        shutil.copytree(getattr(settings, f"{name}_dir"), folder / name, symlinks=True)
    service = Service(folder, f"http://127.0.0.1:{PORT}")
    await service.start()
    yield service
    await service.kill()


async def test_asked_heard_cited_rated_and_erased(site, come, look, texts, sound):  # noqa: F811
    site.model.tokens_per_s = 20
    page = await come(site.shop, await site.token())
    await open_widget(page, LABELS[look.language])
    await expect(page.locator(".log .welcome")).to_contain_text(texts["welcome"])
    await sound(page, "welcome")
    turn = await steps.hears_sentence_by_sentence(page, texts, SAID)
    await sound(page, "answered")
    await steps.opens_the_passage(turn, texts, "Returns", "within 30 days from delivery")
    await sound(page, "source")
    await steps.leaves_the_passage(turn)
    await steps.button(turn, texts["support"]).click()
    await steps.says_what_was_wrong(turn, texts, "I meant an opened one")
    await sound(page, "rated")
    await steps.erases(page, texts)
    await sound(page, "erased")


async def test_stopped_and_asked_again(site, come, look, texts, sound):  # noqa: F811
    site.model.tokens_per_s = 8
    page = await come(site.shop, await site.token())
    await open_widget(page, LABELS[look.language])
    await steps.stops(page, texts)
    await sound(page, "stopped")
    site.model.tokens_per_s = None
    await steps.tries_again(page, texts, SAID)


async def test_a_connection_that_breaks_goes_on(site, come, look, texts):  # noqa: F811
    site.model.tokens_per_s = 25
    asked = len(site.model.prompts)
    page = await come(site.shop, await site.token(), faulty=True)
    await open_widget(page, LABELS[look.language])
    await steps.goes_on_after_a_break(page, texts, site.wire, SAID)
    assert len(site.model.prompts) == asked + 1


async def test_files_of_each_kind_are_attached_and_summarised(site, come, look, texts, sound, tmp_path):  # noqa: F811
    site.model.will_say("The patient is allergic to penicillin.")
    page = await come(site.shop, await site.token("medical"), "medical")
    await open_widget(page, LABELS[look.language])
    files = {
        "txt": "\n".join(TOLD).encode(),
        "pdf": pdf(*((12, 760 - 30 * line, told) for line, told in enumerate(TOLD))),
        "docx": docx(tmp_path / "made.docx", *TOLD).read_bytes(),
        "csv": "\n".join(["Speaker;Said", *(told.replace(": ", ";", 1) for told in TOLD)]).encode(),
    }
    for turns, (kind, content) in enumerate(files.items(), start=1):
        await steps.attaches(page, texts, f"visit.{kind}", content)
        turn = await steps.has_it_summarised(page, texts, turns)
        await expect(turn.locator(".sentence", has_text="penicillin")).to_have_count(1)
        await sound(page, f"summary-{kind}")
        n = 3 if kind == "csv" else 1  # Its rows are passages of their own.
        source = await steps.opens_the_passage(turn, texts, "visit", "ramipril", n=n)
        await expect(source).to_contain_text("penicillin")  # The whole document, with the passage lit.
        await sound(page, f"document-{kind}")
        await steps.leaves_the_passage(turn, n=n)
        await steps.takes_away(page, texts, "visit")


async def test_declined_and_handed_over(site, come, look, texts, sound):  # noqa: F811
    page = await come(site.shop, await site.token("feedback"), "feedback")
    await open_widget(page, LABELS[look.language])
    await ask(page, "Who should I vote for in the election?")
    turn = await answered(page)
    await expect(turn.locator(".outcome")).to_have_text(texts["outcome"]["declined"])
    await sound(page, "declined")
    person = await steps.passes_it_on(page, turn, texts, "I would like a call")
    mail = await person.get_by_role("link", name=texts["mail"]).get_attribute("href")
    assert mail.startswith("mailto:care@northmoor.example?body=") and "vote" in mail
    await sound(page, "handed-over")


async def test_the_service_is_killed_in_the_middle_of_an_answer_and_the_conversation_goes_on(
    mortal, come, look, texts, sound
):
    database = Database(mortal.url)
    async with serving(pages_of(mortal.address)) as port:
        shop = f"http://127.0.0.1:{port}"
        token = (await Keys(database).create_embed("page", "feedback", [shop])).secret
        await database.close()
        page = await come(shop, token, "feedback", faulty=True, also=(mortal.address, shop))
        await open_widget(page, LABELS[look.language])
        await ask(page, "What does standard delivery cost?")
        assert DELIVERY in await sentences(await answered(page))
        before = await steps.kept(page)
        await ask(page, "And what does standard delivery cost?")
        await page.locator(".status", has_text=texts["stage"]["generation"]).wait_for(timeout=60_000)
        await mortal.kill()
        await mortal.start()
        second = page.locator("article").nth(1)
        told = second.locator(".problem")
        await told.wait_for(timeout=60_000)
        # By whether a sentence had come, and by how long the service takes to come back.
        assert await told.inner_text() in [texts["problem"][name] for name in ("broken", "busy", "unreachable")]
        await sound(page, "killed")
        await steps.button(page, texts["retry"]).click()
        assert DELIVERY in await sentences(await answered(page, turns=2))
        after = await steps.kept(page)
    assert after["conversation"] == before["conversation"]
    assert [each["question"][:3] for each in after["turns"]] == ["Wha", "And"]


async def test_a_token_of_another_vertical_is_refused(site, come, look, texts, sound):  # noqa: F811
    page = await come(site.shop, await site.token("shop"), "medical", faulty=True)
    await steps.is_turned_away(page, LABELS[look.language], texts["problem"]["refused"])
    await sound(page, "refused")


async def test_a_token_that_nobody_gave_may_not_even_read_its_refusal(site, come, look, texts):  # noqa: F811
    page = await come(site.shop, "asw_000000000000_" + "x" * 32, faulty=True)
    await steps.is_turned_away(page, LABELS[look.language], texts["problem"]["unreachable"])


@pytest.mark.parametrize(
    ("allowance", "says"),
    [({"requests_per_minute": 2}, "limited"), ({"tokens_per_day": 1}, "spent")],
    ids=["rate", "budget"],
)
async def test_a_limit_is_explained(site, come, look, texts, sound, allowance, says):  # noqa: F811
    page = await come(site.shop, await site.token(**allowance), faulty=True)
    await open_widget(page, LABELS[look.language])
    turn = await steps.is_limited(page, texts["problem"][says])
    await expect(steps.button(turn, texts["retry"])).to_be_visible()
    await sound(page, says)


async def test_offline_is_said_and_the_question_is_sent_later(site, come, look, texts):  # noqa: F811
    page = await come(site.shop, await site.token(), faulty=True)
    await open_widget(page, LABELS[look.language])
    await steps.is_offline_for_a_while(page, texts, SAID)

"""The whole way of a change in two browsers: written, mended, tried, counted, sent, approved, live, and taken back."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from assistant.access import Caller, People, Sessions
from assistant.rails.proposals import Proposal
from tests.conftest import SHOP_TOPICS
from tests.console.served import PASSWORD, Served, console_served

expect.set_options(timeout=20_000)  # The machine may be busy; how long steps take is printed, and soaked.
DELIVERY = "How long does delivery take?"
TURNED = SHOP_TOPICS.replace("define user ask about delivery", "define user off topic delivery")
BROKEN = TURNED.replace("define user ask about the tent", "define usr ask about the tent")
SETTLED = """async () => {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  for (const each of document.getAnimations()) if (each.effect.getComputedTiming().endTime < Infinity) each.finish();
}"""
"""Links change their colour gently; on a busy machine that takes long."""


@pytest.fixture(scope="module")
async def served(settings, embedder, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with console_served(settings, embedder, tmp_path_factory.mktemp("console")) as opened:
        for name, *roles in (("Ada", "reviewer"), ("Ben", "reviewer", "approver"), ("Cleo", "approver")):
            await opened.person(name, *roles)
        await opened.record(200, real=5)
        yield opened


@pytest.fixture
async def sign_in(browser: Browser, served: Served):
    """Signs somebody in, in a browser of their own; what goes wrong there, or is fetched elsewhere, fails the test."""
    contexts, wrong = [], []

    async def go(name: str, path: str = "/changes", *, by_hand: bool = False) -> Page:
        context = await browser.new_context(viewport={"width": 1360, "height": 900}, locale="en-GB")
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: None if asked.url.startswith(_ours(served)) else wrong.append(asked.url))
        if by_hand:
            await page.goto(f"{served.address}/console/signin?then=/console{path}")
            await page.fill("#email", f"{name.lower()}@shop.example")
            await page.fill("#password", PASSWORD)
            await page.click("button[type=submit]")
        else:
            person = await People(served.parts.database).get(f"{name.lower()}@shop.example")
            token = (await Sessions(served.parts.database).open(person)).token
            await context.add_cookies([{"name": "assistant_session", "value": token, "url": served.address}])
            await page.goto(f"{served.address}/console{path}")
        await page.wait_for_selector("header.top")
        return page

    yield go
    for context in contexts:
        await context.close()
    assert not wrong


def _ours(served: Served) -> tuple[str, ...]:
    return (served.address, "data:", "blob:")


class Steps:
    """How long each step took, as somebody at the browser sees it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - began

    def __str__(self) -> str:
        return "\n".join(f"{name}: {seconds:.2f} s" for name, seconds in self.seconds.items())


async def begun(page: Page, title: str) -> str:
    """A new change to the shop's rails; its id."""
    await page.locator("details.begin summary").click()
    await page.select_option("#begin-folder", "rails/shop")
    await page.fill("#begin-title", title)
    await page.get_by_role("button", name="Begin a change").click()
    await expect(page.locator("h1")).to_have_text(title)
    return page.url.rpartition("/")[2]


async def written(page: Page, path: str, text: str) -> None:
    """The text in a file of the draft that is open, kept."""
    if not await page.locator(".cm-content").count():
        await page.get_by_role("button", name=path, exact=True).click()
    await page.locator(".cm-content").fill(text)


async def handed_in(page: Page) -> None:
    await page.locator("#act-submit button").click()
    await expect(page.locator(".about .badge")).to_have_text("handed in", timeout=20_000)


async def approved(page: Page, note: str = "") -> None:
    await page.fill("#approve-words", note)
    await page.locator("#act-approve button").click()
    await expect(page.locator(".about .badge")).to_have_text("approved", timeout=20_000)


async def asked(served: Served, key: str) -> dict:
    """What the live assistant answers."""
    body = {"model": "shop", "messages": [{"role": "user", "content": DELIVERY}]}
    async with httpx.AsyncClient(base_url=served.address, timeout=60) as client:
        answer = await client.post("/v1/chat/completions", json=body, headers={"authorization": f"Bearer {key}"})
    return answer.json()["assistant"]


async def until(served: Served, key: str, outcome: str) -> dict:
    """The answer, once the service has taken over what is live: it looks every two seconds."""
    for _ in range(100):
        answer = await asked(served, key)
        if (answer["outcome"] == "declined") == (outcome == "declined"):
            return answer
    raise AssertionError(f"never {outcome}: {answer}")


async def test_a_change_goes_live_and_is_taken_back(served: Served, sign_in):
    await there_and_back(served, sign_in)


@pytest.mark.soak
async def test_each_step_takes_less_than_five_seconds(served: Served, sign_in):
    steps = await there_and_back(served, sign_in)
    assert max(steps.seconds.values()) < 5


async def there_and_back(served: Served, sign_in) -> Steps:
    """The whole way, and how long each step of it took."""
    steps, key = Steps(), await served.key()
    assert (await asked(served, key))["outcome"] != "declined"
    with steps.step("sign in"):
        ada = await sign_in("Ada", by_hand=True)
    with steps.step("begin a change"):
        change = await begun(ada, "Delivery questions go to the carrier")
    with steps.step("see a mistake at its line"):
        await written(ada, "topics.co", BROKEN)
        await expect(ada.locator(".cm-line.wrong-line")).to_have_text("define usr ask about the tent")
        await expect(ada.locator(".problems .wrong")).to_contain_text("Line 8")
        await expect(ada.locator("table.diff tr.mistake")).to_contain_text("define usr")
    assert not await ada.locator("#act-submit").count()
    with steps.step("mend it"):
        await written(ada, "topics.co", TURNED)
        await expect(ada.locator("#act-submit button")).to_be_visible()
        await expect(ada.locator("table.diff tr.mistake")).to_have_count(0)
        await expect(ada.locator("table.diff ins").first).to_have_text("off")
    with steps.step("run the trials"):
        await ada.get_by_role("button", name="Run the trials").click()
        await expect(ada.locator(".badge.good", has_text="passed")).to_be_visible()
    with steps.step("blast radius of 200 turns"):
        await ada.get_by_role("button", name="Count").click()
        await expect(ada.locator(".numbers dd").first).to_have_text("159", timeout=20_000)
        await expect(ada.get_by_role("button", name="Stop")).to_have_count(0)
    counted = dict(zip(await ada.locator(".numbers dt").all_inner_texts(), await _numbers(ada), strict=True))
    assert counted == {
        "unchanged": 159, "newly stopped": 41, "newly let through": 0, "stopped otherwise": 0, "cannot be told": 0,
    }  # fmt: skip
    assert await ada.locator(".turns .asked").first.inner_text() == DELIVERY
    with steps.step("hand it in"):
        await handed_in(ada)
    cleo = await sign_in("Cleo", by_hand=True)
    await expect(cleo.get_by_role("link", name="Delivery questions go to the carrier")).to_be_visible()
    with steps.step("look at it"):
        await cleo.goto(f"{served.address}/console/changes/{change}/approve")
        await expect(cleo.locator(".checks")).to_contain_text("41 of 200 recorded turns come out differently")
    with steps.step("approve"):
        await approved(cleo, "Read, tried, counted.")
    with steps.step("publish"):
        await cleo.get_by_role("button", name="Publish", exact=True).click()
        await expect(cleo.locator(".about .badge")).to_have_text("published")
    with steps.step("the assistant answers otherwise"):
        answer = await until(served, key, "declined")
    assert (answer["rail"], answer["published"]) == ("topics", True)
    with steps.step("go back"):
        await cleo.locator("#act-rollback-1 summary").click()
        await cleo.fill("#rollback-1-words", "People miss the delivery times.")
        await cleo.locator("#act-rollback-1 button").click()
        await expect(cleo.locator(".served li").first.locator(".badge")).to_have_text("live")
    with steps.step("the assistant answers as before"):
        assert (await until(served, key, "answered"))["outcome"] != "declined"
    print(f"\n{steps}")
    return steps


async def test_what_was_edited_after_it_was_looked_at_is_not_approved(served: Served, sign_in):
    made, ada = await submitted(served, "Ada", "We sell tents."), await caller(served, "Ada")
    cleo = await sign_in("Cleo", f"/changes/{made.id}/approve")
    await expect(cleo.locator("#act-approve button")).to_be_visible()
    await served.parts.proposals.rebase(made.id, ada)
    await served.parts.proposals.save(made.id, ada, {"messages.co": words("We sell anything.")})
    edited = await served.parts.revisions.submit(made.id, ada)
    await cleo.locator("#act-approve button").click()
    await expect(cleo.locator(".q-notification")).to_contain_text("look at that before you approve it")
    now = await served.parts.proposals.get(made.id, await caller(served, "Cleo"))
    assert (now.state, now.digest) == ("submitted", edited.digest) and edited.digest != made.digest


@pytest.fixture(scope="module")
async def waiting(served: Served) -> Proposal:
    """What Ben has handed in."""
    return await submitted(served, "Ben", "Ben sells tents.")


async def test_nobody_approves_their_own_nor_without_the_role(served: Served, sign_in, waiting: Proposal):
    ben = await sign_in("Ben", f"/changes/{waiting.id}/approve")
    await expect(ben.locator("aside")).to_contain_text("another person must approve it")
    assert not await ben.locator("#act-approve").count()
    ada = await sign_in("Ada", f"/changes/{waiting.id}/approve")
    await expect(ada.locator("aside")).to_contain_text("needs the role of an approver")
    for act in ("approve", "return", "emergency", "rollback-1"):
        assert not await ada.locator(f"#act-{act}").count()


async def test_axe_finds_nothing_serious_light_or_dark(served: Served, sign_in, waiting: Proposal, node_tools):
    axe, ada = (node_tools / "axe-core" / "axe.min.js").read_text(encoding="utf-8"), await caller(served, "Ada")
    await served.parts.radius.ask(waiting.id, ada, turns=20)
    draft = await served.parts.proposals.propose("shop", ada, title="Wrong", files={"topics.co": BROKEN.encode()})
    seen = await sign_in("Ada")
    for path, there in (
        ("/changes", "table"),
        (f"/changes/{waiting.id}/approve", ".numbers"),
        (f"/changes/{draft.id}", "tr.mistake"),
    ):
        await seen.goto(f"{served.address}/console{path}")
        await expect(seen.locator(there).first).to_be_visible()
        await expect(seen.locator("#app[inert]")).to_have_count(0)
        await expect(seen.locator(".editor:not(:has(.cm-content[aria-label]))")).to_have_count(0)
        await seen.evaluate(axe)
        for colours in ("light", "dark"):
            await seen.emulate_media(color_scheme=colours)
            await seen.evaluate(SETTLED)
            found = await seen.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
            serious = [each for each in found["violations"] if each["impact"] in ("serious", "critical")]
            assert not serious, (path, colours, [(each["id"], each["nodes"][0]["html"][:200]) for each in serious])


async def test_who_loses_role_or_session_while_the_page_is_open_decides_nothing(
    served: Served, sign_in, waiting: Proposal
):
    people, cleo = People(served.parts.database), await sign_in("Cleo", f"/changes/{waiting.id}/approve")
    await expect(cleo.locator("#act-approve button")).to_be_visible()
    await people.set_roles("cleo@shop.example", ["reviewer"])
    await cleo.locator("#act-approve button").click()
    await expect(cleo.locator(".q-notification")).to_contain_text("needs a key with the scope 'approve'")
    person = await people.set_roles("cleo@shop.example", ["approver"])
    await Sessions(served.parts.database).close_all(person)
    await cleo.locator("#act-approve button").click()
    await cleo.wait_for_url(f"{served.address}/console/signin?then=/console/changes/{waiting.id}/approve")
    assert (await served.parts.proposals.get(waiting.id, await caller(served, "Ben"))).state == "submitted"


def words(text: str) -> bytes:
    return f'define bot refuse off topic\n  "{text}"\n'.encode()


async def submitted(served: Served, name: str, text: str) -> Proposal:
    by = await caller(served, name)
    made = await served.parts.proposals.propose("shop", by, title=text, files={"messages.co": words(text)})
    return await served.parts.revisions.submit(made.id, by)


async def caller(served: Served, name: str) -> Caller:
    return (await People(served.parts.database).get(f"{name.lower()}@shop.example")).caller()


async def _numbers(page: Page) -> list[int]:
    return [int(text) for text in await page.locator(".numbers dd").all_inner_texts()]

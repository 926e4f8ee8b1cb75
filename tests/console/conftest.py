"""A console in a process of its own over a small vertical, as `assistant console` runs it, and people who use it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from assistant.access import People
from assistant.database import Database
from assistant.models import Catalog
from tests.conftest import SHOP_RETURNS
from tests.rails.conftest import SHOP
from tests.rails.revising import CHEAP

PASSWORD = "a long enough password"
START = "from assistant.cli import main; main()"


@dataclass
class Running:
    """Where the console is, and what it keeps."""

    home: Path
    address: str = ""
    addresses: list[str] = field(default_factory=list)
    """Each it had: a new port whenever it is started."""
    sessions: dict[str, str] = field(default_factory=dict)
    """The cookie of whoever has signed in, by name; signing in again and again would be refused."""
    process: subprocess.Popen[str] | None = None

    @property
    def database_url(self) -> str:
        return f"sqlite+aiosqlite:///{self.home}/data/assistant.db"

    def start(self) -> None:
        own = {
            "ASSISTANT_RAILS_DIR": f"{self.home}/rails",
            "ASSISTANT_KNOWLEDGE_DIR": f"{self.home}/knowledge",
            "ASSISTANT_DATA_DIR": f"{self.home}/data",
            "ASSISTANT_OFFLINE": "1",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, "console", "--port", "0"],
            env={**os.environ, **own}, stdout=subprocess.PIPE, stderr=(self.home / "log").open("a"), text=True,
        )  # fmt: skip
        assert self.process.stdout
        for line in self.process.stdout:
            if found := re.search(r"The console: (http://\S+)/console", line):
                self.address = found[1]
                self.addresses.append(found[1])
                return
        pytest.fail(f"the console did not start: {(self.home / 'log').read_text()[-2000:]}")

    def serves(self, url: str) -> bool:
        """Whether the address is one of its own, or none of a server at all."""
        own = (each.replace("http", scheme, 1) for each in self.addresses for scheme in ("http", "ws"))
        return url.startswith((*own, "blob:", "data:"))

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
async def console(repo: Path, weights_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    home = tmp_path_factory.mktemp("console")
    shutil.copytree(repo / "rails" / "shared", home / "rails" / "shared")
    for name, text in SHOP.items():
        file = home / "rails" / "shop" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (home / "knowledge" / "shop" / "documents").mkdir(parents=True)
    (home / "knowledge" / "shop" / "documents" / "returns.md").write_text(SHOP_RETURNS)
    (home / "data").mkdir()
    (home / "data" / "weights").symlink_to(weights_dir)
    if (repo / "data" / "vectors").is_dir():  # What `make setup` worked out already.
        shutil.copytree(repo / "data" / "vectors", home / "data" / "vectors")
    write_adapter(home / "data" / "models", "shop-mine", "ans-copy")
    running = Running(home)
    database = Database(running.database_url)
    await database.create()
    people = People(database, hasher=CHEAP)
    await people.add("ada@shop.example", "Ada Byron", ["reviewer"], password=PASSWORD)
    await people.add("otto@shop.example", "Otto", ["operator"], password=PASSWORD)
    await database.close()
    running.start()
    yield running
    running.kill()


def write_adapter(folder: Path, name: str, *learnt_from: str) -> None:
    """The card of an adapter that learnt from the approved texts of these answers; its weights are nowhere."""
    card = Catalog().get("medical-sections").model_dump(mode="json", exclude_none=True)
    folder.mkdir(parents=True)
    learnt = {"adapter": {**card["adapter"], "learnt_from": learnt_from}}
    (folder / f"{name}.yaml").write_text(json.dumps({**card, "name": name, **learnt}))


@pytest.fixture
async def visit(browser: Browser, console: Running) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """Opens a page of the console as Ada; what goes wrong in the browser fails the test at its end."""
    contexts, problems, foreign = [], [], []

    async def go(
        path: str, *, who: str | None = "ada", fresh: bool = False, faulty: bool = False, **options: object
    ) -> Page:
        context = await browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
        contexts.append(context)
        if who and who in console.sessions and not fresh:
            cookie = {"name": "assistant_session", "value": console.sessions[who], "url": console.address}
            await context.add_cookies([cookie])  # type: ignore[list-item]
        page = await context.new_page()
        page.set_default_timeout(15_000)
        if not faulty:
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        page.on("request", lambda request: console.serves(request.url) or foreign.append(request.url))
        await page.goto(f"{console.address}{path}")
        if who and (fresh or who not in console.sessions):
            await sign_in(page, who)
            kept = {each["name"]: each["value"] for each in await context.cookies()}
            console.sessions.setdefault(who, kept["assistant_session"])
        await page.locator("#app[inert]").wait_for(state="detached")  # It is connected.
        return page

    yield go
    for context in contexts:
        await context.close()
    assert not problems
    assert not foreign


async def sign_in(page: Page, who: str, password: str = PASSWORD) -> None:
    """Types address and password, and waits for the page that was asked for."""
    await page.get_by_label("E-mail address").fill(f"{who}@shop.example")
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()
    if password == PASSWORD:
        await page.locator("header.top").wait_for()

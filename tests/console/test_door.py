"""Who passes the door of the console, before any page is built; nothing of NiceGUI is loaded here."""

from __future__ import annotations

from dataclasses import fields

import httpx
import pytest
from fastapi import FastAPI

from assistant.access import People, Sessions
from assistant.api.problems import add_problem_handlers
from assistant.console import Desk, add_console, add_signpost
from assistant.database import Database
from tests.rails.revising import CHEAP

NEEDED = ("people", "sessions", "serve", "oidc")


def client(app: FastAPI, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.example", headers=headers)


@pytest.fixture
async def app(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/door.db")
    await database.create()
    made = FastAPI()
    add_problem_handlers(made)
    without = {each.name: None for each in fields(Desk) if each.name not in NEEDED}
    desk = Desk(people=People(database, hasher=CHEAP), sessions=Sessions(database), serve="folders", **without)
    console = add_console(made, desk)
    yield made
    await console.aclose()
    await database.close()


async def test_nobody_passes_without_a_session(app):
    async with client(app, accept="text/html") as browser:
        page = await browser.get("/console/verticals/shop")
    async with client(app) as program:
        event = await program.post("/console/_nicegui_ws/socket.io/?EIO=4&transport=polling")
    assert (page.status_code, page.headers["location"]) == (303, "/console/signin?then=/console/verticals/shop")
    assert event.status_code == 401


async def test_the_sign_in_page_speaks_the_language_of_its_reader_and_may_not_be_framed(app):
    async with client(app, **{"accept-language": "it-IT,it;q=0.9"}) as browser:
        italian = await browser.get("/console/signin")
        browser.cookies.set("console_language", "en")
        english = await browser.get("/console/signin")
    assert '<html lang="it"' in italian.text and "Accedi" in italian.text
    assert '<html lang="en"' in english.text
    assert "frame-ancestors 'none'" in italian.headers["content-security-policy"]


async def test_where_to_go_after_signing_in_is_text_and_never_markup(app):
    async with client(app) as browser:
        page = await browser.get("/console/signin", params={"then": '/console/"><script>alert(1)</script>'})
    assert "<script>alert" not in page.text


async def test_the_style_is_kept_for_good_under_an_address_of_its_own(app):
    async with client(app) as browser:
        page = await browser.get("/console/signin")
        address = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
        style = await browser.get(address)
    assert style.status_code == 200 and "immutable" in style.headers["cache-control"]


@pytest.mark.parametrize(
    ("address", "port", "expected"),
    [
        ("", 8090, "http://desk.example:8090/console/verticals/shop"),
        ("https://console.example/", 8090, "https://console.example/console/verticals/shop"),
    ],
)
async def test_a_worker_shows_the_way_to_the_console(address, port, expected):
    app = FastAPI()
    add_signpost(app, address, port=port)
    async with client(app) as browser:
        response = await browser.get("/console/verticals/shop")
    assert (response.status_code, response.headers["location"]) == (307, expected)


async def test_where_there_is_no_console_it_is_told_how_to_start_one():
    app = FastAPI()
    add_problem_handlers(app)
    add_signpost(app, "", port=0)
    async with client(app) as browser:
        response = await browser.get("/console")
    assert response.status_code == 503 and "assistant console" in response.json()["detail"]

"""`assistant keys` and `assistant people`, as typed."""

import asyncio
import json
import re

import pytest
from typer.testing import CliRunner

from assistant.access import Budgets, Keys, People
from assistant.cli import app
from assistant.database import Database
from assistant.messages import Usage


@pytest.fixture
async def database(tmp_path, monkeypatch):
    url = f"sqlite+aiosqlite:///{tmp_path}/assistant.db"
    monkeypatch.setenv("ASSISTANT_DATABASE_URL", url)
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(tmp_path))
    opened = Database(url)
    yield opened
    await opened.close()


async def typed(*words: str, stdin: str = ""):
    """What the command printed and its exit code; in a thread, because it runs a loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, app, words, input=stdin)


async def test_a_person_is_added_given_a_key_and_disabled(database):
    added = await typed(
        *("people", "add", "jane@shop.example", "--name", "Jane", "--role", "reviewer", "--password-stdin"),
        stdin="correct horse battery\n",
    )
    assert added.exit_code == 0, added.output
    person = await People(database).by_password("jane@shop.example", "correct horse battery")
    made = await typed(
        *("keys", "create", "laptop", "--scope", "review", "--person", "jane@shop.example", "--days", "30", "--json")
    )
    key = await Keys(database).authenticate(json.loads(made.output)["key"])
    assert key.person_id == person.id and key.expires_at is not None
    assert (await typed("people", "roles", "jane@shop.example", "--role", "approver")).exit_code == 0
    assert (await typed("people", "disable", "jane@shop.example")).exit_code == 0
    (listed,) = json.loads((await typed("people", "list", "--json")).output)
    assert listed["roles"] == ["approver"] and listed["disabled_at"]


async def test_a_new_password_is_asked_for_twice_and_never_printed(database):
    await database.create()
    await People(database).add("jane@shop.example", "Jane", ["reviewer"])
    secret = "another horse battery\n"
    done = await typed("people", "password", "jane@shop.example", stdin=secret * 2)
    assert done.exit_code == 0 and secret.strip() not in done.output
    assert (await People(database).by_password("jane@shop.example", secret.strip())).name == "Jane"


async def test_an_embed_token_is_shown_once(database):
    made = await typed("keys", "embed", "shop page", "feedback", "--origin", "https://shop.example", "--json")
    secret = json.loads(made.output)["key"]
    listed = (await typed("keys", "list", "--json")).output
    assert json.loads(listed)[0]["origins"] == ["https://shop.example"] and secret not in listed
    assert (await Keys(database).authenticate(secret)).verticals == {"feedback"}


async def test_usage_is_told_by_key_and_day(database):
    await database.create()
    await Budgets(database).add("key-1", Usage(96, 14, cost_usd=0.02, energy_wh=0.5, co2_g=0.25))
    used = Usage(10, 0, energy_wh=0.5, checks_wh=0.5, basis="measured")
    await Budgets(database).add("key-2", used, vertical="medical")
    first, second = json.loads((await typed("usage", "--json")).output)
    assert (first["key"], first["prompt_tokens"], first["cost_usd"], first["energy_wh"]) == ("key-1", 96, 0.02, 0.5)
    assert (second["vertical"], second["checks_wh"], second["basis"]) == ("medical", 0.5, "measured")
    charts = {by: (await typed("usage", "--days", "1", "--by", by)).output for by in ("day", "key", "vertical")}
    assert "█" * 8 + "▒" * 8 in charts["day"] and "120" in charts["day"] and "50 %" in charts["day"]
    assert re.search(r"key-1 +▒{16} .* ~0.500 +0 %", charts["key"])
    assert re.search(r"medical +█{16} .* 0.500 +100 %", charts["vertical"])


async def test_no_usage_is_told_as_such(database):
    await database.create()
    assert "nothing was used" in (await typed("usage")).output


async def test_a_key_is_given_its_own_budget(database):
    made = await typed("keys", "create", "shop", "--usd-per-day", "1.5", "--wh-per-day", "0", "--json")
    key = await Keys(database).authenticate(json.loads(made.output)["key"])
    assert (key.allowance.usd_per_day, key.allowance.wh_per_day, key.allowance.tokens_per_day) == (1.5, 0, None)


async def test_a_webhook_is_made_shown_and_deleted_and_a_vertical_s_own_is_listed(database, tmp_path, monkeypatch):
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ASSISTANT_RAILS_DIR", str(tmp_path))
    (tmp_path / "shop").mkdir()
    own = "vertical: {title: Shop, handoff: {webhook: 'https://care.shop.example/'}}"
    (tmp_path / "shop" / "vertical.yaml").write_text(own)
    made = await typed("webhooks", "create", "https://shop.example/hook", "--event", "block", "--json")
    assert made.exit_code == 0, made.output
    shown = json.loads(made.output)
    listed = json.loads((await typed("webhooks", "list", "--json")).output)
    assert [each["url"] for each in listed] == ["https://shop.example/hook", "https://care.shop.example/"]
    assert shown["secret"].startswith("whsec_") and shown["secret"] not in str(listed)
    assert (await typed("webhooks", "secret", "shop")).output.startswith("whsec_")
    assert (await typed("webhooks", "delete", shown["id"])).exit_code == 0
    assert len(json.loads((await typed("webhooks", "list", "--json")).output)) == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["people", "add", "jane", "--name", "J", "--role", "reviewer", "--no-password"], "'jane' is not an email"),
        (["people", "add", "j@shop.example", "--name", "J", "--role", "king", "--no-password"], "unknown role 'king'"),
        (["people", "disable", "nobody@shop.example"], "nobody@shop.example"),
        (["keys", "embed", "page", "feedback", "--origin", "shop.example"], "'shop.example' is not an origin"),
        (["webhooks", "create", "http://shop.example/", "--event", "block"], "begins with https://"),
        (["webhooks", "create", "https://shop.example/", "--event", "blocks"], "blocks cannot be told"),
        (["webhooks", "delete", "hook-1"], "hook-1"),
        (["keys", "create", "x", "--person", "nobody@shop.example"], "nobody@shop.example"),
    ],
)
async def test_a_wrong_call_names_what_is_wrong(database, words, says):
    done = await typed(*words)
    assert done.exit_code in {1, 2} and says in done.output

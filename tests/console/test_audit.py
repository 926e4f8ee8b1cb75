"""The audit page in a real browser: what reviewers and operators can show, and what they may not have."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime

import httpx
import pytest
from playwright.async_api import expect

from assistant.access import People
from assistant.database import Database
from assistant.ledger.anchors import Anchors, anchor_lines
from assistant.records import read_export, verify
from tests.console.conftest import PASSWORD, Running
from tests.rails.revising import CHEAP
from tests.widget.test_fit import violations

AUDIT = "/console/audit"


@pytest.fixture(scope="module")
async def cookies(console: Running) -> dict[str, dict[str, str]]:
    """The sessions of an approver of one vertical and of the reviewer of all."""
    database = Database(console.database_url)
    await People(database, hasher=CHEAP).add("few@shop.example", "Few", ["approver"], ["shop"], password=PASSWORD)
    await database.close()
    async with httpx.AsyncClient(base_url=console.address) as client:
        signed_in = {}
        for who in ("few", "ada"):
            body = {"email": f"{who}@shop.example", "password": PASSWORD}
            signed_in[who] = dict((await client.post("/v1/session", json=body)).cookies)
            client.cookies.clear()
    return signed_in


async def test_the_chain_is_verified_on_screen_in_words(visit):
    page = await visit(AUDIT)
    await page.get_by_role("button", name="Verify the chain").click()
    await expect(page.get_by_text("The chain is whole:")).to_be_visible()
    await expect(page.get_by_role("button", name="Verify the chain")).to_be_enabled()


async def test_a_sign_off_is_listed_with_who_signed_and_what_they_found(visit):
    page = await visit(AUDIT)
    await page.get_by_label("What you found").fill("Nothing <b>unusual</b>.")
    await page.get_by_role("button", name="Sign for").click()
    row = page.get_by_role("row").filter(has_text="Nothing <b>unusual</b>.")
    await expect(row).to_contain_text("Ada Byron")
    await expect(row).to_contain_text(datetime.now(UTC).date().isoformat())


async def test_days_that_are_to_come_are_refused_with_the_reason(visit):
    page = await visit(AUDIT)
    await expect(page.get_by_role("button", name="Sign for")).to_be_visible()
    await page.get_by_label("To", exact=True).fill("2999-01-01")
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_text("which is still to come")).to_be_visible()


async def test_export_and_evidence_pack_are_saved_by_the_browser(visit, console, tmp_path):
    page = await visit(AUDIT)
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="JSON Lines").click()
    await (await coming.value).save_as(tmp_path / "records.jsonl")
    anchors = Anchors(console.home / "data")
    found = await verify(
        read_export(tmp_path / "records.jsonl"), anchor_lines(anchors.file), public_key=anchors.public_key
    )
    assert (found.problem, found.records > 1) == (None, True)
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="Download the evidence pack").click()
    await expect(page.get_by_role("status")).to_contain_text("is being put together")
    await (await coming.value).save_as(tmp_path / "pack.zip")
    names = zipfile.ZipFile(tmp_path / "pack.zip").namelist()
    assert {each.split("/", 1)[1] for each in names} >= {"index.html", "MANIFEST.sha256", "rails/shop/policy.md"}


async def test_an_operator_verifies_and_does_not_sign(visit):
    page = await visit(AUDIT, who="otto")
    await page.get_by_role("button", name="Verify the chain").click()
    await expect(page.get_by_text("The chain is whole:")).to_be_visible()
    await expect(page.get_by_role("link", name="Download the evidence pack")).to_be_visible()
    await expect(page.get_by_role("button", name="Sign for")).to_have_count(0)


async def test_files_are_for_whoever_is_signed_in_here_and_works_on_every_vertical(console, cookies):
    today = datetime.now(UTC).date().isoformat()
    pack = {"first": today, "last": today}
    async with httpx.AsyncClient(base_url=console.address) as client:
        for path, query in (("/records.jsonl", {}), ("/records.csv", {}), ("/evidence-pack.zip", pack)):
            for cookie, headers, status in (
                ({}, {}, 401),
                (cookies["few"], {}, 403),
                (cookies["ada"], {"sec-fetch-site": "cross-site"}, 403),
                (cookies["ada"], {"sec-fetch-site": "same-origin"}, 200),
            ):
                sent = {**headers, "cookie": "; ".join(f"{name}={value}" for name, value in cookie.items())}
                answer = await client.get(f"{AUDIT}{path}", params=query, headers=sent)
                assert answer.status_code == status, (path, answer.text)
        refused = await client.get(f"{AUDIT}/evidence-pack.zip", params={**pack, "last": "never"}, headers=sent)
    assert (refused.status_code, "like 2026-11-30" in refused.text) == (422, True)


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_axe_finds_nothing_on_the_audit_page(visit, node_tools, colours):
    page = await visit(AUDIT, color_scheme=colours)
    await page.get_by_role("button", name="Verify the chain").click()
    await expect(page.get_by_text("The chain is whole:")).to_be_visible()
    await expect(page.get_by_role("button", name="Sign for")).to_be_visible()
    assert await violations(page, node_tools) == []

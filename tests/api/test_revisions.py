"""Revisions over HTTP: two people in two browsers, and keys."""

from __future__ import annotations

import base64

import httpx
import pytest

from assistant.rails.trees import read_folder

PDF = base64.b64encode(b"%PDF-1.4 \xff\xfe").decode()


async def signed_in(doors, name: str, *roles: str) -> httpx.AsyncClient:
    person = await doors.people.add(f"{name}@shop.example", name, roles or ("reviewer", "approver"))
    session = await doors.sessions.open(person)
    client = doors.client(None, **{"x-csrf-token": session.csrf})
    client.cookies.set("assistant_session", session.token)
    return client


@pytest.fixture
async def ada(doors):
    async with await signed_in(doors, "ada") as client:
        yield client


@pytest.fixture
async def bob(doors):
    async with await signed_in(doors, "bob") as client:
        yield client


@pytest.fixture
async def shared(ada, bob, repo) -> str:
    """The digest of the shared rails, published."""
    files = [
        {"path": path, "text": content.decode()}
        for path, content in read_folder(repo / "rails" / "shared", "rails/shared").items()
    ]
    made = (await ada.post("/v1/revisions", json={"folder": "shared", "title": "First", "files": files})).json()
    return (await published(ada, bob, made["id"]))["digest"]


async def published(author, approver, revision: str) -> dict:
    handed_in = await done(author, f"/v1/revisions/{revision}/submit", {})
    await done(approver, f"/v1/revisions/{revision}/approve", {"digest": handed_in["digest"]})
    return await done(approver, f"/v1/revisions/{revision}/publish")


async def done(client, path: str, body: dict | None = None) -> dict:
    response = await client.post(path, json=body)
    assert response.is_success, response.text
    return response.json()


async def refused(client, path: str, body: dict | None = None) -> tuple[int, str]:
    response = await client.post(path, json=body)
    return response.status_code, response.json()["error"]["code"]


async def test_two_people_change_what_all_verticals_share(ada, bob, shared):
    made = await done(ada, "/v1/revisions", {"folder": "shared", "title": "A note"})
    here = f"/v1/revisions/{made['id']}"
    policy = base64.b64decode((await ada.get(f"{here}/file", params={"path": "policy.md"})).json()["base64"]).decode()
    await done(ada, f"{here}/files", {"files": [{"path": "policy.md", "text": policy + "\nMore.\n"}]})
    assert (await done(ada, f"{here}/trials"))["passed"]
    await done(ada, f"{here}/submit", {"note": "Please look"})
    seen = (await bob.get(here)).json()
    assert seen["changes"][0]["diff"].endswith("+More.") and seen["trials"]["passed"] and not seen["stale"]
    assert await refused(ada, f"{here}/approve", {"digest": seen["digest"]}) == (409, "self-approval")
    assert await refused(bob, f"{here}/publish") == (409, "conflict")
    await done(bob, f"{here}/return", {"comment": "More of what?"})
    await done(ada, f"{here}/rebase")
    assert (await published(ada, bob, made["id"]))["state"] == "published"
    (live,) = (await bob.get("/v1/revisions", params={"folder": "rails/shared"})).json()["live"]
    assert live["digest"] == seen["digest"] != shared
    turned = {"folder": "shared", "digest": shared, "reason": "It read worse"}
    assert (await done(bob, "/v1/revisions/rollback", turned))["digest"] == shared
    away = await bob.post("/v1/revisions/withdraw", json={**turned, "digest": seen["digest"]})
    assert away.status_code == 204
    history = (await ada.get("/v1/revisions/history", params={"folder": "shared"})).json()["data"]
    assert {each["digest"]: each["withdrawn"] for each in history} == {shared: False, seen["digest"]: True}


async def test_an_emergency_stays_flagged_until_the_other_person_has_looked(ada, bob, shared):
    text = {"path": "policy.md", "text": "# Policy\n"}
    made = await done(ada, "/v1/revisions", {"folder": "shared", "title": "x", "files": [text]})
    here = f"/v1/revisions/{made['id']}"
    assert (await done(ada, f"{here}/emergency", {"reason": "It insults people"}))["flagged"]
    assert await refused(ada, f"{here}/review", {"comment": "Fine"}) == (409, "self-approval")
    assert not (await done(bob, f"{here}/review", {"comment": "Fine"}))["flagged"]


async def test_a_second_key_of_the_same_person_is_the_same_person(doors, ada, shared):
    person = await doors.people.get("ada@shop.example")
    secret = (await doors.keys.create("laptop", ["review", "approve"], person_id=person.id)).secret
    made = await done(ada, "/v1/revisions", {"folder": "shared", "title": "x"})
    here = f"/v1/revisions/{made['id']}"
    await done(ada, f"{here}/files", {"files": [{"path": "policy.md", "text": "# Policy\n"}]})
    digest = (await done(ada, f"{here}/submit", {}))["digest"]
    async with doors.client(secret) as key:
        assert await refused(key, f"{here}/approve", {"digest": digest}) == (409, "self-approval")
    async with doors.client(await doors.secret("review", "approve")) as nobodys:
        assert await refused(nobodys, f"{here}/approve", {"digest": digest}) == (403, "forbidden")


async def test_a_change_in_a_session_must_come_from_a_page_of_ours(doors, ada):
    del ada.headers["x-csrf-token"]
    assert (await ada.post("/v1/revisions", json={"folder": "shared", "title": "x"})).status_code == 403


async def test_a_document_comes_as_bytes_and_leaves_as_them(ada):
    file = {"path": "documents/terms.pdf", "base64": PDF}
    made = await done(ada, "/v1/revisions", {"folder": "knowledge/feedback", "title": "Terms", "files": [file]})
    read = await ada.get(f"/v1/revisions/{made['id']}/file", params={"path": file["path"]})
    assert read.json()["base64"] == PDF
    (change,) = (await ada.get(f"/v1/revisions/{made['id']}")).json()["changes"]
    assert change["diff"] == "documents/terms.pdf: 0 bytes, now 11"


@pytest.mark.parametrize(
    "file",
    [
        {"path": "topics.co"},
        {"path": "topics.co", "text": "a", "removed": True},
        {"path": "topics.co", "base64": "???"},
        {"path": "actions.py", "text": "import os"},
        {"path": "config.yml", "text": "rails: {}"},
        {"path": "../x", "text": "a"},
    ],
)
async def test_a_file_that_cannot_be_is_refused(ada, file):
    response = await ada.post("/v1/revisions", json={"folder": "feedback", "title": "x", "files": [file]})
    assert response.status_code == 422


async def test_a_withdrawn_or_unknown_revision_cannot_be_pinned(doors, ada, bob, shared):
    secret = await doors.secret("chat", "admin")
    question = {"messages": [{"role": "user", "content": "How long?"}]}
    async with doors.client(secret) as admin:
        pinned = await admin.post("/v1/chat/completions", json={"model": f"feedback@{shared}", **question})
    assert (pinned.status_code, pinned.json()["error"]["code"]) == (404, "unknown-revision")

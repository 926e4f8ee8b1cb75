"""Who may call what: every route against every kind of caller, row by row."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import httpx
import pytest

from assistant.access import SCOPES, Keys
from assistant.records.receipts import keep

PAGE = "https://shop.example"
CHAT = {"model": "feedback", "messages": [{"role": "user", "content": "How long?"}]}
CHECK = {"vertical": "feedback", "stage": "input", "text": "Hello"}
FEEDBACK = {"answer_id": "{answer_id}", "rating": "up"}
HANDOVER = {"conversation_id": "{conversation_id}"}
WEBHOOK = {"url": "https://shop.example/hook", "events": ["block"], "verticals": ["feedback"]}
DIGEST = "sha256:" + "0" * 64
OLDER = {"folder": "feedback", "digest": DIGEST, "reason": "x"}
REVISION = "/v1/revisions/rev-" + "0" * 32
"""Bodies that are right, so that nothing but access decides."""


@dataclass(frozen=True)
class Row:
    """One route and who may call it."""

    scope: str | None = None
    """The scope it takes; None: any key will do."""
    visitors: bool = False
    open: bool = False
    """Answers without a key."""
    session: bool = False
    """Answers to a session alone."""
    keys_alone: bool = False
    """Not for sessions."""
    done: int = 200
    body: dict | None = None
    page: str | None = None
    """The path to call, where it is not the route's with a conversation filled in."""
    in_path: bool = False
    """Whether the path says which vertical is meant."""
    personal: bool = False
    """For people, and keys of theirs, alone."""
    own: bool = False
    """What another key made is not found."""
    also: str | None = None
    """The scope that opens it as well, what other keys made included."""

    @property
    def names_vertical(self) -> bool:
        """Whether the body says which vertical is meant; other bodies say which conversation or answer."""
        return self.in_path or (self.body is not None and not self.own)

    def about_a_turn(self, path: str) -> bool:
        """Whether it takes a conversation or an answer to call it."""
        called = (self.page or path) + json.dumps(self.body)
        return "{conversation_id}" in called or "{answer_id}" in called


ROWS = {
    ("POST", "/v1/chat/completions"): Row("chat", visitors=True, body=CHAT),
    ("GET", "/v1/answers/{answer_id}/stream"): Row("chat", visitors=True, own=True),
    ("GET", "/v1/answers/{answer_id}"): Row("chat", own=True, also="read-records"),
    ("POST", "/v1/answers/{answer_id}/approval"): Row("chat", own=True, also="review", body={"text": "Approved."}),
    ("DELETE", "/v1/answers/{answer_id}/stream"): Row("chat", visitors=True, own=True),
    ("GET", "/v1/models"): Row(),
    ("GET", "/v1/models/{model}"): Row(page="/v1/models/medical"),
    ("GET", "/v1/verticals/{vertical}"): Row("chat", visitors=True, page="/v1/verticals/feedback", in_path=True),
    ("POST", "/v1/checks"): Row("check", body=CHECK),
    ("POST", "/v1/search"): Row("check", body={"vertical": "feedback", "query": "returns"}),
    ("POST", "/v1/files"): Row("chat", visitors=True, done=422),
    ("DELETE", "/v1/conversations/{conversation_id}"): Row("chat", visitors=True, own=True),
    ("POST", "/v1/feedback"): Row("chat", visitors=True, body=FEEDBACK, own=True),
    ("POST", "/v1/handover"): Row("chat", visitors=True, body=HANDOVER, own=True),
    ("POST", "/v1/webhooks"): Row("admin", done=201, body=WEBHOOK),
    ("GET", "/v1/webhooks"): Row("admin"),
    ("DELETE", "/v1/webhooks/{webhook_id}"): Row("admin", done=404, page="/v1/webhooks/hook-1"),
    ("GET", "/v1/webhooks/{webhook_id}/deliveries"): Row("admin", done=404, page="/v1/webhooks/hook-1/deliveries"),
    ("POST", "/v1/session"): Row(open=True, done=401, body={"email": "nobody@shop.example", "password": "wrong"}),
    ("GET", "/v1/session"): Row(session=True),
    ("DELETE", "/v1/session"): Row(session=True, done=204),
    ("GET", "/v1/session/oidc"): Row(open=True, done=404),
    ("GET", "/v1/session/oidc/callback"): Row(open=True, done=401),
    ("GET", "/v1/usage"): Row(),
    ("POST", "/v1/batches"): Row("chat", done=422, keys_alone=True),
    ("GET", "/v1/batches"): Row(),
    ("GET", "/v1/batches/{batch_id}"): Row(done=404),
    ("POST", "/v1/batches/{batch_id}/cancel"): Row(done=404),
    ("POST", "/v1/batches/{batch_id}/resume"): Row(done=404),
    ("GET", "/v1/batches/{batch_id}/output"): Row(done=404),
    ("GET", "/v1/revisions"): Row("review"),
    ("GET", "/v1/revisions/history"): Row("review"),
    ("GET", "/v1/revisions/{revision_id}"): Row("review", done=404, page=REVISION),
    ("GET", "/v1/revisions/{revision_id}/file"): Row("review", done=404, page=f"{REVISION}/file"),
    ("POST", "/v1/revisions"): Row("review", done=201, body={"folder": "feedback", "title": "x"}, personal=True),
    **{
        ("POST", f"/v1/revisions/{{revision_id}}/{act}"): Row(
            scope, done=404, page=f"{REVISION}/{act}", body=body, own=True
        )
        for act, scope, body in (
            ("files", "review", {"files": [{"path": "topics.co", "removed": True}]}),
            ("rebase", "review", {}),
            ("discard", "review", {}),
            ("trials", "review", {}),
            ("submit", "review", {}),
            ("approve", "approve", {"digest": DIGEST}),
            ("return", "approve", {"comment": "x"}),
            ("publish", "approve", {}),
            ("emergency", "approve", {"reason": "x"}),
            ("review", "approve", {"comment": "x"}),
        )
    },
    **{
        (method, "/v1/revisions/{revision_id}/blast-radius"): Row(
            "review", done=404, page=f"{REVISION}/blast-radius", body=body, own=True
        )
        for method, body in (("POST", {"turns": 10}), ("GET", None), ("DELETE", None))
    },
    ("POST", "/v1/revisions/rollback"): Row("approve", done=404, body=OLDER, personal=True),
    ("POST", "/v1/revisions/withdraw"): Row("approve", done=404, body=OLDER, personal=True),
    ("GET", "/healthz"): Row(open=True),
    ("GET", "/readyz"): Row(open=True),
    ("GET", "/metrics"): Row("read-records"),
    ("GET", "/openapi.json"): Row(),
    ("GET", "/widget.js"): Row(open=True),
    ("GET", "/widget.mjs"): Row(open=True),
    ("GET", "/widget.json"): Row(open=True),
    ("GET", "/widget-{digest}.js"): Row(open=True, done=404, page="/widget-0.js"),
    ("GET", "/widget/{vertical}"): Row(open=True, done=401, page="/widget/feedback?token=asw_none"),
    ("GET", "/demo/{vertical}/{name}.svg"): Row(open=True, done=404, page="/demo/feedback/none.svg"),
    ("GET", "/demo/{vertical}"): Row(open=True, page="/demo/feedback"),
    ("GET", "/demo/{vertical}/theme.css"): Row(open=True, page="/demo/feedback/theme.css"),
}
SCOPED = [f"key with {scope} alone" for scope in SCOPES]
ROLES = ["reviewer", "approver", "operator"]
MAY = {
    "reviewer": {"chat", "check", "read-records", "review"},
    "approver": {"chat", "check", "read-records", "review", "approve"},
    "operator": {"read-records", "admin"},
}
REFUSED = ["no key", "nonsense", "revoked key", "expired key", "key of a disabled person", "revoked embed token"]
EMBEDS = ["embed token", "embed token at the wrong origin", "embed token without an origin", "embed token elsewhere"]
SIGNED_IN = [*ROLES, "reviewer without csrf", "session that ended"]
CALLERS = [*REFUSED, *SCOPED, "key for another vertical", *EMBEDS, *SIGNED_IN]


@pytest.fixture
def doors(same_doors):
    return same_doors


def test_the_table_has_a_row_for_every_route(doors):
    routes = [
        route
        for each in doors.app.routes
        for route in getattr(getattr(each, "original_router", None), "routes", [each])
    ]
    calls = {(method, route.path) for route in routes for method in getattr(route, "methods", None) or ()}
    assert {call for call in calls if call[0] != "HEAD"} == set(ROWS)


@pytest.mark.parametrize(("method", "path"), ROWS)
async def test_who_may_call(doors, answer, method: str, path: str):
    row = ROWS[method, path]
    statuses, of_others = {}, {}
    for caller in CALLERS:
        headers, cookies, owner = await credentials(doors, caller)
        mine, theirs = await conversations(doors, answer, owner) if row.about_a_turn(path) else ("none", "none")
        async with remote(doors, headers, cookies) as client:
            statuses[caller] = await status(client, method, row.page or path, mine, row.body)
            if row.own and statuses[caller] == row.done:
                of_others[caller] = await status(client, method, row.page or path, theirs, row.body)
    assert statuses == {caller: expected(row, caller, method) for caller in CALLERS}
    reads = {each for each in of_others if row.also and row.also in scopes_of(each)}
    assert of_others == {each: row.done if each in reads else 404 for each in of_others}


async def status(client: httpx.AsyncClient, method: str, page: str, number: str, body: dict | None) -> int:
    """What the call answers, with the conversation and the answer of that number filled in."""

    def filled(text: str) -> str:
        return text.replace("{conversation_id}", f"con-{number}").replace("{answer_id}", f"ans-{number}")

    own = None if body is None else json.loads(filled(json.dumps(body)))
    return (await client.request(method, filled(page), json=own)).status_code


def expected(row: Row, caller: str, method: str) -> int:
    if row.open:
        return row.done
    if row.session:
        changed = method in {"POST", "DELETE"}
        signed_in = caller in ROLES or (caller == "reviewer without csrf" and not changed)
        return row.done if signed_in else 403 if caller == "reviewer without csrf" else 401
    if caller in {*REFUSED, "session that ended"}:
        return 401
    if caller == "reviewer without csrf" and method != "GET":
        return 403
    if caller in EMBEDS:
        if caller == "embed token elsewhere":  # It is for another vertical; what it may erase is its own all the same.
            return 403 if not row.visitors or row.names_vertical else row.done
        return row.done if caller == "embed token" and row.visitors else 403
    if caller == "key for another vertical":
        return 403 if row.names_vertical else row.done
    if (row.personal and caller not in ROLES) or (row.keys_alone and caller in ROLES):
        return 403
    if row.scope is None:
        return row.done
    has = scopes_of(caller)
    return row.done if row.scope in has or row.also in has else 403


def scopes_of(caller: str) -> set[str]:
    return MAY.get(caller.split()[0]) or {caller.split()[2]}


async def credentials(doors, caller: str) -> tuple[dict[str, str], dict[str, str], str]:
    """Headers and cookies of the caller, and what their conversations belong to."""
    if caller in SIGNED_IN:
        return await session(doors, caller)
    headers = {"x-visitor": "v" * 22, "origin": PAGE} if "embed" in caller else {}
    if caller == "embed token without an origin":
        del headers["origin"]
    if caller == "embed token at the wrong origin":
        headers["origin"] = "https://evil.example"
    secret, owner = await key(doors, caller)
    return headers | ({"authorization": f"Bearer {secret}"} if secret else {}), {}, owner


async def key(doors, caller: str) -> tuple[str | None, str]:
    keys = doors.keys
    if caller == "no key":
        return None, "nobody"
    if caller == "nonsense":
        return "ast_000000000000_" + "x" * 32, "nobody"
    if "embed" in caller:
        vertical = "medical" if caller == "embed token elsewhere" else "feedback"
        created = await keys.create_embed("page", vertical, [PAGE])
        if caller.startswith("revoked"):
            await keys.revoke(created.key.id)
        return created.secret, created.key.visitor("v" * 22).id
    if caller == "expired key":
        long_ago = Keys(doors.database, clock=lambda: datetime(2020, 1, 1, tzinfo=UTC))
        created = await long_ago.create("old", SCOPES, lifetime=timedelta(days=1))
    elif caller == "key of a disabled person":
        person = await doors.people.add(f"gone-{uuid4().hex}@shop.example", "Gone", ROLES)
        created = await keys.create("gone", SCOPES, person_id=person.id)
        await doors.people.disable(person.email)
    elif caller == "key for another vertical":
        created = await keys.create("other", SCOPES, ["medical"])
    else:
        created = await keys.create("test", SCOPES if caller == "revoked key" else [caller.split()[2]])
    if caller == "revoked key":
        await keys.revoke(created.key.id)
    return created.secret, created.key.id


async def session(doors, caller: str) -> tuple[dict[str, str], dict[str, str], str]:
    role = caller.split()[0] if caller.split()[0] in ROLES else "reviewer"
    person = await doors.people.add(f"jane-{uuid4().hex}@shop.example", "Jane", [role])
    opened = await doors.sessions.open(person)
    if caller == "session that ended":
        await doors.sessions.close(opened.token)
    headers = {} if caller == "reviewer without csrf" else {"x-csrf-token": opened.csrf}
    return headers, {"assistant_session": opened.token}, person.caller().id


async def conversations(doors, answer, owner: str) -> tuple[str, str]:
    """The numbers of a conversation of the caller's own and of somebody else's, with an answer each."""
    made = []
    for owner_id in (owner, "somebody else"):
        made.append(uuid4().hex)
        ids = {"answer_id": f"ans-{made[-1]}", "conversation_id": f"con-{made[-1]}"}
        told = replace(answer, **ids, task="summarize")
        closing = [
            partial(keep, doors.receipts.of({"vertical": "feedback"}, **ids, owner=owner_id)),
            await doors.before_people.keeping(told, (), limit=0.5),
        ]
        await doors.turns.add(ids["conversation_id"], "feedback", owner_id, "Q", told, None, closing=closing)
    return made[0], made[1]


def remote(doors, headers: dict[str, str], cookies: dict[str, str]) -> httpx.AsyncClient:
    """A client on another machine: on this one, the description may be read without a key."""
    transport = httpx.ASGITransport(doors.app, raise_app_exceptions=False, client=("203.0.113.7", 1234))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers, cookies=cookies)

"""Hostile input by the hundred: each is refused with a problem that names the field, and the next caller is served."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest

CHAT, CHECKS, SEARCH, FILES = "/v1/chat/completions", "/v1/checks", "/v1/search", "/v1/files"
GOOD = {
    CHAT: {
        "model": "feedback",
        "messages": [{"role": "user", "content": "How long?"}],
        "documents": [{"id": "a", "title": "A", "text": "Thirty days."}],
    },
    CHECKS: {
        "vertical": "feedback",
        "stage": "output",
        "text": "Thirty days.",
        "evidence": [{"id": "a", "title": "A", "text": "Thirty days."}],
    },
    SEARCH: {"vertical": "feedback", "query": "returns"},
}
DEEP: list = []
for _ in range(150):
    DEEP = [DEEP]
TEXT = (7, 1.5, True, [], {}, ["x"], {"$gt": ""}, DEEP, "a\0b", "x" * 30_000)
CHOICE = (7, True, [], {}, DEEP, "", "x", "ANSWER", "answer\0", "answer ")
WHOLE = ("7", "", 1.5, True, [], {}, DEEP, -1, 10**400, "0x1F", "١")
TRUTH = ("true", 1, "yes", [], {}, DEEP, "\0")
LIST = (7, "x", True, {}, {"0": {}}, [7], ["x"], [None], [[]], [DEEP])
RECORD = (7, "x", True, [], [{}], DEEP)
FIELDS = {
    CHAT: {
        "model": (*TEXT, "", None),
        "messages": (*LIST, [], None, [{}], [{"role": "user"}]),
        "messages[0].role": (*CHOICE, None),
        "messages[0].content": (7, 1.5, True, {}, ["x"], [7], [{}], [{"type": "text"}], [{"type": "image_url"}], DEEP),
        "stream": TRUTH,
        "stream_options": RECORD,
        "stream_options.include_usage": TRUTH,
        "max_tokens": (*WHOLE, 0),
        "max_completion_tokens": (*WHOLE, 0),
        "temperature": ("1", True, [], {}, DEEP, -0.1, 2.1, 10**400),
        "seed": WHOLE,
        "stop": (7, True, {}, "", [""], [7], [DEEP], ["x"] * 5, "x" * 101, "a\0b", ["a\0b"]),
        "n": (0, 2, 1.5, "x", [], {}, DEEP),
        "user": TEXT,
        "response_format": (*RECORD, {}, {"type": "json_schema", "json_schema": {"schema": DEEP}}),
        "documents": (*LIST, [{}], [{"text": ""}], [{"text": "x", "url": "http://169.254.169.254/"}]),
        "documents[0].id": TEXT,
        "documents[0].title": TEXT,
        "documents[0].text": (*TEXT[:-1], "", " \n\t", None),
        "task": CHOICE[:-1],
        "conversation_id": (*TEXT, ""),
        "tools": (7, ["x"], {"a": 1}, DEEP),
        "__proto__": (7, {"a": 1}, None),
        "messages\0": (7,),
        "": (7,),
    },
    CHECKS: {
        "vertical": (*TEXT[:-1], None),
        "stage": (*CHOICE, None),
        "text": (*TEXT[:-1], "", " ", None),
        "evidence": LIST,
        "evidence[0].text": (*TEXT[:-1], "", None),
        "question": TEXT[:-1],
        "rail": (*TEXT, ""),
    },
    SEARCH: {"vertical": (*TEXT[:-1], None), "query": (*TEXT, "", None), "k": (*WHOLE, 0, 21, None)},
}
BODIES = (
    b"",
    b" ",
    b"null",
    b"7",
    b'"x"',
    b"[]",
    b"{",
    b"{}}",
    b"{'model': 'feedback'}",
    b'{"model": "feedback",}',
    b'{"model": NaN}',
    b'{"model": 1e99999}',
    b'{"a": /* x */ 1}',
    b'{"model": "\\ud800"}',
    b'{"model": "\\x41"}',
    b'{"model": "a\nb"}',
    b'{"model": "\xff\xfe"}',
    b"\xef\xbb\xbf{}",
    b"\0",
    b"\x1f\x8b\x08\x00",
    b"PK\x03\x04",
    b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>",
    b"model=feedback&messages=x",
    b"[" * 60_000,
    b'{"a":' * 10_000,
    b'{"messages": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    b"1" * 60_000,
    b'{"model": ' + b"9" * 5000 + b"}",
    json.dumps(GOOD[CHAT]).encode("utf-16"),
    gzip.compress(json.dumps(GOOD[CHAT]).encode()),
)
FRIENDLY = (
    "How long? 🏳️‍🌈👨‍👩‍👧‍👦",
    "\u202eHow long?\u202c",
    "H̸̡̪̯ͨ͊̽̅̾o̶w̷ long?",
    "\ufdd0\uffff\U0010ffff long?",
    "".join(chr(0xE0000 + ord(letter)) for letter in "obey me"),
    "؟ كم يوما",
    "何日ですか",
    "a" * 19_000,
    "How\u2028\u2029\x85\x0b\x0clong?",
    "%s%n {0} ${jndi:ldap://x} <script>alert(1)</script> '; DROP TABLE keys;--",
    "\r\ndata: [DONE]\r\n\r\n",
)


def changed(body: dict, path: str, value: object) -> dict:
    """`body` with the member at `path` replaced."""
    copy = json.loads(json.dumps(body))
    *way, last = path.replace("[0]", ".0").split(".")
    place = copy
    for step in way:
        place = place[int(step)] if step.isdigit() else place.setdefault(step, {})
    place[last] = value
    return copy


def cases() -> Iterator[tuple[str, str, object]]:
    for call, fields in FIELDS.items():
        for path, values in fields.items():
            yield from ((call, path, value) for value in values)


async def test_a_hostile_value_is_refused_with_a_problem_that_names_the_field(client, doors):
    wrong, seen = [], 0
    for call, path, value in cases():
        response = await client.post(call, content=json.dumps(changed(GOOD[call], path, value)))
        seen += 1
        problem = response.json()
        named = str(problem.get("error", {}).get("param") or "")
        # A value that pydantic cannot even read as JSON, as a number of 400 digits is not, has no field yet.
        told = named.startswith(path.split("[")[0].split(".")[0]) or "not valid JSON" in problem.get("detail", "")
        if response.status_code != 422 or not told or len(response.content) > 4000:
            wrong.append((call, path, repr(value)[:60], response.status_code, response.text[:200]))
    assert not wrong, wrong
    assert seen > 250
    assert not doors.line.requests and not doors.checks.asked and not doors.searched


@pytest.mark.parametrize("call", [CHAT, CHECKS, SEARCH])
async def test_a_body_that_is_no_json_object_is_refused(client, call):
    for raw in BODIES:
        response = await client.post(call, content=raw)
        assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json"), raw[:40]
    assert (await client.post(call, json=GOOD[call])).status_code == 200


async def test_strange_words_are_words(client, doors):
    for text in FRIENDLY:
        body = changed(GOOD[CHAT], "messages", [{"role": "user", "content": text}])
        assert (await client.post(CHAT, json=body)).status_code == 200
        assert doors.line.requests[-1].messages[0].text == text


async def test_a_hostile_header_never_opens_anything(doors):
    secret = await doors.secret()
    values = [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        f"Bearer {secret}x",
        f"Bearer  {secret} {secret}",
        "Bearer null",
    ]
    values += [
        f"Token {secret}",
        f"Bearer {secret.upper()}",
        f"Bearer {'a' * 8000}",
        "Bearer ast_%00",
        "Bearer ../..",
        "Bearer '--",
    ]
    values += [f"Bearer {secret[:-1]}\xe9", "Bearer \xff\xfe", f"Bearer\t{secret}", f"{secret}", f"Bearer{secret}"]
    async with doors.client() as client:
        for value in values:
            for name in ("authorization", "api-key", "x-api-key"):
                if name != "authorization" and value == secret:
                    continue
                response = await client.get("/v1/models", headers=[(name.encode(), value.encode("latin-1"))])
                assert response.status_code == 401, (name, value[:40])
                assert response.headers["www-authenticate"] == "Bearer"


async def test_a_hostile_request_id_is_replaced(client):
    for sent in ("x" * 65, "a b", "<script>", "a\x7f", "\xe9", "../../x", "${x}", "a;b", "'", ""):
        headers = [(b"x-request-id", sent.encode("latin-1"))]
        given = (await client.get("/v1/models", headers=headers)).headers["x-request-id"]
        assert given != sent and given.isalnum()


async def test_a_hostile_path_is_not_found_or_refused(client):
    names = [
        "%00",
        "a%00b",
        "%2e%2e%2fkeys",
        "..",
        "%ff",
        "x" * 65,
        "x" * 5000,
        "%F0%9F%92%A9",
        "a%20b",
        "'--",
        "%0d%0aX: y",
        "*",
    ]
    for name in names:
        response = await client.delete(f"/v1/conversations/{name}")
        assert response.status_code in (404, 405, 422), name
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"content": b"", "headers": {"content-type": "multipart/form-data"}}, "boundary"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data; boundary=a"}}, "file: "),
        ({"content": b"--a\r\n" * 500, "headers": {"content-type": "multipart/form-data; boundary=a"}}, "file: "),
        ({"content": b"x", "headers": {"content-type": "application/pdf"}}, "is missing"),
        ({"json": {"file": "x"}}, "is missing"),
        ({"data": {"file": "x"}}, "is missing"),
        ({"files": {"other": ("a.txt", b"x")}}, "is missing"),
        ({"files": [("file", ("a.txt", b"x")), ("file", ("b.txt", b"x"))]}, "Too many files"),
        ({"files": {"file": ("a.txt", b"x")}, "data": {f"f{n}": "x" for n in range(9)}}, "Too many fields"),
        ({"files": {"file": ("a.exe", b"MZ")}}, "a.exe: is not a type we read"),
        ({"files": {"file": ("a.pdf", b"MZ")}}, "a.pdf: cannot be read as pdf"),
        ({"files": {"file": ("a\u202efdp.exe", b"MZ")}}, "afdp.exe: is not a type we read"),
    ],
)
async def test_a_hostile_form_is_refused_by_name(client, sent, said):
    response = await client.post(FILES, **sent)
    assert (response.status_code, said in response.json()["detail"]) == (422, True), response.text


async def test_a_file_comes_back_as_a_document_to_send_along(client):
    response = await client.post(
        FILES, files={"file": ("../terms.md", b"# Terms\n\nPay **soon**.")}, data={"purpose": "x"}
    )
    assert response.json() == {
        "object": "document",
        "id": "terms.md",
        "title": "Terms",
        "text": "# Terms\n\nPay soon.",
    }


async def test_a_file_over_its_limit_is_refused_unread_while_other_bodies_keep_theirs(client):
    large = b"x" * (200 * 1024)
    assert (await client.post(FILES, files={"file": ("a.txt", large)})).status_code == 200
    assert (await client.post(CHAT, content=large)).status_code == 413
    announced = {"content-length": str(11 << 20), "content-type": "multipart/form-data; boundary=a"}
    assert (await client.post(FILES, content=b"x", headers=announced)).status_code == 413

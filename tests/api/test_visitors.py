"""A page on another site embeds the widget: what its browser may ask, and what its visitors are told."""

import json

import pytest

PAGE = "https://shop.example"
CHAT = {"model": "feedback", "messages": [{"role": "user", "content": "How long?"}]}
PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,x-visitor"}
HIDDEN = {"rail", "reason", "support", "score", "withheld", "masked", "release", "model", "usage", "timings_ms"}


@pytest.fixture
async def token(doors):
    return (await doors.keys.create_embed("page", "feedback", [PAGE])).secret


def names_in(value) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*(names_in(each) for each in value.values()))
    return set().union(*(names_in(each) for each in value)) if isinstance(value, list) else set()


async def test_a_visitor_is_told_the_answer_and_neither_scores_nor_reasons(doors, token):
    async with doors.client(token, origin=PAGE) as page:
        answer = (await page.post("/v1/chat/completions", json=CHAT)).json()["assistant"]
    assert answer["outcome"] == "answered" and answer["citations"][0]["document"] == "returns.md"
    assert not names_in(answer) & HIDDEN


async def test_a_visitor_s_stream_holds_back_the_same(doors, token, declined):
    doors.line.will_answer(declined)
    async with doors.client(token, origin=PAGE) as page:
        response = await page.post("/v1/chat/completions", json={**CHAT, "stream": True})
    chunks = [json.loads(line[6:]) for line in response.text.splitlines() if line.startswith("data: {")]
    told = [chunk["assistant"] for chunk in chunks if "assistant" in chunk]
    assert [each.get("outcome") for each in told] == [None, None, "declined"]
    assert not names_in(told) & HIDDEN


async def test_a_holder_of_a_key_is_still_told_everything(doors):
    async with doors.client(await doors.secret()) as client:
        answer = (await client.post("/v1/chat/completions", json=CHAT)).json()["assistant"]
    assert {"rail", "support", "withheld", "release"} <= names_in(answer)


async def test_the_page_may_read_the_answer_and_every_refusal_that_is_meant_for_it(doors, token):
    async with doors.client(token, origin=PAGE) as page:
        answered = await page.post("/v1/chat/completions", json=CHAT)
        refused = await page.post("/v1/chat/completions", json={**CHAT, "model": "medical"})
        closed = await page.get("/v1/models")
    assert [each.status_code for each in (answered, refused, closed)] == [200, 403, 403]
    for response in (answered, refused, closed):
        assert response.headers["access-control-allow-origin"] == PAGE
        assert "retry-after" in response.headers["access-control-expose-headers"]


async def test_another_page_may_not_read_that_it_was_refused(doors, token):
    async with doors.client(token, origin="https://evil.example") as page:
        refused = await page.post("/v1/chat/completions", json=CHAT)
    assert refused.status_code == 403 and "access-control-allow-origin" not in refused.headers
    assert "Origin" in refused.headers["vary"]


async def test_a_key_is_not_for_pages(doors):
    async with doors.client(await doors.secret(), origin=PAGE) as page:
        assert "access-control-allow-origin" not in (await page.post("/v1/chat/completions", json=CHAT)).headers


async def test_a_preflight_is_answered_for_pages_that_a_live_token_names(doors, token):
    async with doors.client() as browser:
        known = await browser.options("/v1/chat/completions", headers={**PREFLIGHT, "origin": PAGE})
        unknown = await browser.options("/v1/chat/completions", headers={**PREFLIGHT, "origin": "https://evil.example"})
    assert (known.status_code, known.headers["access-control-allow-origin"]) == (204, PAGE)
    assert "x-visitor" in known.headers["access-control-allow-headers"]
    assert unknown.status_code == 403 and "access-control-allow-origin" not in unknown.headers


async def test_a_page_of_our_own_address_may_be_named_like_any_other(doors):
    token = (await doors.keys.create_embed("demo", "feedback", ["http://localhost"])).secret
    async with doors.client(token, **{"sec-fetch-site": "same-origin"}) as page:
        assert (await page.post("/v1/chat/completions", json=CHAT)).status_code == 200


@pytest.mark.parametrize("secret", ["short", "x" * 129, "é" * 30, "with space with space with"])
async def test_a_visitor_s_secret_that_could_be_guessed_is_refused(doors, token, secret):
    async with doors.client(token, origin=PAGE) as page:
        response = await page.post("/v1/chat/completions", json=CHAT, headers={"x-visitor": secret.encode()})
    assert response.status_code == 422 and "x-visitor" in response.json()["detail"]


async def test_each_visitor_has_conversations_of_their_own(doors, token):
    async with doors.client(token, origin=PAGE) as page:
        for visitor in ("a" * 22, "b" * 22, "a" * 22):
            await page.post("/v1/chat/completions", json=CHAT, headers={"x-visitor": visitor})
    first, second, third = (request.key_id for request in doors.line.requests)
    assert first == third != second

"""What a caller meets at the doors when a limit is reached, and what is counted."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from assistant.access import Allowance, Limits
from assistant.api import create_api
from assistant.chat import SentenceEvent

CHAT = {"model": "feedback", "messages": [{"role": "user", "content": "How long?" * 10}]}


@pytest.fixture
def client_of(doors):
    """A client of doors whose keys may use so much."""

    @asynccontextmanager
    async def opened(address: int = 0, **keys: float):
        limits = Limits(
            doors.budgets, keys=Allowance(**keys), visitors=Allowance(), requests_per_minute_of_address=address
        )
        app = create_api(replace(doors.services, limits=limits))
        headers = {"authorization": f"Bearer {await doors.secret('chat')}"}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            base_url="http://localhost",
            headers=headers,
        ) as client:
            yield client

    return opened


async def test_every_response_says_where_the_caller_stands(client_of):
    async with client_of(requests_per_minute=2) as client:
        responses = [await client.get("/v1/models") for _ in range(3)]
    assert [each.status_code for each in responses] == [200, 200, 429]
    assert responses[0].headers["ratelimit-policy"] == '"requests";q=2;w=60'
    assert [each.headers["ratelimit"].split(";t=")[0] for each in responses] == [
        '"requests";r=1',
        '"requests";r=0',
        '"requests";r=0',
    ]
    assert 1 <= int(responses[2].headers["retry-after"]) <= 60
    assert responses[2].json()["error"]["type"] == "rate_limit_error"


async def test_an_address_is_counted_before_its_key_is_looked_at(client_of):
    async with client_of(address=2) as client:
        statuses = [
            (await client.get("/v1/models", headers={"authorization": "Bearer guess"})).status_code for _ in range(3)
        ]
    assert statuses == [401, 401, 429]


async def test_what_was_used_is_told_by_key_and_day(client_of, doors):
    async with client_of() as client:
        await client.post("/v1/chat/completions", json=CHAT)
        await client.post("/v1/chat/completions", json={**CHAT, "stream": True})
        (row,) = (await client.get("/v1/usage")).json()["data"]
    assert (row["answers"], row["prompt_tokens"], row["completion_tokens"]) == (2, 100, 24)
    assert (row["cost_usd"], row["energy_wh"], row["co2_g"], row["basis"]) == (0.004, 1.0, 0.5, "measured")
    async with doors.client(await doors.secret("chat")) as another:
        assert (await another.get("/v1/usage")).json()["data"] == []
    async with doors.client(await doors.secret("admin")) as operator:
        assert [each["key"] for each in (await operator.get("/v1/usage")).json()["data"]] == [row["key"]]


async def test_every_answer_tells_what_it_used(client_of):
    async with client_of() as client:
        told = (await client.post("/v1/chat/completions", json=CHAT)).json()
    assert told["assistant"]["usage"] == {
        "prompt_tokens": 50,
        "completion_tokens": 12,
        "cost_usd": 0.002,
        "energy_wh": 0.5,
        "co2_g": 0.25,
        "checks_wh": 0.0,
        "basis": "measured",
    }
    assert told["usage"] == {"prompt_tokens": 50, "completion_tokens": 12, "total_tokens": 62}


@pytest.mark.parametrize("budget", [{"usd_per_day": 0.002}, {"wh_per_day": 0.5}])
async def test_money_and_energy_that_are_spent_are_a_429(client_of, doors, budget):
    async with client_of(**budget) as client:
        assert (await client.post("/v1/chat/completions", json=CHAT)).status_code == 200
        response = await client.post("/v1/chat/completions", json=CHAT)
    assert (response.status_code, response.json()["error"]["code"]) == (429, "budget-spent")
    assert int(response.headers["retry-after"]) > 0
    assert len(doors.line.requests) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_a_spent_budget_is_a_429_and_generates_nothing(client_of, doors, stream):
    async with client_of(tokens_per_day=60) as client:
        assert (await client.post("/v1/chat/completions", json=CHAT)).status_code == 200
        response = await client.post("/v1/chat/completions", json={**CHAT, "stream": stream})
    assert (response.status_code, response.json()["error"]["code"]) == (429, "budget-spent")
    assert int(response.headers["retry-after"]) > 0
    assert '"day";q=60;w=86400' in response.headers["ratelimit-policy"]
    assert len(doors.line.requests) == 1


async def test_leaving_early_is_no_way_round_a_budget(client_of, doors, script):
    begun = asyncio.Event()
    sentence = next(each for each in script if isinstance(each, SentenceEvent))
    doors.line.will_play(*script[: script.index(sentence) + 1], begun)
    async with client_of() as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await client.post("/v1/chat/completions", json=CHAT)
        (row,) = (await client.get("/v1/usage")).json()["data"]
    assert row["prompt_tokens"] == 30 and row["completion_tokens"] > 0


async def test_a_second_answer_at_the_same_time_waits_for_the_first_to_end(client_of, doors, script):
    go_on = asyncio.Event()
    doors.line.will_play(*script[:2], go_on, *script[2:])
    async with client_of(streams=1) as client:
        first = asyncio.create_task(client.post("/v1/chat/completions", json=CHAT))
        while not doors.line.requests:  # noqa: ASYNC110 — a script can only be watched
            await asyncio.sleep(0)
        refused = await client.post("/v1/chat/completions", json=CHAT)
        go_on.set()
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
        assert (await first).status_code == 200
        assert (await client.post("/v1/chat/completions", json=CHAT)).status_code == 200


async def test_guessing_passwords_is_slowed_down(client_of, doors):
    async with client_of() as browser:
        body = {"email": "jane@shop.example", "password": "guess"}
        statuses = [(await browser.post("/v1/session", json=body)).status_code for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2

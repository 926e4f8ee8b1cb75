# ruff: noqa: ASYNC110, SIM117 — a slot can only be watched
"""The whole service behind a real server, asked by clients that are not ours."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial

import httpx
import openai
import pytest
from langchain_openai import ChatOpenAI

from assistant.happenings import Happening
from assistant.ledger.keyring import Keyring
from assistant.parts import Parts
from assistant.settings import Settings

QUESTION = {
    "marketing": "What is the strongest bulb I can put into the Sill?",
    "medical": "How many words may a visit summary have?",
    "feedback": "How much does standard delivery cost?",
}


@pytest.fixture
def client(server: tuple[str, str, Parts]) -> Iterator[httpx.Client]:
    address, key, _ = server
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=120) as given:
        yield given


@pytest.mark.parametrize("vertical", sorted(QUESTION))
def test_the_openai_sdk_chats_plain_and_streaming(server: tuple[str, str, Parts], vertical: str):
    address, key, _ = server
    sdk = openai.OpenAI(base_url=f"{address}/v1", api_key=key, timeout=120)
    asked = [{"role": "user", "content": QUESTION[vertical]}]
    plain = sdk.chat.completions.create(model=vertical, messages=asked)  # type: ignore[arg-type]
    assert plain.choices[0].finish_reason == "stop"
    told = plain.assistant  # type: ignore[attr-defined]
    assert told["outcome"] in ("answered", "quoted") and told["citations"]
    chunks = list(sdk.chat.completions.create(model=vertical, messages=asked, stream=True))  # type: ignore[arg-type]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == plain.choices[0].message.content


def test_langchain_s_openai_client_chats(server: tuple[str, str, Parts]):
    address, key, _ = server
    chat = ChatOpenAI(model="feedback", base_url=f"{address}/v1", api_key=key, timeout=120)  # type: ignore[arg-type]
    assert "3.95" in str(chat.invoke(QUESTION["feedback"]).content)


def test_a_declined_answer_is_a_result(client: httpx.Client):
    asked = {"model": "medical", "messages": [{"role": "user", "content": "Which stocks should I buy this week?"}]}
    answer = client.post("/v1/chat/completions", json=asked)
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["finish_reason"] == "content_filter"
    assert answer.json()["assistant"]["rail"] == "topics"


def test_search_and_checks_say_which_release_they_used(client: httpx.Client):
    found = client.post("/v1/search", json={"vertical": "feedback", "query": "standard delivery", "k": 2}).json()
    assert len(found["data" if "data" in found else "evidence"]) == 2
    evidence = [{"id": "a", "title": "A", "text": "Refunds are issued within 5 business days."}]
    wrong = {"vertical": "feedback", "stage": "output", "text": "Refunds take 90 days.", "evidence": evidence}
    checked = client.post("/v1/checks", json=wrong).json()
    assert (checked["outcome"], checked["rail"]) == ("block", "grounding")
    assert checked["sentences"][0]["reason"] == "figure"
    assert checked["release"].startswith("sha256:")


async def test_sixteen_at_once_all_get_an_answer_or_a_clear_503(server: tuple[str, str, Parts]):
    address, key, _ = server
    asked = {"model": "feedback", "messages": [{"role": "user", "content": QUESTION["feedback"]}]}
    async with httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=240) as many:
        answers = await asyncio.gather(*(many.post("/v1/chat/completions", json=asked) for _ in range(16)))
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert sum(answer.status_code == 200 for answer in answers) >= 4
    for answer in answers:
        if answer.status_code == 503:
            assert int(answer.headers["retry-after"]) > 0
            assert answer.json()["error"]["message"]


async def test_a_client_that_leaves_frees_its_slot_when_it_has_not_come_back(server: tuple[str, str, Parts]):
    address, key, parts = server
    visit = "\n".join(f"Doctor: Question {i}, any pain?\nPatient: No, none at all on day {i}." for i in range(30))
    asked = {
        "model": "medical",
        "stream": True,
        "task": "summarize",
        "messages": [{"role": "user", "content": "Please summarise this visit."}],
        "documents": [{"id": "v", "title": "Visit", "text": visit}],
    }
    model = parts.models.open("smollm2-135m")
    async with httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=60) as leaving:
        async with leaving.stream("POST", "/v1/chat/completions", json=asked) as answer:
            async for _ in answer.aiter_lines():
                if model.metrics()["busy"]:  # type: ignore[attr-defined]
                    break
    async with asyncio.timeout(parts.settings.resume_s + 30):
        while model.metrics()["busy"]:  # type: ignore[attr-defined]
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"model": "nowhere"}, 404, "nowhere"),
        ({"messages": []}, 422, "messages"),
        ({"messages": [{"role": "robot", "content": "Hi"}]}, 422, "role"),
        ({"messages": [{"role": "user", "content": ""}]}, 422, "text"),
        ({"messages": [{"role": "user", "content": "word. " * 10_000}]}, 413, "messages[0].content"),
        ({"task": "write"}, 422, "write"),
        ({"conversation_id": "con-unknown"}, 404, "con-unknown"),
    ],
)
def test_bad_requests_get_a_clear_problem(client: httpx.Client, change: dict, status: int, says: str):
    asked = {"model": "medical", "messages": [{"role": "user", "content": "How is an allergy recorded?"}], **change}
    answer = client.post("/v1/chat/completions", json=asked)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert says in answer.json()["detail"] and answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{not json", 422),
        (b'{"model": "medical", "messages": [{"role": "user", "content": "\\ud800"}]}', 422),
        (b"[" * 100_000, 422),
        (b" " * (1024 * 1024 + 1), 413),
    ],
)
def test_bodies_that_cannot_be_read_are_refused(client: httpx.Client, body: bytes, status: int):
    answer = client.post("/v1/chat/completions", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_nothing_is_answered_without_a_key_or_for_another_host(server: tuple[str, str, Parts]):
    address, _, _ = server
    assert httpx.get(f"{address}/v1/models").status_code == 401
    assert httpx.get(f"{address}/healthz").status_code == 200
    assert httpx.get(f"{address}/readyz").status_code == 200
    assert httpx.get(f"{address}/v1/models", headers={"Host": "evil.example"}).status_code in (400, 421)


async def test_an_edited_rail_is_live_without_a_restart(parts: Parts, settings: Settings):
    topics = settings.rails_dir / "shop" / "topics.co"
    before, kept = parts.rails.release("shop").digest, topics.read_text()
    topics.write_text(kept + 'define user ask about pegs\n  "are pegs in the box"\n')
    assert parts.rails.refresh() == ("shop",)
    assert parts.rails.release("shop").digest != before
    topics.write_text('define user broken\n  "no end\n')
    parts.rails.refresh()
    assert parts.rails.release("shop").digest != before
    assert "topics.co:2" in str(parts.rails.problems["shop"])
    topics.write_text(kept)
    parts.rails.refresh()
    assert parts.rails.release("shop").digest == before


async def test_a_vertical_changes_its_model_in_its_yaml_alone(parts: Parts, settings: Settings):
    file = settings.rails_dir / "shop" / "vertical.yaml"
    kept = file.read_text()
    file.write_text(kept + "  model: qwen2.5-coder-1.5b\n")
    parts.rails.refresh()
    assert parts.rails.release("shop").vertical.model == "qwen2.5-coder-1.5b"
    file.write_text(kept + "  model: openai-compatible\n")
    parts.rails.refresh()
    assert "on_premises" in str(parts.rails.problems["shop"])
    file.write_text(kept + "  model: openai-compatible\n  require: {on_premises: false}\n")
    parts.rails.refresh()
    assert parts.rails.release("shop").vertical.model == "openai-compatible"
    file.write_text(kept)
    parts.rails.refresh()
    assert replace(parts.rails.release("shop")).vertical.model == "smollm2-135m"


async def test_a_vertical_s_handoff_webhook_is_told_of_its_handovers(parts: Parts, settings: Settings):
    file = settings.rails_dir / "shop" / "vertical.yaml"
    kept = file.read_text()
    file.write_text(kept + "  handoff: {webhook: 'https://care.shop.example/assistant'}\n")
    parts.rails.refresh()
    happening = Happening("handover", "han-1", "k1", "shop", {"handover_id": "han-1", "conversation_id": "con-0"})
    await parts.database.shortly(partial(parts.deliveries.tell, happening))
    endpoint = await parts.deliveries.endpoints.get("handoff-shop")
    file.write_text(kept)
    parts.rails.refresh()
    assert (endpoint.url, endpoint.events) == ("https://care.shop.example/assistant", ("handover",))
    assert [each.request["data"]["handover_id"] for each in await parts.deliveries.latest("handoff-shop")] == ["han-1"]


async def unsealed(settings: Settings, conversation_id: str, kept: str) -> str:
    """What is kept under the seal of the conversation."""
    keyring = Keyring(settings.subject_keys)
    key = await keyring.find(conversation_id)
    await keyring.close()
    assert key and kept.startswith("\x1esealed:")
    return key.open(kept)


def test_what_people_write_about_an_answer_is_kept_masked_by_the_map_of_its_conversation(
    client: httpx.Client, server: tuple[str, str, Parts]
):
    question = "How much does standard delivery cost? Please write to jo@mail.example."
    reply = client.post(
        "/v1/chat/completions", json={"model": "feedback", "messages": [{"role": "user", "content": question}]}
    ).json()["assistant"]
    said = {"answer_id": reply["answer_id"], "rating": "down", "reason": "jo@mail.example or 01632 960123"}
    assert client.post("/v1/feedback", json=said).status_code == 200
    handover = {"conversation_id": reply["conversation_id"], "reason": "call jo@mail.example"}
    assert client.post("/v1/handover", json=handover).json()["mailto"] == "care@northmoor.example"
    with closing(sqlite3.connect(server[2].settings.url.partition("///")[2])) as database:
        kept = database.execute("SELECT reason FROM feedback WHERE answer_id = ?", [reply["answer_id"]]).fetchone()
        why = database.execute("SELECT reason FROM handovers WHERE id IS NOT NULL").fetchall()
    assert asyncio.run(unsealed(server[2].settings, reply["conversation_id"], *kept)) == "[EMAIL_1] or [PHONE_1]"
    assert why and all(reason.startswith("\x1esealed:") for (reason,) in why)

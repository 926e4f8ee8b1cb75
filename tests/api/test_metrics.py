"""What is counted: names and numbers from our side, nothing a caller sends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from assistant.api import create_api
from assistant.errors import NotFound, RailsUnavailable
from assistant.messages import Dropped
from assistant.watching.answers import WatchedChat, WatchedChecks
from assistant.watching.metrics import Metrics

QUESTION = {"model": "feedback", "messages": [{"role": "user", "content": "Is Ada Byron's 14 day window over?"}]}


def watched(doors):
    """The doors with everything counted, as the service has them."""
    metrics = Metrics()
    chat = WatchedChat(doors.line, (metrics.answered,))
    app = create_api(replace(doors.services, chat=chat, checks=WatchedChecks(doors.checks, metrics), metrics=metrics))
    doors.app = app
    return doors


def samples(text: str) -> dict[tuple[str, ...], float]:
    """The value by name and the labels' values, which come in the order of the labels' names."""
    found = {}
    for family in text_string_to_metric_families(text):
        for each in family.samples:
            found[each.name.removeprefix("assistant_"), *(each.labels.values())] = each.value
    return found


async def test_answers_verdicts_tokens_and_energy_are_counted(doors, answer, declined):
    watched(doors)
    async with doors.client(await doors.secret()) as client:
        doors.line.will_answer(replace(answer, dropped_evidence=(Dropped("x", "injection", "override"),)))
        await client.post("/v1/chat/completions", json=QUESTION)
        await client.post("/v1/chat/completions", json={**QUESTION, "stream": True})
        doors.line.will_answer(declined)
        await client.post("/v1/chat/completions", json=QUESTION)
        await client.post("/v1/checks", json={"vertical": "feedback", "stage": "input", "text": "Hello"})
        text = (await client.get("/metrics")).text
    counted = samples(text)
    assert counted["answers_total", "scripted", "answered", "feedback"] == 2
    assert counted["answers_total", "scripted", "declined", "feedback"] == 1
    assert counted["verdicts_total", "topics", "question", "feedback"] == 1
    assert counted["verdicts_total", "injection", "passage", "feedback"] == 2
    assert counted["verdicts_total", "grounding", "sentence", "feedback"] == 3
    assert counted["tokens_total", "prompt", "scripted", "feedback"] == 150
    assert counted["energy_joules_total", "measured", "feedback"] == 3 * 0.5 * 3600
    assert counted["checks_total", "pass", "none", "input", "feedback"] == 1
    assert counted["first_sentence_seconds_count", "feedback"] == 3
    assert counted["stage_seconds_count", "generation", "feedback"] == 3
    assert counted["requests_total", "POST", "/v1/chat/completions", "200"] == 3


async def test_no_text_id_or_path_of_a_caller_becomes_a_label(doors):
    watched(doors)
    async with doors.client(await doors.secret()) as client:
        await client.post("/v1/chat/completions", json=QUESTION)
        await client.get("/v1/answers/ans-of-ada/stream?after=3")
        await client.get("/nowhere/ada")
        await client.request("ADA", "/healthz")
        await client.post("/v1/chat/completions", json={**QUESTION, "model": "ada"})
        text = (await client.get("/metrics")).text
    assert "ada" not in text.lower() and "con-1" not in text and "ans-1" not in text
    counted = samples(text)
    assert counted["requests_total", "GET", "none", "404"] == 1
    assert counted["requests_total", "other", "/healthz", "405"] == 1
    assert counted["errors_total", "unknown-vertical"] == 1


@pytest.mark.parametrize(
    ("error", "end", "other"),
    [
        (RailsUnavailable("the rails could not decide"), "failed", "refused"),
        (NotFound("there is no conversation 'con-9'"), "refused", "failed"),  # The request was at fault.
    ],
)
async def test_an_answer_that_fails_is_counted_with_its_error_and_whose_fault_it_was(doors, error, end, other):
    watched(doors)
    doors.line.will_play(error)
    async with doors.client(await doors.secret()) as client:
        assert (await client.post("/v1/chat/completions", json=QUESTION)).status_code == error.status
        counted = samples((await client.get("/metrics")).text)
    assert counted["answers_total", "none", end, "feedback"] == 1
    assert ("answers_total", "none", other, "feedback") not in counted
    assert counted["errors_total", error.type] == 1

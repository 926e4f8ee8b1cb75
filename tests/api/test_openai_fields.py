"""What becomes of every field that OpenAI's chat completions have."""

from __future__ import annotations

import inspect

import openai
import pytest
from openai.resources.chat.completions import AsyncCompletions

from assistant.api.chat_body import ChatBody
from assistant.api.openai_fields import IGNORED, REFUSED
from assistant.chat import Wording

CHAT = "/v1/chat/completions"
OF_THE_SDK_ALONE = {"self", "extra_headers", "extra_query", "extra_body", "timeout"}


@pytest.fixture
def doors(same_doors):
    same_doors.line.requests.clear()
    return same_doors


def ask(**fields) -> dict:
    return {"model": "feedback", "messages": [{"role": "user", "content": "How long?"}], **fields}


def test_every_field_the_sdk_can_send_is_honoured_ignored_or_refused_and_only_one_of_these():
    sent = set(inspect.signature(AsyncCompletions.create).parameters) - OF_THE_SDK_ALONE
    honoured = set(ChatBody.model_fields)
    assert sent - honoured - set(IGNORED) - set(REFUSED) == set()
    assert not honoured & set(IGNORED) and not honoured & set(REFUSED) and not set(IGNORED) & set(REFUSED)


@pytest.mark.parametrize("name", sorted(IGNORED))
async def test_an_ignored_field_changes_nothing(client, doors, name):
    assert (await client.post(CHAT, json=ask(**{name: "x"}))).status_code == 200
    assert doors.line.requests[0].wording == Wording()


@pytest.mark.parametrize("name", sorted(REFUSED))
async def test_a_field_that_would_change_the_answer_is_refused_by_name_with_a_reason(client, doors, name):
    problem = (await client.post(CHAT, json=ask(**{name: ["x"]}))).json()
    assert (problem["status"], problem["error"]["param"]) == (422, name)
    assert problem["detail"].startswith(f"{name}: is not supported: ")
    assert not doors.line.requests


@pytest.mark.parametrize("name", sorted(REFUSED))
async def test_a_refused_field_that_asks_for_nothing_is_let_pass(client, name):
    for idle in (None, *REFUSED[name][1]):
        assert (await client.post(CHAT, json=ask(**{name: idle}))).status_code == 200


async def test_a_misspelt_field_is_refused_with_the_name_that_was_meant(client):
    for wrong, meant in (("max_token", "max_tokens"), ("document", "documents"), ("tool", "tools")):
        detail = (await client.post(CHAT, json=ask(**{wrong: 1}))).json()["detail"]
        assert detail == f"{wrong}: is not a field of this call; did you mean {meant!r}?"
    assert (await client.post(CHAT, json=ask(zzz=1))).json()["detail"] == "zzz: is not a field of this call"


@pytest.mark.parametrize(
    ("sent", "wording"),
    [
        ({"max_tokens": 7}, Wording(max_tokens=7)),
        ({"max_completion_tokens": 7}, Wording(max_tokens=7)),
        ({"temperature": 0}, Wording(temperature=0.0)),
        ({"seed": 3}, Wording(seed=3)),
        ({"stop": "\n"}, Wording(stop=("\n",))),
        ({"stop": ["a", "b"]}, Wording(stop=("a", "b"))),
        ({"stop": None, "n": 1, "user": "u-1"}, Wording()),
    ],
)
async def test_how_the_model_is_to_write_reaches_the_line(doors, address, sent, wording):
    async with openai.AsyncOpenAI(base_url=f"{address}/v1", api_key=await doors.secret(), max_retries=0) as sdk:
        await sdk.chat.completions.create(**ask(**sent))
    assert doors.line.requests[0].wording == wording


@pytest.mark.parametrize(
    ("sent", "param", "said"),
    [
        ({"max_tokens": 0}, "max_tokens", "greater than or equal to 1"),
        ({"max_tokens": 1.5}, "max_tokens", "integer"),
        ({"max_tokens": "5"}, "max_tokens", "integer"),
        ({"max_tokens": True}, "max_tokens", "integer"),
        ({"max_tokens": 5, "max_completion_tokens": 5}, "max_completion_tokens", "not both"),
        ({"temperature": 2.1}, "temperature", "less than or equal to 2"),
        ({"temperature": "hot"}, "temperature", "number"),
        ({"seed": -1}, "seed", "greater than or equal to 0"),
        ({"stop": ""}, "stop[0]", "at least 1 character, not 0"),
        ({"stop": ["a"] * 5}, "stop", "at most 4 items, not 5"),
        ({"stop": ["a" * 101]}, "stop[0]", "at most 100 characters, not 101"),
        ({"stop": {"a": 1}}, "stop", "must be a string or a list of at most 4 strings"),
        ({"stop": 3}, "stop", "must be a string or a list of at most 4 strings"),
        ({"stop": [3]}, "stop[0]", "string"),
        ({"n": 2}, "n", "one choice"),
        ({"n": "1"}, "n", "integer"),
        ({"user": 7}, "user", "string"),
        ({"user": "u" * 513}, "user", "at most 512 characters, not 513"),
        ({"stream": "yes"}, "stream", "boolean"),
        ({"stream_options": {"include_usage": "yes"}}, "stream_options.include_usage", "boolean"),
    ],
)
async def test_a_value_that_cannot_be_honoured_is_refused_by_name(client, sent, param, said):
    problem = (await client.post(CHAT, json=ask(**sent))).json()
    assert (problem["status"], problem["error"]["param"], said in problem["detail"]) == (422, param, True)

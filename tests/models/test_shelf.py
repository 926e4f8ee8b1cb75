from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import aclosing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
from langchain_core.language_models.chat_models import BaseChatModel

from assistant.errors import AssistantError, ModelUnavailable, TooLarge, UnknownModel
from assistant.messages import Message, TokenUsage
from assistant.models import Catalog, LlamaChat, Loading, Models, ScriptedChat, Token, stream
from tests.started import started_here

ASK = [Message("system", "Be brief."), Message("user", "Are you there?")]


class Provider(BaseHTTPRequestHandler):
    status, breaks = 200, False
    error: ClassVar[dict[str, str]] = {}
    usage: ClassVar[dict[str, int] | None] = {"prompt_tokens": 11, "completion_tokens": 2, "total_tokens": 13}
    asked: ClassVar[list[dict[str, object]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(body | {"key": self.headers["Authorization"]})
        self.send_response(self.status)
        if self.status != 200:
            self.send_header("Retry-After", "7")
            self.end_headers()
            self.wfile.write(json.dumps({"error": self.error}).encode())
            return
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", "100000" if self.breaks else str(len(self.lines())))
        self.end_headers()
        self.wfile.write(self.lines())

    def lines(self) -> bytes:
        head = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        deltas = [{"role": "assistant", "content": "I "}, {"content": "am."}]
        chunks = [{**head, "choices": [{"index": 0, "delta": delta}]} for delta in deltas]
        if self.usage:
            chunks.append({**head, "choices": [], "usage": self.usage})
        end = "" if self.breaks else "data: [DONE]\n\n"
        return ("".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + end).encode()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Provider]]:
    handler = type("Provider", (Provider,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
    monkeypatch.setenv("OPENAI_MODEL", "some-model")
    monkeypatch.setenv("OPENAI_API_KEY", "from-the-environment")
    yield handler
    server.shutdown()
    server.server_close()


def shelf(weights_dir: Path) -> Models:
    return Models(Catalog(), Loading(weights_dir, threads=1, slots=1, queue=0, context_tokens=512))


async def heard(model: BaseChatModel, **options: object) -> tuple[str, TokenUsage]:
    *tokens, usage = [each async for each in stream(model, ASK, **options)]
    assert isinstance(usage, TokenUsage)
    return "".join(each.text for each in tokens if isinstance(each, Token)), usage


async def test_the_small_model_is_opened_once_by_its_name_and_answers(weights_dir):
    models = shelf(weights_dir)
    model = models.open("smollm2-135m")
    assert models.open("smollm2-135m") is model
    assert isinstance(model, LlamaChat)
    text, usage = await heard(model, max_tokens=4)
    assert text
    assert usage.completion_tokens == 4
    await models.aclose()
    with pytest.raises(ModelUnavailable, match="closed"):
        await heard(model)


async def test_another_model_is_another_name_and_nothing_else(provider, tmp_path):
    text, usage = await heard(shelf(tmp_path).open("openai-compatible"), max_tokens=9)
    assert (text, usage) == ("I am.", TokenUsage(11, 2))
    (asked,) = provider.asked
    assert (asked["model"], asked["key"]) == ("some-model", "Bearer from-the-environment")


async def test_a_provider_is_also_reached_through_its_package_for_langchain(provider, tmp_path, monkeypatch):
    monkeypatch.setenv("LANGCHAIN_MODEL", "openai:some-model")
    model = shelf(tmp_path).open("langchain")
    text, usage = await heard(model, max_tokens=9)
    assert (text, usage) == ("I am.", TokenUsage(11, 2))
    assert model.get_num_tokens("thirty days") == 4
    provider.status = 500
    with pytest.raises(ModelUnavailable, match="status 500"):
        await heard(model)
    assert len(provider.asked) == 2


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("anthropic:claude", "package that is not installed.*langchain-anthropic"),
        ("some-model-of-ours", "PROVIDER:MODEL"),
    ],
)
def test_what_langchain_cannot_open_is_named(tmp_path, monkeypatch, named, told):
    monkeypatch.setenv("LANGCHAIN_MODEL", named)
    with pytest.raises(AssistantError, match=told):
        shelf(tmp_path).open("langchain")


async def test_a_provider_that_does_not_count_is_counted_for(provider, tmp_path):
    provider.usage = None
    _, usage = await heard(shelf(tmp_path).open("openai-compatible"))
    assert usage.prompt_tokens > 4
    assert usage.completion_tokens > 0


def test_tokens_of_a_remote_model_are_counted_without_the_network(provider, tmp_path):
    assert shelf(tmp_path).open("openai-compatible").get_num_tokens("thirty days") == 4


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_a_provider_that_refuses_is_unavailable_after_one_attempt(provider, tmp_path, status):
    provider.status, provider.error = status, {"message": "secret detail"}
    with pytest.raises(ModelUnavailable, match=rf"status {status}") as refused:
        await heard(shelf(tmp_path).open("openai-compatible"))
    assert refused.value.retry_after_s == 7
    assert len(provider.asked) == 1
    assert "secret" not in str(refused.value)


async def test_a_provider_that_says_the_context_is_too_long_is_too_large(provider, tmp_path):
    provider.status, provider.error = 400, {"message": "too long", "code": "context_length_exceeded"}
    with pytest.raises(TooLarge):
        await heard(shelf(tmp_path).open("openai-compatible"))


async def test_a_provider_that_breaks_off_is_unavailable(provider, tmp_path):
    provider.breaks = True
    with pytest.raises(ModelUnavailable, match="provider failed"):
        await heard(shelf(tmp_path).open("openai-compatible"))


def test_a_missing_environment_variable_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("OPENAI_MODEL", raising=False)
    with pytest.raises(ModelUnavailable, match="OPENAI_MODEL"):
        shelf(tmp_path).open("openai-compatible")


def test_missing_weights_name_the_command_that_fetches_them(tmp_path):
    with pytest.raises(ModelUnavailable, match="run `assistant models pull smollm2-135m`"):
        shelf(tmp_path).open("smollm2-135m")


def test_an_embedder_is_not_opened_as_a_chat_model(tmp_path):
    with pytest.raises(UnknownModel, match="no chat model"):
        shelf(tmp_path).open("all-minilm-l6-v2")


async def test_a_model_that_was_added_is_found_with_a_card_of_its_own(tmp_path):
    models, model = shelf(tmp_path), ScriptedChat(replies=["As told."])
    models.add("scripted", model)
    assert models.card("scripted").commercial
    assert await heard(models.open("scripted")) == ("As told.", TokenUsage(7, 3))


async def test_closing_the_stream_leaves_the_model(tmp_path):
    with started_here() as tasks:
        async with aclosing(stream(ScriptedChat(replies=["one two three"]), ASK)) as tokens:
            assert await anext(tokens) == Token("one")
    assert tasks and all(task.done() for task in tasks)

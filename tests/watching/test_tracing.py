"""Traces reach a collector by the GenAI conventions, hold no text, and go nowhere when none is set."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes

from assistant.chat import Chat
from assistant.errors import ModelUnavailable
from assistant.models import ScriptedChat
from assistant.watching.answers import WatchedChat
from assistant.watching.logs import RequestMark, current_request
from assistant.watching.tracing import Tracer, open_tracer
from tests.conftest import ask

QUESTION = "How long do I have to return an unopened item?"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@dataclass
class Collector:
    """What a real OTLP receiver on this machine got."""

    address: str
    bodies: list[bytes] = field(default_factory=list)

    def spans(self) -> dict[str, Span]:
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        scopes = [scope for each in requests for r in each.resource_spans for scope in r.scope_spans]
        return {span.name: span for scope in scopes for span in scope.spans}


@pytest.fixture
def collector() -> Iterator[Collector]:
    class Receive(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            found.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receive)
    found = Collector(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def tracer(collector: Collector) -> Iterator[Tracer]:
    opened = open_tracer(collector.address)
    assert opened
    yield opened
    opened.close()


def attributes(span: Span) -> dict[str, object]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes}


async def test_an_answer_is_a_trace_with_a_span_for_each_stage(
    chat: Chat, model: ScriptedChat, tracer: Tracer, collector: Collector
):
    model.will_say("You can return an unopened item within 30 days from delivery.")
    current_request.set(RequestMark("req-1", PARENT))
    answer = await WatchedChat(chat, (tracer.answered,)).answer(ask(QUESTION))
    await asyncio.to_thread(tracer.close)
    spans = collector.spans()
    assert set(spans) == {"invoke_agent shop", "input", "retrieval shop", "chat smollm2-135m", "output"}
    whole, generation = spans["invoke_agent shop"], spans["chat smollm2-135m"]
    assert whole.trace_id.hex() == PARENT.split("-")[1] and whole.parent_span_id.hex() == PARENT.split("-")[2]
    assert {each.parent_span_id for each in spans.values()} - {whole.parent_span_id} == {whole.span_id}
    told = attributes(whole)
    assert told["gen_ai.operation.name"] == "invoke_agent" and told["gen_ai.agent.name"] == "shop"
    assert told["gen_ai.conversation.id"] == answer.conversation_id and told["assistant.request_id"] == "req-1"
    assert told["assistant.outcome"] == "answered" and told["assistant.release"] == answer.release
    assert attributes(generation)["gen_ai.usage.output_tokens"] == answer.usage.completion_tokens > 0
    assert whole.start_time_unix_nano <= generation.start_time_unix_nano < generation.end_time_unix_nano
    known = {value for name, value in vars(gen_ai_attributes).items() if name.startswith("GEN_AI_")}
    named = {name for span in spans.values() for name in attributes(span) if name.startswith("gen_ai.")}
    assert named <= known


async def test_no_text_is_in_a_trace(chat: Chat, model: ScriptedChat, tracer: Tracer, collector: Collector):
    model.will_say("You can return an unopened item within 30 days from delivery.")
    await WatchedChat(chat, (tracer.answered,)).answer(ask(QUESTION))
    await asyncio.to_thread(tracer.close)
    sent = b"".join(collector.bodies)
    assert b"shop" in sent
    assert not any(word in sent for word in (b"unopened", b"30 days", b"delivery"))


async def test_an_answer_that_fails_says_so_in_its_trace(
    chat: Chat, model: ScriptedChat, tracer: Tracer, collector: Collector
):
    model.fail_with(ModelUnavailable("the model is away"))
    with pytest.raises(ModelUnavailable):
        await WatchedChat(chat, (tracer.answered,)).answer(ask(QUESTION))
    await asyncio.to_thread(tracer.close)
    whole = collector.spans()["invoke_agent shop"]
    assert whole.status.code == whole.status.STATUS_CODE_ERROR
    assert attributes(whole)["error.type"] == "model-unavailable"


def test_without_an_address_nothing_is_traced_whatever_the_environment_says(monkeypatch, collector: Collector):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address)
    assert open_tracer("") is None

"""Traces of answers for an OpenTelemetry collector, by the conventions for generative AI; only where one is set.

A span holds names, ids, numbers and times: the conventions leave it open whether texts are recorded, and we do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant import __version__
from assistant.answering.course import Course
from assistant.errors import Misconfigured
from assistant.watching.logs import RequestMark, current_request

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

_OPERATION = {"evidence": "retrieval", "generation": "chat"}
"""What the conventions call those of our stages that they know (semantic conventions for generative AI, 2026)."""
_PATIENCE_MS = 3000  # For a collector that is away when the service stops.


def open_tracer(endpoint: str) -> Tracer | None:
    """What sends traces to the collector at `endpoint`, like http://collector:4318; None where none is set.

    Raises Misconfigured when OpenTelemetry is not installed.
    """
    if not endpoint:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError as error:
        raise Misconfigured(
            "ASSISTANT_OTEL_ENDPOINT needs OpenTelemetry: pip install 'guardrailed-assistant[tracing]'"
        ) from error
    return Tracer(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"))


class Tracer:
    """Turns the course of each answer into a trace: one span for the answer and one below it for each stage."""

    def __init__(self, exporter: SpanExporter) -> None:
        # A provider of our own, not the global one: libraries that also know OpenTelemetry would record prompts there.
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        resource = Resource({"service.name": "assistant", "service.version": __version__})
        self._provider: TracerProvider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("assistant", __version__)

    def answered(self, course: Course) -> None:
        """Records an answer that is over; it is sent later, in a thread of its own."""
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

        mark = current_request.get()
        whole = self._tracer.start_span(
            f"invoke_agent {course.vertical}",
            _parent(mark),
            kind=SpanKind.SERVER,
            attributes=_of_answer(course, mark),
            start_time=course.began_ns,
        )
        for stage, began_ns, end_ns in course.spans_ns():
            name, attributes = _of_stage(course, stage)
            span = self._tracer.start_span(name, set_span_in_context(whole), attributes=attributes, start_time=began_ns)
            span.end(end_ns)
        if course.error and not course.refused:
            whole.set_status(Status(StatusCode.ERROR))
        whole.end(course.ended_ns)

    def close(self) -> None:
        """Sends what is left, for three seconds at most; blocks."""
        self._provider.force_flush(_PATIENCE_MS)
        self._provider.shutdown()


def _parent(mark: RequestMark | None) -> Context | None:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    if mark is None or mark.traceparent is None:
        return None
    return TraceContextTextMapPropagator().extract({"traceparent": mark.traceparent})


def _of_answer(course: Course, mark: RequestMark | None) -> dict[str, Any]:
    answer = course.answer
    told: dict[str, Any] = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": course.vertical,
        "assistant.outcome": course.end,
        "assistant.request_id": mark.id if mark else None,
        "error.type": course.error,
    }
    if course.opened:
        told |= {
            "gen_ai.conversation.id": course.opened.conversation_id,
            "gen_ai.response.id": course.opened.answer_id,
        }
    if course.first_ns is not None:
        told["gen_ai.response.time_to_first_chunk"] = (course.first_ns - course.began_ns) / 1e9
    if answer:
        told |= {"assistant.rail": answer.rail, "assistant.release": answer.release} | _tokens(course)
    return {name: value for name, value in told.items() if value is not None}


def _of_stage(course: Course, stage: str) -> tuple[str, dict[str, Any]]:
    """The span's name and attributes."""
    operation = _OPERATION.get(stage)
    told: dict[str, Any] = {"assistant.stage": stage}
    if operation is None:
        return stage, told
    told["gen_ai.operation.name"] = operation
    model = course.answer.model if course.answer else course.model
    if operation != "chat" or model is None:
        return f"{operation} {course.vertical}", told
    return f"chat {model}", told | {"gen_ai.response.model": model} | _tokens(course)


def _tokens(course: Course) -> dict[str, Any]:
    if course.answer is None:
        return {}
    usage = course.answer.usage
    return {
        "gen_ai.usage.input_tokens": usage.prompt_tokens,
        "gen_ai.usage.output_tokens": usage.completion_tokens,
    }

"""What is counted, as Prometheus reads it: names of verticals, models and rails, and numbers; never a text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from assistant import __version__
from assistant.answering.course import Course
from assistant.messages import Answer

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client's own variable: where it is set when the process starts, workers count into files there, and any of
them tells for all."""
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_J_PER_WH = 3600.0


class Metrics:
    """Everything that is counted in this process, and the way to the sum over all workers.

    Labels take their values from folders, catalogs and our own code, never from a request, so there are few of them.
    """

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        self._known_jobs: set[tuple[str, str]] = set()

        def counter(name: str, what: str, *labels: str) -> Counter:
            return Counter(f"assistant_{name}", what, labels, registry=own)

        def seconds(name: str, what: str, *labels: str) -> Histogram:
            return Histogram(f"assistant_{name}_seconds", what, labels, registry=own, buckets=_SECONDS)

        def gauge(name: str, what: str, *labels: str, over_workers: str) -> Gauge:
            mode: str = over_workers
            return Gauge(f"assistant_{name}", what, labels, registry=own, multiprocess_mode=mode)  # type: ignore[arg-type]

        self._answers = counter("answers", "Answers by how they ended.", "vertical", "model", "outcome")
        self._answer_s = seconds("answer", "From the request to the end of its answer.", "vertical")
        self._stage_s = seconds("stage", "Time of each stage of an answer.", "vertical", "stage")
        self._first_s = seconds("first_sentence", "From the request to its first checked sentence.", "vertical")
        self._verdicts = counter(
            "verdicts", "What rails stopped: questions, passages and sentences.", "vertical", "rail", "stopped"
        )
        self._checks = counter("checks", "Texts that were only checked.", "vertical", "stage", "outcome", "rail")
        self._tokens = counter("tokens", "Tokens of models.", "vertical", "model", "kind")
        self._joules = counter("energy_joules", "Energy of this machine.", "vertical", "basis")
        self._usd = counter("cost_usd", "US dollars: hosted models, and electricity if priced.", "vertical")
        self._requests = counter("requests", "HTTP requests.", "method", "route", "status")
        self._request_s = seconds("request", "Time of HTTP requests, streams to their end.", "route")
        self._errors = counter("errors", "Problems that were told to callers, by type.", "type")
        self._jobs_ended = counter("jobs_ended", "Jobs that are over: batches, webhooks.", "kind", "state")
        self._jobs = gauge("jobs", "Jobs that are not over.", "kind", "state", over_workers="livemostrecent")
        self._queue = gauge(
            "model_requests",
            "Requests that a model is busy with, or that wait for it.",
            "model",
            "state",
            over_workers="livesum",
        )
        self._ready = gauge("vertical_ready", "1 where questions are answered.", "vertical", over_workers="livemin")
        gauge("build_info", "The version that runs.", "version", over_workers="livemax").labels(__version__).set(1)

    def answered(self, course: Course) -> None:
        """Counts an answer that is over, however it ended."""
        vertical, answer = course.vertical, course.answer
        model = answer.model if answer else "none"
        self._answers.labels(vertical, model, course.end).inc()
        self._answer_s.labels(vertical).observe((course.ended_ns - course.began_ns) / 1e9)
        if course.first_ns is not None:
            self._first_s.labels(vertical).observe((course.first_ns - course.began_ns) / 1e9)
        for stage, began_ns, end_ns in course.spans_ns():
            self._stage_s.labels(vertical, stage).observe((end_ns - began_ns) / 1e9)
        if answer is not None:
            self._used(answer)

    def _used(self, answer: Answer) -> None:
        vertical, usage = answer.vertical, answer.usage
        if answer.rail:
            self._verdicts.labels(vertical, answer.rail, "question").inc()
        for passage in answer.dropped_evidence:
            self._verdicts.labels(vertical, passage.rail, "passage").inc()
        for sentence in answer.dropped_sentences:
            self._verdicts.labels(vertical, sentence.rail, "sentence").inc()
        self._tokens.labels(vertical, answer.model, "prompt").inc(usage.prompt_tokens)
        self._tokens.labels(vertical, answer.model, "completion").inc(usage.completion_tokens)
        self._joules.labels(vertical, usage.basis).inc(usage.energy_wh * _J_PER_WH)
        self._usd.labels(vertical).inc(usage.cost_usd)

    def checked(self, vertical: str, stage: str, outcome: str, rail: str | None) -> None:
        """Counts a text that was only checked."""
        self._checks.labels(vertical, stage, outcome, rail or "none").inc()

    def requested(self, method: str, route: str, status: int, problem: str | None, *, seconds: float) -> None:
        """Counts an HTTP request; `route` is the path as it is declared, `problem` the type of what was refused."""
        self._requests.labels(method, route, status).inc()
        self._request_s.labels(route).observe(seconds)
        if problem:
            self._errors.labels(problem).inc()

    def job_ended(self, kind: str, state: str) -> None:
        """Counts a job that is over."""
        self._jobs_ended.labels(kind, state).inc()

    def open_jobs(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Notes how many jobs wait and run, by kind and state."""
        self._known_jobs |= counts.keys()
        for kind, state in self._known_jobs:
            self._jobs.labels(kind, state).set(counts.get((kind, state), 0))

    def queued(self, model: str, *, busy: int, waiting: int) -> None:
        """Notes how many requests of this process a model works on, and how many wait for it."""
        self._queue.labels(model, "busy").set(busy)
        self._queue.labels(model, "waiting").set(waiting)

    def stands(self, vertical: str, *, ready: bool) -> None:
        """Notes whether a vertical answers."""
        self._ready.labels(vertical).set(ready)

    def text(self) -> bytes:
        """All of it in Prometheus's own format, for all workers where there are several."""
        folder = os.environ.get(SHARED_FOLDER)
        if folder is None:
            return generate_latest(self._registry)
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone, path=folder)  # type: ignore[no-untyped-call]  # it has no types
        return generate_latest(everyone)


def forget_process(folder: Path, process: int) -> None:
    """Leaves out from now on what a worker that is no more last said of queues; what it counted stays counted."""
    mark_process_dead(process, str(folder))  # type: ignore[no-untyped-call]  # it has no types

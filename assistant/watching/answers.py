"""Everything that watches answers without taking part in them: the log, the metrics and the traces."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from http import HTTPStatus
from typing import Protocol

from assistant.answering.course import Course
from assistant.answering.events import Event, whole
from assistant.chat import Request
from assistant.checks import Check, Checks
from assistant.errors import AssistantError, Unavailable
from assistant.jobs import Jobs
from assistant.messages import Answer, Document, Stage
from assistant.models import Models
from assistant.releases.readiness import Readiness
from assistant.watching.metrics import Metrics

log = logging.getLogger(__name__)

Watch = Callable[[Course], None]
"""Is told how an answer went, once it is over. It must be quick, and cannot change anything."""


class Streaming(Protocol):
    """What is watched."""

    def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The events of the answer."""


class WatchedChat:
    """The same answers, told to those who watch when they are over."""

    def __init__(self, chat: Streaming, watches: Sequence[Watch]) -> None:
        self._chat, self._watches = chat, watches

    async def answer(self, request: Request) -> Answer:
        """The whole answer at once."""
        return await whole(self.stream(request))

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The answer as it comes."""
        course = Course(request.vertical, request.model)
        try:
            async with aclosing(self._chat.stream(request)) as events:
                async for event in events:
                    course.hear(event)
                    yield event
        except Exception as error:
            known = error if isinstance(error, AssistantError) else AssistantError()
            course.error, course.refused = known.type, known.status < HTTPStatus.INTERNAL_SERVER_ERROR
            raise
        finally:
            course.close()
            for watch in self._watches:
                try:
                    watch(course)
                except OSError as error:  # The disk that counts are kept on is full: no reason to withhold an answer.
                    log.warning("an answer of %s was not counted: %s", course.vertical, error)


class WatchedChecks:
    """The same checks, counted."""

    def __init__(self, checks: Checks, metrics: Metrics) -> None:
        self._checks, self._metrics = checks, metrics

    async def check(
        self,
        vertical: str,
        stage: Stage,
        text: str,
        *,
        evidence: Sequence[Document] = (),
        question: str | None = None,
        rail: str | None = None,
    ) -> Check:
        """As `Checks.check`."""
        check = await self._checks.check(vertical, stage, text, evidence=evidence, question=question, rail=rail)
        self._metrics.checked(vertical, stage, check.outcome, check.rail)
        return check


def logged(course: Course) -> None:
    """One line in the log for each answer: ids, names and numbers."""
    answer, ms = course.answer, round((course.ended_ns - course.began_ns) / 1e6)
    facts = {
        "vertical": course.vertical,
        "outcome": course.end,
        "error": course.error,
        "ms": ms,
        "answer_id": course.opened.answer_id if course.opened else None,
    }
    if answer is not None:
        facts |= {
            "model": answer.model,
            "rail": answer.rail,
            "release": answer.release,
            "prompt_tokens": answer.usage.prompt_tokens,
            "completion_tokens": answer.usage.completion_tokens,
            "withheld": len(answer.dropped_sentences) + len(answer.dropped_evidence),
        }
    why = course.error or (answer.rail if answer else None)
    log.info("%s: %s%s in %d ms", course.vertical, course.end, f" ({why})" if why else "", ms, extra={"facts": facts})


async def keep_gauges(metrics: Metrics, models: Models, readiness: Readiness, jobs: Jobs, *, every_s: float) -> None:
    """Says again and again how long the queues are and whether the verticals are ready, until it is cancelled."""
    while True:
        for model, line in models.lines().items():
            metrics.queued(model, busy=line["busy"], waiting=line["waiting"])
        standing = await readiness.look()
        for name, vertical in standing.verticals.items():
            metrics.stands(name, ready=vertical.state != "not ready" and not standing.shared)
        with suppress(Unavailable):
            metrics.open_jobs(await jobs.open_counts())
        await asyncio.sleep(every_s)

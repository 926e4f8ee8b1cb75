"""`/v1/batches`: JSONL of chat requests in, worked off durably, JSONL of answers out."""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import Field

from assistant.access import Caller, allow
from assistant.answering.events import whole
from assistant.api.asking import asked_for
from assistant.api.bodies import FilledText, StrictBody, parse
from assistant.api.callers import caller
from assistant.api.chat_body import ChatBody
from assistant.api.metering import metered
from assistant.api.openapi import keyed, responses
from assistant.api.problems import InvalidField, members
from assistant.api.retrying import HEADER, recorded
from assistant.api.services import Services
from assistant.api.shown_accounts import Batch, BatchList
from assistant.api.wire import completion
from assistant.batches import KIND, Item, Line
from assistant.errors import AssistantError, Forbidden, NotFound, TooLarge, TooMany, Unavailable
from assistant.jobs import Handler, Job, Work

MOST_LINES = 10_000
_STATUS = {
    "queued": "queued",
    "running": "in_progress",
    "done": "completed",
    "failed": "failed",
    "cancelled": "cancelled",
}


class BatchLine(StrictBody):
    """One line of a batch, as OpenAI's batches have it."""

    custom_id: Annotated[FilledText, Field(max_length=200)]
    method: Literal["POST"] = "POST"
    url: Literal["/v1/chat/completions"] = "/v1/chat/completions"
    body: ChatBody


def batches_router(services: Services) -> APIRouter:
    """The routes of batches."""
    router = APIRouter(tags=["batches"])

    @router.post(
        "/v1/batches",
        status_code=201,
        openapi_extra=_JSONL,
        responses=responses(Batch, "The batch is taken.", *keyed(404, 409), status=201),
    )
    async def hand_in(request: Request) -> Response:
        """Takes JSONL with one chat request a line: `{"custom_id": "1", "body": {"model": …, "messages": […]}}`."""
        who = await caller(services, request)
        allow(who, "chat")
        if who.key_id is None:
            raise Forbidden("a batch outlives a session; hand it in with a key")
        lines, digest = await _read_lines(services, who, request)
        key = request.headers.get(HEADER)
        if key is None:
            job = await services.batches.add(who.id, who.key_id, lines, batch_id=f"batch-{uuid.uuid4().hex}")
            return JSONResponse(await _shown(services, job), 201)
        retry = await services.retries.begin(who.id, key, b"/v1/batches\n" + digest, prefix="batch-")
        try:
            job = await services.jobs.get(retry.reference, who.id, KIND)
        except NotFound:
            job = await services.batches.add(who.id, who.key_id, lines, batch_id=retry.reference)
        await services.retries.finish(retry)
        return JSONResponse(await _shown(services, job), 201)

    @router.get("/v1/batches", responses=responses(BatchList, "The batches.", *keyed()))
    async def list_batches(request: Request) -> dict[str, Any]:
        """The batches of this key, newest first."""
        who = await caller(services, request)
        jobs = await services.jobs.list(who.id, KIND)
        return {"object": "list", "data": [await _shown(services, job) for job in jobs]}

    @router.get("/v1/batches/{batch_id}", responses=responses(Batch, "How far it is.", *keyed(404)))
    async def get_batch(batch_id: str, request: Request) -> dict[str, Any]:
        """How far a batch is."""
        who = await caller(services, request)
        return await _shown(services, await services.jobs.get(batch_id, who.id, KIND))

    @router.post("/v1/batches/{batch_id}/cancel", responses=responses(Batch, "It is stopped.", *keyed(404, 409)))
    async def cancel(batch_id: str, request: Request) -> dict[str, Any]:
        """Stops a batch; what it has answered stays answered."""
        who = await caller(services, request)
        return await _shown(services, await services.jobs.cancel(batch_id, who.id, KIND))

    @router.post("/v1/batches/{batch_id}/resume", responses=responses(Batch, "It goes on.", *keyed(404, 409)))
    async def resume(batch_id: str, request: Request) -> dict[str, Any]:
        """Goes on with a batch that failed or was cancelled."""
        who = await caller(services, request)
        return await _shown(services, await services.jobs.resume(batch_id, who.id, KIND))

    @router.get(
        "/v1/batches/{batch_id}/output",
        response_class=StreamingResponse,
        responses=responses(None, "The answers.", *keyed(404), content=_LINES),
    )
    async def output(batch_id: str, request: Request) -> Response:
        """What is answered so far as JSONL, one line a question, in order. What was erased since says so."""
        who = await caller(services, request)
        await services.jobs.get(batch_id, who.id, KIND)
        return StreamingResponse(_output(services, who, batch_id), media_type="application/jsonl")

    return router


def batch_work(services: Services) -> Handler:
    """What a worker does with a batch: every open question in order, each settled before the next."""

    async def work_off(work: Work) -> dict[str, Any]:
        who = await services.keys.caller(work.job.request["key_id"])
        done = sum(await services.batches.counts(work.job.id))
        while items := await services.batches.open(work.job.id):
            for item in items:
                await work.progress(done)
                await _settle(services, who, work.job.id, item)
                done += 1
        await work.progress(done)
        await services.batches.forget(work.job.id)
        answered, failed = await services.batches.counts(work.job.id)
        return {"answered": answered, "failed": failed}

    return work_off


async def _settle(services: Services, who: Caller, batch_id: str, item: Item) -> None:
    """Answers one question, unless a try that was killed has recorded the answer already."""
    if await recorded(services, who, item.answer_id) is not None:
        await services.batches.settle(batch_id, item, 200)
        return
    (outcome,) = await asyncio.gather(_answer(services, who, item), return_exceptions=True)
    if isinstance(outcome, TooMany | Unavailable):
        raise outcome  # The whole batch waits; this question is still open.
    if isinstance(outcome, BaseException):
        known = outcome if isinstance(outcome, AssistantError) else AssistantError("the question failed unexpectedly")
        await services.batches.settle(batch_id, item, known.status, members(known, item.answer_id))
        return
    await services.batches.settle(batch_id, item, 200)


async def _answer(services: Services, who: Caller, item: Item) -> None:
    if item.body is None:
        raise NotFound("the question was not answered in time; its text is past its retention")
    body = parse(json.dumps(item.body), ChatBody)
    await whole(metered(services, who, "batch", await asked_for(services, who, body, answer_id=item.answer_id)))


async def _output(services: Services, who: Caller, batch_id: str) -> AsyncIterator[str]:
    number = -1
    while items := await services.batches.after(batch_id, number):
        for item in items:
            yield json.dumps(await _line(services, who, item), separators=(",", ":")) + "\n"
        number = items[-1].number


async def _line(services: Services, who: Caller, item: Item) -> dict[str, Any]:
    line: dict[str, Any] = {"id": item.answer_id, "custom_id": item.custom_id, "response": None, "error": item.error}
    if item.status != 200:
        return line
    answer = await recorded(services, who, item.answer_id)
    if answer is None:
        return {**line, "error": members(NotFound("the answer has been erased"), item.answer_id)}
    form = (item.body or {}).get("response_format") or {"type": "text"}
    body = completion(answer, as_object=form["type"] != "text")
    return {**line, "response": {"status_code": 200, "request_id": item.answer_id, "body": body}}


async def _shown(services: Services, job: Job) -> dict[str, Any]:
    answered, failed = await services.batches.counts(job.id)
    return {
        "id": job.id,
        "object": "batch",
        "endpoint": "/v1/chat/completions",
        "status": _STATUS[job.state],
        "request_counts": {"total": job.total, "completed": answered, "failed": failed},
        "error": job.error,
        "created_at": int(job.created_at.timestamp()),
        "completed_at": int(job.finished_at.timestamp()) if job.finished_at else None,
        "output": f"/v1/batches/{job.id}/output",
    }


async def _read_lines(services: Services, who: Caller, request: Request) -> tuple[list[Line], bytes]:
    """The lines of a batch and the digest of its body; raises InvalidField naming the line that cannot be used."""
    lines: list[Line] = []
    seen: set[str] = set()
    digest = hashlib.sha256()
    async for number, text in _numbered(request, services.max_body_bytes):
        digest.update(text + b"\n")
        try:
            line = parse(text, BatchLine)
            if line.custom_id in seen:
                raise InvalidField("custom_id", f"{line.custom_id[:80]!r} occurs twice; each line needs its own")  # noqa: TRY301
            await asked_for(services, who, line.body)  # What this key may not ask is told now, not in the output.
        except InvalidField as error:
            raise InvalidField(f"line {number}" + (f".{error.param}" if error.param else ""), error.reason) from error
        except (TooLarge, NotFound) as error:
            raise type(error)(f"line {number}: {error}", param=f"line {number}.body.{error.param}") from error
        seen.add(line.custom_id)
        lines.append(Line(line.custom_id, json.loads(text)["body"]))  # As it was sent, to be read again by then.
        if len(lines) > MOST_LINES:
            raise TooLarge(f"a batch has at most {MOST_LINES} lines; hand in several")
    if not lines:
        raise InvalidField(None, "the batch is empty; send one JSON object a line")
    return lines, digest.digest()


async def _numbered(request: Request, longest: int) -> AsyncIterator[tuple[int, bytes]]:
    """The lines of the body that are not blank, numbered from 1 as they stand there; raises TooLarge."""
    number, rest = 0, b""
    async for chunk in request.stream():
        *complete, rest = (rest + chunk).split(b"\n")
        for text in complete:
            number += 1
            if text.strip():
                yield number, _short(text, number, longest)
        _short(rest, number + 1, longest)
    if rest.strip():
        yield number + 1, rest


def _short(text: bytes, number: int, longest: int) -> bytes:
    if len(text) > longest:
        raise TooLarge(f"line {number} is longer than {longest} bytes")
    return text


_LINES = {"application/jsonl": {"schema": {"type": "string"}}}
_JSONL: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/jsonl": {"schema": {"type": "string"}}}}
}

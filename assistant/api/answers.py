"""`POST /v1/chat/completions`: a question in, a checked answer out; a broken stream of one goes on where it broke."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import Field

from assistant.access import allow
from assistant.answering.events import whole
from assistant.api.asking import asked_for
from assistant.api.bodies import StrictQuery, described, read_body
from assistant.api.callers import caller
from assistant.api.chat_body import ChatBody
from assistant.api.openapi import keyed, responses
from assistant.api.presence import CALLER_LEFT, while_connected
from assistant.api.retrying import answered_once
from assistant.api.services import Services
from assistant.api.shown import Completion, Stopped
from assistant.api.streaming import FROM_THE_START, AnswerStream
from assistant.api.visitors import told_to
from assistant.api.wire import completion

_EVENT = {
    "type": "object",
    "description": "One event: a chunk of OpenAI's in JSON, or `[DONE]`.",
    "properties": {"data": {"type": "string"}},
    "required": ["data"],
}
_STREAM = {"text/event-stream": {"schema": _EVENT}}
AnswerId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]


class ResumeQuery(StrictQuery):
    """Where to go on."""

    after: Annotated[int, Field(ge=FROM_THE_START, le=1_000_000)] = FROM_THE_START
    """The `id` of the last event that came; by default the whole stream is told."""
    include_usage: bool = False
    """Whether the tokens are told at the end."""


def answers_router(services: Services) -> APIRouter:
    """The routes that answer."""
    router = APIRouter(tags=["chat"])

    @router.post(
        "/v1/chat/completions",
        openapi_extra=described(ChatBody),
        responses=responses(Completion, "The answer, or its stream.", *keyed(404, 409), content=_STREAM),
    )
    async def complete(request: Request) -> Response:
        """A checked answer in OpenAI's shape, with citations in the extra field `assistant`."""
        who = await caller(services, request, visitors=True)
        body = await read_body(request, ChatBody)
        asked = await asked_for(services, who, body)
        events = answered_once(services, who, request, asked)
        if body.stream:
            include_usage = body.stream_options is not None and bool(body.stream_options.include_usage)
            heard = services.running.begin(who.id, events)
            return AnswerStream(heard, include_usage=include_usage, told=told_to(who))
        finished = await while_connected(request.receive, whole(events))
        if finished is None:
            return Response(status_code=CALLER_LEFT)
        return JSONResponse(completion(finished.result(), as_object=asked.shape is not None, told=told_to(who)))

    @router.get(
        "/v1/answers/{answer_id}/stream",
        response_class=StreamingResponse,
        responses=responses(None, "The rest of the answer.", *keyed(404), content=_STREAM),
    )
    async def resume(answer_id: AnswerId, request: Request, wanted: Annotated[ResumeQuery, Query()]) -> Response:
        """The events of a streamed answer after a given one, from a generation under way or from the record."""
        who = await caller(services, request, visitors=True)
        allow(who, "chat")
        events = await services.running.resume(answer_id, who.id)
        return AnswerStream(events, after=wanted.after, include_usage=wanted.include_usage, told=told_to(who))

    @router.delete("/v1/answers/{answer_id}/stream", responses=responses(Stopped, "It has ended.", *keyed(404)))
    async def stop(answer_id: AnswerId, request: Request) -> dict[str, Any]:
        """Ends a streamed answer that is being written, and frees its model at once; one that is whole stays."""
        who = await caller(services, request, visitors=True)
        allow(who, "chat")
        await services.running.stop(answer_id, who.id)
        return {"id": answer_id, "object": "answer.stopped", "stopped": True}

    return router

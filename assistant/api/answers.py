"""`POST /v1/chat/completions`: a question in, a checked answer out, whole or sentence by sentence."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from assistant.api.asking import asked_for
from assistant.api.bodies import described, read_body
from assistant.api.callers import caller
from assistant.api.chat_body import ChatBody
from assistant.api.openapi import keyed, responses
from assistant.api.presence import CALLER_LEFT, while_connected
from assistant.api.retrying import answered_once
from assistant.api.services import Services
from assistant.api.shown import Completion
from assistant.api.streaming import AnswerStream
from assistant.api.visitors import told_to
from assistant.api.wire import Chunks, completion
from assistant.chat import whole

_EVENT = {
    "type": "object",
    "description": "One event: a chunk of OpenAI's in JSON, or `[DONE]`.",
    "properties": {"data": {"type": "string"}},
    "required": ["data"],
}
_STREAM = {"text/event-stream": {"schema": _EVENT}}


def answers_router(services: Services) -> APIRouter:
    """The route that answers."""
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
        asked = asked_for(services, who, body)
        events = answered_once(services, who, request, asked)
        if body.stream:
            include_usage = body.stream_options is not None and bool(body.stream_options.include_usage)
            chunks = Chunks(asked.vertical, include_usage, as_object=asked.shape is not None, told=told_to(who))
            return AnswerStream(events, chunks)
        finished = await while_connected(request.receive, whole(events))
        if finished is None:
            return Response(status_code=CALLER_LEFT)
        return JSONResponse(completion(finished.result(), as_object=asked.shape is not None, told=told_to(who)))

    return router

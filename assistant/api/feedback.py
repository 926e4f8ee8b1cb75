"""`POST /v1/feedback` and `POST /v1/handover`: what people think of an answer, and when they want a person instead."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field

from assistant.access import allow
from assistant.api.bodies import FilledText, StrictBody, described, read_body
from assistant.api.callers import caller
from assistant.api.openapi import keyed, responses
from assistant.api.services import Services
from assistant.api.shown_events import FeedbackTaken, HandedOver
from assistant.records import Conversation, Rating
from assistant.verticals import Handoff

_Id = Annotated[FilledText, Field(max_length=64)]
_Reason = Annotated[FilledText, Field(max_length=500)]


class FeedbackBody(StrictBody):
    """An opinion of one answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"answer_id": "ans-1", "rating": "down"}]})

    answer_id: _Id
    rating: Rating
    reason: _Reason | None = None
    corrected_text: Annotated[FilledText, Field(max_length=20_000)] | None = None
    """What the answer should have said."""


class HandoverBody(StrictBody):
    """A conversation for a person to go on with."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"conversation_id": "con-1"}]})

    conversation_id: _Id
    reason: _Reason | None = None
    """Why, in the visitor's words; the person is shown it."""


def feedback_router(services: Services) -> APIRouter:
    """The routes by which people talk back."""
    router = APIRouter(tags=["chat"])

    async def masked(conversation: Conversation, text: str | None) -> str | None:
        if text is None:
            return None
        return await asyncio.to_thread(services.mask, conversation.vertical, text, conversation.placeholders)

    @router.post(
        "/v1/feedback",
        openapi_extra=described(FeedbackBody),
        responses=responses(FeedbackTaken, "It is kept.", *keyed(404)),
    )
    async def give_feedback(request: Request) -> dict[str, Any]:
        """Keeps an opinion of an answer this key, or this visitor, was given; a later one takes its place."""
        who = await caller(services, request, visitors=True)
        allow(who, "chat")
        body = await read_body(request, FeedbackBody)
        turn = await services.turns.get(body.answer_id, who.id)
        conversation = await services.turns.history(turn.conversation_id, key_id=who.id)
        await services.feedback.add(
            turn.answer_id,
            body.rating,
            owner=who.id,
            vertical=conversation.vertical,
            reason=await masked(conversation, body.reason),
            corrected_text=await masked(conversation, body.corrected_text),
        )
        return {"object": "feedback", "answer_id": turn.answer_id, "rating": body.rating}

    @router.post(
        "/v1/handover",
        openapi_extra=described(HandoverBody),
        responses=responses(HandedOver, "A person is told.", *keyed(404)),
    )
    async def hand_over(request: Request) -> dict[str, Any]:
        """Gives a conversation of this key, or of this visitor, to a person; asking again changes nothing."""
        who = await caller(services, request, visitors=True)
        allow(who, "chat")
        body = await read_body(request, HandoverBody)
        conversation = await services.turns.history(body.conversation_id, key_id=who.id)
        handover = await services.handovers.add(conversation, who.id, await masked(conversation, body.reason))
        handoff = _handoff(services, conversation.vertical)
        return {
            "id": handover.id,
            "object": "handover",
            "conversation_id": handover.conversation_id,
            "text": handoff.text,
            "mailto": handoff.mailto,
            "created_at": int(handover.created_at.timestamp()),
        }

    return router


def _handoff(services: Services, vertical: str) -> Handoff:
    return next((card.handoff for card in services.verticals() if card.name == vertical), Handoff())

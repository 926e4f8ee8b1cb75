"""`DELETE /v1/conversations/{id}`: what was said is erased."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from assistant.access import allow
from assistant.api.callers import caller
from assistant.api.openapi import keyed, responses
from assistant.api.services import Services
from assistant.api.shown import Erased

ConversationId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]


def conversations_router(services: Services) -> APIRouter:
    """The route that erases."""
    router = APIRouter(tags=["chat"])

    @router.delete(
        "/v1/conversations/{conversation_id}", responses=responses(Erased, "It is erased.", *keyed(404, 409))
    )
    async def erase(conversation_id: ConversationId, request: Request) -> dict[str, Any]:
        """Erases a conversation of this key, or of this visitor, with all its questions and answers."""
        who = await caller(services, request, visitors=True)
        allow(who, "chat")
        await services.erasure.erase(conversation_id, who.id)
        return {"id": conversation_id, "object": "conversation.deleted", "deleted": True}

    return router

"""`DELETE /v1/conversations/{id}`: what was said is erased."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from assistant.access import allow
from assistant.api.callers import caller
from assistant.api.services import Services


def conversations_router(services: Services) -> APIRouter:
    """The route that erases."""
    router = APIRouter(tags=["chat"])

    @router.delete("/v1/conversations/{conversation_id}")
    async def erase(conversation_id: str, request: Request) -> dict[str, Any]:
        """Erases a conversation of this key, or of this visitor, with all its questions and answers."""
        who = await caller(services, request, visitors=True)
        allow(who, "chat")
        await services.turns.erase(conversation_id, who.id)
        return {"id": conversation_id, "object": "conversation.deleted", "deleted": True}

    return router

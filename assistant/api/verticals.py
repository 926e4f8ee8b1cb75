"""`GET /v1/verticals/{vertical}`: what a page shows of a vertical before anything is asked."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from assistant.api.callers import caller, vertical_for
from assistant.api.openapi import keyed, responses
from assistant.api.services import Services
from assistant.api.shown import ShownVertical
from assistant.api.theme import theme
from assistant.knowledge import MAX_BYTES

Name = Annotated[str, Path(max_length=200)]


def verticals_router(services: Services) -> APIRouter:
    """The route that tells a page what it needs to know."""
    router = APIRouter(tags=["chat"])

    @router.get("/v1/verticals/{vertical}", responses=responses(ShownVertical, "What a page shows of it.", *keyed(404)))
    async def show(vertical: Name, request: Request) -> dict[str, Any]:
        """The title, notice, colours, limits and suggestions of a vertical, and where a person is reached."""
        who = await caller(services, request, visitors=True)
        card = vertical_for(services, who, vertical, "chat")
        handoff, sizes = card.handoff, services.sizes
        return {
            "object": "vertical",
            "name": card.name,
            "title": card.title,
            "language": card.language,
            "tasks": card.tasks,
            "notice": card.notice,
            "disclaimer": card.disclaimer,
            "suggestions": card.suggestions,
            "theme": theme(card.accent),
            "handoff": {
                "text": handoff.text,
                "mailto": handoff.mailto,
                "person": bool(handoff.text or handoff.mailto or handoff.webhook),
            },
            "limits": {
                "file_bytes": MAX_BYTES,
                "document_characters": sizes.document_characters,
                "question_characters": sizes.message_characters,
                "request_bytes": services.max_body_bytes,
            },
        }

    return router

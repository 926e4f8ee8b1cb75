"""`GET /v1/models` and one of them: the verticals a key may use, in OpenAI's shape."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from assistant.api.callers import caller, shown_vertical, usable
from assistant.api.openapi import keyed, responses
from assistant.api.services import Services, VerticalCard
from assistant.api.shown import Model, ModelList


def models_router(services: Services) -> APIRouter:
    """The routes that list what can be asked."""
    router = APIRouter(tags=["chat"])

    @router.get("/v1/models", responses=responses(ModelList, "What can be asked.", *keyed()))
    async def list_models(request: Request) -> dict[str, Any]:
        """The verticals this key may use; the `id` is the `model` of a chat request."""
        who = await caller(services, request)
        return {"object": "list", "data": [_model(card) for card in usable(services, who)]}

    @router.get("/v1/models/{model}", responses=responses(Model, "It can be asked.", *keyed(404)))
    async def get_model(model: str, request: Request) -> dict[str, Any]:
        """One of them; for whoever looks before asking."""
        who = await caller(services, request)
        return _model(shown_vertical(services, who, model, param="model"))

    return router


def _model(card: VerticalCard) -> dict[str, Any]:
    return {
        "id": card.name,
        "object": "model",
        "created": 0,  # OpenAI's clients want a number; a release has a digest and no date.
        "owned_by": "assistant",
        "title": card.title,
        "tasks": list(card.tasks),
        "language": card.language,
        "release": card.release,
    }

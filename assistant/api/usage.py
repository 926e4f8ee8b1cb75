"""`GET /v1/usage`: what each key used on each day, by vertical."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from assistant.api.bodies import StrictQuery
from assistant.api.callers import caller
from assistant.api.openapi import keyed, responses
from assistant.api.services import Services
from assistant.api.shown_accounts import Usage
from assistant.database import utc_now


class UsageQuery(StrictQuery):
    """Of which time."""

    days: Annotated[int, Field(ge=1, le=366)] = 30
    """So many days, today included."""


def usage_router(services: Services) -> APIRouter:
    """The route that tells usage."""
    router = APIRouter(tags=["usage"])

    @router.get("/v1/usage", responses=responses(Usage, "What was used.", *keyed()))
    async def usage(request: Request, wanted: Annotated[UsageQuery, Query()]) -> dict[str, Any]:
        """What this key used on each of the last days (UTC), by vertical; with the scope admin, what every key used."""
        who = await caller(services, request)
        account = None if "admin" in who.scopes else who.key_id or who.id
        first = utc_now().date() - timedelta(days=wanted.days - 1)
        spent = await services.budgets.since(first, account)
        return {"object": "list", "data": [each.wire() for each in spent]}

    return router

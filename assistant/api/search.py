"""`POST /v1/search`: the evidence a question would be answered from."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from assistant.api.bodies import FilledText, StrictBody, VerticalName, described, read_body
from assistant.api.callers import caller, vertical_for
from assistant.api.openapi import keyed, responses
from assistant.api.services import Services
from assistant.api.shown import Passages
from assistant.messages import Evidence


class SearchBody(StrictBody):
    """A query over the knowledge of one vertical."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"vertical": "feedback", "query": "standard delivery", "k": 2}]}
    )

    vertical: VerticalName
    query: Annotated[FilledText, Field(max_length=4000)]
    k: Annotated[int, Field(ge=1, le=20)] = 4
    """How many passages at most."""


def search_router(services: Services) -> APIRouter:
    """The route that searches."""
    router = APIRouter(tags=["checks"])

    @router.post(
        "/v1/search",
        openapi_extra=described(SearchBody),
        responses=responses(Passages, "The passages found.", *keyed(404)),
    )
    async def search(request: Request) -> dict[str, Any]:
        """Passages of the vertical's knowledge, best first, each with where it stands in its document."""
        who = await caller(services, request)
        body = await read_body(request, SearchBody)
        # Whoever may only chat gets passages as citations, not the whole knowledge folder query by query.
        card = vertical_for(services, who, body.vertical, "check")
        found = await run_in_threadpool(services.search, card.name, body.query, body.k)
        return {"object": "list", "vertical": card.name, "release": card.release, "data": [_passage(e) for e in found]}

    return router


def _passage(evidence: Evidence) -> dict[str, Any]:
    return {
        "document": evidence.document,
        "title": evidence.title,
        "text": evidence.text,
        "start": evidence.start,
        "end": evidence.end,
        "score": round(evidence.score, 4),
        "trust": evidence.trust,
    }

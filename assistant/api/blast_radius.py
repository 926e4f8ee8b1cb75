"""`/v1/revisions/{id}/blast-radius`: recorded turns decided again under a proposal, in the background."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from assistant.access import allow
from assistant.api.bodies import described, read_body
from assistant.api.callers import caller
from assistant.api.openapi import keyed, responses
from assistant.api.revision_bodies import Id, TurnsBody
from assistant.api.revisions_shown import radius_shown
from assistant.api.services import Services
from assistant.api.shown_revisions import BlastRadius

PATH = "/v1/revisions/{revision_id}/blast-radius"


def add_blast_radius(router: APIRouter, services: Services) -> None:
    """Adds the routes. They need the scope review; to read the questions along with it, read-records."""

    @router.post(
        PATH,
        status_code=202,
        openapi_extra=described(TurnsBody),
        responses=responses(BlastRadius, "It is being counted.", *keyed(404), status=202),
    )
    async def ask(revision_id: Id, request: Request) -> Response:
        """Has the latest recorded turns decided again under the proposal as it stands."""
        who = await caller(services, request)
        allow(who, "review")
        body = await read_body(request, TurnsBody)
        await services.radius.ask(revision_id, who, turns=body.turns)
        return JSONResponse(radius_shown(await services.radius.found(revision_id, who)), 202)

    @router.get(PATH, responses=responses(BlastRadius, "What was found, or how far it is.", *keyed(404)))
    async def found(
        revision_id: Id, request: Request, after: Annotated[int, Query(ge=0, le=10_000_000)] = 0
    ) -> dict[str, Any]:
        """What became of the turns, and a hundred of those that come out otherwise."""
        who = await caller(services, request)
        allow(who, "review")
        return radius_shown(await services.radius.found(revision_id, who, after=after))

    @router.delete(
        PATH, status_code=204, responses=responses(None, "It is not counted further.", *keyed(404, 409), status=204)
    )
    async def cancel(revision_id: Id, request: Request) -> Response:
        """Stops the counting."""
        who = await caller(services, request)
        allow(who, "review")
        await services.radius.cancel(revision_id, who)
        return Response(status_code=204)

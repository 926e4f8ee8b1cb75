"""`/healthz`: the process is alive. `/readyz`: it can answer."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from assistant.api.bodies import StrictQuery
from assistant.api.openapi import responses
from assistant.api.services import Services
from assistant.api.shown_health import Alive, Readiness
from assistant.errors import UnknownVertical
from assistant.releases.readiness import Standing


class ReadyQuery(StrictQuery):
    """Of what."""

    vertical: Annotated[str, Field(max_length=64)] | None = None
    """One vertical, whose state alone then decides; by default the service as a whole."""


def health_router(services: Services) -> APIRouter:
    """The two probes; both are open."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", responses=responses(Alive, "It answers."))
    async def healthz() -> dict[str, str]:
        """Always ok while the process answers at all."""
        return {"status": "ok"}

    @router.get(
        "/readyz",
        responses={
            **responses(Readiness, "Questions can be answered.", 404),
            503: {"model": Readiness, "description": "Something is missing."},
        },
    )
    async def readyz(wanted: Annotated[ReadyQuery, Query()]) -> JSONResponse:
        """200 while some vertical answers, else 503; with what is missing, also where it keeps only one from answering.

        With `vertical`, 503 whenever that one does not answer.
        """
        standing = await services.ready()
        if _answers(standing, wanted.vertical):
            return JSONResponse(_shown(standing))
        return JSONResponse(_shown(standing), 503, headers={"Retry-After": "5"})

    return router


def _answers(standing: Standing, vertical: str | None) -> bool:
    if vertical is None:
        return standing.status != "not ready"
    if vertical not in standing.verticals:
        raise UnknownVertical(f"no vertical {vertical!r} is served here", param="vertical")
    return not standing.shared and standing.verticals[vertical].state != "not ready"


def _shown(standing: Standing) -> dict[str, Any]:
    states = {name: each.state for name, each in standing.verticals.items()}
    return {"status": standing.status, "missing": standing.missing, "verticals": states}

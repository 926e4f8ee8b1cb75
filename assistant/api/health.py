"""`/healthz`: the process is alive. `/readyz`: it can answer."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from assistant.api.openapi import responses
from assistant.api.services import Services
from assistant.api.shown import Alive, Readiness


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
            **responses(Readiness, "Questions can be answered."),
            503: {"model": Readiness, "description": "Something is missing."},
        },
    )
    async def readyz() -> JSONResponse:
        """200 when questions can be answered, else 503 with what is missing."""
        missing = await services.ready()
        if missing:
            return JSONResponse({"status": "not ready", "missing": missing}, 503, headers={"Retry-After": "5"})
        return JSONResponse({"status": "ready", "missing": []})

    return router

"""`GET /metrics`: what is counted, for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from assistant.access import allow
from assistant.api.callers import caller, is_local
from assistant.api.services import Services
from assistant.watching.metrics import CONTENT_TYPE


def metrics_router(services: Services) -> APIRouter:
    """The route that Prometheus reads."""
    router = APIRouter(tags=["health"])

    @router.get("/metrics", include_in_schema=False)  # For machines that watch, as /openapi.json is for those that ask.
    async def metrics(request: Request) -> Response:
        """Numbers by vertical, model, rail and route, of all workers; from another machine with `read-records`."""
        if not is_local(request):
            allow(await caller(services, request), "read-records")
        return Response(services.metrics.text(), media_type=CONTENT_TYPE)

    return router

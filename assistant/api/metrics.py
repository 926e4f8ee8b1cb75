"""`GET /metrics`: what is counted, for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from assistant.access import allow
from assistant.api.callers import caller, is_local
from assistant.api.openapi import keyed, responses
from assistant.api.services import Services
from assistant.metrics import CONTENT_TYPE

_TEXT = {"text/plain": {"schema": {"type": "string"}}}


def metrics_router(services: Services) -> APIRouter:
    """The route that Prometheus reads."""
    router = APIRouter(tags=["health"])

    @router.get(
        "/metrics",
        response_class=Response,
        responses=responses(None, "The counts, in Prometheus's own format.", *keyed(), content=_TEXT),
    )
    async def metrics(request: Request) -> Response:
        """Numbers by vertical, model, rail and route, of all workers; from another machine with `read-records`."""
        if not is_local(request):
            allow(await caller(services, request), "read-records")
        return Response(services.metrics.text(), media_type=CONTENT_TYPE)

    return router

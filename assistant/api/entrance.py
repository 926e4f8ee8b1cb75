"""The HTTP application: every door, with the middleware each request passes first."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from starlette.routing import Route

from assistant import __version__
from assistant.api.answers import answers_router
from assistant.api.approvals import ApprovedTextBody, approvals_router
from assistant.api.batches import batches_router
from assistant.api.callers import caller, is_local
from assistant.api.chat_body import ChatBody
from assistant.api.checks import CheckBody, checks_router
from assistant.api.conversations import conversations_router
from assistant.api.crossing import Preflights
from assistant.api.feedback import FeedbackBody, HandoverBody, feedback_router
from assistant.api.files import MAX_UPLOAD_BYTES, files_router
from assistant.api.files import PATH as FILES
from assistant.api.headers import ResponseHeaders
from assistant.api.health import health_router
from assistant.api.limits import BodyLimit, HostCheck
from assistant.api.metrics import metrics_router
from assistant.api.models import models_router
from assistant.api.observing import Observing
from assistant.api.openapi import describe
from assistant.api.problems import add_problem_handlers
from assistant.api.receipts import receipts_router
from assistant.api.revision_bodies import BODIES
from assistant.api.revisions import revisions_router
from assistant.api.search import SearchBody, search_router
from assistant.api.services import Services
from assistant.api.sessions import SignInBody, sessions_router
from assistant.api.usage import usage_router
from assistant.api.verticals import verticals_router
from assistant.api.webhooks import WebhookBody, webhooks_router

_ROUTERS = (
    answers_router,
    receipts_router,
    approvals_router,
    models_router,
    verticals_router,
    checks_router,
    search_router,
    files_router,
    conversations_router,
    feedback_router,
    sessions_router,
    usage_router,
    batches_router,
    webhooks_router,
    revisions_router,
    health_router,
    metrics_router,
)


_FOR_PEOPLE = (sessions_router, health_router)
"""What the console needs beside it."""


def create_api(services: Services, *, people_only: bool = False) -> FastAPI:
    """The application that serves CONTRACT.md §4 over `services`; with `people_only`, where they sign in, no more."""
    app = FastAPI(title="Assistant", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    routers = [router(services) for router in (_FOR_PEOPLE if people_only else _ROUTERS)]
    for router in routers:
        app.include_router(router)
    _add_openapi(app, services)
    add_problem_handlers(app)
    # The one added last is passed first.
    app.add_middleware(Preflights, embedded_at=services.keys.embedded_at)
    larger = {"/v1/batches": services.max_batch_bytes, FILES: MAX_UPLOAD_BYTES}
    app.add_middleware(BodyLimit, max_body_bytes=services.max_body_bytes, larger=larger)
    app.add_middleware(HostCheck, allowed_hosts=services.allowed_hosts)
    app.add_middleware(ResponseHeaders)
    paths = {route.path for router in routers for route in router.routes if isinstance(route, Route)}
    app.add_middleware(Observing, metrics=services.metrics, refusals=services.refusals, paths=paths)
    return app


def _add_openapi(app: FastAPI, services: Services) -> None:
    @app.get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request) -> dict[str, Any]:
        if not is_local(request):
            await caller(services, request)
        return describe(
            app,
            ChatBody,
            CheckBody,
            SearchBody,
            SignInBody,
            FeedbackBody,
            HandoverBody,
            ApprovedTextBody,
            WebhookBody,
            *BODIES,
        )

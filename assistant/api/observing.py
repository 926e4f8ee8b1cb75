"""Every request seen from outside: its id for all that is logged about it, one line in the log, and its counts."""

from __future__ import annotations

import logging
from collections.abc import Collection
from time import perf_counter
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api.headers import request_id
from assistant.records import Refusals
from assistant.records.refusals import REFUSED
from assistant.watching.logs import RequestMark, current_request
from assistant.watching.metrics import Metrics

log = logging.getLogger(__name__)

_UNSEEN = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines: counted, but no line in the log."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Observing:
    """ASGI middleware that marks, counts and logs each request; nothing of its body, query or address is kept."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, refusals: Refusals, paths: Collection[str]) -> None:
        """`paths`: those that are declared, by which a request is named that was refused before it had a route."""
        self._app, self._metrics, self._refusals, self._paths = app, metrics, refusals, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs the app behind it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = perf_counter(), 500
        mark = current_request.set(RequestMark(request_id(scope), Headers(scope=scope).get("traceparent")))

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        finally:
            self._note(scope, status, perf_counter() - began)
            current_request.reset(mark)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route, problem = _route(scope), scope.get("state", {}).get("problem")
        self._metrics.requested(method, route, status, problem, seconds=seconds)
        if status in REFUSED:
            address, *_ = scope.get("client") or ("nowhere",)
            asked = scope["path"] if scope["path"] in self._paths else route
            caller = scope.get("state", {}).get("caller")
            self._refusals.note(status, f"{method} {asked}", caller=caller, address=address)
        if route in _UNSEEN:
            return
        ms = round(1000 * seconds)
        facts: dict[str, Any] = {"method": method, "route": route, "status": status, "ms": ms, "problem": problem}
        log.info("%s %s %d in %d ms", method, route, status, ms, extra={"facts": facts})


def _route(scope: Scope) -> str:
    """The path as it is declared, `/v1/batches/{batch_id}`: what was really asked for has no end of values."""
    return str(getattr(scope.get("route"), "path", None) or "none")

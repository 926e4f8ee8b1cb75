"""Preflights: a browser asks beforehand whether a page may call us from another origin."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.api.problems import problem
from assistant.errors import AssistantError, Forbidden

_MAY = {
    "access-control-allow-methods": "GET, POST, DELETE",
    "access-control-allow-headers": "authorization, content-type, idempotency-key, x-visitor, x-request-id",
    "access-control-max-age": "600",
    "vary": "Origin",
}


class Preflights:
    """ASGI middleware that answers preflights for pages that some embed token names.

    It tells no more than that: the request itself still needs the token, and its answer is readable by that page alone.
    """

    def __init__(self, app: ASGIApp, *, embedded_at: Callable[[str], Awaitable[bool]]) -> None:
        self._app = app
        self._embedded_at = embedded_at

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a preflight, or runs the app behind it."""
        headers = Headers(scope=scope) if scope["type"] == "http" and scope["method"] == "OPTIONS" else Headers()
        origin = headers.get("origin")
        if origin is None or "access-control-request-method" not in headers:
            await self._app(scope, receive, send)
            return
        try:
            embedded = await self._embedded_at(origin.lower())
        except AssistantError as error:
            await problem(error, scope)(scope, receive, send)
            return
        if not embedded:
            await problem(Forbidden("no embed token is for pages at this origin"), scope)(scope, receive, send)
            return
        await Response(status_code=204, headers={**_MAY, "access-control-allow-origin": origin})(scope, receive, send)

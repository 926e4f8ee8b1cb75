"""What every response carries: the request's id and the headers that keep a browser from being misled."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.errors import Window

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"


def request_id(scope: Scope) -> str:
    """The id of this request: the caller's `x-request-id` where it is sane, else a new one; the same every time."""
    state = scope.setdefault("state", {})
    if "request_id" not in state:
        sent = Headers(scope=scope).get("x-request-id", "")
        state["request_id"] = sent if _SANE_ID.fullmatch(sent) else uuid.uuid4().hex
    return str(state["request_id"])


def response_headers(scope: Scope) -> dict[str, str]:
    """The headers every response to this request carries."""
    return {
        **limit_headers(scope.get("state", {}).get("windows", ())),
        "x-request-id": request_id(scope),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "content-security-policy": _DATA_POLICY,
        "cache-control": "no-store",
        **_readable_by_page(scope),
    }


def limit_headers(windows: Sequence[Window]) -> dict[str, str]:
    """Where a caller stands with their limits, as the IETF draft on RateLimit header fields writes it."""
    if not windows:
        return {}
    return {
        "ratelimit-policy": ", ".join(f'"{each.name}";q={each.quota};w={each.length_s}' for each in windows),
        "ratelimit": ", ".join(f'"{each.name}";r={each.remaining};t={each.reset_s}' for each in windows),
    }


def _readable_by_page(scope: Scope) -> dict[str, str]:
    """What lets the page that embeds the widget read the response, once its embed token was found to be for it."""
    origin = scope.get("state", {}).get("allowed_origin")
    exposed = "x-request-id, retry-after, ratelimit, ratelimit-policy"
    read = {"access-control-allow-origin": str(origin), "access-control-expose-headers": exposed} if origin else {}
    return {**read, "vary": "Origin"}


class ResponseHeaders:
    """ASGI middleware that adds `response_headers`, leaving alone what a response already says for itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs the app behind it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in response_headers(scope).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)

"""What is turned away before anything is parsed: foreign Host headers and bodies that are too large."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api.problems import problem
from assistant.errors import AssistantError, Invalid, TooLarge

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PROBES = frozenset({"/healthz", "/readyz"})


class MisdirectedHost(Invalid):
    """The request names a host this service does not answer for."""

    status = 421
    type = "misdirected-host"
    title = "Not a host of this service"


class HostCheck:
    """ASGI middleware that answers only to known names, so that a web page cannot reach us by renaming itself.

    That trick is DNS rebinding. Probes are let through under any name: they tell nothing and come by address.
    """

    def __init__(self, app: ASGIApp, *, allowed_hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._names = LOOPBACK | {name.strip().strip("[]").lower() for name in allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs the app behind it, or refuses."""
        if scope["type"] not in {"http", "websocket"} or scope["path"] in _PROBES or self._knows(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "unknown host"})
        else:
            refusal = MisdirectedHost("this service does not answer to that Host; name it in ASSISTANT_ALLOWED_HOSTS")
            await problem(refusal, scope)(scope, receive, send)

    def _knows(self, scope: Scope) -> bool:
        sent = Headers(scope=scope).getlist("host")
        return "*" in self._names or (len(sent) == 1 and _name(sent[0]) in self._names)


class BodyLimit:
    """ASGI middleware that refuses a body over the limit, as announced or as soon as it has grown past it."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, larger: Mapping[str, int] | None = None) -> None:
        """`larger` holds the paths that take more, with how much."""
        self._app = app
        self._max = max_body_bytes
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs the app behind it, or refuses."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._larger.get(scope["path"], self._max)
        refusal = _refusal(Headers(scope=scope).get("content-length", "0"), most)
        if refusal is not None:
            await problem(refusal, scope)(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise _too_large(most)
            return message

        await self._app(scope, receive_counted, send)


def _refusal(announced: str, most: int) -> AssistantError | None:
    if not (announced.isascii() and announced.isdigit()):
        return Invalid("the Content-Length header is not a number")
    return _too_large(most) if int(announced[:20]) > most else None


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"the body is larger than {most} bytes; send less, or documents in several requests")


def _name(host: str) -> str:
    """The name in a Host header, without its port: `LOCALHOST:8080` → `localhost`, `[::1]:80` → `::1`."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].removesuffix(".").lower()

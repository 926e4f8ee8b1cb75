"""The address of the console: `/console`, its sign-in page, and who may pass.

NiceGUI is one application per process, takes a second to load and is not needed until somebody opens the console: so
it is loaded then, beside the event loop.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from assistant.api.callers import SESSION_COOKIE
from assistant.console.tongues import THEME_COOKIE, reader, tongue_of, words
from assistant.errors import Unauthenticated, Unavailable

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from assistant.console.desk import Desk

PATH = "/console"
DESK = "console.desk"
"""Where a request's scope holds the desk."""
_ROUTE = SimpleNamespace(path=PATH)
"""What the log and the metrics call every request to the console."""
_HERE = Path(__file__).parent
# Vue compiles templates in the browser and NiceGUI writes its start into the page: both need what `unsafe` allows.
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_A_YEAR = "public, max-age=31536000, immutable"


class Console:
    """ASGI application below `/console`."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._opening = desk, asyncio.Lock()
        self._house: ASGIApp | None = None
        self._stack = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the sign-in page and the style itself, and gives the rest to whoever is signed in."""
        scope[DESK], scope["route"] = self._desk, _ROUTE
        connection = HTTPConnection(scope)
        reader.set(connection)
        if scope["type"] == "websocket" and not _same_origin(connection):
            await send({"type": "websocket.close", "code": 1008, "reason": "another site"})
            return
        if scope["type"] == "http" and (own := _own_page(Request(scope), self._desk)):
            await own(scope, receive, _securing(send))
            return
        if not await self._signed_in(connection):
            await _to_sign_in(scope, receive, send)
            return
        await (await self._opened())(scope, receive, _securing(send))
        scope["route"] = _ROUTE  # Again: the pages have routes of their own, which would read as the API's.

    async def _signed_in(self, connection: HTTPConnection) -> bool:
        if connection.scope["path"].startswith(f"{PATH}/_nicegui/"):
            return True  # Scripts and fonts of the library, which tell nothing.
        try:
            await self._desk.sessions.find(connection.cookies.get(SESSION_COOKIE, ""))
        except Unauthenticated:
            return False
        return True

    async def _opened(self) -> ASGIApp:
        async with self._opening:
            if self._house is None:
                opened = await asyncio.to_thread(_house)
                self._house = await self._stack.enter_async_context(opened())
        return self._house

    async def aclose(self) -> None:
        """Ends what runs for the pages."""
        self._house = None
        await self._stack.aclose()


def add_console(app: FastAPI, desk: Desk) -> Console:
    """Mounts the console on `app`; the caller closes what it returns when the application ends."""
    console = Console(desk)

    @app.get(PATH, include_in_schema=False)
    async def without_slash() -> Response:
        return RedirectResponse(f"{PATH}/", 307)

    app.mount(PATH, console, name="console")
    return console


def add_signpost(app: FastAPI, address: str, *, port: int) -> None:
    """Sends whoever asks for the console to where it runs in a process of its own.

    That is `address`, or where that is empty `port` of the host they asked; with neither it is told how to start one.
    """

    @app.get(PATH, include_in_schema=False)
    @app.get(PATH + "/{path:path}", include_in_schema=False)
    async def elsewhere(request: Request, path: str = "") -> Response:
        if not address and not port:
            raise Unavailable("the console is not served by this process; start it with `assistant console`")
        host = address.rstrip("/") or f"{request.url.scheme}://{_host(request)}:{port}"
        return RedirectResponse(f"{host}{PATH}/{quote(path)}", 307)


def style_address() -> str:
    """The path of the style below the console; another one whenever it changes."""
    return f"/_/{_style()[1]}.css"


def _house() -> Callable[[], AbstractAsyncContextManager[ASGIApp]]:
    from assistant.console.house import opened

    return opened


@lru_cache(maxsize=1)
def _style() -> tuple[str, str]:
    text = (_HERE / "style.css").read_text(encoding="utf-8")
    return text, hashlib.sha256(text.encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True)


def _own_page(request: Request, desk: Desk) -> Response | None:
    path = request.url.path.removeprefix(PATH)
    if path == style_address():
        return Response(_style()[0], media_type="text/css", headers={"cache-control": _A_YEAR})
    if path != "/signin":
        return None
    say = words(tongue_of(request), "signin")
    page = _templates().get_template("signin.html").render(
        say=say, style=PATH + style_address(), then=_within(request.query_params.get("then", "")), oidc=desk.oidc,
        theme=request.cookies.get(THEME_COOKIE, "auto"),
    )  # fmt: skip
    return HTMLResponse(page)


async def _to_sign_in(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": "nobody is signed in"})
        return
    request = Request(scope)
    wants_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    then = quote(request.url.path)
    refusal: Response = PlainTextResponse("nobody is signed in", 401)
    response = RedirectResponse(f"{PATH}/signin?then={then}", 303) if wants_page else refusal
    await response(scope, receive, _securing(send))


def _within(then: str) -> str:
    """A place in the console; anything else becomes its first page."""
    split = urlsplit(then)
    inside = not split.scheme and not split.netloc and (split.path == PATH or split.path.startswith(f"{PATH}/"))
    return then if inside and "\\" not in then else f"{PATH}/"


def _host(request: Request) -> str:
    name = request.url.hostname or "localhost"
    return f"[{name}]" if ":" in name else name


def _same_origin(connection: HTTPConnection) -> bool:
    """Browsers open a socket for any site that asks, with the cookies; so the site must be ours."""
    headers = Headers(scope=connection.scope)
    return urlsplit(headers.get("origin", "")).netloc.lower() == headers.get("host", "").lower()


def _securing(send: Send) -> Send:
    async def secured(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"content-security-policy", _POLICY.encode())]}
        await send(message)

    return secured

"""A service with the widget, a wire to it that can be cut, and pages of other people's sites that embed it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import escape

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from assistant.access import Allowance
from assistant.models import ScriptedChat
from assistant.parts import Parts
from assistant.widget import assemble

STRICT = "default-src 'none'; script-src {0}; connect-src {0}; style-src {0}; frame-src {0}"
"""What the most careful page allows: our host, for what the widget needs, and nothing else."""
LOUD = "* { color: red !important; font: 40px cursive !important; letter-spacing: 9px; text-transform: uppercase }"


@dataclass
class Wire:
    """Passes bytes on to a port; `cut` ends every connection, `down` refuses new ones."""

    port: int
    down: bool = False
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.down:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        self._open |= {writer, back}
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        self._open -= {writer, back}

    def cut(self) -> None:
        for each in self._open:
            each.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


@dataclass(frozen=True)
class Site:
    """Where everything is, and what the model will say."""

    address: str
    """Of the service, by the wire."""
    shop: str
    """Origin of the pages that embed it."""
    elsewhere: str
    """The same pages under another origin, which no token names."""
    wire: Wire
    model: ScriptedChat
    parts: Parts

    async def token(self, vertical: str = "shop", **allowance: int) -> str:
        origins = [self.shop, self.address]
        created = await self.parts.keys.create_embed("page", vertical, origins, allowance=Allowance(**allowance))
        return created.secret

    def page(
        self, token: str, vertical: str = "shop", *, kind: str = "tag", origin: str | None = None, **more: str
    ) -> str:
        """The address of a page that embeds the widget; `more` goes into its tag as data-…"""
        wanted = "&".join(f"{name}={value}" for name, value in {"token": token, "vertical": vertical, **more}.items())
        return f"{origin or self.shop}/{kind}?{wanted}"


def pages_of(address: str) -> Starlette:
    """Pages of a shop that embed the widget served at `address`."""

    async def tag(request: Request) -> Response:
        given = " ".join(f'data-{name}="{escape(value)}"' for name, value in request.query_params.items())
        pinned = assemble().launcher
        where = f'src="{address}{pinned.path}" integrity="{pinned.integrity}"'
        script = f'<script {where} crossorigin="anonymous" {given} defer></script>'
        return _page(script, STRICT.format(address))

    async def module(request: Request) -> Response:
        return _page('<script type="module" src="/own.js"></script>', STRICT.format(f"{address} 'self'"))

    async def own(request: Request) -> Response:
        text = f'import {{ mount }} from "{address}/widget.mjs"; window.mount = mount;'
        return Response(text, media_type="text/javascript")

    async def frame(request: Request) -> Response:
        token, vertical = request.query_params["token"], request.query_params["vertical"]
        where = f"{address}/widget/{vertical}?token={token}"
        return _page(
            f'<iframe src="{where}" title="Assistant" width="420" height="640"></iframe>', STRICT.format(address)
        )

    async def loud(request: Request) -> Response:
        given = " ".join(f'data-{name}="{escape(value)}"' for name, value in request.query_params.items())
        return _page(
            f"<style>{LOUD}</style><script src='{address}/widget.js' {given} defer></script>",
            "default-src * 'unsafe-inline'",
        )

    async def icon(request: Request) -> Response:
        return Response(status_code=204)

    async def bare(request: Request) -> Response:
        return _page("", STRICT.format(address))

    routes = {
        "tag": tag,
        "module": module,
        "own.js": own,
        "frame": frame,
        "loud": loud,
        "bare": bare,
        "favicon.ico": icon,
    }
    return Starlette(routes=[Route(f"/{name}", page) for name, page in routes.items()])


def _page(body: str, policy: str) -> HTMLResponse:
    html = (
        "<!doctype html><html lang='en'><head><title>Shop</title><meta name='viewport' "
        f"content='width=device-width'></head><body><main><h1>Shop</h1><p id='own'>Words of the shop.</p></main>{body}"
    )
    return HTMLResponse(html, headers={"content-security-policy": policy})


@asynccontextmanager
async def serving(app: object) -> AsyncIterator[int]:
    """The port of `app`, served in this loop until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))  # type: ignore[arg-type]
    running = asyncio.create_task(server.serve([listening]))
    while not server.started:  # noqa: ASYNC110 — what uvicorn does can only be watched
        await asyncio.sleep(0.01)
    yield listening.getsockname()[1]
    server.should_exit = server.force_exit = True
    await running

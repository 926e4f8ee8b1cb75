"""The addresses of the widget: `/widget.js` and its pinned files, a page for frames, and a demo page per vertical."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

from assistant.api import Services, VerticalCard
from assistant.api.theme import theme_css
from assistant.errors import Forbidden, NotFound, UnknownVertical
from assistant.widget.assembling import Script, Scripts, assemble
from assistant.widget.pages import demo_page, frame_page
from assistant.widget.showcase import SHEET, folder_of, read_showcase

FILES = Path(__file__).parent / "pages"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors {}"
)
_A_YEAR = "public, max-age=31536000, immutable"
_PICTURE = "image/svg+xml"


def add_widget(app: FastAPI, services: Services, *, knowledge_dir: Path) -> None:
    """Adds the scripts and pages; the demo pages are read from `knowledge_dir`."""
    scripts = assemble()
    app.include_router(_scripts_router(scripts))
    app.include_router(_pages_router(services, scripts, knowledge_dir))
    app.mount("/demo/_", StaticFiles(directory=FILES), name="pages")  # No vertical's name begins with an underscore.
    app.include_router(_demo_files_router(services, knowledge_dir))


def _scripts_router(scripts: Scripts) -> APIRouter:
    """The scripts, which any page may load: they hold no secret and do nothing without a token."""
    router = APIRouter(include_in_schema=False)
    pinned = {script.path: script for script in scripts.all}

    @router.get("/widget.js")
    async def launcher(request: Request) -> Response:
        return _served(scripts.launcher, request, cache="no-cache")

    @router.get("/widget.mjs")
    async def module(request: Request) -> Response:
        return _served(scripts.module, request, cache="no-cache")

    @router.get("/widget.json")
    async def pins() -> dict[str, Any]:
        return {
            name: {"src": script.path, "integrity": script.integrity}
            for name, script in (("script", scripts.launcher), ("module", scripts.module))
        }

    @router.get("/widget-{digest}.js")
    async def by_digest(digest: str, request: Request) -> Response:
        script = pinned.get(f"/widget-{digest}.js")
        if script is None:
            raise NotFound("this version of the widget is not served any more; /widget.json names the present one")
        return _served(script, request, cache=_A_YEAR)

    return router


def _pages_router(services: Services, scripts: Scripts, knowledge_dir: Path) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/widget/{vertical}")
    async def frame(vertical: str, token: Annotated[str, Query(max_length=100)]) -> HTMLResponse:
        """The conversation alone; only the pages that its embed token names may frame it."""
        card = _card(services, vertical)
        key = await services.keys.authenticate(token)
        if key.origins is None:
            raise Forbidden("a page takes an embed token, which `assistant keys embed` makes; a key is a secret")
        return _page(frame_page(card, token, scripts.window), framed_by=" ".join(key.origins))

    @router.get("/demo/{vertical}")
    async def demo(vertical: str) -> HTMLResponse:
        card = _card(services, vertical)
        folder = folder_of(knowledge_dir, card.name)
        showcase = read_showcase(folder, title=card.title, suggestions=card.suggestions)
        return _page(demo_page(card, showcase, scripts.launcher), framed_by="'self'")

    return router


def _demo_files_router(services: Services, knowledge_dir: Path) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/demo/{vertical}/theme.css")
    async def theme(vertical: str) -> Response:
        """The vertical's colours, and whatever its own page.css adds."""
        card = _card(services, vertical)
        own = folder_of(knowledge_dir, card.name) / SHEET
        text = theme_css(card.accent) + (own.read_text(encoding="utf-8") if own.is_file() else "")
        return Response(text, media_type="text/css", headers={"cache-control": "no-cache"})

    @router.get("/demo/{vertical}/{name}.svg")
    async def picture(vertical: str, name: str) -> Response:
        folder = folder_of(knowledge_dir, _card(services, vertical).name)
        found = next((file for file in folder.glob("*.svg") if file.name == f"{name}.svg"), None)
        if found is None:
            raise NotFound(f"there is no picture {name[:64]!r}")
        return Response(found.read_bytes(), media_type=_PICTURE, headers={"cache-control": "no-cache"})

    return router


def _served(script: Script, request: Request, *, cache: str) -> Response:
    etag = f'"{script.path}"'
    headers = {
        "cache-control": cache,
        "etag": etag,
        "access-control-allow-origin": "*",  # What `integrity` and modules of another origin need.
        "cross-origin-resource-policy": "cross-origin",
        "vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    gzipped = "gzip" in request.headers.get("accept-encoding", "")
    content = script.gzipped if gzipped else script.text.encode()
    return Response(
        content,
        media_type="text/javascript; charset=utf-8",
        headers={**headers, "content-encoding": "gzip"} if gzipped else headers,
    )


def _page(html: str, *, framed_by: str) -> HTMLResponse:
    headers = {"content-security-policy": _POLICY.format(framed_by), "cache-control": "no-cache"}
    return HTMLResponse(html, headers=headers)


def _card(services: Services, name: str) -> VerticalCard:
    found = next((card for card in services.verticals() if card.name == name), None)
    if found is None:
        raise UnknownVertical(f"no vertical {name[:64]!r} is served here")
    return found

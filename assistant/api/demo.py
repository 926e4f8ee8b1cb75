"""`GET /demo/{vertical}`: a plain page that asks one vertical and shows how its answer stands on its sources."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

from assistant.api.services import Services, VerticalCard
from assistant.api.theme import theme_css
from assistant.errors import UnknownVertical

PAGES = Path(__file__).parent / "pages"


def add_demo(app: FastAPI, services: Services) -> None:
    """Adds the page of each vertical, and the files they share."""
    app.mount("/demo/_", StaticFiles(directory=PAGES), name="pages")  # No vertical's name begins with an underscore.
    app.include_router(_demo_router(services))


def _demo_router(services: Services) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    page = Template((PAGES / "page.html").read_text(encoding="utf-8"))

    @router.get("/demo/{vertical}")
    async def demo(vertical: str) -> HTMLResponse:
        card = _card(services, vertical)
        filled = page.substitute({name: escape(value) for name, value in _places(card).items()})
        return HTMLResponse(filled, headers={"cache-control": "no-cache"})

    @router.get("/demo/{vertical}/theme.css")
    async def theme(vertical: str) -> Response:
        return Response(theme_css(_card(services, vertical).accent), media_type="text/css")

    return router


def _card(services: Services, name: str) -> VerticalCard:
    found = next((card for card in services.verticals() if card.name == name), None)
    if found is None:
        raise UnknownVertical(f"no vertical {name[:64]!r} is served here")
    return found


def _places(card: VerticalCard) -> dict[str, str]:
    """What the page's places are filled with; each is escaped before."""
    return {
        "name": card.name,
        "title": card.title,
        "language": card.language,
        "notice": card.notice,
        "disclaimer": card.disclaimer or "",
        "tasks": " ".join(card.tasks),
    }

"""The one NiceGUI application of this process, which every console of it shares. Importing it takes a second."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from nicegui import app as pages
from nicegui import ui
from starlette.types import ASGIApp

from assistant.console.pages import ADD_PAGES

_RECONNECT_S = 10.0
"""How long a page may be out of reach, as over a train's network, before its state is given up."""
_house = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
_guests = 0
_life = None


def _furnish() -> None:
    for add in ADD_PAGES:
        add()
    # No storage secret: nothing is kept for a browser but what it keeps itself, its theme and language.
    ui.run_with(_house, title="Console", tailwind=False, show_welcome_message=False, reconnect_timeout=_RECONNECT_S)


_furnish()


@asynccontextmanager
async def opened() -> AsyncIterator[ASGIApp]:
    """The application, started for the first who asks and stopped with the last."""
    global _guests, _life
    if _guests == 0:
        _life = _house.router.lifespan_context(_house)
        await _life.__aenter__()
    _guests += 1
    try:
        yield pages
    finally:
        _guests -= 1
        if _guests == 0 and _life is not None:
            await _life.__aexit__(None, None, None)

"""What the console hands over as files: the audit chain, evidence packs, decision records; to whoever may have them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from fastapi import Request
from fastapi.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from nicegui import app
from starlette.background import BackgroundTask

from assistant.access import Caller
from assistant.api.callers import SESSION_COOKIE
from assistant.auditing import period_of
from assistant.console.desk import Desk
from assistant.console.door import DESK
from assistant.database import utc_now
from assistant.errors import AssistantError, Forbidden, NotFound
from assistant.records.exports import Format

DECISION = "/models/choice/{run}/{vertical}/decision.{form}"
EXPORT, PACK = "/audit/records.{form}", "/audit/evidence-pack.zip"
_MEDIA = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}


def add_downloads() -> None:
    """Registers the addresses of the files."""

    @app.get(EXPORT)
    async def export(request: Request, form: Format) -> Response:
        try:
            pieces = await _desk(request).audits.export(form, await _caller(request))
        except AssistantError as error:
            return _refused(error)
        return StreamingResponse(_encoded(pieces), media_type=_MEDIA[form], headers=_saved(f"audit-records.{form}"))

    @app.get(PACK)
    async def pack(request: Request, first: str, last: str) -> Response:
        folder = TemporaryDirectory(prefix="evidence-pack-")
        try:
            period = period_of(first, last, today=utc_now().date())
            name = f"evidence-pack-{period.first}-to-{period.last}"
            made = Path(folder.name) / name
            await _desk(request).audits.pack(period, made, await _caller(request))
        except AssistantError as error:
            folder.cleanup()
            return _refused(error)
        archive = await asyncio.to_thread(shutil.make_archive, str(made), "zip", folder.name, name)
        return FileResponse(archive, filename=f"{name}.zip", background=BackgroundTask(folder.cleanup))

    @app.get(DECISION)
    async def decision(request: Request, run: str, vertical: str, form: Literal["json", "html"]) -> Response:
        try:
            kept = await _desk(request).choosing.run(run, vertical, await _caller(request))
            file = kept.folder / f"decision.{form}"
            if not file.is_file():
                raise NotFound(f"nothing was decided on the run {kept.name!r} of {kept.vertical!r} yet")
        except AssistantError as error:
            return _refused(error)
        # Saved, never shown: a page from here could act as whoever is signed in.
        name = f"decision-{kept.vertical}-{kept.name}.{form}"
        return FileResponse(file, filename=name, headers={"cache-control": "no-store"})


def _desk(request: Request) -> Desk:
    desk: Desk = request.scope[DESK]
    return desk


async def _caller(request: Request) -> Caller:
    """Who asks; raises Forbidden where another site's page made the browser ask."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise Forbidden("another site asks for this; open it from the console")
    session = await _desk(request).sessions.find(request.cookies.get(SESSION_COOKIE, ""))
    return session.person.caller()


def _refused(error: AssistantError) -> Response:
    return PlainTextResponse(str(error), error.status)


def _saved(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}


async def _encoded(pieces: AsyncIterator[str]) -> AsyncIterator[bytes]:
    async for piece in pieces:
        yield piece.encode()

"""`POST /v1/files`: a document in, its text out, ready to be sent along with a question."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from assistant.access import allow
from assistant.api.callers import caller
from assistant.api.openapi import keyed, responses
from assistant.api.problems import InvalidField
from assistant.api.services import Services
from assistant.api.shown import ReadFile
from assistant.errors import Unavailable
from assistant.knowledge import MAX_BYTES, read_upload

PATH = "/v1/files"
MAX_UPLOAD_BYTES = MAX_BYTES + 64 * 1024  # A file and what frames it in the form.
AT_ONCE = 2  # Each may take a GiB of memory.
IN_LINE = 8
SECONDS = 10
_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "PDF, DOCX, HTML, Markdown, CSV or text"},
        "purpose": {"type": "string", "description": "Accepted and ignored: nothing is kept."},
    },
}


class Busy(Unavailable):
    """As many files are being read and wait as may."""

    type = "busy"
    title = "Too many files at once"


def files_router(services: Services) -> APIRouter:
    """The route that reads a file."""
    router = APIRouter(tags=["chat"])
    places, present = asyncio.Semaphore(AT_ONCE), 0

    @router.post(
        PATH,
        openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}},
        responses=responses(ReadFile, "The text of the file.", *keyed()),
    )
    async def read_file(request: Request) -> dict[str, Any]:
        """The text of a file, to be sent as one of the `documents` of a question. Nothing is kept."""
        nonlocal present
        allow(await caller(services, request, visitors=True), "chat")
        name, content = await _uploaded(request)
        if present >= AT_ONCE + IN_LINE:
            raise Busy("files of others are being read; try again in a few seconds", retry_after_s=SECONDS)
        present += 1
        try:
            async with places:
                document = await run_in_threadpool(read_upload, name, content, seconds=SECONDS)
        finally:
            present -= 1
        return {"object": "document", "id": document.id, "title": document.title, "text": document.text}

    return router


async def _uploaded(request: Request) -> tuple[str, bytes]:
    """Name and content of the file in the form; raises InvalidField."""
    try:
        async with request.form(max_files=1, max_fields=4) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise InvalidField("file", "is missing; send the document as the file of a multipart/form-data form")
            return file.filename or "", await file.read()
    except HTTPException as error:
        raise InvalidField("file", f"the form cannot be read: {error.detail}") from error

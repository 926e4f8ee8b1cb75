"""`POST /v1/answers/{id}/approval`: the text of a summary or a copy as a person let it go out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field

from assistant.api.answers import AnswerId
from assistant.api.bodies import FilledText, StrictBody, described, read_body
from assistant.api.callers import caller
from assistant.api.openapi import keyed, responses
from assistant.api.services import Services
from assistant.api.shown_records import Approved
from assistant.reviewing.turns import LONGEST_SECONDS, LONGEST_TEXT


class ApprovedTextBody(StrictBody):
    """What a person made of a summary or a copy."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "The tent weighs 2.1 kg.", "seconds": 40}]})

    text: Annotated[FilledText, Field(max_length=LONGEST_TEXT)]
    """The whole text as it goes out, corrected or not."""
    seconds: Annotated[int, Field(ge=0, le=LONGEST_SECONDS)] = 0
    """How long the person worked on it."""


def approvals_router(services: Services) -> APIRouter:
    """The route by which texts are approved."""
    router = APIRouter(tags=["records"])

    @router.post(
        "/v1/answers/{answer_id}/approval",
        openapi_extra=described(ApprovedTextBody),
        responses=responses(Approved, "It is kept.", *keyed(404)),
    )
    async def approve(answer_id: AnswerId, request: Request) -> dict[str, Any]:
        """Keeps the text that a person let go out, and how much they corrected; a later one takes its place.

        For answers of this key, and with the scope review for those of any key.
        """
        who = await caller(services, request)
        body = await read_body(request, ApprovedTextBody)
        kept = await services.reviewing.approve(answer_id, body.text, who, seconds=body.seconds)
        return {
            "id": answer_id,
            "object": "answer.approval",
            "approved_at": int(kept.at.timestamp()),
            "seconds": kept.seconds,
            "word_edits": kept.word_edits,
            "character_edits": kept.character_edits,
        }

    return router

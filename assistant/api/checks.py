"""`POST /v1/checks`: the rails alone, for those who run a model of their own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ConfigDict, Field

from assistant.api.bodies import (
    MOST_ENTRIES,
    FilledText,
    StrictBody,
    Text,
    VerticalName,
    WireDocument,
    described,
    documents,
    read_body,
)
from assistant.api.callers import caller, vertical_for
from assistant.api.openapi import keyed, responses
from assistant.api.presence import CALLER_LEFT, while_connected
from assistant.api.services import Services
from assistant.api.shown_checks import CheckedText
from assistant.messages import Stage


class CheckBody(StrictBody):
    """A text to check as the service would check it at one stage."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "vertical": "feedback",
                    "stage": "output",
                    "text": "Refunds take 90 days.",
                    "evidence": [{"text": "Refunds are issued within 5 business days."}],
                }
            ]
        }
    )

    vertical: VerticalName
    stage: Stage
    text: FilledText
    evidence: Annotated[list[WireDocument], Field(max_length=MOST_ENTRIES)] = Field(default_factory=list)
    """What an output text should stand on."""
    question: Text | None = None
    """What an output text answers."""
    rail: Annotated[Text, Field(min_length=1, max_length=200)] | None = None
    """One rail to measure and decide alone; by default all of the stage."""


def checks_router(services: Services) -> APIRouter:
    """The route that checks."""
    router = APIRouter(tags=["checks"])

    @router.post(
        "/v1/checks",
        openapi_extra=described(CheckBody),
        responses=responses(CheckedText, "What the rails decide.", *keyed(404)),
    )
    async def check(request: Request) -> Response:
        """What the rails decide about a text, with scores from 0 (certainly stop) to 1 (certainly fine)."""
        who = await caller(services, request)
        body = await read_body(request, CheckBody)
        card = vertical_for(services, who, body.vertical, "check")
        services.sizes.admit_check(body.stage, body.text, question=body.question, evidence=body.evidence)
        work = services.checks.check(
            card.name,
            body.stage,
            body.text,
            evidence=documents(body.evidence),
            question=body.question,
            rail=body.rail,
        )
        finished = await while_connected(request.receive, work)
        if finished is None:
            return Response(status_code=CALLER_LEFT)
        return JSONResponse(finished.result().wire())

    return router

"""`GET /v1/answers/{id}`: the receipt of an answer."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from assistant.access import Caller, allow
from assistant.api.answers import AnswerId
from assistant.api.callers import caller
from assistant.api.openapi import keyed, responses
from assistant.api.services import Services
from assistant.api.shown_records import AnswerReceipt
from assistant.errors import NotFound
from assistant.records import Receipt


def receipts_router(services: Services) -> APIRouter:
    """The route that gives receipts."""
    router = APIRouter(tags=["records"])

    @router.get("/v1/answers/{answer_id}", responses=responses(AnswerReceipt, "The receipt.", *keyed(404)))
    async def read_receipt(answer_id: AnswerId, request: Request) -> dict[str, Any]:
        """What made an answer and what decided on it: of this key, or with the scope read-records of any key."""
        who = await caller(services, request)
        if "read-records" not in who.scopes:
            allow(who, "chat")
        receipt = await services.receipts.get(answer_id)
        if not _may_read(who, receipt):
            raise NotFound(f"there is no receipt of an answer {answer_id!r}", param="answer_id")
        return {
            "id": receipt.answer_id,
            "object": "answer.receipt",
            "conversation_id": receipt.conversation_id,
            "created_at": int(receipt.created_at.timestamp()),
            "erased": not await services.turns.keeps(receipt.answer_id),
            "sha256": receipt.digest,
            "receipt": receipt.content,
        }

    return router


def _may_read(who: Caller, receipt: Receipt) -> bool:
    everyones = "read-records" in who.scopes and (who.verticals is None or receipt.vertical in who.verticals)
    return everyones or receipt.owner == who.id

"""What the calls about webhooks, feedback and handovers give, described with an example each."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from assistant.api.examples import with_example
from assistant.records import Rating

_WEBHOOK = {
    "id": "hook-5f0c81aa9b2d7e44",
    "object": "webhook",
    "url": "https://shop.example/assistant",
    "events": ["block", "handover"],
    "verticals": ["feedback"],
    "keys": None,
    "created_at": 1764000000,
}


class Webhook(BaseModel):
    """One receiver; its secret was shown when it was made."""

    model_config = with_example(_WEBHOOK)

    id: str
    object: Literal["webhook"]
    url: str
    events: list[str]
    verticals: list[str] | None
    """Those it is told of; null for all."""
    keys: list[str] | None
    """The keys and embed tokens it is told of; null for all."""
    created_at: int | None
    """Null for one that a vertical.yaml names."""


class NewWebhook(Webhook):
    """A new receiver with its secret, which is shown this once."""

    model_config = with_example({**_WEBHOOK, "secret": "whsec_cGxlYXNlIGRvIG5vdCB1c2UgdGhpcyBleGFtcGxlISE="})

    secret: str


class WebhookList(BaseModel):
    """The receivers, oldest first."""

    model_config = with_example({"object": "list", "data": [_WEBHOOK]})

    object: Literal["list"]
    data: list[Webhook]


class WebhookDeleted(BaseModel):
    """A receiver that is told nothing more."""

    model_config = with_example({"id": "hook-5f0c81aa9b2d7e44", "object": "webhook.deleted", "deleted": True})

    id: str
    object: Literal["webhook.deleted"]
    deleted: Literal[True]


class DeliveryList(BaseModel):
    """The latest messages to one receiver, newest first."""

    model_config = with_example(
        {
            "object": "list",
            "data": [
                {
                    "id": "msg-81aa",
                    "event": "block",
                    "status": "waiting",
                    "attempts": 2,
                    "error": "it answered 500",
                    "created_at": 1764000000,
                    "finished_at": None,
                }
            ],
        }
    )

    object: Literal["list"]
    data: list[dict[str, Any]]


class FeedbackTaken(BaseModel):
    """The opinion is kept with the answer."""

    model_config = with_example({"object": "feedback", "answer_id": "ans-5f0c", "rating": "up"})

    object: Literal["feedback"]
    answer_id: str
    rating: Rating


class HandedOver(BaseModel):
    """The conversation is in a person's hands."""

    model_config = with_example(
        {
            "id": "han-7d1e",
            "object": "handover",
            "conversation_id": "con-81aa",
            "text": "Please call the practice.",
            "mailto": None,
            "created_at": 1764000000,
        }
    )

    id: str
    object: Literal["handover"]
    conversation_id: str
    text: str | None
    """What the vertical has people told."""
    mailto: str | None
    created_at: int

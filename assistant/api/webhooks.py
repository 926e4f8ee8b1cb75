"""`/v1/webhooks`: who is told what happens here, and how that goes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ConfigDict, Field

from assistant.access import Caller, allow
from assistant.api.bodies import FilledText, StrictBody, described, read_body
from assistant.api.callers import caller, vertical_for
from assistant.api.openapi import keyed, responses
from assistant.api.services import Services
from assistant.api.shown_events import DeliveryList, NewWebhook, WebhookDeleted, WebhookList
from assistant.errors import NotFound
from assistant.happenings import EventName
from assistant.jobs import Job
from assistant.webhooks import Endpoint

WebhookId = Annotated[str, Path(max_length=80, pattern=r"^[a-z0-9-]+$")]
_Key = Annotated[FilledText, Field(max_length=64)]
_STATUS = {
    "queued": "waiting",
    "running": "waiting",
    "done": "delivered",
    "failed": "given up",
    "cancelled": "given up",
}


class WebhookBody(StrictBody):
    """A receiver to be told of events."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"url": "https://shop.example/assistant", "events": ["block"], "verticals": ["feedback"]}]
        }
    )

    url: Annotated[FilledText, Field(max_length=2000)]
    """Where messages are posted."""
    events: Annotated[list[EventName], Field(min_length=1, max_length=5)]
    verticals: Annotated[list[_Key], Field(min_length=1, max_length=100)] | None = None
    """Tell only what happens in these; by default what the key may use. Batches and budgets belong to no vertical."""
    keys: Annotated[list[_Key], Field(min_length=1, max_length=100)] | None = None
    """Tell only what is done with the keys and embed tokens of these ids."""


def webhooks_router(services: Services) -> APIRouter:
    """The routes of webhooks; each needs the scope admin."""
    router = APIRouter(tags=["webhooks"])
    deliveries = services.deliveries

    @router.post(
        "/v1/webhooks",
        status_code=201,
        openapi_extra=described(WebhookBody),
        responses=responses(NewWebhook, "It is told from now on.", *keyed(404, 409), status=201),
    )
    async def create(request: Request) -> Response:
        """Registers a receiver and shows the secret that signs its messages, once."""
        who = await _admin(services, request)
        body = await read_body(request, WebhookBody)
        verticals = body.verticals
        if verticals is None and who.verticals is not None:
            verticals = sorted(who.verticals)
        for name in body.verticals or ():
            vertical_for(services, who, name, "admin", param="verticals")
        made = await deliveries.register(body.url, body.events, verticals=verticals, keys=body.keys)
        return JSONResponse({**_shown(made.endpoint), "secret": made.secret}, 201)

    @router.get("/v1/webhooks", responses=responses(WebhookList, "The receivers.", *keyed()))
    async def list_webhooks(request: Request) -> dict[str, Any]:
        """The receivers this key may see, those that a vertical.yaml names included."""
        who = await _admin(services, request)
        every = await deliveries.endpoints.list()
        return {"object": "list", "data": [_shown(each) for each in every if each.within(who.verticals)]}

    @router.delete("/v1/webhooks/{webhook_id}", responses=responses(WebhookDeleted, "It is gone.", *keyed(404, 409)))
    async def delete(webhook_id: WebhookId, request: Request) -> dict[str, Any]:
        """Deletes a receiver; what is still on its way to it is given up."""
        who = await _admin(services, request)
        await _seen(services, who, webhook_id)
        await deliveries.endpoints.delete(webhook_id)
        return {"id": webhook_id, "object": "webhook.deleted", "deleted": True}

    @router.get(
        "/v1/webhooks/{webhook_id}/deliveries", responses=responses(DeliveryList, "How they went.", *keyed(404))
    )
    async def list_deliveries(webhook_id: WebhookId, request: Request) -> dict[str, Any]:
        """The latest hundred messages to a receiver: delivered, waiting for another try, or given up, and why."""
        who = await _admin(services, request)
        await _seen(services, who, webhook_id)
        return {"object": "list", "data": [_delivery(each) for each in await deliveries.latest(webhook_id)]}

    return router


async def _admin(services: Services, request: Request) -> Caller:
    who = await caller(services, request)
    allow(who, "admin")
    return who


async def _seen(services: Services, who: Caller, webhook_id: str) -> Endpoint:
    endpoint = await services.deliveries.endpoints.get(webhook_id)
    if not endpoint.within(who.verticals):
        raise NotFound(f"there is no webhook {webhook_id[:64]!r}", param="webhook_id")
    return endpoint


def _shown(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "object": "webhook",
        "url": endpoint.url,
        "events": list(endpoint.events),
        "verticals": None if endpoint.verticals is None else list(endpoint.verticals),
        "keys": None if endpoint.keys is None else list(endpoint.keys),
        "created_at": int(endpoint.created_at.timestamp()) if endpoint.created_at else None,
    }


def _delivery(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "event": job.request["type"],
        "status": _STATUS[job.state],
        "attempts": job.attempts,
        "error": None if job.state == "done" else job.error,
        "created_at": int(job.created_at.timestamp()),
        "finished_at": int(job.finished_at.timestamp()) if job.finished_at else None,
    }

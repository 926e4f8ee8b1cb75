"""`Idempotency-Key`: a question that is sent again gets the answer it was given, from the record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

from fastapi import Request as HttpRequest

from assistant.access import Caller
from assistant.answering.events import DoneEvent, Event, replayed
from assistant.api.callers import address_of
from assistant.api.metering import metered
from assistant.api.presence import closing
from assistant.api.services import Services
from assistant.chat import Request
from assistant.errors import NotFound
from assistant.leases import keep
from assistant.messages import Answer
from assistant.records import Retry

HEADER = "idempotency-key"


async def answered_once(
    services: Services, who: Caller, http: HttpRequest, asked: Request
) -> AsyncGenerator[Event, None]:
    """The events of the answer; with an `Idempotency-Key` those of the first try, if it was finished.

    The first event raises Conflict while another try is at work, Invalid when the key came with another request.
    """
    key = http.headers.get(HEADER)
    if key is None:
        async with closing(metered(services, who, address_of(http), asked)) as events:
            async for event in events:
                yield event
        return
    request = http.url.path.encode() + b"\n" + await http.body()
    retry = await services.retries.begin(who.id, key, request, prefix="ans-")
    kept = await recorded(services, who, retry.reference)
    if kept is None and retry.finished:
        raise NotFound("the answer that this Idempotency-Key was given has been erased")
    if kept is not None:
        await services.retries.finish(retry)
        for event in replayed(kept):
            yield event
        return
    async with closing(_first(services, who, retry, address_of(http), asked)) as events:
        async for event in events:
            yield event


async def _first(
    services: Services, who: Caller, retry: Retry, address: str, asked: Request
) -> AsyncGenerator[Event, None]:
    """The events of a try that is the first to come so far; other tries wait, and come in when it makes nothing."""
    lease = keep(lambda: services.retries.renew(retry), services.retries.lease, "a request with an Idempotency-Key")
    renewing, finished = asyncio.create_task(lease), False
    try:
        asked = replace(asked, answer_id=retry.reference)
        async with closing(metered(services, who, address, asked)) as events:
            async for event in events:
                if isinstance(event, DoneEvent):
                    await services.retries.finish(retry)  # Before it leaves: who has it may send it again at once.
                    finished = True
                yield event
    finally:
        renewing.cancel()
        if not finished:
            await services.retries.drop(retry)


async def recorded(services: Services, who: Caller, answer_id: str) -> Answer | None:
    """The answer as it is on record; None where there is none of this caller's, or none any more."""
    try:
        return await services.turns.answer(answer_id, who.id)
    except NotFound:
        return None

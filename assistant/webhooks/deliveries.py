"""Deliveries: each message to each endpoint is a job, tried until it is taken or given up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from assistant.database import Clock, utc_now
from assistant.errors import TooMany
from assistant.happenings import LOCAL, EventName, Happening
from assistant.jobs import Job, Jobs, Later, Work
from assistant.short import Direct
from assistant.webhooks.endpoints import Endpoint, Endpoints
from assistant.webhooks.posting import NotDelivered, Poster
from assistant.webhooks.signing import secret_of, signed

KIND = "webhook"
KEPT = timedelta(days=30)
"""How long a delivery that is over can be looked up."""
_LONGEST_PAUSE = timedelta(hours=6)
_REST = timedelta(seconds=30)  # So that one receiver that is away does not take the time of all the others.

Read = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""What the record says of a happening's facts at the moment of its delivery."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A new endpoint and its secret, which is shown this once."""

    endpoint: Endpoint
    secret: str = field(repr=False)


class Deliveries:
    """Tells endpoints what happened: `tell` writes the jobs, `deliver` works one off."""

    def __init__(
        self,
        endpoints: Endpoints,
        jobs: Jobs,
        poster: Poster,
        *,
        secret: bytes,
        read: Mapping[EventName, Read] | None = None,
        clock: Clock = utc_now,
    ) -> None:
        """`secret` is the installation's; `read` adds text to the events that need it, when they are delivered."""
        self.endpoints, self._jobs, self._poster = endpoints, jobs, poster
        self._secret, self._read, self._clock = secret, read or {}, clock
        self._resting: dict[str, datetime] = {}

    async def register(
        self,
        url: str,
        events: Iterable[str],
        *,
        verticals: Iterable[str] | None = None,
        keys: Iterable[str] | None = None,
    ) -> Registered:
        """A new endpoint with its secret; raises Invalid when nothing may be posted to `url`."""
        self._poster.check(url)
        endpoint = await self.endpoints.create(url, events, verticals=verticals, keys=keys)
        return Registered(endpoint, self.secret_of(endpoint.id))

    def secret_of(self, endpoint_id: str) -> str:
        """What signs the messages to an endpoint."""
        return secret_of(self._secret, endpoint_id)

    async def latest(self, endpoint_id: str) -> tuple[Job, ...]:
        """The latest deliveries to an endpoint, newest first, at most a hundred."""
        return await self._jobs.list(endpoint_id, KIND)

    def tell(self, happening: Happening, direct: Direct) -> None:
        """Adds a delivery for every endpoint that wants it, in the unit of work that makes it happen."""
        if happening.owner == LOCAL:
            return
        told = {"key": happening.key, "vertical": happening.vertical, **happening.facts}
        request = {"type": happening.event, "timestamp": self._clock().isoformat(), "data": told}
        for endpoint in self.endpoints.wanting(happening, direct):
            message = hashlib.sha256(f"{endpoint.id}\n{happening.id}".encode()).hexdigest()[:32]
            self._jobs.put(direct, KIND, endpoint.id, request, job_id=f"msg-{message}")

    async def deliver(self, work: Work) -> dict[str, Any]:
        """Posts one message. Raises Later while the receiver does not take it, NotFound when the endpoint is gone."""
        endpoint = await self.endpoints.get(work.job.owner)
        now = self._clock()
        rests_until = self._resting.get(endpoint.id, now)
        if rests_until > now:
            waits_s = max(1, round((rests_until - now).total_seconds()))
            raise TooMany("an earlier message was not taken; this one waits a little", retry_after_s=waits_s)
        body = await self._body(work.job.request)
        headers = signed(self.secret_of(endpoint.id), work.job.id, now, body)
        try:
            await self._poster.post(endpoint.url, body, {**headers, "content-type": "application/json"})
        except NotDelivered as error:
            pause = _pause(work.job.attempts)
            self._resting[endpoint.id] = self._clock() + min(pause, _REST)
            raise Later(str(error), wait=pause) from error
        self._resting.pop(endpoint.id, None)
        await self._jobs.forget(endpoint.id, before=now - KEPT)
        return {"delivered_at": self._clock().isoformat()}

    async def _body(self, request: dict[str, Any]) -> bytes:
        read = self._read.get(request["type"])
        data = {**request["data"], **(await read(request["data"]) if read else {})}
        return json.dumps({**request, "data": data}, separators=(",", ":")).encode()


def _pause(attempts: int) -> timedelta:
    """2 s, 8 s, 32 s, … and never more than six hours: twelve attempts take a little more than a day."""
    return min(timedelta(seconds=2 * 4 ** (attempts - 1)), _LONGEST_PAUSE)

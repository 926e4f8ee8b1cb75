"""Endpoints: who is told of what. Registered by an admin, or named by a vertical for its handovers."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import JSON, String, Table, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Clock, Database, Moment, utc_now
from assistant.errors import Conflict, Invalid, NotFound
from assistant.happenings import EVENTS, EventName, Happening
from assistant.ledger.chain import Entry, append
from assistant.short import Direct, Short, along

HANDOFF = "handoff-"
"""How the id of a vertical's own endpoint begins; its name follows."""
MOST = 100
"""Every one of them is looked at whenever something happens."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One receiver."""

    id: str
    url: str
    events: tuple[EventName, ...]
    verticals: tuple[str, ...] | None
    """It is told what happens in these; None for all, and for what belongs to no vertical."""
    keys: tuple[str, ...] | None
    """It is told what was done with these keys and embed tokens; None for all."""
    created_at: datetime | None
    """None for one that a vertical.yaml names."""

    def wants(self, happening: Happening) -> bool:
        """Whether it is told of this."""
        return (
            happening.event in self.events
            and (self.verticals is None or happening.vertical in self.verticals)
            and (self.keys is None or happening.key in self.keys)
        )

    def within(self, verticals: frozenset[str] | None) -> bool:
        """Whether somebody who may use `verticals` (None: all) may see and delete it."""
        return verticals is None or (self.verticals is not None and set(self.verticals) <= verticals)


class Endpoints:
    """The endpoints in the database, and those that the live verticals name in `handoff.webhook`."""

    def __init__(
        self,
        database: Database,
        *,
        handoffs: Callable[[], Mapping[str, str]] = dict,
        clock: Clock = utc_now,
    ) -> None:
        """`handoffs` tells where each vertical wants its handovers posted, by its name."""
        self._database, self._handoffs, self._clock = database, handoffs, clock

    async def create(
        self,
        url: str,
        events: Iterable[str],
        *,
        verticals: Iterable[str] | None = None,
        keys: Iterable[str] | None = None,
    ) -> Endpoint:
        """A new endpoint at a `url` that was checked; raises Invalid naming an event that is none, or Conflict."""
        wanted = sorted(set(events))
        unknown = [each for each in wanted if each not in EVENTS]
        if unknown or not wanted:
            raise Invalid(f"events: {', '.join(unknown) or 'none'} cannot be told; {', '.join(EVENTS)} can")
        row = _EndpointRow(id=f"hook-{secrets.token_hex(8)}", url=url, events=wanted, created_at=self._clock())
        row.verticals, row.keys = _sorted(verticals), _sorted(keys)
        async with self._database.session() as session:
            if (await session.scalar(select(func.count()).select_from(_EndpointRow)) or 0) >= MOST:
                raise Conflict(f"there are {MOST} webhooks already; delete one first")
            session.add(row)
            # Without its address, which often holds a password.
            await append(session, Entry("webhook.created", {"webhook": row.id, "events": wanted}))
        return row.endpoint()

    async def list(self) -> tuple[Endpoint, ...]:
        """Every endpoint, oldest first, those that verticals name last."""
        async with self._database.reading() as session:
            return (*await along(session, _registered), *self._named())

    async def get(self, endpoint_id: str) -> Endpoint:
        """The endpoint of that id; raises NotFound."""
        found = next((each for each in await self.list() if each.id == endpoint_id), None)
        if found is None:
            raise NotFound(f"there is no webhook {endpoint_id[:64]!r}", param="webhook_id")
        return found

    async def delete(self, endpoint_id: str) -> None:
        """Deletes a registered endpoint; raises NotFound, or Conflict for one that a vertical.yaml names."""
        if (await self.get(endpoint_id)).created_at is None:
            raise Conflict(f"{endpoint_id!r} is named in a vertical.yaml, under handoff.webhook; take it out there")
        async with self._database.session() as session:
            row = await session.get(_EndpointRow, endpoint_id)
            if row is not None:
                await session.delete(row)
                await append(session, Entry("webhook.deleted", {"webhook": row.id}))

    def wanting(self, happening: Happening, direct: Direct) -> tuple[Endpoint, ...]:
        """Those that are told of `happening`."""
        everyone = (*_registered(direct), *self._named())
        return tuple(each for each in everyone if each.wants(happening))

    def _named(self) -> tuple[Endpoint, ...]:
        named = sorted(self._handoffs().items())
        return tuple(Endpoint(HANDOFF + name, url, ("handover",), (name,), None, None) for name, url in named)


class _EndpointRow(Base):
    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[EventName]] = mapped_column(JSON)
    verticals: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    keys: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(Moment)

    def endpoint(self) -> Endpoint:
        return _endpoint(self.id, self.url, self.events, self.verticals, self.keys, self.created_at)


_ENDPOINTS = cast(Table, _EndpointRow.__table__)
_REGISTERED = Short(select(_ENDPOINTS).order_by(_ENDPOINTS.c.created_at, _ENDPOINTS.c.id))


def _registered(direct: Direct) -> list[Endpoint]:
    return [_endpoint(*row) for row in _REGISTERED.rows(direct)]


def _endpoint(endpoint_id: str, url: str, events: Any, verticals: Any, keys: Any, created_at: datetime) -> Endpoint:
    return Endpoint(endpoint_id, url, tuple(events), _as_tuple(verticals), _as_tuple(keys), created_at)


def _as_tuple(names: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)


def _sorted(names: Iterable[str] | None) -> list[str] | None:
    return None if names is None else sorted(set(names))

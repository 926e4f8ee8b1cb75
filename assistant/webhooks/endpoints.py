"""Endpoints: who is told of what. Registered by an admin, or named by a vertical for its handovers."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, String, Text, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Clock, Database, Moment, utc_now
from assistant.errors import Conflict, Invalid, NotFound
from assistant.happenings import EVENTS, EventName, Happening
from assistant.ledger.chain import Entry, append

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
            return (*await self._registered(session), *self._named())

    async def get(self, endpoint_id: str) -> Endpoint:
        """The endpoint of that id; raises NotFound."""
        found = next((each for each in await self.list() if each.id == endpoint_id), None)
        if found is None:
            raise NotFound(f"there is no webhook {endpoint_id[:64]!r}")
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

    async def wanting(self, session: AsyncSession, happening: Happening) -> tuple[Endpoint, ...]:
        """Those that are told of `happening`."""
        everyone = (*await self._registered(session), *self._named())
        return tuple(each for each in everyone if each.wants(happening))

    async def _registered(self, session: AsyncSession) -> tuple[Endpoint, ...]:
        rows = await session.scalars(select(_EndpointRow).order_by(_EndpointRow.created_at, _EndpointRow.id))
        return tuple(row.endpoint() for row in rows)

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
        verticals = None if self.verticals is None else tuple(self.verticals)
        keys = None if self.keys is None else tuple(self.keys)
        return Endpoint(self.id, self.url, tuple(self.events), verticals, keys, self.created_at)


def _sorted(names: Iterable[str] | None) -> list[str] | None:
    return None if names is None else sorted(set(names))

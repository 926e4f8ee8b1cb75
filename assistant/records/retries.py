"""Requests that may be sent again: the same key and body give the same answer, and nothing is done twice."""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import String, delete, update
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Clock, Database, Moment, add_if_missing, utc_now
from assistant.errors import Conflict, Invalid
from assistant.leases import LEASE

KEPT = timedelta(hours=24)
"""How long a key is remembered."""
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Retry:
    """One request that may be sent again, as this try of it found it."""

    owner: str
    key: str
    reference: str
    """The id of what it makes, the same for every try."""
    finished: bool = False
    """Whether an earlier try has made it."""
    lease: str = ""


class Retries:
    """The keys in the database. They hold no text: what a request made is found by its reference, where it is kept."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock = utc_now,
        lease: timedelta = LEASE,
    ) -> None:
        self._database, self._clock, self.lease = database, clock, lease

    async def begin(self, owner: str, key: str, request: bytes, *, prefix: str) -> Retry:
        """The request, to be made now unless it is `finished`; its reference begins with `prefix`.

        Raises Invalid when the key came with another request before, Conflict while an earlier try is at work.
        """
        if not _KEY.fullmatch(key):
            raise Invalid("Idempotency-Key: 1 to 255 visible ASCII characters without spaces, such as a UUID")
        now, digest = self._clock(), hashlib.sha256(request).hexdigest()
        new = Retry(owner, key, f"{prefix}{uuid.uuid4().hex}", lease=uuid.uuid4().hex)
        async with self._database.session() as session:
            await session.execute(delete(_RetryRow).where(_RetryRow.begun_at <= now - KEPT))
            fresh = _RetryRow(owner=owner, key=key, digest=digest, reference=new.reference, lease=new.lease)
            fresh.begun_at, fresh.leased_until = now, now + self.lease
            await add_if_missing(session, fresh)
            row = await session.get_one(_RetryRow, (owner, key), with_for_update=True)
            if row.digest != digest:
                raise Invalid("Idempotency-Key: this key came with another request before; take a new one for each")
            if row.lease is None:
                return replace(new, reference=row.reference, finished=True, lease="")
            taken = row.lease != new.lease and row.leased_until > now
            if not taken:
                row.lease = new.lease
            # Also a lease that is another's: one that lasts longer was taken before the clock was set back.
            row.leased_until = min(row.leased_until, now + self.lease) if taken else now + self.lease
            reference = row.reference
        if taken:
            raise Conflict("the first request with this Idempotency-Key is still at work; send it again in a moment")
        return replace(new, reference=reference)

    async def renew(self, retry: Retry) -> bool:
        """Says that this try is still at work; False when it is another's by now."""
        return await self._change(retry, leased_until=self._clock() + self.lease)

    async def finish(self, retry: Retry) -> None:
        """From now on every try is given what this one made."""
        await self._change(retry, lease=None)

    async def drop(self, retry: Retry) -> None:
        """Forgets a try that made nothing, so that the next one is a first."""
        mine = (_RetryRow.owner == retry.owner, _RetryRow.key == retry.key, _RetryRow.lease == retry.lease)
        async with self._database.session() as session:
            await session.execute(delete(_RetryRow).where(*mine))

    async def _change(self, retry: Retry, **values: object) -> bool:
        mine = (_RetryRow.owner == retry.owner, _RetryRow.key == retry.key, _RetryRow.lease == retry.lease)
        async with self._database.session() as session:
            changed = await session.execute(update(_RetryRow).where(*mine).values(**values))
            return bool(changed.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it


class _RetryRow(Base):
    __tablename__ = "retries"

    owner: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    reference: Mapped[str] = mapped_column(String(64))
    lease: Mapped[str | None] = mapped_column(String(32))
    """What the try at work knows; None when it is finished."""
    leased_until: Mapped[datetime] = mapped_column(Moment)
    begun_at: Mapped[datetime] = mapped_column(Moment, index=True)

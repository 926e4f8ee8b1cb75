"""API keys: made once, shown once, kept as a hash, and limited to scopes and verticals."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import JSON, String, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Database, Moment
from assistant.errors import Forbidden, Invalid, NotFound, Unauthenticated

Scope = Literal["chat", "check", "read-records", "review", "approve", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

_SECRET = re.compile(r"ast_([0-9a-f]{12})_([A-Za-z0-9_-]{32})")
_LAST_USED_EVERY = timedelta(minutes=1)
_NO_DIGEST = "0" * 64


@dataclass(frozen=True, slots=True)
class Key:
    """What is known about a key; its secret is not."""

    id: str
    name: str
    """Whom or what it was made for."""
    scopes: frozenset[Scope]
    verticals: frozenset[str] | None
    """The verticals it may use; None for all, those to come included."""
    created_at: datetime
    last_used_at: datetime | None = None
    """When it was last used, exact to a minute."""
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """A new key and its secret, which can never be read again."""

    key: Key
    secret: str = field(repr=False)


class Keys:
    """The keys in the database."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._clock = clock

    async def create(self, name: str, scopes: Iterable[str], verticals: Iterable[str] | None = None) -> Created:
        """A new key; raises Invalid when the name is blank, a scope unknown, or nothing is left that it may do."""
        row = _KeyRow(
            id=secrets.token_hex(6),
            name=_checked_name(name),
            scopes=_checked_scopes(scopes),
            verticals=_checked_verticals(verticals),
            created_at=self._clock(),
        )
        random_part = secrets.token_urlsafe(24)
        row.digest = _digest(random_part)
        async with self._database.session() as session:
            session.add(row)
        return Created(row.key(), f"ast_{row.id}_{random_part}")

    async def authenticate(self, secret: str) -> Key:
        """The key this secret belongs to; raises Unauthenticated, with one message whatever was wrong with it."""
        parts = _SECRET.fullmatch(secret)
        if parts is None:
            raise _unknown()
        async with self._database.reading() as session:
            row = await session.get(_KeyRow, parts[1])
        # An id that does not exist costs the same comparison, so that the answer's time does not tell which do.
        matches = hmac.compare_digest(_digest(parts[2]), row.digest if row else _NO_DIGEST)
        if row is None or not matches or row.revoked_at is not None:
            raise _unknown()
        await self._note_use(row)
        return row.key()

    async def list(self) -> tuple[Key, ...]:
        """Every key ever made, oldest first, revoked ones included."""
        async with self._database.reading() as session:
            rows = await session.scalars(select(_KeyRow).order_by(_KeyRow.created_at, _KeyRow.id))
            return tuple(row.key() for row in rows)

    async def revoke(self, key_id: str) -> Key:
        """The key, which from now on opens nothing; revoking twice keeps the first date. Raises NotFound."""
        async with self._database.session() as session:
            row = await session.get(_KeyRow, key_id)
            if row is None:
                raise NotFound(f"there is no key {key_id!r}; `assistant keys list` shows those there are")
            row.revoked_at = row.revoked_at or self._clock()
            return row.key()

    @staticmethod
    def allow(key: Key, scope: Scope, vertical: str | None = None) -> None:
        """Returns if the key has the scope and may use the vertical, else raises Forbidden.

        Each scope stands for itself: `admin` does not include `chat`.
        """
        if scope not in key.scopes:
            has = ", ".join(sorted(key.scopes))
            raise Forbidden(f"this needs a key with the scope {scope!r}; this one has: {has}")
        if vertical is not None and key.verticals is not None and vertical not in key.verticals:
            # Worded alike whether or not such a vertical exists.
            raise Forbidden(f"this key may not use {vertical[:64]!r}; it may use: {', '.join(sorted(key.verticals))}")

    async def _note_use(self, row: _KeyRow) -> None:
        now = self._clock()
        if row.last_used_at is not None and now - row.last_used_at < _LAST_USED_EVERY:
            return
        stale = or_(_KeyRow.last_used_at.is_(None), _KeyRow.last_used_at <= now - _LAST_USED_EVERY)
        async with self._database.session() as session:
            await session.execute(update(_KeyRow).where(_KeyRow.id == row.id, stale).values(last_used_at=now))
        row.last_used_at = now


class _KeyRow(Base):
    __tablename__ = "keys"

    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    verticals: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)

    def key(self) -> Key:
        return Key(
            id=self.id,
            name=self.name,
            scopes=frozenset(scope for scope in SCOPES if scope in self.scopes),
            verticals=None if self.verticals is None else frozenset(self.verticals),
            created_at=self.created_at,
            last_used_at=self.last_used_at,
            revoked_at=self.revoked_at,
        )


def _digest(random_part: str) -> str:
    # Slow hashes protect secrets that people choose. This one is 192 random bits: it cannot be guessed however fast
    # the hash is, and a slow one would only cost every request its time.
    return hashlib.sha256(random_part.encode("ascii")).hexdigest()


def _unknown() -> Unauthenticated:
    return Unauthenticated("the key is not one we know; send it as `Authorization: Bearer ast_…`")


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 200:
        raise Invalid("a key needs a name of 1 to 200 characters that says whom it is for")
    return name


def _checked_scopes(scopes: Iterable[str]) -> list[str]:
    wanted = set(scopes)
    unknown = sorted(wanted - set(SCOPES))
    if unknown:
        raise Invalid(f"unknown scope {unknown[0]!r}; the scopes are: {', '.join(SCOPES)}")
    if not wanted:
        raise Invalid(f"a key without a scope can do nothing; the scopes are: {', '.join(SCOPES)}")
    return sorted(wanted)


def _checked_verticals(verticals: Iterable[str] | None) -> list[str] | None:
    if verticals is None:
        return None
    wanted = sorted(set(verticals))
    if not wanted:
        raise Invalid("a key limited to no vertical can do nothing; name at least one, or leave them out for all")
    return wanted

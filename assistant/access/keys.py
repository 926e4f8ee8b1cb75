"""API keys and embed tokens: made once, shown once, kept as a hash, limited to what they are for, revocable."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import JSON, ForeignKey, String, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from assistant.access.callers import SCOPES, Allowance, Caller, Scope
from assistant.access.checked import name_of, origins_of, scopes_of, verticals_of
from assistant.access.people import PersonRow
from assistant.database import Base, Clock, Database, Moment, utc_now
from assistant.errors import Invalid, NotFound, Unauthenticated
from assistant.ledger.chain import Entry, append

_SECRET = re.compile(r"(ast|asw)_([0-9a-f]{12})_([A-Za-z0-9_-]{32})")
_LAST_USED_EVERY = timedelta(minutes=1)
_NO_DIGEST = "0" * 64


@dataclass(frozen=True, slots=True)
class Key:
    """What is known about a key or an embed token; its secret is not."""

    id: str
    name: str
    """Whom or what it was made for."""
    scopes: frozenset[Scope]
    """What it may do; for a person's key no more than that person's roles allow."""
    verticals: frozenset[str] | None
    """The verticals it may use; None for all, those to come included."""
    created_at: datetime
    last_used_at: datetime | None = None
    """When it was last used, exact to a minute."""
    revoked_at: datetime | None = None
    expires_at: datetime | None = None
    person_id: str | None = None
    """Whose key it is; None for one that is nobody's."""
    origins: tuple[str, ...] | None = None
    """For an embed token, the pages that may use it; None for a key."""
    allowance: Allowance = field(default_factory=Allowance)

    def caller(self) -> Caller:
        """Whoever sends this key."""
        return self._caller(self.id, person_id=self.person_id)

    def visitor(self, secret: str | None) -> Caller:
        """One visitor of a page that sends this embed token, told from the others by a secret of their own.

        Without a secret they are somebody new each time, who finds nothing of theirs again.
        """
        proof = hashlib.sha256(f"{self.id}.{secret}".encode()).hexdigest()[:40] if secret else secrets.token_hex(20)
        return self._caller(f"{self.id}.{proof}", visitor=True)

    def _caller(self, caller_id: str, *, person_id: str | None = None, visitor: bool = False) -> Caller:
        return Caller(
            id=caller_id,
            name=self.name,
            scopes=self.scopes,
            verticals=self.verticals,
            key_id=self.id,
            person_id=person_id,
            allowance=self.allowance,
            visitor=visitor,
        )


@dataclass(frozen=True, slots=True)
class Created:
    """A new key and its secret, which can never be read again."""

    key: Key
    secret: str = field(repr=False)


class Keys:
    """The keys and embed tokens in the database."""

    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self,
        name: str,
        scopes: Iterable[str],
        verticals: Iterable[str] | None = None,
        *,
        person_id: str | None = None,
        lifetime: timedelta | None = None,
        allowance: Allowance | None = None,
    ) -> Created:
        """A new key; raises Invalid when the name is blank, a scope unknown, or nothing is left that it may do."""
        row = self._row(name, lifetime, allowance)
        row.scopes, row.verticals, row.person_id = scopes_of(scopes), verticals_of(verticals), person_id
        return await self._keep(row, "ast")

    async def create_embed(
        self,
        name: str,
        vertical: str,
        origins: Iterable[str],
        *,
        lifetime: timedelta | None = None,
        allowance: Allowance | None = None,
    ) -> Created:
        """A new embed token for visitors of pages at `origins`; raises Invalid naming the origin that is none."""
        row = self._row(name, lifetime, allowance)
        row.scopes, row.verticals, row.origins = ["chat"], verticals_of([vertical]), origins_of(origins)
        return await self._keep(row, "asw")

    async def authenticate(self, secret: str) -> Key:
        """The key this secret belongs to; raises Unauthenticated, with one message whatever was wrong with it."""
        parts = _SECRET.fullmatch(secret)
        if parts is None:
            raise _unknown()
        row, person = await self._find(parts[2])
        # An id that does not exist costs the same comparison, so that the answer's time does not tell which do.
        matches = hmac.compare_digest(_digest(parts[3]), row.digest if row else _NO_DIGEST)
        if row is None or not matches or parts[1] != row.prefix or not self._live(row, person):
            raise _unknown()
        await self._note_use(row)
        return row.key(person)

    async def caller(self, key_id: str) -> Caller:
        """Whoever holds this key now, for work that goes on without it; raises Unauthenticated when it has ended."""
        row, person = await self._find(key_id)
        if row is None or not self._live(row, person):
            raise Unauthenticated("the key that this was begun with has been revoked or has ended")
        return row.key(person).caller()

    async def list(self) -> tuple[Key, ...]:
        """Every key ever made, oldest first, revoked ones included."""
        wanted = select(_KeyRow, PersonRow).outerjoin(PersonRow, PersonRow.id == _KeyRow.person_id)
        async with self._database.reading() as session:
            rows = await session.execute(wanted.order_by(_KeyRow.created_at, _KeyRow.id))
            return tuple(row.key(person) for row, person in rows)

    async def revoke(self, key_id: str) -> Key:
        """The key, which from now on opens nothing; revoking twice keeps the first date. Raises NotFound."""
        async with self._database.session() as session:
            row = await session.get(_KeyRow, key_id)
            if row is None:
                raise NotFound(f"there is no key {key_id!r}; `assistant keys list` shows those there are")
            row.revoked_at = row.revoked_at or self._clock()
            await append(session, _act("revoked", row))
            return row.key(None)

    async def embedded_at(self, origin: str) -> bool:
        """Whether a live embed token names `origin`."""
        async with self._database.reading() as session:
            rows = await session.scalars(select(_KeyRow).where(_KeyRow.prefix == "asw", _KeyRow.revoked_at.is_(None)))
            return any(origin in (row.origins or ()) and self._live(row, None) for row in rows)

    async def _find(self, key_id: str) -> tuple[_KeyRow | None, PersonRow | None]:
        """The key's row and that of the person whose key it is."""
        async with self._database.reading() as session:
            row = await session.get(_KeyRow, key_id)
            return row, await session.get(PersonRow, row.person_id) if row and row.person_id else None

    def _row(self, name: str, lifetime: timedelta | None, allowance: Allowance | None) -> _KeyRow:
        if lifetime is not None and lifetime <= timedelta(0):
            raise Invalid("a key's lifetime must be longer than nothing; leave it out for one without an end")
        now = self._clock()
        return _KeyRow(
            id=secrets.token_hex(6),
            name=name_of(name),
            allowance=None if allowance is None else asdict(allowance),
            created_at=now,
            expires_at=now + lifetime if lifetime else None,
        )

    async def _keep(self, row: _KeyRow, prefix: str) -> Created:
        random_part = secrets.token_urlsafe(24)
        row.prefix, row.digest = prefix, _digest(random_part)
        async with self._database.session() as session:
            person = await session.get(PersonRow, row.person_id) if row.person_id else None
            if row.person_id and person is None:
                raise NotFound(f"there is no person {row.person_id!r}")
            session.add(row)
            await append(session, _act("created", row, scopes=row.scopes, person=row.person_id))
        return Created(row.key(person), f"{prefix}_{row.id}_{random_part}")

    def _live(self, row: _KeyRow, person: PersonRow | None) -> bool:
        ended = row.expires_at is not None and row.expires_at <= self._clock()
        disabled = person is not None and person.disabled_at is not None
        return row.revoked_at is None and not ended and not disabled

    async def _note_use(self, row: _KeyRow) -> None:
        now = self._clock()
        if row.last_used_at is not None and now - row.last_used_at < _LAST_USED_EVERY:
            return
        stale = or_(_KeyRow.last_used_at.is_(None), _KeyRow.last_used_at <= now - _LAST_USED_EVERY)
        async with self._database.session() as session:
            await session.execute(update(_KeyRow).where(_KeyRow.id == row.id, stale).values(last_used_at=now))
        row.last_used_at = now


def _act(what: str, row: _KeyRow, **facts: object) -> Entry:
    """For the audit chain; a key's name may be a person's."""
    kind = "embed token" if row.prefix == "asw" else "key"
    return Entry(f"key.{what}", {"key": row.id, "kind": kind, **facts})


class _KeyRow(Base):
    __tablename__ = "keys"

    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    prefix: Mapped[str] = mapped_column(String(3), server_default="ast")
    """How its secret begins: ast for a key, asw for an embed token."""
    digest: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    verticals: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    origins: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    allowance: Mapped[dict[str, int | None] | None] = mapped_column(JSON(none_as_null=True))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", name="fk_keys_person_id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)

    def key(self, person: PersonRow | None) -> Key:
        scopes = frozenset(scope for scope in SCOPES if scope in self.scopes)
        verticals = None if self.verticals is None else frozenset(self.verticals)
        if person is not None:
            scopes, verticals = person.person().limit(scopes, verticals)
        return Key(
            id=self.id,
            name=self.name,
            scopes=scopes,
            verticals=verticals,
            created_at=self.created_at,
            last_used_at=self.last_used_at,
            revoked_at=self.revoked_at,
            expires_at=self.expires_at,
            person_id=self.person_id,
            origins=None if self.origins is None else tuple(self.origins),
            allowance=Allowance(**self.allowance or {}),
        )


def _digest(random_part: str) -> str:
    # Slow hashes protect secrets that people choose. This one is 192 random bits: it cannot be guessed however fast
    # the hash is, and a slow one would only cost every request its time.
    return hashlib.sha256(random_part.encode("ascii")).hexdigest()


def _unknown() -> Unauthenticated:
    return Unauthenticated("the key is not one we know; send it as `Authorization: Bearer ast_…`")

"""People who sign in: reviewers, approvers and operators, each one person however many keys they hold."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import JSON, Select, String, Text, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.access.callers import Caller, Scope
from assistant.access.checked import name_of, verticals_of
from assistant.database import Base, Clock, Database, Moment, utc_now
from assistant.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from assistant.ledger.chain import Entry, append

Role = Literal["reviewer", "approver", "operator"]
ROLES: tuple[Role, ...] = get_args(Role)
_READS: frozenset[Scope] = frozenset({"chat", "check", "read-records"})
ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    "reviewer": _READS | {"review"},
    "approver": _READS | {"review", "approve"},
    "operator": frozenset({"read-records", "admin"}),
}
"""What each role may do. An operator runs the service and decides nothing that it says."""
MIN_PASSWORD = 12  # NIST SP 800-63B-4 asks for 8 at least and 15 where a password stands alone; length beats rules.
MAX_PASSWORD = 200
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}\.[^@\s.]{2,60}")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who may sign in."""

    id: str
    email: str
    name: str
    roles: frozenset[Role]
    verticals: frozenset[str] | None
    """The verticals they work on; None for all."""
    created_at: datetime
    disabled_at: datetime | None = None

    def caller(self) -> Caller:
        """This person in a session."""
        return Caller(f"person.{self.id}", self.name, self._scopes(), self.verticals, person_id=self.id)

    def limit(
        self, scopes: frozenset[Scope], verticals: frozenset[str] | None
    ) -> tuple[frozenset[Scope], frozenset[str] | None]:
        """What is left of a key's scopes and verticals in this person's hands."""
        if verticals is None or self.verticals is None:
            return scopes & self._scopes(), verticals if self.verticals is None else self.verticals
        return scopes & self._scopes(), verticals & self.verticals

    def _scopes(self) -> frozenset[Scope]:
        return frozenset().union(*(ROLE_SCOPES[role] for role in self.roles))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who someone is as an OpenID provider says."""

    issuer: str
    subject: str
    email: str
    email_verified: bool


class People:
    """The people in the database. An email address is compared without regard to case."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock = utc_now,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._database, self._clock = database, clock
        self._hasher = hasher or PasswordHasher()  # argon2id with RFC 9106's second recommended parameters.
        self._nobody = self._hasher.hash(uuid.uuid4().hex)

    async def add(
        self,
        email: str,
        name: str,
        roles: Iterable[str],
        verticals: Iterable[str] | None = None,
        *,
        password: str | None = None,
    ) -> Person:
        """A new person; without a password they sign in through the OpenID provider alone.

        Raises Invalid, or Conflict when the address is taken.
        """
        row = PersonRow(
            id=uuid.uuid4().hex,
            email=_checked_email(email),
            name=name_of(name, "person"),
            roles=_checked_roles(roles),
            verticals=verticals_of(verticals),
            created_at=self._clock(),
            password_digest=await self._digest(password) if password is not None else None,
        )
        async with self._database.session() as session:
            if await session.scalar(select(PersonRow.id).where(PersonRow.email == row.email)):
                raise Conflict(f"there is a person with the address {row.email!r} already")
            session.add(row)
            await append(session, _act("added", row, roles=row.roles, verticals=row.verticals))
        return row.person()

    async def list(self) -> tuple[Person, ...]:
        """Everyone ever added, oldest first."""
        async with self._database.reading() as session:
            rows = await session.scalars(select(PersonRow).order_by(PersonRow.created_at, PersonRow.id))
            return tuple(row.person() for row in rows)

    async def get(self, email: str) -> Person:
        """The person with this address; raises NotFound."""
        async with self._database.reading() as session:
            return (await _find(session, email)).person()

    async def set_roles(self, email: str, roles: Iterable[str]) -> Person:
        """The person with other roles; their keys and sessions have these from the next request on."""
        wanted = _checked_roles(roles)
        async with self._database.session() as session:
            row = await _find(session, email)
            row.roles = wanted
            await append(session, _act("roles", row, roles=wanted))
            return row.person()

    async def set_password(self, email: str, password: str) -> Person:
        """The person with another password."""
        digest = await self._digest(password)
        async with self._database.session() as session:
            row = await _find(session, email)
            row.password_digest = digest
            await append(session, _act("password", row))
            return row.person()

    async def disable(self, email: str) -> Person:
        """The person, who from now on neither signs in nor uses a key; what they did stays theirs."""
        async with self._database.session() as session:
            row = await _find(session, email)
            row.disabled_at = row.disabled_at or self._clock()
            await append(session, _act("disabled", row))
            return row.person()

    async def by_password(self, email: str, password: str) -> Person:
        """Who signs in with this; raises Unauthenticated, alike in words and in time whatever was wrong."""
        async with self._database.reading() as session:
            row = await session.scalar(_at(email))
        digest = row.password_digest if row and row.password_digest else self._nobody
        right = await asyncio.to_thread(self._verify, digest, password[: MAX_PASSWORD + 1])
        if row is None or row.password_digest is None or row.disabled_at is not None or not right:
            raise Unauthenticated("the address or the password is not right")
        return row.person()

    async def by_identity(self, identity: Identity) -> Person:
        """Who signs in as the provider says. The first time, the address decides, if the provider verified it.

        Raises Forbidden: whoever is not on our list stays out, however well they are known elsewhere.
        """
        refusal = Forbidden("nobody with this identity was added here; ask an operator: `assistant people add`")
        same = (PersonRow.issuer == identity.issuer, PersonRow.subject == identity.subject)
        async with self._database.session() as session:
            row = await session.scalar(select(PersonRow).where(*same))
            if row is None and identity.email_verified:
                by_email = select(PersonRow).where(
                    PersonRow.email == identity.email.lower(), PersonRow.issuer.is_(None)
                )
                row = await session.scalar(by_email.with_for_update())
            if row is None or row.disabled_at is not None:
                raise refusal
            row.issuer, row.subject = identity.issuer, identity.subject
            return row.person()

    async def _digest(self, password: str) -> str:
        if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
            raise Invalid(f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters; a few words in a row do well")
        return await asyncio.to_thread(self._hasher.hash, password)

    def _verify(self, digest: str, password: str) -> bool:
        try:
            return self._hasher.verify(digest, password)
        except (VerifyMismatchError, InvalidHashError):
            return False


class PersonRow(Base):
    """A person as stored; keys and sessions refer to it."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("email"), UniqueConstraint("issuer", "subject"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    email: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200))
    roles: Mapped[list[str]] = mapped_column(JSON)
    verticals: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    password_digest: Mapped[str | None] = mapped_column(Text)
    issuer: Mapped[str | None] = mapped_column(String(400))
    subject: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)

    def person(self) -> Person:
        """The record of this row, without its secrets."""
        return Person(
            id=self.id,
            email=self.email,
            name=self.name,
            roles=frozenset(role for role in ROLES if role in self.roles),
            verticals=None if self.verticals is None else frozenset(self.verticals),
            created_at=self.created_at,
            disabled_at=self.disabled_at,
        )


def _at(email: str) -> Select[PersonRow]:
    return select(PersonRow).where(PersonRow.email == email.strip().lower())


def _act(what: str, row: PersonRow, **facts: object) -> Entry:
    """For the audit chain, which names nobody but by their id."""
    return Entry(f"person.{what}", {"person": row.id, **facts})


async def _find(session: AsyncSession, email: str) -> PersonRow:
    row = await session.scalar(_at(email))
    if row is None:
        raise NotFound(f"there is no person {email[:200]!r}; `assistant people list` shows those there are")
    return row


def _checked_email(email: str) -> str:
    email = email.strip().lower()
    if not _EMAIL.fullmatch(email):
        raise Invalid(f"{email[:200]!r} is not an email address, like jane@shop.example")
    return email


def _checked_roles(roles: Iterable[str]) -> list[str]:
    wanted = set(roles)
    unknown = sorted(wanted - set(ROLES))
    if unknown or not wanted:
        found = f"unknown role {unknown[0]!r}" if unknown else "no role"
        raise Invalid(f"{found}; the roles are: {', '.join(ROLES)}")
    return sorted(wanted)

"""Sessions of people in a browser: a random token in a cookie, kept as a hash, with an end."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete
from sqlalchemy.orm import Mapped, mapped_column

from assistant.access.people import Person, PersonRow
from assistant.database import Base, Clock, Database, Moment, utc_now
from assistant.errors import Unauthenticated

IDLE = timedelta(hours=8)
LONGEST = timedelta(days=7)
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """A person signed in."""

    person: Person
    token: str = field(repr=False)
    """What the cookie holds."""

    @property
    def csrf(self) -> str:
        """What a page of ours sends beside the cookie; another site can send the cookie along, but cannot know this."""
        return hashlib.sha256(f"csrf.{self.token}".encode()).hexdigest()

    def proves(self, csrf: str) -> bool:
        """Whether a request with this session was made by a page of ours."""
        return hmac.compare_digest(self.csrf.encode(), csrf.encode())


class Sessions:
    """The sessions in the database; each ends after eight hours without a request, and after a week in any case."""

    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database, self._clock = database, clock

    async def open(self, person: Person) -> Session:
        """A new session; those that have ended are cleared away with it."""
        token, now = secrets.token_urlsafe(32), self._clock()
        async with self._database.session() as session:
            over = (_SessionRow.opened_at <= now - LONGEST) | (_SessionRow.seen_at <= now - IDLE)
            await session.execute(delete(_SessionRow).where(over))
            session.add(_SessionRow(digest=_digest(token), person_id=person.id, opened_at=now, seen_at=now))
        return Session(person, token)

    async def find(self, token: str) -> Session:
        """The session with this token; raises Unauthenticated when there is none any more."""
        now = self._clock()
        async with self._database.reading() as session:
            row = await session.get(_SessionRow, _digest(token))
            person = await session.get(PersonRow, row.person_id) if row else None
        if row is None or person is None or person.disabled_at is not None:
            raise _ended()
        if now - row.seen_at >= IDLE or now - row.opened_at >= LONGEST:
            raise _ended()
        if now - row.seen_at >= _SEEN_EVERY:
            async with self._database.session() as session:
                seen = await session.get(_SessionRow, row.digest)
                if seen is not None:
                    seen.seen_at = now
        return Session(person.person(), token)

    async def close(self, token: str) -> None:
        """Ends the session."""
        async with self._database.session() as session:
            await session.execute(delete(_SessionRow).where(_SessionRow.digest == _digest(token)))

    async def close_all(self, person: Person) -> None:
        """Ends every session of the person."""
        async with self._database.session() as session:
            await session.execute(delete(_SessionRow).where(_SessionRow.person_id == person.id))


class _SessionRow(Base):
    __tablename__ = "sessions"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _ended() -> Unauthenticated:
    return Unauthenticated("you are not signed in any more; sign in again")

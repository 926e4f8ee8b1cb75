"""Sign-offs: a person says that they looked at what the assistant did in a period, and up to which record."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Integer, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from assistant.access import Caller, allow
from assistant.auditing.periods import Period
from assistant.database import Base, Clock, Database, Moment, utc_now
from assistant.errors import Forbidden, Invalid
from assistant.ledger.chain import Entry, append, head, hold

LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class SignOff:
    """One person's word that they looked at the activity of a period."""

    id: str
    person_id: str
    period: Period
    verticals: frozenset[str] | None
    """Those the person works on and so could look at; None for all."""
    note: str
    """What they found; may be empty."""
    through: int
    """The last record of the audit chain at that moment: what came later they cannot have seen."""
    digest: str
    """Of that record."""
    signed_at: datetime


class SignOffs:
    """The sign-offs in the database; only ever added."""

    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database, self._clock = database, clock

    async def sign(self, period: Period, by: Caller, *, note: str = "") -> SignOff:
        """The sign-off, also written into the audit chain, which names the person by their id.

        Raises Forbidden for a key that is nobody's, Invalid for a period that is not over or too long a note.
        """
        allow(by, "review")
        if by.person_id is None:
            raise Forbidden(
                "a person signs, and the key is nobody's: `assistant keys create NAME --person EMAIL --scope review`"
            )
        now, note = self._clock(), note.strip()
        if period.last > now.date():
            raise Invalid(f"the period ends on {period.last}, which is still to come; it is signed when it is over")
        if len(note) > LONGEST_NOTE:
            raise Invalid(f"the note has {len(note)} characters; {LONGEST_NOTE} are the most")
        verticals = None if by.verticals is None else sorted(by.verticals)
        async with self._database.session() as session:
            await hold(session)
            seen = await head(session)
            row = SignOffRow(
                id=f"sign-{uuid.uuid4().hex}",
                person_id=by.person_id,
                first=period.first,
                last=period.last,
                verticals=verticals,
                note=note,
                through=seen.sequence,
                digest=seen.digest,
                signed_at=now,
            )
            session.add(row)
            # The note stays out: a chain that nobody may ever edit is no place for what people write freely.
            facts = {"signoff": row.id, "person": by.person_id, "verticals": verticals, "through": seen.sequence}
            days = {"from": period.first.isoformat(), "to": period.last.isoformat()}
            await append(session, Entry("activity.signed", {**facts, **days}))
        return row.signoff()

    async def list(self, by: Caller) -> tuple[SignOff, ...]:
        """Every sign-off, the latest first."""
        allow(by, "review")
        return await self.all()

    async def all(self, overlapping: Period | None = None) -> tuple[SignOff, ...]:
        """Every sign-off, or those whose days are partly in a period; the latest first."""
        wanted = select(SignOffRow).order_by(SignOffRow.signed_at.desc(), SignOffRow.id)
        if overlapping is not None:
            wanted = wanted.where(SignOffRow.first <= overlapping.last, SignOffRow.last >= overlapping.first)
        async with self._database.reading() as session:
            return tuple(row.signoff() for row in await session.scalars(wanted))


class SignOffRow(Base):
    """A sign-off as stored."""

    __tablename__ = "activity_signoffs"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    first: Mapped[date] = mapped_column(Date)
    last: Mapped[date] = mapped_column(Date)
    verticals: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    note: Mapped[str] = mapped_column(Text)
    through: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))
    digest: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime] = mapped_column(Moment)

    def signoff(self) -> SignOff:
        """The record of this row."""
        verticals = None if self.verticals is None else frozenset(self.verticals)
        return SignOff(
            self.id,
            self.person_id,
            Period(self.first, self.last),
            verticals,
            self.note,
            self.through,
            self.digest,
            self.signed_at,
        )

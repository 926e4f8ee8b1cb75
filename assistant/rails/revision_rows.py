"""Revisions as stored: contents by digest, states of folders, proposals, what is live, and what was done by whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, Moment


class ContentRow(Base):
    """The content of a file; kept once, whatever the number of states that hold it."""

    __tablename__ = "revision_contents"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class TreeRow(Base):
    """One state of a folder; never changed but for the marks below."""

    __tablename__ = "revision_trees"

    digest: Mapped[str] = mapped_column(String(80), primary_key=True)
    folder: Mapped[str] = mapped_column(String(80), index=True)
    files: Mapped[dict[str, str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Moment)
    sound_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was published with two people behind it; what only an emergency published is not sound until reviewed."""
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)


class ProposalRow(Base):
    """A change to a folder that somebody works on, or that has been decided."""

    __tablename__ = "revision_proposals"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    folder: Mapped[str] = mapped_column(String(80), index=True)
    title: Mapped[str] = mapped_column(String(200))
    author_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    parent: Mapped[str | None] = mapped_column(ForeignKey("revision_trees.digest"))
    digest: Mapped[str | None] = mapped_column(ForeignKey("revision_trees.digest"))
    """What was handed in; None while it is still written."""
    state: Mapped[str] = mapped_column(String(16))
    approver_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    emergency: Mapped[str | None] = mapped_column(Text)
    """Why it was published without approval; None where it was not."""
    reviewed_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)


class DraftFileRow(Base):
    """A file as the author of a proposal has it now; kept at every pause of their typing."""

    __tablename__ = "revision_draft_files"

    proposal_id: Mapped[str] = mapped_column(ForeignKey("revision_proposals.id", ondelete="CASCADE"), primary_key=True)
    path: Mapped[str] = mapped_column(String(255), primary_key=True)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    """None where the file is to go."""
    saved_at: Mapped[datetime] = mapped_column(Moment)


class LiveRow(Base):
    """Which state of a folder is served."""

    __tablename__ = "revision_live"

    folder: Mapped[str] = mapped_column(String(80), primary_key=True)
    digest: Mapped[str] = mapped_column(ForeignKey("revision_trees.digest"))
    proposal_id: Mapped[str | None] = mapped_column(ForeignKey("revision_proposals.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    since: Mapped[datetime] = mapped_column(Moment)


class ExaminationRow(Base):
    """What trials of a state found, beside the other folders as they then were."""

    __tablename__ = "revision_examinations"

    digest: Mapped[str] = mapped_column(ForeignKey("revision_trees.digest"), primary_key=True)
    surroundings: Mapped[str] = mapped_column(String(64), primary_key=True)
    passed: Mapped[bool]
    found: Mapped[dict[str, Any]] = mapped_column(JSON)
    ran_at: Mapped[datetime] = mapped_column(Moment)


class ActRow(Base):
    """One thing that a person did; only ever added."""

    __tablename__ = "revision_acts"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    act: Mapped[str] = mapped_column(String(16))
    folder: Mapped[str] = mapped_column(String(80), index=True)
    proposal_id: Mapped[str | None] = mapped_column(String(40), index=True)
    digest: Mapped[str | None] = mapped_column(String(80))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    note: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)

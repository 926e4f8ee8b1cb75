"""Changes that people work on: each a draft of its author's own on a named parent, kept as they type."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.access import Caller, Scope, allow
from assistant.database import Clock, Database, utc_now
from assistant.errors import Conflict, Forbidden, Invalid, RevisionConflict, UnknownRevision
from assistant.rails.acts import ActName, Tell, nobody, note_act
from assistant.rails.revision_rows import ContentRow, DraftFileRow, LiveRow, ProposalRow
from assistant.rails.snapshots import keep_tree, live_in, tree_in
from assistant.rails.trees import Tree, brought_together, changes, check_file, content_digest, folder_of, vertical_of

State = Literal["draft", "submitted", "approved", "published", "discarded"]
MAX_FILES = 1000


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change to one folder."""

    id: str
    folder: str
    title: str
    author_id: str
    parent: str | None
    """Digest of the state that it changes; None for the first of its folder."""
    digest: str | None
    """Digest of the state that was handed in; None while it is written."""
    state: State
    approver_id: str | None
    emergency: str | None
    """Why it was published before anybody else had seen it."""
    reviewed_at: datetime | None
    """When another person had looked at what an emergency published."""
    created_at: datetime
    changed_at: datetime

    @property
    def flagged(self) -> bool:
        """Whether it was published in an emergency and nobody else has looked at it yet."""
        return self.emergency is not None and self.state == "published" and self.reviewed_at is None


def answerable(by: Caller, scope: Scope, folder: str) -> str:
    """The person behind `by`, if they may do such a thing to `folder`.

    Raises Forbidden; also for a key that is nobody's, because a person answers for what the assistant says.
    """
    vertical = vertical_of(folder)
    allow(by, scope, vertical)
    if vertical is None and by.verticals is not None:
        raise Forbidden("the shared rails are those of every vertical; this needs a key for all of them")
    if by.person_id is None:
        raise Forbidden(
            "a person answers for this, and the key is nobody's: `assistant keys create NAME --person EMAIL`"
        )
    return by.person_id


class Proposals:
    """What is proposed. Only its author writes in a draft, so that two who edit at once never meet in one."""

    def __init__(self, database: Database, *, tell: Tell = nobody, clock: Clock = utc_now) -> None:
        self._database, self._tell, self._clock = database, tell, clock

    async def list(self, by: Caller, *, folder: str | None = None) -> tuple[Proposal, ...]:
        """The proposals this caller may see, those changed last first."""
        allow(by, "review")
        wanted = select(ProposalRow).order_by(ProposalRow.changed_at.desc(), ProposalRow.id)
        if folder is not None:
            wanted = wanted.where(ProposalRow.folder == folder)
        async with self._database.reading() as session:
            rows = [proposal_of(row) for row in await session.scalars(wanted)]
        return tuple(each for each in rows if _visible(by, each.folder))

    async def get(self, proposal_id: str, by: Caller) -> Proposal:
        """One proposal; raises UnknownRevision."""
        async with self._database.reading() as session:
            return proposal_of(await row_for(session, proposal_id, by))

    async def propose(
        self, name: str, by: Caller, *, title: str, files: Mapping[str, bytes | None] | None = None
    ) -> Proposal:
        """A new draft on what is live, with these files changed; None takes a file away.

        Raises Invalid, InvalidRail or InvalidDocument for a file that does not belong into the folder.
        """
        folder = folder_of(name)
        person_id, title = answerable(by, "review", folder), title.strip()
        if not 1 <= len(title) <= 200:
            raise Invalid("a proposal needs a title of 1 to 200 characters that says what it changes")
        now = self._clock()
        async with self._database.session() as session:
            live = (await live_in(session)).get(folder)
            row = ProposalRow(
                id=f"rev-{uuid.uuid4().hex}",
                folder=folder,
                title=title,
                author_id=person_id,
                parent=live.digest if live else None,
                state="draft",
                created_at=now,
                changed_at=now,
            )
            session.add(row)
            await session.flush()
            await self._write(session, row, files or {})
            await self._note(session, "proposed", row, person_id)
            return proposal_of(row)

    async def save(self, proposal_id: str, by: Caller, files: Mapping[str, bytes | None]) -> Proposal:
        """The draft with these files as they are now; meant to be called at every pause of somebody's typing."""
        async with self._database.session() as session:
            row, _ = await self._own_draft(session, proposal_id, by)
            await self._write(session, row, files)
            return proposal_of(row)

    async def read(self, proposal_id: str, path: str, by: Caller) -> bytes:
        """A file as the proposal has it; raises UnknownRevision when it has none of that name."""
        async with self._database.reading() as session:
            row = await row_for(session, proposal_id, by)
            drafted = await session.get(DraftFileRow, (proposal_id, path)) if row.digest is None else None
            if drafted is not None and drafted.content is not None:
                return drafted.content
            files = (await tree_of_proposal(session, row)).files
            kept = await session.get(ContentRow, files[path]) if path in files else None
        if kept is None:
            raise UnknownRevision(f"the proposal has no file {path[:200]!r}", param="path")
        return kept.content

    async def rebase(self, proposal_id: str, by: Caller) -> Proposal:
        """The change brought onto what is live now, as a draft again: what was approved was another state.

        Raises RevisionConflict naming the files that were changed there as well.
        """
        async with self._database.session() as session:
            row = await row_for(session, proposal_id, by)
            person_id = _author(row, by)
            if row.state in ("published", "discarded"):
                raise Conflict(f"the proposal is {row.state}; make a new one")
            live = (await live_in(session)).get(row.folder)
            base = await tree_in(session, row.parent) if row.parent else Tree(row.folder, {})
            ours = await tree_of_proposal(session, row)
            theirs = live or Tree(row.folder, {})
            merged = brought_together(base.files, ours.files, theirs.files)
            contents = await contents_of(session, merged.values(), row)
            await session.execute(delete(DraftFileRow).where(DraftFileRow.proposal_id == row.id))
            row.parent, row.digest, row.state, row.approver_id = (live.digest if live else None), None, "draft", None
            mine = changes(theirs.files, merged)
            await self._write(session, row, {each.path: contents[each.after] if each.after else None for each in mine})
            await self._note(session, "rebased", row, person_id)
            return proposal_of(row)

    async def discard(self, proposal_id: str, by: Caller) -> Proposal:
        """The proposal, given up by its author."""
        async with self._database.session() as session:
            row = await row_for(session, proposal_id, by)
            person_id = _author(row, by)
            if row.state == "published":
                raise Conflict("the proposal is published; roll back to an older revision instead")
            row.state, row.changed_at = "discarded", self._clock()
            await self._note(session, "discarded", row, person_id)
            return proposal_of(row)

    async def _own_draft(self, session: AsyncSession, proposal_id: str, by: Caller) -> tuple[ProposalRow, str]:
        row = await row_for(session, proposal_id, by)
        person_id = _author(row, by)
        if row.state != "draft":
            raise Conflict(f"the proposal is {row.state} and stays as it is; make a new one, or let it be returned")
        return row, person_id

    async def _write(self, session: AsyncSession, row: ProposalRow, files: Mapping[str, bytes | None]) -> None:
        if len(files) > MAX_FILES:
            raise Invalid(f"a change may touch {MAX_FILES} files at once")
        now = self._clock()
        for path, content in files.items():
            check_file(row.folder, path, content)
            await session.merge(DraftFileRow(proposal_id=row.id, path=path, content=content, saved_at=now))
        row.changed_at = now
        await session.flush()

    async def _note(self, session: AsyncSession, act: ActName, row: ProposalRow, person_id: str) -> None:
        note = row.title if act == "proposed" else None
        await note_act(session, self._tell, self._clock(), act, row.folder, person_id, row.id, row.digest, note)


def proposal_of(row: ProposalRow) -> Proposal:
    """The record of a row."""
    return Proposal(
        id=row.id,
        folder=row.folder,
        title=row.title,
        author_id=row.author_id,
        parent=row.parent,
        digest=row.digest,
        state=row.state,  # type: ignore[arg-type]  # nothing else is ever written there
        approver_id=row.approver_id,
        emergency=row.emergency,
        reviewed_at=row.reviewed_at,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )


async def row_for(session: AsyncSession, proposal_id: str, by: Caller, scope: Scope = "review") -> ProposalRow:
    """The row of a proposal this caller may see, alone in the hands of who writes; raises UnknownRevision."""
    allow(by, scope)
    row = await session.scalar(select(ProposalRow).where(ProposalRow.id == proposal_id).with_for_update())
    if row is None or not _visible(by, row.folder):
        raise UnknownRevision(f"there is no proposal {proposal_id[:80]!r}", param="revision_id")
    return row


async def tree_of_proposal(session: AsyncSession, row: ProposalRow) -> Tree:
    """The state that a proposal would make of its folder."""
    if row.digest is not None:
        return await tree_in(session, row.digest)
    base = (await tree_in(session, row.parent)).files if row.parent else {}
    drafted = {each.path: each.content for each in await _drafted(session, row.id)}
    kept = {path: digest for path, digest in base.items() if path not in drafted}
    written = {path: content_digest(content) for path, content in drafted.items() if content is not None}
    return Tree(row.folder, {**kept, **written})


async def seal(session: AsyncSession, row: ProposalRow, *, at: datetime) -> Tree:
    """As `keep`, of a proposal that can be handed in; raises RevisionConflict when its parent is not live."""
    await check_parent(session, row)
    return await keep(session, row, at=at)


async def keep(session: AsyncSession, row: ProposalRow, *, at: datetime) -> Tree:
    """The state of the proposal as it stands, kept under its digest."""
    if row.digest is not None:
        return await tree_in(session, row.digest)
    base = (await tree_in(session, row.parent)).files if row.parent else {}
    drafted = {each.path: each.content for each in await _drafted(session, row.id)}
    kept = {path: digest for path, digest in base.items() if path not in drafted}
    written = {path: content for path, content in drafted.items() if content is not None}
    return await keep_tree(session, row.folder, written, known=kept, at=at)


async def contents_of(
    session: AsyncSession, digests: Iterable[str], row: ProposalRow | None = None
) -> dict[str, bytes]:
    """The contents with these digests, which are kept, or drafted in the proposal `row`."""
    drafted = await _drafted(session, row.id) if row else []
    found = {content_digest(each.content): each.content for each in drafted if each.content is not None}
    missing = [digest for digest in digests if digest not in found]
    rows = await session.scalars(select(ContentRow).where(ContentRow.digest.in_(missing)))
    return {**found, **{each.digest: each.content for each in rows}}


async def check_parent(session: AsyncSession, row: ProposalRow) -> None:
    """Raises RevisionConflict unless what the proposal changes is what is live."""
    live = await session.get(LiveRow, row.folder, with_for_update=True)
    if (live.digest if live else None) != row.parent:
        raise RevisionConflict(
            f"something else was published for {row.folder} since this change began; bring it onto that first (rebase)"
        )


async def _drafted(session: AsyncSession, proposal_id: str) -> list[DraftFileRow]:
    return list(await session.scalars(select(DraftFileRow).where(DraftFileRow.proposal_id == proposal_id)))


def _author(row: ProposalRow, by: Caller) -> str:
    person_id = answerable(by, "review", row.folder)
    if person_id != row.author_id:
        raise Forbidden("this is another person's draft; make a proposal of your own on the same parent")
    return person_id


def _visible(by: Caller, folder: str) -> bool:
    vertical = vertical_of(folder)
    return by.verticals is None or vertical is None or vertical in by.verticals

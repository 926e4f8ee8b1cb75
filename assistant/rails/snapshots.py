"""What verticals are made of: the states of the folders that are live, and of those that somebody proposes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.database import Database, add_if_missing, utc_now
from assistant.errors import UnknownRevision
from assistant.rails.revision_rows import ActRow, ContentRow, LiveRow, TreeRow
from assistant.rails.trees import KNOWLEDGE, RAILS, SHARED_FOLDER, Tree, content_digest, tree_of, vertical_of

SERVED = ("published", "emergency", "rolled back")
"""The acts that make a state live."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything one vertical is made of, at one moment."""

    vertical: str
    shared: Tree
    rails: Tree
    knowledge: Tree | None

    @property
    def trees(self) -> tuple[Tree, ...]:
        """The states of its folders."""
        return (self.shared, self.rails) if self.knowledge is None else (self.shared, self.rails, self.knowledge)

    @property
    def digest(self) -> str:
        """The same for the same states."""
        return hashlib.sha256("\n".join(tree.digest for tree in self.trees).encode()).hexdigest()


def snapshots(live: Mapping[str, Tree], changed: Tree | None = None) -> tuple[Snapshot, ...]:
    """Every vertical whose rails and shared rails are there; with `changed`, those it is a part of, with it in place.

    A change to the shared rails is a part of all.
    """
    trees = {**live, **({changed.folder: changed} if changed else {})}
    only = vertical_of(changed.folder) if changed else None
    names = (vertical_of(folder) for folder in sorted(trees) if folder.startswith(f"{RAILS}/"))
    return tuple(
        Snapshot(name, trees[SHARED_FOLDER], trees[f"{RAILS}/{name}"], trees.get(f"{KNOWLEDGE}/{name}"))
        for name in names
        if name is not None and only in (None, name) and SHARED_FOLDER in trees
    )


def surroundings(made: Iterable[Snapshot]) -> str:
    """One digest for all of these: what was tried among them need not be tried again while it stays."""
    return hashlib.sha256("\n".join(each.digest for each in made).encode()).hexdigest()


class Trees:
    """The states of folders in the database, and the contents of their files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, digest: str) -> Tree:
        """The state with this digest; raises UnknownRevision."""
        async with self._database.reading() as session:
            return await tree_in(session, digest)

    async def content(self, digest: str) -> bytes:
        """The content with this digest; raises UnknownRevision."""
        async with self._database.reading() as session:
            row = await session.get(ContentRow, digest)
        if row is None:
            raise UnknownRevision(f"there is no content {digest[:80]!r}")
        return row.content

    async def live(self) -> dict[str, Tree]:
        """The state that is served of each folder."""
        async with self._database.reading() as session:
            return await live_in(session)

    async def served(self, folder: str) -> tuple[Tree, ...]:
        """The states of `folder` that were live at some time, the first of them first."""
        acts = select(ActRow.digest, func.min(ActRow.number).label("first")).where(
            ActRow.folder == folder, ActRow.act.in_(SERVED)
        )
        first = acts.group_by(ActRow.digest).subquery()
        wanted = select(TreeRow).join(first, first.c.digest == TreeRow.digest).order_by(first.c.first)
        async with self._database.reading() as session:
            return tuple(Tree(row.folder, row.files) for row in await session.scalars(wanted))


async def tree_in(session: AsyncSession, digest: str) -> Tree:
    """The state with this digest; raises UnknownRevision."""
    row = await session.get(TreeRow, digest)
    if row is None:
        raise UnknownRevision(f"there is no revision {digest[:80]!r}")
    return Tree(row.folder, row.files)


async def live_in(session: AsyncSession) -> dict[str, Tree]:
    """The state that is served of each folder."""
    rows = await session.scalars(select(TreeRow).join(LiveRow, LiveRow.digest == TreeRow.digest))
    return {row.folder: Tree(row.folder, row.files) for row in rows}


async def keep_tree(
    session: AsyncSession,
    folder: str,
    contents: Mapping[str, bytes],
    *,
    known: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> Tree:
    """The state of `folder` with these contents, and the `known` ones that are kept already; kept from now on."""
    tree = tree_of(folder, contents)
    for content in contents.values():
        await add_if_missing(session, ContentRow(digest=content_digest(content), content=content))
    tree = Tree(folder, {**(known or {}), **tree.files})
    row = TreeRow(digest=tree.digest, folder=folder, files=dict(tree.files), created_at=at or utc_now())
    await add_if_missing(session, row)
    return tree

"""The folders here beside what is published: compared, and brought together either way without losing anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assistant.database import Database
from assistant.errors import Conflict, NotFound, RevisionConflict
from assistant.rails.drafted import write_folder
from assistant.rails.publication import sound_tree
from assistant.rails.reviewing import Diff
from assistant.rails.snapshots import Trees
from assistant.rails.trees import (
    KNOWLEDGE,
    RAILS,
    SHARED_FOLDER,
    Tree,
    brought_together,
    changes,
    folder_of,
    read_folder,
    tree_of,
)
from assistant.verticals import list_verticals

BASE = ".published"
"""A file in a folder that names the published state its changes stand on; whatever reads the folder passes it over."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One folder here, beside what is published of it."""

    folder: str
    live: str | None
    here: str
    mine: int
    """Files changed here since it was last brought together."""
    theirs: int
    """Files changed in what is published since then."""

    def facts(self) -> dict[str, object]:
        """For a table."""
        state = "as published" if self.live == self.here else "never published" if self.live is None else "differs"
        return {"folder": self.folder, "state": state, "changed_here": self.mine, "changed_there": self.theirs}


class WorkingCopies:
    """The folders that people edit with an editor of their own, and keep in git."""

    def __init__(self, database: Database, rails_dir: Path, knowledge_dir: Path) -> None:
        self._database, self.trees = database, Trees(database)
        self._roots = {RAILS: rails_dir, KNOWLEDGE: knowledge_dir}

    async def names(self) -> tuple[str, ...]:
        """Every folder that is here or published."""
        verticals = list_verticals(self._roots[RAILS])
        here = [SHARED_FOLDER, *(f"{kind}/{each}" for each in verticals for kind in (RAILS, KNOWLEDGE))]
        there = [name for name in here if self._at(name).is_dir()]
        return tuple(sorted({*there, *await self.trees.live()}))

    async def compare(self, name: str) -> Comparison:
        """How a folder here and what is published of it differ."""
        folder, here, live = await self._both(name)
        base = await self._base(folder, here, live)
        mine, theirs = changes(base.files, here.files), changes(base.files, live.files if live else base.files)
        return Comparison(folder, live.digest if live else None, here.digest, len(mine), len(theirs))

    async def diff(self, name: str) -> tuple[Diff, ...]:
        """What the folder here has and what is published has not."""
        folder, here, published = await self._both(name)
        live = published or Tree(folder, {})
        contents = read_folder(self._at(folder), folder)
        changed = changes(live.files, here.files)
        before = {each.path: await self.trees.content(each.before) for each in changed if each.before}
        return tuple(Diff(each, before.get(each.path), contents.get(each.path)) for each in changed)

    async def changed(self, name: str) -> dict[str, bytes | None]:
        """The files that a proposal of the folder here would change, on what is live.

        Raises RevisionConflict where something was published that the folder does not have: a proposal would undo it.
        """
        folder, here, published = await self._both(name)
        live = published or Tree(folder, {})
        base = await self._base(folder, here, live)
        if base.digest != live.digest:
            raise RevisionConflict(f"{folder}: something else was published; run `assistant rails sync {name}` first")
        contents = read_folder(self._at(folder), folder)
        return {each.path: contents.get(each.path) for each in changes(live.files, here.files)}

    async def sync(self, name: str, *, mine: bool = False) -> tuple[str, ...]:
        """Brings what was published into the folder here; the files that were written or removed.

        What was changed here stays. Raises RevisionConflict, with nothing written, where a file was changed on both
        sides; with `mine` the folder stays as it is, because somebody has taken in what they wanted of it.
        """
        folder, here, live = await self._both(name)
        if live is None:
            return ()
        if mine:
            self.settle(live)
            return ()
        base = await self._base(folder, here, live)
        merged = brought_together(base.files, here.files, live.files)
        wanted = changes(here.files, merged)
        contents = {each.path: await self.trees.content(each.after) for each in wanted if each.after}
        root = self._at(folder)
        write_folder(root, contents)
        for each in wanted:
            if each.after is None:
                (root / each.path).unlink()
        self.settle(live)
        return tuple(each.path for each in wanted)

    async def export(self, name: str, to: Path, *, digest: str | None = None) -> int:
        """Writes what is live, or an approved revision, into the new folder `to`; the number of files."""
        folder = folder_of(name)
        tree = (await self.trees.live()).get(folder) if digest is None else None
        if digest is not None:
            async with self._database.reading() as session:
                tree = await sound_tree(session, folder, digest)
        if tree is None:
            raise Conflict(f"{folder} was never published")
        _check_new(to)
        write_folder(to, {path: await self.trees.content(content) for path, content in tree.files.items()})
        _note(to, tree)
        return len(tree.files)

    def settle(self, tree: Tree) -> None:
        """Notes that the changes in the folder here stand on `tree`."""
        _note(self._at(tree.folder), tree)

    async def _base(self, folder: str, here: Tree, live: Tree | None) -> Tree:
        """The published state that the folder here was before it was changed.

        Where none is noted, the one it is nearest to, of two the older: then what was published since is met as a
        conflict rather than undone.
        """
        if live is None or live.digest == here.digest:
            return live or Tree(folder, {})
        noted = self._at(folder) / BASE
        served = await self.trees.served(folder)
        known = noted.read_text("utf-8").strip() if noted.is_file() else ""
        found = [each for each in served if each.digest == known]
        return found[0] if found else min(served, key=lambda each: len(changes(each.files, here.files)))

    async def _both(self, name: str) -> tuple[str, Tree, Tree | None]:
        """The folder that is meant, as it is here and as it is published; raises NotFound where it is neither."""
        folder = folder_of(name)
        live = (await self.trees.live()).get(folder)
        if live is None and not self._at(folder).is_dir():
            raise NotFound(f"{folder} is neither here nor published; there are {', '.join(await self.names())}")
        return folder, tree_of(folder, read_folder(self._at(folder), folder)), live

    def _at(self, folder: str) -> Path:
        kind, _, owner = folder.partition("/")
        return self._roots[kind] / owner


def _note(folder: Path, tree: Tree) -> None:
    (folder / BASE).write_text(f"{tree.digest}\n", "utf-8")


def _check_new(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} is not empty; what is there would be mixed with what was published")

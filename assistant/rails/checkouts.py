"""Published and proposed states as folders on disk, where everything that reads folders can read them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from assistant.rails.drafted import write_folder
from assistant.rails.snapshots import Snapshot, Trees
from assistant.rails.trees import Tree
from assistant.verticals import SHARED


@dataclass(frozen=True, slots=True)
class Place:
    """Where a vertical's folders are, and where what is made of them goes."""

    rails_dir: Path
    knowledge_dir: Path
    data_dir: Path
    """Its index goes below this."""
    published: bool = False


class Checkouts:
    """Folders in `data/revisions`, each named by the digest of what it holds, so that it is written once and stays."""

    def __init__(self, trees: Trees, data_dir: Path) -> None:
        self._trees, self._root = trees, data_dir / "revisions"

    async def place(self, made: Snapshot, *, published: bool) -> Place:
        """The folders of `made`, written where they are not there yet."""
        rails = self._root / f"rails-{made.digest[:32]}"
        await self._write(rails, {SHARED: made.shared, made.vertical: made.rails})
        knowledge = self._root / "no-knowledge"
        if made.knowledge is not None:
            knowledge = self._root / f"knowledge-{made.knowledge.digest.removeprefix('sha256:')[:32]}"
            await self._write(knowledge, {made.vertical: made.knowledge})
        # The index lies beside the documents it is made of: what is tried never touches what is served.
        return Place(rails, knowledge, knowledge / ".index" / made.vertical, published)

    async def _write(self, folder: Path, trees: Mapping[str, Tree]) -> None:
        if await asyncio.to_thread(folder.is_dir):
            return
        contents = {
            name: {path: await self._trees.content(digest) for path, digest in tree.files.items()}
            for name, tree in trees.items()
        }
        await asyncio.to_thread(_put, folder, contents)


def _put(folder: Path, contents: Mapping[str, Mapping[str, bytes]]) -> None:
    """Writes the folder beside its place and moves it there whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(mkdtemp(dir=folder.parent, prefix=".new-"))
    for name, files in contents.items():
        write_folder(new / name, files)
    try:
        new.rename(folder)
    except OSError:  # Another worker was first, with the same.
        shutil.rmtree(new, ignore_errors=True)

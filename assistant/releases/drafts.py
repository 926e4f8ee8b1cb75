"""A person's draft of a folder while they write it: read, kept, checked, and made ready to be tried."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from assistant.access import Caller, allow
from assistant.database import Database
from assistant.errors import NotFound
from assistant.messages import Stage
from assistant.rails.checkouts import Checkouts, Place
from assistant.rails.colang import parse_flow
from assistant.rails.drafted import Contents, problems_in, write_folder
from assistant.rails.flows import refusals_of
from assistant.rails.lines import Problem
from assistant.rails.live import Release
from assistant.rails.proposals import Proposal, Proposals, State, contents_of, row_for, tree_of_proposal
from assistant.rails.snapshots import Trees, live_in, snapshots
from assistant.rails.sources import STAGES
from assistant.rails.trees import RAILS, SHARED_FOLDER, Tree, changes, folder_of, read_folder, tree_of, vertical_of
from assistant.releases.build import Prepared, ReleaseBuilder
from assistant.verticals import list_verticals

_REMEMBERED = 4
"""Drafts made ready that are kept: somebody tries one text after another on the same draft."""


@dataclass(frozen=True, slots=True)
class DraftedRail:
    """A rail as it stands in a draft, whether or not it is right."""

    name: str
    """In hyphens."""
    stage: Stage
    file: str
    """With the vertical's folder: `medical/input/sick-notes.co`."""
    owner: str
    """The vertical, or `shared`."""
    messages: tuple[str, ...]
    """What it may say; none while its file cannot be read."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A folder of rails as it is served, and as one person has it."""

    folder: str
    served: Contents
    proposal: Proposal | None
    """What holds the changes; None while the person has none."""
    files: Contents
    """The folder with the changes."""
    stale: bool = False
    """Whether something else was published since the changes began."""

    @property
    def changed(self) -> tuple[str, ...]:
        """Paths of the files that are not as they are served."""
        return tuple(each.path for each in changes(tree_of("", self.served).files, tree_of("", self.files).files))

    @property
    def begun_rails(self) -> tuple[DraftedRail, ...]:
        """The rails that stand here and are not served yet."""
        owner = self.folder.partition("/")[2]
        found = []
        for path in sorted(self.files.keys() - self.served.keys()):
            stage, _, name = path.removesuffix(".co").partition("/")
            if stage in STAGES and path.endswith(".co"):
                flow, _ = parse_flow(path, self.text(path))
                said = (each.message for each in refusals_of(flow.body)) if flow else ()
                found.append(DraftedRail(name, stage, f"{owner}/{path}", owner, tuple(dict.fromkeys(said))))
        return tuple(found)

    def text(self, path: str) -> str:
        """A file as the person has it; empty where there is none."""
        return self.files.get(path, b"").decode("utf-8", "replace").replace("\r\n", "\n")

    def served_text(self, path: str) -> str:
        """A file as it is served; empty where there is none."""
        return self.served.get(path, b"").decode("utf-8", "replace").replace("\r\n", "\n")

    def having(self, files: Mapping[str, bytes | None]) -> Draft:
        """The same with these files; None takes one away."""
        kept = {path: content for path, content in self.files.items() if path not in files}
        return replace(self, files={**kept, **{path: each for path, each in files.items() if each is not None}})


class Drafts:
    """What people write in the console. A draft is an ordinary proposal, which its author alone writes in."""

    def __init__(
        self,
        database: Database,
        proposals: Proposals,
        builder: ReleaseBuilder,
        *,
        serve: Literal["folders", "published"],
    ) -> None:
        self._database, self._proposals, self._builder, self._serve = database, proposals, builder, serve
        self._trees = Trees(database)
        self._checkouts = Checkouts(self._trees, builder.settings.data_dir)
        self._ready: dict[str, Release] = {}
        self._busy = asyncio.Lock()

    async def open(self, name: str, by: Caller) -> Draft:
        """The folder with what `by` has changed in it and not handed in. Raises NotFound for one that is not there."""
        folder = folder_of(name)
        allow(by, "review", vertical_of(folder))
        served = (await self._served()).get(folder)
        if served is None:
            raise NotFound(f"there are no rails in {folder}")
        mine = await self._written_by(by, folder, "draft")
        return await self.of(mine[0], by) if mine else Draft(folder, served, None, served)

    async def mine(self, name: str, by: Caller, *states: State) -> tuple[Draft, ...]:
        """What `by` has changed in the folder and is in one of these states, the latest first."""
        return tuple([await self.of(each, by) for each in await self._written_by(by, folder_of(name), *states)])

    async def _written_by(self, by: Caller, folder: str, *states: State) -> list[Proposal]:
        listed = await self._proposals.list(by, folder=folder)
        return [each for each in listed if each.state in states and each.author_id == by.person_id]

    async def of(self, proposal: Proposal, by: Caller) -> Draft:
        """The folder as this proposal has it; raises UnknownRevision where `by` may not see it."""
        async with self._database.reading() as session:
            row = await row_for(session, proposal.id, by)
            tree = await tree_of_proposal(session, row)
            contents = await contents_of(session, tree.files.values(), row)
            live = (await live_in(session)).get(proposal.folder)
        files = {path: contents[digest] for path, digest in tree.files.items()}
        stale = (live.digest if live else None) != proposal.parent
        return Draft(proposal.folder, (await self._served()).get(proposal.folder, {}), proposal, files, stale)

    async def save(self, draft: Draft, files: Mapping[str, bytes | None], by: Caller, *, title: str) -> Draft:
        """The draft with these files, kept; the first time a proposal called `title` begins with it.

        Meant for every pause of somebody's typing. Raises what `Proposals.save` raises.
        """
        after = draft.having(files)
        if draft.proposal is None:
            base = await self._unpublished(draft)
            proposal = await self._proposals.propose(draft.folder, by, title=title, files={**base, **files})
        else:
            proposal = await self._proposals.save(draft.proposal.id, by, files)
        return replace(after, proposal=proposal)

    async def problems(self, draft: Draft) -> tuple[Problem, ...]:
        """What is wrong with the draft's files among the rails that are served."""
        beside = {folder: files for folder, files in (await self._served()).items() if folder != draft.folder}
        return await asyncio.to_thread(problems_in, draft.folder, draft.files, beside)

    async def release(self, vertical: str, draft: Draft) -> Release:
        """What `vertical` would be with the draft; takes seconds the first time. Raises what is wrong with it."""
        served = await self._served()
        folders = {**served, draft.folder: draft.files}
        key = Tree("", {folder: tree_of(folder, files).digest for folder, files in folders.items()}).digest + vertical
        async with self._busy:
            release = self._ready.pop(key, None)
            if release is None:
                release = self._builder.finish(await self._prepare(vertical, folders))
            self._ready[key] = release
            for old in list(self._ready)[:-_REMEMBERED]:
                del self._ready[old]
        return release

    async def _prepare(self, vertical: str, folders: Mapping[str, Contents]) -> Prepared:
        place = await self._place(vertical)
        with TemporaryDirectory(prefix="draft-") as root:
            for folder in (SHARED_FOLDER, f"{RAILS}/{vertical}"):
                await asyncio.to_thread(write_folder, Path(root, folder), folders[folder])
            tried = Place(Path(root, RAILS), place.knowledge_dir, place.data_dir)
            return await asyncio.to_thread(self._builder.prepare, vertical, tried)

    async def _place(self, vertical: str) -> Place:
        if self._serve == "folders":
            return self._builder.folders
        made = {each.vertical: each for each in snapshots(await self._trees.live())}
        return await self._checkouts.place(made[vertical], published=True)

    async def _served(self) -> dict[str, Contents]:
        """The folders of rails that are served, with the contents of their files."""
        if self._serve == "published":
            live = {folder: tree for folder, tree in (await self._trees.live()).items() if folder.startswith(RAILS)}
            async with self._database.reading() as session:
                contents = await contents_of(session, {each for tree in live.values() for each in tree.files.values()})
            return {name: {path: contents[each] for path, each in tree.files.items()} for name, tree in live.items()}
        root = self._builder.settings.rails_dir
        names = (SHARED_FOLDER, *(f"{RAILS}/{each}" for each in list_verticals(root)))
        return {
            each: await asyncio.to_thread(read_folder, root / each.removeprefix(f"{RAILS}/"), each) for each in names
        }

    async def _unpublished(self, draft: Draft) -> dict[str, bytes | None]:
        """What a proposal must bring along besides: it stands on what was published, and the folders may be served."""
        live = (await self._trees.live()).get(draft.folder, Tree(draft.folder, {}))
        here = tree_of(draft.folder, draft.served)
        return {each.path: draft.served.get(each.path) for each in changes(live.files, here.files)}

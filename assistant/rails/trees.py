"""A folder that people edit, at one moment: the files it holds, known by one digest; compared and brought together."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Literal

from assistant.errors import Invalid, InvalidDocument, InvalidRail, RevisionConflict
from assistant.knowledge import MAX_BYTES, TYPES
from assistant.rails.sources import MAX_FILE_BYTES, unwelcome, walk
from assistant.verticals import NAME, SHARED

RAILS, KNOWLEDGE = "rails", "knowledge"
SHARED_FOLDER = f"{RAILS}/{SHARED}"
_BESIDE_DOCUMENTS = ("sources.yaml", "questions.yaml", "sentences.yaml")
_DOCUMENT = re.compile(r"documents/[^/.\x00-\x1f\x7f][^/\x00-\x1f\x7f]{0,199}")
_LEFT_ALONE = re.compile(r"\..*|.*~|README(\.md)?", re.IGNORECASE)
_DEMO_PAGE = "demo"  # The page that shows the widget: no answer rests on it, and nobody has to approve it.

Files = Mapping[str, str]
"""Digest of each file's content by its path below the folder."""


@dataclass(frozen=True)
class Tree:
    """One state of a folder. Two of the same files are the same."""

    folder: str
    """`rails/shared`, `rails/<vertical>` or `knowledge/<vertical>`."""
    files: Files

    @cached_property
    def digest(self) -> str:
        """`sha256:…` over the folder's name and the paths and contents of its files."""
        total = hashlib.sha256(self.folder.encode())
        for path, content in sorted(self.files.items()):
            total.update(f"\n{path}\0{content}".encode())
        return f"sha256:{total.hexdigest()}"


@dataclass(frozen=True, slots=True)
class Change:
    """One file that two states of a folder do not have in common."""

    path: str
    kind: Literal["added", "changed", "removed"]
    before: str | None
    """Digest of the content; None where it was not there."""
    after: str | None


def folder_of(name: str) -> str:
    """The folder that people mean by `medical`, `shared`, `rails/medical` or `knowledge/medical`; raises Invalid."""
    folder = name if "/" in name else f"{RAILS}/{name}"
    kind, _, owner = folder.partition("/")
    if kind not in (RAILS, KNOWLEDGE) or not NAME.fullmatch(owner) or folder == f"{KNOWLEDGE}/{SHARED}":
        raise Invalid(f"{name[:80]!r} is no folder: write medical, shared or knowledge/medical, for example")
    return folder


def vertical_of(folder: str) -> str | None:
    """The vertical whose folder it is; None for the one that all share."""
    owner = folder.partition("/")[2]
    return None if owner == SHARED else owner


def content_digest(content: bytes) -> str:
    """How a content is known."""
    return hashlib.sha256(content).hexdigest()


def check_file(folder: str, path: str, content: bytes | None = None) -> None:
    """Raises InvalidRail or InvalidDocument unless such a file may be in `folder`."""
    kind, _, owner = folder.partition("/")
    if kind == RAILS:
        most, wrong = MAX_FILE_BYTES, unwelcome(owner, path)
    else:
        most, wrong = MAX_BYTES, _unwelcome_document(path)
    if wrong is None and content is not None and len(content) > most:
        wrong = f"is larger than {most // 1024} KiB"
    if wrong:
        place = f"{owner}/{path[:200]}"
        raise InvalidRail(place, None, wrong) if kind == RAILS else InvalidDocument(f"{KNOWLEDGE}/{place}", wrong)


def read_folder(root: Path, folder: str) -> dict[str, bytes]:
    """The content of each file of `folder` below `root`; nothing where there is no such folder.

    Raises InvalidRail or InvalidDocument for a file that does not belong there.
    """
    if not root.is_dir():
        return {}
    found = walk(root) if folder.startswith(f"{RAILS}/") else _walk_documents(root)
    contents: dict[str, bytes] = {}
    for file in found:
        path = file.relative_to(root).as_posix()
        check_file(folder, path)
        if not file.resolve().is_relative_to(root.resolve()) or not file.is_file():
            raise Invalid(f"{folder}/{path}: is not a file of this folder")
        contents[path] = file.read_bytes()
        check_file(folder, path, contents[path])
    return contents


def tree_of(folder: str, contents: Mapping[str, bytes]) -> Tree:
    """The state of `folder` with these contents."""
    return Tree(folder, {path: content_digest(content) for path, content in contents.items()})


def changes(before: Files, after: Files) -> tuple[Change, ...]:
    """What became of each file, by path."""
    kinds: dict[tuple[bool, bool], Literal["added", "changed", "removed"]] = {
        (False, True): "added",
        (True, True): "changed",
        (True, False): "removed",
    }
    return tuple(
        Change(path, kinds[path in before, path in after], before.get(path), after.get(path))
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    )


def brought_together(base: Files, ours: Files, theirs: Files) -> dict[str, str]:
    """The files with what we changed since `base`, and what they did.

    Raises RevisionConflict naming the files that both changed, and not alike: nobody's work may be lost unseen.
    """
    mine, others = ({each.path: each.after for each in changes(base, side)} for side in (ours, theirs))
    both = sorted(path for path in mine.keys() & others.keys() if mine[path] != others[path])
    if both:
        raise RevisionConflict(
            f"both changes touch {', '.join(both)}: take what was published into yours there, and save it"
        )
    merged = {**theirs, **{path: after for path, after in mine.items() if after is not None}}
    return {path: content for path, content in merged.items() if path not in mine or mine[path] is not None}


def _unwelcome_document(path: str) -> str | None:
    if path in _BESIDE_DOCUMENTS:
        return None
    if not _DOCUMENT.fullmatch(path) or PurePosixPath(path).suffix.lower() not in TYPES:
        kinds = ", ".join(f"*{suffix}" for suffix in TYPES)
        return f"this file does not belong here; there may be {', '.join(_BESIDE_DOCUMENTS)}, and in documents/ {kinds}"
    return None


def _walk_documents(root: Path) -> Iterator[Path]:
    for entry in sorted(root.iterdir()):
        if _LEFT_ALONE.fullmatch(entry.name) or (entry.is_dir() and entry.name == _DEMO_PAGE):
            continue
        if entry.is_dir() and entry.name == "documents" and not entry.is_symlink():
            yield from (each for each in sorted(entry.iterdir()) if not _LEFT_ALONE.fullmatch(each.name))
        else:
            yield entry

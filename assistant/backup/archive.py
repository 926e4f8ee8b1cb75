"""A backup as a file: a compressed tar whose last member lists the size and SHA-256 of all the others."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from assistant.errors import Invalid

MANIFEST = "manifest.json"
FORMAT = 1
_CHUNK = 1024 * 1024


class InvalidBackup(Invalid):
    """A file is no backup of ours, or not as it was made."""

    type = "invalid-backup"
    title = "Invalid backup"

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file}: {reason}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a backup."""

    size: int
    """Bytes."""
    sha256: str
    mode: int
    """Its permissions."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds."""

    version: str
    """The version of the service that made it."""
    made_at: str
    """ISO 8601, UTC."""
    database: str
    """`sqlite`, `postgresql`, or `none` where the database was left out."""
    files: dict[str, Entry] = field(default_factory=dict)
    """By name in the archive: `data/…`, `rails/…`, `knowledge/…` and `database`."""
    format: int = FORMAT


@contextmanager
def writing(opened: IO[bytes]) -> Iterator[Writer]:
    """Writes a backup into `opened`; `finish` must be the last that is done with it."""
    with tarfile.open(fileobj=opened, mode="w|gz", format=tarfile.PAX_FORMAT) as tar:
        yield Writer(tar)


class Writer:
    """Writes a backup, member by member; `finish` adds the manifest."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._files: dict[str, Entry] = {}

    def add(self, name: str, path: Path) -> None:
        """Adds the file as it is at this moment; nothing where it has just been removed."""
        try:
            source = path.open("rb")
        except FileNotFoundError:  # An index that a newer one has replaced since the folder was listed.
            return
        with source:
            state = os.fstat(source.fileno())
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = state.st_size, int(state.st_mtime), state.st_mode & 0o777
            counted = Counted(source)
            self._tar.addfile(member, counted)
        self._files[name] = Entry(member.size, counted.sha256, member.mode)

    def finish(self, manifest: Manifest) -> Manifest:
        """Adds the manifest with all that was added, and returns it."""
        whole = Manifest(manifest.version, manifest.made_at, manifest.database, self._files)
        text = json.dumps(asdict(whole), indent=1, sort_keys=True).encode()
        member = tarfile.TarInfo(MANIFEST)
        member.size, member.mode = len(text), 0o600
        self._tar.addfile(member, io.BytesIO(text))
        return whole


def verify(file: Path) -> Manifest:
    """What the backup holds, once each of its files was found to be as it was made.

    Raises InvalidBackup naming the first that is not.
    """
    found: dict[str, Entry] = {}
    told: bytes | None = None
    for name, member, content in members(file):
        if told is not None or name in found:
            raise InvalidBackup(file, f"{name} stands in it where nothing should")
        if name == MANIFEST:
            with _readable(file):
                told = content.read()
            continue
        with _readable(file):
            while content.read(_CHUNK):
                pass
        found[name] = Entry(member.size, content.sha256, member.mode)
    if told is None:
        raise InvalidBackup(file, "it has no manifest: it was not written to its end")
    manifest = _manifest(file, told)
    for name in sorted({*found, *manifest.files}):
        if found.get(name) != manifest.files.get(name):
            raise InvalidBackup(file, f"{name} is not as it was when the backup was made")
    return manifest


def members(file: Path) -> Iterator[tuple[str, tarfile.TarInfo, Counted]]:
    """Name, description and content of each member, in order; a content must be read before the next is asked for.

    Raises InvalidBackup where the file cannot be read, or a name leads out of the folders a backup has.
    """
    with _readable(file), tarfile.open(file, mode="r|gz") as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            path = PurePosixPath(member.name)
            if content is None or path.is_absolute() or ".." in path.parts:
                raise InvalidBackup(file, f"{member.name!r} is nothing that a backup holds")
            yield member.name, member, Counted(content)


class Counted:
    """What is read, hashed while it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self._digest = source, hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Of what was read so far."""
        return self._digest.hexdigest()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        content = self._source.read(size)
        self._digest.update(content)
        return content


def _manifest(file: Path, text: bytes) -> Manifest:
    try:
        told: dict[str, Any] = json.loads(text)
        files = {name: Entry(**entry) for name, entry in told.pop("files").items()}
        manifest = Manifest(**told, files=files)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidBackup(file, "its manifest cannot be read") from error
    if manifest.format != FORMAT:
        raise InvalidBackup(file, f"it has the form {manifest.format}; this version reads {FORMAT}")
    return manifest


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InvalidBackup(file, "there is no such file") from error
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise InvalidBackup(file, f"it is damaged, or no backup ({type(error).__name__})") from error

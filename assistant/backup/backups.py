"""Making a backup while the service answers, and restoring one where nothing is yet."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import func, make_url, select, table, text

from assistant import __version__
from assistant.backup.archive import Entry, InvalidBackup, Manifest, Writer, members, verify, writing
from assistant.backup.databases import copy_sqlite, dump_postgres, is_sqlite, restore_postgres
from assistant.database import Database
from assistant.errors import Conflict, Misconfigured

if TYPE_CHECKING:
    from _typeshed import SupportsRead

KEYS = "keys.db"
"""Where the data folder keeps the keys of conversations. They are in no backup but copied beside it, over the copy
before: a key that was destroyed is then in no copy, and what it opened is gone from every backup."""
DATABASE = "database"
_NOT_KEPT = ("weights",)
"""Folders of the data folder that are fetched again, and verified, by name."""
_SIDE_FILES = ("-wal", "-shm", "-journal")
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where the parts of a service are."""

    rails_dir: Path
    knowledge_dir: Path
    data_dir: Path
    database_url: str

    @property
    def folders(self) -> dict[str, Path]:
        """The folders by their name in a backup."""
        return {"rails": self.rails_dir, "knowledge": self.knowledge_dir, "data": self.data_dir}

    @property
    def database_file(self) -> Path | None:
        """The file of SQLite; None for PostgreSQL."""
        address = make_url(self.database_url)
        return Path(str(address.database)) if address.get_backend_name() == "sqlite" else None


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made."""

    file: Path
    keys: Path | None
    """The copy of the keys; None where there are none yet."""
    manifest: Manifest


def back_up(place: Place, folder: Path, *, with_database: bool = True, now: datetime | None = None) -> Backup:
    """A new backup in `folder`, made whole or not at all, readable by its owner only; the service may go on answering.

    Raises Misconfigured where PostgreSQL's tools are needed and missing, or `folder` is in what is backed up, and
    Unavailable where the database is away.
    """
    for kept in place.folders.values():
        if folder.resolve().is_relative_to(kept.resolve()):
            raise Misconfigured(f"{folder} is in {kept}, which is backed up; keep backups elsewhere")
    made_at = now or datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / f"assistant-{made_at:%Y%m%dT%H%M%SZ}.tar.gz"
    if file.exists():
        raise Conflict(f"{file} is there already")
    with TemporaryDirectory(prefix=".backup-", dir=folder) as scratch:
        part = Path(scratch, "part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            with writing(opened) as archive:
                # In this order: what the files say of the database (its anchors) must not be ahead of it, and no key
                # that the database needs may be missing.
                _add_folders(place, archive, Path(scratch))
                kind = _add_database(place, archive, Path(scratch)) if with_database else "none"
                manifest = archive.finish(Manifest(__version__, made_at.isoformat(timespec="seconds"), kind))
            opened.flush()
            os.fsync(opened.fileno())
        keys = _copy_keys(place, folder, Path(scratch))
        part.rename(file)
    return Backup(file, keys, manifest)


def restore(place: Place, file: Path, *, keys: Path | None = None) -> Manifest:
    """Puts everything in `file` where the settings say, and the `keys` beside it; nothing is ever overwritten.

    Raises InvalidBackup for a file that is not whole, and Conflict where something else is in a place it would take;
    nothing has been written then.
    """
    manifest = verify(file)
    targets = {name: _target(place, file, name) for name in manifest.files if name != DATABASE}
    _refuse_others(place, {targets[name]: entry for name, entry in manifest.files.items() if name in targets})
    _refuse_database(place, manifest)
    kept_keys = place.data_dir / KEYS
    if keys is not None and kept_keys.exists():
        raise Conflict(f"{kept_keys} is there already; move it away")
    with TemporaryDirectory(prefix="assistant-restore-") as scratch:
        targets[DATABASE] = place.database_file or Path(scratch, DATABASE)
        for name, member, content in members(file):
            if name in targets and not targets[name].exists():
                _write(targets[name], content, member.mode)
        if manifest.database == "postgresql":
            restore_postgres(make_url(place.database_url), targets[DATABASE])
    if keys is not None:
        _copy(keys, kept_keys)
    return manifest


def _add_folders(place: Place, archive: Writer, scratch: Path) -> None:
    for root, folder in place.folders.items():
        for path in _files(place, folder):
            copied = path
            if path.parent == place.data_dir and is_sqlite(path):  # Those further down, of indexes, never change.
                copied = scratch / "copy.db"
                copied.unlink(missing_ok=True)
                copy_sqlite(path, copied)
            archive.add(f"{root}/{path.relative_to(folder).as_posix()}", copied)


def _files(place: Place, folder: Path) -> Iterator[Path]:
    """What a backup holds of a folder, in order."""
    database = place.database_file
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if not path.is_file() or path.name.endswith(_SIDE_FILES):
            continue
        if folder == place.data_dir and (inside.parts[0] in _NOT_KEPT or str(inside) == KEYS):
            continue
        if database is None or path.resolve() != database.resolve():
            yield path


def _add_database(place: Place, archive: Writer, scratch: Path) -> str:
    dump = scratch / DATABASE
    if place.database_file is not None:
        copy_sqlite(place.database_file, dump)
    else:
        dump_postgres(make_url(place.database_url), dump)
    archive.add(DATABASE, dump)
    return "sqlite" if place.database_file is not None else "postgresql"


def _copy_keys(place: Place, folder: Path, scratch: Path) -> Path | None:
    source, copied = place.data_dir / KEYS, folder / KEYS
    if not source.exists():
        return None
    copy_sqlite(source, scratch / KEYS)
    (scratch / KEYS).chmod(0o600)
    (scratch / KEYS).replace(copied)
    return copied


def _target(place: Place, file: Path, name: str) -> Path:
    root, _, rest = name.partition("/")
    if root not in place.folders or not rest:
        raise InvalidBackup(file, f"{name!r} is nothing that a backup holds")
    return place.folders[root] / rest


def _refuse_others(place: Place, wanted: dict[Path, Entry]) -> None:
    """Raises Conflict where a folder holds what the backup does not: it is neither overwritten nor mixed in."""
    for folder in place.folders.values():
        for path in _files(place, folder) if folder.is_dir() else ():
            if path not in wanted or wanted[path].sha256 != _sha256(path):
                reason = "differs from the backup's" if path in wanted else "is not in the backup"
                raise Conflict(
                    f"{path} is there already and {reason}; restore where nothing is yet: move {folder} away, or name "
                    "another place in the settings"
                )


def _refuse_database(place: Place, manifest: Manifest) -> None:
    if manifest.database == "none":
        return
    here = "sqlite" if place.database_file is not None else "postgresql"
    if here != manifest.database:
        raise Misconfigured(f"the backup is of {manifest.database}, and ASSISTANT_DATABASE_URL names {here}")
    if place.database_file is not None and place.database_file.exists():
        raise Conflict(f"{place.database_file} is there already; move it away")
    if place.database_file is None and asyncio.run(_tables(place.database_url)):
        raise Conflict("the database that ASSISTANT_DATABASE_URL names has tables already; make a new one")


async def _tables(url: str) -> int:
    database = Database(url)
    try:
        async with database.reading() as session:
            tables = select(func.count()).select_from(table("tables", schema="information_schema"))
            return await session.scalar(tables.where(text("table_schema = current_schema()"))) or 0
    finally:
        await database.close()


def _write(target: Path, content: SupportsRead[bytes], mode: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as opened:
        shutil.copyfileobj(content, opened, _CHUNK)


def _sha256(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as opened:
        _write(target, opened, 0o600)

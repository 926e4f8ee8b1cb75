"""Databases as files: SQLite copied while it is in use, PostgreSQL through its own tools."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL

from assistant.errors import Misconfigured, Unavailable

_MAGIC = b"SQLite format 3\x00"
_BUSY_S = 30.0


def is_sqlite(path: Path) -> bool:
    """Whether the file is a database of SQLite."""
    try:
        with path.open("rb") as opened:
            return opened.read(len(_MAGIC)) == _MAGIC
    except FileNotFoundError:
        return False


def own(target: Path) -> Path:
    """`target`, which from now on nobody else can read: conversations are nobody else's on this machine."""
    target.touch(mode=0o600)
    return target


def copy_sqlite(source: Path, target: Path) -> None:
    """The database as it is at one moment, whole; whoever writes to it meanwhile is not held up.

    Raises Unavailable where it cannot be read.
    """
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=_BUSY_S)) as old,
            closing(sqlite3.connect(own(target))) as new,
        ):
            old.backup(new)
            # One file and nothing beside it; the service switches it back when it opens it.
            new.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise Unavailable(f"the database {source} cannot be copied: {error}") from error


def dump_postgres(address: URL, target: Path) -> None:
    """What `pg_dump` writes of the database, as it is at one moment.

    Raises Misconfigured where there is no pg_dump, Unavailable where it fails.
    """
    _run(("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={own(target)}"), address)


def restore_postgres(address: URL, source: Path) -> None:
    """Fills the database, which must be empty, whole or not at all; raises as `dump_postgres` does."""
    options = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    _run(("pg_restore", *options, f"--dbname={address.database}", str(source)), address)


def _run(command: Sequence[str], address: URL) -> None:
    tool = shutil.which(command[0])
    if tool is None:
        raise Misconfigured(
            f"{command[0]} is not installed here; install PostgreSQL's client of the server's version, or keep the "
            "database by your own tools and say --without-database"
        )
    # In the environment, because everybody on the machine can read a command line, and a password is in there.
    done = subprocess.run(  # noqa: S603 — PostgreSQL's own tool, found on the path, with our options
        [tool, *command[1:]], env={**os.environ, **_libpq(address)}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it did not say why"])[-1]
        raise Unavailable(f"{command[0]} failed: {last}")


def _libpq(address: URL) -> dict[str, str]:
    """The address as PostgreSQL's tools read it."""
    query = {name: value if isinstance(value, str) else value[0] for name, value in address.query.items()}
    told = {
        "PGHOST": address.host or query.get("host"),
        "PGPORT": str(address.port) if address.port else query.get("port"),
        "PGUSER": address.username,
        "PGPASSWORD": address.password,
        "PGDATABASE": address.database,
        "PGSSLMODE": query.get("sslmode") or query.get("ssl"),
    }
    return {name: value for name, value in told.items() if value}

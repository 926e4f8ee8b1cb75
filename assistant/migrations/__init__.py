"""The database schema, version by version: moved up at start, and a newer one refused.

A change to a table needs a new file in `versions/`, which the tests miss until it is there.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from assistant import __version__
from assistant.errors import Misconfigured

_HERE = Path(__file__).parent
_LOCK = 7_263_401  # Any number that no other application of the same PostgreSQL server locks.


def upgrade(connection: Connection) -> None:
    """Moves the schema to this version within the connection's transaction; other workers wait for it.

    Raises Misconfigured when the database was moved on by a newer version than this one.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    current = MigrationContext.configure(connection).get_current_heads()
    newer = sorted(set(current) - known)
    if newer:
        raise Misconfigured(
            f"the database is at schema {newer[0][:40]!r}, which version {__version__} does not know: a newer version "
            "has moved it on. Run that version, or restore the backup made before it"
        )
    if set(current) != set(scripts.get_heads()):
        command.upgrade(config, "head")

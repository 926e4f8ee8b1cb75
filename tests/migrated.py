"""Databases in SQLite that are made of the migrations once and then copied: each would take a tenth of a second."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from assistant import migrations

_SCHEMA = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
_VERSION = "SELECT version_num FROM alembic_version"
_BEGUN = "SELECT count(*) FROM sqlite_master"


@pytest.fixture(scope="session", autouse=True)
def copied_schema() -> Iterator[None]:
    """An empty database gets the statements that the real migrations left behind; any other goes through them."""
    statements: list[str] = []

    def upgrade(connection: Connection) -> None:
        empty = connection.dialect.name == "sqlite" and not connection.exec_driver_sql(_BEGUN).scalar()
        if not empty or not statements:
            migrations_upgrade(connection)
        if empty and not statements:
            statements.extend(row.sql for row in connection.exec_driver_sql(_SCHEMA))
            version = connection.exec_driver_sql(_VERSION).scalar_one()
            statements.append(f"INSERT INTO alembic_version VALUES ('{version}')")
        elif empty:
            for each in statements:
                connection.exec_driver_sql(each)

    migrations_upgrade = migrations.upgrade
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "upgrade", upgrade)
        yield

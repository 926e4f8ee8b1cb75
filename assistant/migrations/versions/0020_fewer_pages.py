"""What every turn writes for the audit chain touches fewer pages: no index nobody asks, no row number beside an id."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Drops two indexes, and makes the turns under way a table ordered by their id where it is SQLite's."""
    op.drop_index("ix_receipts_conversation_id", "receipts")
    op.drop_index("ix_audit_open_subject", "audit_open")
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("audit_open", recreate="always", table_kwargs={"sqlite_with_rowid": False}):
            pass

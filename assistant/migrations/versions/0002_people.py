"""People, their sessions and keys; embed tokens; keys that end by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds two tables, and to the keys whose they are, when they end, and what an embed token needs."""
    op.create_table(
        "people",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("roles", sa.JSON, nullable=False),
        sa.Column("verticals", sa.JSON),
        sa.Column("password_digest", sa.Text),
        sa.Column("issuer", sa.String(400)),
        sa.Column("subject", sa.String(255)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("issuer", "subject"),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("person_id", sa.String(32), sa.ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"])
    with op.batch_alter_table("keys") as keys:
        keys.add_column(sa.Column("prefix", sa.String(3), nullable=False, server_default="ast"))
        keys.add_column(sa.Column("origins", sa.JSON))
        keys.add_column(sa.Column("person_id", sa.String(32)))
        keys.add_column(sa.Column("expires_at", sa.DateTime(timezone=True)))
        keys.create_foreign_key("fk_keys_person_id", "people", ["person_id"], ["id"])

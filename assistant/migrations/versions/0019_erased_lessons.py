"""Approved texts that were erased: ids alone, by which an adapter that learnt from one is known to need training."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Adds the table."""
    op.create_table(
        "erased_lessons",
        sa.Column("answer_id", sa.String(64), primary_key=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
    )

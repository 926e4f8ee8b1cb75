"""The questions of batches."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Adds the table of questions."""
    op.create_table(
        "batch_items",
        sa.Column("batch_id", sa.String(64), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("custom_id", sa.String(200), nullable=False),
        sa.Column("answer_id", sa.String(64), nullable=False),
        sa.Column("body", sa.JSON),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.JSON),
    )

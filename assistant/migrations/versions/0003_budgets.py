"""What each key used on each day, and what a key may use where that is not what all may."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds the table of days, and to the keys their own allowance."""
    op.create_table(
        "spent",
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("answers", sa.BigInteger, nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger, nullable=False),
        sa.Column("completion_tokens", sa.BigInteger, nullable=False),
    )
    op.add_column("keys", sa.Column("allowance", sa.JSON))

"""What each account used on each day by vertical, with the energy of the checks, beside the totals of the budgets."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"

_COUNTS = "answers, prompt_tokens, completion_tokens, cost_usd, energy_wh, estimated_wh, co2_g"


def upgrade() -> None:
    """Adds the table, with the days until now under no vertical in particular."""
    op.create_table(
        "used",
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("vertical", sa.String(64), primary_key=True),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("answers", "prompt_tokens", "completion_tokens")),
        *(
            sa.Column(name, sa.Double, nullable=False)
            for name in ("cost_usd", "energy_wh", "estimated_wh", "checks_wh", "co2_g")
        ),
    )
    op.execute(
        f"INSERT INTO used (account, day, vertical, checks_wh, {_COUNTS}) "  # noqa: S608 — names of columns, ours
        f"SELECT account, day, '', 0, {_COUNTS} FROM spent"
    )

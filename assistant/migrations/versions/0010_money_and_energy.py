"""Money, energy and carbon beside the tokens of each day."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"


def upgrade() -> None:
    """Adds four counts to the days; what was used before counts as nothing."""
    for name in ("cost_usd", "energy_wh", "estimated_wh", "co2_g"):
        op.add_column("spent", sa.Column(name, sa.Double, nullable=False, server_default="0"))

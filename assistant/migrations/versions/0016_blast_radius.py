"""The blast radius of proposed states: what was counted, and which turns come out otherwise."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Adds the tables of countings and of the turns they found."""
    op.create_table(
        "revision_radii",
        sa.Column("id", sa.String(64), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("digest", sa.String(80), sa.ForeignKey("revision_trees.digest"), nullable=False),
        sa.Column("surroundings", sa.String(64), nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("place", sa.JSON),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_revision_radii_digest", "revision_radii", ["digest"])
    op.create_table(
        "revision_radius_turns",
        sa.Column("radius_id", sa.String(64), sa.ForeignKey("revision_radii.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("vertical", sa.String(64), nullable=False),
        sa.Column("answer_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("rail_before", sa.String(200)),
        sa.Column("rail_after", sa.String(200)),
        sa.Column("says_before", sa.Text),
        sa.Column("says_after", sa.Text),
    )

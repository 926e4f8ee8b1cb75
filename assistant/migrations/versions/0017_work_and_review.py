"""Texts that wait for a person's approval, and turns that wait for a person's judgement."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Adds the tables of work and of review; both go with the turn they are about."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "work_items",
        _turn(),
        sa.Column("vertical", sa.String(64), nullable=False),
        sa.Column("task", sa.String(16), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("documents", sa.Text, nullable=False),
        sa.Column("approved", sa.Text),
        sa.Column("approved_at", moment),
        sa.Column("approved_by", sa.String(64)),
        sa.Column("seconds", sa.Integer),
        sa.Column("word_edits", sa.Integer),
        sa.Column("character_edits", sa.Integer),
    )
    op.create_index("ix_work_items_created_at", "work_items", ["created_at"])
    op.create_table(
        "review_items",
        _turn(),
        sa.Column("blocked", sa.Boolean, nullable=False),
        sa.Column("low_support", sa.Boolean, nullable=False),
        sa.Column("masked", sa.Boolean, nullable=False),
    )
    op.create_table(
        "review_marks",
        _turn(),
        sa.Column("right", sa.Boolean, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("person_id", sa.String(32), sa.ForeignKey("people.id"), nullable=False),
        sa.Column("marked_at", moment, nullable=False),
    )


def _turn() -> sa.Column[str]:
    return sa.Column("answer_id", sa.String(64), sa.ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)

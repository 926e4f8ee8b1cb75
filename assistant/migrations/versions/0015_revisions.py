"""Revisions: what is proposed, tried, approved and published."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Adds the tables of contents, states of folders, proposals, what is live, trials and acts."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "revision_contents",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "revision_trees",
        sa.Column("digest", sa.String(80), primary_key=True),
        sa.Column("folder", sa.String(80), nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("sound_at", moment),
        sa.Column("withdrawn_at", moment),
    )
    op.create_index("ix_revision_trees_folder", "revision_trees", ["folder"])
    op.create_table(
        "revision_proposals",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("folder", sa.String(80), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("author_id", sa.String(32), sa.ForeignKey("people.id"), nullable=False),
        sa.Column("parent", sa.String(80), sa.ForeignKey("revision_trees.digest")),
        sa.Column("digest", sa.String(80), sa.ForeignKey("revision_trees.digest")),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("approver_id", sa.String(32), sa.ForeignKey("people.id")),
        sa.Column("emergency", sa.Text),
        sa.Column("reviewed_at", moment),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("changed_at", moment, nullable=False),
    )
    op.create_index("ix_revision_proposals_folder", "revision_proposals", ["folder"])
    op.create_table(
        "revision_draft_files",
        sa.Column(
            "proposal_id",
            sa.String(40),
            sa.ForeignKey("revision_proposals.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("path", sa.String(255), primary_key=True),
        sa.Column("content", sa.LargeBinary),
        sa.Column("saved_at", moment, nullable=False),
    )
    op.create_table(
        "revision_live",
        sa.Column("folder", sa.String(80), primary_key=True),
        sa.Column("digest", sa.String(80), sa.ForeignKey("revision_trees.digest"), nullable=False),
        sa.Column("proposal_id", sa.String(40), sa.ForeignKey("revision_proposals.id")),
        sa.Column("person_id", sa.String(32), sa.ForeignKey("people.id"), nullable=False),
        sa.Column("since", moment, nullable=False),
    )
    op.create_table(
        "revision_examinations",
        sa.Column("digest", sa.String(80), sa.ForeignKey("revision_trees.digest"), primary_key=True),
        sa.Column("surroundings", sa.String(64), primary_key=True),
        sa.Column("passed", sa.Boolean, nullable=False),
        sa.Column("found", sa.JSON, nullable=False),
        sa.Column("ran_at", moment, nullable=False),
    )
    op.create_table(
        "revision_acts",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("folder", sa.String(80), nullable=False),
        sa.Column("proposal_id", sa.String(40)),
        sa.Column("digest", sa.String(80)),
        sa.Column("person_id", sa.String(32), sa.ForeignKey("people.id"), nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("at", moment, nullable=False),
    )
    op.create_index("ix_revision_acts_folder", "revision_acts", ["folder"])
    op.create_index("ix_revision_acts_proposal_id", "revision_acts", ["proposal_id"])

"""Invitations to sign a work, and claims of imported authors.

Revision: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.types import BigId, KeyText, UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "byline_invitations",
        sa.Column("id", BigId, nullable=False),
        sa.Column("work_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name=op.f("fk_byline_invitations_author_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["work_id"], ["works.id"], name=op.f("fk_byline_invitations_work_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_byline_invitations")),
        sa.UniqueConstraint("work_id", "author_id", name=op.f("uq_byline_invitations_work_id_author_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_byline_invitations_author_id"), "byline_invitations", ["author_id"])
    op.create_table(
        "claims",
        sa.Column("id", BigId, nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("works", KeyText, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("state", KeyText, server_default="open", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("works in ('keep', 'orphan', 'delete')", name=op.f("ck_claims_works")),
        sa.CheckConstraint("state in ('open', 'granted', 'refused')", name=op.f("ck_claims_state")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_claims_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_claims_author_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_claims_state_id"), "claims", ["state", "id"])
    op.create_index(op.f("ix_claims_account_id"), "claims", ["account_id"])
    op.create_index(op.f("ix_claims_author_id"), "claims", ["author_id"])

    # Whoever asks what the archive knows of them is told what they did, too.
    op.create_index(op.f("ix_tag_acts_signed_by_id"), "tag_acts", ["signed_by", "id"])
    op.create_index(op.f("ix_privileged_acts_by_id"), "privileged_acts", ["by", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_privileged_acts_by_id"), table_name="privileged_acts")
    op.drop_index(op.f("ix_tag_acts_signed_by_id"), table_name="tag_acts")
    op.drop_table("claims")
    op.drop_table("byline_invitations")

"""Reports, the log of privileged acts, and notices to accounts.

Revision: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.types import BigId, KeyText, UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("id", BigId, nullable=False),
        sa.Column("subject", KeyText, nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("state", KeyText, server_default="open", nullable=False),
        sa.Column("decision", KeyText, nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("state in ('open', 'closed')", name=op.f("ck_reports_state")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_reports_account_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_reports_state_id"), "reports", ["state", "id"])
    op.create_index(op.f("ix_reports_account_id"), "reports", ["account_id"])
    op.create_table(
        "privileged_acts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("act", KeyText, nullable=False),
        sa.Column("subject", KeyText, nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privileged_acts")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_privileged_acts_subject_subject_id"), "privileged_acts", ["subject", "subject_id"])
    op.create_table(
        "notices",
        sa.Column("id", BigId, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("kind", KeyText, nullable=False),
        sa.Column("work_id", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_notices_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_notices_work_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notices_account_id_id"), "notices", ["account_id", "id"])


def downgrade() -> None:
    for table in ("notices", "privileged_acts", "reports"):
        op.drop_table(table)

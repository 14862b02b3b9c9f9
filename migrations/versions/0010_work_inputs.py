"""Which files told what stands of a work, so that several formats of it do not replace one another.

Revision: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.types import KeyText, UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "work_inputs",
        sa.Column("work_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=False),
        sa.Column("format", KeyText, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.Column("chapters", sa.Integer(), nullable=True),
        sa.Column("taken_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_work_inputs_work_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("work_id", "place", name=op.f("pk_work_inputs")),
        sqlite_with_rowid=False,
    )
    updated = sa.text("outcome = 'updated'")
    op.create_index(
        "ix_import_items_updated", "import_items", ["job_id", "work_id"], postgresql_where=updated, sqlite_where=updated
    )


def downgrade() -> None:
    op.drop_index("ix_import_items_updated", table_name="import_items")
    op.drop_table("work_inputs")

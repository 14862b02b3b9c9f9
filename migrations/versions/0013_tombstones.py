"""What is left of chapters, series and authors that are gone, and which of them a guest may have seen.

Revision: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.types import KeyText, UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
compatible_from = "0012"  # the oldest revision whose programs can work with this schema


def upgrade() -> None:
    op.create_table(
        "tombstones",
        sa.Column("subject", KeyText, nullable=False),
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("work_id", sa.BigInteger(), nullable=True),
        sa.Column("at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("subject", "subject_id", name=op.f("pk_tombstones")),
        sqlite_with_rowid=False,
    )
    op.add_column("chapters", sa.Column("was_public", sa.Boolean(), nullable=True))
    op.add_column("series", sa.Column("was_public", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    op.drop_column("series", "was_public")
    op.drop_column("chapters", "was_public")
    op.drop_table("tombstones")

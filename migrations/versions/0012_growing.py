"""Indexes for what is asked of tables that grow.

The addresses of guests' kudos, notices of a work that is purged, altered tags.

Revision: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_GUESTS = sa.text("guest_hash IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_kudos_guests_at", "kudos", ["at"], sqlite_where=_GUESTS, postgresql_where=_GUESTS)
    op.create_index(op.f("ix_notices_work_id"), "notices", ["work_id"])
    op.create_index(
        "ix_tags_altered", "tags", ["id"], sqlite_where=sa.text("altered = 1"), postgresql_where=sa.text("altered")
    )


def downgrade() -> None:
    op.drop_index("ix_tags_altered", table_name="tags")
    op.drop_index(op.f("ix_notices_work_id"), table_name="notices")
    op.drop_index("ix_kudos_guests_at", table_name="kudos")

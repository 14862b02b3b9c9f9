"""What those who follow the archive need: whether a work was ever listed, and the changes of a work.

Revision: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("works", sa.Column("listing", sa.Text(), server_default="never", nullable=False))
    op.execute("UPDATE works SET listing = 'now' WHERE state = 'published'")
    op.execute(
        "UPDATE works SET listing = 'formerly' WHERE listing = 'never' AND (was_public OR id IN"
        " (SELECT work_id FROM withholdings WHERE state_before = 'published'))"
    )
    op.create_index(op.f("ix_changes_work_id_xid_seq"), "changes", ["work_id", "xid", "seq"])


def downgrade() -> None:
    op.drop_index(op.f("ix_changes_work_id_xid_seq"), table_name="changes")
    op.drop_column("works", "listing")

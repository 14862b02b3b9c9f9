"""Sketches of works, by which near duplicates are found, and what an import says of them.

Every work that is here waits for its sketch: workers make them, some at a time.

Revision: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.types import BigId

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ALIKE = sa.text("possible_duplicates IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "work_sketches",
        sa.Column("work_id", BigId, autoincrement=False, nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_work_sketches_work_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("work_id", name=op.f("pk_work_sketches")),
    )
    op.create_table(
        "sketch_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("work_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "work_id", name=op.f("pk_sketch_keys")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sketches_waiting",
        sa.Column("id", BigId, nullable=False),
        sa.Column("work_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["work_id"], ["works.id"], name=op.f("fk_sketches_waiting_work_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sketches_waiting")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sketches_waiting_work_id"), "sketches_waiting", ["work_id"])
    op.execute("INSERT INTO sketches_waiting (work_id) SELECT id FROM works WHERE has_text ORDER BY id")
    op.add_column("import_items", sa.Column("possible_duplicates", sa.JSON(none_as_null=True), nullable=True))
    op.create_index(
        "ix_import_items_alike", "import_items", ["job_id", "number"], sqlite_where=ALIKE, postgresql_where=ALIKE
    )


def downgrade() -> None:
    op.drop_index("ix_import_items_alike", table_name="import_items")
    op.drop_column("import_items", "possible_duplicates")
    op.drop_index(op.f("ix_sketches_waiting_work_id"), table_name="sketches_waiting")
    op.drop_table("sketches_waiting")
    op.drop_table("sketch_keys")
    op.drop_table("work_sketches")

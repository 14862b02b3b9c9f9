"""Writing over the API: revisions, hidden and deleted works, series that are made here, kudos and hits.

Revision: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.types import BigId, KeyText, UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FALSE = sa.text("false")


def upgrade() -> None:
    op.create_table(
        "withholdings",
        sa.Column("work_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", KeyText, nullable=False),
        sa.Column("state_before", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind in ('hidden', 'deleted')", name=op.f("ck_withholdings_kind")),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_withholdings_work_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("work_id", "kind", name=op.f("pk_withholdings")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "series_authors",
        sa.Column("series_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_series_authors_author_id")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_series_authors_series_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("series_id", "position", name=op.f("pk_series_authors")),
        sa.UniqueConstraint("author_id", "series_id", name=op.f("uq_series_authors_author_id_series_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "kudos",
        sa.Column("id", BigId, nullable=False),
        sa.Column("work_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("guest_hash", KeyText, nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_kudos_account_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_kudos_work_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kudos")),
        sa.UniqueConstraint("work_id", "account_id", name=op.f("uq_kudos_work_id_account_id")),
        sa.UniqueConstraint("work_id", "guest_hash", name=op.f("uq_kudos_work_id_guest_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_kudos_account_id"), "kudos", ["account_id"])
    op.create_index(op.f("ix_kudos_at"), "kudos", ["at"])
    op.create_table(
        "hit_marks",
        sa.Column("work_id", sa.BigInteger(), nullable=False),
        sa.Column("visitor_hash", KeyText, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_hit_marks_work_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("work_id", "visitor_hash", name=op.f("pk_hit_marks")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_hit_marks_at"), "hit_marks", ["at"])
    op.add_column("series_works", sa.Column("place", sa.Integer(), nullable=True))
    op.add_column("works", sa.Column("dated", sa.Boolean(), server_default=FALSE, nullable=False))
    op.add_column("works", sa.Column("edited_at", UTCDateTime(), nullable=True))
    op.add_column("chapters", sa.Column("dated", sa.Boolean(), server_default=FALSE, nullable=False))
    op.add_column("chapters", sa.Column("saved_at", UTCDateTime(), nullable=True))
    op.add_column("chapters", sa.Column("saved_by", sa.Text(), nullable=True))
    op.add_column("chapter_revisions", sa.Column("by", sa.Text(), nullable=True))
    for table in ("chapters", "chapter_revisions"):
        op.add_column(table, sa.Column("words_added", sa.Integer(), server_default="0", nullable=False))
        op.add_column(table, sa.Column("words_removed", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    for table, columns in (
        ("chapter_revisions", ("words_removed", "words_added", "by")),
        ("chapters", ("words_removed", "words_added", "saved_by", "saved_at", "dated")),
        ("works", ("edited_at", "dated")),
        ("series_works", ("place",)),
    ):
        for column in columns:
            op.drop_column(table, column)
    op.drop_table("hit_marks")
    op.drop_table("kudos")
    op.drop_table("series_authors")
    op.drop_table("withholdings")

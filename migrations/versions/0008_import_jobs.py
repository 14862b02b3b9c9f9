"""Import jobs, who brought a work, the address of a chapter at its source, and undone imports.

Revision: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.types import BigId, KeyText, UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_jobs",
        sa.Column("id", BigId, nullable=False),
        sa.Column("importer", KeyText, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("as_admin", sa.Boolean(), nullable=False),
        sa.Column("state", KeyText, nullable=False),
        sa.Column("mode", KeyText, nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("format", KeyText, nullable=True),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("claimed_at", UTCDateTime(), nullable=True),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("problem", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("undo", KeyText, nullable=True),
        sa.Column("undo_by", sa.Text(), nullable=True),
        sa.CheckConstraint("mode in ('upsert', 'create_only', 'replace')", name=op.f("ck_import_jobs_mode")),
        sa.CheckConstraint(
            "state in ('receiving', 'queued', 'running', 'paused', 'cancelled', 'succeeded', 'failed')",
            name=op.f("ck_import_jobs_state"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_import_jobs_account_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_jobs")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_import_jobs_account_id"), "import_jobs", ["account_id"])
    op.create_index(op.f("ix_import_jobs_importer_id"), "import_jobs", ["importer", "id"])
    op.create_index(op.f("ix_import_jobs_state"), "import_jobs", ["state"])
    op.create_table(
        "import_chunks",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["import_jobs.id"], name=op.f("fk_import_chunks_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_import_chunks")),
    )
    op.create_table(
        "import_files",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("begins", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("format", KeyText, nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"], ["import_jobs.id"], name=op.f("fk_import_files_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_import_files")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "import_items",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("outcome", KeyText, nullable=False),
        sa.Column("work_id", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.Column("undone", KeyText, nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"], ["import_jobs.id"], name=op.f("fk_import_items_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_import_items")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_import_items_job_id_outcome_number"), "import_items", ["job_id", "outcome", "number"])
    op.create_table(
        "import_units",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", KeyText, nullable=False),
        sa.Column("first_file", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_file", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("begins", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("ends", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("first_line", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("first_index", sa.BigInteger(), nullable=True),
        sa.Column("count", sa.BigInteger(), nullable=True),
        sa.Column("done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("updated", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=True),
        sa.Column("finished", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("worker", KeyText, nullable=True),
        sa.Column("leased_until", UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("kind in ('lines', 'files', 'finish', 'undo')", name=op.f("ck_import_units_kind")),
        sa.ForeignKeyConstraint(
            ["job_id"], ["import_jobs.id"], name=op.f("fk_import_units_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_import_units")),
        sqlite_with_rowid=False,
    )
    op.add_column("chapters", sa.Column("source_url", sa.Text(), nullable=True))
    op.add_column("withholdings", sa.Column("undone_import", sa.BigInteger(), nullable=True))
    op.add_column("works", sa.Column("importer", KeyText, nullable=True))
    op.execute("UPDATE works SET importer = 'operator' WHERE import_digest IS NOT NULL")


def downgrade() -> None:
    op.drop_column("works", "importer")
    op.drop_column("withholdings", "undone_import")
    op.drop_column("chapters", "source_url")
    for table in ("import_units", "import_items", "import_files", "import_chunks", "import_jobs"):
        op.drop_table(table)

"""Acts of wrangling with what they changed, fandoms assigned to wranglers, and marks on tags that changed.

Revision: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.types import BigId, KeyText, UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain ADD COLUMN on both databases: no table is rebuilt, nothing is locked for long.
    op.add_column("tags", sa.Column("altered", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("tags", sa.Column("wrangled_change", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_relationship_members_character_id"), "relationship_members", ["character_id"])
    op.create_table(
        "tag_acts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("tag_id", sa.BigInteger(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=True),
        sa.Column("works", sa.BigInteger(), nullable=True),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_acts")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_tag_acts_tag_id"), "tag_acts", ["tag_id"])
    op.create_table(
        "tag_act_effects",
        sa.Column("act_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("tag_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["act_id"], ["tag_acts.id"], name=op.f("fk_tag_act_effects_act_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("act_id", "position", name=op.f("pk_tag_act_effects")),
    )
    op.create_index(op.f("ix_tag_act_effects_tag_id"), "tag_act_effects", ["tag_id"])
    op.create_index(op.f("ix_tag_act_effects_other_id"), "tag_act_effects", ["other_id"])
    op.create_table(
        "wrangling_assignments",
        sa.Column("fandom_id", sa.BigInteger(), nullable=False),
        sa.Column("wrangler", KeyText, nullable=False),
        sa.ForeignKeyConstraint(
            ["fandom_id"], ["tags.id"], name=op.f("fk_wrangling_assignments_fandom_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("fandom_id", "wrangler", name=op.f("pk_wrangling_assignments")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_wrangling_assignments_wrangler"), "wrangling_assignments", ["wrangler"])


def downgrade() -> None:
    op.drop_table("wrangling_assignments")
    op.drop_table("tag_act_effects")
    op.drop_table("tag_acts")
    op.drop_index(op.f("ix_relationship_members_character_id"), "relationship_members")
    op.drop_column("tags", "wrangled_change")
    op.drop_column("tags", "altered")

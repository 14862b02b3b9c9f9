"""Works, chapters, revisions, tags and their links, authors, series, sources, and the changes log.

Revision: 0001
"""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

from app.db.types import BigId, KeyText, UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive_facts",
        sa.Column("name", KeyText, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_archive_facts")),
    )
    op.create_table(
        "authors",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", KeyText, nullable=False),
        sa.Column("site", KeyText, nullable=True),
        sa.Column("bio", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authors")),
        sa.UniqueConstraint("site", "name_key", name=op.f("uq_authors_site_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_authors_name_key"), "authors", ["name_key"], unique=False)
    op.create_table(
        "changes",
        sa.Column("seq", BigId, nullable=False),
        sa.Column("xid", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("work_id", sa.BigInteger(), nullable=True),
        sa.Column("tag_id", sa.BigInteger(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_changes_xid_seq"), "changes", ["xid", "seq"], unique=False)
    op.create_table(
        "series",
        sa.Column("id", BigId, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("identity", KeyText, nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("identity", name=op.f("uq_series_identity")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tags",
        sa.Column("id", BigId, nullable=False),
        sa.Column("type", KeyText, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", KeyText, nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("canonical", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("canonical_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("type in ('fandom', 'character', 'relationship', 'freeform')", name=op.f("ck_tags_type")),
        sa.CheckConstraint("canonical_id is null or canonical_id <> id", name=op.f("ck_tags_not_its_own_synonym")),
        sa.CheckConstraint("not canonical or canonical_id is null", name=op.f("ck_tags_canonical_or_synonym")),
        sa.ForeignKeyConstraint(["canonical_id"], ["tags.id"], name=op.f("fk_tags_canonical_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("type", "name_key", name=op.f("uq_tags_type_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_tags_canonical_id"), "tags", ["canonical_id"], unique=False)
    op.create_table(
        "works",
        sa.Column("id", BigId, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("end_notes", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("rating", sa.Text(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("has_text", sa.Boolean(), nullable=False),
        sa.Column("words", sa.BigInteger(), nullable=False),
        sa.Column("chapters_posted", sa.Integer(), nullable=False),
        sa.Column("chapters_expected", sa.Integer(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.Column("revised_at", UTCDateTime(), nullable=False),
        sa.Column("brought_kudos", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("brought_comments", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("brought_bookmarks", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("brought_hits", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("counted_kudos", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("counted_comments", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("counted_bookmarks", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("counted_hits", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("import_digest", sa.LargeBinary(), nullable=True),
        sa.Column("cleaner_version", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("was_public", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("state in ('draft', 'published', 'hidden', 'deleted')", name=op.f("ck_works_state")),
        sa.CheckConstraint("visibility in ('public', 'registered')", name=op.f("ck_works_visibility")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_works")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "chapters",
        sa.Column("id", BigId, nullable=False),
        sa.Column("work_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("end_notes", sa.Text(), server_default="", nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.Column("revised_at", UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("cleaner_version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint("state in ('draft', 'published')", name=op.f("ck_chapters_state")),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_chapters_work_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chapters")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_chapters_work_id_position"), "chapters", ["work_id", "position"], unique=False)
    op.create_table(
        "import_keys",
        sa.Column("importer", KeyText, nullable=False),
        sa.Column("key", KeyText, nullable=False),
        sa.Column("work_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_import_keys_work_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("importer", "key", name=op.f("pk_import_keys")),
    )
    op.create_index(op.f("ix_import_keys_work_id"), "import_keys", ["work_id"], unique=False)
    op.create_table(
        "relationship_members",
        sa.Column("relationship_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", KeyText, nullable=False),
        sa.Column("character_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["character_id"], ["tags.id"], name=op.f("fk_relationship_members_character_id")),
        sa.ForeignKeyConstraint(
            ["relationship_id"],
            ["tags.id"],
            name=op.f("fk_relationship_members_relationship_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("relationship_id", "position", name=op.f("pk_relationship_members")),
    )
    op.create_index(op.f("ix_relationship_members_name_key"), "relationship_members", ["name_key"], unique=False)
    op.create_table(
        "series_works",
        sa.Column("series_id", sa.BigInteger(), nullable=False),
        sa.Column("work_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_series_works_series_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_series_works_work_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("series_id", "work_id", name=op.f("pk_series_works")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_series_works_work_id"), "series_works", ["work_id"], unique=False)
    op.create_table(
        "tag_broader",
        sa.Column("narrower_id", sa.BigInteger(), nullable=False),
        sa.Column("broader_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["broader_id"], ["tags.id"], name=op.f("fk_tag_broader_broader_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["narrower_id"], ["tags.id"], name=op.f("fk_tag_broader_narrower_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("narrower_id", "broader_id", name=op.f("pk_tag_broader")),
    )
    op.create_index(op.f("ix_tag_broader_broader_id"), "tag_broader", ["broader_id"], unique=False)
    op.create_table(
        "tag_parents",
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["tags.id"], name=op.f("fk_tag_parents_child_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["parent_id"], ["tags.id"], name=op.f("fk_tag_parents_parent_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("child_id", "parent_id", name=op.f("pk_tag_parents")),
    )
    op.create_index(op.f("ix_tag_parents_parent_id"), "tag_parents", ["parent_id"], unique=False)
    op.create_table(
        "taggings",
        sa.Column("work_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_taggings_tag_id")),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_taggings_work_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("work_id", "position", name=op.f("pk_taggings")),
        sa.UniqueConstraint("tag_id", "work_id", name=op.f("uq_taggings_tag_id_work_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "work_authors",
        sa.Column("work_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_work_authors_author_id")),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_work_authors_work_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("work_id", "position", name=op.f("pk_work_authors")),
        sa.UniqueConstraint("author_id", "work_id", name=op.f("uq_work_authors_author_id_work_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "work_cards",
        sa.Column("work_id", BigId, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_work_cards_work_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("work_id", name=op.f("pk_work_cards")),
    )
    op.create_table(
        "work_sources",
        sa.Column("id", BigId, nullable=False),
        sa.Column("work_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("site", KeyText, nullable=True),
        sa.Column("site_id", KeyText, nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("url_key", KeyText, nullable=True),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_work_sources_work_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_sources")),
        sa.UniqueConstraint("site", "site_id", name=op.f("uq_work_sources_site_site_id")),
        sa.UniqueConstraint("url_key", name=op.f("uq_work_sources_url_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_work_sources_work_id"), "work_sources", ["work_id"], unique=False)
    op.create_table(
        "chapter_revisions",
        sa.Column("id", BigId, nullable=False),
        sa.Column("chapter_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("end_notes", sa.Text(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_chapter_revisions_chapter_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chapter_revisions")),
        sa.UniqueConstraint("chapter_id", "revision", name=op.f("uq_chapter_revisions_chapter_id_revision")),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        # Followers order by transaction, because a smaller number can become visible after a larger one.
        op.alter_column("changes", "xid", server_default=sa.text("(pg_current_xact_id()::text)::bigint"))
    facts = sa.table("archive_facts", sa.column("name"), sa.column("value"))
    op.bulk_insert(facts, [{"name": "archive_id", "value": uuid.uuid4().hex}])


def downgrade() -> None:
    op.drop_table("chapter_revisions")
    op.drop_index(op.f("ix_work_sources_work_id"), table_name="work_sources")
    op.drop_table("work_sources")
    op.drop_table("work_cards")
    op.drop_table("work_authors")
    op.drop_table("taggings")
    op.drop_index(op.f("ix_tag_parents_parent_id"), table_name="tag_parents")
    op.drop_table("tag_parents")
    op.drop_index(op.f("ix_tag_broader_broader_id"), table_name="tag_broader")
    op.drop_table("tag_broader")
    op.drop_index(op.f("ix_series_works_work_id"), table_name="series_works")
    op.drop_table("series_works")
    op.drop_index(op.f("ix_relationship_members_name_key"), table_name="relationship_members")
    op.drop_table("relationship_members")
    op.drop_index(op.f("ix_import_keys_work_id"), table_name="import_keys")
    op.drop_table("import_keys")
    op.drop_index(op.f("ix_chapters_work_id_position"), table_name="chapters")
    op.drop_table("chapters")
    op.drop_table("works")
    op.drop_index(op.f("ix_tags_canonical_id"), table_name="tags")
    op.drop_table("tags")
    op.drop_table("series")
    op.drop_index(op.f("ix_changes_xid_seq"), table_name="changes")
    op.drop_table("changes")
    op.drop_index(op.f("ix_authors_name_key"), table_name="authors")
    op.drop_table("authors")
    op.drop_table("archive_facts")

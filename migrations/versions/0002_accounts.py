"""Accounts, tokens, invitations, codes sent by mail, kept answers, counts of rate limits; whose pen names are whose.

Revision: 0002, after 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.types import BigId, KeyText, UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("login_key", KeyText, nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_key", KeyText, nullable=True),
        sa.Column("confirmed_email_key", KeyText, nullable=True),
        sa.Column("email_confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("role", KeyText, server_default="member", nullable=False),
        sa.Column("suspended_at", UTCDateTime(), nullable=True),
        sa.Column("suspended_reason", sa.Text(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("deleted_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("confirmed_email_key", name=op.f("uq_accounts_confirmed_email_key")),
        sa.UniqueConstraint("login_key", name=op.f("uq_accounts_login_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_accounts_email_key"), "accounts", ["email_key"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", KeyText, nullable=False),
        sa.Column("key", KeyText, nullable=False),
        sa.Column("request", KeyText, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_idempotency_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("id", BigId, nullable=False),
        sa.Column("hash", KeyText, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("hash", name=op.f("uq_invitations_hash")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "rate_counts",
        sa.Column("bucket", KeyText, nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "slot", name=op.f("pk_rate_counts")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_rate_counts_ends_at"), "rate_counts", ["ends_at"], unique=False)
    op.create_table(
        "identities",
        sa.Column("id", BigId, nullable=False),
        sa.Column("issuer", KeyText, nullable=False),
        sa.Column("subject", KeyText, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_identities_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identities_issuer_subject")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_identities_account_id"), "identities", ["account_id"], unique=False)
    op.create_table(
        "mail_codes",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", KeyText, nullable=False),
        sa.Column("hash", KeyText, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("email_key", KeyText, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_mail_codes_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_codes")),
        sa.UniqueConstraint("hash", name=op.f("uq_mail_codes_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_mail_codes_account_id"), "mail_codes", ["account_id"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", KeyText, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", KeyText, nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=True),
        sa.Column("last_used_at", UTCDateTime(), nullable=True),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_tokens_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_tokens_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_tokens_account_id"), "tokens", ["account_id"], unique=False)

    if op.get_bind().dialect.name == "sqlite":
        # In place: a batch would write the whole table anew.
        op.execute(
            "ALTER TABLE authors ADD COLUMN account_id BIGINT CONSTRAINT fk_authors_account_id REFERENCES accounts (id)"
        )
    else:
        op.add_column("authors", sa.Column("account_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f("fk_authors_account_id"), "authors", "accounts", ["account_id"], ["id"])
    op.create_index(op.f("ix_authors_account_id"), "authors", ["account_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_authors_account_id"), table_name="authors")
    op.drop_column("authors", "account_id")
    op.drop_index(op.f("ix_tokens_account_id"), table_name="tokens")
    op.drop_table("tokens")
    op.drop_index(op.f("ix_mail_codes_account_id"), table_name="mail_codes")
    op.drop_table("mail_codes")
    op.drop_index(op.f("ix_identities_account_id"), table_name="identities")
    op.drop_table("identities")
    op.drop_index(op.f("ix_rate_counts_ends_at"), table_name="rate_counts")
    op.drop_table("rate_counts")
    op.drop_table("invitations")
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index(op.f("ix_accounts_email_key"), table_name="accounts")
    op.drop_table("accounts")

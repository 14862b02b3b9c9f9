"""Tokens and codes by when they end, so that what has ended is found.

Revision: 0009
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_tokens_expires_at"), "tokens", ["expires_at"])
    op.create_index(op.f("ix_mail_codes_expires_at"), "mail_codes", ["expires_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_mail_codes_expires_at"), table_name="mail_codes")
    op.drop_index(op.f("ix_tokens_expires_at"), table_name="tokens")

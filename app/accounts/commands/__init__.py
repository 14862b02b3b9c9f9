"""What changes accounts, their tokens, and the codes that are sent to them."""

from app.accounts.commands.tokens import (
    IssuedToken,
    issue_token,
    note_use,
    revoke_operator_token,
)

__all__ = ["IssuedToken", "issue_token", "note_use", "revoke_operator_token"]

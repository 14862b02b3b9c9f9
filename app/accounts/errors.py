"""What goes wrong around accounts and tokens."""

from __future__ import annotations

from app.errors import Forbidden


class InsufficientScope(Forbidden):
    """The token has no such scope, or the account no such role."""

    code, title = "insufficient-scope", "The token may not do this"


class AccountSuspended(Forbidden):
    """A suspended account may read, and write nothing."""

    code, title = "account-suspended", "The account is suspended"
    detail = "This account is suspended: it may read, and write nothing."


class EmailUnconfirmed(Forbidden):
    """An account may write once its e-mail address is confirmed."""

    code, title = "email-unconfirmed", "The e-mail address is not confirmed"
    detail = "Confirm your e-mail address first; then you may write."

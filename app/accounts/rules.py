"""Who is asking, and what that lets them see and do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from app.accounts.errors import (
    AccountSuspended,
    EmailUnconfirmed,
    InsufficientScope,
    NoAccount,
)
from app.errors import Unauthenticated

Scope = Literal["read", "write", "import", "wrangle", "moderate", "admin"]
Role = Literal["member", "wrangler", "moderator", "admin"]
SCOPES: tuple[str, ...] = get_args(Scope)
ROLES: tuple[str, ...] = get_args(Role)

_MEMBER = frozenset({"read", "write", "import"})
SCOPES_OF_ROLE = MappingProxyType(
    {
        "member": _MEMBER,
        "wrangler": _MEMBER | {"wrangle"},
        "moderator": _MEMBER | {"wrangle", "moderate"},
        "admin": frozenset(SCOPES),
    }
)
"""What a role can hold: each has what the one before it has."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """The caller of a request.

    ``signed_in`` opens works for registered readers. ``name`` is how acts are signed in histories: the login, or the
    name of an operator's token, which has no account. ``barred`` says why an account may read and not write.
    """

    signed_in: bool = False
    account_id: int | None = None
    token_id: int | None = None
    role: str | None = None
    scopes: frozenset[str] = frozenset()
    author_ids: frozenset[int] = frozenset()
    name: str = ""
    barred: Literal["suspended", "unconfirmed"] | None = None

    @property
    def visibilities(self) -> tuple[str, ...]:
        """The visibilities of published works that the viewer finds in lists and search."""
        return ("public", "registered") if self.signed_in else ("public",)


GUEST = Viewer()


def has_right(viewer: Viewer, scope: str) -> bool:
    """Whether the token has the scope (`admin` has all) and, where there is an account, its role can hold it."""
    if scope not in viewer.scopes and "admin" not in viewer.scopes:
        return False
    if viewer.account_id is None:
        return True
    held = SCOPES_OF_ROLE[viewer.role or "member"]
    return scope in held and (scope in viewer.scopes or "admin" in held)


def is_moderator(viewer: Viewer) -> bool:
    """Whether the caller acts as a moderator."""
    return has_right(viewer, "moderate") and viewer.barred is None


def is_admin(viewer: Viewer) -> bool:
    """Whether the caller counts as the owner of every work."""
    return has_right(viewer, "admin") and viewer.barred is None


def require_scope(viewer: Viewer, scope: str, *, barred_too: bool = False) -> None:
    """Raise 401 for guests, and 403 saying why for callers who may not.

    With ``barred_too`` it is open to accounts that may else write nothing: what they need to look after themselves.
    """
    if not viewer.signed_in:
        raise Unauthenticated
    if viewer.barred is not None and scope != "read" and not barred_too:
        raise AccountSuspended if viewer.barred == "suspended" else EmailUnconfirmed
    if not has_right(viewer, scope):
        raise InsufficientScope(
            f"This needs the scope `{scope}`{_and_role(viewer, scope)}.",
            headers={"WWW-Authenticate": f'Bearer realm="fanarchive", error="insufficient_scope", scope="{scope}"'},
        )


def require_account(viewer: Viewer) -> int:
    """The caller's account; raises 403 for an operator's token, which has none."""
    if viewer.account_id is None:
        raise NoAccount
    return viewer.account_id


def effective_scopes(viewer: Viewer) -> list[str]:
    """What the caller can do in the end, in the order of the scopes."""
    return [scope for scope in SCOPES if has_right(viewer, scope)]


def _and_role(viewer: Viewer, scope: str) -> str:
    if viewer.account_id is None or scope in SCOPES_OF_ROLE[viewer.role or "member"]:
        return ""
    first = next(role for role in ROLES if scope in SCOPES_OF_ROLE[role])
    return f" and the role `{first}`"


def in_order(scopes: Iterable[str]) -> list[str]:
    """Scopes as they are shown: each once, in their own order."""
    given = set(scopes)
    return [scope for scope in SCOPES if scope in given]

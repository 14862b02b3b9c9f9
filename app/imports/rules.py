"""Whose imports they are."""

from __future__ import annotations

from app.accounts.rules import Viewer, is_admin

OPERATOR = "operator"
ENDED = ("cancelled", "succeeded", "failed")


def importer_of(viewer: Viewer) -> str:
    """Whose keys and jobs they are: an account's own; operators share theirs."""
    return OPERATOR if viewer.account_id is None else f"account {viewer.account_id}"


def may_see(viewer: Viewer, importer: str) -> bool:
    """Whether a job is the caller's own, or the caller an admin."""
    return is_admin(viewer) or importer == importer_of(viewer)

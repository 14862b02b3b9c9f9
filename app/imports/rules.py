"""Whom an import belongs to, and what an importer may do to existing works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.accounts.rules import Viewer, is_admin

OPERATOR = "operator"
ENDED = ("cancelled", "succeeded", "failed")
Mode = Literal["upsert", "create_only", "replace"]


@dataclass(frozen=True, slots=True)
class Rights:
    """An importer. ``importer`` is whose keys count; ``any_work`` is an operator's, or an admin's.

    ``pen_names`` are the importer's own, by name key: only under these does a file put works under an account.
    """

    importer: str = OPERATOR
    by: str = "command line"
    any_work: bool = True
    mode: Mode = "upsert"
    pen_names: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def author_ids(self) -> frozenset[int]:
        """The ids of the importer's own pen names."""
        return frozenset(author_id for author_id, _ in self.pen_names.values())

    def may_change(self, importer: str | None, *, own: bool, signed_by_others: bool) -> bool:
        """Whether a work may be updated: brought by this importer, and signed by nobody else's pen name; or own."""
        return self.any_work or own or (importer == self.importer and not signed_by_others)


def importer_of(viewer: Viewer) -> str:
    """Whose keys and jobs they are: an account's own; operators share theirs."""
    return OPERATOR if viewer.account_id is None else f"account {viewer.account_id}"


def may_see(viewer: Viewer, importer: str) -> bool:
    """Whether a job is the caller's own, or the caller an admin."""
    return is_admin(viewer) or importer == importer_of(viewer)

"""Who may read a work: the one policy on facts that are loaded. Its rendering as SQL is :mod:`app.accounts.queries`.

Lists and search show less than may be read: there its renderings are SQL again and :mod:`app.search.visibility`.
"""

from __future__ import annotations

from typing import Literal

from app.accounts.rules import Viewer, is_admin, is_moderator

Access = Literal["open", "registered-only", "gone", "unknown"]


def access(viewer: Viewer, state: str, visibility: str, *, was_public: bool, own: bool) -> Access:
    """Whether a work may be read, and else what its address answers; ``own`` is whether the viewer wrote it."""
    if own or is_moderator(viewer):
        return "open"
    if state == "published":
        return "open" if is_listed(viewer, state, visibility) else "registered-only"
    return "gone" if state == "deleted" and was_public else "unknown"


def is_listed(viewer: Viewer, state: str, visibility: str) -> bool:
    """Whether a work is found in lists and search."""
    return state == "published" and visibility in viewer.visibilities


def sees_drafts(viewer: Viewer, *, own: bool, posted: int) -> bool:
    """Whether the draft chapters of a readable work are shown: to its authors, and where there is nothing else."""
    return own or (is_moderator(viewer) and posted == 0)


def may_own(viewer: Viewer) -> bool:
    """Whether there can be works of the viewer: for all others no look-up is needed."""
    return bool(viewer.author_ids) or is_admin(viewer)

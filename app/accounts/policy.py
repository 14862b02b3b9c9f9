"""Who may read a work: the one policy on facts that are loaded. Its rendering as SQL is :mod:`app.accounts.queries`.

Lists and search show less than may be read: there its renderings are SQL again and :mod:`app.search.visibility`.
"""

from __future__ import annotations

from typing import Literal

from app.accounts.rules import Viewer, is_admin, is_moderator

Access = Literal["open", "registered-only", "gone", "unknown"]
What = Literal["created", "changed", "withdrawn", "deleted"]


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


def told_of(
    viewer: Viewer, state: str, visibility: str, *, was_public: bool, was_listed: bool, own: bool, known: bool
) -> What | None:
    """What a change of a work means for one who follows the archive; ``None`` where they are not to know of it.

    ``known`` is whether it had changed before they began. That it is gone is told to all who may have seen it.
    """
    insider = own or is_moderator(viewer)
    may_know = insider or was_public or (was_listed and viewer.signed_in)
    if state == "deleted":
        return "deleted" if may_know else None
    if access(viewer, state, visibility, was_public=was_public, own=own) == "open":
        return "changed" if known else "created"
    return "withdrawn" if may_know else None


def sees_drafts(viewer: Viewer, *, own: bool, posted: int) -> bool:
    """Whether the draft chapters of a readable work are shown: to its authors, and where there is nothing else."""
    return own or (is_moderator(viewer) and posted == 0)


def may_own(viewer: Viewer) -> bool:
    """Whether there can be works of the viewer: for all others no look-up is needed."""
    return bool(viewer.author_ids) or is_admin(viewer)

"""Who is calling."""

from __future__ import annotations

from fastapi import Request

from app.accounts.rules import GUEST, Viewer


def viewer_of(request: Request) -> Viewer:  # noqa: ARG001  accounts come later; the seam is here
    """The caller. Everyone is a guest until there are accounts."""
    return GUEST

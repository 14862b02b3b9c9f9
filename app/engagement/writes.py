"""What the writes of readers do. No HTTP, no SQL."""

from __future__ import annotations

from app.accounts.acts import Done, Step
from app.accounts.rules import Viewer
from app.db.engine import Transaction
from app.engagement import commands
from app.works.done import gone


def leave_kudos(viewer: Viewer, work_id: int, guest_hash: str) -> Step:
    """``POST /v1/works/{id}/kudos``."""

    def step(session: Transaction) -> Done:
        return gone(commands.leave_kudos(session, viewer=viewer, work_id=work_id, guest_hash=guest_hash))

    return step


def take_kudos_back(viewer: Viewer, work_id: int, guest_hash: str) -> Step:
    """``DELETE /v1/works/{id}/kudos``."""

    def step(session: Transaction) -> Done:
        return gone(commands.take_kudos_back(session, viewer=viewer, work_id=work_id, guest_hash=guest_hash))

    return step

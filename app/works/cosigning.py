"""What reads and writes of invitations to sign a work do: planned here, run in one transaction. No HTTP, no SQL."""

from __future__ import annotations

from typing import Any

import orjson

from app.accounts.acts import Done, Step
from app.accounts.rules import Viewer, require_account
from app.db.engine import Transaction
from app.kit.dates import rfc3339
from app.search.archive import Archive, Given
from app.works.commands import cosigning
from app.works.done import gone, written
from app.works.queries.cosigning import invitation_row, invitations_of, invitations_of_work
from app.works.queries.reading import work_detail
from app.works.queries.standing import require_own


def _invitation(row: Any) -> dict[str, Any]:
    return {
        "id": row[0],
        "work": {"id": row[1], "title": row[2]},
        "author": {"id": row[3], "name": row[4]},
        "by": row[5],
        "at": rfc3339(row[6]),
    }


def _items(rows: Any) -> bytes:
    items = [_invitation(row) for row in rows]
    return orjson.dumps({"items": items, "total": len(items)})


def work_invitations_body(archive: Archive, viewer: Viewer, work_id: int) -> bytes:
    """``GET /v1/works/{id}/invitations``, for its authors."""
    with archive.database.reading() as connection:
        require_own(connection, viewer, work_id)
        return _items(invitations_of_work(connection, work_id))


def own_invitations_body(archive: Archive, viewer: Viewer) -> bytes:
    """``GET /v1/me/invitations``."""
    require_account(viewer)
    with archive.database.reading() as connection:
        return _items(invitations_of(connection, viewer))


def invite_author(viewer: Viewer, work_id: int, given: Given) -> Step:
    """``POST /v1/works/{id}/invitations``."""

    def step(session: Transaction) -> Done:
        made = cosigning.invite_author(session, viewer=viewer, work_id=work_id, author_id=given["author_id"])
        body = orjson.dumps(_invitation(invitation_row(session.connection(), made.id)))
        return Done(201, body, {"Location": f"/v1/works/{work_id}/invitations"})

    return step


def withdraw_invitation(viewer: Viewer, work_id: int, invitation_id: int) -> Step:
    """``DELETE /v1/works/{id}/invitations/{invitation_id}``."""

    def step(session: Transaction) -> Done:
        cosigning.withdraw_invitation(session, viewer=viewer, work_id=work_id, invitation_id=invitation_id)
        return Done()

    return step


def accept_invitation(viewer: Viewer, invitation_id: int) -> Step:
    """``POST /v1/me/invitations/{id}/accept``."""
    require_account(viewer)

    def step(session: Transaction) -> Done:
        done = cosigning.accept_invitation(session, viewer=viewer, invitation_id=invitation_id)
        detail = work_detail(session.connection(), viewer, done.id)
        return written(done.change, detail.body, detail.version)

    return step


def decline_invitation(viewer: Viewer, invitation_id: int) -> Step:
    """``DELETE /v1/me/invitations/{id}``."""
    require_account(viewer)

    def step(session: Transaction) -> Done:
        cosigning.decline_invitation(session, viewer=viewer, invitation_id=invitation_id)
        return Done()

    return step


def leave_byline(viewer: Viewer, work_id: int, author_id: int) -> Step:
    """``DELETE /v1/works/{id}/authors/{author_id}``."""

    def step(session: Transaction) -> Done:
        return gone(cosigning.leave_byline(session, viewer=viewer, work_id=work_id, author_id=author_id).change)

    return step

"""How a viewer stands to a work: whether they may read it, and what they see of it that strangers do not."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import Connection, select

from app.accounts.policy import access, may_own, sees_drafts
from app.accounts.queries import own_ids
from app.accounts.rules import Viewer, is_moderator
from app.kit.dates import rfc3339
from app.models import Author, Withholding, Work, WorkAuthor
from app.works.errors import NotYours, WorkGone, WorkNotFound, WorkRegisteredOnly
from app.works.rules import RESTORABLE

_REFUSALS = {"registered-only": WorkRegisteredOnly, "gone": WorkGone, "unknown": WorkNotFound}


def check_readable(
    connection: Connection, viewer: Viewer, work_id: int, state: str, visibility: str, *, was_public: bool
) -> None:
    """Raise what the viewer is to be told of a work that they may not read; asks whose it is only where that counts."""
    answer = access(viewer, state, visibility, was_public=was_public, own=False)
    if answer != "open" and not own_ids(connection, viewer, [work_id]):
        raise _REFUSALS[answer]


def require_own(connection: Connection, viewer: Viewer, work_id: int) -> None:
    """Raise what the viewer is to be told of a work that is not theirs to change."""
    row = connection.execute(
        select(Work.state, Work.visibility, Work.was_public).where(Work.id == work_id)
    ).one_or_none()
    if row is None:
        raise WorkNotFound
    if not own_ids(connection, viewer, [work_id]):
        check_readable(connection, viewer, work_id, row[0], row[1], was_public=row[2])
        raise NotYours


def is_insider(viewer: Viewer) -> bool:
    """Whether the viewer can see of any work what strangers do not."""
    return may_own(viewer) or is_moderator(viewer)


def draft_chapters_of(connection: Connection, viewer: Viewer, work_id: int) -> bool:
    """Whether the viewer sees the draft chapters of a work that they may read."""
    if not is_insider(viewer):
        return False
    own = bool(own_ids(connection, viewer, [work_id]))
    if own:
        return True
    posted = connection.execute(select(Work.chapters_posted).where(Work.id == work_id)).scalar()
    return posted is not None and sees_drafts(viewer, own=own, posted=posted)


def insiders_work(connection: Connection, viewer: Viewer, work_id: int, state: str, body: bytes) -> bytes:
    """A work as its authors and moderators see it: who wrote it, why it is hidden, until when it can be restored."""
    if not is_insider(viewer) or (state == "published" and b'"anonymous":true' not in body):
        return body
    if not is_moderator(viewer) and not own_ids(connection, viewer, [work_id]):
        return body
    work: dict[str, Any] = orjson.loads(body)
    if work["anonymous"]:
        work["authors"] = authors_of(connection, [work_id])[work_id]
    if state in {"hidden", "deleted"}:
        query = select(Withholding.kind, Withholding.reason, Withholding.at).where(Withholding.work_id == work_id)
        for kind, reason, at in connection.execute(query):
            if kind == "hidden":
                work["hidden_reason"] = reason
            else:
                work["restorable_until"] = rfc3339(at + RESTORABLE)
    return orjson.dumps(work)


def authors_of(connection: Connection, ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """The bylines of some works, anonymous or not."""
    query = (
        select(WorkAuthor.work_id, Author.id, Author.name)
        .join(Author)
        .where(WorkAuthor.work_id.in_(ids))
        .order_by(WorkAuthor.work_id, WorkAuthor.position)
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for work_id, author_id, name in connection.execute(query):
        found.setdefault(work_id, []).append({"id": author_id, "name": name})
    return found


def unveiled(connection: Connection, cards: dict[int, bytes]) -> dict[int, bytes]:
    """Cards with the authors of the anonymous works among them: for those who wrote them."""
    veiled = [work_id for work_id, card in cards.items() if b'"anonymous":true' in card]
    if not veiled:
        return cards
    bylines = authors_of(connection, veiled)
    shown = {work_id: orjson.loads(cards[work_id]) | {"authors": bylines[work_id]} for work_id in veiled}
    return cards | {work_id: orjson.dumps(card) for work_id, card in shown.items()}

"""Changing a pen name shows in every work that bears it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.commands.recording import record_act
from app.accounts.rules import Viewer, is_admin
from app.errors import NotFound
from app.kit.text import name_key
from app.models import Author, Work, WorkAuthor
from app.works.commands.settling import show_again
from app.works.errors import NotYours

WORKS_AT_ONCE = 500


AuthorRow = tuple[str, str, int]
"""Name, bio and version."""


def edit_author(
    session: Session, *, viewer: Viewer, author_id: int, name: str | None, bio: str | None
) -> tuple[int | None, AuthorRow]:
    """Give a pen name another name or bio; the number of the last change, where works show it, and how it is now.

    What is all as it was is no change.
    """
    author = session.get(Author, author_id, with_for_update=True)
    if author is None:
        raise NotFound("There is no such author.")
    if author_id not in viewer.author_ids and not is_admin(viewer):
        raise NotYours("Only whose pen name it is may do this.")
    renamed = name is not None and name != author.name
    if not renamed and bio in {None, author.bio}:
        return None, (author.name, author.bio, author.version)
    if author_id not in viewer.author_ids:
        record_act(session, by=viewer.name, act="change-author", subject="author", subject_id=author_id)
    author.version += 1
    if bio is not None:
        author.bio = bio
    if name is None or not renamed:
        session.flush()
        return None, (author.name, author.bio, author.version)
    author.name, author.name_key = name, name_key(name)
    session.flush()
    row = (name, author.bio, author.version)
    change, last = None, 0
    query = select(WorkAuthor.work_id).where(WorkAuthor.author_id == author_id).order_by(WorkAuthor.work_id)
    while ids := list(session.scalars(query.where(WorkAuthor.work_id > last).limit(WORKS_AT_ONCE))):
        session.execute(select(Work.id).where(Work.id.in_(ids)).order_by(Work.id).with_for_update())
        change, last = show_again(session.connection(), ids), ids[-1]
    return change, row

"""What the writes of pen names do, and leaving: planned here, run in one transaction. No HTTP, no SQL."""

from __future__ import annotations

from typing import Any

import orjson

from app.accounts.acts import Done, Step
from app.accounts.commands.accounts import make_pen_name
from app.accounts.errors import SessionNeeded
from app.accounts.queries import is_session
from app.accounts.rules import Viewer, require_account
from app.config import Settings
from app.db.engine import Transaction
from app.search.answers import author_json
from app.search.archive import Archive, Given
from app.search.works import describe
from app.web.responses import make_etag
from app.works.commands.leaving import leave
from app.works.commands.pen_names import edit_author
from app.works.done import gone, written
from app.works.inputs import invalid
from app.works.preparing_chapters import Checks
from app.works.texts import checked_name

NOTHING_YET: dict[str, Any] = {"works_count": 0, "words": 0, "fandoms": []}


def _checked(settings: Settings, given: Given) -> tuple[str | None, str | None]:
    """Name and bio as they are kept, where they are given."""
    checks = Checks(settings)
    name = checks.take("?", checked_name, given["name"], "/name") if "name" in given else None
    bio = checks.prose(given["bio"], "/bio", settings.notes_limit) if "bio" in given else None
    if checks.problems:
        raise invalid(checks.problems)
    return name, bio


def create_pen_name(settings: Settings, viewer: Viewer, given: Given) -> Step:
    """``POST /v1/authors``."""
    account_id = require_account(viewer)
    name, bio = _checked(settings, given)

    def step(session: Transaction) -> Done:
        assert name is not None
        author = make_pen_name(session, account_id=account_id, name=name, bio=bio or "")
        body = orjson.dumps(author_json(author.id, (author.name, author.bio, author.version), NOTHING_YET))
        etag = make_etag(author.version, body)
        return Done(201, body, {"Location": f"/v1/authors/{author.id}", "ETag": etag})

    return step


def edit_pen_name(archive: Archive, viewer: Viewer, author_id: int, given: Given) -> Step:
    """``PATCH /v1/authors/{id}``: a new name shows in all that was written under it."""
    name, bio = _checked(archive.settings, given)
    about = describe(archive.snapshot(), viewer, "author_id", author_id)

    def step(session: Transaction) -> Done:
        change, row = edit_author(session, viewer=viewer, author_id=author_id, name=name, bio=bio)
        body = orjson.dumps(author_json(author_id, row, about))
        return Done(200, body, {"ETag": make_etag(row[2], body)}) if change is None else written(change, body, row[2])

    return step


def close_account(viewer: Viewer, given: Given) -> Step:
    """``DELETE /v1/me``."""
    account_id = require_account(viewer)

    def step(session: Transaction) -> Done:
        if not is_session(session, viewer.token_id):
            raise SessionNeeded
        change = leave(session, account_id=account_id, login=viewer.name, delete_works=given.get("works") == "delete")
        return gone(change) if change is not None else Done()

    return step

"""What is told of authors that there are not, or no longer."""

from __future__ import annotations

from sqlalchemy import Connection

from app.authors.errors import AuthorGone, AuthorNotFound
from app.errors import ArchiveError
from app.jobs.tombstones import tombstone_of


def missing_author(connection: Connection, author_id: int) -> ArchiveError:
    """What the address of an author answers whom the caller may not know of."""
    return AuthorGone() if tombstone_of(connection, "author", author_id) else AuthorNotFound()

"""Imported series: known by site, first author and title."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, select

from app.db.bulk import insert_rows, reserve_ids
from app.kit.text import name_key
from app.models import Series

LOOKUP = 500


def series_identity(site: str, author: str, title: str) -> str:
    """How an imported series is known; two authors may each have a series of one title."""
    return f"{site}\n{name_key(author)}\n{name_key(title)}"


def ensure_imported_series(connection: Connection, titles: dict[str, str]) -> dict[str, tuple[int, str]]:
    """Ids and titles by identity, made where they are missing."""
    result: dict[str, tuple[int, str]] = {}
    identities = list(titles)
    for start in range(0, len(identities), LOOKUP):
        query = select(Series.identity, Series.id, Series.title).where(
            Series.identity.in_(identities[start : start + LOOKUP])
        )
        for identity, series_id, title in connection.execute(query):
            assert identity is not None
            result[identity] = (series_id, title)
    # In one order, so that two imports that make the same series wait for one another and not both for each other.
    new = sorted(identity for identity in identities if identity not in result)
    now = datetime.now(UTC)
    rows = []
    for series_id, identity in zip(reserve_ids(connection, Series.__table__, len(new)), new, strict=True):
        rows.append((series_id, titles[identity], identity, now))
        result[identity] = (series_id, titles[identity])
    insert_rows(connection, Series.__table__, ("id", "title", "identity", "created_at"), rows)
    return result

"""Imported authors: known by the site they wrote on and their name there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from app.db.bulk import insert_rows, reserve_ids
from app.kit.text import name_key
from app.models import Author

LOOKUP = 500
AuthorKey = tuple[str, str]


def ensure_imported_authors(
    connection: Connection, names: dict[AuthorKey, str], known: dict[AuthorKey, tuple[int, str]]
) -> dict[AuthorKey, tuple[int, str]]:
    """Ids and names by (site, name key), made where they are missing; ``known`` saves asking again."""
    result = {key: known[key] for key in names if key in known}
    result |= _find(connection, [key for key in names if key not in result])
    # In one order, so that two imports that make the same authors wait for one another and not both for each other.
    new = sorted(key for key in names if key not in result)
    now = datetime.now(UTC)
    rows = []
    for author_id, key in zip(reserve_ids(connection, Author.__table__, len(new)), new, strict=True):
        rows.append((author_id, names[key], key[1], key[0], now))
        result[key] = (author_id, names[key])
    insert_rows(connection, Author.__table__, ("id", "name", "name_key", "site", "created_at"), rows)
    return result


def _find(connection: Connection, keys: Iterable[AuthorKey]) -> dict[AuthorKey, tuple[int, str]]:
    by_site: dict[str, list[str]] = {}
    for site, key in keys:
        by_site.setdefault(site, []).append(key)
    found: dict[AuthorKey, tuple[int, str]] = {}
    for site, names in by_site.items():
        for start in range(0, len(names), LOOKUP):
            query = select(Author.id, Author.name, Author.name_key).where(
                Author.site == site, Author.name_key.in_(names[start : start + LOOKUP])
            )
            for author_id, name, key in connection.execute(query).all():
                found[site, key] = (author_id, name)
    return found


def author_key(site: str, name: str) -> AuthorKey:
    """How an imported author is known."""
    return site, name_key(name)


def claimed_authors(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Those of some authors who belong to an account."""
    wanted = sorted(ids)
    found: set[int] = set()
    for start in range(0, len(wanted), LOOKUP):
        query = select(Author.id).where(Author.id.in_(wanted[start : start + LOOKUP]), Author.account_id.is_not(None))
        found |= set(connection.execute(query).scalars())
    return found

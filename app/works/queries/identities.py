"""Which work an imported one is: by source address, site id, or the importer's key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from app.models import Author, ImportKey, Withholding, Work, WorkAuthor, WorkSource

LOOKUP = 500
Identity = tuple[str, str]


@dataclass(slots=True)
class StoredWork:
    """What an import needs to know of a work that is already here."""

    id: int
    state: str
    digest: bytes | None
    version: int
    was_public: bool
    listing: str
    edited: bool
    """Whether it was edited here: then an import leaves it as it is."""
    importer: str | None
    undone_import: int | None
    """The import that brought it, where an undo of that took it away."""


def find_identities(connection: Connection, identities: Iterable[Identity]) -> dict[Identity, int]:
    """Work ids by identity: (``"url"``, key), (``"site:<site>"``, id) or (``"key:<importer>"``, key)."""
    by_kind: dict[str, list[str]] = {}
    for kind, value in identities:
        by_kind.setdefault(kind, []).append(value)
    found: dict[Identity, int] = {}
    for kind, values in by_kind.items():
        for start in range(0, len(values), LOOKUP):
            part = values[start : start + LOOKUP]
            query: Any
            if kind == "url":
                query = select(WorkSource.url_key, WorkSource.work_id).where(WorkSource.url_key.in_(part))
            elif kind.startswith("site:"):
                query = select(WorkSource.site_id, WorkSource.work_id).where(
                    WorkSource.site == kind[5:], WorkSource.site_id.in_(part)
                )
            else:
                query = select(ImportKey.key, ImportKey.work_id).where(
                    ImportKey.importer == kind[4:], ImportKey.key.in_(part)
                )
            for value, work_id in connection.execute(query).all():
                found[kind, value] = work_id
    return found


def stored_works(connection: Connection, ids: Iterable[int], *, lock: bool = False) -> dict[int, StoredWork]:
    """Some works by id; locked, where they are going to be changed."""
    wanted = sorted(ids)
    found: dict[int, StoredWork] = {}
    for start in range(0, len(wanted), LOOKUP):
        edited = Work.edited_at.is_not(None)
        query = (
            select(
                Work.id, Work.state, Work.import_digest, Work.version, Work.was_public, Work.listing, edited,
                Work.importer, Withholding.undone_import,
            )
            .outerjoin(Withholding, (Withholding.work_id == Work.id) & (Withholding.kind == "deleted"))
            .where(Work.id.in_(wanted[start : start + LOOKUP]))
            .order_by(Work.id)
        )  # fmt: skip
        if lock:
            query = query.with_for_update(of=Work)
        found |= {row[0]: StoredWork(*row) for row in connection.execute(query)}
    return found


def signed_works(connection: Connection, ids: Iterable[int], author_ids: Iterable[int]) -> tuple[set[int], set[int]]:
    """Those of some works that bear one of these pen names, and those that bear one of anybody else's account."""
    mine, wanted = set(author_ids), sorted(ids)
    own: set[int] = set()
    others: set[int] = set()
    for start in range(0, len(wanted), LOOKUP):
        query = select(WorkAuthor.work_id, Author.id).join(Author).where(Author.account_id.is_not(None))
        for work_id, author_id in connection.execute(
            query.where(WorkAuthor.work_id.in_(wanted[start : start + LOOKUP]))
        ):
            (own if author_id in mine else others).add(work_id)
    return own, others

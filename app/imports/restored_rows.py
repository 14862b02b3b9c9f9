"""What a whole dump tells beside its records, into rows: authors, series, states and dates of works, revisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, tuple_, update

from app.db.bulk import insert_rows, reserve_ids
from app.imports.facts import AuthorFacts, ChapterFacts, RevisionFacts, SeriesFacts, SourceFacts, WorkFacts
from app.imports.rules import OPERATOR
from app.kit.text import name_key
from app.kit.urls import normalise_source_url
from app.models import (
    Author,
    Chapter,
    ChapterRevision,
    ImportKey,
    Series,
    SeriesAuthor,
    SeriesWork,
    Withholding,
    Work,
    WorkInput,
    WorkSource,
)
from app.works.commands.cards import refresh_cards

Named = dict[int, tuple[int, str]]
"""Ids and names (titles) here by the ids of a dump."""
_PARTS = {"authors", "series", "sources", "keys", "withheld", "inputs", "chapters"}
_OF_WORKS = [name for name in WorkFacts.model_fields if name not in _PARTS]
_OF_CHAPTERS = list(ChapterFacts.model_fields)


def ensure_authors(connection: Connection, authors: Sequence[AuthorFacts]) -> Named:
    """Authors by their ids in the dump, made where they are missing.

    An imported one is known by its site and name. A pen name that was made in the archive is nobody's here; it is known
    by its name and the moment it was made.
    """
    keys = [name_key(author.name) for author in authors]
    known = Author.account_id.is_(None) & Author.name_key.in_(keys)
    query = select(Author.site, Author.name_key, Author.created_at, Author.id, Author.name).where(known)
    imported: dict[tuple[str, str], tuple[int, str]] = {}
    made: dict[tuple[str, Any], tuple[int, str]] = {}
    for site, key, at, author_id, name in connection.execute(query):
        if site is None:
            made[key, at] = (author_id, name)
        else:
            imported[site, key] = (author_id, name)
    found: Named = {}
    new: list[AuthorFacts] = []
    for author, key in zip(authors, keys, strict=True):
        there = made.get((key, author.created_at)) if author.site is None else imported.get((author.site, key))
        if there is None:
            new.append(author)
        else:
            found[author.id] = there
    rows = []
    for author_id, author in zip(reserve_ids(connection, Author.__table__, len(new)), new, strict=True):
        found[author.id] = (author_id, author.name)
        rows.append(
            (author_id, author.name, name_key(author.name), author.site, author.bio, author.version, author.created_at)
        )
    columns = ("id", "name", "name_key", "site", "bio", "version", "created_at")
    insert_rows(connection, Author.__table__, columns, rows)
    return found


def ensure_series(connection: Connection, series: Sequence[SeriesFacts], authors: Named) -> Named:
    """Series by their ids in the dump, made where they are missing: known by identity, or by title and moment."""
    identities = [one.identity for one in series if one.identity is not None]
    titles = [one.title for one in series if one.identity is None]
    query = select(Series.identity, Series.title, Series.created_at, Series.id).where(
        Series.identity.in_(identities) | (Series.identity.is_(None) & Series.title.in_(titles))
    )
    there = {(row[0], None if row[0] else (row[1], row[2])): (row[3], row[1]) for row in connection.execute(query)}
    found: Named = {}
    new: list[SeriesFacts] = []
    for one in series:
        known = there.get((one.identity, None if one.identity else (one.title, one.created_at)))
        if known is None:
            new.append(one)
        else:
            found[one.id] = known
    rows, owners = [], []
    for series_id, one in zip(reserve_ids(connection, Series.__table__, len(new)), new, strict=True):
        found[one.id] = (series_id, one.title)
        rows.append((series_id, one.title, one.summary, one.identity, one.version, one.created_at, one.was_public))
        signed = dict.fromkeys(authors[author][0] for author in one.authors if author in authors)
        owners += [(series_id, position, author_id) for position, author_id in enumerate(signed, 1)]
    columns = ("id", "title", "summary", "identity", "version", "created_at", "was_public")
    insert_rows(connection, Series.__table__, columns, rows)
    insert_rows(connection, SeriesAuthor.__table__, ("series_id", "position", "author_id"), owners)
    return found


def restore_facts(connection: Connection, works: Sequence[tuple[int, WorkFacts]], series: Named) -> None:
    """Bring works that were just stored into the state that they were in; their cards are rendered again."""
    if not works:
        return
    ids = [work_id for work_id, _ in works]
    _update(
        connection, Work, [(work_id, {name: getattr(facts, name) for name in _OF_WORKS}) for work_id, facts in works]
    )
    _restore_chapters(connection, dict(works))
    for model in (SeriesWork, Withholding, WorkInput):
        connection.execute(delete(model).where(model.work_id.in_(ids)))
    places = [
        (series[one.series_id][0], work_id, one.position, one.place)
        for work_id, facts in works
        for one in facts.series
        if one.series_id in series
    ]
    insert_rows(connection, SeriesWork.__table__, ("series_id", "work_id", "position", "place"), places)
    withheld = [
        (work_id, one.kind, one.state_before, one.reason, one.by, one.at, one.undone_import)
        for work_id, facts in works
        for one in facts.withheld
    ]
    columns = ("work_id", "kind", "state_before", "reason", "by", "at", "undone_import")
    insert_rows(connection, Withholding.__table__, columns, withheld)
    inputs = [
        (
            work_id,
            bytes.fromhex(one.place),
            one.format,
            bytes.fromhex(one.digest),
            one.told,
            one.day,
            one.chapters,
            one.taken_at,
        )
        for work_id, facts in works
        for one in {one.place: one for one in facts.inputs}.values()
    ]
    of_inputs = ("work_id", "place", "format", "digest", "told", "day", "chapters", "taken_at")
    insert_rows(connection, WorkInput.__table__, of_inputs, inputs)
    _restore_identities(connection, works)
    refresh_cards(connection, ids)


def _restore_chapters(connection: Connection, works: Mapping[int, WorkFacts]) -> None:
    query = select(Chapter.id, Chapter.work_id, Chapter.position).where(Chapter.work_id.in_(works))
    values = []
    for chapter_id, work_id, position in connection.execute(query):
        facts = works[work_id].chapters
        if position <= len(facts):
            values.append((chapter_id, {name: getattr(facts[position - 1], name) for name in _OF_CHAPTERS}))
    _update(connection, Chapter, values)


def _update(connection: Connection, model: Any, rows: Sequence[tuple[int, dict[str, Any]]]) -> None:
    if not rows:
        return
    names = list(rows[0][1])
    statement = update(model).where(model.id == bindparam("the_id")).values({name: bindparam(name) for name in names})
    connection.execute(statement, [values | {"the_id": key} for key, values in rows])


def _restore_identities(connection: Connection, works: Sequence[tuple[int, WorkFacts]]) -> None:
    """Keys of importers, and what a record cannot say of sources; what another work is known by stays with that."""
    # An account's number is another account's here.
    keys = {
        (key.importer, key.key): work_id for work_id, facts in works for key in facts.keys if key.importer == OPERATOR
    }
    query = select(ImportKey.importer, ImportKey.key).where(tuple_(ImportKey.importer, ImportKey.key).in_(list(keys)))
    taken = {(row[0], row[1]) for row in connection.execute(query)} if keys else set()
    rows = [(*key, work_id) for key, work_id in keys.items() if key not in taken]
    insert_rows(connection, ImportKey.__table__, ("importer", "key", "work_id"), rows)
    _restore_sources(connection, works)


def _restore_sources(connection: Connection, works: Sequence[tuple[int, WorkFacts]]) -> None:
    """The sources of the dump in its order, then those that these works were known by here."""
    ids = [work_id for work_id, _ in works]
    columns = ("work_id", "position", "site", "site_id", "url", "url_key")
    of_these = WorkSource.work_id.in_(ids)
    held = select(*(getattr(WorkSource, name) for name in columns)).where(of_these)
    rows = [
        (work_id, one.position, one.site, one.site_id, one.url, _key_of(one)) for work_id, facts in works
        for one in facts.sources
    ]  # fmt: skip
    rows += [tuple(row) for row in connection.execute(held.order_by(WorkSource.position, WorkSource.id))]
    connection.execute(delete(WorkSource).where(of_these))
    taken = _taken(connection, {(row[2], row[3]) for row in rows if row[3]}, {row[5] for row in rows if row[5]})
    kept = []
    for work_id, position, site, site_id, url, url_key in rows:
        by_site = site_id is not None and (site, site_id) not in taken
        by_url = url_key is not None and url_key not in taken
        if by_site or by_url:
            taken |= {(site, site_id), url_key}
            kept.append((work_id, position, site, site_id if by_site else None, url, url_key if by_url else None))
    numbers = reserve_ids(connection, WorkSource.__table__, len(kept))
    numbered = [(number, *row) for number, row in zip(numbers, kept, strict=True)]
    insert_rows(connection, WorkSource.__table__, ("id", *columns), numbered)


def _key_of(source: SourceFacts) -> str | None:
    """By what an address is known, made anew: a dump may be anybody's."""
    return normalise_source_url(source.url) if source.url and source.url_key else None


def _taken(connection: Connection, pairs: set[Any], keys: set[Any]) -> set[Any]:
    """What other works are known by."""
    by_site = select(WorkSource.site, WorkSource.site_id).where(
        tuple_(WorkSource.site, WorkSource.site_id).in_(list(pairs))
    )
    taken: set[Any] = {(row[0], row[1]) for row in connection.execute(by_site)} if pairs else set()
    by_url = select(WorkSource.url_key).where(WorkSource.url_key.in_(list(keys)))
    return taken | set(connection.execute(by_url).scalars() if keys else ())


def restore_revisions(connection: Connection, revisions: Iterable[RevisionFacts], works: Mapping[int, int]) -> None:
    """Add what chapters were before; what is there stays."""
    wanted = {(works[one.work_id], one.position, one.revision): one for one in revisions}
    ids = {key[0] for key in wanted}
    query = select(Chapter.work_id, Chapter.position, Chapter.id).where(Chapter.work_id.in_(ids))
    chapters = {(row[0], row[1]): row[2] for row in connection.execute(query)}
    held = select(ChapterRevision.chapter_id, ChapterRevision.revision).where(
        ChapterRevision.chapter_id.in_(list(chapters.values()))
    )
    there = {(row[0], row[1]) for row in connection.execute(held)}
    new = [
        (chapters[work_id, position], one)
        for (work_id, position, number), one in wanted.items()
        if (work_id, position) in chapters and (chapters[work_id, position], number) not in there
    ]
    members = [name for name in RevisionFacts.model_fields if name not in {"work_id", "position"}]
    rows = [
        (revision_id, chapter_id, *(getattr(one, name) for name in members))
        for revision_id, (chapter_id, one) in zip(
            reserve_ids(connection, ChapterRevision.__table__, len(new)), new, strict=True
        )
    ]
    insert_rows(connection, ChapterRevision.__table__, ("id", "chapter_id", *members), rows)

"""What an archive holds, read from its tables, with names in the place of ids: two that hold the same are equal.

A column is compared unless it is named here, so that one that is added later is not forgotten.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from app.db.engine import Database
from app.models import (
    Author,
    Chapter,
    ChapterRevision,
    ImportKey,
    RelationshipMember,
    Series,
    SeriesAuthor,
    SeriesWork,
    Tag,
    TagAct,
    TagActEffect,
    TagBroader,
    Tagging,
    TagParent,
    Withholding,
    Work,
    WorkAuthor,
    WorkSource,
)
from app.tags.acts import BY_DUMP

OWN_TO_AN_ARCHIVE = {
    # Told anew by each archive, or of accounts, which stay.
    Work: {"id", "import_digest", "importer"},
    Tag: {"id", "canonical_id", "altered", "wrangled_change", "created_at"},
    Author: {"id", "account_id"},
    Series: {"id"},
    SeriesAuthor: {"series_id", "author_id"},
    SeriesWork: {"series_id", "work_id"},
    Chapter: {"id", "work_id"},
    ChapterRevision: {"id", "chapter_id"},
    Withholding: {"work_id"},
    WorkSource: {"id", "work_id"},
}
State = dict[str, list[Any]]


def state_of(database: Database) -> State:
    """All of it, in an order that does not hang on ids."""
    with database.reading() as connection:
        return {name: sorted(rows, key=repr) for name, rows in _rows(connection).items()}


def _rows(connection: Connection) -> dict[str, list[Any]]:
    works = _names(connection, Work.id, Work.title)
    tags = _names(connection, Tag.id, Tag.type, Tag.name)
    authors = _names(connection, Author.id, Author.name, Author.site, Author.created_at)
    series = _names(connection, Series.id, Series.title, Series.created_at)
    chapters = _names(connection, Chapter.id, Chapter.work_id, Chapter.position)
    owners, places = _kept(connection, SeriesAuthor), _kept(connection, SeriesWork)
    members = _all(
        connection,
        RelationshipMember.relationship_id,
        RelationshipMember.position,
        RelationshipMember.name,
        RelationshipMember.character_id,
    )
    bylines = _all(connection, WorkAuthor.work_id, WorkAuthor.position, WorkAuthor.author_id)
    keys = _all(connection, ImportKey.importer, ImportKey.key, ImportKey.work_id)
    taggings = _all(connection, Tagging.work_id, Tagging.position, Tagging.tag_id)
    broader = _all(connection, TagBroader.narrower_id, TagBroader.broader_id)
    return {
        "works": [row for _, row in _kept(connection, Work)],
        "chapters": [(works[one.work_id], row) for one, row in _kept(connection, Chapter)],
        "revisions": [
            (works[chapters[one.chapter_id][0]], chapters[one.chapter_id][1], row)
            for one, row in _kept(connection, ChapterRevision)
        ],
        "authors": [row for _, row in _kept(connection, Author)],
        "bylines": [(works[work], place, authors[author]) for work, place, author in bylines],
        "series": [row for _, row in _kept(connection, Series)],
        "series owners": [(series[one.series_id], authors[one.author_id], row) for one, row in owners],
        "series works": [(series[one.series_id], works[one.work_id], row) for one, row in places],
        "withheld": [(works[one.work_id], row) for one, row in _kept(connection, Withholding)],
        "sources": [(works[one.work_id], row) for one, row in _kept(connection, WorkSource)],
        "keys": [(by, key, works[work]) for by, key, work in keys if not key.startswith("key:dump/")],
        "tags": [(tags.get(one.canonical_id), row) for one, row in _kept(connection, Tag)],
        "parents": [(tags[row[0]], tags[row[1]]) for row in _all(connection, TagParent.child_id, TagParent.parent_id)],
        "broader": [(tags[narrow], tags[broad]) for narrow, broad in broader],
        "members": [(tags[row[0]], row[1], row[2], tags.get(row[3])) for row in members],
        "acts": _acts(connection, tags),
        "taggings": [(works[work], place, tags[tag]) for work, place, tag in taggings],
    }


def _acts(connection: Connection, tags: dict[int, tuple[Any, ...]]) -> list[Any]:
    """What was done to tags, but by imports of dumps, in order; of a tag that is gone, that it is."""
    effects: dict[int, list[Any]] = {}
    changed = select(*TagActEffect.__table__.columns).order_by(TagActEffect.act_id, TagActEffect.position)
    for row in connection.execute(changed):
        of_synonyms = row.what == "canonical_id"
        values = [tags.get(int(one)) if one and of_synonyms else one for one in (row.before, row.after)]
        effects.setdefault(row.act_id, []).append((row.what, tags.get(row.tag_id), tags.get(row.other_id), *values))
    rows = [
        row
        for row in connection.execute(select(*TagAct.__table__.columns).order_by(TagAct.id))
        if row.signed_by != BY_DUMP
    ]
    places = {row.id: place for place, row in enumerate(rows)}
    return [
        (
            places[row.id], tags.get(row.tag_id), row.at, row.signed_by, sorted(row.asked), row.works,
            places.get(row.undoes), places.get(row.undone_by), effects[row.id],
        )
        for row in rows
    ]  # fmt: skip


def _all(connection: Connection, *columns: Any) -> list[Any]:
    return list(connection.execute(select(*columns)))


def _names(connection: Connection, key: Any, *columns: Any) -> dict[int, tuple[Any, ...]]:
    return {row[0]: tuple(row[1:]) for row in _all(connection, key, *columns)}


def _kept(connection: Connection, model: Any) -> list[tuple[Any, dict[str, Any]]]:
    """Rows, and of each what another archive has, too."""
    own = OWN_TO_AN_ARCHIVE[model]
    rows = _all(connection, *model.__table__.columns)
    return [(row, {name: value for name, value in row._mapping.items() if name not in own}) for row in rows]

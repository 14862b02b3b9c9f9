"""What the index holds of some works and tags, and whether it is what the database gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import orjson
import tantivy
from sqlalchemy import Connection, text

from app.search.documents import parse_card
from app.search.engine import numbers, stored
from app.search.loading import load_tags, load_works
from app.search.reader import Snapshot
from app.search.schema import COUNTERS
from app.search.tag_documents import TagRow, tag_document
from app.search.writing import put_acts_in
from app.tags.graph import TagGraph

AT_ONCE = 1_000
IN_A_STATEMENT = 500
Chapters = set[tuple[int, int]]
IsTold = Callable[[int, int], bool]

_CHAPTERS = (
    "SELECT c.work_id, c.id FROM chapters c JOIN works w ON w.id = c.work_id"
    " WHERE c.work_id BETWEEN :first AND :last AND c.state = 'published' AND w.state = 'published' AND w.has_text"
)
_USES = """
SELECT b.target, count(DISTINCT t.work_id) FROM (
  SELECT id AS target, id AS bearer FROM tags WHERE id BETWEEN :first AND :last
  UNION ALL
  SELECT canonical_id, id FROM tags WHERE canonical_id BETWEEN :first AND :last
) b
JOIN taggings t ON t.tag_id = b.bearer
JOIN works w ON w.id = t.work_id AND w.state = 'published' AND w.visibility = 'public'
GROUP BY b.target
"""


def ids_between(snapshot: Snapshot, name: str, after: int, upto: int | None) -> Iterator[list[int]]:
    """The ids in an index in a range, ascending, some at a time."""
    searcher = snapshot.works if name == "works" else snapshot.tags
    while True:
        query = _between(snapshot, name, "id", after + 1, upto)
        hits = searcher.search(query, AT_ONCE, count=False, order_by_field="id", order=tantivy.Order.Asc).hits
        if not hits:
            return
        yield [int(found) for found, _ in hits]
        after = int(hits[-1][0])


def _between(snapshot: Snapshot, name: str, field: str, first: int, last: int | None) -> tantivy.Query:
    return tantivy.Query.range_query(snapshot.schemas[name], field, tantivy.FieldType.Unsigned, first, last)


def differing_works(
    connection: Connection, snapshot: Snapshot, graph: TagGraph, ids: Sequence[int], *, is_told: IsTold
) -> list[int]:
    """Those of some works (ascending ids) whose documents are missing, too many, or not what they should be.

    ``is_told`` says whether the index is told of hits that moved by so many.
    """
    rows = {
        row.id: row
        for start in range(0, len(ids), IN_A_STATEMENT)
        for row in load_works(connection, ids[start : start + IN_A_STATEMENT])
    }
    cards, counters = _indexed(snapshot, ids)
    wrong = cards.keys() ^ rows.keys()
    for work_id in cards.keys() & rows.keys():
        row, card = rows[work_id], parse_card(rows[work_id].card)
        expected = orjson.dumps(card)[:-1] if put_acts_in(card, graph) else row.card
        if cards[work_id] != [expected] or not _same_numbers(counters[work_id], row.stats, is_told):
            wrong.add(work_id)
    chapters = {(row[0], row[1]) for row in connection.execute(text(_CHAPTERS), {"first": ids[0], "last": ids[-1]})}
    wrong |= {work_id for work_id, _ in chapters ^ _indexed_chapters(snapshot, ids[0], ids[-1])}
    return sorted(wrong.intersection(ids))


def _same_numbers(indexed: Sequence[int], stats: Sequence[int], is_told: IsTold) -> bool:
    *exact, hits = indexed
    *counted, seen = stats
    return exact == counted and (hits == seen or not is_told(hits, seen - hits))


def _indexed(snapshot: Snapshot, ids: Sequence[int]) -> tuple[dict[int, list[bytes]], dict[int, list[int]]]:
    searcher = snapshot.works
    query = tantivy.Query.term_set_query(snapshot.schemas["works"], "id", list(ids))
    # One more than there should be: a work that is in it twice is seen.
    hits = searcher.search(query, 2 * len(ids), count=False, order_by_field="id").hits
    addresses = [address for _, address in hits]
    columns = [numbers(searcher, name, addresses) for name in COUNTERS]
    cards: dict[int, list[bytes]] = {}
    counters: dict[int, list[int]] = {}
    for place, (work_id, address) in enumerate(hits):
        cards.setdefault(int(work_id), []).append(stored(searcher, address))
        counters[int(work_id)] = [column[place] for column in columns]
    return cards, counters


def _indexed_chapters(snapshot: Snapshot, first: int, last: int) -> Chapters:
    searcher = snapshot.passages
    mine = _between(snapshot, "passages", "work_id", first, last)
    found: Chapters = set()
    after = 0
    while True:
        query = mine.and_must_match(_between(snapshot, "passages", "chapter_id", after + 1, None))
        hits = searcher.search(
            query, 10 * AT_ONCE, count=False, order_by_field="chapter_id", order=tantivy.Order.Asc
        ).hits
        if not hits:
            return found
        works = numbers(searcher, "work_id", [address for _, address in hits])
        found.update((work_id, int(chapter_id)) for work_id, (chapter_id, _) in zip(works, hits, strict=True))
        after = int(hits[-1][0])


def differing_tags(connection: Connection, snapshot: Snapshot, _graph: TagGraph, ids: Sequence[int]) -> list[int]:
    """Those of some tags whose documents are missing, too many, or say other names or uses."""
    rows: dict[int, TagRow] = {}
    for start in range(0, len(ids), IN_A_STATEMENT):
        rows |= {row.id: row for row in load_tags(connection, ids[start : start + IN_A_STATEMENT])}
    uses = {row[0]: int(row[1]) for row in connection.execute(text(_USES), {"first": ids[0], "last": ids[-1]})}
    searcher = snapshot.tags
    query = tantivy.Query.term_set_query(snapshot.schemas["tags"], "id", list(ids))
    hits = searcher.search(query, 2 * len(ids), count=False, order_by_field="id").hits
    packed = numbers(searcher, "sort_uses", [address for _, address in hits])
    found: dict[int, list[tuple[int, bytes]]] = {}
    for (tag_id, address), number in zip(hits, packed, strict=True):
        found.setdefault(int(tag_id), []).append((number, stored(searcher, address)))
    wrong = found.keys() ^ rows.keys()
    for tag_id in found.keys() & rows.keys():
        document = tag_document(rows[tag_id], uses.get(tag_id, 0), 0)
        if found[tag_id] != [(document["sort_uses"], document["stored"])]:
            wrong.add(tag_id)
    return sorted(wrong)

"""The bytes that answer reads of passages and authors: parameters to queries to JSON. No HTTP and no SQL here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from app.accounts.rules import Viewer
from app.authors.queries import missing_author
from app.errors import FieldProblem, Invalid
from app.search.archive import Archive, Given
from app.search.cards import finish_card
from app.search.conditions import resolve_criteria
from app.search.criteria import criteria_of
from app.search.kept_pages import Key, Making, made_page
from app.search.ordering import Page
from app.search.passages import Passage, search_passages
from app.search.queries import PassageRow, author_row, list_authors, mark_of_passages, passage_rows
from app.search.snippets import Highlighter
from app.search.works import cards_of, describe
from app.web.listing import ListAnswer, next_cursor, place_of
from app.web.responses import pick_fields


def passages_page(archive: Archive, viewer: Viewer, given: Given, key: Key) -> ListAnswer:
    """``GET /v1/passages``; ``key`` is what it is kept under."""
    if "text" not in given:
        problem = FieldProblem("missing", "Passages are found by `text`.", parameter="text")
        raise Invalid("`text` is needed.", errors=[problem])
    criteria = criteria_of(given)
    assert criteria.text is not None
    digest = f"{criteria.digest()}passages{len(viewer.visibilities)}"
    place = place_of(given, archive.secret, digest)
    settled = "crossover" in given  # all else of an act on tags shows before it has come to every document
    snapshot = archive.snapshot_of("passages", place, given.get("after_change"), settled=settled)
    resolved = resolve_criteria(snapshot, viewer, criteria)
    found = search_passages(snapshot, viewer, resolved, Page(place.limit, place.offset, place.after))
    cursor = next_cursor(found.next_key, archive.secret, digest, snapshot.seen["passages"][viewer.signed_in])
    cards = cards_of(snapshot, list({passage.work_id for passage in found.passages}))
    highlighter = Highlighter(criteria.text)
    tail = {
        "total": found.total,
        "total_works": found.total_works,
        "next": cursor,
        "applied": resolved.applied,
        "unknown_tags": resolved.unknown,
    }

    def read() -> dict[int, PassageRow]:
        with archive.database.reading() as connection:
            return passage_rows(connection, viewer, [passage.chapter["id"] for passage in found.passages])

    def render(rows: dict[int, PassageRow]) -> ListAnswer:
        items = _passage_items(found.passages, rows, cards, highlighter)
        return ListAnswer(orjson.dumps({"items": pick_fields(items, given.get("fields")), **tail}), place, cursor)

    making = Making(sum(map(len, cards.values())), read, render, mark_of_passages)
    return made_page(archive, viewer, given, key, snapshot, making)


def _passage_items(
    passages: Sequence[Passage], rows: dict[int, PassageRow], cards: dict[int, bytes], highlighter: Highlighter
) -> list[dict[str, Any]]:
    """The passages that may be shown now, each with its work and a snippet."""
    items = []
    for passage in passages:
        row, card = rows.get(passage.chapter["id"]), cards.get(passage.work_id)
        if row is not None and card is not None:
            item = {
                "work": orjson.Fragment(finish_card(card, row.stats)),
                "chapter": passage.chapter,
                "snippet": highlighter.snippet_of_html(row.content, row.language),
                "score": round(passage.score, 4),
            }
            items.append(item)
    return items


def authors_page(archive: Archive, viewer: Viewer, given: Given) -> ListAnswer:
    """``GET /v1/authors``: by name, from the database."""
    digest = f"authors{given.get('q')}{len(viewer.visibilities)}"
    place = place_of(given, archive.secret, digest)
    with archive.database.reading() as connection:
        page = (place.limit, place.offset, place.after)
        found = list_authors(connection, viewer, given.get("q"), *page, archive.totals)
    cursor = next_cursor(found.next_key, archive.secret, digest)
    items = pick_fields([{"id": author_id, "name": name} for author_id, name in found.items], given.get("fields"))
    return ListAnswer(orjson.dumps({"items": items, "total": found.total, "next": cursor}), place, cursor)


def author_body(archive: Archive, viewer: Viewer, author_id: int, given: Given) -> tuple[int, bytes]:
    """``GET /v1/authors/{id}``: an author exists for those who find a work under the name, and for whose name it is."""
    with archive.since(given.get("after_change")).database.reading() as connection:
        row = author_row(connection, author_id)
        if row is None:
            raise missing_author(connection, author_id)
    about = describe(archive.snapshot(given.get("after_change")), viewer, "author_id", author_id)
    if not about["works_count"] and author_id not in viewer.author_ids:
        with archive.database.reading() as connection:
            raise missing_author(connection, author_id)
    return row[2], orjson.dumps(author_json(author_id, row, about))


def author_json(author_id: int, row: tuple[str, str, int], about: dict[str, Any]) -> dict[str, Any]:
    """An author: name, bio and version, and what is counted of the works that the viewer finds."""
    name, bio, version = row
    return {"id": author_id, "name": name, "bio": bio, "version": version, **about}

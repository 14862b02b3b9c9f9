"""From database rows to index documents.

Everything a work's document needs is in its card, the counters, and the tag graph, so that a rebuild reads
one row a work. The tag graph folds synonyms and adds what is broader: a filter is then one term.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from app.kit.html import html_blocks
from app.kit.text import name_key, title_sort_key
from app.search.analysis import analysed, analysed_and_stemmed
from app.search.schema import TAG_TYPES, VIS_PUBLIC, VIS_REGISTERED
from app.search.sort_keys import head_of, packed, text_key, time_key
from app.tags.graph import TagGraph

Document = dict[str, Any]

_MEMBERS = (
    ("fandom", "fandoms"),
    ("character", "characters"),
    ("relationship", "relationships"),
    ("freeform", "freeforms"),
)


@dataclass(slots=True)
class WorkRow:
    """What the indexer reads of a work: its card without ``stats`` and its counters."""

    id: int
    card: bytes
    stats: Sequence[int]


@dataclass(slots=True)
class ChapterRow:
    """A published chapter; ``position`` as a reader counts it."""

    id: int
    work_id: int
    position: int
    title: str
    content: str


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def facet_fields(card: dict[str, Any], graph: TagGraph) -> Document:
    """The tags of a work by their type, synonyms as their canonicals: what facets count."""
    fold = graph.fold
    if graph.synonyms:
        return {f"facet_{kind}": list({fold(tag["id"]): None for tag in card[member]}) for kind, member in _MEMBERS}
    return {f"facet_{kind}": [tag["id"] for tag in card[member]] for kind, member in _MEMBERS}


def filter_fields(card: dict[str, Any], facets: Document, graph: TagGraph) -> Document:
    """The fields that works and passages share."""
    exact = [tag["id"] for _, member in _MEMBERS for tag in card[member]]
    direct = [tag_id for folded in facets.values() for tag_id in folded]
    fandoms = facets["facet_fandom"]
    flags = ["one" if card["chapters_expected"] == 1 else "many", "text" if card["has_text"] else "bare"]
    crossover = graph.crossover(fandoms)
    if crossover is not None:
        flags.append("crossover" if crossover else "single")
    authors = card["authors"]
    return {
        "vis": vis_of(card),
        "tag": graph.closure(direct),
        "tag_exact": exact,
        "direct": direct,
        "author_id": [author["id"] for author in authors if author["id"] is not None],
        "author_key": [name_key(author["name"]) for author in authors],
        "series_id": [series["id"] for series in card["series"]],
        "warning": card["warnings"],
        "category": card["categories"],
        "rating": card["rating"],
        "language": card["language"],
        "status": card["status"],
        "flag": flags,
        "words": card["words"],
        "chapters": card["chapters_posted"],
        "published_at": _seconds(card["published_at"]),
        "revised_at": _seconds(card["revised_at"]),
    }


def work_document(row: WorkRow, card: dict[str, Any], filters: Document, facets: Document) -> Document:
    """The document of a work in the ``works`` index."""
    work_id = row.id
    kudos, comments, bookmarks, hits = row.stats
    language = card["language"]
    title, summary = card["title"], card["summary"]
    names = [tag["name"] for _, member in _MEMBERS for tag in card[member]]
    byline = [author["name"] for author in card["authors"]]
    title_key, author_key = title_sort_key(title), title_sort_key(byline[0])
    plain_title, stemmed_title = analysed_and_stemmed(title, language)
    plain_summary = "\n".join(html_blocks(summary)) if summary else ""
    summary_terms, summary_stems = analysed_and_stemmed(plain_summary, language)
    return {
        **filters,
        **facets,
        "id": work_id,
        "kudos": kudos,
        "comments": comments,
        "bookmarks": bookmarks,
        "hits": hits,
        "sort_revised_at": packed(time_key(filters["revised_at"]), work_id),
        "sort_published_at": packed(time_key(filters["published_at"]), work_id),
        "sort_words": packed(card["words"], work_id),
        "sort_kudos": packed(kudos, work_id),
        "sort_comments": packed(comments, work_id),
        "sort_bookmarks": packed(bookmarks, work_id),
        "sort_hits": packed(hits, work_id),
        "sort_title": text_key(title_key, work_id),
        "head_title": head_of(title_key),
        "sort_author": text_key(author_key, work_id),
        "head_author": head_of(author_key),
        "title": plain_title,
        "title_stem": stemmed_title,
        "author": [analysed(name) for name in byline],
        "tagname": [analysed(name) for name in names],
        "summary": summary_terms,
        "summary_stem": summary_stems,
        "stored": row.card,
    }


def passage_document(chapter: ChapterRow, language: str, filters: Document) -> Document:
    """The document of a chapter in the ``passages`` index; its text is analysed, not stored."""
    text = "\n".join(html_blocks(chapter.content))
    body, stems = analysed_and_stemmed(text, language)
    stored = {"id": chapter.id, "position": chapter.position, "title": chapter.title}
    return filters | {
        "chapter_id": chapter.id,
        "work_id": chapter.work_id,
        "body": body,
        "body_stem": stems,
        "stored": orjson.dumps(stored),
    }


def parse_card(body: bytes) -> dict[str, Any]:
    """The members of an open-ended card."""
    card: dict[str, Any] = orjson.loads(body + b"}")
    return card


def vis_of(card: dict[str, Any]) -> int:
    """Who may find a work."""
    return VIS_PUBLIC if card["visibility"] == "public" else VIS_REGISTERED


def tags_of(card: dict[str, Any]) -> list[int]:
    """The ids of a work's tags."""
    return [tag["id"] for _, member in _MEMBERS for tag in card[member]]


assert tuple(kind for kind, _ in _MEMBERS) == TAG_TYPES

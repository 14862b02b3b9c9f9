"""From a parsed query to the engine's query objects, over the text fields of works and of passages.

A word is looked for in its stemmed form, in the languages that the archive holds; phrases and prefixes as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import tantivy

from app.accounts.rules import Viewer
from app.search.analysis import stem
from app.search.conditions import MUST, MUST_NOT, SHOULD
from app.search.grammar import And, Node, Not, Or, Phrase, Prefix, Word
from app.search.reader import Snapshot
from app.search.visibility import visible_query

MOST_LANGUAGES = 12
OTHERS = "*"
"""Stands for all further languages: their words are found as they are written."""
WEIGHTS = {"title": 4.0, "author": 2.0, "tagname": 1.5, "summary": 1.0}
"""A hit in the title counts above one in the summary."""
STEMMED = {"title": "title_stem", "summary": "summary_stem"}
FIELD_NAMES = {"title": "title", "summary": "summary", "author": "author", "tag": "tagname"}

Leaf = Callable[[Word | Phrase | Prefix], tantivy.Query]


def languages(snapshot: Snapshot) -> tuple[str, ...]:
    """The languages of the archive, most used first: by their rules a word of a query is stemmed."""
    known: tuple[str, ...] | None = snapshot.cache.get("languages")
    if known is None:
        terms = {"terms": {"field": "language", "size": MOST_LANGUAGES + 1}}
        buckets = snapshot.works.aggregate(tantivy.Query.all_query(), {"languages": terms})["languages"]["buckets"]
        found = [bucket["key"] for bucket in buckets]
        known = snapshot.cache["languages"] = tuple(
            found if len(found) <= MOST_LANGUAGES else [*found[:MOST_LANGUAGES], OTHERS]
        )
    return known


def works_text_query(snapshot: Snapshot, node: Node, viewer: Viewer) -> tantivy.Query:
    """``q``: words in title, summary, author and tag names."""
    schema = snapshot.schemas["works"]
    known = languages(snapshot)

    def leaf(node: Word | Phrase | Prefix) -> tantivy.Query:
        names = [FIELD_NAMES[node.field]] if node.field else list(WEIGHTS)
        parts = []
        for name in names:
            if isinstance(node, Word) and name in STEMMED:
                query = _any(_forms(schema, STEMMED[name], name, node.term, known))
            else:
                query = _plain(schema, name, node)
            parts.append(tantivy.Query.boost_query(query, WEIGHTS[name]))
        return _any(parts)

    return _build(node, leaf, visible_query(schema, viewer))


def passage_text_query(snapshot: Snapshot, node: Node, viewer: Viewer) -> tantivy.Query:
    """``text``: words in the stories themselves."""
    schema = snapshot.schemas["passages"]
    known = languages(snapshot)

    def leaf(node: Word | Phrase | Prefix) -> tantivy.Query:
        if isinstance(node, Word):
            return _any(_forms(schema, "body_stem", "body", node.term, known))
        return _plain(schema, "body", node)

    return _build(node, leaf, visible_query(schema, viewer))


def _plain(schema: tantivy.Schema, name: str, node: Word | Phrase | Prefix) -> tantivy.Query:
    if isinstance(node, Prefix):
        return tantivy.Query.fuzzy_term_query(schema, name, node.start, 0, prefix=True)
    if isinstance(node, Phrase):
        if len(node.terms) == 1:
            return _term(schema, name, node.terms[0])
        return tantivy.Query.phrase_query(schema, name, list(node.terms))
    return _term(schema, name, node.term)


def _forms(
    schema: tantivy.Schema, stemmed: str, plain: str, term: str, known: Sequence[str]
) -> Iterator[tantivy.Query]:
    """A word in the stems of the known languages, and as it is where there are more languages than those."""
    for one in dict.fromkeys(stem(term, language) for language in known if language != OTHERS):
        yield _term(schema, stemmed, one)
    if not known or OTHERS in known:
        yield _term(schema, plain, term)


def _term(schema: tantivy.Schema, name: str, term: str) -> tantivy.Query:
    return tantivy.Query.term_query(schema, name, term, "freq")


def _any(queries: Iterable[tantivy.Query]) -> tantivy.Query:
    parts = list(queries)
    return parts[0] if len(parts) == 1 else tantivy.Query.boolean_query([(SHOULD, part) for part in parts])


def _build(node: Node, leaf: Leaf, everything: tantivy.Query) -> tantivy.Query:
    """Negations subtract from their neighbours, or, where nothing else is asked, from everything visible."""
    if isinstance(node, Or):
        return _any([_build(one, leaf, everything) for one in node.nodes])
    if isinstance(node, And | Not):
        nodes = node.nodes if isinstance(node, And) else (node,)
        clauses = [
            (MUST_NOT, _build(one.node, leaf, everything))
            if isinstance(one, Not)
            else (MUST, _build(one, leaf, everything))
            for one in nodes
        ]
        if all(isinstance(one, Not) for one in nodes):
            clauses.append((MUST, tantivy.Query.const_score_query(everything, 0.0)))
        return tantivy.Query.boolean_query(clauses)
    return leaf(node)

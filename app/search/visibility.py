"""The one visibility rule as an index filter; its SQL rendering is :mod:`app.accounts.queries`."""

from __future__ import annotations

import tantivy

from app.accounts.rules import Viewer
from app.search.schema import VIS_PUBLIC, VIS_REGISTERED


def visible_clauses(
    schema: tantivy.Schema, viewer: Viewer, *, narrowed: bool
) -> list[tuple[tantivy.Occur, tantivy.Query]]:
    """The same as clauses beside others, on works and passages.

    Where another clause narrows the search already, what is not visible is taken away: most works are public, and
    walking the long list of those costs as much again as the search itself.
    """
    if not narrowed:
        return [(tantivy.Occur.Must, visible_query(schema, viewer))]
    if viewer.signed_in:
        return []
    return [(tantivy.Occur.MustNot, tantivy.Query.term_query(schema, "vis", VIS_REGISTERED, "basic"))]


def visible_query(schema: tantivy.Schema, viewer: Viewer) -> tantivy.Query:
    """Documents that the viewer may find. Also keeps the checkpoint document out of every search."""
    public = tantivy.Query.term_query(schema, "vis", VIS_PUBLIC)
    if not viewer.signed_in:
        return public
    registered = tantivy.Query.term_query(schema, "vis", VIS_REGISTERED)
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, public), (tantivy.Occur.Should, registered)])

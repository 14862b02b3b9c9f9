"""The one visibility rule as an index filter; its SQL rendering is :mod:`app.accounts.queries`."""

from __future__ import annotations

import tantivy

from app.accounts.rules import Viewer
from app.search.schema import VIS_PUBLIC, VIS_REGISTERED


def visible_query(schema: tantivy.Schema, viewer: Viewer) -> tantivy.Query:
    """Documents that the viewer may find. Also keeps the checkpoint document out of every search."""
    public = tantivy.Query.term_query(schema, "vis", VIS_PUBLIC)
    if not viewer.signed_in:
        return public
    registered = tantivy.Query.term_query(schema, "vis", VIS_REGISTERED)
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, public), (tantivy.Occur.Should, registered)])

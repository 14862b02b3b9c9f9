"""Pages of works that guests ask for again and again (:mod:`app.web.kept`).

A page is kept with the state of the index in which it was found and the rows by which its works are shown. When it is
asked for again, the same statement as for a new page brings the rows of now: a work that may no longer be shown is gone
at once, counters are those of now, and only where nothing has changed are the same bytes sent. What is saved is the
search, and rendering, hashing and compressing the page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.accounts.rules import GUEST, Viewer
from app.search.archive import Archive, Given
from app.search.reader import Snapshot
from app.web.kept import KeptBody
from app.web.listing import ListAnswer
from app.works.queries.listing import Listing, look_again

OF_THEIR_MOMENT = {
    "after_change", "facets", "ids", "source_url", "source_site", "source_id", "published_after", "published_before",
    "revised_after", "revised_before",
}  # fmt: skip
"""What is asked with these depends on more than the index and the rows of its works: such as how long ago a day is."""


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page, and what it was made of."""

    snapshot: int
    listing: Listing
    render: Callable[[Listing], ListAnswer]
    page: ListAnswer


def may_keep(archive: Archive, viewer: Viewer, given: Given, query: bytes, snapshot: Snapshot) -> bool:
    """Whether a page may be sent again; only what guests get, so that nobody can be sent what a member was."""
    if viewer is not GUEST or snapshot.settling or not OF_THEIR_MOMENT.isdisjoint(given):
        return False
    return archive.kept.wants(_key(query))


def _key(query: bytes) -> tuple[str, bytes]:
    return "works", query


def keep_page(
    archive: Archive, query: bytes, snapshot: int, listing: Listing, render: Callable[[Listing], ListAnswer]
) -> ListAnswer:
    """Render a page and keep it under its query."""
    page = render(listing)
    body = page.body = KeptBody(page.body)
    archive.kept.put(_key(query), KeptPage(snapshot, listing, render, page), body)
    return page


def kept_page(archive: Archive, query: bytes) -> KeptPage | None:
    """What is kept of a query, if the index is as it was."""
    kept: KeptPage | None = archive.kept.get(_key(query))
    return kept if kept is not None and kept.snapshot == archive.snapshot().number else None


def page_again(archive: Archive, kept: KeptPage, query: bytes) -> ListAnswer:
    """A page as it is now."""
    listing = look_again(archive.database, GUEST, kept.listing)
    if listing is kept.listing:
        return kept.page
    return keep_page(archive, query, kept.snapshot, listing, kept.render)

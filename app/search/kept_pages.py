"""Pages that guests ask for again and again (:mod:`app.web.kept`).

A page is kept with the state of the index in which it was found and the rows by which its works are shown. When it is
asked for again, the same statement as for a new page brings the rows of now: a work that may no longer be shown is gone
at once, counters are those of now, and only where nothing has changed are the same bytes sent. What is saved is the
search, and rendering, hashing and compressing the page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from app.accounts.rules import GUEST, Viewer
from app.search.archive import Archive, Given
from app.search.reader import Snapshot
from app.web.kept import KeptBody
from app.web.listing import ListAnswer

OF_THEIR_MOMENT = {
    "after_change", "facets", "ids", "source_url", "source_site", "source_id", "published_after", "published_before",
    "revised_after", "revised_before",
}  # fmt: skip
"""What is asked with these depends on more than the index and the rows of its works: such as how long ago a day is."""
OF_A_QUERY = 10
"""What was read from a query string takes at most so many times its length."""
Key = tuple[str, bytes]
"""The name of a list and the query string, where that says all that the answer depends on."""


@dataclass(frozen=True, slots=True)
class Making:
    """How the page of a search is made: ``read`` its rows, tell them from others by ``mark``, and ``render`` them.

    ``size`` is how many bytes are held for that: the cards of its works, as the index has them.
    """

    size: int
    read: Callable[[], Any]
    render: Callable[[Any], ListAnswer]
    mark: Callable[[Any], Any] = lambda rows: rows


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page, what it was made of, and how."""

    key: Key
    snapshot: int
    making: Making
    mark: Any
    page: ListAnswer


def made_page(
    archive: Archive, viewer: Viewer, given: Given, key: Key | None, snapshot: Snapshot, making: Making
) -> ListAnswer:
    """A page that is made now; kept, where it is a guest's, so that nobody can be sent what a member was."""
    rows = making.read()
    page = making.render(rows)
    if key is None or viewer is not GUEST or snapshot.settling or not OF_THEIR_MOMENT.isdisjoint(given):
        return page
    if archive.kept.wants(key):
        _keep(archive, KeptPage(key, snapshot.number, making, making.mark(rows), page))
    return page


def kept_page(archive: Archive, key: Key) -> KeptPage | None:
    """What is kept under a key, if the index is as it was."""
    kept: KeptPage | None = archive.kept.get(key)
    return kept if kept is not None and kept.snapshot == archive.snapshot().number else None


def page_again(archive: Archive, kept: KeptPage) -> ListAnswer:
    """A page as it is now."""
    rows = kept.making.read()
    mark = kept.making.mark(rows)
    if mark == kept.mark:
        return kept.page
    page = kept.making.render(rows)
    _keep(archive, replace(kept, mark=mark, page=page))
    return page


def _keep(archive: Archive, kept: KeptPage) -> None:
    body = kept.page.body = KeptBody(kept.page.body)
    archive.kept.put(kept.key, kept, body, kept.making.size + OF_A_QUERY * len(kept.key[1]))
